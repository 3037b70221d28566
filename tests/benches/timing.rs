//! `timing`: whether the time that a refused login takes tells who has an account.
//!
//! Wrong passwords for addresses that have an account, and for as many that have none, in random order, one at a time. A
//! classifier that knows nothing but the time of one login is as good as the area under its curve: the share of pairs,
//! one of each kind, in which the account's login took longer. One half is guessing.

use crate::Outcome;
use clap::{Args, ValueEnum as _};
use generatio_fal_sim::{Options, Sim};
use generatio_tests::Server;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

/// Addresses of each kind. Each is tried many times: what the throttle remembers of them is the same for both.
const ADDRESSES: usize = 20;
/// Logins before any that counts.
const WARM_UP: usize = 40;

/// Options of `generatio-bench timing`.
#[derive(Args)]
pub(crate) struct Timing {
    /// Logins of each kind, for each endpoint and round.
    #[arg(long, value_name = "N", default_value_t = 2000)]
    samples: usize,
    /// How often all of it is done.
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,
}

/// Where one logs in.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Endpoint {
    /// PocketBase's.
    Records,
    /// Ours.
    Custom,
}

/// Starts a server as it comes, but for the throttle, and measures.
pub(crate) fn run(options: &Timing) -> Outcome<Value> {
    let runtime = tokio::runtime::Runtime::new()?;
    let fal = runtime.block_on(Sim::start(Options::immediate()))?;
    let data = tempfile::tempdir()?;
    let arguments = ["--fal-url", &fal.url(), "--throttle-times", "1000000", "--log-level", "error"];
    let server = Server::start(data.path(), &arguments);
    let address = server.url().strip_prefix("http://").ok_or("a URL of ours")?.to_owned();
    for number in 0..ADDRESSES {
        let account =
            json!({ "email": known(number), "password": "right-password-17", "passwordConfirm": "right-password-17" });
        let answer = post(&address, "/api/collections/generatio_users/records", &account)?;
        if !answer.starts_with("HTTP/1.1 200 ") {
            return Err(format!("an account is refused: {answer}").into());
        }
    }
    let mut rounds = Vec::new();
    for round in 0..options.rounds {
        for endpoint in Endpoint::value_variants() {
            rounds.push(measure(&address, *endpoint, round, options.samples)?);
            eprintln!("{}", rounds.last().unwrap_or(&Value::Null));
        }
    }
    Ok(json!({ "samples": options.samples, "rounds": rounds }))
}

/// One round at one endpoint.
fn measure(address: &str, endpoint: Endpoint, round: usize, samples: usize) -> Outcome<Value> {
    let mut dice = Dice(Sha256::digest(format!("{round} {}", endpoint.path())).into(), 0);
    let mut times = [Vec::new(), Vec::new()];
    let mut answers = [None, None];
    for number in 0..WARM_UP + samples {
        // A pair in random order: whatever drifts in between, drifts for both.
        let first = dice.next_bit();
        for is_known in [first, !first] {
            let email = if is_known { known(number % ADDRESSES) } else { unknown(number % ADDRESSES) };
            let form = endpoint.form(&email);
            let began = Instant::now();
            let answer = post(address, endpoint.path(), &form)?;
            let took = began.elapsed().as_secs_f64() * 1000.0;
            let kind = usize::from(is_known);
            if *answers[kind].get_or_insert_with(|| lasting(&answer)) != lasting(&answer) {
                return Err(format!("answers differ: {answer}").into());
            }
            if number >= WARM_UP {
                times[kind].push(took);
            }
        }
    }
    if answers[0] != answers[1] {
        return Err(format!("the answers tell: {answers:?}").into());
    }
    let [unknown, known] = times;
    Ok(json!({
        "endpoint": endpoint.path(),
        "auc": area_under_curve(&known, &unknown),
        "known_ms": median(known),
        "unknown_ms": median(unknown),
    }))
}

impl Endpoint {
    fn path(self) -> &'static str {
        match self {
            Endpoint::Records => "/api/collections/generatio_users/auth-with-password",
            Endpoint::Custom => "/api/custom/auth/login",
        }
    }

    fn form(self, email: &str) -> Value {
        match self {
            Endpoint::Records => json!({ "identity": email, "password": "wrong-password-17" }),
            Endpoint::Custom => json!({ "email": email, "password": "wrong-password-17" }),
        }
    }
}

/// Addresses of one length, whether there is an account or not.
fn known(number: usize) -> String {
    format!("someone-{number:02}@example.com")
}

fn unknown(number: usize) -> String {
    format!("no-body-{number:02}@example.com")
}

/// One exchange on a connection of its own, which the server closes after it.
fn post(address: &str, path: &str, body: &Value) -> Outcome<String> {
    let body = body.to_string();
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// An answer without what differs between any two.
fn lasting(answer: &str) -> String {
    let changes = |line: &&str| line.starts_with("date: ") || line.starts_with("x-request-id: ");
    answer.lines().filter(|line| !changes(line)).collect::<Vec<_>>().join("\n")
}

/// The share of pairs in which the one of `longer` is the larger, ties by half.
fn area_under_curve(longer: &[f64], shorter: &[f64]) -> f64 {
    let wins = longer.iter().map(|long| {
        shorter
            .iter()
            .map(|short| {
                if long > short {
                    1.0
                } else if long < short {
                    0.0
                } else {
                    0.5
                }
            })
            .sum::<f64>()
    });
    wins.sum::<f64>() / (longer.len() as f64 * shorter.len() as f64)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Bits that no pattern of the machine follows, the same in every run.
struct Dice([u8; 32], usize);

impl Dice {
    fn next_bit(&mut self) -> bool {
        if self.1 == 256 {
            *self = Self(Sha256::digest(self.0).into(), 0);
        }
        let bit = self.0[self.1 / 8] >> (self.1 % 8) & 1;
        self.1 += 1;
        bit == 1
    }
}
