//! Eigenvalues and eigenvectors of symmetric matrices in 64 bits: Householder reflections to a tridiagonal matrix, then
//! implicit QL steps (Golub and Van Loan 2013, *Matrix Computations*, 8.3; Bowdler, Martin, Reinsch, Wilkinson 1968, *The QR
//! and QL Algorithms for Symmetric Matrices*).
//!
//! Our own: those at hand multiply by `matrixmultiply`, whose rounding depends on the processor, or choose their
//! instructions by it, and take lengths by the platform's `hypot`.

use ndarray::Array2;

use super::{Simd, sums};

/// More steps for one eigenvalue than any matrix needs; two or three are usual.
const MOST_STEPS: usize = 200;

/// Off-diagonal entries up to this count as 0 in a matrix whose largest entry is 1.
const TINY: f64 = 1e-32;

/// Eigenvalues and eigenvectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigen {
    /// Decreasing.
    pub values: Vec<f64>,
    /// One a row, in the order of their values; of length 1 and orthogonal to each other, each up to its sign.
    pub vectors: Array2<f64>,
}

/// The `count` largest eigenvalues of a symmetric `matrix` (n × n, finite), and their vectors.
///
/// # Panics
/// If the matrix is not square, or `count` is more than n.
pub fn eigen(simd: Simd, matrix: Array2<f64>, count: usize) -> Eigen {
    let n = matrix.nrows();
    assert!(matrix.ncols() == n && count <= n, "{count} eigenvalues of {n} × {}", matrix.ncols());
    let largest = matrix.iter().fold(0.0f64, |most, entry| most.max(entry.abs()));
    let unit = if largest > 0.0 { largest } else { 1.0 };
    let matrix = (matrix / unit).as_standard_layout().into_owned();
    let tridiagonal = Tridiagonal::of(simd, matrix);
    let (diagonal, rotated) = tridiagonal.diagonalise(simd);

    let mut order: Vec<usize> = (0..n).collect();
    // Equal values stay in their order.
    order.sort_by(|&a, &b| diagonal[b].total_cmp(&diagonal[a]));
    let mut vectors = Array2::zeros((count, n));
    for (mut vector, &from) in vectors.rows_mut().into_iter().zip(&order) {
        vector.assign(&rotated.row(from));
        tridiagonal.reflect_back(simd, vector.as_slice_mut().expect("a new array is laid out row after row"));
    }
    Eigen { values: order[..count].iter().map(|&i| diagonal[i] * unit).collect(), vectors }
}

/// `Qᵀ A Q` with its reflections.
struct Tridiagonal {
    diagonal: Vec<f64>,
    /// Between entries i and i + 1 of the diagonal; the last one is 0.
    off: Vec<f64>,
    /// Row k holds the vector of reflection k from entry k + 1 on.
    vectors: Array2<f64>,
    /// 2 / ‖v‖² of each reflection; 0 where there is none.
    scale: Vec<f64>,
}

impl Tridiagonal {
    fn of(simd: Simd, mut a: Array2<f64>) -> Self {
        let n = a.nrows();
        let (mut diagonal, mut off, mut scale) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        for k in 0..n {
            diagonal[k] = a[[k, k]];
            let (above, below) = a.as_slice_mut().expect("rows lie one after the other").split_at_mut((k + 1) * n);
            let v = &mut above[k * n + k + 1..];
            let Some(&first) = v.first() else { break };
            let norm = simd
                .run(
                    #[inline(always)]
                    || sums::dot(v, v),
                )
                .sqrt();
            off[k] = first;
            // A single entry below the diagonal is where it belongs.
            if v.len() == 1 || norm == 0.0 {
                continue;
            }
            off[k] = -norm.copysign(first);
            v[0] -= off[k];
            scale[k] = 1.0 / (norm * (norm + first.abs()));
            reflect_both_sides(simd, v, scale[k], below, n);
        }
        off[n.saturating_sub(1)..].fill(0.0);
        Self { diagonal, off, vectors: a, scale }
    }

    /// `z` ← Q z.
    fn reflect_back(&self, simd: Simd, z: &mut [f64]) {
        for k in (0..self.scale.len()).rev().filter(|&k| self.scale[k] != 0.0) {
            let v = &self.vectors.row(k).to_slice().expect("rows lie one after the other")[k + 1..];
            simd.run(
                #[inline(always)]
                || {
                    let along = self.scale[k] * sums::dot(v, &z[k + 1..]);
                    add(-along, v, &mut z[k + 1..]);
                },
            );
        }
    }

    /// Eigenvalues of the tridiagonal matrix, and its eigenvectors as rows.
    fn diagonalise(&self, simd: Simd) -> (Vec<f64>, Array2<f64>) {
        let n = self.diagonal.len();
        let (mut d, mut e) = (self.diagonal.clone(), self.off.clone());
        let mut z = Array2::eye(n);
        for l in 0..n {
            for step in 0.. {
                let small = |m: usize| e[m].abs() <= (f64::EPSILON * (d[m].abs() + d[m + 1].abs())).max(TINY);
                let m = (l..n - 1).find(|&m| small(m)).unwrap_or(n - 1);
                if m == l {
                    break;
                }
                assert!(step < MOST_STEPS, "QL steps converge on every symmetric matrix of finite entries");
                ql_step(simd, &mut d, &mut e, l..m, z.as_slice_mut().expect("a new array is laid out row after row"));
            }
        }
        (d, z)
    }
}

