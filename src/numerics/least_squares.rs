//! Linear least squares in 64 bits, by Householder reflections with column pivoting.
//!
//! With `A P = Q R`, the columns of `A` taken in the order `P` of what is left of them, the rank shows where nothing is
//! left. Of all minimisers of `‖A x − b‖` the shortest is found by reflecting the other way as well: `Rᵀ = Z T` gives
//! `x = P Z T⁻ᵀ Qᵀ b` (Golub and Van Loan 2013, *Matrix Computations*, 5.5.6 and 5.6.2).
//!
//! Our own: solvers at hand multiply by `matrixmultiply`, whose rounding depends on the processor, and take the norm of
//! a column by the platform's `hypot`, or give up where columns depend on each other.

use ndarray::{Array2, Axis};
use rayon::prelude::*;

use super::{Simd, sums};

/// Numbers below a reflection from which on its columns are shared out over threads.
const SHARED: usize = 1 << 16;

/// The squared norm of what is left of a column is taken anew where updates have left less than this share of it.
const SHARE_LEFT: f64 = 1e-6;

/// The shortest minimiser.
#[derive(Debug, Clone, PartialEq)]
pub struct LeastSquares {
    /// One entry a column of `A`.
    pub x: Vec<f64>,
    /// The rank of `A`.
    pub rank: usize,
}

/// The shortest `x` among those that minimise `‖A x − b‖`.
///
/// `columns` holds `A` (m × n) column by column: n × m; `b` has m entries. A column of which no more than max(m, n)·ε of
/// the longest one is left counts as dependent on those before it.
///
/// # Panics
/// If the lengths do not agree.
pub fn least_squares(simd: Simd, columns: Array2<f64>, b: &[f64]) -> LeastSquares {
    assert_eq!(columns.ncols(), b.len(), "a right side has an entry a row");
    let n = columns.nrows();
    let qr = Reflected::of(simd, columns, Pivoting::Largest);
    let mut c = b.to_vec();
    qr.reflect_forward(simd, &mut c);
    let rank = qr.rank();

    // Row i of R: what the first `rank` reflections left in it.
    let mut rows = Array2::from_shape_fn((rank, n), |(i, j)| qr.triangle(i, j));
    let mut z = vec![0.0; n];
    if rank == n {
        for i in (0..n).rev() {
            let known: f64 = (i + 1..n).map(|j| rows[[i, j]] * z[j]).sum();
            z[i] = (c[i] - known) / rows[[i, i]];
        }
    } else {
        // Equal lengths: reflections of rows have nothing to choose.
        rows = rows.as_standard_layout().into_owned();
        let lq = Reflected::of(simd, rows, Pivoting::None);
        for i in 0..rank {
            let known: f64 = (0..i).map(|j| lq.triangle(j, i) * z[j]).sum();
            z[i] = (c[i] - known) / lq.triangle(i, i);
        }
        lq.reflect_backward(simd, &mut z);
    }
    let mut x = vec![0.0; n];
    qr.order.iter().zip(z).for_each(|(&column, z)| x[column] = z);
    LeastSquares { x, rank }
}

/// Which column is reflected next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pivoting {
    /// The one of which most is left; none where nothing is.
    Largest,
    /// The next one.
    None,
}

/// A matrix reflected into a triangle.
struct Reflected {
    /// Column by column: above its diagonal entry k the triangle, from there on the vector of reflection k.
    columns: Array2<f64>,
    /// The triangle's diagonal; its length is the rank.
    diagonal: Vec<f64>,
    /// 2 / ‖v‖² of each reflection.
    scale: Vec<f64>,
    /// The original place of each column.
    order: Vec<usize>,
}

