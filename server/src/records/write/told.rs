//! Why a write was refused, as PocketBase tells it.

use super::plan::Planned;
use crate::http::RecordsError;
use crate::http::error::Problem;
use crate::records::problem;
use crate::records::schema::{Field, Kind};
use crate::store::Refusal;
use http::StatusCode;
use std::collections::BTreeMap;

/// What PocketBase says when a record was not made.
pub(super) const FAILED_TO_CREATE: &str = "Failed to create record.";
/// What PocketBase says when a record was not changed.
pub(super) const FAILED_TO_UPDATE: &str = "Failed to update record.";

/// What the client reads when the store refused what was planned.
pub(in crate::records) fn refused(planned: Planned, creating: bool, refusal: Refusal) -> RecordsError {
    let failed = if creating { FAILED_TO_CREATE } else { FAILED_TO_UPDATE };
    let field =
        |field: &'static Field, problem: Problem| RecordsError::fields(failed, BTreeMap::from([(field.name, problem)]));
    match refusal {
        Refusal::Circle(parent) => field(parent, problem::circle()),
        Refusal::Flawed => {
            let flaw = if creating { planned.making } else { planned.changing };
            flaw.unwrap_or_else(RecordsError::unreadable)
        }
        Refusal::ForeignRelation => RecordsError::new(StatusCode::BAD_REQUEST, failed),
        Refusal::Full { most } => {
            let name = planned.write.collection.name();
            RecordsError::new(
                StatusCode::BAD_REQUEST,
                format!("Failed to create record: at most {most} {name} are kept."),
            )
        }
        Refusal::Missing => RecordsError::not_found(),
        Refusal::OutOfRange(number) => match number.kind {
            Kind::Number { max } => field(number, problem::number_outside(max)),
            _ => RecordsError::unreadable(),
        },
        Refusal::Taken(taken) => field(taken, problem::not_unique()),
    }
}
