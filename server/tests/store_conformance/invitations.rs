//! Invitations, and the accounts they make.

use super::support::{at, new_user, open};
use futures_util::future::join_all;
use generatio_server::ids::InvitationId;
use generatio_server::store::{InvitationHash, MAX_INVITATIONS, NewInvitation, NewUser, Store, StoreError};
use getrandom::SysRng;

const DAY: i64 = 24 * 3_600_000;

fn invitation(number: u32, email_key: Option<&str>) -> NewInvitation {
    let id = InvitationId::generate(&mut SysRng).unwrap();
    let email_key = email_key.map(str::to_owned);
    NewInvitation { id, code: hash(number), email_key, created: at(0), expires: at(1000) }
}

fn hash(number: u32) -> InvitationHash {
    let mut hash = [0; 32];
    hash[..4].copy_from_slice(&number.to_le_bytes());
    InvitationHash(hash)
}

fn invited(email: &str, number: u32, ms: i64) -> NewUser {
    NewUser { invitation: Some(hash(number)), created: at(ms), ..new_user(email) }
}

/// The states of all invitations: who used each, if anybody did.
async fn users(store: &dyn Store) -> Vec<Option<String>> {
    let all = store.invitations().await.unwrap();
    all.into_iter().map(|one| one.used.map(|(_, user)| user.to_string())).collect()
}

#[tokio::test]
async fn an_invitation_is_used_up_with_the_account_and_by_nothing_else() {
    let store = open();
    store.create_invitation(invitation(1, None)).await.unwrap();
    assert!(store.is_invited(hash(1), "a@example.com", at(999)).await.unwrap());
    let taken = store.create_user(new_user("taken@example.com")).await.unwrap();
    let refused = store.create_user(invited("taken@example.com", 1, 0)).await.unwrap_err();
    assert_eq!(refused, StoreError::EmailTaken);
    let same_id = NewUser { id: taken.id, ..invited("b@example.com", 1, 0) };
    assert_eq!(store.create_user(same_id).await.unwrap_err(), StoreError::IdTaken);
    assert_eq!(users(&*store).await, [None]);

    let user = store.create_user(invited("a@example.com", 1, 999)).await.unwrap();
    assert_eq!(users(&*store).await, [Some(user.id.to_string())]);
    assert!(!store.is_invited(hash(1), "b@example.com", at(0)).await.unwrap());
    assert_eq!(store.create_user(invited("b@example.com", 1, 0)).await.unwrap_err(), StoreError::Uninvited);
    assert!(store.user_by_email("b@example.com").await.unwrap().is_none());
    assert!(store.delete_user(&user.id).await.unwrap());
    assert!(users(&*store).await.is_empty());
}

#[tokio::test]
async fn an_invitation_is_good_for_its_time_and_its_address() {
    let store = open();
    store.create_invitation(invitation(1, Some("a@example.com"))).await.unwrap();
    for (number, email, ms, good) in [
        (1, "a@example.com", 0, true),
        (1, "a@example.com", 999, true),
        (1, "a@example.com", 1000, false),
        (1, "b@example.com", 0, false),
        (2, "a@example.com", 0, false),
    ] {
        assert_eq!(store.is_invited(hash(number), email, at(ms)).await.unwrap(), good, "{number} {email} {ms}");
    }
    for refused in [invited("a@example.com", 1, 1000), invited("b@example.com", 1, 0), invited("a@example.com", 2, 0)] {
        assert_eq!(store.create_user(refused).await.unwrap_err(), StoreError::Uninvited);
    }
    store.create_user(invited("A@example.com", 1, 0)).await.unwrap();
}

#[tokio::test]
async fn one_that_was_not_used_is_revoked() {
    let store = open();
    let (kept, revoked) = (invitation(1, None), invitation(2, None));
    for one in [&kept, &revoked] {
        store.create_invitation(one.clone()).await.unwrap();
    }
    store.create_user(invited("a@example.com", 1, 0)).await.unwrap();
    assert!(!store.revoke_invitation(&kept.id).await.unwrap(), "used");
    assert!(store.revoke_invitation(&revoked.id).await.unwrap());
    assert!(!store.revoke_invitation(&revoked.id).await.unwrap());
    assert_eq!(store.create_user(invited("b@example.com", 2, 0)).await.unwrap_err(), StoreError::Uninvited);
}

#[tokio::test]
async fn what_became_of_them_is_kept_for_thirty_days_and_there_are_never_too_many() {
    let store = open();
    // All at once, so that many share a commit.
    let all = (0..MAX_INVITATIONS).map(|number| store.create_invitation(invitation(number, None)));
    assert!(join_all(all).await.iter().all(Result::is_ok));
    assert_eq!(store.create_invitation(invitation(MAX_INVITATIONS, None)).await.unwrap_err(), StoreError::Full);
    store.create_user(invited("a@example.com", 7, 0)).await.unwrap();
    assert_eq!(store.purge(at(30 * DAY)).await.unwrap(), 0);
    assert_eq!(store.purge(at(30 * DAY + 1)).await.unwrap(), 1, "the used one");
    assert_eq!(store.purge(at(30 * DAY + 1001)).await.unwrap(), u64::from(MAX_INVITATIONS - 1));
}
