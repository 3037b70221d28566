//! The `generatio` binary.

#[cfg(any(test, not(feature = "plain-allocator")))]
mod allocator;

use std::process::ExitCode;

#[cfg(not(feature = "plain-allocator"))]
#[global_allocator]
static ALLOCATOR: allocator::Wiping = allocator::Wiping;

fn main() -> ExitCode {
    generatio_server::cli::run()
}
