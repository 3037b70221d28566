//! The main job, step by step: an account, a sealed key, a session, a folder, pictures, and what they cost.

mod generate;

use super::show::Show;
use crate::Outcome;
use crate::api::{Api, expect, mismatch, text};
use crate::folder::Folder;
use generate::Order;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The demo's account. Its data folder is new, so the address is free.
pub(super) const EMAIL: &str = "demo@example.com";

/// Opens the account and the sealed key; on a server that only this machine reaches.
pub(super) const PASSWORD: &str = "three-lighthouses-at-dusk";

/// The stand-in takes any key of this shape.
const FAL_KEY: &str = "demo-key:secret";

/// What the orders below cost together, by the catalog: 0.003 + 0.004 + 2 × 0.003.
const TOTAL_USD: f64 = 0.013;

const ORDERS: [Order; 3] = [
    Order {
        model: "flux/schnell",
        prompt: "A lighthouse on a cliff at dusk, long exposure",
        image_size: "landscape_4_3",
        size: (1024, 768),
        pictures: 1,
        cost_usd: 0.003,
    },
    Order {
        model: "hidream/hidream-i1-dev",
        prompt: "A glass teapot on a wooden table, morning light",
        image_size: "square_hd",
        size: (1024, 1024),
        pictures: 1,
        cost_usd: 0.004,
    },
    Order {
        model: "hidream/hidream-i1-fast",
        prompt: "A paper boat in a rain puddle, watercolour",
        image_size: "portrait_4_3",
        size: (768, 1024),
        pictures: 2,
        cost_usd: 0.006,
    },
];

/// What the walk leaves.
pub(super) struct Visit {
    /// Where the pictures are.
    pub(super) pictures: Vec<PathBuf>,
    /// All that was spent, in US dollars, as the server prints it.
    pub(super) spent: String,
}

struct Walk<'a> {
    show: &'a Show,
    api: Api,
    written: &'a Folder,
}

/// Walks through the main job at `url`, looks into the files in `written`, and saves pictures in `pictures`.
pub(super) fn walk(show: &Show, url: &str, written: &Folder, pictures: &Path) -> Outcome<Visit> {
    let mut walk = Walk { show, api: Api::new(url), written };
    walk.status()?;
    walk.register()?;
    walk.sign_in()?;
    walk.seal_key()?;
    walk.search_for_key()?;
    walk.verify_key()?;
    walk.login()?;
    walk.models()?;
    walk.preferences()?;
    let folder = walk.folder()?;
    let pictures = walk.pictures(&folder, pictures)?;
    walk.refusal()?;
    let spent = walk.spending()?;
    walk.end_session()?;
    walk.search_for_key()?;
    Ok(Visit { pictures, spent })
}

