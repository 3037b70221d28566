//! What stands in rows: damage, rows of later versions' making, the ledger and its roll-ups.

use super::support::{HOUR, START, abandonment, amount, at, folder, job_in, new_job, reserve, settlement, user};
use super::{Opened, is_backend};
use generatio_core::Timestamp;
use generatio_core::cost::{Certainty, Unit};
use generatio_server::store::sqlite::{FILE_NAME, examine};
use generatio_server::store::{JobState, Recovered, Settlement, Store};
use rusqlite::params;

#[tokio::test]
async fn damaged_rows_are_errors() {
    let opened = Opened::new();
    let store = &*opened.store;
    let ada = user(store).await;
    let job = job_in(store, &ada, JobState::Submitted).await;
    assert!(store.job(&ada, &job.id).await.is_ok());
    for damage in [
        "UPDATE jobs SET state = 'paused'",
        "UPDATE jobs SET state = 'submitted', catalog_units = 'many'",
        "UPDATE jobs SET catalog_units = '1', fal_unit = 'furlong'",
        "UPDATE jobs SET fal_unit = 'image', num_images = -1",
    ] {
        opened.raw().execute(damage, []).unwrap();
        assert!(is_backend(&store.job(&ada, &job.id).await), "{damage}");
        assert!(is_backend(&store.settle_job(&job.id, job.fence, settlement()).await), "{damage}");
    }
    opened.raw().execute("UPDATE jobs SET num_images = 1", []).unwrap();
    assert!(store.settle_job(&job.id, job.fence, settlement()).await.is_ok());
}

#[tokio::test]
async fn pictures_outlive_their_folder() {
    let opened = Opened::new();
    let store = &*opened.store;
    let ada = user(store).await;
    for end in ["UPDATE folders SET deleted = 1", "DELETE FROM folders"] {
        let mut new = new_job(&ada);
        new.folder = Some(folder(store, &ada).await);
        let job = reserve(store, new).await;
        store.begin_submit(&job.id, job.fence, at(1)).await.unwrap();
        let raw = opened.raw();
        raw.pragma_update(None, "foreign_keys", true).unwrap();
        raw.execute(end, []).unwrap();
        let settled = store.settle_job(&job.id, job.fence, settlement()).await.unwrap();
        assert_eq!(settled.images.len(), 2);
        assert!(settled.images.iter().all(|image| image.folder.is_none()), "{end}");
    }
}

#[tokio::test]
async fn folders_in_the_trash_are_not_live() {
    let opened = Opened::new();
    let store = &*opened.store;
    let ada = user(store).await;
    folder(store, &ada).await;
    opened.raw().execute("UPDATE folders SET deleted = 1", []).unwrap();
    assert!(store.folders(&ada).await.unwrap().is_empty());
}

#[tokio::test]
async fn jobs_of_clients_are_left_alone() {
    let opened = Opened::new();
    let store = &*opened.store;
    let ada = user(store).await;
    for state in [JobState::Created, JobState::Submitting, JobState::Submitted] {
        job_in(store, &ada, state).await;
    }
    let doubted = job_in(store, &ada, JobState::Submitted).await;
    store.abandon_job(&doubted.id, doubted.fence, abandonment(JobState::Unknown)).await.unwrap();
    opened.raw().execute("UPDATE jobs SET source = 'direct'", []).unwrap();
    assert_eq!(store.recover_jobs(at(1)).await.unwrap(), Recovered::default());
    let lease = new_job(&ada).lease;
    assert!(store.claim_submitted(&ada, lease, at(HOUR)).await.unwrap().is_empty());
}

