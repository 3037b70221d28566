//! What the server keeps, in the product's words. Nothing here knows SQL; [`sqlite`] is the embedded engine.
//!
//! Values go in and come out owned. Every call is one transaction: it happens whole or not at all, and when it returns
//! it is durable. Ownership is part of each question, so that another user's row reads as missing.

pub mod sqlite;

mod accounts;
mod audit;
mod budgets;
mod change;
mod error;
mod imported;
mod invitations;
mod jobs;
mod ledger;
mod library;
mod pictures;
mod query;
mod record;
mod redacted;
mod settlement;
mod source;
mod throttle;
mod write;

pub use accounts::{
    AccountLine, AccountReset, Custody, NewCredentials, NewEmail, NewPassword, NewUser, PasswordHash, Reseal,
    StoredToken, TokenKey, User, UserChange,
};
pub use audit::{Actor, AuditEntry, AuditQuery, Deed};
pub use budgets::{Basis, Budget, BudgetUse, Limits, OverBudget, Period, PeriodUse};
pub use change::{Action, Audience, Change, Phase};
pub use error::StoreError;
pub use imported::{Brought, ImportedFolder, ImportedImage, ImportedPreferences, ImportedUser};
pub use invitations::{Invitation, InvitationHash, MAX_INVITATIONS, NewInvitation};
pub use jobs::{
    Attachment, Failure, Fence, Idempotency, Job, JobEvent, JobQuery, JobState, Lease, NewJob, NonceHash, Recovered,
    Reservation, Spending,
};
pub use ledger::{LedgerQuery, LedgerRow, ModelSpending};
pub use library::{Folder, Image, MAX_FOLDERS, MAX_PREFERENCES, NewFolder, Preferences};
pub use pictures::{FileToken, ImageFiles, LinkedPicture, Picture, WantedCopy};
pub use query::{
    Comparison, Filter, Hop, JsonStep, Literal, Modifier, Op, Operand, Path, RecordQuery, SortBy, SortKey,
};
pub use record::{Cell, Draft, MAX_RELATED, NotUtf8, QUESTION_TIME, Record, RecordPage, Value};
pub use settlement::{Abandonment, NewImage, Reporter, ResultHash, Settled, Settlement};
pub use source::Source;
pub use throttle::{Attempt, AttemptPolicy};
pub use write::{MAX_REPORTED, RecordWrite, Refusal, Setting, Values, Verb, Written};

use crate::ids::{FolderId, ImageId, InvitationId, JobId, PreferenceId, UserId};
use crate::pictures::Address;
use crate::records::Collection;
use crate::records::schema::Field;
use async_trait::async_trait;
use generatio_core::Timestamp;

