//! `/api/custom/financial/budget`: what a user lets themselves spend.

use crate::app::App;
use crate::auth;
use crate::clock;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, read_json, respond};
use crate::ids::UserId;
use crate::openapi::shapes;
use crate::store::{Basis, Budget, BudgetUse, Limits, Period, PeriodUse};
use generatio_core::Timestamp;
use generatio_core::cost::{Usd, UsdSum};
use generatio_core::time::Clock;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// From which part of a limit on a warning is given, unless the user says otherwise.
const USUAL_WARN_PERCENT: u8 = 80;
/// How much of a name that is not known is repeated.
const SHOWN: usize = 40;

/// The names of fields.
const KNOWN: [&str; 5] = ["basis", "day", "month", "total", "warn_percent"];

/// The fields of a body, each as its own text, so that amounts are read digit by digit and each can be refused by name.
type Fields = BTreeMap<String, Box<RawValue>>;

/// `GET`: the limits, what counts against them now, and when they begin anew.
pub(crate) async fn show(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    Ok(current(app, &user.id, app.clock.now()).await?)
}

/// `PUT`: replaces all of it; answers as `GET`. Jobs that run already are not disturbed.
pub(crate) async fn replace(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let fields: Fields = read_json(app, &mut request).await?;
    let now = app.clock.now();
    app.store.set_budget(&user.id, budget(&fields, now)?).await?;
    Ok(current(app, &user.id, now).await?)
}

async fn current(app: &App, owner: &UserId, now: Timestamp) -> Result<Response, ApiError> {
    let used = app.store.budget(owner, now).await?;
    Ok(respond::ok(&used.as_ref().map_or(View::UNLIMITED, View::of)))
}

fn budget(fields: &Fields, now: Timestamp) -> Result<Budget, ApiError> {
    if let Some(unknown) = fields.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        let shown: String = unknown.chars().take(SHOWN).flat_map(char::escape_debug).collect();
        return Err(ApiError::validation(format!("The field {shown} is not known")));
    }
    Ok(Budget {
        basis: basis(fields)?,
        limits: Limits {
            day: limit(fields, Period::Day)?,
            month: limit(fields, Period::Month)?,
            total: limit(fields, Period::Total)?,
        },
        warn_percent: warn_percent(fields)?,
        updated: now,
    })
}

fn basis(fields: &Fields) -> Result<Basis, ApiError> {
    let Some(given) = given(fields, "basis") else { return Ok(Basis::default()) };
    let named = serde_json::from_str::<String>(given).ok();
    let basis = [Basis::Account, Basis::Fal].into_iter().find(|basis| named.as_deref() == Some(basis.as_str()));
    basis.ok_or_else(|| ApiError::validation("The field basis must be fal or account"))
}

fn limit(fields: &Fields, period: Period) -> Result<Option<Usd>, ApiError> {
    let name = period.as_str();
    let Some(given) = given(fields, name) else { return Ok(None) };
    match serde_json::from_str::<Usd>(given) {
        Ok(limit) if limit >= Usd::ZERO => Ok(Some(limit)),
        _ => Err(ApiError::validation(format!(
            "The field {name} must be an amount in USD, 0 or more, with at most 9 decimals"
        ))),
    }
}

fn warn_percent(fields: &Fields) -> Result<u8, ApiError> {
    let Some(given) = given(fields, "warn_percent") else { return Ok(USUAL_WARN_PERCENT) };
    // Some languages write all numbers with a fraction.
    let number: Option<f64> = given.parse().ok();
    let percent = (1..=100).find(|whole| number == Some(f64::from(*whole)));
    percent.ok_or_else(|| ApiError::validation("The field warn_percent must be a whole number from 1 to 100"))
}

/// The JSON text of a field that is there and not `null`.
fn given<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.get(name).map(|value| value.get()).filter(|text| *text != "null")
}

/// What [`Fields`] are, for who reads the API's description.
#[derive(JsonSchema)]
#[schemars(rename = "BudgetRequest", deny_unknown_fields)]
#[expect(dead_code, reason = "fields are read by the derived schema alone")]
pub(crate) struct Asked {
    /// Whose prices count: FAL's unless told otherwise.
    basis: Option<shapes::Basis>,
    /// For a UTC day.
    day: Option<shapes::Limit>,
    /// For a UTC month.
    month: Option<shapes::Limit>,
    /// For ever.
    total: Option<shapes::Limit>,
    /// From which part of a limit on answers carry a warning; 80 unless told otherwise.
    #[schemars(range(min = 1, max = 100))]
    warn_percent: Option<u8>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Budget")]
pub(crate) struct View {
    #[schemars(with = "shapes::Basis")]
    basis: &'static str,
    warn_percent: u8,
    day: Option<Limited>,
    month: Option<Limited>,
    total: Option<Limited>,
    /// `null` before the first.
    #[schemars(with = "Option<shapes::Moment>")]
    updated: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BudgetPeriod")]
struct Limited {
    #[schemars(with = "shapes::Usd")]
    limit: Usd,
    #[schemars(with = "shapes::Usd")]
    spent: UsdSum,
    #[schemars(with = "shapes::Usd")]
    held: UsdSum,
    #[schemars(with = "shapes::Usd")]
    remaining: UsdSum,
    warning: bool,
    /// When the next period begins; not for the total.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shapes::Moment>")]
    resets: Option<String>,
}

impl View {
    /// What holds for who never set a budget.
    const UNLIMITED: Self = Self {
        basis: Basis::Fal.as_str(),
        warn_percent: USUAL_WARN_PERCENT,
        day: None,
        month: None,
        total: None,
        updated: None,
    };

    fn of(used: &BudgetUse) -> Self {
        let Budget { basis, warn_percent, updated, .. } = used.budget;
        let limited = |period: Period| {
            used.periods.iter().find(|one| one.period == period).map(|one| Limited::of(one, warn_percent))
        };
        Self {
            basis: basis.as_str(),
            warn_percent,
            day: limited(Period::Day),
            month: limited(Period::Month),
            total: limited(Period::Total),
            updated: Some(clock::rfc3339(updated)),
        }
    }
}

impl Limited {
    fn of(used: &PeriodUse, warn_percent: u8) -> Self {
        Self {
            limit: used.limit,
            spent: used.spent,
            held: used.held,
            remaining: used.remaining(),
            warning: used.is_warning(warn_percent),
            resets: used.resets.map(clock::rfc3339),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, KNOWN};

    #[test]
    fn the_description_names_the_fields_that_are_known() {
        let schema = schemars::schema_for!(Asked).to_value();
        let described: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(described, KNOWN);
    }
}
