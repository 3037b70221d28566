//! The stream under a turn: it hands out what was read ahead, and knows when an answer has left.

use bytes::Bytes;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use zeroize::Zeroize;

/// Most that is read before a turn begins: whole heads, as a rule.
const AHEAD: usize = 4096;

/// The first bytes that come, at most [`AHEAD`]; none at the end. Nothing is held while they are waited for.
pub(super) async fn first_bytes<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<Bytes> {
    poll_fn(|context| {
        let mut room = [MaybeUninit::uninit(); AHEAD];
        let mut read = ReadBuf::uninit(&mut room);
        ready!(Pin::new(&mut *stream).poll_read(context, &mut read))?;
        let bytes = Bytes::copy_from_slice(read.filled());
        read.filled_mut().zeroize();
        Poll::Ready(Ok(bytes))
    })
    .await
}

/// How far a turn is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Requests so far.
    asked: AtomicUsize,
    /// Those whose answers are finished.
    answered: AtomicUsize,
    /// Whether nothing of any answer was left to be sent when all of them were finished.
    is_flushed: AtomicBool,
    /// Whether the connection ends with the answers that are due.
    is_closing: AtomicBool,
    /// Whether there was something to wait for: a body, or an answer that was not there at once.
    waits: AtomicBool,
}

impl Progress {
    pub(super) fn begun(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.is_flushed.store(false, Ordering::Relaxed);
    }

    /// Something has to be waited for. Says whether that is new.
    pub(super) fn begins_to_wait(&self) -> bool {
        !self.waits.swap(true, Ordering::Relaxed)
    }

    pub(super) fn waits(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    pub(super) fn finished(&self) {
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn closing(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
    }

    /// Whether something was asked and all of it is answered, to the last byte, and more may come.
    pub(super) fn is_between(&self) -> bool {
        self.is_flushed.load(Ordering::Relaxed) && self.is_answered() && !self.is_closing.load(Ordering::Relaxed)
    }

    fn is_answered(&self) -> bool {
        let asked = self.asked.load(Ordering::Relaxed);
        asked > 0 && asked == self.answered.load(Ordering::Relaxed)
    }
}

/// A stream for one turn.
#[derive(Debug)]
pub(super) struct Stream<S> {
    stream: S,
    ahead: Bytes,
    progress: Arc<Progress>,
}

impl<S> Stream<S> {
    /// Hands out `ahead`, then what comes.
    pub(super) fn new(stream: S, ahead: Bytes) -> Self {
        Self { stream, ahead, progress: Arc::default() }
    }

    pub(super) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// The stream for the next turn, with what this one has taken of it and not used. Copied: `unused` is the end of a
    /// buffer whose beginning has to go.
    pub(super) fn rest(self, unused: &[u8]) -> (S, Bytes) {
        (self.stream, Bytes::from([unused, &self.ahead].concat()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.progress.is_between() && self.progress.waits() {
            // The turn ends here, and what comes now is the next one's. A quick client's request would otherwise come
            // to stand behind the last one, in a buffer that is kept for both.
            return Poll::Pending;
        }
        if self.ahead.is_empty() {
            let read = Pin::new(&mut self.stream).poll_read(context, buffer);
            if read.is_pending() && self.progress.waits() {
                // hyper looks for the client's end while it answers, into the buffer that the request was in. An answer
                // may be a stream that goes on for hours.
                buffer.initialize_unfilled().zeroize();
            }
            return read;
        }
        let length = self.ahead.len().min(buffer.remaining());
        buffer.put_slice(&self.ahead.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when it has nothing left to write. Flushed with every answer finished, it is between two requests.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        self.progress.is_flushed.store(self.progress.is_answered(), Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
