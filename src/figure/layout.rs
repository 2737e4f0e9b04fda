//! Where everything goes, in pixels: the legend on top, the panels on their grid, axis titles, notes.

use super::axes::{self, Extent, Kind};
use super::chart::{Chart, Legend, Marks};
use super::confusion;
use super::heat;
use super::images::Grid;
use super::legend::{self, Entry};
use super::lettering::{fitted, height_px, width_px, wrapped};
use super::passages;
use super::series::Series;
use super::span::Span;
use super::theme::{SMALL_PX, TEXT_PX};

/// Height of a line of titles.
pub(super) const TITLE_PX: f64 = 24.0;
/// From an axis to its tick labels.
pub(super) const LABEL_GAP_PX: f64 = 8.0;

/// The places of everything outside the panels' marks.
pub(super) struct Layout {
    pub width: f64,
    pub height: f64,
    /// One place a panel, in the panels' order.
    pub cells: Vec<Cell>,
    pub legend: Vec<Entry>,
    /// Mid height of the line above the panels that carries the vertical axis' title.
    pub y_title_at: f64,
    /// Mid height of the line below the panels that carries the horizontal axis' title.
    pub x_title_at: f64,
    /// Lines of small print with their mid heights.
    pub notes: Vec<(String, f64)>,
    pub x: Span,
    pub y: Span,
    pub x_labels: Labels,
}

/// The place of one panel's inside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cell {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
    /// Whether it stands in the first column: it carries the vertical tick labels.
    pub first: bool,
    /// Whether none stands below it: it carries the horizontal tick labels.
    pub lowest: bool,
}

/// The horizontal tick labels, fitted to the room they have.
pub(super) struct Labels {
    /// Index of the tick and the lines of its label.
    pub lines: Vec<(usize, Vec<String>)>,
    /// Whether they are read from bottom to top.
    pub upright: bool,
    /// What they take below the axis.
    pub height: f64,
}

impl Layout {
    /// The layout of a chart whose series are named where `names` says.
    pub fn of(chart: &Chart, series: &Series, extent: &Extent, notes: &[String], names: Names) -> Self {
        let width = f64::from(chart.width_px.clamp(200, 4000));
        let columns = columns(chart);
        let kind = chart.panels.first().map_or(Kind::Plane, |p| axes::kind(&p.marks));
        let y = extent.y_span(chart, if columns > 1 { 4 } else { 5 });
        let left = match kind {
            Kind::Pictures => 0.0,
            _ => y_label_width(&y, width) + LABEL_GAP_PX + 2.0,
        };
        let right = match names {
            Names::AtEnds { room_px } => room_px,
            Names::InRow if kind == Kind::Pictures => 0.0,
            Names::InRow => 16.0 + heat::bar_width_px(chart),
        };
        let gap = if kind == Kind::Pictures { 24.0 } else { 20.0 };
        let room = (width - left - right - gap * (columns - 1) as f64) / columns as f64;
        let (plot_width, plot_height) = inside(chart, room.max(20.0), columns);
        let x = extent.x_span(chart, ((plot_width / 74.0) as usize).max(2));
        let x_labels = if kind == Kind::Pictures { Labels::none() } else { Labels::of(&x, plot_width) };

        let entries = match names {
            Names::InRow if chart.legend != Legend::None => legend::row(chart, series, width),
            _ => Vec::new(),
        };
        let mut top = 4.0 + legend::height_px(&entries);
        let y_title_at = top + TITLE_PX / 2.0;
        if !chart.y.title.is_empty() && kind != Kind::Pictures {
            top += TITLE_PX;
        }
        let titled = chart.panels.len() > 1 && chart.panels.iter().any(|p| !p.title.is_empty());
        let rows = chart.panels.len().max(1).div_ceil(columns);
        let pitch = plot_height + if titled { TITLE_PX + 6.0 } else { 16.0 };
        let cells: Vec<Cell> = (0..chart.panels.len().max(1))
            .map(|i| Cell {
                left: left + (i % columns) as f64 * (plot_width + gap),
                top: top + 6.0 + if titled { TITLE_PX - 4.0 } else { 0.0 } + (i / columns) as f64 * pitch,
                width: plot_width,
                height: plot_height,
                first: i % columns == 0,
                lowest: i + columns >= chart.panels.len(),
            })
            .collect();
        let mut bottom = cells[0].top + (rows - 1) as f64 * pitch + plot_height + x_labels.height;
        let x_title_at = bottom + TITLE_PX / 2.0;
        if !chart.x.title.is_empty() && kind != Kind::Pictures {
            bottom += TITLE_PX;
        }
        let (notes, bottom) = placed_notes(notes, width, bottom + 6.0);
        Self {
            width,
            height: libm::ceil(bottom),
            cells,
            legend: entries,
            y_title_at,
            x_title_at,
            notes,
            x,
            y,
            x_labels,
        }
    }
}

/// Where series are named.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Names {
    /// Beside the ends of their lines, in a room of this width.
    AtEnds {
        /// Width of the widest name and its distance from the panel.
        room_px: f64,
    },
    /// In a row above the panels, where there is something to name.
    InRow,
}

impl Labels {
    fn none() -> Self {
        Self { lines: Vec::new(), upright: false, height: 0.0 }
    }

