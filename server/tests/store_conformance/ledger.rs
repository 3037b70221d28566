//! The ledger row by row, and its sums over time.

use super::support::{HOUR, amount, at, attachment, folder, new_folder, new_job, open, reserve, settlement, user};
use generatio_core::Timestamp;
use generatio_core::cost::{Amount, Certainty, PriceBook, Unit, Usd, UsdSum};
use generatio_server::ids::{LedgerId, UserId};
use generatio_server::store::{
    LedgerQuery, LedgerRow, ModelSpending, NewJob, Reporter, Settlement, Spending, Store, StoreError,
};
use getrandom::SysRng;

/// Brings a job to its charge, by the store's own verbs.
async fn pay(store: &dyn Store, job: NewJob, end: Settlement) {
    let job = reserve(store, job).await;
    store.begin_submit(&job.id, job.fence, at(0)).await.unwrap();
    store.attach_job(&job.id, job.fence, attachment(), at(0)).await.unwrap();
    store.settle_job(&job.id, job.fence, end).await.unwrap();
}

fn charge(nano: i64, now: Timestamp) -> Settlement {
    Settlement { account: amount(Unit::Image, "1", nano, Certainty::Known), now, ..settlement() }
}

fn of_model(owner: &UserId, model: &str) -> NewJob {
    NewJob { model: model.into(), ..new_job(owner) }
}

fn all() -> LedgerQuery {
    LedgerQuery { limit: 100, ..LedgerQuery::default() }
}

/// What the rows charge, in their order.
async fn charges(store: &dyn Store, owner: &UserId, query: LedgerQuery) -> Vec<i64> {
    store.ledger(owner, query).await.unwrap().iter().map(|row| row.account.amount.nano()).collect()
}

#[tokio::test]
async fn a_row_says_all_of_its_charge() {
    let store = open();
    let ada = user(&*store).await;
    for (book, quoted) in [(PriceBook::Catalog, 6_000_000), (PriceBook::Fal, 9_000_000)] {
        let (job, end) = (NewJob { book, ..new_job(&ada) }, Settlement { now: at(quoted), ..charge(7, at(0)) });
        let expected = LedgerRow {
            id: end.ledger_id.clone(),
            job: job.id.clone(),
            model: "flux/schnell".into(),
            images: 2,
            account: end.account,
            fal: end.fal,
            billable_units: Some("2.25".into()),
            reported_by: Reporter::Server,
            quoted: Usd::from_nano(quoted),
            created: at(quoted),
        };
        pay(&*store, job, end).await;
        assert_eq!(store.ledger(&ada, LedgerQuery { limit: 1, ..all() }).await.unwrap(), [expected]);
    }
}

#[tokio::test]
async fn pages_join_without_gap_or_repetition() {
    let store = open();
    let ada = user(&*store).await;
    // Several of one moment, so that pages end between them.
    for (nano, ms) in (0..12).zip([5, 1, 5, 9, 5, 1, 5, 5, 2, 5, 5, 9]) {
        pay(&*store, new_job(&ada), charge(nano, at(ms))).await;
    }
    let whole = store.ledger(&ada, all()).await.unwrap();
    assert_eq!(whole.len(), 12);
    assert!(whole.is_sorted_by(|newer, older| (newer.created, &newer.id) > (older.created, &older.id)));
    for limit in [1, 2, 3, 5, 11, 12, 13] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = store.ledger(&ada, LedgerQuery { limit, after: after.clone(), ..all() }).await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.len() <= usize::try_from(limit).unwrap());
            after = Some(last.id.clone());
            seen.extend(page);
        }
        assert_eq!(seen, whole, "{limit} at a time");
    }
}

#[tokio::test]
async fn a_row_charged_meanwhile_disturbs_no_page() {
    let store = open();
    let ada = user(&*store).await;
    for nano in [1, 2, 3] {
        pay(&*store, new_job(&ada), charge(nano, at(nano))).await;
    }
    let first = store.ledger(&ada, LedgerQuery { limit: 1, ..all() }).await.unwrap();
    pay(&*store, new_job(&ada), charge(4, at(4))).await;
    let after = first.last().map(|row| row.id.clone());
    assert_eq!(charges(&*store, &ada, LedgerQuery { after, ..all() }).await, [2, 1]);
}

