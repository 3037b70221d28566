//! Another's job reads as missing, whatever the report; nobody reports without a login.

use super::browser;
use generatio_server::http::routes::routes;
use generatio_tests::{Browser, World};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The routes to somebody's record, each with a report that is good.
fn reports() -> [(Method, &'static str, Value); 3] {
    [
        (Method::DELETE, "/api/custom/generate/record/{id}", Value::Null),
        (Method::PUT, "/api/custom/generate/record/{id}/submitted", json!({ "request_id": "r" })),
        (Method::PUT, "/api/custom/generate/record/{id}/result", json!({ "error": { "status": 422 } })),
    ]
}

#[test]
fn the_table_names_every_route_to_a_record() {
    let found: BTreeSet<_> = routes()
        .filter(|route| route.pattern().starts_with("/api/custom/generate/record/"))
        .map(|route| (route.method().to_string(), route.pattern()))
        .collect();
    assert_eq!(found, reports().into_iter().map(|(method, pattern, _)| (method.to_string(), pattern)).collect());
}

#[tokio::test]
async fn anothers_record_reads_as_missing() {
    let world = World::start().await;
    let owner = browser(&world).await;
    let other = Browser::new(&world.user("b@example.com").await);
    let reserved = owner.reserve("mine", 1).await;
    let before = owner.job(&reserved.id).await;
    for (method, pattern, body) in reports() {
        let body = (!body.is_null()).then(|| body.to_string());
        for id in [reserved.id.as_str(), "ccccccccccccccc", "no id"] {
            let path = pattern.replace("{id}", &id.replace(' ', "%20"));
            let reply = other.user().send(method.clone(), &path, body.as_deref()).await;
            reply.refused(404, "not_found", "Job not found");
        }
        let path = pattern.replace("{id}", &reserved.id);
        let guest = world.client().send(method.clone(), &path, &[], body.as_deref()).await;
        guest.refused(401, "authentication_error", "Authentication required");
    }
    assert_eq!(owner.job(&reserved.id).await, before);
    assert_eq!(other.user().get(super::OPEN).await.ok()["items"], json!([]));
}
