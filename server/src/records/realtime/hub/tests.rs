//! Who is told what, how many there may be, and that the slow hold up nobody.

use super::{Changes, Connection, Identity, MOST_OF_BLOCK, MOST_OF_USER, NotEntered, NotIdentified, QUEUE, Standing};
use crate::ids::UserId;
use crate::records::Collection;
use crate::records::realtime::subscription::Subscription;
use crate::store::{Action, Change, TokenKey};
use futures_util::FutureExt;
use std::net::IpAddr;
use std::sync::Arc;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const IMAGE: &str = "iiiiiiiiiiiiiii";

fn user(letter: &str) -> UserId {
    UserId::parse(&letter.repeat(15)).unwrap()
}

fn standing(user: &UserId, topics: &[&str]) -> Arc<Standing> {
    let subscriptions = topics.iter().filter_map(|topic| Subscription::parse(topic)).collect();
    Arc::new(Standing { user: user.clone(), token_key: TokenKey("key".into()), subscriptions })
}

fn client(changes: &Changes, user: &UserId, topics: &[&str]) -> Connection {
    let connection = changes.enter(HERE).unwrap();
    changes.identify(connection.id(), Identity::User(standing(user, topics))).unwrap();
    connection
}

fn publish(changes: &Changes, owner: &UserId, collection: Collection) {
    changes.publish(owner, vec![Change::of(collection, IMAGE, Action::Update)]);
}

/// What waits for the client: a collection, or nothing; the outer `None` is the end.
#[expect(clippy::option_option, reason = "the end of a stream, and nothing yet, are two things")]
fn waiting(connection: &mut Connection) -> Option<Option<Collection>> {
    match connection.next().now_or_never() {
        None => Some(None),
        Some(heard) => heard.map(|(_, published)| Some(published.change.collection)),
    }
}

#[tokio::test]
async fn only_the_owners_clients_hear_and_only_what_they_want() {
    let (changes, ann, bob) = (Changes::default(), user("a"), user("b"));
    let mut pictures = client(&changes, &ann, &["images/*"]);
    let mut one = client(&changes, &ann, &["images/zzzzzzzzzzzzzzz", "folders/*"]);
    let mut theirs = client(&changes, &bob, &["images/*"]);
    let mut guest = changes.enter(HERE).unwrap();
    publish(&changes, &ann, Collection::Images);
    assert_eq!(waiting(&mut pictures), Some(Some(Collection::Images)));
    for other in [&mut pictures, &mut one, &mut theirs, &mut guest] {
        assert_eq!(waiting(other), Some(None));
    }
    publish(&changes, &ann, Collection::Folders);
    assert_eq!(waiting(&mut one), Some(Some(Collection::Folders)));
}

#[tokio::test]
async fn the_slow_are_dropped_and_the_others_hear_on() {
    let (changes, ann) = (Changes::default(), user("a"));
    let mut slow = client(&changes, &ann, &["images/*"]);
    let mut quick = client(&changes, &ann, &["images/*"]);
    for _ in 0..=QUEUE {
        publish(&changes, &ann, Collection::Images);
        assert!(quick.next().await.is_some());
    }
    assert_eq!(waiting(&mut slow), None);
    assert!(changes.find(slow.id()).is_none() && changes.find(quick.id()).is_some());
}

#[tokio::test]
async fn who_has_become_somebody_else_hears_nothing_of_before() {
    let (changes, ann, bob) = (Changes::default(), user("a"), user("b"));
    let mut connection = client(&changes, &ann, &["images/*"]);
    publish(&changes, &ann, Collection::Images);
    changes.identify(connection.id(), Identity::User(standing(&bob, &["images/*"]))).unwrap();
    publish(&changes, &ann, Collection::Images);
    assert_eq!(waiting(&mut connection), Some(None));
    publish(&changes, &bob, Collection::Images);
    assert_eq!(waiting(&mut connection), Some(Some(Collection::Images)));
}

#[tokio::test]
async fn a_guest_is_only_made_of_who_was_meant() {
    let (changes, ann) = (Changes::default(), user("a"));
    let mut connection = client(&changes, &ann, &["images/*"]);
    changes.demote(connection.id(), &standing(&ann, &[]));
    publish(&changes, &ann, Collection::Images);
    assert_eq!(waiting(&mut connection), Some(Some(Collection::Images)));
    let Some((_, Identity::User(now))) = changes.find(connection.id()) else { panic!("a user") };
    changes.demote(connection.id(), &now);
    publish(&changes, &ann, Collection::Images);
    assert_eq!(waiting(&mut connection), Some(None));
    assert!(changes.clients().of_user.is_empty());
}

#[test]
fn clients_are_bounded_by_user_and_by_address() {
    let (changes, ann) = (Changes::default(), user("a"));
    let mut own: Vec<_> = (0..MOST_OF_USER).map(|_| client(&changes, &ann, &[])).collect();
    let more = changes.enter(HERE).unwrap();
    let wanted = || Identity::User(standing(&ann, &[]));
    assert_eq!(changes.identify(more.id(), wanted()), Err(NotIdentified::TooMany));
    changes.identify(own[0].id(), wanted()).unwrap();
    own.pop();
    changes.identify(more.id(), wanted()).unwrap();
    assert_eq!(changes.identify("nobody", wanted()), Err(NotIdentified::Missing));

    let guests: Vec<_> = (own.len() + 1..MOST_OF_BLOCK).map(|_| changes.enter(HERE).unwrap()).collect();
    assert!(matches!(changes.enter(HERE), Err(NotEntered::Full)));
    assert!(changes.enter(IpAddr::from([192, 0, 2, 1])).is_ok());
    drop((own, more, guests));
    let clients = changes.clients();
    assert!(clients.open.is_empty() && clients.of_user.is_empty() && clients.of_block.is_empty());
}

#[tokio::test]
async fn all_ends_when_the_server_stops() {
    let (changes, ann) = (Changes::default(), user("a"));
    let mut connection = client(&changes, &ann, &["images/*"]);
    changes.stop();
    assert_eq!(waiting(&mut connection), None);
    assert!(matches!(changes.enter(HERE), Err(NotEntered::Full)));
}

#[test]
fn ids_are_forty_letters_and_digits() {
    let changes = Changes::default();
    let (one, other) = (changes.enter(HERE).unwrap(), changes.enter(HERE).unwrap());
    assert_ne!(one.id(), other.id());
    assert!(one.id().len() == 40 && one.id().bytes().all(|byte| byte.is_ascii_alphanumeric()));
}
