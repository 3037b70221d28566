//! `GET /api/custom/status`: public.

use generatio_tests::World;
use serde_json::json;

#[tokio::test]
async fn anyone_may_read_the_status() {
    let world = World::start().await;
    let status = world.client().get("/api/custom/status").await.ok();
    assert_eq!(status["status"], "ok");
    assert_eq!(status["services"]["encryption"], "AES-256-GCM with PBKDF2");
    assert_eq!(status["services"]["sessions"], json!({ "active": 0, "total": 0 }));
    assert_eq!(status["custody"], json!(["password", "sealed", "direct"]));
    assert_eq!(status["registration"], "open");
    assert_eq!(status["fal_url"], json!(world.fal().url()), "it is on this machine");
    let models = status["available_models"].as_object().expect("an object");
    for (name, display_name, cost) in [
        ("flux/schnell", "Flux Schnell", 0.003),
        ("hidream/hidream-i1-dev", "HiDream I1 Dev", 0.004),
        ("hidream/hidream-i1-fast", "HiDream I1 Fast", 0.003),
    ] {
        let model = &models[name];
        assert_eq!(model["name"], name);
        assert_eq!((&model["display_name"], &model["cost_per_image"]), (&json!(display_name), &json!(cost)));
    }
}

#[tokio::test]
async fn sessions_are_counted() {
    let world = World::start().await;
    world.ready_user("a@example.com").await;
    let status = world.client().get("/api/custom/status").await.ok();
    assert_eq!(status["services"]["sessions"], json!({ "active": 1, "total": 1 }));
}
