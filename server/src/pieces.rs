//! Files as bodies: piece by piece, so that memory holds a piece and not the file.

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, stream};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// How much is read at a time.
pub(crate) const PIECE: u64 = 64 * 1024;

/// Bytes as they come. A body that ends with an error is not whole.
pub type Pieces = BoxStream<'static, io::Result<Bytes>>;

/// The bytes of `file` from `range.start` up to `range.end`, read where waiting for the disk holds up nobody.
pub(crate) fn pieces(file: File, range: Range<u64>) -> Pieces {
    let file = Arc::new(file);
    let piece = move |left: Range<u64>| {
        let file = Arc::clone(&file);
        async move {
            if left.is_empty() {
                return None;
            }
            let end = left.end.min(left.start.saturating_add(PIECE));
            let read = tokio::task::spawn_blocking(move || read_exactly(&file, left.start..end)).await;
            match read.map_err(io::Error::other).flatten() {
                Ok(bytes) => Some((Ok(bytes), end..left.end)),
                // Nothing comes after a failure.
                Err(error) => Some((Err(error), 0..0)),
            }
        }
    };
    stream::unfold(range, piece).boxed()
}

fn read_exactly(file: &File, range: Range<u64>) -> io::Result<Bytes> {
    let length = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, range.start)?;
    Ok(bytes.into())
}
