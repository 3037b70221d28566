//! The calls of [`Store`], one line each: what a call does stands in the file of its subject.

use super::{
    SqliteStore, accounts, audit, budgets, events, folders, idempotency, images, invitations, jobs, ledger, pictures,
    preferences, records, rollups, schema, settle, silent, throttle, tokens, transitions, webhooks,
};
use crate::ids::{FolderId, ImageId, InvitationId, JobId, PreferenceId, UserId};
use crate::pictures::Address;
use crate::records::Collection;
use crate::records::schema::Field;
use crate::store::{
    Abandonment, AccountLine, AccountReset, Attachment, Attempt, AttemptPolicy, AuditEntry, AuditQuery, Budget,
    BudgetUse, Failure, Fence, Folder, Image, ImageFiles, Invitation, InvitationHash, Job, JobEvent, JobQuery, Lease,
    LedgerQuery, LedgerRow, ModelSpending, NewFolder, NewInvitation, NewJob, NewUser, NonceHash, PasswordHash, Picture,
    Preferences, QUESTION_TIME, Record, RecordPage, RecordQuery, RecordWrite, Recovered, Reservation, Settled,
    Settlement, Spending, Store, StoreError, StoredToken, User, UserChange, WantedCopy, Written,
};
use async_trait::async_trait;
use generatio_core::Timestamp;
use rusqlite::Connection;

/// Portions of the full-text index that one purge puts together; the next one goes on.
const MOST_MERGES: u32 = 2000;

#[async_trait]
impl Store for SqliteStore {
    async fn create_user(&self, user: NewUser) -> Result<User, StoreError> {
        self.writer.run(move |db| accounts::create(db, &user)).await
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        let id = id.clone();
        self.readers.run_one(move |db| accounts::by_id(db, &id)).await
    }

    async fn user_by_email(&self, email_key: &str) -> Result<Option<User>, StoreError> {
        let email_key = email_key.to_owned();
        self.readers.run_one(move |db| accounts::by_email(db, &email_key)).await
    }

    async fn update_user(&self, id: &UserId, change: UserChange) -> Result<User, StoreError> {
        let id = id.clone();
        self.writer.run(move |db| accounts::update(db, &id, &change)).await
    }

    async fn accounts(&self, after: Option<UserId>, limit: u32) -> Result<Vec<AccountLine>, StoreError> {
        self.readers.run(move |db| accounts::page(db, after.as_ref(), limit)).await
    }

    async fn reset_account(&self, id: &UserId, reset: AccountReset) -> Result<bool, StoreError> {
        let id = id.clone();
        self.writer.run(move |db| accounts::reset(db, &id, &reset)).await
    }

    async fn rehash_password(&self, id: &UserId, old: &PasswordHash, new: PasswordHash) -> Result<bool, StoreError> {
        let (id, old) = (id.clone(), old.clone());
        self.writer.run(move |db| accounts::rehash(db, &id, &old, &new)).await
    }

    async fn original_cost(&self) -> Result<Option<u32>, StoreError> {
        self.readers.run(accounts::original_cost).await
    }

    async fn delete_user(&self, id: &UserId) -> Result<bool, StoreError> {
        let id = id.clone();
        self.writer.run(move |db| accounts::delete(db, &id)).await
    }

    async fn create_invitation(&self, invitation: NewInvitation) -> Result<(), StoreError> {
        self.writer.run(move |db| invitations::create(db, &invitation)).await
    }

    async fn is_invited(&self, code: InvitationHash, email_key: &str, now: Timestamp) -> Result<bool, StoreError> {
        let email_key = email_key.to_owned();
        self.readers.run(move |db| invitations::is_good(db, code, &email_key, now)).await
    }

    async fn invitations(&self) -> Result<Vec<Invitation>, StoreError> {
        self.readers.run(invitations::list).await
    }

    async fn revoke_invitation(&self, id: &InvitationId) -> Result<bool, StoreError> {
        let id = id.clone();
        self.writer.run(move |db| invitations::revoke(db, &id)).await
    }

    async fn user_and_token(&self, id: &UserId) -> Result<Option<(User, Option<StoredToken>)>, StoreError> {
        let id = id.clone();
        self.readers.run_one(move |db| accounts::with_token(db, &id)).await
    }

    async fn sealed_token(&self, user: &UserId) -> Result<Option<StoredToken>, StoreError> {
        let user = user.clone();
        self.readers.run_one(move |db| tokens::by_user(db, &user)).await
    }

