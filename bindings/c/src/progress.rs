//! Where a request stands at FAL.

use crate::boundary::{free, look, part};
use crate::numbers::JobState;
use crate::text::{Text, View};
use generatio_core::fal::{State, Status};

/// Where a request stands at FAL, with log lines: from `generatio_fal_status` all so far, from `generatio_fal_wait` the
/// new ones.
pub struct Progress {
    state: u32,
    queue_position: Option<i64>,
    inference_ms: Option<i64>,
    logs: Vec<Line>,
}

struct Line {
    message: Text,
    level: Text,
    timestamp: Text,
}

impl From<&Status> for Progress {
    fn from(status: &Status) -> Self {
        let (state, queue_position) = match status.state {
            State::Queued { position } => (JobState::Queued, position),
            State::InProgress => (JobState::Running, None),
            State::Completed { .. } => (JobState::Completed, None),
        };
        let line = |line: &generatio_core::fal::LogLine| Line {
            message: Text::new(&line.message),
            level: Text::new(line.level),
            timestamp: Text::new(line.timestamp.as_deref().unwrap_or_default()),
        };
        Self {
            state: state as u32,
            queue_position: queue_position.and_then(|position| i64::try_from(position).ok()),
            inference_ms: status.inference_ms.and_then(|ms| i64::try_from(ms).ok()),
            logs: status.logs.iter().map(line).collect(),
        }
    }
}

/// The state: a `generatio_job_state`; 0 for NULL. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_progress_state(progress: *const Progress) -> u32 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(progress, |progress| progress.state) }
}

/// How many requests are ahead of one that is queued, 0 being next; -1 if that is not known. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_progress_queue_position(progress: *const Progress) -> i64 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(progress, |progress| progress.queue_position) }.unwrap_or(-1)
}

/// How long the model ran, in milliseconds; -1 until that is known. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_progress_inference_ms(progress: *const Progress) -> i64 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(progress, |progress| progress.inference_ms) }.unwrap_or(-1)
}

/// How many log lines there are. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_progress_log_count(progress: *const Progress) -> usize {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(progress, |progress| progress.logs.len()) }
}

/// What a log line says, without control characters. Lent until the progress is freed; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_progress_log_message(progress: *const Progress, index: usize) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(progress, |progress| part(&progress.logs, index, |line| line.message.view())) }
}

/// A log line's level: "STDERR", "STDOUT", "ERROR", "INFO", "WARN" or "DEBUG". Lent until the progress is freed; does
/// not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_progress_log_level(progress: *const Progress, index: usize) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(progress, |progress| part(&progress.logs, index, |line| line.level.view())) }
}

/// A log line's time as FAL wrote it, ISO 8601; empty if it did not. Lent until the progress is freed; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_progress_log_timestamp(progress: *const Progress, index: usize) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(progress, |progress| part(&progress.logs, index, |line| line.timestamp.view())) }
}

/// Frees a progress; NULL is fine. One that a callback is lent is not the callback's to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_progress_free(progress: *mut Progress) {
    // SAFETY: the caller keeps to the conventions.
    unsafe { free(progress) }
}
