//! Matrices of values as colours, with a colour bar and contour lines.

use plotters_backend::text_anchor::HPos;

use super::chart::{Axis, Chart, Heat, Marks};
use super::frame::Frame;
use super::layout::Layout;
use super::lettering::width_px;
use super::numbers::alone;
use super::sheet::{Group, Page, Put, px, upright, words, words_of};
use super::span::Span;
use super::theme::{self, GRID, HAIR_PX, MUTED, PAGE, SMALL_PX, TEXT_PX};

const BAR_PX: f64 = 14.0;
/// Colours of the bar from bottom to top.
const BAR_STEPS: usize = 48;

/// Height a panel wants: cells that hold a number where there are few rows.
pub(super) fn height_px(heat: &Heat) -> f64 {
    let rows = heat.rows.len().max(1) as f64;
    (rows * 36.0).min(380.0).max(rows * 3.0).clamp(60.0, 1200.0)
}

/// Room for the colour bar beside the panels; 0 where the chart has none.
pub(super) fn bar_width_px(chart: &Chart) -> f64 {
    match scale_of(chart) {
        Some((span, _)) => {
            let widest = span.ticks.iter().map(|t| width_px(&t.label, SMALL_PX)).fold(0.0, f64::max);
            BAR_PX + 6.0 + widest + 32.0
        }
        None => 0.0,
    }
}

/// The scale all heat panels of a chart share, and its title.
pub(super) fn scale_of(chart: &Chart) -> Option<(Span, String)> {
    let heats = || chart.panels.iter().filter_map(|p| if let Marks::Heat(heat) = &p.marks { Some(heat) } else { None });
    let first = heats().next()?;
    let values: Vec<f64> = heats().flat_map(|heat| heat.values.iter().copied()).collect();
    let axis = Axis { scale: first.scale, format: first.format, ..Axis::default() };
    Some((Span::numbers(&axis, &values, [0.0; 2], 5), first.title.clone()))
}

/// Draws cells, their numbers where they fit, and contours.
pub(super) fn draw(frame: &Frame<'_, '_>, chart: &Chart, heat: &Heat) {
    let Some((span, _)) = scale_of(chart) else { return };
    let share = |value: f64| span.position(value).map(|p| (p - span.low) / (span.high - span.low));
    let rows = frame.y.high;
    let room = frame.cell.width / frame.x.high - 6.0;
    let texts: Vec<String> = heat.values.iter().map(|&v| alone(v, 3, heat.format)).collect();
    // Contours are for maps too fine to be read cell by cell.
    let fits = heat.contours.is_empty()
        && frame.cell.height / rows >= SMALL_PX * 1.25
        && texts.iter().all(|t| width_px(t, SMALL_PX) <= room);
    frame.page.group(&Group::class("cells").with("shape-rendering", "crispEdges"), || {
        for (((row, column), &value), text) in heat.values.indexed_iter().zip(&texts) {
            let (x, y) = (column as f64, rows - row as f64);
            if x >= frame.x.high || y <= 0.0 {
                continue;
            }
            let name = |names: &[String], i: usize| names.get(i).cloned().unwrap_or_default();
            let title = format!("{}, {}: {text}", name(&heat.rows, row), name(&heat.columns, column));
            frame.plot.group(&Group::class("cell").titled(title), || {
                let rgb = share(value).map_or(GRID.light, theme::sequence);
                frame.block((x, y), (x + 1.0, y - 1.0), rgb, 1.0);
                if fits {
                    let ink = share(value).map_or(MUTED.light, theme::on_sequence);
                    frame.plot.text(text, (x + 0.5, y - 0.5), &words_of(SMALL_PX, ink, HPos::Center));
                }
            });
        }
    });
    for &level in &heat.contours {
        if let Some(level) = span.position(level) {
            draw_contour(frame, heat, &span, level);
        }
    }
}

/// One contour line by marching squares, through the centres of the cells.
fn draw_contour(frame: &Frame<'_, '_>, heat: &Heat, span: &Span, level: f64) {
    let at = |row: usize, column: usize| {
        let height = span.position(heat.values[[row, column]])?;
        Some(((column as f64 + 0.5, frame.y.high - row as f64 - 0.5), height - level))
    };
    let (rows, columns) = heat.values.dim();
    let (rows, columns) = (rows.min(heat.rows.len()), columns.min(heat.columns.len()));
    frame.page.group(&Group::class("contour"), || {
        for row in 1..rows {
            for column in 1..columns {
                let around = [(row - 1, column - 1), (row - 1, column), (row, column), (row, column - 1)];
                let [Some(a), Some(b), Some(c), Some(d)] = around.map(|(r, c)| at(r, c)) else { continue };
                let crossings: Vec<_> = [(a, b), (b, c), (c, d), (d, a)]
                    .into_iter()
                    .filter(|((_, p), (_, q))| (*p < 0.0) != (*q < 0.0))
                    .map(|(((x, y), p), ((u, v), q))| (x + (u - x) * p / (p - q), y + (v - y) * p / (p - q)))
                    .collect();
                for ends in crossings.chunks_exact(2) {
                    frame.plot.path(ends.to_vec(), PAGE, HAIR_PX * 3.0);
                    frame.plot.path(ends.to_vec(), theme::INK, HAIR_PX * 1.5);
                }
            }
        }
    });
}

/// Draws the colour bar to the right of the first row of panels.
pub(super) fn draw_bar(page: &Page<'_>, chart: &Chart, layout: &Layout) {
    let Some((span, title)) = scale_of(chart) else { return };
    let right = layout.cells.iter().map(|c| c.left + c.width).fold(0.0, f64::max);
    let (left, top, height) = (right + 14.0, layout.cells[0].top, layout.cells[0].height.min(280.0));
    page.group(&Group::class("colour-bar"), || {
        page.group(&Group::default().with("shape-rendering", "crispEdges"), || {
            for step in 0..BAR_STEPS {
                let (from, to) = (step as f64 / BAR_STEPS as f64, (step + 1) as f64 / BAR_STEPS as f64);
                let corners = [px(left, top + height * (1.0 - from)), px(left + BAR_PX, top + height * (1.0 - to))];
                let rgb = theme::sequence((from + to) / 2.0);
                page.put(&plotters::element::Rectangle::new(corners, super::sheet::filled(rgb, 1.0)));
            }
        });
        let mut widest = 0.0_f64;
        for tick in &span.ticks {
            let y = top + height * (span.high - tick.at) / (span.high - span.low);
            page.text(&tick.label, px(left + BAR_PX + 6.0, y), &words(SMALL_PX, MUTED, HPos::Left));
            widest = widest.max(width_px(&tick.label, SMALL_PX));
        }
        let middle = px(left + BAR_PX + 6.0 + widest + 18.0, top + height / 2.0);
        page.text(&title, middle, &upright(words(TEXT_PX, MUTED, HPos::Center)));
    });
}
