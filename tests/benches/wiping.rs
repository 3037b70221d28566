//! `wiping`: what it costs that the server wipes what it frees, beside a build of it that does not.

use crate::Outcome;
use clap::Args;
use generatio_fal_sim::{Options, Sim};
use generatio_tests::{Client, Server, Setup, Starting, User};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tempfile::TempDir;

/// Pictures in the library that is listed.
const PICTURES: usize = 20;

/// Options of `generatio-bench wiping`.
#[derive(Args)]
pub(crate) struct Wiping {
    /// The server without it, built with the feature `plain-allocator`; the one with it is in `GENERATIO_BIN`.
    #[arg(long, value_name = "FILE")]
    plain: PathBuf,
    /// How often each has its turn.
    #[arg(long, value_name = "N", default_value_t = 9)]
    rounds: usize,
    /// Lists of a library per turn.
    #[arg(long, value_name = "N", default_value_t = 2000)]
    requests: usize,
    /// Logins per turn.
    #[arg(long, value_name = "N", default_value_t = 20)]
    logins: usize,
}

/// A server with somebody who has pictures.
struct Contender {
    server: Server,
    client: Client,
    user: User,
    _data: TempDir,
}

/// Lets both list pictures and log people in by turns.
pub(crate) fn run(options: &Wiping) -> Outcome<Value> {
    tokio::runtime::Runtime::new()?.block_on(measure(options))
}

async fn measure(options: &Wiping) -> Outcome<Value> {
    let fal = Sim::start(Options::immediate()).await?;
    let contenders =
        [Contender::start(&fal.url(), None).await?, Contender::start(&fal.url(), Some(&options.plain)).await?];
    let mut figures = [[const { Vec::new() }; 4], [const { Vec::new() }; 4]];
    for _ in 0..options.rounds {
        for (contender, figures) in contenders.iter().zip(&mut figures) {
            let (lists, lists_cpu) = contender.timed(options.requests, async || contender.list().await).await?;
            let (logins, logins_cpu) = contender.timed(options.logins, async || contender.log_in().await).await?;
            for (all, figure) in figures.iter_mut().zip([lists, lists_cpu, logins, logins_cpu]) {
                all.push(figure);
            }
        }
    }
    let [wiping, plain] = figures.map(|[list, list_cpu, login, login_cpu]| {
        json!({ "list_us": list, "list_cpu_us": list_cpu, "login_us": login, "login_cpu_us": login_cpu })
    });
    Ok(json!({ "wiping": wiping, "plain": plain }))
}

impl Contender {
    async fn start(fal: &str, program: Option<&Path>) -> Outcome<Self> {
        let data = tempfile::tempdir()?;
        let arguments = ["--fal-url", fal, "--throttle-times", "1000000", "--log-level", "error"];
        let setup = Setup { program, ..Setup::default() };
        let server = Starting::spawn(data.path(), &arguments, setup).listening();
        let client = Client::new(server.url());
        let mut user = User::register(&client, "someone@example.com").await;
        user.set_up().await;
        for _ in 0..PICTURES {
            user.generate("flux/schnell", "a heron", json!({})).await.ok();
        }
        // Lists do not name a session: their connections are kept.
        user.session = None;
        Ok(Self { server, client, user, _data: data })
    }

    async fn list(&self) {
        self.user.get("/api/collections/images/records?perPage=20&sort=-created").await.ok();
    }

    async fn log_in(&self) {
        User::log_in(&self.client, &self.user.email, generatio_tests::PASSWORD).await;
    }

    /// Microseconds that each takes, one after the other: of time, and of this server's processors.
    async fn timed(&self, count: usize, work: impl AsyncFn()) -> Outcome<(f64, f64)> {
        let (began, used) = (Instant::now(), self.used_us()?);
        for _ in 0..count {
            work().await;
        }
        let each = |all: f64| all / count as f64;
        Ok((each(began.elapsed().as_secs_f64() * 1e6), each(self.used_us()? - used)))
    }

    /// What its threads have run so far, microseconds.
    fn used_us(&self) -> Outcome<f64> {
        let mut sum = 0.0;
        for task in fs::read_dir(format!("/proc/{}/task", self.server.pid()))? {
            // Its first number is nanoseconds on a processor. A thread that has ended meanwhile is left out.
            let line = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
            sum += line.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or_default();
        }
        Ok(sum / 1000.0)
    }
}
