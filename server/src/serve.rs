//! A server from its first breath to its last: bind, start, answer, stop.

use crate::app::{App, StartError, upkeep};
use crate::http;
use crate::settings::Settings;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How long answers may take to finish once the server is told to stop. Jobs go on at the next start.
const GRACE: Duration = Duration::from_secs(25);

/// How long callers who wait for pictures are kept waiting then, before they are told where to look for them.
const WAITING_GRACE: Duration = Duration::from_secs(5);

/// How long a submit that has left may take to be recorded once the answers are finished.
const SUBMIT_GRACE: Duration = Duration::from_secs(5);

/// A server that is ready and does not answer yet; connections wait in its queue.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: Arc<App>,
}

/// Why a server does not come up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address is not to be had.
    #[error("cannot listen on {0} (--http)")]
    Bind(SocketAddr, #[source] io::Error),
    /// Passwords could be guessed at from elsewhere.
    #[error(
        "--throttle-times is for measurements: above 1 it takes an address of this machine, and {0} is none (--http)"
    )]
    Guessable(SocketAddr),
    /// The rest of it.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl Server {
    /// Takes the address, then starts everything behind it.
    ///
    /// # Errors
    /// [`ServeError`]; an address in use leaves the data folder untouched.
    pub async fn start(settings: Settings) -> Result<Self, ServeError> {
        let asked = settings.http;
        if settings.throttle_times > 1 && !asked.ip().is_loopback() {
            return Err(ServeError::Guessable(asked));
        }
        let bind = |cause| ServeError::Bind(asked, cause);
        let listener = TcpListener::bind(asked).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let app = App::start(settings).await?;
        Ok(Self { listener, address, app })
    }

    /// The address it listens on, with its real port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What is behind it.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Answers until `stop`; then takes no more connections, lets answers finish for a while and closes the store.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) {
        let Self { listener, app, .. } = self;
        let (told, stopping) = oneshot::channel();
        let stopping_app = Arc::clone(&app);
        let stop = async move {
            stop.await;
            tracing::info!("stopping");
            stopping_app.jobs.stop(WAITING_GRACE);
            stopping_app.changes.stop();
            // The receiver is gone only when nothing is left to stop.
            let _ = told.send(());
        };
        tokio::select! {
            () = http::serve(listener, Arc::clone(&app), stop) => {}
            () = patience(stopping) => tracing::warn!("stopping before every answer was finished"),
            () = upkeep::run(&app) => {}
            () = app.keeper.run(app.jobs.pictures_came()) => {}
        }
        app.jobs.quiesce(SUBMIT_GRACE).await;
        app.store.close().await;
    }
}

async fn patience(stopping: oneshot::Receiver<()>) {
    // An error says that nobody will ever tell us to stop; the server's own end comes first then.
    let _ = stopping.await;
    tokio::time::sleep(GRACE).await;
}

/// Comes back when the process is asked to end: SIGINT (Ctrl-C) or SIGTERM.
///
/// # Errors
/// When the system does not let us listen for them.
pub fn signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests;