impl Walk<'_> {
    fn status(&self) -> Outcome {
        self.show.step("Asking the server how it is", || {
            let status = self.api.get("/api/custom/status")?.ok()?;
            expect(&status, "/status", &json!("ok"))?;
            Ok((format!("The server is up; keys are kept by {}", text(&status, "/services/encryption")?), ()))
        })
    }

    fn register(&self) -> Outcome {
        let account = json!({"email": EMAIL, "password": PASSWORD, "passwordConfirm": PASSWORD});
        self.show.step("Registering an account", || {
            let record = self.api.post("/api/collections/generatio_users/records", &account)?.ok()?;
            Ok((format!("Account {EMAIL} is registered, with id {}", text(&record, "/id")?), ()))
        })
    }

    fn sign_in(&mut self) -> Outcome {
        let path = "/api/collections/generatio_users/auth-with-password";
        let token = self.show.step("Signing in", || {
            let answer = self.api.post(path, &json!({"identity": EMAIL, "password": PASSWORD}))?.ok()?;
            expect(&answer, "/record/email", &json!(EMAIL))?;
            Ok(("Signed in: the server issued a token for this account".into(), text(&answer, "/token")?.to_owned()))
        })?;
        self.api.token = Some(token);
        Ok(())
    }

    fn seal_key(&self) -> Outcome {
        self.show.step("Sealing a FAL key under the password", || {
            let body = json!({"fal_token": FAL_KEY, "password": PASSWORD});
            expect(&self.api.post("/api/custom/tokens/setup", &body)?.ok()?, "/success", &json!(true))?;
            Ok(("A FAL key is checked with FAL, sealed under the password, and stored".into(), ()))
        })
    }

    /// A search that finds the address, and so works, does not find the key.
    fn search_for_key(&self) -> Outcome {
        self.show.step("Searching the server's files for the key", || {
            if self.written.search(EMAIL)?.hits.is_empty() {
                return Err(mismatch("the account's address in a file that the server wrote", "none").into());
            }
            for secret in [FAL_KEY, PASSWORD] {
                if let [file, ..] = &self.written.search(secret)?.hits[..] {
                    return Err(mismatch("neither key nor password in any file", file.display()).into());
                }
            }
            let files = self.written.search(FAL_KEY)?.files;
            Ok((format!("In the {files} files the server wrote, the address is found; key and password are not"), ()))
        })
    }

    fn verify_key(&self) -> Outcome {
        self.show.step("Opening the sealed key", || {
            for (password, opens) in [("not-the-password", false), (PASSWORD, true)] {
                let answer = self.api.post("/api/custom/tokens/verify", &json!({"password": password}))?.ok()?;
                expect(&answer, "/has_token", &json!(true))?;
                expect(&answer, "/can_decrypt", &json!(opens))?;
            }
            Ok(("The password opens the sealed key, a wrong one does not".into(), ()))
        })
    }

    fn login(&mut self) -> Outcome {
        let session = self.show.step("Logging in anew", || {
            let login = json!({"email": EMAIL, "password": PASSWORD});
            let answer = self.api.post("/api/custom/auth/login", &login)?.ok()?;
            expect(&answer, "/message", &json!("Login successful with auto-created session"))?;
            self.has_session(true)?;
            Ok(("Logging in opens the key into a session, without another call".into(), session_of(&answer)?))
        })?;
        self.api.session = Some(session);
        Ok(())
    }

    fn has_session(&self, expected: bool) -> Outcome {
        let status = self.api.get("/api/custom/auth/token-status")?.ok()?;
        expect(&status, "/has_token", &json!(true))?;
        expect(&status, "/has_active_session", &json!(expected))
    }

    fn models(&self) -> Outcome {
        self.show.step("Asking for the models", || {
            let models = self.api.get("/api/custom/generate/models")?.ok()?;
            for order in &ORDERS {
                models.get(order.model).ok_or_else(|| mismatch(&format!("a model {}", order.model), &models))?;
            }
            let count = models.as_object().map_or(0, serde_json::Map::len);
            Ok((format!("{count} models are on offer, each with its parameters and price"), ()))
        })
    }

    fn preferences(&self) -> Outcome {
        self.show.step("Saving preferences", || {
            let (model, wishes) = (ORDERS[0].model, json!({"num_inference_steps": 4, "output_format": "png"}));
            let saved = json!({"model_name": model, "preferences": wishes});
            self.api.post("/api/custom/preferences/save", &saved)?.ok()?;
            let read = self.api.post("/api/custom/preferences/get", &json!({"model_name": model}))?.ok()?;
            expect(&read, "/preferences", &wishes)?;
            Ok((format!("Preferences for {model} are saved and read back"), ()))
        })
    }

    fn folder(&self) -> Outcome<String> {
        self.show.step("Making a folder", || {
            let made = self.api.post("/api/custom/collections/create", &json!({"name": "First pictures"}))?.ok()?;
            let listed = self.api.get("/api/custom/collections")?.ok()?;
            expect(&listed, "/collections/0/id", &made["id"])?;
            expect(&listed, "/collections/0/name", &json!("First pictures"))?;
            Ok(("Folder “First pictures” is made and listed".into(), text(&made, "/id")?.to_owned()))
        })
    }

    fn refusal(&self) -> Outcome {
        self.show.step("Asking for something impossible", || {
            let before = self.ledger()?;
            let wrong = json!({"model": ORDERS[0].model, "prompt": ORDERS[0].prompt, "parameters": {"colour": "red"}});
            let refused = self.api.post("/api/custom/generate/image", &wrong)?.with_status(400)?;
            expect(&refused, "/error", &json!("validation_error"))?;
            let after = self.ledger()?;
            expect(&after, "", &before)?;
            Ok((format!("A wrong request is refused and costs nothing: “{}”", text(&refused, "/message")?), ()))
        })
    }

    fn spending(&self) -> Outcome<String> {
        self.show.step("Asking what was spent", || {
            let stats = self.stats()?;
            expect(&stats, "/total_spent", &json!(TOTAL_USD))?;
            expect(&stats, "/recent_spending", &json!(TOTAL_USD))?;
            expect(&stats, "/total_images", &json!(ORDERS.iter().map(|order| order.pictures).sum::<usize>()))?;
            let spent = stats["total_spent"].to_string();
            Ok((format!("The account says ${spent}: 0.003 + 0.004 + 2 × 0.003, to the last digit"), spent))
        })
    }

    /// Every charge; unlike a forecast, nothing in it changes with time.
    fn ledger(&self) -> Outcome<Value> {
        self.api.get("/api/custom/financial/ledger")?.ok()
    }

    fn stats(&self) -> Outcome<Value> {
        self.api.get("/api/custom/financial/stats")?.ok()
    }

    fn end_session(&self) -> Outcome {
        self.show.step("Ending the session", || {
            self.api.delete("/api/custom/auth/session")?.ok()?;
            self.has_session(false)?;
            let order = json!({"model": ORDERS[0].model, "prompt": ORDERS[0].prompt});
            self.api.post("/api/custom/generate/image", &order)?.with_status(401)?;
            Ok(("The session is ended, and its id opens nothing any more".into(), ()))
        })
    }
}

fn session_of(answer: &Value) -> Outcome<String> {
    Ok(text(answer, "/session_id")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_the_sum_of_the_orders() {
        let nano = |usd: f64| (usd * 1e9).round();
        assert_eq!(ORDERS.iter().map(|order| nano(order.cost_usd)).sum::<f64>(), nano(TOTAL_USD));
    }
}
