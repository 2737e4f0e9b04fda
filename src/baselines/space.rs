//! The rows of one two-class problem in the space where a machine separates them.
//!
//! linfa-svm computes its kernel matrix itself, by a scalar loop over the columns for each entry: at 784 columns that
//! is nearly all of its time, and its exponential is the platform's. A space instead hands it *features* whose linear
//! kernel is the kernel wanted, and computes the kernel by matrix products.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

use super::cholesky;
use super::rbf::{Centred, Rbf};
use crate::numerics::{Simd, gram};

/// Largest error of an entry of the kernel, which is 1 on its diagonal; it shows in a decision value multiplied by the
/// sum of the coefficients.
const KERNEL_TOLERANCE: f64 = 1e-9;

/// Rows in a feature space; some of them are admitted to the problem that linfa solves.
pub(super) trait Space {
    /// Number of rows.
    fn len(&self) -> usize;

    /// Admits rows, in this order.
    fn admit(&mut self, rows: &[usize]);

    /// Features of the admitted rows: admitted × features. Their linear kernel is the kernel.
    fn features(&self) -> Array2<f64>;

    /// The kernel itself: admitted × admitted.
    fn kernel(&self) -> Array2<f64>;

    /// `Σ coefficient · k(admitted row, row)` for each of all rows, given a coefficient for each admitted row.
    fn sums(&self, coefficients: &[f64]) -> Vec<f64>;

    /// Bytes held while linfa solves a problem of `admitted` rows.
    fn bytes(&self, admitted: usize) -> u64;
}

/// The linear kernel: rows are their own features.
pub(super) struct Linear<'a> {
    rows: &'a [usize],
    x: ArrayView2<'a, f32>,
    admitted: Vec<usize>,
}

/// The RBF kernel: features by a Cholesky factor of its matrix.
pub(super) struct Gaussian<'a> {
    kernel: &'a Rbf,
    rows: Centred,
    admitted: Vec<usize>,
    /// For each admission, its rows × all rows.
    values: Vec<Array2<f64>>,
}

impl<'a> Linear<'a> {
    /// The problem of the given `rows` of the centred training rows `x`.
    pub(super) fn new(x: ArrayView2<'a, f32>, rows: &'a [usize]) -> Self {
        Self { rows, x, admitted: Vec::new() }
    }

    fn row(&self, row: usize) -> ArrayView1<'a, f32> {
        self.x.index_axis_move(Axis(0), self.rows[row])
    }
}

impl Space for Linear<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn admit(&mut self, rows: &[usize]) {
        self.admitted.extend(rows);
    }

    fn features(&self) -> Array2<f64> {
        let mut features = Array2::zeros((self.admitted.len(), self.x.ncols()));
        for (mut out, &row) in features.rows_mut().into_iter().zip(&self.admitted) {
            out.assign(&self.row(row).mapv(f64::from));
        }
        features
    }

    fn kernel(&self) -> Array2<f64> {
        let features = self.features();
        gram(Simd::active(), features.view(), features.view())
    }

    fn sums(&self, coefficients: &[f64]) -> Vec<f64> {
        let mut w = vec![0.0; self.x.ncols()];
        for (&row, &coefficient) in self.admitted.iter().zip(coefficients).filter(|(_, c)| **c != 0.0) {
            w.iter_mut().zip(self.row(row)).for_each(|(w, &x)| *w += coefficient * f64::from(x));
        }
        (0..self.len()).map(|row| w.iter().zip(self.row(row)).map(|(w, &x)| w * f64::from(x)).sum()).collect()
    }

    fn bytes(&self, admitted: usize) -> u64 {
        8 * (admitted * (admitted + self.x.ncols())) as u64
    }
}

impl<'a> Gaussian<'a> {
    /// The problem of the given rows.
    pub(super) fn new(kernel: &'a Rbf, rows: Centred) -> Self {
        Self { kernel, rows, admitted: Vec::new(), values: Vec::new() }
    }
}

impl Space for Gaussian<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn admit(&mut self, rows: &[usize]) {
        self.admitted.extend(rows);
        self.values.push(self.kernel.kernel(&self.rows.select(rows), &self.rows));
    }

    fn features(&self) -> Array2<f64> {
        cholesky::factor(self.kernel().view(), KERNEL_TOLERANCE)
    }

    fn kernel(&self) -> Array2<f64> {
        let mut kernel = Array2::zeros((self.admitted.len(), self.admitted.len()));
        for (mut row, values) in kernel.rows_mut().into_iter().zip(self.values.iter().flat_map(|v| v.rows())) {
            row.iter_mut().zip(&self.admitted).for_each(|(k, &j)| *k = values[j]);
        }
        kernel
    }

    fn sums(&self, coefficients: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.len()];
        let kernel = self.values.iter().flat_map(|v| v.rows());
        for (row, &coefficient) in kernel.zip(coefficients).filter(|(_, c)| **c != 0.0) {
            sums.iter_mut().zip(row).for_each(|(sum, &k)| *sum += coefficient * k);
        }
        sums
    }

    fn bytes(&self, admitted: usize) -> u64 {
        // The kernel of admitted × all rows, and that of the admitted ones.
        (8 * admitted * (self.len() + admitted)) as u64
    }
}