    async fn set_sealed_token(&self, user: &UserId, token: StoredToken) -> Result<(), StoreError> {
        let user = user.clone();
        self.writer.run(move |db| tokens::set(db, &user, &token)).await
    }

    async fn reseal_token(&self, user: &UserId, old: &str, new: &str, now: Timestamp) -> Result<bool, StoreError> {
        let (user, old, new) = (user.clone(), old.to_owned(), new.to_owned());
        self.writer.run(move |db| tokens::reseal(db, &user, &old, &new, now)).await
    }

    async fn remove_sealed_token(&self, user: &UserId) -> Result<bool, StoreError> {
        let user = user.clone();
        self.writer.run(move |db| tokens::remove(db, &user)).await
    }

    async fn create_folder(&self, folder: NewFolder) -> Result<Folder, StoreError> {
        self.writer.run(move |db| folders::create(db, &folder)).await
    }

    async fn has_folder(&self, owner: &UserId, id: &FolderId) -> Result<bool, StoreError> {
        let (owner, id) = (owner.clone(), id.clone());
        self.readers.run(move |db| folders::is_live(db, &owner, &id)).await
    }

    async fn folders(&self, owner: &UserId) -> Result<Vec<Folder>, StoreError> {
        let owner = owner.clone();
        self.readers.run(move |db| folders::live(db, &owner)).await
    }

    async fn preferences(&self, owner: &UserId, model: &str) -> Result<Option<Preferences>, StoreError> {
        let (owner, model) = (owner.clone(), model.to_owned());
        self.readers.run(move |db| preferences::by_model(db, &owner, &model)).await
    }

    async fn save_preferences(
        &self,
        owner: &UserId,
        model: &str,
        values: String,
        now: Timestamp,
    ) -> Result<Preferences, StoreError> {
        let (owner, model) = (owner.clone(), model.to_owned());
        self.writer.run(move |db| preferences::save(db, &owner, &model, &values, now)).await
    }

    async fn preference_ids(&self, owner: &UserId) -> Result<Vec<PreferenceId>, StoreError> {
        let owner = owner.clone();
        self.readers.run(move |db| preferences::ids(db, &owner)).await
    }

    async fn image(&self, owner: &UserId, id: &ImageId) -> Result<Option<Image>, StoreError> {
        let (owner, id) = (owner.clone(), id.clone());
        self.readers.run(move |db| images::by_id(db, &owner, &id)).await
    }

    async fn list_records(&self, owner: &UserId, query: RecordQuery) -> Result<RecordPage, StoreError> {
        let (owner, is_search) = (owner.clone(), query.search.is_some());
        let list = move |db: &Connection| records::list(db, &owner, &query);
        if is_search {
            self.readers.run_apart(QUESTION_TIME, list).await
        } else {
            self.readers.run_within(QUESTION_TIME, list).await
        }
    }

    async fn record(&self, owner: &UserId, collection: Collection, id: &str) -> Result<Option<Record>, StoreError> {
        let (owner, id) = (owner.clone(), id.to_owned());
        self.readers.run(move |db| records::by_id(db, &owner, collection, &id)).await
    }

    async fn records(
        &self,
        owner: &UserId,
        collection: Collection,
        ids: Vec<String>,
    ) -> Result<Vec<Record>, StoreError> {
        let owner = owner.clone();
        self.readers.run(move |db| records::by_ids(db, &owner, collection, &ids)).await
    }

