//! The machines that a program is linked for with nothing left to find there: amd64 and arm64 with Linux, on musl.

use crate::{Outcome, tools};
use clap::ValueEnum;
use std::path::Path;
use std::process::{Command, Stdio};

/// A kind of machine, by the name of the Rust target. Made for another one than this it takes Debian's cross compiler,
/// musl's headers of that machine, and an emulator to try the program with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Machine {
    #[value(name = "aarch64-unknown-linux-musl", alias = "arm64")]
    Arm64,
    #[value(name = "x86_64-unknown-linux-musl", alias = "amd64")]
    Amd64,
}

impl Machine {
    /// The one that this program runs on.
    pub(super) fn here() -> Outcome<Self> {
        let here = [Self::Arm64, Self::Amd64].into_iter().find(|machine| machine.arch() == std::env::consts::ARCH);
        here.ok_or_else(|| format!("nobody has tried to link a program whole for {}", std::env::consts::ARCH).into())
    }

    const fn arch(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64",
            Self::Amd64 => "x86_64",
        }
    }

    /// What Debian calls it.
    const fn debian(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::Amd64 => "amd64",
        }
    }

    /// The name of the Rust target.
    pub(super) fn target(self) -> String {
        format!("{}-unknown-linux-musl", self.arch())
    }

    fn is_here(self) -> bool {
        self.arch() == std::env::consts::ARCH
    }

    /// Sees to it that everything is there that cargo needs, and tells cargo of it.
    pub(super) fn prepare(self, cargo: &mut Command) -> Outcome {
        tools::target(&self.target())?;
        if self.is_here() {
            return tools::program("musl-gcc", &["--version"], "musl-tools");
        }
        let (gcc, headers) = (self.gcc(), format!("/usr/include/{}-linux-musl", self.arch()));
        let package = format!("gcc-{}-linux-gnu", self.arch().replace('_', "-"));
        tools::program(&gcc, &["--version"], &package)?;
        if !Path::new(&headers).join("stdio.h").exists() {
            let debian = self.debian();
            return Err(format!(
                "musl's headers for {debian} are missing; on Debian or Ubuntu `dpkg --add-architecture {debian} && \
                 apt-get update && apt-get install musl-dev:{debian}` brings them"
            )
            .into());
        }
        let variable = self.target().replace('-', "_");
        // The compiler is one for glibc: its own headers are those of the language alone here, and the rest are musl's.
        let own = of_compiler(&gcc)?;
        cargo.env(format!("CC_{variable}"), &gcc);
        cargo.env(format!("CFLAGS_{variable}"), format!("-nostdinc -isystem {headers} -isystem {own}"));
        // It only joins what is there: Rust brings musl itself along.
        cargo.env(format!("CARGO_TARGET_{}_LINKER", variable.to_uppercase()), gcc);
        Ok(())
    }

    fn gcc(self) -> String {
        format!("{}-linux-gnu-gcc", self.arch())
    }

    /// The program that runs its programs here; none where it is this one.
    pub(super) fn emulator(self) -> Outcome<Option<String>> {
        if self.is_here() {
            return Ok(None);
        }
        let emulator = format!("qemu-{}-static", self.arch());
        tools::program(&emulator, &["--version"], "qemu-user-static")?;
        Ok(Some(emulator))
    }
}

/// The folder of the compiler's own headers.
fn of_compiler(gcc: &str) -> Outcome<String> {
    let told = Command::new(gcc).arg("-print-file-name=include").stderr(Stdio::inherit()).output()?;
    Ok(String::from_utf8(told.stdout)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::Machine;
    use clap::ValueEnum;

    #[test]
    fn machines_are_named_as_rust_and_debian_name_them() {
        for machine in Machine::value_variants() {
            let name = machine.to_possible_value().unwrap();
            assert_eq!(name.get_name(), machine.target());
            assert_eq!(Machine::from_str(machine.debian(), false), Ok(*machine));
        }
    }
}
