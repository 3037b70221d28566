//! A client of one address of this machine: everybody in 127.0.0.0/8 is somebody else to the server's throttles.

use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// Where to, and where from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    server: SocketAddr,
    own: Ipv4Addr,
}

impl Caller {
    /// The caller of this number, below 65,536.
    pub(crate) fn new(url: &str, number: usize) -> Self {
        let server = url.strip_prefix("http://").and_then(|address| address.parse().ok()).expect("an address");
        let number = u16::try_from(number).expect("as many callers as there are addresses in 127.7.0.0/16");
        let [high, low] = number.to_be_bytes();
        Self { server, own: Ipv4Addr::new(127, 7, high, low) }
    }

    /// A connection of its own, for one exchange or more.
    pub(crate) async fn connect(&self) -> Connection {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind((self.own, 0).into()).expect("an address of this machine");
        Connection { stream: socket.connect(self.server).await.expect("the server takes connections") }
    }

    /// One exchange on a connection of its own; the JSON of an answer that must be 200.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Value {
        self.connect().await.ask(method, path, headers, body).await
    }
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
}

impl Connection {
    /// One exchange; the JSON of an answer that must be 200.
    pub(crate) async fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Value {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: here\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() {
            request += "content-type: application/json\r\n";
        }
        // In two writes, as a client may do it that has its head ready before its headers.
        let (start, rest) = request.split_at(request.len() / 2);
        self.stream.write_all(start.as_bytes()).await.expect("the server reads");
        tokio::task::yield_now().await;
        self.stream.write_all(format!("{rest}\r\n{body}").as_bytes()).await.expect("the server reads");
        self.answer(path).await
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
            let mut piece = [0; 4096];
            let count = self.stream.read(&mut piece).await.expect("the server answers");
            assert!(count > 0, "{path}: the answer ended early: {text}");
            read.extend_from_slice(&piece[..count]);
        }
    }
}
