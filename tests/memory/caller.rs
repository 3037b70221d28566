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
        let own = stream.local_addr().expect("it is connected");
        let stream: Box<dyn Stream> = match &self.door.tls {
            None => Box::new(stream),
            Some(tls) => Box::new(tls.connect(Certified::name(), stream).await.expect("the server shakes hands")),
        };
        Connection { stream, own, read: Vec::new() }
    }
}

/// Bytes both ways.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// An open connection.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    /// Its end here.
    pub(crate) own: SocketAddr,
    /// What has come and belongs to no answer yet.
    read: Vec<u8>,
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

    /// Waits until `sign` is in the stream of events that was asked for.
    pub(crate) async fn hear(&mut self, sign: &str) {
        while !String::from_utf8_lossy(&self.read).contains(sign) {
            self.read(sign).await;
        }
    }

    /// Sends it as it is: a request, several, or a part of one.
    pub(crate) async fn write(&mut self, piece: &str) {
        self.stream.write_all(piece.as_bytes()).await.expect("the server reads");
        self.stream.flush().await.expect("the server reads");
    }

    /// The JSON of the next answer, which must be 200.
    pub(crate) async fn answer(&mut self, path: &str) -> Value {
        loop {
            let text = String::from_utf8_lossy(&self.read);
            if let Some((head, rest)) = text.split_once("\r\n\r\n") {
                assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {text}");
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                let length = length.map_or(0, |length| length.parse().expect("a number"));
                if let Some(body) = rest.as_bytes().get(..length) {
                    let answer = serde_json::from_slice(body).unwrap_or_default();
                    let whole = head.len() + "\r\n\r\n".len() + length;
                    self.read.drain(..whole);
                    return answer;
                }
            }
            self.read(path).await;
        }
    }

    /// Takes what comes next.
    async fn read(&mut self, awaited: &str) {
        let mut piece = [0; 4096];
        let count = self.stream.read(&mut piece).await.expect("the server answers");
        assert!(count > 0, "{awaited}: the connection ended after {}", String::from_utf8_lossy(&self.read));
        self.read.extend_from_slice(&piece[..count]);
    }
}

/// A whole request.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: here\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        request += "content-type: application/json\r\n";
    }
    format!("{request}\r\n{body}")
}
