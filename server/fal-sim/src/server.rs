//! Listens, reads requests, hands them out, and ends connections the way faults want them ended.

use crate::app::App;
use crate::book::Book;
use crate::call::{Call, Origins};
use crate::clock::unix_ms;
use crate::line::{Line, Wire};
use crate::options::Options;
use crate::queue;
use crate::reply::{self, Body, Cut, Reply};
use crate::route::{Face, Place, Route, place};
use crate::{run, upload};
use bytes::Bytes;
use http::request::Parts;
use http::uri::Authority;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};

/// Most connections at a time; more wait to be accepted.
const MAX_CONNECTIONS: usize = 4096;
/// Most bytes of a body, and of an uploaded file or part.
const MAX_BODY: usize = 16 * 1024 * 1024;
const MAX_UPLOAD: usize = 128 * 1024 * 1024;
/// How long answers under way may take when the stand-in stops.
const GRACE: Duration = Duration::from_millis(500);

/// Why a stand-in did not start, or stopped by itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The listener's own address cannot be read.
    #[error("the listener has no address")]
    Listener(#[source] io::Error),
    /// The operating system has no randomness to give.
    #[error("no randomness from the operating system: {0}")]
    Random(getrandom::Error),
}

/// The stand-in. See [`Sim::start`].
#[derive(Debug)]
pub struct Sim;

impl Sim {
    /// Listens on [`Options::http`] and serves in the background, on the runtime this is called on.
    ///
    /// # Errors
    /// [`Error::Bind`] when the address is taken or not ours; [`Error::Random`].
    pub async fn start(options: Options) -> Result<Running, Error> {
        let address = options.http;
        let listener = TcpListener::bind(address).await.map_err(|source| Error::Bind { address, source })?;
        let address = listener.local_addr().map_err(Error::Listener)?;
        let app = App::new(options).map_err(Error::Random)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(accept(listener, address, Arc::clone(&app), async {
            // A handle that was dropped stops it too.
            let _ = stopped.await;
        }));
        Ok(Running { address, app, stop, task })
    }
}

/// Serves on `listener` until `shutdown` comes back. [`Options::http`] is not looked at.
///
/// # Errors
/// [`Error::Listener`], [`Error::Random`]: before anything is served.
pub async fn serve(listener: TcpListener, options: Options, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
    let address = listener.local_addr().map_err(Error::Listener)?;
    let app = App::new(options).map_err(Error::Random)?;
    accept(listener, address, app, shutdown).await;
    Ok(())
}

/// A stand-in at work. It stops when this is dropped; [`Running::shutdown`] also waits until it has.
pub struct Running {
    address: SocketAddr,
    app: Arc<App>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL, without a slash at the end: `http://127.0.0.1:8091`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A copy of its book.
    #[must_use]
    pub fn book(&self) -> Book {
        self.app.ledger.snapshot()
    }

    /// Stops it: answers under way get half a second.
    pub async fn shutdown(self) {
        // It has stopped by itself if nobody listens.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("address", &self.address).finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, local: SocketAddr, app: Arc<App>, shutdown: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let permit = Arc::clone(&permits).acquire_owned();
        let next = async { (permit.await, listener.accept().await) };
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => {}
            (permit, accepted) = next => match accepted {
                Ok((stream, _)) => {
                    let connection = connection(stream, local, &app, &graceful);
                    connections.spawn(async move {
                        connection.await;
                        drop(permit);
                    });
                }
                // Out of descriptors, most likely: let some close.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
    app.stop();
}

/// Serves one connection to its end.
fn connection(
    stream: TcpStream,
    local: SocketAddr,
    app: &Arc<App>,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + 'static {
    // Events are small and must not wait for one another.
    let _ = stream.set_nodelay(true);
    let line = Line::default();
    let wire = TokioIo::new(Wire::new(stream, line.clone()));
    let app = Arc::clone(app);
    let service = service_fn(move |request| answer(Arc::clone(&app), line.clone(), local, request));
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(wire, service);
    let watched = graceful.watch(connection);
    async move {
        // What ends a connection is the peer's doing, or a fault's.
        let _ = watched.await;
    }
}

async fn answer(
    app: Arc<App>,
    line: Line,
    local: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Cut> {
    let (head, body) = request.into_parts();
    let mut reply = handle(&app, line.clone(), local, &head, body).await;
    reply::dress(&mut reply, &head.headers, || app.names.request_id(unix_ms()));
    reply.into_response().inspect_err(|Cut| line.reset())
}

async fn handle(app: &Arc<App>, line: Line, local: SocketAddr, head: &Parts, body: Incoming) -> Reply {
    if head.method == Method::OPTIONS {
        return reply::preflight(&head.headers);
    }
    let authority = authority(head, local);
    let place = place(authority.host(), head.uri.path());
    let route = Route::find(&head.method, &place);
    let body = match read(body, if place.face == Face::Cdn { MAX_UPLOAD } else { MAX_BODY }).await {
        Ok(body) => body,
        Err(reply) => return reply,
    };
    let call = call(head, body, &authority, &place, line);
    dispatch(app, &call, route).await
}

/// The host the caller meant: of the target itself when it is absolute (a proxy's form), else of the header.
fn authority(head: &Parts, local: SocketAddr) -> Authority {
    let named = head.headers.get(header::HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
    let own = || Authority::try_from(local.to_string()).expect("a socket address is an authority");
    head.uri.authority().cloned().or(named).unwrap_or_else(own)
}

async fn read(body: Incoming, limit: usize) -> Result<Bytes, Reply> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(problem) if problem.is::<LengthLimitError>() => {
            Err(reply::detail(StatusCode::PAYLOAD_TOO_LARGE, "Request body is too large"))
        }
        Err(_) => Err(Reply::Reset),
    }
}

fn call(head: &Parts, body: Bytes, authority: &Authority, place: &Place<'_>, line: Line) -> Call {
    Call {
        method: head.method.clone(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers.clone(),
        origins: Origins::new(authority.as_str(), place),
        body,
        line,
    }
}

async fn dispatch(app: &Arc<App>, call: &Call, route: Route) -> Reply {
    match route {
        Route::Submit(target) => queue::submit(app, call, &target).await,
        Route::Run { target, stream } => run::run(app, call, &target, stream).await,
        Route::FollowUp { app: owner_app, id, verb } => queue::follow_up(app, call, &owner_app, &id, verb).await,
        Route::File { path } => upload::file(app, call, &path).await,
        Route::InitiateUpload => upload::initiate(app, call),
        Route::UploadToken => upload::token(app, call),
        Route::Upload { multipart } => upload::upload(app, call, multipart),
        Route::BrowserToken => upload::browser_token(app, call),
        Route::WebhookKeys => app.webhooks.keys(),
        Route::Book => reply::json(StatusCode::OK, &app.ledger.snapshot()),
        Route::NotFound => reply::detail(StatusCode::NOT_FOUND, "Not Found"),
        Route::WrongMethod => reply::detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
    }
}
