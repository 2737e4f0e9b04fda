//! The face every model shows: a sample in, a fit with its history out.
//!
//! [`nets`](crate::nets) and [`baselines`](crate::baselines) return the same [`Fit`]; whoever runs an experiment needs no
//! word of how one learns. Final measures (accuracy, confusion, …) are computed from predictions, for all models alike.

use std::borrow::Cow;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::data::Rows;

/// What a fitted model can do.
pub trait Predict: Send + Sync {
    /// Scores of each answer: rows × outputs, or with answers at every step (rows · steps) × outputs, row after row.
    ///
    /// Classification: one column a class, the largest wins, ties go to the first; see [`Scores`] for what they mean.
    /// Regression: one column, the predicted value.
    fn predict(&self, rows: &Rows<'_>) -> Array2<f32>;

    /// What the scores of a classifier mean.
    fn scores(&self) -> Scores;

    /// Which answers of a row are predicted.
    fn answers(&self) -> Answers {
        Answers::Row
    }
}

/// Which answers of a row a model predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// The row's own.
    Row,
    /// The one after each step of a sequence that goes on.
    EveryStep,
}

/// What the scores of a classifier mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scores {
    /// Their softmax is a distribution over the classes: a log loss can be computed.
    Logits,
    /// Only their order means something (votes or distances of a support-vector machine).
    Order,
    /// They are values (regression).
    Values,
}

/// How far the computed numbers of a model agree between machines.
///
/// On one machine they are the same bits at any number of threads, whatever the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exactness {
    /// To the bit: all arithmetic on the way is defined, by [`numerics`](crate::numerics) or as plain IEEE 754
    /// operations in a fixed order.
    Bits,
    /// As printed: a library on the way calls functions whose last digit depends on the system or the processor, and what
    /// follows from it (where an iteration stops, say) may differ by as much as the method's own tolerance.
    Printed,
}

/// The rows of one run: what a model is fitted on, chosen by and judged by.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// To fit on.
    pub train: Rows<'a>,
    /// To choose by, where asked for.
    pub valid: Option<Rows<'a>>,
    /// To judge by; a model may record its course on them, never learn from them.
    pub test: Rows<'a>,
}

/// A fitted model and how it came about.
pub struct Fit {
    /// The fitted model.
    pub model: Box<dyn Predict>,
    /// What was measured on the way, by epoch.
    pub history: Vec<Series>,
    /// What a model of symbols wrote on the way, by epoch.
    pub texts: Vec<Written>,
    /// How it ended.
    pub outcome: Outcome,
    /// Number of fitted parameters.
    pub parameters: u64,
    /// Number of updates made; 0 for a model that is not fitted by steps.
    pub steps: u64,
    /// Number of epochs trained; 0 for a model that is not fitted by epochs.
    pub epochs: u32,
    /// Floating-point operations spent on fitting, counted by formula; `None` where they are not counted.
    pub flops: Option<u64>,
}

/// How fitting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As meant.
    Finished,
    /// The loss or a gradient was no longer finite.
    Diverged {
        /// In which epoch, from 1; 0 for a model without epochs.
        epoch: u32,
    },
}

/// One quantity by epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// `train_loss`, `test_accuracy`, `gradient_norm`, …
    pub measure: Cow<'static, str>,
    /// The layer it belongs to, from 1 at the input; `None` for the model as a whole.
    pub layer: Option<u32>,
    /// Epochs, strictly increasing; 0 is before the first update.
    pub epochs: Vec<u32>,
    /// One value an epoch; may be infinite or NaN where a run diverged.
    pub values: Vec<f64>,
}

/// A text that a model wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Written {
    /// After which epoch; 0 is before the first update.
    pub epoch: u32,
    /// By what the logits were divided before a symbol was drawn.
    pub temperature: f64,
    /// Positions in the alphabet of the dataset: its classes.
    pub symbols: Vec<u8>,
}

/// Told to whoever watches, and asked whether to go on.
///
/// A fit that takes long can be left at any step and gone on with later: it hands over a [`Checkpoint`] where one is wished
/// for, and asks for one when it begins. Whoever answers may look at a clock, since no result depends on the answers: a fit
/// that was stopped and went on has the bits of one that never stopped.
pub trait Watch: Sync {
    /// Called after every epoch (or a comparable piece of work). `false` asks the fit to stop at once; what it returns
    /// then is thrown away.
    fn progress(&self, done: Progress) -> bool;

    /// Asked after every step of a fit that can be gone on with: often, so the answer should be cheap.
    fn wish(&self) -> Wish {
        Wish::GoOn
    }

    /// Takes the checkpoint that was wished for, or that of a fit that stops.
    fn keep(&self, _checkpoint: Checkpoint) {}

    /// The checkpoint to go on from, where there is one of this very fit.
    fn resume(&self) -> Option<Checkpoint> {
        None
    }
}

/// What a watcher wishes of a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Nothing.
    GoOn,
    /// A checkpoint.
    Keep,
    /// A checkpoint, and no further step.
    Stop,
}

/// Everything that a fit in progress needs to go on to the same bits, on any machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The epoch that was under way, from 1; for the eye.
    pub epoch: u32,
    /// What only the fit itself can read.
    pub state: Vec<u8>,
}

/// How far a fit is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Epochs (or pieces) done.
    pub epoch: u32,
    /// Epochs (or pieces) in all.
    pub epochs: u32,
    /// The latest training loss, where there is one.
    pub loss: Option<f64>,
}

/// A watcher that never stops anything.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn progress(&self, _: Progress) -> bool {
        true
    }
}
