//! The accept loop: HTTP/1.1 connections, bounded in number, headers and time, and a quiet end.

mod deadline;
mod shutdown;
mod turns;

use super::answer::answer;
use crate::app::App;
use deadline::Deadline;
use http_body_util::BodyExt;
use hyper::server::conn::http1;
use hyper_util::rt::TokioTimer;
use shutdown::{Shutdown, Watcher};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections at a time; more wait in the system's queue.
const CONNECTIONS: usize = 16_384;
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
pub async fn serve(listener: TcpListener, app: Arc<App>, shutdown: impl Future<Output = ()>) {
    serve_patiently(listener, app, shutdown, WRITE_DEADLINE).await;
}

async fn serve_patiently(
    listener: TcpListener,
    app: Arc<App>,
    shutdown: impl Future<Output = ()>,
    write_deadline: Duration,
) {
    let graceful = Shutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &places) => accepted,
        };
        if let Some((stream, peer, place)) = accepted {
            // Answers go out at once; a socket that cannot do that still works.
            let _ = stream.set_nodelay(true);
            let stream = Deadline::new(stream, write_deadline);
            tokio::spawn(connection(stream, peer, Arc::clone(&app), graceful.watcher(), place));
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

/// The next connection once there is a place for it; `None` when accepting failed.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn connection(
    stream: Deadline<TcpStream>,
    peer: SocketAddr,
    app: Arc<App>,
    watcher: Watcher,
    place: OwnedSemaphorePermit,
) {
    let answer = move |request: http::Request<hyper::body::Incoming>| {
        answer(Arc::clone(&app), peer.ip(), request.map(|body| body.map_err(Into::into).boxed()))
    };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_DEADLINE).max_buf_size(BUFFER);
    if let Err(error) = turns::serve(stream, &http, HEAD_DEADLINE, answer, watcher).await {
        // Clients come and go as they like.
        tracing::debug!(%error, "a connection ended early");
    }
    drop(place);
}

#[cfg(test)]
mod tests;
