//! Looking for a text in everything a server has: its memory, and the files it keeps.

use memchr::memmem;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Largest piece of memory that is read at once.
const PIECE: u64 = 16 * 1024 * 1024;

/// A text in the forms it may lie around in: as it is, as UTF-16, in base64 and in hexadecimal digits.
#[derive(Debug)]
pub struct Needle {
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Needle {
    /// # Panics
    /// For a text so short that it may be found by chance.
    #[must_use]
    pub fn new(text: &str) -> Self {
        assert!(text.len() >= 8, "too short to be looked for");
        let utf_16 = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let hex = text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes();
        let forms = [("text", text.as_bytes().to_vec()), ("UTF-16", utf_16), ("hex", hex)];
        Self { forms: forms.into_iter().chain(base64(text.as_bytes())).collect() }
    }

    /// The forms of it that are in `hay`.
    #[must_use]
    pub fn found_in(&self, hay: &[u8]) -> Vec<&'static str> {
        self.forms.iter().filter(|(_, form)| memmem::find(hay, form).is_some()).map(|(name, _)| *name).collect()
    }

    /// Where it is in the memory of a process of ours: `form at mapping`.
    ///
    /// # Panics
    /// When the memory cannot be read.
    #[must_use]
    pub fn found_in_memory(&self, pid: u32) -> Vec<String> {
        let memory = File::open(format!("/proc/{pid}/mem")).expect("a process of ours");
        let mut found = Vec::new();
        let mut pieces = 0;
        for line in mappings(pid).iter().filter(|line| is_readable(line)) {
            for bytes in pieces_of(&memory, line) {
                pieces += 1;
                found.extend(self.found_in(&bytes).into_iter().map(|form| format!("{form} at {line}")));
            }
        }
        assert!(pieces > 10, "only {pieces} pieces of memory could be read");
        found
    }

    /// The files below `folder` that hold it: `form in path`.
    ///
    /// # Panics
    /// When a file cannot be read.
    #[must_use]
    pub fn found_in_files(&self, folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                found.extend(self.found_in_files(&path));
            } else if path.is_file() {
                let forms = self.found_in(&fs::read(&path).expect("a file"));
                found.extend(forms.into_iter().map(|form| format!("{form} in {}", path.display())));
            }
        }
        found
    }
}

/// The three ways base64 writes it, by where it begins in a group of three bytes; what its neighbours touch is left out.
fn base64(text: &[u8]) -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (0..3).map(move |skipped| {
        let whole = &text[skipped..];
        let groups = whole.chunks_exact(3).flat_map(|group| {
            let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
            [18, 12, 6, 0].map(|shift| DIGITS[(bits >> shift & 63) as usize])
        });
        ("base64", groups.collect())
    })
}

/// The lines of a process's `maps`.
pub(crate) fn mappings(pid: u32) -> Vec<String> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).expect("the process runs");
    maps.lines().map(ToOwned::to_owned).collect()
}

/// Whether a line of `maps` is of memory that can be read; the kernel's own pages cannot.
fn is_readable(line: &str) -> bool {
    line.split(' ').nth(1).is_some_and(|rights| rights.starts_with('r')) && !line.contains("[v")
}

/// The bytes of a mapping, in pieces that overlap by more than a needle. What went away meanwhile is left out.
pub(crate) fn pieces_of<'a>(memory: &'a File, line: &str) -> impl Iterator<Item = Vec<u8>> + use<'a> {
    const OVERLAP: u64 = 4096;
    let ends = line.split(' ').next().and_then(|ends| ends.split_once('-')).expect("a range of addresses");
    let number = |text| u64::from_str_radix(text, 16).expect("an address");
    let (start, end) = (number(ends.0), number(ends.1));
    (start..end).step_by(usize::try_from(PIECE).expect("it fits")).filter_map(move |from| {
        let until = end.min(from + PIECE + OVERLAP);
        let mut bytes = vec![0; usize::try_from(until - from).expect("a piece fits")];
        memory.read_exact_at(&mut bytes, from).ok().map(|()| bytes)
    })
}

#[cfg(test)]
mod tests {
    use super::Needle;

    #[test]
    fn every_form_is_found() {
        let text = "planted-secret-of-some-length";
        let needle = Needle::new(text);
        assert_eq!(needle.found_in(b"nothing of it"), [""; 0]);
        assert_eq!(needle.found_in(format!("..{text}..").as_bytes()), ["text"]);
        let wide: Vec<u8> = format!("..{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(needle.found_in(&wide), ["UTF-16"]);
        // `printf '%s' 'xplanted-secret-of-some-lengthyy' | base64`, and with one and two letters more before it.
        for written in [
            "eHBsYW50ZWQtc2VjcmV0LW9mLXNvbWUtbGVuZ3RoeXk=",
            "eHhwbGFudGVkLXNlY3JldC1vZi1zb21lLWxlbmd0aHl5",
            "eHh4cGxhbnRlZC1zZWNyZXQtb2Ytc29tZS1sZW5ndGh5eQ==",
        ] {
            assert_eq!(needle.found_in(written.as_bytes()), ["base64"], "{written}");
        }
    }

    #[test]
    fn own_memory_is_searched() {
        let kept = format!("kept-{}-here", "in-memory");
        assert!(!Needle::new(&kept).found_in_memory(std::process::id()).is_empty());
    }
}
