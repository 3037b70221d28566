//! Bare SQLite, for comparison: one thread, the store's tables, settings and statements, 64 jobs to a transaction; no
//! look at any row before it is changed, and none after.

use super::through_store::{at_fal, open};
use super::work::{AtFal, MODEL, Maker, NOW, PICTURES, PROMPT, Work};
use super::{IN_FLIGHT, JOBS};
use crate::Outcome;
use generatio_core::cost::Amount;
use generatio_server::store::sqlite::{FILE_NAME, register_functions};
use generatio_server::store::{ResultHash, Settlement};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Hour of the roll-up that [`NOW`] falls into.
const HOUR: i64 = NOW.unix_ms() / 3_600_000;

/// Time for the settlements of [`JOBS`] jobs that are at FAL.
pub(super) fn settle(runtime: &Runtime, folder: &Path, make: &mut Maker) -> Outcome<Duration> {
    let jobs = runtime.block_on(async {
        let (store, users) = open(folder, make).await?;
        let jobs = at_fal(&store, make.work(&users, JOBS)?).await;
        store.close().await;
        jobs
    })?;
    let mut db = connect(folder)?;
    let began = Instant::now();
    for group in jobs.chunks(IN_FLIGHT) {
        grouped(&mut db, group, finish)?;
    }
    Ok(began.elapsed())
}

/// Time for the whole way of [`JOBS`] jobs; like the store's, each has four durable steps.
pub(super) fn whole(runtime: &Runtime, folder: &Path, make: &mut Maker) -> Outcome<Duration> {
    let work = runtime.block_on(async {
        let (store, users) = open(folder, make).await?;
        store.close().await;
        make.work(&users, JOBS)
    })?;
    let mut db = connect(folder)?;
    let began = Instant::now();
    for group in work.chunks(IN_FLIGHT) {
        for step in [reserve, begin_submit, attach, finish_work] {
            grouped(&mut db, group, step)?;
        }
    }
    Ok(began.elapsed())
}

/// A connection with the settings of the store's writer.
fn connect(folder: &Path) -> Outcome<Connection> {
    let db = Connection::open(folder.join(FILE_NAME))?;
    db.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.set_prepared_statement_cache_capacity(128);
    register_functions(&db)?;
    Ok(db)
}

/// One transaction for the group.
fn grouped<T>(db: &mut Connection, group: &[T], step: fn(&Transaction<'_>, &T) -> rusqlite::Result<()>) -> Outcome {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for piece in group {
        step(&transaction, piece)?;
    }
    Ok(transaction.commit()?)
}

fn reserve(db: &Transaction<'_>, Work { job, .. }: &Work) -> rusqlite::Result<()> {
    let (catalog, fal) = (&job.quote.catalog, &job.quote.fal);
    let mut insert = db.prepare_cached(
        "INSERT INTO jobs (id, owner, source, state, model, endpoint, prompt, parameters, input, folder, num_images, book,
             catalog_unit, catalog_units, catalog_unit_price, catalog_amount, catalog_certainty,
             fal_unit, fal_units, fal_unit_price, fal_amount, fal_certainty,
             held, lease_owner, lease_until, fence, created, updated)
         VALUES (?1, ?2, 'server', 'created', ?3, ?4, ?5, ?6, ?7, NULL, ?8, ?9,
             ?10, ?11, ?12, ?13, ?14,
             ?15, ?16, ?17, ?18, ?19,
             ?20, ?21, ?22, 1, ?23, ?23)",
    )?;
    insert.execute(params![
        job.id.as_str(),
        job.owner.as_str(),
        job.model,
        job.endpoint,
        job.prompt,
        job.parameters,
        job.input,
        job.num_images,
        job.book.as_str(),
        catalog.unit.as_str(),
        catalog.units.to_string(),
        catalog.unit_price.nano(),
        catalog.amount.nano(),
        catalog.certainty.as_str(),
        fal.unit.as_str(),
        fal.units.to_string(),
        fal.unit_price.nano(),
        fal.amount.nano(),
        fal.certainty.as_str(),
        catalog.amount.nano(),
        job.lease.holder,
        job.lease.until.unix_ms(),
        job.created.unix_ms(),
    ])?;
    note(db, job.id.as_str(), "created")
}

fn begin_submit(db: &Transaction<'_>, Work { job, .. }: &Work) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE jobs SET state = 'submitting', updated = ?2 WHERE id = ?1")?
        .execute(params![job.id.as_str(), NOW.unix_ms()])?;
    note(db, job.id.as_str(), "submitting")
}

fn attach(db: &Transaction<'_>, Work { job, attachment, .. }: &Work) -> rusqlite::Result<()> {
    let mut update = db.prepare_cached(
        "UPDATE jobs SET state = 'submitted', request_id = ?2, status_url = ?3, response_url = ?4, cancel_url = ?5,
                         failure_code = NULL, failure_message = NULL, failure_details = NULL,
                         submitted = ?6, updated = ?6
         WHERE id = ?1",
    )?;
    let fal = attachment;
    let now = NOW.unix_ms();
    update.execute(params![job.id.as_str(), fal.request_id, fal.status_url, fal.response_url, fal.cancel_url, now])?;
    note(db, job.id.as_str(), "submitted")
}

