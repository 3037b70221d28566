//! Sums over the ledger.

use super::support::{HOUR, START, amount, at, job_in, open, settlement, user};
use generatio_core::Timestamp;
use generatio_core::cost::{Amount, Certainty, Unit, Usd, UsdSum};
use generatio_server::ids::UserId;
use generatio_server::store::{JobState, Settlement, Spending, Store, StoreError};

/// Pays for one job.
async fn pay(store: &dyn Store, owner: &UserId, end: Settlement) -> Result<(), StoreError> {
    let job = job_in(store, owner, JobState::Submitted).await;
    store.settle_job(&job.id, job.fence, end).await.map(drop)
}

fn charge(nano: i64, now: Timestamp) -> Settlement {
    Settlement { account: amount(Unit::Image, "1", nano, Certainty::Known), now, ..settlement() }
}

fn recent(spending: &Spending) -> i128 {
    spending.recent.nano()
}

#[tokio::test]
async fn nothing_was_spent_at_first() {
    let store = open();
    let ada = user(&*store).await;
    assert_eq!(store.spending(&ada, at(0)).await.unwrap(), Spending::default());
}

#[tokio::test]
async fn both_accounts_are_summed_for_their_owner_only() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    for _ in 0..3 {
        pay(&*store, &ada, settlement()).await.unwrap();
    }
    pay(&*store, &bob, settlement()).await.unwrap();
    let expected = Spending {
        total: UsdSum::from_nano(3 * 6_000_000),
        fal_total: UsdSum::from_nano(3 * 9_000_000),
        images: 6,
        recent: UsdSum::from_nano(3 * 6_000_000),
    };
    assert_eq!(store.spending(&ada, at(0)).await.unwrap(), expected);
}

#[tokio::test]
async fn recent_begins_at_the_very_millisecond() {
    let store = open();
    let ada = user(&*store).await;
    let hour = START - START % HOUR;
    // Each is a digit of its own, so that a sum tells which ones are in it.
    let moments = [hour - 1, hour, hour + 1, hour + HOUR - 1, hour + HOUR, hour + HOUR + 1, hour + 5 * HOUR];
    for (nano, ms) in [1, 10, 100, 1000, 10_000, 100_000, 1_000_000].into_iter().zip(moments) {
        pay(&*store, &ada, charge(nano, Timestamp::from_unix_ms(ms))).await.unwrap();
    }
    for (since, expected) in [
        (hour - 2, 1_111_111),
        (hour - 1, 1_111_111),
        (hour, 1_111_110),
        (hour + 1, 1_111_100),
        (hour + 2, 1_111_000),
        (hour + HOUR - 1, 1_111_000),
        (hour + HOUR, 1_110_000),
        (hour + HOUR + 1, 1_100_000),
        (hour + 5 * HOUR, 1_000_000),
        (hour + 5 * HOUR + 1, 0),
        (i64::MIN, 1_111_111),
        (i64::MAX, 0),
    ] {
        let spending = store.spending(&ada, Timestamp::from_unix_ms(since)).await.unwrap();
        assert_eq!(recent(&spending), expected, "{}", since.wrapping_sub(hour));
        assert_eq!(spending.total.nano(), 1_111_111);
    }
}

#[tokio::test]
async fn moments_before_1970_have_hours_too() {
    let store = open();
    let ada = user(&*store).await;
    pay(&*store, &ada, charge(1, Timestamp::from_unix_ms(-1))).await.unwrap();
    for (since, expected) in [(-2, 1), (-1, 1), (0, 0)] {
        let spending = store.spending(&ada, Timestamp::from_unix_ms(since)).await.unwrap();
        assert_eq!(recent(&spending), expected, "{since}");
    }
}

#[tokio::test]
async fn totals_go_beyond_what_one_amount_can_hold() {
    let store = open();
    let ada = user(&*store).await;
    let most = Amount { amount: Usd::from_nano(i64::MAX), ..settlement().account };
    for hour in 0..3 {
        let end = Settlement { account: most, now: at(hour * HOUR), ..settlement() };
        pay(&*store, &ada, end).await.unwrap();
    }
    let spending = store.spending(&ada, at(0)).await.unwrap();
    assert_eq!(spending.total.nano(), 3 * i128::from(i64::MAX));
    assert_eq!(recent(&spending), 3 * i128::from(i64::MAX));
}

#[tokio::test]
async fn a_charge_that_cannot_be_summed_is_refused_whole() {
    let store = open();
    let ada = user(&*store).await;
    let most = Amount { amount: Usd::from_nano(i64::MAX), ..settlement().account };
    pay(&*store, &ada, Settlement { account: most, ..settlement() }).await.unwrap();
    let second = pay(&*store, &ada, charge(1, settlement().now)).await;
    assert!(matches!(second, Err(StoreError::Backend(_))), "{second:?}");
    assert_eq!(store.spending(&ada, at(0)).await.unwrap().total, UsdSum::from_nano(i64::MAX.into()));
}
