//! Sums whose bits are defined: [`LANES`] running sums, joined by a tree.

use super::{LANES, Simd};

/// The sum of the squares of `x`.
///
/// Lane i runs over x\[i\], x\[i + 32\], … by fused multiply-adds in 32 bits; the lanes are joined in 64 bits.
pub fn squares(simd: Simd, x: &[f32]) -> f64 {
    let lanes = simd.run(
        #[inline(always)]
        || {
            // Lanes of the closure's own stay in registers.
            let mut lanes = [0.0f32; LANES];
            let chunks = x.chunks_exact(LANES);
            let rest = chunks.remainder();
            for chunk in chunks {
                for i in 0..LANES {
                    lanes[i] = chunk[i].mul_add(chunk[i], lanes[i]);
                }
            }
            for (lane, x) in lanes.iter_mut().zip(rest) {
                *lane = x.mul_add(*x, *lane);
            }
            lanes
        },
    );
    tree(&mut lanes.map(f64::from))
}

/// Sums of the columns of a panel (rows of [`LANES`] floats), each one chain down the rows, into `out`.
///
/// # Panics
/// If `out` is not one row.
pub fn of_rows(simd: Simd, panel: &[f32], out: &mut [f32]) {
    let out: &mut [f32; LANES] = out.try_into().expect("one row of lanes");
    simd.run(
        #[inline(always)]
        || {
            let mut sum = [0.0; LANES];
            for row in panel.chunks_exact(LANES) {
                for (sum, x) in sum.iter_mut().zip(row) {
                    *sum += x;
                }
            }
            *out = sum;
        },
    );
}

/// The sum of `x` in 64 bits: lane i runs over x\[i\], x\[i + 32\], ….
pub fn sum(x: impl IntoIterator<Item = f64>) -> f64 {
    let mut lanes = [0.0f64; LANES];
    for (i, x) in x.into_iter().enumerate() {
        lanes[i % LANES] += x;
    }
    tree(&mut lanes)
}

/// The inner product of `x` and `y` in 64 bits: lane i runs over entries i, i + 32, … by fused multiply-adds. To be called
/// within [`Simd::run`].
#[inline(always)]
pub(super) fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut lanes = [0.0f64; LANES];
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    for (x, y) in x.iter().zip(y) {
        for i in 0..LANES {
            lanes[i] = x[i].mul_add(y[i], lanes[i]);
        }
    }
    for ((lane, x), y) in lanes.iter_mut().zip(x_rest).zip(y_rest) {
        *lane = x.mul_add(*y, *lane);
    }
    tree(&mut lanes)
}

/// Halves are added to each other until one is left.
#[inline(always)]
fn tree(lanes: &mut [f64; LANES]) -> f64 {
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_do_not_depend_on_the_path() {
        let x: Vec<f32> = (0..1003).map(|i| (i as f32 * 0.37) % 3.0 - 1.5).collect();
        let expected = squares(Simd::PORTABLE, &x);
        for simd in Simd::available() {
            assert_eq!(squares(simd, &x).to_bits(), expected.to_bits(), "{}", simd.name());
        }
        let exact: f64 = x.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        assert!((expected - exact).abs() < 1e-5 * exact);
    }

    #[test]
    fn small_terms_are_not_lost_in_order() {
        assert_eq!(sum((1..=100).map(f64::from)), 5050.0);
        assert_eq!(sum([]), 0.0);
    }
}
