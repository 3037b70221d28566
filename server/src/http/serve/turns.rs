//! A connection by turns: a request and its answer, with all the buffers that they take; then nothing, until the next.
//! Small requests that follow close upon one another share a turn.
//!
//! hyper reads into a buffer that it keeps for the connection's life. On one that is kept alive, the last request's
//! password, session id or `Authorization` stays in it until another request happens to overwrite it, out of reach of an
//! allocator that wipes what is freed. So each turn is a connection of hyper's own over the same stream: it ends, its
//! buffers are freed, and a client that thinks of its next request has nothing here but its socket. What it sent ahead of
//! its turn goes into the next one. A request with secrets therefore needs no connection of its own.
//!
//! A turn ends once its answer is flushed. Only after answers to requests without a body, in which passwords and keys
//! come, that were there at once, it waits for more of them until its [`MOMENT`] is over: to end one and begin another
//! costs as much as a small answer.

mod asked;
mod io;

use super::Watcher;
pub(super) use asked::Asked;
use bytes::Bytes;
use futures_util::FutureExt;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use io::{Progress, Stream, first_bytes};
use std::convert::Infallible;
use std::future::poll_fn;
use std::io::Error;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, Sleep, sleep};

/// How long a turn may wait for more requests, from its beginning on.
const MOMENT: Duration = Duration::from_millis(100);

/// Serves `stream` until the client ends it, or is silent for `patience` between two requests, or `watcher` is told to
/// stop and the answer under way is finished.
///
/// # Errors
/// What hyper says of a connection that ended in the middle of something.
pub(super) async fn serve<S, A, F, B>(
    mut stream: S,
    http: &http1::Builder,
    patience: Duration,
    answer: A,
    mut watcher: Watcher,
) -> Result<(), hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Fn(Request<Asked>) -> F,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Unpin + Send + 'static,
{
    // Both for all turns: to wait for them anew takes locks.
    let mut told = pin!(watcher.told());
    let mut silence = pin!(sleep(patience));
    let mut ahead = Bytes::new();
    loop {
        if ahead.is_empty() {
            silence.as_mut().reset(Instant::now() + patience);
            match next_request(&mut stream, silence.as_mut(), told.as_mut()).await {
                Some(bytes) => ahead = bytes,
                None => {
                    // A client that is gone does not hear it.
                    let _ = stream.shutdown().await;
                    return Ok(());
                }
            }
        }
        match turn(Stream::new(stream, ahead), http, &answer, told.as_mut()).await? {
            Some(rest) => (stream, ahead) = rest,
            None => return Ok(()),
        }
    }
}

/// The first bytes of what comes next; `None` when nothing does in time.
async fn next_request<S: AsyncRead + Unpin>(
    stream: &mut S,
    silence: Pin<&mut Sleep>,
    told: Pin<&mut impl Future<Output = ()>>,
) -> Option<Bytes> {
    let first: Result<_, Error> = tokio::select! {
        first = first_bytes(stream) => first,
        () = silence => return None,
        () = told => return None,
    };
    first.ok().filter(|bytes| !bytes.is_empty())
}

/// One request and its answer, or more of them. The stream, and what of the next request has come;
/// `None` when it was the last.
async fn turn<S, A, F, B>(
    stream: Stream<S>,
    http: &http1::Builder,
    answer: &A,
    mut told: Pin<&mut impl Future<Output = ()>>,
) -> Result<Option<(S, Bytes)>, hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Fn(Request<Asked>) -> F,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Unpin + Send + 'static,
{
    let progress = stream.progress();
    let service = service_fn(|request: Request<Incoming>| {
        let unfinished = Unfinished::new(&progress);
        if !request.body().is_end_stream() {
            progress.begins_to_wait();
        }
        let request = request.map(Asked::new);
        let reading = request.body().reading();
        // Not awaited in a block of its own, which would keep room for it twice.
        Box::pin(answer(request).map(move |mut response| {
            if !reading.is_over() {
                // What is left of the body would be the next turn's request: it is nobody's, and the client hears so.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                unfinished.is_last();
            }
            Ok::<_, Infallible>(response.map(|body| Tracked { body, _unfinished: unfinished }))
        }))
    });
    let mut connection = http.serve_connection(TokioIo::new(stream), service);
    let mut is_told = false;
    let mut moment = pin!(sleep(MOMENT));
    let is_over = poll_fn(|context| {
        if !is_told && told.as_mut().poll(context).is_ready() {
            is_told = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        if let Poll::Ready(ended) = Pin::new(&mut connection).poll(context) {
            return Poll::Ready(ended.map(|()| false));
        }
        if !progress.is_between() && progress.begins_to_wait() {
            // What hyper reads into while it answers is wiped from here on, and this has it read.
            if let Poll::Ready(ended) = Pin::new(&mut connection).poll(context) {
                return Poll::Ready(ended.map(|()| false));
            }
        }
        if is_told || !progress.is_between() {
            return Poll::Pending;
        }
        if !progress.waits() {
            ready!(moment.as_mut().poll(context));
        }
        // Idle, as hyper sees it: it ends at once, without a word to the client.
        Pin::new(&mut connection).graceful_shutdown();
        connection.poll_without_shutdown(context).map_ok(|()| true)
    });
    if !is_over.await? {
        return Ok(None);
    }
    let parts = connection.into_parts();
    Ok(Some(parts.io.into_inner().rest(&parts.read_buf)))
}

/// Stands for a request whose answer is not finished.
struct Unfinished(Arc<Progress>);

impl Unfinished {
    fn new(progress: &Arc<Progress>) -> Self {
        progress.begun();
        Self(Arc::clone(progress))
    }

    /// No request comes after it.
    fn is_last(&self) {
        self.0.closing();
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.0.finished();
    }
}

/// An answer's body. hyper drops it when it has taken all of it.
struct Tracked<B> {
    body: B,
    _unfinished: Unfinished,
}

impl<B: Body + Unpin> Body for Tracked<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
