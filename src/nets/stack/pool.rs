//! Pools: the largest or the mean value of each window of each channel. Windows lie within the image.

use super::block::Tape;
use super::layer::{Layer, Pass};
use crate::nets::cnn::{Pooling, Volume, Windows};
use crate::numerics::{LANES, Panels, Simd};

/// A pool; down and across.
#[derive(Debug)]
pub(super) struct Pool {
    pub by: Pooling,
    pub from: Volume,
    pub to: Volume,
    pub windows: [Windows; 2],
}

impl Pool {
    /// Calls `visit(output, input)` for each channel of each window: where in the floats its 32 outputs are, and the
    /// inputs of the window's first entry.
    #[inline(always)]
    fn visit(&self, mut visit: impl FnMut(usize, usize)) {
        let ([down, across], channels) = (self.windows, self.from.channels);
        for row in 0..self.to.height {
            for column in 0..self.to.width {
                let output = (row * self.to.width + column) * channels;
                let input = (row * down.stride * self.from.width + column * across.stride) * channels;
                for c in 0..channels {
                    visit((output + c) * LANES, (input + c) * LANES);
                }
            }
        }
    }

    /// Calls `each(entry, offset)` for each entry of a window: its number, and floats from the first one's inputs to its.
    #[inline(always)]
    fn entries(&self, mut each: impl FnMut(usize, usize)) {
        let [down, across] = self.windows;
        for i in 0..down.size {
            for j in 0..across.size {
                each(i * across.size + j, (i * self.from.width + j) * self.from.channels * LANES);
            }
        }
    }

    /// One over the entries of a window.
    fn share(&self) -> f32 {
        1.0 / (self.windows[0].size * self.windows[1].size) as f32
    }

    /// The largest of each window, and in `kept`, which may be empty, where it is.
    #[inline(always)]
    fn largest(&self, x: &[f32], y: &mut [f32], kept: &mut [f32]) {
        self.visit(
            #[inline(always)]
            |output, input| {
                let (mut y_lanes, mut at) = ([0.0; LANES], [0.0; LANES]);
                self.entries(
                    #[inline(always)]
                    |entry, offset| {
                        let x = lanes(x, input + offset);
                        for i in 0..LANES {
                            let takes = entry == 0 || is_larger(x[i], y_lanes[i]);
                            y_lanes[i] = if takes { x[i] } else { y_lanes[i] };
                            at[i] = if takes { entry as f32 } else { at[i] };
                        }
                    },
                );
                *lanes_mut(y, output) = y_lanes;
                if !kept.is_empty() {
                    *lanes_mut(kept, output) = at;
                }
            },
        );
    }

    #[inline(always)]
    fn mean(&self, x: &[f32], y: &mut [f32]) {
        let share = self.share();
        self.visit(
            #[inline(always)]
            |output, input| {
                let mut sum = [0.0; LANES];
                self.entries(
                    #[inline(always)]
                    |entry, offset| {
                        let x = lanes(x, input + offset);
                        for i in 0..LANES {
                            sum[i] = if entry == 0 { x[i] * share } else { x[i].mul_add(share, sum[i]) };
                        }
                    },
                );
                *lanes_mut(y, output) = sum;
            },
        );
    }

    /// Hands the gradient by each output to the entries of its window. Where windows do not overlap there is nothing to add
    /// to, and `dx` is not read.
    #[inline(always)]
    fn spread<const OVERLAP: bool>(&self, dy: &[f32], kept: &[f32], dx: &mut [f32], part: impl Part) {
        self.visit(
            #[inline(always)]
            |output, input| {
                let (dy, kept) = (lanes(dy, output), lanes(kept, output));
                self.entries(
                    #[inline(always)]
                    |entry, offset| {
                        let dx = lanes_mut(dx, input + offset);
                        for i in 0..LANES {
                            let before = if OVERLAP { dx[i] } else { 0.0 };
                            dx[i] = part.added(before, dy[i], kept[i], entry as f32);
                        }
                    },
                );
            },
        );
    }

