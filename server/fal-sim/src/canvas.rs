//! A picture's pixels, filled span by span. Spans are block copies, so that painting is quick even in a build without
//! optimisation.

/// 8-bit red, green and blue.
pub(crate) type Colour = [u8; 3];

/// Pixels, row by row.
pub(crate) struct Canvas {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Vec<u8>,
}

impl Canvas {
    /// All black.
    pub(crate) fn new(width: u32, height: u32) -> Self {
        let bytes = 3 * width as usize * height as usize;
        Self { width, height, pixels: vec![0; bytes] }
    }

    /// Colours the pixels of row `y` from `from` up to but not including `to`; what lies outside is left out.
    pub(crate) fn span(&mut self, y: u32, from: f32, to: f32, colour: Colour) {
        if y < self.height {
            let row = y as usize * self.width as usize;
            let (first, end) = (row + self.column(from), row + self.column(to.max(from)));
            fill(&mut self.pixels[3 * first..3 * end], colour);
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the row first")]
    #[expect(clippy::cast_precision_loss, reason = "rows are far shorter than 2^24")]
    fn column(&self, x: f32) -> usize {
        x.round().clamp(0.0, self.width as f32) as usize
    }
}

/// Writes one pixel and doubles what is written until the end.
fn fill(span: &mut [u8], colour: Colour) {
    let Some(first) = span.first_chunk_mut() else { return };
    *first = colour;
    let mut done = 3;
    while done < span.len() {
        let more = done.min(span.len() - done);
        span.copy_within(..more, done);
        done += more;
    }
}

/// Between `a` (at 0) and `b` (at 1).
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes is a byte")]
pub(crate) fn mix(a: Colour, b: Colour, share: f32) -> Colour {
    let share = share.clamp(0.0, 1.0);
    let part = |i: usize| (f32::from(a[i]) + (f32::from(b[i]) - f32::from(a[i])) * share).round() as u8;
    [part(0), part(1), part(2)]
}

/// A colour by hue (turns), saturation and lightness (0 to 1).
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte first")]
pub(crate) fn hsl(hue: f32, saturation: f32, lightness: f32) -> Colour {
    let reach = saturation * lightness.min(1.0 - lightness);
    let channel = |offset: f32| {
        let k = (offset + hue.rem_euclid(1.0) * 12.0) % 12.0;
        let level = lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
        (level * 255.0).round().clamp(0.0, 255.0) as u8
    };
    [channel(0.0), channel(8.0), channel(4.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_stay_inside() {
        let mut canvas = Canvas::new(3, 2);
        canvas.span(0, -5.0, 1.2, [1, 2, 3]);
        canvas.span(1, 2.0, 99.0, [4, 5, 6]);
        canvas.span(1, 2.0, 1.0, [9, 9, 9]);
        canvas.span(2, 0.0, 3.0, [9, 9, 9]);
        assert_eq!(canvas.pixels, [1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 5, 6]);
    }

    #[test]
    fn colours_are_what_they_are_called() {
        assert_eq!(hsl(0.0, 1.0, 0.5), [255, 0, 0]);
        assert_eq!(hsl(1.0 / 3.0, 1.0, 0.5), [0, 255, 0]);
        assert_eq!(hsl(0.7, 0.0, 1.0), [255, 255, 255]);
        assert_eq!(mix([0, 0, 0], [10, 20, 30], 0.5), [5, 10, 15]);
    }
}
