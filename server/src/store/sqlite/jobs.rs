//! Job rows: reserving, reading. How they change state is in [`super::transitions`] and [`super::settle`].

use super::rows::{Sql, all, amount, execute, get, maybe, optional};
use super::{budgets, events, folders, idempotency, images};
use crate::ids::{JobId, UserId};
use crate::store::{
    Attachment, Failure, Fence, Image, Job, JobQuery, JobState, NewJob, Reservation, ResultHash, StoreError,
};
use generatio_core::cost::{Quote, Usd};
use rusqlite::{Connection, Row, params};

/// The fence of a job that nobody has taken over.
const FIRST: Fence = Fence(1);

pub(super) fn reserve(db: &Connection, job: &NewJob, max_running: u32) -> Result<Reservation, StoreError> {
    if let Some(folder) = &job.folder
        && !folders::is_live(db, &job.owner, folder)?
    {
        return Ok(Reservation::FolderMissing);
    }
    if let Some(earlier) = idempotency::replay(db, job)? {
        return Ok(earlier);
    }
    if let Some(over) = budgets::refusal(db, job)? {
        return Ok(Reservation::OverBudget(over));
    }
    if running(db, &job.owner)? >= max_running {
        return Ok(Reservation::TooManyRunning);
    }
    insert(db, job)?;
    events::note(db, &job.id, JobState::Created, job.created)?;
    idempotency::remember(db, job)?;
    Ok(Reservation::Reserved(Box::new(reserved(job))))
}

/// What the row of a job says that was just reserved.
pub(super) fn reserved(job: &NewJob) -> Job {
    let job = job.clone();
    Job {
        held: job.quote.account(job.book).amount,
        id: job.id,
        owner: job.owner,
        source: job.source,
        state: JobState::Created,
        model: job.model,
        endpoint: job.endpoint,
        prompt: job.prompt,
        parameters: job.parameters,
        input: job.input,
        folder: job.folder,
        num_images: job.num_images,
        quote: job.quote,
        book: job.book,
        attachment: None,
        cost: None,
        failure: None,
        reported_by: None,
        result: None,
        fence: FIRST,
        cancel_asked: None,
        created: job.created,
        submitted: None,
        ended: None,
        updated: job.created,
    }
}

/// The job with this id, whoever's it is.
pub(super) fn by_id(db: &Connection, id: &JobId) -> Result<Job, StoreError> {
    optional(
        db,
        "SELECT jobs.*, ledger.account_amount AS cost FROM jobs LEFT JOIN ledger ON ledger.job_id = jobs.id
         WHERE jobs.id = ?1",
        [id],
        read,
    )?
    .ok_or(StoreError::Missing)
}

