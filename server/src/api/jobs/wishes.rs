//! `DELETE /api/custom/generate/jobs/{id}` and `POST …/{id}/resolve`: what a user wants of a job.

use super::{JobView, no_job, view};
use crate::app::App;
use crate::auth;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, StatusCode, read_json, respond};
use crate::ids::JobId;
use crate::jobs::{Canceled, CannotSay};
use crate::openapi::shapes;
use crate::store::{Job, JobState, Source, StoreError};
use generatio_core::FalKey;
use generatio_core::cost::Usd;
use generatio_core::fal::CancelOutcome;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// `DELETE …/{id}`: stops a job as far as that is possible, and says whether it was and what was charged. 202 when FAL
/// was asked and has not said what becomes of it. Repeating it changes nothing.
pub(crate) async fn cancel(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let id = JobId::parse(request.param("id"));
    if let Some(id) = &id
        && app.store.job(&user.id, id).await?.is_some_and(|job| job.source == Source::Direct)
    {
        return Err(run_by_client().into());
    }
    let token = auth::session_token(app, &request, &user.id).await?;
    let key = FalKey::parse(token).map_err(ApiError::internal)?;
    let id = id.ok_or_else(no_job)?;
    let canceled = app.jobs.cancel(&user.id, &id, &Arc::new(key)).await.map_err(refused)?;
    let status = if canceled.job.state.is_terminal() { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok(respond::json(status, &shown(app, canceled).await?))
}

/// `POST …/{id}/resolve {"outcome": "charged" | "not_charged"}`: ends a job that is `unknown`, by its owner's word.
pub(crate) async fn resolve(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let id = JobId::parse(request.param("id")).ok_or_else(no_job)?;
    let charged = match read_json::<Resolve>(app, &mut request).await?.outcome.as_deref() {
        Some("charged") => true,
        Some("not_charged") => false,
        _ => return Err(ApiError::validation("The outcome must be charged or not_charged").into()),
    };
    let job = app.jobs.resolve(&user.id, &id, charged).await.map_err(refused)?;
    let images = app.store.job_images(&user.id, &job.id).await?;
    Ok(respond::ok(&view(job, images)))
}

/// Only who has the key can ask FAL. Needs no session to be told.
fn run_by_client() -> ApiError {
    ApiError::conflict("This job is run by your client: cancel it at FAL, then DELETE it at generate/record")
        .with_details(json!({ "source": Source::Direct.as_str() }))
}

fn refused(error: CannotSay) -> ApiError {
    match error {
        CannotSay::Fal(error) => ApiError::fal("FAL could not be asked to cancel, the job goes on", &error),
        CannotSay::InDoubt => {
            ApiError::conflict("Whether FAL has this job is not known, so it cannot be canceled; resolve it instead")
        }
        CannotSay::Internal(cause) => ApiError::internal(cause),
        CannotSay::NotInDoubt => ApiError::conflict("Only a job whose state is unknown can be resolved"),
        CannotSay::Store(StoreError::Missing) => no_job(),
        CannotSay::Store(error) => error.into(),
    }
}

async fn shown(app: &App, Canceled { job, at_fal }: Canceled) -> Result<CanceledView, ApiError> {
    let images = app.store.job_images(&job.owner, &job.id).await?;
    Ok(CanceledView {
        stopped: stopped(&job),
        at_fal: at_fal.map(told),
        charged: job.state.is_terminal().then(|| job.cost.unwrap_or_default()),
        job: view(job, images),
    })
}

/// What answers call it.
pub(crate) const fn told(at_fal: CancelOutcome) -> &'static str {
    match at_fal {
        CancelOutcome::Requested => "requested",
        CancelOutcome::AlreadyCompleted => "already_completed",
        CancelOutcome::NotFound => "not_found",
    }
}

/// `None` as long as it is not over.
fn stopped(job: &Job) -> Option<bool> {
    job.state.is_terminal().then_some(job.state == JobState::Canceled)
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "JobResolve")]
pub(crate) struct Resolve {
    #[schemars(required, with = "Option<shapes::Outcome>")]
    outcome: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "JobCanceled")]
pub(crate) struct CanceledView {
    /// Whether it was stopped: `false` when it had ended or ended all the same, `null` when that is still open.
    stopped: Option<bool>,
    /// What FAL answered; `null` when it was not asked.
    #[schemars(with = "Option<shapes::CancelOutcome>")]
    at_fal: Option<&'static str>,
    /// What the job was charged; `null` while that is open.
    #[schemars(with = "Option<shapes::Usd>")]
    charged: Option<Usd>,
    job: JobView,
}
