//! Budgets: what counts, when it counts, and that no number of requests at once gets past one.

use super::support::{
    HOUR, START, STRANGE_FENCE, abandonment, amount, at, folder, job_in, new_job, open, reserve, settlement, user,
};
use generatio_core::Timestamp;
use generatio_core::cost::{Amount, Certainty, PriceBook, Quote, Unit, Units, Usd};
use generatio_server::ids::UserId;
use generatio_server::store::{
    Basis, Budget, BudgetUse, Idempotency, JobState, Limits, NewJob, OverBudget, Period, Reservation, Settlement,
    Store, StoreError,
};
use std::sync::Arc;

const DAY: i64 = 24 * HOUR;
/// The midnights around [`START`], 2023-11-14 and -15.
const MIDNIGHT: i64 = START - START.rem_euclid(DAY);
/// 2023-11-01 and 2023-12-01.
const MONTH: (i64, i64) = (MIDNIGHT - 13 * DAY, MIDNIGHT + 17 * DAY);

fn ms(ms: i64) -> Timestamp {
    Timestamp::from_unix_ms(ms)
}

fn budget(basis: Basis, limits: Limits) -> Budget {
    Budget { basis, limits, warn_percent: 80, updated: at(0) }
}

/// A limit in FAL's amounts on everything.
fn total(nano: i64) -> Budget {
    budget(Basis::Fal, Limits { total: Some(Usd::from_nano(nano)), ..Limits::default() })
}

fn every(nano: i64) -> Limits {
    let limit = Some(Usd::from_nano(nano));
    Limits { day: limit, month: limit, total: limit }
}

fn priced(nano: i64) -> Amount {
    amount(Unit::Image, "1", nano, Certainty::Known)
}

fn unpriced() -> Amount {
    Amount {
        certainty: Certainty::Unpriced,
        units: Units::ZERO,
        ..amount(Unit::ComputeSecond, "0", 1, Certainty::Known)
    }
}

/// A job quoted at this in both books.
fn costing(owner: &UserId, nano: i64) -> NewJob {
    NewJob { quote: Quote { catalog: priced(nano), fal: priced(nano) }, ..new_job(owner) }
}

async fn pay(store: &dyn Store, job: NewJob, account: Amount, fal: Amount, now: Timestamp) {
    let job = reserve(store, job).await;
    store.begin_submit(&job.id, job.fence, at(0)).await.unwrap();
    store.settle_job(&job.id, job.fence, Settlement { account, fal, now, ..settlement() }).await.unwrap();
}

async fn used(store: &dyn Store, owner: &UserId, now: Timestamp) -> BudgetUse {
    store.budget(owner, now).await.unwrap().unwrap()
}

/// Spent and held of each limited period, in nano-dollars.
async fn counted(store: &dyn Store, owner: &UserId, now: Timestamp) -> Vec<(i128, i128)> {
    used(store, owner, now).await.periods.iter().map(|one| (one.spent.nano(), one.held.nano())).collect()
}

