//! A user's rows are theirs: anyone else's id reads as missing, and nothing of it changes.

use generatio_tests::World;
use http::Method;
use serde_json::json;

#[tokio::test]
async fn anothers_ids_read_as_missing() {
    let world = World::start().await;
    let owner = world.ready_user("a@example.com").await;
    let other = world.ready_user("b@example.com").await;
    let made = owner.generate("flux/schnell", "mine", json!({})).await.ok();
    let image = made["images"][0]["id"].as_str().expect("an id");
    let job = made["job"].as_str().expect("an id");
    for (path, for_guests) in [
        (format!("/api/collections/images/records/{image}"), 404),
        (format!("/api/collections/generatio_users/records/{}", owner.id), 404),
        (format!("/api/custom/generate/jobs/{job}"), 401),
    ] {
        owner.get(&path).await.ok();
        let missing = path
            .replace(image, "aaaaaaaaaaaaaaa")
            .replace(&owner.id, "bbbbbbbbbbbbbbb")
            .replace(job, "ccccccccccccccc");
        let (foreign, missing) = (other.get(&path).await, other.get(&missing).await);
        assert_eq!((foreign.status.as_u16(), &foreign.text), (404, &missing.text), "{path}");
        let guest = world.client().get(&path).await;
        assert_eq!(guest.status.as_u16(), for_guests, "{path}");
    }
    assert_eq!(other.stats().await["total_images"], json!(0));
}

#[tokio::test]
async fn a_token_of_one_never_acts_for_another() {
    let world = World::start().await;
    let owner = world.ready_user("a@example.com").await;
    let other = world.user("b@example.com").await;
    let claims = |jwt: &str| jwt.split('.').nth(1).expect("claims").to_owned();
    let mut parts: Vec<&str> = owner.jwt.split('.').collect();
    let theirs = claims(&other.jwt);
    parts[1] = &theirs;
    let forged = parts.join(".");
    let headers = [("authorization", forged.as_str())];
    let reply = world.client().send(Method::GET, "/api/custom/auth/token-status", &headers, None).await;
    reply.refused(401, "authentication_error", "Authentication required");
}
