//! Pages of 30 records, newest first, with totals.

use crate::Outcome;
use generatio_core::Timestamp;
use generatio_server::clock::record_date;
use generatio_server::records::Collection;
use rusqlite::{Connection, Row, params};

const LIMIT: i64 = 30;

/// How a column is shown.
#[derive(Clone, Copy)]
enum Kind {
    Bool,
    Date,
    Json,
    Number,
    /// An empty one where there is none.
    Text,
}

/// The statements of a list.
pub(super) struct List {
    collection: Collection,
    total: &'static str,
    rows: &'static str,
    /// Columns of `rows`.
    columns: &'static [(&'static str, Kind)],
}

pub(super) const FOLDERS: List = List {
    collection: Collection::Folders,
    total: "SELECT count(*) FROM folders AS t WHERE (t.owner = ?1) AND (1)",
    rows: "SELECT t.id, t.created, t.updated, t.name, t.owner, t.parent, t.private, t.deleted
           FROM (SELECT t.rowid AS number FROM folders AS t WHERE (t.owner = ?1) AND (1)
               ORDER BY t.created DESC, t.rowid DESC LIMIT ?2 OFFSET ?3) AS wanted
           CROSS JOIN folders AS t ON t.rowid = wanted.number",
    columns: &FOLDER,
};

pub(super) const IMAGES: List = List {
    collection: Collection::Images,
    total: "SELECT coalesce(sum(images), 0) FROM image_counts WHERE owner = ?1 AND span = 'day'",
    rows: "SELECT t.id, t.created, t.updated, t.title, t.url, t.owner, t.prompt, t.request_id, t.model, t.batch_number,
               t.image_size, t.other_info, t.folder, t.deleted,
               t.id || '/' || copies.file_token || '.' || file.format,
               t.id || '/' || copies.thumbnail_token || '.' || thumbnail.format
           FROM (SELECT t.rowid AS number FROM images AS t WHERE (t.owner = ?1) AND (1)
               ORDER BY t.created DESC, t.rowid DESC LIMIT ?2 OFFSET ?3) AS wanted
           CROSS JOIN images AS t ON t.rowid = wanted.number
           LEFT JOIN image_files AS copies ON copies.seq = t.seq
           LEFT JOIN pictures AS file ON file.address = copies.file
           LEFT JOIN pictures AS thumbnail ON thumbnail.address = copies.thumbnail",
    columns: &[
        ("id", Kind::Text),
        ("created", Kind::Date),
        ("updated", Kind::Date),
        ("title", Kind::Text),
        ("url", Kind::Text),
        ("user_id", Kind::Text),
        ("prompt", Kind::Text),
        ("request_id", Kind::Text),
        ("model", Kind::Text),
        ("batch_number", Kind::Number),
        ("image_size", Kind::Json),
        ("other_info", Kind::Json),
        ("folder_id", Kind::Text),
        ("deleted_at", Kind::Date),
        ("file_url", Kind::Text),
        ("thumbnail_url", Kind::Text),
    ],
};

/// Columns of a folder.
const FOLDER: [(&str, Kind); 8] = [
    ("id", Kind::Text),
    ("created", Kind::Date),
    ("updated", Kind::Date),
    ("name", Kind::Text),
    ("user_id", Kind::Text),
    ("parent_id", Kind::Text),
    ("private", Kind::Bool),
    ("deleted_at", Kind::Date),
];

impl List {
    pub(super) fn page(&self, db: &Connection, owner: &str) -> Outcome<Vec<u8>> {
        let total: i64 = db.prepare_cached(self.total)?.query_row([owner], |row| row.get(0))?;
        let mut statement = db.prepare_cached(self.rows)?;
        let mut rows = statement.query(params![owner, LIMIT, 0])?;
        let mut out = br#"{"items":["#.to_vec();
        let mut is_first = true;
        while let Some(row) = rows.next()? {
            if !std::mem::take(&mut is_first) {
                out.push(b',');
            }
            record(&mut out, self.collection, self.columns, row)?;
        }
        let pages = (total + LIMIT - 1) / LIMIT;
        let totals = format!(r#"],"page":1,"perPage":{LIMIT},"totalItems":{total},"totalPages":{pages}}}"#);
        out.extend_from_slice(totals.as_bytes());
        Ok(out)
    }
}

/// A folder's row as JSON.
pub(super) fn folder(row: &Row<'_>) -> Outcome<Vec<u8>> {
    let mut out = Vec::new();
    record(&mut out, Collection::Folders, &FOLDER, row)?;
    Ok(out)
}

fn record(out: &mut Vec<u8>, collection: Collection, columns: &[(&str, Kind)], row: &Row<'_>) -> Outcome {
    let head = format!(r#"{{"collectionId":"{}","collectionName":"{}""#, collection.id(), collection.name());
    out.extend_from_slice(head.as_bytes());
    for (index, (name, kind)) in columns.iter().enumerate() {
        out.extend_from_slice(b",\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        let value = row.get_ref(index)?;
        match kind {
            Kind::Bool => out.extend_from_slice(if value.as_i64()? == 0 { b"false" } else { b"true" }),
            Kind::Date => {
                let date = value.as_i64_or_null()?.map(|ms| record_date(Timestamp::from_unix_ms(ms)));
                serde_json::to_writer(&mut *out, &date.unwrap_or_default())?;
            }
            Kind::Json => out.extend_from_slice(value.as_str()?.as_bytes()),
            Kind::Number => out.extend_from_slice(value.as_i64()?.to_string().as_bytes()),
            Kind::Text => serde_json::to_writer(&mut *out, value.as_str_or_null()?.unwrap_or_default())?,
        }
    }
    out.push(b'}');
    Ok(())
}
