//! What a picture file says about itself in its first bytes.

/// Formats that FAL makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Jpeg,
    Png,
}

impl Format {
    /// How its files end.
    pub(super) const fn ending(self) -> &'static str {
        match self {
            Format::Jpeg => "jpg",
            Format::Png => "png",
        }
    }
}

/// Format, width and height of a PNG (W3C PNG §11.2.1) or JPEG (ITU-T T.81 §B.2.2); `None` for anything else.
pub(super) fn inspect(bytes: &[u8]) -> Option<(Format, u32, u32)> {
    if let Some(chunks) = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n") {
        let header = chunks.get(4..16)?.strip_prefix(b"IHDR")?;
        let (width, height) = header.split_first_chunk()?;
        return Some((Format::Png, u32::from_be_bytes(*width), u32::from_be_bytes(height.try_into().ok()?)));
    }
    let (width, height) = jpeg_size(bytes.strip_prefix(b"\xff\xd8")?)?;
    Some((Format::Jpeg, width.into(), height.into()))
}

/// Walks the segments up to the frame header.
fn jpeg_size(mut segments: &[u8]) -> Option<(u16, u16)> {
    loop {
        let [0xff, marker, rest @ ..] = segments else { return None };
        if *marker == 0xff {
            // Padding before a marker.
            segments = &segments[1..];
            continue;
        }
        let (length, _) = rest.split_first_chunk()?;
        let segment = rest.get(2..usize::from(u16::from_be_bytes(*length)))?;
        if is_frame_header(*marker) {
            let &[_precision, h1, h0, w1, w0, ..] = segment else { return None };
            return Some((u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0])));
        }
        segments = &rest[2 + segment.len()..];
    }
}

/// SOF0 to SOF15, among which DHT, JPG and DAC lie.
const fn is_frame_header(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x04\0\0\0\x03\0\x08\x02\0\0\0";
    // APP0, a Huffman table, padding, then a progressive frame of 768 by 1024.
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x04JF\xff\xc4\0\x03\0\xff\xff\xc2\0\x0b\x08\x04\0\x03\0\x01\x01\x11\0";

    #[test]
    fn sizes_are_read() {
        assert_eq!(inspect(PNG), Some((Format::Png, 1024, 768)));
        assert_eq!(inspect(JPEG), Some((Format::Jpeg, 768, 1024)));
    }

    #[test]
    fn nothing_is_read_from_less_or_else() {
        for file in [PNG, JPEG] {
            for length in 0..24 {
                assert_eq!(inspect(&file[..length]), None, "{length} bytes");
            }
        }
        for other in [&b"<html>"[..], b"GIF89a", b"\xff\xd8\xff\xe0\0\0\xff\xe0\0\0", b"\xff\xd8\xff\xda\0\x02data"] {
            assert_eq!(inspect(other), None);
        }
    }
}
