//! Bars, boxes and bins: what stands on an axis of categories or counts.

use plotters::element::Circle;

use super::chart::{Bars, Boxes, Chart, Histogram};
use super::frame::Frame;
use super::lines::estimate;
use super::numbers::alone;
use super::series::{self, Series};
use super::sheet::{Group, Put, filled, stroke, units};
use super::theme::{AREA, AXIS, CURVE_PX, Color, HAIR_PX, INK, PAGE};

/// Share of a category's slot that its bars fill.
const FILLED: f64 = 0.74;
/// Widest bar and widest box, in pixels: a lone one is no slab.
const WIDEST_PX: f64 = 72.0;

/// Where the marks of each series stand within a category's slot.
struct Slots {
    width: f64,
    pitch: f64,
    count: usize,
}

impl Slots {
    fn of(frame: &Frame<'_, '_>, count: usize) -> Self {
        let slot_px = frame.cell.width / (frame.x.high - frame.x.low);
        let pitch = (FILLED / count.max(1) as f64).min(WIDEST_PX / slot_px);
        let gap = if count > 1 { (1.5 / slot_px).min(pitch * 0.2) } else { 0.0 };
        Self { width: pitch - gap, pitch, count }
    }

    /// Middle of the mark of series `i` in category `category`.
    fn middle(&self, category: usize, i: usize) -> f64 {
        category as f64 + 0.5 + (i as f64 - (self.count as f64 - 1.0) / 2.0) * self.pitch
    }
}

/// Position of a category by its name.
fn category(frame: &Frame<'_, '_>, name: &str) -> Option<usize> {
    frame.x.ticks.iter().position(|tick| tick.label == name)
}

/// Draws bars with error bars.
pub(super) fn draw(frame: &Frame<'_, '_>, chart: &Chart, series: &Series, bars: &Bars) {
    let slots = Slots::of(frame, bars.series.len());
    let base = frame.y.inside(0.0);
    if base > frame.y.low {
        frame.plot.path(vec![(frame.x.low, base), (frame.x.high, base)], AXIS, HAIR_PX);
    }
    for (i, (name, values)) in bars.series.iter().enumerate() {
        let slot = series.slot(name);
        frame.page.group(&Group::class(&series::class(slot)).with("data-name", name), || {
            for (label, value) in bars.categories.iter().zip(values) {
                let (Some(at), Some(_)) = (category(frame, label), frame.y.position(value.value)) else { continue };
                let middle = slots.middle(at, i);
                let title = titled(label, name);
                let hover = format!("{title}: {}", estimate(chart, value));
                frame.plot.group(&Group::class("column").titled(hover), || {
                    let top = frame.y.inside(value.value);
                    let (left, right) = (middle - slots.width / 2.0, middle + slots.width / 2.0);
                    frame.block((left, top), (right, base), series::color(slot).light, AREA);
                    if let Some([low, high]) = value.interval.filter(|ends| !ends[0].is_nan() && !ends[1].is_nan()) {
                        draw_whisker(frame, middle, [low, high].map(|v| frame.y.inside(v)), INK);
                    }
                });
            }
        });
    }
}

/// A category and its series as they stand in a hover text.
fn titled(category: &str, series: &str) -> String {
    let both = if category.is_empty() || series.is_empty() { "" } else { ", " };
    format!("{category}{both}{series}")
}

/// A vertical line with caps.
fn draw_whisker(frame: &Frame<'_, '_>, x: f64, [low, high]: [f64; 2], color: Color) {
    frame.plot.path(vec![(x, low), (x, high)], color, HAIR_PX * 1.3);
    for end in [low, high] {
        frame.page.path(
            vec![frame.beside((x, end), -4.0, 0.0), frame.beside((x, end), 4.0, 0.0)],
            color,
            HAIR_PX * 1.3,
        );
    }
}

/// What a box shows of some values.
#[derive(Debug, Clone, PartialEq)]
struct Summary {
    /// Lower quartile, median, upper quartile.
    quartiles: [f64; 3],
    /// Last values within 1.5 interquartile ranges of the quartiles.
    whiskers: [f64; 2],
    /// Values beyond.
    outliers: Vec<f64>,
}

impl Summary {
    /// `None` where there is no value. Quartiles interpolate linearly (type 7 of Hyndman and Fan 1996).
    fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let quantile = |share: f64| {
            let place = share * last as f64;
            let below = place as usize;
            let above = (below + 1).min(last);
            sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
        };
        let quartiles = [0.25, 0.5, 0.75].map(quantile);
        let reach = 1.5 * (quartiles[2] - quartiles[0]);
        let within = |v: f64| v >= quartiles[0] - reach && v <= quartiles[2] + reach;
        let first_within = sorted.iter().copied().find(|&v| within(v)).unwrap_or(quartiles[0]);
        let last_within = sorted.iter().rev().copied().find(|&v| within(v)).unwrap_or(quartiles[2]);
        Some(Self {
            quartiles,
            // An interpolated quartile may lie beyond the last value within reach.
            whiskers: [first_within.min(quartiles[0]), last_within.max(quartiles[2])],
            outliers: sorted.iter().copied().filter(|&v| !within(v)).collect(),
        })
    }
}

