//! How many files and connections this process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit as far as the process may by itself, as many servers do: what is set by default is meant for programs
/// that still use `select`. Says how many files that allows; `None` is no limit at all.
pub fn raise() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        // Refused: what there is has to do.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    }
    most()
}

/// How many files may be open; `None` is no limit at all.
#[must_use]
pub fn most() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}
