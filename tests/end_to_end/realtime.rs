//! `/api/realtime`: what changes among one's own records, told as it happens, and nobody else's.

use generatio_fal_sim::Options;
use generatio_tests::{Browser, Client, Event, Mailbox, PASSWORD, Reply, Stream, User, World};
use http::Method;
use serde_json::{Value, json};
use std::cell::Cell;

const PATH: &str = "/api/realtime";
const EVERYTHING: [&str; 6] =
    ["folders/*", "images/*", "jobs/*", "ledger/*", "model_preferences/*", "generatio_users/*"];

/// A stream after its handshake, and the client's id.
struct Listening {
    stream: Stream,
    id: String,
}

impl Listening {
    async fn connect(client: &Client) -> Self {
        let mut stream = client.stream(PATH, &[]).await;
        assert_eq!(stream.status(), 200);
        let hello = stream.next().await.expect("a handshake");
        assert_eq!((hello.name.as_str(), &hello.data), ("PB_CONNECT", &json!({ "clientId": hello.id })));
        Self { stream, id: hello.id }
    }

    async fn of(world: &World, user: &User, topics: &[&str]) -> Self {
        let listening = Self::connect(world.client()).await;
        assert_eq!(listening.subscribe(user, topics).await.status.as_u16(), 204);
        listening
    }

    async fn subscribe(&self, user: &User, topics: &[&str]) -> Reply {
        user.post(PATH, &json!({ "clientId": self.id, "subscriptions": topics })).await
    }

    async fn next(&mut self) -> Event {
        let event = self.stream.next().await.expect("a message");
        assert_eq!(event.id, self.id);
        event
    }

    /// The messages up to and including the one that `is_last`: topic, action and record.
    async fn until(&mut self, is_last: impl Fn(&str, &Value) -> bool) -> Vec<(String, String, Value)> {
        let mut messages = Vec::new();
        loop {
            let Event { name, mut data, .. } = self.next().await;
            let (record, action) = (data["record"].take(), data["action"].as_str().expect("an action").to_owned());
            let last = is_last(&name, &record);
            messages.push((name, action, record));
            if last {
                return messages;
            }
        }
    }
}

async fn make_folder(user: &User, name: &str) -> String {
    let made = user.post("/api/custom/collections/create", &json!({ "name": name })).await.ok();
    made["id"].as_str().expect("an id").to_owned()
}

fn refused(reply: &Reply, status: u16, message: &str) {
    let body = reply.json();
    assert_eq!((reply.status.as_u16(), body["message"].as_str()), (status, Some(message)), "{}", reply.text);
}

fn with_options(topic: &str, query: &Value) -> String {
    let options = json!({ "query": query, "headers": {} }).to_string();
    format!(
        "{topic}?{}",
        url::form_urlencoded::Serializer::new(String::new()).append_pair("options", &options).finish()
    )
}

