//! What kind of picture some bytes are: told by the bytes, never by who sent them.

/// A format that FAL's models make and browsers show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
}

impl Format {
    /// By the first bytes of a file; `None` for anything that is not one of these pictures.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }

    /// Its name in rows, and at the end of links.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn the_first_bytes_tell() {
        let rows: [(&[u8], Option<Format>); 10] = [
            (b"\xff\xd8\xff\xe0rest", Some(Format::Jpeg)),
            (b"\x89PNG\r\n\x1a\nrest", Some(Format::Png)),
            (b"RIFF\x01\x02\x03\x04WEBPVP8 ", Some(Format::Webp)),
            (b"RIFF\x01\x02\x03\x04WAVEfmt ", None),
            (b"\x89PNG\n\x1a\n", None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
            (b"<html>\x89PNG\r\n\x1a\n", None),
            (b"GIF89a", None),
            (b"\xff\xd8", None),
            (b"", None),
        ];
        for (bytes, format) in rows {
            assert_eq!(Format::sniff(bytes), format, "{bytes:?}");
        }
    }
}
