//! What a plan leads to, and where it ends.

use super::{Expansion, Plan, views};
use crate::app::App;
use crate::http::answer::tests::app;
use crate::ids::{FolderId, UserId};
use crate::records::Collection;
use crate::records::links::Links;
use crate::store::{NewFolder, NewUser, PasswordHash, Record};
use generatio_core::Timestamp;
use generatio_core::validate::Email;
use getrandom::SysRng;
use serde_json::{Value, json};
use std::sync::Arc;

const NOW: Timestamp = Timestamp::from_unix_ms(0);

/// A user with folders one within the other, the innermost first.
async fn nested(app: &Arc<App>, depth: usize) -> (UserId, Vec<Record>) {
    let email = Email::parse("ann@example.com").unwrap();
    let user = NewUser::generate(&email, PasswordHash("x".into()), NOW, &mut SysRng).unwrap();
    let owner = app.store.create_user(user).await.unwrap().id;
    let mut parent: Option<FolderId> = None;
    let mut made = Vec::new();
    for level in 0..depth {
        let id = FolderId::generate(&mut SysRng).unwrap();
        let name = format!("level {level}");
        let folder = NewFolder { id: id.clone(), owner: owner.clone(), name, parent, created: NOW };
        app.store.create_folder(folder).await.unwrap();
        made.insert(0, id.to_string());
        parent = Some(id);
    }
    let records = app.store.records(&owner, Collection::Folders, made).await.unwrap();
    (owner, records)
}

async fn expanded(expand: &str) -> Value {
    let (app, _folder) = app().await;
    let (owner, records) = nested(&app, 9).await;
    let plan = Plan::parse(Collection::Folders, expand).unwrap();
    let innermost = records.into_iter().take(1).collect();
    serde_json::to_value(views(app.store.as_ref(), &owner, innermost, &plan, &Links::default()).await.unwrap()).unwrap()
        [0]
    .take()
}

#[tokio::test]
async fn paths_are_followed_six_deep_and_no_further() {
    let record = expanded("parent_id.parent_id.parent_id.parent_id.parent_id.parent_id.parent_id.parent_id").await;
    let way = |depth: usize| "/expand/parent_id".repeat(depth);
    assert_eq!(record.pointer(&way(6)).unwrap()["name"], "level 2");
    assert_eq!(record.pointer(&way(7)), None);
}

#[tokio::test]
async fn paths_share_their_beginning_and_bad_ones_go_whole() {
    let record = expanded("parent_id.user_id, parent_id.folders_via_parent_id,user_id.nothing,name,").await;
    let parent = &record["expand"]["parent_id"];
    assert_eq!(parent["expand"]["user_id"]["email"], "ann@example.com");
    assert_eq!(parent["expand"]["folders_via_parent_id"][0]["id"], record["id"]);
    assert_eq!(record["expand"].get("user_id"), None);
    assert_eq!(expanded("nothing").await.get("expand"), None);
    assert_eq!(expanded("folders_via_parent_id").await["expand"], json!({}));
}

#[tokio::test]
async fn an_answer_holds_so_many_records() {
    let (app, _folder) = app().await;
    let (owner, records) = nested(&app, 4).await;
    // Three have a parent, whose user is shown with it; all four have a user.
    let plan = Plan::parse(Collection::Folders, "parent_id.user_id,user_id").unwrap();
    let links = Links::default();
    for (left, fits) in [(3 + 3 * 2 + 4, true), (3 + 3 * 2 + 3, false)] {
        let mut expansion = Expansion { store: app.store.as_ref(), owner: &owner, links: &links, left };
        assert_eq!(expansion.views(records.clone(), &plan).await.is_ok(), fits, "{left}");
    }
    let plan = Plan::parse(Collection::Users, "folders_via_user_id").unwrap();
    let user = app.store.records(&owner, Collection::Users, vec![owner.to_string()]).await.unwrap();
    for (left, fits) in [(4, true), (3, false)] {
        let mut expansion = Expansion { store: app.store.as_ref(), owner: &owner, links: &links, left };
        assert_eq!(expansion.views(user.clone(), &plan).await.is_ok(), fits, "{left}");
    }
}

#[test]
fn plans_have_an_end() {
    let all = ["folders_via_parent_id", "images_via_folder_id", "jobs_via_folder_id", "parent_id", "user_id"];
    let paths = |depth: u32| {
        (0..5_usize.pow(depth)).map(move |number| {
            (0..depth).map(|level| all[number / 5_usize.pow(level) % 5]).collect::<Vec<_>>().join(".")
        })
    };
    assert!(Plan::parse(Collection::Folders, &paths(1).collect::<Vec<_>>().join(",")).is_ok());
    assert!(Plan::parse(Collection::Folders, &paths(6).collect::<Vec<_>>().join(",")).is_err());
}
