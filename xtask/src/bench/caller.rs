//! Somebody with a session, who generates.

use super::contender::{EMAIL, log_in, register};
use crate::Outcome;
use crate::api::{Api, text};
use serde_json::{Value, json};

pub(super) const GENERATE: &str = "/api/custom/generate/image";
/// Any key of this form is good at the stand-in.
const FAL_KEY: &str = "bench-key:secret";

/// A user with a session.
pub(super) struct Caller {
    pub(super) api: Api,
}

impl Caller {
    /// Makes an account on the server at `url`, and a session that is handed the key: as the client's that seals it
    /// itself.
    pub(super) fn sign_up(url: &str) -> Outcome<Self> {
        let mut api = Api::new(url);
        register(&api, EMAIL)?;
        api.token = Some(log_in(&api, EMAIL)?.token);
        let session = api.post("/api/custom/auth/create-session", &json!({ "fal_token": FAL_KEY }))?.ok()?;
        api.session = Some(text(&session, "/session_id")?.to_owned());
        Ok(Self { api })
    }

    /// What its requests say.
    pub(super) fn headers(&self) -> [(&'static str, &str); 2] {
        let Api { token, session, .. } = &self.api;
        [
            ("Authorization", token.as_deref().unwrap_or_default()),
            ("X-Session-ID", session.as_deref().unwrap_or_default()),
        ]
    }

    /// Generates, and waits for the answer.
    pub(super) fn generate(&self, order: &Value) -> Outcome<Value> {
        self.api.post(GENERATE, order)?.ok()
    }

    /// Has it begun.
    pub(super) fn begin(&self, order: &Value) -> Outcome {
        self.api.post_async(GENERATE, order)?.with_status(202).map(drop)
    }
}

/// One picture of the fast model.
pub(super) fn order(prompt: &str) -> Value {
    json!({ "model": "flux/schnell", "prompt": prompt, "parameters": { "image_size": "square", "num_images": 1 } })
}
