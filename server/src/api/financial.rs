//! `/api/custom/financial`: what was spent, row by row and as sums of ledger rows.

pub(crate) mod ledger;
pub(crate) mod series;

mod csv;
mod query;

use crate::app::App;
use crate::auth;
use crate::http::{Error, Request, Response, respond};
use generatio_core::cost::{Usd, UsdSum};
use generatio_core::time::Clock;
use serde::Serialize;
use std::time::Duration;

/// What counts as recent: 30 days of 24 hours, UTC.
const RECENT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// `GET /api/custom/financial/stats`. Deleted pictures count: the money was spent.
pub(crate) async fn stats(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let spending = app.store.spending(&user.id, app.clock.now().before(RECENT)).await?;
    Ok(respond::ok(&Stats {
        total_spent: spending.total,
        total_images: spending.images,
        recent_spending: spending.recent,
        average_cost: spending.total.average(spending.images),
        fal_spent: spending.fal_total,
    }))
}

#[derive(Serialize)]
struct Stats {
    total_spent: UsdSum,
    total_images: u64,
    recent_spending: UsdSum,
    average_cost: Usd,
    /// The same pictures in FAL's own prices: the real bill where the two differ.
    fal_spent: UsdSum,
}