async fn refused(store: &dyn Store, job: NewJob) -> Option<OverBudget> {
    match store.reserve_job(job, u32::MAX).await.unwrap() {
        Reservation::OverBudget(over) => Some(over),
        Reservation::Reserved(_) => None,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_budget_is_kept_and_replaced_whole() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    assert_eq!(store.budget(&ada, at(0)).await, Ok(None));
    let first = budget(Basis::Account, every(i64::MAX));
    store.set_budget(&ada, first.clone()).await.unwrap();
    assert_eq!(used(&*store, &ada, at(0)).await.budget, first);
    let second = Budget { warn_percent: 100, updated: at(7), ..budget(Basis::Fal, Limits::default()) };
    store.set_budget(&ada, second.clone()).await.unwrap();
    assert_eq!(used(&*store, &ada, at(0)).await, BudgetUse { budget: second, periods: vec![] });
    assert_eq!(store.budget(&bob, at(0)).await, Ok(None));
    let nobody = super::support::user_id();
    assert_eq!(store.set_budget(&nobody, first).await, Err(StoreError::Missing));
}

#[tokio::test]
async fn what_fits_exactly_is_reserved_and_a_nano_dollar_more_is_not() {
    let store = open();
    let ada = user(&*store).await;
    store.set_budget(&ada, total(100)).await.unwrap();
    reserve(&*store, costing(&ada, 60)).await;
    let over = refused(&*store, costing(&ada, 41)).await.unwrap();
    assert_eq!((over.basis, over.asked, over.period.period), (Basis::Fal, Some(Usd::from_nano(41)), Period::Total));
    assert_eq!((over.period.limit.nano(), over.period.spent.nano(), over.period.held.nano()), (100, 0, 60));
    assert_eq!((over.period.resets, over.period.remaining().nano()), (None, 40));
    reserve(&*store, costing(&ada, 40)).await;
    assert!(refused(&*store, costing(&ada, 1)).await.is_some());
    assert!(refused(&*store, costing(&ada, 0)).await.is_none(), "what is free always fits");
}

#[tokio::test]
async fn a_hold_lives_as_long_as_its_job_is_not_terminal() {
    for state in JobState::ALL {
        let store = open();
        let ada = user(&*store).await;
        store.set_budget(&ada, budget(Basis::Account, every(i64::MAX))).await.unwrap();
        job_in(&*store, &ada, state).await;
        let (spent, held) = match state {
            JobState::Completed => (6_000_000, 0),
            JobState::Failed | JobState::Canceled => (0, 0),
            _ => (0, 6_000_000),
        };
        assert_eq!(counted(&*store, &ada, at(5000)).await, [(spent, held); 3], "{state:?}");
    }
}

#[tokio::test]
async fn the_basis_says_whose_amounts_count() {
    let store = open();
    let ada = user(&*store).await;
    let quote = Quote { catalog: priced(1), fal: priced(20) };
    for book in [PriceBook::Catalog, PriceBook::Fal] {
        reserve(&*store, NewJob { quote, book, ..new_job(&ada) }).await;
        let account = if book == PriceBook::Catalog { priced(300) } else { priced(4000) };
        pay(&*store, NewJob { quote, book, ..new_job(&ada) }, account, priced(4000), at(0)).await;
    }
    store.set_budget(&ada, total(1)).await.unwrap();
    assert_eq!(counted(&*store, &ada, at(0)).await, [(8000, 40)]);
    store.set_budget(&ada, budget(Basis::Account, every(1))).await.unwrap();
    assert_eq!(counted(&*store, &ada, at(0)).await, [(4300, 21); 3]);
}

#[tokio::test]
async fn what_has_no_price_counts_with_the_other_book_also_when_it_is_charged() {
    let store = open();
    let ada = user(&*store).await;
    for (book, basis, quote, account, fal) in [
        (PriceBook::Catalog, Basis::Fal, Quote { catalog: priced(3), fal: unpriced() }, priced(4), unpriced()),
        (PriceBook::Catalog, Basis::Account, Quote { catalog: unpriced(), fal: priced(3) }, unpriced(), priced(4)),
        // The catalog's charge is not in the row; its quote is.
        (PriceBook::Fal, Basis::Account, Quote { catalog: priced(3), fal: unpriced() }, unpriced(), unpriced()),
        (PriceBook::Fal, Basis::Fal, Quote { catalog: priced(3), fal: unpriced() }, unpriced(), unpriced()),
    ] {
        let owner = user(&*store).await;
        store.set_budget(&owner, budget(basis, every(100))).await.unwrap();
        let job = || NewJob { quote, book, ..new_job(&owner) };
        reserve(&*store, job()).await;
        pay(&*store, job(), account, fal, at(0)).await;
        let charged = if book == PriceBook::Catalog { 4 } else { 3 };
        assert_eq!(counted(&*store, &owner, at(0)).await, [(charged, 3); 3], "{book:?} {basis:?}");
        let Spent { total, fal_total } = spent(&*store, &owner).await;
        assert_eq!((total, fal_total), (i128::from(account.amount.nano()), i128::from(fal.amount.nano())));
    }
    // Neither has one: any limit is in the way, no limit is not.
    let nothing = || NewJob { quote: Quote { catalog: unpriced(), fal: unpriced() }, ..new_job(&ada) };
    reserve(&*store, nothing()).await;
    store.set_budget(&ada, budget(Basis::Fal, Limits::default())).await.unwrap();
    reserve(&*store, nothing()).await;
    store.set_budget(&ada, total(i64::MAX)).await.unwrap();
    assert_eq!(refused(&*store, nothing()).await.map(|over| over.asked), Some(None));
    assert_eq!(counted(&*store, &ada, at(0)).await, [(0, 0)]);
}

struct Spent {
    total: i128,
    fal_total: i128,
}

async fn spent(store: &dyn Store, owner: &UserId) -> Spent {
    let spending = store.spending(owner, at(0)).await.unwrap();
    Spent { total: spending.total.nano(), fal_total: spending.fal_total.nano() }
}

#[tokio::test]
async fn days_and_months_begin_anew_and_the_total_never_does() {
    let store = open();
    let ada = user(&*store).await;
    // Each is a digit of its own, so that a sum tells which ones are in it.
    for (nano, moment) in [(1, MONTH.0 - 1), (10, MONTH.0), (100, MIDNIGHT - 1), (1000, MIDNIGHT), (10_000, START)] {
        pay(&*store, costing(&ada, 0), priced(nano), priced(nano), ms(moment)).await;
    }
    store.set_budget(&ada, budget(Basis::Fal, every(1))).await.unwrap();
    for (now, expected) in [
        (MIDNIGHT, [11_000, 11_110, 11_111]),
        (MIDNIGHT + DAY - 1, [11_000, 11_110, 11_111]),
        (MIDNIGHT + DAY, [0, 11_110, 11_111]),
        (MONTH.1 - 1, [0, 11_110, 11_111]),
        (MONTH.1, [0, 0, 11_111]),
    ] {
        let spent: Vec<i128> = counted(&*store, &ada, ms(now)).await.iter().map(|(spent, _)| *spent).collect();
        assert_eq!(spent, expected, "{now}");
    }
    let resets: Vec<_> = used(&*store, &ada, at(0)).await.periods.iter().map(|one| one.resets).collect();
    assert_eq!(resets, [Some(ms(MIDNIGHT + DAY)), Some(ms(MONTH.1)), None]);
}

#[tokio::test]
async fn moments_before_1970_have_days_and_months_too() {
    let store = open();
    let ada = user(&*store).await;
    for (nano, moment) in [(1, -DAY - 1), (10, -DAY), (100, -1)] {
        pay(&*store, costing(&ada, 0), priced(nano), priced(nano), ms(moment)).await;
    }
    store.set_budget(&ada, budget(Basis::Fal, every(1))).await.unwrap();
    for (now, expected) in [(-1, [110, 111, 111]), (-DAY, [110, 111, 111]), (0, [0, 0, 111])] {
        let spent: Vec<i128> = counted(&*store, &ada, ms(now)).await.iter().map(|(spent, _)| *spent).collect();
        assert_eq!(spent, expected, "{now}");
    }
}

#[tokio::test]
async fn a_request_from_before_midnight_meets_what_was_spent_after_it() {
    let store = open();
    let ada = user(&*store).await;
    let day = Limits { day: Some(Usd::from_nano(100)), ..Limits::default() };
    store.set_budget(&ada, budget(Basis::Fal, day)).await.unwrap();
    pay(&*store, costing(&ada, 90), priced(90), priced(90), ms(MIDNIGHT)).await;
    let late = NewJob { created: ms(MIDNIGHT - 1), ..costing(&ada, 90) };
    assert!(refused(&*store, late).await.is_some(), "it would be charged today");
    let yesterdays = NewJob { created: ms(MIDNIGHT + DAY), ..costing(&ada, 90) };
    assert!(refused(&*store, yesterdays).await.is_none());
}

#[tokio::test]
async fn the_budget_is_looked_at_after_folder_and_key_and_before_the_limit() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let keyed = |fingerprint| NewJob {
        idempotency: Some(Idempotency { key: "k".into(), fingerprint: [fingerprint; 32] }),
        ..costing(&ada, 1)
    };
    let first = reserve(&*store, keyed(1)).await;
    store.set_budget(&ada, total(0)).await.unwrap();
    let replayed = store.reserve_job(keyed(1), 1).await.unwrap();
    assert!(matches!(replayed, Reservation::Replayed(job) if job.id == first.id));
    assert!(matches!(store.reserve_job(keyed(2), 1).await, Ok(Reservation::KeyTaken)));
    let elsewhere = NewJob { folder: Some(folder(&*store, &bob).await), ..costing(&ada, 1) };
    assert!(matches!(store.reserve_job(elsewhere, 1).await, Ok(Reservation::FolderMissing)));
    assert!(matches!(store.reserve_job(costing(&ada, 1), 1).await, Ok(Reservation::OverBudget(_))));
    assert!(matches!(store.reserve_job(costing(&bob, 1), 1).await, Ok(Reservation::Reserved(_))), "others are free");
    // What was refused is not remembered, and holds nothing.
    let unused =
        NewJob { idempotency: Some(Idempotency { key: "n".into(), fingerprint: [1; 32] }), ..costing(&ada, 1) };
    assert!(refused(&*store, unused).await.is_some());
    store.set_budget(&ada, total(i64::MAX)).await.unwrap();
    assert_eq!(counted(&*store, &ada, at(0)).await, [(0, 1)]);
    reserve(
        &*store,
        NewJob { idempotency: Some(Idempotency { key: "n".into(), fingerprint: [2; 32] }), ..costing(&ada, 1) },
    )
    .await;
}

