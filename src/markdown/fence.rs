//! Fenced blocks: which are directives, and what stands between their fences.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Span, Spanned, nearest};

use super::{Body, DIRECTIVES, Segment};

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
    /// The opening line as a directive's; `None` where it is an ordinary block of code, or a wrong one and reported.
    pub(super) fn opening(&self, diagnostics: &mut Diagnostics) -> Option<Opening> {
        let (first, words) = self.first_line();
        if let Some(inner) = words.strip_prefix('{') {
            return self.braced(inner, first + words.len(), diagnostics);
        }
        let (kind, rest) = cut(words.strip_prefix("toml")?.strip_prefix([' ', '\t'])?);
        let end = first + words.len();
        if DIRECTIVES.contains(&kind) {
            return Some(self.opening_of(kind, rest, end));
        }
        if let Some(name) = nearest(kind, DIRECTIVES)
            && !kind.is_empty()
        {
            let start = end - (kind.len() + rest.len() + gap(words, kind, rest));
            let span = Span::new(self.file, start..start + kind.len());
            let message = format!("this block is shown as code: there is no directive `{kind}`");
            diagnostics.push(Diagnostic::warning(span, message).hint(format!("did you mean `toml {name}`?")));
        }
        None
    }

    fn braced(&self, inner: &str, end: usize, diagnostics: &mut Diagnostics) -> Option<Opening> {
        let start = end - inner.len();
        let whole = Span::new(self.file, start - 1..end);
        let Some((name, rest)) = inner.split_once('}') else {
            diagnostics.push(
                Diagnostic::error(whole, "the brace is not closed").hint(format!("write ```{{{}}}", cut(inner).0)),
            );
            return None;
        };
        let kind = name.trim();
        if DIRECTIVES.contains(&kind) {
            return Some(self.opening_of(kind, rest.trim(), end));
        }
        let span = Span { end: start + name.len() + 1, ..whole };
        let message = format!("there is no directive `{{{kind}}}`");
        let hint = match (nearest(kind, DIRECTIVES), kind.strip_prefix('.')) {
            (Some(name), _) => format!("did you mean `{{{name}}}`?"),
            (None, Some(language)) => format!("to show code, write ```{language}"),
            (None, None) => format!(
                "directives are {}; to show code, write ```{kind}",
                DIRECTIVES.map(|d| format!("`{d}`")).join(", ")
            ),
        };
        diagnostics.push(Diagnostic::error(span, message).hint(hint));
        None
    }

    /// `rest` ends at `end`, `kind` stands somewhere before it on the same line.
    fn opening_of(&self, kind: &str, rest: &str, end: usize) -> Opening {
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

    /// Whether a closing fence ends the block.
    pub(super) fn is_closed(&self) -> bool {
        let block = self.source[self.range.clone()].trim_end();
        let block_start = block.trim_start();
        let Some(mark) = block_start.chars().next() else { return false };
        let length = block_start.chars().take_while(|c| *c == mark).count();
        let Some((_, last)) = block.rsplit_once('\n') else { return false };
        // What stands before a closing fence is the indentation and the marks of the quotes around it.
        let last = last.trim_start_matches([' ', '\t', '>']);
        last.len() >= length && last.chars().all(|c| c == mark)
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

/// How many blanks stand between `kind` and `rest` at the end of `words`.
fn gap(words: &str, kind: &str, rest: &str) -> usize {
    let before = &words[..words.len() - rest.len()];
    debug_assert!(before.trim_end().ends_with(kind));
    before.len() - before.trim_end().len()
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
