//! What can be set when a stand-in is started. The same fields are the flags of `generatio fal-sim`.

use crate::fault::Fault;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

/// A stand-in for FAL: its queue protocol, real pictures, and faults on request
///
/// Any key of the form id:secret is good, unless its id begins with "bad-". The first line is also what `--help` says;
/// `Options::default` is what the command line gives without flags.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct Options {
    /// Address to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value_t = default_address())]
    pub http: SocketAddr,

    /// Milliseconds a model takes; 0 finishes at once
    #[arg(long, value_name = "MS", default_value_t = 300)]
    pub latency: u64,

    /// Milliseconds a request waits in the queue [default: 50, or 0 with --latency 0]
    #[arg(long, value_name = "MS")]
    pub queue_delay: Option<u64>,

    /// How many made-up requests are ahead of each new one; they go by while it waits
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub queue_length: u32,

    /// Log lines a model writes while it runs
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub logs: u32,

    /// Something to go wrong; may be given several times
    #[arg(long = "fault", value_name = "NAME", value_enum)]
    pub faults: Vec<Fault>,

    /// How often each fault strikes before things go well; 0 = always
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub fault_times: u32,

    /// The keys that are good, as id:secret; without this any is, unless its id begins with "bad-"
    #[arg(long = "key", value_name = "ID:SECRET")]
    pub keys: Vec<GoodKey>,

    /// Seconds a result stays readable [default: 3600, or 360 when it is 10 KB or more]
    #[arg(long, value_name = "SECONDS")]
    pub expire_after: Option<u64>,

    /// Makes the seeds drawn for requests without one repeat from run to run
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// Sign webhooks as if so many seconds ago
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub webhook_age: u64,

    /// Deliver no webhooks
    #[arg(long)]
    pub no_webhooks: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            http: default_address(),
            latency: 300,
            queue_delay: None,
            queue_length: 0,
            logs: 4,
            faults: Vec::new(),
            fault_times: 1,
            keys: Vec::new(),
            expire_after: None,
            seed: None,
            webhook_age: 0,
            no_webhooks: false,
        }
    }
}

impl Options {
    /// Settings for tests: a free port, and results at once.
    #[must_use]
    pub fn immediate() -> Self {
        Self { http: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), latency: 0, ..Self::default() }
    }
}

fn default_address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 8091))
}

/// A key of the stand-in, `id:secret`. It opens nothing but the stand-in; all the same it is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct GoodKey(String);

impl GoodKey {
    /// Whether this is the key whose text is `text`.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.0 == text
    }
}

impl FromStr for GoodKey {
    type Err = GoodKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((id, secret)) if !id.is_empty() && !secret.is_empty() => Ok(Self(text.to_owned())),
            _ => Err(GoodKeyError),
        }
    }
}

impl fmt::Debug for GoodKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoodKey").finish_non_exhaustive()
    }
}

/// A key without both of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is an id and a secret with a colon between them")]
pub struct GoodKeyError;

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn no_flags_are_the_defaults() {
        assert_eq!(Command::parse_from(["fal-sim"]).options, Options::default());
    }

    #[test]
    fn flags_are_read() {
        let line =
            "fal-sim --http 127.0.0.1:0 --latency 0 --fault submit_429 --fault flagged --fault-times 0 --key a:b";
        let options = Command::parse_from(line.split(' ')).options;
        assert_eq!(options.faults, [Fault::Submit429, Fault::Flagged]);
        assert_eq!((options.latency, options.fault_times, options.http.port()), (0, 0, 0));
        assert!(options.keys[0].is("a:b"));
        assert!(Command::try_parse_from(["fal-sim", "--fault", "submit_418"]).is_err());
        assert!(Command::try_parse_from(["fal-sim", "--key", "no-colon"]).is_err());
    }

    #[test]
    fn keys_are_not_printed() {
        assert!(!format!("{:?}", "name:hush-hush".parse::<GoodKey>().unwrap()).contains("hush"));
    }
}
