//! A fixed address for FAL's webhooks while servers come and go behind it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{self, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

/// How long a server may take to answer a delivery, as at FAL.
const PATIENCE: Duration = Duration::from_secs(15);
/// When a delivery is tried again that a living server did not take.
const PAUSE: Duration = Duration::from_millis(200);
/// More than a delivery of the stand-in has.
const MAX_BYTES: usize = 64 * 1024;

/// Takes every delivery and keeps it until a server has answered it with a 2xx: FAL's patience of two hours, in the
/// seconds that a test has. It closes when dropped.
#[derive(Debug)]
pub struct Door {
    address: SocketAddr,
    server: watch::Sender<Option<SocketAddr>>,
    kept: Arc<()>,
    task: JoinHandle<()>,
}

impl Door {
    /// A door on a free port that leads nowhere yet.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (server, kept) = (watch::Sender::new(None), Arc::new(()));
        let task = tokio::spawn(stand(listener, server.subscribe(), Arc::clone(&kept)));
        Self { address, server, kept, task }
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Leads to the server at `url` from now on, and tries there at once what is kept.
    ///
    /// # Panics
    /// When that is not the URL of a server of ours.
    pub fn lead_to(&self, url: &str) {
        let address = url.strip_prefix("http://").and_then(|address| address.parse().ok());
        self.server.send_replace(Some(address.expect("an address and a port")));
    }

    /// How many deliveries no server has taken yet.
    #[must_use]
    pub fn kept(&self) -> usize {
        // One is the door's own, and one its task's.
        Arc::strong_count(&self.kept) - 2
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Accepts deliveries, each of which is a task until it is taken.
async fn stand(listener: TcpListener, server: watch::Receiver<Option<SocketAddr>>, kept: Arc<()>) {
    let mut deliveries = JoinSet::new();
    loop {
        let (caller, _) = listener.accept().await.expect("a listener accepts");
        let (server, kept) = (server.clone(), Arc::clone(&kept));
        deliveries.spawn(async move {
            let _kept = kept;
            if let Ok(Ok(request)) = timeout(PATIENCE, take(caller)).await {
                deliver(&request, server).await;
            }
        });
        while deliveries.try_join_next().is_some() {}
    }
}

/// Reads a request to its end and answers it.
async fn take(mut caller: TcpStream) -> io::Result<Vec<u8>> {
    let mut request = Vec::new();
    while !is_whole(&request) {
        if caller.read_buf(&mut request).await? == 0 || request.len() > MAX_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    caller.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await?;
    Ok(request)
}

/// Whether the head is there and as much of the body as it says.
fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.map_or(0, |length| length.trim().parse().expect("a length"));
    request.len() >= end + 4 + length
}

/// Until it is taken: at once whenever another server comes, and again after a pause.
async fn deliver(request: &[u8], mut server: watch::Receiver<Option<SocketAddr>>) {
    loop {
        let address = *server.borrow_and_update();
        if let Some(address) = address
            && timeout(PATIENCE, is_taken(address, request)).await.is_ok_and(|taken| taken.unwrap_or(false))
        {
            return;
        }
        tokio::select! {
            changed = server.changed() => if changed.is_err() { return },
            () = sleep(PAUSE) => {}
        }
    }
}

/// Whether the server at `address` answers with a 2xx.
async fn is_taken(address: SocketAddr, request: &[u8]) -> io::Result<bool> {
    let mut server = TcpStream::connect(address).await?;
    server.write_all(request).await?;
    let mut status = [0; b"HTTP/1.1 2".len()];
    server.read_exact(&mut status).await?;
    Ok(status == *b"HTTP/1.1 2")
}
