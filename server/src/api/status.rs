//! `GET /api/custom/status`: what this deployment offers. Public.

use crate::app::App;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, respond};
use crate::openapi::shapes;
use bytes::Bytes;
use generatio_core::session::memory::Counts;
use generatio_core::time::Clock;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::{Mutex, PoisonError};

/// `200 {status, services, available_models, custody, prices, registration, fal_url?}`.
pub(crate) async fn show(app: &App, _request: Request) -> Result<Response, Error> {
    let sessions = app.sessions.counts(app.clock.now()).await;
    let text = app.status.text(sessions, || serde_json::to_vec(&status(app, sessions)));
    Ok(respond::written(text.map_err(ApiError::internal)?))
}

fn status(app: &App, sessions: Counts) -> Status<'_> {
    let hosts = app.fal.hosts();
    Status {
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
    }
}

/// The answer that was given last. Nothing in it changes but the number of sessions, and all models stand in it: to write
/// them again takes several times as long as all else of an answer.
#[derive(Default)]
pub(crate) struct Last(Mutex<Option<(Counts, Bytes)>>);

impl Last {
    /// It, where there are as many sessions as then; else a new one.
    fn text<E>(&self, sessions: Counts, write: impl FnOnce() -> Result<Vec<u8>, E>) -> Result<Bytes, E> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((then, text)) = &*last
            && *then == sessions
        {
            return Ok(text.clone());
        }
        let text = Bytes::from(write()?);
        *last = Some((sessions, text.clone()));
        Ok(text)
    }
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

#[cfg(test)]
mod tests {
    use super::{Counts, Last};

    #[test]
    fn another_number_of_sessions_is_another_answer() {
        let last = Last::default();
        let text = |active, text: &str| {
            let counts = Counts { active, total: 7 };
            last.text::<()>(counts, || Ok(text.as_bytes().to_vec())).unwrap()
        };
        assert_eq!([text(1, "a"), text(1, "b"), text(2, "c"), text(2, "d"), text(1, "e")], ["a", "a", "c", "c", "e"]);
    }
}
