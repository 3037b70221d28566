//! One interleaving: a stand-in for FAL that lives through everything, and a server that does not.

use crate::audit::Audit;
use crate::dice::Dice;
use crate::life::Life;
use crate::person::Person;
use crate::post::Post;
use generatio_fal_sim::{Options, Running, Sim};
use generatio_server::app::App;
use generatio_server::settings::{self, Layer, Settings};
use generatio_tests::Client;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long something that must come is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked for.
const INTERVAL: Duration = Duration::from_millis(2);

/// Who is here.
const NAMES: [&str; 3] = ["ada", "bea", "cleo"];

/// Everything one interleaving needs.
pub(crate) struct World {
    /// Decides what happens.
    pub(crate) dice: Dice,
    /// FAL.
    pub(crate) fal: Running,
    /// Its webhooks.
    pub(crate) post: Post,
    /// Looks at rows.
    pub(crate) audit: Audit,
    /// Who uses it.
    pub(crate) people: Vec<Person>,
    /// Lives that ended.
    pub(crate) restarts: u32,
    /// Webhooks that arrived.
    pub(crate) delivered: u32,
    /// The server, for who has no account.
    pub(crate) client: Client,
    life: Option<Life>,
    data: TempDir,
}

impl World {
    /// A server with people, and nothing ordered yet.
    pub(crate) async fn open(seed: u64) -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let fal = Sim::start(Options::immediate()).await.expect("the stand-in starts");
        let post = Post::open().await;
        let life = Life::begin(settings(data.path(), &fal, &post)).await;
        let client = Client::new(life.url());
        let mut people = Vec::new();
        for name in NAMES {
            people.push(Person::register(&client, name).await);
        }
        let audit = Audit::open(data.path());
        let (dice, life) = (Dice::new(seed), Some(life));
        Self { dice, fal, post, audit, people, restarts: 0, delivered: 0, client, life, data }
    }

    /// What is behind the server.
    pub(crate) fn app(&self) -> &Arc<App> {
        self.life.as_ref().expect("a server runs").app()
    }

    /// Ends the server, as a crash does or as an operator does, and starts it again. No session is left.
    pub(crate) async fn restart(&mut self, is_crash: bool) {
        let life = self.life.take().expect("a server runs");
        if is_crash {
            life.crash().await
        } else {
            life.stop().await
        }
        let life = Life::begin(settings(self.data.path(), &self.fal, &self.post)).await;
        self.client = Client::new(life.url());
        self.life = Some(life);
        self.people.iter_mut().for_each(|person| person.moved_to(&self.client));
        self.restarts += 1;
    }

    /// Ends it for good.
    pub(crate) async fn close(mut self) {
        self.life.take().expect("a server runs").stop().await;
    }
}

/// Looks again and again until `holds`, at most `patience`; whether it came.
pub(crate) async fn within(patience: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !holds() {
        if start.elapsed() >= patience {
            return false;
        }
        tokio::time::sleep(INTERVAL).await;
    }
    true
}

/// Waits for what must come.
///
/// # Panics
/// When it does not.
pub(crate) async fn until(what: &str, holds: impl FnMut() -> bool) {
    assert!(within(PATIENCE, holds).await, "it never came: {what}");
}

fn settings(data: &Path, fal: &Running, post: &Post) -> Settings {
    let text = |value: &str| Some(value.into());
    let options = settings::Options {
        http: text("127.0.0.1:0"),
        data_dir: text(data.to_str().expect("a path in UTF-8")),
        fal_url: text(&fal.url()),
        public_url: text(post.url()),
        ..settings::Options::default()
    };
    Settings::resolve(&[Layer::fallback(options)]).expect("settings that are valid")
}
