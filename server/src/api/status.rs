//! `GET /api/custom/status`: what this deployment offers. Public.

use crate::app::App;
use crate::http::{Error, Request, Response, respond};
use generatio_core::catalog::Catalog;
use generatio_core::time::Clock;
use serde::Serialize;

/// `200 {status, services, available_models, custody}`.
pub(crate) async fn show(app: &App, _request: Request) -> Result<Response, Error> {
    let sessions = app.sessions.counts(app.clock.now()).await;
    Ok(respond::ok(&Status {
        status: "ok",
        services: Services {
            encryption: "AES-256-GCM with PBKDF2",
            sessions: SessionCounts { active: sessions.active, total: sessions.total },
        },
        available_models: &app.catalog,
        custody: app.settings.custody.names(),
        prices: app.settings.prices.as_str(),
    }))
}

#[derive(Serialize)]
struct Status<'a> {
    status: &'static str,
    services: Services,
    available_models: &'a Catalog,
    custody: Vec<&'static str>,
    /// Whose prices the accounts follow: `catalog` or `fal`.
    prices: &'static str,
}

#[derive(Serialize)]
struct Services {
    encryption: &'static str,
    sessions: SessionCounts,
}

#[derive(Serialize)]
struct SessionCounts {
    active: usize,
    total: usize,
}
