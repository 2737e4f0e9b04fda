//! What keeps a baseline from being fitted.

use ndarray::ArrayView2;

use super::LIMIT_BYTES;
use crate::data::{Rows, Task};

/// A fit that was not possible, and what to do about it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Real values are to be predicted.
    #[error("`{model}` classifies; it cannot predict real values")]
    Regression {
        /// The kind of model.
        model: &'static str,
    },
    /// Classes are to be told apart.
    #[error("`{model}` predicts real values; it cannot classify")]
    Classification {
        /// The kind of model.
        model: &'static str,
    },
    /// More neighbours are asked for than there are training rows.
    #[error("`k = {k}` neighbours cannot be had of {rows} training rows")]
    FewRows {
        /// Neighbours asked for.
        k: u32,
        /// Number of training rows.
        rows: usize,
    },
    /// More columns are to be drawn than there are.
    #[error("`max-features = {asked}` is more than there are columns: {columns}")]
    FewColumns {
        /// Columns asked for.
        asked: u32,
        /// Number of columns.
        columns: usize,
    },
    /// No rule knows the best answers to these rows.
    #[error("`oracle` asks the rule that drew the rows, and these have none that knows the best answer")]
    NoRule,
    /// No rows, or rows without columns.
    #[error("there is nothing to fit: {rows} training rows of {columns} columns")]
    Empty {
        /// Number of training rows.
        rows: usize,
        /// Number of columns.
        columns: usize,
    },
    /// A parameter that no fit is possible with.
    #[error("`{name} = {value}` must be a positive, finite number")]
    Parameter {
        /// As in the directive.
        name: &'static str,
        /// What it was.
        value: f64,
    },
    /// A parameter below 0, or none at all.
    #[error("`{name} = {value}` must be a finite number from 0 up")]
    Negative {
        /// As in the directive.
        name: &'static str,
        /// What it was.
        value: f64,
    },
    /// A training value is infinite or not a number.
    #[error("training row {row} (from 0) holds a value that is not finite")]
    NotFinite {
        /// Position among the training rows.
        row: usize,
    },
    /// The problem is too large to be solved in memory.
    #[error(
        "`svm` would need up to {:.1} GiB for two classes of {rows} training rows together, beyond its limit of {:.1} GiB; \
         take fewer training rows, a smaller `C`, or `logistic`", gib(*needed), gib(*limit)
    )]
    Memory {
        /// Training rows of the two classes.
        rows: usize,
        /// Bytes needed at most.
        needed: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// What has to be held at once does not fit into memory.
    #[error("`{model}` would need up to {:.1} GiB, beyond its limit of {:.1} GiB; {advice}", gib(*needed), gib(*limit))]
    TooLarge {
        /// The kind of model.
        model: &'static str,
        /// Bytes needed at most.
        needed: u64,
        /// Bytes allowed.
        limit: u64,
        /// What helps.
        advice: &'static str,
    },
    /// linfa gave up on a problem that converges too slowly, after ten million updates.
    #[error("`svm` did not converge; `scale = \"standardize\"` on the dataset or a smaller `C` helps")]
    Updates,
    /// linfa refused.
    #[error("`{model}` cannot be fitted: {message}")]
    Solver {
        /// `logistic` or `svm`.
        model: &'static str,
        /// Its reason.
        message: String,
    },
}

impl Error {
    /// Whether it says something of the algorithm on these rows, and so is a result, rather than a wrong call.
    pub fn is_result(&self) -> bool {
        matches!(self, Self::Updates | Self::Solver { .. })
    }
}

fn gib(bytes: u64) -> f64 {
    bytes as f64 / (1u64 << 30) as f64
}

/// A parameter that must be positive and finite.
pub(super) fn positive(name: &'static str, value: f64) -> Result<f64, Error> {
    if value.is_finite() && value > 0.0 { Ok(value) } else { Err(Error::Parameter { name, value }) }
}

/// A parameter that must be finite and not below 0.
pub(super) fn not_negative(name: &'static str, value: f64) -> Result<f64, Error> {
    if value.is_finite() && value >= 0.0 { Ok(value) } else { Err(Error::Negative { name, value }) }
}

/// Refuses what would need more memory than there may be; `advice` says what helps.
pub(super) fn fits(model: &'static str, needed: u64, advice: &'static str) -> Result<(), Error> {
    let limit = LIMIT_BYTES;
    if needed > limit { Err(Error::TooLarge { model, needed, limit, advice }) } else { Ok(()) }
}

/// Refuses training rows that hold infinite values or NaN.
pub(super) fn finite(x: ArrayView2<'_, f32>) -> Result<(), Error> {
    match x.rows().into_iter().position(|row| row.iter().any(|v| !v.is_finite())) {
        Some(row) => Err(Error::NotFinite { row }),
        None => Ok(()),
    }
}

/// Refuses to fit on nothing.
pub(super) fn not_empty(train: &Rows<'_>) -> Result<(), Error> {
    let (rows, columns) = (train.len(), train.columns());
    if rows == 0 || columns == 0 { Err(Error::Empty { rows, columns }) } else { Ok(()) }
}

/// Number of classes of rows that a classifier can be fitted on.
pub(super) fn classes(train: &Rows<'_>, model: &'static str) -> Result<usize, Error> {
    match train.task() {
        Task::Regression => Err(Error::Regression { model }),
        Task::Classification { classes } => Ok(classes),
    }
}
