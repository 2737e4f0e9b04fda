//! Passages of text, one below the other.

use plotters_backend::text_anchor::HPos;

use super::chart::Passage;
use super::frame::Frame;
use super::lettering::{fitted, height_px, wrapped};
use super::sheet::{Group, Put, bold, px, words};
use super::theme::{INK, MUTED, SMALL_PX};

/// Between two passages.
const GAP_PX: f64 = 14.0;
/// Before the lines of a passage.
const INDENT_PX: f64 = 16.0;
/// Lines that one line of a passage may take.
const MOST: usize = 40;

/// Height of all passages within a width.
pub(super) fn height_of(passages: &[Passage], room: f64) -> f64 {
    let lines: usize = passages.iter().map(|p| 1 + lines(p, room).len()).sum();
    height_px(lines, SMALL_PX) + passages.len().saturating_sub(1) as f64 * GAP_PX
}

/// Draws them.
pub(super) fn draw(frame: &Frame<'_, '_>, passages: &[Passage]) {
    let (left, width, pitch) = (frame.cell.left, frame.cell.width, height_px(1, SMALL_PX));
    let mut at = frame.cell.top + pitch / 2.0;
    for passage in passages {
        frame.page.group(&Group::class("passage").titled(&passage.title), || {
            let title = fitted(&passage.title, width, SMALL_PX);
            frame.page.text(&title, px(left, at), &bold(words(SMALL_PX, MUTED, HPos::Left)));
            for line in lines(passage, width) {
                at += pitch;
                frame.page.text(&line, px(left + INDENT_PX, at), &words(SMALL_PX, INK, HPos::Left));
            }
        });
        at += pitch + GAP_PX;
    }
}

/// The passage's own lines, each on as many as it takes.
fn lines(passage: &Passage, room: f64) -> Vec<String> {
    passage.text.lines().flat_map(|line| wrapped(line, room - INDENT_PX, SMALL_PX, MOST)).collect()
}

#[cfg(test)]
mod tests {
    use crate::figure::{Chart, Marks, Passage, draw};

    #[test]
    fn a_passage_keeps_its_lines_and_breaks_the_long_ones() {
        let long = "To be, or not to be, that is the question: whether 'tis nobler in the mind to suffer ".repeat(3);
        let passages = [("After epoch 1", format!("ROMEO:\n{long}")), ("After epoch 2", "a < b".to_owned())];
        let passages = passages.map(|(title, text)| Passage { title: title.into(), text }).to_vec();
        let svg = draw(&Chart { panels: vec![Marks::Passages(passages).into()], ..Chart::default() });
        for words in ["After epoch 1", "ROMEO:", "After epoch 2", "a &lt; b"] {
            assert!(svg.contains(words), "{words}");
        }
        let lines = svg.matches("<text").count();
        assert!(lines > 6, "two titles, two short lines and the parts of a long one: {lines}");
        assert!(
            draw(&Chart { panels: vec![Marks::Passages(vec![]).into()], ..Chart::default() }).contains("no finite")
        );
    }
}
