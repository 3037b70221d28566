//! `GET /api/custom/financial/series`: spending over time, ready to plot.

use super::query;
use crate::app::App;
use crate::auth;
use crate::calendar::Bucket;
use crate::clock;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, respond};
use crate::openapi::shapes;
use crate::store::ModelSpending;
use generatio_core::Timestamp;
use generatio_core::cost::UsdSum;
use generatio_core::time::Clock;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Buckets of a series, unless `from` says otherwise.
const USUAL_BUCKETS: usize = 30;
/// The most buckets of a series: the days of a leap year.
const MAX_BUCKETS: usize = 366;

/// Sums per `bucket` (`day`, `week` from Monday, or `month`, all UTC), of everything or `by=model`. The buckets are
/// whole: those that `from` and `to` lie in count from their beginning and to their end.
pub(crate) async fn show(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let (bucket, by_model) = (bucket(&request)?, by_model(&request)?);
    let bounds = bounds(&request, bucket, app.clock.now())?;
    let spans = app.store.spending_by_model(&user.id, bounds.clone()).await?;
    let (from, to) = (bounds.first().copied(), bounds.last().copied());
    Ok(respond::ok(&Series {
        bucket: bucket.as_str(),
        from: from.map(clock::rfc3339),
        to: to.map(clock::rfc3339),
        buckets: bounds.iter().take(spans.len()).copied().map(clock::rfc3339).collect(),
        series: lines(spans, by_model),
    }))
}

fn bucket(request: &Request) -> Result<Bucket, ApiError> {
    let Some(given) = query::text(request, "bucket") else { return Ok(Bucket::Day) };
    Bucket::parse(&given).ok_or(ApiError::validation("The parameter bucket must be day, week or month"))
}

fn by_model(request: &Request) -> Result<bool, ApiError> {
    match query::text(request, "by").as_deref() {
        None => Ok(false),
        Some("model") => Ok(true),
        Some(_) => Err(ApiError::validation("The parameter by must be model")),
    }
}

/// Where buckets begin and the last one ends: up to the present and [`USUAL_BUCKETS`], unless the query says otherwise.
fn bounds(request: &Request, bucket: Bucket, now: Timestamp) -> Result<Vec<Timestamp>, ApiError> {
    let (from, to) = query::span(request)?;
    let to = to.unwrap_or(now.after(Duration::from_millis(1)));
    let bounds = match from {
        Some(from) => bucket.bounds(from, to, MAX_BUCKETS),
        None => bucket.bounds_until(to, USUAL_BUCKETS),
    };
    bounds.ok_or(ApiError::validation("The series must have between 1 and 366 buckets"))
}

/// One line for each model that was charged for, by name, or one line for all.
fn lines(spans: Vec<Vec<ModelSpending>>, by_model: bool) -> Vec<Line> {
    let buckets = spans.len();
    let mut lines = BTreeMap::new();
    if !by_model {
        lines.insert(None, Line::flat(None, buckets));
    }
    for (place, spending) in spans.into_iter().enumerate() {
        for one in spending {
            let model = by_model.then(|| one.model.clone());
            let line = lines.entry(model).or_insert_with_key(|model| Line::flat(model.clone(), buckets));
            line.add(place, &one);
        }
    }
    lines.into_values().collect()
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SpendingSeries")]
pub(crate) struct Series {
    #[schemars(with = "shapes::Bucket")]
    bucket: &'static str,
    /// Beginning of the first bucket.
    #[schemars(with = "Option<shapes::Moment>")]
    from: Option<String>,
    /// End of the last.
    #[schemars(with = "Option<shapes::Moment>")]
    to: Option<String>,
    /// Where each begins.
    #[schemars(with = "Vec<shapes::Moment>")]
    buckets: Vec<String>,
    series: Vec<Line>,
}

/// What to draw: a value for each bucket.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SpendingLine")]
struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[schemars(with = "Vec<shapes::Usd>")]
    amount: Vec<UsdSum>,
    /// The same in FAL's own prices.
    #[schemars(with = "Vec<shapes::Usd>")]
    fal_amount: Vec<UsdSum>,
    images: Vec<u64>,
}

impl Line {
    fn flat(model: Option<String>, buckets: usize) -> Self {
        let nothing = vec![UsdSum::default(); buckets];
        Self { model, amount: nothing.clone(), fal_amount: nothing, images: vec![0; buckets] }
    }

    fn add(&mut self, place: usize, spending: &ModelSpending) {
        let plus = |sum: UsdSum, more: UsdSum| UsdSum::from_nano(sum.nano().saturating_add(more.nano()));
        self.amount[place] = plus(self.amount[place], spending.amount);
        self.fal_amount[place] = plus(self.fal_amount[place], spending.fal_amount);
        self.images[place] = self.images[place].saturating_add(spending.images);
    }
}
