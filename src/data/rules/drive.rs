//! A car on a street of 200 m, and the strength at which it hears beacons beside the street.
//!
//! ```text
//! s_b = −20 · log₁₀ d_b + noise · ε_b        d_b² = (x − x_b)² + h_b²        x uniform in 0 … 200 m, ε standard normal
//! ```
//!
//! in decibels: the law of free space, disturbed by what stands around. The best prediction of x is its mean given all
//! strengths, computed over a grid of places. The information that the strengths hold of x, J = Σ (∂s_b/∂x)² / noise²,
//! bounds the variance of an unbiased estimate by 1 / J (Cramér and Rao).

use std::f64::consts::LN_10;

use super::Rule;
use crate::numerics::random::Draws;
use crate::numerics::real;

/// Raised when the rows change.
pub(super) const VERSION: u32 = 1;

/// Metres.
const STREET: f64 = 200.0;
/// Places of the grid, in the middle of cells of 0.25 m: narrower than what is known of x even at the least noise that may
/// be asked for, where sums over the grid are as good as integrals.
const PLACES: usize = 800;

/// The rule for some beacons and a noise in decibels.
#[derive(Debug)]
pub(super) struct Drive {
    noise: f64,
    /// Along the street and away from it, in metres.
    beacons: Vec<[f64; 2]>,
    /// Strengths without noise, by place.
    expected: Vec<Vec<f64>>,
}

impl Drive {
    /// Beacons evenly along the street, by turns 4, 9 and 14 m away from the car's lane.
    pub(super) fn new(beacons: u32, noise: f64) -> Self {
        let along = |b: u32| STREET * (f64::from(b) + 0.5) / f64::from(beacons);
        let beacons: Vec<[f64; 2]> = (0..beacons).map(|b| [along(b), 4.0 + 5.0 * f64::from(b % 3)]).collect();
        let expected = (0..PLACES).map(|p| beacons.iter().map(|b| strength(place(p), *b)).collect()).collect();
        Self { noise, beacons, expected }
    }
}

impl Rule for Drive {
    fn columns(&self) -> Vec<String> {
        (1..=self.beacons.len()).map(|b| format!("beacon {b}")).collect()
    }

    fn draw(&self, mut draws: Draws, row: &mut [f32]) -> f64 {
        let x = draws.uniform_in(0.0, STREET);
        for (s, beacon) in row.iter_mut().zip(&self.beacons) {
            *s = (strength(x, *beacon) + self.noise * draws.normal()) as f32;
        }
        x
    }

    fn best(&self, row: &[f32]) -> f64 {
        let log = |expected: &Vec<f64>| {
            let squares = expected.iter().zip(row).map(|(mean, s)| (f64::from(*s) - mean) * (f64::from(*s) - mean));
            -0.5 * squares.sum::<f64>() / (self.noise * self.noise)
        };
        let logs: Vec<f64> = self.expected.iter().map(log).collect();
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (mut weights, mut sum) = (0.0, 0.0);
        for (p, log) in logs.iter().enumerate() {
            let weight = real::exp(log - top);
            weights += weight;
            sum += weight * place(p);
        }
        sum / weights
    }

    fn least_variance(&self, x: f64) -> Option<f64> {
        let slopes = self.beacons.iter().map(|beacon| slope(x, *beacon));
        let information = slopes.map(|s| s * s).sum::<f64>() / (self.noise * self.noise);
        Some(1.0 / information)
    }
}

/// Where place `p` of the grid is, in metres.
fn place(p: usize) -> f64 {
    STREET * (p as f64 + 0.5) / PLACES as f64
}

/// In decibels, at `x` metres, without noise.
fn strength(x: f64, [along, away]: [f64; 2]) -> f64 {
    let squared = (x - along) * (x - along) + away * away;
    -10.0 * real::log10(squared)
}

/// By how much the strength rises, in decibels a metre.
fn slope(x: f64, [along, away]: [f64; 2]) -> f64 {
    let squared = (x - along) * (x - along) + away * away;
    -20.0 / LN_10 * (x - along) / squared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_that_of_the_strength() {
        for x in [3.0, 60.0, 150.0] {
            let beacon = [70.0, 9.0];
            let difference = (strength(x + 1e-4, beacon) - strength(x - 1e-4, beacon)) / 2e-4;
            assert!((slope(x, beacon) - difference).abs() < 1e-6, "{x}");
        }
    }

    #[test]
    fn without_much_noise_the_place_is_found_and_a_coarser_grid_finds_the_same() {
        let rule = Drive::new(8, 0.5);
        let row: Vec<f32> = rule.beacons.iter().map(|beacon| strength(73.3, *beacon) as f32).collect();
        assert!((rule.best(&row) - 73.3).abs() < 0.05, "{}", rule.best(&row));
        let all = Drive::new(8, 4.0);
        let coarse =
            Drive { expected: all.expected.iter().skip(1).step_by(2).cloned().collect(), ..Drive::new(8, 4.0) };
        let mean = |rule: &Drive, step: f64| {
            let log =
                |e: &Vec<f64>| e.iter().zip(&row).map(|(m, s)| (f64::from(*s) - m) * (f64::from(*s) - m)).sum::<f64>();
            let weights = rule.expected.iter().map(|e| real::exp(-log(e) / 32.0));
            let (sum, total) =
                weights.enumerate().fold((0.0, 0.0), |(sum, total), (p, w)| (sum + w * p as f64, total + w));
            step * sum / total
        };
        let (fine, half) = (mean(&all, 0.25) + 0.125, mean(&coarse, 0.5) + 0.375);
        assert!((fine - all.best(&row)).abs() < 1e-9 && (fine - half).abs() < 0.02, "{fine} {half}");
    }
}