    async fn related_records(
        &self,
        owner: &UserId,
        collection: Collection,
        field: &'static Field,
        ids: Vec<String>,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError> {
        let owner = owner.clone();
        self.readers.run(move |db| records::related(db, &owner, (collection, field), &ids, limit)).await
    }

    async fn write_records(&self, owner: &UserId, writes: Vec<RecordWrite>) -> Result<Vec<Written>, StoreError> {
        let owner = owner.clone();
        self.writer.run(move |db| records::write(db, &owner, &writes)).await
    }

    async fn reserve_job(&self, job: NewJob, max_running: u32) -> Result<Reservation, StoreError> {
        self.writer.run(move |db| jobs::reserve(db, &job, max_running)).await
    }

    async fn begin_submit(&self, job: &JobId, fence: Fence, now: Timestamp) -> Result<(), StoreError> {
        let job = job.clone();
        self.writer.run(move |db| transitions::begin_submit(db, &job, fence, now)).await
    }

    async fn attach_job(
        &self,
        job: &JobId,
        fence: Fence,
        attachment: Attachment,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let job = job.clone();
        self.writer.run(move |db| transitions::attach(db, &job, fence, &attachment, now)).await
    }

    async fn settle_job(&self, job: &JobId, fence: Fence, settlement: Settlement) -> Result<Settled, StoreError> {
        let job = job.clone();
        self.writer.run(move |db| settle::settle(db, &job, fence, &settlement)).await
    }

    async fn abandon_job(&self, job: &JobId, fence: Fence, abandonment: Abandonment) -> Result<Job, StoreError> {
        let job = job.clone();
        self.writer.run(move |db| transitions::abandon(db, &job, fence, &abandonment)).await
    }

    async fn ask_cancel(&self, owner: &UserId, job: &JobId, why: Failure, now: Timestamp) -> Result<Job, StoreError> {
        let (owner, job) = (owner.clone(), job.clone());
        self.writer.run(move |db| transitions::ask_cancel(db, &owner, &job, &why, now)).await
    }

    async fn recover_jobs(&self, now: Timestamp) -> Result<Recovered, StoreError> {
        self.writer.run(move |db| transitions::recover(db, now)).await
    }

    async fn doubt_silent_jobs(
        &self,
        silent_since: Timestamp,
        limit: u32,
        why: Failure,
        now: Timestamp,
    ) -> Result<Vec<Job>, StoreError> {
        self.writer.run(move |db| silent::doubt(db, silent_since, limit, &why, now)).await
    }

    async fn claim_submitted(&self, user: &UserId, lease: Lease, now: Timestamp) -> Result<Vec<Job>, StoreError> {
        let user = user.clone();
        self.writer.run(move |db| transitions::claim(db, &user, &lease, now)).await
    }

    async fn release_job(
        &self,
        job: &JobId,
        fence: Fence,
        failure: Failure,
        now: Timestamp,
    ) -> Result<Job, StoreError> {
        let job = job.clone();
        self.writer.run(move |db| transitions::release(db, &job, fence, &failure, now)).await
    }

    async fn job(&self, owner: &UserId, id: &JobId) -> Result<Option<Job>, StoreError> {
        let (owner, id) = (owner.clone(), id.clone());
        self.readers.run(move |db| jobs::owned(db, &owner, &id)).await
    }

    async fn job_by_nonce(&self, nonce: NonceHash) -> Result<Option<Job>, StoreError> {
        self.readers.run(move |db| webhooks::by_nonce(db, &nonce)).await
    }

    async fn job_events(&self, owner: &UserId, job: &JobId, seq: i64) -> Result<(Job, Vec<JobEvent>), StoreError> {
        let (owner, job) = (owner.clone(), job.clone());
        self.readers.run(move |db| events::after(db, &owner, &job, seq)).await
    }

    async fn jobs(&self, owner: &UserId, query: JobQuery) -> Result<Vec<(Job, Vec<Image>)>, StoreError> {
        let owner = owner.clone();
        self.readers.run(move |db| jobs::page(db, &owner, &query)).await
    }

    async fn job_images(&self, owner: &UserId, id: &JobId) -> Result<Vec<Image>, StoreError> {
        let (owner, id) = (owner.clone(), id.clone());
        self.readers.run(move |db| images::of_job(db, &owner, &id)).await
    }

    async fn spending(&self, owner: &UserId, recent_since: Timestamp) -> Result<Spending, StoreError> {
        let owner = owner.clone();
        self.readers.run(move |db| rollups::spending(db, &owner, recent_since)).await
    }

    async fn ledger(&self, owner: &UserId, query: LedgerQuery) -> Result<Vec<LedgerRow>, StoreError> {
        let owner = owner.clone();
        self.readers.run(move |db| ledger::rows(db, &owner, &query)).await
    }

    async fn spending_by_model(
        &self,
        owner: &UserId,
        bounds: Vec<Timestamp>,
    ) -> Result<Vec<Vec<ModelSpending>>, StoreError> {
        let owner = owner.clone();
        self.readers.run(move |db| rollups::by_model(db, &owner, &bounds)).await
    }

    async fn budget(&self, owner: &UserId, now: Timestamp) -> Result<Option<BudgetUse>, StoreError> {
        let owner = owner.clone();
        self.readers.run(move |db| budgets::used(db, &owner, now)).await
    }

    async fn set_budget(&self, owner: &UserId, budget: Budget) -> Result<(), StoreError> {
        let owner = owner.clone();
        self.writer.run(move |db| budgets::set(db, &owner, &budget)).await
    }

    async fn count_attempt(
        &self,
        account: &str,
        block: &str,
        policy: AttemptPolicy,
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let (account, block) = (account.to_owned(), block.to_owned());
        self.writer.run(move |db| throttle::count(db, &account, &block, &policy, now)).await
    }

    async fn clear_attempts(&self, account: &str, block: &str, now: Timestamp) -> Result<(), StoreError> {
        let (account, block) = (account.to_owned(), block.to_owned());
        self.writer.run(move |db| throttle::clear(db, &account, &block, now)).await
    }

    async fn forget_attempts(&self, account: &str) -> Result<u64, StoreError> {
        let account = account.to_owned();
        self.writer.run(move |db| throttle::forget(db, &account)).await
    }

    async fn want_copies(&self, limit: u32, now: Timestamp) -> Result<u64, StoreError> {
        self.writer.run(move |db| pictures::want(db, limit, now)).await
    }

    async fn wanted_copies(&self, limit: u32) -> Result<Vec<WantedCopy>, StoreError> {
        self.readers.run(move |db| pictures::wanted(db, limit)).await
    }

    async fn announce_pictures(&self, pictures: Vec<Picture>) -> Result<(), StoreError> {
        self.writer.run(move |db| pictures::announce(db, &pictures)).await
    }

    async fn keep_copy(&self, copy: &WantedCopy, files: ImageFiles) -> Result<bool, StoreError> {
        let copy = copy.clone();
        self.writer.run(move |db| pictures::keep(db, &copy, &files)).await
    }

    async fn postpone_copy(&self, copy: &WantedCopy, due: Option<Timestamp>) -> Result<(), StoreError> {
        let copy = copy.clone();
        self.writer.run(move |db| pictures::postpone(db, &copy, due)).await
    }

    async fn image_files(&self, image: &ImageId) -> Result<Option<ImageFiles>, StoreError> {
        let image = image.clone();
        self.readers.run(move |db| pictures::of_image(db, &image)).await
    }

    async fn unused_pictures(&self, limit: u32) -> Result<Vec<Address>, StoreError> {
        self.readers.run(move |db| pictures::unused(db, limit)).await
    }

    async fn forget_pictures(&self, addresses: Vec<Address>) -> Result<(), StoreError> {
        self.writer.run(move |db| pictures::forget(db, &addresses)).await
    }

    async fn check_reads(&self) -> Result<(), StoreError> {
        self.readers.run(schema::ask).await
    }

    async fn check_writes(&self) -> Result<(), StoreError> {
        self.writer.run(schema::ask).await
    }

    async fn note(&self, entry: AuditEntry) -> Result<(), StoreError> {
        self.writer.run(move |db| audit::note(db, &entry)).await
    }

    async fn audit(&self, query: AuditQuery) -> Result<Vec<(i64, AuditEntry)>, StoreError> {
        self.readers.run(move |db| audit::page(db, &query)).await
    }

    async fn purge_audit(&self, before: Timestamp, most: u32) -> Result<u64, StoreError> {
        let mut removed = 0;
        loop {
            let portion = self.writer.run(move |db| audit::purge(db, before, most)).await?;
            removed += portion;
            if portion == 0 {
                return Ok(removed);
            }
        }
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut removed = 0;
        loop {
            // In portions, so that other writes get their turn in between.
            let portion = self.writer.run(move |db| purge(db, now)).await?;
            removed += portion;
            if portion == 0 {
                break;
            }
        }
        for _ in 0..MOST_MERGES {
            if !self.writer.run(records::merge).await? {
                break;
            }
        }
        Ok(removed)
    }

    async fn close(&self) {
        // The writer is the last to close, so that its connection folds the write-ahead log into the file.
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Removes a portion of everything that has expired; zero when nothing is left.
fn purge(db: &Connection, now: Timestamp) -> Result<u64, StoreError> {
    let all = [throttle::purge, idempotency::purge, events::purge, webhooks::purge, invitations::purge];
    all.into_iter().map(|purge| purge(db, now)).sum()
}