fn finish(db: &Transaction<'_>, job: &AtFal) -> rusqlite::Result<()> {
    settlement(db, job.id.as_str(), job.owner.as_str(), &job.request_id, &job.end)
}

fn finish_work(db: &Transaction<'_>, Work { job, attachment, end }: &Work) -> rusqlite::Result<()> {
    settlement(db, job.id.as_str(), job.owner.as_str(), &attachment.request_id, end)
}

fn settlement(
    db: &Transaction<'_>,
    job: &str,
    owner: &str,
    request_id: &str,
    end: &Settlement,
) -> rusqlite::Result<()> {
    pictures(db, job, owner, request_id, end)?;
    charge(db, job, owner, end)?;
    roll_up(db, owner, end)?;
    db.prepare_cached(
        "UPDATE jobs SET state = ?2, failure_code = ?3, failure_message = ?4, failure_details = ?5, ended = ?6,
                         updated = ?6, reported_by = ?7, result_hash = ?8
         WHERE id = ?1",
    )?
    .execute(params![
        job,
        "completed",
        None::<&str>,
        None::<&str>,
        None::<&str>,
        end.now.unix_ms(),
        end.reported_by.as_str(),
        ResultHash::of(end.images.iter().map(|image| image.url.as_str())).0
    ])?;
    note(db, job, "completed")
}

fn pictures(db: &Transaction<'_>, job: &str, owner: &str, request_id: &str, end: &Settlement) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT INTO images (id, owner, job_id, title, url, prompt, request_id, model, batch_number, image_size,
                             other_info, folder, created, updated)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, NULL, ?12, ?12)",
    )?;
    for (number, image) in (1_u32..).zip(&end.images) {
        insert.execute(params![
            image.id.as_str(),
            owner,
            job,
            image.title,
            image.url,
            PROMPT,
            request_id,
            MODEL,
            number,
            image.image_size,
            image.other_info,
            end.now.unix_ms(),
        ])?;
    }
    Ok(())
}

fn charge(db: &Transaction<'_>, job: &str, owner: &str, end: &Settlement) -> rusqlite::Result<()> {
    let (account, fal): (&Amount, &Amount) = (&end.account, &end.fal);
    let mut insert = db.prepare_cached(
        "INSERT INTO ledger (id, owner, job_id, model, images,
             account_unit, account_units, account_unit_price, account_amount, account_certainty,
             fal_unit, fal_units, fal_unit_price, fal_amount, fal_certainty,
             billable_units, reported_by, created)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 'server', ?17)",
    )?;
    insert.execute(params![
        end.ledger_id.as_str(),
        owner,
        job,
        MODEL,
        PICTURES,
        account.unit.as_str(),
        account.units.to_string(),
        account.unit_price.nano(),
        account.amount.nano(),
        account.certainty.as_str(),
        fal.unit.as_str(),
        fal.units.to_string(),
        fal.unit_price.nano(),
        fal.amount.nano(),
        fal.certainty.as_str(),
        end.billable_units,
        end.now.unix_ms(),
    ])?;
    Ok(())
}

fn roll_up(db: &Transaction<'_>, owner: &str, end: &Settlement) -> rusqlite::Result<()> {
    let mut upsert = db.prepare_cached(
        "INSERT INTO rollups (owner, span, start, model, images,
             account_upper, account_lower, fal_upper, fal_lower,
             budget_account_upper, budget_account_lower, budget_fal_upper, budget_fal_lower)
         VALUES (?1, ?2, ?3, ?4, ?5,
             ?6 >> 32, ?6 & 0xffffffff, ?7 >> 32, ?7 & 0xffffffff,
             ?8 >> 32, ?8 & 0xffffffff, ?9 >> 32, ?9 & 0xffffffff)
         ON CONFLICT (owner, span, start, model) DO UPDATE SET images = images + excluded.images,
             account_upper = account_upper + excluded.account_upper,
             account_lower = account_lower + excluded.account_lower,
             fal_upper = fal_upper + excluded.fal_upper,
             fal_lower = fal_lower + excluded.fal_lower,
             budget_account_upper = budget_account_upper + excluded.budget_account_upper,
             budget_account_lower = budget_account_lower + excluded.budget_account_lower,
             budget_fal_upper = budget_fal_upper + excluded.budget_fal_upper,
             budget_fal_lower = budget_fal_lower + excluded.budget_fal_lower",
    )?;
    let (account, fal) = (end.account.amount.nano(), end.fal.amount.nano());
    for (span, start) in [("hour", HOUR), ("day", HOUR / 24), ("all", 0)] {
        upsert.execute(params![owner, span, start, MODEL, PICTURES, account, fal, account, fal])?;
    }
    Ok(())
}

/// Notes the state a job came to.
fn note(db: &Transaction<'_>, job: &str, state: &str) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached("INSERT INTO job_events (job_id, state, created) VALUES (?1, ?2, ?3)")?;
    insert.execute(params![job, state, NOW.unix_ms()])?;
    Ok(())
}
