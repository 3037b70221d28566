//! No image of this process's memory when it crashes: it would be that memory, with whatever a request under way needs.

use rustix::process::{Resource, Rlimit, setrlimit};

/// A core file of one byte is none. Unlike zero it also keeps the kernel from handing the image to a program that the
/// system has for it (`core_pattern(5)`, a pipe).
const NONE: Option<u64> = Some(1);

/// Has the system write none. Beyond that, other processes of the same user may not read this one's memory any more; those
/// of a debug build may, for debuggers and tests.
pub fn refuse() {
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current: NONE, maximum: NONE }) {
        tracing::warn!(%error, "the size of core files cannot be limited");
    }
    #[cfg(all(target_os = "linux", not(debug_assertions)))]
    if let Err(error) = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "the memory cannot be closed to other processes");
    }
}
