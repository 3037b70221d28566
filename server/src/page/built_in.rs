//! The page inside of the program: the folder that `GENERATIO_PAGE_DIR` named when it was built (`cargo xtask release`).

use super::{Content, Found, compressed_name};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::LazyLock;

include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// Files that were there when the program was built.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    files: &'static HashMap<&'static str, Embedded>,
}

#[derive(Debug)]
struct Embedded {
    bytes: &'static [u8],
    tag: String,
}

impl BuiltIn {
    /// The page of this build, if it has one.
    #[must_use]
    pub fn of_this_build() -> Option<Self> {
        static EMBEDDED: LazyLock<HashMap<&'static str, Embedded>> = LazyLock::new(|| index(FILES));
        (!FILES.is_empty()).then(|| Self { files: &EMBEDDED })
    }

    pub(super) fn find(self, name: &str, takes_brotli: bool) -> Option<Found> {
        let plain = self.files.get(name)?;
        let compressed = self.files.get(compressed_name(name).as_str()).filter(|_| takes_brotli);
        Some(match compressed {
            Some(embedded) => embedded.found(true),
            None => plain.found(false),
        })
    }
}

impl Embedded {
    fn found(&self, compressed: bool) -> Found {
        let content = Content::Memory(self.bytes);
        Found { content, bytes: self.bytes.len() as u64, tag: self.tag.clone(), compressed }
    }
}

fn index(files: &[(&'static str, &'static [u8])]) -> HashMap<&'static str, Embedded> {
    let embedded = |bytes| Embedded { bytes, tag: tag(bytes) };
    files.iter().map(|(name, bytes)| (*name, embedded(bytes))).collect()
}

/// An entity tag that changes with the content alone.
pub(super) fn tag(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let text: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::{BuiltIn, index};
    use std::sync::LazyLock;

    #[test]
    fn files_are_found_by_name_and_sent_compressed_where_that_is_there() {
        static FILES: LazyLock<std::collections::HashMap<&str, super::Embedded>> =
            LazyLock::new(|| index(&[("a.js", b"plain"), ("a.js.br", b"br"), ("b.js", b"plain")]));
        let built_in = BuiltIn { files: &FILES };
        let bytes = |name, brotli| built_in.find(name, brotli).map(|found| (found.bytes, found.compressed));
        assert_eq!(bytes("a.js", true), Some((2, true)));
        assert_eq!(bytes("a.js", false), Some((5, false)));
        assert_eq!(bytes("b.js", true), Some((5, false)));
        assert_eq!(bytes("c.js", true), None);
        let tag = |name| built_in.find(name, false).unwrap().tag;
        assert_eq!(tag("a.js"), tag("b.js"));
        assert_ne!(tag("a.js"), built_in.find("a.js", true).unwrap().tag);
    }
}
