//! Confusion matrices: rows as shares of the true class, strong cells where a model looks.

use plotters_backend::text_anchor::HPos;

use super::chart::Confusion;
use super::frame::Frame;
use super::lettering::width_px;
use super::sheet::{Group, Put, words, words_of};
use super::theme::{FILL, GRID, INK, PALE, SMALL_PX};

/// Cells grow no larger than this.
const CELL_PX: f64 = 46.0;

/// Width and height a panel wants within a width: square cells.
pub(super) fn size_px(confusion: &Confusion, room: f64) -> (f64, f64) {
    let classes = confusion.classes.len().max(1) as f64;
    let side = room.min(classes * CELL_PX.max(160.0 / classes));
    (side, side)
}

/// Draws cells and counts.
pub(super) fn draw(frame: &Frame<'_, '_>, confusion: &Confusion) {
    let rows = frame.y.high;
    let room = frame.cell.width / frame.x.high - 3.0;
    let fits = confusion.counts.iter().all(|c| width_px(&c.to_string(), SMALL_PX) <= room) && room >= SMALL_PX;
    frame.page.group(&Group::class("cells").with("shape-rendering", "crispEdges"), || {
        for ((row, column), &count) in confusion.counts.indexed_iter() {
            let (Some(truth), Some(taken)) = (confusion.classes.get(row), confusion.classes.get(column)) else {
                continue;
            };
            let total: u64 = confusion.counts.row(row).iter().fold(0, |sum, &c| sum.saturating_add(c));
            let share = if total == 0 { 0.0 } else { count as f64 / total as f64 };
            let (x, y) = (column as f64, rows - row as f64);
            frame.plot.group(&Group::class("cell").titled(format!("{truth} → {taken}: {count} of {total}")), || {
                let (corner, end) = ((x + 0.02, y - 0.02), (x + 0.98, y - 0.98));
                frame.block(corner, end, GRID.light, 0.45);
                // The square root lifts rare confusions above the page.
                let opacity = 0.03 + 0.97 * libm::sqrt(share);
                if count > 0 {
                    frame.block(corner, end, FILL.light, opacity);
                }
                if fits && count > 0 {
                    // Below this opacity the page shines through too much for pale text in the light theme.
                    let style = if opacity >= 0.75 {
                        words_of(SMALL_PX, PALE, HPos::Center)
                    } else {
                        words(SMALL_PX, INK, HPos::Center)
                    };
                    frame.plot.text(&count.to_string(), (x + 0.5, y - 0.5), &style);
                }
            });
        }
    });
}
