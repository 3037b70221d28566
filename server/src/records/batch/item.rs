//! One request of a batch.

use crate::app::App;
use crate::http::error::Problem;
use crate::http::{RecordsError, Request};
use crate::ids::UserId;
use crate::openapi::shapes;
use crate::records::write::given::Given;
use crate::records::write::plan::{Planned, Planner};
use crate::records::write::{check_open, not_made_for_guests, planner};
use crate::records::{Collection, Wishes, problem, view};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::form_urlencoded;

/// The methods that PocketBase knows; not all of them lead to a write.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Its headers are not looked at: the batch's own say who asks.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "BatchItem", extend("required" = ["method", "url"]))]
pub(crate) struct Item {
    #[schemars(with = "shapes::BatchMethod")]
    method: String,
    /// The path of a record or of a collection's records, with the query it may have.
    #[schemars(length(min = 1))]
    url: String,
    #[schemars(with = "Option<shapes::Object>")]
    body: Given,
}

impl Item {
    /// What is wrong with its form, by member.
    pub(super) fn problems(&self) -> BTreeMap<&'static str, Problem> {
        let mut problems = BTreeMap::new();
        if self.method.is_empty() {
            problems.insert("method", problem::required());
        } else if !METHODS.contains(&self.method.as_str()) {
            problems.insert("method", problem::not_in_list());
        }
        if self.url.is_empty() {
            problems.insert("url", problem::required());
        }
        problems
    }

    /// The write it asks for, and what its answer, which is part of the one to `batch`, is to show.
    ///
    /// # Errors
    /// What it would be answered alone, as far as no record needs to be looked at.
    pub(super) fn plan(
        &self,
        app: &App,
        batch: &Request,
        caller: Option<&UserId>,
    ) -> Result<(Planned, Wishes), RecordsError> {
        let (path, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let (collection, id) = records_path(path).ok_or_else(RecordsError::unreadable)?;
        let collection = view::collection(collection)?;
        if collection == Collection::Users {
            return Err(RecordsError::forbidden("Accounts are not made or changed in batches."));
        }
        check_open(collection)?;
        let planner = |for_guests: fn() -> RecordsError| -> Result<Planner<'_>, RecordsError> {
            Ok(planner(app, caller.ok_or_else(for_guests)?, collection))
        };
        let planned = match (self.method.as_str(), id) {
            ("POST", None) => planner(not_made_for_guests)?.create(&self.body)?,
            ("PUT", None) => planner(not_made_for_guests)?.upsert(&self.body)?,
            ("PATCH", Some(id)) => planner(RecordsError::not_found)?.update(id, &self.body),
            ("DELETE", Some(id)) => planner(RecordsError::not_found)?.delete(id),
            _ => return Err(RecordsError::unreadable()),
        };
        let text = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find(|(known, _)| known == name).map(|(_, value)| value).unwrap_or_default()
        };
        let wishes = Wishes::parse(&text("fields"), &text("expand"), collection)?;
        Ok((planned, wishes.reached_by(batch)))
    }
}

/// The collection's name and the record's id of `/api/collections/{collection}/records/{id}`.
fn records_path(path: &str) -> Option<(&str, Option<&str>)> {
    let mut parts = path.strip_prefix("/api/collections/")?.split('/');
    let (collection, records, id) = (parts.next()?, parts.next()?, parts.next());
    (records == "records" && parts.next().is_none()).then_some((collection, id))
}

#[cfg(test)]
mod tests {
    use super::{Item, records_path};

    #[test]
    fn paths_lead_to_records() {
        for (path, found) in [
            ("/api/collections/images/records", Some(("images", None))),
            ("/api/collections/images/records/x", Some(("images", Some("x")))),
            ("/api/collections/images/records/x/y", None),
            ("/api/collections/images", None),
            ("/api/collections/generatio_users/auth-refresh", None),
            ("/api/batch", None),
            ("https://example.com/api/collections/images/records", None),
            ("", None),
        ] {
            assert_eq!(records_path(path), found, "{path}");
        }
    }

    #[test]
    fn forms_are_checked_by_member() {
        for (item, wrong) in [
            ("{}", vec!["method", "url"]),
            (r#"{"method":"patch","url":"x"}"#, vec!["method"]),
            (r#"{"method":"PATCH","url":"x","body":null}"#, vec![]),
        ] {
            let item: Item = serde_json::from_str(item).unwrap();
            assert_eq!(item.problems().into_keys().collect::<Vec<_>>(), wrong);
        }
        assert!(serde_json::from_str::<Item>(r#"{"method":1}"#).is_err());
        assert!(serde_json::from_str::<Item>("1").is_err());
    }
}
