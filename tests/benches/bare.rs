//! `bare`: hyper and rusqlite with nothing between them, on our server's file: what its answers cost at the least. It runs
//! the statements that the server runs and is as durable; it knows one user and checks nothing of a request.

use crate::Outcome;
use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rusqlite::{Connection, Row, params};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

/// Options of `bare`.
#[derive(Args)]
pub(crate) struct Bare {
    /// The server's file, with one user's rows in it.
    #[arg(long)]
    database: PathBuf,
    /// Whose they are.
    #[arg(long)]
    owner: String,
}

const FOLDER: &[&str] = &["id", "created", "updated", "name", "parent", "private", "deleted"];
const IMAGE: &[&str] = &[
    "id",
    "created",
    "updated",
    "title",
    "url",
    "owner",
    "prompt",
    "request_id",
    "model",
    "batch_number",
    "image_size",
    "other_info",
    "folder",
    "deleted",
];

/// Serves `GET /hello`, `/folders` and `/images`, lists of 30, and `POST /folders`, until it is killed. The first line it
/// prints says where.
pub(crate) fn serve(bare: &Bare) -> Outcome<Value> {
    let shared = Arc::new(Shared {
        owner: bare.owner.clone(),
        reader: Mutex::new(connect(&bare.database)?),
        writer: write_together(connect(&bare.database)?),
        next: AtomicU64::new(u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())?),
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
    reader: Mutex<Connection>,
    writer: mpsc::Sender<Folder>,
    /// The next folder's id.
    next: AtomicU64,
}

/// A folder that waits for its commit.
struct Folder {
    id: String,
    owner: String,
    name: String,
    stored: oneshot::Sender<Value>,
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Outcome<Response<Full<Bytes>>> {
        let text = match (request.method().as_str(), request.uri().path()) {
            ("GET", "/hello") => "hello".to_owned(),
            ("GET", "/folders") => self.list("folders", FOLDER, "created")?,
            ("GET", "/images") => self.list("images", IMAGE, "created DESC")?,
            _ => self.create(request).await?,
        };
        Ok(Response::builder().header("content-type", "application/json").body(Full::new(text.into()))?)
    }

    fn list(&self, table: &str, columns: &[&str], order: &str) -> Outcome<String> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let page = format!("SELECT rowid FROM {table} WHERE owner = ?1 ORDER BY {order}, rowid LIMIT 30");
        let mut page = reader.prepare_cached(&page)?;
        let numbers: Vec<i64> = page.query_map([&self.owner], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut one = reader.prepare_cached(&format!("SELECT {} FROM {table} WHERE rowid = ?1", columns.join(", ")))?;
        let read = |number| one.query_row([number], |row| record(row, columns));
        let records: Vec<Value> = numbers.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(json!({ "items": records }).to_string())
    }

    async fn create(&self, request: Request<Incoming>) -> Outcome<String> {
        let body: Value = serde_json::from_slice(&request.into_body().collect().await?.to_bytes())?;
        let name = body["name"].as_str().unwrap_or_default().to_owned();
        let id = format!("{:015x}", self.next.fetch_add(1, Ordering::Relaxed));
        let (stored, answer) = oneshot::channel();
        self.writer.send(Folder { id, owner: self.owner.clone(), name, stored }).await?;
        Ok(answer.await?.to_string())
    }
}

fn record(row: &Row<'_>, columns: &[&str]) -> rusqlite::Result<Value> {
    let value = |index| -> rusqlite::Result<Value> {
        Ok(match row.get(index)? {
            rusqlite::types::Value::Integer(number) => number.into(),
            rusqlite::types::Value::Text(text) => text.into(),
            _ => Value::Null,
        })
    };
    columns
        .iter()
        .enumerate()
        .map(|(index, name)| Ok(((*name).to_owned(), value(index)?)))
        .collect::<Result<Map<_, _>, _>>()
        .map(Value::Object)
}

/// Commits together what waits, as the server does.
fn write_together(mut db: Connection) -> mpsc::Sender<Folder> {
    let (sender, mut waiting) = mpsc::channel::<Folder>(1024);
    std::thread::spawn(move || -> Outcome {
        while let Some(first) = waiting.blocking_recv() {
            let transaction = db.transaction()?;
            let mut answers = Vec::new();
            let mut next = Some(first);
            while let Some(Folder { id, owner, name, stored }) = next {
                let sql =
                    "INSERT INTO folders (id, owner, name, private, created, updated) VALUES (?1, ?2, ?3, 0, 0, 0)";
                transaction.prepare_cached(sql)?.execute(params![id, owner, name])?;
                let sql = format!("SELECT {} FROM folders WHERE id = ?1", FOLDER.join(", "));
                answers.push((stored, transaction.prepare_cached(&sql)?.query_row([id], |row| record(row, FOLDER))?));
                next = if answers.len() < 256 { waiting.try_recv().ok() } else { None };
            }
            transaction.commit()?;
            for (stored, record) in answers {
                // Who went away needs no answer.
                let _ = stored.send(record);
            }
        }
        Ok(())
    });
    sender
}

/// With the settings of the store's writer.
fn connect(file: &Path) -> Outcome<Connection> {
    let db = Connection::open(file)?;
    db.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.set_prepared_statement_cache_capacity(128);
    Ok(db)
}
