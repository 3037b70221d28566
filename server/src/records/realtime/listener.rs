//! One client's stream: the handshake, then a message for each subscription that a change belongs to.

use super::hub::{Connection, Published, Standing};
use super::is_still;
use crate::app::App;
use crate::http::RecordsError;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How long a stream lasts. Clients come again by themselves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Without a message.
    pub(super) idle: Duration,
    /// In any case.
    pub(super) life: Duration,
}

/// PocketBase's.
pub(super) const PATIENCE: Patience =
    Patience { idle: Duration::from_secs(5 * 60), life: Duration::from_secs(30 * 60) };

/// The server's end of a stream.
pub(super) struct Listener {
    app: Arc<App>,
    connection: Connection,
    patience: Patience,
    /// When it ends in any case.
    end: Instant,
    /// When it ends unless something is told before.
    idle_end: Instant,
    ready: VecDeque<String>,
}

impl Listener {
    /// A stream that begins with the handshake.
    pub(super) fn new(app: &Arc<App>, connection: Connection, patience: Patience) -> Self {
        let id = connection.id();
        let greeting = format!("id:{id}\nevent:PB_CONNECT\ndata:{{\"clientId\":\"{id}\"}}\n\n");
        let now = Instant::now();
        Self {
            app: Arc::clone(app),
            connection,
            patience,
            end: now + patience.life,
            idle_end: now + patience.idle,
            ready: VecDeque::from([greeting]),
        }
    }

    /// The next message; `None` at the end, after which the client comes again.
    pub(super) async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                self.idle_end = Instant::now() + self.patience.idle;
                return Some(message);
            }
            let (standing, published) = tokio::select! {
                heard = self.connection.next() => heard?,
                () = sleep_until(self.end.min(self.idle_end)) => return None,
            };
            match self.messages(&standing, &published).await {
                Ok(messages) => self.ready = messages,
                Err(error) => tracing::warn!(?error, "a change could not be told"),
            }
        }
    }

    /// A change, told for each subscription that it belongs to, with the record as it is now.
    async fn messages(
        &self,
        standing: &Arc<Standing>,
        published: &Published,
    ) -> Result<VecDeque<String>, RecordsError> {
        let (store, Published { owner, change }) = (&self.app.store, published);
        if !is_still(&self.app, standing).await? {
            self.app.changes.demote(self.connection.id(), standing);
            return Ok(VecDeque::new());
        }
        let record = match &change.record {
            Some(record) => Some(record.clone()),
            None => store.record(owner, change.collection, &change.id).await?,
        };
        let Some(record) = record else { return Ok(VecDeque::new()) };
        let mut messages = VecDeque::new();
        for subscription in standing.subscriptions.iter().filter(|subscription| subscription.covers(change)) {
            let message = subscription.message(&self.app, owner, change, record.clone()).await?;
            messages.extend(message.map(|message| format!("id:{}\n{message}", self.connection.id())));
        }
        Ok(messages)
    }
}

#[cfg(test)]
mod tests;
