//! One axis: which values it spans, where they lie, and its ticks.
//!
//! A *position* is what is spread evenly along the axis: the value itself, its logarithm, or the index of a category. All
//! drawing inside a panel is in positions.

use super::chart::{Axis, Format, Scale};
use super::numbers::{self, power_of_ten};

/// Values beyond this are as little drawable as infinite ones.
const LARGEST: f64 = 1e300;

/// An axis with its ticks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Span {
    scale: Scale,
    /// Lowest position.
    pub low: f64,
    /// Highest position.
    pub high: f64,
    /// Marks with a label.
    pub ticks: Vec<Tick>,
    /// Positions of marks without one.
    pub minor: Vec<f64>,
    /// Whether positions count categories.
    pub categories: bool,
}

/// A mark on an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    /// Position.
    pub at: f64,
    /// What stands beside it.
    pub label: String,
}

impl Span {
    /// An axis of numbers over `values` (those without a position are passed over) with about `ticks` ticks.
    ///
    /// `cushion` is what is left free at either end, as a share of the whole; an end that the axis fixes has none.
    pub fn numbers(axis: &Axis, values: &[f64], cushion: [f64; 2], ticks: usize) -> Self {
        let positions = || values.iter().filter_map(|&v| position(v, axis.scale));
        let low = positions().fold(f64::INFINITY, f64::min);
        let high = positions().fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if low <= high { opened(low, high, axis.scale) } else { (0.0, 1.0) };
        let fixed = axis.range.map(|end| end.and_then(|v| position(v, axis.scale)));
        let width = high - low;
        let mut ends = [fixed[0].unwrap_or(low - cushion[0] * width), fixed[1].unwrap_or(high + cushion[1] * width)];
        if axis.format == Format::Percent && axis.scale == Scale::Linear {
            // A share has no room below 0 or above 1, unless a value lies there.
            ends = [
                if low >= 0.0 { ends[0].max(0.0) } else { ends[0] },
                if high <= 1.0 { ends[1].min(1.0) } else { ends[1] },
            ];
        }
        if ends[0] >= ends[1] {
            ends = opened(ends[0], ends[0], axis.scale).into();
        }
        let mut span = Self {
            scale: axis.scale,
            low: ends[0],
            high: ends[1],
            ticks: Vec::new(),
            minor: Vec::new(),
            categories: false,
        };
        match axis.scale {
            Scale::Linear => span.tick_linear(axis.format, ticks.max(2)),
            Scale::Log10 => span.tick_log(axis.format, ticks.max(2)),
        }
        span
    }

    /// An axis of categories: the one of index i lies between i and i + 1.
    pub fn categories(names: &[String]) -> Self {
        let ticks =
            names.iter().enumerate().map(|(i, name)| Tick { at: i as f64 + 0.5, label: name.clone() }).collect();
        Self {
            scale: Scale::Linear,
            low: 0.0,
            high: names.len().max(1) as f64,
            ticks,
            minor: Vec::new(),
            categories: true,
        }
    }

    /// Where a value lies; `None` where it has no place on this axis at all. It may lie beyond the ends.
    pub fn position(&self, value: f64) -> Option<f64> {
        position(value, self.scale)
    }

    /// Where a value lies, moved to the nearer end where it lies beyond or has no place.
    pub fn inside(&self, value: f64) -> f64 {
        let nearest = if value > 0.0 { self.high } else { self.low };
        self.position(value).unwrap_or(nearest).clamp(self.low, self.high)
    }

    /// Whether a position lies on this axis.
    pub fn holds(&self, position: f64) -> bool {
        (self.low..=self.high).contains(&position)
    }

    fn tick_linear(&mut self, format: Format, count: usize) {
        let width = self.high - self.low;
        // A few ticks more than wished are better than half as many.
        let mut step = nice_step(0.8 * width / count as f64);
        if format == Format::Whole {
            step = step.max(1.0);
        }
        let first = libm::ceil(self.low / step - 1e-9);
        self.ticks = (0..=2 * count)
            .map(|i| (first + i as f64) * step)
            .take_while(|&at| at <= self.high + step * 1e-9)
            .map(|at| Tick { at, label: numbers::tick(at, step, format) })
            .collect();
    }

