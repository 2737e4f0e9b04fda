//! Thirty-two samples on their way through the layers, with every buffer that takes.

use std::ops::Range;

use super::layer::{Layer, Pass};
use crate::data::Rows;
use crate::nets::mlp::gather_rows;
use crate::numerics::{LANES, Panels, Share, Simd, Team, turn};

/// What one layer keeps of one block between the way forward and the way back.
#[derive(Debug)]
pub(super) struct Tape {
    /// The output: features × samples.
    pub y: Panels,
    /// What a layer that pools its units' outputs pools: the activations, where they are not the output.
    pub wide: Panels,
    /// What the activation's slope is computed from where that is not the output; or factors of a dropout, positions of
    /// maxima, the gradient that skips layers.
    pub kept: Panels,
    /// The gradient by the weighted sums, turned: samples × features.
    pub delta_t: Panels,
    /// This block's part of the gradient by the weights.
    pub gradient: Panels,
    /// Patches of an image.
    pub patches: Panels,
    /// The gradient by one patch.
    pub patch: Vec<f32>,
    /// Sums over the block's samples.
    pub sums: Vec<f64>,
}

impl Tape {
    /// The outputs of the layer's units.
    pub fn activations(&self) -> &Panels {
        if self.wide.rows() == 0 { &self.y } else { &self.wide }
    }

    /// With an output and nothing else.
    pub fn of(features: usize) -> Self {
        let none = || Panels::zeros(0, 0);
        Self {
            y: Panels::zeros(features, LANES),
            wide: none(),
            kept: none(),
            delta_t: none(),
            gradient: none(),
            patches: none(),
            patch: Vec::new(),
            sums: Vec::new(),
        }
    }
}

/// Up to [`LANES`] samples.
pub(super) struct Block {
    /// Samples in use.
    pub rows: usize,
    /// Samples × columns, as they are read.
    read: Panels,
    /// Columns × samples.
    x: Panels,
    pub tapes: Vec<Tape>,
    /// The gradient by the output that the way back has come to, and room for the next.
    pub d: [Panels; 2],
    /// The first layer with weights: the way back ends there.
    lowest: usize,
}

impl Block {
    fn new(layers: &[Box<dyn Layer>], inputs: usize, pass: Pass) -> Self {
        let widest = layers.iter().map(|l| l.outputs()).max().unwrap_or(0);
        let gradient = || Panels::zeros(if pass.training { widest } else { 0 }, LANES);
        Self {
            rows: 0,
            read: Panels::zeros(LANES, inputs),
            x: Panels::zeros(inputs.next_multiple_of(LANES), LANES),
            tapes: layers.iter().map(|l| l.tape(pass)).collect(),
            d: [gradient(), gradient()],
            lowest: layers.iter().position(|l| l.weights().is_some()).unwrap_or(0),
        }
    }

    /// Reads the block's samples.
    pub fn gather(&mut self, rows: &Rows<'_>, positions: &[u32], simd: Simd) {
        gather_rows(&mut self.read, rows, positions, simd);
        let inputs = self.read.columns();
        // Whole squares: rows beyond the last column are padding.
        self.x.set_rows(inputs.next_multiple_of(LANES));
        self.x.set_columns(positions.len());
        let read = &self.read;
        self.x.panel_mut(0).chunks_exact_mut(LANES * LANES).enumerate().for_each(|(p, square)| {
            turn(simd, read.panel(p), square);
        });
        self.x.set_rows(inputs);
    }

    /// The input of layer `l`.
    pub fn input(&self, l: usize) -> &Panels {
        l.checked_sub(1).map_or(&self.x, |below| &self.tapes[below].y)
    }

    /// The input and the tape of layer `l`.
    pub fn at(&mut self, l: usize) -> (&Panels, &mut Tape) {
        let (below, from) = self.tapes.split_at_mut(l);
        (below.last().map_or(&self.x, |t| &t.y), &mut from[0])
    }

    /// The logits: outputs × samples.
    pub fn logits(&self) -> &Panels {
        self.input(self.tapes.len())
    }