#[tokio::test]
async fn roll_ups_agree_with_the_plain_sum_of_the_ledger() {
    let opened = Opened::new();
    let store = &*opened.store;
    let (ada, bob) = (user(store).await, user(store).await);
    let mut noise = 1_u32;
    for number in 0..120 {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mut new = new_job(if number % 3 == 0 { &bob } else { &ada });
        new.model = ["flux/schnell", "hidream/fast"][number % 2].into();
        let job = reserve(store, new).await;
        store.begin_submit(&job.id, job.fence, at(1)).await.unwrap();
        let end = Settlement {
            account: amount(Unit::Image, "1", i64::from(noise >> 8), Certainty::Known),
            fal: amount(Unit::Image, "1", i64::from(noise >> 4), Certainty::Estimated),
            now: Timestamp::from_unix_ms(START + i64::from(noise % 20_000_000)),
            ..settlement()
        };
        store.settle_job(&job.id, job.fence, end).await.unwrap();
    }
    let raw = opened.raw();
    for owner in [&ada, &bob] {
        for since in (START - HOUR..START + 7 * HOUR).step_by(611_953) {
            let spending = store.spending(owner, Timestamp::from_unix_ms(since)).await.unwrap();
            let plain: (i64, i64, i64, i64) = raw
                .query_row(
                    "SELECT sum(account_amount), sum(fal_amount), sum(images),
                            coalesce(sum(account_amount) FILTER (WHERE created >= ?2), 0)
                     FROM ledger WHERE owner = ?1",
                    (owner.as_str(), since),
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
                )
                .unwrap();
            let sums = (spending.total.nano(), spending.fal_total.nano(), spending.images, spending.recent.nano());
            let (total, fal, images, recent) = plain;
            assert_eq!(sums, (total.into(), fal.into(), images.try_into().unwrap(), recent.into()), "{since}");
        }
    }
}

#[tokio::test]
async fn a_sum_reads_the_longest_spans_there_are() {
    let opened = Opened::new();
    let store = &*opened.store;
    let ada = user(store).await;
    for day in [0, 1, 400] {
        let job = job_in(store, &ada, JobState::Submitted).await;
        let end = Settlement { now: at(day * 24 * HOUR), ..settlement() };
        store.settle_job(&job.id, job.fence, end).await.unwrap();
    }
    let midnight = Timestamp::from_unix_ms(START - START % (24 * HOUR));
    let next_year = Timestamp::from_unix_ms(midnight.unix_ms() + 365 * 24 * HOUR);
    // What is gone cannot have been read.
    opened.raw().execute("DELETE FROM rollups WHERE span = 'hour'", []).unwrap();
    let spans = store.spending_by_model(&ada, vec![midnight, next_year]).await.unwrap();
    assert_eq!((spans[0][0].amount.nano(), spans[0][0].images), (2 * 6_000_000, 4));
    assert_eq!(store.spending(&ada, midnight).await.unwrap().recent.nano(), 3 * 6_000_000);
    opened.raw().execute("DELETE FROM rollups WHERE span = 'day'", []).unwrap();
    assert_eq!(store.spending(&ada, midnight).await.unwrap().total.nano(), 3 * 6_000_000);
}

#[tokio::test]
async fn a_ledger_row_keeps_both_reckonings() {
    let opened = Opened::new();
    let store = &*opened.store;
    let ada = user(store).await;
    let job = job_in(store, &ada, JobState::Submitted).await;
    let end = settlement();
    let id = end.ledger_id.clone();
    store.settle_job(&job.id, job.fence, end).await.unwrap();
    let row: String = opened
        .raw()
        .query_row(
            "SELECT concat_ws(' ', id = ?1, owner = ?2, job_id = ?3, model, images, account_unit, account_units,
                 account_unit_price, account_amount, account_certainty, fal_unit, fal_units, fal_unit_price, fal_amount,
                 fal_certainty, billable_units, reported_by, created) FROM ledger",
            (id.as_str(), ada.as_str(), job.id.as_str()),
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(
        row,
        "1 1 1 flux/schnell 2 image 2 3000000 6000000 known megapixel 2.25 4000000 9000000 known 2.25 server 1700000005000"
    );
}

#[tokio::test]
async fn a_text_that_is_no_json_is_told() {
    let opened = Opened::new();
    let ada = user(&*opened.store).await;
    for (number, info) in [(1, "null"), (2, r#"{"seed":7}"#), (3, "{"), (4, "")] {
        let sql = "INSERT INTO images (id, owner, title, url, prompt, request_id, model, batch_number, image_size,
                                       other_info, created, updated)
                   VALUES ('i0000000000000' || ?1, ?2, '', '', '', '', '', 1, '{}', ?3, 0, 0)";
        opened.raw().execute(sql, params![number, ada, info]).unwrap();
        let damage = examine(&opened.directory.path().join(FILE_NAME)).unwrap().damage;
        let told =
            (number > 2).then(|| format!("{} rows of images hold a text that should be JSON and is none", number - 2));
        assert_eq!(damage, told.into_iter().collect::<Vec<_>>());
    }
}