    /// Whether an input pixel lies in several windows.
    pub fn overlaps(&self) -> bool {
        self.windows.iter().any(|w| w.stride < w.size)
    }

    /// Whether an input pixel lies in none.
    pub fn has_gaps(&self) -> bool {
        let misses = |w: Windows, from, to| w.stride > w.size || (to - 1) * w.stride + w.size < from;
        let [down, across] = self.windows;
        misses(down, self.from.height, self.to.height) || misses(across, self.from.width, self.to.width)
    }

    /// Writes the outputs to `y`, and to `kept`, unless it is empty, where maxima are.
    pub fn take(&self, simd: Simd, x: &[f32], y: &mut [f32], kept: &mut [f32]) {
        simd.run(
            #[inline(always)]
            || match self.by {
                Pooling::Average => self.mean(x, y),
                Pooling::Max => self.largest(x, y, kept),
            },
        );
    }

    /// Writes the gradient by the inputs to `dx`.
    pub fn give_back(&self, simd: Simd, dy: &[f32], kept: &[f32], dx: &mut [f32]) {
        if self.overlaps() || self.has_gaps() {
            dx.fill(0.0);
        }
        let share = self.share();
        simd.run(
            #[inline(always)]
            || match (self.by, self.overlaps()) {
                (Pooling::Average, false) => self.spread::<false>(dy, dy, dx, Mean(share)),
                (Pooling::Average, true) => self.spread::<true>(dy, dy, dx, Mean(share)),
                (Pooling::Max, false) => self.spread::<false>(dy, kept, dx, Largest),
                (Pooling::Max, true) => self.spread::<true>(dy, kept, dx, Largest),
            },
        );
    }
}

/// The 32 floats from `at` on.
#[inline(always)]
fn lanes(floats: &[f32], at: usize) -> &[f32; LANES] {
    floats[at..at + LANES].try_into().expect("as many as were taken")
}

/// As [`lanes`].
#[inline(always)]
fn lanes_mut(floats: &mut [f32], at: usize) -> &mut [f32; LANES] {
    (&mut floats[at..at + LANES]).try_into().expect("as many as were taken")
}

impl Layer for Pool {
    fn outputs(&self) -> usize {
        self.to.features()
    }

    fn tape(&self, pass: Pass) -> Tape {
        let mut tape = Tape::of(self.outputs());
        if pass.training && self.by == Pooling::Max {
            tape.kept = tape.y.clone();
        }
        tape
    }

    fn forward(&self, x: &Panels, _: Option<&Panels>, tape: &mut Tape, pass: Pass) {
        let kept = if pass.training { tape.kept.floats_mut() } else { &mut [] };
        self.take(pass.simd, x.panel(0), tape.y.panel_mut(0), kept);
    }

    fn backward(&self, _: &Panels, tape: &mut Tape, dy: &mut Panels, dx: Option<&mut Panels>, pass: Pass) {
        if let Some(dx) = dx {
            self.give_back(pass.simd, dy.panel(0), tape.kept.floats(), dx.panel_mut(0));
        }
    }
}

/// What an entry of a window gets of the gradient by the window's output.
trait Part {
    /// `dx` and what is added to it; the entry is number `entry`, `kept` the largest one's.
    fn added(&self, dx: f32, dy: f32, kept: f32, entry: f32) -> f32;
}

/// The same for every entry.
struct Mean(f32);

impl Part for Mean {
    #[inline(always)]
    fn added(&self, dx: f32, dy: f32, _: f32, _: f32) -> f32 {
        dy.mul_add(self.0, dx)
    }
}

/// All for the largest.
struct Largest;

impl Part for Largest {
    #[inline(always)]
    fn added(&self, dx: f32, dy: f32, kept: f32, entry: f32) -> f32 {
        dx + if kept == entry { dy } else { 0.0 }
    }
}

/// Whether `x` takes the place of `y`. NaN does, and keeps it, so that divergence is seen.
#[inline(always)]
fn is_larger(x: f32, y: f32) -> bool {
    x > y || x.is_nan()
}
