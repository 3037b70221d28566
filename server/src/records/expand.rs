//! `expand=folder_id.parent_id,user_id`: the records that relations lead to, each fetched once for the whole answer.
//!
//! Only the asker's own records are found, as everywhere: another's is left out.

use super::Collection;
use super::links::Links;
use super::render::{Expanded, RecordView};
use super::schema::Field;
use crate::http::RecordsError;
use crate::ids::UserId;
use crate::store::{Hop, Record, Store};
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Deepest path; what is beyond is dropped.
const MAX_DEPTH: usize = 6;
/// Most relations to follow.
const MAX_RELATIONS: usize = 50;
/// Most records that an answer shows for the relations of its own, repetitions included.
const MAX_EXPANDED: usize = 20_000;

/// What to expand.
#[derive(Clone, Debug, Default)]
pub struct Plan(BTreeMap<String, Step>);

#[derive(Clone, Debug)]
struct Step {
    hop: Hop,
    further: Plan,
}

impl Plan {
    /// Reads a list of paths from records of `collection`. Names that lead nowhere are ignored.
    ///
    /// # Errors
    /// 400 for more relations than any answer follows.
    pub fn parse(collection: Collection, text: &str) -> Result<Self, RecordsError> {
        let mut plan = Self::default();
        let mut steps = 0;
        for path in text.split(',') {
            steps += plan.add(collection, path.trim());
            if steps > MAX_RELATIONS {
                return Err(RecordsError::unreadable());
            }
        }
        Ok(plan)
    }

    /// Adds a path, if it leads somewhere at every step; says how many steps are new.
    fn add(&mut self, collection: Collection, path: &str) -> usize {
        let Some(hops) = hops(collection, path) else { return 0 };
        let mut here = self;
        let mut added = 0;
        for (name, hop) in hops {
            let step = here.0.entry(name.to_owned()).or_insert_with(|| {
                added += 1;
                Step { hop, further: Self::default() }
            });
            here = &mut step.further;
        }
        added
    }
}

/// The steps of a path. A point at its end is nothing.
fn hops(mut collection: Collection, path: &str) -> Option<Vec<(&str, Hop)>> {
    let mut hops = Vec::new();
    for name in path.strip_suffix('.').unwrap_or(path).split('.').take(MAX_DEPTH) {
        let hop = hop(collection, name)?;
        collection = hop.target()?;
        hops.push((name, hop));
    }
    Some(hops)
}

fn hop(collection: Collection, name: &str) -> Option<Hop> {
    match collection.field(name).filter(|field| !field.hidden && field.target().is_some()) {
        Some(field) => Some(Hop::Out(field)),
        None => collection.back_relation(name).map(|(from, field)| Hop::Back(from, field)),
    }
}

/// The records as `owner` sees them, with all that the plan asks for.
///
/// # Errors
/// 400 when that is more than an answer may hold; 500 when the store fails.
pub async fn views(
    store: &dyn Store,
    owner: &UserId,
    records: Vec<Record>,
    plan: &Plan,
    links: &Links,
) -> Result<Vec<RecordView>, RecordsError> {
    let mut expansion = Expansion { store, owner, links, left: MAX_EXPANDED };
    expansion.views(records, plan).await
}

struct Expansion<'a> {
    store: &'a dyn Store,
    owner: &'a UserId,
    links: &'a Links,
    /// Records that may still be shown.
    left: usize,
}

/// What the records of one answer lead to by one relation: for each record, in its place.
type Found = Vec<Option<Expanded>>;

