//! From what a client sends to a write that the store does, field by field as the schema says. Nothing here looks
//! anything up.

use super::coerce::{Sent, check, coerce, step, text, zero};
use super::given::Given;
use super::told::{FAILED_TO_CREATE, FAILED_TO_UPDATE};
use crate::http::RecordsError;
use crate::http::error::Problem;
use crate::ids::{self, ID_LENGTH, UserId};
use crate::records::schema::{Field, Kind};
use crate::records::{Collection, problem};
use crate::store::{RecordWrite, Setting, Values, Verb};
use generatio_core::Timestamp;
use getrandom::SysRng;
use http::StatusCode;
use std::collections::BTreeMap;

type Problems = BTreeMap<&'static str, Problem>;

/// A write, and what is wrong with it where the store gets to see a flaw.
pub(in crate::records) struct Planned {
    pub(in crate::records) write: RecordWrite,
    /// Of what makes a record.
    pub(super) making: Option<RecordsError>,
    /// Of what changes one.
    pub(super) changing: Option<RecordsError>,
}

/// Whose records are written, and when.
#[derive(Clone, Copy)]
pub(in crate::records) struct Planner<'a> {
    pub(in crate::records) owner: &'a UserId,
    pub(in crate::records) collection: Collection,
    pub(in crate::records) now: Timestamp,
}

impl Planner<'_> {
    /// Makes a record.
    pub(in crate::records) fn create(self, given: &Given) -> Result<Planned, RecordsError> {
        let (id, values, making) = self.making(given)?;
        Ok(Planned { write: self.write(id, Verb::Create(values)), making, changing: None })
    }

    /// Changes the record `id`.
    pub(in crate::records) fn update(self, id: &str, given: &Given) -> Planned {
        let (values, changing) = self.changing(id, given);
        Planned { write: self.write(id.to_owned(), Verb::Update(values)), making: None, changing }
    }

    /// Removes the record `id`.
    pub(in crate::records) fn delete(self, id: &str) -> Planned {
        Planned { write: self.write(id.to_owned(), Verb::Delete), making: None, changing: None }
    }

    /// Changes the record whose id is given, or makes it.
    pub(in crate::records) fn upsert(self, given: &Given) -> Result<Planned, RecordsError> {
        let (id, make, making) = self.making(given)?;
        let (change, changing) = self.changing(&id, given);
        Ok(Planned { write: self.write(id, Verb::Upsert { change, make }), making, changing })
    }

    fn write(self, id: String, verb: Verb) -> RecordWrite {
        RecordWrite { collection: self.collection, id, verb, now: self.now }
    }

    fn making(self, given: &Given) -> Result<(String, Values, Option<RecordsError>), RecordsError> {
        let mut problems = Problems::new();
        let id = match given.get("id").map(|raw| text(&Sent::new(raw))).unwrap_or_default() {
            empty if empty.is_empty() => ids::random_text(&mut SysRng, ID_LENGTH).map_err(RecordsError::internal)?,
            id => {
                problems.extend(id_problem(&id).map(|problem| ("id", problem)));
                id
            }
        };
        let mut values = Values::default();
        for field in self.fields() {
            let setting = match setting(field, given) {
                Some(setting) => setting,
                None => check(field, &zero(field)).map(|()| Setting::To(zero(field))),
            };
            keep(&mut values, &mut problems, field, setting);
        }
        let owned = match self.given_owner(given) {
            None => true,
            Some(owner) => owner == self.owner.as_str(),
        };
        let flaw = if !owned {
            Some(RecordsError::new(StatusCode::BAD_REQUEST, FAILED_TO_CREATE))
        } else if problems.is_empty() {
            None
        } else {
            Some(RecordsError::fields(FAILED_TO_CREATE, problems))
        };
        values.flawed = flaw.is_some();
        Ok((id, values, flaw))
    }

    fn changing(self, id: &str, given: &Given) -> (Values, Option<RecordsError>) {
        let mut problems = Problems::new();
        let other =
            given.get("id").map(|raw| text(&Sent::new(raw))).is_some_and(|given| !given.is_empty() && given != id);
        if other {
            problems.insert("id", problem::id_changed());
        }
        let mut values = Values::default();
        for field in self.fields() {
            if let Some(setting) = setting(field, given) {
                keep(&mut values, &mut problems, field, setting);
            }
        }
        let mut elsewhere = false;
        if given.get("user_id").is_some()
            && let Some(owner) = self.given_owner(given)
        {
            if owner.is_empty() {
                problems.insert("user_id", problem::required());
            }
            // A record is never given away.
            elsewhere = !owner.is_empty() && owner != self.owner.as_str();
        }
        let flaw = if elsewhere {
            Some(RecordsError::not_found())
        } else if problems.is_empty() {
            None
        } else {
            Some(RecordsError::fields(FAILED_TO_UPDATE, problems))
        };
        values.flawed = flaw.is_some();
        (values, flaw)
    }

    /// What clients write, but for who owns it and its id.
    fn fields(self) -> impl Iterator<Item = &'static Field> {
        let fields = self.collection.fields().iter();
        fields.filter(|field| field.writable && !matches!(field.name, "id" | "user_id"))
    }

    /// The owner's id as it is given, empty where it is not; `None` in collections that do not name one.
    fn given_owner(self, given: &Given) -> Option<String> {
        let field = self.collection.field("user_id").filter(|field| field.writable)?;
        let sent = given.get(field.name).map(|raw| super::coerce::relation(&Sent::new(raw)));
        Some(sent.unwrap_or_default())
    }
}

fn id_problem(id: &str) -> Option<Problem> {
    match id.chars().count() {
        ..ID_LENGTH => Some(problem::shorter_than(ID_LENGTH)),
        // Ids of all tables look alike.
        ID_LENGTH => UserId::parse(id).is_none().then(problem::invalid_format),
        _ => Some(problem::longer_than(ID_LENGTH)),
    }
}

fn keep(values: &mut Values, problems: &mut Problems, field: &'static Field, setting: Result<Setting, Problem>) {
    match setting {
        Ok(setting) => values.fields.push((field, setting)),
        Err(problem) => drop(problems.insert(field.name, problem)),
    }
}

/// What becomes of a field, if the client says anything about it.
fn setting(field: &Field, given: &Given) -> Option<Result<Setting, Problem>> {
    if let Some(raw) = given.get(field.name) {
        return Some(coerce(field, &Sent::new(raw)).map(Setting::To));
    }
    if !matches!(field.kind, Kind::Number { .. }) {
        return None;
    }
    let modified = |sign: char| given.get(&format!("{}{sign}", field.name)).map(|raw| step(&Sent::new(raw)));
    let (more, less) = (modified('+'), modified('-'));
    if more.is_none() && less.is_none() {
        return None;
    }
    let (more, less) = (more.unwrap_or(Ok(0)), less.unwrap_or(Ok(0)));
    Some(more.and_then(|more| Ok(Setting::By(more.saturating_sub(less?)))))
}
