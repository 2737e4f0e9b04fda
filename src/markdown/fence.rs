//! Fenced blocks: which are directives, and what stands between their fences.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Span, Spanned, nearest};

use super::{Body, DIRECTIVES, Segment};

/// What the opening line of a fenced block says.
pub(super) enum Info {
    /// An ordinary block of code.
    Code,
    /// A directive.
    Directive(Opening),
    /// A directive that does not exist; it has been reported.
    Wrong,
}

/// The opening line of a directive.
pub(super) struct Opening {
    /// The name, one of [`DIRECTIVES`].
    pub(super) kind: Spanned<String>,
    /// What follows it on the line: an id, or the path of an include; empty where there is nothing.
    pub(super) rest: Spanned<String>,
}

/// A fenced block, of which `range` is the whole.
pub(super) struct Fence<'a> {
    pub(super) source: &'a str,
    pub(super) file: FileId,
    pub(super) range: Range<usize>,
}

impl Fence<'_> {
    /// Reads the opening line.
    pub(super) fn info(&self, diagnostics: &mut Diagnostics) -> Info {
        let (first, words) = self.first_line();
        let end = first + words.len();
        if let Some(inner) = words.strip_prefix('{') {
            return self.braced(inner, end, diagnostics);
        }
        let Some(words) = words.strip_prefix("toml").filter(|rest| rest.starts_with([' ', '\t'])) else {
            return Info::Code;
        };
        let (kind, rest) = cut(words);
        if DIRECTIVES.contains(&kind) {
            return Info::Directive(self.opening(kind, rest, end));
        }
        if let Some(name) = nearest(kind, DIRECTIVES) {
            let span = self.opening(kind, rest, end).kind.span;
            let message = format!("this block is shown as code: there is no directive `{kind}`");
            diagnostics.push(Diagnostic::warning(span, message).hint(format!("did you mean `toml {name}`?")));
        }
        Info::Code
    }

    /// `inner` is what follows the opening brace, up to `end`.
    fn braced(&self, inner: &str, end: usize, diagnostics: &mut Diagnostics) -> Info {
        let start = end - inner.len();
        let whole = Span::new(self.file, start - 1..end);
        let Some((name, rest)) = inner.split_once('}') else {
            let hint = format!("write ```{{{}}}", cut(inner).0);
            diagnostics.push(Diagnostic::error(whole, "the brace is not closed").hint(hint));
            return Info::Wrong;
        };
        let kind = name.trim();
        if DIRECTIVES.contains(&kind) {
            return Info::Directive(self.opening(kind, rest.trim(), end));
        }
        let span = Span { end: start + name.len() + 1, ..whole };
        let message = format!("there is no directive `{{{kind}}}`");
        diagnostics.push(Diagnostic::error(span, message).hint(unknown_hint(kind)));
        Info::Wrong
    }

    /// `rest` ends at `end`, `kind` stands somewhere before it on the same line.
    fn opening(&self, kind: &str, rest: &str, end: usize) -> Opening {
        let rest_start = end - rest.len();
        let line = &self.source[self.range.start..rest_start];
        let start = self.range.start + line.rfind(kind).expect("the kind stands on this line");
        let kind = Spanned { value: kind.to_owned(), span: Span::new(self.file, start..start + kind.len()) };
        Opening { kind, rest: Spanned { value: rest.to_owned(), span: Span::new(self.file, rest_start..end) } }
    }

    /// Where the words after the fence begin, and the words.
    fn first_line(&self) -> (usize, &str) {
        let line = self.source[self.range.clone()].lines().next().unwrap_or_default();
        let words = line.trim_start().trim_start_matches(['`', '~']).trim_start();
        (self.range.start + line.len() - words.len(), words.trim_end())
    }

    /// The opening line.
    pub(super) fn opening_span(&self) -> Span {
        let (start, words) = self.first_line();
        Span::new(self.file, self.range.start..start + words.len())
    }

    /// The marks that open the block, such as ```` ``` ````.
    pub(super) fn mark(&self) -> &str {
        let block = self.source[self.range.clone()].trim_start();
        let first = block.chars().next().unwrap_or('`');
        &block[..block.len() - block.trim_start_matches(first).len()]
    }

    /// Whether a closing fence ends the block.
    pub(super) fn is_closed(&self) -> bool {
        let Some((_, last)) = self.source[self.range.clone()].trim_end().rsplit_once('\n') else { return false };
        let mark = self.mark();
        // What stands before a closing fence is the indentation and the marks of the quotes around it.
        let last = last.trim_start_matches([' ', '\t', '>']);
        last.len() >= mark.len() && last.starts_with(mark) && last.trim_start_matches(&mark[..1]).is_empty()
    }

    /// An empty body to be filled.
    pub(super) fn body(&self) -> Body {
        Body { text: String::new(), file: self.file, start: self.opening_span().end, segments: Vec::new() }
    }
}

/// The first word and what follows it.
fn cut(words: &str) -> (&str, &str) {
    let words = words.trim();
    words.split_once([' ', '\t']).map_or((words, ""), |(first, rest)| (first, rest.trim()))
}

/// What somebody who wrote `{kind}` may have meant.
fn unknown_hint(kind: &str) -> String {
    match (nearest(kind, DIRECTIVES), kind.strip_prefix('.')) {
        (Some(name), _) => format!("did you mean `{{{name}}}`?"),
        (None, Some(language)) => format!("to show code, write ```{language}"),
        (None, None) => {
            let names = DIRECTIVES.map(|d| format!("`{d}`")).join(", ");
            format!("directives are {names}; to show code, write ```{kind}")
        }
    }
}

impl Body {
    /// Adds a piece of the body that stands at `range` in the file.
    pub(super) fn push(&mut self, text: &str, range: Range<usize>) {
        let length = text.len().min(range.len());
        match self.segments.last_mut() {
            Some(s) if s.body + s.length == self.text.len() && s.file + s.length == range.start => s.length += length,
            _ => self.segments.push(Segment { body: self.text.len(), file: range.start, length }),
        }
        self.text.push_str(text);
    }
}

/// Checks the id of a directive: one word of ASCII letters, digits, `-` and `_` that begins with a letter.
pub(super) fn check_id(rest: Spanned<String>, diagnostics: &mut Diagnostics) -> Option<Spanned<String>> {
    let id = &rest.value;
    if id.is_empty() {
        return None;
    }
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if id.starts_with(|c: char| c.is_ascii_alphabetic()) && id.chars().all(inside) {
        return Some(rest);
    }
    let hint = if id.contains(char::is_whitespace) {
        "the line holds the id alone; all else stands in the body, as `key = value`"
    } else {
        "an id begins with a letter and goes on with letters, digits, `-` and `_`, such as `fig-scale`"
    };
    diagnostics.push(Diagnostic::error(rest.span, format!("`{id}` is not an id")).hint(hint));
    None
}
