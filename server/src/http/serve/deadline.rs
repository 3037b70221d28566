//! A connection whose peer has to take what it is sent, and that leaves nothing in buffers which wait for more.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};
use zeroize::Zeroize;

/// Passes everything on. A write that finds no room for `patience` fails, and with it the connection: a peer that asks
/// and does not read would hold its place, and the answer in memory, for ever.
pub(super) struct Deadline<S> {
    stream: S,
    patience: Duration,
    /// Whether the room that a read finds nothing for is wiped.
    wipes: bool,
    /// Runs while a write waits. Whatever the peer takes ends it.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<S> Deadline<S> {
    pub(super) fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, wipes: false, waiting: None }
    }

    /// The same for a stream under TLS, which decrypts a request in the buffer that it then has the next one read into,
    /// and keeps that for as long as the connection. Whoever waits for more has taken what was in it: it is wiped.
    pub(super) fn under_tls(stream: S, patience: Duration) -> Self {
        Self { wipes: true, ..Self::new(stream, patience) }
    }

    /// What became of a write, unless it waits for too long.
    fn bounded<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer does not read")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Deadline<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if self.wipes && read.is_pending() {
            buffer.initialize_unfilled().zeroize();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Deadline<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.bounded(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.bounded(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::Deadline;
    use std::future::poll_fn;
    use std::io::ErrorKind;
    use std::pin::Pin;
    use std::task::Poll;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, duplex};

    const LONG: Duration = Duration::from_secs(60 * 60);
    const SHORT: Duration = Duration::from_millis(10);

    /// One look at whether more can be written.
    async fn has_room(stream: &mut Deadline<impl AsyncWrite + Unpin>) -> bool {
        poll_fn(|context| Poll::Ready(Pin::new(&mut *stream).poll_write(context, b"x").is_ready())).await
    }

    #[tokio::test]
    async fn who_takes_nothing_ends_the_connection() {
        let (near, _far) = duplex(4);
        let mut near = Deadline::new(near, SHORT);
        near.write_all(b"1234").await.unwrap();
        assert_eq!(near.write_all(b"5").await.unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn whatever_is_taken_renews_the_patience() {
        let (near, mut far) = duplex(4);
        let mut near = Deadline::new(near, LONG);
        near.write_all(b"1234").await.unwrap();
        assert!(!has_room(&mut near).await && near.waiting.is_some());
        far.read_exact(&mut [0]).await.unwrap();
        assert!(has_room(&mut near).await && near.waiting.is_none());
        assert!(!has_room(&mut near).await && near.waiting.is_some());
    }
}
