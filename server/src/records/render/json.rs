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

    /// Its end.
    pub(super) fn end(self) {
        self.out.push(b'}');
    }
}

/// Writes a string.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    // Looked at as a whole, which compilers make much of; most texts have nothing to escape.
    let plain = text.bytes().fold(true, |plain, byte| plain & (byte >= b' ') & (byte != b'"') & (byte != b'\\'));
    if plain {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        serde_json::to_writer(out, text).expect("a string serializes, and a Vec takes what is written");
    }
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
    use super::{Object, array, string};
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
        array(object.member("c"), [], items).unwrap();
        object.end();
        Object::begin(&mut out).end();
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"a":1,"b":["x","y"],"c":[]}{}"#);
    }

    proptest! {
        #[test]
        fn strings_are_written_as_serde_json_writes_them(text in r#"(\PC|[\x00-\x20"\\\x7f]){0,40}"#) {
            let mut out = Vec::new();
            string(&mut out, &text);
            prop_assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&text).unwrap());
        }
    }
}
