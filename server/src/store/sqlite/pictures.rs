//! The account of the pictures' files. Triggers of the schema count how many rows name each.

use super::rows::{Sql, all, execute, get, optional};
use crate::ids::ImageId;
use crate::pictures::Address;
use crate::store::{FileToken, ImageFiles, LinkedPicture, Picture, StoreError, WantedCopy};
use generatio_core::Timestamp;
use rusqlite::{Connection, Row, params};

/// Pictures are numbered in the order they were made, and so are their rows here: what comes after the last of these
/// has none yet, also when the number of a deleted picture is given to another.
pub(super) fn want(db: &Connection, limit: u32, now: Timestamp) -> Result<u64, StoreError> {
    let sql = "INSERT INTO image_files (seq, due)
               SELECT seq, ?2 FROM images WHERE seq > (SELECT coalesce(max(seq), 0) FROM image_files)
               ORDER BY seq LIMIT ?1";
    Ok(execute(db, sql, params![limit, Sql(now)])? as u64)
}

pub(super) fn wanted(db: &Connection, limit: u32) -> Result<Vec<WantedCopy>, StoreError> {
    let sql = "SELECT images.id, owner, images.url, failures, due FROM image_files JOIN images USING (seq)
               WHERE due IS NOT NULL ORDER BY due, seq LIMIT ?1";
    all(db, sql, [limit], |row| {
        Ok(WantedCopy {
            image: row.get("id")?,
            owner: row.get("owner")?,
            url: row.get("url")?,
            failures: row.get("failures")?,
            due: get(row, "due")?,
        })
    })
}

pub(super) fn announce(db: &Connection, pictures: &[Picture]) -> Result<(), StoreError> {
    let sql = "INSERT INTO pictures (address, format, bytes) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    for picture in pictures {
        execute(db, sql, params![Sql(picture.address), Sql(picture.format), Sql(picture.bytes)])?;
    }
    Ok(())
}

pub(super) fn keep(db: &Connection, copy: &WantedCopy, files: &ImageFiles) -> Result<bool, StoreError> {
    let sql = "UPDATE image_files SET due = NULL, file = ?3, file_token = ?4, thumbnail = ?5, thumbnail_token = ?6
               WHERE due IS NOT NULL AND seq = (SELECT seq FROM images WHERE id = ?1 AND url = ?2)";
    let thumbnail = files.thumbnail.as_ref();
    let params = params![
        copy.image,
        copy.url,
        Sql(files.file.picture.address),
        files.file.token.0,
        thumbnail.map(|thumbnail| Sql(thumbnail.picture.address)),
        thumbnail.map(|thumbnail| &thumbnail.token.0),
    ];
    Ok(execute(db, sql, params)? > 0)
}

pub(super) fn postpone(db: &Connection, copy: &WantedCopy, due: Option<Timestamp>) -> Result<(), StoreError> {
    let sql = "UPDATE image_files SET due = ?3, failures = failures + 1
               WHERE due IS NOT NULL AND seq = (SELECT seq FROM images WHERE id = ?1 AND url = ?2)";
    execute(db, sql, params![copy.image, copy.url, due.map(Sql)])?;
    Ok(())
}

pub(super) fn of_image(db: &Connection, image: &ImageId) -> Result<Option<ImageFiles>, StoreError> {
    let linked = |name| {
        let sql = match name {
            Link::File => {
                "SELECT pictures.*, file_token AS token FROM images JOIN image_files USING (seq)
                 JOIN pictures ON address = file WHERE images.id = ?1"
            }
            Link::Thumbnail => {
                "SELECT pictures.*, thumbnail_token AS token FROM images JOIN image_files USING (seq)
                 JOIN pictures ON address = thumbnail WHERE images.id = ?1"
            }
        };
        optional(db, sql, [image], read_linked)
    };
    let Some(file) = linked(Link::File)? else { return Ok(None) };
    Ok(Some(ImageFiles { file, thumbnail: linked(Link::Thumbnail)? }))
}

/// Which of a record's two files.
#[derive(Clone, Copy)]
enum Link {
    File,
    Thumbnail,
}

fn read_linked(row: &Row<'_>) -> rusqlite::Result<LinkedPicture> {
    let picture = Picture { address: get(row, "address")?, format: get(row, "format")?, bytes: get(row, "bytes")? };
    Ok(LinkedPicture { picture, token: FileToken(row.get("token")?) })
}

pub(super) fn unused(db: &Connection, limit: u32) -> Result<Vec<Address>, StoreError> {
    all(db, "SELECT address FROM pictures WHERE uses = 0 LIMIT ?1", [limit], |row| get(row, "address"))
}

pub(super) fn forget(db: &Connection, addresses: &[Address]) -> Result<(), StoreError> {
    for address in addresses {
        execute(db, "DELETE FROM pictures WHERE address = ?1 AND uses = 0", [Sql(*address)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::store::sqlite::schema::open_writer;

    /// A library has a million pictures; what is looked for all the time must not read them.
    #[test]
    fn what_is_wanted_and_what_is_unused_are_found_by_their_indexes() {
        let directory = tempfile::tempdir().unwrap();
        let db = open_writer(&directory.path().join("db")).unwrap();
        for (sql, index) in [
            ("SELECT seq FROM image_files WHERE due IS NOT NULL ORDER BY due, seq LIMIT 8", "image_files_by_due"),
            ("SELECT address FROM pictures WHERE uses = 0 LIMIT 8", "pictures_unused"),
            ("SELECT 1 FROM image_files WHERE file = 'x'", "image_files_by_file"),
            ("SELECT 1 FROM image_files WHERE thumbnail = 'x'", "image_files_by_thumbnail"),
            ("SELECT seq FROM images WHERE seq > (SELECT max(seq) FROM image_files) ORDER BY seq", "PRIMARY KEY"),
        ] {
            let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps: Vec<String> =
                plan.query_map([], |row| row.get("detail")).unwrap().collect::<Result<_, _>>().unwrap();
            assert!(steps[0].contains(index) && !steps.concat().contains("TEMP B-TREE"), "{sql}: {steps:?}");
        }
    }
}
