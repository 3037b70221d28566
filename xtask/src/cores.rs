//! One core for the servers and another for the load, so that what is measured is the server.

use crate::{Outcome, tools};
use std::path::Path;
use std::process::Command;

/// The servers'.
pub(crate) const SERVERS: &str = "0";
/// The load's.
pub(crate) const LOAD: &str = "1";

/// Words before a program that hold it to the servers' core, or to the load's.
pub(crate) const ON_SERVERS: [&str; 3] = ["taskset", "--cpu-list", SERVERS];
pub(crate) const ON_LOAD: [&str; 3] = ["taskset", "--cpu-list", LOAD];

/// Makes sure that programs can be held to a core.
pub(crate) fn can_be_chosen() -> Outcome {
    tools::program("taskset", &["--version"], "util-linux")
}

/// A program on one core, which it then takes for the machine's only one.
pub(crate) fn pinned_to(core: &str, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", core]).arg(program);
    command
}
