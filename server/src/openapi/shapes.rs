//! Schemas of what has none of its own: texts that are more than text, names of the values of our enumerations, and core's
//! types, since core knows nothing of schemas. Fields name them by `#[schemars(with = "…")]`.

mod catalog;
mod money;

pub(crate) use catalog::Catalog;
pub(crate) use money::{Amount, Decimal, Limit, Quote, Usd};

use crate::calendar;
use crate::http::error::ApiErrorKind;
use crate::ids::ID_LENGTH;
use crate::{settings, store};
use generatio_core::{cost, fal};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A text that is more than blanks.
pub(crate) const NOT_BLANK: &str = r"\S";

/// A text of a kind, wherever it is met: written out there, with no name of its own.
macro_rules! texts {
    ($($(#[$doc:meta])* $shape:ident = $schema:tt;)+) => {$(
        $(#[$doc])*
        pub(crate) struct $shape;

        impl JsonSchema for $shape {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($shape).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )+};
}

texts! {
    /// The method of a request in a batch.
    BatchMethod = { "type": "string", "enum": ["POST", "PUT", "PATCH", "DELETE"] };
    /// A mode of custody that a deployment may allow.
    CustodyMode = { "type": "string", "enum": ["password", "sealed", "direct"] };
    /// The id of a record.
    Id = { "type": "string", "pattern": format!("^[a-z0-9]{{{ID_LENGTH}}}$") };
    /// The id of a record, or an empty text.
    IdOrNone = { "type": "string", "pattern": format!("^([a-z0-9]{{{ID_LENGTH}}})?$") };
    /// A whole number of 64 bits, with or without a sign.
    Integer = { "type": "integer", "minimum": i64::MIN, "maximum": u64::MAX };
    /// A moment in RFC 3339, UTC.
    Moment = { "type": "string", "format": "date-time" };
    /// What became of a job in doubt, by its owner's word.
    Outcome = { "type": "string", "enum": ["charged", "not_charged"] };
    /// The name of a kept picture's file.
    FileName = { "type": "string", "pattern": r"^[A-Za-z0-9_-]+\.[a-z]+$" };
    /// Any object.
    Object = { "type": "object" };
    /// A date as PocketBase's records carry it: `2024-01-01 12:00:00.123Z`.
    RecordDate = { "type": "string", "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$" };
    /// The same, or an empty text.
    RecordDateOrNone = { "type": "string", "pattern": r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z)?$" };
    /// A password, token or key.
    Secret = { "type": "string", "format": "password", "writeOnly": true };
    /// What `X-Session-ID` carries.
    SessionId = { "type": "string", "format": "uuid" };
    /// A record of `generatio_users`.
    UserRecord = { "$ref": "#/components/schemas/UsersRecord" };
}

/// The names of an enumeration's values. A value that is not listed does not compile.
macro_rules! names {
    ($($(#[$doc:meta])* $shape:ident = $kind:ty { $($value:ident),+ }, $name:expr;)+) => {$(
        $(#[$doc])*
        pub(crate) struct $shape;

        impl JsonSchema for $shape {
            fn schema_name() -> Cow<'static, str> {
                stringify!($shape).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let name = |value: $kind| -> &'static str {
                    match value {
                        $(<$kind>::$value)|+ => $name(value),
                    }
                };
                json_schema!({ "type": "string", "enum": [$(name(<$kind>::$value)),+] })
            }
        }
    )+};
}

names! {
    /// What was done with a record.
    Action = store::Action { Create, Update, Delete }, store::Action::as_str;
    /// Whose prices count against a budget.
    Basis = store::Basis { Fal, Account }, store::Basis::as_str;
    /// What a series sums over.
    Bucket = calendar::Bucket { Day, Week, Month }, calendar::Bucket::as_str;
    /// What FAL said to a cancel.
    CancelOutcome = fal::CancelOutcome { Requested, AlreadyCompleted, NotFound }, crate::api::jobs::wishes::told;
    /// How far an amount can be trusted.
    Certainty = cost::Certainty { Known, Estimated, Unpriced }, cost::Certainty::as_str;
    /// Who holds the password that opens a sealed token.
    Custody = store::Custody { Password, Client }, store::Custody::as_str;
    /// Where a job stands.
    JobState = store::JobState { Created, Submitting, Submitted, Completed, Failed, Canceled, Unknown },
        store::JobState::as_str;
    /// Whose prices an account follows.
    PriceBook = cost::PriceBook { Catalog, Fal }, cost::PriceBook::as_str;
    /// Who may make an account.
    Registration = settings::Registration { Open, Invite, Closed }, settings::Registration::as_str;
    /// Who said what became of a job.
    Reporter = store::Reporter { Server, Client, Webhook }, store::Reporter::as_str;
    /// Who runs a job.
    Source = store::Source { Server, Direct }, store::Source::as_str;
    /// What a price is per.
    Unit = cost::Unit { Image, Megapixel, ComputeSecond }, cost::Unit::as_str;
}

/// The codes of errors under `/api/custom`.
pub(crate) struct ErrorCode;

impl JsonSchema for ErrorCode {
    fn schema_name() -> Cow<'static, str> {
        "ErrorCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let codes: BTreeSet<_> = ApiErrorKind::ALL.into_iter().map(|kind| kind.status_and_code().1).collect();
        json_schema!({ "type": "string", "enum": codes })
    }
}
