//! The axes all panels of a chart share, fitted to what the panels hold.

use super::chart::{Axis, Chart, Marks, Place, Scale};
use super::span::Span;

/// What a panel's inside looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers or categories against numbers, on a grid.
    Plane,
    /// Regions that fill the panel, without a grid.
    Field,
    /// Cells under names.
    Matrix,
    /// Pictures or words without axes.
    Pictures,
}

/// The kind of a panel's marks.
pub(super) fn kind(marks: &Marks) -> Kind {
    match marks {
        Marks::Heat(_) | Marks::Confusion(_) => Kind::Matrix,
        Marks::Images(_) | Marks::Passages(_) => Kind::Pictures,
        Marks::Boundary(_) => Kind::Field,
        _ => Kind::Plane,
    }
}

/// The values and names of a chart along both axes.
#[derive(Debug, Clone, Default)]
pub(super) struct Extent {
    x: Vec<f64>,
    y: Vec<f64>,
    columns: Vec<String>,
    rows: Vec<String>,
    /// Values that no axis holds: not finite.
    pub infinite: usize,
    /// Values not positive on a logarithmic axis.
    pub not_positive: usize,
}

impl Extent {
    /// Everything the panels of a chart hold.
    pub fn of(chart: &Chart) -> Self {
        let mut extent = Self::default();
        for panel in &chart.panels {
            extent.take(&panel.marks, chart);
            for annotation in &panel.annotations {
                match annotation.place {
                    Place::X(x) => extent.x.push(x),
                    Place::Y(y) => extent.y.push(y),
                    Place::Point([x, y]) => {
                        extent.x.push(x);
                        extent.y.push(y);
                    }
                    Place::Segment(ends) => {
                        extent.x.extend(ends.map(|[x, _]| x));
                        extent.y.extend(ends.map(|[_, y]| y));
                    }
                    Place::XRange(_) | Place::YRange(_) => {}
                }
            }
        }
        extent
    }

    fn take(&mut self, marks: &Marks, chart: &Chart) {
        match marks {
            Marks::Lines(lines) => {
                for line in lines {
                    for point in &line.points {
                        self.count([point.x, point.y.value], chart);
                        self.x.push(point.x);
                        self.y.push(point.y.value);
                        self.y.extend(point.y.interval.into_iter().flatten());
                    }
                    self.x.extend(line.broken.iter().map(|b| b[0]));
                    self.y.extend(line.broken.iter().map(|b| b[1]));
                }
            }
            Marks::Scatter(clouds) => {
                for &[x, y] in clouds.iter().flat_map(|cloud| &cloud.points) {
                    self.count([x, y], chart);
                    self.x.push(x);
                    self.y.push(y);
                }
            }
            Marks::Bars(bars) => {
                add_names(&mut self.columns, &bars.categories);
                for estimate in bars.series.iter().flat_map(|(_, values)| values) {
                    self.count([1.0, estimate.value], chart);
                    self.y.push(estimate.value);
                    self.y.extend(estimate.interval.into_iter().flatten());
                }
            }
            Marks::Boxes(boxes) => {
                add_names(&mut self.columns, &boxes.categories);
                for &value in boxes.series.iter().flat_map(|(_, values)| values).flatten() {
                    self.count([1.0, value], chart);
                    self.y.push(value);
                }
            }
            Marks::Histogram(histogram) => {
                self.x.extend(&histogram.edges);
                self.y.extend(histogram.series.iter().flat_map(|(_, counts)| counts));
            }
            Marks::Heat(heat) => {
                add_names(&mut self.columns, &heat.columns);
                add_names(&mut self.rows, &heat.rows);
            }
            Marks::Confusion(confusion) => {
                add_names(&mut self.columns, &confusion.classes);
                add_names(&mut self.rows, &confusion.classes);
            }
            Marks::Boundary(boundary) => {
                self.x.extend(boundary.x);
                self.y.extend(boundary.y);
            }
            Marks::Images(_) | Marks::Passages(_) => {}
        }
    }

    /// Counts a point that cannot be drawn, by its first reason.
    fn count(&mut self, [x, y]: [f64; 2], chart: &Chart) {
        let lost = |value: f64, axis: &Axis| axis.scale == Scale::Log10 && value <= 0.0;
        if !x.is_finite() || !y.is_finite() {
            self.infinite += 1;
        } else if lost(x, &chart.x) || lost(y, &chart.y) {
            self.not_positive += 1;
        }
    }

    /// The horizontal axis with about `ticks` ticks.
    pub fn x_span(&self, chart: &Chart, ticks: usize) -> Span {
        if !self.columns.is_empty() {
            return Span::categories(&self.columns);
        }
        let filled = chart.panels.iter().any(|p| matches!(p.marks, Marks::Boundary(_)));
        Span::numbers(&chart.x, &self.x, if filled { [0.0; 2] } else { [0.025; 2] }, ticks)
    }

    /// The vertical axis with about `ticks` ticks; a matrix's rows run downwards.
    pub fn y_span(&self, chart: &Chart, ticks: usize) -> Span {
        if !self.rows.is_empty() {
            let upwards: Vec<String> = self.rows.iter().rev().cloned().collect();
            return Span::categories(&upwards);
        }
        let any = |wanted: fn(&Marks) -> bool| chart.panels.iter().any(|p| wanted(&p.marks));
        if any(|m| matches!(m, Marks::Boundary(_))) {
            return Span::numbers(&chart.y, &self.y, [0.0; 2], ticks);
        }
        let mut values = self.y.clone();
        let from_zero = any(|m| matches!(m, Marks::Bars(_) | Marks::Histogram(_))) && chart.y.scale == Scale::Linear;
        if from_zero {
            // The length of a bar is what is read: it starts at zero.
            values.push(0.0);
        }
        let positive = from_zero && values.iter().all(|&v| v >= 0.0 || v.is_nan());
        Span::numbers(&chart.y, &values, if positive { [0.0, 0.05] } else { [0.05; 2] }, ticks)
    }
}

fn add_names(names: &mut Vec<String>, more: &[String]) {
    for name in more {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
}

/// Whether a panel holds nothing that has a place on the axes.
pub(super) fn is_empty(marks: &Marks, x: &Span, y: &Span) -> bool {
    let has = |u: f64, v: f64| x.position(u).is_some() && y.position(v).is_some();
    match marks {
        Marks::Lines(lines) => !lines.iter().any(|line| {
            line.points.iter().any(|p| has(p.x, p.y.value)) || line.broken.iter().any(|b| x.position(b[0]).is_some())
        }),
        Marks::Scatter(clouds) => !clouds.iter().flat_map(|cloud| &cloud.points).any(|p| has(p[0], p[1])),
        Marks::Bars(bars) => !bars.series.iter().flat_map(|(_, values)| values).any(|v| y.position(v.value).is_some()),
        Marks::Boxes(boxes) => {
            !boxes.series.iter().flat_map(|(_, values)| values).flatten().any(|&v| y.position(v).is_some())
        }
        Marks::Histogram(histogram) => histogram.edges.len() < 2 || histogram.series.is_empty(),
        Marks::Heat(heat) => {
            heat.rows.is_empty() || heat.columns.is_empty() || !heat.values.iter().any(|v| v.is_finite())
        }
        Marks::Confusion(confusion) => confusion.classes.is_empty() || confusion.counts.is_empty(),
        Marks::Images(images) => images.images.is_empty(),
        Marks::Passages(passages) => passages.is_empty(),
        Marks::Boundary(boundary) => boundary.grid.is_empty() && boundary.samples.is_empty(),
    }
}
