//! The RBF kernel of blocks of rows, by one matrix product each.
//!
//! In 64 bits: the factor that features are made of would magnify the rounding of 32 to its square root.

use ndarray::{Array2, ArrayView2, Axis};

use super::columns::{Columns, moments};
use super::{Error, Gamma, error};
use crate::numerics::{Simd, gram};

/// `k(x, z) = exp(-γ ‖x - z‖²)` over rows centred like the training rows.
#[derive(Debug, Clone)]
pub(super) struct Rbf {
    columns: Columns,
    gamma: f64,
}

/// Rows ready for the kernel.
#[derive(Debug, Clone)]
pub(super) struct Centred {
    /// Rows × varying columns. The training rows are 0 in the others, so a product with them needs no more.
    x: Array2<f64>,
    /// Squared length of each row over all columns.
    squared_norms: Vec<f64>,
}

impl Rbf {
    /// The kernel for training rows `x`.
    ///
    /// # Errors
    /// If γ is not a positive, finite number.
    pub(super) fn new(gamma: Gamma, x: ArrayView2<'_, f32>) -> Result<Self, Error> {
        let gamma = match gamma {
            Gamma::Value(value) => error::positive("gamma", value)?,
            Gamma::Auto => 1.0 / x.ncols() as f64,
            Gamma::Scale => match moments(x) {
                (_, variance) if variance > 0.0 => 1.0 / (x.ncols() as f64 * variance),
                // All values are one and the same: any width gives the same kernel; scikit-learn takes 1.
                _ => 1.0,
            },
        };
        Ok(Self { columns: Columns::of(x), gamma })
    }

    /// Makes rows ready.
    pub(super) fn centre(&self, x: ArrayView2<'_, f32>) -> Centred {
        Centred { squared_norms: self.columns.squared_norms(x), x: self.columns.centre(x).mapv(f64::from) }
    }

    /// Kernel of each row of `a` with each of `b`: rows of `a` × rows of `b`. One of them must be training rows.
    pub(super) fn kernel(&self, a: &Centred, b: &Centred) -> Array2<f64> {
        let mut kernel = gram(Simd::active(), a.x.view(), b.x.view());
        for (mut row, norm_a) in kernel.rows_mut().into_iter().zip(&a.squared_norms) {
            for (k, norm_b) in row.iter_mut().zip(&b.squared_norms) {
                // Rounding may leave a tiny negative distance between equal rows.
                let squared_distance = (norm_a + norm_b - 2.0 * *k).max(0.0);
                *k = libm::exp(-self.gamma * squared_distance);
            }
        }
        kernel
    }
}

impl Centred {
    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.squared_norms.len()
    }

    /// The rows at `index`.
    pub(super) fn select(&self, index: &[usize]) -> Self {
        let squared_norms = index.iter().map(|&i| self.squared_norms[i]).collect();
        Self { x: self.x.select(Axis(0), index), squared_norms }
    }
}
