//! Questions about records: whose, which, in which order, and what they hold.

use super::support::{
    Fresh, START, at, folder, job_in, new_folder, new_image, new_job, open, reserve, settlement, user,
};
use generatio_core::Timestamp;
use generatio_server::ids::{FolderId, UserId};
use generatio_server::records::Collection;
use generatio_server::records::filter::{Resolver, parse, sort};
use generatio_server::store::{JobState, NewImage, NewJob, Record, RecordPage, RecordQuery, Settlement, Store, Value};

/// A question of a list, from the texts of a URL.
fn query(collection: Collection, filter: &str, order: &str) -> RecordQuery {
    let mut resolver = Resolver::new(collection, at(0));
    let filter = (!filter.is_empty()).then(|| resolver.filter(&parse(filter).unwrap()).unwrap());
    let sort = if order.is_empty() { Vec::new() } else { sort::parse(order, &mut resolver).unwrap() };
    RecordQuery { collection, filter, sort, search: None, offset: 0, limit: 100, with_total: true }
}

async fn list(store: &dyn Store, owner: &UserId, query: RecordQuery) -> RecordPage {
    let page = store.list_records(owner, query.clone()).await.unwrap();
    assert_eq!(page.total.is_some(), query.with_total);
    page
}

fn texts(records: &[Record], field: &str) -> Vec<String> {
    records.iter().map(|record| record.text(field).to_owned()).collect()
}

async fn ids(store: &dyn Store, owner: &UserId, collection: Collection, filter: &str) -> Vec<String> {
    texts(&list(store, owner, query(collection, filter, "")).await.records, "id")
}

/// Pictures with these titles, in a folder or none, each made a millisecond after the one before.
async fn pictures(store: &dyn Store, owner: &UserId, folder: Option<&FolderId>, titles: &[&str]) -> Vec<String> {
    let mut made = Vec::new();
    for (ms, title) in (0..).zip(titles) {
        let job = reserve(store, NewJob { folder: folder.cloned(), ..new_job(owner) }).await;
        store.begin_submit(&job.id, job.fence, at(1)).await.unwrap();
        let image = NewImage { title: (*title).into(), ..new_image("https://v3.fal.media/1.png") };
        let end = Settlement { images: vec![image], now: at(ms), ..settlement() };
        let settled = store.settle_job(&job.id, job.fence, end).await.unwrap();
        made.push(settled.images[0].id.to_string());
    }
    made
}