    fn of(x: &Span, plot_width: f64) -> Self {
        if x.categories { Self::categories(x, plot_width) } else { Self::numbers(x, plot_width) }
    }

    /// Numbers on one line; one that would touch its left neighbour is left out.
    fn numbers(x: &Span, plot_width: f64) -> Self {
        let mut free_from = f64::NEG_INFINITY;
        let mut lines = Vec::new();
        for (i, tick) in x.ticks.iter().enumerate() {
            let middle = (tick.at - x.low) / (x.high - x.low) * plot_width;
            let half = width_px(&tick.label, SMALL_PX) / 2.0;
            if middle - half >= free_from {
                lines.push((i, vec![tick.label.clone()]));
                free_from = middle + half + 8.0;
            }
        }
        Self { lines, upright: false, height: LABEL_GAP_PX + height_px(1, SMALL_PX) }
    }

    /// Names on up to two lines below their slot, else upright, else every so many.
    fn categories(x: &Span, plot_width: f64) -> Self {
        let slot = plot_width / x.ticks.len().max(1) as f64;
        let level: Vec<_> =
            x.ticks.iter().enumerate().map(|(i, t)| (i, wrapped(&t.label, slot - 6.0, SMALL_PX, 2))).collect();
        let cut = level
            .iter()
            .any(|(i, lines)| lines.iter().any(|line| line.ends_with('…')) && !x.ticks[*i].label.ends_with('…'));
        if !cut {
            let most = level.iter().map(|(_, lines)| lines.len()).max().unwrap_or(1);
            return Self { lines: level, upright: false, height: LABEL_GAP_PX + height_px(most, SMALL_PX) };
        }
        let stride = libm::ceil(SMALL_PX * 1.15 / slot).max(1.0) as usize;
        let lines: Vec<_> =
            (0..x.ticks.len()).step_by(stride).map(|i| (i, vec![fitted(&x.ticks[i].label, 120.0, SMALL_PX)])).collect();
        let longest = lines.iter().map(|(_, l)| width_px(&l[0], SMALL_PX)).fold(0.0, f64::max);
        Self { lines, upright: true, height: LABEL_GAP_PX + longest + 4.0 }
    }
}

/// Every how many-th vertical tick is labelled so that labels do not touch.
pub(super) fn y_label_stride(y: &Span, plot_height: f64) -> usize {
    let slot = plot_height / y.ticks.len().max(1) as f64;
    if y.categories { libm::ceil(SMALL_PX * 1.15 / slot).max(1.0) as usize } else { 1 }
}

/// The vertical tick labels as they are drawn: cut where they would take more than a third of the width.
pub(super) fn y_label(label: &str, width: f64) -> String {
    fitted(label, width * 0.3, SMALL_PX)
}

fn y_label_width(y: &Span, width: f64) -> f64 {
    y.ticks.iter().map(|t| width_px(&y_label(&t.label, width), SMALL_PX)).fold(0.0, f64::max)
}

fn columns(chart: &Chart) -> usize {
    let panels = chart.panels.len().max(1);
    let usual = match panels {
        1..=3 => panels,
        4 => 2,
        _ => 3,
    };
    let usual = if chart.panels.iter().any(|p| axes::kind(&p.marks) == Kind::Pictures) { 1 } else { usual };
    chart.columns.unwrap_or(usual).clamp(1, panels)
}

/// Width and height of the panels' insides: the height the tallest of them wants.
fn inside(chart: &Chart, room: f64, columns: usize) -> (f64, f64) {
    let wish = |marks: &Marks| match marks {
        Marks::Images(images) => (room, Grid::of(images, room).height),
        Marks::Passages(passages) => (room, passages::height_of(passages, room)),
        Marks::Heat(heat) => (room, heat::height_px(heat)),
        Marks::Confusion(confusion) => confusion::size_px(confusion, room),
        Marks::Boundary(boundary) => {
            let width = room.min(440.0);
            let ratio = (boundary.y[1] - boundary.y[0]) / (boundary.x[1] - boundary.x[0]);
            (width, width * if ratio.is_finite() { ratio.clamp(0.6, 1.1) } else { 1.0 })
        }
        _ if columns > 1 => (room, (room * 0.8).clamp(120.0, 300.0)),
        _ => (room, (room * 0.6).clamp(140.0, 380.0)),
    };
    let wishes = || chart.panels.iter().map(|p| wish(&p.marks));
    let width = wishes().map(|(w, _)| w).reduce(f64::max).unwrap_or(room);
    let height = wishes().map(|(_, h)| h).reduce(f64::max).unwrap_or(160.0);
    (width, height)
}

/// Notes on as many lines as they need, and where the last one ends.
fn placed_notes(notes: &[String], width: f64, from: f64) -> (Vec<(String, f64)>, f64) {
    let pitch = height_px(1, SMALL_PX);
    let lines = notes.iter().flat_map(|note| wrapped(note, width, SMALL_PX, 4));
    let placed: Vec<_> = lines.enumerate().map(|(i, line)| (line, from + (i as f64 + 0.5) * pitch)).collect();
    let bottom = from + placed.len() as f64 * pitch;
    (placed, bottom.max(from + TEXT_PX * 0.2) + if notes.is_empty() { 0.0 } else { 4.0 })
}