#[tokio::test]
async fn the_handshake_is_pocketbases() {
    let world = World::start().await;
    let mut stream = world.client().stream(PATH, &[("origin", "https://a.example")]).await;
    for (name, value) in [
        ("content-type", "text/event-stream"),
        ("cache-control", "no-store"),
        ("x-accel-buffering", "no"),
        ("access-control-allow-origin", "*"),
    ] {
        assert_eq!(stream.header(name), value, "{name}");
    }
    let hello = stream.next().await.expect("a handshake");
    assert!(hello.id.len() == 40 && hello.id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{hello:?}");
}

#[tokio::test]
async fn two_users_hear_of_their_own_records_side_by_side() {
    let world = World::start().await;
    let (ann, bob) = (world.ready_user("a@example.com").await, world.user("b@example.com").await);
    let mut anns = Listening::of(&world, &ann, &EVERYTHING).await;
    let mut bobs = Listening::of(&world, &bob, &EVERYTHING).await;

    let folder = make_folder(&ann, "holiday").await;
    for _ in 0..2 {
        let saved = json!({ "model_name": "m", "preferences": { "a": 1 } });
        ann.post("/api/custom/preferences/save", &saved).await.ok();
    }
    let account = format!("/api/collections/generatio_users/records/{}", ann.id);
    ann.send(Method::PATCH, &account, Some(r#"{"name":"Ann"}"#)).await.ok();
    // Her record lists her preferences: it has changed twice.
    let changes_of_hers = Cell::new(0);
    let is_second = |topic: &str, _: &Value| {
        changes_of_hers.set(changes_of_hers.get() + usize::from(topic == "generatio_users/*"));
        changes_of_hers.get() == 2
    };
    let heard = anns.until(is_second).await;
    let told: Vec<_> = heard.iter().map(|(topic, action, _)| (topic.as_str(), action.as_str())).collect();
    assert_eq!(told[..2], [("folders/*", "create"), ("model_preferences/*", "create")]);
    let rest = [("generatio_users/*", "update"), ("model_preferences/*", "update"), ("generatio_users/*", "update")];
    assert_eq!(told[2..], rest);
    assert_eq!(heard[0].2, ann.get(&format!("/api/collections/folders/records/{folder}")).await.ok());
    assert_eq!(heard[4].2, ann.get(&account).await.ok());
    assert_eq!(heard[4].2["model_preferences"], json!([heard[1].2["id"]]));

    // All that came before was not his.
    let his = make_folder(&bob, "work").await;
    assert_eq!(bobs.next().await.data["record"]["id"], json!(his));
}

#[tokio::test]
async fn a_generation_is_told_from_its_reservation_to_its_pictures_and_charge() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let mut all = Listening::of(&world, &user, &["jobs/*", "images/*", "ledger/*", "generatio_users/*"]).await;
    let made = user.generate("flux/schnell", "a lake", json!({ "num_images": 2 })).await.ok();
    let heard = all.until(|topic, _| topic == "generatio_users/*").await;
    let of = |topic: &str| heard.iter().filter(|(told, ..)| told == topic).collect::<Vec<_>>();
    let (jobs, images, charges) = (of("jobs/*"), of("images/*"), of("ledger/*"));
    assert!(jobs.iter().all(|(_, _, record)| record["id"] == made["job"]), "{heard:?}");
    assert_eq!(jobs[0].1, "create");
    assert!(jobs[1..].iter().all(|(_, action, _)| action == "update") && jobs.len() >= 4, "{heard:?}");
    assert_eq!(jobs.last().expect("jobs").2["state"], json!("completed"));
    let ids: Vec<_> = images.iter().map(|(_, _, record)| record["id"].clone()).collect();
    let stored: Vec<_> = made["images"].as_array().expect("images").iter().map(|image| image["id"].clone()).collect();
    assert_eq!((ids, charges.len()), (stored, 1));
    assert_eq!(charges[0].2["job_id"], made["job"]);
    assert!(images.iter().chain(&charges).all(|(_, action, _)| action == "create"));
    let account = user.get(&format!("/api/collections/generatio_users/records/{}", user.id)).await.ok();
    let (_, action, told) = heard.last().expect("the account");
    assert_eq!((action.as_str(), told), ("update", &account), "what was spent is part of the account");
    assert!(told["financial_data"]["total_spent"].as_f64().is_some_and(|spent| spent > 0.0), "{told}");
}

#[tokio::test]
async fn a_copy_is_told_once_it_is_there() {
    let world = World::with(&["--keep-pictures", "on"]).await;
    let user = world.ready_user("a@example.com").await;
    let mut listening = Listening::of(&world, &user, &["images/*"]).await;
    user.generate("flux/schnell", "a lake", json!({ "num_images": 2 })).await.ok();
    let has_files = |record: &Value| record["file_url"] != "" && record["thumbnail_url"] != "";
    let mut told = Vec::new();
    while told.len() < 2 {
        let Event { mut data, .. } = listening.next().await;
        if data["action"] == "update" {
            told.push(data["record"].take());
        }
    }
    assert!(told.iter().all(has_files) && told[0]["id"] != told[1]["id"], "{told:?}");
    for record in told {
        let id = record["id"].as_str().expect("an id");
        assert_eq!(record, user.get(&format!("/api/collections/images/records/{id}")).await.ok());
        // Whose copy it is is no change of theirs.
        assert_eq!(record["updated"], record["created"]);
        world.picture_size(record["file_url"].as_str().expect("a link")).await;
    }
}

#[tokio::test]
async fn what_fal_does_with_a_job_is_told_beside_its_record() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let mut listening = Listening::of(&world, &user, &["jobs/*"]).await;
    user.begin(r#"x [[sim: {"queue_ms": 150, "position": 2, "latency_ms": 150}]]"#).await;
    let (mut told, mut state) = (Vec::new(), json!(null));
    while state != "completed" {
        let mut event = listening.next().await;
        told.extend(Some(event.data["progress"].take()).filter(Value::is_object));
        state = event.data["record"]["state"].take();
    }
    assert_eq!(told.first().map(|progress| &progress["phase"]), Some(&json!("queued")), "{told:?}");
    assert!(told[0]["queue_position"].as_u64().is_some_and(|position| position <= 2), "{told:?}");
    assert_eq!(told.last(), Some(&json!({ "phase": "running" })));
}

#[tokio::test]
async fn what_comes_home_by_fals_word_is_told_once() {
    let mailbox = Mailbox::open().await;
    let world = World::with_fal(Options::immediate(), &["--public-url", &mailbox.url()]).await;
    let user = world.ready_user("a@example.com").await;
    let doubted = r#"x [[sim: {"fault": "submit_truncated", "times": 0}]]"#;
    let told = user.generate("flux/schnell", doubted, json!({})).await.json();
    assert_eq!(told["details"]["state"], "unknown");
    let mut listening = Listening::of(&world, &user, &EVERYTHING).await;
    let letter = mailbox.take().await;
    for _ in 0..3 {
        assert_eq!(letter.deliver(world.client()).await.status.as_u16(), 204);
    }
    make_folder(&user, "last").await;
    let heard = listening.until(|topic, _| topic == "folders/*").await;
    let of = |topic: &str| heard.iter().filter(|(told, ..)| told == topic).collect::<Vec<_>>();
    assert_eq!((of("images/*").len(), of("ledger/*").len()), (1, 1), "{heard:?}");
    assert_eq!(of("ledger/*")[0].2["reported_by"], json!("webhook"));
    assert_eq!(of("jobs/*").last().expect("an update").2["state"], json!("completed"));
}

#[tokio::test]
async fn each_subscription_has_a_message_of_its_own() {
    let world = World::start().await;
    let (user, other) = (world.user("a@example.com").await, world.user("b@example.com").await);
    let (one, another) = (format!("generatio_users/{}", user.id), format!("generatio_users/{}", other.id));
    let topics = [&one, "generatio_users", "generatio_users/*", &one, "pbc_733528692/*", &another, "mine"];
    let mut listening = Listening::of(&world, &user, &topics).await;
    let account = format!("/api/collections/generatio_users/records/{}", user.id);
    user.send(Method::PATCH, &account, Some(r#"{"name":"Ann"}"#)).await.ok();
    for expected in [&one, "generatio_users", "generatio_users/*", "pbc_733528692/*", &one] {
        if expected == "pbc_733528692/*" {
            user.send(Method::PATCH, &account, Some(r#"{"name":"Anne"}"#)).await.ok();
        }
        assert_eq!(listening.next().await.name, expected);
    }
}

#[tokio::test]
async fn options_narrow_and_shape_what_is_told() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let named = with_options("folders/*", &json!({ "filter": "name ~ \"holiday\"", "fields": "name" }));
    let rooted = with_options("folders", &json!({ "expand": "parent_id", "filter": "parent_id.name = \"root\"" }));
    let never = with_options("folders/*", &json!({ "filter": "nothing = 1" }));
    let mut listening = Listening::of(&world, &user, &[&named, &rooted, &never]).await;
    let root = make_folder(&user, "root").await;
    let inner = json!({ "name": "inner", "parent_id": root });
    user.post("/api/custom/collections/create", &inner).await.ok();
    make_folder(&user, "other").await;
    make_folder(&user, "holidays").await;
    let inside = listening.next().await;
    assert_eq!((&inside.name, &inside.data["record"]["expand"]["parent_id"]["name"]), (&rooted, &json!("root")));
    let holidays = listening.next().await;
    let data = json!({ "record": { "name": "holidays" }, "action": "create" });
    assert_eq!((&holidays.name, &holidays.data), (&named, &data));
}

#[tokio::test]
async fn a_stream_is_whose_token_came_with_its_subscriptions() {
    let world = World::start().await;
    let (ann, bob) = (world.user("a@example.com").await, world.user("b@example.com").await);
    let mut listening = Listening::connect(world.client()).await;
    let form = json!({ "clientId": listening.id, "subscriptions": EVERYTHING });
    // A guest hears nothing.
    assert_eq!(world.client().post(PATH, &form).await.status.as_u16(), 204);
    make_folder(&ann, "unheard").await;
    assert_eq!(listening.subscribe(&ann, &EVERYTHING).await.status.as_u16(), 204);
    let foreign = "The current and the previous request authorization don't match.";
    refused(&world.client().post(PATH, &form).await, 403, foreign);
    refused(&listening.subscribe(&bob, &[]).await, 403, foreign);
    make_folder(&bob, "foreign").await;
    make_folder(&ann, "heard").await;
    assert_eq!(listening.next().await.data["record"]["name"], json!("heard"));
    // Another list takes the place of the first.
    assert_eq!(listening.subscribe(&ann, &[]).await.status.as_u16(), 204);
    make_folder(&ann, "unheard").await;
    assert_eq!(listening.subscribe(&ann, &["folders/*"]).await.status.as_u16(), 204);
    make_folder(&ann, "again").await;
    assert_eq!(listening.next().await.data["record"]["name"], json!("again"));
}

#[tokio::test]
async fn what_is_no_subscription_is_refused() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let listening = Listening::connect(world.client()).await;
    let ask = |id: &str, topics: Value| json!({ "clientId": id, "subscriptions": topics });
    let unknown = user.post(PATH, &ask("nobody", json!([]))).await;
    refused(&unknown, 404, "Missing or invalid client id.");
    let unforeseen = "Something went wrong while processing your request.";
    for (form, field) in [
        (json!({}), "clientId"),
        (ask(&"x".repeat(256), json!([])), "clientId"),
        (ask(&listening.id, json!(vec!["x"; 1001])), "subscriptions"),
        (ask(&listening.id, json!(["x".repeat(2501)])), "subscriptions"),
    ] {
        let reply = user.post(PATH, &form).await;
        refused(&reply, 400, unforeseen);
        assert!(reply.json()["data"][field]["code"].is_string(), "{}", reply.text);
    }
    refused(&user.post(PATH, &ask(&listening.id, json!("images/*"))).await, 400, unforeseen);
    let Listening { stream, id } = listening;
    drop(stream);
    world.until(async || user.post(PATH, &ask(&id, json!([]))).await.status.as_u16() == 404).await;
}

#[tokio::test]
async fn new_credentials_and_the_accounts_end_make_a_guest() {
    let world = World::start().await;
    let (ann, bob) = (world.user("a@example.com").await, world.user("b@example.com").await);
    let mut listening = Listening::of(&world, &ann, &EVERYTHING).await;
    let account = format!("/api/collections/generatio_users/records/{}", ann.id);
    let another =
        json!({ "oldPassword": PASSWORD, "password": "other-harbour-27", "passwordConfirm": "other-harbour-27" });
    ann.send(Method::PATCH, &account, Some(&another.to_string())).await.ok();
    let ann = User::log_in(world.client(), "a@example.com", "other-harbour-27").await;
    make_folder(&ann, "unheard").await;
    // It is nobody's now, so that anybody may have it.
    assert_eq!(listening.subscribe(&bob, &["folders/*"]).await.status.as_u16(), 204);
    make_folder(&bob, "his").await;
    assert_eq!(listening.next().await.data["record"]["name"], json!("his"));
    bob.delete(&format!("/api/collections/generatio_users/records/{}", bob.id)).await;
    assert_eq!(listening.subscribe(&ann, &["folders/*"]).await.status.as_u16(), 204);
    make_folder(&ann, "hers").await;
    assert_eq!(listening.next().await.data["record"]["name"], json!("hers"));
}

#[tokio::test]
async fn streams_end_when_the_server_does() {
    let mut world = World::start().await;
    let user = world.user("a@example.com").await;
    let listening = Listening::of(&world, &user, &EVERYTHING).await;
    let server = world.take_server();
    let stopped = tokio::task::spawn_blocking(move || server.stop());
    assert!(listening.stream.rest().await.is_empty());
    assert!(stopped.await.expect("it stops").status.success());
}

#[tokio::test]
async fn many_idle_streams_are_cheap() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let before = memory_kib(&world);
    let mut idle = Vec::new();
    for _ in 0..500 {
        idle.push(Listening::connect(world.client()).await);
    }
    let mut own = Listening::of(&world, &user, &["folders/*"]).await;
    for number in 0..100 {
        let folder = make_folder(&user, &format!("{number}")).await;
        assert_eq!(own.next().await.data["record"]["id"], json!(folder));
    }
    let each = memory_kib(&world).saturating_sub(before) / 500;
    assert!(each < 128, "{each} KiB for each stream");
}

/// What the server's process holds in memory (proc(5), `VmRSS`).
fn memory_kib(world: &World) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", world.server().pid())).expect("the server runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").trim().parse().expect("a number")
}

#[tokio::test]
async fn who_does_not_read_is_dropped_and_the_others_hear_on() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let slow = Listening::of(&world, &user, &["model_preferences/*"]).await;
    let mut quick = Listening::of(&world, &user, &["model_preferences/*"]).await;
    // Larger than what lies in sockets on the way, after some hundreds.
    let saved = json!({ "model_name": "m", "preferences": { "a": "x".repeat(60 * 1024) } });
    let mut told = 0;
    loop {
        user.post("/api/custom/preferences/save", &saved).await.ok();
        quick.next().await;
        told += 1;
        if told % 50 == 0 && slow.subscribe(&user, &["model_preferences/*"]).await.status.as_u16() == 404 {
            break;
        }
        assert!(told < 5000, "it is never dropped");
    }
    // What was on its way comes, and then the end, after which it would come again.
    let heard = slow.stream.rest().await.len();
    assert!(heard < told, "{heard} of {told}");
}

#[tokio::test]
async fn a_job_that_its_browser_runs_is_told_like_any_other() {
    let world = World::with(&["--sweep-interval", "1s"]).await;
    let user = world.user("a@example.com").await;
    let browser = Browser::new(&user);
    let mut all = Listening::of(&world, &user, &["jobs/*", "images/*", "ledger/*"]).await;
    let job = browser.generate("a lake", 1).await;
    let heard = all.until(|topic, _| topic == "ledger/*").await;
    let jobs = || heard.iter().filter(|(topic, ..)| topic == "jobs/*");
    assert!(jobs().all(|(_, _, record)| record["id"] == job["id"] && record["source"] == "direct"), "{heard:?}");
    assert_eq!(jobs().next().map(|(_, action, _)| action.as_str()), Some("create"));
    assert_eq!(jobs().next_back().map(|(_, _, record)| &record["state"]), Some(&json!("completed")));
    assert_eq!(heard.iter().filter(|(topic, ..)| topic == "images/*").count(), 1);
    // Silence is news, too.
    let silent = browser.reserve("a hill", 1).await;
    world.sql("UPDATE jobs SET updated = updated - 3601000");
    let doubted = all.until(|_, record| record["id"] == json!(silent.id) && record["state"] == "unknown").await;
    assert_eq!(doubted.last().map(|(_, _, record)| &record["failure_code"]), Some(&json!("client_silent")));
}
