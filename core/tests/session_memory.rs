//! The bounded map of sessions through the public API.

use generatio_core::Timestamp;
use generatio_core::session::memory::{Counts, Entry, MemorySessions, StoreFull};
use generatio_core::session::{Claims, Kind, SealedSession, SessionIndex};
use proptest::prelude::*;
use std::time::Duration;

const CAPACITY: usize = 40;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_ms(seconds * 1000)
}

fn index(number: u8) -> SessionIndex {
    SessionIndex::from_bytes([number; 32])
}

/// The map opens nothing, so the boxes may be empty.
fn entry(kind: Kind, handle: u8, user_id: &str, expires_unix_s: i64) -> Entry {
    let claims = Claims { kind, user_id: user_id.to_owned(), expires_unix_s };
    Entry {
        handle: format!("h{handle}"),
        label: "a device".to_owned(),
        scopes: Vec::new(),
        created: at(0),
        sealed: SealedSession::restore(claims, ""),
    }
}

fn insert(sessions: &mut MemorySessions, number: u8, user_id: &str, expires: i64, now: i64) -> Result<(), StoreFull> {
    sessions.insert(index(number), entry(Kind::Session, number, user_id, expires), at(now))
}

fn handles(sessions: &MemorySessions, user_id: &str, now: i64) -> Vec<String> {
    sessions.list(user_id, at(now)).iter().map(|entry| entry.handle.clone()).collect()
}

#[test]
fn a_session_is_found_until_its_expiry_and_vanishes_when_touched_after() {
    let mut sessions = MemorySessions::new(CAPACITY);
    insert(&mut sessions, 1, "ann", 100, 0).unwrap();
    assert_eq!(sessions.get(index(1), at(100)).unwrap().handle, "h1");
    assert!(sessions.get(index(2), at(100)).is_none());
    assert!(sessions.has_live("ann", at(100)) && !sessions.has_live("bob", at(100)));

    let after = Timestamp::from_unix_ms(100_001);
    assert!(!sessions.has_live("ann", after) && sessions.list("ann", after).is_empty());
    assert_eq!(sessions.counts(after), Counts { active: 0, total: 1 });
    assert!(sessions.get(index(1), after).is_none());
    assert_eq!(sessions.counts(after), Counts { active: 0, total: 0 });
}

#[test]
fn only_its_user_ends_a_session() {
    let mut sessions = MemorySessions::new(CAPACITY);
    insert(&mut sessions, 1, "ann", 100, 0).unwrap();
    insert(&mut sessions, 2, "ann", 100, 0).unwrap();
    assert!(!sessions.end(index(1), "bob"));
    assert!(!sessions.end_by_handle("h2", "bob"));
    assert_eq!(handles(&sessions, "ann", 0), ["h1", "h2"]);

    assert!(sessions.end(index(1), "ann") && !sessions.end(index(1), "ann"));
    assert!(sessions.end_by_handle("h2", "ann") && !sessions.end_by_handle("h2", "ann"));
    assert!(!sessions.has_live("ann", at(0)));
}

#[test]
fn all_of_a_users_sessions_end_together() {
    let mut sessions = MemorySessions::new(CAPACITY);
    for number in 0..6 {
        insert(&mut sessions, number, if number % 2 == 0 { "ann" } else { "bob" }, 100, 0).unwrap();
    }
    assert_eq!(sessions.end_all("ann"), 3);
    assert_eq!(sessions.end_all("ann"), 0);
    assert_eq!(handles(&sessions, "bob", 0), ["h1", "h3", "h5"]);
    assert!(sessions.get(index(0), at(0)).is_none());
}

#[test]
fn one_more_than_the_limit_ends_that_users_oldest_of_the_kind() {
    let mut sessions = MemorySessions::new(CAPACITY);
    insert(&mut sessions, 100, "bob", 100, 0).unwrap();
    sessions.insert(index(101), entry(Kind::ApiKey, 101, "ann", 100), at(0)).unwrap();
    for number in 0..18 {
        insert(&mut sessions, number, "ann", 100, 0).unwrap();
    }
    let expected: Vec<String> = [101].into_iter().chain(2..18).map(|number| format!("h{number}")).collect();
    assert_eq!(expected.len(), Kind::Session.limit() + 1);
    assert_eq!(handles(&sessions, "ann", 0), expected);
    assert_eq!(handles(&sessions, "bob", 0), ["h100"]);
}

#[test]
fn expired_ones_make_room_before_the_oldest_does() {
    let mut sessions = MemorySessions::new(CAPACITY);
    insert(&mut sessions, 0, "ann", 100, 0).unwrap();
    for number in 1..16 {
        insert(&mut sessions, number, "ann", 10, 0).unwrap();
    }
    insert(&mut sessions, 16, "ann", 100, 11).unwrap();
    assert_eq!(handles(&sessions, "ann", 11), ["h0", "h16"]);
}

