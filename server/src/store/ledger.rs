//! The ledger's rows and their sums over time, as the store keeps them.

use super::Reporter;
use crate::ids::{FolderId, JobId, LedgerId};
use generatio_core::Timestamp;
use generatio_core::cost::{Amount, Usd, UsdSum};

/// Which of an owner's ledger rows are asked for. What is `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct LedgerQuery {
    /// Charged at this moment or later.
    pub from: Option<Timestamp>,
    /// Charged before this moment.
    pub until: Option<Timestamp>,
    /// Of this model.
    pub model: Option<String>,
    /// Of jobs whose pictures were ordered into this folder, wherever they lie now.
    pub folder: Option<FolderId>,
    /// Only what comes behind this row, newest first.
    pub after: Option<LedgerId>,
    /// At most this many.
    pub limit: u32,
}

/// What one job was charged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// Its id.
    pub id: LedgerId,
    /// The job that was paid for.
    pub job: JobId,
    /// The catalog's model name.
    pub model: String,
    /// Pictures that came.
    pub images: u32,
    /// What the account was charged.
    pub account: Amount,
    /// What FAL bills, in its own unit.
    pub fal: Amount,
    /// FAL's `x-fal-billable-units` as it came.
    pub billable_units: Option<String>,
    /// Whose word it is.
    pub reported_by: Reporter,
    /// What the account's amount was to be when the job was reserved.
    pub quoted: Usd,
    /// When it was charged.
    pub created: Timestamp,
}

/// Sums over one user's ledger rows of one model within a span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSpending {
    /// The catalog's model name.
    pub model: String,
    /// Charges to the account.
    pub amount: UsdSum,
    /// What FAL billed, in FAL's own prices.
    pub fal_amount: UsdSum,
    /// Pictures paid for.
    pub images: u64,
}
