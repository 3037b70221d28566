//! Bringing in rows of the original server, each whole or not at all, some hundred under one commit. Nothing that is there
//! is changed.

use super::rows::{Sql, execute};
use super::{OpenError, accounts, images, jobs, ledger, schema, tokens};
use crate::ids::{FolderId, JobId, LedgerId, PreferenceId, UserId};
use crate::store::{
    Brought, Image, ImportedFolder, ImportedImage, ImportedPreferences, ImportedUser, Lease, NewJob, Reporter,
    Settlement, Source, StoreError,
};
use generatio_core::cost::{Amount, Certainty, PriceBook, Quote, Unit, Units, Usd};
use getrandom::SysRng;
use rusqlite::{Connection, params};
use std::path::Path;

/// Rows under one commit: a running server's writes wait that long.
const BATCH: u32 = 500;

/// Who is said to have worked on the jobs of imported pictures.
const WORKER: &str = "import";

/// A database that rows are brought into. What was not [finished](Importer::finish) may be lost.
pub struct Importer {
    db: Connection,
    /// Rows of the transaction that is open; none while none is.
    pending: u32,
}

impl Importer {
    /// Into the database at `path`, which is made if it is missing and brought up to date. A server may be running on it.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self { db: schema::open_writer(path)?, pending: 0 })
    }

    /// Into an empty database that is nowhere and vanishes: for finding out what would happen.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn nowhere() -> Result<Self, OpenError> {
        Ok(Self { db: schema::open_nowhere()?, pending: 0 })
    }

    /// Brings an account.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of the row is there then.
    pub fn user(&mut self, user: &ImportedUser) -> Result<Brought, StoreError> {
        self.row("generatio_users", user.user.id.as_str(), |db| bring_user(db, user))
    }

    /// Brings a folder. The one it lies in comes first.
    ///
    /// # Errors
    /// As at [`Importer::user`].
    pub fn folder(&mut self, folder: &ImportedFolder) -> Result<Brought, StoreError> {
        self.row("folders", folder.id.as_str(), |db| bring_folder(db, folder))
    }

    /// Brings what one user saved for a model.
    ///
    /// # Errors
    /// As at [`Importer::user`].
    pub fn preferences(&mut self, preferences: &ImportedPreferences) -> Result<Brought, StoreError> {
        let id = format!("{}/{}", preferences.id, preferences.owner);
        self.row("model_preferences", &id, |db| bring_preferences(db, preferences))
    }

    /// Brings a picture with its job and its charge.
    ///
    /// # Errors
    /// As at [`Importer::user`].
    pub fn image(&mut self, image: &ImportedImage) -> Result<Brought, StoreError> {
        self.row("images", image.id.as_str(), |db| bring_image(db, image))
    }

    /// Makes the rest durable.
    ///
    /// # Errors
    /// [`StoreError`]; the rows since the last commit are not there then.
    pub fn finish(mut self) -> Result<(), StoreError> {
        self.commit()
    }

    /// One row: `bring` runs unless it was brought before, and what it did is undone unless it came of it.
    fn row(
        &mut self,
        collection: &str,
        id: &str,
        bring: impl Fn(&Connection) -> Result<Brought, StoreError>,
    ) -> Result<Brought, StoreError> {
        if self.pending == 0 {
            self.db.execute_batch("BEGIN IMMEDIATE")?;
        }
        self.pending += 1;
        let mark = "INSERT INTO imported (collection, id) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        self.db.execute_batch("SAVEPOINT one")?;
        let outcome = match execute(&self.db, mark, [collection, id])? {
            0 => Ok(Brought::Before),
            _ => bring(&self.db),
        };
        // Its key was looked for before: another of its rows has an id that is taken.
        let outcome = match outcome {
            Err(StoreError::IdTaken) => Ok(Brought::Conflict("its id is taken here")),
            other => other,
        };
        if !matches!(outcome, Ok(Brought::New | Brought::WithoutFolder)) {
            self.db.execute_batch("ROLLBACK TO one")?;
        }
        self.db.execute_batch("RELEASE one")?;
        if self.pending >= BATCH {
            self.commit()?;
        }
        outcome
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        if self.pending > 0 {
            self.db.execute_batch("COMMIT")?;
            self.pending = 0;
        }
        Ok(())
    }
}

fn has(db: &Connection, sql: &str, id: &str) -> Result<bool, StoreError> {
    Ok(db.prepare_cached(sql)?.exists([id])?)
}

fn has_user(db: &Connection, id: &UserId) -> Result<bool, StoreError> {
    has(db, "SELECT 1 FROM users WHERE id = ?1", id.as_str())
}

fn bring_user(
    db: &Connection,
    ImportedUser { user, verified, updated, token }: &ImportedUser,
) -> Result<Brought, StoreError> {
    if has_user(db, &user.id)? {
        return Ok(Brought::Conflict("another account has this id here"));
    }
    match accounts::create(db, user) {
        Err(StoreError::EmailTaken) => return Ok(Brought::Conflict("another account has this address here")),
        made => made?,
    };
    let sql = "UPDATE users SET verified = ?2, updated = ?3 WHERE id = ?1";
    execute(db, sql, params![user.id, verified, Sql(*updated)])?;
    if let Some(token) = token {
        tokens::set(db, &user.id, token)?;
    }
    Ok(Brought::New)
}

