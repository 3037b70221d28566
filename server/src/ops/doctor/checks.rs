//! What is looked at, one thing a function.

use super::Finding;
use crate::app::JWT_KEY;
use crate::clock::SystemClock;
use crate::ops::{disk, exposed};
use crate::settings::{Origins, Settings};
use crate::store::sqlite::{self, FILE_NAME, OpenError};
use crate::transport;
use generatio_core::Timestamp;
use generatio_core::fal::Hosts;
use generatio_core::time::Clock;
use reqwest::header::DATE;
use std::io;
use std::path::Path;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Room for some thousand pictures; less is worth a word.
const COMFORTABLE: u64 = 2 * 1024 * 1024 * 1024;
/// How long FAL may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How far the clock may be off: logins, webhooks (300 seconds) and accounts go by it.
const DRIFT: Duration = Duration::from_secs(60);

/// Settings that give something away, alone or together.
pub(super) fn settings(settings: &Settings) -> Vec<Finding> {
    let subject = "settings";
    let mut findings = match settings.refuse_weak() {
        Ok(()) => vec![Finding::well(subject, "a server starts with them")],
        Err(weak) => vec![Finding::wrong(subject, weak.to_string(), "change them: the server does not start")],
    };
    if settings.metrics.is_some_and(|address| !address.ip().is_loopback()) {
        let mend = "give --metrics an address that only your monitoring reaches";
        findings.push(Finding::advice(subject, "metrics are told to others than this machine", mend));
    }
    if settings.origins == Origins::Any && !settings.http.ip().is_loopback() {
        let mend = "name those of your front ends with --origins, if nobody else's pages shall call it";
        findings.push(Finding::advice(subject, "pages of every origin may call the API", mend));
    }
    findings
}

/// The data folder and the keys in it.
pub(super) fn folder(settings: &Settings) -> Vec<Finding> {
    let (subject, folder) = ("data folder", settings.data_dir.as_path());
    let place = folder.display();
    if !folder.is_dir() {
        return vec![Finding::advice(subject, format!("{place} is not there"), "the first start makes it")];
    }
    if exposed::is_open_to_all(folder) {
        let seen = format!("everybody on this machine may look into {place}");
        return vec![Finding::wrong(subject, seen, format!("chmod 700 {place}"))];
    }
    if let Err(error) = tempfile(folder) {
        let mend = format!("give {place} to the user that the server runs as: chown -R USER {place}");
        return vec![Finding::wrong(subject, format!("{place} cannot be written to: {error}"), mend)];
    }
    let key = settings.jwt_key_file.clone().unwrap_or_else(|| folder.join(JWT_KEY));
    let mut findings = vec![Finding::well(subject, format!("{place} is private and can be written to"))];
    if exposed::is_open_to_all(&key) {
        let seen = format!("everybody on this machine may read {}", key.display());
        findings.push(Finding::wrong("login key", seen, format!("chmod 600 {}", key.display())));
    }
    findings
}

/// Makes a file and removes it.
fn tempfile(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!("doctor-{}", std::process::id()));
    std::fs::write(&path, "")?;
    std::fs::remove_file(path)
}

/// Room for what is to come.
pub(super) fn disk(settings: &Settings) -> Vec<Finding> {
    let subject = "disk";
    let mend = "make room, or move the data folder to a larger disk";
    match disk::free(&settings.data_dir) {
        Err(_) if !settings.data_dir.exists() => Vec::new(),
        Err(error) => vec![Finding::wrong(subject, format!("it cannot be asked for its room: {error}"), mend)],
        Ok(free) if free < disk::LEAST => vec![Finding::wrong(subject, format!("{} are free", size(free)), mend)],
        Ok(free) if free < COMFORTABLE => vec![Finding::advice(subject, format!("{} are free", size(free)), mend)],
        Ok(free) => vec![Finding::well(subject, format!("{} are free", size(free)))],
    }
}

fn size(bytes: u64) -> String {
    match bytes / (1024 * 1024) {
        mebibytes if mebibytes < 10 * 1024 => format!("{mebibytes} MiB"),
        mebibytes => format!("{} GiB", mebibytes / 1024),
    }
}

