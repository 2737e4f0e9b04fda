//! The convolution: a product of the weights with the patch of the image below each output pixel.
//!
//! A patch P holds the rows (ky, kx, channel) of the window as rows and the block's samples as columns, zeros where the
//! window reaches over the border, and a row of ones below for the bias. With W the weights, biases as the last row, and δ
//! the gradient at an output pixel (filters × samples),
//!
//! ```text
//! y = Wᵀ·P        dW = Σ over pixels P·δᵀ        dP = W·δ, added to the gradient of the pixels it was taken from
//! ```
//!
//! Every y is one chain of fused multiply-adds in the order (ky, kx, channel), bias last. A block's dW is one chain over
//! pixels, row by row, and their samples; the blocks' are added in order. Patches are packed a few pixels at a time and stay
//! in the cache, so that copying them costs a few per cent of the products.

use super::block::{Block, Tape};
use super::layer::{Layer, Pass};
use super::unit::Unit;
use crate::nets::Activation;
use crate::nets::cnn::{Volume, Windows};
use crate::nets::optimizer::Update;
use crate::nets::parameters::Weights;
use crate::numerics::{LANES, Left, Panels, Simd, Start, Team, multiply_panel, multiply_rows, turn};

/// Floats of the patches that are packed at once: they stay in the second-level cache.
const PACKED: usize = 64 * 1024;

/// A convolution with its activation.
#[derive(Debug)]
pub(super) struct Convolution {
    pub weights: Weights,
    pub unit: Unit,
    pub from: Volume,
    pub to: Volume,
    pub windows: [Windows; 2],
}

/// What a window covers along one side: its first entry that lies on the image, where that is, and how many do.
struct Cover {
    entry: usize,
    at: usize,
    len: usize,
}

impl Windows {
    /// Of window number `i` along a side of `side` pixels.
    fn cover(self, i: usize, side: usize) -> Cover {
        let start = i * self.stride;
        let entry = self.before.saturating_sub(start);
        let at = (start + entry).saturating_sub(self.before);
        let end = (start + self.size).saturating_sub(self.before).min(side);
        Cover { entry, at, len: end.saturating_sub(at) }
    }
}

impl Convolution {
    /// Rows of a patch without that of ones.
    fn window(&self) -> usize {
        self.weights.theta.rows() - 1
    }

    /// Output pixels whose patches are packed at once, of one row.
    fn group(&self) -> usize {
        (PACKED / (LANES * (self.window() + 1))).clamp(1, self.to.width)
    }

    /// Calls `visit(patch rows, image rows)` for each stretch of the patch of output pixel (`row`, `column`) that lies on
    /// the image; both are ranges of rows of [`LANES`] floats.
    #[inline(always)]
    fn stretches(&self, row: usize, column: usize, mut visit: impl FnMut(usize, usize, usize)) {
        let [down, across] = self.windows;
        let (rows, columns) = (down.cover(row, self.from.height), across.cover(column, self.from.width));
        let channels = self.from.channels;
        for i in 0..rows.len {
            let in_patch = ((rows.entry + i) * across.size + columns.entry) * channels;
            let in_image = ((rows.at + i) * self.from.width + columns.at) * channels;
            visit(in_patch, in_image, columns.len * channels);
        }
    }

    /// Writes the patch of an output pixel; the row of ones below it stays.
    fn pack(&self, x: &[f32], row: usize, column: usize, patch: &mut [f32]) {
        let [down, across] = self.windows;
        let whole = down.cover(row, self.from.height).len == down.size
            && across.cover(column, self.from.width).len == across.size;
        if !whole {
            patch[..self.window() * LANES].fill(0.0);
        }
        self.stretches(row, column, |in_patch, in_image, len| {
            let from = &x[in_image * LANES..(in_image + len) * LANES];
            patch[in_patch * LANES..(in_patch + len) * LANES].copy_from_slice(from);
        });
    }

    /// Adds the gradient by a patch to that of the pixels it was taken from.
    fn unpack(&self, simd: Simd, patch: &[f32], row: usize, column: usize, dx: &mut [f32]) {
        simd.run(
            #[inline(always)]
            || {
                self.stretches(row, column, |in_patch, in_image, len| {
                    let from = &patch[in_patch * LANES..(in_patch + len) * LANES];
                    let to = &mut dx[in_image * LANES..(in_image + len) * LANES];
                    to.iter_mut().zip(from).for_each(|(d, p)| *d += p);
                });
            },
        );
    }

    /// Groups of the output pixels of a row: first column, number.
    fn groups(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (group, width) = (self.group(), self.to.width);
        (0..width).step_by(group).map(move |column| (column, group.min(width - column)))
    }

    /// Floats of an output pixel.
    fn pixel(&self) -> usize {
        self.to.channels * LANES
    }

    /// Output row `row`, in `y`, of the image `x`; `patch` has a row of ones below.
    pub fn forward_row(&self, x: &Panels, row: usize, patch: &mut [f32], y: &mut [f32], simd: Simd) {
        for (column, y) in y.chunks_exact_mut(self.pixel()).enumerate() {
            self.pixel_forward(x, row, column, patch, y, simd);
            self.unit.0.apply(simd, y);
        }
    }

