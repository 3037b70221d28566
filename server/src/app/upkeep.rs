//! What a server does by itself from time to time: removing what has expired.

use super::App;
use generatio_core::time::Clock;
use tokio::time::{MissedTickBehavior, interval};

/// Sweeps now and then every `sweep_interval`; never returns. Dropping it between or during sweeps loses nothing.
pub async fn run(app: &App) {
    let mut ticks = interval(app.settings.sweep_interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        sweep(app).await;
    }
}

/// Removes expired sessions and rows, and files of pictures that are no more; gives up waiting for silent clients.
pub async fn sweep(app: &App) {
    let now = app.clock.now();
    let sessions = app.sessions.purge(now).await;
    match app.jobs.doubt_silent().await {
        Ok(0) => {}
        Ok(jobs) => tracing::warn!(jobs, "clients that run jobs themselves have gone quiet; their jobs are unknown"),
        Err(error) => tracing::error!(%error, "jobs of silent clients could not be put in doubt"),
    }
    match app.store.purge(now).await {
        Ok(rows) => tracing::debug!(sessions, rows, "removed what has expired"),
        Err(error) => tracing::error!(%error, "expired rows could not be removed"),
    }
    match app.jwt.drop_ended(now) {
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "keys that sign nothing any more could not be removed"),
    }
    let (before, most) = (now.before(app.settings.audit_keep), app.settings.audit_rows);
    if let Err(error) = app.store.purge_audit(before, most).await {
        tracing::error!(%error, "old entries of the audit log could not be removed");
    }
    app.keeper.sweep().await;
}
