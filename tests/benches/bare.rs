//! `bare`: hyper and rusqlite with nothing between them, on our server's file: what its answers cost at the least. It
//! runs the statements that the server runs, gives the same answers and is as durable; it asks nobody who they are and
//! checks nothing.

mod database;
mod lists;
pub(crate) mod stats;
mod writes;

use crate::Outcome;
use bytes::Bytes;
use clap::Args;
use generatio_core::Timestamp;
use generatio_core::time::Clock;
use generatio_server::clock::SystemClock;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use lists::{FOLDERS, IMAGES, List};
use rusqlite::Connection;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use writes::Writer;

/// Options of `bare`.
#[derive(Args)]
pub(crate) struct Bare {
    /// The server's file, with rows in it.
    #[arg(long)]
    database: PathBuf,
    /// Whose are shown.
    #[arg(long)]
    owner: String,
    /// What `/hello` answers.
    #[arg(long, value_name = "FILE")]
    hello: Option<PathBuf>,
}

/// Serves `GET /hello`, `/token-status`, `/stats`, `/folders` and `/images`, lists of 30 with totals, and `POST
/// /folders`, until it is killed. The first line it prints says where.
pub(crate) fn serve(bare: &Bare) -> Outcome<Value> {
    let reader = database::reader(&bare.database)?;
    let month = stats::month(&reader)?;
    let hello = bare.hello.as_ref().map(fs::read).transpose()?.unwrap_or_else(|| b"hello".to_vec());
    let shared = Arc::new(Shared {
        owner: bare.owner.clone(),
        hello: hello.into(),
        month,
        reader: Mutex::new(reader),
        writer: Writer::start(database::writer(&bare.database)?),
    });
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on http://{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let shared = Arc::clone(&shared);
            let service = service_fn(move |request| {
                let shared = Arc::clone(&shared);
                async move { shared.answer(request).await }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    })
}

struct Shared {
    owner: String,
    hello: Bytes,
    /// The present one's first moment, and the next one's.
    month: [Timestamp; 2],
    reader: Mutex<Connection>,
    writer: Writer,
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Outcome<Response<Full<Bytes>>> {
        let body = match (request.method().as_str(), request.uri().path()) {
            ("GET", "/hello") => self.hello.clone(),
            ("GET", "/folders") => self.list(&FOLDERS)?.into(),
            ("GET", "/images") => self.list(&IMAGES)?.into(),
            ("GET", "/token-status") => self.read(|db| token_status(db, &self.owner))?.into(),
            ("GET", "/stats") => {
                let now = SystemClock.now();
                let spending = self.read(|db| stats::spending(db, &self.owner, now))?;
                let month = self.read(|db| stats::of_month(db, &self.owner, self.month))?;
                spending.text(month, now, self.month).into()
            }
            ("POST", "/folders") => self.create(request).await?.into(),
            _ => return Ok(Response::builder().status(StatusCode::NOT_FOUND).body(Full::default())?),
        };
        Ok(Response::builder().header("content-type", "application/json").body(Full::new(body))?)
    }

    /// Reads one state of the database, as the server does.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Outcome<T>) -> Outcome<T> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.prepare_cached("BEGIN")?.execute([])?;
        let read = work(&reader);
        reader.prepare_cached("COMMIT")?.execute([])?;
        read
    }

    fn list(&self, list: &List) -> Outcome<Vec<u8>> {
        self.read(|db| list.page(db, &self.owner))
    }

    async fn create(&self, request: Request<Incoming>) -> Outcome<Vec<u8>> {
        let body: Value = serde_json::from_slice(&request.into_body().collect().await?.to_bytes())?;
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        self.writer.create(text("user_id"), text("name"), SystemClock.now()).await
    }
}

/// The server knows of sessions what its memory holds; here there are none.
fn token_status(db: &Connection, owner: &str) -> Outcome<String> {
    let mut statement = db.prepare_cached("SELECT * FROM sealed_tokens WHERE user_id = ?1")?;
    let mut rows = statement.query([owner])?;
    let custody = rows.next()?.map(|row| row.get::<_, String>("custody")).transpose()?;
    let has_token = custody.is_some();
    let custody = custody.map(|custody| format!(r#","custody":"{custody}""#)).unwrap_or_default();
    Ok(format!(r#"{{"has_token":{has_token},"has_active_session":false,"requires_login":{has_token}{custody}}}"#))
}
