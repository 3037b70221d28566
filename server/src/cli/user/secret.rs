//! Passwords, from a file or standard input: a command line is everybody's to read.

use super::super::CliError;
use clap::Args;
use generatio_core::Password;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Most bytes that are read; a password has fewer.
const LONGEST: usize = 4096;

/// Where a password comes from.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// Read the password from this file instead of standard input; its first line is it
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Source {
    pub(super) fn read(&self) -> Result<Password, CliError> {
        let read = match &self.password_file {
            Some(path) => File::open(path).and_then(first_line),
            None => {
                if io::stdin().is_terminal() {
                    eprintln!("The new password, which is shown as you type it:");
                }
                first_line(io::stdin().lock())
            }
        };
        read.map_err(CliError::Password)
    }
}

/// The text up to the first line's end, which may be missing.
fn first_line(source: impl Read) -> io::Result<Password> {
    // At its final size, so that no copy is left behind by growing.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = [0];
    let mut source = source.take(LONGEST as u64);
    while source.read(&mut byte)? == 1 && byte[0] != b'\n' {
        bytes.push(byte[0]);
    }
    let line = bytes.strip_suffix(b"\r").unwrap_or(&bytes);
    let text = std::str::from_utf8(line).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8"))?;
    if text.is_empty() {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is empty"));
    }
    Ok(Password::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::first_line;

    #[test]
    fn the_first_line_is_the_password() {
        for (text, expected) in [("a b", "a b"), (" a\n", " a"), ("a\r\nb", "a"), ("ü\n\n", "ü")] {
            assert_eq!(first_line(text.as_bytes()).unwrap().expose(), expected, "{text:?}");
        }
        for bytes in [&b""[..], b"\n", b"\r\n", b"\xff\n"] {
            assert!(first_line(bytes).is_err(), "{bytes:?}");
        }
    }
}
