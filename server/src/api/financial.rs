//! `/api/custom/financial`: what was spent, row by row and as sums of ledger rows.

pub(crate) mod budget;
pub(crate) mod ledger;
pub(crate) mod series;

mod csv;
mod query;

use crate::app::App;
use crate::auth;
use crate::calendar::Bucket;
use crate::http::{Error, Request, Response, respond};
use crate::ids::UserId;
use crate::openapi::shapes;
use crate::store::{Spending, StoreError};
use generatio_core::Timestamp;
use generatio_core::cost::{RECENT, Usd, UsdSum, forecast};
use generatio_core::time::Clock;
use schemars::JsonSchema;
use serde::Serialize;

/// `GET /api/custom/financial/stats`. Deleted pictures count: the money was spent.
pub(crate) async fn stats(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let now = app.clock.now();
    let spending = app.store.spending(&user.id, now.before(RECENT)).await?;
    Ok(respond::ok(&Stats {
        total_spent: spending.total,
        total_images: spending.images,
        recent_spending: spending.recent,
        average_cost: spending.total.average(spending.images),
        fal_spent: spending.fal_total,
        fal_recent_spending: spending.fal_recent,
        month_forecast: month_forecast(app, &user.id, &spending, now).await?,
    }))
}

async fn month_forecast(app: &App, owner: &UserId, so_far: &Spending, now: Timestamp) -> Result<UsdSum, StoreError> {
    let (month, next_month) = Bucket::Month.around(now);
    let models = app.store.spending_by_model(owner, vec![month, next_month]).await?;
    let spent = models.iter().flatten().map(|model| model.amount.nano()).fold(0, i128::saturating_add);
    let history = now.since(so_far.first.unwrap_or(now));
    Ok(forecast(UsdSum::from_nano(spent), so_far.recent, history, next_month.since(now)))
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SpendingStats")]
pub(crate) struct Stats {
    #[schemars(with = "shapes::Usd")]
    total_spent: UsdSum,
    total_images: u64,
    #[schemars(with = "shapes::Usd")]
    recent_spending: UsdSum,
    #[schemars(with = "shapes::Usd")]
    average_cost: Usd,
    /// The same pictures in FAL's own prices: the real bill where the two differ.
    #[schemars(with = "shapes::Usd")]
    fal_spent: UsdSum,
    #[schemars(with = "shapes::Usd")]
    fal_recent_spending: UsdSum,
    /// What the account will be charged in this month (UTC), if it goes on at the pace of late.
    #[schemars(with = "shapes::Usd")]
    month_forecast: UsdSum,
}
