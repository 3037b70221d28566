//! The queue: submit, and everything one can ask about a request afterwards.

use crate::accept::accept;
use crate::app::App;
use crate::book::Source;
use crate::call::Call;
use crate::failure::Failure;
use crate::fault::{Fault, Phase};
use crate::job::{Job, Outcome, Stage};
use crate::reply::{self, Reply, json};
use crate::result;
use crate::route::{Target, Verb};
use crate::spoil::spoil;
use crate::status::StatusBody;
use crate::stream;
use http::StatusCode;
use std::sync::Arc;

/// `POST /{endpoint}`.
pub(crate) async fn submit(app: &Arc<App>, call: &Call, target: &Target) -> Reply {
    let accepted = match accept(app, call, target, Source::Queue).await {
        Ok(accepted) => accepted,
        Err(refusal) => return *refusal,
    };
    let job = &accepted.job;
    if accepted.instant {
        job.ended().await;
    }
    let answer = json(StatusCode::OK, &StatusBody::submitted(job, accepted.position));
    spoil(accepted.fault, answer).await.with("x-fal-request-id", &job.id)
}

/// `GET` or `PUT /{owner}/{app}/requests/{id}…`.
pub(crate) async fn follow_up(app: &Arc<App>, call: &Call, owner_app: &str, id: &str, verb: Verb) -> Reply {
    let token = call.query("fal_jwt_token");
    if let Err(refusal) = app.gate.check(&call.headers, token.as_deref()) {
        return refusal.reply(owner_app);
    }
    let Some(job) = app.jobs.find(owner_app, id) else { return not_found() };
    let answer = match verb {
        Verb::Status => status(call, &job).await,
        Verb::Stream => stream::follow(call, &job),
        Verb::Result => result::read(app, &job).await,
        Verb::Cancel => cancel(app, &job),
    };
    answer.with("x-fal-request-id", &job.id)
}

/// The answer about a request that never was, or is no more.
pub(crate) fn not_found() -> Reply {
    reply::word(StatusCode::NOT_FOUND, "NOT_FOUND")
}

async fn status(call: &Call, job: &Job) -> Reply {
    let progress = job.progress();
    let logs = call.wants_logs().then_some(progress.logs.as_slice());
    let answer = json(StatusBody::code(&progress), &StatusBody::of(job, &progress, logs));
    spoil(job.strike(Phase::Status), answer).await
}

fn cancel(app: &App, job: &Job) -> Reply {
    let over = matches!(job.progress().stage, Stage::Ended { .. });
    let taken =
        !over && (job.take(Fault::CancelIgnored) || job.end(Outcome::Failed(Failure::cancelled()), &app.ledger));
    if taken {
        reply::word(StatusCode::ACCEPTED, "CANCELLATION_REQUESTED")
    } else {
        reply::word(StatusCode::BAD_REQUEST, "ALREADY_COMPLETED")
    }
}
