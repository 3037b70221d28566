//! A job as it goes: states, place in the queue and log lines, without a gap.

use generatio_tests::{Event, User, World};
use serde_json::{Value, json};

/// It waits behind two others, runs, and logs three lines.
const TALKATIVE: &str = r#"x [[sim: {"queue_ms": 150, "position": 2, "latency_ms": 150, "logs": 3}]]"#;
const SLOW: &str = r#"slow [[sim: {"latency_ms": 60000}]]"#;
/// Done at FAL at once, while the server hears nothing of it: its first status stream falls silent.
const UNHEARD: &str = r#"unheard [[sim: {"fault": "stream_stall"}]]"#;

#[tokio::test]
async fn a_job_is_told_from_its_beginning_to_its_end() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let job = user.begin(TALKATIVE).await;
    let stream = user.stream(&format!("{job}/events"), None).await;
    assert_eq!((stream.status(), stream.header("content-type")), (200, "text/event-stream"));
    assert_eq!(stream.header("cache-control"), "no-store");
    let events = stream.rest().await;
    assert_eq!(states(&events), ["created", "submitting", "submitted", "completed"]);
    let told: Vec<&Value> = named(&events, "progress").map(|event| &event.data).collect();
    let first = told[0]["queue_position"].as_u64().expect("a place in the queue");
    assert!(first <= 2 && told[0]["phase"] == "queued", "{told:?}");
    assert_eq!(told.last(), Some(&&json!({ "phase": "running" })));
    assert_eq!(named(&events, "log").count(), 3);
    assert!(named(&events, "log").all(|event| event.data["level"] == "INFO" && event.data["message"].is_string()));

    let end = events.last().expect("an end");
    assert_eq!((&end.data["job"], &end.data["state"]), (&user.get(&job).await.ok(), &json!("completed")));
    assert_eq!(
        (&end.data["job"]["cost"], end.data["job"]["images"].as_array().map(Vec::len)),
        (&json!(0.003), Some(1))
    );
    assert!(events.windows(2).all(|pair| number(&pair[0]) <= number(&pair[1])), "{events:?}");
}

#[tokio::test]
async fn who_comes_late_hears_the_same() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let job = user.begin("x").await;
    let first = user.stream(&format!("{job}/events"), None).await.rest().await;
    let late = user.stream(&format!("{job}/events"), None).await.rest().await;
    assert_eq!(states(&late), states(&first));
    world.sql("DELETE FROM job_events");
    let later = user.stream(&format!("{job}/events"), None).await.rest().await;
    assert_eq!(states(&later), ["completed"], "what is forgotten is the way, not the end");
    assert_eq!(later[0].data["job"], user.get(&job).await.ok());
}

#[tokio::test]
async fn who_was_cut_off_goes_on_where_they_were() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let job = user.begin(TALKATIVE).await;
    let path = format!("{job}/events");
    let whole = user.stream(&path, None).await.rest().await;
    for (place, event) in whole.iter().enumerate() {
        let rest = user.stream(&path, Some(&event.id)).await;
        let expected: Vec<&str> = states(&whole[place + 1..]);
        if expected.is_empty() {
            // A browser does not come again after that (WHATWG HTML §9.2.1).
            assert_eq!(rest.status(), 204);
        } else {
            let rest = rest.rest().await;
            // Log lines live as long as the job; states stay.
            assert_eq!(states(&rest), expected, "after {}", event.id);
        }
    }
}

