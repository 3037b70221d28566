//! JSON, written straight into the buffer that is sent: lists show some hundred values, and each would otherwise pass
//! through a serializer and a buffer of its own.

/// An object that is being written.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> Object<'a> {
    /// Its beginning.
    pub(super) fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_empty: true }
    }

    /// Begins the member `name`, which has nothing in it that JSON escapes; its value goes into what this gives.
    pub(super) fn member(&mut self, name: &str) -> &mut Vec<u8> {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// The same for the member whose [`key`] this is.
    pub(super) fn keyed(&mut self, key: &str) -> &mut Vec<u8> {
        let is_first = std::mem::replace(&mut self.is_empty, false);
        self.out.extend_from_slice(&key.as_bytes()[usize::from(is_first)..]);
        self.out
    }

    /// Its end.
    pub(super) fn end(self) {
        self.out.push(b'}');
    }
}

/// What stands before the value of a member that is not the first.
pub(super) fn key(name: &str) -> String {
    format!(",\"{name}\":")
}

/// Writes a string.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    // Most texts have nothing to escape.
    if is_plain(text.as_bytes()) {
        plain(out, text);
    } else {
        serde_json::to_writer(out, text).expect("a string serializes, and a Vec takes what is written");
    }
}

/// Writes a string that has nothing in it that JSON escapes.
pub(super) fn plain(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Whether there is nothing to escape (RFC 8259 §7): no control, quotation mark or backslash. Eight bytes at a time; the
/// last eight are looked at together, some of them again.
fn is_plain(text: &[u8]) -> bool {
    match text.last_chunk() {
        Some(last) => text.as_chunks().0.iter().chain([last]).all(|eight| is_plain_8(*eight)),
        None => text.iter().all(|byte| *byte >= b' ' && *byte != b'"' && *byte != b'\\'),
    }
}

fn is_plain_8(bytes: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const TOPS: u64 = u64::from_ne_bytes([0x80; 8]);
    let bytes = u64::from_ne_bytes(bytes);
    // The top bits of bytes below a bound, and perhaps some above such a one: Anderson, "Bit Twiddling Hacks".
    let below = |bytes: u64, bound: u8| bytes.wrapping_sub(ONES * u64::from(bound)) & !bytes & TOPS;
    let equal = |byte: u8| below(bytes ^ (ONES * u64::from(byte)), 1);
    below(bytes, b' ') | equal(b'"') | equal(b'\\') == 0
}

/// Writes an array of what `write` writes of each item.
pub(super) fn array<T, E>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T) -> Result<(), E>,
) -> Result<(), E> {
    out.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, item)?;
    }
    out.push(b']');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Object, array, key, string};
    use proptest::prelude::*;

    #[test]
    fn objects_and_arrays_are_separated_by_commas() {
        let mut out = Vec::new();
        let mut object = Object::begin(&mut out);
        object.member("a").push(b'1');
        let items = |out: &mut Vec<u8>, text| -> Result<(), ()> {
            string(out, text);
            Ok(())
        };
        array(object.member("b"), ["x", "y"], items).unwrap();
        array(object.keyed(&key("c")), [], items).unwrap();
        object.end();
        Object::begin(&mut out).end();
        let mut object = Object::begin(&mut out);
        object.keyed(&key("d")).push(b'2');
        object.end();
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"a":1,"b":["x","y"],"c":[]}{}{"d":2}"#);
    }

    proptest! {
        #[test]
        fn strings_are_written_as_serde_json_writes_them(text in r#"[a-z]{0,30}(\PC|[\x00-\x20"\\\x7f]){0,9}[a-z]{0,9}"#) {
            let mut out = Vec::new();
            string(&mut out, &text);
            prop_assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&text).unwrap());
        }
    }
}
