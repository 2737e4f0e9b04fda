//! Hand-written deep nets: a specification and rows in, a fitted net with its history out.
//!
//! [`train`](fn@train) is the entry. A [`NetSpec`] says what the net is, a [`TrainSpec`] how it learns; both are plain values
//! that go into a run's key. The training loop knows a net only by what it can do (`net`): take a step, look at rows, hand
//! out its weights. Everything here is built on [`numerics`](crate::numerics), so that a fit has the same bits on
//! every machine and at any number of threads.
//!
//! # What is measured
//! The history of a fit holds one [`Series`](crate::learn::Series) for each of these:
//!
//! | measure | layers | at epochs | meaning |
//! |---|---|---|---|
//! | `train_loss`, `train_accuracy` | – | every `eval_every`, last | mean over the rows of the epoch's mini-batches, each seen before its update |
//! | `valid_loss`, `valid_accuracy` | – | 0, every `eval_every`, last; all with early stopping | over the validation rows, where there are any |
//! | `test_loss`, `test_accuracy` | – | 0, every `eval_every`, last | over the test rows |
//! | `valid_rmse`, `test_rmse` | – | as the losses | regression only, in place of the accuracy |
//! | `gradient_norm` | all | as the test losses | L2 norm of the loss's gradient by the layer's weights; epoch 0: first mini-batch, before any update; later: mean over the epoch's steps |
//! | `gradient_check` | all | 0, where asked for | relative difference between the length of the first gradient and the slope of the loss along it |
//! | `saturated` | hidden | as the test losses | share of outputs at which the activation's slope is below 5 % of its largest |
//! | `dead` | hidden, ReLU | as the test losses | share of units that are 0 on every row looked at |
//! | `steps`, `flops` | – | as the training losses | updates made and operations spent so far |
//!
//! `saturated` and `dead` look at the first 256 test rows, in the pass that measures the test loss: they cost no pass of
//! their own. `flops` counts the matrix products of training by formula (two operations a multiply-add), see
//! [`estimated_flops`]; evaluation is not counted.

mod activation;
mod checkpoint;
mod cnn;
mod gradient_check;
mod loss;
mod mlp;
mod net;
mod optimizer;
mod parameters;
mod perceptron;
mod record;
mod recurrent;
mod spec;
mod stack;
mod step;
mod training;

pub use cnn::{CnnLayer, CnnSpec, Padding, Pooling};
pub use recurrent::{Cell, Outputs, RecurrentSpec, TEMPERATURES};
pub use spec::{Activation, EarlyStop, Init, Loss, MlpSpec, NetSpec, Norm, Optimizer, Schedule, Setting, TrainSpec};

use crate::learn::{Fit, Parts, Watch};
use crate::numerics::{Simd, Team};

/// Raised whenever any result of a plain multilayer perceptron changes; part of every key. A test pins the results of each version.
pub const VERSION: u32 = 2;

/// Raised whenever any result of a net with convolutions, normalisation or residual connections changes.
pub const STACK_VERSION: u32 = 3;

/// Raised whenever a [`Checkpoint`](crate::learn::Checkpoint) is laid out or meant in another way: those of another layout
/// are not to be gone on with. No part of any key.
pub const CHECKPOINT_LAYOUT: u32 = 2;

/// Raised whenever any result of a recurrent net changes.
pub const RECURRENT_VERSION: u32 = 3;

impl NetSpec {
    /// Raised whenever any result of this kind changes; part of every key.
    pub fn version(&self) -> u32 {
        match self {
            Self::Mlp(mlp) if mlp.is_plain() => VERSION,
            Self::Mlp(_) | Self::Cnn(_) => STACK_VERSION,
            Self::Recurrent(_) => RECURRENT_VERSION,
        }
    }
}

/// Fits a net. `None`: the watcher asked to stop, and has a checkpoint to go on from.
///
/// The result is a function of the specifications, the rows and `seed` alone; `threads` only changes the time it takes.
///
/// # Panics
/// If `net` and `train` do not fit the rows, see [`NetSpec::check`] and [`TrainSpec::check`], or there are no training rows.
pub fn train(
    net: &NetSpec,
    train: &TrainSpec,
    parts: &Parts<'_>,
    seed: u64,
    threads: usize,
    watch: &dyn Watch,
) -> Option<Fit> {
    training::train(net, train, parts, seed, &Team::new(threads, Simd::active()), watch)
}

/// Floating-point operations that [`train`](fn@train) will count: those of the matrix products, two a multiply-add.
///
/// A layer of `i` inputs and `o` outputs costs `2·i·o` a row forward, as many for the gradient of its weights, and as
/// many for the gradient of its inputs, which the first layer does not need.
pub fn estimated_flops(net: &NetSpec, train: &TrainSpec, setting: &Setting, rows: usize) -> u64 {
    flops_per_row(net, train, setting).saturating_mul(rows as u64).saturating_mul(u64::from(train.epochs))
}

/// The most that [`estimated_bytes`] may come to: what trains in reasonable time on a processor takes far less.
pub const LIMIT_BYTES: u64 = 8 << 30;

/// Bytes that [`train`](fn@train) on `rows` rows takes at least: all parameters, as many numbers again for each running mean
/// of the optimiser, for the gradient where it is clipped and for the best weights where training may stop early, and what
/// every layer says of a batch, with its gradient.
pub fn estimated_bytes(net: &NetSpec, train: &TrainSpec, setting: &Setting, rows: usize) -> u64 {
    let outputs = train.loss.outputs(setting.task);
    let parameters = match net {
        NetSpec::Mlp(mlp) => mlp::parameters(mlp, setting.columns, outputs),
        NetSpec::Cnn(cnn) => setting.image.map_or(0, |image| cnn.parameters(image, outputs)),
        NetSpec::Recurrent(spec) => setting.sequence.map_or(0, |sequence| spec.parameters(sequence, outputs)),
    };
    let clipped = usize::from(train.clip.is_some());
    let copies = 1 + train.optimizer.states() + clipped + usize::from(train.early_stop.is_some());
    let said = said_per_row(net, setting, outputs).saturating_mul(2 * rows.min(train.batch as usize) as u64);
    parameters.saturating_mul(copies as u64).saturating_add(said).saturating_mul(size_of::<f32>() as u64)
}

/// Numbers that all layers together say of a row.
fn said_per_row(net: &NetSpec, setting: &Setting, outputs: usize) -> u64 {
    match net {
        NetSpec::Mlp(mlp) => mlp.hidden.iter().map(|&units| u64::from(units)).sum::<u64>() + outputs as u64,
        NetSpec::Cnn(cnn) => setting.image.map_or(0, |image| cnn.said_per_row(image, outputs)),
        NetSpec::Recurrent(spec) => setting.sequence.map_or(0, |sequence| spec.said_per_row(sequence)),
    }
}

/// Operations that one training row costs in one epoch.
fn flops_per_row(net: &NetSpec, train: &TrainSpec, setting: &Setting) -> u64 {
    let outputs = train.loss.outputs(setting.task);
    match net {
        NetSpec::Mlp(mlp) => mlp::flops_per_row(mlp, setting.columns, outputs),
        NetSpec::Cnn(cnn) => setting.image.map_or(0, |image| cnn.flops_per_row(image, outputs)),
        NetSpec::Recurrent(spec) => setting.sequence.map_or(0, |sequence| spec.flops_per_row(sequence, outputs)),
    }
}

#[cfg(test)]
mod tests;