/// `A` ← H A H for the rows `below` of a symmetric matrix of n columns, from the first entry of `v` on, with
/// `H = I − scale · v vᵀ`: `A − v wᵀ − w vᵀ` where `p = scale · A v` and `w = p − ½ scale · (vᵀ p) · v`.
fn reflect_both_sides(simd: Simd, v: &[f64], scale: f64, below: &mut [f64], n: usize) {
    let from = n - v.len();
    simd.run(
        #[inline(always)]
        || {
            let mut w: Vec<f64> = below.chunks_exact(n).map(|row| scale * sums::dot(&row[from..], v)).collect();
            let half = 0.5 * scale * sums::dot(v, &w);
            add(-half, v, &mut w);
            for ((row, &v_i), &w_i) in below.chunks_exact_mut(n).zip(v).zip(&w) {
                for ((a, v_j), w_j) in row[from..].iter_mut().zip(v).zip(&w) {
                    *a -= v_i * w_j + w_i * v_j;
                }
            }
        },
    );
}

/// One implicit QL step on rows `at.start ..= at.end`, the rotations carried over to the rows of `z`.
fn ql_step(simd: Simd, d: &mut [f64], e: &mut [f64], at: std::ops::Range<usize>, z: &mut [f64]) {
    let (l, m, n) = (at.start, at.end, d.len());
    // Wilkinson's shift: the eigenvalue of the first two rows that is nearer to the first.
    let slope = (d[l + 1] - d[l]) / (2.0 * e[l]);
    let mut g = d[m] - d[l] + e[l] / (slope + length(slope, 1.0).copysign(slope));
    let (mut sin, mut cos, mut p) = (1.0, 1.0, 0.0);
    for i in at.rev() {
        let (f, b) = (sin * e[i], cos * e[i]);
        let r = length(f, g);
        e[i + 1] = r;
        if r == 0.0 {
            // The matrix falls apart here: the step has done its work.
            d[i + 1] -= p;
            e[m] = 0.0;
            return;
        }
        (sin, cos) = (f / r, g / r);
        let g_before = d[i + 1] - p;
        let turn = (d[i] - g_before) * sin + 2.0 * cos * b;
        p = sin * turn;
        d[i + 1] = g_before + p;
        g = cos * turn - b;
        let (above, below) = z[i * n..(i + 2) * n].split_at_mut(n);
        simd.run(
            #[inline(always)]
            || {
                for (a, b) in above.iter_mut().zip(below) {
                    (*a, *b) = (cos * *a - sin * *b, sin * *a + cos * *b);
                }
            },
        );
    }
    d[l] -= p;
    e[l] = g;
    e[m] = 0.0;
}

/// `√(a² + b²)` of numbers whose squares do not matter where they underflow.
fn length(a: f64, b: f64) -> f64 {
    let most = a.abs().max(b.abs());
    if most == 0.0 {
        return 0.0;
    }
    let (a, b) = (a / most, b / most);
    most * (a * a + b * b).sqrt()
}

/// `y` ← `y` + factor · `x`. To be called within [`Simd::run`].
#[inline(always)]
fn add(factor: f64, x: &[f64], y: &mut [f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = x.mul_add(factor, *y);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    /// Checks `A v = λ v`, lengths, right angles and the order of the values; returns the values.
    #[track_caller]
    fn check(matrix: &Array2<f64>) -> Vec<f64> {
        let n = matrix.nrows();
        let Eigen { values, vectors } = eigen(Simd::active(), matrix.clone(), n);
        let largest = values.iter().fold(1.0f64, |most, value| most.max(value.abs()));
        for (value, vector) in values.iter().zip(vectors.rows()) {
            let rest = matrix.dot(&vector) - &vector * *value;
            assert!(rest.iter().all(|r| r.abs() < 1e-12 * largest), "{value}: {rest}");
        }
        let products = vectors.dot(&vectors.t()) - Array2::<f64>::eye(n);
        assert!(products.iter().all(|p| p.abs() < 1e-12), "{products}");
        assert!(values.is_sorted_by(|a, b| a >= b), "{values:?}");
        values
    }

    #[test]
    fn small_matrices_are_worked_by_hand() {
        let close = |values: Vec<f64>, expected: &[f64]| {
            assert!(values.iter().zip(expected).all(|(v, e)| (v - e).abs() < 1e-14), "{values:?}");
        };
        close(check(&array![[7.0]]), &[7.0]);
        close(check(&array![[2.0, 1.0], [1.0, 2.0]]), &[3.0, 1.0]);
        // 2 − 2 cos(k π / 4).
        let root = std::f64::consts::SQRT_2;
        close(check(&array![[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 2.0]]), &[2.0 + root, 2.0, 2.0 - root]);
        close(check(&Array2::zeros((3, 3))), &[0.0; 3]);
        close(check(&Array2::eye(4)), &[1.0; 4]);
    }

    #[test]
    fn a_matrix_of_low_rank_has_as_many_values() {
        let x = Array2::from_shape_fn((60, 5), |(i, j)| ((i * 31 + j * j * 17) % 101) as f64 / 10.0);
        let values = check(&x.dot(&x.t()));
        assert!(values[4] > 1.0 && values[5..].iter().all(|v| v.abs() < 1e-9), "{values:?}");
    }

    #[test]
    fn every_path_has_the_same_bits() {
        let x = Array2::from_shape_fn((83, 83), |(i, j)| ((i * j * 7 + (i + j) * 13) % 211) as f64 / 100.0 - 1.0);
        let matrix = &x + &x.t();
        check(&matrix);
        let expected = eigen(Simd::PORTABLE, matrix.clone(), 9);
        for simd in Simd::available() {
            assert_eq!(eigen(simd, matrix.clone(), 9), expected, "{}", simd.name());
        }
    }
}
