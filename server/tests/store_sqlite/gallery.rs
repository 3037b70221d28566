//! What is counted of a gallery is what there is, and what follows from it the same as without.

use super::support::{at, user, user_id};
use super::{Opened, open, raw};
use generatio_server::ids::UserId;
use generatio_server::records::Collection;
use generatio_server::records::filter::{Resolver, parse, sort};
use generatio_server::store::{Record, RecordQuery, RecordWrite, Setting, Store, Value, Values, Verb};
use rusqlite::{Connection, params};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const IMAGES: Collection = Collection::Images;

fn query(filter: &str, order: &str, offset: u64) -> RecordQuery {
    let mut resolver = Resolver::new(IMAGES, at(0));
    let filter = (!filter.is_empty()).then(|| resolver.filter(&parse(filter).unwrap()).unwrap());
    let sort = if order.is_empty() { Vec::new() } else { sort::parse(order, &mut resolver).unwrap() };
    RecordQuery { collection: IMAGES, filter, sort, search: None, offset, limit: 7, with_total: true }
}

fn id(number: u32) -> String {
    format!("i{number:014}")
}

/// Pictures numbered `first` to `last`, on both sides of 1970 and in no order; one of five is in the trash.
fn insert(raw: &Connection, owner: &UserId, first: u32, last: u32) {
    let sql = "WITH RECURSIVE n (i) AS (VALUES (?2) UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
        INSERT INTO images (id, owner, title, url, prompt, request_id, model, batch_number, image_size, other_info,
                            deleted, created, updated)
        SELECT printf('i%014d', i), ?1, 'x', '', 'a cat', '', '', 1, 'null', 'null', iif(i % 5 = 0, 1, NULL),
               (i * 7919 % 3000 - 1000) / 2 * 200000, 0 FROM n";
    raw.execute(sql, params![owner, first, last]).unwrap();
}

/// Rows that are not what counting gives, and pictures whose numbers are outside of what stands for their hour or day.
fn drift(raw: &Connection) -> u32 {
    let sql = "WITH spans (span, ms) AS (VALUES ('hour', 3600000), ('day', 86400000)),
        each AS (SELECT owner, span, created - (created % ms + ms) % ms AS start, seq, deleted FROM images, spans),
        real AS (SELECT owner, span, start, count(*), count(deleted) FROM each GROUP BY owner, span, start),
        kept AS (SELECT owner, span, start, images, deleted FROM image_counts)
        SELECT (SELECT count(*) FROM (SELECT * FROM real EXCEPT SELECT * FROM kept))
             + (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM real))
             + (SELECT count(*) FROM each JOIN image_counts USING (owner, span, start)
                WHERE seq NOT BETWEEN first_seq AND last_seq)";
    raw.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// The same question twice, once in words that nothing is counted for.
async fn compare(store: &dyn Store, owner: &UserId) {
    for (counted, other) in [
        ("", "id != ''"),
        ("deleted_at = ''", "deleted_at = '' && id != ''"),
        ("deleted_at != null", "deleted_at > '1'"),
    ] {
        for order in ["-created", "created", "", "-title"] {
            for offset in [0, 499, 500, 501, 555, 600, 1234, 2399, 2400, 2990, 2999, 3000, u64::MAX] {
                let page = store.list_records(owner, query(counted, order, offset)).await.unwrap();
                let same = store.list_records(owner, query(other, order, offset)).await.unwrap();
                let ids = |records: &[Record]| records.iter().map(|it| it.id().to_owned()).collect::<Vec<_>>();
                assert_eq!(page.total, same.total, "{counted} {order} {offset}");
                assert_eq!(ids(&page.records), ids(&same.records), "{counted} {order} {offset}");
            }
        }
    }
}

fn trash(number: u32, date: Option<i64>) -> RecordWrite {
    let setting = Setting::To(Value::Date(date.map(at)));
    let values = Values { fields: vec![(IMAGES.field("deleted_at").unwrap(), setting)], flawed: false };
    RecordWrite { collection: IMAGES, id: id(number), verb: Verb::Update(values), now: at(9) }
}

#[tokio::test]
async fn totals_and_far_pages_are_those_of_counting() {
    let opened = Opened::new();
    let (store, raw) = (&*opened.store, opened.raw());
    let (ada, bob) = (user(store).await, user(store).await);
    insert(&raw, &ada, 1, 3000);
    insert(&raw, &bob, 3001, 3600);
    compare(store, &ada).await;
    compare(store, &bob).await;
    let gone = |number| RecordWrite { collection: IMAGES, id: id(number), verb: Verb::Delete, now: at(9) };
    let writes = (1..=200).map(|number| match number % 4 {
        0 => gone(number),
        1 => trash(number, None),
        _ => trash(number, Some(7)),
    });
    store.write_records(&ada, writes.collect()).await.unwrap();
    assert_eq!(drift(&raw), 0);
    compare(store, &ada).await;
    assert!(store.delete_user(&ada).await.unwrap());
    assert_eq!(drift(&raw), 0);
    let total = async |owner| store.list_records(owner, query("", "", 0)).await.unwrap().total;
    assert_eq!((total(&ada).await, total(&bob).await), (Some(0), Some(600)));
}

