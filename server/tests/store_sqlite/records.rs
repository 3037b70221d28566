//! Questions about records over rows that no verb of the store makes.

use super::Opened;
use super::support::{at, folder, job_in, new_folder, user};
use generatio_server::ids::UserId;
use generatio_server::records::Collection;
use generatio_server::records::filter::{Resolver, parse, sort};
use generatio_server::store::{JobState, RecordQuery, Store};
use rusqlite::params;

fn query(collection: Collection, filter: &str, order: &str) -> RecordQuery {
    let mut resolver = Resolver::new(collection, at(0));
    let filter = (!filter.is_empty()).then(|| resolver.filter(&parse(filter).unwrap()).unwrap());
    let sort = if order.is_empty() { Vec::new() } else { sort::parse(order, &mut resolver).unwrap() };
    RecordQuery { collection, filter, sort, search: None, offset: 0, limit: 100, with_total: true }
}

async fn total(store: &dyn Store, owner: &UserId, collection: Collection, filter: &str) -> u64 {
    store.list_records(owner, query(collection, filter, "")).await.unwrap().total.unwrap()
}

#[tokio::test]
async fn relations_to_anothers_rows_lead_nowhere() {
    let opened = Opened::new();
    let store = &*opened.store;
    let (ada, bob) = (user(store).await, user(store).await);
    let secret = store.create_folder(new_folder(&ada, "Secret")).await.unwrap().id;
    let inner = folder(store, &bob).await;
    job_in(store, &bob, JobState::Completed).await;
    // As if Bob had guessed the id of Ada's folder.
    let statement =
        format!("UPDATE images SET folder = '{secret}'; UPDATE folders SET parent = '{secret}' WHERE id = '{inner}'");
    opened.raw().execute_batch(&statement).unwrap();
    let images = Collection::Images;
    assert_eq!(total(store, &bob, images, &format!("folder_id = '{secret}'")).await, 2, "the id is in Bob's own row");
    for filter in [
        "folder_id.name = 'Secret'",
        "folder_id.name ~ 'S'",
        "folder_id.name > 'A'",
        "folder_id.user_id != ''",
        "folder_id.created > '2000'",
        "folder_id.folders_via_parent_id.id ?!= ''",
        "folder_id.user_id.name ~ 'A'",
        "folder_id:length = 1 && folder_id.name != ''",
    ] {
        assert_eq!(total(store, &bob, images, filter).await, 0, "{filter}");
    }
    assert_eq!(total(store, &bob, images, "folder_id.name = ''").await, 2, "as where there is none");
    assert_eq!(total(store, &bob, Collection::Folders, "parent_id.name != ''").await, 0);
    // Nor does the other way round show Bob's rows to Ada.
    assert_eq!(total(store, &ada, Collection::Folders, "images_via_folder_id.id != ''").await, 0);
    assert_eq!(total(store, &ada, Collection::Folders, "folders_via_parent_id.name ?~ 'C'").await, 0);
    let folder_id = images.field("folder_id").unwrap();
    let related = store.related_records(&ada, images, folder_id, vec![secret.to_string()], 100).await.unwrap();
    assert!(related.is_empty());
    assert!(store.records(&bob, Collection::Folders, vec![secret.to_string()]).await.unwrap().is_empty());
}

#[tokio::test]
async fn searches_that_find_many_are_as_right_as_those_that_find_few() {
    let opened = Opened::new();
    let store = &*opened.store;
    let (ada, bob) = (user(store).await, user(store).await);
    for (owner, first, last) in [(&ada, 1, 1500), (&bob, 1501, 1600)] {
        let rows = format!(
            "WITH RECURSIVE n (i) AS (VALUES ({first}) UNION ALL SELECT i + 1 FROM n WHERE i < {last})
             INSERT INTO images (id, owner, title, url, prompt, request_id, model, batch_number, image_size, other_info,
                                 created, updated)
             SELECT printf('i%014d', i), '{owner}', 'cat ' || i, '', 'a cat', '', '', i, 'null', 'null', i, i FROM n"
        );
        opened.raw().execute_batch(&rows).unwrap();
    }
    let search = |words: &str, filter: &str| {
        let words = Some(words.to_owned());
        RecordQuery { search: words, limit: 2, ..query(Collection::Images, filter, "-created") }
    };
    for (owner, words, filter, total, newest) in [
        (&ada, "cat", "", 1500, "i00000000001500"),
        (&ada, "cat", "batch_number <= 1200", 1200, "i00000000001200"),
        (&ada, "cat 7", "", 111, "i00000000000799"),
        (&ada, "cat 1400", "1 = 1 || id != ''", 1, "i00000000001400"),
        (&bob, "cat", "1 = 1 || id != ''", 100, "i00000000001600"),
    ] {
        let page = store.list_records(owner, search(words, filter)).await.unwrap();
        assert_eq!((page.total, page.records[0].id()), (Some(total), newest), "{words} {filter}");
    }
    assert_eq!(store.list_records(&bob, search("cat 1400", "")).await.unwrap().total, Some(0));
}

#[tokio::test]
async fn a_change_of_words_or_a_row_that_goes_is_seen_by_searches() {
    let opened = Opened::new();
    let store = &*opened.store;
    let ada = user(store).await;
    job_in(store, &ada, JobState::Completed).await;
    let found = async |words: &str| {
        let query = RecordQuery { search: Some(words.into()), ..query(Collection::Images, "", "") };
        store.list_records(&ada, query).await.unwrap().total.unwrap()
    };
    assert_eq!((found("cat").await, found("dog").await), (2, 0));
    let raw = opened.raw();
    raw.execute("UPDATE images SET title = 'a dog' WHERE batch_number = 1", []).unwrap();
    assert_eq!((found("cat").await, found("dog").await), (2, 1), "the prompt still has the word");
    raw.execute("UPDATE images SET prompt = 'fish' WHERE batch_number = 1", []).unwrap();
    assert_eq!((found("cat").await, found("dog").await, found("fish").await), (1, 1, 1));
    raw.execute("DELETE FROM images WHERE batch_number = 2", []).unwrap();
    assert_eq!(found("cat").await, 0);
    raw.execute("INSERT INTO images_search (images_search) VALUES ('integrity-check')", []).unwrap();
}

#[tokio::test]
async fn parts_of_the_index_are_put_together() {
    let opened = Opened::new();
    let (store, raw) = (&*opened.store, opened.raw());
    let ada = user(store).await;
    for number in 0..15 {
        // Each commit is a part.
        let sql = "INSERT INTO images (id, owner, title, url, prompt, request_id, model, batch_number, image_size,
                                       other_info, created, updated)
                   VALUES (printf('i%014d', ?1), ?2, 'cat ' || ?1, '', '', '', '', ?1, 'null', 'null', ?1, 0)";
        raw.execute(sql, params![number, ada]).unwrap();
    }
    let parts = || -> u32 {
        raw.query_row("SELECT count(DISTINCT segid) FROM images_search_idx", [], |row| row.get(0)).unwrap()
    };
    assert!(parts() > 3, "{}", parts());
    store.purge(at(0)).await.unwrap();
    assert!(parts() <= 2, "{}", parts());
    for (words, total) in [("cat", 15), ("cat 1", 6)] {
        let query = RecordQuery { search: Some(words.into()), ..query(Collection::Images, "", "") };
        assert_eq!(store.list_records(&ada, query).await.unwrap().total, Some(total), "{words}");
    }
}
