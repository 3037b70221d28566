//! The accept loop: HTTP/1.1 connections, bounded in number, headers and time, and a quiet end.

mod deadline;
mod places;
mod shutdown;
mod tls;
mod turns;

pub use tls::{Tls, TlsError, certificates};

use super::answer::answer;
use crate::app::App;
use crate::open_files;
use deadline::Deadline;
use http_body_util::BodyExt;
use hyper::server::conn::http1;
use hyper_util::rt::TokioTimer;
use places::{Place, Places};
use shutdown::{Shutdown, Watcher};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

/// Connections at a time; more wait in the system's queue.
const CONNECTIONS: usize = 16_384;
/// Connections at a time of one address block; more are closed at once. Room for the many behind one NAT, and three times as
/// much for others.
const CONNECTIONS_OF_BLOCK: usize = CONNECTIONS / 4;
/// Files that connections leave to the database, to pictures and to calls to FAL.
const OTHER_FILES: u64 = 256;
/// How long a client may take to send a request's head, or to think of the next request.
const HEAD_DEADLINE: Duration = Duration::from_secs(30);
/// How long a client may take nothing of what it is sent. Streams are no exception: what is told on them has to be read.
const WRITE_DEADLINE: Duration = Duration::from_secs(60);
/// Largest request head, and largest piece of a body that is buffered at once.
const BUFFER: usize = 64 * 1024;
/// Pause after a failed accept: as a rule the process is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `app` on `listener` until `shutdown` is ready. Then nothing new is accepted, idle connections close, running
/// answers are finished, and it returns with the last of them. How long that may take is for the caller to bound.
pub async fn serve(listener: TcpListener, tls: Option<Arc<Tls>>, app: Arc<App>, shutdown: impl Future<Output = ()>) {
    serve_within(listener, tls, app, shutdown, Bounds::for_this_process()).await;
}

/// How many clients there may be, and how slow.
#[derive(Clone, Copy)]
struct Bounds {
    connections: usize,
    of_block: usize,
    head_deadline: Duration,
    write_deadline: Duration,
}

impl Bounds {
    /// As many connections as the process may have open.
    fn for_this_process() -> Self {
        let files = open_files::most().map_or(u64::MAX, |most| most.saturating_sub(OTHER_FILES).max(OTHER_FILES));
        let connections = usize::try_from(files).unwrap_or(usize::MAX).min(CONNECTIONS);
        if connections < CONNECTIONS {
            tracing::warn!(connections, "the limit of open files leaves fewer connections than there could be");
        }
        let of_block = CONNECTIONS_OF_BLOCK.min(connections.div_ceil(4));
        Self { connections, of_block, head_deadline: HEAD_DEADLINE, write_deadline: WRITE_DEADLINE }
    }
}

async fn serve_within(
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    app: Arc<App>,
    shutdown: impl Future<Output = ()>,
    bounds: Bounds,
) {
    let graceful = Shutdown::new();
    let places = Places::new(bounds.connections, bounds.of_block);
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &app, &places) => accepted,
        };
        if let Some((stream, peer, place)) = accepted {
            // Answers go out at once; a socket that cannot do that still works.
            let _ = stream.set_nodelay(true);
            let patience = bounds.write_deadline;
            let (tls, app, watcher) = (tls.clone(), Arc::clone(&app), graceful.watcher());
            tokio::spawn(async move {
                match tls {
                    None => {
                        let stream = Deadline::new(stream, patience);
                        connection(stream, peer, app, bounds.head_deadline, watcher).await;
                    }
                    Some(tls) => match tls.accept(Deadline::under_tls(stream, patience)).await {
                        Ok(stream) => connection(stream, peer, app, bounds.head_deadline, watcher).await,
                        Err(error) => tracing::debug!(%error, "a client did not shake hands"),
                    },
                }
                drop(place);
            });
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

/// The next connection once there is a place for it; `None` when accepting failed, and when its address has too many.
async fn accept(listener: &TcpListener, app: &App, places: &Places) -> Option<(TcpStream, SocketAddr, Place)> {
    let permit = places.any().await?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            let client = Some(peer.ip()).filter(|address| !app.settings.trusted_proxies.trusts(*address));
            let place = places.of(client, permit)?;
            Some((stream, peer, place))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    app: Arc<App>,
    head_deadline: Duration,
    watcher: Watcher,
) {
    let answer = move |request: http::Request<turns::Asked>| {
        answer(Arc::clone(&app), peer.ip(), request.map(|body| body.map_err(Into::into).boxed()))
    };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_deadline).max_buf_size(BUFFER);
    if let Err(error) = turns::serve(stream, &http, head_deadline, answer, watcher).await {
        // Clients come and go as they like.
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests;
