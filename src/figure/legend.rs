//! What series are called: a row above the panels, or names beside the ends of lines.

use plotters::element::{Circle, Rectangle};
use plotters_backend::text_anchor::HPos;

use super::chart::{Chart, Marks};
use super::clip::Place;
use super::frame::Frame;
use super::layout::Layout;
use super::lettering::{fitted, width_px};
use super::series::{self, Series};
use super::sheet::{Group, Page, Put, filled, px, units, words};
use super::span::Span;
use super::theme::{self, INK, MUTED, TEXT_PX};

const SAMPLE_PX: f64 = 22.0;
const ROW_PX: f64 = 23.0;
const WIDEST_PX: f64 = 240.0;
/// From the panel's edge to a name beside it.
const END_GAP_PX: f64 = 10.0;

/// One entry of the row above the panels.
pub(super) struct Entry {
    /// The series; `None` for the heading.
    slot: Option<usize>,
    text: String,
    left: f64,
    middle: f64,
}

/// The entries of the row, broken where it is full; none where there is nothing to tell apart.
pub(super) fn row(chart: &Chart, series: &Series, width: f64) -> Vec<Entry> {
    let always = chart.panels.iter().any(|p| matches!(p.marks, Marks::Boundary(_)));
    if series.used.is_empty() || (series.used.len() == 1 && !always) {
        return Vec::new();
    }
    let mut entries = Vec::new();
    let (mut left, mut middle) = (0.0, ROW_PX / 2.0);
    let heading = chart.series_title.iter().map(|title| (None, title));
    for (slot, name) in heading.chain(series.used.iter().map(|name| (Some(series.slot(name)), name))) {
        let text = fitted(name, WIDEST_PX.min(width - SAMPLE_PX), TEXT_PX);
        let wide = width_px(&text, TEXT_PX) + if slot.is_some() { SAMPLE_PX + 6.0 } else { 0.0 };
        if left > 0.0 && left + wide > width {
            (left, middle) = (0.0, middle + ROW_PX);
        }
        entries.push(Entry { slot, text, left, middle });
        left += wide + 20.0;
    }
    entries
}

/// Height of the row.
pub(super) fn height_px(entries: &[Entry]) -> f64 {
    entries.last().map_or(0.0, |last| last.middle + ROW_PX / 2.0 + 6.0)
}

/// Draws the row.
pub(super) fn draw_row(page: &Page<'_>, chart: &Chart, entries: &[Entry]) {
    if entries.is_empty() {
        return;
    }
    let lines = chart.panels.iter().any(|p| matches!(p.marks, Marks::Lines(_)));
    let dots = chart.panels.iter().any(|p| matches!(p.marks, Marks::Scatter(_) | Marks::Boundary(_)));
    page.group(&Group::class("legend"), || {
        for entry in entries {
            let (x, y) = (entry.left, entry.middle);
            let Some(slot) = entry.slot else {
                page.text(&entry.text, px(x, y), &words(TEXT_PX, MUTED, HPos::Left));
                continue;
            };
            let color = series::color(slot);
            page.group(&Group::class(&series::class(slot)).with("stroke-dasharray", series::dash(slot)), || {
                if lines {
                    page.path(vec![px(x, y), px(x + SAMPLE_PX, y)], color, theme::CURVE_PX + 0.5);
                } else if dots {
                    page.put(&Circle::new(px(x + SAMPLE_PX / 2.0, y), units(4.5), filled(color.light, 1.0)));
                } else {
                    let corners = [px(x + 6.0, y - 7.0), px(x + SAMPLE_PX - 2.0, y + 7.0)];
                    page.put(&Rectangle::new(corners, filled(color.light, theme::AREA)));
                }
                page.text(&entry.text, px(x + SAMPLE_PX + 6.0, y), &words(TEXT_PX, INK, HPos::Left));
            });
        }
    });
}

