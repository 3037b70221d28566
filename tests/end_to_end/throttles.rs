//! Who guesses is slowed down, wherever a password is tried and whatever stands between.

use generatio_tests::{FAL_KEY, PASSWORD, Reply, World};
use http::Method;
use serde_json::{Value, json};

const LOGIN: &str = "/api/custom/auth/login";
const CREATE: &str = "/api/custom/auth/create-session";
const VERIFY: &str = "/api/custom/tokens/verify";
/// Failures in a row that cost nothing but themselves.
const FREE: usize = 10;

/// How often `guess` is answered before it is refused with 429.
async fn until_throttled(guess: impl AsyncFn() -> Reply) -> usize {
    for count in 0..30 {
        let reply = guess().await;
        if reply.status.as_u16() == 429 {
            assert_eq!(reply.json()["error"], "rate_limit_error");
            assert!(reply.headers.contains_key("retry-after"));
            return count;
        }
    }
    panic!("never slowed down");
}

/// A guess at somebody's password, forwarded for this address.
async fn forwarded_for(world: &World, address: &str) -> Reply {
    let guess = json!({ "email": "ann@example.com", "password": "wrong-password" }).to_string();
    world.client().send(Method::POST, LOGIN, &[("x-forwarded-for", address)], Some(&guess)).await
}

#[tokio::test]
async fn a_trusted_proxy_s_clients_are_counted_each_for_itself() {
    let world = World::with(&["--trusted-proxies", "127.0.0.1"]).await;
    world.user("ann@example.com").await;
    // What a client wrote itself stands left of what the proxy saw.
    assert!(until_throttled(async || forwarded_for(&world, "203.0.113.1, 192.0.2.7").await).await >= FREE);
    forwarded_for(&world, "192.0.2.7, 192.0.2.8").await.refused(401, "authentication_error", "Invalid credentials");
    // An IPv6 network of 64 bits is one.
    assert!(until_throttled(async || forwarded_for(&world, "2001:db8:1:2::1").await).await >= FREE);
    assert!(until_throttled(async || forwarded_for(&world, "2001:db8:1:2:ffff::9").await).await < FREE);
    forwarded_for(&world, "2001:db8:1:3::1").await.refused(401, "authentication_error", "Invalid credentials");
    let log = world.server().log();
    assert!(log.contains("client=192.0.2.8"), "{log}");
}

#[tokio::test]
async fn nobody_else_s_word_is_taken() {
    let world = World::start().await;
    world.user("ann@example.com").await;
    let made_up = std::sync::atomic::AtomicUsize::new(0);
    let guess = async || {
        let last = made_up.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        forwarded_for(&world, &format!("192.0.2.{last}")).await
    };
    assert!(until_throttled(guess).await >= FREE);
    assert!(!world.server().log().contains("client=192.0.2."));
}

/// Whoever stole a login must not guess on at the token.
#[tokio::test]
async fn guesses_at_a_token_s_password_are_slowed_down() {
    let world = World::with(&["--pbkdf2-iterations", "100000"]).await;
    let user = world.user("ann@example.com").await;
    user.post("/api/custom/tokens/setup", &json!({ "fal_token": FAL_KEY, "password": PASSWORD })).await.ok();
    let (wrong, right) = (json!({ "password": "wrong-password" }), json!({ "password": PASSWORD }));
    for _ in 1..FREE {
        user.post(CREATE, &wrong).await.refused(401, "authentication_error", "Invalid password");
    }
    // What opens takes the failures back.
    user.post(CREATE, &right).await.ok();
    let guess = async |path: &str| user.post(path, &wrong).await;
    assert!(until_throttled(async || guess(VERIFY).await).await >= FREE);
    assert!(until_throttled(async || guess(CREATE).await).await < FREE, "one counter for both");
    // The login is another matter, and so is a token that its owner opened elsewhere.
    let login = json!({ "email": "ann@example.com", "password": PASSWORD });
    let login: Value = world.client().post(LOGIN, &login).await.ok();
    assert_eq!(login["message"], "Login successful with auto-created session");
    user.post(CREATE, &json!({ "fal_token": FAL_KEY })).await.ok();
}
