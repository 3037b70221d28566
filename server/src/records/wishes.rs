//! What a request wants to see of records: `fields` and `expand`. All that answers with records goes through here.

use super::Collection;
use super::expand::{self, Plan};
use super::fields::Pick;
use super::links::Links;
use super::render::RecordView;
use crate::app::App;
use crate::http::{RecordsError, Request, Response, respond};
use crate::ids::UserId;
use crate::store::Record;

/// The wishes of a request.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// Which parts.
    pub pick: Pick,
    plan: Plan,
    links: Links,
}

impl Wishes {
    /// Those of the request's query, for records of `collection`.
    ///
    /// # Errors
    /// 400 for malformed `fields`, and for an `expand` beyond all bounds.
    pub fn of(request: &Request, collection: Collection) -> Result<Self, RecordsError> {
        let text = |name| request.query(name).unwrap_or_default();
        Ok(Self::parse(&text("fields"), &text("expand"), collection)?.reached_by(request))
    }

    /// The same from two texts, as batches and subscriptions carry them, for nobody in particular: where the server has
    /// no public address, links to its files are left out.
    ///
    /// # Errors
    /// As [`Wishes::of`].
    pub fn parse(fields: &str, expand: &str, collection: Collection) -> Result<Self, RecordsError> {
        let pick = Pick::parse(fields).map_err(|_| RecordsError::unreadable())?;
        Ok(Self { pick, plan: Plan::parse(collection, expand)?, links: Links::default() })
    }

    /// The same for who sent `request`: links to files lead where that came to.
    #[must_use]
    pub fn reached_by(self, request: &Request) -> Self {
        Self { links: Links::of(request), ..self }
    }

    /// The records as `owner`, whose they are, sees them; in their order.
    ///
    /// # Errors
    /// 400 for an answer that is too large; 500 when the store fails.
    pub async fn views(
        &self,
        app: &App,
        owner: &UserId,
        records: Vec<Record>,
    ) -> Result<Vec<RecordView>, RecordsError> {
        let links = self.links.preferring(&app.settings);
        expand::views(app.store.as_ref(), owner, records, &self.plan, &links).await
    }

    /// The same for one record.
    ///
    /// # Errors
    /// As [`Wishes::views`].
    pub async fn view(&self, app: &App, owner: &UserId, record: Record) -> Result<RecordView, RecordsError> {
        self.views(app, owner, vec![record]).await?.pop().ok_or_else(RecordsError::not_found)
    }

    /// 200 with the record, as far as it is wished to be seen.
    ///
    /// # Errors
    /// None for a view that was made.
    pub fn answer(&self, view: &RecordView) -> Result<Response, RecordsError> {
        view.shown(&self.pick).json().map(respond::written).map_err(RecordsError::internal)
    }
}
