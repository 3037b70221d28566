//! `/api/custom/generate`: the good way, every refusal before FAL is asked, and what is told when FAL fails.

use generatio_tests::{User, World};
use http::Method;
use serde_json::{Map, Value, json};

const IMAGE: &str = "/api/custom/generate/image";

#[tokio::test]
async fn three_models_make_pictures_of_the_asked_size() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    for (model, size, cost, width, height) in [
        ("flux/schnell", json!("landscape_4_3"), json!(0.003), 1024, 768),
        ("hidream/hidream-i1-dev", json!("square_hd"), json!(0.004), 1024, 1024),
        ("hidream/hidream-i1-fast", json!({ "width": 640, "height": 480 }), json!(0.003), 640, 480),
    ] {
        let made = user.generate(model, "a heron at dawn", json!({ "image_size": size })).await.ok();
        assert_eq!((&made["model"], &made["cost"]), (&json!(model), &cost));
        let picture = &made["images"][0];
        let record = user.get(&image_path(picture)).await.ok();
        assert_eq!(record["image_size"], json!({ "width": width, "height": height }));
        assert_eq!(world.picture_size(picture["url"].as_str().expect("a link")).await, (width, height), "{model}");
    }
}

#[tokio::test]
async fn a_batch_is_one_job_of_several_rows() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let folder = user.post("/api/custom/collections/create", &json!({ "name": "Birds" })).await.ok()["id"].clone();
    let parameters = json!({ "num_images": 3, "seed": 9_007_199_254_740_993_i64, "image_size": null });
    let body = json!({
        "model": "flux/schnell", "prompt": "a heron", "parameters": parameters, "collection_id": folder,
    });
    let made = user.post(IMAGE, &body).await;
    assert!(made.text.contains(r#""cost":0.009"#), "{}", made.text);
    let made = made.ok();
    let images = made["images"].as_array().expect("an array");
    assert_eq!(images.len(), 3);
    for (index, image) in images.iter().enumerate() {
        let record = user.get(&image_path(image)).await.ok();
        assert_eq!(record["batch_number"], json!(index + 1));
        assert_eq!((&record["folder_id"], &record["prompt"]), (&folder, &json!("a heron")));
        assert_eq!(record["other_info"]["cost_usd"], json!(0.003));
        assert_eq!(record["other_info"]["seed"], json!(9_007_199_254_740_993_i64));
        assert_eq!(record["other_info"]["parameters"], json!({ "num_images": 3, "seed": 9_007_199_254_740_993_i64 }));
    }
    let job = user.get(&format!("/api/custom/generate/jobs/{}", made["job"].as_str().expect("an id"))).await.ok();
    assert_eq!((&job["state"], &job["images"]), (&json!("completed"), &made["images"]));
}

#[tokio::test]
async fn refusals_spend_nothing() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let stranger = world.user("b@example.com").await;
    let created = stranger.post("/api/custom/collections/create", &json!({ "name": "Theirs" })).await.ok();
    let folder = |id: &str| json!({ "model": "flux/schnell", "prompt": "x", "collection_id": id });
    let asks = |parameters: Value| json!({ "model": "flux/schnell", "prompt": "x", "parameters": parameters });
    let missing = "Model and prompt are required";
    let sizes = "image_size must be one of: square_hd, square, portrait_4_3, portrait_16_9, landscape_4_3, \
                 landscape_16_9 or an object with width and height";
    for (body, status, code, message) in [
        (json!({}), 400, "validation_error", missing),
        (json!({ "model": "flux/schnell" }), 400, "validation_error", missing),
        (json!({ "model": "flux/schnell", "prompt": "" }), 400, "validation_error", missing),
        (json!({ "model": "nope", "prompt": "x" }), 400, "validation_error", "unsupported model: nope"),
        (asks(json!({ "num_images": 5 })), 400, "validation_error", "num_images must be at most 4"),
        (asks(json!({ "num_images": 0 })), 400, "validation_error", "num_images must be at least 1"),
        (asks(json!({ "num_images": 1.5 })), 400, "validation_error", "num_images must be an integer"),
        (asks(json!({ "num_images": "1" })), 400, "validation_error", "num_images must be an integer"),
        (asks(json!({ "image_size": "huge" })), 400, "validation_error", sizes),
        (asks(json!({ "output_format": "gif" })), 400, "validation_error", "output_format must be one of: jpeg, png"),
        (asks(json!([])), 400, "validation_error", "Invalid request body"),
        (folder("nonsense"), 404, "not_found", "Folder not found"),
        (folder("aaaaaaaaaaaaaaa"), 404, "not_found", "Folder not found"),
        (folder(created["id"].as_str().expect("an id")), 404, "not_found", "Folder not found"),
    ] {
        user.post(IMAGE, &body).await.refused(status, code, message);
    }
    for body in [
        asks(json!({ "prompt": "another" })),
        asks(json!({ "unheard_of": 1 })),
        asks(json!({ "sync_mode": true })),
        asks(json!({ "image_size": { "width": 0, "height": 10 } })),
        asks(json!({ "image_size": { "width": 14_142, "height": 14_142 } })),
        json!({ "model": "flux/schnell", "prompt": " \n" }),
        json!({ "model": "flux/schnell", "prompt": "é".repeat(5001) }),
    ] {
        let reply = user.post(IMAGE, &body).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["error"]), (400, &json!("validation_error")), "{body}");
    }
    spent_nothing(&world, &user).await;
}

