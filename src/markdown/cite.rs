//! Citations: `[@key, p. 3; @other]`, and `@key` in running text.

use crate::diagnostic::{FileId, Span, Spanned};

/// Works that the text refers to, as they were written.
#[derive(Debug, Clone)]
pub struct Cite {
    /// In the order written; at least one.
    pub works: Vec<CitedWork>,
    /// How they are to be named.
    pub form: CiteForm,
    /// From the bracket or the `@` to the end.
    pub span: Span,
}

/// One work of a citation.
#[derive(Debug, Clone)]
pub struct CitedWork {
    /// Its key in the bibliography.
    pub key: Spanned<String>,
    /// The place in it: `p. 3`.
    pub locator: Option<String>,
}

/// How a citation reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CiteForm {
    /// `[@key]`: beside the sentence.
    Bracketed,
    /// `@key`: part of the sentence, its author as subject.
    Prose,
}

impl Cite {
    /// The same, found in a text that stands at `place`.
    pub(super) fn moved(mut self, place: Span) -> Self {
        let moved = |span: Span| {
            let offset = |at: usize| (place.start + at).min(place.end.max(place.start));
            Span::new(place.file, offset(span.start)..offset(span.end))
        };
        self.span = moved(self.span);
        self.works.iter_mut().for_each(|work| work.key.span = moved(work.key.span));
        self
    }
}

/// The citation whose first `@` stands at `at`; it begins no earlier than `from` and ends no later than `end`.
pub(super) fn at(source: &str, file: FileId, at: usize, from: usize, end: usize) -> Option<Cite> {
    let key = key(&source[at + 1..end])?;
    if source[from..at].ends_with('[')
        && let Some(cite) = bracketed(source, file, at - 1, end)
    {
        return Some(cite);
    }
    let span = Span::new(file, at..at + 1 + key.len());
    let key = Spanned { value: key.to_owned(), span: Span { start: at + 1, ..span } };
    Some(Cite { works: vec![CitedWork { key, locator: None }], form: CiteForm::Prose, span })
}

/// The citation whose bracket opens at `open`; `None` where anything else stands in the brackets.
fn bracketed(source: &str, file: FileId, open: usize, end: usize) -> Option<Cite> {
    let inner = open + 1..open + 1 + source[open + 1..end].find(']')?;
    let mut works = Vec::new();
    let mut next = inner.start;
    for item in source[inner.clone()].split(';') {
        let start = next + item.len() - item.trim_start().len() + 1;
        next += item.len() + 1;
        let written = item.trim_start().strip_prefix('@')?;
        let key = key(written)?;
        let rest = written[key.len()..].trim();
        let locator = if rest.is_empty() { None } else { Some(rest.strip_prefix(',')?.trim().to_owned()) };
        let span = Span::new(file, start..start + key.len());
        works.push(CitedWork { key: Spanned { value: key.to_owned(), span }, locator });
    }
    Some(Cite { works, form: CiteForm::Bracketed, span: Span::new(file, open..inner.end + 1) })
}

/// The key that `text` begins with: letters and digits of ASCII, within it also `_-:./+`; punctuation of the sentence does not
/// belong to it.
fn key(text: &str) -> Option<&str> {
    let inside = |c: char| c.is_ascii_alphanumeric() || "_-:./+".contains(c);
    let key = text[..text.find(|c| !inside(c)).unwrap_or(text.len())].trim_end_matches(['-', ':', '.', '/', '+', '_']);
    key.starts_with(|c: char| c.is_ascii_alphanumeric()).then_some(key)
}
