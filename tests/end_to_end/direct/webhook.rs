//! FAL's own word on direct jobs: whether it or the client's comes first, there is one settlement.

use super::{browser, ledger, told};
use generatio_tests::{Browser, Letter, Mailbox, Reserved, World};
use serde_json::{Value, json};

/// A server that FAL can reach, as far as FAL knows, and somebody's browser.
struct Post {
    world: World,
    mailbox: Mailbox,
    browser: Browser,
}

impl Post {
    async fn open() -> Self {
        let mailbox = Mailbox::open().await;
        let world = World::with(&["--public-url", &mailbox.url(), "--log-level", "trace"]).await;
        let browser = browser(&world).await;
        Self { world, mailbox, browser }
    }

    /// A job at FAL, which the server does not know yet, and FAL's webhook.
    async fn submitted(&self, prompt: &str) -> (Reserved, Value, Letter) {
        let reserved = self.browser.reserve(prompt, 1).await;
        let answer = self.browser.submit(&reserved).await;
        (reserved, answer, self.mailbox.take().await)
    }

    async fn deliver(&self, letter: &Letter) -> u16 {
        letter.deliver(self.world.client()).await.status.as_u16()
    }

    async fn only_row(&self) -> (Value, Value) {
        let rows = ledger(&self.browser).await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        (rows[0]["reported_by"].clone(), rows[0]["billable_units"].clone())
    }
}

#[tokio::test]
async fn fal_reports_for_a_browser_that_is_lost() {
    let post = Post::open().await;
    let (reserved, answer, letter) = post.submitted("x").await;
    assert_eq!(post.deliver(&letter).await, 204);
    let job = post.browser.job(&reserved.id).await;
    assert_eq!((told(&job), &job["direct"]["request_id"]), (("completed", "webhook", 1), &answer["request_id"]));
    assert_eq!(post.only_row().await, (json!("webhook"), Value::Null));

    // It was not lost after all, and says the same.
    assert_eq!(post.browser.report_submitted(&reserved.id, &answer).await.ok(), job);
    let report = post.browser.fetch(&answer).await;
    assert_eq!(post.browser.report(&reserved.id, &report).await.ok(), job);
    assert_eq!(post.only_row().await, (json!("webhook"), Value::Null), "once charged is charged");
}

#[tokio::test]
async fn the_client_may_come_first() {
    let post = Post::open().await;
    let (reserved, answer, letter) = post.submitted("x").await;
    post.browser.report_submitted(&reserved.id, &answer).await.ok();
    let report = post.browser.fetch(&answer).await;
    let job = post.browser.report(&reserved.id, &report).await.ok();
    for _ in 0..2 {
        assert_eq!(post.deliver(&letter).await, 204);
        assert_eq!(post.browser.job(&reserved.id).await, job);
    }
    assert_eq!(post.only_row().await, (json!("client"), json!("1")));
}

#[tokio::test]
async fn a_client_that_is_there_is_left_to_say_what_fal_bills() {
    let post = Post::open().await;
    let (reserved, answer, letter) = post.submitted("x").await;
    let report = post.browser.fetch(&answer).await;
    let (status, job) = tokio::join!(post.deliver(&letter), async {
        // By the webhook, which waits from then on.
        post.world.until(async || post.browser.job(&reserved.id).await["state"] == "submitted").await;
        post.browser.report(&reserved.id, &report).await.ok()
    });
    assert_eq!((status, told(&job)), (204, ("completed", "client", 1)));
    assert_eq!(post.only_row().await, (json!("client"), json!("1")));
}

#[tokio::test]
async fn failures_come_home_too() {
    let post = Post::open().await;
    let (reserved, answer, letter) = post.submitted(r#"x [[sim: {"fault": "job_failed_422"}]]"#).await;
    assert_eq!(post.deliver(&letter).await, 204);
    let job = post.browser.job(&reserved.id).await;
    assert_eq!((told(&job), &job["failure"]["code"]), (("failed", "webhook", 0), &json!("fal_input_refused")));
    let report = post.browser.fetch(&answer).await;
    assert_eq!(post.browser.report(&reserved.id, &report).await.ok(), job);
    let in_other_words = json!({ "error": { "message": "no", "status": 422 } });
    assert_eq!(post.browser.report(&reserved.id, &in_other_words).await.ok(), job);
    assert_eq!(ledger(&post.browser).await.len(), 0);
}

#[tokio::test]
async fn a_webhook_clears_a_doubt_and_contradicts_another_request() {
    let post = Post::open().await;
    let (reserved, _, letter) = post.submitted("x").await;
    post.browser.report(&reserved.id, &json!({ "error": {} })).await.ok();
    assert_eq!(post.deliver(&letter).await, 204);
    assert_eq!(told(&post.browser.job(&reserved.id).await), ("completed", "webhook", 1));
    let (other, _, letter) = post.submitted("y").await;
    post.browser.report_submitted(&other.id, &json!({ "request_id": "made-up" })).await.ok();
    assert_eq!(post.deliver(&letter).await, 409);
    assert_eq!(told(&post.browser.job(&other.id).await), ("submitted", "", 0));
}

#[tokio::test]
async fn the_nonce_is_told_once_and_is_in_no_log() {
    let mut post = Post::open().await;
    let (key, body) = ([("idempotency-key", "k")], json!({ "model": "flux/schnell", "prompt": "x" }));
    let first = post.browser.ask(&key, &body).await;
    let webhook = first.json()["submit"]["webhook"].as_str().expect("an address").to_owned();
    let (place, nonce) = webhook.rsplit_once('/').expect("a path");
    assert_eq!(place, format!("{}/api/custom/webhooks/fal", post.mailbox.url()));
    assert_eq!((nonce.len(), first.headers["cache-control"].to_str().ok()), (43, Some("no-store")));
    let again = post.browser.ask(&key, &body).await.ok();
    assert_eq!((again["submit"].is_object(), again["submit"].get("webhook")), (true, None));
    assert!(!post.world.take_server().stop().log.contains(nonce));
}
