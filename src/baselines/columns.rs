//! The training columns as both models see them: centred, without those that never vary.
//!
//! Centring changes neither model (the intercept is free) and keeps 32-bit products exact to their last digits however
//! far the columns lie from zero. A column that is constant over the training rows can carry no weight.

use ndarray::{Array2, ArrayView2};

/// Means of the training columns, and which of them vary.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    /// Mean of each column.
    mean: Vec<f32>,
    /// Columns that are not constant, increasing.
    varying: Vec<usize>,
}

impl Columns {
    /// The columns of the training rows `x`, of which there is at least one.
    pub(super) fn of(x: ArrayView2<'_, f32>) -> Self {
        let mean = x.columns().into_iter().map(|c| (sum(c.iter().copied()) / c.len() as f64) as f32).collect();
        let varying = (0..x.ncols()).filter(|&c| x.column(c).iter().any(|&v| v != x[[0, c]])).collect();
        Self { mean, varying }
    }

    /// Mean of each column.
    pub(super) fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// Indices of the columns that vary, increasing.
    pub(super) fn varying(&self) -> &[usize] {
        &self.varying
    }

    /// The varying columns of `x`, centred: rows × varying columns.
    pub(super) fn centre(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        Array2::from_shape_fn((x.nrows(), self.varying.len()), |(i, k)| {
            let column = self.varying[k];
            x[[i, column]] - self.mean[column]
        })
    }

    /// Squared distance of each row of `x` from the mean, over all columns, constant ones too.
    pub(super) fn squared_norms(&self, x: ArrayView2<'_, f32>) -> Vec<f64> {
        let centred = |(&v, &m): (&f32, &f32)| f64::from(v - m);
        x.rows().into_iter().map(|row| row.iter().zip(&self.mean).map(centred).map(|v| v * v).sum()).collect()
    }
}

/// Mean and variance of all values of `x`.
pub(super) fn moments(x: ArrayView2<'_, f32>) -> (f64, f64) {
    let count = x.len() as f64;
    let mean = sum(x.iter().copied()) / count;
    let squares: f64 = x.iter().map(|&v| (f64::from(v) - mean) * (f64::from(v) - mean)).sum();
    (mean, squares / count)
}

fn sum(values: impl Iterator<Item = f32>) -> f64 {
    values.map(f64::from).sum()
}