/// A name beside the end of its line.
pub(super) struct EndName {
    slot: usize,
    text: String,
    /// Mid height of the end and of the name.
    end: f64,
    middle: f64,
}

/// Width that names beside lines need; `None` where the chart is not one of a few lines in one panel.
pub(super) fn end_room_px(chart: &Chart, series: &Series) -> Option<f64> {
    let [panel] = &chart.panels[..] else { return None };
    let Marks::Lines(_) = &panel.marks else { return None };
    if !(2..=8).contains(&series.used.len()) {
        return None;
    }
    let widest = series.used.iter().map(|name| width_px(name, TEXT_PX)).fold(0.0, f64::max);
    (widest <= f64::from(chart.width_px) * 0.28).then_some(widest + END_GAP_PX + 10.0)
}

/// Names beside the ends of the lines; `None` where a line ends early or names would stand too far from their lines.
pub(super) fn end_names(chart: &Chart, series: &Series, layout: &Layout) -> Option<Vec<EndName>> {
    let [panel] = &chart.panels[..] else { return None };
    let Marks::Lines(lines) = &panel.marks else { return None };
    let cell = layout.cells[0];
    let mut names = Vec::new();
    for line in lines {
        let (x, y) = line.points.iter().rev().find_map(|p| place(p.x, p.y.value, &layout.x, &layout.y))?;
        let share = (x - layout.x.low) / (layout.x.high - layout.x.low);
        if !(0.93..=1.0).contains(&share) || !layout.y.holds(y) {
            return None;
        }
        let end = cell.top + cell.height * (layout.y.high - y) / (layout.y.high - layout.y.low);
        names.push(EndName { slot: series.slot(&line.name), text: line.name.clone(), end, middle: end });
    }
    names.sort_by(|a, b| a.end.total_cmp(&b.end).then(a.slot.cmp(&b.slot)));
    spread(&mut names, TEXT_PX * 1.2);
    let near = names.iter().all(|n| (n.middle - n.end).abs() <= 3.0 * TEXT_PX);
    let inside = names.iter().all(|n| (cell.top - 6.0..=cell.top + cell.height + 6.0).contains(&n.middle));
    (near && inside).then_some(names)
}

fn place(x: f64, y: f64, across: &Span, up: &Span) -> Option<Place> {
    Some((across.position(x)?, up.position(y)?))
}

/// Moves sorted names apart to `pitch`: each group of touching names is centred on the middle of its ends.
fn spread(names: &mut [EndName], pitch: f64) {
    let mut groups: Vec<(f64, usize)> = Vec::new();
    for name in names.iter() {
        groups.push((name.end, 1));
        while let [.., (a, n), (b, m)] = groups[..] {
            if b - a >= pitch * (n + m) as f64 / 2.0 {
                break;
            }
            groups.truncate(groups.len() - 2);
            groups.push(((a * n as f64 + b * m as f64) / (n + m) as f64, n + m));
        }
    }
    let middles = groups
        .into_iter()
        .flat_map(|(middle, n)| (0..n).map(move |i| middle + (i as f64 - (n - 1) as f64 / 2.0) * pitch));
    for (name, middle) in names.iter_mut().zip(middles) {
        name.middle = middle;
    }
}

/// Draws the names, with a thin leader where one had to move.
pub(super) fn draw_end_names(frame: &Frame<'_, '_>, names: &[EndName]) {
    let right = frame.cell.left + frame.cell.width;
    for name in names {
        let color = series::color(name.slot);
        frame.page.group(&Group::class(&series::class(name.slot)), || {
            if (name.middle - name.end).abs() > TEXT_PX * 0.45 {
                let points = vec![px(right - 2.0, name.end), px(right + END_GAP_PX - 2.0, name.middle)];
                frame.page.path(points, color, theme::HAIR_PX * 0.8);
            }
            frame.page.text(&name.text, px(right + END_GAP_PX, name.middle), &words(TEXT_PX, color, HPos::Left));
        });
    }
}
