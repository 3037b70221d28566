//! A server from its first breath to its last: bind, start, answer, stop.

use crate::app::{App, StartError, upkeep};
use crate::control::Door;
use crate::http;
use crate::http::serve::{Tls, TlsError};
use crate::ops::metrics;
use crate::settings::{Settings, WeakSettings};
use crate::transport::FalHostError;
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
    tls: Option<Arc<Tls>>,
    metrics: Option<TcpListener>,
    app: Arc<App>,
    /// For operators' commands, where there can be one.
    door: Option<Door>,
}

/// Why a server does not come up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address is not to be had.
    #[error("cannot listen on {0} ({1})")]
    Bind(SocketAddr, &'static str, #[source] io::Error),
    /// The rest of it.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The certificate or its key is not usable.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The settings give something away.
    #[error(transparent)]
    Weak(#[from] WeakSettings),
}

impl Server {
    /// Takes the address, then starts everything behind it.
    ///
    /// # Errors
    /// [`ServeError`]; an address in use leaves the data folder untouched.
    pub async fn start(settings: Settings) -> Result<Self, ServeError> {
        settings.refuse_weak()?;
        let tls = match (&settings.tls_cert_file, &settings.tls_key_file) {
            (Some(chain), Some(key)) => Some(Arc::new(Tls::open(chain.clone(), key.clone())?)),
            _ => None,
        };
        let (listener, address) = bind(settings.http, "--http").await?;
        let metrics = match settings.metrics {
            Some(asked) => Some(bind(asked, "--metrics").await?.0),
            None => None,
        };
        let app = App::start(settings).await?;
        let door = Door::open(&app.settings.data_dir);
        if let Err(error) = &door {
            tracing::warn!(%error, "no socket in the data folder: operators' commands do not reach this server");
        }
        Ok(Self { listener, address, tls, metrics, app, door: door.ok() })
    }

    /// The address it listens on, with its real port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where browsers find it.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The address it tells metrics on, if it does.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref()?.local_addr().ok()
    }

    /// What is behind it.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Answers until `stop`; then takes no more connections, lets answers finish for a while and closes the store.
    ///
    /// # Errors
    /// There is no way to FAL, which is seen a moment after the first answers: [`StartError::Fal`].
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), ServeError> {
        let Self { listener, tls, metrics, app, door, .. } = self;
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
        let mut ended = Ok(());
        tokio::select! {
            // Who waits is let in first, above all at the start, when the first sweep is due at once.
            biased;
            () = http::serve(listener, tls.clone(), Arc::clone(&app), stop) => {}
            () = renewed(tls) => {}
            () = patience(stopping) => tracing::warn!("stopping before every answer was finished"),
            () = counted(metrics, Arc::clone(&app)) => {}
            () = upkeep::run(&app) => {}
            () = answer_operators(door.as_ref(), &app) => {}
            () = app.keeper.run(app.jobs.pictures_came()) => {}
            error = no_way_to_fal(&app) => ended = Err(StartError::from(error).into()),
        }
        app.jobs.quiesce(SUBMIT_GRACE).await;
        app.store.close().await;
        ended
    }
}

/// Why FAL cannot be reached from this machine, if so; never ends otherwise.
async fn no_way_to_fal(app: &App) -> FalHostError {
    match app.fal.host().ready().await {
        Ok(()) => std::future::pending().await,
        Err(error) => error,
    }
}

async fn bind(asked: SocketAddr, option: &'static str) -> Result<(TcpListener, SocketAddr), ServeError> {
    let cannot = |cause| ServeError::Bind(asked, option, cause);
    let listener = TcpListener::bind(asked).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    Ok((listener, address))
}

/// Tells metrics, if there is where; never ends by itself.
async fn counted(listener: Option<TcpListener>, app: Arc<App>) {
    match listener {
        Some(listener) => metrics::serve(listener, app).await,
        None => std::future::pending().await,
    }
}

async fn answer_operators(door: Option<&Door>, app: &App) {
    match door {
        Some(door) => door.run(app).await,
        None => std::future::pending().await,
    }
}

/// Reads the certificate again whenever the process is told to (SIGHUP); never ends by itself. A server without one
/// ignores the signal, so that it means the same to whoever sends it to all of them.
async fn renewed(tls: Option<Arc<Tls>>) {
    use tokio::signal::unix::{SignalKind, signal};
    let mut told = match signal(SignalKind::hangup()) {
        Ok(told) => told,
        Err(error) => {
            tracing::error!(%error, "SIGHUP cannot be listened for");
            return std::future::pending().await;
        }
    };
    while told.recv().await.is_some() {
        let Some(tls) = tls.clone() else { continue };
        match tokio::task::spawn_blocking(move || tls.reload()).await {
            Ok(Ok(())) => tracing::info!("the certificate was read again"),
            Ok(Err(error)) => tracing::error!(%error, "the certificate in use stays"),
            Err(error) => tracing::error!(%error, "the certificate could not be read again"),
        }
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
