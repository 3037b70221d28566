//! A person with an account, and perhaps a FAL token and a session.

use crate::client::{Client, Reply};
use crate::stream::Stream;
use http::Method;
use serde_json::{Value, json};

/// The password every test user has, for the account and the token.
pub const PASSWORD: &str = "quartz-harbour-27";
/// The FAL key every test user has.
pub const FAL_KEY: &str = "planted-key-id:planted0secret0of0the0fal0key";

/// Someone who uses the server.
#[derive(Clone, Debug)]
pub struct User {
    client: Client,
    /// E-mail address.
    pub email: String,
    /// Row id.
    pub id: String,
    /// JWT.
    pub jwt: String,
    /// Session id, once there is one.
    pub session: Option<String>,
}

impl User {
    /// Registers and logs in.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn register(client: &Client, email: &str) -> Self {
        let account = json!({ "email": email, "password": PASSWORD, "passwordConfirm": PASSWORD });
        client.post("/api/collections/generatio_users/records", &account).await.ok();
        Self::log_in(client, email, PASSWORD).await
    }

    /// Logs in somebody who has an account.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn log_in(client: &Client, email: &str, password: &str) -> Self {
        let identity = json!({ "identity": email, "password": password });
        let login = client.post("/api/collections/generatio_users/auth-with-password", &identity).await.ok();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let (id, jwt) = (text(&login["record"]["id"]), text(&login["token"]));
        Self { client: client.clone(), email: email.to_owned(), id, jwt, session: None }
    }

    /// Stores the FAL key and starts a session.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn set_up(&mut self) {
        self.post("/api/custom/tokens/setup", &json!({ "fal_token": FAL_KEY, "password": PASSWORD })).await.ok();
        self.set_up_session().await;
    }

    /// Starts a session over the stored key.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn set_up_session(&mut self) {
        let created = self.post("/api/custom/auth/create-session", &json!({ "password": PASSWORD })).await.ok();
        self.session = Some(created["session_id"].as_str().expect("a session id").to_owned());
    }

    /// Starts a session with a key of one's own, as a client does that opened it itself.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn set_up_session_with(&mut self, key: &str) {
        let created = self.post("/api/custom/auth/create-session", &json!({ "fal_token": key })).await.ok();
        self.session = Some(created["session_id"].as_str().expect("a session id").to_owned());
    }

    /// Talks to another server from now on.
    pub fn moved_to(&mut self, client: &Client) {
        self.client = client.clone();
    }

    /// Sends a request with the JWT and, if there is one, the session.
    pub async fn send(&self, method: Method, path: &str, body: Option<&str>) -> Reply {
        self.send_with(method, path, &[], body).await
    }

    /// The same with further headers.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn send_with(&self, method: Method, path: &str, more: &[(&str, &str)], body: Option<&str>) -> Reply {
        self.try_send(method, path, more, body).await.expect("the server answers")
    }

    /// The same to a server that may be killed meanwhile.
    ///
    /// # Errors
    /// There is no answer, or no whole one.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        more: &[(&str, &str)],
        body: Option<&str>,
    ) -> Result<Reply, reqwest::Error> {
        let bearer = format!("Bearer {}", self.jwt);
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(self.session.as_deref().map(|id| ("x-session-id", id)));
        headers.extend(more);
        self.client.try_send(method, path, &headers, body).await
    }

    /// One generation by the fast model, with these headers.
    pub async fn generate_with(&self, headers: &[(&str, &str)], prompt: &str) -> Reply {
        let body = json!({ "model": "flux/schnell", "prompt": prompt }).to_string();
        self.send_with(Method::POST, "/api/custom/generate/image", headers, Some(&body)).await
    }

    /// The same as a future of its own, to run beside the test and be cut off.
    pub async fn send_owned(self, method: Method, path: &'static str, body: String) -> Reply {
        self.send(method, path, Some(&body)).await
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    /// POST of a JSON value.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, Some(&body.to_string())).await
    }

    /// GET of a stream of events, from the beginning or from after the event `last`.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn stream(&self, path: &str, last: Option<&str>) -> Stream {
        let bearer = format!("Bearer {}", self.jwt);
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(last.map(|id| ("last-event-id", id)));
        self.client.stream(path, &headers).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None).await
    }

    /// One generation.
    pub async fn generate(&self, model: &str, prompt: &str, parameters: Value) -> Reply {
        let body = json!({ "model": model, "prompt": prompt, "parameters": parameters });
        self.post("/api/custom/generate/image", &body).await
    }

    /// A generation that nobody waits for; the path of its job.
    ///
    /// # Panics
    /// When it is not taken.
    pub async fn begin(&self, prompt: &str) -> String {
        let handed = self.generate_with(&[("prefer", "respond-async")], prompt).await;
        assert_eq!(handed.status.as_u16(), 202, "{}", handed.text);
        handed.headers["location"].to_str().expect("a path").to_owned()
    }

    /// What the ledger says.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn stats(&self) -> Value {
        self.get("/api/custom/financial/stats").await.ok()
    }
}
