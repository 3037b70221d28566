//! What becomes of a call when something goes wrong at FAL: every fault of the stand-in, striking once and always, at
//! whichever step of a job it strikes. Nothing is submitted twice, the job's state is honest, its money follows from it,
//! and the caller is told what happened and whether trying again is safe.

use clap::ValueEnum as _;
use futures_util::future::join_all;
use generatio_fal_sim::Fault;
use generatio_tests::{FAL_KEY, Reply, User, World, digest};
use serde_json::{Value, json};

/// The waits that are minutes by default, shortened where they have to run out, and what FAL takes too long for,
/// milliseconds; where pictures come in the end, a slow machine has all the time it needs.
const SHORT_WAITS: [&str; 6] = ["--fal-timeout", "15s", "--fal-grace", "15s", "--result-wait", "15s"];
const LONG_WAITS: [&str; 6] = ["--fal-timeout", "5m", "--fal-grace", "5m", "--result-wait", "5m"];
const TOO_LONG_MS: u64 = 18_000;
/// The price of the picture: dollars in JSON, nano-dollars in rows.
const PRICE: f64 = 0.003;
const PRICE_NANO: i64 = 3_000_000;

/// A fault, what comes of a call that it strikes once, and of one that it strikes always. Read: HTTP status, the error's
/// `details.type` and whether it is retryable; the job's state, and its failure's code if it is not the type; its money;
/// how often FAL took it.
type Row = (Fault, &'static str, &'static str);

const PICTURES: &str = "200: completed; charged; taken 1";
const CUT_OFF: &str = "502 fal_interrupted: unknown; held; taken 1";
const OVERDUE: &str = "502 fal_timeout: unknown; held; taken 1";
const NO_MEDIA: &str = "502 no_media_generated: failed, fal_input_refused; free; taken 1";
const BROKEN: &str = "502 internal_server_error: failed, fal_unavailable; free; taken 1";
const RUNNER_LOST: &str = "502 runner_disconnected, retryable: failed, fal_unavailable; free; taken 1";
const NOT_ALLOWED: &str = "502 content_policy_violation: failed, fal_input_refused; free; taken 1";
const NOTHING_MADE: &str = "502 fal_no_pictures: failed; free; taken 1";
const EXPIRED: &str = "502 fal_result_expired: failed; charged; taken 1";
const TOO_LARGE: &str = "502 fal_answer_too_large: unknown; held; taken 1";
/// FAL has it, and the next session asks again.
const WAITING: &str = "502 fal_timeout: submitted; held; taken 1";