impl Reflected {
    fn of(simd: Simd, columns: Array2<f64>, pivoting: Pivoting) -> Self {
        let (n, m) = columns.dim();
        let mut this = Self { columns, diagonal: Vec::new(), scale: Vec::new(), order: (0..n).collect() };
        let mut left = Left::of(&this.columns, simd);
        let limit = m.max(n) as f64 * f64::EPSILON * left.largest(0).1.sqrt();
        for k in 0..m.min(n) {
            if pivoting == Pivoting::Largest {
                let (pivot, _) = left.largest(k);
                this.swap(k, pivot);
                left.swap(k, pivot);
            }
            let norm = norm(simd, &this.columns.row(k).to_slice().expect("columns lie one after the other")[k..]);
            if norm <= limit {
                break;
            }
            this.reflect(simd, k, norm);
            left.shorten(simd, k, &this.columns);
        }
        this
    }

    fn rank(&self) -> usize {
        self.diagonal.len()
    }

    /// Entry (i, j) of the triangle.
    fn triangle(&self, i: usize, j: usize) -> f64 {
        match i.cmp(&j) {
            std::cmp::Ordering::Less => self.columns[[j, i]],
            std::cmp::Ordering::Equal => self.diagonal[i],
            std::cmp::Ordering::Greater => 0.0,
        }
    }

    fn swap(&mut self, a: usize, b: usize) {
        if a != b {
            let (mut first, mut rest) = self.columns.view_mut().split_at(Axis(0), b);
            ndarray::Zip::from(first.row_mut(a)).and(rest.row_mut(0)).for_each(std::mem::swap);
            self.order.swap(a, b);
        }
    }

    /// Reflects column k, of length `norm` from row k on, onto its first entry, and the columns after it with it.
    fn reflect(&mut self, simd: Simd, k: usize, norm: f64) {
        let m = self.columns.ncols();
        let (v, after) =
            self.columns.as_slice_mut().expect("columns lie one after the other").split_at_mut((k + 1) * m);
        let v = &mut v[k * m + k..];
        // Away from the first entry: nothing cancels.
        let first = v[0];
        let diagonal = -norm.copysign(first);
        v[0] -= diagonal;
        let scale = 1.0 / (norm * (norm + first.abs()));
        let v = &*v;
        let turn = |column: &mut [f64]| subtract_along(simd, v, scale, &mut column[k..]);
        if after.len() / m * v.len() >= SHARED {
            after.par_chunks_exact_mut(m).for_each(turn);
        } else {
            after.chunks_exact_mut(m).for_each(turn);
        }
        self.diagonal.push(diagonal);
        self.scale.push(scale);
    }

    /// `b` ← Qᵀ b.
    fn reflect_forward(&self, simd: Simd, b: &mut [f64]) {
        (0..self.rank()).for_each(|k| self.reflect_one(simd, k, b));
    }

    /// `b` ← Q b.
    fn reflect_backward(&self, simd: Simd, b: &mut [f64]) {
        (0..self.rank()).rev().for_each(|k| self.reflect_one(simd, k, b));
    }

    fn reflect_one(&self, simd: Simd, k: usize, b: &mut [f64]) {
        let v = &self.columns.row(k).to_slice().expect("columns lie one after the other")[k..];
        subtract_along(simd, v, self.scale[k], &mut b[k..]);
    }
}

/// Squared norms of what reflections have left of the columns.
struct Left {
    now: Vec<f64>,
    /// When they were last taken from the columns themselves.
    taken: Vec<f64>,
}

impl Left {
    fn of(columns: &Array2<f64>, simd: Simd) -> Self {
        let square = |column: ndarray::ArrayView1<'_, f64>| {
            squared(simd, column.to_slice().expect("columns lie one after the other"))
        };
        let now: Vec<f64> = columns.rows().into_iter().map(square).collect();
        Self { taken: now.clone(), now }
    }

    /// The column from `first` on of which most is left, the first of equals, and its squared norm; 0 where there are none.
    fn largest(&self, first: usize) -> (usize, f64) {
        let rest = self.now.iter().enumerate().skip(first);
        rest.fold((first, 0.0), |(best, most), (j, &left)| if left > most { (j, left) } else { (best, most) })
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.now.swap(a, b);
        self.taken.swap(a, b);
    }

    /// Takes entry k off the columns behind it.
    fn shorten(&mut self, simd: Simd, k: usize, columns: &Array2<f64>) {
        for j in k + 1..self.now.len() {
            let entry = columns[[j, k]];
            self.now[j] -= entry * entry;
            if self.now[j] <= SHARE_LEFT * self.taken[j] {
                self.now[j] =
                    squared(simd, &columns.row(j).to_slice().expect("columns lie one after the other")[k + 1..]);
                self.taken[j] = self.now[j];
            }
        }
    }
}

