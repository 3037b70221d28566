//! Records written in types, alone and together.

use crate::support::{at, open, user};
use generatio_server::ids::UserId;
use generatio_server::records::Collection;
use generatio_server::store::{
    Action, MAX_PREFERENCES, MAX_REPORTED, RecordWrite, Refusal, Setting, Store, StoreError, Value, Values, Verb,
    Written,
};

fn values(collection: Collection, fields: &[(&str, Value)]) -> Values {
    let setting = |(name, value): &(&str, Value)| (collection.field(name).unwrap(), Setting::To(value.clone()));
    Values { fields: fields.iter().map(setting).collect(), flawed: false }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// 15 characters of an id.
fn id(name: &str) -> String {
    format!("{name:0<15}")
}

fn folder(name: &str, parent: &str) -> RecordWrite {
    let parent = if parent.is_empty() { String::new() } else { id(parent) };
    let fields = [
        ("name", text(name)),
        ("parent_id", text(&parent)),
        ("private", Value::Bool(false)),
        ("deleted_at", Value::Date(None)),
    ];
    let verb = Verb::Create(values(Collection::Folders, &fields));
    RecordWrite { collection: Collection::Folders, id: id(name), verb, now: at(1) }
}

fn image(name: &str, parent: &str) -> RecordWrite {
    let json = || Value::Json("null".into());
    let fields = [
        ("title", text(name)),
        ("url", text("https://x.example")),
        ("prompt", text("p")),
        ("request_id", text("")),
        ("model", text("m")),
        ("batch_number", Value::Number("0".into())),
        ("image_size", json()),
        ("other_info", json()),
        ("folder_id", text(&id(parent))),
        ("deleted_at", Value::Date(None)),
    ];
    let verb = Verb::Create(values(Collection::Images, &fields));
    RecordWrite { collection: Collection::Images, id: id(name), verb, now: at(1) }
}

fn preference(name: &str, model: &str) -> RecordWrite {
    let fields = [("model_name", text(model)), ("preferences", Value::Json("{}".into()))];
    let verb = Verb::Create(values(Collection::ModelPreferences, &fields));
    RecordWrite { collection: Collection::ModelPreferences, id: id(name), verb, now: at(1) }
}

fn moved(name: &str, parent: &str) -> RecordWrite {
    let fields = [("parent_id", text(&id(parent)))];
    let verb = Verb::Update(values(Collection::Folders, &fields));
    RecordWrite { collection: Collection::Folders, id: id(name), verb, now: at(2) }
}

fn gone(collection: Collection, name: &str) -> RecordWrite {
    RecordWrite { collection, id: id(name), verb: Verb::Delete, now: at(3) }
}

fn flawed(mut write: RecordWrite) -> RecordWrite {
    match &mut write.verb {
        Verb::Create(values) | Verb::Update(values) => values.flawed = true,
        _ => {}
    }
    write
}

fn told(written: &Written) -> Vec<(&'static str, Collection, String)> {
    let told = |change: &generatio_server::store::Change| {
        (change.action.as_str(), change.collection, change.id.trim_end_matches('0').to_owned())
    };
    written.changes.iter().map(told).collect()
}

async fn refusal(store: &dyn Store, owner: &UserId, writes: Vec<RecordWrite>) -> (usize, Refusal) {
    match store.write_records(owner, writes).await {
        Err(StoreError::Refused { index, refusal, .. }) => (index, refusal),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn later_writes_see_earlier_ones_and_all_say_what_they_changed() {
    let store = open();
    let owner = user(&*store).await;
    let writes =
        vec![folder("outer", ""), folder("inner", "outer"), image("fox", "outer"), gone(Collection::Folders, "outer")];
    let written = store.write_records(&owner, writes).await.unwrap();
    let (folders, images) = (Collection::Folders, Collection::Images);
    assert_eq!(told(&written[1]), [("create", folders, "inner".into())]);
    let outer = written[3].changes[0].record.clone();
    assert_eq!((written[3].record.is_none(), outer.as_ref().unwrap().text("name")), (true, "outer"), "its last state");
    let expected =
        [("delete", folders, "outer".into()), ("update", folders, "inner".into()), ("update", images, "fox".into())];
    assert_eq!(told(&written[3]), expected);
    for (collection, name, field) in [(folders, "inner", "parent_id"), (images, "fox", "folder_id")] {
        let record = store.record(&owner, collection, &id(name)).await.unwrap().unwrap();
        assert_eq!((record.text(field), record.value("updated")), ("", Some(Value::Date(Some(at(3))))));
        assert_eq!(record.value("created"), Some(Value::Date(Some(at(1)))));
    }
}

#[tokio::test]
async fn one_refusal_undoes_all() {
    let store = open();
    let (owner, other) = (user(&*store).await, user(&*store).await);
    store.write_records(&other, vec![folder("theirs", "")]).await.unwrap();
    let circle = Refusal::Circle(Collection::Folders.field("parent_id").unwrap());
    let taken = Refusal::Taken(Collection::Folders.field("id").unwrap());
    let model = Refusal::Taken(Collection::ModelPreferences.field("model_name").unwrap());
    for (last, expected) in [
        (folder("theirs", ""), taken),
        (folder("b", "theirs"), Refusal::ForeignRelation),
        (folder("b", "nothing"), Refusal::ForeignRelation),
        (folder("b", "b"), Refusal::ForeignRelation),
        (flawed(folder("b", "theirs")), Refusal::ForeignRelation),
        (flawed(folder("b", "a")), Refusal::Flawed),
        (moved("theirs", "a"), Refusal::Missing),
        (flawed(moved("nothing", "a")), Refusal::Missing),
        (moved("a", "theirs"), Refusal::Missing),
        (moved("a", "a"), circle),
        (gone(Collection::Folders, "theirs"), Refusal::Missing),
        (gone(Collection::Folders, "nothing"), Refusal::Missing),
        (preference("q", "m"), model),
    ] {
        let writes = vec![folder("a", ""), preference("p", "m"), last];
        assert_eq!(refusal(&*store, &owner, writes).await, (2, expected));
        assert_eq!(store.record(&owner, Collection::Folders, &id("a")).await.unwrap(), None);
    }
    let writes = vec![folder("a", ""), folder("b", "a"), folder("c", "b"), moved("a", "c")];
    assert_eq!(refusal(&*store, &owner, writes).await, (3, circle));
    assert!(store.record(&other, Collection::Folders, &id("theirs")).await.unwrap().is_some());
}

#[tokio::test]
async fn an_upsert_changes_or_makes() {
    let store = open();
    let (owner, other) = (user(&*store).await, user(&*store).await);
    let upsert = |name: &str, renamed: &str| {
        let Verb::Create(make) = folder(name, "").verb else { unreachable!() };
        let change = values(Collection::Folders, &[("name", text(renamed))]);
        RecordWrite { verb: Verb::Upsert { change, make }, ..folder(name, "") }
    };
    let written = store.write_records(&owner, vec![upsert("a", "x"), upsert("a", "y")]).await.unwrap();
    let names: Vec<_> = written.iter().map(|one| one.record.as_ref().unwrap().text("name")).collect();
    assert_eq!(names, ["a", "y"]);
    assert_eq!(written.iter().map(|one| one.changes[0].action).collect::<Vec<_>>(), [Action::Create, Action::Update]);
    assert_eq!(refusal(&*store, &other, vec![upsert("a", "z")]).await, (0, Refusal::Missing));
}

#[tokio::test]
async fn numbers_move_by_steps_within_their_range() {
    let store = open();
    let owner = user(&*store).await;
    store.write_records(&owner, vec![folder("f", ""), image("fox", "f")]).await.unwrap();
    let field = Collection::Images.field("batch_number").unwrap();
    let step = |step| {
        let verb = Verb::Update(Values { fields: vec![(field, Setting::By(step))], flawed: false });
        RecordWrite { collection: Collection::Images, id: id("fox"), verb, now: at(2) }
    };
    let written = store.write_records(&owner, vec![step(5), step(-2)]).await.unwrap();
    assert_eq!(written[1].record.as_ref().unwrap().value("batch_number"), Some(Value::Number("3".into())));
    for out in [-4, i64::MAX, 1 << 32] {
        assert_eq!(refusal(&*store, &owner, vec![step(out)]).await, (0, Refusal::OutOfRange(field)));
    }
}

#[tokio::test]
async fn there_is_room_for_so_many() {
    let store = open();
    let owner = user(&*store).await;
    let write = |number: u32| preference(&format!("a{number}b"), &number.to_string());
    let writes = (0..=MAX_PREFERENCES).map(write).collect();
    let full = Refusal::Full { most: MAX_PREFERENCES };
    assert_eq!(refusal(&*store, &owner, writes).await, (1000, full));
}

#[tokio::test]
async fn a_user_s_record_changes_with_their_preferences() {
    let store = open();
    let owner = user(&*store).await;
    let writes = vec![preference("p", "m"), gone(Collection::ModelPreferences, "p")];
    let written = store.write_records(&owner, writes).await.unwrap();
    for one in &written {
        let user = &one.changes[1];
        assert_eq!((user.action, user.id.as_str()), (Action::Update, owner.as_str()));
    }
    assert_eq!(written[0].changes[1].record.as_ref().unwrap().related("model_preferences"), [id("p")]);
    assert_eq!(written[1].changes[1].record.as_ref().unwrap().related("model_preferences"), [""; 0]);
}

#[tokio::test]
async fn all_are_emptied_though_not_all_are_reported() {
    let store = open();
    let owner = user(&*store).await;
    let mut writes = vec![folder("f", "")];
    writes.extend((0..=MAX_REPORTED).map(|number| image(&format!("a{number}b"), "f")));
    store.write_records(&owner, writes).await.unwrap();
    let written = store.write_records(&owner, vec![gone(Collection::Folders, "f")]).await.unwrap();
    assert_eq!(written[0].changes.len(), 1001);
    let last = store.record(&owner, Collection::Images, &id("a1000b")).await.unwrap().unwrap();
    assert_eq!(last.text("folder_id"), "");
}
