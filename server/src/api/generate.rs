//! `/api/custom/generate`: pictures, and the models that make them.

use super::jobs::{self, Picture};
use super::{custody, filled, headers, told};
use crate::app::App;
use crate::auth;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, read_json, respond};
use crate::ids::{FolderId, JobId, UserId};
use crate::jobs::{Order, Running, Started};
use crate::openapi::shapes;
use crate::store::{Idempotency, Image, Job, JobState, Source};
use generatio_core::FalKey;
use generatio_core::catalog::{Generation, Problems};
use generatio_core::cost::{Certainty, Usd};
use generatio_core::time::Clock;
use generatio_core::validate::Prompt;
use http::HeaderValue;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// `POST /api/custom/generate/image`: checks everything first, then runs one job and answers with its pictures, or
/// with 202 and the job when that is preferred, when it takes longer than `--sync-wait`, or when the server stops
/// meanwhile. A call that repeats an earlier one by its `Idempotency-Key` is answered for the earlier one's job.
pub(crate) async fn image(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    custody::allow(app, app.settings.custody.takes_tokens())?;
    let token = auth::session_token(app, &request, &user.id).await?;
    let key = FalKey::parse(token).map_err(ApiError::internal)?;
    let (respond_async, repeated_by) = (headers::prefers_async(&request), headers::idempotency_key(&request)?);
    let body: Generate = read_json(app, &mut request).await?;
    let order = order(app, &user.id, Source::Server, &body, repeated_by)?;
    let response = match app.jobs.start(order, key).await.map_err(told::refused)? {
        started if respond_async => preferred(jobs::accepted(app, &user.id, started.job()).await?),
        Started::Running(running) => finished(app, &user.id, running).await?,
        Started::Standing(job) => standing(app, *job).await?,
    };
    Ok(response)
}

/// `GET /api/custom/generate/models`: the catalog, keyed by name.
pub(crate) async fn models(app: &App, request: Request) -> Result<Response, Error> {
    auth::principal(app, &request).await?;
    Ok(respond::written(app.models.get().to_owned()))
}

/// What the body asks for, checked as far as that goes without the store.
pub(super) fn order(
    app: &App,
    owner: &UserId,
    source: Source,
    body: &Generate,
    repeated_by: Option<String>,
) -> Result<Order, ApiError> {
    let generation = check(app, body)?;
    let folder = folder(body.collection_id.as_deref())?;
    let idempotency =
        repeated_by.map(|key| Idempotency { key, fingerprint: fingerprint(source, &generation, folder.as_ref()) });
    Ok(Order { owner: owner.clone(), source, generation, folder, idempotency })
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

/// SHA-256 over the route and what was understood of the body: the same request in another spelling has the same one.
fn fingerprint(source: Source, generation: &Generation, folder: Option<&FolderId>) -> [u8; 32] {
    let route = match source {
        Source::Direct => "generate/record",
        Source::Server => "generate/image",
    };
    let asked = json!([
        route,
        generation.model().name,
        generation.prompt().as_str(),
        generation.parameters(),
        folder.map(FolderId::as_str),
    ]);
    Sha256::digest(asked.to_string()).into()
}

/// What came of the job, or 202 when that takes too long.
async fn finished(app: &App, owner: &UserId, mut running: Running) -> Result<Response, ApiError> {
    let outcome = tokio::select! {
        outcome = running.outcome() => outcome.ok_or_else(|| ApiError::internal("a job's task ended early"))?,
        () = tokio::time::sleep(app.settings.sync_wait) => return jobs::accepted(app, owner, &running.job).await,
        () = app.jobs.stopped() => return jobs::accepted(app, owner, &running.job).await,
    };
    let settled = told::settled(&outcome)?;
    Ok(generated(app, &settled.job, &settled.images).await)
}

/// What came of an earlier call's job, as that call was or would have been told; 202 when there is nothing to tell yet.
async fn standing(app: &App, job: Job) -> Result<Response, ApiError> {
    match (job.state, &job.failure) {
        (JobState::Completed, _) => Ok(generated(app, &job, &app.store.job_images(&job.owner, &job.id).await?).await),
        (JobState::Failed | JobState::Canceled | JobState::Unknown, Some(failure)) => {
            Err(told::failed(&job.id, job.state, failure))
        }
        _ => jobs::accepted(app, &job.owner, &job.id).await,
    }
}

async fn generated(app: &App, job: &Job, images: &[Image]) -> Response {
    respond::ok(&Generated {
        images: jobs::pictures(images),
        cost: job.cost,
        certainty: job.quote.account(job.book).certainty,
        model: &job.model,
        job: &job.id,
        budget_warning: budget_warning(app, &job.owner).await,
    })
}

/// Whether the owner's budget is nearly used up, if there is one. Pictures that are paid for are told in any case.
async fn budget_warning(app: &App, owner: &UserId) -> Option<bool> {
    match app.store.budget(owner, app.clock.now()).await {
        Ok(budget) => budget.map(|budget| budget.is_warning()),
        Err(error) => {
            tracing::error!(%error, "a budget could not be read");
            None
        }
    }
}

/// Says that the caller's preference was followed (RFC 7240 §3).
fn preferred(mut response: Response) -> Response {
    response.headers_mut().insert("preference-applied", HeaderValue::from_static("respond-async"));
    response
}

/// What a generation is asked for with.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "GenerateRequest")]
pub(crate) struct Generate {
    /// A name of `GET /api/custom/generate/models`.
    #[schemars(required, length(min = 1))]
    model: Option<String>,
    #[schemars(required, length(max = Prompt::MAX_CHARS), regex(pattern = shapes::NOT_BLANK))]
    prompt: Option<String>,
    /// What the model takes beside the prompt: its `parameters` in `GET /api/custom/generate/models`.
    parameters: Option<Map<String, Value>>,
    /// The folder that the pictures go to.
    #[schemars(with = "Option<shapes::IdOrNone>")]
    collection_id: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Generated")]
pub(crate) struct Generated<'a> {
    images: Vec<Picture>,
    #[schemars(with = "Option<shapes::Usd>")]
    cost: Option<Usd>,
    #[schemars(with = "shapes::Certainty")]
    certainty: Certainty,
    model: &'a str,
    job: &'a JobId,
    /// At the moment of the answer; only with a budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget_warning: Option<bool>,
}
