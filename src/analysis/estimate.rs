//! One number for many seeds: mean, spread, interval; and how it is printed.

use std::sync::OnceLock;

use super::student;
use crate::experiment::Band;
use crate::experiment::measure::Unit;

/// A quantity over seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The values, in the order of the seeds, those that exist.
    pub values: Vec<f64>,
    /// How many seeds gave none: diverged, or a threshold that was never reached.
    pub missing: usize,
}

impl Estimate {
    /// Gathers what the seeds gave; values that are not finite count as missing.
    pub fn of(values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let mut estimate = Self { values: Vec::new(), missing: 0 };
        for value in values {
            match value.filter(|v| v.is_finite()) {
                Some(value) => estimate.values.push(value),
                None => estimate.missing += 1,
            }
        }
        estimate
    }

    /// Number of values.
    pub fn n(&self) -> usize {
        self.values.len()
    }

    /// Their mean.
    pub fn mean(&self) -> Option<f64> {
        (!self.values.is_empty()).then(|| self.values.iter().sum::<f64>() / self.values.len() as f64)
    }

    /// Their standard deviation (n − 1 in the denominator); `None` for fewer than two.
    pub fn sd(&self) -> Option<f64> {
        let mean = self.mean().filter(|_| self.n() >= 2)?;
        // What rounding does to the mean of equal values is no spread.
        if self.values.iter().all(|value| *value == self.values[0]) {
            return Some(0.0);
        }
        let squares: f64 = self.values.iter().map(|v| (v - mean) * (v - mean)).sum();
        Some((squares / (self.n() - 1) as f64).sqrt())
    }

    /// Half the width of the 95 % confidence interval of the mean.
    pub fn half_width(&self) -> Option<f64> {
        let degrees = u32::try_from(self.n().checked_sub(1)?).ok().filter(|d| *d > 0)?;
        let sd = self.sd()?;
        Some(t_975(degrees) * sd / (self.n() as f64).sqrt())
    }

    /// The ends of a band around the mean.
    pub fn band(&self, band: Band) -> Option<[f64; 2]> {
        let mean = self.mean()?;
        let around = |half: f64| [mean - half, mean + half];
        match band {
            Band::None => None,
            Band::Sd => self.sd().map(around),
            Band::Ci95 => self.half_width().map(around),
            Band::Range => (self.n() >= 2).then(|| {
                let low = self.values.iter().copied().fold(f64::INFINITY, f64::min);
                [low, self.values.iter().copied().fold(f64::NEG_INFINITY, f64::max)]
            }),
        }
    }

    /// As printed in a sentence or a cell: the digits its uncertainty allows, and the interval where there is one.
    pub fn print(&self, unit: Unit) -> String {
        self.print_with(unit, sign(unit))
    }

    /// The same with another word behind it.
    pub fn print_with(&self, unit: Unit, sign: &str) -> String {
        let Some(mean) = self.mean() else {
            return "—".to_owned();
        };
        let scale = if matches!(unit, Unit::Share | Unit::Points) { 100.0 } else { 1.0 };
        match self.half_width() {
            Some(half) if half > 0.0 => {
                let decimals = decimals_for(half * scale);
                format!("{} ± {}{sign}", fixed(mean * scale, decimals), fixed(half * scale, decimals))
            }
            _ => format!("{}{sign}", plain(mean * scale, unit)),
        }
    }
}

/// A number as printed beside its confidence interval: the digits that the interval's width allows.
pub fn beside(x: f64, interval: Option<[f64; 2]>, unit: Unit) -> String {
    let scale = if matches!(unit, Unit::Share | Unit::Points) { 100.0 } else { 1.0 };
    match interval.map(|[low, high]| 0.5 * (high - low) * scale).filter(|half| half.is_finite() && *half > 0.0) {
        Some(half) => fixed(x * scale, decimals_for(half)),
        None => plain(x * scale, unit),
    }
}

/// What stands behind a number of a unit.
pub fn sign(unit: Unit) -> &'static str {
    match unit {
        Unit::Share => " %",
        Unit::Points => " points",
        _ => "",
    }
}

