//! Power laws with a floor, as errors fall with examples: y = a·x^−b + c with a and c from 0 up.
//!
//! For a given b the best a and c are those of a straight line in x^−b. So only b is searched: on a grid, and then ever
//! more finely between the neighbours of the best. Nothing is drawn and nothing depends on where one begins.

use super::Bounds;
use crate::numerics::real;

/// A fitted law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    /// a: what the error would be above its floor at x = 1.
    pub factor: f64,
    /// b: how fast it falls.
    pub exponent: f64,
    /// c: the floor.
    pub limit: f64,
}

/// Exponents looked at: slower than the first is no fall that could be told from a floor, faster than the last a step.
const EXPONENTS: [f64; 2] = [0.01, 4.0];
/// Exponents of the grid, evenly by their logarithm.
const GRID: usize = 120;
/// How often the best stretch is cut to its best third: to about 10⁻¹² of its width.
const CUTS: usize = 60;

/// The law that fits best by least squares; `None` for fewer than three different x, or values that are not finite.
pub fn fit(x: &[f64], y: &[f64]) -> Option<Power> {
    let mut different: Vec<f64> = x.to_vec();
    different.sort_by(f64::total_cmp);
    different.dedup();
    if different.len() < 3 || x.iter().any(|x| *x <= 0.0) || y.iter().any(|y| !y.is_finite()) {
        return None;
    }
    let error = |log: f64| line(x, y, real::exp(log)).1;
    let [low, high] = EXPONENTS.map(real::ln);
    let at = |i: usize| low + (high - low) * i as f64 / (GRID - 1) as f64;
    let best = (0..GRID).min_by(|a, b| error(at(*a)).total_cmp(&error(at(*b))))?;
    let (mut left, mut right) = (at(best.saturating_sub(1)), at((best + 1).min(GRID - 1)));
    for _ in 0..CUTS {
        let third = (right - left) / 3.0;
        if error(left + third) < error(right - third) { right -= third } else { left += third }
    }
    Some(line(x, y, real::exp(0.5 * (left + right))).0)
}

/// The same of values of which bounds may be all that is known: then nothing is known of the law.
pub fn of(x: &[f64], y: &[Bounds], part: fn(&Power) -> f64) -> Bounds {
    let known: Option<Vec<f64>> = y.iter().map(|y| y.known()).collect();
    known.and_then(|y| fit(x, &y)).map_or(Bounds::UNKNOWN, |law| Bounds::exactly(part(&law)))
}

/// The best law with this exponent, and its sum of squared errors.
fn line(x: &[f64], y: &[f64], exponent: f64) -> (Power, f64) {
    let n = x.len() as f64;
    let u: Vec<f64> = x.iter().map(|x| real::pow(*x, -exponent)).collect();
    let (mean_u, mean_y) = (u.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let spread: f64 = u.iter().map(|u| (u - mean_u) * (u - mean_u)).sum();
    let together: f64 = u.iter().zip(y).map(|(u, y)| (u - mean_u) * (y - mean_y)).sum();
    let free = together / spread;
    let law = if free < 0.0 {
        (0.0, mean_y)
    } else if mean_y - free * mean_u >= 0.0 {
        (free, mean_y - free * mean_u)
    } else {
        // No error is below 0, so neither is its floor.
        let through_0 = u.iter().zip(y).map(|(u, y)| u * y).sum::<f64>() / u.iter().map(|u| u * u).sum::<f64>();
        (through_0.max(0.0), 0.0)
    };
    let errors = u.iter().zip(y).map(|(u, y)| (law.0 * u + law.1 - y) * (law.0 * u + law.1 - y));
    (Power { factor: law.0, exponent, limit: law.1 }, errors.sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    const M: [f64; 5] = [100.0, 300.0, 1000.0, 3000.0, 10_000.0];

    #[test]
    fn a_law_is_found_again_from_its_values() {
        for (factor, exponent, limit) in [(2.0, 0.35, 0.05), (1.0, 0.5, 0.0), (30.0, 1.2, 0.2)] {
            let y = M.map(|m| factor * real::pow(m, -exponent) + limit);
            let found = fit(&M, &y).expect("five places");
            assert!((found.exponent / exponent - 1.0).abs() < 1e-4, "{found:?}");
            assert!((found.factor / factor - 1.0).abs() < 1e-3 && (found.limit - limit).abs() < 1e-5, "{found:?}");
        }
    }

    /// No neighbour of the fitted law is nearer to values that follow none.
    #[test]
    fn no_other_law_is_nearer() {
        let y = [0.52, 0.40, 0.22, 0.19, 0.11];
        let found = fit(&M, &y).expect("five places");
        let error = |law: Power| -> f64 {
            let values = M.iter().map(|m| law.factor * real::pow(*m, -law.exponent) + law.limit);
            values.zip(y).map(|(value, y)| (value - y) * (value - y)).sum()
        };
        for share in [0.98, 1.02] {
            assert!(error(Power { factor: share * found.factor, ..found }) > error(found));
            assert!(error(Power { exponent: share * found.exponent, ..found }) > error(found));
        }
        assert!(error(Power { limit: found.limit + 0.002, ..found }) > error(found));
    }

    #[test]
    fn what_rises_or_is_too_little_has_no_law() {
        assert_eq!(fit(&[1.0, 2.0], &[0.5, 0.4]), None);
        let rising = fit(&M, &[0.1, 0.2, 0.3, 0.4, 0.5]).expect("five places");
        assert_eq!((rising.factor, rising.limit), (0.0, 0.3));
        assert_eq!(of(&M, &[Bounds::UNKNOWN; 5], |law| law.limit), Bounds::UNKNOWN);
    }
}
