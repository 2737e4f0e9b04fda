//! The dual problem of a two-class machine on a kernel matrix, by sequential minimal optimisation.
//!
//! linfa-svm cannot be handed a kernel: it makes one of n² scalar products over the columns it is given, and for many
//! rows that is nearly all of its time. Where a problem has grown too large for it, this goes on from its solution.
//!
//! With y = ±1 the sign of a row, β = y · dual variable its coefficient and K the kernel:
//!
//! ```text
//! minimise  ½ βᵀKβ − yᵀβ    subject to  Σ β = 0,   0 ≤ β ≤ C where y = 1,   −C ≤ β ≤ 0 where y = −1
//! ```
//!
//! Each step moves one pair of coefficients by the same amount up and down: the one whose rise gains most, and the one
//! whose fall then gains most to second order (Fan, Chen, Lin 2005, *Working Set Selection Using Second Order Information
//! for Training Support Vector Machines*, WSS 2).

use ndarray::ArrayView2;

use crate::numerics::Simd;

/// As many steps as linfa takes before it gives up.
const MOST_STEPS: usize = 10_000_000;

/// Curvature along a step between two rows of one and the same kernel row.
const FLAT: f64 = 1e-12;

/// A problem of n rows, at some coefficients.
pub(super) struct Dual<'a> {
    /// n × n.
    kernel: ArrayView2<'a, f64>,
    /// Least and largest value of each coefficient.
    bounds: Vec<(f64, f64)>,
    coefficients: Vec<f64>,
    /// `(Kβ)ᵢ − yᵢ`: how much the objective rises with each coefficient.
    slopes: Vec<f64>,
}

impl<'a> Dual<'a> {
    /// The problem at feasible `coefficients`.
    ///
    /// `positive` says the sign of each row, `sums` is Kβ.
    pub(super) fn new(
        kernel: ArrayView2<'a, f64>,
        positive: &[bool],
        c: f64,
        coefficients: Vec<f64>,
        sums: &[f64],
    ) -> Self {
        let n = positive.len();
        assert!(kernel.dim() == (n, n) && coefficients.len() == n && sums.len() == n, "all are of the same rows");
        let bounds = positive.iter().map(|&p| if p { (0.0, c) } else { (-c, 0.0) }).collect();
        let slopes = sums.iter().zip(positive).map(|(sum, &p)| if p { sum - 1.0 } else { sum + 1.0 }).collect();
        Self { kernel, bounds, coefficients, slopes }
    }

    /// The coefficients at which no pair violates the optimality conditions by `tolerance`, and the threshold ρ of the
    /// decision; `None` where they are not found in ten million steps.
    pub(super) fn solve(mut self, tolerance: f64) -> Option<(Vec<f64>, f64)> {
        for _ in 0..MOST_STEPS {
            let Some((up, gain)) = self.steepest_rise() else { break };
            let (down, least) = self.best_fall(up, gain);
            match down {
                Some(down) if gain - least >= tolerance => self.step(up, down),
                _ => {
                    let rho = self.rho(gain, least);
                    return Some((self.coefficients, rho));
                }
            }
        }
        None
    }

    /// The row whose coefficient can rise with the largest gain, and that gain.
    fn steepest_rise(&self) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        for (i, (slope, (beta, (_, high)))) in
            self.slopes.iter().zip(self.coefficients.iter().zip(&self.bounds)).enumerate()
        {
            if beta < high && best.is_none_or(|(_, gain)| -slope > gain) {
                best = Some((i, -slope));
            }
        }
        best
    }

    /// The row whose coefficient should fall while that of `up` rises, and the least `−slope` of all that can fall.
    fn best_fall(&self, up: usize, gain: f64) -> (Option<usize>, f64) {
        let row = self.kernel.row(up);
        let mut best = (None, 0.0);
        let mut least = f64::INFINITY;
        for (j, (slope, (beta, (low, _)))) in
            self.slopes.iter().zip(self.coefficients.iter().zip(&self.bounds)).enumerate()
        {
            if beta <= low {
                continue;
            }
            least = least.min(-slope);
            let difference = gain + slope;
            if difference > 0.0 {
                let decrease = difference * difference / self.curvature(row[up], self.kernel[[j, j]], row[j]);
                if decrease > best.1 {
                    best = (Some(j), decrease);
                }
            }
        }
        (best.0, least)
    }

    /// Of the objective, along a step between two rows.
    fn curvature(&self, k_ii: f64, k_jj: f64, k_ij: f64) -> f64 {
        (k_ii + k_jj - 2.0 * k_ij).max(FLAT)
    }

    /// Moves the coefficient of `up` up and that of `down` down, to the minimum between them or to a bound.
    fn step(&mut self, up: usize, down: usize) {
        let (row_up, row_down) = (self.kernel.row(up), self.kernel.row(down));
        let curvature = self.curvature(row_up[up], row_down[down], row_up[down]);
        let wanted = (self.slopes[down] - self.slopes[up]) / curvature;
        let (room_up, room_down) =
            (self.bounds[up].1 - self.coefficients[up], self.coefficients[down] - self.bounds[down].0);
        let step = wanted.min(room_up).min(room_down);
        // A bound is met exactly, whatever the subtraction above has rounded.
        self.coefficients[up] = if step == room_up { self.bounds[up].1 } else { self.coefficients[up] + step };
        self.coefficients[down] = if step == room_down { self.bounds[down].0 } else { self.coefficients[down] - step };
        let why = "rows are contiguous";
        let (row_up, row_down) = (row_up.to_slice().expect(why), row_down.to_slice().expect(why));
        let slopes = &mut self.slopes;
        Simd::active().run(
            #[inline(always)]
            || {
                for ((slope, k_up), k_down) in slopes.iter_mut().zip(row_up).zip(row_down) {
                    *slope += step * (k_up - k_down);
                }
            },
        );
    }

    /// The mean slope of the rows between their bounds; where there are none, the middle of what is allowed.
    fn rho(&self, gain: f64, least: f64) -> f64 {
        let (mut sum, mut free) = (0.0, 0);
        for (slope, (beta, (low, high))) in self.slopes.iter().zip(self.coefficients.iter().zip(&self.bounds)) {
            if beta > low && beta < high {
                sum += slope;
                free += 1;
            }
        }
        if free > 0 { sum / f64::from(free) } else { -(gain + least) / 2.0 }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn two_rows_are_worked_by_hand() {
        // Rows at 1 and −1 of a line: f(x) = x, with β = ±½; a small C holds both at their bounds, and ρ is between them.
        let kernel = array![[1.0, -1.0], [-1.0, 1.0]];
        let solve = |c| Dual::new(kernel.view(), &[true, false], c, vec![0.0; 2], &[0.0; 2]).solve(1e-9);
        assert_eq!(solve(10.0), Some((vec![0.5, -0.5], 0.0)));
        assert_eq!(solve(0.25), Some((vec![0.25, -0.25], 0.0)));
    }

    #[test]
    fn rows_that_cannot_be_told_apart_end_at_their_bounds() {
        let kernel = array![[1.0, 1.0], [1.0, 1.0]];
        let solved = Dual::new(kernel.view(), &[true, false], 3.0, vec![0.0; 2], &[0.0; 2]).solve(1e-3);
        assert_eq!(solved, Some((vec![3.0, -3.0], 0.0)));
    }
}
