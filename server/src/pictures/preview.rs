//! Small pictures for galleries: JPEG, at most 512 pixels on the long side.

use super::{Format, MAX_BYTES};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};
use std::io::Cursor;

/// Longest side of a preview, in pixels.
pub(super) const LONGEST: u32 = 512;
/// Most pixels that are decoded.
const MAX_PIXELS: u64 = 100_000_000;
/// Most memory for the pixels of one picture, in bytes: 100 megapixels of four bytes and room to turn them.
const MAX_MEMORY: u64 = 512 * 1024 * 1024;
/// Where smaller files stop being worth how they look.
const QUALITY: u8 = 80;

/// A preview of `bytes`, as JPEG; `None` when they cannot be decoded within the limits. Takes up to seconds of a
/// processor.
pub(super) fn preview(format: Format, bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let small = shrunk(decode(format, bytes)?);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&on_white(&small)).ok()?;
    Some(jpeg)
}

/// Dimensions are looked at before any pixel is.
fn decode(format: Format, bytes: &[u8]) -> Option<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), known(format));
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    if !fits(decoder.dimensions(), decoder.total_bytes()) {
        return None;
    }
    // A camera's note on which side is up; a preview has none of its own.
    let orientation = decoder.orientation().ok();
    let mut image = DynamicImage::from_decoder(decoder).ok()?;
    orientation.into_iter().for_each(|orientation| image.apply_orientation(orientation));
    Some(image)
}

/// Whether so many pixels, which take so many bytes, are decoded.
fn fits((width, height): (u32, u32), bytes: u64) -> bool {
    u64::from(width) * u64::from(height) <= MAX_PIXELS && bytes <= MAX_MEMORY
}

fn known(format: Format) -> ImageFormat {
    match format {
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Png => ImageFormat::Png,
        Format::Webp => ImageFormat::WebP,
    }
}

fn shrunk(image: DynamicImage) -> DynamicImage {
    if image.width().max(image.height()) <= LONGEST { image } else { image.thumbnail(LONGEST, LONGEST) }
}

/// JPEG knows no transparency.
fn on_white(image: &DynamicImage) -> RgbImage {
    let rgba = image.to_rgba8();
    let mut flat = RgbImage::new(rgba.width(), rgba.height());
    for (to, from) in flat.pixels_mut().zip(rgba.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        let over = |colour: u32| u8::try_from((colour * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
        to.0 = [over(red), over(green), over(blue)];
    }
    flat
}

#[cfg(test)]
mod tests {
    use super::{Format, fits, preview};
    use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
    use std::io::Cursor;

    fn encoded(width: u32, height: u32, pixel: [u8; 4], format: ImageFormat) -> Vec<u8> {
        let picture = DynamicImage::from(RgbaImage::from_pixel(width, height, Rgba(pixel)));
        let picture = if format == ImageFormat::Jpeg { picture.to_rgb8().into() } else { picture };
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn read(jpeg: &[u8]) -> DynamicImage {
        image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap()
    }

    #[test]
    fn previews_keep_their_shape_and_are_never_larger() {
        for (format, kind) in
            [(Format::Png, ImageFormat::Png), (Format::Jpeg, ImageFormat::Jpeg), (Format::Webp, ImageFormat::WebP)]
        {
            for ((width, height), expected) in
                [((1024, 768), (512, 384)), ((600, 1200), (256, 512)), ((40, 30), (40, 30)), ((1, 2000), (1, 512))]
            {
                let small = preview(format, &encoded(width, height, [200, 100, 50, 255], kind)).unwrap();
                let small = read(&small);
                assert_eq!((small.width(), small.height()), expected, "{format:?}");
            }
        }
    }

    #[test]
    fn what_is_transparent_is_white() {
        let small = preview(Format::Png, &encoded(8, 8, [0, 0, 0, 0], ImageFormat::Png)).unwrap();
        assert!(read(&small).to_rgb8().pixels().all(|pixel| pixel.0.iter().all(|colour| *colour > 250)));
    }

    #[test]
    fn what_cannot_be_decoded_has_none() {
        let good = encoded(64, 64, [1, 2, 3, 255], ImageFormat::Png);
        assert!(preview(Format::Png, &good).is_some());
        for bytes in [&good[..good.len() / 2], &good[..8], b"", b"<svg/>"] {
            assert!(preview(Format::Png, bytes).is_none());
        }
        assert!(preview(Format::Jpeg, &good).is_none(), "the format is what was sniffed, not what decodes");
    }

    #[test]
    fn what_a_header_promises_is_bounded() {
        for (size, bytes, expected) in [
            ((10_000, 10_000), 400_000_000, true),
            ((10_001, 10_000), 300_030_000, false),
            ((u32::MAX, u32::MAX), u64::MAX, false),
            ((10_000, 10_000), 800_000_000, false),
        ] {
            assert_eq!(fits(size, bytes), expected, "{size:?}");
        }
    }
}
