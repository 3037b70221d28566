//! The libraries as they are shipped.

use crate::{ABI, Outcome, workspace};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What was built.
pub(crate) struct Libraries {
    pub(crate) shared: PathBuf,
    pub(crate) archive: PathBuf,
    /// What a program links besides the archive, such as `-lpthread`.
    pub(crate) private: String,
}

/// rustc's words before the libraries that the archive needs.
const NATIVE: &str = "native-static-libs: ";

/// Builds both libraries in release, the shared one with its soname. That it exports nothing but what is marked for it is
/// rustc's version script.
pub(crate) fn build() -> Outcome<Libraries> {
    let soname = format!("link-arg=-Wl,-soname,libgeneratio.so.{ABI}");
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    command.args(["rustc", "--quiet", "--release", "--package", "generatio-c", "--message-format", "json"]);
    command.args(["--crate-type", "cdylib,staticlib", "--", "-C", &soname, "--print", "native-static-libs"]);
    let output = command.output()?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stdout);
        let rendered = told.lines().filter_map(rendered).collect::<String>();
        return Err(format!("the build failed\n{rendered}").into());
    }
    read(&String::from_utf8(output.stdout)?)
}

fn rendered(line: &str) -> Option<String> {
    let message: Value = serde_json::from_str(line).ok()?;
    message["message"]["rendered"].as_str().map(ToOwned::to_owned)
}

/// Reads cargo's JSON messages.
fn read(messages: &str) -> Outcome<Libraries> {
    let (mut files, mut private) = (Vec::new(), None);
    for line in messages.lines() {
        let message: Value = serde_json::from_str(line)?;
        if message["target"]["name"] == "generatio_c" {
            let names = message["filenames"].as_array().into_iter().flatten();
            files.extend(names.filter_map(|name| name.as_str()).map(PathBuf::from));
            let said = message["message"]["message"].as_str().and_then(|said| said.strip_prefix(NATIVE));
            private = said.map(str::to_owned).or(private);
        }
    }
    let ending = |ending: &str| files.iter().find(|file| file.extension().is_some_and(|own| own == ending)).cloned();
    Ok(Libraries {
        shared: ending("so").ok_or("cargo built no shared library")?,
        archive: ending("a").ok_or("cargo built no static library")?,
        private: private.ok_or("rustc did not name the libraries that the static one needs")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_says_is_read() {
        let messages = r#"{"target":{"name":"other"},"filenames":["/t/libother.a"]}
{"target":{"name":"generatio_c"},"message":{"message":"native-static-libs: -lutil -lc"}}
{"target":{"name":"generatio_c"},"filenames":["/t/libgeneratio_c.so","/t/libgeneratio_c.a"]}"#;
        let libraries = read(messages).unwrap();
        assert_eq!(libraries.shared, PathBuf::from("/t/libgeneratio_c.so"));
        assert_eq!(libraries.archive, PathBuf::from("/t/libgeneratio_c.a"));
        assert_eq!(libraries.private, "-lutil -lc");
        let lines: Vec<_> = messages.lines().collect();
        assert!(read(lines[0]).is_err() && read(lines[2]).is_err());
    }
}
