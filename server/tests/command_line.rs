//! The binary as people run it: what it prints, how it ends.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// `generatio` without the variables of whoever runs the tests.
fn generatio(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_generatio"));
    command.args(arguments).env_clear();
    command
}

/// A demo that is listening; killed when the test is over.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Running {
    fn demo(folder: &Path) -> Self {
        let folder = folder.to_str().unwrap();
        let flags = ["serve", "--demo", "--http", "127.0.0.1:0", "--pbkdf2-iterations", "100000", "--data-dir", folder];
        let mut child = generatio(&flags).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.strip_prefix("Generatio is listening on http://").expect("the first line").trim().to_owned();
        Self { child, stdout, address }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks it to end, and gives what else it printed with its exit code.
    fn terminate(mut self) -> (String, Option<i32>) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (rest, self.child.wait().unwrap().code())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended by itself in a test that went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn refused(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stderr, stdout } = command.output().unwrap();
    assert!(stdout.is_empty());
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_demo_answers_is_backed_up_and_ends_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let (data, archive) = (folder.path().join("data"), folder.path().join("backup.tar"));
    let running = Running::demo(&data);
    let answer = running.get("/no-such-page");
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    let backup = ["backup", archive.to_str().unwrap(), "--data-dir", data.to_str().unwrap()];
    let made = generatio(&backup).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    assert!(archive.metadata().unwrap().len() > 0);
    let (printed, code) = running.terminate();
    let password = std::fs::read_to_string(data.join("demo.password")).unwrap();
    assert!(printed.contains("demo@example.com") && printed.contains(password.trim()), "{printed}");
    assert_eq!(code, Some(0));
}

#[test]
fn what_cannot_be_done_is_one_sentence_and_exit_code_1() {
    let mut variable = generatio(&["serve"]);
    variable.env("GENERATIO_SESSION_TTL", "a day");
    for (command, telling) in [
        (variable, "generatio: GENERATIO_SESSION_TTL: \"a day\" is not a length of time"),
        (
            generatio(&["serve", "--config", "/no/such.toml"]),
            "generatio: the configuration file /no/such.toml cannot be read: ",
        ),
        (generatio(&["serve", "--demo", "--http", "0.0.0.0:0"]), "generatio: --demo has a known account"),
        (
            generatio(&["backup", "/no/such/dir/file", "--data-dir", "/no/such"]),
            "generatio: /no/such holds no generatio.db",
        ),
        (generatio(&["fal-sim", "--http", "192.0.2.1:0"]), "generatio: cannot listen on 192.0.2.1:0: "),
    ] {
        let (code, message) = refused(command);
        assert_eq!(code, Some(1), "{message}");
        assert!(message.starts_with(telling) && message.lines().count() == 1, "{message}");
    }
}

#[test]
fn a_server_without_certificates_to_trust_ends_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut serve = generatio(&["serve", "--http", "127.0.0.1:0", "--data-dir", data.to_str().unwrap()]);
    let Output { status, stderr, .. } =
        serve.env("SSL_CERT_DIR", folder.path()).env("SSL_CERT_FILE", "/dev/null").output().unwrap();
    assert_eq!(status.code(), Some(1));
    let told = String::from_utf8(stderr).unwrap();
    assert!(told.contains("generatio: the connection to FAL cannot be set up"), "{told}");
}

#[test]
fn a_senseless_command_line_is_exit_code_2() {
    for arguments in [&["fly"][..], &["serve", "--fly"], &["backup"]] {
        let (code, message) = refused(generatio(arguments));
        assert_eq!(code, Some(2), "{message}");
        assert!(message.contains("--help"), "{message}");
    }
}
