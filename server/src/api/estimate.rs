//! `POST /api/custom/generate/estimate`: what a generation would cost, without one.

use super::generate::{self, Generate};
use super::{filled, told};
use crate::app::App;
use crate::auth;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, read_json, respond};
use crate::ids::{FolderId, UserId};
use crate::openapi::shapes;
use generatio_core::cost::{Certainty, Quote, Usd, UsdSum};
use generatio_core::time::Clock;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Takes the body of a generation, needs no session, refuses what the generation would refuse and spends nothing.
pub(crate) async fn show(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let body: Body = read_json(app, &mut request).await?;
    let quote = generate::check(app, &body.asked)?.quote();
    check_folder(app, &user.id, body.collection_id.as_deref()).await?;
    let account = quote.account(app.settings.prices);
    let budget = app.store.budget(&user.id, app.clock.now()).await?.map(|budget| Budget {
        basis: budget.budget.basis.as_str(),
        remaining: budget.remaining(),
        allowed: budget.admit(&quote, app.settings.prices).is_ok(),
        warning: budget.is_warning(),
    });
    Ok(respond::ok(&Estimate { cost: account.amount, certainty: account.certainty, quote, budget }))
}

/// A folder that is named has to be the user's: a generation finds that out when it is reserved.
async fn check_folder(app: &App, owner: &UserId, id: Option<&str>) -> Result<(), ApiError> {
    let Some(id) = filled(id) else { return Ok(()) };
    let id = FolderId::parse(id).ok_or_else(told::no_folder)?;
    if app.store.has_folder(owner, &id).await? { Ok(()) } else { Err(told::no_folder()) }
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "EstimateRequest")]
pub(crate) struct Body {
    #[schemars(with = "Option<shapes::IdOrNone>")]
    collection_id: Option<String>,
    #[serde(flatten)]
    asked: Generate,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Estimate")]
pub(crate) struct Estimate {
    /// In the account's prices; the most, where the number or size of the pictures is open.
    #[schemars(with = "shapes::Usd")]
    cost: Usd,
    #[schemars(with = "shapes::Certainty")]
    certainty: Certainty,
    #[schemars(with = "shapes::Quote")]
    quote: Quote,
    /// `null` without a budget.
    budget: Option<Budget>,
}

/// What the user's budget says of it at this moment.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EstimateBudget")]
struct Budget {
    #[schemars(with = "shapes::Basis")]
    basis: &'static str,
    /// The least that is left of any period; `null` without a limit.
    #[schemars(with = "Option<shapes::Usd>")]
    remaining: Option<UsdSum>,
    allowed: bool,
    warning: bool,
}
