//! `/api/custom/generate/record`: jobs that a client runs, and what it reports of them. FAL's key stays with the client, so
//! that no session is needed here.

pub(crate) mod report;

use super::generate::{self, Generate};
use super::jobs::{JobView, no_job, view};
use super::{custody, headers, told};
use crate::app::App;
use crate::auth;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, StatusCode, read_json, respond};
use crate::ids::JobId;
use crate::jobs::{NotReported, Recorded, Report};
use crate::openapi::shapes;
use crate::store::{Job, JobState, Source, StoreError};
use generatio_core::SecretText;
use generatio_core::fal::SubmittedParts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

/// `POST …`: checks all that a generation is checked for, holds its price, and answers 201 with the job and what FAL is to
/// be sent for it. A call that repeats an earlier one by its `Idempotency-Key` is answered 200 with that one's job.
pub(crate) async fn reserve(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    custody::allow(app, app.settings.custody.direct)?;
    let repeated_by = headers::idempotency_key(&request)?;
    let body: Generate = read_json(app, &mut request).await?;
    let order = generate::order(app, &user.id, Source::Direct, &body, repeated_by)?;
    let recorded = app.jobs.record(order).await.map_err(told::refused)?;
    Ok(reserved(app, recorded).await?)
}

/// `PUT …/{id}/submitted {request_id, status_url?, response_url?, cancel_url?}`: FAL took it.
pub(crate) async fn submitted(app: &App, mut request: Request) -> Result<Response, Error> {
    let (user, id) = (auth::principal(app, &request).await?.user, id(&request)?);
    let body: Submitted = read_json(app, &mut request).await?;
    let request_id = body.request_id.ok_or_else(no_request_id)?;
    let Submitted { status_url, response_url, cancel_url, .. } = body;
    let parts = SubmittedParts { request_id, status_url, response_url, cancel_url };
    let reported = app.jobs.report(&user.id, &id, Report::Submitted(parts)).await;
    Ok(shown(app, reported.map_err(refused)?).await?)
}

/// `PUT …/{id}/result {images, seed?, billable_units?}` or `{error}`: what came of it.
pub(crate) async fn result(app: &App, mut request: Request) -> Result<Response, Error> {
    let (user, id) = (auth::principal(app, &request).await?.user, id(&request)?);
    let body: report::Body = read_json(app, &mut request).await?;
    let report = body.read(app.fal.hosts())?;
    Ok(shown(app, app.jobs.report(&user.id, &id, report).await.map_err(refused)?).await?)
}

/// `DELETE …/{id}`: the client did not submit it, or FAL dropped it.
pub(crate) async fn give_up(app: &App, request: Request) -> Result<Response, Error> {
    let (user, id) = (auth::principal(app, &request).await?.user, id(&request)?);
    Ok(shown(app, app.jobs.report(&user.id, &id, Report::GivenUp).await.map_err(refused)?).await?)
}

fn id(request: &Request) -> Result<JobId, ApiError> {
    JobId::parse(request.param("id")).ok_or_else(no_job)
}

async fn reserved(app: &App, Recorded { job, webhook, is_replay }: Recorded) -> Result<Response, ApiError> {
    let place = format!("/api/custom/generate/jobs/{}", job.id);
    let hosts = app.fal.hosts();
    let submit = match job.state {
        JobState::Created => Some(Submit {
            endpoint: job.endpoint.clone(),
            input: RawValue::from_string(job.input.clone()).map_err(ApiError::internal)?,
            // It leaves its type for the one who gives it to FAL; the answer's buffer is wiped.
            webhook: webhook.as_ref().map(SecretText::expose),
            fal_url: hosts.is_loopback().then(|| hosts.queue()),
        }),
        _ => None,
    };
    let images = app.store.job_images(&job.owner, &job.id).await?;
    let status = if is_replay { StatusCode::OK } else { StatusCode::CREATED };
    Ok(respond::with_location(respond::json(status, &Reserved { job: view(job, images), submit }), &place))
}

async fn shown(app: &App, job: Job) -> Result<Response, ApiError> {
    let images = app.store.job_images(&job.owner, &job.id).await?;
    Ok(respond::ok(&view(job, images)))
}

fn no_request_id() -> ApiError {
    ApiError::validation("The request_id must be FAL's: 1 to 128 letters, digits, _ and -")
}

fn refused(error: NotReported) -> ApiError {
    let stands = |state: JobState| json!({ "state": state.as_str() });
    match error {
        NotReported::Internal(cause) => ApiError::internal(cause),
        NotReported::NoRequestId => no_request_id(),
        NotReported::NotSubmitted(state) => {
            ApiError::conflict("Report FAL's request id of this job first").with_details(stands(state))
        }
        NotReported::OtherEnd(state) => {
            ApiError::conflict("Something else has become of this job already").with_details(stands(state))
        }
        NotReported::OtherRequest { state, request_id } => {
            ApiError::conflict("Another request is recorded for this job")
                .with_details(json!({ "state": state.as_str(), "request_id": request_id }))
        }
        NotReported::Store(StoreError::Missing) => no_job(),
        NotReported::Store(StoreError::LeaseLost) => ApiError::conflict("The job changed meanwhile, try again"),
        NotReported::Store(error) => error.into(),
        NotReported::TooMany(most) => ApiError::validation(format!("At most {most} pictures were asked for")),
    }
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "DirectSubmitted")]
pub(crate) struct Submitted {
    #[schemars(required, regex(pattern = r"^[A-Za-z0-9_-]{1,128}$"))]
    request_id: Option<String>,
    status_url: Option<String>,
    response_url: Option<String>,
    cancel_url: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DirectReserved")]
pub(crate) struct Reserved<'a> {
    job: JobView,
    /// As long as the job is not known to be submitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    submit: Option<Submit<'a>>,
}

/// What the client is to send to FAL: what was priced, to the byte.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DirectSubmit")]
struct Submit<'a> {
    endpoint: String,
    #[schemars(with = "shapes::Object")]
    input: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook: Option<&'a str>,
    /// Only where FAL is played on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    fal_url: Option<&'a str>,
}