pub(super) fn owned(db: &Connection, owner: &UserId, id: &JobId) -> Result<Option<Job>, StoreError> {
    match by_id(db, id) {
        Ok(job) => Ok(Some(job).filter(|job| job.owner == *owner)),
        Err(StoreError::Missing) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn page(db: &Connection, owner: &UserId, query: &JobQuery) -> Result<Vec<(Job, Vec<Image>)>, StoreError> {
    let JobQuery { state, source, is_open, after, limit } = query;
    if let Some(after) = after {
        owned(db, owner, after)?.ok_or(StoreError::Missing)?;
    }
    let found = all(
        db,
        "SELECT jobs.*, ledger.account_amount AS cost FROM jobs LEFT JOIN ledger ON ledger.job_id = jobs.id
         WHERE jobs.owner = ?1 AND (?2 IS NULL OR jobs.state = ?2) AND (?5 IS NULL OR jobs.source = ?5)
           AND (NOT ?6 OR jobs.state IN ('created', 'submitting', 'submitted', 'unknown'))
           AND (?3 IS NULL OR (jobs.created, jobs.rowid) < (SELECT created, rowid FROM jobs WHERE id = ?3))
         ORDER BY jobs.created DESC, jobs.rowid DESC LIMIT ?4",
        params![owner, state.map(Sql), after, limit, source.map(Sql), is_open],
        read,
    )?;
    let with_images = |job: Job| {
        let images = images::of_job(db, owner, &job.id)?;
        Ok((job, images))
    };
    found.into_iter().map(with_images).collect()
}

/// How many jobs count against the owner's running limit: those in a state that [`JobState::is_running`].
fn running(db: &Connection, owner: &UserId) -> Result<u32, StoreError> {
    let sql = "SELECT count(*) FROM jobs WHERE owner = ?1 AND state IN ('created', 'submitting', 'submitted')";
    Ok(db.prepare_cached(sql)?.query_row([owner], |row| row.get(0))?)
}

pub(super) fn insert(db: &Connection, job: &NewJob) -> Result<(), StoreError> {
    let Quote { catalog, fal } = &job.quote;
    execute(
        db,
        "INSERT INTO jobs (id, owner, source, state, model, endpoint, prompt, parameters, input, folder, num_images, book,
             catalog_unit, catalog_units, catalog_unit_price, catalog_amount, catalog_certainty,
             fal_unit, fal_units, fal_unit_price, fal_amount, fal_certainty,
             held, nonce_hash, lease_owner, lease_until, fence, created, updated)
         VALUES (?1, ?2, ?27, 'created', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
             ?11, ?12, ?13, ?14, ?15,
             ?16, ?17, ?18, ?19, ?20,
             ?21, ?22, ?23, ?24, ?26, ?25, ?25)",
        params![
            job.id,
            job.owner,
            job.model,
            job.endpoint,
            job.prompt,
            job.parameters,
            job.input,
            job.folder,
            job.num_images,
            Sql(job.book),
            Sql(catalog.unit),
            Sql(catalog.units),
            Sql(catalog.unit_price),
            Sql(catalog.amount),
            Sql(catalog.certainty),
            Sql(fal.unit),
            Sql(fal.units),
            Sql(fal.unit_price),
            Sql(fal.amount),
            Sql(fal.certainty),
            Sql(job.quote.account(job.book).amount),
            job.nonce.map(|nonce| nonce.0),
            job.lease.holder,
            Sql(job.lease.until),
            Sql(job.created),
            Sql(FIRST),
            Sql(job.source),
        ],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Job> {
    let state: JobState = get(row, "state")?;
    Ok(Job {
        id: row.get("id")?,
        owner: row.get("owner")?,
        source: get(row, "source")?,
        state,
        model: row.get("model")?,
        endpoint: row.get("endpoint")?,
        prompt: row.get("prompt")?,
        parameters: row.get("parameters")?,
        input: row.get("input")?,
        folder: row.get("folder")?,
        num_images: row.get("num_images")?,
        quote: Quote { catalog: amount(row, "catalog")?, fal: amount(row, "fal")? },
        book: get(row, "book")?,
        attachment: attachment(row)?,
        held: if state.is_terminal() { Usd::ZERO } else { get(row, "held")? },
        cost: maybe(row, "cost")?,
        failure: failure(row)?,
        reported_by: maybe(row, "reported_by")?,
        result: row.get::<_, Option<[u8; 32]>>("result_hash")?.map(ResultHash),
        fence: get(row, "fence")?,
        cancel_asked: maybe(row, "cancel_asked")?,
        created: get(row, "created")?,
        submitted: maybe(row, "submitted")?,
        ended: maybe(row, "ended")?,
        updated: get(row, "updated")?,
    })
}

fn attachment(row: &Row<'_>) -> rusqlite::Result<Option<Attachment>> {
    let Some(request_id) = row.get("request_id")? else { return Ok(None) };
    Ok(Some(Attachment {
        request_id,
        status_url: row.get("status_url")?,
        response_url: row.get("response_url")?,
        cancel_url: row.get("cancel_url")?,
    }))
}

fn failure(row: &Row<'_>) -> rusqlite::Result<Option<Failure>> {
    let Some(code) = row.get("failure_code")? else { return Ok(None) };
    Ok(Some(Failure { code, message: row.get("failure_message")?, details: row.get("failure_details")? }))
}