impl Expansion<'_> {
    fn views<'b>(
        &'b mut self,
        records: Vec<Record>,
        plan: &'b Plan,
    ) -> BoxFuture<'b, Result<Vec<RecordView>, RecordsError>> {
        Box::pin(async move {
            let mut expands: Vec<BTreeMap<String, Expanded>> = vec![BTreeMap::new(); records.len()];
            for (name, step) in &plan.0 {
                let found = self.follow(&records, step).await?;
                for (expand, found) in expands.iter_mut().zip(found) {
                    expand.extend(found.map(|found| (name.clone(), found)));
                }
            }
            // A plan shows, also where it leads nowhere.
            let asked = !plan.0.is_empty();
            let expands = expands.into_iter().map(|expand| asked.then_some(expand));
            Ok(records.into_iter().zip(expands).map(|(record, expand)| view(record, expand, self.links)).collect())
        })
    }

    async fn follow(&mut self, records: &[Record], step: &Step) -> Result<Found, RecordsError> {
        let found = match step.hop {
            Hop::Out(field) => self.out(records, field, &step.further).await?,
            Hop::Back(from, field) => self.back(records, (from, field), step).await?,
        };
        for expanded in found.iter().flatten() {
            self.left = self.left.checked_sub(expanded.weight()).ok_or_else(RecordsError::unreadable)?;
        }
        Ok(found)
    }

    /// Along a relation of the records.
    async fn out(&mut self, records: &[Record], field: &Field, further: &Plan) -> Result<Found, RecordsError> {
        let Some(target) = field.target() else { return Ok(vec![None; records.len()]) };
        let ids = distinct(records.iter().flat_map(|record| record.related(field.name)));
        let related = self.store.records(self.owner, target, ids).await?;
        let ids: Vec<String> = related.iter().map(|record| record.id().to_owned()).collect();
        let views = self.shared(related, further).await?;
        let by_id: BTreeMap<&str, _> = ids.iter().map(String::as_str).zip(views).collect();
        let lookup = |record: &Record| {
            let found = record.related(field.name).into_iter().filter_map(|id| by_id.get(id).cloned());
            expanded(found.collect(), field.is_many())
        };
        Ok(records.iter().map(lookup).collect())
    }

    /// To those whose relation leads to the records.
    async fn back(
        &mut self,
        records: &[Record],
        (from, field): (Collection, &'static Field),
        step: &Step,
    ) -> Result<Found, RecordsError> {
        let ids = distinct(records.iter().map(Record::id));
        // One more than may be shown: it tells that there are too many.
        let most = u32::try_from(self.left + 1).unwrap_or(u32::MAX);
        let related = self.store.related_records(self.owner, from, field, ids, most).await?;
        let owned = |record: &Record| record.related(field.name).into_iter().map(str::to_owned).collect();
        let ids: Vec<Vec<String>> = related.iter().map(owned).collect();
        let views = self.shared(related, &step.further).await?;
        let mut by_id: BTreeMap<&str, Vec<Arc<RecordView>>> = BTreeMap::new();
        for (ids, view) in ids.iter().zip(views) {
            ids.iter().for_each(|id| by_id.entry(id).or_default().push(Arc::clone(&view)));
        }
        let lookup = |record: &Record| by_id.get(record.id()).cloned().unwrap_or_default();
        Ok(records.iter().map(|record| expanded(lookup(record), step.hop.is_many())).collect())
    }

    /// Views that several records may show.
    async fn shared(&mut self, records: Vec<Record>, plan: &Plan) -> Result<Vec<Arc<RecordView>>, RecordsError> {
        Ok(self.views(records, plan).await?.into_iter().map(Arc::new).collect())
    }
}

fn view(record: Record, expand: Option<BTreeMap<String, Expanded>>, links: &Links) -> RecordView {
    let view = RecordView::linked(record, links);
    match expand {
        Some(expand) => view.with_expand(expand),
        None => view,
    }
}

fn expanded(mut views: Vec<Arc<RecordView>>, many: bool) -> Option<Expanded> {
    if many {
        return (!views.is_empty()).then_some(Expanded::Many(views));
    }
    views.pop().map(Expanded::One)
}

fn distinct<T: Into<String> + Ord>(ids: impl Iterator<Item = T>) -> Vec<String> {
    let ids: std::collections::BTreeSet<T> = ids.collect();
    ids.into_iter().map(Into::into).collect()
}

#[cfg(test)]
mod tests;
