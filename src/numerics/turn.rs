//! Transposing small squares: rows of lanes become columns of lanes.
//!
//! A transpose moves floats and computes none, so every path has the same bits by nature; the vector paths are here because
//! a compiler makes single loads and stores of the plain loop, one float a cycle.

use super::simd::Path;
use super::{LANES, Simd};

/// Writes `from` (at most [`LANES`] rows of [`LANES`] floats) into `to` (that many rows in full) as columns:
/// `to[c][r]` = `from[r][c]`; columns of `to` without a row are 0.
///
/// # Panics
/// If `from` is not whole rows or has too many, or `to` is not [`LANES`] rows.
pub fn turn(simd: Simd, from: &[f32], to: &mut [f32]) {
    let rows = from.len() / LANES;
    assert!(rows * LANES == from.len() && rows <= LANES, "at most {LANES} whole rows");
    assert_eq!(to.len(), LANES * LANES, "a square");
    match simd.path() {
        // SAFETY: a `Simd` of this path exists only where the processor has these instructions.
        #[cfg(target_arch = "x86_64")]
        Path::Avx512 if rows == LANES => unsafe { avx512::turn(from, to) },
        // SAFETY: as above; every path of AVX-512 has AVX2 as well.
        #[cfg(target_arch = "x86_64")]
        Path::Avx512 | Path::Avx2 if rows.is_multiple_of(8) => unsafe { avx2::turn(from, to) },
        _ => plain(from, to),
    }
}

