//! Pictures.

use super::folders;
use super::rows::{Sql, all, execute, get, maybe, optional};
use crate::ids::{ImageId, JobId, UserId};
use crate::store::{Image, Job, NewImage, StoreError};
use generatio_core::Timestamp;
use rusqlite::{Connection, Row, params};

/// Adds the pictures of a job. They are paid for: when the folder is gone meanwhile, they go in without one.
pub(super) fn add(db: &Connection, job: &Job, images: &[NewImage], now: Timestamp) -> Result<Vec<Image>, StoreError> {
    let folder = match &job.folder {
        Some(folder) if folders::is_live(db, &job.owner, folder)? => Some(folder),
        _ => None,
    };
    let request_id = job.attachment.as_ref().map_or("", |attachment| attachment.request_id.as_str());
    let add = |(batch_number, image): (u32, &NewImage)| {
        let image = Image {
            id: image.id.clone(),
            owner: job.owner.clone(),
            job: Some(job.id.clone()),
            title: image.title.clone(),
            url: image.url.clone(),
            prompt: job.prompt.clone(),
            request_id: request_id.to_owned(),
            model: job.model.clone(),
            batch_number,
            image_size: image.image_size.clone(),
            other_info: image.other_info.clone(),
            folder: folder.cloned(),
            deleted: None,
            created: now,
            updated: now,
        };
        insert(db, &image)?;
        Ok(image)
    };
    (1_u32..).zip(images).map(add).collect()
}

pub(super) fn insert(db: &Connection, image: &Image) -> Result<(), StoreError> {
    execute(
        db,
        "INSERT INTO images (id, owner, job_id, title, url, prompt, request_id, model, batch_number, image_size,
                             other_info, folder, deleted, created, updated)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        params![
            image.id,
            image.owner,
            image.job,
            image.title,
            image.url,
            image.prompt,
            image.request_id,
            image.model,
            image.batch_number,
            image.image_size,
            image.other_info,
            image.folder,
            image.deleted.map(Sql),
            Sql(image.created),
            Sql(image.updated),
        ],
    )?;
    Ok(())
}

pub(super) fn by_id(db: &Connection, owner: &UserId, id: &ImageId) -> Result<Option<Image>, StoreError> {
    optional(db, "SELECT * FROM images WHERE id = ?1 AND owner = ?2", params![id, owner], read)
}

pub(super) fn of_job(db: &Connection, owner: &UserId, job: &JobId) -> Result<Vec<Image>, StoreError> {
    all(db, "SELECT * FROM images WHERE job_id = ?1 AND owner = ?2 ORDER BY batch_number", params![job, owner], read)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Image> {
    Ok(Image {
        id: row.get("id")?,
        owner: row.get("owner")?,
        job: row.get("job_id")?,
        title: row.get("title")?,
        url: row.get("url")?,
        prompt: row.get("prompt")?,
        request_id: row.get("request_id")?,
        model: row.get("model")?,
        batch_number: row.get("batch_number")?,
        image_size: row.get("image_size")?,
        other_info: row.get("other_info")?,
        folder: row.get("folder")?,
        deleted: maybe(row, "deleted")?,
        created: get(row, "created")?,
        updated: get(row, "updated")?,
    })
}
