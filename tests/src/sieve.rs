//! Looking for thousands of texts at once, in all a process may write to and in files.

use crate::search::{mappings, pieces_of};
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::Path;

/// Bytes of a form that are looked up first. Needles begin at random: few share them.
const START: usize = 8;
/// Places of the filter before the look-up; a power of two.
const PLACES: usize = 1 << 21;
/// What is skipped at once when it is all zeros, as most of a wiped memory is.
const PAGE: usize = 4096;

/// Texts to be looked for, each as it is and as UTF-16 of both byte orders.
#[derive(Debug)]
pub struct Sieve {
    forms: Vec<(usize, Vec<u8>)>,
    starts: HashMap<[u8; START], Vec<usize>>,
    filter: Vec<bool>,
}

/// Which texts were found, by their number, and where.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    /// How often, by text.
    pub texts: HashMap<usize, usize>,
    /// In which mappings or files, with the text's number.
    pub places: Vec<(usize, String)>,
    /// Bytes that were looked through.
    pub bytes: u64,
}

impl Sieve {
    /// # Panics
    /// For a text so short that it may be found by chance.
    #[must_use]
    pub fn new(texts: &[String]) -> Self {
        let mut sieve = Self { forms: Vec::new(), starts: HashMap::new(), filter: vec![false; PLACES] };
        for (number, text) in texts.iter().enumerate() {
            assert!(text.len() >= 16, "too short to be looked for");
            sieve.add(number, text.as_bytes().to_vec());
            sieve.add(number, text.encode_utf16().flat_map(u16::to_le_bytes).collect());
            sieve.add(number, text.encode_utf16().flat_map(u16::to_be_bytes).collect());
        }
        sieve
    }

    fn add(&mut self, number: usize, form: Vec<u8>) {
        let start: [u8; START] = form[..START].try_into().expect("so many bytes");
        self.filter[place(start)] = true;
        self.starts.entry(start).or_default().push(self.forms.len());
        self.forms.push((number, form));
    }

    /// Looks through `hay`, which is called `place`.
    pub fn look(&self, hay: &[u8], place: &str, hits: &mut Hits) {
        hits.bytes += hay.len() as u64;
        let mut at = 0;
        while at + START <= hay.len() {
            // Whole pages of nothing, up to where a needle could begin.
            if hay[at] == 0 && hay.len() - at > PAGE && hay[at..at + PAGE] == [0; PAGE] {
                at += PAGE - 1;
                continue;
            }
            self.look_at(&hay[at..], place, hits);
            at += 1;
        }
    }

    #[inline]
    fn look_at(&self, hay: &[u8], place_name: &str, hits: &mut Hits) {
        let start: [u8; START] = hay[..START].try_into().expect("so many bytes");
        if !self.filter[place(start)] {
            return;
        }
        for form in self.starts.get(&start).into_iter().flatten() {
            let (number, bytes) = &self.forms[*form];
            if hay.starts_with(bytes) {
                *hits.texts.entry(*number).or_default() += 1;
                hits.places.push((*number, place_name.to_owned()));
            }
        }
    }

    /// Looks through all that a process of ours may write to.
    ///
    /// # Panics
    /// When its memory cannot be read.
    #[must_use]
    pub fn look_through_memory(&self, pid: u32) -> Hits {
        let memory = File::open(format!("/proc/{pid}/mem")).expect("a process of ours");
        let mut hits = Hits::default();
        for line in mappings(pid).iter().filter(|line| is_writable(line)) {
            for piece in pieces_of(&memory, line) {
                self.look(&piece, line, &mut hits);
            }
        }
        assert!(hits.bytes > 1024 * 1024, "only {} bytes of memory could be read", hits.bytes);
        hits
    }

    /// Looks through the files below `folder`.
    ///
    /// # Panics
    /// When one cannot be read.
    pub fn look_through_files(&self, folder: &Path, hits: &mut Hits) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                self.look_through_files(&path, hits);
            } else if path.is_file() {
                self.look(&fs::read(&path).expect("a file"), &path.display().to_string(), hits);
            }
        }
    }
}

/// Where the filter remembers a start: its upper bits after a multiplication that mixes them.
fn place(start: [u8; START]) -> usize {
    let mixed = u64::from_le_bytes(start).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> 43).expect("21 bits") % PLACES
}

fn is_writable(line: &str) -> bool {
    line.split(' ').nth(1).is_some_and(|rights| rights.starts_with("rw"))
}

#[cfg(test)]
mod tests {
    use super::{Hits, PAGE, Sieve};
    use crate::digest;

    fn found(hay: &[u8]) -> Vec<usize> {
        let mut hits = Hits::default();
        Sieve::new(&[digest("first"), digest("second")]).look(hay, "hay", &mut hits);
        let mut found: Vec<_> = hits.texts.into_keys().collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_form_is_found_wherever_it_begins() {
        let texts = [digest("first"), digest("second")];
        assert_eq!(found(digest("neither").as_bytes()), [0_usize; 0]);
        for before in [0, 1, 7, PAGE - 1, PAGE, 3 * PAGE + 5] {
            let zeros = vec![0; before];
            let wide = texts[1].encode_utf16();
            let rows = [
                (texts[0].as_bytes().to_vec(), 0),
                (wide.clone().flat_map(u16::to_le_bytes).collect(), 1),
                (wide.flat_map(u16::to_be_bytes).collect(), 1),
            ];
            for (form, number) in rows {
                assert_eq!(found(&[zeros.clone(), form, zeros.clone()].concat()), [number], "after {before} zeros");
            }
        }
    }

    #[test]
    fn own_memory_is_searched() {
        let kept = digest("kept in memory");
        assert!(Sieve::new(std::slice::from_ref(&kept)).look_through_memory(std::process::id()).texts.contains_key(&0));
    }
}