#[test]
fn a_full_store_refuses_until_something_ends_or_expires() {
    let mut sessions = MemorySessions::new(2);
    insert(&mut sessions, 1, "ann", 100, 0).unwrap();
    insert(&mut sessions, 2, "bob", 50, 0).unwrap();
    assert_eq!(insert(&mut sessions, 3, "cid", 100, 50), Err(StoreFull));
    assert_eq!(sessions.counts(at(50)), Counts { active: 2, total: 2 });
    // In its own place there is room.
    insert(&mut sessions, 1, "ann", 200, 50).unwrap();
    insert(&mut sessions, 3, "cid", 100, 51).unwrap();
    assert!(!sessions.has_live("bob", at(0)));
    assert_eq!(insert(&mut MemorySessions::new(0), 1, "ann", 100, 0), Err(StoreFull));
}

#[test]
fn purging_removes_the_expired_and_nothing_else() {
    let mut sessions = MemorySessions::new(CAPACITY);
    for (number, expires) in [(1, 30), (2, 10), (3, 20), (4, 10)] {
        insert(&mut sessions, number, "ann", expires, 0).unwrap();
    }
    assert_eq!(sessions.counts(at(20)), Counts { active: 2, total: 4 });
    assert_eq!(sessions.purge(at(20)), 2);
    assert_eq!(sessions.purge(at(20)), 0);
    assert_eq!(handles(&sessions, "ann", 0), ["h1", "h3"]);
}

#[test]
fn an_expiry_is_kept_to_the_millisecond_whenever_it_is() {
    let fits = i64::from(u32::MAX);
    let ends = [i64::MIN, -20, -10, 0, 1, 100, 100, fits - 1, fits, fits + 1, fits + 20, i64::MAX];
    for end in &ends[1..ends.len() - 1] {
        let mut sessions = MemorySessions::new(CAPACITY);
        // Numbers go against the order of expiry.
        for (number, expires) in (0..).zip(ends.iter().rev()) {
            let now = Timestamp::from_unix_ms(i64::MIN);
            sessions.insert(index(number), entry(Kind::Session, number, "ann", *expires), now).unwrap();
        }
        let last = at(*end);
        let before = ends.iter().filter(|other| *other < end).count();
        assert_eq!(sessions.counts(last), Counts { active: ends.len() - before, total: ends.len() }, "{end}");
        assert_eq!(sessions.purge(last), before, "{end}");

        let after = last.after(Duration::from_millis(1));
        let expired = ends.iter().filter(|other| *other <= end).count();
        assert_eq!(sessions.counts(after).active, ends.len() - expired, "{end}");
        assert_eq!(sessions.purge(after), expired - before, "{end}");
        assert_eq!(sessions.end_all("ann"), ends.len() - expired, "{end}");
    }
}

/// A step of the property below.
#[derive(Clone, Debug)]
enum Step {
    Insert { number: u8, user: usize, lasts: i64 },
    Get { number: u8 },
    End { number: u8, user: usize },
    EndAll { user: usize },
    Purge,
    Wait { seconds: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..60_u8, 0..3_usize, 0..40_i64).prop_map(|(number, user, lasts)| Step::Insert { number, user, lasts }),
        2 => (0..60_u8).prop_map(|number| Step::Get { number }),
        2 => (0..60_u8, 0..3_usize).prop_map(|(number, user)| Step::End { number, user }),
        1 => (0..3_usize).prop_map(|user| Step::EndAll { user }),
        1 => Just(Step::Purge),
        2 => (0..15_i64).prop_map(|seconds| Step::Wait { seconds }),
    ];
    prop::collection::vec(step, 1..150)
}

proptest! {
    /// The three views of the map, lists, counts and single look-ups, never part, and no bound is passed.
    #[test]
    fn lists_counts_and_look_ups_agree(steps in steps()) {
        const USERS: [&str; 3] = ["ann", "bob", "cid"];
        let mut sessions = MemorySessions::new(CAPACITY);
        let mut now = 0;
        for step in steps {
            match step {
                Step::Insert { number, user, lasts } => drop(insert(&mut sessions, number, USERS[user], now + lasts, now)),
                Step::Get { number } => drop(sessions.get(index(number), at(now)).is_some()),
                Step::End { number, user } => drop(sessions.end(index(number), USERS[user])),
                Step::EndAll { user } => drop(sessions.end_all(USERS[user])),
                Step::Purge => drop(sessions.purge(at(now))),
                Step::Wait { seconds } => now += seconds,
            }
            let listed: Vec<String> = USERS.iter().flat_map(|user| handles(&sessions, user, now)).collect();
            let counts = sessions.counts(at(now));
            prop_assert_eq!(counts.active, listed.len());
            prop_assert!(counts.total <= CAPACITY);
            for user in USERS {
                prop_assert!(sessions.list(user, at(now)).len() <= Kind::Session.limit());
                prop_assert_eq!(sessions.has_live(user, at(now)), !handles(&sessions, user, now).is_empty());
            }
        }
        let found = (0..60).filter(|number| sessions.get(index(*number), at(now)).is_some()).count();
        prop_assert_eq!(found, sessions.counts(at(now)).total);
    }
}