/// Draws box plots; fewer than four values are drawn as they are, with their median.
pub(super) fn draw_boxes(frame: &Frame<'_, '_>, chart: &Chart, series: &Series, boxes: &Boxes) {
    let slots = Slots::of(frame, boxes.series.len());
    for (i, (name, values)) in boxes.series.iter().enumerate() {
        let slot = series.slot(name);
        frame.page.group(&Group::class(&series::class(slot)).with("data-name", name), || {
            for (label, values) in boxes.categories.iter().zip(values) {
                // Quartiles of positions: on a logarithmic axis a box is as even as its axis.
                let positions: Vec<f64> = values.iter().filter_map(|&v| frame.y.position(v)).collect();
                let Some((at, summary)) = category(frame, label).zip(Summary::of(&positions)) else { continue };
                let median = values_median(values);
                let number = alone(median, 4, chart.y.format);
                let title = titled(label, name);
                frame.plot.group(
                    &Group::class("box").titled(format!("{title}: {number} (n = {})", values.len())),
                    || {
                        let whole = positions.len() >= 4;
                        let dots = if whole { &summary.outliers } else { &positions };
                        draw_box(frame, slots.middle(at, i), slots.width, &summary, series::color(slot), whole);
                        for &dot in dots.iter().filter(|&&p| frame.y.holds(p)) {
                            let ring = filled(series::color(slot).light, 0.8);
                            frame.plot.put(&Circle::new((slots.middle(at, i), dot), units(2.6), ring));
                        }
                    },
                );
            }
        });
    }
}

fn values_median(values: &[f64]) -> f64 {
    let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    Summary::of(&finite).map_or(f64::NAN, |summary| summary.quartiles[1])
}

fn draw_box(frame: &Frame<'_, '_>, middle: f64, width: f64, summary: &Summary, color: Color, whole: bool) {
    let cut = |position: f64| position.clamp(frame.y.low, frame.y.high);
    let [lower, median, upper] = summary.quartiles.map(cut);
    let [bottom, top] = summary.whiskers.map(cut);
    let (left, right) = (middle - width / 2.0, middle + width / 2.0);
    if whole {
        for (from, to) in [(bottom, lower), (upper, top)] {
            frame.plot.path(vec![(middle, from), (middle, to)], color, HAIR_PX * 1.3);
        }
        frame.block((left, upper), (right, lower), PAGE.light, 1.0);
        frame.block((left, upper), (right, lower), color.light, 0.25);
        let corners = [(left, upper), (right, lower)];
        frame.plot.put(&plotters::element::Rectangle::new(corners, stroke(color, HAIR_PX * 1.3)));
    }
    frame.plot.path(vec![(left, median), (right, median)], color, CURVE_PX * 1.2);
}

/// Draws counts by bin: filled for a lone series, as steps over faint areas for several.
pub(super) fn draw_histogram(frame: &Frame<'_, '_>, chart: &Chart, series: &Series, histogram: &Histogram) {
    let several = histogram.series.len() > 1;
    let base = frame.y.inside(0.0);
    for (name, counts) in &histogram.series {
        let slot = series.slot(name);
        let color = series::color(slot);
        frame.page.group(&Group::class(&series::class(slot)).with("data-name", name), || {
            let mut steps = Vec::new();
            for (edges, &count) in histogram.edges.windows(2).zip(counts) {
                let [left, right] = [edges[0], edges[1]].map(|v| frame.x.inside(v));
                if frame.y.position(count).is_none() || left >= right {
                    continue;
                }
                let top = frame.y.inside(count);
                steps.extend([(left, top), (right, top)]);
                let [from, to] = [edges[0], edges[1]].map(|v| alone(v, 4, chart.x.format));
                let title = format!("{from} – {to}: {}", alone(count, 6, chart.y.format));
                frame.plot.group(&Group::class("bin").titled(title), || {
                    frame.block((left, top), (right, base), color.light, if several { 0.2 } else { AREA });
                    if !several {
                        let corners = [(left, top), (right, base)];
                        frame.plot.put(&plotters::element::Rectangle::new(corners, stroke(PAGE, HAIR_PX)));
                    }
                });
            }
            if several && !steps.is_empty() {
                frame.plot.path(steps, color, HAIR_PX * 1.5);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_of_nine_values_and_an_outlier() {
        let summary = Summary::of(&[9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 100.0]).expect("there are values");
        assert_eq!(summary.quartiles, [3.25, 5.5, 7.75]);
        assert_eq!((summary.whiskers, summary.outliers), ([1.0, 9.0], vec![100.0]));
        assert_eq!(Summary::of(&[]), None);
    }
}