const ROWS: [Row; 41] = [
    // Submit: FAL did not take it, or may have.
    (Fault::Submit429, PICTURES, "502 fal_busy, retryable: failed; free; taken 0"),
    (Fault::Submit503, PICTURES, "502 fal_unavailable, retryable: failed; free; taken 0"),
    (Fault::SubmitHtml, "502 fal_protocol: unknown; held; taken 0", "502 fal_protocol: unknown; held; taken 0"),
    (
        Fault::SubmitResetBefore,
        "502 fal_interrupted: unknown; held; taken 0",
        "502 fal_interrupted: unknown; held; taken 0",
    ),
    (Fault::SubmitResetAfter, CUT_OFF, CUT_OFF),
    (Fault::SubmitTruncated, CUT_OFF, CUT_OFF),
    (Fault::SubmitStall, OVERDUE, OVERDUE),
    // Status: nothing is heard of it, until it is overdue and no cancel brings word either.
    (Fault::Status429, PICTURES, OVERDUE),
    (Fault::Status500, PICTURES, OVERDUE),
    (Fault::StatusHtml, PICTURES, OVERDUE),
    (Fault::StatusTruncated, PICTURES, OVERDUE),
    (Fault::StatusReset, PICTURES, OVERDUE),
    (Fault::StatusStall, PICTURES, OVERDUE),
    // Stream: the status is polled instead, unless the stream is merely silent.
    (Fault::StreamCut, PICTURES, PICTURES),
    (Fault::StreamSlow, PICTURES, PICTURES),
    (Fault::StreamDuplicate, PICTURES, PICTURES),
    (Fault::StreamJunk, PICTURES, PICTURES),
    (Fault::StreamReset, PICTURES, PICTURES),
    (Fault::StreamStall, PICTURES, OVERDUE),
    (Fault::Stream404, PICTURES, PICTURES),
    // Result: it is there, and does not come.
    (Fault::Result429, PICTURES, "502 fal_busy: submitted; held; taken 1"),
    (Fault::Result500, PICTURES, "502 fal_unavailable: submitted; held; taken 1"),
    (Fault::ResultHtml, PICTURES, "502 fal_protocol: unknown; held; taken 1"),
    (Fault::ResultTruncated, PICTURES, "502 fal_interrupted: submitted; held; taken 1"),
    (Fault::ResultReset, PICTURES, "502 fal_interrupted: submitted; held; taken 1"),
    // One try at a result may take longer than all of these waits.
    (Fault::ResultStall, WAITING, WAITING),
    (Fault::ResultExpired, EXPIRED, EXPIRED),
    (Fault::OversizedResult, TOO_LARGE, TOO_LARGE),
    // Pictures: the server hands on their links and fetches none.
    (Fault::File404, PICTURES, PICTURES),
    (Fault::File500, PICTURES, PICTURES),
    (Fault::FileTruncated, PICTURES, PICTURES),
    (Fault::FileReset, PICTURES, PICTURES),
    (Fault::FileStall, PICTURES, PICTURES),
    // The model's own work.
    (Fault::JobFailed422, NO_MEDIA, NO_MEDIA),
    (Fault::JobFailed500, BROKEN, BROKEN),
    (Fault::JobFailed503, RUNNER_LOST, RUNNER_LOST),
    (Fault::ContentPolicy, NOT_ALLOWED, NOT_ALLOWED),
    (Fault::Flagged, PICTURES, PICTURES),
    (Fault::ZeroImages, NOTHING_MADE, NOTHING_MADE),
    (Fault::NoBillableHeader, PICTURES, PICTURES),
    // Cancel, which is sent once it is overdue: a result that comes anyway is taken.
    (Fault::CancelIgnored, PICTURES, PICTURES),
];

