//! Jobs that come home by FAL's word, and words that are not FAL's.

use generatio_fal_sim::Options;
use generatio_tests::{Letter, Mailbox, User, World};
use serde_json::{Value, json};

/// Done at FAL at once, while the server hears nothing of it: its first status stream falls silent.
const UNHEARD: &str = r#"unheard [[sim: {"fault": "stream_stall"}]]"#;
/// FAL takes it, and its answer is lost.
const DOUBTED: &str = r#"x [[sim: {"fault": "submit_truncated", "times": 0}]]"#;
/// FAL takes it, and its answer never comes.
const HANGING: &str = r#"x [[sim: {"fault": "submit_stall"}]]"#;

/// A server that FAL can reach, as far as FAL knows.
struct Post {
    world: World,
    mailbox: Mailbox,
}

impl Post {
    async fn open() -> Self {
        Self::with_fal(Options::immediate()).await
    }

    async fn with_fal(options: Options) -> Self {
        let mailbox = Mailbox::open().await;
        let world = World::with_fal(options, &["--public-url", &mailbox.url()]).await;
        Self { world, mailbox }
    }

    async fn restart(&mut self, user: &mut User) {
        self.world.take_server().kill();
        self.world.restart(&["--public-url", &self.mailbox.url()]);
        user.moved_to(self.world.client());
    }

    /// Delivers the next webhook; the status it is answered with.
    async fn deliver(&self) -> (u16, Letter) {
        let letter = self.mailbox.take().await;
        (letter.deliver(self.world.client()).await.status.as_u16(), letter)
    }
}

#[tokio::test]
async fn a_job_comes_home_without_a_session() {
    let mut post = Post::open().await;
    let mut user = post.world.ready_user("a@example.com").await;
    let job = user.begin(UNHEARD).await;
    post.world.until(async || user.get(&job).await.ok()["state"] == "submitted").await;
    post.restart(&mut user).await;
    user.session = None;
    assert_eq!(post.deliver().await.0, 204);
    let shown = user.get(&job).await.ok();
    assert_eq!((&shown["state"], &shown["cost"]), (&json!("completed"), &json!(0.003)));
    let row = only_row(&user).await;
    assert_eq!((&row["reported_by"], &row["billable_units"]), (&json!("webhook"), &Value::Null));
    // The account is per picture; FAL's own units were not told.
    assert_eq!((&row["certainty"], &row["fal"]["certainty"]), (&json!("known"), &json!("estimated")));
}

#[tokio::test]
async fn a_job_in_doubt_comes_home_and_is_paid_once() {
    let post = Post::open().await;
    let user = post.world.ready_user("a@example.com").await;
    let told = user.generate("flux/schnell", DOUBTED, json!({})).await.json();
    assert_eq!(told["details"]["state"], "unknown");
    let letter = post.mailbox.take().await;
    for _ in 0..3 {
        assert_eq!(letter.deliver(post.world.client()).await.status.as_u16(), 204);
        let stats = user.stats().await;
        assert_eq!((&stats["total_spent"], &stats["total_images"]), (&json!(0.003), &json!(1)));
    }
    let shown = user.get(&path(&told["details"]["job"])).await.ok();
    assert_eq!((&shown["state"], shown.get("held"), shown.get("failure")), (&json!("completed"), None, None));
    assert_eq!(post.world.book().submissions, 1);
}

#[tokio::test]
async fn a_submit_cut_off_by_a_kill_comes_home() {
    let mut post = Post::open().await;
    let mut user = post.world.ready_user("a@example.com").await;
    let job = user.begin(HANGING).await;
    post.world.until(async || post.world.book().submissions == 1).await;
    post.restart(&mut user).await;
    let doubted = user.get(&job).await.ok();
    assert_eq!((&doubted["state"], &doubted["held"]), (&json!("unknown"), &json!(0.003)));
    assert_eq!(post.deliver().await.0, 204);
    assert_eq!(user.get(&job).await.ok()["state"], "completed");
    assert_eq!(post.world.book().submissions, 1);
}

#[tokio::test]
async fn a_caller_whose_submit_hangs_gets_the_pictures_by_the_webhook() {
    let post = Post::open().await;
    let user = post.world.ready_user("a@example.com").await;
    let body = json!({ "model": "flux/schnell", "prompt": HANGING }).to_string();
    let caller = tokio::spawn(user.clone().send_owned(http::Method::POST, "/api/custom/generate/image", body));
    assert_eq!(post.deliver().await.0, 204);
    let made = caller.await.expect("the call returns").ok();
    assert_eq!((made["images"].as_array().map(Vec::len), &made["cost"]), (Some(1), &json!(0.003)));
    assert_eq!((only_row(&user).await["job"].clone(), post.world.book().submissions), (made["job"].clone(), 1));
}

