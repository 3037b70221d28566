//! How an operator's command reaches a running server: a Unix socket in the data folder, mode 0600, that answers its
//! own user alone.
//!
//! What is kept in the database commands read and write there; over the socket goes what only the process knows: sessions,
//! and which key signs. One connection is one question and its answer, each a line of JSON.

mod answer;

pub use answer::Door;

use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The socket's name in the data folder.
pub const NAME: &str = "control.sock";
/// Longest path that a socket's address holds, with room to spare.
const LONGEST: usize = 100;
/// Longest line either side reads, in bytes.
const LINE: u64 = 1 << 20;
/// How long either side waits for the other's line.
const PATIENCE: Duration = Duration::from_secs(10);

/// What may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Question {
    /// Ends the user's session of this handle, or all.
    EndSessions {
        /// Whose.
        user: String,
        /// Which one; all of them without.
        handle: Option<String>,
    },
    /// Lets a new key sign logins.
    Rekey {
        /// Whether those that others signed end at once.
        void_old: bool,
    },
    /// Lists the user's sessions.
    Sessions {
        /// Whose.
        user: String,
    },
    /// Forgets what the process itself counted against the user's account.
    Unlock {
        /// Whose.
        user: String,
    },
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// So many sessions were ended.
    Ended(usize),
    /// Nothing was done; why.
    Refused(String),
    /// A key signs from now on.
    Rekeyed {
        /// Its name.
        id: String,
        /// Until when the others open what they signed, in Unix milliseconds; none are left without.
        old_until_ms: Option<i64>,
    },
    /// The user's sessions, oldest first.
    Sessions(Vec<SessionLine>),
    /// Nothing is counted against the account any more.
    Unlocked,
}

/// A session, without anything that opens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionLine {
    /// Names it.
    pub handle: String,
    /// What its user calls it.
    pub label: String,
    /// When it began, RFC 3339.
    pub created: String,
    /// Last moment it opens, RFC 3339.
    pub expires: String,
}

/// Asks the server that runs on a data folder; `None` when none does. Blocks for up to ten seconds.
///
/// # Errors
/// A server is there and does not answer.
pub fn ask(data_dir: &Path, question: &Question) -> io::Result<Option<Answer>> {
    let (path, _directory) = match address(data_dir) {
        Ok(address) => address,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let stream = match UnixStream::connect(path) {
        Ok(stream) => stream,
        // A killed server leaves its socket behind.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(question)?;
    line.push(b'\n');
    (&stream).write_all(&line)?;
    let mut answer = Vec::new();
    BufReader::new(stream.take(LINE)).read_until(b'\n', &mut answer)?;
    Ok(Some(serde_json::from_slice(&answer)?))
}

/// The path of the socket. One that is too long for an address goes through a handle of the folder, which lives as long
/// as it is needed.
fn address(data_dir: &Path) -> io::Result<(PathBuf, Option<File>)> {
    let path = fs::canonicalize(data_dir)?.join(NAME);
    if path.as_os_str().len() <= LONGEST || !cfg!(target_os = "linux") {
        return Ok((path, None));
    }
    let directory = File::open(data_dir)?;
    Ok((PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd())).join(NAME), Some(directory)))
}
