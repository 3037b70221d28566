//! What a client subscribed to: `images/*`, `images/{id}`, or `images` for the former, with a collection's name or id,
//! and perhaps `?options=` with what to show of its records.

use crate::app::App;
use crate::http::{RecordsError, Request};
use crate::ids::UserId;
use crate::records::filter::{self, Expr, FilterError, Resolver};
use crate::records::{Collection, Wishes, body};
use crate::store::{
    Action, Change, Comparison, Filter, Literal, Op, Operand, Path, Phase, Record, RecordQuery, StoreError,
};
use generatio_core::time::Clock;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

/// One subscription that may fire.
#[derive(Debug)]
pub(super) struct Subscription {
    /// As it was submitted: the name of its events.
    text: String,
    collection: Collection,
    /// The record; all of them without one.
    id: Option<String>,
    filter: Option<Expr>,
    wishes: Wishes,
}

impl Subscription {
    /// Reads a subscription. `None` for a topic that no record belongs to, or one whose options hold for none: it is no
    /// mistake to subscribe to them, and nothing comes of it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // They would end the line on which the name stands.
        if text.contains(['\n', '\r']) {
            return None;
        }
        let (topic, query) = text.split_once('?').unwrap_or((text, ""));
        let (collection, id) = topic.split_once('/').unwrap_or((topic, "*"));
        let collection = Collection::ALL.into_iter().find(|one| collection == one.name() || collection == one.id())?;
        let Query { expand, fields, filter } = options(query).query;
        Some(Self {
            text: text.to_owned(),
            collection,
            id: Some(id).filter(|id| *id != "*").map(str::to_owned),
            filter: if filter.is_empty() { None } else { Some(filter::parse(&filter).ok()?) },
            wishes: Wishes::parse(&fields, &expand, collection).ok()?,
        })
    }

    /// The same for who sent `request`: links to files lead where that came to.
    pub(super) fn reached_by(self, request: &Request) -> Self {
        Self { wishes: self.wishes.reached_by(request), ..self }
    }

    /// Whether it is about the record that changed.
    pub(super) fn covers(&self, change: &Change) -> bool {
        self.collection == change.collection && self.id.as_ref().is_none_or(|id| *id == change.id)
    }

    /// The message about a change that it covers: name and data of an event. `None` when its filter does not hold.
    ///
    /// What is gone is told whatever the filter: it cannot be asked about any more, and who never saw it misses nothing.
    ///
    /// # Errors
    /// When the store fails, or the message would be too large.
    pub(super) async fn message(
        &self,
        app: &App,
        owner: &UserId,
        change: &Change,
        record: Record,
    ) -> Result<Option<String>, RecordsError> {
        if change.action != Action::Delete && !self.holds_for(app, owner, &change.id).await? {
            return Ok(None);
        }
        let view = self.wishes.view(app, owner, record).await?;
        let data =
            Data { record: view.shown(&self.wishes.pick), action: change.action.as_str(), progress: change.phase };
        let data = serde_json::to_string(&data).map_err(RecordsError::internal)?;
        // JSON holds no line break, so that the data is one line.
        Ok(Some(format!("event:{}\ndata:{data}\n\n", self.text)))
    }

    async fn holds_for(&self, app: &App, owner: &UserId, id: &str) -> Result<bool, StoreError> {
        let Some(expr) = &self.filter else { return Ok(true) };
        let Ok(filter) = self.condition(app, expr, id) else { return Ok(false) };
        let query = RecordQuery {
            collection: self.collection,
            filter: Some(filter),
            sort: Vec::new(),
            search: None,
            offset: 0,
            limit: 1,
            with_total: false,
        };
        match app.store.list_records(owner, query).await {
            Ok(page) => Ok(!page.records.is_empty()),
            Err(StoreError::TooLong) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The filter for this one record.
    fn condition(&self, app: &App, expr: &Expr, id: &str) -> Result<Filter, FilterError> {
        let mut resolver = Resolver::new(self.collection, app.clock.now());
        let path: Path = resolver.path("id")?;
        let this = Comparison {
            left: Operand::Path(path),
            op: Op::Equal,
            any: false,
            right: Operand::Literal(Literal::Text(id.to_owned())),
        };
        Ok(Filter::All(vec![Filter::Compare(this), resolver.filter(expr)?]))
    }
}

#[derive(Serialize)]
struct Data<'a> {
    record: crate::records::render::Shown<'a>,
    action: &'static str,
    /// Ours: what FAL does with a job.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<Phase>,
}

