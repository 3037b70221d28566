//! `/api/realtime`: what changes among one's own records, told as it happens (server-sent events, WHATWG HTML §9.2).
//!
//! A client connects as a guest, since an `EventSource` sends no token, and says by a second request who it is and what
//! it wants to hear of. Whoever changes records calls [`Changes::publish`]; a client's stream reads the records itself,
//! as its user sees them then.

mod hub;
mod listener;
pub(crate) mod subscribe;
mod subscription;

pub use hub::Changes;
pub use subscribe::subscribe;

use crate::app::App;
use crate::http::{RecordsError, Request, Response, respond};
use crate::store::StoreError;
use futures_util::stream;
use hub::{NotEntered, Standing};
use listener::{Listener, PATIENCE};
use std::sync::Arc;
use std::time::Duration;

/// When to try again after too many streams.
const SOON: Duration = Duration::from_secs(10);

/// `GET /api/realtime`: the stream. It begins with `PB_CONNECT` and the client's id, and ends after five minutes without
/// a message, after half an hour, when its reader is too slow, and when the server stops.
///
/// # Errors
/// 429 when there are too many streams.
pub async fn connect(app: &Arc<App>, request: Request) -> Result<Response, RecordsError> {
    let connection = app.changes.enter(request.client()).map_err(|error| match error {
        NotEntered::Full => too_many(),
        NotEntered::Random(error) => RecordsError::internal(error),
    })?;
    let listener = Listener::new(app, connection, PATIENCE);
    Ok(respond::events(stream::unfold(listener, |mut listener| async move {
        let message = listener.next().await?;
        Some((message, listener))
    })))
}

/// Whether the user is there and has not changed password or address since.
async fn is_still(app: &App, standing: &Standing) -> Result<bool, StoreError> {
    let user = app.store.user(&standing.user).await?;
    Ok(user.is_some_and(|user| user.token_key.0 == standing.token_key.0))
}

fn too_many() -> RecordsError {
    RecordsError::too_many_attempts(SOON)
}
