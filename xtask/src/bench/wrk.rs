//! A load by `wrk`: whole requests from a file, by turns, over connections that ask again as soon as they have an
//! answer.

use super::pinned::PINNED;
use crate::cores::{self, pinned_to};
use crate::{Outcome, process, tools};
use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Makes sure that it is there.
pub(super) fn is_there() -> Outcome {
    // It has no word for this that ends well; to tell its version it ends with 1.
    tools::program("sh", &["-c", "command -v wrk"], "wrk")
}

/// Its name and version.
pub(super) fn version() -> String {
    let told = Command::new("wrk").arg("--version").output();
    let told = told.map(|told| String::from_utf8_lossy(&told.stdout).into_owned()).unwrap_or_default();
    // `wrk debian/4.1.0-3 [epoll] Copyright …`
    told.split(" [").next().filter(|told| told.starts_with("wrk")).unwrap_or("wrk of unknown version").to_owned()
}

/// A request.
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    /// Path and query.
    pub(super) path: &'a str,
    /// Besides those that every request has.
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: Option<&'a Value>,
}

impl<'a> Request<'a> {
    /// Asks for what is at `path`.
    pub(super) fn get(path: &'a str, headers: &'a [(&'a str, &'a str)]) -> Self {
        Self { method: "GET", path, headers, body: None }
    }

    /// Sends JSON.
    pub(super) fn post(path: &'a str, headers: &'a [(&'a str, &'a str)], body: &'a Value) -> Self {
        Self { method: "POST", path, headers, body: Some(body) }
    }

    /// As HTTP/1.1 has it.
    fn text(&self) -> String {
        let mut text = format!("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\n", self.method, self.path);
        for (name, value) in self.headers {
            // Writing to a String does not fail.
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let body = self.body.map(Value::to_string).unwrap_or_default();
        if self.body.is_some() {
            let _ = write!(text, "Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        }
        text + "\r\n" + &body
    }
}

/// Requests in a file, for a server.
pub(super) struct Load {
    url: String,
    file: PathBuf,
}

impl Load {
    /// Writes them to `file`. They are for the server at `url`.
    pub(super) fn of(url: &str, file: PathBuf, requests: &[Request<'_>]) -> Outcome<Self> {
        let texts: Vec<String> = requests.iter().map(|request| request.text() + "\0").collect();
        fs::write(&file, texts.concat())?;
        Ok(Self { url: url.to_owned(), file })
    }

    /// Answers a second, all of them good ones, from the load's own core.
    pub(super) fn per_second(&self, connections: u32, seconds: u32) -> Outcome<f64> {
        let mut wrk = pinned_to(cores::LOAD, Path::new("wrk"));
        wrk.args(["--threads", "1", "--connections", &connections.to_string(), "--duration", &format!("{seconds}s")]);
        wrk.arg("--script").arg(process::workspace().join(PINNED).join("requests.lua"));
        wrk.arg(&self.url).arg("--").arg(&self.file);
        let mut printed = Vec::new();
        let status = process::run_reading(wrk, |line| printed.push(line.to_owned()))?;
        let rate = if status.success() { rate(&printed) } else { None };
        Ok(rate.ok_or_else(|| format!("wrk ended with {status}:\n{}", printed.join("\n")))?)
    }
}

/// The rate that it printed, unless some answers were bad or missing.
fn rate(printed: &[String]) -> Option<f64> {
    if printed.iter().any(|line| ["Non-2xx", "Socket errors"].iter().any(|word| line.trim().starts_with(word))) {
        return None;
    }
    let rate = printed.iter().find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    rate?.trim().parse().ok().filter(|rate| *rate > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn requests_are_whole() {
        let get = Request::get("/a?b=1", &[("Authorization", "t")]).text();
        assert_eq!(get, "GET /a?b=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: t\r\n\r\n");
        let post = Request::post("/a", &[], &json!({ "ä": 1 })).text();
        assert!(post.ends_with("Content-Length: 8\r\n\r\n{\"ä\":1}"), "{post}");
    }

    #[test]
    fn a_rate_is_one_of_good_answers() {
        let printed = |more: &str| -> Vec<String> {
            let all = format!(
                "Running 1s test @ http://127.0.0.1:1\n  12 requests in 1.00s, 3.45KB read\n{more}Requests/sec:  70512.34\n"
            );
            all.lines().map(str::to_owned).collect()
        };
        assert_eq!(rate(&printed("")), Some(70_512.34));
        assert_eq!(rate(&printed("  Non-2xx or 3xx responses: 3\n")), None);
        assert_eq!(rate(&printed("  Socket errors: connect 0, read 1, write 0, timeout 0\n")), None);
        assert_eq!(rate(&["Requests/sec:      0.00".to_owned()]), None);
    }
}
