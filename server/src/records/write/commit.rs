//! Where planned writes become durable and are made known.

use super::plan::Planned;
use super::told::refused;
use crate::app::App;
use crate::http::RecordsError;
use crate::ids::UserId;
use crate::records::Collection;
use crate::store::{RecordWrite, StoreError, Verb, Written};
use std::sync::Arc;

/// Why nothing was written.
pub(in crate::records) struct NotWritten {
    /// Which of the writes is the reason; `None` where it is none of them.
    pub(in crate::records) index: Option<usize>,
    pub(in crate::records) error: RecordsError,
}

/// Writes all or nothing, and says what each did. Goes on to its end when nobody waits for it any more, so that what is
/// stored is also published.
pub(in crate::records) async fn commit(
    app: &Arc<App>,
    owner: &UserId,
    mut planned: Vec<Planned>,
) -> Result<Vec<Written>, NotWritten> {
    let writes: Vec<_> = planned.iter().map(|one| one.write.clone()).collect();
    let pictures_come = writes.iter().any(brings_a_picture);
    let (task_app, task_owner) = (Arc::clone(app), owner.clone());
    let writing = tokio::spawn(async move {
        let written = task_app.store.write_records(&task_owner, writes).await?;
        for Written { changes, .. } in &written {
            task_app.changes.publish(&task_owner, changes.clone());
        }
        if pictures_come {
            task_app.jobs.pictures_came().notify_one();
        }
        Ok(written)
    });
    let ours = |error| NotWritten { index: None, error };
    match writing.await.map_err(|cause| ours(RecordsError::internal(cause)))? {
        Ok(written) => Ok(written),
        Err(StoreError::Refused { index, creating, refusal }) if index < planned.len() => {
            let error = refused(planned.swap_remove(index), creating, refusal);
            Err(NotWritten { index: Some(index), error })
        }
        Err(error) => Err(ours(error.into())),
    }
}

/// Whether there may be something to copy afterwards that was not there before.
fn brings_a_picture(write: &RecordWrite) -> bool {
    let has_address = match &write.verb {
        Verb::Create(_) | Verb::Upsert { .. } => true,
        Verb::Update(values) => values.value("url").is_some(),
        Verb::Delete => false,
    };
    write.collection == Collection::Images && has_address
}
