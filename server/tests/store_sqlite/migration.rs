//! Files of earlier versions: what they held comes out the same.

use super::support::{HOUR, user_id};
use super::{open, raw};
use generatio_core::Timestamp;
use generatio_core::cost::{Usd, UsdSum};
use generatio_server::ids::UserId;
use generatio_server::records::Collection;
use generatio_server::store::sqlite::FILE_NAME;
use generatio_server::store::{Basis, Budget, BudgetUse, Limits, ModelSpending, Record, RecordQuery, Store, Value};
use rusqlite::{Connection, params};
use std::path::Path;

/// The tables of version 2, whose roll-ups were per hour only.
const VERSION_2: [&str; 2] = [
    include_str!("../../src/store/sqlite/migrations/0001.sql"),
    include_str!("../../src/store/sqlite/migrations/0002.sql"),
];

/// Model, moment, the account's and FAL's amount; 2 pictures each.
type Charge = (&'static str, i64, i64, i64);

/// On both sides of hours, midnights and 1970, and more than one amount can hold in all.
const CHARGES: [Charge; 7] = [
    ("a", -1, 1, 2),
    ("a", -25 * HOUR, 10, 20),
    ("b", 0, 100, 200),
    ("a", 24 * HOUR - 1, 1000, 2000),
    ("a", 24 * HOUR, 10_000, 20_000),
    ("b", 480_000 * HOUR, 100_000, 200_000),
    ("a", 480_001 * HOUR + 7, i64::MAX, i64::MAX),
];

fn write(data_dir: &Path, owner: &UserId) {
    let db = Connection::open(data_dir.join(FILE_NAME)).unwrap();
    for sql in VERSION_2 {
        db.execute_batch(sql).unwrap();
    }
    db.pragma_update(None, "user_version", 2).unwrap();
    db.execute("INSERT INTO users VALUES (?1, 'a', 'a', 0, 0, '', '', 0, 'k', 0, 0)", [owner.as_str()]).unwrap();
    for (number, (model, created, account, fal)) in CHARGES.into_iter().enumerate() {
        let id = format!("{number:015}");
        db.execute(
            "INSERT INTO jobs (id, owner, source, state, model, endpoint, prompt, parameters, input, num_images, book,
                 catalog_unit, catalog_units, catalog_unit_price, catalog_amount, catalog_certainty,
                 fal_unit, fal_units, fal_unit_price, fal_amount, fal_certainty,
                 held, lease_owner, lease_until, fence, created, updated)
             VALUES (?1, ?2, 'server', 'completed', ?3, '', '', '', '', 2, 'catalog',
                 'image', '2', 1, 2, 'known', 'image', '2', 1, 2, 'known', 0, '', 0, 1, ?4, ?4)",
            params![id, owner, model, created],
        )
        .unwrap();
        db.execute(
            "INSERT INTO ledger VALUES (?1, ?2, ?1, ?3, 2, 'image', '2', 1, ?4, 'known', 'image', '2', 1, ?5, 'known',
                 NULL, 'server', ?6)",
            params![id, owner, model, account, fal, created],
        )
        .unwrap();
        db.execute(
            "INSERT INTO rollups VALUES (?1, ?2, ?3, ?4, ?5, 2)",
            params![owner, created.div_euclid(HOUR), model, account, fal],
        )
        .unwrap();
    }
}

/// The plain sums over [`CHARGES`] of these models and moments.
fn plain(keep: impl Fn(&str, i64) -> bool) -> (i128, i128, u64) {
    let kept = CHARGES.iter().filter(|(model, created, ..)| keep(model, *created));
    kept.fold((0, 0, 0), |(account, fal, images), row| {
        (account + i128::from(row.2), fal + i128::from(row.3), images + 2)
    })
}

#[tokio::test]
async fn sums_of_an_old_file_come_out_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let ada = user_id();
    write(directory.path(), &ada);
    let store = open(directory.path());
    let moments = CHARGES.iter().map(|(_, created, ..)| *created);
    for since in moments.flat_map(|moment| [moment - 1, moment, moment + 1]).chain([i64::MIN, i64::MAX]) {
        let spending = store.spending(&ada, Timestamp::from_unix_ms(since)).await.unwrap();
        let (all, late) = (plain(|_, _| true), plain(|_, created| created >= since));
        assert_eq!((spending.total.nano(), spending.fal_total.nano(), spending.images), all);
        assert_eq!((spending.recent.nano(), spending.fal_recent.nano()), (late.0, late.1), "{since}");
    }
    let bounds = [-25, -24, 0, 23, 24, 48, 480_001, 480_002];
    let hours = bounds.map(|hour| Timestamp::from_unix_ms(hour * HOUR)).to_vec();
    let spans = store.spending_by_model(&ada, hours).await.unwrap();
    for (span, hours) in spans.into_iter().zip(bounds.windows(2)) {
        let within = |created: i64| (hours[0] * HOUR..hours[1] * HOUR).contains(&created);
        let expected: Vec<ModelSpending> = ["a", "b"].into_iter().filter_map(|name| of_model(name, within)).collect();
        assert_eq!(span, expected, "{hours:?}");
    }
}

