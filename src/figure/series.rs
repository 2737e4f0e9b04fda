//! Which series a chart has, in the order of their colours.

use super::chart::{Chart, Marks};
use super::theme::{self, Color};

/// The names of all series, each once.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Series {
    /// All names that have a colour, whether the chart uses them or not.
    names: Vec<String>,
    /// Names the chart uses, in the order of their colours.
    pub used: Vec<String>,
}

impl Series {
    /// The series of a chart: first those its author ordered, then others by first appearance.
    pub fn of(chart: &Chart) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut seen: Vec<&String> = Vec::new();
        for name in chart.series_order.iter().chain(chart.panels.iter().flat_map(|p| named(&p.marks))) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        for name in chart.panels.iter().flat_map(|p| named(&p.marks)) {
            if !seen.contains(&name) {
                seen.push(name);
            }
        }
        let used = names.iter().filter(|name| seen.contains(name)).cloned().collect();
        Self { names, used }
    }

    /// Place of a series among all, from 0.
    pub fn slot(&self, name: &str) -> usize {
        self.names.iter().position(|n| n == name).unwrap_or(0)
    }
}

/// The colour of a series.
pub(super) fn color(slot: usize) -> Color {
    theme::SERIES[slot % theme::SERIES.len()]
}

/// The dash pattern of a series: solid until the colours are used up.
pub(super) fn dash(slot: usize) -> &'static str {
    theme::DASHES[slot / theme::SERIES.len() % theme::DASHES.len()]
}

/// The class by which a page finds all marks of a series.
pub(super) fn class(slot: usize) -> String {
    format!("series series-{}", slot + 1)
}

fn named(marks: &Marks) -> Vec<&String> {
    match marks {
        Marks::Lines(lines) => lines.iter().map(|line| &line.name).collect(),
        Marks::Scatter(clouds) => clouds.iter().map(|cloud| &cloud.name).collect(),
        Marks::Bars(bars) => bars.series.iter().map(|(name, _)| name).collect(),
        Marks::Boxes(boxes) => boxes.series.iter().map(|(name, _)| name).collect(),
        Marks::Histogram(histogram) => histogram.series.iter().map(|(name, _)| name).collect(),
        Marks::Boundary(boundary) => boundary.classes.iter().collect(),
        Marks::Heat(_) | Marks::Confusion(_) | Marks::Images(_) | Marks::Passages(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{Line, Panel};

    #[test]
    fn colours_follow_the_given_order_then_appearance() {
        let line = |name: &str| Line { name: name.into(), ..Line::default() };
        let chart = Chart {
            panels: vec![Panel::from(Marks::Lines(vec![line("c"), line("b"), line("c")]))],
            series_order: vec!["a".into(), "b".into()],
            ..Chart::default()
        };
        let series = Series::of(&chart);
        assert_eq!((series.slot("a"), series.slot("b"), series.slot("c")), (0, 1, 2));
        assert_eq!(series.used, ["b", "c"]);
    }
}
