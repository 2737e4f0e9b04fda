//! An affine map of rows: what logistic regression and a linear support-vector machine come down to.

use ndarray::{Array2, ArrayView1};

use super::columns::Columns;

/// `y = (x - mean)ᵀ W + b`, in 64 bits.
#[derive(Debug, Clone)]
pub(super) struct Affine {
    /// One entry a column.
    mean: Vec<f32>,
    /// Columns × outputs.
    weights: Array2<f64>,
    /// One entry an output.
    intercept: Vec<f64>,
}

impl Affine {
    /// The map of all columns whose `weights` (varying columns × outputs) are given for the varying ones.
    pub(super) fn new(columns: &Columns, weights: &Array2<f64>, intercept: Vec<f64>) -> Self {
        let mut all = Array2::zeros((columns.mean().len(), intercept.len()));
        for (&column, row) in columns.varying().iter().zip(weights.rows()) {
            all.row_mut(column).assign(&row);
        }
        Self { mean: columns.mean().to_vec(), weights: all, intercept }
    }

    /// Outputs of one row, summed over increasing columns.
    pub(super) fn outputs(&self, x: ArrayView1<'_, f32>) -> Vec<f64> {
        let mut y = self.intercept.clone();
        for ((&x, &mean), w) in x.iter().zip(&self.mean).zip(self.weights.rows()) {
            let x = f64::from(x - mean);
            for (y, w) in y.iter_mut().zip(w) {
                *y += x * w;
            }
        }
        y
    }

    /// Number of weights and intercepts.
    pub(super) fn parameters(&self) -> u64 {
        (self.weights.len() + self.intercept.len()) as u64
    }
}
