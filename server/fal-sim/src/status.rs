//! The status object: what submit, status, stream and a premature result have in common.

use crate::job::{Job, Log, Outcome, Progress, Stage};
use http::StatusCode;
use serde::Serialize;

/// A status, with its fields in FAL's order.
#[derive(Serialize)]
pub(crate) struct StatusBody<'a> {
    status: &'static str,
    request_id: &'a str,
    #[serde(flatten)]
    links: Links,
    /// Always there; null when not asked for.
    logs: Option<&'a [Log]>,
    metrics: Metrics,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_position: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<String>,
}

#[derive(Serialize)]
struct Metrics {
    #[serde(skip_serializing_if = "Option::is_none")]
    inference_time: Option<f64>,
}

/// A request's addresses.
#[derive(Serialize)]
pub(crate) struct Links {
    response_url: String,
    status_url: String,
    cancel_url: String,
}

impl Links {
    pub(crate) fn of(job: &Job) -> Self {
        let base = format!("{}/{}/requests/{}", job.origins.queue, job.app, job.id);
        Self { status_url: format!("{base}/status"), cancel_url: format!("{base}/cancel"), response_url: base }
    }
}

impl<'a> StatusBody<'a> {
    /// As submit answers, whatever has become of the job since.
    pub(crate) fn submitted(job: &'a Job, position: u32) -> Self {
        Self { queue_position: Some(position), ..Self::blank("IN_QUEUE", job) }
    }

    /// As of `progress`, with `logs`.
    pub(crate) fn of(job: &'a Job, progress: &Progress, logs: Option<&'a [Log]>) -> Self {
        match &progress.stage {
            Stage::Queued(position) => Self { queue_position: Some(*position), ..Self::blank("IN_QUEUE", job) },
            Stage::Running => Self { logs, ..Self::blank("IN_PROGRESS", job) },
            Stage::Ended { outcome, .. } => Self { logs, ..Self::blank("COMPLETED", job) }.ended(outcome),
        }
    }

    /// 200 when it is over, 202 before.
    pub(crate) fn code(progress: &Progress) -> StatusCode {
        match progress.stage {
            Stage::Ended { .. } => StatusCode::OK,
            _ => StatusCode::ACCEPTED,
        }
    }

    fn blank(status: &'static str, job: &'a Job) -> Self {
        Self {
            status,
            request_id: &job.id,
            links: Links::of(job),
            logs: None,
            metrics: Metrics { inference_time: None },
            queue_position: None,
            error: None,
            error_type: None,
        }
    }

    fn ended(mut self, outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Made(output) => self.metrics.inference_time = Some(output.inference_s()),
            Outcome::Failed(failure) => {
                self.error = Some(failure.error());
                self.error_type = Some(failure.error_type().to_owned());
            }
        }
        self
    }
}
