//! People with a password, a FAL key and a session of their own, and what was planted with them.

use crate::caller::{Caller, Connection, Door, request};
use futures_util::{StreamExt as _, stream};
use generatio_tests::digest;
use serde_json::{Value, json};

/// How many are served at a time. The server derives for a few less.
const AT_ONCE: usize = 16;
/// One of so many has pictures made.
const PAINTERS: usize = 10;

/// One of so many listens to a stream of events on its idle connection.
const LISTENERS: usize = 2;

/// One of so many asks for the stream together with something that takes a password.
const HASTY: usize = 10;

const VERIFY: &str = "/api/custom/tokens/verify";
const EVENTS: &str = "/api/realtime";
/// The first event of a stream.
const CONNECTED: &str = "PB_CONNECT";

/// Somebody, and what only they may know.
pub(crate) struct Person {
    number: usize,
    caller: Caller,
    /// Over which all went that they asked for up to their session, or for its end; nothing since.
    pub(crate) connection: Connection,
    id: String,
    pub(crate) email: String,
    pub(crate) password: String,
    /// The one before, of who has changed it.
    pub(crate) old_password: Option<String>,
    /// What follows the colon of the FAL key.
    pub(crate) secret: String,
    /// What the session is called: no secret, and kept as long as it.
    pub(crate) label: String,
    /// All that were given out, the live one last.
    pub(crate) jwts: Vec<String>,
    pub(crate) session: String,
}

/// So many people with sessions; one of ten has had a picture made.
pub(crate) async fn gather(door: &Door, count: usize) -> Vec<Person> {
    stream::iter(0..count).map(|number| Person::arrive(door, number)).buffered(AT_ONCE).collect().await
}

/// One connection more for each, that has asked for something with a login, and waits for whatever comes next.
pub(crate) async fn stay_connected(people: &[Person]) -> Vec<Connection> {
    let idle = stream::iter(people).map(|person| person.stay_connected());
    idle.buffered(AT_ONCE).collect().await
}

/// All sessions end.
pub(crate) async fn leave(people: &mut [Person]) {
    stream::iter(people).for_each_concurrent(AT_ONCE, |person| person.leave()).await;
}

/// A connection that waits for the rest of a request with `marker` in its head.
pub(crate) async fn hesitate(door: &Door, marker: &str) -> Connection {
    let mut connection = Caller::new(door, 0).connect().await;
    connection.write(&format!("GET /api/health HTTP/1.1\r\nhost: here\r\nx-marker: {marker}\r\n")).await;
    connection
}

impl Person {
    async fn arrive(door: &Door, number: usize) -> Self {
        let planted = |what: &str| digest(&format!("{what} of {number} at {}", door.server));
        let caller = Caller::new(door, number);
        let mut person = Self {
            number,
            connection: caller.connect().await,
            caller,
            id: String::new(),
            email: format!("{}@example.com", planted("address")),
            password: planted("password")[..40].to_owned(),
            old_password: None,
            secret: planted("key"),
            label: planted("label"),
            jwts: Vec::new(),
            session: String::new(),
        };
        person.register().await;
        person.begin().await;
        if number.is_multiple_of(PAINTERS) {
            person.paint().await;
        }
        person
    }

    async fn register(&mut self) {
        let account = json!({ "email": self.email, "password": self.password, "passwordConfirm": self.password });
        self.post("/api/collections/generatio_users/records", &account).await;
        self.log_in().await;
        let key = format!("key-of-{}:{}", self.number, self.secret);
        self.post("/api/custom/tokens/setup", &json!({ "fal_token": key, "password": self.password })).await;
        self.post(VERIFY, &json!({ "password": self.password })).await;
        if self.number % 4 == 1 {
            self.change_password().await;
        }
    }

    async fn log_in(&mut self) {
        let identity = json!({ "identity": self.email, "password": self.password });
        let login = self.post("/api/collections/generatio_users/auth-with-password", &identity).await;
        self.id = text(&login["record"]["id"]);
        self.jwts.push(text(&login["token"]));
    }

    /// Which seals the key anew and ends all logins.
    async fn change_password(&mut self) {
        let new = digest(&self.password)[..40].to_owned();
        let path = format!("/api/collections/generatio_users/records/{}", self.id);
        let change = json!({ "oldPassword": self.password, "password": new, "passwordConfirm": new });
        self.ask("PATCH", &path, &change.to_string()).await;
        self.old_password = Some(std::mem::replace(&mut self.password, new));
        self.log_in().await;
    }

    /// Each way to a session in turn.
    async fn begin(&mut self) {
        if self.number.is_multiple_of(2) {
            let wish = json!({ "password": self.password, "label": self.label });
            self.session = text(&self.post("/api/custom/auth/create-session", &wish).await["session_id"]);
        } else {
            let wish = json!({ "email": self.email, "password": self.password, "label": self.label });
            let login = self.post("/api/custom/auth/login", &wish).await;
            self.session = text(&login["session_id"]);
            self.jwts.push(text(&login["token"]));
        }
        if self.number.is_multiple_of(3) {
            let newer = self.ask("POST", "/api/collections/generatio_users/auth-refresh", "").await;
            self.jwts.push(text(&newer["token"]));
        }
    }

    async fn paint(&mut self) {
        let wish = json!({ "model": "flux/schnell", "prompt": "a heron" });
        let made = self.post("/api/custom/generate/image", &wish).await;
        assert!(made["images"].is_array(), "{made}");
    }

    async fn stay_connected(&self) -> Connection {
        let mut connection = self.caller.connect().await;
        let headers = self.headers();
        for path in ["/api/custom/auth/token-status", "/api/collections/images/records"] {
            connection.ask("GET", path, &headers, "").await;
        }
        let events = request("GET", EVENTS, &headers, "");
        if self.number.is_multiple_of(HASTY) {
            let password = json!({ "password": self.password }).to_string();
            connection.write(&(request("POST", VERIFY, &headers, &password) + &events)).await;
            connection.answer(VERIFY).await;
            connection.hear(CONNECTED).await;
        } else if self.number.is_multiple_of(LISTENERS) {
            // In two pieces: an answer without end must not keep either.
            let (start, rest) = events.split_at(events.len() / 2);
            connection.write(start).await;
            tokio::task::yield_now().await;
            connection.write(rest).await;
            connection.hear(CONNECTED).await;
        }
        connection
    }

    async fn leave(&mut self) {
        self.connection = self.caller.connect().await;
        self.ask("DELETE", "/api/custom/auth/session", "").await;
    }

    async fn post(&mut self, path: &str, body: &Value) -> Value {
        self.ask("POST", path, &body.to_string()).await
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str) -> Value {
        let headers = headers(&self.jwts, &self.session);
        self.connection.ask(method, path, &headers, body).await
    }

    fn headers(&self) -> Vec<(&str, &str)> {
        headers(&self.jwts, &self.session)
    }
}

/// The live login and the session, of who has them.
fn headers<'a>(jwts: &'a [String], session: &'a str) -> Vec<(&'a str, &'a str)> {
    let login = jwts.last().map(|jwt| ("Authorization", jwt.as_str()));
    let session = Some(("X-Session-ID", session)).filter(|(_, id)| !id.is_empty());
    login.into_iter().chain(session).collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
