//! Jobs on their way from reservation to their end, as the store keeps them.

use super::budgets::OverBudget;
use super::settlement::{Reporter, ResultHash};
use super::source::Source;
use crate::ids::{FolderId, JobId, UserId};
use generatio_core::Timestamp;
use generatio_core::cost::{PriceBook, Quote, Usd, UsdSum};

/// Where a job stands. Terminal: `completed`, `failed`, `canceled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Reserved; FAL knows nothing of it.
    Created,
    /// Being submitted; FAL may know of it.
    Submitting,
    /// FAL has it, under the recorded request id.
    Submitted,
    /// Settled.
    Completed,
    /// Over, with nothing delivered.
    Failed,
    /// Stopped at the user's wish.
    Canceled,
    /// Whether FAL ran it cannot be told; holds its budget and is never resubmitted by itself.
    Unknown,
}

impl JobState {
    /// All states.
    pub const ALL: [JobState; 7] = [
        JobState::Created,
        JobState::Submitting,
        JobState::Submitted,
        JobState::Completed,
        JobState::Failed,
        JobState::Canceled,
        JobState::Unknown,
    ];

    /// The state's name in rows and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            JobState::Created => "created",
            JobState::Submitting => "submitting",
            JobState::Submitted => "submitted",
            JobState::Completed => "completed",
            JobState::Failed => "failed",
            JobState::Canceled => "canceled",
            JobState::Unknown => "unknown",
        }
    }

    /// Whether it counts against the running limit.
    #[must_use]
    pub const fn is_running(self) -> bool {
        matches!(self, JobState::Created | JobState::Submitting | JobState::Submitted)
    }

    /// Whether nothing more will come of it.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, JobState::Completed | JobState::Failed | JobState::Canceled)
    }
}

/// Grows each time a job is taken over; a write under an older one is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence(pub i64);

/// Who works on a job, and until when that holds without renewal.
#[derive(Clone, Debug)]
pub struct Lease {
    /// Name of the process, new at each start.
    pub holder: String,
    /// End of the lease.
    pub until: Timestamp,
}

/// A job about to be reserved.
#[derive(Clone)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// Who pays.
    pub owner: UserId,
    /// Who runs it.
    pub source: Source,
    /// The catalog's model name.
    pub model: String,
    /// FAL's endpoint id.
    pub endpoint: String,
    /// The prompt.
    pub prompt: String,
    /// JSON text of the checked parameters.
    pub parameters: String,
    /// JSON text of the body FAL gets.
    pub input: String,
    /// Where the pictures go.
    pub folder: Option<FolderId>,
    /// How many pictures were asked for.
    pub num_images: u32,
    /// What it should cost.
    pub quote: Quote,
    /// Which of the quote's amounts is the account's.
    pub book: PriceBook,
    /// What its caller may repeat the call with.
    pub idempotency: Option<Idempotency>,
    /// What FAL's webhook for it will show, if there is to be one.
    pub nonce: Option<NonceHash>,
    /// Who works on it.
    pub lease: Lease,
    /// Now.
    pub created: Timestamp,
}

/// Makes a call that may be repeated: the owner's calls with one key lead to one job.
#[derive(Clone)]
pub struct Idempotency {
    /// The caller's choice, 1 to 255 visible ASCII characters.
    pub key: String,
    /// SHA-256 of what was asked for. The same key with another one is a mistake.
    pub fingerprint: [u8; 32],
}

/// SHA-256 of the nonce in a webhook's address: enough to know it by, and of no use to who reads the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonceHash(pub [u8; 32]);

/// What came of a reservation.
#[derive(Debug)]
pub enum Reservation {
    /// The job row is there.
    Reserved(Box<Job>),
    /// An earlier call with the same key and fingerprint reserved this job; nothing was added.
    Replayed(Box<Job>),
    /// An earlier call used the key for something else.
    KeyTaken,
    /// The folder is not a live folder of the owner.
    FolderMissing,
    /// It does not fit the owner's budget.
    OverBudget(OverBudget),
    /// The owner has as many running jobs as allowed.
    TooManyRunning,
}

/// FAL's answer to a submit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// FAL's request id.
    pub request_id: String,
    /// Where its status is.
    pub status_url: String,
    /// Where its result is.
    pub response_url: String,
    /// Where it is canceled.
    pub cancel_url: String,
}

/// A job.
#[derive(Clone, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Who pays.
    pub owner: UserId,
    /// Who runs it.
    pub source: Source,
    /// Where it stands.
    pub state: JobState,
    /// The catalog's model name.
    pub model: String,
    /// FAL's endpoint id.
    pub endpoint: String,
    /// The prompt.
    pub prompt: String,
    /// JSON text of the checked parameters.
    pub parameters: String,
    /// JSON text of the body FAL gets.
    pub input: String,
    /// Where the pictures go.
    pub folder: Option<FolderId>,
    /// How many pictures were asked for.
    pub num_images: u32,
    /// What it should have cost when it was reserved.
    pub quote: Quote,
    /// Which of the quote's amounts is the account's.
    pub book: PriceBook,
    /// FAL's answer, once there was one.
    pub attachment: Option<Attachment>,
    /// Held for it now; nothing once it is terminal.
    pub held: Usd,
    /// What its ledger row charges, once it is paid: completed, or failed with its pictures lost.
    pub cost: Option<Usd>,
    /// Why it ended without pictures, is unknown, or waits to be claimed.
    pub failure: Option<Failure>,
    /// Who said what came of it, once it is over or in doubt.
    pub reported_by: Option<Reporter>,
    /// Which pictures it was settled with.
    pub result: Option<ResultHash>,
    /// The present fence.
    pub fence: Fence,
    /// When its owner asked for it to be stopped.
    pub cancel_asked: Option<Timestamp>,
    /// When it was reserved.
    pub created: Timestamp,
    /// When FAL took it.
    pub submitted: Option<Timestamp>,
    /// When it became terminal.
    pub ended: Option<Timestamp>,
    /// When it last changed.
    pub updated: Timestamp,
}

/// Why a job has no pictures: a stable code and a sentence safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Stable code, `generatio_core::ErrorCode` text or the server's own.
    pub code: String,
    /// For people.
    pub message: String,
    /// JSON text of an object: what else callers are told.
    pub details: Option<String>,
}

/// Which of an owner's jobs are asked for. What is `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct JobQuery {
    /// In this state.
    pub state: Option<JobState>,
    /// Run by whom.
    pub source: Option<Source>,
    /// Only those that are not over.
    pub is_open: bool,
    /// Only what comes behind this job, newest first.
    pub after: Option<JobId>,
    /// At most this many.
    pub limit: u32,
}

/// A job came to a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobEvent {
    /// Grows from event to event, over all jobs.
    pub seq: i64,
    /// The state.
    pub state: JobState,
    /// When.
    pub created: Timestamp,
}

/// What a restart found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Jobs that had not been submitted: failed, released.
    pub failed: u64,
    /// Jobs that may have been submitted: unknown.
    pub unknown: u64,
    /// Jobs at FAL, under a known request id, that go on when their user has a session.
    pub waiting: u64,
}

/// Sums over one user's ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// All charges to the account.
    pub total: UsdSum,
    /// All that FAL billed, in FAL's own prices.
    pub fal_total: UsdSum,
    /// Pictures paid for, deleted ones included.
    pub images: u64,
    /// Charges to the account since the given moment.
    pub recent: UsdSum,
    /// What FAL billed since then.
    pub fal_recent: UsdSum,
    /// When the first charge was made.
    pub first: Option<Timestamp>,
}
