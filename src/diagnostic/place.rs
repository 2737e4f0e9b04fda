//! From bytes to lines and columns.

use super::{Sources, Span};

/// The byte order mark some editors put before a text; it belongs to no column.
const BOM: char = '\u{feff}';

/// A place as people count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The line and column of the first byte of `span`.
///
/// Lines end at `\n`. A span beyond the text is taken to stand at its end, one within a character at its beginning.
pub fn line_column(sources: &Sources, span: Span) -> Position {
    let source = sources.get(span.file);
    let start = floor(&source.text, span.start);
    let line_start = line_start(&source.text, start);
    let line = 1 + source.newlines.partition_point(|newline| *newline < start);
    Position { line, column: 1 + source.text[line_start..start].chars().count() }
}

/// The greatest character boundary that is not beyond `offset`.
pub(super) fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Where the line of a character boundary begins, after a byte order mark.
pub(super) fn line_start(text: &str, offset: usize) -> usize {
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    if start == 0 && text.starts_with(BOM) { BOM.len_utf8().min(offset) } else { start }
}
