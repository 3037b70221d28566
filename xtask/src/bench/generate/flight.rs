//! What a thousand jobs at the same time take of the server's memory.

use super::SETUP;
use crate::Outcome;
use crate::api::{Api, mismatch};
use crate::bench::caller::{Caller, order};
use crate::bench::figures::{counted, shown};
use crate::bench::usage::resident_mb;
use crate::folder::Folder;
use crate::servers::{Servers, Setup};
use std::fmt;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// How many jobs.
const IN_FLIGHT: u32 = 1000;
/// Generations before, which fill caches.
const QUICK: u32 = 100;
/// Longer than all of this takes.
const LATENCY_MS: u32 = 600_000;
/// Between two looks, of which there are so many at most.
const LOOK: Duration = Duration::from_millis(500);
const LOOKS: u32 = 60;

/// Megabytes before and with them.
pub(super) struct Flight {
    pub(super) before_mb: f64,
    pub(super) flying_mb: f64,
    pub(super) quick: u32,
}

impl Flight {
    /// Has so many begun, and looks when the server's memory grows no more.
    pub(super) fn look(generatio: &Path, folder: &Folder) -> Outcome<Self> {
        println!("{} at a time …", counted(IN_FLIGHT));
        let servers = Servers::start(generatio, folder, &Setup { latency_ms: LATENCY_MS, ..SETUP })?;
        let caller = Caller::sign_up(&servers.url)?;
        for _ in 0..QUICK {
            caller.generate(&order(r#"A heron [[sim: {"latency_ms": 0, "queue_ms": 0}]]"#))?;
        }
        let before_mb = resident_mb(servers.server_id())?;
        for _ in 0..IN_FLIGHT {
            caller.begin(&order("A heron on a jetty in the fog"))?;
        }
        let flying_mb = settled_mb(&servers, before_mb)?;
        Ok(Self { before_mb, flying_mb, quick: QUICK })
    }
}

/// When the stand-in has all of them, and the server's memory has not grown since the last look.
fn settled_mb(servers: &Servers, mut last: f64) -> Outcome<f64> {
    let fal = Api::new(&servers.fal_url);
    let mut taken = 0;
    for _ in 0..LOOKS {
        sleep(LOOK);
        let book = fal.get("/sim/book")?.ok()?;
        taken = book["requests"].as_array().map_or(0, Vec::len);
        let now = resident_mb(servers.server_id())?;
        if taken >= usize::try_from(IN_FLIGHT + QUICK)? && now <= last {
            return Ok(now);
        }
        last = now;
    }
    Err(mismatch(&format!("{} requests at the stand-in, and no growth", IN_FLIGHT + QUICK), taken).into())
}

impl fmt::Display for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { before_mb, flying_mb, quick } = self;
        let each = (flying_mb - before_mb) * 1e6 / f64::from(IN_FLIGHT);
        write!(
            f,
            "With {} jobs of one user in flight, each followed over its own connection to the stand-in, which is in \
             no hurry, the server's resident memory is {} MB; before, after {quick} generations, it was {} MB: {} bytes a job.",
            counted(IN_FLIGHT),
            shown(*flying_mb),
            shown(*before_mb),
            shown(each),
        )
    }
}
