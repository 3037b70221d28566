//! `POST /api/custom/webhooks/fal/{nonce}`: FAL says that a job is over. Nobody logs in here: the nonce says which job
//! it is, FAL's signature that it is true.

use crate::app::App;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, StatusCode, respond};
use crate::jobs::webhook::{Letter, NotTaken};
use generatio_core::fal::webhook::WebhookError;
use generatio_core::fal::wire::RESULT_MAX;

/// 204 when whatever it said is recorded, also when that was known. FAL delivers again after any other answer.
pub(crate) async fn receive(app: &App, mut request: Request) -> Result<Response, Error> {
    let job = app.jobs.by_nonce(request.param("nonce")).await?;
    // Before anything of the body is read: strangers have nothing to say here.
    let job = job.ok_or_else(|| ApiError::not_found("No job waits for this webhook"))?;
    let body = request.read_body(RESULT_MAX).await.map_err(ApiError::from)?;
    let header = |name| request.header(name).unwrap_or_default().to_owned();
    let letter = Letter {
        request_id: header("x-fal-webhook-request-id"),
        user_id: header("x-fal-webhook-user-id"),
        timestamp: header("x-fal-webhook-timestamp"),
        signature: header("x-fal-webhook-signature"),
        body,
    };
    app.jobs.deliver(job, letter).await.map_err(refused)?;
    Ok(respond::empty(StatusCode::NO_CONTENT))
}

fn refused(error: NotTaken) -> ApiError {
    match error {
        NotTaken::Refused(WebhookError::Expired { .. }) => {
            ApiError::conflict("The webhook's signature is too old; sign it anew")
        }
        NotTaken::OtherRequest => ApiError::conflict("The webhook is about another request than this job's"),
        NotTaken::Refused(WebhookError::Malformed) => ApiError::validation("The request is not a webhook of FAL's"),
        NotTaken::Refused(WebhookError::Signature) => ApiError::authorization("FAL did not sign this webhook"),
        // Keys that cannot be had, a store that is busy: the next delivery may find it better.
        error => ApiError::internal(error),
    }
}
