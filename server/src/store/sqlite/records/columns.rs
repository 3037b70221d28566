//! Where the fields of records are kept. `{t}` in an expression stands for the alias of its row.

use crate::records::Collection;
use crate::records::schema::Field;
use crate::store::StoreError;

/// How a field is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// Decimal text.
    Decimal,
    /// Sums of the ledger that make a JSON object.
    Finances,
    /// An integer, also for bools.
    Integer,
    /// The text of a JSON value.
    Json,
    /// The end of a link, or NULL for none.
    Link,
    /// Unix milliseconds, or NULL for no date.
    MaybeMillis,
    /// A text, or NULL for an empty one.
    MaybeText,
    /// A JSON array of ids, put together from the rows of another table.
    Members,
    /// Unix milliseconds.
    Millis,
    /// Nano-dollars, or NULL for none.
    Nano,
    /// A text.
    Text,
}

/// Where and how a field is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    sql: &'static str,
    pub(super) stored: Stored,
}

impl Column {
    /// Its name in its table; `None` for what is computed.
    pub(super) fn name(self) -> Option<&'static str> {
        self.sql.strip_prefix("{t}.")
    }

    /// The column of the row that `alias` names, as it is kept.
    pub(super) fn of(self, alias: &str) -> String {
        self.sql.replace("{t}", alias)
    }
}

/// A collection's table, and the column of it that holds the owner.
pub(super) const fn table(collection: Collection) -> (&'static str, &'static str) {
    match collection {
        Collection::Folders => ("folders", "owner"),
        Collection::Images => ("images", "owner"),
        Collection::Jobs => ("jobs", "owner"),
        Collection::Ledger => ("ledger", "owner"),
        Collection::ModelPreferences => ("preferences", "owner"),
        Collection::Users => ("users", "id"),
    }
}

/// Sums over all time; a user who has paid nothing yet has no row.
pub(super) const FINANCES_FOR_FILTERS: &str = "(SELECT json_object(
        'total_spent', (coalesce(sum(account_upper), 0) * 4294967296 + coalesce(sum(account_lower), 0)) / 1e9,
        'total_images', coalesce(sum(images), 0))
    FROM rollups WHERE rollups.owner = {t}.id AND span = 'all')";

const FINANCES: &str = "(SELECT json_array(
        coalesce(sum(account_upper), 0), coalesce(sum(account_lower), 0), coalesce(sum(images), 0))
    FROM rollups WHERE rollups.owner = {t}.id AND span = 'all')";

const MEMBERS: &str = "(SELECT json_group_array(saved.id ORDER BY saved.created, saved.rowid)
    FROM preferences AS saved WHERE saved.owner = {t}.id)";

const FILE: &str = "(SELECT {t}.id || '/' || file_token || '.' || format
    FROM image_files JOIN pictures ON address = file WHERE image_files.seq = {t}.seq)";

const THUMBNAIL: &str = "(SELECT {t}.id || '/' || thumbnail_token || '.' || format
    FROM image_files JOIN pictures ON address = thumbnail WHERE image_files.seq = {t}.seq)";

/// What whole records are read from besides their own row: both links at once, and a picture without a copy, as most are,
/// costs one look.
pub(super) const fn joined(collection: Collection) -> &'static str {
    match collection {
        Collection::Images => {
            " LEFT JOIN image_files AS copies ON copies.seq = t.seq
              LEFT JOIN pictures AS file ON file.address = copies.file
              LEFT JOIN pictures AS thumbnail ON thumbnail.address = copies.thumbnail"
        }
        _ => "",
    }
}

/// The column among what is [`joined`], where that is another expression than the column's own.
pub(super) fn in_joined(field: &Field) -> Option<&'static str> {
    match field.name {
        "file_url" => Some("t.id || '/' || copies.file_token || '.' || file.format"),
        "thumbnail_url" => Some("t.id || '/' || copies.thumbnail_token || '.' || thumbnail.format"),
        _ => None,
    }
}

/// Where the field is kept. A field without a place is a bug of ours.
pub(super) fn column(collection: Collection, field: &Field) -> Result<Column, StoreError> {
    let place = match field.name {
        "id" => Some(("{t}.id", Stored::Text)),
        "created" => Some(("{t}.created", Stored::Millis)),
        "updated" => Some(("{t}.updated", Stored::Millis)),
        "user_id" => Some(("{t}.owner", Stored::Text)),
        name => match collection {
            Collection::Folders => folders(name),
            Collection::Images => images(name),
            Collection::Jobs => jobs(name),
            Collection::Ledger => ledger(name),
            Collection::ModelPreferences => preferences(name),
            Collection::Users => users(name),
        },
    };
    let (sql, stored) = place.ok_or_else(|| StoreError::Backend(format!("no column for {}", field.name)))?;
    Ok(Column { sql, stored })
}

