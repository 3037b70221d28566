//! `/api/custom/generate`: pictures, and the models that make them.

use super::{filled, told};
use crate::app::App;
use crate::auth;
use crate::clock;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, StatusCode, read_json, respond};
use crate::ids::{FolderId, ImageId, JobId, UserId};
use crate::jobs::Order;
use crate::store::{Failure, Image, Job, Settled};
use generatio_core::FalKey;
use generatio_core::catalog::{Generation, Problems};
use generatio_core::cost::{Certainty, Usd};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// `POST /api/custom/generate/image`: checks everything first, then runs one job and answers with its pictures, or
/// with 202 and the job when it takes longer than `--sync-wait` or the server stops meanwhile.
pub(crate) async fn image(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let token = auth::session_token(app, &request, &user.id).await?;
    let key = FalKey::parse(token).map_err(ApiError::internal)?;
    let body: Generate = read_json(app, &mut request).await?;
    let generation = check(app, &body)?;
    let folder = folder(body.collection_id.as_deref())?;
    let order = Order { owner: user.id.clone(), generation, folder };
    let running = app.jobs.start(order, key).await.map_err(told::refused)?;
    let outcome = tokio::select! {
        outcome = running.outcome => outcome.map_err(ApiError::internal)?,
        () = tokio::time::sleep(app.settings.sync_wait) => return accepted(app, &user.id, &running.job).await,
        () = app.jobs.stopped() => return accepted(app, &user.id, &running.job).await,
    };
    let Settled { job, images } = told::settled(outcome)?;
    Ok(respond::ok(&Generated {
        images: pictures(images),
        cost: job.cost,
        certainty: job.quote.account(job.book).certainty,
        model: job.model,
        job: job.id,
    }))
}

/// `GET /api/custom/generate/models`: the catalog, keyed by name.
pub(crate) async fn models(app: &App, request: Request) -> Result<Response, Error> {
    auth::principal(app, &request).await?;
    Ok(respond::ok(&app.catalog))
}

/// `GET /api/custom/generate/jobs/{id}`: where one's job stands.
pub(crate) async fn job(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let id = JobId::parse(request.param("id")).ok_or_else(no_job)?;
    let job = app.store.job(&user.id, &id).await?.ok_or_else(no_job)?;
    Ok(respond::ok(&view(app, job).await?))
}

/// Catalog, parameters and prompt; every problem is reported.
pub(super) fn check(app: &App, body: &Generate) -> Result<Generation, ApiError> {
    let (Some(model), Some(prompt)) = (filled(body.model.as_deref()), filled(body.prompt.as_deref())) else {
        return Err(ApiError::validation("Model and prompt are required"));
    };
    app.catalog.check(model, prompt, body.parameters.as_ref()).map_err(refused)
}

fn refused(problems: Problems) -> ApiError {
    let listed: Vec<Value> = problems
        .iter()
        .map(|problem| json!({ "code": problem.code.as_str(), "path": problem.path, "message": problem.message }))
        .collect();
    ApiError::validation(problems.to_string()).with_details(json!({ "problems": listed }))
}

/// The folder the pictures go to, if one was named. Whether it is the user's, the reservation finds out.
fn folder(id: Option<&str>) -> Result<Option<FolderId>, ApiError> {
    filled(id).map(|id| FolderId::parse(id).ok_or_else(told::no_folder)).transpose()
}

/// The job goes on; the caller is told where to look.
async fn accepted(app: &App, owner: &UserId, id: &JobId) -> Result<Response, Error> {
    let job = app.store.job(owner, id).await?.ok_or_else(no_job)?;
    let place = format!("/api/custom/generate/jobs/{id}");
    let response = respond::json(StatusCode::ACCEPTED, &view(app, job).await?);
    Ok(respond::with_location(response, &place))
}

async fn view(app: &App, job: Job) -> Result<JobView, ApiError> {
    let images = app.store.job_images(&job.owner, &job.id).await?;
    Ok(JobView {
        state: job.state.as_str(),
        model: job.model,
        images: pictures(images),
        cost: job.cost,
        certainty: job.quote.account(job.book).certainty,
        held: (!job.state.is_terminal()).then_some(job.held),
        failure: job.failure.map(|Failure { code, message }| JobFailure { code, message }),
        created: clock::rfc3339(job.created),
        updated: clock::rfc3339(job.updated),
        id: job.id,
    })
}

fn pictures(images: Vec<Image>) -> Vec<Picture> {
    images.into_iter().map(|image| Picture { id: image.id, url: image.url }).collect()
}

fn no_job() -> ApiError {
    ApiError::not_found("Job not found")
}

#[derive(Deserialize)]
pub(super) struct Generate {
    model: Option<String>,
    prompt: Option<String>,
    parameters: Option<Map<String, Value>>,
    collection_id: Option<String>,
}

#[derive(Serialize)]
struct Generated {
    images: Vec<Picture>,
    cost: Option<Usd>,
    certainty: Certainty,
    model: String,
    job: JobId,
}

#[derive(Serialize)]
struct Picture {
    id: ImageId,
    url: String,
}

#[derive(Serialize)]
struct JobView {
    id: JobId,
    state: &'static str,
    model: String,
    images: Vec<Picture>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Usd>,
    certainty: Certainty,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<Usd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<JobFailure>,
    created: String,
    updated: String,
}

#[derive(Serialize)]
struct JobFailure {
    code: String,
    message: String,
}
