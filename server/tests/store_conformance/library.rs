//! Folders, preferences, pictures.

use super::support::{at, folder, job_in, new_folder, open, user, user_id};
use generatio_core::Timestamp;
use generatio_server::store::{JobState, StoreError};

#[tokio::test]
async fn folders_come_newest_first_and_only_to_their_owner() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    for (name, created) in [("first", 1), ("third", 3), ("second", 2), ("second again", 2)] {
        let mut folder = new_folder(&ada, name);
        folder.created = at(created);
        store.create_folder(folder).await.unwrap();
    }
    let names: Vec<_> = store.folders(&ada).await.unwrap().into_iter().map(|folder| folder.name).collect();
    assert_eq!(names, ["third", "second again", "second", "first"]);
    assert!(store.folders(&bob).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_folder_lies_in_a_folder_of_the_same_owner() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let parent = folder(&*store, &ada).await;
    let mut inner = new_folder(&ada, "Kittens");
    inner.parent = Some(parent.clone());
    let made = store.create_folder(inner).await.unwrap();
    assert_eq!((made.name.as_str(), made.parent.as_ref(), made.private), ("Kittens", Some(&parent), false));
    assert_eq!((made.deleted, made.created, made.updated), (None, at(0), at(0)));

    let mut theirs = new_folder(&bob, "Mine now");
    theirs.parent = Some(parent);
    assert_eq!(store.create_folder(theirs).await.unwrap_err(), StoreError::Missing);
    assert_eq!(store.create_folder(new_folder(&user_id(), "Nobody's")).await.unwrap_err(), StoreError::Missing);
}

#[tokio::test]
async fn a_folder_id_is_used_once() {
    let store = open();
    let ada = user(&*store).await;
    let cats = folder(&*store, &ada).await;
    let mut again = new_folder(&ada, "Dogs");
    again.id = cats;
    assert_eq!(store.create_folder(again).await.unwrap_err(), StoreError::IdTaken);
}

#[tokio::test]
async fn preferences_are_replaced_whole_under_the_same_id() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let save = |values: &str, now: Timestamp| store.save_preferences(&ada, "flux", values.to_owned(), now);
    let first = save(r#"{"steps":4,"seed":1}"#, at(1)).await.unwrap();
    let second = save(r#"{"steps":5}"#, at(2)).await.unwrap();
    assert_eq!(second.id, first.id);
    let stored = store.preferences(&ada, "flux").await.unwrap().unwrap();
    assert_eq!((stored.model.as_str(), stored.values.as_str()), ("flux", r#"{"steps":5}"#));
    assert_eq!((stored.created, stored.updated), (at(1), at(2)));
    assert!(store.preferences(&bob, "flux").await.unwrap().is_none());
    assert!(store.preferences(&ada, "other").await.unwrap().is_none());
}

#[tokio::test]
async fn preference_ids_come_oldest_first() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let later = store.save_preferences(&ada, "b", "{}".into(), at(2)).await.unwrap().id;
    let earlier = store.save_preferences(&ada, "a", "{}".into(), at(1)).await.unwrap().id;
    store.save_preferences(&bob, "a", "{}".into(), at(1)).await.unwrap();
    assert_eq!(store.preference_ids(&ada).await.unwrap(), [earlier, later]);
    let unsaved = store.save_preferences(&user_id(), "a", "{}".into(), at(1)).await;
    assert_eq!(unsaved.unwrap_err(), StoreError::Missing);
}

#[tokio::test]
async fn pictures_are_their_owners() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let job = job_in(&*store, &ada, JobState::Completed).await;
    let images = store.job_images(&ada, &job.id).await.unwrap();
    let first = store.image(&ada, &images[0].id).await.unwrap().unwrap();
    assert_eq!((first.url.as_str(), first.batch_number), ("https://v3.fal.media/1.png", 1));
    assert!(store.image(&bob, &images[0].id).await.unwrap().is_none());
    assert!(store.job_images(&bob, &job.id).await.unwrap().is_empty());
}