/// Somebody with at least one record in every collection.
async fn rich(store: &dyn Store) -> UserId {
    let user = user(store).await;
    let cats = folder(store, &user).await;
    let mut inner = new_folder(&user, "Kittens");
    inner.parent = Some(cats.clone());
    store.create_folder(inner).await.unwrap();
    pictures(store, &user, Some(&cats), &["one", "two"]).await;
    store.save_preferences(&user, "flux", r#"{"steps":4}"#.into(), at(1)).await.unwrap();
    user
}

#[tokio::test]
async fn every_list_and_look_is_ones_own() {
    let store = open();
    let (ada, bob, poor) = (rich(&*store).await, rich(&*store).await, user(&*store).await);
    for collection in Collection::ALL {
        let own = ids(&*store, &ada, collection, "").await;
        assert!(!own.is_empty(), "{collection:?}");
        let theirs = ids(&*store, &bob, collection, "").await;
        assert!(theirs.iter().all(|id| !own.contains(id)), "{collection:?}");
        let left = if collection == Collection::Users { 1 } else { 0 };
        assert_eq!(ids(&*store, &poor, collection, "").await.len(), left, "{collection:?}");
        for id in &own {
            assert_eq!(store.record(&ada, collection, id).await.unwrap().unwrap().id(), id);
            assert!(store.record(&bob, collection, id).await.unwrap().is_none(), "{collection:?}");
        }
        assert_eq!(store.records(&ada, collection, own.clone()).await.unwrap().len(), own.len());
        assert!(store.records(&bob, collection, own).await.unwrap().is_empty(), "{collection:?}");
    }
}

#[tokio::test]
async fn related_records_are_ones_own() {
    let store = open();
    let (ada, bob) = (rich(&*store).await, rich(&*store).await);
    let mut relations = 0;
    for collection in Collection::ALL {
        for field in collection.visible() {
            let Some(target) = field.target() else { continue };
            relations += 1;
            let ids = ids(&*store, &ada, target, "").await;
            let own = store.related_records(&ada, collection, field, ids.clone(), 100).await.unwrap();
            assert!(!own.is_empty(), "{collection:?} {}", field.name);
            let leads_there =
                |record: &Record| record.related(field.name).iter().any(|id| ids.iter().any(|own| own == id));
            assert!(own.iter().all(leads_there));
            let foreign = store.related_records(&bob, collection, field, ids, 100).await.unwrap();
            assert!(foreign.is_empty(), "{collection:?} {}", field.name);
        }
    }
    assert_eq!(relations, 9, "a new relation is looked at here, too");
}

#[tokio::test]
async fn no_filter_reaches_around_the_owner() {
    let store = open();
    let (ada, bob) = (rich(&*store).await, rich(&*store).await);
    let theirs = ada.as_str();
    let cats = &ids(&*store, &ada, Collection::Folders, "name = 'Cats'").await[0];
    for (collection, filter) in [
        (Collection::Images, format!("user_id = '{theirs}'")),
        (Collection::Images, format!("user_id.id = '{theirs}'")),
        (Collection::Images, format!("user_id:lower = '{theirs}'")),
        (Collection::Images, format!("folder_id = '{cats}'")),
        (Collection::Images, format!("folder_id.id ?= '{cats}'")),
        (Collection::Images, format!("folder_id.user_id = '{theirs}'")),
        (Collection::Images, format!("folder_id.images_via_folder_id.user_id ?= '{theirs}'")),
        (Collection::Images, format!("user_id.images_via_user_id.user_id ?= '{theirs}'")),
        (Collection::Images, format!("user_id.folders_via_user_id.id ?= '{cats}'")),
        (Collection::Folders, format!("id = '{cats}'")),
        (Collection::Folders, format!("folders_via_parent_id.user_id ?= '{theirs}'")),
        (Collection::Folders, format!("images_via_folder_id.user_id ?= '{theirs}'")),
        (Collection::Users, format!("id = '{theirs}'")),
        (Collection::Users, format!("images_via_user_id.user_id ?= '{theirs}'")),
        (Collection::Jobs, format!("user_id = '{theirs}' || ledger_via_job_id.user_id = '{theirs}'")),
        (Collection::Ledger, format!("job_id.user_id = '{theirs}'")),
        (Collection::ModelPreferences, format!("generatio_users_via_model_preferences.id ?= '{theirs}'")),
    ] {
        assert!(!ids(&*store, &ada, collection, &filter).await.is_empty(), "{filter}");
        assert!(ids(&*store, &bob, collection, &filter).await.is_empty(), "{filter}");
        // Whatever else would hold: of Bob's own there are as many as without it.
        let own = ids(&*store, &bob, collection, "").await;
        for all in
            [format!("1 = 1 || {filter}"), format!("{filter} || id != ''"), format!("id != '' && (1 = 1 || {filter})")]
        {
            let page = list(&*store, &bob, query(collection, &all, "-created")).await;
            let mut found = texts(&page.records, "id");
            found.sort();
            let mut expected = own.clone();
            expected.sort();
            assert_eq!((found, page.total), (expected, Some(own.len() as u64)), "{all}");
        }
    }
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip() {
    let store = open();
    let ada = user(&*store).await;
    for _ in 0..3 {
        // Three of each moment.
        pictures(&*store, &ada, None, &["a", "b", "c", "d"]).await;
    }
    for order in
        ["-created", "created", "", "title", "-title", "deleted_at", "folder_id.name", "model,-title", "@rowid"]
    {
        let whole = texts(&list(&*store, &ada, query(Collection::Images, "", order)).await.records, "id");
        let mut paged = Vec::new();
        for page in 0..4 {
            let query = RecordQuery { offset: page * 5, limit: 5, ..query(Collection::Images, "", order) };
            let page = list(&*store, &ada, query).await;
            assert_eq!(page.total, Some(12));
            paged.extend(texts(&page.records, "id"));
        }
        assert_eq!(paged, whole, "{order}");
    }
    let newest = list(&*store, &ada, query(Collection::Images, "", "-created")).await.records;
    let oldest = list(&*store, &ada, query(Collection::Images, "", "created")).await.records;
    assert!(newest.iter().eq(oldest.iter().rev()), "ties are broken by the order they were made in");
    let uncounted = RecordQuery { with_total: false, offset: u64::MAX, ..query(Collection::Images, "", "") };
    assert!(list(&*store, &ada, uncounted).await.records.is_empty());
}

#[tokio::test]
async fn filters_and_orders_of_related_records() {
    let store = open();
    let ada = user(&*store).await;
    let cats = store.create_folder(new_folder(&ada, "Cats")).await.unwrap().id;
    let dogs = store.create_folder(new_folder(&ada, "Dogs")).await.unwrap().id;
    let loose = pictures(&*store, &ada, None, &["loose"]).await;
    let of_dogs = pictures(&*store, &ada, Some(&dogs), &["Rex"]).await;
    let of_cats = pictures(&*store, &ada, Some(&cats), &["Tom", "Kit"]).await;
    let images = |filter: &'static str| ids(&*store, &ada, Collection::Images, filter);
    assert_eq!(images("folder_id.name = 'Cats'").await.len(), 2);
    assert_eq!(images("folder_id.name ~ 's'").await.len(), 3);
    assert_eq!(images("folder_id.name != 'Cats'").await.len(), 2);
    assert_eq!(images("folder_id.private = false").await.len(), 3);
    assert_eq!(images("folder_id.private != true").await.len(), 4);
    assert_eq!(images("folder_id.deleted_at = ''").await.len(), 4);
    assert_eq!(images("folder_id.images_via_folder_id.title ?= 'Tom'").await.len(), 2);
    assert_eq!(images("folder_id.images_via_folder_id.title = 'Tom'").await.len(), 0, "not all are");
    assert_eq!(images("folder_id.images_via_folder_id.title = 'Rex'").await, of_dogs);
    let folders = |filter: &'static str| ids(&*store, &ada, Collection::Folders, filter);
    assert_eq!(folders("images_via_folder_id.title ?= 'Tom' && images_via_folder_id.title ?= 'Kit'").await.len(), 0);
    assert_eq!(
        folders("images_via_folder_id.title ?= 'Tom' && images_via_folder_id.model ?~ 'flux'").await,
        [cats.to_string()]
    );
    let sorted = list(&*store, &ada, query(Collection::Images, "", "-folder_id.name,title")).await;
    let expected = [&of_dogs[0], &of_cats[1], &of_cats[0], &loose[0]].map(Clone::clone);
    assert_eq!(texts(&sorted.records, "id"), expected);
    let sorted = list(&*store, &ada, query(Collection::Folders, "", "-images_via_folder_id.title")).await;
    assert_eq!((sorted.records.len(), sorted.total), (2, Some(2)), "several pictures, one folder");
}

#[tokio::test]
async fn values_come_out_typed_and_exact() {
    let store = open();
    let ada = user(&*store).await;
    let cats = folder(&*store, &ada).await;
    let made = pictures(&*store, &ada, Some(&cats), &["Tom"]).await;
    let image = store.record(&ada, Collection::Images, &made[0]).await.unwrap().unwrap();
    let expected = [
        ("id", Value::Text(made[0].clone())),
        ("created", Value::Date(Some(at(0)))),
        ("title", Value::Text("Tom".into())),
        ("user_id", Value::Text(ada.to_string())),
        ("batch_number", Value::Number("1".into())),
        ("image_size", Value::Json(r#"{"width":1024,"height":768}"#.into())),
        ("folder_id", Value::Text(cats.to_string())),
        ("deleted_at", Value::Date(None)),
    ];
    for (field, value) in expected {
        assert!(image.value(field) == Some(value), "{field}");
    }
    let job = &list(&*store, &ada, query(Collection::Jobs, "cost > 0.005 && held = 0", "")).await.records[0];
    assert!(job.value("cost") == Some(Value::Number("0.006".into())));
    assert!(job.value("quoted") == Some(Value::Number("0.006".into())));
    assert!(job.value("failure_details") == Some(Value::Json("null".into())));
    assert!(job.value("ended") == Some(Value::Date(Some(Timestamp::from_unix_ms(START)))));
    assert_eq!((job.text("state"), job.text("failure_code")), ("completed", ""));
    let row =
        &list(&*store, &ada, query(Collection::Ledger, "fal_units = 2.25 && fal_amount = 0.009", "")).await.records[0];
    assert!(row.value("fal_units") == Some(Value::Number("2.25".into())));
    assert!(row.value("fal_amount") == Some(Value::Number("0.009".into())));
    assert_eq!(row.related("job_id"), [job.id()]);
    store.save_preferences(&ada, "flux", "{}".into(), at(1)).await.unwrap();
    let filter =
        "financial_data.total_spent = 0.006 && financial_data.total_images = 1 && model_preferences:length = 1";
    let own = &list(&*store, &ada, query(Collection::Users, filter, "")).await.records[0];
    assert!(own.value("financial_data") == Some(Value::Json(r#"{"total_spent":0.006,"total_images":1}"#.into())));
    assert_eq!(own.related("model_preferences").len(), 1);
}

#[tokio::test]
async fn failures_of_jobs_read_as_they_are() {
    let store = open();
    let ada = user(&*store).await;
    let open_job = job_in(&*store, &ada, JobState::Submitted).await;
    let failed = job_in(&*store, &ada, JobState::Failed).await;
    let found =
        ids(&*store, &ada, Collection::Jobs, "state = 'failed' && failure_code = 'fal_timeout' && ended != ''").await;
    assert_eq!(found, [failed.id.to_string()]);
    let filter =
        "held = 0.006 && cost = 0 && request_id != '' && failure_code = '' && failure_details.retryable != true";
    assert_eq!(ids(&*store, &ada, Collection::Jobs, filter).await, [open_job.id.to_string()]);
    let retryable = ids(&*store, &ada, Collection::Jobs, "failure_details.retryable = true").await;
    assert_eq!(retryable, [failed.id.to_string()]);
}

async fn search(store: &Fresh, owner: &UserId, words: &str) -> Vec<String> {
    let query = RecordQuery { search: Some(words.into()), ..query(Collection::Images, "", "title") };
    texts(&list(&**store, owner, query).await.records, "title")
}

#[tokio::test]
async fn a_search_finds_words_of_ones_own_pictures() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    // All prompts are "a cat 🐈".
    pictures(&*store, &ada, None, &["red fox", "Füchse im Schnee", "fox OR hound"]).await;
    pictures(&*store, &bob, None, &["red fox of Bob"]).await;
    for (words, expected) in [
        ("fox", vec!["fox OR hound", "red fox"]),
        ("FOX re", vec!["red fox"]),
        ("re fox", vec![]),
        ("fuch", vec!["Füchse im Schnee"]),
        ("cat", vec!["Füchse im Schnee", "fox OR hound", "red fox"]),
        ("fox cat", vec!["fox OR hound", "red fox"]),
        ("ox", vec![]),
        ("fox NOT red", vec![]),
        ("bob", vec![]),
        (bob.as_str(), vec![]),
        (ada.as_str(), vec![]),
        ("\"", vec![]),
        ("red\" OR owner : \"", vec![]),
    ] {
        assert_eq!(search(&store, &ada, words).await, expected, "{words}");
    }
    assert_eq!(search(&store, &bob, "fox").await, ["red fox of Bob"]);
}

#[tokio::test]
async fn a_filter_may_be_as_large_as_filters_get() {
    let store = open();
    let ada = user(&*store).await;
    pictures(&*store, &ada, None, &["x"]).await;
    let nested = format!("{}id!=''{}", "(id=''||".repeat(199), ")".repeat(199));
    let flat = vec!["id!=''"; 200].join("&&");
    for filter in [nested, flat] {
        assert_eq!(ids(&*store, &ada, Collection::Images, &filter).await.len(), 1, "{} bytes", filter.len());
    }
}

#[tokio::test]
async fn every_field_is_compared_with_everything() {
    let store = open();
    let ada = rich(&*store).await;
    for collection in Collection::ALL {
        let own = ids(&*store, &ada, collection, "").await.len();
        for field in collection.visible().map(|field| field.name) {
            for other in ["''", "'2024'", "null", "true", "-1.5", "@day", "id", "created", field] {
                let count = async |filter: String| ids(&*store, &ada, collection, &filter).await.len();
                let equal = count(format!("{field} = {other}")).await;
                let unequal = count(format!("{field} != {other}")).await;
                assert_eq!(equal + unequal, own, "{collection:?} {field} {other}");
                for op in ["<", "<=", ">", ">=", "~", "!~"] {
                    let both =
                        [count(format!("{field} {op} {other}")).await, count(format!("{other} {op} {field}")).await];
                    assert!(both.iter().all(|found| *found <= own), "{collection:?} {field} {op} {other}");
                }
            }
            for order in ["", "-"] {
                let sorted = list(&*store, &ada, query(collection, "", &format!("{order}{field}"))).await;
                assert_eq!(sorted.records.len(), own, "{collection:?} {order}{field}");
            }
        }
    }
}