    /// Takes the samples through some layers.
    pub fn forward(&mut self, layers: &[Box<dyn Layer>], range: Range<usize>, pass: Pass) {
        for l in range {
            let (below, from) = self.tapes.split_at_mut(l);
            let x = below.last().map_or(&self.x, |t| &t.y);
            let skip = layers[l].skip().map(|i| if i == 0 { &self.x } else { &below[i - 1].y });
            from[0].y.set_columns(x.columns());
            layers[l].forward(x, skip, &mut from[0], pass);
        }
    }

    /// Takes the gradient in `d[0]` back through some layers, the last of `range` first.
    pub fn backward(&mut self, layers: &[Box<dyn Layer>], range: Range<usize>, pass: Pass) {
        for l in range.rev().filter(|l| *l >= self.lowest) {
            let [dy, dx] = &mut self.d;
            let (below, from) = self.tapes.split_at_mut(l);
            let x = below.last().map_or(&self.x, |t| &t.y);
            if l == self.lowest {
                layers[l].backward(x, &mut from[0], dy, None, pass);
                return;
            }
            dx.set_rows(x.rows());
            dx.set_columns(x.columns());
            layers[l].backward(x, &mut from[0], dy, Some(dx), pass);
            if let Some(above) = layers.iter().position(|layer| layer.skip() == Some(l)) {
                let skipped = self.tapes[above].kept.panel(0);
                let dx = dx.panel_mut(0);
                pass.simd.run(
                    #[inline(always)]
                    || dx.iter_mut().zip(skipped).for_each(|(d, s)| *d += s),
                );
            }
            self.d.swap(0, 1);
        }
    }

    /// See [`Layer::look_back`].
    pub fn look_back(&mut self, layers: &[Box<dyn Layer>], l: usize, pass: Pass) {
        let (below, from) = self.tapes.split_at_mut(l);
        let x = below.last().map_or(&self.x, |t| &t.y);
        layers[l].look_back(x, &mut from[0], &mut self.d[0], pass);
    }
}

/// The blocks of a batch.
pub(super) struct Blocks {
    blocks: Vec<Block>,
    used: usize,
}

impl Blocks {
    /// For up to `rows` rows.
    pub fn new(layers: &[Box<dyn Layer>], inputs: usize, rows: usize, pass: Pass) -> Self {
        let blocks = (0..rows.div_ceil(LANES)).map(|_| Block::new(layers, inputs, pass)).collect();
        Self { blocks, used: 0 }
    }

    /// Rows there is room for.
    pub fn room(&self) -> usize {
        self.blocks.len() * LANES
    }

    /// Takes in `rows` rows.
    pub fn take(&mut self, rows: usize) {
        self.used = rows.div_ceil(LANES);
        for (b, block) in self.blocks[..self.used].iter_mut().enumerate() {
            block.rows = (rows - b * LANES).min(LANES);
        }
    }

    /// Those in use.
    pub fn in_use(&self) -> &[Block] {
        &self.blocks[..self.used]
    }

    /// As [`Blocks::in_use`].
    pub fn in_use_mut(&mut self) -> &mut [Block] {
        &mut self.blocks[..self.used]
    }

    /// Does `work` on each block in use, with its number; threads take blocks of their own.
    pub fn divide(&mut self, team: &Team, work: impl Fn(usize, &mut Block) + Sync) {
        let share = BlockShare { first: 0, blocks: &mut self.blocks[..self.used] };
        team.divide(self.used, share, |share| {
            (share.first..).zip(share.blocks).for_each(|(b, block)| work(b, block));
        });
    }
}

/// Consecutive blocks.
struct BlockShare<'a> {
    first: usize,
    blocks: &'a mut [Block],
}

impl Share for BlockShare<'_> {
    fn cut(self, items: usize, _: usize) -> (Self, Self) {
        let (blocks, rest) = self.blocks.split_at_mut(items);
        (Self { first: self.first, blocks }, BlockShare { first: self.first + items, blocks: rest })
    }
}
