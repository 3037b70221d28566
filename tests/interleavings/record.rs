//! Jobs that people's browsers run: reserved here, submitted to FAL by themselves, reported when they come to it.

use crate::order::Order;
use crate::person::Person;
use crate::world::{World, within};
use generatio_tests::{FAL_KEY, Reply};
use http::Method;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;

const RECORD: &str = "/api/custom/generate/record";

/// How far back somebody remembers, in records.
const RECENT: usize = 6;
/// How often FAL's result is asked for.
const TRIES: usize = 4;
/// How long FAL is left alone while it works.
const INTERVAL: Duration = Duration::from_millis(10);

/// A job of somebody's browser, and what that knows of it, whatever the server does.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    id: String,
    submit: Value,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    /// Not submitted.
    Reserved,
    /// FAL took it: its answer.
    Taken(Value),
    /// Submitted, and FAL's answer is lost.
    Lost,
    /// Over, as far as the browser is concerned: what it reported.
    Over(Method, String, Value),
}

impl World {
    /// Somebody reserves a job.
    pub(crate) async fn record(&mut self, who: usize) {
        let person = &mut self.people[who];
        let number = 1_000_000 + person.records.len();
        let order = Order::draw(&mut self.dice, person.name, number, &person.folder);
        let reply = person.user.send(Method::POST, RECORD, Some(&order.body)).await;
        match reply.status.as_u16() {
            201 => {}
            402 if person.bound.is_some() => return,
            429 => return,
            _ => panic!("{}: {}", reply.status, reply.text),
        }
        let mut answer = reply.json();
        let (id, mut submit) = (answer["job"]["id"].as_str().expect("an id").to_owned(), answer["submit"].take());
        // What may come home by a webhook alone has one; others seldom, since it waits for its client.
        let needed = ["submit_", "result_expired"].iter().any(|fault| order.body.contains(fault));
        if !(needed || self.dice.chance(10)) {
            submit.as_object_mut().expect("an object").remove("webhook");
        }
        self.people[who].records.push(Record { id, submit, stage: Stage::Reserved });
    }

    /// Somebody goes on with a job of theirs, or says again what they have said.
    pub(crate) async fn report(&mut self, who: usize) {
        let person = &self.people[who];
        let Some(index) = self.dice.recent(person.records.len(), RECENT) else { return };
        let record = person.records[index].clone();
        let stage = match &record.stage {
            Stage::Reserved if self.dice.chance(25) => self.give_up(who, &record).await,
            Stage::Reserved => self.submit(who, &record).await,
            Stage::Taken(answer) if self.dice.chance(40) => {
                taken(&submitted(&self.people[who], &record, answer).await);
                return;
            }
            Stage::Taken(answer) => match fetch(answer).await {
                Some(report) => self.conclude(who, &record, answer, report).await,
                None => return,
            },
            Stage::Lost => over(&self.people[who], &record, Method::PUT, "/result", json!({ "error": {} })).await,
            Stage::Over(method, path, body) => {
                let over = (method.clone(), path.clone(), body.clone());
                taken(&send(&self.people[who], &record, over.0, &over.1, &over.2).await);
                return;
            }
        };
        self.people[who].records[index].stage = stage;
    }

    /// Every browser brings all of its jobs to their end.
    pub(crate) async fn finish_records(&mut self) {
        for who in 0..self.people.len() {
            for index in 0..self.people[who].records.len() {
                let record = self.people[who].records[index].clone();
                let stage = match &record.stage {
                    Stage::Reserved => self.give_up(who, &record).await,
                    Stage::Taken(answer) => {
                        let report = loop {
                            match fetch(answer).await {
                                Some(report) => break report,
                                None => within(INTERVAL, || false).await,
                            };
                        };
                        self.conclude(who, &record, answer, report).await
                    }
                    Stage::Lost => {
                        over(&self.people[who], &record, Method::PUT, "/result", json!({ "error": {} })).await
                    }
                    Stage::Over(..) => continue,
                };
                self.people[who].records[index].stage = stage;
            }
        }
    }

    async fn give_up(&mut self, who: usize, record: &Record) -> Stage {
        self.people[who].stopped.push(record.id.clone());
        over(&self.people[who], record, Method::DELETE, "", Value::Null).await
    }

