//! How jobs end, as the store is told and tells: with pictures and a charge, or without.

use super::jobs::{Failure, Job, JobState};
use super::library::Image;
use crate::ids::{ImageId, LedgerId};
use generatio_core::Timestamp;
use generatio_core::cost::Amount;
use sha2::{Digest, Sha256};

/// The outcome of a job that delivered.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// Pictures in batch order.
    pub images: Vec<NewImage>,
    /// Id of the ledger row.
    pub ledger_id: LedgerId,
    /// What the account is charged.
    pub account: Amount,
    /// What FAL bills, in its own unit.
    pub fal: Amount,
    /// FAL's `x-fal-billable-units` as it came.
    pub billable_units: Option<String>,
    /// Whose word it is.
    pub reported_by: Reporter,
    /// Why there are no pictures although FAL billed them; the job is `failed` then, and charged.
    pub lost: Option<Failure>,
    /// Now.
    pub now: Timestamp,
}

/// Who said what became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reporter {
    /// The server, which asked FAL.
    Server,
    /// The user's client.
    Client,
    /// FAL, by its webhook.
    Webhook,
}

impl Reporter {
    /// `server`, `client` or `webhook`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Webhook => "webhook",
        }
    }
}

/// SHA-256 over the addresses of a settlement's pictures, in order: whether a later word on the job brings the same ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultHash(pub [u8; 32]);

impl ResultHash {
    /// The hash of these addresses, none of which holds a line break.
    #[must_use]
    pub fn of<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for address in addresses {
            hash.update(address);
            hash.update("\n");
        }
        Self(hash.finalize().into())
    }
}

/// A settled job and its pictures, by this call or an earlier one.
#[derive(Debug)]
pub struct Settled {
    /// The job.
    pub job: Job,
    /// Its pictures in batch order.
    pub images: Vec<Image>,
}

/// A picture of a settlement.
#[derive(Clone)]
pub struct NewImage {
    /// Its id.
    pub id: ImageId,
    /// Title.
    pub title: String,
    /// FAL's link.
    pub url: String,
    /// JSON text `{"width":…,"height":…}`, or `null`.
    pub image_size: String,
    /// JSON text: cost, time, parameters, seed.
    pub other_info: String,
}

/// The outcome of a job that did not deliver.
#[derive(Debug)]
pub struct Abandonment {
    /// `Failed`, `Canceled` or `Unknown`.
    pub state: JobState,
    /// Why.
    pub failure: Failure,
    /// Whose word it is.
    pub reported_by: Reporter,
    /// Now.
    pub now: Timestamp,
}
