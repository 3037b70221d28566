//! A server, its data directory and the stand-in for FAL, all of one test's own.

use crate::binary::Server;
use crate::client::Client;
use crate::user::User;
use generatio_fal_sim::{Options, Running, Sim};
use generatio_server::store::sqlite::register_functions;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long [`World::until`] waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it looks: several tests share the machine with the servers they ask.
const INTERVAL: Duration = Duration::from_millis(5);

/// Everything one test needs. Dropping it stops and removes all of it.
#[derive(Debug)]
pub struct World {
    server: Option<Server>,
    client: Client,
    fal: Option<Running>,
    data: TempDir,
}

impl World {
    /// A server with default settings and a stand-in that answers at once.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same, with further arguments for the server.
    pub async fn with(arguments: &[&str]) -> Self {
        Self::with_fal(Options::immediate(), arguments).await
    }

    /// The same, with a stand-in of one's own choice.
    ///
    /// # Panics
    /// When the stand-in does not start.
    pub async fn with_fal(options: Options, arguments: &[&str]) -> Self {
        let fal = Sim::start(options).await.expect("the stand-in starts");
        let url = fal.url();
        Self::assemble(&url, Some(fal), arguments)
    }

    /// A server whose FAL does not answer: its port is closed.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn without_fal() -> Self {
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", closed.local_addr().expect("an address"));
        drop(closed);
        Self::assemble(&url, None, &[])
    }

    fn assemble(fal_url: &str, fal: Option<Running>, arguments: &[&str]) -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let arguments: Vec<&str> = ["--fal-url", fal_url].iter().chain(arguments).copied().collect();
        let server = Server::start(data.path(), &arguments);
        Self { client: Client::new(server.url()), server: Some(server), fal, data }
    }

    /// Somebody without an account.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Registers somebody.
    pub async fn user(&self, email: &str) -> User {
        User::register(&self.client, email).await
    }

    /// Registers somebody with a FAL token and a session.
    pub async fn ready_user(&self, email: &str) -> User {
        let mut user = self.user(email).await;
        user.set_up().await;
        user
    }

    /// The running server.
    ///
    /// # Panics
    /// After it was stopped.
    #[must_use]
    pub fn server(&self) -> &Server {
        self.server.as_ref().expect("the server runs")
    }

    /// Takes the server out, to stop or kill it; [`World::restart`] brings one back.
    ///
    /// # Panics
    /// After it was taken.
    pub fn take_server(&mut self) -> Server {
        self.server.take().expect("the server runs")
    }

    /// Starts a server over the same data.
    pub fn restart(&mut self, arguments: &[&str]) {
        let url = self.fal().url();
        let arguments: Vec<&str> = ["--fal-url", url.as_str()].iter().chain(arguments).copied().collect();
        let server = Server::start(self.data.path(), &arguments);
        self.client = Client::new(server.url());
        self.server = Some(server);
    }

    /// Another server over other data, beside this one, without a FAL of its own.
    #[must_use]
    pub fn beside(&self, data: &Path) -> Beside {
        let server = Server::start(data, &["--fal-url", &self.fal().url()]);
        Beside { client: Client::new(server.url()), _server: server }
    }

    /// The stand-in.
    ///
    /// # Panics
    /// In a world without FAL.
    #[must_use]
    pub fn fal(&self) -> &Running {
        self.fal.as_ref().expect("this world has a FAL")
    }

    /// What the stand-in was asked for and billed.
    #[must_use]
    pub fn book(&self) -> generatio_fal_sim::Book {
        self.fal().book()
    }

    /// The data directory.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// Changes rows behind the server's back.
    ///
    /// # Panics
    /// When the statement fails.
    pub fn sql(&self, statement: &str) {
        self.database().execute_batch(statement).expect("the statement runs");
    }

    /// The database file, beside the server that has it open.
    ///
    /// # Panics
    /// When it cannot be opened.
    #[must_use]
    pub fn database(&self) -> rusqlite::Connection {
        let database = rusqlite::Connection::open(self.data.path().join("generatio.db")).expect("the database opens");
        register_functions(&database).expect("the functions that its triggers call");
        database
    }

    /// Asks again and again until `holds` does.
    ///
    /// # Panics
    /// When it does not within half a minute.
    pub async fn until(&self, holds: impl AsyncFn() -> bool) {
        let start = Instant::now();
        while !holds().await {
            assert!(start.elapsed() < PATIENCE, "it never came\n{}", self.server().log());
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// Fetches a picture and reads its size from its own bytes.
    ///
    /// # Panics
    /// When there is none, or it is neither PNG nor JPEG.
    pub async fn picture_size(&self, url: &str) -> (u32, u32) {
        let response = reqwest::get(url).await.expect("the picture is served");
        assert!(response.status().is_success(), "{}", response.status());
        let bytes = response.bytes().await.expect("the picture is whole");
        crate::picture::size(&bytes).expect("a PNG or JPEG")
    }
}

/// A second server; it ends when dropped.
#[derive(Debug)]
pub struct Beside {
    client: Client,
    _server: Server,
}

impl Beside {
    /// Somebody without an account.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }
}
