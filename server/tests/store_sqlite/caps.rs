//! How much one user may have. The rows below the last one are put in by hand, which is quick.

use super::Opened;
use super::support::{at, new_folder, user};
use generatio_server::ids::UserId;
use generatio_server::store::{MAX_FOLDERS, MAX_PREFERENCES, Store, StoreError};

/// Runs `insert` for the owner `?1` and each number `n` below `?2`.
fn fill(opened: &Opened, insert: &str, owner: &UserId, rows: u32) {
    let sql = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?2) {insert}"
    );
    let filled = opened.raw().execute(&sql, (owner.as_str(), rows)).unwrap();
    assert_eq!(filled, rows as usize);
}

#[tokio::test]
async fn folders_are_counted_with_those_in_the_trash() {
    let opened = Opened::new();
    let store = &*opened.store;
    let (ada, bob) = (user(store).await, user(store).await);
    let insert = "INSERT INTO folders (id, owner, name, private, deleted, created, updated)
                  SELECT printf('%015d', n), ?1, 'Cats', 0, iif(n % 2, 1, NULL), 0, 0 FROM numbers";
    fill(&opened, insert, &ada, MAX_FOLDERS - 1);
    store.create_folder(new_folder(&ada, "The last one")).await.unwrap();
    assert_eq!(store.create_folder(new_folder(&ada, "Dogs")).await.unwrap_err(), StoreError::Full);
    store.create_folder(new_folder(&bob, "Dogs")).await.unwrap();
    opened.raw().execute("DELETE FROM folders WHERE id = '000000000000007'", []).unwrap();
    store.create_folder(new_folder(&ada, "Dogs")).await.unwrap();
    assert_eq!(store.create_folder(new_folder(&ada, "Birds")).await.unwrap_err(), StoreError::Full);
    let moved = opened.raw().execute("UPDATE folders SET owner = ?1 WHERE owner = ?2", (bob.as_str(), ada.as_str()));
    assert!(moved.is_err(), "a folder stays where it is counted");
    assert!(store.delete_user(&ada).await.unwrap());
    let counted = opened.raw().query_row("SELECT count(*), sum(folders) FROM folder_counts", [], |row| {
        Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?))
    });
    assert_eq!(counted.unwrap(), (1, 1));
}

#[tokio::test]
async fn saved_preferences_can_still_be_replaced_when_there_is_no_room_for_more() {
    let opened = Opened::new();
    let store = &*opened.store;
    let (ada, bob) = (user(store).await, user(store).await);
    let insert = r#"INSERT INTO preferences (id, owner, model, "values", created, updated)
                    SELECT printf('%015d', n), ?1, 'model ' || n, '{}', 0, 0 FROM numbers"#;
    fill(&opened, insert, &ada, MAX_PREFERENCES - 1);
    store.save_preferences(&ada, "the last one", "{}".into(), at(1)).await.unwrap();
    let more = store.save_preferences(&ada, "one more", "{}".into(), at(2)).await;
    assert_eq!(more.unwrap_err(), StoreError::Full);
    let again = store.save_preferences(&ada, "model 7", r#"{"steps":4}"#.into(), at(3)).await.unwrap();
    assert_eq!((again.values.as_str(), again.updated), (r#"{"steps":4}"#, at(3)));
    assert_eq!(store.preference_ids(&ada).await.unwrap().len(), MAX_PREFERENCES as usize);
    store.save_preferences(&bob, "one more", "{}".into(), at(2)).await.unwrap();
}