#[tokio::test]
async fn lines_are_not_told_twice_to_who_comes_again() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let job = user.begin(r#"x [[sim: {"latency_ms": 400, "logs": 8}]]"#).await;
    let path = format!("{job}/events");
    let (mut stream, mut heard) = (user.stream(&path, None).await, Vec::new());
    while heard.iter().filter(|event: &&Event| event.name == "log").count() < 3 {
        heard.extend(stream.next().await);
    }
    // This one keeps the lines while the job ends.
    let other = user.stream(&path, None).await;
    drop(stream);
    let last = heard.last().expect("an event").id.clone();
    heard.extend(user.stream(&path, Some(&last)).await.rest().await);
    let messages =
        |events: &[Event]| -> Vec<Value> { named(events, "log").map(|event| event.data["message"].clone()).collect() };
    assert_eq!(messages(&heard), messages(&other.rest().await));
    assert_eq!(states(&heard), ["created", "submitting", "submitted", "completed"]);
}

#[tokio::test]
async fn a_restart_leaves_no_gap() {
    let mut world = World::start().await;
    let mut user = world.ready_user("a@example.com").await;
    let job = user.begin(UNHEARD).await;
    let path = format!("{job}/events");
    let mut stream = user.stream(&path, None).await;
    let mut last = stream.next().await.expect("an event");
    while last.data["state"] != "submitted" {
        last = stream.next().await.expect("an event");
    }
    world.take_server().kill();
    world.restart(&[]);
    user.moved_to(world.client());
    let stream = user.stream(&path, Some(&last.id)).await;
    user.set_up_session().await;
    assert_eq!(states(&stream.rest().await), ["completed"]);
}

#[tokio::test]
async fn a_silent_stream_says_that_it_is_alive() {
    let world = World::with(&["--event-heartbeat", "20ms"]).await;
    let user = world.ready_user("a@example.com").await;
    let job = user.begin(SLOW).await;
    let mut stream = user.stream(&format!("{job}/events"), None).await;
    let mut comments = 0;
    while comments < 3 {
        comments += u32::from(stream.next().await.expect("it goes on").name.is_empty());
    }
}

#[tokio::test]
async fn streams_end_when_the_server_does() {
    let mut world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let job = user.begin(SLOW).await;
    let stream = user.stream(&format!("{job}/events"), None).await;
    let server = world.take_server();
    let stopped = tokio::task::spawn_blocking(move || server.stop());
    assert_eq!(states(&stream.rest().await).last(), Some(&"submitted"));
    assert!(stopped.await.expect("it stops").status.success());
}

#[tokio::test]
async fn only_the_owner_hears_and_only_so_often() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let other = world.user("b@example.com").await;
    let job = user.begin(SLOW).await;
    let path = format!("{job}/events");
    other.get(&path).await.refused(404, "not_found", "Job not found");
    for bad in ["x", "1", "-1.0", "1.2.3", "\u{e9}"] {
        let reply = user.send_with(http::Method::GET, &path, &[("last-event-id", bad)], None).await;
        reply.refused(400, "validation_error", "Last-Event-ID must be the id of an event of this job");
    }
    let mut open = Vec::new();
    for _ in 0..32 {
        open.push(user.stream(&path, None).await);
    }
    user.get(&path).await.refused(429, "rate_limit_error", "Too many streams are open, close one first");
    assert_eq!(open[0].status(), 200);
    drop(open);
    world.until(async || user.stream(&path, None).await.status() == 200).await;
}

fn named<'a>(events: &'a [Event], name: &'a str) -> impl Iterator<Item = &'a Event> {
    events.iter().filter(move |event| event.name == name)
}

fn states(events: &[Event]) -> Vec<&str> {
    named(events, "state").filter_map(|event| event.data["state"].as_str()).collect()
}

/// Ids grow.
fn number(event: &Event) -> (u64, u64) {
    let (seq, lines) = event.id.split_once('.').expect("two numbers");
    (seq.parse().expect("a number"), lines.parse().expect("a number"))
}

#[tokio::test]
async fn followers_need_no_session() {
    let world = World::start().await;
    let mut user: User = world.ready_user("a@example.com").await;
    let job = user.begin("x").await;
    user.session = None;
    assert_eq!(states(&user.stream(&format!("{job}/events"), None).await.rest().await).last(), Some(&"completed"));
}
