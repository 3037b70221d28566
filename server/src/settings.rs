//! How a server is set up: every option, declared once, and the values it ends up with.
//!
//! An option has one name in three spellings: the flag `--data-dir`, the variable `GENERATIO_DATA_DIR` and the key
//! `data-dir` of the configuration file. The first of them that is given wins, in this order; then comes the default.
//! None of them holds a secret: those live in files that the options name.

#[macro_use]
mod table;
mod error;
mod layers;
mod printed;
mod values;
mod weak;

pub use error::{Origin, SettingsError};
pub use layers::{Layer, layers};
pub use printed::{ExampleFile, OptionHelp, OptionTable};
pub use values::{Custodies, LogFormat, LogLevel, Origins, Registration};
pub use weak::WeakSettings;

use crate::auth::proxies::TrustedProxies;
use crate::page::PagePolicy;
use generatio_core::cost::PriceBook;
use generatio_core::seal::{Iterations, Version};
use printed::first;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Most PBKDF2 iterations of a sealed token that this server takes or opens.
pub const MAX_ITERATIONS: u32 = 2_000_000;

const MOMENT: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

settings! {
    ["Server"]
    http: SocketAddr = required(values::address, "127.0.0.1:8090"), "ADDRESS",
        "Address and port to listen on; port 0 picks a free one";
    tls_cert_file: Option<PathBuf> = optional(values::path), "FILE",
        "PEM file of the certificate to serve HTTPS with, and of those that sign it; read again at SIGHUP";
    tls_key_file: Option<PathBuf> = optional(values::path), "FILE",
        "PEM file of the certificate's private key; read again at SIGHUP";
    plain_http: bool = required(values::switch, "off"), "SWITCH",
        "Whether others than this machine are served without TLS: on behind a proxy that adds it, or off";
    metrics: Option<SocketAddr> = optional(values::address), "ADDRESS",
        "Address and port to tell Prometheus at what the server counts, under /metrics and nothing else";
    data_dir: PathBuf = required(values::path, "./generatio_data"), "DIR",
        "Folder of the database, keys and pictures; made at the first start";
    origins: Origins = required(values::origins, "*"), "LIST",
        "Web origins whose pages may call the API, separated by commas; * for all";
    trusted_proxies: TrustedProxies = required(values::trusted_proxies, "none"), "LIST",
        "Proxies whose X-Forwarded-For names the client: addresses or networks (10.0.0.0/8), separated by commas; none";
    max_body_bytes: usize = required(values::bytes(1024..=64 * 1024 * 1024), "1MiB"), "SIZE",
        "Largest request body that is read";
    public_dir: Option<PathBuf> = optional(values::path), "DIR",
        "Folder of a front end, served at / instead of the built-in page";
    page_policy: Option<PagePolicy> = optional(values::page_policy), "POLICY",
        "What pages may load: strict (this server and FAL) or none (anything); strict, but none with --public-dir";

    ["Accounts and sessions"]
    registration: Registration = required(values::registration, "open"), "WHO",
        "Who may make an account: open (everybody), invite (who has a code of generatio user invite) or closed (nobody)";
    throttle_times: u32 = required(values::count(1..=1_000_000), "1"), "COUNT",
        "How many times the usual number of logins and registrations is let in; above 1 only to measure, on an address of this machine";
    jwt_ttl: Duration = required(values::duration(MINUTE..=365 * DAY), "7d"), "TIME",
        "How long a login lasts";
    jwt_key_file: Option<PathBuf> = optional(values::path), "FILE",
        "File of the key that signs logins, instead of jwt.key in the data folder";
    session_ttl: Duration = required(values::duration(MINUTE..=90 * DAY), "24h"), "TIME",
        "How long a session keeps the FAL token at hand, sealed";
    sweep_interval: Duration = required(values::duration(SECOND..=DAY), "1h"), "TIME",
        "How often expired data is removed";

    ["FAL tokens"]
    custody: Custodies = required(values::custody, "password,sealed,direct"), "LIST",
        "Ways a FAL token may be kept: password (the server opens it), sealed (the client does), direct (never sent)";
    seal_format: Version = required(values::seal_format, "v2"), "FORMAT",
        "Format for sealing tokens; v1 only to go back to the original server";
    pbkdf2_iterations: Iterations = required(values::iterations, "600000"), "COUNT",
        "Work per guess at a sealed token's password";

    ["Generation"]
    fal_url: Option<String> = optional(values::fal_url), "URL",
        "Where FAL is, if not at fal.ai: https, or http on this machine";
    public_url: Option<String> = optional(values::public_url), "URL",
        "Where others reach this server, FAL with news of jobs and browsers for files: https, or http on this machine";
    fal_timeout: Duration = required(values::duration(SECOND..=DAY), "10m"), "TIME",
        "How long a picture may take before it is canceled";
    fal_grace: Duration = required(values::duration(SECOND..=DAY), "15m"), "TIME",
        "How long a canceled picture is watched on before its job is called unknown";
    result_wait: Duration = required(values::duration(SECOND..=HOUR), "5m"), "TIME",
        "How long a finished picture is asked for before its job waits for the next session";
    sync_wait: Duration = required(values::duration(MOMENT..=HOUR), "9m"), "TIME",
        "How long a request waits for its pictures before it is answered with the job";
    event_heartbeat: Duration = required(values::duration(MOMENT..=HOUR), "15s"), "TIME",
        "How often a silent stream of a job's events says that it is alive";
    max_running_jobs: u32 = required(values::count(1..=1000), "8"), "COUNT",
        "Most jobs of one user at a time";
    direct_wait: Duration = required(values::duration(MINUTE..=30 * DAY), "1h"), "TIME",
        "How long a client that runs a job itself may be silent before the job is called unknown";
    prices: PriceBook = required(values::prices, "catalog"), "BOOK",
        "Whose prices the accounts follow: catalog (per picture) or fal (what FAL bills)";
    keep_pictures: bool = required(values::switch, "off"), "SWITCH",
        "Whether each picture is copied from FAL into the data folder: on or off";
    catalog_file: Option<PathBuf> = optional(values::path), "FILE",
        "JSON file of models to add or replace";

    ["Logs"]
    audit_keep: Duration = required(values::duration(DAY..=3650 * DAY), "90d"), "TIME",
        "How long the audit log remembers what accounts and operators did";
    audit_rows: u32 = required(values::count(1000..=10_000_000), "100000"), "COUNT",
        "Most entries of the audit log; beyond them the oldest go";
    log_level: LogLevel = required(values::log_level, "info"), "LEVEL",
        "What to log to stderr: error, warn, info, debug or trace";
    log_format: LogFormat = required(values::log_format, "text"), "FORMAT",
        "How to log it: text or json";
}

/// A length of time as options write it: `24h`, `7d`.
pub(crate) fn age(text: &str) -> Result<Duration, String> {
    values::duration(MOMENT..=36_500 * DAY)(text)
}

impl Default for Settings {
    /// What `generatio serve` uses when nothing is given.
    fn default() -> Self {
        Self::resolve(&[]).expect("the table's defaults are valid")
    }
}

#[cfg(test)]
mod tests;
