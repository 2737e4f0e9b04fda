//! Classic algorithms behind the same face as the nets: linfa's where it has them with bits that can be relied on, our own
//! on [`numerics`](crate::numerics) where not.
//!
//! 1. A [`Baseline`] says which one, and everything its fit depends on beside its rows and its seed ([`spec`]); it is part
//!    of every key.
//! 2. [`Baseline::check`] says whether it can do what is asked at all, before any row is read.
//! 3. [`Baseline::fit`] fits it: `logistic` and `svm` have linfa solve the optimisation problem that they state, check and
//!    predict by; `knn`, `linear`, `bayes` and `trees` are ours. The `oracle` learns nothing: it is what others are held
//!    against.
//! 4. What it returns is a [`Fit`] like any net's.
//!
//! Classes that have no training row get the lowest score; where the training rows are all of one class, that class is
//! predicted. The same rows in the same order, and the same seed, give the same fit.

mod affine;
mod bayes;
mod binary;
mod blocks;
mod cholesky;
mod columns;
mod dual;
mod error;
mod knn;
mod linear;
mod logistic;
mod oracle;
mod present;
mod rbf;
mod softmax;
mod space;
pub mod spec;
mod svm;
mod trees;

use serde::Serialize;

use crate::data::{Rows, Task, TaskKind};
use crate::learn::{Exactness, Fit, Outcome, Predict, Watch};

pub use error::Error;
pub use spec::{
    Criterion, ForestSpec, Gamma, Growth, Kernel, KnnSpec, LinearSpec, LogisticSpec, MaxFeatures, Metric,
    NaiveBayesSpec, SvmSpec, TreeSpec, Weights,
};

/// Raised whenever any result of logistic regression changes.
pub const LOGISTIC_VERSION: u32 = 2;

/// Raised whenever any result of a support-vector machine changes.
pub const SVM_VERSION: u32 = 3;

/// Raised whenever any result of the nearest neighbours changes.
pub const KNN_VERSION: u32 = 1;

/// Raised whenever any result of linear regression changes.
pub const LINEAR_VERSION: u32 = 1;

/// Raised whenever any result of naive Bayes changes.
pub const NAIVE_BAYES_VERSION: u32 = 1;

/// Raised whenever any result of a decision tree changes.
pub const TREE_VERSION: u32 = 1;

/// Raised whenever any result of a forest changes.
pub const FOREST_VERSION: u32 = 1;

/// Raised whenever any result of the oracle changes beside those of the rule it asks.
pub const ORACLE_VERSION: u32 = 1;

/// Bytes that one problem may hold: several are solved at a time.
const LIMIT_BYTES: u64 = 2 << 30;

/// A classic algorithm with its parameters.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Baseline {
    /// Logistic regression.
    Logistic(LogisticSpec),
    /// A support-vector machine.
    Svm(SvmSpec),
    /// The nearest neighbours.
    Knn(KnnSpec),
    /// Linear regression.
    Linear(LinearSpec),
    /// Gaussian naive Bayes.
    NaiveBayes(NaiveBayesSpec),
    /// A decision tree.
    Tree(TreeSpec),
    /// A random forest.
    Forest(ForestSpec),
    /// No algorithm: the rule that drew the rows, and with it the best answers that there can be.
    Oracle,
}

/// How much there is to learn and to judge: what a cost depends on beside the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Training rows.
    pub train_rows: usize,
    /// Test rows.
    pub test_rows: usize,
    /// Columns.
    pub columns: usize,
    /// Classes; 1 for a regression.
    pub outputs: usize,
}

