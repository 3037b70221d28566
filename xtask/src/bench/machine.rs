//! What a benchmark ran on. Figures without it say nothing.

use crate::process;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

/// The machine and how busy it was, in lines.
pub(super) struct Machine {
    pub(super) lines: Vec<String>,
}

impl Machine {
    /// Looks around, before anything is measured. What cannot be told is left out.
    pub(super) fn look() -> Self {
        let mut lines: Vec<String> = processor().into_iter().collect();
        lines.extend(first_line("/proc/sys/kernel/osrelease").map(|release| format!("Linux {release}")));
        lines.extend(load().map(|load| format!("load average before: {load}")));
        Self { lines }
    }

    /// Looks again, after all was measured.
    pub(super) fn look_again(&mut self) {
        self.lines.extend(load().map(|load| format!("load average after: {load}")));
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "- {line}"))
    }
}

/// What `program` answers to `--version`, in its first line, under its own name.
pub(super) fn version(program: &Path) -> String {
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
    let answer = Command::new(program).arg("--version").output();
    let answer = answer.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let answer = answer.lines().next().unwrap_or("of unknown version");
    if answer.to_lowercase().starts_with(&*name) { answer.to_owned() } else { format!("{name} {answer}") }
}

/// The commit that is checked out, and whether there is more than is in it.
pub(super) fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(process::workspace()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=10", "HEAD"]) else { return "generatio, no commit".into() };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_none_or(|changes| !changes.is_empty());
    format!("generatio at {commit}{}", if changed { ", with changes" } else { "" })
}

fn processor() -> Option<String> {
    let cores = thread::available_parallelism().ok()?;
    let model = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| field(&text, "model name"));
    Some(format!("{cores} cores of {}", model.unwrap_or_else(|| "an unknown model".into())))
}

/// Jobs that ran or waited, over one, five and fifteen minutes.
fn load() -> Option<String> {
    let line = first_line("/proc/loadavg")?;
    Some(line.split(' ').take(3).collect::<Vec<_>>().join(" "))
}

fn first_line(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()?.lines().next().map(ToOwned::to_owned)
}

/// The value of the first `NAME : VALUE`.
fn field(text: &str, name: &str) -> Option<String> {
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned()).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_whatever_the_spaces() {
        let text = "processor\t: 0\nmodel name\t: A: B 9\nmodel name\t: other\n";
        assert_eq!(field(text, "model name").as_deref(), Some("A: B 9"));
        assert_eq!(field(text, "model"), None);
    }

    #[test]
    fn a_version_has_its_programs_name_once() {
        assert!(version(Path::new("cargo")).starts_with("cargo 1."));
        assert_eq!(version(Path::new("no-such-program")), "no-such-program of unknown version");
    }
}