fn plain(from: &[f32], to: &mut [f32]) {
    let rows = from.len() / LANES;
    for (c, out) in to.chunks_exact_mut(LANES).enumerate() {
        for (out, row) in out.iter_mut().zip(from.chunks_exact(LANES)) {
            *out = row[c];
        }
        out[rows..].fill(0.0);
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::LANES;
    use std::arch::x86_64::*;

    const SIDE: usize = 16;

    /// A full square of lanes, in four squares of a vector's width.
    ///
    /// # Safety
    /// The processor has AVX-512F, and both slices are `LANES`² long.
    #[target_feature(enable = "avx512f")]
    pub(super) unsafe fn turn(from: &[f32], to: &mut [f32]) {
        for r in (0..LANES).step_by(SIDE) {
            for c in (0..LANES).step_by(SIDE) {
                // SAFETY: both squares lie within the slices, whose rows are `LANES` floats apart.
                unsafe { square(from.as_ptr().add(r * LANES + c), to.as_mut_ptr().add(c * LANES + r)) };
            }
        }
    }

    /// Pairs of rows, then fours, then the quarters of vectors find their places.
    #[target_feature(enable = "avx512f")]
    unsafe fn square(from: *const f32, to: *mut f32) {
        let zero = _mm512_setzero_ps();
        let (mut a, mut b) = ([zero; SIDE], [zero; SIDE]);
        for (i, row) in a.iter_mut().enumerate() {
            // SAFETY: the caller vouches for sixteen rows.
            *row = unsafe { _mm512_loadu_ps(from.add(i * LANES)) };
        }
        for i in 0..SIDE / 2 {
            b[2 * i] = _mm512_unpacklo_ps(a[2 * i], a[2 * i + 1]);
            b[2 * i + 1] = _mm512_unpackhi_ps(a[2 * i], a[2 * i + 1]);
        }
        for i in 0..SIDE / 4 {
            let pair = |x, y| (_mm512_castps_pd(x), _mm512_castps_pd(y));
            for half in 0..2 {
                let (x, y) = pair(b[4 * i + half], b[4 * i + half + 2]);
                a[4 * i + 2 * half] = _mm512_castpd_ps(_mm512_unpacklo_pd(x, y));
                a[4 * i + 2 * half + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(x, y));
            }
        }
        // Vector 4i + j holds columns j, 4 + j, 8 + j, 12 + j of rows 4i to 4i + 3.
        for j in 0..4 {
            let even = _mm512_shuffle_f32x4(a[j], a[4 + j], 0x88);
            let odd = _mm512_shuffle_f32x4(a[j], a[4 + j], 0xdd);
            let even_below = _mm512_shuffle_f32x4(a[8 + j], a[12 + j], 0x88);
            let odd_below = _mm512_shuffle_f32x4(a[8 + j], a[12 + j], 0xdd);
            b[j] = _mm512_shuffle_f32x4(even, even_below, 0x88);
            b[8 + j] = _mm512_shuffle_f32x4(even, even_below, 0xdd);
            b[4 + j] = _mm512_shuffle_f32x4(odd, odd_below, 0x88);
            b[12 + j] = _mm512_shuffle_f32x4(odd, odd_below, 0xdd);
        }
        for (i, row) in b.iter().enumerate() {
            // SAFETY: the caller vouches for sixteen rows.
            unsafe { _mm512_storeu_ps(to.add(i * LANES), *row) };
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::LANES;
    use std::arch::x86_64::*;

    const SIDE: usize = 8;

    /// Eights of rows; columns of `to` beyond them become 0.
    ///
    /// # Safety
    /// The processor has AVX2, `from` is whole eights of rows, and `to` is `LANES`² long.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn turn(from: &[f32], to: &mut [f32]) {
        let rows = from.len() / LANES;
        for r in (0..rows).step_by(SIDE) {
            for c in (0..LANES).step_by(SIDE) {
                // SAFETY: both squares lie within the slices, whose rows are `LANES` floats apart.
                unsafe { square(from.as_ptr().add(r * LANES + c), to.as_mut_ptr().add(c * LANES + r)) };
            }
        }
        if rows < LANES {
            to.chunks_exact_mut(LANES).for_each(|row| row[rows..].fill(0.0));
        }
    }

    #[target_feature(enable = "avx2")]
    unsafe fn square(from: *const f32, to: *mut f32) {
        let zero = _mm256_setzero_ps();
        let (mut a, mut b) = ([zero; SIDE], [zero; SIDE]);
        for (i, row) in a.iter_mut().enumerate() {
            // SAFETY: the caller vouches for eight rows.
            *row = unsafe { _mm256_loadu_ps(from.add(i * LANES)) };
        }
        for i in 0..SIDE / 2 {
            b[2 * i] = _mm256_unpacklo_ps(a[2 * i], a[2 * i + 1]);
            b[2 * i + 1] = _mm256_unpackhi_ps(a[2 * i], a[2 * i + 1]);
        }
        for i in 0..SIDE / 4 {
            for half in 0..2 {
                let (x, y) = (b[4 * i + half], b[4 * i + half + 2]);
                a[4 * i + 2 * half] = _mm256_shuffle_ps(x, y, 0x44);
                a[4 * i + 2 * half + 1] = _mm256_shuffle_ps(x, y, 0xee);
            }
        }
        for j in 0..4 {
            b[j] = _mm256_permute2f128_ps(a[j], a[4 + j], 0x20);
            b[4 + j] = _mm256_permute2f128_ps(a[j], a[4 + j], 0x31);
        }
        for (i, row) in b.iter().enumerate() {
            // SAFETY: the caller vouches for eight rows.
            unsafe { _mm256_storeu_ps(to.add(i * LANES), *row) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns_on_every_path() {
        for simd in Simd::available() {
            for rows in [0, 1, 8, 10, 16, 24, 31, 32] {
                let from: Vec<f32> = (0..rows * LANES).map(|i| i as f32 + 1.0).collect();
                let mut to = [f32::NAN; LANES * LANES];
                turn(simd, &from, &mut to);
                for (i, found) in to.iter().enumerate() {
                    let (c, r) = (i / LANES, i % LANES);
                    let expected = if r < rows { from[r * LANES + c] } else { 0.0 };
                    assert_eq!(*found, expected, "{} {rows} rows at {r}, {c}", simd.name());
                }
            }
        }
    }
}