fn bring_folder(db: &Connection, folder: &ImportedFolder) -> Result<Brought, StoreError> {
    if !has_user(db, &folder.owner)? {
        return Ok(Brought::WithoutOwner);
    }
    if has(db, "SELECT 1 FROM folders WHERE id = ?1", folder.id.as_str())? {
        return Ok(Brought::Conflict("another folder has this id here"));
    }
    let parent = own_folder(db, &folder.owner, folder.parent.as_ref())?;
    execute(
        db,
        "INSERT INTO folders (id, owner, name, parent, private, deleted, created, updated)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            folder.id,
            folder.owner,
            folder.name,
            parent,
            folder.private,
            folder.deleted.map(Sql),
            Sql(folder.created),
            Sql(folder.updated)
        ],
    )?;
    Ok(brought(folder.parent.as_ref(), parent))
}

/// The folder, in the trash or not, if it is the owner's.
fn own_folder<'a>(
    db: &Connection,
    owner: &UserId,
    folder: Option<&'a FolderId>,
) -> Result<Option<&'a FolderId>, StoreError> {
    let Some(id) = folder else { return Ok(None) };
    let mut one = db.prepare_cached("SELECT 1 FROM folders WHERE id = ?1 AND owner = ?2")?;
    Ok(one.exists(params![id, owner])?.then_some(id))
}

fn brought(wanted: Option<&FolderId>, found: Option<&FolderId>) -> Brought {
    if wanted == found { Brought::New } else { Brought::WithoutFolder }
}

fn bring_preferences(db: &Connection, preferences: &ImportedPreferences) -> Result<Brought, StoreError> {
    if !has_user(db, &preferences.owner)? {
        return Ok(Brought::WithoutOwner);
    }
    let mut same = db.prepare_cached("SELECT 1 FROM preferences WHERE owner = ?1 AND model = ?2")?;
    if same.exists(params![preferences.owner, preferences.model])? {
        return Ok(Brought::Conflict("the user has others for this model here"));
    }
    // Several users may have shared one row; each has a row here.
    let id = if has(db, "SELECT 1 FROM preferences WHERE id = ?1", preferences.id.as_str())? {
        PreferenceId::generate(&mut SysRng).map_err(|error| StoreError::Backend(error.to_string()))?
    } else {
        preferences.id.clone()
    };
    execute(
        db,
        r#"INSERT INTO preferences (id, owner, model, "values", created, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"#,
        params![
            id,
            preferences.owner,
            preferences.model,
            preferences.values,
            Sql(preferences.created),
            Sql(preferences.updated)
        ],
    )?;
    Ok(Brought::New)
}

fn bring_image(db: &Connection, image: &ImportedImage) -> Result<Brought, StoreError> {
    if !has_user(db, &image.owner)? {
        return Ok(Brought::WithoutOwner);
    }
    if has(db, "SELECT 1 FROM images WHERE id = ?1", image.id.as_str())? {
        return Ok(Brought::Conflict("another picture has this id here"));
    }
    let folder = own_folder(db, &image.owner, image.folder.as_ref())?;
    let job = job(image, folder)?;
    jobs::insert(db, &job)?;
    let end = "UPDATE jobs SET state = 'completed', submitted = created, ended = created, held = 0, reported_by = ?2
               WHERE id = ?1";
    execute(db, end, params![job.id, Sql(Reporter::Server)])?;
    images::insert(db, &picture(image, &job.id, folder))?;
    // One picture, whatever else its batch held.
    let charge = Settlement {
        images: Vec::new(),
        ledger_id: LedgerId::parse(image.id.as_str()).ok_or_else(no_id)?,
        account: job.quote.catalog,
        fal: job.quote.fal,
        billable_units: None,
        reported_by: Reporter::Server,
        lost: None,
        now: image.created,
    };
    ledger::charge_for(db, &jobs::reserved(&job), &charge, 1)?;
    Ok(brought(image.folder.as_ref(), folder))
}

/// Ids of all kinds have one shape.
fn no_id() -> StoreError {
    StoreError::Backend("an id has another shape than ids have".into())
}

/// The job of one picture, with the picture's id. What the original charged is by its own catalog; what FAL billed is not
/// known.
fn job(image: &ImportedImage, folder: Option<&FolderId>) -> Result<NewJob, StoreError> {
    let priced = |price: Option<Usd>| Amount {
        unit: Unit::Image,
        units: Units::from_count(1),
        unit_price: price.unwrap_or(Usd::ZERO),
        amount: price.unwrap_or(Usd::ZERO),
        certainty: if price.is_some() { Certainty::Known } else { Certainty::Unpriced },
    };
    Ok(NewJob {
        id: JobId::parse(image.id.as_str()).ok_or_else(no_id)?,
        owner: image.owner.clone(),
        source: Source::Server,
        model: image.model.clone(),
        endpoint: image.model.clone(),
        prompt: image.prompt.clone(),
        parameters: image.parameters.clone(),
        input: "{}".into(),
        folder: folder.cloned(),
        num_images: 1,
        quote: Quote { catalog: priced(image.cost), fal: priced(None) },
        book: PriceBook::Catalog,
        idempotency: None,
        nonce: None,
        lease: Lease { holder: WORKER.into(), until: image.created },
        created: image.created,
    })
}

fn picture(image: &ImportedImage, job: &JobId, folder: Option<&FolderId>) -> Image {
    Image {
        id: image.id.clone(),
        owner: image.owner.clone(),
        job: Some(job.clone()),
        title: image.title.clone(),
        url: image.url.clone(),
        prompt: image.prompt.clone(),
        request_id: image.request_id.clone(),
        model: image.model.clone(),
        batch_number: image.batch_number,
        image_size: image.image_size.clone(),
        other_info: image.other_info.clone(),
        folder: folder.cloned(),
        deleted: image.deleted,
        created: image.created,
        updated: image.updated,
    }
}