#[tokio::test]
async fn a_picture_stays_where_it_is_counted() {
    let opened = Opened::new();
    let raw = opened.raw();
    let (ada, bob) = (user(&*opened.store).await, user(&*opened.store).await);
    insert(&raw, &ada, 1, 2);
    for change in ["created = created + 1", "seq = seq + 7", &format!("owner = '{bob}'")] {
        assert!(raw.execute(&format!("UPDATE images SET {change}"), []).is_err(), "{change}");
    }
    raw.execute("UPDATE images SET created = created, owner = owner, title = 'y'", []).unwrap();
    assert_eq!(drift(&raw), 0);
}

fn made(number: u32) -> RecordWrite {
    let text = |text: &str| Value::Text(text.into());
    let fields = [
        ("title", text("x")),
        ("url", text("https://x.example")),
        ("prompt", text("p")),
        ("request_id", text("")),
        ("model", text("m")),
        ("batch_number", Value::Number("0".into())),
        ("image_size", Value::Json("null".into())),
        ("other_info", Value::Json("null".into())),
    ];
    let fields = fields.map(|(name, value)| (IMAGES.field(name).unwrap(), Setting::To(value)));
    let verb = Verb::Create(Values { fields: fields.into(), flawed: false });
    RecordWrite { collection: IMAGES, id: id(number), verb, now: at(number.into()) }
}

/// Somebody lists while somebody else writes: each answer is of one moment, and no earlier one than the last write that
/// was confirmed before it was asked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_total_is_older_than_a_write_that_was_confirmed() {
    const WRITES: u32 = 200;
    let opened = Opened::new();
    let store = Arc::clone(&opened.store);
    let ada = user(&*store).await;
    let confirmed = Arc::new(AtomicU64::new(0));
    let writing = {
        let (store, ada, confirmed) = (Arc::clone(&store), ada.clone(), Arc::clone(&confirmed));
        tokio::spawn(async move {
            for number in 0..WRITES {
                store.write_records(&ada, vec![made(number)]).await.unwrap();
                confirmed.fetch_add(1, Ordering::SeqCst);
            }
        })
    };
    let all = RecordQuery { limit: 1000, ..query("", "-created", 0) };
    let mut seen = 0;
    while seen < u64::from(WRITES) {
        let before = confirmed.load(Ordering::SeqCst);
        let page = store.list_records(&ada, all.clone()).await.unwrap();
        seen = page.total.unwrap();
        assert_eq!(u64::try_from(page.records.len()), Ok(seen), "both of the same moment");
        assert!(seen >= before, "{seen} pictures, though {before} were confirmed");
    }
    writing.await.unwrap();
}

/// The tables of version 6, which counted nothing.
const VERSION_6: [&str; 6] = [
    include_str!("../../src/store/sqlite/migrations/0001.sql"),
    include_str!("../../src/store/sqlite/migrations/0002.sql"),
    include_str!("../../src/store/sqlite/migrations/0003.sql"),
    include_str!("../../src/store/sqlite/migrations/0004.sql"),
    include_str!("../../src/store/sqlite/migrations/0005.sql"),
    include_str!("../../src/store/sqlite/migrations/0006.sql"),
];

#[tokio::test]
async fn pictures_of_an_old_file_are_counted() {
    let directory = tempfile::tempdir().unwrap();
    let owners = [user_id(), user_id()];
    let raw = raw(directory.path());
    VERSION_6.iter().for_each(|sql| raw.execute_batch(sql).unwrap());
    raw.pragma_update(None, "user_version", 6).unwrap();
    for owner in &owners {
        raw.execute("INSERT INTO users VALUES (?1, ?1, ?1, 0, 0, '', '', 0, ?1, 0, 0)", [owner.as_str()]).unwrap();
    }
    insert(&raw, &owners[0], 1, 3000);
    insert(&raw, &owners[1], 3001, 3600);
    let store = open(directory.path());
    assert_eq!(drift(&raw), 0);
    compare(&store, &owners[0]).await;
    let search = RecordQuery { search: Some("ca".into()), ..query("", "-created", 0) };
    assert_eq!(store.list_records(&owners[1], search).await.unwrap().total, Some(600));
    insert(&raw, &owners[0], 4001, 4100);
    assert_eq!(drift(&raw), 0);
}