#[tokio::test]
async fn time_model_and_folder_narrow() {
    let store = open();
    let ada = user(&*store).await;
    let (cats, dogs) = (folder(&*store, &ada).await, store.create_folder(new_folder(&ada, "Dogs")).await.unwrap().id);
    let ordered = [("a", &cats), ("b", &cats), ("a", &dogs), ("b", &dogs)];
    for (nano, (model, folder)) in (1..).zip(ordered) {
        let job = NewJob { folder: Some(folder.clone()), ..of_model(&ada, model) };
        pay(&*store, job, charge(nano, at(nano))).await;
    }
    pay(&*store, of_model(&ada, "a"), charge(5, at(5))).await;
    let rows: [(LedgerQuery, &[i64]); 10] = [
        (all(), &[5, 4, 3, 2, 1]),
        (LedgerQuery { from: Some(at(3)), ..all() }, &[5, 4, 3]),
        (LedgerQuery { until: Some(at(3)), ..all() }, &[2, 1]),
        (LedgerQuery { from: Some(at(2)), until: Some(at(4)), ..all() }, &[3, 2]),
        (LedgerQuery { from: Some(at(3)), until: Some(at(3)), ..all() }, &[]),
        (LedgerQuery { model: Some("a".into()), ..all() }, &[5, 3, 1]),
        (LedgerQuery { model: Some("A".into()), ..all() }, &[]),
        (LedgerQuery { folder: Some(dogs.clone()), ..all() }, &[4, 3]),
        (LedgerQuery { folder: Some(cats), model: Some("b".into()), ..all() }, &[2]),
        (LedgerQuery { folder: Some(dogs), limit: 1, ..all() }, &[4]),
    ];
    for (query, expected) in rows {
        assert_eq!(charges(&*store, &ada, query.clone()).await, expected, "{query:?}");
    }
}

#[tokio::test]
async fn rows_folders_and_cursors_of_others_read_as_missing() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let cats = folder(&*store, &ada).await;
    pay(&*store, NewJob { folder: Some(cats.clone()), ..new_job(&ada) }, charge(1, at(1))).await;
    pay(&*store, new_job(&bob), charge(2, at(2))).await;
    assert_eq!(charges(&*store, &bob, all()).await, [2]);
    assert!(charges(&*store, &bob, LedgerQuery { folder: Some(cats.clone()), ..all() }).await.is_empty());
    let hers = store.ledger(&ada, all()).await.unwrap().remove(0).id;
    for id in [hers, LedgerId::generate(&mut SysRng).unwrap()] {
        let refused = store.ledger(&bob, LedgerQuery { after: Some(id), ..all() }).await;
        assert_eq!(refused.err(), Some(StoreError::Missing));
    }
    assert_eq!(store.has_folder(&ada, &cats).await, Ok(true));
    assert_eq!(store.has_folder(&bob, &cats).await, Ok(false));
}

#[tokio::test]
async fn spans_hold_what_was_charged_in_them() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let hour = |hours: i64| Timestamp::from_unix_ms(hours * HOUR);
    let within = |hours: i64, ms: i64| Timestamp::from_unix_ms(hours * HOUR + ms);
    // Each is a digit of its own, so that a sum tells which ones are in it.
    for (nano, model, moment) in [
        (1, "a", within(-2, HOUR - 1)),
        (10, "a", hour(-1)),
        (100, "b", within(-1, HOUR - 1)),
        (1000, "a", hour(0)),
        (10_000, "a", within(3, HOUR - 1)),
        (100_000, "b", hour(4)),
    ] {
        pay(&*store, of_model(&ada, model), charge(nano, moment)).await;
    }
    pay(&*store, of_model(&bob, "a"), charge(7, hour(0))).await;
    let spans = store.spending_by_model(&ada, vec![hour(-1), hour(0), hour(4), hour(9), hour(10)]).await.unwrap();
    let told: Vec<Vec<(&str, i128, u64)>> = spans
        .iter()
        .map(|span| span.iter().map(|one| (one.model.as_str(), one.amount.nano(), one.images)).collect())
        .collect();
    let expected = [vec![("a", 10, 2), ("b", 100, 2)], vec![("a", 11_000, 4)], vec![("b", 100_000, 2)], vec![]];
    assert_eq!(told, expected);
    assert_eq!(spans[1][0].fal_amount.nano(), 2 * 9_000_000);
    for few in [vec![], vec![hour(0)]] {
        assert_eq!(store.spending_by_model(&ada, few).await, Ok(vec![]));
    }
}

#[tokio::test]
async fn sums_over_time_are_the_ledgers_beyond_what_one_amount_can_hold() {
    let store = open();
    let ada = user(&*store).await;
    let most = Amount { amount: Usd::from_nano(i64::MAX), ..settlement().account };
    for hour in 0..3 {
        pay(&*store, new_job(&ada), Settlement { account: most, ..charge(1, at(hour * HOUR)) }).await;
    }
    let spans = store.spending_by_model(&ada, vec![at(-HOUR), at(9 * HOUR)]).await.unwrap();
    let rows = store.ledger(&ada, all()).await.unwrap();
    let (amount, fal_amount) = (
        rows.iter().map(|row| row.account.amount).sum::<UsdSum>(),
        rows.iter().map(|row| row.fal.amount).sum::<UsdSum>(),
    );
    assert_eq!(amount.nano(), 3 * i128::from(i64::MAX));
    assert_eq!(spans, [[ModelSpending { model: "flux/schnell".into(), amount, fal_amount, images: 6 }]]);
    let Spending { total, .. } = store.spending(&ada, at(0)).await.unwrap();
    assert_eq!(total, amount);
}
