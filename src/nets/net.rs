//! What the training loop asks of a net, whatever its kind.
//!
//! The loop owns epochs, orders, schedules, early stopping and records; a net owns its weights, its buffers and the
//! optimiser's memory. Rows are named by their positions in a part, so that a net gathers them in the form it reads.

use super::loss::Tally;
use super::optimizer::Update;
use super::perceptron::Perceptron;
use super::record::Units;
use super::recurrent::Recurrent;
use super::stack::{Stack, Tower};
use super::{NetSpec, Setting, TrainSpec};
use crate::data::Rows;
use crate::learn::{Predict, Written};
use crate::numerics::Team;

/// A net in training. No method allocates in the steady state but those that say so.
pub(super) trait Net {
    /// One update by the mini-batch of rows `positions`; what is returned was measured before it.
    fn step(&mut self, rows: &Rows<'_>, positions: &[u32], moment: Moment) -> Tally;

    /// Number of layers that have weights.
    fn layers(&self) -> usize;

    /// L2 norm of the loss's gradient by the weights of each layer in the last step, before clipping.
    fn gradient_norms(&self, norms: &mut [f64]);

    /// Rows that are evaluated at once: part of the definition of a mean over many.
    fn rows_at_once(&self) -> usize;

    /// What rows `positions`, at most [`Net::rows_at_once`], come to, as in prediction: nothing is dropped or updated.
    fn evaluate(&mut self, rows: &Rows<'_>, positions: &[u32]) -> Tally;

    /// What a net of symbols writes after epoch `epoch` of the training with `seed`, going on from the first of `rows`; none by
    /// other nets. Allocates.
    fn write(&self, _rows: &Rows<'_>, _seed: u64, _epoch: u32) -> Vec<Written> {
        Vec::new()
    }

    /// The state of the hidden units on the rows evaluated last; allocates.
    fn units(&self) -> Vec<Units>;

    /// Number of fitted parameters.
    fn parameters(&self) -> u64;

    /// Everything that the fitted net is, padding and running statistics included, in a fixed order; allocates the list.
    fn weights(&mut self) -> Vec<&mut [f32]>;

    /// The optimiser's running means of all parameters, in a fixed order: what learning remembers beside
    /// [`Net::weights`] from one step to the next. Allocates the list.
    fn memory(&mut self) -> Vec<&mut [f32]>;

    /// The fitted net.
    fn into_model(self: Box<Self>) -> Box<dyn Predict>;
}

/// When a step is made, and how it updates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// Of the training.
    pub seed: u64,
    /// Updates made before.
    pub step: u64,
    /// How gradients become updates.
    pub update: Update,
}

/// What a net is built for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'a> {
    /// What it reads and predicts.
    pub setting: Setting,
    /// How it learns.
    pub train: &'a TrainSpec,
    /// Most rows of a mini-batch.
    pub batch: usize,
    /// Where its first weights come from.
    pub seed: u64,
    /// Who computes.
    pub team: &'a Team,
}

/// A net with its first weights.
pub(super) fn build<'a>(net: &NetSpec, site: Site<'a>) -> Box<dyn Net + 'a> {
    let setting = site.setting;
    let outputs = site.train.loss.outputs(setting.task);
    match net {
        NetSpec::Mlp(spec) if spec.is_plain() => Box::new(Perceptron::new(spec, site)),
        NetSpec::Mlp(spec) => {
            let stack = Stack::of_mlp(spec, setting.columns, outputs, site.seed, site.team.simd());
            Box::new(Tower::new(stack, site))
        }
        NetSpec::Cnn(spec) => {
            let image = setting.image.expect("a convolutional net was checked to read images");
            Box::new(Tower::new(Stack::of_cnn(spec, image, outputs, site.seed, site.team.simd()), site))
        }
        NetSpec::Recurrent(spec) => Box::new(Recurrent::new(spec, site)),
    }
}
