//! Sums over the ledger.

use super::support::{HOUR, START, amount, at, job_in, new_job, open, reserve, settlement, user};
use generatio_core::Timestamp;
use generatio_core::cost::{Amount, Certainty, Unit, Usd, UsdSum};
use generatio_server::ids::UserId;
use generatio_server::store::{JobState, NewJob, Settlement, Spending, Store, StoreError};

/// Pays for one job.
async fn pay(store: &dyn Store, owner: &UserId, end: Settlement) -> Result<(), StoreError> {
    let job = job_in(store, owner, JobState::Submitted).await;
    store.settle_job(&job.id, job.fence, end).await.map(drop)
}

/// Pays for this job.
async fn pay_for(store: &dyn Store, job: NewJob, end: Settlement) {
    let job = reserve(store, job).await;
    store.begin_submit(&job.id, job.fence, at(0)).await.unwrap();
    store.settle_job(&job.id, job.fence, end).await.unwrap();
}

fn charge(nano: i64, now: Timestamp) -> Settlement {
    Settlement { account: amount(Unit::Image, "1", nano, Certainty::Known), now, ..settlement() }
}

async fn since_ms(store: &dyn Store, owner: &UserId, ms: i64) -> Spending {
    store.spending(owner, Timestamp::from_unix_ms(ms)).await.unwrap()
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
        fal_recent: UsdSum::from_nano(3 * 9_000_000),
        first: Some(settlement().now),
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
        let spending = since_ms(&*store, &ada, since).await;
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
        let spending = since_ms(&*store, &ada, since).await;
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
async fn so_do_the_totals_of_one_hour_and_model() {
    let store = open();
    let ada = user(&*store).await;
    let most = Amount { amount: Usd::from_nano(i64::MAX), ..settlement().account };
    for _ in 0..2 {
        pay(&*store, &ada, Settlement { account: most, fal: most, ..settlement() }).await.unwrap();
    }
    let spending = store.spending(&ada, at(0)).await.unwrap();
    let twice = UsdSum::from_nano(2 * i128::from(i64::MAX));
    assert_eq!((spending.total, spending.fal_total, spending.recent), (twice, twice, twice));
}

#[tokio::test]
async fn the_first_charge_is_the_oldest() {
    let store = open();
    let ada = user(&*store).await;
    for ms in [5, 3, 8] {
        pay(&*store, &ada, charge(1, at(ms))).await.unwrap();
    }
    assert_eq!(store.spending(&ada, at(0)).await.unwrap().first, Some(at(3)));
}

/// Where charges begin that go on for four days: 2023-02-27T22:00Z, 2024-02-28T20:00Z (across a leap day) and
/// 1969-12-30T20:00Z (across the year's end, and 1970).
const STRETCHES: [i64; 3] = [1_677_535_200_000, 1_709_150_400_000, -100_800_000];

#[tokio::test]
async fn all_spans_agree_with_the_plain_sum_after_every_charge() {
    let store = open();
    let ada = user(&*store).await;
    let (mut noise, mut ledger) = (Noise(1), Vec::new());
    for step in 0..240 {
        let base = STRETCHES[step % 3];
        // On the edges of hours and days as often as between them.
        let offset = match noise.below(3) {
            0 => noise.below(4 * 24) * HOUR,
            1 => noise.below(4 * 24) * HOUR - 1,
            _ => noise.below(4 * 24 * HOUR),
        };
        let nano = noise.below(1 << 40);
        let (model, now) = (["a", "b"][step % 2], Timestamp::from_unix_ms(base + offset));
        let new = NewJob { model: model.into(), ..new_job(&ada) };
        pay_for(
            &*store,
            new,
            Settlement { fal: amount(Unit::Image, "1", nano * 3, Certainty::Known), ..charge(nano, now) },
        )
        .await;
        ledger.push((now.unix_ms(), model, i128::from(nano)));
        agrees(&*store, &ada, &ledger, &mut noise).await;
    }
}

/// Compares totals, sums since a random moment, and sums of random whole hours.
async fn agrees(store: &dyn Store, owner: &UserId, ledger: &[(i64, &str, i128)], noise: &mut Noise) {
    let plain = |from: i64, until: i64, model: Option<&str>| -> i128 {
        let within =
            ledger.iter().filter(|(ms, of, _)| (from..until).contains(ms) && model.is_none_or(|model| model == *of));
        within.map(|(.., nano)| nano).sum()
    };
    let any = |noise: &mut Noise| {
        let (ms, ..) = ledger[usize::try_from(noise.below(i64::try_from(ledger.len()).unwrap())).unwrap()];
        ms + noise.below(60 * HOUR) - 30 * HOUR
    };
    let since = any(noise);
    let spending = since_ms(store, owner, since).await;
    let (total, recent) = (plain(i64::MIN, i64::MAX, None), plain(since, i64::MAX, None));
    assert_eq!((spending.total.nano(), spending.fal_total.nano()), (total, 3 * total));
    assert_eq!((spending.recent.nano(), spending.fal_recent.nano()), (recent, 3 * recent), "since {since}");
    let hour = |ms: i64| ms - ms.rem_euclid(HOUR);
    let mut bounds = [hour(any(noise)), hour(any(noise)), hour(any(noise))];
    bounds.sort_unstable();
    let spans = store.spending_by_model(owner, bounds.map(Timestamp::from_unix_ms).to_vec()).await.unwrap();
    for (span, bounds) in spans.iter().zip(bounds.windows(2)) {
        for model in ["a", "b"] {
            let told = span.iter().find(|one| one.model == model);
            let told = told.map_or((0, 0), |one| (one.amount.nano(), one.fal_amount.nano()));
            let expected = plain(bounds[0], bounds[1], Some(model));
            assert_eq!(told, (expected, 3 * expected), "{model} in {bounds:?}");
        }
    }
}

/// Numbers that look random and are the same each time (a linear congruential generator).
struct Noise(u64);

impl Noise {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 20).unwrap() % end
    }
}
