//! `GET /api/custom/generate/jobs/{id}/events`: a job as it goes, as server-sent events (WHATWG HTML §9.2).

use super::{JobView, no_job, view};
use crate::app::App;
use crate::auth;
use crate::clock;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, respond};
use crate::ids::JobId;
use crate::jobs::{Engine, FollowError, Following, Mark, Told};
use crate::openapi::shapes;
use crate::store::StoreError;
use futures_util::stream;
use generatio_core::fal::LogLine;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

/// When to try again after too many streams.
const SOON: Duration = Duration::from_secs(10);
/// Keeps proxies from taking a quiet stream for a dead one.
const HEARTBEAT: &str = ":\n\n";

/// Events named `state` (with the job, when it is the present state), `progress` and `log`, until the job is over. Each
/// has an id; a request that names the last one it got in `Last-Event-ID` gets what came after it, and 204 when nothing
/// will.
pub(crate) async fn stream(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let id = JobId::parse(request.param("id")).ok_or_else(no_job)?;
    let mark = mark(&request)?;
    let Some(following) = app.jobs.follow(&user.id, &id, mark).await.map_err(refused)? else {
        return Ok(respond::empty(StatusCode::NO_CONTENT));
    };
    let listener = Listener { following, engine: app.jobs.clone(), heartbeat: app.settings.event_heartbeat };
    Ok(respond::events(stream::unfold(listener, |mut listener| async move {
        let text = listener.next().await?;
        Some((text, listener))
    })))
}

fn mark(request: &Request) -> Result<Option<Mark>, ApiError> {
    let Some(given) = request.headers().get("last-event-id").filter(|given| !given.is_empty()) else { return Ok(None) };
    let mark = given.to_str().ok().and_then(|given| given.parse().ok());
    mark.map(Some).ok_or_else(|| ApiError::validation("Last-Event-ID must be the id of an event of this job"))
}

fn refused(error: FollowError) -> ApiError {
    match error {
        FollowError::Store(StoreError::Missing) => no_job(),
        FollowError::Store(error) => error.into(),
        FollowError::TooMany => ApiError::rate_limit("Too many streams are open, close one first", SOON),
    }
}

/// One caller of the stream.
struct Listener {
    following: Following,
    engine: Engine,
    heartbeat: Duration,
}

impl Listener {
    /// The next piece of the stream; `None` when the job is over, and when the server stops: the caller comes again.
    async fn next(&mut self) -> Option<String> {
        tokio::select! {
            told = self.following.next() => match told {
                Ok(told) => told.map(|(mark, told)| event(mark, told)),
                Err(error) => {
                    tracing::error!(%error, "a job's events could not be read");
                    None
                }
            },
            () = tokio::time::sleep(self.heartbeat) => Some(HEARTBEAT.to_owned()),
            () = self.engine.stopped() => None,
        }
    }
}

fn event(mark: Mark, told: Told) -> String {
    match told {
        Told::State(event, present) => {
            let job = present.map(|present| view(present.0, present.1));
            let data = StateData { state: event.state.as_str(), at: clock::rfc3339(event.created), job };
            written(mark, "state", &data)
        }
        Told::Progress(phase) => written(mark, "progress", &phase),
        Told::Line(LogLine { message, level, timestamp }) => {
            written(mark, "log", &LogData { message, level, timestamp })
        }
    }
}

/// JSON holds no line break, so that the data is one line.
fn written(mark: Mark, name: &str, data: &impl Serialize) -> String {
    match serde_json::to_string(data) {
        Ok(data) => format!("id: {mark}\nevent: {name}\ndata: {data}\n\n"),
        Err(error) => {
            tracing::error!(%error, "an event does not serialize");
            HEARTBEAT.to_owned()
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "JobStateEvent")]
pub(crate) struct StateData {
    #[schemars(with = "shapes::JobState")]
    state: &'static str,
    #[schemars(with = "shapes::Moment")]
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<JobView>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "JobLogEvent")]
pub(crate) struct LogData {
    message: String,
    level: &'static str,
    timestamp: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::{event, written};
    use crate::jobs::{Mark, Told};
    use crate::store::Phase;
    use generatio_core::fal::LogLine;

    const MARK: Mark = Mark { seq: 7, lines: 2 };

    #[test]
    fn each_event_is_three_lines_and_an_empty_one() {
        let line = LogLine { message: "a\nb".into(), level: "INFO", timestamp: None };
        assert_eq!(
            event(MARK, Told::Line(line)),
            "id: 7.2\nevent: log\ndata: {\"message\":\"a\\nb\",\"level\":\"INFO\",\"timestamp\":null}\n\n"
        );
        assert_eq!(written(MARK, "x", &1), "id: 7.2\nevent: x\ndata: 1\n\n");
    }

    #[test]
    fn progress_is_a_phase_and_a_place_in_the_queue() {
        for (phase, data) in [
            (Phase::Queued { position: Some(3) }, r#"{"phase":"queued","queue_position":3}"#),
            (Phase::Queued { position: None }, r#"{"phase":"queued"}"#),
            (Phase::Running, r#"{"phase":"running"}"#),
        ] {
            assert!(event(MARK, Told::Progress(phase)).contains(data));
        }
    }
}
