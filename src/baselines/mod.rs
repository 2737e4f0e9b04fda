//! linfa's algorithms behind the same face as the nets.
//!
//! 1. A [`LogisticSpec`] or an [`SvmSpec`] says everything a fit depends on beside its rows; it is part of every key.
//! 2. [`logistic`] and [`svm`] fit: linfa solves the optimisation problem, this room states it, checks it, and
//!    predicts.
//! 3. What they return is a [`Fit`] like any net's.
//!
//! Both classify only. Classes that have no training row get the lowest score; where the training rows are all of one
//! class, that class is predicted. Neither draws a random number: the same rows in the same order give the same fit.

mod affine;
mod binary;
mod blocks;
mod cholesky;
mod columns;
mod dual;
mod error;
mod logistic;
mod rbf;
mod softmax;
mod space;
mod svm;

use serde::Serialize;

use crate::data::Rows;
use crate::learn::{Fit, Watch};

pub use error::Error;

/// Raised whenever any result of [`logistic`] changes.
pub const LOGISTIC_VERSION: u32 = 2;

/// Raised whenever any result of [`svm`] changes.
pub const SVM_VERSION: u32 = 3;

/// Logistic regression with an L2 penalty: binomial for two classes, multinomial (softmax) for more.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LogisticSpec {
    /// Inverse strength of the penalty, scikit-learn's `C`: minimised is `c · Σ loss + ½‖w‖²`, the intercept free.
    pub c: f64,
    /// Largest number of L-BFGS iterations; where it is reached, the best weights so far stand.
    pub max_iter: u32,
    /// Stops once the gradient of the mean objective is shorter than this.
    pub tolerance: f64,
}

/// A support-vector machine; more than two classes by one against one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SvmSpec {
    /// The kernel.
    pub kernel: Kernel,
    /// Upper bound of the dual coefficients, scikit-learn's `C`.
    pub c: f64,
    /// Largest violation of the optimality conditions left, scikit-learn's `tol`.
    pub tolerance: f64,
}

/// The kernel of a support-vector machine.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kernel {
    /// `k(x, z) = exp(-γ ‖x - z‖²)`.
    Rbf {
        /// γ, or how it is found.
        gamma: Gamma,
    },
    /// `k(x, z) = x·z`.
    Linear,
}

/// The width of an RBF kernel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gamma {
    /// 1 / (columns · variance of all training values), scikit-learn's `scale`.
    Scale,
    /// 1 / columns, scikit-learn's `auto`.
    Auto,
    /// This very number.
    Value(f64),
}

impl Default for LogisticSpec {
    /// scikit-learn's defaults.
    fn default() -> Self {
        Self { c: 1.0, max_iter: 100, tolerance: 1e-4 }
    }
}

impl Default for SvmSpec {
    /// scikit-learn's defaults.
    fn default() -> Self {
        Self { kernel: Kernel::Rbf { gamma: Gamma::Scale }, c: 1.0, tolerance: 1e-3 }
    }
}

/// Fits logistic regression; `None` where the watcher stopped it.
///
/// # Errors
/// See [`Error`].
pub fn logistic(spec: &LogisticSpec, train: &Rows<'_>, watch: &dyn Watch) -> Result<Option<Fit>, Error> {
    logistic::fit(spec, train, watch)
}

/// Fits a support-vector machine; `None` where the watcher stopped it.
///
/// # Errors
/// See [`Error`].
pub fn svm(spec: &SvmSpec, train: &Rows<'_>, watch: &dyn Watch) -> Result<Option<Fit>, Error> {
    svm::fit(spec, train, watch)
}

/// Roughly what [`logistic`] costs, in floating-point operations: for ordering runs, not for reporting.
pub fn estimated_logistic_flops(spec: &LogisticSpec, rows: usize, columns: usize, classes: usize) -> u64 {
    // Each iteration evaluates loss and gradient about once: three products of rows × columns × outputs.
    let outputs = if classes > 2 { classes } else { 1 };
    6 * u64::from(spec.max_iter) * (rows * outputs) as u64 * columns as u64
}

/// Roughly what [`svm`] costs, in floating-point operations: for ordering runs, not for reporting.
pub fn estimated_svm_flops(rows: usize, columns: usize, classes: usize) -> u64 {
    // Every pair of classes holds 2/classes of the rows; its kernel rows dominate.
    let pairs = (classes * (classes - 1) / 2).max(1) as u64;
    let pair_rows = (2 * rows).div_ceil(classes.max(2)) as u64;
    2 * pairs * pair_rows * pair_rows * columns as u64
}

#[cfg(test)]
mod tests;
