//! Paths to grey levels: a round pen, antialiased by its distance to each pixel; clutter; dimming and noise.

use super::{SIDE, shape};
use crate::numerics::random::Draws;

/// A pen, round, its pressure changing along the stroke.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    /// Radius at the start of a stroke, in pixels.
    start: f32,
    /// Radius at its end.
    end: f32,
}

/// Ink on paper: 0 none, 1 full.
#[derive(Debug)]
pub(super) struct Canvas {
    ink: [f32; SIDE * SIDE],
}

impl Pen {
    pub(super) fn draw(draws: &mut Draws, difficulty: f64) -> Self {
        let radius = 1.25 + difficulty * draws.uniform_in(-0.7, 0.9);
        let change = 0.3 * difficulty * draws.uniform_in(-1.0, 1.0);
        Self { start: (radius * (1.0 + change)) as f32, end: (radius * (1.0 - change)) as f32 }
    }
}

impl Canvas {
    pub(super) fn blank() -> Self {
        Self { ink: [0.0; SIDE * SIDE] }
    }

    /// Draws a path; where strokes overlap, the darker one counts.
    pub(super) fn stroke(&mut self, path: &[[f64; 2]], pen: Pen) {
        let spans = (path.len() - 1) as f32;
        for (i, ends) in path.windows(2).enumerate() {
            let share = (i as f32 + 0.5) / spans;
            self.segment(ends[0], ends[1], pen.start + share * (pen.end - pen.start));
        }
    }

    /// A straight piece: a pixel is inked by how far its centre lies within the pen's radius, over one pixel's width.
    fn segment(&mut self, from: [f64; 2], to: [f64; 2], radius: f32) {
        let [x0, y0] = from.map(|c| c as f32);
        let (dx, dy) = ((to[0] - from[0]) as f32, (to[1] - from[1]) as f32);
        let length2 = (dx * dx + dy * dy).max(1e-12);
        let reach = radius + 0.5;
        let columns = span(x0, x0 + dx, reach);
        for y in span(y0, y0 + dy, reach) {
            for x in columns.clone() {
                let (px, py) = (x as f32 + 0.5 - x0, y as f32 + 0.5 - y0);
                let t = ((px * dx + py * dy) / length2).clamp(0.0, 1.0);
                let (ex, ey) = (px - t * dx, py - t * dy);
                let distance2 = ex * ex + ey * ey;
                if distance2 < reach * reach {
                    let ink = (reach - distance2.sqrt()).min(1.0);
                    let cell = &mut self.ink[y * SIDE + x];
                    *cell = cell.max(ink);
                }
            }
        }
    }

    /// Strews short strokes and dots that belong to no digit, by a pen like that of the digit.
    pub(super) fn clutter(&mut self, draws: &mut Draws, difficulty: f64, pen: Pen) {
        let side = SIDE as f64;
        let strokes = (difficulty * 3.6 * draws.uniform() + 0.5) as usize;
        for _ in 0..strokes {
            let start = [draws.uniform_in(0.0, side), draws.uniform_in(0.0, side)];
            let reach = 7.0;
            let next = |p: [f64; 2], draws: &mut Draws| p.map(|c| c + draws.uniform_in(-reach, reach));
            let middle = next(start, draws);
            let end = next(middle, draws);
            self.stroke(&shape::smooth(&[start, middle, end]), pen.thinner());
        }
        let dots = (difficulty * 9.0 * draws.uniform()) as usize;
        for _ in 0..dots {
            let dot = [draws.uniform_in(0.0, side), draws.uniform_in(0.0, side)];
            self.segment(dot, dot, draws.uniform_in(0.3, 1.2) as f32);
        }
    }

    /// The grey levels: ink dimmed, paper darkened, and noise over both.
    pub(super) fn develop(&self, draws: &mut Draws, difficulty: f64) -> Box<[u8]> {
        let dark = 255.0 * (1.0 - 0.45 * difficulty * draws.uniform()) as f32;
        let paper = 255.0 * (0.25 * difficulty * draws.uniform()) as f32;
        let deviation = (34.0 * difficulty) as f32;
        let grey = |ink: f32, draws: &mut Draws| {
            (paper + (dark - paper) * ink + deviation * noise(draws) + 0.5).clamp(0.0, 255.0) as u8
        };
        self.ink.iter().map(|&ink| grey(ink, draws)).collect()
    }
}

impl Pen {
    /// The pen of clutter.
    fn thinner(self) -> Self {
        Self { start: 0.8 * self.start, end: 0.8 * self.end }
    }
}

/// Nearly normal with deviation 1: the sum of four random bytes, from one draw.
fn noise(draws: &mut Draws) -> f32 {
    let sum: u32 = draws.bits().to_le_bytes().into_iter().map(u32::from).sum();
    // Four uniform bytes have mean 4 · 127.5 and variance 4 · (256² - 1) / 12.
    (sum as f32 - 510.0) * (1.0 / 147.8)
}

/// Pixels whose centres may lie within `reach` of the way from `a` to `b`.
fn span(a: f32, b: f32, reach: f32) -> std::ops::Range<usize> {
    let first = (a.min(b) - reach - 0.5).ceil().clamp(0.0, SIDE as f32);
    let last = (a.max(b) + reach + 0.5).floor().clamp(0.0, SIDE as f32);
    first as usize..last as usize
}
