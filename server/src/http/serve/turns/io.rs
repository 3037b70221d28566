//! The stream under a turn: it hands out heads whole, and knows when an answer has left.
//!
//! A head that comes in pieces would make hyper's buffer grow, which then goes on behind the head for as long as the
//! answer lasts: what stands in front is neither freed nor in the room that is wiped.

use bytes::Bytes;
use httparse::Status;
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
/// Headers of a request; hyper takes no more.
const MOST_HEADERS: usize = 100;
/// hyper takes no longer head than this, and says so.
const LONGEST_HEAD: usize = super::super::BUFFER;

/// The first bytes that come, at most [`AHEAD`]; none at the end. Nothing is held while they are waited for.
pub(super) async fn first_bytes<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<Bytes> {
    poll_fn(|context| poll_bytes(stream, context)).await
}

fn poll_bytes<S: AsyncRead + Unpin>(stream: &mut S, context: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
    let mut room = [MaybeUninit::uninit(); AHEAD];
    let mut read = ReadBuf::uninit(&mut room);
    ready!(Pin::new(stream).poll_read(context, &mut read))?;
    let bytes = Bytes::copy_from_slice(read.filled());
    read.filled_mut().zeroize();
    Poll::Ready(Ok(bytes))
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
        self.is_flushed.load(Ordering::Relaxed)
            && self.has_begun()
            && self.is_answered()
            && !self.is_closing.load(Ordering::Relaxed)
    }

    /// Whether the next bytes are a request's.
    fn is_answered(&self) -> bool {
        self.asked() == self.answered.load(Ordering::Relaxed)
    }

    fn has_begun(&self) -> bool {
        self.asked() > 0
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// A stream for one turn.
#[derive(Debug)]
pub(super) struct Stream<S> {
    stream: S,
    ahead: Bytes,
    /// Heads that were gathered, as far as is known: more may have come with one.
    heads: usize,
    progress: Arc<Progress>,
}

impl<S> Stream<S> {
    /// Hands out `ahead`, then what comes.
    pub(super) fn new(stream: S, ahead: Bytes) -> Self {
        Self { stream, ahead, heads: 0, progress: Arc::default() }
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
        if self.progress.is_answered() && self.heads <= self.progress.asked() {
            ready!(self.gather(context))?;
            self.heads = self.progress.asked() + 1;
        }
        if self.ahead.is_empty() {
            let read = Pin::new(&mut self.stream).poll_read(context, buffer);
            if read.is_ready() {
                // A body, or the beginning of what is the next turn's.
                self.progress.begins_to_wait();
            } else if self.progress.waits() {
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

impl<S: AsyncRead + Unpin> Stream<S> {
    /// Reads until there is a head ahead, or something that becomes none, or the end.
    fn gather(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match head(&self.ahead) {
                Head::Partial if self.ahead.len() < LONGEST_HEAD => {}
                Head::Partial | Head::Whole => return Poll::Ready(Ok(())),
                Head::Followed => {
                    // By a body, or by what is the next turn's.
                    self.progress.begins_to_wait();
                    return Poll::Ready(Ok(()));
                }
            }
            let more = ready!(poll_bytes(&mut self.stream, context))?;
            if more.is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.ahead = if self.ahead.is_empty() { more } else { Bytes::from([&self.ahead[..], &more].concat()) };
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Head {
    Partial,
    Whole,
    Followed,
}

/// What begins with `bytes`. What cannot become a head is as good as one: hyper says what is wrong with it.
fn head(bytes: &[u8]) -> Head {
    if bytes.ends_with(b"\r\n\r\n") {
        return Head::Whole;
    }
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    match httparse::Request::new(&mut headers).parse(bytes) {
        Ok(Status::Partial) => Head::Partial,
        Ok(Status::Complete(length)) if length < bytes.len() => Head::Followed,
        Ok(Status::Complete(_)) | Err(_) => Head::Whole,
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
        self.progress.is_flushed.store(self.progress.has_begun() && self.progress.is_answered(), Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::{Head, MOST_HEADERS, head};

    #[test]
    fn a_head_is_what_hyper_takes_for_one() {
        let too_many = format!("GET / HTTP/1.1\r\n{}x: y", "a: b\r\n".repeat(MOST_HEADERS + 1));
        let wanted = [
            ("", Head::Partial),
            ("GET / HTTP/1.1\r\nHost: x\r\n", Head::Partial),
            ("GET / HTTP/1.1\r\nHost: x\r\n\r", Head::Partial),
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", Head::Whole),
            ("GET / HTTP/1.1\nHost: x\n\n", Head::Whole),
            ("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", Head::Followed),
            ("GET / HTTP/1.1\r\n\r\nGET", Head::Followed),
            ("\u{16}\u{3}\u{1}", Head::Whole),
            (&too_many, Head::Whole),
        ];
        for (bytes, wanted) in wanted {
            assert_eq!(head(bytes.as_bytes()), wanted, "{bytes:?}");
        }
    }
}
