//! `/api/custom/generate`: pictures, and the models that make them.

use super::filled;
use crate::app::App;
use crate::auth;
use crate::clock;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, StatusCode, read_json, respond};
use crate::ids::{FolderId, ImageId, JobId, UserId};
use crate::jobs::Outcome;
use crate::store::{Failure, Job, Settled};
use generatio_core::FalKey;
use generatio_core::catalog::{Generation, Problems};
use generatio_core::cost::Usd;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// `POST /api/custom/generate/image`: checks everything first, then runs one job and answers with its pictures, or
/// with 202 and the job when it takes longer than `--sync-wait`.
pub(crate) async fn image(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let token = auth::session_token(app, &request, &user.id).await?;
    let key = FalKey::parse(token).map_err(ApiError::internal)?;
    let body: Generate = read_json(app, &mut request).await?;
    let generation = check(app, &body)?;
    let folder = own_folder(app, &user.id, body.collection_id.as_deref()).await?;
    let job = app.jobs.reserve(&user.id, &generation, folder).await?;
    let id = job.id.clone();
    let pending = app.jobs.start(job, generation, key);
    match tokio::time::timeout(app.settings.sync_wait, pending).await {
        Ok(outcome) => finished(outcome.map_err(ApiError::internal)?),
        Err(_) => accepted(app, &user.id, &id).await,
    }
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
fn check(app: &App, body: &Generate) -> Result<Generation, ApiError> {
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

/// The folder the pictures go to, if one was named. Asked again inside the reservation, where it counts.
async fn own_folder(app: &App, owner: &UserId, id: Option<&str>) -> Result<Option<FolderId>, ApiError> {
    let Some(id) = filled(id) else { return Ok(None) };
    let missing = || ApiError::not_found("Folder not found");
    let folder = FolderId::parse(id).ok_or_else(missing)?;
    if app.store.has_folder(owner, &folder).await? { Ok(Some(folder)) } else { Err(missing()) }
}

fn finished(outcome: Outcome) -> Result<Response, Error> {
    let Settled { job, images } = outcome.into_settled()?;
    let images = images.into_iter().map(|image| Picture { id: image.id, url: image.url }).collect();
    Ok(respond::ok(&Generated { images, cost: job.cost, model: job.model, job: job.id }))
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
        images: images.into_iter().map(|image| Picture { id: image.id, url: image.url }).collect(),
        cost: job.cost,
        held: (!job.state.is_terminal()).then_some(job.held),
        failure: job.failure.map(|Failure { code, message }| JobFailure { code, message }),
        created: clock::rfc3339(job.created),
        updated: clock::rfc3339(job.updated),
        id: job.id,
    })
}

fn no_job() -> ApiError {
    ApiError::not_found("Job not found")
}

#[derive(Deserialize)]
struct Generate {
    model: Option<String>,
    prompt: Option<String>,
    parameters: Option<Map<String, Value>>,
    collection_id: Option<String>,
}

#[derive(Serialize)]
struct Generated {
    images: Vec<Picture>,
    cost: Option<Usd>,
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
