//! What of the planted is found where.

use crate::crowd::Person;
use generatio_tests::{Hits, Sieve};
use std::fmt;
use std::path::Path;

/// What was planted, in the order in which it is reported.
const KINDS: [&str; 7] = ["token", "password", "session id", "JWT", "label", "e-mail", "half a request"];

/// Looks for all that was planted with everybody.
#[derive(Debug)]
pub(crate) struct Scan {
    sieve: Sieve,
    /// The kind of each text.
    kinds: Vec<usize>,
}

/// How many different texts of each kind were found, and where.
#[derive(Debug)]
pub(crate) struct Found {
    planted: [usize; KINDS.len()],
    found: [usize; KINDS.len()],
    places: Vec<(usize, String)>,
    bytes: u64,
}

impl Scan {
    /// `half` is in what was sent of a request.
    pub(crate) fn new(people: &[Person], half: &str) -> Self {
        let (mut texts, mut kinds) = (vec![half.to_owned()], vec![6]);
        for person in people {
            let one = [&person.secret, &person.password, &person.session].into_iter().cloned().enumerate();
            // The signature is what makes a JWT one; the rest of it is public and partly shared.
            let jwts = person.jwts.iter().filter_map(|jwt| Some((3, jwt.rsplit_once('.')?.1.to_owned())));
            let old = person.old_password.clone().map(|password| (1, password));
            let control = [(4, person.label.clone()), (5, person.email.clone())];
            for (kind, text) in one.chain(old).chain(jwts).chain(control) {
                kinds.push(kind);
                texts.push(text);
            }
        }
        Self { sieve: Sieve::new(&texts), kinds }
    }

    pub(crate) fn memory(&self, pid: u32) -> Found {
        self.found(self.sieve.look_through_memory(pid))
    }

    pub(crate) fn files(&self, folder: &Path) -> Found {
        let mut hits = Hits::default();
        self.sieve.look_through_files(folder, &mut hits);
        self.found(hits)
    }

    pub(crate) fn text(&self, text: &str) -> Found {
        let mut hits = Hits::default();
        self.sieve.look(text.as_bytes(), "text", &mut hits);
        self.found(hits)
    }

    fn found(&self, hits: Hits) -> Found {
        let count = |texts: &mut dyn Iterator<Item = usize>| {
            let mut counts = [0; KINDS.len()];
            texts.for_each(|number| counts[self.kinds[number]] += 1);
            counts
        };
        Found {
            planted: count(&mut (0..self.kinds.len())),
            found: count(&mut hits.texts.keys().copied()),
            places: hits.places.into_iter().map(|(number, place)| (self.kinds[number], place)).collect(),
            bytes: hits.bytes,
        }
    }
}

impl Found {
    /// Different texts of this kind.
    pub(crate) fn count(&self, kind: &str) -> usize {
        self.found[KINDS.iter().position(|known| *known == kind).expect("a kind")]
    }

    /// The kinds of secrets that were found, with the places.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let secret = self.places.iter().filter(|(kind, _)| *kind < 4);
        let mut all: Vec<_> = secret.map(|(kind, place)| format!("{} in {place}", KINDS[*kind])).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, name) in KINDS.iter().enumerate() {
            write!(f, "{name} {}/{}, ", self.found[kind], self.planted[kind])?;
        }
        write!(f, "in {} KiB", self.bytes / 1024)
    }
}
