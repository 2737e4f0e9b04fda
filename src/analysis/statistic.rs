//! Statistics of small samples, each by its textbook formula, over numbers of which bounds may be all that is known.

use super::Bounds;
use crate::experiment::expression::Statistic;

/// A statistic of a sample; unknown where the sample is too small for it.
pub fn of(statistic: Statistic, values: &[Bounds]) -> Bounds {
    if values.is_empty() {
        return Bounds::UNKNOWN;
    }
    match statistic {
        Statistic::Mean => Bounds::rising_in_all(values, mean),
        Statistic::Median => Bounds::rising_in_all(values, |v| quantile(v, 0.5)),
        Statistic::Quantile(share) => Bounds::rising_in_all(values, |v| quantile(v, share)),
        Statistic::Min => Bounds::rising_in_all(values, |v| v.iter().copied().fold(f64::INFINITY, f64::min)),
        Statistic::Max => Bounds::rising_in_all(values, |v| v.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
        Statistic::Sd => match known(values) {
            Some(values) => sd(&values).map_or(Bounds::UNKNOWN, Bounds::exactly),
            None => Bounds::between(0.0, f64::INFINITY),
        },
    }
}

/// All values, where all are known.
fn known(values: &[Bounds]) -> Option<Vec<f64>> {
    values.iter().map(|v| v.known()).collect()
}

/// Arithmetic mean.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard deviation with n − 1 in the denominator; `None` for fewer than two.
pub fn sd(values: &[f64]) -> Option<f64> {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (values.len() >= 2).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// The value below which a share of the sample lies: type 7 of Hyndman and Fan (1996), as in R and NumPy.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = share * (sorted.len() - 1) as f64;
    let below = libm::floor(at) as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let part = at - below as f64;
    // Without the branch, an infinite neighbour that has no part in it would make it unknown.
    if part == 0.0 { sorted[below] } else { sorted[below] + part * (sorted[above] - sorted[below]) }
}

/// Least-squares slope of y against log₁₀ x: Σ (u − ū)(y − ȳ) / Σ (u − ū)², u = log₁₀ x, over the points whose x lies
/// within so many decades of the largest.
pub fn slope(x: &[f64], y: &[Bounds], decades: f64) -> Bounds {
    let most = x.iter().copied().fold(0.0, f64::max);
    // The last part is meant to hold its first point: log₁₀ 1000 is a little less than 3.
    let inside = |x: f64| x > 0.0 && libm::log10(most) - libm::log10(x) <= decades + 1e-9;
    let kept: Vec<(f64, Bounds)> =
        x.iter().zip(y).filter(|(x, _)| inside(**x)).map(|(x, y)| (libm::log10(*x), *y)).collect();
    let u: Vec<f64> = kept.iter().map(|p| p.0).collect();
    let y: Vec<Bounds> = kept.iter().map(|p| p.1).collect();
    if u.len() < 2 {
        return Bounds::UNKNOWN;
    }
    let u_mean = mean(&u);
    let squares: f64 = u.iter().map(|u| (u - u_mean) * (u - u_mean)).sum();
    // Σ (u − ū) ȳ = 0, so the slope is a weighted sum of the y.
    let weights: Vec<f64> = u.iter().map(|u| (u - u_mean) / squares).collect();
    Bounds::weighted(&weights, &y)
}

/// Mean height of a curve: its area by the trapezoidal rule, divided by its width.
pub fn mean_height(x: &[f64], y: &[Bounds]) -> Bounds {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&a, &b| x[a].total_cmp(&x[b]));
    let (Some(&first), Some(&last)) = (order.first(), order.last()) else { return Bounds::UNKNOWN };
    let width = x[last] - x[first];
    if width <= 0.0 {
        return Bounds::UNKNOWN;
    }
    let mut weights = vec![0.0; x.len()];
    for pair in order.windows(2) {
        let half = 0.5 * (x[pair[1]] - x[pair[0]]) / width;
        weights[pair[0]] += half;
        weights[pair[1]] += half;
    }
    Bounds::weighted(&weights, y)
}

