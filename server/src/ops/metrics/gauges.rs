//! What a server holds at the moment it is asked: looked up then, since nobody wants it in between.

use crate::app::App;
use crate::ops::disk;
use crate::store::sqlite;
use generatio_core::time::Clock;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// One gauge for each thing worth watching.
pub(super) struct Gauges {
    sessions: Gauge,
    listeners: Gauge,
    derivations: Gauge,
    running: Gauge,
    ended: Family<Ended, Counter>,
    database: Gauge,
    disk_free: Gauge,
    memory: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Ended {
    state: &'static str,
}

impl Gauges {
    pub(super) fn in_registry(registry: &mut Registry) -> Self {
        let mut gauge = |name: &str, help: &str, unit: Option<Unit>| {
            let gauge = Gauge::default();
            match unit {
                Some(unit) => registry.register_with_unit(name, help, unit, Gauge::clone(&gauge)),
                None => registry.register(name, help, Gauge::clone(&gauge)),
            }
            gauge
        };
        let (sessions, listeners) = (
            gauge("sessions", "Live sessions, each with a FAL token at hand", None),
            gauge("realtime_clients", "Open realtime streams", None),
        );
        let (derivations, running) = (
            gauge("derivations", "Key derivations and password checks that run or wait", None),
            gauge("jobs_running", "Jobs that this process works on", None),
        );
        let bytes = || Some(Unit::Bytes);
        let (database, disk_free, memory) = (
            gauge("database", "The database's files", bytes()),
            gauge("disk_free", "Room on the data folder's disk", bytes()),
            gauge("resident_memory", "Memory that this process has in use", bytes()),
        );
        let ended = Family::default();
        registry.register("jobs_left", "Jobs that this process left, by the state it left them in", ended.clone());
        Self { sessions, listeners, derivations, running, ended, database, disk_free, memory }
    }

    /// Looks at everything.
    pub(super) async fn take(&self, app: &App) {
        self.sessions.set(amount(app.sessions.counts(app.clock.now()).await.active));
        self.listeners.set(amount(app.changes.count()));
        self.derivations.set(amount(app.derivations.busy()));
        let jobs = app.jobs.counts();
        self.running.set(amount(jobs.running));
        for (state, count) in jobs.left {
            self.ended.get_or_create(&Ended { state }).inner().store(count, Ordering::Relaxed);
        }
        let folder = app.settings.data_dir.clone();
        // What cannot be read keeps its last value.
        let Ok(Files { database, free, memory }) = tokio::task::spawn_blocking(move || Files::of(&folder)).await else {
            return;
        };
        for (gauge, seen) in [(&self.database, database), (&self.disk_free, free), (&self.memory, memory)] {
            if let Some(seen) = seen {
                gauge.set(seen);
            }
        }
    }
}

/// What is read from files.
struct Files {
    database: Option<i64>,
    free: Option<i64>,
    memory: Option<i64>,
}

impl Files {
    fn of(folder: &Path) -> Self {
        Self {
            database: database(folder),
            free: disk::free(folder).ok().and_then(|bytes| bytes.try_into().ok()),
            memory: resident(),
        }
    }
}

/// The file and, while there is one, its log.
fn database(folder: &Path) -> Option<i64> {
    let length = |path: PathBuf| path.metadata().ok().and_then(|file| i64::try_from(file.len()).ok());
    let main = length(folder.join(sqlite::FILE_NAME))?;
    Some(main + length(folder.join(format!("{}-wal", sqlite::FILE_NAME))).unwrap_or_default())
}

/// The second number of `/proc/self/statm` (proc_pid_statm(5)), in pages.
fn resident() -> Option<i64> {
    let told = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = told.split(' ').nth(1)?.parse().ok()?;
    i64::try_from(pages.saturating_mul(rustix::param::page_size())).ok()
}

fn amount(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
