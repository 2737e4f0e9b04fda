//! Formulas of a chapter: what is wrong with them, at its place, and dollars that are none.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser};

use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Span};
use crate::formula::{self, Display, Fault};

/// Whether `$…$` at `range` are two amounts of money, as in `$5/$6`: no formula ends before a digit.
pub(super) fn is_money(text: &str, range: &Range<usize>) -> bool {
    text[range.end..].starts_with(|c: char| c.is_ascii_digit())
}

/// Reports what is wrong with a formula that stands, dollars included, at `range` of `text`.
pub(super) fn check(event: &Event, text: &str, file: FileId, range: &Range<usize>, diagnostics: &mut Diagnostics) {
    let Some((source, display)) = formula_of(event) else { return };
    let Err(Fault { range: at, message, hint }) = formula::to_mathml(source, display) else { return };
    let dollars = if display == Display::Block { 2 } else { 1 };
    let inner = range.start + dollars..range.end - dollars;
    let place = |offset: usize| inner.start + place(source, &text[inner.clone()], offset);
    // A fault at the end of the formula points at what should not have ended it.
    let start = place(at.start);
    let end = if at.is_empty() { start + usize::from(start < range.end) } else { place(at.end).max(start) };
    let diagnostic = Diagnostic::error(Span::new(file, start..end), message);
    diagnostics.push(Diagnostic { hint, ..diagnostic });
}

/// What is wrong with the formulas of a caption or another sentence of Markdown.
pub fn formula_faults(markdown: &str) -> Vec<Fault> {
    let faults = Parser::new_ext(markdown, Options::ENABLE_MATH).filter_map(|event| {
        let (source, display) = formula_of(&event)?;
        formula::to_mathml(source, display).err()
    });
    faults.collect()
}

fn formula_of<'e>(event: &'e Event) -> Option<(&'e str, Display)> {
    match event {
        Event::InlineMath(source) => Some((source, Display::Inline)),
        Event::DisplayMath(source) => Some((source, Display::Block)),
        _ => None,
    }
}

/// Where the byte at `offset` of a formula stands in what was written: the marks of the quote or the list around it are not
/// part of the formula, and a line may end as a space.
fn place(formula: &str, written: &str, offset: usize) -> usize {
    let mut rest = written.char_indices();
    for (at, c) in formula.char_indices() {
        let found = rest.find(|(_, w)| *w == c || (c.is_whitespace() && *w == '\n'));
        match found {
            Some((place, _)) if at == offset => return place,
            Some(_) => {}
            None => break,
        }
    }
    written.len()
}
