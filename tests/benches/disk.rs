//! The disk below a folder, for context: no durable commit is faster than its flush.

use crate::Outcome;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// What a small commit appends.
const BYTES: usize = 4096;
const TIMES: u32 = 500;

/// Appends of 4 KiB, each made durable (`fdatasync`), per second.
pub(crate) fn flushes_per_second(folder: &Path) -> Outcome<f64> {
    let mut file = tempfile::tempfile_in(folder)?;
    let began = Instant::now();
    for _ in 0..TIMES {
        file.write_all(&[7; BYTES])?;
        file.sync_data()?;
    }
    Ok(f64::from(TIMES) / began.elapsed().as_secs_f64())
}
