//! Against real sockets: what the other side sees, and what a failure says about money.

use super::FalHost;
use generatio_core::fal::transport::{Body, Header, Method, Reason, Request, Transport, TransportError};
use generatio_core::time::Clock;
use generatio_core::{FalKey, SecretText};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

const KEY: &str = "0f0f:s3cr3t";

/// A listener on this machine and a host to reach it with.
struct Scene {
    listener: TcpListener,
    host: FalHost,
}

impl Scene {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { listener, host: FalHost::plain().unwrap() }
    }

    fn post(&self) -> Request {
        let key = FalKey::parse(SecretText::new(KEY.to_owned())).unwrap();
        Request {
            method: Method::Post,
            url: format!("http://{}/fal-ai/flux/dev?fal_webhook=nonce", self.listener.local_addr().unwrap()),
            headers: vec![Header::authorization(&key), Header::plain("content-type", "application/json")],
            body: Some(br#"{"prompt":"a cat"}"#.to_vec()),
            max_body: 1000,
            deadline: self.host.now().after(Duration::from_secs(30)),
        }
    }

    /// Accepts one connection and reads one request to the end of its body.
    async fn accept(&self) -> (TcpStream, String) {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let mut read = Vec::new();
        while !read.ends_with(b"}") {
            assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0, "the request ended early");
        }
        (stream, String::from_utf8(read).unwrap())
    }

    /// Answers one request with these bytes and closes.
    async fn answer(&self, bytes: &str) -> String {
        let (mut stream, request) = self.accept().await;
        stream.write_all(bytes.as_bytes()).await.unwrap();
        request
    }
}

#[tokio::test]
async fn a_request_arrives_as_it_was_made() {
    let scene = Scene::new().await;
    let answer = "HTTP/1.1 200 OK\r\nx-fal-billable-units: 2\r\ncontent-length: 2\r\n\r\n{}";
    let (response, request) = tokio::join!(scene.host.send(scene.post()), scene.answer(answer));
    let mut response = response.unwrap();
    assert_eq!((response.status, response.header("X-Fal-Billable-Units")), (200, Some("2")));
    assert_eq!(response.body.chunk().await, Ok(Some(b"{}".to_vec())));
    assert_eq!(response.body.chunk().await, Ok(None));
    assert!(request.starts_with("POST /fal-ai/flux/dev?fal_webhook=nonce HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n{\"prompt\":\"a cat\"}"), "{request}");
    for line in [&format!("authorization: Key {KEY}"), "content-type: application/json", "content-length: 18"] {
        assert!(request.contains(&format!("\r\n{line}\r\n")), "{line} in {request}");
    }
    assert!(!request.contains("accept-encoding") && !request.contains("transfer-encoding"), "{request}");
}

