//! Keys, cross-origin requests and connections.

use crate::client::{Answer, Fal, KEY, SCHNELL};
use generatio_fal_sim::{Options, Sim, serve};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn refusals_are_in_fals_words() {
    let missing = "Cannot access application \"fal-ai/flux\". Authentication is required to access this application.";
    let locked = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.";
    let form = "invalid key format, the expected form is <key_id>:<key_secret>";
    let cases = [
        (None, 401, missing),
        (Some("Key bad-id:secret"), 401, "invalid key credentials"),
        (Some("Key nonsense"), 401, form),
        (Some("Bearer id:secret"), 401, "bearer: unable to decode issuer"),
        (Some("Key poor-id:secret"), 403, locked),
    ];
    let fal = Fal::immediate().await;
    for (key, status, text) in cases {
        for path in [SCHNELL, "/run/fal-ai/flux/schnell"] {
            let mut request = fal.request("POST", path).body(r#"{"prompt":"x"}"#);
            if let Some(key) = key {
                request = request.header("authorization", key);
            }
            let answer = Answer::read(request.send().await.unwrap()).await.unwrap();
            assert_eq!((answer.status, answer.json()), (status, json!({"detail": text})), "{key:?} {path}");
            assert!(answer.header("x-fal-request-id").is_some());
        }
    }
    let book = fal.sim.book();
    assert_eq!((book.submissions, book.refused), (0, 10));
}

#[tokio::test]
async fn a_key_can_be_checked_for_nothing() {
    let fal = Fal::start(Options { keys: vec!["only:this".parse().unwrap()], ..Options::immediate() }).await;
    let url = "/fal-ai/flux/requests/0199c0de-0000-7000-8000-000000000000/status";
    for (key, status) in [("Key only:this", 404), ("Key only:that", 401), (KEY, 401)] {
        let answer = fal.request("GET", url).header("authorization", key).send().await.unwrap();
        assert_eq!(answer.status(), status, "{key}");
    }
    assert_eq!(fal.sim.book().submissions, 0);
}

#[tokio::test]
async fn browsers_are_let_in() {
    let fal = Fal::immediate().await;
    for path in [SCHNELL, "/files/b/0/x.png", "/storage/upload/initiate"] {
        let request = fal.request("OPTIONS", path).header("origin", "http://page.test");
        let request = request.header("access-control-request-headers", "authorization,content-type");
        let answer = Answer::read(request.send().await.unwrap()).await.unwrap();
        assert_eq!(
            (answer.status, answer.header("access-control-allow-origin")),
            (200, Some("http://page.test")),
            "{path}"
        );
        assert_eq!(answer.header("access-control-allow-headers"), Some("authorization,content-type"));
        assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    }
    let answer = fal.submit(&json!({"prompt": "x"})).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert!(answer.header("access-control-expose-headers").unwrap().contains("x-fal-billable-units"));
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let fal = Fal::immediate().await;
    let mut stream = TcpStream::connect(fal.sim.addr()).await.unwrap();
    for _ in 0..3 {
        stream.write_all(b"GET /sim/keys HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"{\"detail\":\"Not Found\"}") {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
        }
        assert!(answer.starts_with(b"HTTP/1.1 404"));
    }
}

#[tokio::test]
async fn bodies_are_bounded() {
    let fal = Fal::immediate().await;
    let body = vec![b' '; 16 * 1024 * 1024 + 1];
    let answer = fal.request("POST", SCHNELL).header("authorization", KEY).body(body).send().await;
    // The answer may be lost to the bytes that were still on their way.
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status() == 413));
    assert_eq!(fal.sim.book().submissions, 0);
}

#[tokio::test]
async fn a_taken_address_is_an_error_and_a_stopped_one_is_free() {
    let first = Sim::start(Options::immediate()).await.unwrap();
    let options = Options { http: first.addr(), ..Options::immediate() };
    let error = Sim::start(options.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on {}", first.addr()));
    first.shutdown().await;
    Sim::start(options).await.unwrap().shutdown().await;
}

#[tokio::test]
async fn a_listener_of_ones_own_is_served_until_told_to_stop() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let served = tokio::spawn(serve(listener, Options::immediate(), async { stopped.await.unwrap() }));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /sim/book HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains(r#"{"submissions":0,"#), "{answer}");
    stop.send(()).unwrap();
    served.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