/// Student's t at 97.5 %, computed once for each of the usual numbers of seeds.
fn t_975(degrees: u32) -> f64 {
    static KNOWN: [OnceLock<f64>; 32] = [const { OnceLock::new() }; 32];
    match KNOWN.get(degrees as usize) {
        Some(known) => *known.get_or_init(|| student::quantile(0.975, degrees.into())),
        None => student::quantile(0.975, degrees.into()),
    }
}

/// Decimals that show an uncertainty with one digit, or two where the first is a 1 or a 2.
fn decimals_for(uncertainty: f64) -> i32 {
    let exponent = libm::floor(libm::log10(uncertainty));
    let leading = uncertainty / libm::pow(10.0, exponent);
    (if leading < 2.95 { 1 - exponent as i32 } else { -(exponent as i32) }).min(12)
}

/// A number with so many decimals; negative ones round to tens, hundreds, ….
fn fixed(x: f64, decimals: i32) -> String {
    let text = if decimals >= 0 {
        let decimals = decimals as usize;
        if x != 0.0 && x.abs() < 1e-4 { format!("{x:.1e}") } else { format!("{x:.decimals$}") }
    } else {
        let step = libm::pow(10.0, f64::from(-decimals));
        group(&format!("{:.0}", (x / step).round() * step))
    };
    minus(&text)
}

/// A number whose uncertainty is not known.
pub fn plain(x: f64, unit: Unit) -> String {
    let size = x.abs();
    let text = match unit {
        Unit::Count if size >= 1e7 => format!("{x:.2e}"),
        Unit::Count => group(&format!("{}", (x * 10.0).round() / 10.0)),
        Unit::Share | Unit::Points => format!("{x:.1}"),
        _ if size == 0.0 => "0".to_owned(),
        _ if !(1e-3..1e6).contains(&size) => format!("{x:.2e}"),
        _ => {
            let decimals = (2 - libm::floor(libm::log10(size)) as i32).max(0) as usize;
            format!("{x:.decimals$}")
        }
    };
    minus(&text)
}

/// A true minus sign instead of a hyphen.
fn minus(text: &str) -> String {
    text.replace('-', "−")
}

/// Thin spaces between groups of three digits, from five digits on.
fn group(text: &str) -> String {
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let digits = whole.trim_start_matches('-').len();
    if digits < 5 {
        return text.to_owned();
    }
    let mut grouped = String::new();
    for (i, c) in whole.chars().enumerate() {
        let left = whole.len() - i;
        if i > 0 && left % 3 == 0 && !grouped.ends_with('-') {
            grouped.push('\u{202f}');
        }
        grouped.push(c);
    }
    grouped + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], unit: Unit, expected: &str) {
        assert_eq!(Estimate::of(values.iter().copied().map(Some)).print(unit), expected, "{values:?}");
    }

    #[test]
    fn numbers_carry_the_digits_their_uncertainty_allows() {
        check(&[0.931, 0.935, 0.928, 0.933, 0.930], Unit::Share, "93.1 ± 0.3 %");
        check(&[0.5], Unit::Share, "50.0 %");
        check(&[12.0, 14.0, 13.0], Unit::Count, "13.0 ± 2.5");
        check(&[5.0, 5.0], Unit::Count, "5");
        // Their sum over ten is not 0.858, by rounding.
        check(&[0.858; 10], Unit::Share, "85.8 %");
        check(&[123_456.0], Unit::Count, "123\u{202f}456");
        check(&[0.000_012_3], Unit::Plain, "1.23e−5");
        check(&[-1.5, -1.4, -1.6], Unit::Plain, "−1.50 ± 0.25");
        check(&[10_000.0, 14_000.0], Unit::Count, "12\u{202f}000 ± 25\u{202f}000");
        check(&[], Unit::Plain, "—");
    }

    #[test]
    fn what_is_not_finite_is_counted_as_missing() {
        let estimate = Estimate::of([Some(1.0), None, Some(f64::NAN), Some(3.0)]);
        assert_eq!((estimate.n(), estimate.missing, estimate.mean()), (2, 2, Some(2.0)));
    }

    /// Five values with mean 3 and standard deviation √2.5: half width 2.776 · √2.5 / √5.
    #[test]
    fn the_interval_is_students() {
        let estimate = Estimate::of([1.0, 2.0, 3.0, 4.0, 5.0].map(Some));
        let half = estimate.half_width().expect("five values");
        assert!((half - 1.963_243).abs() < 1e-5, "{half}");
    }
}