/// `b` ← `b` − scale · (vᵀ b) · v.
fn subtract_along(simd: Simd, v: &[f64], scale: f64, b: &mut [f64]) {
    simd.run(
        #[inline(always)]
        || {
            let along = scale * sums::dot(v, b);
            for (b, v) in b.iter_mut().zip(v) {
                *b = v.mul_add(-along, *b);
            }
        },
    );
}

fn squared(simd: Simd, x: &[f64]) -> f64 {
    simd.run(
        #[inline(always)]
        || sums::dot(x, x),
    )
}

fn norm(simd: Simd, x: &[f64]) -> f64 {
    squared(simd, x).sqrt()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[track_caller]
    fn check(a: &Array2<f64>, b: &[f64], rank: usize, expected: &[f64]) {
        let solved = least_squares(Simd::active(), a.t().as_standard_layout().into_owned(), b);
        assert_eq!(solved.rank, rank);
        let far = solved.x.iter().zip(expected).any(|(x, e)| (x - e).abs() > 1e-12 * e.abs().max(1.0));
        assert!(!far && solved.x.len() == expected.len(), "{:?} instead of {expected:?}", solved.x);
    }

    #[test]
    fn a_line_through_three_points_is_worked_by_hand() {
        // (0, 1), (1, 3), (2, 4): slope 3/2, intercept 7/6.
        check(&array![[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], &[1.0, 3.0, 4.0], 2, &[7.0 / 6.0, 1.5]);
    }

    #[test]
    fn of_many_solutions_the_shortest_is_found() {
        // x + 2 y = 5; the second column is the first, twice.
        check(&array![[1.0, 2.0]], &[5.0], 1, &[1.0, 2.0]);
        check(&array![[1.0, 2.0], [2.0, 4.0], [0.0, 0.0]], &[5.0, 10.0, 7.0], 1, &[1.0, 2.0]);
        // x + z = 2, y + z = 4: the shortest has x + y = z.
        check(&array![[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]], &[2.0, 4.0], 2, &[0.0, 2.0, 2.0]);
        check(&array![[0.0, 0.0]], &[3.0], 0, &[0.0, 0.0]);
    }

    #[test]
    fn columns_of_different_length_are_all_seen() {
        // Twelve orders of magnitude apart: a right side of 53 bits leaves the short column some four digits.
        let columns = array![[1e9, 2e9, -1e9], [1e-3, 1e-3, 3e-3]];
        let solved = least_squares(Simd::active(), columns, &[1e9 + 2e-3, 2e9 + 2e-3, -1e9 + 6e-3]);
        assert_eq!(solved.rank, 2);
        assert!((solved.x[0] - 1.0).abs() < 1e-12 && (solved.x[1] - 2.0).abs() < 1e-3, "{:?}", solved.x);
    }

    #[test]
    fn what_is_left_over_is_orthogonal_to_the_columns_on_every_path() {
        let entry = |i: usize| (i * i % 1009) as f64 / 250.0 - 1.7;
        let columns = Array2::from_shape_fn((70, 1000), |(j, i)| entry(i * 31 + j * 7));
        let b: Vec<f64> = (0..1000).map(|i| entry(3 * i + 5)).collect();
        let solved = least_squares(Simd::PORTABLE, columns.clone(), &b);
        let fitted = columns.t().dot(&ndarray::Array1::from(solved.x.clone()));
        let rest: Vec<f64> = b.iter().zip(&fitted).map(|(b, f)| b - f).collect();
        for column in columns.rows() {
            let along: f64 = column.iter().zip(&rest).map(|(c, r)| c * r).sum();
            assert!(along.abs() < 1e-9, "{along}");
        }
        for simd in Simd::available() {
            assert_eq!(least_squares(simd, columns.clone(), &b), solved, "{}", simd.name());
        }
    }
}
