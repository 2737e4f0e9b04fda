//! Nets that are layers one after the other: convolutions, pools, dense layers, normalisation, residual connections.
//!
//! Everything is held with features as rows and samples as columns, in blocks of 32 samples: a vector's lanes are samples,
//! so that a channel more or less costs what it computes, an image of one channel as well as one of a hundred. The rows of
//! an image are its pixels, row by row, with the channels of a pixel next to each other.
//!
//! 1. [`Block`](block::Block) holds 32 samples on their way through the layers, with all buffers: a step allocates nothing.
//! 2. A [`Layer`] takes a block forward and back. Layers whose parts depend on other blocks (batch normalisation) say so.
//! 3. [`Stack`] runs blocks through the layers and makes updates; threads divide blocks and, for weights, outputs.
//! 4. [`Tower`] is a stack as the training loop sees it.

mod add;
mod block;
mod conv;
mod dense;
mod dropout;
mod layer;
mod norm;
mod plan;
mod pool;
mod pooled;
mod tower;
mod unit;

use std::ops::Range;

use super::TrainSpec;
use super::optimizer::Update;
use super::parameters::shortening;
use crate::data::Rows;
use crate::numerics::{LANES, Team};
use block::Blocks;
use layer::{Layer, Pass};

pub(super) use tower::Tower;

/// Layers one after the other, the last with the logits.
pub(super) struct Stack {
    layers: Vec<Box<dyn Layer>>,
    /// Columns of the input.
    inputs: usize,
}

impl Stack {
    /// Buffers for `rows` rows at once.
    fn blocks(&self, rows: usize, pass: Pass) -> Blocks {
        Blocks::new(&self.layers, self.inputs, rows, pass)
    }

    /// Reads rows and takes them to their logits, as in prediction.
    fn look(&self, blocks: &mut Blocks, rows: &Rows<'_>, positions: &[u32], team: &Team, pass: Pass) {
        blocks.take(positions.len());
        self.run(blocks, (rows, positions), 0..self.layers.len(), team, pass);
    }

    /// Reads rows and takes them to their logits, in training: where a layer joins blocks, all of them come to it first.
    fn forward(&mut self, blocks: &mut Blocks, rows: &Rows<'_>, positions: &[u32], team: &Team, pass: Pass) {
        blocks.take(positions.len());
        let mut from = 0;
        loop {
            let to = self.layers.iter().skip(from + 1).position(|l| l.joins_blocks());
            let to = to.map_or(self.layers.len(), |i| from + 1 + i);
            self.run(blocks, (rows, positions), from..to, team, pass);
            if to == self.layers.len() {
                break;
            }
            self.layers[to].join(blocks.in_use(), to);
            from = to;
        }
    }

    /// Takes blocks through some layers, from the rows on if the first is among them, and lets the next one look.
    fn run(&self, blocks: &mut Blocks, rows: (&Rows<'_>, &[u32]), range: Range<usize>, team: &Team, pass: Pass) {
        let (layers, (rows, positions)) = (&self.layers, rows);
        blocks.divide(team, |b, block| {
            if range.start == 0 {
                block.gather(rows, &positions[b * LANES..][..block.rows], pass.simd);
            }
            block.forward(layers, range.clone(), pass.of(b));
            if let Some(next) = layers.get(range.end) {
                let (x, tape) = block.at(range.end);
                next.look(x, tape, pass.of(b));
            }
        });
    }

    /// From the gradient by the logits, in each block's `d`, back to the first layer.
    fn backward(&mut self, blocks: &mut Blocks, team: &Team, pass: Pass) {
        let mut to = self.layers.len();
        loop {
            let layers = &self.layers;
            let joint = layers[..to - 1].iter().rposition(|l| l.joins_blocks());
            let from = joint.map_or(0, |i| i + 1);
            blocks.divide(team, |b, block| {
                block.backward(layers, from..to, pass.of(b));
                if let Some(joint) = joint {
                    block.look_back(layers, joint, pass.of(b));
                }
            });
            let Some(joint) = joint else { break };
            self.layers[joint].join_back(blocks.in_use(), joint);
            to = from;
        }
    }

    /// Computes every gradient by parameters, and updates.
    fn learn(&mut self, blocks: &Blocks, team: &Team, update: Update, train: &TrainSpec) {
        let at_once = train.clip.is_none().then_some(update);
        for l in 0..self.layers.len() {
            self.layers[l].learn(l, blocks.in_use(), team, at_once);
        }
        if let Some(clip) = train.clip {
            let scale = shortening(clip, self.layers.iter().filter_map(|l| l.weights()?.memory.as_ref()));
            for weights in self.layers.iter_mut().filter_map(|l| l.weights_mut()) {
                weights.update(team.simd(), update, scale);
            }
        }
    }
}
