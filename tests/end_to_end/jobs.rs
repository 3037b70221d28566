//! Jobs that nobody waits for, and the list of one's jobs.

use generatio_tests::{User, World};
use serde_json::{Value, json};

const JOBS: &str = "/api/custom/generate/jobs";
const ASYNC: (&str, &str) = ("prefer", "wait=1, respond-async");

#[tokio::test]
async fn who_prefers_it_gets_the_job_at_once() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let slow = r#"slow [[sim: {"latency_ms": 200}]]"#;
    let handed = user.generate_with(&[ASYNC], slow).await;
    assert_eq!(handed.status.as_u16(), 202, "{}", handed.text);
    assert_eq!(handed.headers["preference-applied"], "respond-async");
    let job = handed.json();
    let place = format!("{JOBS}/{}", job["id"].as_str().expect("an id"));
    assert_eq!(handed.headers["location"], place);
    assert_eq!((&job["held"], &job["images"]), (&json!(0.003), &json!([])));
    world.until(async || user.get(&place).await.ok()["state"] == "completed").await;
    let done = user.get(&place).await.ok();
    assert_eq!((&done["cost"], done["images"].as_array().map(Vec::len)), (&json!(0.003), Some(1)));
}

#[tokio::test]
async fn a_preference_excuses_no_check() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    user.generate_with(&[ASYNC], "").await.refused(400, "validation_error", "Model and prompt are required");
    let made = user.generate_with(&[("prefer", "return=minimal")], "x").await;
    made.ok();
    assert!(!made.headers.contains_key("preference-applied"));
}

#[tokio::test]
async fn jobs_are_listed_newest_first_page_by_page() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let other = world.ready_user("b@example.com").await;
    other.generate("flux/schnell", "theirs", json!({})).await.ok();
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(user.generate("flux/schnell", "x", json!({})).await.ok());
    }
    made.reverse();
    let whole = list(&user, "").await;
    assert_eq!((ids(&whole), &whole["next"]), (made.iter().map(|made| made["job"].clone()).collect(), &Value::Null));
    assert_eq!(whole["items"][0]["images"], made[0]["images"]);

    let first = list(&user, "?limit=2").await;
    assert_eq!((ids(&first), &first["next"]), (ids(&whole)[..2].to_vec(), &made[1]["job"]));
    let cursor = first["next"].as_str().expect("a cursor");
    let second = list(&user, &format!("?limit=2&cursor={cursor}")).await;
    assert_eq!((ids(&second), &second["next"]), (ids(&whole)[2..].to_vec(), &Value::Null));
    let foreign = other.get(&format!("{JOBS}?cursor={cursor}")).await;
    foreign.refused(400, "validation_error", "The parameter cursor must be the next of an earlier page");
}

#[tokio::test]
async fn states_narrow_the_list() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let made = user.generate("flux/schnell", "x", json!({})).await.ok();
    let failed = user.generate("flux/schnell", r#"x [[sim: {"fault": "job_failed_422"}]]"#, json!({})).await;
    assert_eq!(ids(&list(&user, "?state=completed").await), [made["job"].clone()]);
    assert_eq!(ids(&list(&user, "?state=failed").await), [failed.json()["details"]["job"].clone()]);
    assert_eq!(list(&user, "?state=unknown").await, json!({ "items": [], "next": null }));
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    for query in ["?state=", "?state=done", "?limit=0", "?limit=201", "?limit=x", "?cursor=", "?cursor=nonsense"] {
        let reply = user.get(&format!("{JOBS}{query}")).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["error"]), (400, &json!("validation_error")), "{query}");
    }
    world.client().get(JOBS).await.refused(401, "authentication_error", "Authentication required");
}

async fn list(user: &User, query: &str) -> Value {
    user.get(&format!("{JOBS}{query}")).await.ok()
}

fn ids(list: &Value) -> Vec<Value> {
    list["items"].as_array().expect("a list").iter().map(|job| job["id"].clone()).collect()
}
