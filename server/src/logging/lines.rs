//! Log lines on their way out. Those of a moment leave together: a system call for each takes longer than its answer's own
//! work does. Warnings and errors leave at once, with all that came before them.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long a line may wait for others.
const MOMENT: Duration = Duration::from_millis(50);
/// Bytes that may wait; whoever adds more writes all of them.
const ROOM: usize = 64 * 1024;

/// Gathers lines for `W`.
pub(super) struct Lines<W>(Arc<Shared<W>>);

/// What is gathered leaves when this is dropped; what comes later leaves at once.
#[must_use]
pub(super) struct Ending<W: Write>(Arc<Shared<W>>);

struct Shared<W> {
    gathered: Mutex<Gathered<W>>,
    /// Told when there is something to wait for.
    begun: Condvar,
}

struct Gathered<W> {
    text: Vec<u8>,
    out: W,
    /// Nothing waits any more.
    is_over: bool,
}

/// One line, as it is written.
pub(super) struct Line<'a, W> {
    shared: &'a Shared<W>,
    is_urgent: bool,
}

impl<W: Write + Send + 'static> Lines<W> {
    /// Lines for `out`, and their end.
    pub(super) fn new(out: W) -> (Self, Ending<W>) {
        let gathered = Gathered { text: Vec::new(), out, is_over: false };
        let shared = Arc::new(Shared { gathered: Mutex::new(gathered), begun: Condvar::new() });
        let sending = Arc::clone(&shared);
        let thread = thread::Builder::new().name("log".into()).spawn(move || sending.send());
        // Without a thread each leaves at once.
        shared.lock().is_over = thread.is_err();
        (Self(Arc::clone(&shared)), Ending(shared))
    }
}

impl<W: Write> Shared<W> {
    /// What is gathered is whole between two lines, so a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, Gathered<W>> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until nothing waits any more.
    fn send(&self) {
        loop {
            let is_idle = |gathered: &mut Gathered<W>| gathered.text.is_empty() && !gathered.is_over;
            let gathered = self.begun.wait_while(self.lock(), is_idle).unwrap_or_else(PoisonError::into_inner);
            if gathered.is_over {
                return;
            }
            drop(gathered);
            thread::sleep(MOMENT);
            self.lock().write_out();
        }
    }
}

impl<W: Write> Gathered<W> {
    fn write_out(&mut self) {
        // Nobody is left to tell that lines are lost.
        let _ = self.out.write_all(&self.text);
        self.text.clear();
    }
}

impl<W: Write> Write for Line<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut gathered = self.shared.lock();
        let is_first = gathered.text.is_empty();
        gathered.text.extend_from_slice(bytes);
        if self.is_urgent || gathered.is_over || gathered.text.len() >= ROOM {
            gathered.write_out();
        } else if is_first {
            self.shared.begun.notify_one();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a, W: Write + 'static> MakeWriter<'a> for Lines<W> {
    type Writer = Line<'a, W>;

    fn make_writer(&'a self) -> Line<'a, W> {
        Line { shared: &self.0, is_urgent: false }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Line<'a, W> {
        // Levels compare by detail: `ERROR < TRACE`.
        Line { shared: &self.0, is_urgent: *metadata.level() <= Level::WARN }
    }
}

impl<W: Write> Drop for Ending<W> {
    fn drop(&mut self) {
        let mut gathered = self.0.lock();
        gathered.is_over = true;
        gathered.write_out();
        self.0.begun.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Lines, ROOM};
    use std::io::{self, Write};
    use std::sync::mpsc;

    /// Hands on each piece that is written.
    struct Pieces(mpsc::Sender<String>);

    impl Write for Pieces {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if !bytes.is_empty() {
                self.0.send(String::from_utf8(bytes.to_vec()).unwrap()).unwrap();
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn say(lines: &Lines<Pieces>, text: &str, is_urgent: bool) {
        Line { shared: &lines.0, is_urgent }.write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn what_waits_leaves_by_itself_or_before_what_is_urgent() {
        let (sender, pieces) = mpsc::channel();
        let (lines, _ending) = Lines::new(Pieces(sender));
        say(&lines, "a\n", false);
        assert_eq!(pieces.recv().unwrap(), "a\n");
        say(&lines, "b\n", false);
        say(&lines, "c\n", true);
        let left: Vec<_> = pieces.try_iter().collect();
        assert_eq!(left.concat(), "b\nc\n");
    }

    #[test]
    fn there_is_an_end_to_what_may_wait() {
        let (sender, pieces) = mpsc::channel();
        let (lines, _ending) = Lines::new(Pieces(sender));
        say(&lines, &"x".repeat(ROOM), false);
        assert_eq!(pieces.try_iter().map(|piece| piece.len()).sum::<usize>(), ROOM);
    }

    #[test]
    fn nothing_is_lost_at_the_end() {
        let (sender, pieces) = mpsc::channel();
        let (lines, ending) = Lines::new(Pieces(sender));
        say(&lines, "a\n", false);
        drop(ending);
        say(&lines, "b\n", false);
        assert_eq!(pieces.try_iter().collect::<String>(), "a\nb\n");
    }
}
