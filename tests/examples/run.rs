//! One run of an example: a folder and a stand-in of its own, and what was printed.

use crate::face::Face;
use generatio_core::seal::{Iterations, seal};
use generatio_core::{Password, SecretText};
use generatio_fal_sim::{Book, Options, Running, Sim};
use generatio_testkit::rng::SeededRng;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

/// The one key that is good.
pub(crate) const KEY: &str = "story:opens-the-stand-in";
const PASSWORD: &str = "quiet harbour 42";
/// Longest run of an example, which takes seconds.
const PATIENCE: Duration = Duration::from_secs(120);
/// Milliseconds a picture takes: some progress is seen on the way.
const LATENCY_MS: u64 = 100;

/// Where an example runs.
pub(crate) struct Stage {
    folder: TempDir,
    fal: Running,
}

/// How it ended, and all it printed on both streams.
pub(crate) struct Ran {
    pub(crate) well: bool,
    pub(crate) printed: String,
}

impl Stage {
    pub(crate) async fn start(face: Face) -> Self {
        // Building blocks for minutes; the stand-in must not wait for it on this thread.
        tokio::task::spawn_blocking(move || face.command()).await.expect("it is built");
        let keys = vec![KEY.parse().expect("a key")];
        let options = Options { latency: LATENCY_MS, keys, ..Options::immediate() };
        let fal = Sim::start(options).await.expect("the stand-in starts");
        Self { folder: tempfile::tempdir().expect("a temporary directory"), fal }
    }

    pub(crate) async fn run(&self, face: Face, key: Option<&str>) -> Ran {
        let (program, arguments) = face.command().split_first().expect("a program");
        let mut command = Command::new(program);
        command.args(arguments).arg(self.picture_path()).arg(self.sealed()).current_dir(&self.folder);
        command.env_clear().envs(face.environment());
        command
            .env("FAL_URL", self.fal.url())
            .env("GENERATIO_PASSWORD", PASSWORD)
            .envs(key.map(|key| ("FAL_KEY", key)));
        let ran = timeout(PATIENCE, command.kill_on_drop(true).output()).await;
        let output = ran.unwrap_or_else(|_| panic!("{face:?} goes on and on")).expect("the example starts");
        let printed = [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat();
        Ran { well: output.status.success(), printed }
    }

    pub(crate) fn book(&self) -> Book {
        self.fal.book()
    }

    pub(crate) fn sealed(&self) -> PathBuf {
        self.folder.path().join("sealed-key.txt")
    }

    pub(crate) fn picture_path(&self) -> PathBuf {
        self.folder.path().join("picture.png")
    }

    pub(crate) fn picture(&self) -> Vec<u8> {
        std::fs::read(self.picture_path()).expect("the picture was saved")
    }
}

impl Ran {
    pub(crate) fn holds_no_secret(&self) {
        for secret in [KEY, KEY.split_once(':').expect("two halves").1, PASSWORD] {
            assert!(!self.printed.contains(secret), "a secret was printed\n{}", self.printed);
        }
    }
}

/// A key, sealed under this password by core.
pub(crate) fn sealed(password: &str) -> String {
    let password = Password::new(password.to_owned());
    let key = SecretText::new(KEY.to_owned());
    let sealed = seal(&key, &password, "", Iterations::DEFAULT, &mut SeededRng::new(1)).expect("it is sealed");
    sealed.as_str().to_owned()
}

/// Width and height of a whole PNG: from its first chunk to its last.
pub(crate) fn seen(bytes: &[u8]) -> Option<(u32, u32)> {
    let size = generatio_tests::picture_size(bytes)?;
    bytes.ends_with(b"IEND\xaeB`\x82").then_some(size)
}
