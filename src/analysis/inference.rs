//! How sure the side is on which a quantity lies of a margin: Student's t over the seeds, or resampled seeds.
//!
//! Where only bounds of some values are known, the lower end of the interval is that of the lower bounds and the upper end
//! that of the upper bounds: whatever the values are, the quantity lies in there at least as surely as the level says.

use super::student::{self, normal_quantile, upper_tail};
use super::{Bounds, statistic};
use crate::numerics::random::Stream;

/// On which side of its margin a quantity lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inference {
    /// One-sided p of "above": how often so much would be seen if it lay at the margin.
    pub above: f64,
    /// One-sided p of "below".
    pub below: f64,
    /// The same of "exactly there"; 1 where values vary.
    pub at: f64,
    /// The two-sided confidence interval; `None` where there are too few values for one.
    pub interval: Option<[f64; 2]>,
}

/// Resamplings of a bootstrap: with one less than 10,000 the usual shares of them are whole numbers.
const RESAMPLES: u64 = 9999;

impl Inference {
    /// Nothing can be said.
    pub const NONE: Self = Self { above: 1.0, below: 1.0, at: 1.0, interval: None };

    /// A quantity that has no uncertainty.
    pub fn certain(value: f64, margin: f64) -> Self {
        let sure = |holds: bool| if holds { 0.0 } else { 1.0 };
        let same = is_same(value, margin);
        Self {
            above: sure(value > margin && !same),
            below: sure(value < margin && !same),
            at: sure(same),
            interval: Some([value, value]),
        }
    }

    /// Equal values for all `n` seeds: without any spread, only their number speaks. This is the sign test, which is sure at
    /// 95 % from six seeds on.
    fn without_spread(value: f64, margin: f64, n: usize, level: f64) -> Self {
        let certain = Self::certain(value, margin);
        let chance = chance_of_agreement(n);
        let p = |sure: f64| if sure == 0.0 { chance } else { 1.0 };
        Self {
            above: p(certain.above),
            below: p(certain.below),
            at: p(certain.at),
            interval: certain.interval.filter(|_| 2.0 * chance <= 1.0 - level),
        }
    }
}

/// Chance that `n` seeds fall on one given side of a margin at which the quantity lies.
fn chance_of_agreement(n: usize) -> f64 {
    libm::exp2(-(n as f64))
}

/// Equal but for rounding.
fn is_same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

/// Whether all values are known and equal.
pub fn has_no_spread(values: &[Bounds]) -> bool {
    is_without_spread(values).is_some()
}

fn is_without_spread(values: &[Bounds]) -> Option<f64> {
    let first = values.first()?.known()?;
    values.iter().all(|v| v.known().is_some_and(|v| is_same(v, first))).then_some(first)
}

/// Student's t over one value a seed.
pub fn t(values: &[Bounds], margin: f64, level: f64) -> Inference {
    let n = values.len();
    if n < 2 {
        return Inference::NONE;
    }
    if let Some(value) = is_without_spread(values) {
        return Inference::without_spread(value, margin, n, level);
    }
    let lows: Vec<f64> = values.iter().map(|v| v.low).collect();
    let mirrored: Vec<f64> = values.iter().map(|v| -v.high).collect();
    let side = |values: &[f64], margin: f64| one_side(Moments::of(values), margin, level, n);
    enclosed(side(&lows, margin), side(&mirrored, -margin))
}

/// Welch's t of the difference of two means, with Satterthwaite's degrees of freedom.
pub fn welch(left: &[Bounds], right: &[Bounds], margin: f64, level: f64) -> Inference {
    let n = left.len().min(right.len());
    if n < 2 {
        return Inference::NONE;
    }
    if let (Some(a), Some(b)) = (is_without_spread(left), is_without_spread(right)) {
        return Inference::without_spread(a - b, margin, n, level);
    }
    let ends = |values: &[Bounds], end: fn(&Bounds) -> f64| Moments::of(&values.iter().map(end).collect::<Vec<_>>());
    let difference = |a: Moments, b: Moments| Moments {
        mean: a.mean - b.mean,
        error2: a.error2 + b.error2,
        degrees: (a.error2 + b.error2) * (a.error2 + b.error2)
            / (a.error2 * a.error2 / a.degrees + b.error2 * b.error2 / b.degrees),
    };
    let low = difference(ends(left, |v| v.low), ends(right, |v| v.high));
    let mirrored = difference(ends(right, |v| v.low), ends(left, |v| v.high));
    enclosed(one_side(low, margin, level, n), one_side(mirrored, -margin, level, n))
}

