//! What a program takes on with the shared library.

use crate::Outcome;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Its size without symbols, and the libraries that it needs, in a line.
pub(crate) fn weight(library: &Path) -> Outcome<String> {
    let stripped = library.with_extension("so.stripped");
    said(Command::new("strip").arg("-o").arg(&stripped).arg(library))?;
    let bytes = fs::metadata(&stripped)?.len();
    fs::remove_file(stripped)?;
    let listed = said(Command::new("ldd").arg(library))?;
    Ok(format!("{bytes} bytes stripped; ldd: {}", names(&listed).join(", ")))
}

fn said(command: &mut Command) -> Outcome<String> {
    let output = command.output().map_err(|error| format!("{command:?} does not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?} ended with {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The first word of each line of ldd's.
fn names(listed: &str) -> Vec<&str> {
    listed.lines().filter_map(|line| line.split_whitespace().next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ldds_lines_begin_with_names() {
        let listed =
            "\tlinux-vdso.so.1 (0x7f)\n\tlibc.so.6 => /lib/libc.so.6 (0x7e)\n\t/lib64/ld-linux-x86-64.so.2 (0x7d)\n";
        assert_eq!(names(listed), ["linux-vdso.so.1", "libc.so.6", "/lib64/ld-linux-x86-64.so.2"]);
    }
}
