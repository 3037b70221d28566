//! `fal.run`: synchronous calls, and their output as a stream.

use crate::accept::accept;
use crate::app::App;
use crate::book::Source;
use crate::call::Call;
use crate::reply::Reply;
use crate::result;
use crate::route::Target;
use crate::spoil::spoil;
use crate::stream::sse;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use std::sync::Arc;

/// `POST /run/{endpoint}`, or `…/stream`. The request goes on, and is billed, even if the caller hangs up.
pub(crate) async fn run(app: &Arc<App>, call: &Call, target: &Target, stream: bool) -> Reply {
    let accepted = match accept(app, call, target, Source::Run).await {
        Ok(accepted) => accepted,
        Err(refusal) => return *refusal,
    };
    let job = &accepted.job;
    job.ended().await;
    let answer = spoil(accepted.fault, result::read(app, job).await).await;
    let answer = if stream { as_event(answer) } else { answer };
    answer.with("x-fal-request-id", &job.id)
}

/// One event with all of a good answer; anything else stays as it is.
fn as_event(answer: Reply) -> Reply {
    match answer {
        Reply::Whole(response) if response.status().is_success() => {
            let event = Bytes::from([b"data: ", response.body().as_ref(), b"\n\n"].concat());
            sse(Full::new(event).map_err(|never| match never {}).boxed_unsync())
        }
        other => other,
    }
}
