//! `GET /healthz` and `GET /readyz`, for whoever restarts servers or sends them traffic.

use super::disk;
use crate::app::App;
use crate::http::{Error, Request, Response, StatusCode, respond};
use crate::store::StoreError;
use schemars::JsonSchema;
use serde::Serialize;
use std::io;
use std::time::Duration;
use tokio::time::timeout;

/// How long a part may take to show that it works.
const PATIENCE: Duration = Duration::from_secs(5);

/// `GET /healthz`: the process answers. `{"alive": true}`, whatever state its parts are in.
pub(crate) async fn alive(_: &App, _: Request) -> Result<Response, Error> {
    Ok(respond::ok(&Alive { alive: true }))
}

/// `GET /readyz`: 200 when the database answers, its writer takes turns and the disk has room, else 503; either way
/// `{"ready", "checks": {"database", "writer", "disk"}}`. What went wrong is in the log.
pub(crate) async fn ready(app: &App, _: Request) -> Result<Response, Error> {
    let checks = check(app).await;
    let ready = checks.database && checks.writer && checks.disk;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(respond::json(status, &Ready { ready, checks }))
}

async fn check(app: &App) -> Checks {
    let (database, writer, disk) = tokio::join!(
        timeout(PATIENCE, app.store.check_reads()),
        timeout(PATIENCE, app.store.check_writes()),
        timeout(PATIENCE, room(app)),
    );
    Checks {
        database: is_well("database", database.map_err(|_| Fault::Slow).and_then(|read| Ok(read?))),
        writer: is_well("writer", writer.map_err(|_| Fault::Slow).and_then(|written| Ok(written?))),
        disk: is_well("disk", disk.unwrap_or(Err(Fault::Slow))),
    }
}

async fn room(app: &App) -> Result<(), Fault> {
    let folder = app.settings.data_dir.clone();
    // A file system over a network may keep its asker waiting.
    let asked = tokio::task::spawn_blocking(move || disk::free(&folder)).await;
    match asked.unwrap_or_else(|broken| Err(io::Error::other(broken)))? {
        free if free < disk::LEAST => Err(Fault::Room(free)),
        _ => Ok(()),
    }
}

fn is_well(part: &'static str, seen: Result<(), Fault>) -> bool {
    seen.inspect_err(|error| tracing::error!(part, %error, "not ready")).is_ok()
}

/// Why a part is not ready.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("the disk cannot be asked: {0}")]
    Disk(#[from] io::Error),
    #[error("{0} bytes are free on the disk")]
    Room(u64),
    #[error("no answer within {PATIENCE:?}")]
    Slow,
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Alive {
    alive: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Ready {
    ready: bool,
    checks: Checks,
}

#[derive(Serialize, JsonSchema)]
struct Checks {
    database: bool,
    writer: bool,
    disk: bool,
}

#[cfg(test)]
mod tests {
    use crate::http::answer::tests::{app, ask};
    use serde_json::{Value, json};

    async fn answer(app: &std::sync::Arc<crate::app::App>, path: &str) -> (u16, Value) {
        let response = ask(app, http::Request::get(path), String::new()).await;
        (response.status().as_u16(), serde_json::from_str(response.body()).unwrap())
    }

    #[tokio::test]
    async fn a_server_is_ready_until_its_store_is_not() {
        let (app, _folder) = app().await;
        let all = |well: bool| json!({ "database": well, "writer": well, "disk": true });
        assert_eq!(answer(&app, "/readyz").await, (200, json!({ "ready": true, "checks": all(true) })));
        app.store.close().await;
        assert_eq!(answer(&app, "/readyz").await, (503, json!({ "ready": false, "checks": all(false) })));
        assert_eq!(answer(&app, "/healthz").await, (200, json!({ "alive": true })));
    }

    #[tokio::test]
    async fn a_data_folder_that_is_gone_is_told() {
        let (app, folder) = app().await;
        std::fs::rename(folder.path(), folder.path().with_extension("moved")).unwrap();
        let (status, told) = answer(&app, "/readyz").await;
        assert_eq!((status, &told["checks"]["disk"]), (503, &json!(false)), "{told}");
        std::fs::rename(folder.path().with_extension("moved"), folder.path()).unwrap();
        app.store.close().await;
    }
}
