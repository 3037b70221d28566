//! The quiet end of connections: they are told to stop, and waited for.

use tokio::sync::watch;

/// Tells connections to stop.
pub(super) struct Shutdown(watch::Sender<bool>);

/// One connection's ear. Its end is waited for as long as this lives.
pub(super) struct Watcher(watch::Receiver<bool>);

impl Shutdown {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    pub(super) fn watcher(&self) -> Watcher {
        Watcher(self.0.subscribe())
    }

    /// Tells all of them, and comes back with the end of the last.
    pub(super) async fn shutdown(self) {
        self.0.send_replace(true);
        self.0.closed().await;
    }
}

impl Watcher {
    /// Comes back when connections are to stop; at once, once they are.
    pub(super) async fn told(&mut self) {
        // An error says that nobody is left to tell: it was cut short, and so is this.
        let _ = self.0.wait_for(|told| *told).await;
    }
}
