//! Turns a painted picture into the bytes of a file.

use crate::canvas::Canvas;
use crate::endpoints::Format;
use crate::paint::{Sketch, paint};
use bytes::Bytes;

const JPEG_QUALITY: u8 = 85;

/// A file's picture, not painted yet.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) sketch: Sketch,
    pub(crate) format: Format,
}

impl Picture {
    /// Paints and encodes. Blocks for some 10 to 100 ms per million pixels.
    pub(crate) fn bytes(&self) -> Bytes {
        let canvas = paint(&self.sketch);
        match self.format {
            Format::Png => png_bytes(&canvas),
            Format::Jpeg => jpeg_bytes(&canvas),
        }
    }
}

fn png_bytes(canvas: &Canvas) -> Bytes {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, canvas.width, canvas.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&canvas.pixels));
    written.expect("a canvas has sides above 0 and all of its pixels");
    file.into()
}

fn jpeg_bytes(canvas: &Canvas) -> Bytes {
    let mut file = Vec::new();
    let side = |side: u32| u16::try_from(side).expect("sides are at most 4096");
    let (width, height) = (side(canvas.width), side(canvas.height));
    let encoder = jpeg_encoder::Encoder::new(&mut file, JPEG_QUALITY);
    let written = encoder.encode(&canvas.pixels, width, height, jpeg_encoder::ColorType::Rgb);
    written.expect("a canvas has sides above 0 and all of its pixels");
    file.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(format: Format) -> Picture {
        Picture { sketch: Sketch { hash: [3; 32], width: 40, height: 30, black: false }, format }
    }

    #[test]
    fn a_png_holds_the_pixels() {
        let file = picture(Format::Png).bytes();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels, paint(&picture(Format::Png).sketch).pixels);
    }

    #[test]
    fn a_jpeg_says_its_size() {
        let file = picture(Format::Jpeg).bytes();
        assert_eq!((&file[..2], &file[file.len() - 2..]), (&[0xFF, 0xD8][..], &[0xFF, 0xD9][..]));
        let frame = file.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
        assert_eq!(file[frame + 5..frame + 9], [0, 30, 0, 40]);
    }
}
