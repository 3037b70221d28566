//! Accounts and their sealed tokens.

use super::support::{at, new_user, open, user, user_id};
use generatio_server::store::{Custody, NewUser, PasswordHash, StoreError, StoredToken};

fn token(sealed: &str, custody: Custody) -> StoredToken {
    StoredToken { sealed: sealed.into(), custody, updated: at(1) }
}

#[tokio::test]
async fn an_account_is_found_as_it_was_made() {
    let store = open();
    let made = store.create_user(new_user("Ada@Example.com")).await.unwrap();
    let by_id = store.user(&made.id).await.unwrap().unwrap();
    let by_email = store.user_by_email("ada@example.com").await.unwrap().unwrap();
    assert_eq!(by_email.id, made.id);
    assert_eq!((by_id.email.as_str(), by_id.name.as_str()), ("Ada@Example.com", "Ada"));
    assert_eq!((by_id.email_visibility, by_id.verified, by_id.password_derived), (true, false, true));
    assert_eq!(by_id.password_hash.0, "$argon2id$…");
    assert_eq!(by_id.token_key.0, format!("key of {}", made.id));
    assert_eq!((by_id.created, by_id.updated), (at(0), at(0)));
}

#[tokio::test]
async fn unknown_accounts_are_none() {
    let store = open();
    assert!(store.user(&user_id()).await.unwrap().is_none());
    assert!(store.user_by_email("nobody@example.com").await.unwrap().is_none());
}

#[tokio::test]
async fn an_address_has_one_account_whatever_its_case() {
    let store = open();
    store.create_user(new_user("ada@example.com")).await.unwrap();
    let again = store.create_user(new_user("ADA@example.COM")).await;
    assert_eq!(again.unwrap_err(), StoreError::EmailTaken);
}

#[tokio::test]
async fn an_id_has_one_account() {
    let store = open();
    let first = store.create_user(new_user("first@example.com")).await.unwrap();
    let second = NewUser { id: first.id.clone(), ..new_user("second@example.com") };
    assert_eq!(store.create_user(second).await.unwrap_err(), StoreError::IdTaken);
    assert_eq!(store.user(&first.id).await.unwrap().unwrap().email, "first@example.com");
}

#[tokio::test]
async fn a_sealed_token_is_stored_replaced_and_removed() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    store.set_sealed_token(&ada, token("v2.a", Custody::Password)).await.unwrap();
    store.set_sealed_token(&ada, token("v2.b", Custody::Client)).await.unwrap();
    let stored = store.sealed_token(&ada).await.unwrap().unwrap();
    assert_eq!((stored.sealed.as_str(), stored.custody, stored.updated), ("v2.b", Custody::Client, at(1)));
    assert!(store.sealed_token(&bob).await.unwrap().is_none());
    assert!(!store.remove_sealed_token(&bob).await.unwrap());
    assert!(store.remove_sealed_token(&ada).await.unwrap());
    assert!(store.sealed_token(&ada).await.unwrap().is_none());
}

#[tokio::test]
async fn a_token_needs_its_account() {
    let store = open();
    let set = store.set_sealed_token(&user_id(), token("v2.a", Custody::Client)).await;
    assert_eq!(set.unwrap_err(), StoreError::Missing);
}

#[tokio::test]
async fn resealing_compares_before_it_swaps() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    store.set_sealed_token(&ada, token("old", Custody::Password)).await.unwrap();
    assert!(!store.reseal_token(&ada, "older", "new", at(2)).await.unwrap());
    assert!(!store.reseal_token(&bob, "old", "new", at(2)).await.unwrap());
    assert_eq!(store.sealed_token(&ada).await.unwrap().unwrap().sealed, "old");
    assert!(store.reseal_token(&ada, "old", "new", at(3)).await.unwrap());
    let stored = store.sealed_token(&ada).await.unwrap().unwrap();
    assert_eq!((stored.sealed.as_str(), stored.custody, stored.updated), ("new", Custody::Password, at(3)));
}

#[tokio::test]
async fn a_hash_of_the_original_s_is_found_and_replaced_once() {
    let store = open();
    let hash = |cost: &str| PasswordHash(format!("$2a${cost}$…"));
    let make = |email: &str, cost: &str| NewUser { password_hash: hash(cost), ..new_user(email) };
    assert_eq!(store.original_cost().await.unwrap(), None);
    user(&*store).await;
    assert_eq!(store.original_cost().await.unwrap(), None);
    let ada = store.create_user(make("ada@example.com", "09")).await.unwrap();
    store.create_user(make("bob@example.com", "11")).await.unwrap();
    store.create_user(make("cyd@example.com", "10")).await.unwrap();
    assert_eq!(store.original_cost().await.unwrap(), Some(11));
    let new = || PasswordHash("$argon2id$new".into());
    assert!(!store.rehash_password(&ada.id, &hash("11"), new()).await.unwrap());
    assert!(store.rehash_password(&ada.id, &hash("09"), new()).await.unwrap());
    assert!(!store.rehash_password(&ada.id, &hash("09"), new()).await.unwrap());
    let after = store.user(&ada.id).await.unwrap().unwrap();
    assert_eq!((after.password_hash.0.as_str(), after.updated), ("$argon2id$new", ada.updated));
    assert_eq!(after.token_key.0, ada.token_key.0, "logins stay good");
}
