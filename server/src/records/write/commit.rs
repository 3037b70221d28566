//! Where planned writes become durable and are made known.

use super::plan::Planned;
use super::told::refused;
use crate::app::App;
use crate::http::RecordsError;
use crate::ids::UserId;
use crate::store::{StoreError, Written};
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
    let writes = planned.iter().map(|one| one.write.clone()).collect();
    let (task_app, task_owner) = (Arc::clone(app), owner.clone());
    let writing = tokio::spawn(async move {
        let written = task_app.store.write_records(&task_owner, writes).await?;
        for Written { changes, .. } in &written {
            task_app.changes.publish(&task_owner, changes.clone());
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