#[tokio::test]
async fn a_lower_limit_stops_the_next_and_lets_the_running_end() {
    let store = open();
    let ada = user(&*store).await;
    let job = reserve(&*store, costing(&ada, 50)).await;
    store.set_budget(&ada, total(10)).await.unwrap();
    assert!(refused(&*store, costing(&ada, 1)).await.is_some());
    store.begin_submit(&job.id, job.fence, at(1)).await.unwrap();
    let end = Settlement { fal: priced(60), ..settlement() };
    assert_eq!(store.settle_job(&job.id, STRANGE_FENCE, end.clone()).await.err(), Some(StoreError::LeaseLost));
    store.settle_job(&job.id, job.fence, end.clone()).await.unwrap();
    store.settle_job(&job.id, job.fence, end).await.unwrap();
    let used = used(&*store, &ada, at(0)).await;
    assert_eq!((used.periods[0].spent.nano(), used.periods[0].held.nano()), (60, 0));
    assert_eq!((used.remaining().map(|left| left.nano()), used.is_warning()), (Some(0), true));
}

#[tokio::test]
async fn what_a_failed_job_held_is_free_again() {
    let store = open();
    let ada = user(&*store).await;
    store.set_budget(&ada, total(50)).await.unwrap();
    let job = reserve(&*store, costing(&ada, 50)).await;
    assert!(refused(&*store, costing(&ada, 50)).await.is_some());
    store.begin_submit(&job.id, job.fence, at(1)).await.unwrap();
    store.abandon_job(&job.id, job.fence, abandonment(JobState::Unknown)).await.unwrap();
    assert!(refused(&*store, costing(&ada, 50)).await.is_some(), "FAL may have taken it");
    store.abandon_job(&job.id, job.fence, abandonment(JobState::Failed)).await.unwrap();
    reserve(&*store, costing(&ada, 50)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_spend_what_fits_and_no_more() {
    let store = open();
    let ada = user(&*store).await;
    store.set_budget(&ada, budget(Basis::Fal, every(50 * 3))).await.unwrap();
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let (store, job) = (Arc::clone(&store.store), costing(&ada, 3));
            tokio::spawn(async move {
                let Reservation::Reserved(job) = store.reserve_job(job, u32::MAX).await.unwrap() else { return 0 };
                // Some are charged while others are asked for.
                store.begin_submit(&job.id, job.fence, at(1)).await.unwrap();
                if number % 2 == 0 {
                    let end = Settlement { account: priced(3), fal: priced(3), ..settlement() };
                    store.settle_job(&job.id, job.fence, end).await.unwrap();
                }
                1
            })
        })
        .collect();
    let mut reserved = 0;
    for task in tasks {
        reserved += task.await.unwrap();
    }
    assert_eq!(reserved, 50);
    let sums: Vec<i128> = counted(&*store, &ada, at(0)).await.iter().map(|(spent, held)| spent + held).collect();
    assert_eq!(sums, [150; 3]);
}