/// What `options` holds; what cannot be read counts as nothing, as in PocketBase.
fn options(query: &str) -> Options {
    let given = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "options");
    given.and_then(|(_, json)| serde_json::from_str(&json).ok()).unwrap_or_default()
}

/// `headers` are PocketBase's for rules, which are fixed here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Options {
    query: Query,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Query {
    #[serde(deserialize_with = "body::text")]
    expand: String,
    #[serde(deserialize_with = "body::text")]
    fields: String,
    #[serde(deserialize_with = "body::text")]
    filter: String,
}

#[cfg(test)]
mod tests {
    use super::Subscription;
    use crate::records::Collection;
    use crate::store::{Action, Change};

    fn covers(text: &str, collection: Collection, id: &str) -> bool {
        let change = Change::of(collection, id, Action::Update);
        Subscription::parse(text).is_some_and(|subscription| subscription.covers(&change))
    }

    #[test]
    fn topics_are_all_records_or_one_by_name_or_id() {
        for collection in Collection::ALL {
            for name in [collection.name(), collection.id()] {
                assert!(covers(&format!("{name}/*"), collection, "aaaaaaaaaaaaaaa"));
                assert!(covers(name, collection, "aaaaaaaaaaaaaaa"));
                assert!(covers(&format!("{name}/aaaaaaaaaaaaaaa"), collection, "aaaaaaaaaaaaaaa"));
                assert!(covers(&format!("{name}/*?options=%7B%7D"), collection, "aaaaaaaaaaaaaaa"));
                assert!(!covers(&format!("{name}/aaaaaaaaaaaaaaa"), collection, "bbbbbbbbbbbbbbb"));
            }
        }
        assert!(!covers("folders/*", Collection::Images, "aaaaaaaaaaaaaaa"));
    }

    #[test]
    fn other_topics_never_fire() {
        for text in
            ["", "/", "/*", "*", "mine", "Images/*", "images /*", "images/*\nevent:x", "images\r/*", "@images/*"]
        {
            assert!(Subscription::parse(text).is_none(), "{text}");
        }
        for text in ["images/", "images/**", "images/*/x", "images/AAAAAAAAAAAAAAA"] {
            assert!(!covers(text, Collection::Images, "aaaaaaaaaaaaaaa"), "{text}");
        }
    }

    #[test]
    fn options_are_json_in_a_query() {
        let of = |options: &str| {
            let encoded: String = url::form_urlencoded::byte_serialize(options.as_bytes()).collect();
            Subscription::parse(&format!("images/*?options={encoded}"))
        };
        let filtered =
            of(r#"{"query":{"filter":"title = \"a + b\"","fields":"id","expand":"folder_id"},"headers":{"x":"y"}}"#);
        assert!(filtered.is_some_and(|subscription| subscription.filter.is_some()));
        for unreadable in ["", "{", "[]", "7", r#"{"query":7}"#, r#"{"query":{"filter":null}}"#] {
            assert!(of(unreadable).is_some_and(|subscription| subscription.filter.is_none()), "{unreadable}");
        }
        for never in [r#"{"query":{"filter":"title ="}}"#, r#"{"query":{"filter":7}}"#] {
            assert!(of(never).is_none(), "{never}");
        }
    }
}