/// The place of one value among all: 1 is the best, equal ones share the mean of their places.
pub fn rank(values: &[Bounds], which: usize, smaller_is_better: bool) -> Bounds {
    let own = values[which];
    let others = || values.iter().enumerate().filter(move |(i, _)| *i != which).map(|(_, v)| *v);
    let surely = |better: Bounds, worse: Bounds| {
        if smaller_is_better { better.high < worse.low } else { better.low > worse.high }
    };
    let ties = others().filter(|v| own.known().is_some() && v.known() == own.known()).count() as f64;
    let above = others().filter(|v| surely(*v, own)).count() as f64;
    let below = others().filter(|v| surely(own, *v)).count() as f64;
    let open = (values.len() - 1) as f64 - above - below - ties;
    Bounds::between(1.0 + above + 0.5 * ties, 1.0 + above + 0.5 * ties + open)
}

/// Kendall's τ-b between two orders of the same things (Kendall 1945): (C − D) / √((C + D + Tₐ)(C + D + T_b)), where
/// pairs tied in one order only count in Tₐ or T_b. Unknown where one order has only ties.
pub fn kendall(a: &[Bounds], b: &[Bounds]) -> Bounds {
    let (Some(a), Some(b)) = (known(a), known(b)) else { return Bounds::between(-1.0, 1.0) };
    let (mut balance, mut untied_a, mut untied_b) = (0.0, 0.0, 0.0);
    for i in 0..a.len() {
        for j in 0..i {
            let (x, y) = (order(a[i], a[j]), order(b[i], b[j]));
            balance += x * y;
            untied_a += x * x;
            untied_b += y * y;
        }
    }
    if untied_a == 0.0 || untied_b == 0.0 {
        return Bounds::between(-1.0, 1.0);
    }
    Bounds::exactly(balance / (untied_a * untied_b).sqrt())
}

/// 1, 0 or −1.
fn order(a: f64, b: f64) -> f64 {
    f64::from(i8::from(a > b) - i8::from(a < b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exactly(values: &[f64]) -> Vec<Bounds> {
        values.iter().copied().map(Bounds::exactly).collect()
    }

    fn check(found: Bounds, expected: f64) {
        let found = found.known().expect("it is known");
        assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    }

    /// `kendalltau` of SciPy, see `tests/reference/claims.py`.
    #[test]
    fn kendall_agrees_with_scipy() {
        let tau = |a: &[f64], b: &[f64]| kendall(&exactly(a), &exactly(b));
        check(tau(&[1.0, 2.0, 2.0, 4.0, 5.0], &[2.0, 1.0, 3.0, 5.0, 5.0]), 2.0 / 3.0);
        check(tau(&[1.0, 2.0, 3.0, 4.0], &[4.0, 3.0, 1.0, 2.0]), -2.0 / 3.0);
        assert_eq!(tau(&[1.0, 1.0], &[1.0, 2.0]), Bounds::between(-1.0, 1.0), "nothing but ties");
    }

    #[test]
    fn slopes_and_areas_of_straight_lines_are_known() {
        let (x, y) = ([10.0, 100.0, 1000.0], exactly(&[0.5, 0.7, 0.9]));
        check(slope(&x, &y, 9.0), 0.2);
        check(slope(&x, &exactly(&[0.1, 0.7, 0.9]), 1.0), 0.2);
        check(mean_height(&[0.0, 1.0, 3.0], &exactly(&[0.0, 1.0, 3.0])), 1.5);
    }

    #[test]
    fn equal_ones_share_their_places() {
        let values = exactly(&[0.9, 0.8, 0.9, 0.1]);
        check(rank(&values, 0, false), 1.5);
        check(rank(&values, 1, false), 3.0);
        check(rank(&values, 3, true), 1.0);
        let open = [Bounds::exactly(0.9), Bounds::between(0.0, 1.0)];
        assert_eq!(rank(&open, 0, false), Bounds::between(1.0, 2.0));
    }
}
