//! `/api/custom/collections`: the user's folders.

use super::{filled, to_its_end};
use crate::app::App;
use crate::auth;
use crate::clock;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, read_json, respond};
use crate::ids::{FolderId, UserId};
use crate::openapi::shapes;
use crate::records::Collection;
use crate::store::{Action, Change, Folder, MAX_FOLDERS, NewFolder, StoreError};
use generatio_core::ErrorCode;
use generatio_core::time::Clock;
use generatio_core::validate::Name;
use getrandom::SysRng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// `POST /api/custom/collections/create`.
pub(crate) async fn create(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let body: Create = read_json(app, &mut request).await?;
    let name = Name::parse(body.name.as_deref().unwrap_or_default()).map_err(|error| match error.code() {
        ErrorCode::NameMissing => ApiError::validation("Collection name is required"),
        _ => ApiError::validation(error.to_string()),
    })?;
    let parent = filled(body.parent_id).map(|id| FolderId::parse(&id).ok_or_else(no_parent)).transpose()?;
    let folder = NewFolder {
        id: FolderId::generate(&mut SysRng).map_err(ApiError::internal)?,
        owner: user.id,
        name: name.as_str().to_owned(),
        parent,
        created: app.clock.now(),
    };
    let folder = store(app, folder).await.map_err(|error| match error {
        StoreError::Full => ApiError::validation(format!("Too many collections, at most {MAX_FOLDERS} are kept")),
        StoreError::Missing => no_parent(),
        other => other.into(),
    })?;
    Ok(respond::ok(&Created {
        parent_id: parent_text(&folder),
        created: clock::rfc3339(folder.created),
        id: folder.id,
        name: folder.name,
    }))
}

/// Stores the folder and tells of it, also when nobody waits for it any more.
async fn store(app: &App, folder: NewFolder) -> Result<Folder, StoreError> {
    let (store, changes) = (Arc::clone(&app.store), app.changes.clone());
    to_its_end(async move {
        let folder = store.create_folder(folder).await?;
        changes.publish(&folder.owner, vec![Change::of(Collection::Folders, folder.id.as_str(), Action::Create)]);
        Ok(folder)
    })
    .await
}

/// `GET /api/custom/collections`: all live folders, newest first.
pub(crate) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let folders = app.store.folders(&user.id).await?;
    Ok(respond::ok(&Listed { collections: folders.into_iter().map(Row::from).collect() }))
}

fn no_parent() -> ApiError {
    ApiError::not_found("Parent folder not found")
}

/// The parent's id, empty at the root.
fn parent_text(folder: &Folder) -> String {
    folder.parent.as_ref().map_or_else(String::new, ToString::to_string)
}

impl From<Folder> for Row {
    fn from(folder: Folder) -> Self {
        Self {
            parent_id: parent_text(&folder),
            private: folder.private,
            created: clock::rfc3339(folder.created),
            updated: clock::rfc3339(folder.updated),
            id: folder.id,
            user_id: folder.owner,
            name: folder.name,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "FolderCreate")]
pub(crate) struct Create {
    #[schemars(required, length(max = Name::MAX_CHARS), regex(pattern = shapes::NOT_BLANK))]
    name: Option<String>,
    /// The folder it lies in; nothing or an empty text for none.
    #[schemars(with = "Option<shapes::IdOrNone>")]
    parent_id: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FolderCreated")]
pub(crate) struct Created {
    id: FolderId,
    name: String,
    /// Empty at the root.
    #[schemars(with = "shapes::IdOrNone")]
    parent_id: String,
    #[schemars(with = "shapes::Moment")]
    created: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FolderList")]
pub(crate) struct Listed {
    collections: Vec<Row>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FolderRow")]
struct Row {
    id: FolderId,
    user_id: UserId,
    name: String,
    /// Empty at the root.
    #[schemars(with = "shapes::IdOrNone")]
    parent_id: String,
    private: bool,
    #[schemars(with = "shapes::Moment")]
    created: String,
    #[schemars(with = "shapes::Moment")]
    updated: String,
}
