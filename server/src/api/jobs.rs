//! `/api/custom/generate/jobs`: where one's jobs stand and what came of them.

pub(crate) mod events;
pub(crate) mod wishes;

use crate::app::App;
use crate::auth;
use crate::clock;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, StatusCode, respond};
use crate::ids::{ImageId, JobId, UserId};
use crate::openapi::shapes;
use crate::store::{Attachment, Failure, Image, Job, JobQuery, JobState, Reporter, Source, StoreError};
use generatio_core::cost::{Certainty, Usd};
use schemars::JsonSchema;
use serde::Serialize;

/// Jobs of a page, unless `limit` says otherwise.
pub(crate) const USUAL_LIMIT: u32 = 50;
/// The most jobs of a page.
pub(crate) const MAX_LIMIT: u32 = 200;

/// `GET /api/custom/generate/jobs`: newest first; `state`, `source` and `open` narrow, `limit` and `cursor` page. A cursor is the id of the
/// last job of the page before, so that jobs begun meanwhile neither repeat nor hide any.
pub(crate) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let limit = limit(&request)?;
    // One more than the page holds: it tells whether there is another page.
    let query = JobQuery {
        state: state(&request)?,
        source: source(&request)?,
        is_open: is_open(&request)?,
        after: cursor(&request)?,
        limit: limit + 1,
    };
    let mut found = app.store.jobs(&user.id, query).await.map_err(refused)?;
    let shown = usize::try_from(limit).map_err(ApiError::internal)?;
    let more = found.len() > shown;
    found.truncate(shown);
    let next = found.last().filter(|_| more).map(|(job, _)| job.id.clone());
    let items = found.into_iter().map(|(job, images)| view(job, images)).collect();
    Ok(respond::ok(&Page { items, next }))
}

/// `GET /api/custom/generate/jobs/{id}`: one job.
pub(crate) async fn show(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let id = JobId::parse(request.param("id")).ok_or_else(no_job)?;
    Ok(respond::ok(&load(app, &user.id, &id).await?))
}

/// 202 with the job, which goes on; the caller is told where to look.
pub(super) async fn accepted(app: &App, owner: &UserId, id: &JobId) -> Result<Response, ApiError> {
    let response = respond::json(StatusCode::ACCEPTED, &load(app, owner, id).await?);
    Ok(respond::with_location(response, &format!("/api/custom/generate/jobs/{id}")))
}

/// Pictures as answers show them.
pub(super) fn pictures(images: &[Image]) -> Vec<Picture> {
    images.iter().map(|image| Picture { id: image.id.clone(), url: image.url.clone() }).collect()
}

async fn load(app: &App, owner: &UserId, id: &JobId) -> Result<JobView, ApiError> {
    let job = app.store.job(owner, id).await?.ok_or_else(no_job)?;
    let images = app.store.job_images(owner, id).await?;
    Ok(view(job, images))
}

/// `images` were read after `job`, which may have ended in between: they are shown together with that end, not before.
pub(super) fn view(job: Job, images: Vec<Image>) -> JobView {
    let images = if job.state == JobState::Completed { pictures(&images) } else { Vec::new() };
    JobView {
        source: job.source.as_str(),
        direct: (job.source == Source::Direct).then(|| Direct::of(&job)),
        reported_by: job.reported_by.map(Reporter::as_str),
        state: job.state.as_str(),
        model: job.model,
        images,
        cost: job.cost,
        certainty: job.quote.account(job.book).certainty,
        cancel_asked: job.cancel_asked.filter(|_| !job.state.is_terminal()).map(clock::rfc3339),
        held: (!job.state.is_terminal()).then_some(job.held),
        failure: job.failure.map(|Failure { code, message, .. }| JobFailure { code, message }),
        created: clock::rfc3339(job.created),
        updated: clock::rfc3339(job.updated),
        id: job.id,
    }
}

fn limit(request: &Request) -> Result<u32, ApiError> {
    let Some(given) = request.query("limit") else { return Ok(USUAL_LIMIT) };
    let limit = given.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| ApiError::validation("The parameter limit must be a number from 1 to 200"))
}

fn state(request: &Request) -> Result<Option<JobState>, ApiError> {
    let Some(given) = request.query("state") else { return Ok(None) };
    let state = JobState::ALL.into_iter().find(|state| state.as_str() == given);
    state.map(Some).ok_or_else(|| ApiError::validation("The parameter state must be a state of a job"))
}

fn source(request: &Request) -> Result<Option<Source>, ApiError> {
    let Some(given) = request.query("source") else { return Ok(None) };
    let source = Source::ALL.into_iter().find(|source| source.as_str() == given);
    source.map(Some).ok_or_else(|| ApiError::validation("The parameter source must be server or direct"))
}

fn is_open(request: &Request) -> Result<bool, ApiError> {
    match request.query("open").as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(ApiError::validation("The parameter open must be true or false")),
    }
}

fn cursor(request: &Request) -> Result<Option<JobId>, ApiError> {
    request.query("cursor").map(|id| JobId::parse(&id).ok_or_else(no_cursor)).transpose()
}

fn refused(error: StoreError) -> ApiError {
    if error == StoreError::Missing { no_cursor() } else { error.into() }
}

fn no_cursor() -> ApiError {
    ApiError::validation("The parameter cursor must be the next of an earlier page")
}

pub(super) fn no_job() -> ApiError {
    ApiError::not_found("Job not found")
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "JobPage")]
pub(crate) struct Page {
    items: Vec<JobView>,
    /// The cursor of the next page; `null` on the last.
    next: Option<JobId>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "JobPicture")]
pub(super) struct Picture {
    id: ImageId,
    url: String,
}

/// A job as answers show it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Job")]
pub(crate) struct JobView {
    id: JobId,
    #[schemars(with = "shapes::JobState")]
    state: &'static str,
    model: String,
    images: Vec<Picture>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shapes::Usd>")]
    cost: Option<Usd>,
    #[schemars(with = "shapes::Certainty")]
    certainty: Certainty,
    /// Since when its owner wants it stopped, as long as it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shapes::Moment>")]
    cancel_asked: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shapes::Usd>")]
    held: Option<Usd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<JobFailure>,
    /// Who runs it: `server` or `direct`.
    #[schemars(with = "shapes::Source")]
    source: &'static str,
    /// Who said what became of it, once it is over or in doubt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shapes::Reporter>")]
    reported_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direct: Option<Direct>,
    #[schemars(with = "shapes::Moment")]
    created: String,
    #[schemars(with = "shapes::Moment")]
    updated: String,
}

/// What it takes to go on with a job that the client runs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "JobDirect")]
struct Direct {
    endpoint: String,
    num_images: u32,
    #[serde(flatten)]
    at_fal: Option<AtFal>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "JobAtFal")]
struct AtFal {
    request_id: String,
    status_url: String,
    response_url: String,
    cancel_url: String,
}

impl Direct {
    fn of(job: &Job) -> Self {
        let at_fal = job.attachment.clone().map(|attachment| {
            let Attachment { request_id, status_url, response_url, cancel_url } = attachment;
            AtFal { request_id, status_url, response_url, cancel_url }
        });
        Self { endpoint: job.endpoint.clone(), num_images: job.num_images, at_fal }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "JobFailure")]
struct JobFailure {
    code: String,
    message: String,
}