/// The database: its version, its pages, and its sums.
pub(super) fn database(settings: &Settings) -> Vec<Finding> {
    let (subject, path) = ("database", settings.data_dir.join(FILE_NAME));
    if !path.exists() {
        return vec![Finding::advice(subject, "there is none yet", "the first start makes it")];
    }
    let restore = "stop the server, keep a copy of the data folder, and restore the last backup";
    let examined = match sqlite::examine(&path) {
        Ok(examined) => examined,
        Err(error @ OpenError::Older { .. }) => {
            let mend = "the next start brings it up to date: make a backup first";
            return vec![Finding::advice(subject, error.to_string(), mend)];
        }
        Err(error @ OpenError::Newer { .. }) => {
            return vec![Finding::wrong(subject, error.to_string(), "install the newer program again")];
        }
        Err(error) => return vec![Finding::wrong(subject, error.to_string(), restore)],
    };
    let mut findings: Vec<_> = examined.damage.iter().map(|seen| Finding::wrong(subject, seen, restore)).collect();
    if examined.unequal_sums > 0 {
        let seen = format!("{} sums are not those of their ledger rows", examined.unequal_sums);
        findings.push(Finding::wrong(subject, seen, "keep a copy of the data folder, and report it: rows are right"));
    }
    if findings.is_empty() {
        let (users, images, rows) = (examined.users, examined.images, examined.ledger_rows);
        let seen = format!("sound, sums included: {users} users, {images} images, {rows} charges");
        findings.push(Finding::well(subject, seen));
    }
    findings
}

/// Whether FAL is there, and whether its clock says the same as ours.
pub(super) async fn fal_and_clock(settings: &Settings) -> Vec<Finding> {
    let hosts = match settings.fal_url.as_deref().map_or_else(|| Ok(Hosts::fal()), Hosts::at) {
        Ok(hosts) => hosts,
        Err(error) => return vec![Finding::wrong("FAL", error.to_string(), "change --fal-url")],
    };
    match ask(&hosts).await {
        Err(problem) => {
            let mend = format!("let this machine reach {} (HTTPS, name resolution, CA certificates)", hosts.queue());
            vec![Finding::wrong("FAL", problem, mend)]
        }
        Ok(date) => {
            let reached = Finding::well("FAL", format!("{} answers", hosts.queue()));
            std::iter::once(reached).chain(date.map(|theirs| clock(theirs, SystemClock.now()))).collect()
        }
    }
}

/// What time it is there, if the answer says so. Any answer is good: without a key FAL refuses.
async fn ask(hosts: &Hosts) -> Result<Option<Timestamp>, String> {
    let plain = hosts.queue().starts_with("http://");
    let client = transport::client(|builder| match plain {
        true => builder.tls_certs_only([]),
        false => builder.https_only(true),
    });
    let client = client.map_err(|error| error.to_string())?;
    let answer = client.get(hosts.queue()).timeout(PATIENCE).send().await;
    let answer =
        answer.map_err(|error| format!("{} cannot be reached: {}", hosts.queue(), transport::innermost(&error)))?;
    Ok(answer.headers().get(DATE).and_then(|date| moment(date.to_str().ok()?)))
}

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7, the one form that is sent).
fn moment(text: &str) -> Option<Timestamp> {
    let seconds = OffsetDateTime::parse(text, &Rfc2822).ok()?.unix_timestamp();
    Some(Timestamp::from_unix_ms(seconds.checked_mul(1000)?))
}

fn clock(theirs: Timestamp, ours: Timestamp) -> Finding {
    let off = theirs.since(ours).max(ours.since(theirs));
    if off <= DRIFT {
        return Finding::well("clock", "it agrees with FAL's");
    }
    let seen = format!("it is {} seconds off FAL's", off.as_secs());
    Finding::wrong("clock", seen, "set it, and have it kept: timedatectl set-ntp true")
}

#[cfg(test)]
mod tests {
    use super::{clock, moment};
    use crate::ops::doctor::State;
    use generatio_core::Timestamp;

    #[test]
    fn dates_of_answers_are_read() {
        assert_eq!(moment("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Timestamp::from_unix_ms(784_111_777_000)));
        assert_eq!(moment("yesterday"), None);
    }

    #[test]
    fn a_clock_may_be_a_minute_off() {
        let at = |seconds: i64| Timestamp::from_unix_ms(seconds * 1000);
        for (theirs, ours, state) in [
            (1000, 1000, State::Well),
            (1000, 1060, State::Well),
            (1060, 1000, State::Well),
            (1000, 1061, State::Wrong),
            (1061, 1000, State::Wrong),
        ] {
            assert_eq!(clock(at(theirs), at(ours)).state, state, "{theirs} {ours}");
        }
    }
}
