//! `/api/custom/auth/sessions`: a user's sessions on all devices, each by its handle, which opens nothing.

use crate::api::Done;
use crate::app::App;
use crate::audit;
use crate::auth;
use crate::clock;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, respond};
use crate::openapi::shapes;
use crate::sessions::Listed;
use crate::store::Deed;
use generatio_core::time::Clock;
use schemars::JsonSchema;
use serde::Serialize;

/// `GET /api/custom/auth/sessions`: `{sessions: [{handle, label, created, expires_at, current}]}`, oldest first. `current`
/// is the one that `X-Session-ID` names.
pub(crate) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let own = auth::session_id(&request);
    let listed = app.sessions.list(&user.id, own.as_ref(), app.clock.now()).await?;
    Ok(respond::ok(&List { sessions: listed.into_iter().map(View::from).collect() }))
}

/// `DELETE /api/custom/auth/sessions/{handle}`: ends it. Running jobs own their token and go on.
pub(crate) async fn end(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    if !app.sessions.end_by_handle(request.param("handle"), &user.id).await? {
        return Err(ApiError::not_found("Session not found").into());
    }
    audit::by_user(app, Deed::SessionEnded, &user.id, request.client()).await;
    Ok(respond::ok(&Done::new("Session deleted successfully")))
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SessionList")]
pub(crate) struct List {
    sessions: Vec<View>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Session")]
struct View {
    handle: String,
    label: String,
    #[schemars(with = "shapes::Moment")]
    created: String,
    #[schemars(with = "shapes::Moment")]
    expires_at: String,
    current: bool,
}

impl From<Listed> for View {
    fn from(listed: Listed) -> Self {
        Self {
            handle: listed.handle,
            label: listed.label,
            created: clock::rfc3339(listed.created),
            expires_at: clock::rfc3339(listed.expires),
            current: listed.current,
        }
    }
}
