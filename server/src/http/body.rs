//! Reading a request's body: bounded in size and time, in buffers that are wiped.

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Body as _;
use std::time::Duration;
use zeroize::Zeroizing;

/// A request's body as it comes in.
pub(crate) type Incoming = BoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

/// How long a client may take to send a body.
const DEADLINE: Duration = Duration::from_secs(30);
/// Room a body gets at once; more as it comes.
const FIRST_ROOM: usize = 64 * 1024;
/// What is read past the limit, and forgotten, so that the client gets to read the refusal instead of a reset.
const FORGIVEN: usize = 8 * 1024 * 1024;

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The connection failed, or the client broke HTTP's rules.
    #[error("the request body is broken")]
    Broken,
    /// It did not arrive in time.
    #[error("the request body is late")]
    Late,
    /// It is larger than allowed.
    #[error("the request body is too large")]
    TooLarge,
}

/// A body that is here already.
pub(crate) fn whole(data: impl Into<Bytes>) -> Incoming {
    Full::new(data.into()).map_err(|never| match never {}).boxed()
}

/// The whole body, of at most `limit` bytes, if it arrives within 30 seconds.
pub(crate) async fn read(body: Incoming, limit: usize) -> Result<Zeroizing<Vec<u8>>, BodyError> {
    read_within(DEADLINE, body, limit).await
}

async fn read_within(deadline: Duration, body: Incoming, limit: usize) -> Result<Zeroizing<Vec<u8>>, BodyError> {
    let reading = async {
        match body.size_hint().lower() {
            announced if announced > bytes_u64(limit.saturating_add(FORGIVEN)) => Err(BodyError::TooLarge),
            announced => collect(body, limit, usize::try_from(announced).unwrap_or(limit).min(limit)).await,
        }
    };
    tokio::time::timeout(deadline, reading).await.unwrap_or(Err(BodyError::Late))
}

async fn collect(mut body: Incoming, limit: usize, announced: usize) -> Result<Zeroizing<Vec<u8>>, BodyError> {
    let mut collected = Zeroizing::new(Vec::with_capacity(announced.min(FIRST_ROOM)));
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        if data.len() > limit - collected.len() {
            drop(collected);
            return Err(forget_rest(body).await);
        }
        append(&mut collected, &data, limit);
    }
    Ok(collected)
}

/// Appends without leaving the old bytes behind: growing moves them into a larger buffer and wipes the smaller one.
pub(super) fn append(collected: &mut Zeroizing<Vec<u8>>, data: &[u8], limit: usize) {
    let needed = collected.len() + data.len();
    if needed > collected.capacity() {
        let room = needed.max(collected.capacity().saturating_mul(2)).min(limit);
        let mut larger = Zeroizing::new(Vec::with_capacity(room));
        larger.extend_from_slice(collected);
        *collected = larger;
    }
    collected.extend_from_slice(data);
}

async fn forget_rest(mut body: Incoming) -> BodyError {
    let mut forgotten = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return BodyError::Broken };
        forgotten += frame.data_ref().map_or(0, Bytes::len);
        if forgotten > FORGIVEN {
            break;
        }
    }
    BodyError::TooLarge
}

fn bytes_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{BodyError, FORGIVEN, Incoming, read, read_within};
    use bytes::Bytes;
    use futures_util::stream;
    use http_body_util::{BodyExt, StreamBody};
    use hyper::body::Frame;
    use std::time::Duration;

    pub(crate) use super::whole;

    /// A body in pieces of unknown total length; `None` is where the connection fails.
    fn pieces(pieces: Vec<Option<Vec<u8>>>) -> Incoming {
        let frames = pieces.into_iter().map(|piece| match piece {
            Some(data) => Ok(Frame::data(Bytes::from(data))),
            None => Err("connection reset".into()),
        });
        BodyExt::boxed(StreamBody::new(stream::iter(frames)))
    }

    #[tokio::test]
    async fn bodies_up_to_the_limit_come_whole() {
        assert_eq!(**read(whole("12345678"), 8).await.unwrap(), b"12345678"[..]);
        assert_eq!(**read(whole(""), 8).await.unwrap(), b""[..]);
        let many = vec![Some(b"ab".to_vec()); 50_000];
        assert_eq!(**read(pieces(many), 100_000).await.unwrap(), b"ab".repeat(50_000)[..]);
    }

    #[tokio::test]
    async fn one_byte_more_is_too_large() {
        let rows = [
            whole("123456789"),
            pieces(vec![Some(b"12345678".to_vec()), Some(b"9".to_vec())]),
            pieces(vec![Some(vec![0; 9]); 3]),
            pieces(vec![Some(vec![0; FORGIVEN]); 3]),
            whole(vec![0; FORGIVEN + 9]),
        ];
        for body in rows {
            assert_eq!(read(body, 8).await.unwrap_err(), BodyError::TooLarge);
        }
    }

    #[tokio::test]
    async fn a_failed_connection_is_broken() {
        assert_eq!(read(pieces(vec![Some(b"1".to_vec()), None]), 8).await.unwrap_err(), BodyError::Broken);
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_late() {
        let never = BodyExt::boxed(StreamBody::new(stream::pending::<Result<Frame<Bytes>, _>>()));
        assert_eq!(read_within(Duration::ZERO, never, 8).await.unwrap_err(), BodyError::Late);
    }
}
