//! Webhooks of the stand-in, which shares no code with core: what it signs and sends, core believes and reads.

use generatio_core::fal::transport::{Body as _, Transport as _};
use generatio_core::fal::webhook::{Delivery, Headers, KeySet, Outcome, WebhookError, jwks_request, verify};
use generatio_core::fal::{Client, Endpoint, Hosts, SubmitOptions, Submitted};
use generatio_core::time::Clock as _;
use generatio_core::{ErrorCode, FalKey, SecretText, Timestamp};
use generatio_fal_sim::{Options, Running, Sim};
use generatio_server::clock::SystemClock;
use generatio_server::transport::FalHost;
use generatio_tests::{Letter, Mailbox};
use serde_json::{Value, json};
use std::time::Duration;

/// More than any step takes; whatever hangs fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A stand-in, the way to it, and somebody who takes its webhooks.
struct World {
    _sim: Running,
    hosts: Hosts,
    host: FalHost,
    mailbox: Mailbox,
}

#[tokio::test]
async fn the_pictures_of_a_webhook_are_those_of_the_result() {
    let world = World::start().await;
    let submitted = world.submit(json!({ "prompt": "a heron", "seed": 4 })).await;
    let letter = world.mailbox.take().await;
    let delivery = judge(&letter, &world, &world.keys().await, now()).expect("a good delivery");
    assert_eq!(delivery.request_id, submitted.request_id);
    assert_eq!(delivery.gateway_request_id.as_ref(), Some(&submitted.request_id));
    let fetched = world.client().result(&key(), &submitted, soon()).await.expect("a result");
    assert!(fetched.billable_units.is_some());
    let Outcome::Delivered(told) = delivery.outcome else { panic!("{delivery:?}") };
    assert_eq!((&told.images, &told.seed, told.billable_units), (&fetched.images, &fetched.seed, None));
}

#[tokio::test]
async fn the_failure_of_a_webhook_is_that_of_the_result() {
    let world = World::start().await;
    let submitted = world.submit(json!({ "prompt": "a heron", "num_images": 99 })).await;
    let letter = world.mailbox.take().await;
    let delivery = judge(&letter, &world, &world.keys().await, now()).expect("a good delivery");
    let fetched = world.client().result(&key(), &submitted, soon()).await.expect_err("no result");
    let Outcome::Failed(told) = delivery.outcome else { panic!("{delivery:?}") };
    assert_eq!((told.code(), told.fal_status()), (ErrorCode::FalInputRefused, Some(422)));
    assert_eq!((told.code(), told.fal_status()), (fetched.code(), fetched.fal_status()));
    assert!(!told.problems().is_empty());
    assert_eq!(told.problems(), fetched.problems());
}

#[tokio::test]
async fn what_is_not_this_stand_ins_or_not_of_today_is_refused() {
    let (world, other) = (World::start().await, World::start().await);
    let submitted = world.submit(json!({ "prompt": "a heron" })).await;
    let (mut taken, keys) = (world.mailbox.take().await, world.keys().await);
    assert!(judge(&taken, &world, &keys, now()).is_ok());
    assert_eq!(judge(&taken, &world, &other.keys().await, now()), Err(WebhookError::Signature));
    let later = now().after(Duration::from_secs(3_600));
    let expired = WebhookError::Expired { request_id: submitted.request_id };
    assert_eq!(judge(&taken, &world, &keys, later), Err(expired));
    taken.body.push(b' ');
    assert_eq!(judge(&taken, &world, &keys, now()), Err(WebhookError::Signature));
}

impl World {
    async fn start() -> Self {
        let sim = Sim::start(Options::immediate()).await.expect("the stand-in starts");
        let hosts = Hosts::at(&sim.url()).expect("a loopback address");
        let mailbox = Mailbox::open().await;
        Self { _sim: sim, hosts, host: FalHost::plain().expect("a transport"), mailbox }
    }

    fn client(&self) -> Client<FalHost> {
        Client::new(self.host.clone(), self.hosts.clone())
    }

    async fn submit(&self, input: Value) -> Submitted {
        let Value::Object(input) = input else { unreachable!("inputs are objects") };
        let endpoint = Endpoint::parse("fal-ai/flux/schnell").expect("an endpoint");
        let webhook = format!("{}/hook?nonce=n", self.mailbox.url());
        let options = SubmitOptions { webhook: Some(webhook), start_timeout: None, deadline: soon() };
        self.client().submit(&key(), &endpoint, &input, &options).await.expect("it is taken")
    }

    async fn keys(&self) -> KeySet {
        let answer = self.host.send(jwks_request(&self.hosts, soon())).await.expect("an answer");
        assert!(answer.is_success());
        let (mut body, mut text) = (answer.body, Vec::new());
        while let Some(chunk) = body.chunk().await.expect("a body") {
            text.extend(chunk);
        }
        KeySet::parse(&String::from_utf8(text).expect("a text"), now()).expect("keys")
    }
}

fn judge(letter: &Letter, world: &World, keys: &KeySet, now: Timestamp) -> Result<Delivery, WebhookError> {
    let header = |name: &str| letter.headers[&format!("x-fal-webhook-{name}")].as_str();
    let headers = Headers {
        request_id: header("request-id"),
        user_id: header("user-id"),
        timestamp: header("timestamp"),
        signature: header("signature"),
    };
    verify(&world.hosts, keys, &headers, &letter.body, now)
}

fn key() -> FalKey {
    FalKey::parse(SecretText::new("some-id:secret".to_owned())).expect("a key")
}

fn now() -> Timestamp {
    SystemClock.now()
}

fn soon() -> Timestamp {
    now().after(PATIENCE)
}