#[tokio::test]
async fn a_refused_connection_means_not_sent() {
    let scene = Scene::new().await;
    // Bound and not listening: the port is nobody else's, and refuses.
    let silent = TcpSocket::new_v4().unwrap();
    silent.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let request = Request { url: format!("http://{}/", silent.local_addr().unwrap()), ..scene.post() };
    assert_eq!(scene.host.send(request).await.unwrap_err(), TransportError::NotSent(Reason::Connection));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_means_not_sent() {
    let scene = Scene::new().await;
    let request = Request { url: "http://no-such-host.invalid/".into(), ..scene.post() };
    assert_eq!(scene.host.send(request).await.unwrap_err(), TransportError::NotSent(Reason::Connection));
}

#[tokio::test]
async fn a_failed_tls_handshake_means_not_sent() {
    let scene = Scene::new().await;
    let url = scene.post().url.replace("http:", "https:");
    let request = Request { url, ..scene.post() };
    let not_tls = async {
        let (mut stream, _) = scene.listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        stream
    };
    let (response, _stream) = tokio::join!(scene.host.send(request), not_tls);
    assert_eq!(response.unwrap_err(), TransportError::NotSent(Reason::Connection));
}

#[tokio::test]
async fn a_connection_closed_after_the_request_means_maybe_sent() {
    let scene = Scene::new().await;
    let (response, _) = tokio::join!(scene.host.send(scene.post()), scene.answer(""));
    assert_eq!(response.unwrap_err(), TransportError::MaybeSent(Reason::Connection));
}

#[tokio::test]
async fn a_deadline_that_has_passed_sends_nothing() {
    let scene = Scene::new().await;
    let request = Request { deadline: scene.host.now(), ..scene.post() };
    assert_eq!(scene.host.send(request).await.unwrap_err(), TransportError::NotSent(Reason::Deadline));
}

#[tokio::test]
async fn a_deadline_during_the_handshake_means_not_sent() {
    let scene = Scene::new().await;
    let url = scene.post().url.replace("http:", "https:");
    let deadline = scene.host.now().after(Duration::from_millis(50));
    let request = Request { url, deadline, ..scene.post() };
    // The listener's backlog takes the connection; nobody answers the handshake.
    assert_eq!(scene.host.send(request).await.unwrap_err(), TransportError::NotSent(Reason::Deadline));
}

#[tokio::test]
async fn a_deadline_while_waiting_for_the_head_means_maybe_sent() {
    let scene = Scene::new().await;
    let deadline = scene.host.now().after(Duration::from_secs(2));
    let request = Request { deadline, ..scene.post() };
    let (response, _open) = tokio::join!(scene.host.send(request), scene.accept());
    assert_eq!(response.unwrap_err(), TransportError::MaybeSent(Reason::Deadline));
}

#[tokio::test]
async fn a_deadline_in_the_middle_of_the_body_ends_it() {
    let scene = Scene::new().await;
    let deadline = scene.host.now().after(Duration::from_secs(2));
    let request = Request { deadline, ..scene.post() };
    let half = async {
        let (mut stream, _) = scene.accept().await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await.unwrap();
        stream
    };
    let (response, _open) = tokio::join!(scene.host.send(request), half);
    let mut body = response.unwrap().body;
    assert_eq!(body.chunk().await, Ok(Some(b"half".to_vec())));
    assert_eq!(body.chunk().await, Err(TransportError::MaybeSent(Reason::Deadline)));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error_and_no_end() {
    let scene = Scene::new().await;
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
    let (response, _) = tokio::join!(scene.host.send(scene.post()), scene.answer(answer));
    let mut body = response.unwrap().body;
    assert_eq!(body.chunk().await, Ok(Some(b"half".to_vec())));
    assert_eq!(body.chunk().await, Err(TransportError::MaybeSent(Reason::Connection)));
}

#[tokio::test]
async fn a_stream_is_read_as_it_comes() {
    let scene = Scene::new().await;
    let head = async {
        let (mut stream, _) = scene.accept().await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n").await.unwrap();
        stream
    };
    let (response, mut stream) = tokio::join!(scene.host.send(scene.post()), head);
    let mut body = response.unwrap().body;
    assert_eq!(body.chunk().await, Ok(Some(b"one".to_vec())));
    stream.write_all(b"3\r\ntwo\r\n").await.unwrap();
    assert_eq!(body.chunk().await, Ok(Some(b"two".to_vec())));
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    assert_eq!(body.chunk().await, Ok(None));
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit() {
    let scene = Scene::new().await;
    for (max_body, expected) in [(4, Ok(Some(b"four".to_vec()))), (3, Err(TransportError::MaybeSent(Reason::TooLarge)))]
    {
        let request = Request { max_body, ..scene.post() };
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfour";
        let (response, _) = tokio::join!(scene.host.send(request), scene.answer(answer));
        assert_eq!(response.unwrap().body.chunk().await, expected, "{max_body}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let (scene, elsewhere) = (Scene::new().await, Scene::new().await);
    let location = elsewhere.post().url;
    let answer = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
    let (response, _) = tokio::join!(scene.host.send(scene.post()), scene.answer(&answer));
    let response = response.unwrap();
    assert_eq!((response.status, response.header("location")), (302, Some(location.as_str())));
}

#[tokio::test]
async fn each_request_has_a_connection_of_its_own() {
    let scene = Scene::new().await;
    let mut open = Vec::new();
    for _ in 0..2 {
        // The server would keep it open; only a second accept lets the second request through.
        let keep_alive = async {
            let (mut stream, _) = scene.accept().await;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            stream
        };
        let (response, mut stream) = tokio::join!(scene.host.send(scene.post()), keep_alive);
        assert_eq!(response.unwrap().body.chunk().await, Ok(None));
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "the client hangs up");
        open.push(stream);
    }
}

#[tokio::test]
async fn nothing_printed_shows_the_key_or_the_nonce() {
    let scene = Scene::new().await;
    let request = scene.post();
    let (prepared, _gate) = super::prepare(scene.post()).unwrap();
    let headers = format!("{:?}", prepared.headers());
    assert!(headers.contains("application/json") && !headers.contains("s3cr3t"), "{headers}");
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let (response, _) = tokio::join!(scene.host.send(request), scene.answer(answer));
    let printed = format!("{:?} {:?}", scene.host, response.unwrap());
    assert!(!printed.contains("s3cr3t") && !printed.contains("nonce"), "{printed}");
}

#[tokio::test]
async fn the_host_for_fal_itself_refuses_plain_http() {
    let scene = Scene::new().await;
    let error = FalHost::new().send(scene.post()).await.unwrap_err();
    assert_eq!(error, TransportError::NotSent(Reason::Aborted));
}
