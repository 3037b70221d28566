//! The `generatio` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    generatio_server::cli::run()
}
