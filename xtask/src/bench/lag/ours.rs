//! Our own way: an account on the server, and a plain HTTP client that keeps its connection.

use super::contender::{Call, Caller as Calls};
use crate::Outcome;
use crate::api::{Api, mismatch, text};
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

const EMAIL: &str = "bench@example.com";
const PASSWORD: &str = "three-lighthouses-at-dusk";

/// A user with a session.
pub(super) struct Caller {
    api: Api,
}

impl Caller {
    /// Registers with the server at `url`, gives it a key and opens a session.
    pub(super) fn sign_up(url: &str) -> Outcome<Self> {
        let mut api = Api::new(url);
        let account = json!({"email": EMAIL, "password": PASSWORD, "passwordConfirm": PASSWORD});
        api.post("/api/collections/generatio_users/records", &account)?.ok()?;
        let identity = json!({"identity": EMAIL, "password": PASSWORD});
        let signed_in = api.post("/api/collections/generatio_users/auth-with-password", &identity)?.ok()?;
        api.token = Some(text(&signed_in, "/token")?.to_owned());
        let key = json!({"fal_token": "bench:secret", "password": PASSWORD});
        api.post("/api/custom/tokens/setup", &key)?.ok()?;
        let session = api.post("/api/custom/auth/create-session", &json!({"password": PASSWORD}))?.ok()?;
        api.session = Some(text(&session, "/session_id")?.to_owned());
        Ok(Self { api })
    }
}

impl Calls for Caller {
    fn call(&mut self, prompt: &str) -> Outcome<Call> {
        let parameters = json!({"image_size": "square", "num_images": 1});
        let body = json!({"model": "flux/schnell", "prompt": prompt, "parameters": parameters});
        let began_us = now_us();
        let answer = self.api.post("/api/custom/generate/image", &body)?.ok()?;
        let returned_us = now_us();
        match answer["images"].as_array().map(Vec::len) {
            Some(1) => Ok(Call { began_us, returned_us }),
            _ => Err(mismatch("one picture", answer).into()),
        }
    }
}

fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
