//! The result: the model's own answer, whatever it was.

use crate::app::App;
use crate::fault::{Fault, Phase};
use crate::job::{Job, Outcome, Stage};
use crate::output::Output;
use crate::queue::not_found;
use crate::reply::{self, Reply, json};
use crate::spoil::spoil;
use crate::status::Links;
use base64ct::{Base64, Encoding as _};
use http::StatusCode;
use serde::Serialize;

/// `GET …/requests/{id}`.
pub(crate) async fn read(app: &App, job: &Job) -> Reply {
    let Stage::Ended { outcome, .. } = job.progress().stage else { return too_early(job) };
    match job.strike(Phase::Result) {
        Some(Fault::ResultExpired) => {
            job.expire();
            not_found()
        }
        fault => spoil(fault, answer(app, job, &outcome).await).await,
    }
}

async fn answer(app: &App, job: &Job, outcome: &Outcome) -> Reply {
    match outcome {
        Outcome::Failed(failure) => failure.reply(),
        Outcome::Made(output) => {
            let answer = reply::bytes(StatusCode::OK, "application/json", body(app, job, output).await);
            if output.hide_units { answer } else { answer.with("x-fal-billable-units", &output.units) }
        }
    }
}

/// The JSON of a good result.
pub(crate) async fn body(app: &App, job: &Job, output: &Output) -> Vec<u8> {
    let mut urls = Vec::with_capacity(output.pictures.len());
    for (path, picture) in &output.pictures {
        urls.push(if output.sync_mode {
            let bytes = app.files.paint(picture.clone()).await;
            format!("data:{};base64,{}", picture.format.content_type(), Base64::encode_string(&bytes))
        } else {
            format!("{}{path}", job.origins.cdn)
        });
    }
    output.json(urls)
}

#[derive(Serialize)]
struct TooEarly<'a> {
    detail: &'static str,
    request_id: &'a str,
    #[serde(flatten)]
    links: Links,
}

fn too_early(job: &Job) -> Reply {
    let body = TooEarly { detail: "Request is still in progress", request_id: &job.id, links: Links::of(job) };
    json(StatusCode::BAD_REQUEST, &body)
}