/// A mean, its squared standard error and the degrees of freedom of that.
#[derive(Clone, Copy)]
struct Moments {
    mean: f64,
    error2: f64,
    degrees: f64,
}

impl Moments {
    fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let sd = statistic::sd(values).unwrap_or(f64::NAN);
        Self { mean: statistic::mean(values), error2: sd * sd / n, degrees: n - 1.0 }
    }
}

/// The lower confidence limit of a mean, and the one-sided p of its lying above the margin.
fn one_side(Moments { mean, error2, degrees }: Moments, margin: f64, level: f64, n: usize) -> (f64, f64) {
    if !mean.is_finite() || !error2.is_finite() {
        return (f64::NEG_INFINITY, 1.0);
    }
    let error = error2.sqrt();
    if error == 0.0 {
        // Bounds without any spread on this side: as for values without spread.
        return (mean, if mean > margin { chance_of_agreement(n) } else { 1.0 });
    }
    let limit = mean - student::quantile(0.5 + 0.5 * level, degrees) * error;
    (limit, upper_tail((mean - margin) / error, degrees))
}

/// Both sides together; the second is that of the mirrored values.
fn enclosed((low, above): (f64, f64), (mirrored, below): (f64, f64)) -> Inference {
    let interval = (low.is_finite() || mirrored.is_finite()).then_some([low, -mirrored]);
    Inference { above, below, at: 1.0, interval }
}

/// The bootstrap: `value` over samples of the seeds drawn with replacement, from a fixed random stream.
///
/// `sizes` are the numbers of seeds of each group that is drawn from by itself: one where sides are paired, else two. The
/// interval is Hesterberg's expanded percentile interval (2015, *What Teachers Should Know About the Bootstrap*), which for
/// a mean is as wide as Student's; p belongs to it. Neither goes below the chance that so few seeds agree.
pub fn bootstrap(value: impl Fn(&[Vec<usize>]) -> Bounds, sizes: &[usize], margin: f64, level: f64) -> Inference {
    let n = sizes.iter().copied().min().unwrap_or(0);
    if n < 2 {
        return Inference::NONE;
    }
    let stream = Stream::new(0, "bootstrap");
    let resampled = (0..RESAMPLES).map(|index| {
        let mut draws = stream.at(index);
        let mut sample = |&n: &usize| (0..n).map(|_| draws.below(n as u64) as usize).collect::<Vec<usize>>();
        let samples: Vec<Vec<usize>> = sizes.iter().map(&mut sample).collect();
        value(&samples)
    });
    let (mut lows, mut mirrored): (Vec<f64>, Vec<f64>) = resampled.map(|v| (v.low, -v.high)).unzip();
    lows.sort_by(f64::total_cmp);
    mirrored.sort_by(f64::total_cmp);
    let mut found = enclosed(percentile(&lows, margin, level, n), percentile(&mirrored, -margin, level, n));
    let chance = chance_of_agreement(n);
    found.above = found.above.max(chance);
    found.below = found.below.max(chance);
    found.interval = found.interval.filter(|_| 2.0 * chance <= 1.0 - level);
    found
}

