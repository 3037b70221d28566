//! People with a password, a FAL key and a session of their own, and what was planted with them.

use crate::caller::{Caller, Connection, Door};
use futures_util::{StreamExt as _, stream};
use generatio_tests::digest;
use serde_json::{Value, json};

/// How many are served at a time. The server derives for a few less.
const AT_ONCE: usize = 16;
/// One of so many has pictures made.
const PAINTERS: usize = 10;

/// One of so many listens to a stream of events on its idle connection.
const LISTENERS: usize = 2;

/// Somebody, and what only they may know.
#[derive(Clone)]
pub(crate) struct Person {
    number: usize,
    caller: Caller,
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

/// One connection each that has asked for something with a login, and waits for whatever comes next.
pub(crate) async fn stay_connected(people: &[Person]) -> Vec<Connection> {
    let idle = stream::iter(people).map(|person| person.stay_connected());
    idle.buffered(AT_ONCE).collect().await
}

/// All sessions end.
pub(crate) async fn leave(people: &[Person]) {
    stream::iter(people).for_each_concurrent(AT_ONCE, |person| person.leave()).await;
}

impl Person {
    async fn arrive(door: &Door, number: usize) -> Self {
        let planted = |what: &str| digest(&format!("{what} of {number} at {}", door.server));
        let mut person = Self {
            number,
            caller: Caller::new(door, number),
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
        self.post("/api/custom/tokens/verify", &json!({ "password": self.password })).await;
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
        let headers = [("Authorization", self.jwt())];
        self.caller.ask("PATCH", &path, &headers, &change.to_string()).await;
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
            let newer = self.post("/api/collections/generatio_users/auth-refresh", &json!({})).await;
            self.jwts.push(text(&newer["token"]));
        }
    }

    async fn paint(&self) {
        let wish = json!({ "model": "flux/schnell", "prompt": "a heron" });
        let made = self.post("/api/custom/generate/image", &wish).await;
        assert!(made["images"].is_array(), "{made}");
    }

    async fn stay_connected(&self) -> Connection {
        let mut connection = self.caller.connect().await;
        let headers = [("Authorization", self.jwt())];
        for path in ["/api/custom/auth/token-status", "/api/collections/images/records"] {
            connection.ask("GET", path, &headers, "").await;
        }
        if self.number.is_multiple_of(LISTENERS) {
            connection.listen("/api/realtime", &headers, "PB_CONNECT").await;
        }
        connection
    }

    async fn leave(&self) {
        let headers = [("Authorization", self.jwt()), ("X-Session-ID", self.session.as_str())];
        self.caller.ask("DELETE", "/api/custom/auth/session", &headers, "").await;
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let mut headers = Vec::new();
        headers.extend(self.jwts.last().map(|jwt| ("Authorization", jwt.as_str())));
        headers.extend((!self.session.is_empty()).then_some(("X-Session-ID", self.session.as_str())));
        self.caller.ask("POST", path, &headers, &body.to_string()).await
    }

    fn jwt(&self) -> &str {
        self.jwts.last().expect("everybody logs in")
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