    /// The weighted sums of an output pixel: filters × samples.
    fn pixel_forward(&self, x: &Panels, row: usize, column: usize, patch: &mut [f32], y: &mut [f32], simd: Simd) {
        self.pack(x.panel(0), row, column, patch);
        multiply_rows(simd, Left::Transposed(&self.weights.theta), patch, x.columns(), Start::Zero, y);
    }

    /// What `delta`, the gradient by the weighted sums of output row `row`, comes to: the gradient by the weights goes on from
    /// `start`, that by the inputs is added to `dx`.
    #[expect(clippy::too_many_arguments, reason = "both ends of a row, and what it leaves")]
    pub fn backward_row(
        &self,
        x: &Panels,
        row: usize,
        delta: &[f32],
        tape: &mut Tape,
        mut dx: Option<&mut Panels>,
        mut start: Start,
        simd: Simd,
    ) {
        let size = self.pixel();
        for (column, pixels) in self.groups() {
            tape.patches.set_columns(pixels * LANES);
            tape.delta_t.set_rows(pixels * LANES);
            for p in 0..pixels {
                self.pack(x.panel(0), row, column + p, tape.patches.panel_mut(p));
                let delta = &delta[(column + p) * size..(column + p + 1) * size];
                for (f, filters) in delta.chunks(LANES * LANES).enumerate() {
                    turn(simd, filters, &mut tape.delta_t.panel_mut(f)[p * LANES * LANES..(p + 1) * LANES * LANES]);
                }
                if let Some(dx) = &mut dx {
                    let theta = Left::Plain(&self.weights.theta);
                    multiply_rows(simd, theta, delta, x.columns(), Start::Zero, &mut tape.patch);
                    self.unpack(simd, &tape.patch, row, column + p, dx.panel_mut(0));
                }
            }
            for f in 0..tape.gradient.panels() {
                let dw = tape.gradient.panel_mut(f);
                multiply_panel(simd, Left::Plain(&tape.patches), &tape.delta_t, f, start, dw);
            }
            start = Start::Old;
        }
    }
}

impl Layer for Convolution {
    fn outputs(&self) -> usize {
        self.to.features()
    }

    fn tape(&self, pass: Pass) -> Tape {
        let (rows, filters, group) = (self.window() + 1, self.to.channels, self.group());
        let mut tape = Tape::of(self.outputs());
        self.unit.prepare(&mut tape);
        tape.patches = Panels::zeros(rows, group * LANES);
        for p in 0..group {
            tape.patches.panel_mut(p)[(rows - 1) * LANES..].fill(1.0);
        }
        if pass.training {
            tape.delta_t = Panels::zeros(group * LANES, filters);
            tape.gradient = Panels::zeros(rows, filters);
            tape.patch = vec![0.0; self.window() * LANES];
        }
        tape
    }

    fn forward(&self, x: &Panels, _: Option<&Panels>, tape: &mut Tape, pass: Pass) {
        let size = self.pixel();
        for row in 0..self.to.height {
            for column in 0..self.to.width {
                let from = (row * self.to.width + column) * size;
                let (patch, y) = (tape.patches.panel_mut(0), &mut tape.y.panel_mut(0)[from..from + size]);
                self.pixel_forward(x, row, column, patch, y, pass.simd);
                self.unit.apply(pass.simd, tape, from, size);
            }
        }
    }

    fn backward(&self, x: &Panels, tape: &mut Tape, dy: &mut Panels, mut dx: Option<&mut Panels>, pass: Pass) {
        if let Some(dx) = &mut dx {
            dx.panel_mut(0).fill(0.0);
        }
        let (len, mut start) = (self.to.width * self.pixel(), Start::Zero);
        for (row, delta) in dy.panel_mut(0).chunks_exact_mut(len).enumerate() {
            self.unit.backward_part(pass.simd, tape, row * len, delta);
            self.backward_row(x, row, delta, tape, dx.as_deref_mut(), start, pass.simd);
            start = Start::Old;
        }
    }

    fn weights(&self) -> Option<&Weights> {
        Some(&self.weights)
    }

    fn weights_mut(&mut self) -> Option<&mut Weights> {
        Some(&mut self.weights)
    }

    fn is_weighted(&self) -> bool {
        true
    }

    fn learn(&mut self, l: usize, blocks: &[Block], team: &Team, update: Option<Update>) {
        let simd = team.simd();
        self.weights.learn(team, update, |p, dw, db| {
            for (b, block) in blocks.iter().enumerate() {
                let (of_weights, of_biases) = block.tapes[l].gradient.panel(p).split_at(dw.len());
                if b == 0 {
                    dw.copy_from_slice(of_weights);
                    db.copy_from_slice(of_biases);
                    continue;
                }
                simd.run(
                    #[inline(always)]
                    || {
                        dw.iter_mut().zip(of_weights).for_each(|(sum, d)| *sum += d);
                        db.iter_mut().zip(of_biases).for_each(|(sum, d)| *sum += d);
                    },
                );
            }
        });
    }

    fn unit(&self) -> Option<Unit> {
        (self.unit.0 != Activation::Identity).then_some(self.unit)
    }
}
