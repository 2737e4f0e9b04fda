//! What keeps a baseline from being fitted.

use crate::data::{Rows, Task};

/// A fit that was not possible, and what to do about it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Real values are to be predicted.
    #[error("`{model}` classifies; it cannot predict real values")]
    Regression {
        /// `logistic` or `svm`.
        model: &'static str,
    },
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
    /// A training value is infinite or not a number.
    #[error("training row {row} (from 0) holds a value that is not finite")]
    NotFinite {
        /// Position among the training rows.
        row: usize,
    },
}

/// Number of classes of rows that a model can be fitted on.
pub(super) fn classes(train: &Rows<'_>, model: &'static str) -> Result<usize, Error> {
    match train.task() {
        Task::Regression => Err(Error::Regression { model }),
        Task::Classification { .. } if train.is_empty() || train.columns() == 0 => {
            Err(Error::Empty { rows: train.len(), columns: train.columns() })
        }
        Task::Classification { classes } => Ok(classes),
    }
}
