//! mdBook's `{{#include …}}` and its kin: text of other files in a chapter, as existing books write it.
//!
//! mdBook replaces them before it parses. Here they are found where they stand, so that places stay right: on lines of
//! their own between blocks, where what they name becomes part of the chapter, and within code. Only books with a
//! `SUMMARY.md` are read this way; labbook's own form is `{include}`.

use std::ops::Range;

/// One `{{#name argument}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Splice<'t> {
    pub(super) name: &'t str,
    pub(super) argument: &'t str,
    /// Where it stands in the text, braces included.
    pub(super) range: Range<usize>,
    /// A backslash stands before it: it is to be printed as it is.
    pub(super) escaped: bool,
}

/// The names whose argument is a file to put in.
pub(super) const FILES: [&str; 4] = ["include", "rustdoc_include", "playground", "playpen"];

/// All splices of a text.
pub(super) fn find(text: &str) -> Vec<Splice<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("{{#").map(|at| from + at) {
        let Some(length) = text[start..].find("}}") else { break };
        let range = start..start + length + 2;
        let inner = text[start + 3..start + length].trim();
        let (name, argument) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        if !inner.contains('\n') && !name.is_empty() {
            let escaped = text[..start].ends_with('\\');
            found.push(Splice { name, argument: argument.trim(), range: range.clone(), escaped });
        }
        from = range.end;
    }
    found
}

/// The splices of a block that holds nothing else.
pub(super) fn alone(block: &str) -> Option<Vec<Splice<'_>>> {
    let found = find(block);
    let mut at = 0;
    for splice in &found {
        if splice.escaped || !block[at..splice.range.start].trim().is_empty() {
            return None;
        }
        at = splice.range.end;
    }
    (!found.is_empty() && block[at..].trim().is_empty()).then_some(found)
}

/// Which part of a file is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part<'t> {
    /// These lines, counted from 1; the last one included.
    Lines(usize, Option<usize>),
    /// What stands between `ANCHOR: name` and `ANCHOR_END: name`.
    Anchor(&'t str),
}

/// The file of an argument, and where the part that is meant stands in its `text`; what follows a blank (`editable`) is
/// for mdBook's scripts.
pub(super) fn path(argument: &str) -> &str {
    let file = argument.split_whitespace().next().unwrap_or_default();
    file.split_once(':').map_or(file, |(path, _)| path)
}

/// The bytes of `text` that an argument means; `None` where the file has no such anchor.
pub(super) fn range(argument: &str, text: &str) -> Option<Range<usize>> {
    match part(argument) {
        Part::Lines(first, last) => {
            let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
            let start = starts.get(first.saturating_sub(1)).copied().unwrap_or(text.len());
            let end = last.and_then(|last| starts.get(last).copied()).unwrap_or(text.len());
            Some(start..end.max(start))
        }
        Part::Anchor(name) => anchored(name, text),
    }
}

fn part(argument: &str) -> Part<'_> {
    let file = argument.split_whitespace().next().unwrap_or_default();
    let Some((_, part)) = file.split_once(':') else { return Part::Lines(1, None) };
    let (first, last) = part.split_once(':').map_or((part, None), |(first, last)| (first, Some(last)));
    match (first.parse().ok(), last) {
        (Some(line), None) => Part::Lines(line, Some(line)),
        (Some(first), Some(last)) => Part::Lines(first, last.parse().ok()),
        (None, Some(last)) if first.is_empty() => Part::Lines(1, last.parse().ok()),
        _ if first.is_empty() => Part::Lines(1, None),
        _ => Part::Anchor(first),
    }
}

fn anchored(name: &str, text: &str) -> Option<Range<usize>> {
    let mut start = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        match start {
            None if mark(line) == Some(("ANCHOR:", name)) => start = Some(at + line.len()),
            Some(start) if mark(line) == Some(("ANCHOR_END:", name)) => return Some(start..at),
            _ => {}
        }
        at += line.len();
    }
    start.map(|start| start..text.len())
}

/// What a line marks, and by which name.
fn mark(line: &str) -> Option<(&'static str, &str)> {
    let marks = ["ANCHOR_END:", "ANCHOR:"].into_iter();
    marks.filter_map(|mark| Some((mark, line.split_once(mark)?.1.split_whitespace().next()?))).next()
}

/// The part of a file as code: lines that only mark are left out, and the last line's end.
pub(super) fn code(text: &str, range: Range<usize>) -> String {
    let whole = range == (0..text.len());
    let lines = text[range].lines().filter(|line| whole || mark(line).is_none());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_splices_alone_is_known() {
        let check = |block, expected: Option<&[(&str, &str)]>| {
            let found = alone(block);
            let found: Option<Vec<_>> = found.map(|found| found.iter().map(|s| (s.name, s.argument)).collect());
            assert_eq!(found.as_deref(), expected, "{block}");
        };
        check("{{#include a.md}}\n", Some(&[("include", "a.md")]));
        check("{{#include a.md:1:2}}\n  {{#title My book}}", Some(&[("include", "a.md:1:2"), ("title", "My book")]));
        check("see {{#include a.md}}", None);
        check("{{#include a.md}}.", None);
        check("\\{{#include a.md}}", None);
        check("{{#include a.md", None);
        check("{{include}}", None);
    }

    #[test]
    fn a_part_of_a_file_is_named_by_lines_or_an_anchor() {
        let text = "one\n// ANCHOR: a\ntwo\n// ANCHOR: b\nthree\n// ANCHOR_END: b\nfour\n// ANCHOR_END: a\nfive\n";
        let check = |argument, expected: Option<&str>| {
            assert_eq!(range(argument, text).map(|range| code(text, range)).as_deref(), expected, "{argument}");
        };
        check("f.rs:1", Some("one"));
        check("f.rs:9", Some("five"));
        check("f.rs:9:", Some("five"));
        check("f.rs::1", Some("one"));
        check("f.rs:3:5", Some("two\nthree"));
        check("f.rs:99", Some(""));
        check("f.rs:7:3", Some(""));
        check("f.rs:b", Some("three"));
        check("f.rs:a editable", Some("two\nthree\nfour"));
        check("f.rs:c", None);
        check("f.rs", Some(text.trim_end()));
        assert_eq!(path("f.rs:a editable"), "f.rs");
    }
}