    /// Sends it to FAL, and says at once what that came to, more often than not.
    async fn submit(&mut self, who: usize, record: &Record) -> Stage {
        let text = |name: &str| record.submit[name].as_str().unwrap_or_default();
        let mut url = Url::parse(&format!("{}/{}", text("fal_url"), text("endpoint"))).expect("an address");
        if record.submit["webhook"].is_string() {
            url.query_pairs_mut().append_pair("fal_webhook", text("webhook"));
        }
        let request = http().post(url).body(record.submit["input"].to_string());
        let Some((status, answer)) = ask(request).await else { return Stage::Lost };
        match status {
            200 if answer["request_id"].is_string() => {
                if self.dice.chance(70) {
                    taken(&submitted(&self.people[who], record, &answer).await);
                }
                Stage::Taken(answer)
            }
            503 => self.give_up(who, record).await,
            400..=499 => {
                let report = json!({ "error": { "status": status } });
                over(&self.people[who], record, Method::PUT, "/result", report).await
            }
            _ => Stage::Lost,
        }
    }

    /// Reports an end, and the request before it in any case.
    async fn conclude(&self, who: usize, record: &Record, answer: &Value, report: Value) -> Stage {
        taken(&submitted(&self.people[who], record, answer).await);
        over(&self.people[who], record, Method::PUT, "/result", report).await
    }
}

async fn submitted(person: &Person, record: &Record, answer: &Value) -> Reply {
    send(person, record, Method::PUT, "/submitted", answer).await
}

async fn over(person: &Person, record: &Record, method: Method, path: &str, body: Value) -> Stage {
    taken(&send(person, record, method.clone(), path, &body).await);
    Stage::Over(method, path.to_owned(), body)
}

async fn send(person: &Person, record: &Record, method: Method, path: &str, body: &Value) -> Reply {
    let body = (!body.is_null()).then(|| body.to_string());
    person.user.send(method, &format!("{RECORD}/{}{path}", record.id), body.as_deref()).await
}

/// A webhook or its owner may have brought the job to another end; nothing else stands in the way of an honest report.
#[track_caller]
fn taken(reply: &Reply) {
    assert!(matches!(reply.status.as_u16(), 200 | 409), "{}: {}", reply.status, reply.text);
}

/// The report of what FAL has; `None` while it works.
async fn fetch(answer: &Value) -> Option<Value> {
    let get = |name: &str| http().get(answer[name].as_str().expect("an address"));
    let (_, status) = ask(get("status_url")).await?;
    if status["status"] != "COMPLETED" {
        return None;
    }
    let mut last = None;
    for _ in 0..TRIES {
        let Ok(response) = with_key(get("response_url")).send().await else { continue };
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
        let (units, kind) = (header("x-fal-billable-units"), header("x-fal-error-type"));
        let Some((status, body)) = read(response).await else { continue };
        let pictures = body["images"].as_array().map(Vec::len);
        let in_body = [&body["error_type"], &body["detail"][0]["type"]].into_iter().find_map(Value::as_str);
        let problem = json!(kind.as_deref().or(in_body));
        match (status, pictures) {
            (200, Some(0)) => return Some(error(json!("no_media_generated"), 422)),
            (200, Some(_)) => {
                return Some(json!({ "images": body["images"], "seed": body["seed"], "billable_units": units }));
            }
            (404, _) => return Some(error(json!("result_expired"), 404)),
            (400..=499, _) => return Some(error(problem, status)),
            (500..=599, _) => last = Some(error(problem, status)),
            _ => {}
        }
    }
    last
}

fn error(kind: Value, status: u16) -> Value {
    json!({ "error": { "type": kind, "status": status } })
}

fn http() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().retry(reqwest::retry::never()).build();
    client.expect("a client without options")
}

fn with_key(request: RequestBuilder) -> RequestBuilder {
    request.header("authorization", format!("Key {FAL_KEY}"))
}

async fn ask(request: RequestBuilder) -> Option<(u16, Value)> {
    read(with_key(request).send().await.ok()?).await
}

/// Status and JSON, if it is whole and is some.
async fn read(response: Response) -> Option<(u16, Value)> {
    let status = response.status().as_u16();
    let bytes = response.bytes().await.ok()?;
    match serde_json::from_slice(&bytes) {
        Ok(body) => Some((status, body)),
        Err(_) => (status != 200).then_some((status, Value::Null)),
    }
}