#[tokio::test]
async fn every_problem_is_named_with_its_place() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let parameters = json!({ "num_images": 9, "guidance_scale": "x", "image_size": { "width": 1.5, "height": 4 } });
    let reply = user.generate("flux/schnell", "x", parameters).await;
    let problems = reply.json()["details"]["problems"].clone();
    let mut places: Vec<String> = problems
        .as_array()
        .expect("a list")
        .iter()
        .map(|problem| problem["path"].as_str().expect("a path").to_owned())
        .collect();
    places.sort();
    assert_eq!(places, ["parameters.guidance_scale", "parameters.image_size.width", "parameters.num_images"]);
}

#[tokio::test]
async fn a_session_of_ones_own_is_needed() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let other = world.ready_user("b@example.com").await;
    let body = json!({ "model": "flux/schnell", "prompt": "x" }).to_string();
    let bearer = format!("Bearer {}", user.jwt);
    let foreign = other.session.as_deref().expect("set up");
    for session in [None, Some(""), Some("nonsense"), Some("344211a1-9286-4414-9a12-cbd937a4d62c"), Some(foreign)] {
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(session.map(|id| ("x-session-id", id)));
        let reply = world.client().send(Method::POST, IMAGE, &headers, Some(&body)).await;
        reply.refused(401, "authentication_error", "Valid session required");
    }
    spent_nothing(&world, &user).await;
}

#[tokio::test]
async fn a_client_that_goes_away_loses_nothing() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let slow = r#"slow [[sim: {"latency_ms": 400}]]"#;
    let body = json!({ "model": "flux/schnell", "prompt": slow }).to_string();
    let caller = tokio::spawn(user.clone().send_owned(Method::POST, IMAGE, body));
    world.until(async || world.book().submissions == 1).await;
    // Dropping the call closes its connection, as a closed tab does.
    caller.abort();
    world.until(async || user.stats().await["total_images"] == json!(1)).await;
    assert_eq!(user.stats().await["total_spent"], json!(0.003));
}

#[tokio::test]
async fn a_long_job_is_handed_over() {
    let world = World::with(&["--sync-wait", "50ms"]).await;
    let user = world.ready_user("a@example.com").await;
    let handed = user.generate("flux/schnell", r#"slow [[sim: {"latency_ms": 300}]]"#, json!({})).await;
    assert_eq!(handed.status.as_u16(), 202, "{}", handed.text);
    let place = handed.headers["location"].to_str().expect("a path").to_owned();
    assert_eq!(place, format!("/api/custom/generate/jobs/{}", handed.json()["id"].as_str().expect("an id")));
    world.until(async || user.get(&place).await.ok()["state"] == "completed").await;
    assert_eq!(user.get(&place).await.ok()["cost"], json!(0.003));
}

#[tokio::test]
async fn running_jobs_are_limited() {
    let world = World::with(&["--max-running-jobs", "2", "--sync-wait", "50ms"]).await;
    let user = world.ready_user("a@example.com").await;
    let slow = r#"slow [[sim: {"latency_ms": 5000}]]"#;
    for _ in 0..2 {
        assert_eq!(user.generate("flux/schnell", slow, json!({})).await.status.as_u16(), 202);
    }
    let third = user.generate("flux/schnell", slow, json!({})).await;
    assert_eq!((third.status.as_u16(), &third.json()["error"]), (429, &json!("rate_limit_error")), "{}", third.text);
    assert!(third.headers.contains_key("retry-after"));
    world.until(async || world.book().submissions == 2).await;
}

#[tokio::test]
async fn models_are_the_catalog_and_need_a_token() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let models = user.get("/api/custom/generate/models").await.ok();
    let models: &Map<String, Value> = models.as_object().expect("an object");
    assert_eq!(models.len(), 21);
    let schnell = &models["flux/schnell"];
    assert_eq!((&schnell["name"], &schnell["display_name"]), (&json!("flux/schnell"), &json!("Flux Schnell")));
    assert_eq!(schnell["cost_per_image"], json!(0.003));
    let steps = &schnell["parameters"]["num_inference_steps"];
    assert_eq!((&steps["type"], &steps["min"], &steps["max"]), (&json!("integer"), &json!(1), &json!(50)));
    let guest = world.client().get("/api/custom/generate/models").await;
    guest.refused(401, "authentication_error", "Authentication required");
}

fn image_path(picture: &Value) -> String {
    format!("/api/collections/images/records/{}", picture["id"].as_str().expect("an id"))
}

/// Neither FAL's book nor the ledger knows of anything.
async fn spent_nothing(world: &World, user: &User) {
    assert_eq!(world.book().submissions, 0);
    let stats = user.stats().await;
    assert_eq!((&stats["total_spent"], &stats["total_images"]), (&json!(0), &json!(0)));
}
