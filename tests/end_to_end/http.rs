//! What holds for every endpoint: CORS, unknown paths, limits, headers, bodies.

use generatio_server::http::routes::routes;
use generatio_tests::World;
use http::Method;
use serde_json::{Value, json};

/// Endpoints under `/api/custom` that need no token.
const PUBLIC: [(Method, &str); 3] = [
    (Method::GET, "/api/custom/status"),
    (Method::POST, "/api/custom/auth/login"),
    (Method::POST, "/api/custom/webhooks/fal/{nonce}"),
];

/// All others under `/api/custom`, with an id where one belongs.
fn guarded() -> Vec<(Method, String)> {
    let own = routes().filter(|route| route.pattern().starts_with("/api/custom/"));
    let (public, guarded): (Vec<_>, Vec<_>) =
        own.map(|route| (route.method().clone(), route.pattern())).partition(|route| PUBLIC.contains(route));
    assert_eq!(public.len(), PUBLIC.len(), "{public:?}");
    guarded.into_iter().map(|(method, pattern)| (method, pattern.replace("{id}", "aaaaaaaaaaaaaaa"))).collect()
}

#[tokio::test]
async fn authentication_comes_before_the_body() {
    let world = World::start().await;
    for (method, path) in guarded() {
        for authorization in ["", "nonsense", "Bearer a.b.c"] {
            let headers = [("authorization", authorization)];
            let reply = world.client().send(method.clone(), &path, &headers, Some("{broken")).await;
            reply.refused(401, "authentication_error", "Authentication required");
        }
    }
}

#[tokio::test]
async fn raw_and_bearer_tokens_are_the_same() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    for prefix in ["", "Bearer ", "bearer "] {
        let authorization = format!("{prefix}{}", user.jwt);
        let headers = [("authorization", authorization.as_str())];
        world.client().send(Method::GET, "/api/custom/collections", &headers, None).await.ok();
    }
}

#[tokio::test]
async fn preflights_are_answered_anywhere() {
    let world = World::start().await;
    for path in ["/api/custom/generate/image", "/nowhere"] {
        let headers = [
            ("origin", "https://app.example"),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization,x-session-id,content-type"),
        ];
        let reply = world.client().send(Method::OPTIONS, path, &headers, None).await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (204, ""));
        assert_eq!(reply.headers["access-control-allow-origin"], "*");
        assert_eq!(reply.headers["access-control-allow-methods"], "GET,HEAD,PUT,PATCH,POST,DELETE");
        assert_eq!(reply.headers["access-control-allow-headers"], "authorization,x-session-id,content-type");
    }
}

#[tokio::test]
async fn errors_carry_cors_headers_too() {
    let world = World::start().await;
    let headers = [("origin", "https://app.example")];
    for path in ["/api/custom/status", "/api/custom/collections", "/nowhere"] {
        let reply = world.client().send(Method::GET, path, &headers, None).await;
        assert_eq!(reply.headers["access-control-allow-origin"], "*", "{path}");
    }
}

#[tokio::test]
async fn origins_can_be_narrowed() {
    let world = World::with(&["--origins", "https://app.example"]).await;
    for (origin, allowed) in [("https://app.example", Some("https://app.example")), ("https://evil.example", None)] {
        let reply = world.client().send(Method::GET, "/api/custom/status", &[("origin", origin)], None).await;
        let header = reply.headers.get("access-control-allow-origin").map(|value| value.to_str().expect("text"));
        assert_eq!(header, allowed);
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_not_found_in_pocketbases_shape() {
    let world = World::start().await;
    for (method, path) in [
        (Method::GET, "/nowhere"),
        (Method::GET, "/api/custom/tokens/setup"),
        (Method::POST, "/api/custom/collections"),
        (Method::PUT, "/api/custom/status"),
        (Method::GET, "/api/custom/status/"),
        (Method::POST, "/api/custom/test/encryption"),
    ] {
        let reply = world.client().send(method, path, &[], None).await;
        let body = json!({ "status": 404, "message": "The requested resource wasn't found.", "data": {} });
        assert_eq!((reply.status.as_u16(), reply.json()), (404, body), "{path}");
    }
}

#[tokio::test]
async fn bodies_are_limited() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let large = json!({ "name": "x".repeat(1024 * 1024) });
    let reply = user.post("/api/custom/collections/create", &large).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["error"]), (413, &json!("validation_error")));
}

#[tokio::test]
async fn strange_bodies_are_refused() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in ["", "null", "[]", "\"x\"", "{", "{\"name\":}", "{\"name\":\"\\ud800\"}", deep.as_str()] {
        let reply = user.send(Method::POST, "/api/custom/collections/create", Some(body)).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["error"]), (400, &json!("validation_error")), "{body:.20}");
    }
    let reply = user.send(Method::POST, "/api/custom/collections/create", Some(r#"{"name":"x","unknown":1}"#)).await;
    reply.ok();
}

#[tokio::test]
async fn answers_carry_safe_headers_and_head_works() {
    let world = World::start().await;
    let reply = world.client().send(Method::HEAD, "/api/custom/status", &[], None).await;
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, ""));
    for (name, value) in [("x-content-type-options", "nosniff"), ("x-frame-options", "SAMEORIGIN")] {
        assert_eq!(reply.headers[name], value);
    }
}

#[tokio::test]
async fn a_password_or_a_session_needs_no_connection_of_its_own() {
    let world = World::start().await;
    let login = json!({ "email": "a@example.com", "password": "wrong-password" });
    let refused = world.client().post("/api/custom/auth/login", &login).await;
    refused.refused(401, "authentication_error", "Invalid credentials");
    let user = world.ready_user("a@example.com").await;
    let generated = user.generate("flux/schnell", "a heron", json!({})).await;
    generated.ok();
    for reply in [refused, generated] {
        assert_eq!(reply.headers.get("connection"), None);
    }
}

#[tokio::test]
async fn health_is_public() {
    let world = World::start().await;
    let health = world.client().get("/api/health").await.ok();
    assert_eq!((&health["code"], &health["data"]), (&json!(200), &Value::Object(serde_json::Map::new())));
}
