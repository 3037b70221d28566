//! `GET /api/collections/{collection}/records`: a page of one's own records.

pub(crate) mod asked;

use super::render::Shown;
use super::{RecordView, Wishes, view};
use crate::app::App;
use crate::auth;
use crate::http::{RecordsError, Request, Response, respond};
use crate::store::RecordPage;
use asked::Asked;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// The page; for guests an empty one, as nothing is theirs.
///
/// # Errors
/// 404 for an unknown collection, 400 for a malformed query, 403 for one that names what only PocketBase's superusers
/// may.
pub async fn list(app: &Arc<App>, request: Request) -> Result<Response, RecordsError> {
    let collection = view::collection(request.param("collection"))?;
    let visitor = auth::visitor(app, &request).await?;
    let asked = Asked::read(app, &request, collection)?;
    let wishes = Wishes::of(&request, collection)?;
    let Some(reader) = visitor.map(|visitor| visitor.user.id) else {
        return asked.answer(&[], &wishes, Some(0));
    };
    let RecordPage { records, total } = app.store.list_records(&reader, asked.query.clone()).await?;
    let views = wishes.views(app, &reader, records).await?;
    asked.answer(&views, &wishes, total)
}

/// What an answer says besides its `items`. `page` and `perPage` are those that were applied; the totals are -1 where they
/// were not asked for.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RecordPage")]
pub(crate) struct Totals {
    page: i64,
    per_page: u32,
    total_items: i64,
    total_pages: i64,
}

impl Asked {
    fn answer(&self, views: &[RecordView], wishes: &Wishes, total: Option<u64>) -> Result<Response, RecordsError> {
        let mut body = br#"{"items":"#.to_vec();
        Shown::write_all(&mut body, views, &wishes.pick).map_err(RecordsError::internal)?;
        body.push(b',');
        let totals = serde_json::to_vec(&self.totals(total)).map_err(RecordsError::internal)?;
        // The rest of the object that began with the items.
        body.extend_from_slice(totals.strip_prefix(b"{").unwrap_or_default());
        Ok(respond::written(body))
    }

    fn totals(&self, total: Option<u64>) -> Totals {
        let total = total.filter(|_| self.query.with_total).and_then(|total| i64::try_from(total).ok());
        let per_page = self.query.limit;
        let pages = total.map(|total| (total + i64::from(per_page) - 1) / i64::from(per_page));
        let (total_items, total_pages) = (total.unwrap_or(-1), pages.unwrap_or(-1));
        Totals { page: self.page, per_page, total_items, total_pages }
    }
}
