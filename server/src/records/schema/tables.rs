//! The fields, collection by collection.

use super::{Collection, Field, Kind};

/// Longest text without a limit of its own, in characters; PocketBase's.
const TEXT: usize = 5000;
/// Longest address of a picture, in characters.
const URL: usize = 2048;
/// Longest JSON value, in bytes; PocketBase's.
const JSON: usize = 1 << 20;
/// Longest preferences of a model, in bytes.
const PREFERENCES: usize = 64 << 10;

const ID: Field = text("id", 15);
const CREATED: Field = Field::new("created", Kind::Autodate).read_only();
const UPDATED: Field = Field::new("updated", Kind::Autodate).read_only();

pub(super) const USERS: &[Field] = &[
    ID,
    CREATED,
    UPDATED,
    text("password", 71).required().hidden(),
    text("tokenKey", 60).read_only().hidden(),
    Field::new("email", Kind::Email).required().unique(),
    Field::new("emailVisibility", Kind::Bool),
    Field::new("verified", Kind::Bool),
    name("name"),
    // Sealed; it comes and goes by endpoints of its own.
    text("fal_token", TEXT).read_only().hidden(),
    // Sums over the ledger.
    json("financial_data", JSON).read_only(),
    // All that they saved: a preference knows its owner, so that nobody can link another's.
    Field::new("model_preferences", Kind::Relation { to: Collection::ModelPreferences, many: true }).read_only(),
];

pub(super) const IMAGES: &[Field] = &[
    ID,
    CREATED,
    UPDATED,
    name("title"),
    Field::new("url", Kind::Url { max: URL }).required(),
    relation("user_id", Collection::Users).required(),
    text("prompt", TEXT).required(),
    text("request_id", TEXT),
    text("model", TEXT).required(),
    number("batch_number"),
    json("image_size", JSON),
    json("other_info", JSON),
    relation("folder_id", Collection::Folders),
    Field::new("deleted_at", Kind::Date),
    // Links of ours to the copy and its preview; filters see what is behind `/api/files/images/` in them.
    text("file_url", TEXT).read_only(),
    text("thumbnail_url", TEXT).read_only(),
];

pub(super) const FOLDERS: &[Field] = &[
    ID,
    CREATED,
    UPDATED,
    name("name").required(),
    relation("user_id", Collection::Users).required(),
    relation("parent_id", Collection::Folders),
    Field::new("private", Kind::Bool),
    Field::new("deleted_at", Kind::Date),
];

pub(super) const MODEL_PREFERENCES: &[Field] = &[
    ID,
    CREATED,
    UPDATED,
    text("model_name", TEXT).required(),
    Field::new("preferences", Kind::Json { max: PREFERENCES, object: true }).required(),
];

/// Amounts are US dollars. `held` and `cost` are the account's; `cost` is zero until the job is paid.
pub(super) const JOBS: &[Field] = &[
    ID.read_only(),
    CREATED,
    UPDATED,
    relation("user_id", Collection::Users).read_only(),
    text("state", TEXT).read_only(),
    text("model", TEXT).read_only(),
    text("prompt", TEXT).read_only(),
    json("parameters", JSON).read_only(),
    number("num_images").read_only(),
    relation("folder_id", Collection::Folders).read_only(),
    text("request_id", TEXT).read_only(),
    number("quoted").read_only(),
    number("held").read_only(),
    number("cost").read_only(),
    text("failure_code", TEXT).read_only(),
    text("failure_message", TEXT).read_only(),
    json("failure_details", JSON).read_only(),
    Field::new("cancel_asked", Kind::Date).read_only(),
    Field::new("submitted", Kind::Date).read_only(),
    Field::new("ended", Kind::Date).read_only(),
    text("source", TEXT).read_only(),
    text("reported_by", TEXT).read_only(),
];

/// Prices and amounts are US dollars: the account's first, then FAL's. Rows are never changed, so there is no `updated`.
pub(super) const LEDGER: &[Field] = &[
    ID.read_only(),
    CREATED,
    relation("user_id", Collection::Users).read_only(),
    relation("job_id", Collection::Jobs).read_only().unique(),
    text("model", TEXT).read_only(),
    number("images").read_only(),
    text("unit", TEXT).read_only(),
    number("units").read_only(),
    number("unit_price").read_only(),
    number("amount").read_only(),
    text("certainty", TEXT).read_only(),
    text("fal_unit", TEXT).read_only(),
    number("fal_units").read_only(),
    number("fal_unit_price").read_only(),
    number("fal_amount").read_only(),
    text("fal_certainty", TEXT).read_only(),
    text("billable_units", TEXT).read_only(),
    text("reported_by", TEXT).read_only(),
];

const fn name(name: &'static str) -> Field {
    Field::new(name, Kind::Name)
}

const fn text(name: &'static str, max: usize) -> Field {
    Field::new(name, Kind::Text { max })
}

const fn json(name: &'static str, max: usize) -> Field {
    Field::new(name, Kind::Json { max, object: false })
}

const fn number(name: &'static str) -> Field {
    Field::new(name, Kind::Number { max: u32::MAX })
}

const fn relation(name: &'static str, to: Collection) -> Field {
    Field::new(name, Kind::Relation { to, many: false })
}

impl Field {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false, hidden: false, writable: true, unique: false }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    const fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }

    const fn read_only(self) -> Self {
        Self { writable: false, ..self }
    }

    const fn unique(self) -> Self {
        Self { unique: true, ..self }
    }
}
