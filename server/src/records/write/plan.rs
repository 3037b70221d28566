//! From what a client sends to a write that the store does, field by field as the schema says. Nothing here looks
//! anything up.

use super::coerce::{Sent, check, coerce, relation, step, text, zero};
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
        let id = match given_text(given, "id") {
            None => ids::random_text(&mut SysRng, ID_LENGTH).map_err(RecordsError::internal)?,
            Some(id) => {
                problems.extend(id_problem(&id).map(|problem| ("id", problem)));
                id
            }
        };
        let absent = |field| check(field, &zero(field)).map(|()| Setting::To(zero(field)));
        let settings = self.fields().map(|field| (field, setting(field, given).unwrap_or_else(|| absent(field))));
        let fields = sort_out(settings, &mut problems);
        let owned = self.given_owner(given).is_none_or(|owner| owner == self.owner.as_str());
        let flaw = if owned {
            flaw(FAILED_TO_CREATE, problems)
        } else {
            Some(RecordsError::new(StatusCode::BAD_REQUEST, FAILED_TO_CREATE))
        };
        Ok((id, Values { fields, flawed: flaw.is_some() }, flaw))
    }

    fn changing(self, id: &str, given: &Given) -> (Values, Option<RecordsError>) {
        let mut problems = Problems::new();
        if given_text(given, "id").is_some_and(|given| given != id) {
            problems.insert("id", problem::id_changed());
        }
        let settings = self.fields().filter_map(|field| Some((field, setting(field, given)?)));
        let fields = sort_out(settings, &mut problems);
        let owner = self.given_owner(given).filter(|_| given.get("user_id").is_some());
        if owner.as_deref() == Some("") {
            problems.insert("user_id", problem::required());
        }
        // A record is never given away.
        let away = owner.is_some_and(|owner| !owner.is_empty() && owner != self.owner.as_str());
        let flaw = if away { Some(RecordsError::not_found()) } else { flaw(FAILED_TO_UPDATE, problems) };
        (Values { fields, flawed: flaw.is_some() }, flaw)
    }

    /// What clients write, but for who owns it and its id.
    fn fields(self) -> impl Iterator<Item = &'static Field> {
        let fields = self.collection.fields().iter();
        fields.filter(|field| field.writable && !matches!(field.name, "id" | "user_id"))
    }

    /// The owner's id as it is given, empty where it is not; `None` in collections that do not name one.
    fn given_owner(self, given: &Given) -> Option<String> {
        let field = self.collection.field("user_id").filter(|field| field.writable)?;
        let sent = given.get(field.name).map(|raw| relation(&Sent::new(raw)));
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

/// A text that is there and not empty.
fn given_text(given: &Given, name: &str) -> Option<String> {
    given.get(name).map(|raw| text(&Sent::new(raw))).filter(|text| !text.is_empty())
}

/// The good settings; the others become problems.
fn sort_out(
    settings: impl Iterator<Item = (&'static Field, Result<Setting, Problem>)>,
    problems: &mut Problems,
) -> Vec<(&'static Field, Setting)> {
    let mut keep = |(field, setting): (&'static Field, Result<Setting, Problem>)| match setting {
        Ok(setting) => Some((field, setting)),
        Err(problem) => {
            problems.insert(field.name, problem);
            None
        }
    };
    settings.filter_map(&mut keep).collect()
}

fn flaw(failed: &'static str, problems: Problems) -> Option<RecordsError> {
    (!problems.is_empty()).then(|| RecordsError::fields(failed, problems))
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

#[cfg(test)]
mod tests {
    use super::{Planned, Planner};
    use crate::ids::UserId;
    use crate::records::Collection;
    use crate::records::write::given::Given;
    use crate::store::{Setting, Value, Verb};
    use generatio_core::Timestamp;

    fn plan(collection: Collection, how: impl FnOnce(Planner<'_>, &Given) -> Planned, body: &str) -> Planned {
        let owner = UserId::parse("h9abrttn6oajblr").unwrap();
        let planner = Planner { owner: &owner, collection, now: Timestamp::from_unix_ms(0) };
        how(planner, &serde_json::from_str(body).unwrap())
    }

    fn create(planner: Planner<'_>, given: &Given) -> Planned {
        planner.create(given).unwrap()
    }

    fn update(planner: Planner<'_>, given: &Given) -> Planned {
        planner.update("aaaaaaaaaaaaaaa", given)
    }

    /// The `data` of a flaw, or its message where it has none.
    fn told(flaw: Option<crate::http::RecordsError>) -> String {
        let Some(document) = flaw.map(|flaw| flaw.document()) else { return String::new() };
        let fields: Vec<_> = document["data"].as_object().unwrap().keys().cloned().collect();
        if fields.is_empty() { document["status"].to_string() } else { fields.join(" ") }
    }

    #[test]
    fn a_new_record_has_all_fields_and_an_owner() {
        for (body, flaw) in [
            (r#"{"user_id":"h9abrttn6oajblr","name":"n"}"#, ""),
            (r#"{"user_id":["h9abrttn6oajblr"],"name":"n","id":null,"created":"x","nothing":1}"#, ""),
            (r#"{"user_id":"h9abrttn6oajblr","id":"short"}"#, "id name"),
            (r#"{"name":"n"}"#, "400"),
            (r#"{"user_id":"bbbbbbbbbbbbbbb"}"#, "400"),
        ] {
            let planned = plan(Collection::Folders, create, body);
            let Verb::Create(values) = &planned.write.verb else { panic!("{body}") };
            assert_eq!(values.flawed, !flaw.is_empty(), "{body}");
            assert!(values.flawed || values.fields.len() == 4, "{body}");
            assert_eq!(told(planned.making), flaw, "{body}");
        }
    }

    #[test]
    fn a_change_has_what_is_given() {
        for (body, fields, flaw) in [
            ("{}", 0, ""),
            (r#"{"title":"t","updated":"x","id":"aaaaaaaaaaaaaaa","user_id":"h9abrttn6oajblr"}"#, 1, ""),
            (r#"{"title":"t","id":"bbbbbbbbbbbbbbb","prompt":""}"#, 1, "id prompt"),
            (r#"{"user_id":null}"#, 0, "user_id"),
            (r#"{"user_id":"bbbbbbbbbbbbbbb","prompt":""}"#, 0, "404"),
            (r#"{"batch_number+":1.5}"#, 0, "batch_number"),
            (r#"{"title+":"x"}"#, 0, ""),
        ] {
            let planned = plan(Collection::Images, update, body);
            let Verb::Update(values) = &planned.write.verb else { panic!("{body}") };
            assert_eq!((values.fields.len(), values.flawed), (fields, !flaw.is_empty()), "{body}");
            assert_eq!(told(planned.changing), flaw, "{body}");
        }
    }

    #[test]
    fn modifiers_add_up_unless_the_number_is_given() {
        for (body, setting) in [
            (r#"{"batch_number+":3,"batch_number-":1}"#, Setting::By(2)),
            (r#"{"batch_number+":3,"batch_number":1}"#, Setting::To(Value::Number("1".into()))),
        ] {
            let Verb::Update(values) = plan(Collection::Images, update, body).write.verb else { panic!("{body}") };
            assert!(values.fields.len() == 1 && values.fields[0].1 == setting, "{body}");
        }
    }
}