/// The store. Calls may wait for the disk: for more than a moment never on the calling thread.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    // ----- accounts -----

    /// Adds an account. E-mails are unique without regard to case. One by invitation uses that up in the same transaction:
    /// [`StoreError::Uninvited`] when it is not good, and it stays good when there is another reason for no account.
    async fn create_user(&self, user: NewUser) -> Result<User, StoreError>;
    /// The account with this id.
    async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError>;
    /// The account with this e-mail ([`generatio_core::validate::Email::key`] form).
    async fn user_by_email(&self, email_key: &str) -> Result<Option<User>, StoreError>;

    /// Changes an account. New credentials and the resealed token go in together, and only while the account's hash and
    /// the sealed text are still those they were made from: [`StoreError::Retry`] else, and nothing is changed.
    async fn update_user(&self, id: &UserId, change: UserChange) -> Result<User, StoreError>;
    /// Accounts by their ids, those behind `after`, at most `limit`.
    async fn accounts(&self, after: Option<UserId>, limit: u32) -> Result<Vec<AccountLine>, StoreError>;
    /// Gives an account another password, voids its JWTs and removes its sealed token, which nobody could open any more;
    /// says whether there was one.
    async fn reset_account(&self, id: &UserId, reset: AccountReset) -> Result<bool, StoreError>;
    /// Replaces the hash `old` of an account by another of the same password, if it is still there; says whether it was.
    async fn rehash_password(&self, id: &UserId, old: &PasswordHash, new: PasswordHash) -> Result<bool, StoreError>;
    /// The highest cost of those passwords that are still hashed as the original server did; `None` without any.
    async fn original_cost(&self) -> Result<Option<u32>, StoreError>;
    /// Removes an account with everything that is the user's; says whether there was one.
    async fn delete_user(&self, id: &UserId) -> Result<bool, StoreError>;

    // ----- invitations -----

    /// Adds an invitation. One beyond [`MAX_INVITATIONS`] is [`StoreError::Full`].
    async fn create_invitation(&self, invitation: NewInvitation) -> Result<(), StoreError>;
    /// Whether [`Store::create_user`] would take this invitation for this address now.
    async fn is_invited(&self, code: InvitationHash, email_key: &str, now: Timestamp) -> Result<bool, StoreError>;
    /// All invitations, oldest first; used and expired ones for thirty days.
    async fn invitations(&self) -> Result<Vec<Invitation>, StoreError>;
    /// Removes an invitation that was not used; says whether there was one.
    async fn revoke_invitation(&self, id: &InvitationId) -> Result<bool, StoreError>;

    // ----- the sealed FAL token -----

    /// The account with this id, and its sealed token: what is known of somebody who comes with a login.
    async fn user_and_token(&self, id: &UserId) -> Result<Option<(User, Option<StoredToken>)>, StoreError>;
    /// The user's sealed token.
    async fn sealed_token(&self, user: &UserId) -> Result<Option<StoredToken>, StoreError>;
    /// Stores or replaces it.
    async fn set_sealed_token(&self, user: &UserId, token: StoredToken) -> Result<(), StoreError>;
    /// Replaces the text `old` by `new` if it is still there; says whether it was. Custody stays.
    async fn reseal_token(&self, user: &UserId, old: &str, new: &str, now: Timestamp) -> Result<bool, StoreError>;
    /// Removes it; says whether there was one.
    async fn remove_sealed_token(&self, user: &UserId) -> Result<bool, StoreError>;

    // ----- folders, preferences, pictures -----

    /// Adds a folder. A parent that is not the owner's live folder is [`StoreError::Missing`]; one beyond
    /// [`MAX_FOLDERS`] is [`StoreError::Full`].
    async fn create_folder(&self, folder: NewFolder) -> Result<Folder, StoreError>;
    /// Whether this is a live folder of the owner.
    async fn has_folder(&self, owner: &UserId, id: &FolderId) -> Result<bool, StoreError>;
    /// All live folders of the owner, newest first.
    async fn folders(&self, owner: &UserId) -> Result<Vec<Folder>, StoreError>;
    /// What the owner saved for a model.
    async fn preferences(&self, owner: &UserId, model: &str) -> Result<Option<Preferences>, StoreError>;
    /// Replaces what the owner saved for a model; `values` is the text of a JSON object. A model beyond
    /// [`MAX_PREFERENCES`] is [`StoreError::Full`].
    async fn save_preferences(
        &self,
        owner: &UserId,
        model: &str,
        values: String,
        now: Timestamp,
    ) -> Result<Preferences, StoreError>;
    /// Ids of all the owner's saved preferences, oldest first.
    async fn preference_ids(&self, owner: &UserId) -> Result<Vec<PreferenceId>, StoreError>;
    /// One picture, deleted ones included.
    async fn image(&self, owner: &UserId, id: &ImageId) -> Result<Option<Image>, StoreError>;

    // ----- records: one way for every collection -----

    /// The owner's records that the query asks for. Only the owner's are looked at, also along relations: another's
    /// reads as missing, whatever the filter. [`StoreError::TooLong`] when it takes more than [`QUESTION_TIME`].
    async fn list_records(&self, owner: &UserId, query: RecordQuery) -> Result<RecordPage, StoreError>;
    /// One record of the owner's.
    async fn record(&self, owner: &UserId, collection: Collection, id: &str) -> Result<Option<Record>, StoreError>;
    /// Those of the owner's records that have one of these ids, in the ids' order.
    async fn records(
        &self,
        owner: &UserId,
        collection: Collection,
        ids: Vec<String>,
    ) -> Result<Vec<Record>, StoreError>;
    /// The owner's records of the collection whose relation `field` holds one of these ids, each once: for each id in
    /// turn the [`MAX_RELATED`] that were made first, and no more than `limit` in all.
    async fn related_records(
        &self,
        owner: &UserId,
        collection: Collection,
        field: &'static Field,
        ids: Vec<String>,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError>;

    /// Writes the owner's records in this order, each seeing what those before it did: all of them, or none and
    /// [`StoreError::Refused`]. Says what each did, in the same order.
    async fn write_records(&self, owner: &UserId, writes: Vec<RecordWrite>) -> Result<Vec<Written>, StoreError>;

    // ----- generation: one way for every caller -----

    /// `created`: the job row with its hold and its idempotency key, if the folder is the owner's, the key is new, the
    /// budget has room for it, and the owner runs fewer than `max_running` jobs; looked at in this order.
    async fn reserve_job(&self, job: NewJob, max_running: u32) -> Result<Reservation, StoreError>;
    /// `created` → `submitting`: from here on FAL may know of it.
    async fn begin_submit(&self, job: &JobId, fence: Fence, now: Timestamp) -> Result<(), StoreError>;
    /// `submitting` or, without a request id, `unknown` → `submitted`: FAL's request id and addresses, durable before
    /// anything waits. Also `created`, of a direct job: nobody says that its client is submitting. A job that was `unknown` comes under a new fence, and nobody works on it. Attaching the same
    /// request again, under whatever fence, changes nothing.
    async fn attach_job(
        &self,
        job: &JobId,
        fence: Fence,
        attachment: Attachment,
        now: Timestamp,
    ) -> Result<(), StoreError>;
    /// `submitting`, `submitted` or `unknown` → `completed`: pictures, ledger row, hold and state in one transaction.
    /// A settlement of lost pictures leaves it `failed`, and charged.
    ///
    /// Settling again, under whatever fence, gives what is stored and changes nothing, with one exception: pictures for
    /// a job that ended without any are kept, and it is `completed`; what it was charged before is not charged again.
    /// When the folder is gone, the pictures are stored without one.
    async fn settle_job(&self, job: &JobId, fence: Fence, settlement: Settlement) -> Result<Settled, StoreError>;
    /// → `failed`, `canceled` (the hold goes) or `unknown` (it stays; not from `created`, unless
    /// its client may have submitted it). A terminal job is left as it
    /// is and handed back, under whatever fence.
    async fn abandon_job(&self, job: &JobId, fence: Fence, abandonment: Abandonment) -> Result<Job, StoreError>;
    /// The owner wants the job stopped: `created` → `canceled`, with `why`. Any other open job only remembers it, and a
    /// terminal one is left as it is.
    async fn ask_cancel(&self, owner: &UserId, job: &JobId, why: Failure, now: Timestamp) -> Result<Job, StoreError>;
    /// At start: `created` → `failed`, `submitting` → `unknown`, for jobs the server itself ran.
    async fn recover_jobs(&self, now: Timestamp) -> Result<Recovered, StoreError>;
    /// The direct jobs, of all users, that are `created` or `submitted` and of which nobody has said anything since
    /// `silent_since`, at most `limit`, oldest first: each `unknown`, with `why`, as they are then.
    async fn doubt_silent_jobs(
        &self,
        silent_since: Timestamp,
        limit: u32,
        why: Failure,
        now: Timestamp,
    ) -> Result<Vec<Job>, StoreError>;
    /// The user's `submitted` jobs that the lease's holder does not work on already, and their `unknown` ones that have
    /// a request id, oldest first: each `submitted`, without a failure, under a new fence. One server serves one store,
    /// so another holder is one that is gone.
    async fn claim_submitted(&self, user: &UserId, lease: Lease, now: Timestamp) -> Result<Vec<Job>, StoreError>;
    /// Gives up the lease of a `submitted` job: it waits for the next claim, also by the same holder. Its row says why.
    /// A terminal job is left as it is and handed back, under whatever fence.
    async fn release_job(&self, job: &JobId, fence: Fence, failure: Failure, now: Timestamp)
    -> Result<Job, StoreError>;
    /// One job.
    async fn job(&self, owner: &UserId, id: &JobId) -> Result<Option<Job>, StoreError>;
    /// The job whose webhook shows a nonce with this hash, whoever's it is.
    async fn job_by_nonce(&self, nonce: NonceHash) -> Result<Option<Job>, StoreError>;
    /// The owner's job, and the states it went through after the event `seq`, as far as they are kept, in order.
    async fn job_events(&self, owner: &UserId, job: &JobId, seq: i64) -> Result<(Job, Vec<JobEvent>), StoreError>;
    /// The owner's jobs, newest first, each with its pictures in batch order. A query's `after` that is not the owner's
    /// is [`StoreError::Missing`].
    async fn jobs(&self, owner: &UserId, query: JobQuery) -> Result<Vec<(Job, Vec<Image>)>, StoreError>;
    /// The pictures of a job, in batch order.
    async fn job_images(&self, owner: &UserId, id: &JobId) -> Result<Vec<Image>, StoreError>;

    // ----- money -----

    /// Sums over the owner's ledger; those that are recent count rows at or after `recent_since`.
    async fn spending(&self, owner: &UserId, recent_since: Timestamp) -> Result<Spending, StoreError>;
    /// The owner's ledger rows that the query asks for, newest first, those of one moment in the order of their ids.
    /// [`StoreError::Missing`] when the row to begin behind is not the owner's.
    async fn ledger(&self, owner: &UserId, query: LedgerQuery) -> Result<Vec<LedgerRow>, StoreError>;
    /// Sums for each span from one of `bounds` up to the next, per model that was charged for in it, by name. Bounds
    /// are whole hours, ascending.
    async fn spending_by_model(
        &self,
        owner: &UserId,
        bounds: Vec<Timestamp>,
    ) -> Result<Vec<Vec<ModelSpending>>, StoreError>;

    /// The owner's budget, if there is one, and what counts against it at `now`: charges of each period, and the holds
    /// of all jobs that are not terminal.
    async fn budget(&self, owner: &UserId, now: Timestamp) -> Result<Option<BudgetUse>, StoreError>;
    /// Sets or replaces the owner's budget. Jobs that are reserved already go on, whatever it says.
    async fn set_budget(&self, owner: &UserId, budget: Budget) -> Result<(), StoreError>;

    // ----- guessing -----

    /// Counts an attempt on an account from an address block before it is made, unless the policy refuses it.
    async fn count_attempt(
        &self,
        account: &str,
        block: &str,
        policy: AttemptPolicy,
        now: Timestamp,
    ) -> Result<Attempt, StoreError>;
    /// The attempt succeeded: its counters go back to zero and the block is remembered as the owner's.
    async fn clear_attempts(&self, account: &str, block: &str, now: Timestamp) -> Result<(), StoreError>;

    /// Takes back all failures on an account, from wherever they came; says how many they were. Blocks that logged in
    /// stay the owner's.
    async fn forget_attempts(&self, account: &str) -> Result<u64, StoreError>;

    // ----- copies of pictures -----

    /// Wants copies of pictures that nobody asked for yet, of those made first, at most `limit`; says of how many.
    async fn want_copies(&self, limit: u32, now: Timestamp) -> Result<u64, StoreError>;
    /// The copies that are wanted, those due first; also those that are not due yet.
    async fn wanted_copies(&self, limit: u32) -> Result<Vec<WantedCopy>, StoreError>;
    /// Takes account of files before they are written, so that none is ever forgotten. Those known stay as they are.
    async fn announce_pictures(&self, pictures: Vec<Picture>) -> Result<(), StoreError>;
    /// Gives a picture its files, which were announced. False, and nothing is changed, when the picture is gone, has
    /// another address by now, or has files already.
    async fn keep_copy(&self, copy: &WantedCopy, files: ImageFiles) -> Result<bool, StoreError>;
    /// Counts a failure, and says when to try again; never, without `due`.
    async fn postpone_copy(&self, copy: &WantedCopy, due: Option<Timestamp>) -> Result<(), StoreError>;
    /// The files of a picture, whoever's it is.
    async fn image_files(&self, image: &ImageId) -> Result<Option<ImageFiles>, StoreError>;
    /// Files that no picture has, at most `limit`.
    async fn unused_pictures(&self, limit: u32) -> Result<Vec<Address>, StoreError>;
    /// Forgets those of these files that no picture has.
    async fn forget_pictures(&self, addresses: Vec<Address>) -> Result<(), StoreError>;

    // ----- the audit log -----

    /// Notes what was done.
    async fn note(&self, entry: AuditEntry) -> Result<(), StoreError>;
    /// The entries that the query asks for, each behind its number, oldest first.
    async fn audit(&self, query: AuditQuery) -> Result<Vec<(i64, AuditEntry)>, StoreError>;
    /// Removes entries before `before`, and those beyond the newest `most`; says how many went.
    async fn purge_audit(&self, before: Timestamp, most: u32) -> Result<u64, StoreError>;

    // ----- upkeep -----

    /// Whether questions are answered: asks one.
    async fn check_reads(&self) -> Result<(), StoreError>;
    /// Whether writes get their turn: takes one and changes nothing.
    async fn check_writes(&self) -> Result<(), StoreError>;
    /// Removes what has expired and puts in order what was left in pieces, in several transactions when there is much;
    /// returns how many rows went.
    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError>;
    /// Lets running writes finish and closes the files.
    async fn close(&self);
}