#[tokio::test]
async fn each_fault_has_its_end() {
    let many = ["--max-running-jobs", "200"];
    let hasty = World::with(&[&SHORT_WAITS[..], &many].concat()).await;
    let patient = World::with(&[&LONG_WAITS[..], &many].concat()).await;
    let users = tokio::join!(hasty.ready_user("a@example.com"), patient.ready_user("a@example.com"));
    let struck = async |fault, end, times| match end {
        PICTURES if fault != Fault::CancelIgnored => run(&patient, &users.1, fault, times).await,
        _ => run(&hasty, &users.0, fault, times).await,
    };
    let runs = ROWS.iter().map(async |&(fault, once, always)| {
        let seen = tokio::join!(struck(fault, once, 1), struck(fault, always, 0));
        ((seen.0 != once) || (seen.1 != always)).then(|| format!("{fault:?}: once {}, always {}", seen.0, seen.1))
    });
    let wrong: Vec<String> = join_all(runs).await.into_iter().flatten().collect();
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn every_fault_has_a_row() {
    for fault in Fault::value_variants() {
        let rows = ROWS.iter().filter(|row| row.0 == *fault).count();
        assert_eq!(rows, 1, "{fault:?}");
    }
}

#[tokio::test]
async fn what_is_overdue_is_canceled_and_free() {
    let world = World::with(&["--fal-timeout", "1s"]).await;
    let user = world.ready_user("a@example.com").await;
    let slow = format!(r#"a heron [[sim: {{"latency_ms": {TOO_LONG_MS}}}]]"#);
    let reply = user.generate("flux/schnell", &slow, json!({})).await;
    let told = "502 fal_timeout: canceled; free; taken 1";
    assert_eq!((end(&world, &user, &reply).await.as_str(), world.book().cancelled), (told, 1));
}

#[tokio::test]
async fn what_waits_is_fetched_by_the_next_session() {
    let world = World::with(&["--result-wait", "1s"]).await;
    let mut user = world.ready_user("a@example.com").await;
    let reply = user.generate("flux/schnell", r#"a heron [[sim: {"fault": "result_stall"}]]"#, json!({})).await;
    assert_eq!(end(&world, &user, &reply).await, WAITING);
    user.set_up_session_with(FAL_KEY).await;
    let place = format!("/api/custom/generate/jobs/{}", job(&reply.json()));
    world.until(async || user.get(&place).await.ok()["state"] == "completed").await;
    assert_eq!(books(&world, &job(&reply.json())), (vec![PRICE_NANO], 1));
}

/// What comes of a call that meets `fault` so many times, 0 for always.
async fn run(world: &World, user: &User, fault: Fault, times: u32) -> String {
    let mut directive = json!({ "fault": names(fault), "times": times });
    if fault == Fault::CancelIgnored {
        directive["latency_ms"] = json!(TOO_LONG_MS);
    }
    let reply = user.generate("flux/schnell", &format!("a heron [[sim: {directive}]]"), json!({})).await;
    end(world, user, &reply).await
}

/// The fault, and what it takes to meet it: a status is polled only when there is no stream.
fn names(fault: Fault) -> Vec<String> {
    let name = |fault: Fault| fault.to_possible_value().expect("none is hidden").get_name().to_owned();
    if name(fault).starts_with("status_") { vec![name(Fault::Stream404), name(fault)] } else { vec![name(fault)] }
}

/// How a call ended, in the words of a [`Row`].
async fn end(world: &World, user: &User, reply: &Reply) -> String {
    let id = job(&reply.json());
    let job = user.get(&format!("/api/custom/generate/jobs/{id}")).await.ok();
    let (charged, taken) = books(world, &id);
    let held = job.get("held").map(|held| held.as_f64() == Some(PRICE));
    let money = match (charged.as_slice(), held) {
        ([PRICE_NANO], None) => "charged".to_owned(),
        ([], Some(true)) => "held".to_owned(),
        ([], None) => "free".to_owned(),
        _ => format!("charged {charged:?}, held {}", job["held"]),
    };
    let (told, kind) = told(reply, &job);
    let code = job["failure"]["code"].as_str().unwrap_or_default();
    let code = if code == kind { String::new() } else { format!(", {code}") };
    format!("{}{told}: {}{code}; {money}; taken {taken}", reply.status.as_u16(), text(&job["state"]))
}

/// What an error says beside its status, and its type; both empty for pictures.
fn told(reply: &Reply, job: &Value) -> (String, String) {
    let body = reply.json();
    let Some(details) = body.get("details") else { return Default::default() };
    let message = body["message"].as_str().and_then(|message| message.strip_prefix("Image generation failed: "));
    assert_eq!((&body["error"], message), (&json!("external_error"), job["failure"]["message"].as_str()));
    assert_eq!(details["state"], job["state"], "{}", reply.text);
    let retryable = details["retryable"].as_bool().expect("a flag");
    let kind = text(&details["type"]);
    (format!(" {kind}{}", if retryable { ", retryable" } else { "" }), kind)
}

/// The id of the job that an answer is about.
fn job(answer: &Value) -> String {
    text(if answer["job"].is_string() { &answer["job"] } else { &answer["details"]["job"] })
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// What the job's ledger rows charge, and how often FAL took it.
fn books(world: &World, job: &str) -> (Vec<i64>, usize) {
    let database = world.database();
    let mut ledger = database.prepare("SELECT account_amount FROM ledger WHERE job_id = ?1").expect("a query");
    let charged = ledger.query_map([job], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("integers");
    let asked = database.query_row("SELECT input FROM jobs WHERE id = ?1", [job], |row| row.get::<_, String>(0));
    let asked = digest(&asked.expect("the job is there"));
    (charged, world.book().requests.iter().filter(|request| request.input_sha256 == asked).count())
}
