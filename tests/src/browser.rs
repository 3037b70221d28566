//! A client in direct mode: it has the key, calls FAL itself, and tells the server what came of it.

use crate::client::Reply;
use crate::user::{FAL_KEY, User};
use http::Method;
use serde_json::{Map, Value, json};
use std::time::Duration;
use url::Url;

const RECORD: &str = "/api/custom/generate/record";

/// How often FAL is asked while a request runs.
const INTERVAL: Duration = Duration::from_millis(5);

/// A reservation, as the browser that made it knows it.
#[derive(Clone, Debug)]
pub struct Reserved {
    /// The job's id.
    pub id: String,
    /// What FAL is to be sent.
    pub submit: Value,
}

/// Somebody's browser.
#[derive(Clone, Debug)]
pub struct Browser {
    user: User,
    http: reqwest::Client,
}

impl Browser {
    /// The browser of somebody, who needs no session.
    ///
    /// # Panics
    /// When TLS cannot be set up.
    #[must_use]
    pub fn new(user: &User) -> Self {
        let mut user = user.clone();
        user.session = None;
        let http = reqwest::Client::builder().no_proxy().retry(reqwest::retry::never()).build();
        Self { user, http: http.expect("a client without options") }
    }

    /// Whose it is.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Asks for a job of its own.
    pub async fn ask(&self, headers: &[(&str, &str)], body: &Value) -> Reply {
        self.user.send_with(Method::POST, RECORD, headers, Some(&body.to_string())).await
    }

    /// Reserves a job for pictures by the fast model.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn reserve(&self, prompt: &str, num_images: u32) -> Reserved {
        let parameters = json!({ "num_images": num_images });
        let reply =
            self.ask(&[], &json!({ "model": "flux/schnell", "prompt": prompt, "parameters": parameters })).await;
        assert_eq!(reply.status.as_u16(), 201, "{}", reply.text);
        let mut answer = reply.json();
        let id = answer["job"]["id"].as_str().expect("an id").to_owned();
        Reserved { id, submit: answer["submit"].take() }
    }

    /// Submits it to FAL, as it is told to. FAL's answer.
    ///
    /// # Panics
    /// When FAL does not take it.
    pub async fn submit(&self, reserved: &Reserved) -> Value {
        let (status, answer) = self.try_submit(reserved, FAL_KEY).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// The same with any key, and FAL's status.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn try_submit(&self, Reserved { submit, .. }: &Reserved, key: &str) -> (u16, Value) {
        let text = |name: &str| submit[name].as_str().unwrap_or_default();
        let mut url = Url::parse(&format!("{}/{}", text("fal_url"), text("endpoint"))).expect("an address");
        if submit["webhook"].is_string() {
            url.query_pairs_mut().append_pair("fal_webhook", text("webhook"));
        }
        let request = self.http.post(url).header("authorization", format!("Key {key}"));
        let answer = request.body(submit["input"].to_string()).send().await.expect("FAL answers");
        (answer.status().as_u16(), json_of(answer).await)
    }

    /// Waits for FAL, and fetches what came of the request at these addresses: a report.
    ///
    /// # Panics
    /// When FAL cannot be asked.
    pub async fn fetch(&self, addresses: &Value) -> Value {
        let get = async |name: &str| {
            let url = addresses[name].as_str().expect("an address");
            self.http.get(url).header("authorization", format!("Key {FAL_KEY}")).send().await.expect("FAL answers")
        };
        while json_of(get("status_url").await).await["status"] != "COMPLETED" {
            tokio::time::sleep(INTERVAL).await;
        }
        let answer = get("response_url").await;
        let status = answer.status().as_u16();
        let units = answer.headers().get("x-fal-billable-units").map(|units| units.to_str().expect("text").to_owned());
        let body = json_of(answer).await;
        if status != 200 {
            let problem = &body["detail"][0];
            return json!({ "error": { "type": problem["type"], "message": problem["msg"], "status": status } });
        }
        let mut report = Map::new();
        report.insert("images".to_owned(), body["images"].clone());
        report.insert("seed".to_owned(), body["seed"].clone());
        report.extend(units.map(|units| ("billable_units".to_owned(), json!(units))));
        Value::Object(report)
    }

    /// Says which request it became.
    pub async fn report_submitted(&self, id: &str, answer: &Value) -> Reply {
        self.user.send(Method::PUT, &format!("{RECORD}/{id}/submitted"), Some(&answer.to_string())).await
    }

    /// Says what came of it.
    pub async fn report(&self, id: &str, report: &Value) -> Reply {
        self.user.send(Method::PUT, &format!("{RECORD}/{id}/result"), Some(&report.to_string())).await
    }

    /// Gives it up.
    pub async fn give_up(&self, id: &str) -> Reply {
        self.user.delete(&format!("{RECORD}/{id}")).await
    }

    /// The job as the server knows it.
    ///
    /// # Panics
    /// When the server does not.
    pub async fn job(&self, id: &str) -> Value {
        self.user.get(&format!("/api/custom/generate/jobs/{id}")).await.ok()
    }

    /// Everything, from the reservation to the report of the pictures: the job.
    ///
    /// # Panics
    /// When anything goes wrong.
    pub async fn generate(&self, prompt: &str, num_images: u32) -> Value {
        let reserved = self.reserve(prompt, num_images).await;
        let answer = self.submit(&reserved).await;
        self.report_submitted(&reserved.id, &answer).await.ok();
        self.report(&reserved.id, &self.fetch(&answer).await).await.ok()
    }
}

async fn json_of(answer: reqwest::Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.expect("a whole answer")).unwrap_or_default()
}
