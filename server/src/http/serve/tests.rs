use super::{Bounds, CONNECTIONS, HEAD_DEADLINE, WRITE_DEADLINE, serve_within};
use crate::http::answer::tests::app;
use std::net::SocketAddr;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
    _folder: TempDir,
}

async fn start() -> Running {
    start_with(BOUNDS).await
}

const BOUNDS: Bounds = Bounds {
    connections: CONNECTIONS,
    of_block: CONNECTIONS,
    head_deadline: HEAD_DEADLINE,
    write_deadline: WRITE_DEADLINE,
};
const MOMENT: Duration = Duration::from_millis(50);

async fn start_with(bounds: Bounds) -> Running {
    let (app, folder) = app().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let stopped = async move { drop(stopped.await) };
    let served = tokio::spawn(serve_within(listener, None, app, stopped, bounds));
    Running { address, stop, served, _folder: folder }
}

/// Status line, headers and body of the next answer on a connection.
async fn next_answer(stream: &mut BufReader<TcpStream>) -> (String, String) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(stream.read_line(&mut head).await.unwrap(), 0, "the connection ended after {head:?}");
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.unwrap();
    (head, String::from_utf8(body).unwrap())
}

async fn connect(running: &Running) -> BufReader<TcpStream> {
    BufReader::new(TcpStream::connect(running.address).await.unwrap())
}

#[tokio::test]
async fn connections_are_kept_and_closed_at_the_end() {
    let running = start().await;
    let mut stream = connect(&running).await;
    for _ in 0..2 {
        stream.write_all(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let (head, body) = next_answer(&mut stream).await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(body.contains("API is healthy."));
    }
    running.stop.send(()).unwrap();
    running.served.await.unwrap();
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "an idle connection is closed");
    assert!(TcpStream::connect(running.address).await.is_err(), "nobody listens");
}

#[tokio::test]
async fn requests_that_come_ahead_of_their_turn_are_answered_in_it() {
    let running = start().await;
    let mut stream = connect(&running).await;
    let health = b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n".as_slice();
    let body =
        b"POST /api/realtime HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    let (begun, rest) = health.split_at(20);
    stream.write_all(&[health, body, health, begun].concat()).await.unwrap();
    for status in ["200", "400", "200"] {
        let (head, _) = next_answer(&mut stream).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")) && !head.contains("connection: close"), "{head}");
    }
    stream.write_all(rest).await.unwrap();
    assert!(next_answer(&mut stream).await.0.starts_with("HTTP/1.1 200"), "what had begun to come ahead goes on");
    for byte in health {
        stream.write_all(&[*byte]).await.unwrap();
        stream.flush().await.unwrap();
    }
    assert!(next_answer(&mut stream).await.0.starts_with("HTTP/1.1 200"), "in pieces");
}

#[tokio::test]
async fn an_answer_under_way_is_finished() {
    let running = start().await;
    let mut stream = connect(&running).await;
    let head = "POST /api/collections/generatio_users/auth-with-password HTTP/1.1\r\nHost: x\r\n\
                Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let (proceed, _) = next_answer(&mut stream).await;
    assert!(proceed.starts_with("HTTP/1.1 100 Continue"), "the handler waits for the body: {proceed}");
    running.stop.send(()).unwrap();
    stream.write_all(b"{}").await.unwrap();
    let (head, body) = next_answer(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 400") && body.contains("validation_required"), "{head}{body}");
    running.served.await.unwrap();
}

#[tokio::test]
async fn what_carries_secrets_needs_no_connection_of_its_own() {
    let running = start().await;
    let mut stream = connect(&running).await;
    let account = r#"{"email":"a@example.com","password":"hunter2hunter2","passwordConfirm":"hunter2hunter2"}"#;
    let identity = r#"{"identity":"a@example.com","password":"hunter2hunter2"}"#;
    let requests = [
        ("POST /api/collections/generatio_users/records", account),
        ("POST /api/collections/generatio_users/auth-with-password", identity),
        ("GET /api/health", ""),
    ];
    for (asked, body) in requests {
        let head = "Host: x\r\nX-Session-ID: x\r\nContent-Type: application/json\r\nContent-Length";
        let request = format!("{asked} HTTP/1.1\r\n{head}: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).await.unwrap();
        let (head, _) = next_answer(&mut stream).await;
        assert!(head.starts_with("HTTP/1.1 200") && !head.contains("\r\nconnection:"), "{asked}: {head}");
    }
    running.stop.send(()).unwrap();
    running.served.await.unwrap();
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "idle, as any other");
}

#[tokio::test]
async fn heads_are_bounded() {
    let running = start().await;
    for (length, status) in [(10_000, "200"), (70_000, "431")] {
        let mut stream = connect(&running).await;
        let head = format!("GET /api/health HTTP/1.1\r\nHost: x\r\nX-Long: {}", "x".repeat(length));
        stream.write_all(head.as_bytes()).await.unwrap();
        if status == "200" {
            stream.write_all(b"\r\n\r\n").await.unwrap();
        }
        let (answer, _) = next_answer(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
}

#[tokio::test]
async fn who_does_not_read_loses_the_connection() {
    let running = start_with(Bounds { write_deadline: MOMENT, ..BOUNDS }).await;
    let socket = TcpSocket::new_v4().unwrap();
    // Little room for what is not read.
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(running.address).await.unwrap();
    let requests = "GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
    // Written without end, until the server reads no more because nothing of its answers is read, and gives up.
    let closed = async { while stream.write_all(requests.as_bytes()).await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(60), closed).await.expect("the connection is closed");
    // The server goes on.
    let mut another = connect(&running).await;
    another.write_all(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(next_answer(&mut another).await.0.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn who_does_not_finish_a_head_loses_the_connection() {
    let running = start_with(Bounds { head_deadline: MOMENT, ..BOUNDS }).await;
    for beginning in ["", "GET /api/health HTTP/1.1\r\nX-Slow: "] {
        let mut stream = connect(&running).await;
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let closed = tokio::time::timeout(Duration::from_secs(60), stream.read(&mut [0])).await;
        assert_eq!(closed.expect("the connection is closed").unwrap_or(0), 0, "{beginning:?} is not answered");
    }
}

#[tokio::test]
async fn an_address_has_its_share_of_connections() {
    let running = start_with(Bounds { of_block: 2, ..BOUNDS }).await;
    let ask = async |stream: &mut BufReader<TcpStream>| {
        stream.write_all(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        next_answer(stream).await.0.starts_with("HTTP/1.1 200 OK")
    };
    let mut kept = [connect(&running).await, connect(&running).await];
    for stream in &mut kept {
        assert!(ask(stream).await);
    }
    let mut refused = connect(&running).await;
    assert_eq!(refused.read(&mut [0]).await.unwrap_or(0), 0, "one too many is closed");
    let elsewhere = TcpSocket::new_v4().unwrap();
    elsewhere.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut elsewhere = BufReader::new(elsewhere.connect(running.address).await.unwrap());
    assert!(ask(&mut elsewhere).await, "others have their own");
}
