//! `GET /api/custom/status`: what this deployment offers. Public.

use crate::app::App;
use crate::http::{Error, Request, Response, respond};
use crate::openapi::shapes;
use generatio_core::time::Clock;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

/// `200 {status, services, available_models, custody, prices, registration, fal_url?}`.
pub(crate) async fn show(app: &App, _request: Request) -> Result<Response, Error> {
    let hosts = app.fal.hosts();
    let sessions = app.sessions.counts(app.clock.now()).await;
    Ok(respond::public(&Status {
        status: "ok",
        services: Services {
            encryption: "AES-256-GCM with PBKDF2",
            sessions: SessionCounts { active: sessions.active, total: sessions.total },
        },
        available_models: &app.models,
        custody: app.settings.custody.names(),
        prices: app.settings.prices.as_str(),
        registration: app.settings.registration.as_str(),
        fal_url: hosts.is_loopback().then(|| hosts.queue()),
    }))
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ServerStatus")]
pub(crate) struct Status<'a> {
    status: &'static str,
    services: Services,
    #[schemars(with = "shapes::Catalog")]
    available_models: &'a RawValue,
    /// The modes of custody that are allowed here.
    #[schemars(with = "Vec<shapes::CustodyMode>")]
    custody: Vec<&'static str>,
    /// Whose prices the accounts follow: `catalog` or `fal`.
    #[schemars(with = "shapes::PriceBook")]
    prices: &'static str,
    /// Who may make an account: everybody, who was invited, or nobody.
    #[schemars(with = "shapes::Registration")]
    registration: &'static str,
    /// Where clients in direct mode find FAL: only where it is played on this machine. They know FAL's own address, and
    /// take no other from a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    fal_url: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ServerServices")]
struct Services {
    encryption: &'static str,
    sessions: SessionCounts,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ServerSessions")]
struct SessionCounts {
    active: usize,
    total: usize,
}
