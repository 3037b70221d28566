//! The FAL client of the C library over real sockets: against the stand-in and its faults, over callbacks and in steps.

use crate::installed::{all, built_of, source, workspace};
use generatio_fal_sim::{Options, Running, Sim};
use generatio_tests::Mailbox;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpSocket;
use tokio::process::Command;
use tokio::time::timeout;

/// Longest run of the program, which takes seconds.
const PATIENCE: Duration = Duration::from_secs(180);
/// Milliseconds a picture takes: some progress is seen on the way.
const LATENCY_MS: u64 = 100;
/// What the stand-in takes of a run, with and without the submit that is cut off as soon as it is sent.
const TAKEN: [u64; 2] = [18, 19];

/// The program, and who it talks to.
struct Stage {
    folder: TempDir,
    program: PathBuf,
    fal: Running,
}

impl Stage {
    async fn start() -> Self {
        // Building blocks; the stand-in must not wait for it on this thread.
        let built = tokio::task::spawn_blocking(|| {
            let folder = tempfile::tempdir().unwrap();
            let examples = workspace().join("examples/c");
            let sources = [source("client.c"), examples.join("courier.c"), examples.join("http.c")];
            let include = format!("-I{}", examples.display());
            let flags =
                ["-D_POSIX_C_SOURCE=200809L", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", &include];
            let program = built_of(folder.path(), "client", &sources, &flags);
            (folder, program)
        });
        let (folder, program) = built.await.unwrap();
        let fal = Sim::start(Options { latency: LATENCY_MS, ..Options::immediate() }).await.unwrap();
        Self { folder, program, fal }
    }

    fn command(&self, way: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(way).arg(self.fal.url()).current_dir(&self.folder).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

fn went_well(output: &Output) {
    assert!(output.status.success() && output.stdout == b"all went well\n", "{}", all(output));
}

async fn stories(way: &str) {
    let stage = Stage::start().await;
    // Taken, so that nobody else listens there; nobody does at all.
    let dead = TcpSocket::new_v4().unwrap();
    dead.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let mut command = stage.command(way);
    let output = timeout(PATIENCE, command.arg(format!("http://{}", dead.local_addr().unwrap())).output())
        .await
        .expect("it ends")
        .unwrap();
    went_well(&output);
    let book = stage.fal.book();
    assert!(TAKEN.contains(&book.submissions), "{book:?}");
    assert_eq!(book.keys_sent_to_cdn, 0);
}

#[tokio::test]
async fn over_callbacks() {
    stories("run").await;
}

#[tokio::test]
async fn step_by_step() {
    stories("steps").await;
}

async fn webhook(way: &str) {
    let (stage, mailbox) = (Stage::start().await, Mailbox::open().await);
    let mut command = stage.command(way);
    let mut child = command.args(["webhook", &format!("{}/hook", mailbox.url())]).spawn().unwrap();
    let letter = mailbox.take().await;
    let header = |name: &str| letter.headers[&format!("x-fal-webhook-{name}")].clone();
    let mut lines = ["request-id", "user-id", "timestamp", "signature"].map(header).join("\n").into_bytes();
    lines.push(b'\n');
    lines.extend(&letter.body);
    lines.push(b'\n');
    let mut input = child.stdin.take().unwrap();
    input.write_all(&lines).await.unwrap();
    drop(input);
    went_well(&timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").unwrap());
}

#[tokio::test]
async fn webhooks_are_judged_over_callbacks() {
    webhook("run").await;
}

#[tokio::test]
async fn webhooks_are_judged_step_by_step() {
    webhook("steps").await;
}
