//! `GET /api/custom/financial/ledger`: what was charged, job by job, as JSON or CSV.
//!
//! Pages are found by a cursor: the id of the last row of the page before, so that rows charged meanwhile neither
//! repeat nor hide any. Rows are never changed or removed, hence a cursor holds for ever.

use super::csv::{self, Csv};
use super::query;
use crate::app::App;
use crate::auth;
use crate::clock;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, respond};
use crate::ids::{FolderId, JobId, LedgerId};
use crate::openapi::shapes;
use crate::store::{LedgerQuery, LedgerRow, StoreError};
use generatio_core::cost::{Amount, Usd};
use schemars::JsonSchema;
use serde::Serialize;

/// Rows of a page, unless `limit` says otherwise.
pub(crate) const USUAL_LIMIT: u32 = 50;
/// The most rows of a page.
pub(crate) const MAX_LIMIT: u32 = 200;

/// Newest first; `from`, `to`, `model` and `folder` narrow, `limit` and `cursor` page. Where `Accept` names `text/csv`
/// first, the same page is CSV, and its last line's `id` the next cursor.
pub(crate) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let limit = limit(&request)?;
    // One more than the page holds: it tells whether there is another page.
    let query = LedgerQuery { limit: limit + 1, ..asked(&request)? };
    let mut rows = app.store.ledger(&user.id, query).await.map_err(refused)?;
    let shown = usize::try_from(limit).map_err(ApiError::internal)?;
    let more = rows.len() > shown;
    rows.truncate(shown);
    if wants_csv(&request) {
        return Ok(respond::csv(table(&rows)));
    }
    let next = rows.last().filter(|_| more).map(|row| &row.id);
    Ok(respond::ok(&Page { items: rows.iter().map(Entry::of).collect(), next }))
}

fn asked(request: &Request) -> Result<LedgerQuery, ApiError> {
    let (from, until) = query::span(request)?;
    let folder = query::text(request, "folder").map(|id| FolderId::parse(&id).ok_or_else(no_folder)).transpose()?;
    let after = query::text(request, "cursor").map(|id| LedgerId::parse(&id).ok_or_else(no_cursor)).transpose()?;
    Ok(LedgerQuery { from, until, model: query::text(request, "model"), folder, after, limit: 0 })
}

fn limit(request: &Request) -> Result<u32, ApiError> {
    let Some(given) = query::text(request, "limit") else { return Ok(USUAL_LIMIT) };
    let limit = given.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or(ApiError::validation("The parameter limit must be a number from 1 to 200"))
}

fn no_folder() -> ApiError {
    ApiError::validation("The parameter folder must be the id of a folder")
}

fn no_cursor() -> ApiError {
    ApiError::validation("The parameter cursor must be the next of an earlier page")
}

fn refused(error: StoreError) -> ApiError {
    if error == StoreError::Missing { no_cursor() } else { error.into() }
}

/// Whether `text/csv` comes before JSON among what the caller accepts (RFC 9110 §12.5.1, weights aside).
fn wants_csv(request: &Request) -> bool {
    let accepted = request.header("accept").unwrap_or_default();
    let kinds = accepted.split(',').filter_map(|range| range.split(';').next()).map(str::trim);
    let known = ["text/csv", "application/json"];
    let first = kinds.filter_map(|kind| known.into_iter().find(|known| kind.eq_ignore_ascii_case(known))).next();
    first == Some(known[0])
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LedgerPage")]
pub(crate) struct Page<'a> {
    items: Vec<Entry<'a>>,
    /// The cursor of the next page; `null` on the last.
    next: Option<&'a LedgerId>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LedgerEntry")]
struct Entry<'a> {
    id: &'a LedgerId,
    job: &'a JobId,
    model: &'a str,
    images: u32,
    #[serde(flatten)]
    #[schemars(with = "shapes::Amount")]
    account: Amount,
    #[schemars(with = "shapes::Amount")]
    fal: Amount,
    billable_units: Option<&'a str>,
    #[schemars(with = "shapes::Reporter")]
    reported_by: &'static str,
    #[schemars(with = "shapes::Usd")]
    quoted: Usd,
    #[schemars(with = "shapes::Moment")]
    created: String,
}

impl<'a> Entry<'a> {
    fn of(row: &'a LedgerRow) -> Self {
        Self {
            id: &row.id,
            job: &row.job,
            model: &row.model,
            images: row.images,
            account: row.account,
            fal: row.fal,
            billable_units: row.billable_units.as_deref(),
            reported_by: row.reported_by.as_str(),
            quoted: row.quoted,
            created: clock::rfc3339(row.created),
        }
    }
}

/// The columns of [`table`].
const COLUMNS: [&str; 18] = [
    "id",
    "job",
    "model",
    "images",
    "unit",
    "units",
    "unit_price",
    "amount",
    "certainty",
    "fal_unit",
    "fal_units",
    "fal_unit_price",
    "fal_amount",
    "fal_certainty",
    "billable_units",
    "reported_by",
    "quoted",
    "created",
];

fn table(rows: &[LedgerRow]) -> String {
    let mut csv = Csv::default();
    csv.line(COLUMNS.map(Into::into));
    for row in rows {
        let [unit, units, unit_price, amount, certainty] = cells(&row.account);
        let [fal_unit, fal_units, fal_unit_price, fal_amount, fal_certainty] = cells(&row.fal);
        csv.line([
            row.id.as_str().into(),
            row.job.as_str().into(),
            csv::text(&row.model),
            row.images.to_string().into(),
            unit.into(),
            units.into(),
            unit_price.into(),
            amount.into(),
            certainty.into(),
            fal_unit.into(),
            fal_units.into(),
            fal_unit_price.into(),
            fal_amount.into(),
            fal_certainty.into(),
            csv::text(row.billable_units.as_deref().unwrap_or_default()),
            row.reported_by.as_str().into(),
            row.quoted.to_string().into(),
            clock::rfc3339(row.created).into(),
        ]);
    }
    csv.into_text()
}

fn cells(Amount { unit, units, unit_price, amount, certainty }: &Amount) -> [String; 5] {
    [unit.as_str().into(), units.to_string(), unit_price.to_string(), amount.to_string(), certainty.as_str().into()]
}
