//! What a layer of a stack is: a block forward, a block back, and the gradient by its weights.

use super::block::{Block, Tape};
use crate::nets::optimizer::Update;
use crate::nets::parameters::Weights;
use crate::numerics::{Panels, Simd, Team};

/// A layer: features × samples in, features × samples out, a block of 32 samples at a time.
pub(super) trait Layer: Send + Sync {
    /// Features of an output.
    fn outputs(&self) -> usize;

    /// Buffers for one block; only what a pass forward needs, unless it is for training.
    fn tape(&self, pass: Pass) -> Tape;

    /// Writes `tape.y`. `skip` is the output that [`Layer::skip`] asks for.
    fn forward(&self, x: &Panels, skip: Option<&Panels>, tape: &mut Tape, pass: Pass);

    /// From the gradient by the outputs, which it may overwrite, to the one by the inputs, where it is wanted. Columns
    /// beyond the samples are 0 in both. What [`Layer::learn`] needs is left in the tape.
    fn backward(&self, x: &Panels, tape: &mut Tape, dy: &mut Panels, dx: Option<&mut Panels>, pass: Pass);

    /// The layer's weights, where it has any.
    fn weights(&self) -> Option<&Weights> {
        None
    }

    /// As [`Layer::weights`].
    fn weights_mut(&mut self) -> Option<&mut Weights> {
        None
    }

    /// Everything that the fitted layer is: weights, and what is fitted without a gradient.
    fn values(&mut self) -> Vec<&mut [f32]> {
        self.weights_mut().map(|w| w.theta.floats_mut()).into_iter().collect()
    }

    /// Whether the layer is one of those whose gradient norm is recorded.
    fn is_weighted(&self) -> bool {
        false
    }

    /// Computes the gradient by the weights from what all blocks hold; the layer is number `l`.
    fn learn(&mut self, _l: usize, _blocks: &[Block], _team: &Team, _update: Option<Update>) {}

    /// The input whose values are added: 0 for the net's input, l for the output of layer l − 1.
    fn skip(&self) -> Option<usize> {
        None
    }

    /// Whether, in training, every block has to be looked at before one can go on.
    fn joins_blocks(&self) -> bool {
        false
    }

    /// Before [`Layer::forward`], where blocks are joined: notes in the tape what is to be known of this one.
    fn look(&self, _x: &Panels, _tape: &mut Tape, _pass: Pass) {}

    /// Joins what was noted.
    fn join(&mut self, _blocks: &[Block], _l: usize) {}

    /// Before [`Layer::backward`], as [`Layer::look`].
    fn look_back(&self, _x: &Panels, _tape: &mut Tape, _dy: &mut Panels, _pass: Pass) {}

    /// Joins what was noted on the way back.
    fn join_back(&mut self, _blocks: &[Block], _l: usize) {}

    /// What the state of the layer's units is told from, if it has units with an activation.
    fn unit(&self) -> Option<super::unit::Unit> {
        None
    }
}

/// What a pass through the layers is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    pub simd: Simd,
    /// Whether something is learnt from it.
    pub training: bool,
    pub seed: u64,
    pub step: u64,
    /// Which block.
    pub block: usize,
}

impl Pass {
    /// A pass that only looks.
    pub fn looking(simd: Simd) -> Self {
        Self { simd, training: false, seed: 0, step: 0, block: 0 }
    }

    /// The same for block `block`.
    pub fn of(self, block: usize) -> Self {
        Self { block, ..self }
    }
}
