//! Who makes calls: ours within this program, FAL's clients in programs of their own.

use crate::Outcome;
use crate::process::Running;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

/// When a call began and returned, microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) began_us: u64,
    pub(super) returned_us: u64,
}

/// Makes one call at a time.
pub(super) trait Caller {
    /// Asks for one picture of `prompt` and waits for it.
    fn call(&mut self, prompt: &str) -> Outcome<Call>;
}

/// A caller with the name it has in the table.
pub(super) struct Contender {
    pub(super) name: &'static str,
    caller: Box<dyn Caller>,
}

impl Contender {
    pub(super) fn new(name: &'static str, caller: impl Caller + 'static) -> Self {
        Self { name, caller: Box::new(caller) }
    }

    pub(super) fn call(&mut self, prompt: &str) -> Outcome<Call> {
        self.caller.call(prompt)
    }
}

/// A program that makes a call for each line of its input, a prompt, and prints when that began and returned.
pub(super) struct Driver {
    // Dropped first: the end of its input is what ends the program.
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _program: Running,
}

impl Driver {
    pub(super) fn start(mut command: Command) -> Outcome<Self> {
        let mut program = Running::start({
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            command
        })?;
        let (input, output) = program.pipes().ok_or("its input and output are pipes")?;
        Ok(Self { input, output: BufReader::new(output), _program: program })
    }
}

impl Caller for Driver {
    fn call(&mut self, prompt: &str) -> Outcome<Call> {
        writeln!(self.input, "{prompt}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        call_in(&line).ok_or_else(|| format!("the client's program broke off: {line:?}").into())
    }
}

/// Reads a line of a [`Driver`].
fn call_in(line: &str) -> Option<Call> {
    let line: Value = serde_json::from_str(line).ok()?;
    Some(Call { began_us: line["began_us"].as_u64()?, returned_us: line["returned_us"].as_u64()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_answers_line_by_line_and_its_end_is_an_error() {
        let mut command = Command::new("sh");
        command.args(["-c", r#"read prompt && echo "{\"began_us\": 1, \"returned_us\": ${#prompt}}""#]);
        let mut driver = Driver::start(command).unwrap();
        assert_eq!(driver.call("four").unwrap(), Call { began_us: 1, returned_us: 4 });
        assert!(driver.call("and again").is_err());
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for line in ["", "oops\n", "{}", r#"{"began_us": 1}"#, r#"{"began_us": -1, "returned_us": 2}"#] {
            assert_eq!(call_in(line), None, "{line}");
        }
    }
}
