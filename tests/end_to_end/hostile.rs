//! What nobody who means well sends, over raw sockets: each row of a table is answered or cut off as it says, and the
//! server is as quick afterwards as it was before.

mod bodies;
mod framing;
mod raw;

use generatio_tests::{User, World};
use http::Method;
use raw::{Expected, Sent, converse, slow_loris};
use std::time::{Duration, Instant};

/// How long a server that stays quick may take for an answer that needs nothing. A busy test machine is slow, too.
const QUICK: Duration = Duration::from_secs(5);
/// More memory than this is a server that an attacker can fill.
const MOST_MEMORY_KB: u64 = 512 * 1024;
/// Clients that send a byte of a head and no more, all the while.
const SLOW_CLIENTS: usize = 256;

/// What one connection sends, and what has to become of it.
struct Row {
    name: &'static str,
    sent: Sent,
    expected: Expected,
}

fn row(name: &'static str, sent: impl Into<Sent>, expected: Expected) -> Row {
    Row { name, sent: sent.into(), expected }
}

#[tokio::test]
async fn heads_and_framing() {
    let world = World::start().await;
    play(&world, framing::rows()).await;
}

#[tokio::test]
async fn bodies() {
    let world = World::start().await;
    let user = world.user("ann@example.com").await;
    play(&world, bodies::rows(&user)).await;
}

/// A million keys are more than the default lets in: here they are read, and nothing comes of it.
#[tokio::test]
async fn a_million_keys_are_read_and_forgotten() {
    let world = World::with(&["--max-body-bytes", "16MiB"]).await;
    let user = world.user("ann@example.com").await;
    let mut keys: String = (0..1_000_000).map(|index| format!("\"{index}\":0,")).collect();
    keys.pop();
    let asked = [
        ("/api/custom/collections/create", format!(r#"{{"name":"x",{keys}}}"#), 200),
        ("/api/custom/preferences/save", format!(r#"{{"model_name":"flux/dev","preferences":{{{keys}}}}}"#), 400),
        ("/api/custom/generate/estimate", format!(r#"{{"model":"flux/dev","parameters":{{{keys}}}}}"#), 400),
        ("/api/collections/generatio_users/records", format!("{{{keys}}}"), 400),
    ];
    for (path, body, status) in asked {
        let headers = [("content-type", "application/json")];
        let reply = user.send_with(Method::POST, path, &headers, Some(&body)).await;
        assert_eq!(reply.status.as_u16(), status, "{path}: {:.200}", reply.text);
    }
    is_well(&world, &user).await;
}

/// Plays the rows while slow clients sit on their connections.
async fn play(world: &World, rows: Vec<Row>) {
    let user = world.user("zoe@example.com").await;
    let address = world.server().url().trim_start_matches("http://");
    let waiting = slow_loris(address, SLOW_CLIENTS).await;
    assert!(rows.len() >= 20, "{} rows", rows.len());
    let mut wrong = Vec::new();
    for Row { name, sent, expected } in rows {
        let told = converse(address, sent, &expected).await;
        if !expected.is(&told) {
            wrong.push(format!("{name}: {told:?}, and not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    is_well(world, &user).await;
    drop(waiting);
}

/// Whether the server answers at once, knows its users, and has not grown.
async fn is_well(world: &World, user: &User) {
    let asked = Instant::now();
    world.client().get("/api/health").await.ok();
    user.get("/api/custom/collections").await.ok();
    let took = asked.elapsed();
    assert!(took < QUICK, "{took:?}");
    let status = std::fs::read_to_string(format!("/proc/{}/status", world.server().pid())).expect("it runs");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let peak: u64 = peak.and_then(|kb| kb.trim().parse().ok()).expect("Linux tells");
    assert!(peak < MOST_MEMORY_KB, "{peak} kB at most");
    let log = world.server().log();
    assert!(!log.contains("panicked"), "{log}");
}
