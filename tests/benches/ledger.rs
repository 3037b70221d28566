//! `ledger-fill`: charges of one user, and their sums, as the server writes them, into its file while it is stopped.
//! The jobs they are of are left out: they would take three times as much room, and no sum reads them.

use crate::Outcome;
use clap::Args;
use generatio_core::Timestamp;
use generatio_core::time::Clock;
use generatio_server::clock::SystemClock;
use rusqlite::{Connection, Transaction, params};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The charges are spread evenly over this time until now.
const SPREAD: Duration = Duration::from_secs(730 * 24 * 3600);
const HOUR_MS: i64 = 3_600_000;
/// What a picture cost, and by FAL's own price, nano-dollars.
const MODELS: [(&str, i64, i64); 3] = [
    ("flux/schnell", 3_000_000, 3_145_728),
    ("hidream/hidream-i1-fast", 3_000_000, 10_485_760),
    ("hidream/hidream-i1-dev", 4_000_000, 31_457_280),
];

const CHARGE: &str = "INSERT INTO ledger (id, owner, job_id, model, images,
        account_unit, account_units, account_unit_price, account_amount, account_certainty,
        fal_unit, fal_units, fal_unit_price, fal_amount, fal_certainty, billable_units, reported_by, created)
    VALUES (?1, ?2, ?3, ?4, 1, 'image', '1', ?5, ?5, 'known', 'megapixel', '1.048576', ?6, ?7, 'known', '1.048576',
        'server', ?8)";
const SUM: &str =
    "INSERT INTO rollups (owner, span, start, model, images, account_upper, account_lower, fal_upper, fal_lower,
        budget_account_upper, budget_account_lower, budget_fal_upper, budget_fal_lower)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?6, ?7, ?8, ?9)";

/// Options of `ledger-fill`.
#[derive(Args)]
pub(crate) struct Fill {
    /// The file, with the tables and one account in it, which has paid nothing yet.
    #[arg(long)]
    database: PathBuf,
    /// How many charges.
    #[arg(long)]
    rows: u32,
}

/// The sums of one hour, day or all time, of one model.
#[derive(Default)]
struct Sums {
    images: i64,
    account: [i64; 2],
    fal: [i64; 2],
}

/// Fills the file. All in one transaction, and nothing is made safe against a crash before it is whole.
pub(crate) fn fill(fill: &Fill) -> Outcome<Value> {
    let mut db = Connection::open(&fill.database)?;
    for (name, value) in [("journal_mode", "off"), ("synchronous", "off"), ("foreign_keys", "off")] {
        db.pragma_update_and_check(None, name, value, |_| Ok(())).or_else(|error| match error {
            // Some tell what they are now, others do not.
            rusqlite::Error::QueryReturnedNoRows => Ok(()),
            other => Err(other),
        })?;
    }
    let owner: String = db.query_row("SELECT id FROM users ORDER BY rowid LIMIT 1", [], |row| row.get(0))?;
    let until = SystemClock.now();
    let transaction = db.transaction()?;
    let sums = charge(&transaction, &owner, fill.rows, until)?;
    write_sums(&transaction, &owner, &sums)?;
    transaction.commit()?;
    let spent: i64 = sums.iter().filter(|((span, ..), _)| *span == "all").map(|(_, sums)| sums.account[1]).sum();
    Ok(json!({ "rows": fill.rows, "sums": sums.len(), "spent_nano": spent }))
}

type AllSums = BTreeMap<(&'static str, i64, &'static str), Sums>;

fn charge(db: &Transaction<'_>, owner: &str, rows: u32, until: Timestamp) -> Outcome<AllSums> {
    let mut sums = AllSums::new();
    let mut insert = db.prepare(CHARGE)?;
    let step = SPREAD / rows.max(1);
    for number in 0..rows {
        let (model, account, fal) = MODELS[usize::try_from(number)? % MODELS.len()];
        let created = until.before(step * (rows - number)).unix_ms();
        let (id, job) = (format!("l{number:014}"), format!("j{number:014}"));
        insert.execute(params![id, owner, job, model, account, 3_000_000, fal, created])?;
        let hour = created.div_euclid(HOUR_MS);
        for (span, start) in [("hour", hour), ("day", hour.div_euclid(24)), ("all", 0)] {
            let sum = sums.entry((span, start, model)).or_default();
            sum.images += 1;
            for (halves, amount) in [(&mut sum.account, account), (&mut sum.fal, fal)] {
                halves[0] += amount >> 32;
                halves[1] += amount & 0xffff_ffff;
            }
        }
    }
    Ok(sums)
}

fn write_sums(db: &Transaction<'_>, owner: &str, sums: &AllSums) -> Outcome {
    let mut insert = db.prepare(SUM)?;
    for ((span, start, model), Sums { images, account, fal }) in sums {
        insert.execute(params![owner, span, start, model, images, account[0], account[1], fal[0], fal[1]])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bare::stats;
    use generatio_core::cost::RECENT;
    use generatio_core::validate::Email;
    use generatio_server::store::sqlite::{DEFAULT_READERS, FILE_NAME, SqliteStore};
    use generatio_server::store::{NewUser, PasswordHash, Store};
    use generatio_testkit::rng::SeededRng;

    /// What the server sums up, what bare does, and the plain sum.
    #[tokio::test]
    async fn sums_are_those_of_the_charges() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join(FILE_NAME);
        let store = SqliteStore::open(&database, DEFAULT_READERS).unwrap();
        let now = SystemClock.now();
        let email = Email::parse("ann@example.com").unwrap();
        let user = NewUser::generate(&email, PasswordHash("none".into()), now, &mut SeededRng::new(1)).unwrap();
        let owner = store.create_user(user).await.unwrap().id;
        store.close().await;
        let made = fill(&Fill { database: database.clone(), rows: 5000 }).unwrap();

        let db = Connection::open(&database).unwrap();
        let plain = |since: i64| -> (i128, i64) {
            let sql = "SELECT sum(account_amount), sum(images) FROM ledger WHERE created >= ?1";
            db.query_row(sql, [since], |row| Ok((row.get::<_, i64>(0)?.into(), row.get(1)?))).unwrap()
        };
        let store = SqliteStore::open(&database, DEFAULT_READERS).unwrap();
        let now = SystemClock.now();
        let spending = store.spending(&owner, now.before(RECENT)).await.unwrap();
        assert_eq!((spending.total.nano(), spending.images), (plain(i64::MIN).0, 5000));
        assert_eq!(spending.recent.nano(), plain(now.before(RECENT).unix_ms()).0);
        assert_eq!(i128::from(made["spent_nano"].as_i64().unwrap()), spending.total.nano());

        let month = stats::month(&db).unwrap();
        let of_month = stats::of_month(&db, owner.as_str(), month).unwrap();
        assert_eq!(of_month, plain(month[0].unix_ms()).0);
        let bare = stats::spending(&db, owner.as_str(), now).unwrap().text(of_month, now, month);
        let bare: Value = serde_json::from_str(&bare).unwrap();
        let told = |name: &str| bare[name].to_string();
        assert_eq!(
            [told("total_spent"), told("recent_spending")],
            [spending.total, spending.recent].map(|sum| sum.to_string())
        );
        assert_eq!(told("fal_spent"), spending.fal_total.to_string());
    }
}
