//! Remarks on top of the data.

use plotters::element::Circle;
use plotters_backend::text_anchor::HPos;

use super::chart::{Annotation, Place};
use super::frame::Frame;
use super::lettering::{fitted, width_px};
use super::sheet::{Group, Put, stroke, units, words};
use super::theme::{HAIR_PX, INK, MUTED, PAGE, SMALL_PX, TEXT_PX};

/// Draws ranges, which lie below the data.
pub(super) fn draw_ranges(frame: &Frame<'_, '_>, annotations: &[Annotation]) {
    for annotation in annotations {
        let (x, y) = (frame.bounds().x, frame.bounds().y);
        let (x, y) = match annotation.place {
            Place::XRange(ends) => (ends.map(|v| frame.x.inside(v)), y),
            Place::YRange(ends) => (x, ends.map(|v| frame.y.inside(v))),
            _ => continue,
        };
        frame.page.group(&Group::class("annotation"), || {
            frame.block((x[0], y[0]), (x[1], y[1]), MUTED.light, 0.12);
            label(frame, &annotation.label, (x[0].min(x[1]), y[0].max(y[1])), (5.0, 10.0), HPos::Left);
        });
    }
}

/// Draws lines and points, which lie on top of the data.
pub(super) fn draw(frame: &Frame<'_, '_>, annotations: &[Annotation]) {
    let bounds = frame.bounds();
    for annotation in annotations {
        let words = &annotation.label;
        frame.page.group(&Group::class("annotation"), || match annotation.place {
            Place::X(x) => {
                let Some(x) = frame.x.position(x).filter(|&x| frame.x.holds(x)) else { return };
                dashed(frame, [(x, bounds.y[0]), (x, bounds.y[1])]);
                // At the foot: curves of accuracy crowd the top, and names of horizontal lines stand at the left.
                let (right, side) = clear_side(frame, x, words);
                label(frame, words, (x, bounds.y[0]), (right, -10.0), side);
            }
            Place::Y(y) => {
                let Some(y) = frame.y.position(y).filter(|&y| frame.y.holds(y)) else { return };
                dashed(frame, [(bounds.x[0], y), (bounds.x[1], y)]);
                label(frame, words, (bounds.x[0], y), (4.0, -SMALL_PX * 0.7), HPos::Left);
            }
            Place::Point([x, y]) => {
                let Some(at) = frame.place(x, y).filter(|&at| bounds.hold(at)) else { return };
                frame.plot.put(&Circle::new(at, units(6.0), stroke(INK, HAIR_PX * 1.3)));
                let (right, side) = clear_side(frame, at.0, words);
                label(frame, words, at, (right * 2.0, -TEXT_PX * 0.7), side);
            }
            Place::Segment(ends) => {
                let [from, to] = ends.map(|[x, y]| frame.place(x, y).filter(|&at| bounds.hold(at)));
                let (Some(from), Some(to)) = (from, to) else { return };
                dashed(frame, [from, to]);
                label(frame, words, to, (-5.0, SMALL_PX * 0.7), HPos::Right);
            }
            Place::XRange(_) | Place::YRange(_) => {}
        });
    }
}

fn dashed(frame: &Frame<'_, '_>, ends: [(f64, f64); 2]) {
    frame.page.group(&Group::default().with("stroke-dasharray", "4 3"), || {
        frame.plot.path(ends.to_vec(), MUTED, HAIR_PX * 1.2);
    });
}

/// How far from a place its words stand: to the right where they fit or where there is more room.
fn clear_side(frame: &Frame<'_, '_>, x: f64, words: &str) -> (f64, HPos) {
    let left = frame.pixels((x, frame.y.low)).0 - frame.cell.left;
    let right = frame.cell.width - left;
    if width_px(words, SMALL_PX) + 6.0 <= right || right >= left { (5.0, HPos::Left) } else { (-5.0, HPos::Right) }
}

/// Words with an outline in the page's colour, so that they are read over anything.
fn label(frame: &Frame<'_, '_>, text: &str, at: (f64, f64), (right, down): (f64, f64), side: HPos) {
    if text.is_empty() {
        return;
    }
    let halo = Group::default()
        .with("paint-order", "stroke")
        .with("stroke", &super::theme::css(super::theme::carried(PAGE.light, 1.0)))
        .with("stroke-width", "3")
        .with("stroke-linejoin", "round");
    let left = frame.pixels(at).0 - frame.cell.left + right;
    let room = if matches!(side, HPos::Right) { left } else { frame.cell.width - left };
    let text = fitted(text, room, SMALL_PX);
    let place = frame.beside(at, right, down);
    frame.page.group(&halo, || frame.page.text(&text, place, &words(SMALL_PX, INK, side)));
}
