//! An HTTP client that is made when it is first needed: reading the system's certificates takes as long as all the rest of
//! a server's start.

use super::FalHostError;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use reqwest::Client;
use std::future::ready;

/// A client, or what it will be made by. Clones share it.
#[derive(Clone)]
pub(crate) struct LateClient(Shared<BoxFuture<'static, Result<Client, FalHostError>>>);

impl LateClient {
    /// Made by `make` on a thread of the blocking pool, once somebody waits for it.
    pub(crate) fn made_by(make: impl FnOnce() -> Result<Client, FalHostError> + Send + 'static) -> Self {
        let making = async {
            let made = tokio::task::spawn_blocking(make).await;
            made.unwrap_or_else(|broken| Err(FalHostError(broken.to_string())))
        };
        Self(making.boxed().shared())
    }

    /// Made already.
    pub(crate) fn of(client: Client) -> Self {
        Self(ready(Ok(client)).boxed().shared())
    }

    /// The client, once it is made.
    pub(crate) async fn get(&self) -> Result<Client, FalHostError> {
        self.0.clone().await
    }
}

#[cfg(test)]
mod tests {
    use super::{FalHostError, LateClient};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn it_is_made_once_and_not_before_it_is_asked_for() {
        let made = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&made);
        let late = LateClient::made_by(move || {
            counted.fetch_add(1, Ordering::SeqCst);
            Err(FalHostError("no certificates".into()))
        });
        let clone = late.clone();
        assert_eq!(made.load(Ordering::SeqCst), 0);
        for late in [late, clone] {
            assert!(late.get().await.unwrap_err().to_string().contains("no certificates"));
        }
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }
}
