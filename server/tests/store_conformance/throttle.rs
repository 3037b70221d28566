//! Counters of attempts.

use super::support::{at, open};
use generatio_server::store::{Attempt, AttemptPolicy, Store};
use std::time::Duration;

const POLICY: AttemptPolicy = AttemptPolicy {
    per_block: 3,
    per_account: 5,
    first_wait: Duration::from_secs(1),
    longest_wait: Duration::from_secs(10),
    familiar_for: Duration::from_secs(30 * 24 * 3600),
};
const DAY: i64 = 24 * 3_600_000;

async fn attempt(store: &dyn Store, account: &str, block: &str, ms: i64) -> Attempt {
    store.count_attempt(account, block, POLICY, at(ms)).await.unwrap()
}

fn wait(ms: u64) -> Attempt {
    Attempt::Refused { retry_after: Duration::from_millis(ms) }
}

/// Runs the attempts in order: block, moment, what is expected.
async fn check(store: &dyn Store, attempts: &[(&str, i64, Attempt)]) {
    for (number, (block, ms, expected)) in attempts.iter().enumerate() {
        assert_eq!(attempt(store, "account", block, *ms).await, *expected, "attempt {number}, from {block} at {ms}");
    }
}

#[tokio::test]
async fn waits_double_up_to_the_longest_and_refusals_do_not_count() {
    use Attempt::Allowed;
    let store = open();
    let steps = [
        ("a", 0, Allowed),
        ("a", 0, Allowed),
        ("a", 0, Allowed),
        ("a", 0, wait(1000)),
        ("a", 400, wait(600)),
        ("a", 999, wait(1)),
        ("a", 1000, Allowed),
        ("a", 1000, wait(2000)),
        ("a", 3000, Allowed),
        ("a", 3000, wait(4000)),
        ("a", 7000, Allowed),
        ("a", 14_999, wait(1)),
        ("a", 15_000, Allowed),
        ("a", 15_000, wait(10_000)),
        ("a", 25_000, Allowed),
        ("a", 25_000, wait(10_000)),
    ];
    check(&*store, &steps).await;
}

#[tokio::test]
async fn many_blocks_share_the_accounts_limit() {
    use Attempt::Allowed;
    let store = open();
    let steps = [
        ("a", 0, Allowed),
        ("b", 0, Allowed),
        ("c", 0, Allowed),
        ("d", 0, Allowed),
        ("e", 0, Allowed),
        ("f", 0, wait(1000)),
        ("f", 1000, Allowed),
        ("g", 1000, wait(2000)),
    ];
    check(&*store, &steps).await;
    assert_eq!(attempt(&*store, "another account", "g", 1000).await, Allowed);
}

#[tokio::test]
async fn the_longer_of_two_waits_counts() {
    use Attempt::Allowed;
    let store = open();
    // The fourth from `a` waits a second for its block; the sixth from anywhere another one.
    let steps = [
        ("a", 0, Allowed),
        ("a", 0, Allowed),
        ("a", 0, Allowed),
        ("a", 1000, Allowed),
        ("a", 3000, Allowed),
        ("a", 3000, wait(4000)),
        ("b", 3000, wait(1000)),
    ];
    check(&*store, &steps).await;
}

#[tokio::test]
async fn a_success_starts_over_for_its_block_and_the_account() {
    use Attempt::Allowed;
    let store = open();
    check(&*store, &[("a", 0, Allowed), ("a", 0, Allowed), ("a", 0, Allowed), ("a", 0, wait(1000))]).await;
    check(&*store, &[("b", 0, Allowed), ("b", 0, Allowed), ("c", 0, wait(1000))]).await;
    store.clear_attempts("account", "b", at(0)).await.unwrap();
    // `a` still has its own three in a row.
    check(&*store, &[("c", 0, Allowed), ("b", 0, Allowed), ("b", 0, Allowed), ("b", 0, Allowed)]).await;
    check(&*store, &[("b", 0, wait(1000)), ("a", 0, wait(1000))]).await;
}

#[tokio::test]
async fn familiar_blocks_are_free_of_the_accounts_limit_for_their_time() {
    use Attempt::Allowed;
    let store = open();
    store.clear_attempts("account", "home", at(0)).await.unwrap();
    let end = 30 * DAY;
    for block in ["a", "b", "c", "d", "e"] {
        check(&*store, &[(block, end - 1, Allowed)]).await;
    }
    check(&*store, &[("f", end - 1, wait(1000)), ("home", end - 1, Allowed)]).await;
    // Counted all the same, and familiar no more a millisecond later.
    check(&*store, &[("home", end, wait(1999))]).await;
}

#[tokio::test]
async fn a_familiar_block_has_its_own_limit_all_the_same() {
    use Attempt::Allowed;
    let store = open();
    store.clear_attempts("account", "home", at(0)).await.unwrap();
    let steps = [("home", 0, Allowed), ("home", 0, Allowed), ("home", 0, Allowed), ("home", 0, wait(1000))];
    check(&*store, &steps).await;
}

#[tokio::test]
async fn what_is_forgotten_is_all_of_one_account_s_and_familiar_blocks_stay_so() {
    use Attempt::Allowed;
    let store = open();
    store.clear_attempts("account", "home", at(0)).await.unwrap();
    for block in ["home", "home", "home", "a", "a"] {
        check(&*store, &[(block, 0, Allowed)]).await;
        attempt(&*store, "another account", block, 0).await;
    }
    check(&*store, &[("home", 0, wait(1000)), ("a", 0, wait(1000))]).await;
    assert_eq!(store.forget_attempts("account").await.unwrap(), 5);
    assert_eq!(store.forget_attempts("account").await.unwrap(), 0);
    for block in ["a", "b", "c", "d", "e"] {
        check(&*store, &[(block, 0, Allowed)]).await;
    }
    check(&*store, &[("f", 0, wait(1000)), ("home", 0, Allowed)]).await;
    assert_eq!(attempt(&*store, "another account", "f", 0).await, wait(1000));
}

#[tokio::test]
async fn a_clock_set_back_waits_no_longer_than_the_policy_says() {
    use Attempt::Allowed;
    let store = open();
    check(&*store, &[("a", 0, Allowed), ("a", 0, Allowed), ("a", 0, Allowed), ("a", -DAY, wait(1000))]).await;
}

#[tokio::test]
async fn purging_forgets_strangers_after_a_day_and_familiar_blocks_after_forty() {
    let store = open();
    store.clear_attempts("account", "home", at(0)).await.unwrap();
    for block in ["a", "b"] {
        attempt(&*store, "account", block, 0).await;
    }
    assert_eq!(store.purge(at(DAY)).await.unwrap(), 0);
    // Two strange blocks and the account's own counter.
    assert_eq!(store.purge(at(DAY + 1)).await.unwrap(), 3);
    assert_eq!(store.purge(at(40 * DAY)).await.unwrap(), 0);
    assert_eq!(store.purge(at(40 * DAY + 1)).await.unwrap(), 1);
}

#[tokio::test]
async fn purging_takes_as_many_portions_as_there_are() {
    let store = open();
    for number in 0..600 {
        attempt(&*store, &format!("account {number}"), "a", 0).await;
    }
    assert_eq!(store.purge(at(2 * DAY)).await.unwrap(), 1200);
}