#[tokio::test]
async fn webhook_and_stream_together_charge_once_and_with_fals_units() {
    let post = Post::open().await;
    let user = post.world.ready_user("a@example.com").await;
    let job = user.begin(r#"x [[sim: {"latency_ms": 50}]]"#).await;
    assert_eq!(post.deliver().await.0, 204);
    let row = only_row(&user).await;
    // Whichever came first: the task was left to settle it.
    assert_eq!((&row["reported_by"], &row["billable_units"]), (&json!("server"), &json!("1")));
    let shown = user.get(&job).await.ok();
    assert_eq!((&shown["state"], shown["images"].as_array().map(Vec::len)), (&json!("completed"), Some(1)));
}

#[tokio::test]
async fn failures_come_home_too() {
    let post = Post::open().await;
    let user = post.world.ready_user("a@example.com").await;
    let refused = r#"x [[sim: {"fault": ["submit_truncated", "job_failed_422"]}]]"#;
    let told = user.generate("flux/schnell", refused, json!({})).await.json();
    assert_eq!(post.deliver().await.0, 204);
    let shown = user.get(&path(&told["details"]["job"])).await.ok();
    assert_eq!((&shown["state"], &shown["failure"]["code"]), (&json!("failed"), &json!("fal_input_refused")));
    assert_eq!((shown.get("held"), user.stats().await["total_spent"].clone()), (None, json!(0)));
}

#[tokio::test]
async fn pictures_that_come_after_a_wrong_guess_are_kept() {
    let post = Post::open().await;
    let user = post.world.ready_user("a@example.com").await;
    for (guess, spent) in [("charged", json!(0.003)), ("not_charged", json!(0.006))] {
        let told = user.generate("flux/schnell", DOUBTED, json!({})).await.json();
        let job = path(&told["details"]["job"]);
        user.post(&format!("{job}/resolve"), &json!({ "outcome": guess })).await.ok();
        assert_eq!(post.deliver().await.0, 204);
        let shown = user.get(&job).await.ok();
        assert_eq!((&shown["state"], shown["images"].as_array().map(Vec::len)), (&json!("completed"), Some(1)));
        assert_eq!((&shown["cost"], &user.stats().await["total_spent"]), (&json!(0.003), &spent), "{guess}");
    }
}

#[tokio::test]
async fn an_old_signature_leads_to_a_look_not_to_belief() {
    let post = Post::with_fal(Options { webhook_age: 3600, ..Options::immediate() }).await;
    let mut user = post.world.ready_user("a@example.com").await;
    let told = user.generate("flux/schnell", DOUBTED, json!({})).await.json();
    let job = path(&told["details"]["job"]);
    assert_eq!(post.deliver().await.0, 409);
    let shown = user.get(&job).await.ok();
    assert_eq!((&shown["state"], &shown["images"], shown.get("failure")), (&json!("submitted"), &json!([]), None));
    // The next session looks, under the request id that came with it.
    user.set_up_session().await;
    post.world.until(async || user.get(&job).await.ok()["state"] == "completed").await;
    assert_eq!((only_row(&user).await["reported_by"].clone(), post.world.book().submissions), (json!("server"), 1));
}

#[tokio::test]
async fn what_fal_did_not_say_changes_nothing() {
    let mut post = Post::open().await;
    let mut user = post.world.ready_user("a@example.com").await;
    let jobs = [user.begin(UNHEARD).await, user.begin(UNHEARD).await];
    for job in &jobs {
        post.world.until(async || user.get(job).await.ok()["state"] == "submitted").await;
    }
    post.restart(&mut user).await;
    let (first, second) = (post.mailbox.take().await, post.mailbox.take().await);
    let client = post.world.client();
    let mut tampered = first.clone();
    tampered.body = String::from_utf8(first.body.clone()).expect("text").replace("files", "tiles").into_bytes();
    let mut unsigned = first.clone();
    unsigned.headers.remove("x-fal-webhook-signature");
    let mut unasked = first.clone();
    unasked.path = format!("/api/custom/webhooks/fal/{}", "n".repeat(43));
    let mut swapped = first.clone();
    swapped.path.clone_from(&second.path);
    for (letter, status, code) in [
        (&tampered, 403, "authorization_error"),
        (&unsigned, 400, "validation_error"),
        (&unasked, 404, "not_found"),
        (&swapped, 409, "conflict"),
    ] {
        let reply = letter.deliver(client).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["error"]), (status, &json!(code)), "{}", reply.text);
    }
    for job in &jobs {
        assert_eq!(user.get(job).await.ok()["state"], "submitted");
    }
    assert_eq!(first.deliver(client).await.status.as_u16(), 204, "the true one is still good");
}

#[tokio::test]
async fn nonces_are_in_no_log_and_no_file() {
    let mailbox = Mailbox::open().await;
    let mut world = World::with(&["--public-url", &mailbox.url(), "--log-level", "trace"]).await;
    let user = world.ready_user("a@example.com").await;
    user.generate("flux/schnell", "x", json!({})).await.ok();
    let letter = mailbox.take().await;
    letter.deliver(world.client()).await;
    let nonce = letter.path.rsplit('/').next().expect("a nonce").to_owned();
    assert_eq!(nonce.len(), 43);
    let log = world.take_server().stop().log;
    assert!(log.contains("/api/custom/webhooks/fal/{nonce}") && !log.contains(&nonce));
    let rows = std::fs::read(world.data_dir().join("generatio.db")).expect("the database");
    let holds = |needle: &str| rows.windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(holds(user.id.as_str()) && !holds(&nonce));
}

#[tokio::test]
async fn without_a_public_address_fal_is_asked_for_none() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    user.generate("flux/schnell", "x", json!({})).await.ok();
    assert_eq!(world.book().requests[0].webhook, None);
}

fn path(job: &Value) -> String {
    format!("/api/custom/generate/jobs/{}", job.as_str().expect("an id"))
}

async fn only_row(user: &User) -> Value {
    let rows = user.get("/api/custom/financial/ledger").await.ok()["items"].clone();
    assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
    rows[0].clone()
}