fn of_model(name: &str, within: impl Fn(i64) -> bool) -> Option<ModelSpending> {
    let (account, fal, images) = plain(|model, created| model == name && within(created));
    let (amount, fal_amount) = (UsdSum::from_nano(account), UsdSum::from_nano(fal));
    (images > 0).then(|| ModelSpending { model: name.into(), amount, fal_amount, images })
}

#[tokio::test]
async fn what_an_old_file_spent_counts_against_a_budget() {
    let directory = tempfile::tempdir().unwrap();
    let ada = user_id();
    write(directory.path(), &ada);
    // FAL's amount of one charge was never known; its account's stands in.
    let raw = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    raw.execute("UPDATE ledger SET fal_amount = 0, fal_certainty = 'unpriced' WHERE account_amount = 100000", [])
        .unwrap();
    drop(raw);
    let store = open(directory.path());
    for (basis, day, total) in [
        (Basis::Account, 100_000 + i128::from(i64::MAX), 111_111 + i128::from(i64::MAX)),
        (Basis::Fal, 100_000 + i128::from(i64::MAX), 122_222 + i128::from(i64::MAX)),
    ] {
        let limits = Limits { day: Some(Usd::ZERO), month: None, total: Some(Usd::ZERO) };
        let updated = Timestamp::from_unix_ms(0);
        store.set_budget(&ada, Budget { basis, limits, warn_percent: 80, updated }).await.unwrap();
        let now = Timestamp::from_unix_ms(480_010 * HOUR);
        let BudgetUse { periods, .. } = store.budget(&ada, now).await.unwrap().unwrap();
        let spent: Vec<i128> = periods.iter().map(|period| period.spent.nano()).collect();
        assert_eq!(spent, [day, total], "{basis:?}");
    }
}

/// The tables of version 4, whose pictures had no number of their own.
const VERSION_4: [&str; 4] = [
    VERSION_2[0],
    VERSION_2[1],
    include_str!("../../src/store/sqlite/migrations/0003.sql"),
    include_str!("../../src/store/sqlite/migrations/0004.sql"),
];

#[tokio::test]
async fn pictures_keep_their_order_and_are_found() {
    let directory = tempfile::tempdir().unwrap();
    let ada = user_id();
    let db = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    VERSION_4.iter().for_each(|sql| db.execute_batch(sql).unwrap());
    db.pragma_update(None, "user_version", 4).unwrap();
    db.execute("INSERT INTO users VALUES (?1, 'a', 'a', 0, 0, '', '', 0, 'k', 0, 0)", [ada.as_str()]).unwrap();
    for id in ["zzzzzzzzzzzzzzz", "aaaaaaaaaaaaaaa", "mmmmmmmmmmmmmmm"] {
        let sql =
            "INSERT INTO images VALUES (?1, ?2, NULL, 'red fox', 'u', 'p', 'r', 'm', 1, '{}', '[1]', NULL, NULL, 5, 6)";
        db.execute(sql, [id, ada.as_str()]).unwrap();
    }
    let sql = "INSERT INTO folders VALUES ('f00000000000001', ?1, 'a', NULL, 0, NULL, 5, 6),
                                          ('f00000000000002', ?1, 'b', NULL, 0, 7, 5, 6)";
    db.execute(sql, [ada.as_str()]).unwrap();
    drop(db);
    let store = open(directory.path());
    let counted = raw(directory.path()).query_row("SELECT folders FROM folder_counts", [], |row| row.get::<_, u32>(0));
    assert_eq!(counted.unwrap(), 2);
    let query = RecordQuery {
        collection: Collection::Images,
        filter: None,
        sort: Vec::new(),
        search: Some("fox".into()),
        offset: 0,
        limit: 10,
        with_total: true,
    };
    let found = store.list_records(&ada, query).await.unwrap().records;
    let ids: Vec<_> = found.iter().map(Record::id).collect();
    assert_eq!(ids, ["zzzzzzzzzzzzzzz", "aaaaaaaaaaaaaaa", "mmmmmmmmmmmmmmm"]);
    assert!(found[0].value("other_info") == Some(Value::Json("[1]".into())));
    assert!(found[0].value("updated") == Some(Value::Date(Some(Timestamp::from_unix_ms(6)))));
}
