//! A client of one address of this machine: everybody in 127.0.0.0/8 is somebody else to the server's throttles.

use crate::tls::Certified;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio_rustls::TlsConnector;

/// Where a server takes connections, and by which protocol.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) server: SocketAddr,
    tls: Option<TlsConnector>,
}

impl Door {
    pub(crate) fn new(url: &str, certified: Option<&Certified>) -> Self {
        let (_, address) = url.split_once("://").expect("a URL");
        Self { server: address.parse().expect("an address"), tls: certified.map(Certified::connector) }
    }
}

/// Where to, and where from.
#[derive(Clone)]
pub(crate) struct Caller {
    door: Door,
    own: Ipv4Addr,
}

impl Caller {
    /// The caller of this number, below 65,536.
    pub(crate) fn new(door: &Door, number: usize) -> Self {
        let number = u16::try_from(number).expect("as many callers as there are addresses in 127.7.0.0/16");
        let [high, low] = number.to_be_bytes();
        Self { door: door.clone(), own: Ipv4Addr::new(127, 7, high, low) }
    }

    /// A connection of its own, for one exchange or more.
    pub(crate) async fn connect(&self) -> Connection {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind((self.own, 0).into()).expect("an address of this machine");
        let stream = socket.connect(self.door.server).await.expect("the server takes connections");
        let stream: Box<dyn Stream> = match &self.door.tls {
            None => Box::new(stream),
            Some(tls) => Box::new(tls.connect(Certified::name(), stream).await.expect("the server shakes hands")),
        };
        Connection { stream }
    }

    /// One exchange on a connection of its own; the JSON of an answer that must be 200.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Value {
        self.connect().await.ask(method, path, headers, body).await
    }
}

/// Bytes both ways.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// An open connection.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
}

impl Connection {
    /// One exchange; the JSON of an answer that must be 200.
    pub(crate) async fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Value {
        let request = request(method, path, headers, body);
        // In two pieces, as they may come from afar.
        let (start, rest) = request.split_at(request.len() / 2);
        for piece in [start, rest] {
            self.write(piece).await;
            tokio::task::yield_now().await;
        }
        self.answer(path).await
    }

    /// Asks for a stream of events, and waits until `sign` is in it.
    pub(crate) async fn listen(&mut self, path: &str, headers: &[(&str, &str)], sign: &str) {
        self.write(&request("GET", path, headers, "")).await;
        let mut read = Vec::new();
        while !String::from_utf8_lossy(&read).contains(sign) {
            self.read(path, &mut read).await;
        }
    }

    async fn write(&mut self, piece: &str) {
        self.stream.write_all(piece.as_bytes()).await.expect("the server reads");
        self.stream.flush().await.expect("the server reads");
    }

    async fn answer(&mut self, path: &str) -> Value {
        let mut read = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&read);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if length.and_then(|length| length.parse().ok()).is_none_or(|length: usize| body.len() >= length) {
                    assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {text}");
                    return serde_json::from_str(body).unwrap_or_default();
                }
            }
            self.read(path, &mut read).await;
        }
    }

    /// Appends what comes next.
    async fn read(&mut self, path: &str, read: &mut Vec<u8>) {
        let mut piece = [0; 4096];
        let count = self.stream.read(&mut piece).await.expect("the server answers");
        assert!(count > 0, "{path}: the answer ended early: {}", String::from_utf8_lossy(read));
        read.extend_from_slice(&piece[..count]);
    }
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: here\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        request += "content-type: application/json\r\n";
    }
    format!("{request}\r\n{body}")
}
