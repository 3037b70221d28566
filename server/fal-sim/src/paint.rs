//! Paints: a sky with sun or moon, clouds, ridges with trees, and sometimes water, all drawn from one hash. The same
//! sketch gives the same picture; another prompt, seed or number gives another.

use crate::canvas::{Canvas, Colour, hsl, mix};
use std::f32::consts::TAU;

/// Everything a picture depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sketch {
    /// Hash of model, prompt, seed and the picture's number.
    pub(crate) hash: [u8; 32],
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Black, as a safety checker leaves it.
    pub(crate) black: bool,
}

/// Paints a sketch.
pub(crate) fn paint(sketch: &Sketch) -> Canvas {
    let mut canvas = Canvas::new(sketch.width, sketch.height);
    if !sketch.black {
        let scene = Scene::compose(&mut Stream::new(sketch.hash), sketch.width, sketch.height);
        (0..sketch.height).for_each(|y| scene.row(&mut canvas, y));
    }
    canvas
}

struct Scene {
    width: f32,
    height: f32,
    zenith: Colour,
    haze: Colour,
    light: Colour,
    sun: Disc,
    clouds: Vec<Disc>,
    ridges: Vec<Ridge>,
    /// Where the water begins, in rows.
    shore: f32,
    water: Colour,
    ripples: Stream,
}

/// An ellipse.
#[derive(Clone, Copy)]
struct Disc {
    x: f32,
    y: f32,
    across: f32,
    up: f32,
}

/// A line of hills: how far down each column is sky, and the trees that stand on it.
struct Ridge {
    colour: Colour,
    tops: Vec<f32>,
    highest: f32,
    lowest: f32,
    trees: Vec<Disc>,
}

impl Scene {
    fn compose(dice: &mut Stream, columns: u32, rows: u32) -> Self {
        let (width, height) = (to_f32(columns), to_f32(rows));
        let night = dice.unit() < 0.25;
        // Skies from turquoise over blue and violet to red; green ones look ill.
        let hue = dice.between(0.47, 1.09);
        let (top, bottom) = if night { (0.12, 0.32) } else { (0.45, 0.85) };
        let zenith = hsl(hue, 0.55, top);
        let haze = hsl(hue + dice.between(0.05, 0.4), 0.7, bottom);
        let light = hsl(dice.between(0.08, 0.16), 0.9, 0.93);
        let size = dice.between(0.04, 0.11) * width.min(height);
        let sun =
            Disc { x: dice.between(0.15, 0.85) * width, y: dice.between(0.15, 0.5) * height, across: size, up: size };
        let near = hsl(hue + dice.between(0.3, 0.7), 0.45, 0.14);
        let ridges = ridges(dice, columns, height, haze, near);
        let shore = if dice.unit() < 0.5 { height } else { dice.between(0.78, 0.9) * height };
        let clouds = clouds(dice, width, height);
        let water = mix(mix(zenith, haze, 0.4), [10, 30, 60], 0.25);
        Self { width, height, zenith, haze, light, sun, clouds, ridges, shore, water, ripples: dice.fork() }
    }

    fn row(&self, canvas: &mut Canvas, row: u32) {
        let y = to_f32(row);
        if y >= self.shore {
            return self.water_row(canvas, row, y);
        }
        let sky = mix(self.zenith, self.haze, y / (0.75 * self.height));
        canvas.span(row, 0.0, self.width, sky);
        for ring in (0..6u8).rev().map(f32::from) {
            let glow = self.sun.grown(1.0 + ring * ring * 0.22);
            glow.span(canvas, row, mix(self.light, sky, ring.sqrt() / 2.4));
        }
        self.clouds.iter().for_each(|cloud| cloud.span(canvas, row, mix(sky, self.light, 0.35)));
        self.ridges.iter().for_each(|ridge| ridge.row(canvas, row, y, self.haze));
    }

    fn water_row(&self, canvas: &mut Canvas, row: u32, y: f32) {
        let depth = (y - self.shore) / (self.height - self.shore).max(1.0);
        let colour = mix(self.haze, self.water, 0.35 + 0.65 * depth);
        canvas.span(row, 0.0, self.width, colour);
        let mut dice = self.ripples.at(u64::from(row / 3));
        let shine = mix(colour, self.light, 0.3);
        for _ in 0..4 {
            let (from, long) = (dice.unit() * self.width, dice.between(0.02, 0.09) * self.width);
            canvas.span(row, from, from + long * (0.4 + depth), shine);
        }
        let track = self.sun.across * dice.between(0.3, 1.3);
        canvas.span(row, self.sun.x - track, self.sun.x + track, mix(colour, self.light, 0.55));
    }
}

impl Disc {
    fn grown(self, by: f32) -> Self {
        Self { across: self.across * by, up: self.up * by, ..self }
    }

    fn span(self, canvas: &mut Canvas, row: u32, colour: Colour) {
        let rise = (to_f32(row) - self.y) / self.up.max(0.5);
        if rise.abs() < 1.0 {
            let half = self.across * (1.0 - rise * rise).sqrt();
            canvas.span(row, self.x - half, self.x + half, colour);
        }
    }
}

impl Ridge {
    fn row(&self, canvas: &mut Canvas, row: u32, y: f32, haze: Colour) {
        self.trees.iter().for_each(|tree| tree_row(canvas, row, y, *tree, self.colour));
        if y < self.highest {
            return;
        }
        let colour = mix(self.colour, haze, 0.35 * (y - self.highest) / to_f32(canvas.height));
        if y >= self.lowest {
            return canvas.span(row, 0.0, to_f32(canvas.width), colour);
        }
        let mut column = 0.0;
        for run in self.tops.chunk_by(|a, b| (*a <= y) == (*b <= y)) {
            let end = column + length(run);
            if run[0] <= y {
                canvas.span(row, column, end, colour);
            }
            column = end;
        }
    }
}

