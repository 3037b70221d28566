//! How the demo speaks: a line for each step once it is done, and a sign of life until then.

use crate::Outcome;
use std::io::{IsTerminal, Write, stdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

const FRAMES: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// Where steps are shown.
pub(super) struct Show {
    /// Whether a line can be drawn over; otherwise every sign of life is a line of its own.
    is_terminal: bool,
}

impl Show {
    /// Shows on stdout.
    pub(super) fn new() -> Self {
        let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        Self { is_terminal: stdout().is_terminal() && !is_dumb }
    }

    /// Does `work`, under the words `doing`; what it gives back first is said when it is done.
    pub(super) fn step<T>(&self, doing: &str, work: impl FnOnce() -> Outcome<(String, T)>) -> Outcome<T> {
        let began = Instant::now();
        let (finished, waiting) = channel::<()>();
        let outcome = thread::scope(|scope| {
            scope.spawn(move || self.wait(doing, began, waiting));
            let outcome = work();
            drop(finished);
            outcome
        });
        match outcome {
            Ok((said, value)) => {
                println!(" ✓ {}  {said}", elapsed(began));
                Ok(value)
            }
            Err(error) => {
                println!(" ✗ {}  {doing}", elapsed(began));
                Err(error)
            }
        }
    }

    /// A line below the last step.
    pub(super) fn detail(&self, text: &str) {
        println!("            {text}");
    }

    fn wait(&self, doing: &str, began: Instant, finished: Receiver<()>) {
        let pause = if self.is_terminal { Duration::from_millis(80) } else { Duration::from_secs(1) };
        for frame in FRAMES.iter().cycle() {
            if self.is_terminal {
                print!("\r {frame} {}  {doing}", elapsed(began));
                // A sign of life that does not come through is no reason to stop.
                let _ = stdout().flush();
            }
            if finished.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected) {
                break;
            }
            if !self.is_terminal {
                println!(" … {}  {doing}", elapsed(began));
            }
        }
        if self.is_terminal {
            print!("\r\x1b[K");
        }
    }
}

fn elapsed(since: Instant) -> String {
    format!("{:>5.1} s", since.elapsed().as_secs_f64())
}
