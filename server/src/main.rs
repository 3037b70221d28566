//! The `generatio` binary.

fn main() {}
