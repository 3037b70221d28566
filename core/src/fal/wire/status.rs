//! Statuses, as a poll or an event of the stream brings them.

use crate::fal::error::{FalError, Kind};
use crate::fal::transport::Answer;
use crate::json::{self, Fields};
use serde_json::value::RawValue;

/// Longest log line kept, in characters.
const MAX_MESSAGE: usize = 2_000;
/// Longest timestamp kept, in characters.
const MAX_TIMESTAMP: usize = 40;
/// Most log lines read of one answer.
const MAX_LINES: usize = 1 << 16;
/// FAL's log levels.
const LEVELS: [&str; 6] = ["STDERR", "STDOUT", "ERROR", "INFO", "WARN", "DEBUG"];

/// Where a request stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The state.
    pub state: State,
    /// Log lines: from [`super::read_status`] all so far, from [`crate::fal::wait`] the new ones.
    pub logs: Vec<LogLine>,
    /// How long the model ran, milliseconds, once it is known.
    pub inference_ms: Option<u64>,
}

/// FAL's three states. Words FAL does not document count as [`State::InProgress`]: a paid request is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Waiting for a machine.
    Queued {
        /// How many are ahead; 0 is next.
        position: Option<u64>,
    },
    /// Running.
    InProgress,
    /// Over, well or badly; the result says what came of it.
    Completed {
        /// Present when FAL says that it failed or was canceled.
        failed: Option<Failure>,
    },
}

/// What a status says about a failure; the result has the details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// FAL's type, if it is a documented one, such as `client_cancelled`.
    pub error_type: Option<&'static str>,
}

/// One line the model logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// At most 2,000 characters, without control characters.
    pub message: String,
    /// One of FAL's levels; `INFO` for any other.
    pub level: &'static str,
    /// ISO 8601, as FAL wrote it.
    pub timestamp: Option<String>,
}

/// Reads the answer to [`super::status_request`]. The state is in the body; the HTTP status only says success.
///
/// # Errors
/// [`crate::ErrorCode::FalProtocol`] for a success that is no status; else what the answer says.
pub fn read_status(answer: &Answer) -> Result<Status, FalError> {
    if answer.is_success() {
        parse_status(&answer.body).ok_or_else(|| FalError::protocol(answer.status))
    } else {
        Err(FalError::from_answer(answer))
    }
}

/// Reads a status object.
pub(crate) fn parse_status(json: &[u8]) -> Option<Status> {
    let wire = Fields::read(json)?;
    let word = json::text(wire.get("status"))?;
    let metrics = json::fields(wire.get("metrics"));
    Some(Status {
        state: state(&word, &wire),
        logs: json::list(wire.get("logs"), MAX_LINES).unwrap_or_default().into_iter().filter_map(line).collect(),
        inference_ms: metrics.and_then(|metrics| json::seconds_as_ms(metrics.get("inference_time"))),
    })
}

/// The lower-case words are those of FAL's older queue.
fn state(word: &str, wire: &Fields<'_>) -> State {
    match word {
        "IN_QUEUE" | "queued" => State::Queued { position: json::count(wire.get("queue_position")) },
        "COMPLETED" | "completed" => State::Completed { failed: failure(wire) },
        _ => State::InProgress,
    }
}

fn failure(wire: &Fields<'_>) -> Option<Failure> {
    let name = json::text(wire.get("error_type"));
    let failed = wire.get("error").is_some() || name.is_some();
    failed.then(|| Failure { error_type: name.and_then(|name| Kind::find(&name)).map(|kind| kind.name) })
}

fn line(raw: &RawValue) -> Option<LogLine> {
    let wire = json::fields(Some(raw))?;
    let message = json::text(wire.get("message"))?;
    let level = json::text(wire.get("level"));
    let timestamp = json::text(wire.get("timestamp"));
    Some(LogLine {
        message: json::visible(&message, MAX_MESSAGE),
        level: LEVELS.into_iter().find(|known| level.as_deref() == Some(known)).unwrap_or("INFO"),
        timestamp: timestamp.map(|time| json::visible(&time, MAX_TIMESTAMP)),
    })
}