impl Baseline {
    /// The word an author writes.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Logistic(_) => "logistic",
            Self::Svm(_) => "svm",
            Self::Knn(_) => "knn",
            Self::Linear(_) => "linear",
            Self::NaiveBayes(_) => "naive-bayes",
            Self::Tree(_) => "tree",
            Self::Forest(_) => "forest",
            Self::Oracle => "oracle",
        }
    }

    /// The version of the algorithm: raised whenever its results change.
    pub fn version(&self) -> u32 {
        match self {
            Self::Logistic(_) => LOGISTIC_VERSION,
            Self::Svm(_) => SVM_VERSION,
            Self::Knn(_) => KNN_VERSION,
            Self::Linear(_) => LINEAR_VERSION,
            Self::NaiveBayes(_) => NAIVE_BAYES_VERSION,
            Self::Tree(_) => TREE_VERSION,
            Self::Forest(_) => FOREST_VERSION,
            Self::Oracle => ORACLE_VERSION,
        }
    }

    /// How far its computed numbers agree between machines.
    pub fn exactness(&self) -> Exactness {
        match self {
            // linfa-logistic calls the platform's `exp` and `ln`, and matrixmultiply.
            Self::Logistic(_) => Exactness::Printed,
            _ => Exactness::Bits,
        }
    }

    /// The one task it can learn; `None` where it can learn both.
    pub fn task(&self) -> Option<TaskKind> {
        match self {
            Self::Logistic(_) | Self::Svm(_) | Self::NaiveBayes(_) => Some(TaskKind::Classification),
            Self::Linear(_) => Some(TaskKind::Regression),
            Self::Knn(_) | Self::Tree(_) | Self::Forest(_) | Self::Oracle => None,
        }
    }

    /// Whether it can learn a task from so many training rows and columns.
    ///
    /// # Errors
    /// If it predicts something else, or needs more of them.
    pub fn check(&self, task: Task, rows: usize, columns: usize) -> Result<(), Error> {
        let model = self.kind();
        let asked = match self {
            Self::Tree(TreeSpec { max_features: MaxFeatures::Count(count), .. })
            | Self::Forest(ForestSpec { max_features: Some(MaxFeatures::Count(count)), .. }) => *count,
            _ => 0,
        };
        match (self, self.task(), task) {
            (_, Some(TaskKind::Classification), Task::Regression) => Err(Error::Regression { model }),
            (_, Some(TaskKind::Regression), Task::Classification { .. }) => Err(Error::Classification { model }),
            (Self::Knn(spec), ..) if rows < spec.k as usize => Err(Error::FewRows { k: spec.k, rows }),
            _ if asked as usize > columns => Err(Error::FewColumns { asked, columns }),
            _ => Ok(()),
        }
    }

    /// Fits it; `None` where the watcher stopped it. What draws random numbers draws them under `seed`.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn fit(&self, train: &Rows<'_>, seed: u64, watch: &dyn Watch) -> Result<Option<Fit>, Error> {
        error::not_empty(train)?;
        self.check(train.task(), train.len(), train.columns())?;
        match self {
            Self::Logistic(spec) => logistic::fit(spec, train, watch),
            Self::Svm(spec) => svm::fit(spec, train, watch),
            Self::Knn(spec) => knn::fit(spec, train, watch),
            Self::Linear(spec) => linear::fit(spec, train, watch),
            Self::NaiveBayes(spec) => bayes::fit(spec, train, watch),
            Self::Tree(spec) => trees::tree(spec, train, seed, watch),
            Self::Forest(spec) => trees::forest(spec, train, seed, watch),
            Self::Oracle => oracle::fit(train, watch),
        }
    }

    /// Roughly what a run costs, in floating-point operations: for ordering runs, not for reporting.
    pub fn estimated_flops(&self, extent: &Extent) -> u64 {
        let Extent { train_rows: rows, test_rows, columns, outputs: classes } = *extent;
        let cells = (rows * columns) as u64;
        match self {
            // Each iteration evaluates loss and gradient about once: three products of rows × columns × outputs.
            Self::Logistic(spec) => {
                let outputs = if classes > 2 { classes } else { 1 };
                6 * u64::from(spec.max_iter) * cells * outputs as u64
            }
            // Every pair of classes holds 2/classes of the rows; its kernel rows dominate.
            Self::Svm(_) => {
                let pairs = (classes * (classes - 1) / 2).max(1) as u64;
                let pair_rows = (2 * rows).div_ceil(classes.max(2)) as u64;
                2 * pairs * pair_rows * pair_rows * columns as u64
            }
            // Training rows are judged as well.
            Self::Knn(_) => 3 * cells * (rows + test_rows) as u64,
            Self::Linear(_) => 2 * cells * rows.min(columns) as u64,
            // Judging a row asks every class.
            Self::NaiveBayes(_) => 8 * cells + 4 * ((rows + test_rows) * columns * classes) as u64,
            // Some ten operations a row, for each column looked at, on each of about log₂ rows levels.
            Self::Tree(spec) => 10 * (rows * spec.max_features.of(columns)) as u64 * u64::from(rows.max(2).ilog2()),
            Self::Forest(spec) => {
                let looked_at = spec.max_features(classes == 1).of(columns);
                10 * u64::from(spec.trees) * (rows * looked_at) as u64 * u64::from(rows.max(2).ilog2())
            }
            // Every answer weighs some hundred possible worlds.
            Self::Oracle => 200 * ((rows + test_rows) * columns) as u64,
        }
    }
}

/// What a fit of this room that came to its end tells.
fn finished(model: impl Predict + 'static, parameters: u64, flops: Option<u64>) -> Fit {
    Fit {
        model: Box::new(model),
        history: Vec::new(),
        texts: Vec::new(),
        outcome: Outcome::Finished,
        parameters,
        steps: 0,
        epochs: 0,
        flops,
    }
}

#[cfg(test)]
mod tests;
