//! What accounts and operators did.

use super::support::{at, open, user};
use generatio_server::ids::UserId;
use generatio_server::store::{Actor, AuditEntry, AuditQuery, Deed, Store};

fn entry(ms: i64, user: Option<&UserId>) -> AuditEntry {
    let block = user.map(|_| "192.0.2.1/32".to_owned());
    AuditEntry { created: at(ms), actor: Actor::User, deed: Deed::LoggedIn, user: user.cloned(), block }
}

async fn moments(store: &dyn Store, query: AuditQuery) -> Vec<i64> {
    let found = store.audit(query).await.unwrap();
    found.iter().map(|(_, entry)| entry.created.unix_ms() - at(0).unix_ms()).collect()
}

fn all() -> AuditQuery {
    AuditQuery { limit: 100, ..AuditQuery::default() }
}

#[tokio::test]
async fn entries_are_found_in_order_and_outlive_their_account() {
    let store = open();
    let ada = user(&*store).await;
    for (ms, about) in [(1, Some(&ada)), (2, None), (3, Some(&ada)), (4, None)] {
        store.note(entry(ms, about)).await.unwrap();
    }
    store.delete_user(&ada).await.unwrap();
    assert_eq!(moments(&*store, all()).await, [1, 2, 3, 4]);
    assert_eq!(moments(&*store, AuditQuery { user: Some(ada.clone()), ..all() }).await, [1, 3]);
    assert_eq!(moments(&*store, AuditQuery { since: Some(at(3)), ..all() }).await, [3, 4]);
    let first = store.audit(AuditQuery { limit: 1, ..all() }).await.unwrap();
    assert_eq!(first[0].1, entry(1, Some(&ada)));
    assert_eq!(moments(&*store, AuditQuery { after: first[0].0, limit: 2, ..all() }).await, [2, 3]);
}

#[tokio::test]
async fn the_oldest_go_by_age_and_by_number() {
    let store = open();
    for ms in 0..10 {
        store.note(entry(ms, None)).await.unwrap();
    }
    assert_eq!(store.purge_audit(at(3), 100).await.unwrap(), 3);
    assert_eq!(moments(&*store, all()).await, [3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(store.purge_audit(at(3), 4).await.unwrap(), 3);
    assert_eq!(moments(&*store, all()).await, [6, 7, 8, 9]);
    assert_eq!(store.purge_audit(at(3), 4).await.unwrap(), 0);
}
