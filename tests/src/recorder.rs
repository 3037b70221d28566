//! A wire that remembers: it stands before a server, passes on every byte both ways, and keeps what the server received.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{self, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Keeps request lines, headers and bodies as they went over the wire. It closes when dropped.
#[derive(Debug)]
pub struct Recorder {
    address: SocketAddr,
    received: Received,
    task: JoinHandle<()>,
}

type Received = Arc<Mutex<Vec<u8>>>;

impl Recorder {
    /// On a free port, before the server at `url`.
    ///
    /// # Panics
    /// When there is no free port, or that is not the URL of a server of ours.
    pub async fn before(url: &str) -> Self {
        let server = url.strip_prefix("http://").and_then(|address| address.parse().ok());
        let server = server.expect("an address and a port");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let received = Received::default();
        let task = tokio::spawn(accept(listener, server, Arc::clone(&received)));
        Self { address, received, task }
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All bytes so far, those of a connection in their order.
    #[must_use]
    pub fn received(&self) -> Vec<u8> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, received: Received) {
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.expect("a listener accepts");
        connections.spawn(connect(client, server, Arc::clone(&received)));
        while connections.try_join_next().is_some() {}
    }
}

/// One connection until either side ends it.
async fn connect(client: TcpStream, server: SocketAddr, received: Received) -> io::Result<()> {
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, to_server) = TcpStream::connect(server).await?.into_split();
    tokio::try_join!(record(from_client, to_server, &received), async {
        io::copy(&mut from_server, &mut to_client).await?;
        to_client.shutdown().await
    })?;
    Ok(())
}

/// Each piece is kept whole, so that pieces of two connections do not mix within one.
async fn record(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, received: &Received) -> io::Result<()> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut piece).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        received.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&piece[..length]);
        to.write_all(&piece[..length]).await?;
    }
}