    fn tick_log(&mut self, format: Format, count: usize) {
        let (first, last) = (libm::ceil(self.low - 1e-9) as i32, libm::floor(self.high + 1e-9) as i32);
        let decades = self.high - self.low;
        if decades < 0.7 {
            return self.tick_narrow_log(format, count);
        }
        // As on a linear axis: up to two fifths more than wished.
        let stride = ((last - first + 1).max(1) as usize).div_ceil(count * 7 / 5) as i32;
        let digits: &[i32] = match (decades * 3.0 <= count as f64, decades * 2.0 <= count as f64) {
            (true, _) => &[1, 2, 5],
            (_, true) => &[1, 3],
            _ => &[1],
        };
        let powers = last - first >= 5 || power_of_ten(last) > 1e6 || power_of_ten(first) < 1e-4;
        for e in first - 1..=last {
            for digit in 1..10 {
                let at = f64::from(e) + libm::log10(f64::from(digit));
                if !self.holds(at) {
                    continue;
                }
                if digits.contains(&digit) && (digit > 1 || (e - first) % stride == 0) {
                    let value = f64::from(digit) * power_of_ten(e);
                    let label = match format {
                        Format::Plain | Format::Whole if powers => numbers::scientific(value, 0),
                        _ => numbers::alone(value, 2, format),
                    };
                    self.ticks.push(Tick { at, label });
                } else if decades <= 8.0 {
                    self.minor.push(at);
                }
            }
        }
    }

    /// Less than a decade holds too few round powers: evenly stepped values, unevenly placed.
    fn tick_narrow_log(&mut self, format: Format, count: usize) {
        let (low, high) = (libm::pow(10.0, self.low), libm::pow(10.0, self.high));
        let step = nice_step((high - low) / count as f64);
        let first = libm::ceil(low / step - 1e-9);
        self.ticks = (0..=2 * count)
            .map(|i| (first + i as f64) * step)
            .take_while(|&value| value <= high + step * 1e-9)
            .filter(|&value| value > 0.0)
            .map(|value| Tick { at: libm::log10(value), label: numbers::tick(value, step, format) })
            .collect();
    }
}

fn position(value: f64, scale: Scale) -> Option<f64> {
    match scale {
        _ if value.is_nan() || value.abs() > LARGEST => None,
        Scale::Linear => Some(value),
        Scale::Log10 if value > 0.0 => Some(libm::log10(value)),
        Scale::Log10 => None,
    }
}

/// Ends far enough apart to hold ticks: equal (or all but equal) values get room around them.
fn opened(low: f64, high: f64, scale: Scale) -> (f64, f64) {
    let largest = low.abs().max(high.abs());
    if high - low > largest * 1e-9 && high - low > 1e-290 {
        return (low, high);
    }
    let room = match scale {
        Scale::Log10 => 0.5,
        Scale::Linear if largest > 1e-280 => largest * 0.1,
        Scale::Linear => 0.5,
    };
    (low - room, high + room)
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `least`.
fn nice_step(least: f64) -> f64 {
    let power = power_of_ten(numbers::exponent(least));
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|&s| s >= least * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, format: Format, values: &[f64]) -> Vec<String> {
        let axis = Axis { scale, format, ..Axis::default() };
        Span::numbers(&axis, values, [0.04; 2], 5).ticks.into_iter().map(|t| t.label).collect()
    }

    #[test]
    fn linear_ticks_are_round() {
        assert_eq!(labels(Scale::Linear, Format::Plain, &[0.0, 10.0]), ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(labels(Scale::Linear, Format::Percent, &[0.62, 1.0]), ["70%", "80%", "90%", "100%"]);
        assert_eq!(labels(Scale::Linear, Format::Whole, &[1.0, 3.0]), ["1", "2", "3"]);
    }

    #[test]
    fn log_ticks_are_powers_and_few_decades_get_more() {
        assert_eq!(labels(Scale::Log10, Format::Plain, &[100.0, 10_000.0]), ["100", "300", "1000", "3000", "10,000"]);
        assert_eq!(labels(Scale::Log10, Format::Si, &[10.0, 1e6]), ["10", "100", "1k", "10k", "100k", "1M"]);
        assert_eq!(labels(Scale::Log10, Format::Plain, &[1e-8, 1.0]), ["10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "10⁰"]);
        assert_eq!(labels(Scale::Log10, Format::Plain, &[2.0, 4.0]), ["2.0", "2.5", "3.0", "3.5", "4.0"]);
    }

    #[test]
    fn odd_values_leave_an_axis_with_ticks() {
        for values in
            [&[][..], &[f64::NAN], &[5.0], &[0.0, 0.0], &[-1e300, 1e300], &[1e-310, 2e-310], &[1e16, 1e16 + 2.0]]
        {
            for scale in [Scale::Linear, Scale::Log10] {
                let span = Span::numbers(&Axis { scale, ..Axis::default() }, values, [0.04; 2], 5);
                assert!(span.low < span.high && span.ticks.len() >= 2, "{scale:?} {values:?}: {span:?}");
            }
        }
    }
}