type Place = Option<(&'static str, Stored)>;

fn folders(name: &str) -> Place {
    Some(match name {
        "name" => ("{t}.name", Stored::Text),
        "parent_id" => ("{t}.parent", Stored::MaybeText),
        "private" => ("{t}.private", Stored::Integer),
        "deleted_at" => ("{t}.deleted", Stored::MaybeMillis),
        _ => return None,
    })
}

fn images(name: &str) -> Place {
    Some(match name {
        "title" => ("{t}.title", Stored::Text),
        "url" => ("{t}.url", Stored::Text),
        "prompt" => ("{t}.prompt", Stored::Text),
        "request_id" => ("{t}.request_id", Stored::Text),
        "model" => ("{t}.model", Stored::Text),
        "batch_number" => ("{t}.batch_number", Stored::Integer),
        "image_size" => ("{t}.image_size", Stored::Json),
        "other_info" => ("{t}.other_info", Stored::Json),
        "folder_id" => ("{t}.folder", Stored::MaybeText),
        "deleted_at" => ("{t}.deleted", Stored::MaybeMillis),
        "file_url" => (FILE, Stored::Link),
        "thumbnail_url" => (THUMBNAIL, Stored::Link),
        _ => return None,
    })
}

fn jobs(name: &str) -> Place {
    Some(match name {
        "state" => ("{t}.state", Stored::Text),
        "model" => ("{t}.model", Stored::Text),
        "prompt" => ("{t}.prompt", Stored::Text),
        "parameters" => ("{t}.parameters", Stored::Json),
        "num_images" => ("{t}.num_images", Stored::Integer),
        "folder_id" => ("{t}.folder", Stored::MaybeText),
        "request_id" => ("{t}.request_id", Stored::MaybeText),
        "quoted" => ("iif({t}.book = 'catalog', {t}.catalog_amount, {t}.fal_amount)", Stored::Nano),
        // A hold is over when the job is.
        "held" => ("iif({t}.state IN ('completed', 'failed', 'canceled'), 0, {t}.held)", Stored::Nano),
        "cost" => ("(SELECT paid.account_amount FROM ledger AS paid WHERE paid.job_id = {t}.id)", Stored::Nano),
        "failure_code" => ("{t}.failure_code", Stored::MaybeText),
        "failure_message" => ("{t}.failure_message", Stored::MaybeText),
        "failure_details" => ("coalesce({t}.failure_details, 'null')", Stored::Json),
        "cancel_asked" => ("{t}.cancel_asked", Stored::MaybeMillis),
        "submitted" => ("{t}.submitted", Stored::MaybeMillis),
        "ended" => ("{t}.ended", Stored::MaybeMillis),
        "source" => ("{t}.source", Stored::Text),
        "reported_by" => ("{t}.reported_by", Stored::MaybeText),
        _ => return None,
    })
}

fn ledger(name: &str) -> Place {
    Some(match name {
        "job_id" => ("{t}.job_id", Stored::Text),
        "model" => ("{t}.model", Stored::Text),
        "images" => ("{t}.images", Stored::Integer),
        "unit" => ("{t}.account_unit", Stored::Text),
        "units" => ("{t}.account_units", Stored::Decimal),
        "unit_price" => ("{t}.account_unit_price", Stored::Nano),
        "amount" => ("{t}.account_amount", Stored::Nano),
        "certainty" => ("{t}.account_certainty", Stored::Text),
        "fal_unit" => ("{t}.fal_unit", Stored::Text),
        "fal_units" => ("{t}.fal_units", Stored::Decimal),
        "fal_unit_price" => ("{t}.fal_unit_price", Stored::Nano),
        "fal_amount" => ("{t}.fal_amount", Stored::Nano),
        "fal_certainty" => ("{t}.fal_certainty", Stored::Text),
        "billable_units" => ("{t}.billable_units", Stored::MaybeText),
        "reported_by" => ("{t}.reported_by", Stored::Text),
        _ => return None,
    })
}

fn preferences(name: &str) -> Place {
    Some(match name {
        "model_name" => ("{t}.model", Stored::Text),
        "preferences" => ("{t}.\"values\"", Stored::Json),
        _ => return None,
    })
}

fn users(name: &str) -> Place {
    Some(match name {
        "email" => ("{t}.email", Stored::Text),
        "emailVisibility" => ("{t}.email_visibility", Stored::Integer),
        "verified" => ("{t}.verified", Stored::Integer),
        "name" => ("{t}.name", Stored::Text),
        "financial_data" => (FINANCES, Stored::Finances),
        "model_preferences" => (MEMBERS, Stored::Members),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::column;
    use crate::records::Collection;

    #[test]
    fn every_visible_field_has_its_place() {
        for collection in Collection::ALL {
            for field in collection.visible() {
                assert!(column(collection, field).is_ok(), "{collection:?} {}", field.name);
            }
        }
        let hidden = Collection::Users.field("password").unwrap();
        assert!(column(Collection::Users, hidden).is_err());
    }
}
