//! What follows from the tables of collections: the schemas of records, and the operations that all collections have.

use super::operation::{Access, Describe, Operations};
use super::schemas::{Schemas, reference};
use super::shapes;
use crate::records::list::{self, asked};
use crate::records::{Collection, schema};
use schema::{Field, Kind};
use serde_json::{Map, Value, json};

/// What the things of a collection are called in the document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    collection: Collection,
    /// One of them, in names of operations.
    pub(super) one: &'static str,
    /// Several.
    pub(super) many: &'static str,
}

impl Names {
    pub(super) fn of(collection: Collection) -> Self {
        let (one, many) = match collection {
            Collection::Folders => ("FolderRecord", "FolderRecords"),
            Collection::Images => ("Image", "Images"),
            Collection::Jobs => ("JobRecord", "JobRecords"),
            Collection::Ledger => ("LedgerRecord", "LedgerRecords"),
            Collection::ModelPreferences => ("ModelPreferences", "ModelPreferences"),
            Collection::Users => ("User", "Users"),
        };
        Self { collection, one, many }
    }

    /// The path of all records.
    pub(super) fn records(self) -> String {
        format!("/api/collections/{}/records", self.collection.name())
    }

    /// The path of one.
    pub(super) fn one_record(self) -> String {
        self.records() + "/{id}"
    }

    /// Where the schema of a record is.
    pub(super) fn record(self) -> Value {
        reference(&self.of_record())
    }

    /// Where the schema of a new record is.
    pub(super) fn create(self) -> Value {
        reference(&format!("{}Create", self.of_record()))
    }

    /// Where the schema of a change is.
    pub(super) fn update(self) -> Value {
        reference(&format!("{}Update", self.of_record()))
    }

    fn of_record(self) -> String {
        match self.collection {
            Collection::Folders => "FoldersRecord",
            Collection::Images => "ImagesRecord",
            Collection::Jobs => "JobsRecord",
            Collection::Ledger => "LedgerRecord",
            Collection::ModelPreferences => "ModelPreferencesRecord",
            Collection::Users => "UsersRecord",
        }
        .to_owned()
    }
}

/// Keeps the schemas of a collection: a record, a page of them, and what clients write. Accounts are written by forms of
/// their own.
pub(super) fn keep(schemas: &mut Schemas, collection: Collection) {
    let names = Names::of(collection);
    schemas.keep(&names.of_record(), record(meaning(collection), collection));
    let mut page = schemas.answer_in_full::<list::Totals>();
    page["properties"]["items"] = json!({ "type": "array", "items": names.record() });
    page["required"].as_array_mut().expect("an answer's members are all there").push(json!("items"));
    schemas.keep(&format!("{}Page", names.of_record()), page);
    if !collection.is_read_only() && collection != Collection::Users {
        let required: Vec<_> = written(collection).filter(|field| field.required).map(|field| field.name).collect();
        let mut members = fields(written(collection), write);
        let new = json!({ "type": "object", "properties": members, "required": required });
        // A change can only repeat it.
        members.remove("id");
        let change = json!({ "type": "object", "properties": members });
        schemas.keep(&format!("{}Create", names.of_record()), new);
        schemas.keep(&format!("{}Update", names.of_record()), change);
    }
}

/// `GET` of a page.
pub(super) fn list(operations: &mut Operations, collection: Collection) {
    let names = Names::of(collection);
    let text = || json!({ "type": "string" });
    let operation = operations.get(
        names.records(),
        format!("list{}", names.many),
        format!("Your records of `{}`", collection.name()),
    );
    let operation = shown(operation)
        .access(Access::Guest)
        .query("filter", "Which records, as PocketBase's filters say it.", text())
        .query("sort", "By which fields, with `-` from the largest.", text())
        .query("page", "The page, from 1.", json!({ "type": "integer", "default": 1 }))
        .query(
            "perPage",
            &format!("Records of a page, {} at most.", asked::MOST),
            json!({ "type": "integer", "default": asked::USUAL }),
        )
        .query(
            "skipTotal",
            "Leaves the totals out, which takes less time.",
            json!({ "type": "boolean", "default": false }),
        );
    let operation = operation.empty_is_none();
    let operation = match collection {
        Collection::Images => {
            let words = json!({ "type": "string", "maxLength": asked::LONGEST_SEARCH });
            operation.query("search", "Words of prompts and titles.", words)
        }
        _ => operation,
    };
    operation
        .answers_with(
            200,
            "A page; an empty one for guests.",
            "application/json",
            reference(&format!("{}Page", names.of_record())),
        )
        .refused(403, "It names what only PocketBase's superusers may.");
}