/// The lower limit and the one-sided p of "above" from sorted resampled values.
fn percentile(sorted: &[f64], margin: f64, level: f64, n: usize) -> (f64, f64) {
    let degrees = (n - 1) as f64;
    let widened = (n as f64 / degrees).sqrt();
    let count = (sorted.len() + 1) as f64;
    let share = student::normal_upper_tail(student::quantile(0.5 + 0.5 * level, degrees) * widened);
    let limit = match libm::floor(share * count) as usize {
        0 => f64::NEG_INFINITY,
        k => sorted[k - 1],
    };
    let not_above = (1 + sorted.iter().filter(|v| **v <= margin).count()) as f64 / count;
    let z = normal_quantile(1.0 - not_above.min(1.0 - 0.5 / count));
    (limit, upper_tail(z / widened, degrees))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exactly(values: &[f64]) -> Vec<Bounds> {
        values.iter().copied().map(Bounds::exactly).collect()
    }

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-10, "{found}, not {expected}");
    }

    /// `ttest_1samp(…, alternative="greater")` and `confidence_interval(0.95)` of SciPy, see `tests/reference/claims.py`.
    #[test]
    fn one_sample_t_agrees_with_scipy() {
        let found = t(&exactly(&[0.931, 0.935, 0.928, 0.933, 0.930]), 0.929, 0.95);
        near(found.above, 0.058_977_366_171_373_41);
        near(found.below, 1.0 - 0.058_977_366_171_373_41);
        let [low, high] = found.interval.expect("five values have an interval");
        near(low, 0.928_045_208_615_073_3);
        near(high, 0.934_754_791_384_926_7);
    }

    /// `ttest_ind(…, equal_var=False)` of SciPy; the margin is taken off the left sample.
    #[test]
    fn welch_agrees_with_scipy() {
        let (a, b) = (exactly(&[0.93, 0.95, 0.94, 0.96]), exactly(&[0.91, 0.92, 0.935, 0.9, 0.925]));
        let found = welch(&a, &b, 0.01, 0.95);
        near(found.above, 0.048_893_566_465_364_19);
        let [low, high] = found.interval.expect("both have several values");
        near(low, 0.005_903_515_045_452_65);
        near(high, 0.048_096_484_954_547_394);
    }

    #[test]
    fn equal_values_are_as_sure_as_their_number() {
        let five = t(&exactly(&[0.7; 5]), 0.5, 0.95);
        assert_eq!((five.above, five.below, five.interval), (1.0 / 32.0, 1.0, None));
        let six = t(&exactly(&[0.7; 6]), 0.5, 0.95);
        assert_eq!((six.above, six.interval), (1.0 / 64.0, Some([0.7, 0.7])));
        assert_eq!(t(&exactly(&[0.7]), 0.5, 0.95), Inference::NONE);
    }

    /// A value of which only bounds are known makes the interval wider, and never the verdict surer.
    #[test]
    fn bounds_never_make_it_surer() {
        let known = exactly(&[4.0, 5.0, 6.0, 5.0]);
        let mut open = known.clone();
        open[3] = Bounds::between(5.0, f64::INFINITY);
        let (known, open) = (t(&known, 3.0, 0.95), t(&open, 3.0, 0.95));
        near(open.above, known.above);
        assert_eq!(open.below, 1.0);
        assert_eq!(open.interval.map(|i| i[1]), Some(f64::INFINITY));
    }

    /// For a mean the expanded percentile interval comes close to Student's.
    #[test]
    fn the_bootstrap_of_a_mean_is_near_students_t() {
        let values = [0.931, 0.935, 0.928, 0.933, 0.930, 0.936, 0.929, 0.932, 0.934, 0.927];
        let mean = |samples: &[Vec<usize>]| {
            Bounds::exactly(samples[0].iter().map(|&i| values[i]).sum::<f64>() / samples[0].len() as f64)
        };
        let (resampled, student) = (bootstrap(mean, &[10], 0.929, 0.95), t(&exactly(&values), 0.929, 0.95));
        let (found, expected) = (resampled.interval.expect("ten seeds"), student.interval.expect("ten seeds"));
        for (found, expected) in found.into_iter().zip(expected) {
            assert!((found - expected).abs() < 2e-4, "{found} is far from {expected}");
        }
        assert!((resampled.above - student.above).abs() < 0.01, "{} is far from {}", resampled.above, student.above);
    }
}