/// A spruce: a triangle with a few steps in it.
fn tree_row(canvas: &mut Canvas, row: u32, y: f32, tree: Disc, colour: Colour) {
    let down = (y - (tree.y - tree.up)) / tree.up;
    if (0.0..1.0).contains(&down) {
        let half = tree.across * (down * 0.6 + (down * 4.0).fract() * 0.4);
        canvas.span(row, tree.x - half, tree.x + half, mix(colour, [0, 0, 0], 0.25));
    }
}

fn ridges(dice: &mut Stream, columns: u32, height: f32, far: Colour, near: Colour) -> Vec<Ridge> {
    let count = 3 + dice.below(3);
    let share = |i: u8| (f32::from(i) + 1.0) / f32::from(count);
    (0..count).map(|i| ridge(dice, columns, height, share(i), mix(far, near, 0.15 + 0.85 * share(i)))).collect()
}

fn ridge(dice: &mut Stream, columns: u32, height: f32, nearness: f32, colour: Colour) -> Ridge {
    let base = height * (0.42 + 0.42 * nearness);
    let rough = height * dice.between(0.03, 0.13) * (1.25 - nearness);
    let waves: Vec<_> =
        (1..=4u8).map(|n| (f32::from(n * n) * dice.between(0.4, 0.8), dice.unit(), f32::from(n))).collect();
    let top = |x: u32| {
        let along = to_f32(x) / to_f32(columns);
        base - waves.iter().map(|(turns, phase, n)| rough / n * (TAU * (turns * along + phase)).sin()).sum::<f32>()
    };
    let tops: Vec<f32> = (0..columns).map(top).collect();
    let trees = if nearness > 0.95 { trees(dice, &tops, height) } else { Vec::new() };
    let (highest, lowest) = tops.iter().fold((f32::MAX, f32::MIN), |(a, b), top| (a.min(*top), b.max(*top)));
    Ridge { colour, tops, highest, lowest, trees }
}

fn trees(dice: &mut Stream, tops: &[f32], height: f32) -> Vec<Disc> {
    let plant = |dice: &mut Stream| {
        let x = dice.unit() * length(tops);
        let up = height * dice.between(0.03, 0.1);
        let ground =
            tops.iter().zip(0u16..).find(|(_, column)| f32::from(*column) >= x).map_or(height, |(top, _)| *top);
        Disc { x, y: ground + 0.2 * up, across: up * dice.between(0.2, 0.3), up }
    };
    (0..dice.below(24)).map(|_| plant(dice)).collect()
}

fn clouds(dice: &mut Stream, width: f32, height: f32) -> Vec<Disc> {
    let mut clouds = Vec::new();
    for _ in 0..dice.below(5) {
        let (x, y) = (dice.unit() * width, dice.between(0.05, 0.4) * height);
        for _ in 0..4 {
            let across = dice.between(0.04, 0.13) * width;
            let up = dice.between(0.012, 0.04) * height;
            clouds.push(Disc {
                x: x + dice.between(-0.1, 0.1) * width,
                y: y + dice.between(-0.01, 0.01) * height,
                across,
                up,
            });
        }
    }
    clouds
}

/// Numbers that follow from a hash (SplitMix64).
#[derive(Clone, Copy)]
struct Stream(u64);

impl Stream {
    fn new(hash: [u8; 32]) -> Self {
        Self(u64::from_le_bytes(*hash.first_chunk().expect("a hash has 32 bytes")))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 up to but not including 1.
    #[expect(clippy::cast_precision_loss, reason = "24 bits fit an f32 exactly")]
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / 16_777_216.0
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    fn below(&mut self, bound: u8) -> u8 {
        let [low, ..] = (self.next() % u64::from(bound)).to_le_bytes();
        low
    }

    /// A stream of its own, so that rows may be drawn in any order.
    fn fork(&mut self) -> Self {
        Self(self.next())
    }

    fn at(&self, place: u64) -> Self {
        let mut stream = Self(self.0 ^ place.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        stream.fork()
    }
}

#[expect(clippy::cast_precision_loss, reason = "sides are far below 2^24")]
fn to_f32(side: u32) -> f32 {
    side as f32
}

#[expect(clippy::cast_precision_loss, reason = "rows are far shorter than 2^24")]
fn length(row: &[f32]) -> f32 {
    row.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(first: u8, width: u32, height: u32) -> Sketch {
        Sketch { hash: [first; 32], width, height, black: false }
    }

    #[test]
    fn a_picture_follows_from_its_sketch() {
        let pixels = |first| paint(&sketch(first, 64, 48)).pixels;
        assert_eq!(pixels(1), pixels(1));
        assert_ne!(pixels(1), pixels(2));
        assert_eq!(pixels(1).len(), 64 * 48 * 3);
        assert!(paint(&Sketch { black: true, ..sketch(1, 64, 48) }).pixels.iter().all(|byte| *byte == 0));
    }

    #[test]
    fn there_is_something_to_see_at_every_size() {
        for (width, height) in [(1, 1), (1, 700), (700, 1), (33, 77), (1024, 1024)] {
            for first in 0..20 {
                let pixels = paint(&sketch(first, width, height)).pixels;
                assert!(pixels.iter().any(|byte| *byte != 0), "{width}×{height}");
            }
        }
    }
}
