//! Inner products and distances in 64 bits whose bits are defined: each is one chain over increasing columns.

use ndarray::{Array2, ArrayView2};

use super::Simd;

/// Rows of the right factor that are computed at once: their entries lie next to each other.
const WIDTH: usize = 16;

/// Rows of the left factor that are computed at once: with [`WIDTH`] sums each they fill AVX2's registers.
const HEIGHT: usize = 3;

/// The inner product of each row of `a` with each row of `b`: rows of `a` × rows of `b`.
///
/// ```text
/// g[m][n] = fma(a[m][K−1], b[n][K−1], … fma(a[m][1], b[n][1], fma(a[m][0], b[n][0], 0)))
/// ```
///
/// # Panics
/// If the rows of `a` and `b` differ in length.
pub fn gram(simd: Simd, a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>) -> Array2<f64> {
    pairs(
        simd,
        a,
        b,
        #[inline(always)]
        |sum, x, y| x.mul_add(y, sum),
    )
}

/// The squared distance of each row of `a` from each row of `b`: rows of `a` × rows of `b`, `d = fma(x − y, x − y, d)` in
/// increasing k. That of equal rows is 0.
///
/// # Panics
/// If the rows of `a` and `b` differ in length.
pub fn squared_distances(simd: Simd, a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>) -> Array2<f64> {
    pairs(
        simd,
        a,
        b,
        #[inline(always)]
        |sum, x, y| (x - y).mul_add(x - y, sum),
    )
}

/// The sum of absolute differences of each row of `a` and each row of `b`: rows of `a` × rows of `b`, `d = d + |x − y|` in
/// increasing k.
///
/// # Panics
/// If the rows of `a` and `b` differ in length.
pub fn absolute_distances(simd: Simd, a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>) -> Array2<f64> {
    pairs(
        simd,
        a,
        b,
        #[inline(always)]
        |sum, x, y| sum + (x - y).abs(),
    )
}

/// `term` folded over the columns of each pair of rows, from 0.
#[inline(always)]
fn pairs(
    simd: Simd,
    a: ArrayView2<'_, f64>,
    b: ArrayView2<'_, f64>,
    term: impl Fn(f64, f64, f64) -> f64 + Copy,
) -> Array2<f64> {
    assert_eq!(a.ncols(), b.ncols(), "pairs are of rows of one length");
    let mut folded = Array2::zeros((a.nrows(), b.nrows()));
    let a = a.as_standard_layout();
    let (rows, columns, k) = (a.nrows(), b.nrows(), a.ncols());
    let (a, out) = (a.as_slice().expect("it is laid out row after row"), folded.as_slice_mut());
    let out = out.expect("a new array is laid out row after row");
    // Entry k of each row of a panel, one after the other.
    let mut panel = vec![[0.0; WIDTH]; k];
    for first in (0..columns).step_by(WIDTH) {
        let used = (columns - first).min(WIDTH);
        for (lane, row) in (first..first + used).enumerate() {
            b.row(row).iter().zip(&mut panel).for_each(|(x, entries)| entries[lane] = *x);
        }
        simd.run(
            #[inline(always)]
            || {
                for top in (0..rows).step_by(HEIGHT) {
                    // Rows beyond the last are the last once more.
                    let row = |m: usize| &a[(top + m).min(rows - 1) * k..][..k];
                    let sums = tile([row(0), row(1), row(2)], &panel, term);
                    for (m, sums) in sums.iter().enumerate().take(rows - top) {
                        out[(top + m) * columns + first..][..used].copy_from_slice(&sums[..used]);
                    }
                }
            },
        );
    }
    folded
}

/// [`HEIGHT`] rows, each folded with every row of a panel.
#[inline(always)]
fn tile(rows: [&[f64]; HEIGHT], panel: &[[f64; WIDTH]], term: impl Fn(f64, f64, f64) -> f64) -> [[f64; WIDTH]; HEIGHT] {
    let mut sums = [[0.0; WIDTH]; HEIGHT];
    let [first, second, third] = rows;
    for (((entries, x), y), z) in panel.iter().zip(first).zip(second).zip(third) {
        for lane in 0..WIDTH {
            sums[0][lane] = term(sums[0][lane], *x, entries[lane]);
            sums[1][lane] = term(sums[1][lane], *y, entries[lane]);
            sums[2][lane] = term(sums[2][lane], *z, entries[lane]);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_gives_the_chain_itself() {
        let entry = |i: usize| (i * i % 1009) as f64 / 250.0 - 1.7;
        for (m, n, k) in [(0, 3, 2), (1, 1, 0), (1, 1, 1), (3, 16, 5), (7, 33, 300), (64, 17, 784), (5, 100, 1537)] {
            let a = Array2::from_shape_fn((m, k), |(i, j)| entry(i * 31 + j));
            let b = Array2::from_shape_fn((n, k), |(i, j)| entry(i * 17 + 3 * j + 5));
            let chain = |term: fn(f64, f64, f64) -> f64| {
                Array2::from_shape_fn((m, n), |(i, j)| {
                    a.row(i).iter().zip(b.row(j)).fold(0.0, |sum, (x, y)| term(sum, *x, *y))
                })
            };
            let products = chain(|sum, x, y| x.mul_add(y, sum));
            let squares = chain(|sum, x, y| (x - y).mul_add(x - y, sum));
            let differences = chain(|sum, x, y| sum + (x - y).abs());
            for simd in Simd::available() {
                let at = format!("{m} × {n} × {k} on {}", simd.name());
                assert_eq!(gram(simd, a.view(), b.view()), products, "{at}");
                assert_eq!(squared_distances(simd, a.view(), b.view()), squares, "{at}");
                assert_eq!(absolute_distances(simd, a.view(), b.view()), differences, "{at}");
            }
            // A factor that is laid out column after column is the same matrix.
            let turned = a.t().as_standard_layout().into_owned();
            assert_eq!(gram(Simd::active(), turned.t(), b.view()), products);
        }
    }
}
