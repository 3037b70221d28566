//! A shell in a folder of its own, into which commands are typed.

use generatio_tests::{FAL_KEY, binary};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tempfile::TempDir;

/// Ends the output of a block.
const DONE: &str = "-- done --";

/// A page's shell and server; both end with it.
pub(crate) struct Shell {
    folder: TempDir,
    fal_url: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// The server and, in the pages' words and its own, where it is.
    server: Option<(Child, &'static str, String)>,
}

impl Shell {
    /// Starts one where `generatio` is a command and FAL is at `fal_url`.
    pub(crate) fn start(fal_url: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        symlink(binary(), folder.path().join("generatio")).expect("the program can be linked to");
        let mut command = Command::new("sh");
        command.arg("-e").current_dir(folder.path()).env_clear().env("PATH", path(&folder));
        command.env("FAL_KEY", FAL_KEY).env("GENERATIO_FAL_URL", fal_url);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log(&folder, "shell.log"));
        let mut child = command.spawn().expect("there is a shell");
        let input = child.stdin.take().expect("its input is a pipe");
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        Self { folder, fal_url: fal_url.to_owned(), child, input, output, server: None }
    }

    /// Starts `generatio serve` with what follows it in a block, in the place of what listens on `written`.
    pub(crate) fn serve(&mut self, arguments: &str, written: &'static str) {
        let mut command = Command::new(binary());
        command.arg("serve").args(arguments.replace("\\\n", " ").replace(written, "127.0.0.1:0").split_whitespace());
        command.current_dir(self.folder.path()).env_clear();
        command.env("GENERATIO_FAL_URL", &self.fal_url);
        if !arguments.contains("--http") {
            command.env("GENERATIO_HTTP", "127.0.0.1:0");
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log(&self.folder, "server.log"));
        let mut child = command.spawn().expect("the server starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output is a pipe");
        BufReader::new(output).read_line(&mut line).expect("it speaks");
        let address = line.trim().rsplit("//").next().map(ToOwned::to_owned);
        let address = address.filter(|address| address.contains(':'));
        let address = address.unwrap_or_else(|| panic!("it listens nowhere: {}", self.read("server.log")));
        assert!(self.server.replace((child, written, address)).is_none(), "one server a page");
    }

    /// Types a block in; it has to succeed.
    pub(crate) fn run(&mut self, page: &str, block: &str) {
        let typed = match &self.server {
            Some((_, written, address)) => {
                let port = |address: &str| address.rsplit_once(':').map(|(_, port)| format!("localhost:{port}"));
                let (there, here) = (port(written).expect("a port"), port(address).expect("a port"));
                block.replace(written, address).replace(&there, &here)
            }
            None => block.to_owned(),
        };
        write!(self.input, "{typed}\necho; echo '{DONE}'\n").expect("the shell reads");
        let mut told = String::new();
        while !told.ends_with(&format!("{DONE}\n")) {
            let read = self.output.read_line(&mut told).expect("the shell speaks");
            assert_ne!(read, 0, "{page}: {block}\nended with\n{told}\n{}", self.read("shell.log"));
        }
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        for child in self.server.iter_mut().map(|(child, ..)| child).chain([&mut self.child]) {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The folder first, then where the machine's programs are.
fn path(folder: &TempDir) -> String {
    let machine = std::env::var("PATH").unwrap_or_default();
    format!("{}:{machine}", folder.path().display())
}

fn log(folder: &TempDir, name: &str) -> File {
    let path: PathBuf = folder.path().join(name);
    File::create(path).expect("a file can be made")
}