/// `GET` of one record.
pub(super) fn view(operations: &mut Operations, collection: Collection) {
    let names = Names::of(collection);
    let operation =
        operations.get(names.one_record(), format!("get{}", names.one), format!("A record of `{}`", collection.name()));
    shown(operation)
        .answers_with(200, "The record.", "application/json", names.record())
        .refused(404, "You have no such record.");
}

/// What an answer with records shows.
pub(super) fn shown(operation: Describe<'_>) -> Describe<'_> {
    let text = || json!({ "type": "string" });
    operation.query("expand", "Relations whose records come along, by comma; dots lead further.", text()).query(
        "fields",
        "Only these parts of the answer, by comma; `:excerpt(max,withEllipsis?)` shortens.",
        text(),
    )
}

/// A record as answers show it.
fn record(described: &str, collection: Collection) -> Value {
    let mut properties = fields(collection.visible(), read);
    properties.insert("collectionId".to_owned(), json!({ "type": "string", "const": collection.id() }));
    properties.insert("collectionName".to_owned(), json!({ "type": "string", "const": collection.name() }));
    let expand = "What `expand` asked for: records, by the name of the relation that leads to them.";
    properties.insert("expand".to_owned(), json!({ "type": "object", "description": expand }));
    // The address is not shown to everybody.
    let always = collection.visible().map(|field| field.name).filter(|name| *name != "email");
    let required: Vec<_> = ["collectionId", "collectionName"].into_iter().chain(always).collect();
    json!({ "type": "object", "description": described, "properties": properties, "required": required })
}

fn meaning(collection: Collection) -> &'static str {
    match collection {
        Collection::Folders => "A folder.",
        Collection::Images => "A picture.",
        Collection::Jobs => "A job, as it is kept. Amounts are US dollars.",
        Collection::Ledger => "What a job was charged, in US dollars: the account's prices first, then FAL's.",
        Collection::ModelPreferences => "What you like to use with a model.",
        Collection::Users => "An account.",
    }
}

/// What clients may send.
fn written(collection: Collection) -> impl Iterator<Item = &'static Field> {
    collection.visible().filter(|field| field.writable && !matches!(field.kind, Kind::Autodate))
}

fn fields(fields: impl Iterator<Item = &'static Field>, schema: fn(&Field) -> Value) -> Map<String, Value> {
    fields.map(|field| (field.name.to_owned(), schema(field))).collect()
}

/// The values of a field in answers.
fn read(field: &Field) -> Value {
    match field.kind {
        _ if field.name == "id" => shape::<shapes::Id>(),
        Kind::Autodate => shape::<shapes::RecordDate>(),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Date => shape::<shapes::RecordDateOrNone>(),
        Kind::Json { .. } => json!({}),
        Kind::Number { .. } => json!({ "type": "number" }),
        Kind::Relation { many: true, .. } => json!({ "type": "array", "items": shape::<shapes::Id>() }),
        Kind::Relation { .. } => shape::<shapes::IdOrNone>(),
        Kind::Email | Kind::Name | Kind::Text { .. } | Kind::Url { .. } => json!({ "type": "string" }),
    }
}

/// What clients send for a field.
fn write(field: &Field) -> Value {
    let mut schema = match field.kind {
        _ if field.name == "id" => shape::<shapes::IdOrNone>(),
        Kind::Json { object: true, .. } => json!({ "type": "object" }),
        Kind::Name => json!({ "type": "string", "maxLength": generatio_core::validate::Name::MAX_CHARS }),
        Kind::Number { max } => json!({ "type": "integer", "minimum": 0, "maximum": max }),
        Kind::Date => json!({ "type": "string" }),
        Kind::Text { max } => json!({ "type": "string", "maxLength": max }),
        Kind::Url { max } => json!({ "type": "string", "format": "uri", "maxLength": max }),
        _ => read(field),
    };
    if field.required {
        match field.kind {
            Kind::Name => schema["pattern"] = shapes::NOT_BLANK.into(),
            Kind::Text { .. } | Kind::Url { .. } => schema["minLength"] = 1.into(),
            Kind::Relation { many: false, .. } => schema = shape::<shapes::Id>(),
            Kind::Json { object: true, .. } => schema["minProperties"] = 1.into(),
            _ => {}
        }
    }
    schema
}

fn shape<T: schemars::JsonSchema>() -> Value {
    T::json_schema(&mut schemars::SchemaGenerator::default()).to_value()
}
