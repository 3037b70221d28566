//! The header, from the Rust behind it.

use crate::{Outcome, workspace};
use std::fs;

/// The text of `include/generatio.h` as it should be.
pub(crate) fn header() -> Outcome<String> {
    let folder = workspace().join("bindings/c");
    let mut config = cbindgen::Config::from_file(folder.join("cbindgen.toml"))?;
    config.header = Some(fs::read_to_string(folder.join("include/conventions.in"))?);
    config.after_includes = Some(fs::read_to_string(folder.join("include/macros.in"))?);
    let bindings = cbindgen::Builder::new().with_config(config).with_src(folder.join("src/lib.rs")).generate()?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    // The statuses are what programs name most: without the type's name.
    Ok(String::from_utf8(text)?.replace("GENERATIO_STATUS_", "GENERATIO_"))
}
