//! Records whose linear kernel is a given matrix.
//!
//! linfa builds a kernel matrix itself, from records, by one scalar loop over all columns for each of its entries. With
//! `K = L Lᵀ`, the rows of `L` are records whose *linear* kernel already is `K`.

use ndarray::{Array2, ArrayView2};

/// Rows × rank: `L` with `K = L Lᵀ` up to `tolerance` in each entry, for a positive semi-definite `K`.
///
/// The next column always belongs to the row whose rest, `K[i, i] - ‖L[i]‖²`, is the largest, until none is larger than
/// `tolerance`; no entry of the rest of a positive semi-definite matrix is larger than its diagonal. Duplicated rows
/// and smooth kernels give a factor much narrower than long. (Without this order, leaving columns out adds up to errors
/// of any size.) At least one column wide.
pub(super) fn factor(kernel: ArrayView2<'_, f64>, tolerance: f64) -> Array2<f64> {
    assert_eq!(kernel.nrows(), kernel.ncols(), "a kernel matrix is square");
    let mut rest = kernel.diag().to_vec();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    while let Some(pivot) = largest(&rest).filter(|&i| rest[i] > tolerance) {
        let mut column = kernel.row(pivot).to_vec();
        for before in &columns {
            let factor = before[pivot];
            column.iter_mut().zip(before).for_each(|(c, b)| *c -= factor * b);
        }
        let length = rest[pivot].sqrt();
        for (c, rest) in column.iter_mut().zip(&mut rest) {
            *c /= length;
            *rest -= *c * *c;
        }
        // Rounding must not choose it again.
        rest[pivot] = 0.0;
        columns.push(column);
    }
    let rank = columns.len().max(1);
    Array2::from_shape_fn((kernel.nrows(), rank), |(i, c)| columns.get(c).map_or(0.0, |column| column[i]))
}

/// Index of the largest value, the first of equals.
fn largest(values: &[f64]) -> Option<usize> {
    (0..values.len()).reduce(|best, i| if values[i] > values[best] { i } else { best })
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::factor;

    fn check(kernel: &Array2<f64>, tolerance: f64, rank: usize) {
        let factor = factor(kernel.view(), tolerance);
        assert_eq!(factor.dim(), (kernel.nrows(), rank));
        let difference = &factor.dot(&factor.t()) - kernel;
        assert!(difference.iter().all(|d| d.abs() <= tolerance), "{difference}");
    }

    #[test]
    fn the_factor_gives_the_matrix_back() {
        let points = array![[2.0, 0.0, 1.0], [1.0, 3.0, -1.0], [0.5, 0.25, 4.0]];
        check(&points.dot(&points.t()), 1e-12, 3);
    }

    #[test]
    fn dependent_rows_add_no_column() {
        let points = array![[1.0, 2.0], [1.0, 2.0], [3.0, -1.0], [4.0, 1.0], [0.0, 0.0]];
        check(&points.dot(&points.t()), 1e-12, 2);
        check(&Array2::zeros((2, 2)), 1e-12, 1);
    }

    #[test]
    fn a_smooth_kernel_has_a_narrow_factor() {
        let smooth = Array2::from_shape_fn((200, 200), |(i, j)| {
            let distance = (i as f64 - j as f64) / 100.0;
            libm::exp(-distance * distance)
        });
        check(&smooth, 1e-9, 11);
    }
}
