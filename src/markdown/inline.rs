//! What labbook adds to a line of prose: `{val}`, `@fig-…` and labels of equations.
//!
//! All of it is looked for in stretches of text that stand in the file as they are, so that offsets are places. What
//! Markdown rewrites (typographic quotes, entities, escapes) ends a stretch: an escaped `\@fig-a` or `\{val}` is text.

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Span, Spanned, nearest};

use super::walk::options;
use super::{Cite, Node, Ref, Val, cite};

/// How `{val}` is written, for hints.
const VAL_FORM: &str = "write {val}`scale[model=svm].test_accuracy`, the expression in backticks right after the brace";

/// What may be referred to from prose.
const PREFIXES: [&str; 5] = ["fig-", "tbl-", "sec-", "eq-", "claim-"];

/// A stretch of text.
pub(super) struct Stretch<'a> {
    /// The whole file.
    pub(super) source: &'a str,
    pub(super) file: FileId,
    pub(super) range: Range<usize>,
    /// Within a link or an image: a reference there would be a link in a link.
    pub(super) linked: bool,
}

impl Stretch<'_> {
    /// Turns the stretch into nodes; a `{val}` in it lacks its expression and is reported.
    pub(super) fn emit(&self, nodes: &mut Vec<Node>, diagnostics: &mut Diagnostics) {
        let mut at = self.range.start;
        if let Some(label) = self.equation_label(nodes, diagnostics) {
            at = label.span.end;
            nodes.push(Node::Label(label));
        }
        self.report_stray_val(diagnostics);
        self.report_stray_math(diagnostics);
        while let Some((node, span)) = self.next_mark(at) {
            self.text(at..span.start, nodes);
            at = span.end;
            nodes.push(node);
        }
        self.text(at..self.range.end, nodes);
    }

    /// Where the `{name}` at the end of the stretch begins, if there is one: a code span follows.
    pub(super) fn trailing_name(&self) -> Option<(Range<usize>, &str)> {
        let text = &self.source[self.range.clone()];
        let open = text.strip_suffix('}')?.rfind('{')?;
        let name = &text[open + 1..text.len() - 1];
        let start = self.range.start + open;
        let word = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
        (word && !self.escaped(start)).then_some((start..self.range.end, name))
    }

    fn text(&self, range: Range<usize>, nodes: &mut Vec<Node>) {
        if !range.is_empty() {
            let text = Event::Text(self.source[range.clone()].into()).into_static();
            nodes.push(Node::Event(text, Span::new(self.file, range)));
        }
    }

    /// An escaped character begins a stretch: Markdown drops the backslash before it.
    fn escaped(&self, at: usize) -> bool {
        at == self.range.start && self.source[..at].ends_with('\\')
    }

    /// `{#eq-loss}` right after a displayed equation.
    fn equation_label(&self, nodes: &[Node], diagnostics: &mut Diagnostics) -> Option<Spanned<String>> {
        let Some(Node::Event(Event::DisplayMath(_), math)) = nodes.last() else { return None };
        let text = &self.source[self.range.clone()];
        let inner = text.trim_start_matches(' ').strip_prefix("{#")?;
        let (id, rest) = inner.split_once('}')?;
        if math.end != self.range.start {
            return None;
        }
        let end = self.range.end - rest.len();
        let is_word = id.len() > 3 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if id.starts_with("eq-") && is_word {
            return Some(Spanned { value: id.to_owned(), span: Span::new(self.file, math.end..end) });
        }
        let span = Span::new(self.file, end - 1 - id.len()..end - 1);
        let hint = "it begins with `eq-` and goes on with letters, digits, `-` and `_`, such as `{#eq-loss}`";
        diagnostics.push(Diagnostic::error(span, format!("`{id}` is no label of an equation")).hint(hint));
        None
    }

    fn report_stray_val(&self, diagnostics: &mut Diagnostics) {
        let text = &self.source[self.range.clone()];
        for (offset, name) in text.match_indices("{val}") {
            let at = self.range.start + offset;
            if !self.escaped(at) {
                let span = Span::new(self.file, at..at + name.len());
                diagnostics.push(Diagnostic::error(span, "`{val}` has no expression").hint(VAL_FORM));
            }
        }
    }

    /// What begins like a formula and was not taken as one would stand on the page as it was written.
    fn report_stray_math(&self, diagnostics: &mut Diagnostics) {
        let text = &self.source[self.range.clone()];
        if let Some(offset) = text.find("$$") {
            let at = self.range.start + offset;
            let hint = "a formula has balanced braces and ends by `$$`; for the signs themselves write `\\$\\$`";
            let span = Span::new(self.file, at..at + 2);
            diagnostics.push(Diagnostic::warning(span, "this `$$` opens no formula").hint(hint));
        }
    }

    /// The first reference or citation at or after `from`.
    fn next_mark(&self, from: usize) -> Option<(Node, Span)> {
        if self.linked {
            return None;
        }
        let text = &self.source[from..self.range.end];
        text.match_indices('@').find_map(|(offset, _)| {
            let at = from + offset;
            // The local part of an e-mail address stands before its `@`.
            let glued = self.source[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || "._%+-@".contains(c));
            if glued || self.escaped(at) {
                return None;
            }
            let Some(target) = target(&self.source[at + 1..self.range.end]) else {
                let cite = cite::at(self.source, self.file, at, from, self.range.end)?;
                let span = cite.span;
                return Some((Node::Cite(cite), span));
            };
            let span = Span::new(self.file, at..at + 1 + target.len());
            let target = Spanned { value: target.to_owned(), span: Span { start: at + 1, ..span } };
            Some((Node::Ref(Ref { target, span }), span))
        })
    }
}

/// The citations of a caption: where in it each stands, and what it says. The caption stands at `place` in the book, where
/// its text begins, if it is there as it is.
pub fn caption_cites(caption: &str, place: Span) -> Vec<(Range<usize>, Cite)> {
    // Hardly any caption cites.
    if !caption.contains('@') {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (range, linked) in plain(caption) {
        let stretch = Stretch { source: caption, file: place.file, range, linked };
        let mut at = stretch.range.start;
        while let Some((node, span)) = stretch.next_mark(at) {
            at = span.end;
            if let Node::Cite(cite) = node {
                found.push((span.start..span.end, cite.moved(place)));
            }
        }
    }
    found
}

/// The stretches of a sentence that stand in it as they are, and whether each is within a link.
fn plain(sentence: &str) -> Vec<(Range<usize>, bool)> {
    let mut stretches: Vec<(Range<usize>, bool)> = Vec::new();
    let mut links = 0;
    for (event, range) in Parser::new_ext(sentence, options()).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => links += 1,
            Event::End(TagEnd::Link | TagEnd::Image) => links -= 1,
            Event::Text(text) if *text == sentence[range.clone()] => match stretches.last_mut() {
                Some((last, _)) if last.end == range.start => last.end = range.end,
                _ => stretches.push((range, links > 0)),
            },
            _ => {}
        }
    }
    stretches
}

/// The reference that a link without words is: `[](#fig-scale)`, which ends at `span`.
pub(super) fn bare_link(nodes: &[Node], span: Span) -> Option<Ref> {
    let Some(Node::Event(Event::Start(Tag::Link { dest_url, .. }), _)) = nodes.last() else { return None };
    let id = dest_url.strip_prefix('#')?;
    (target(id) == Some(id)).then(|| Ref { target: Spanned { value: id.to_owned(), span }, span })
}

/// Reports labels that two equations of a chapter have.
pub(super) fn report_twin_labels(nodes: &[Node], diagnostics: &mut Diagnostics) {
    let mut seen = BTreeSet::new();
    for node in nodes {
        if let Node::Label(label) = node
            && !seen.insert(&label.value)
        {
            let message = format!("the label `{}` is used twice in this chapter", label.value);
            diagnostics.push(Diagnostic::error(label.span, message).hint("give this equation another one"));
        }
    }
}

/// The id that `text` begins with; punctuation of the sentence does not belong to it.
fn target(text: &str) -> Option<&str> {
    let prefix = PREFIXES.into_iter().find(|p| text.starts_with(p))?;
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let end = text.find(|c| !inside(c)).unwrap_or(text.len());
    let id = text[..end].trim_end_matches(['-', '_']);
    (id.len() > prefix.len()).then_some(id)
}

/// The node for `{name}` and the code span right after it; `None`, and reported, if no such thing exists.
pub(super) fn inline_directive(
    name: &str,
    expression: &str,
    code: Range<usize>,
    span: Span,
    source: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Node> {
    if name != "val" {
        let hint = match nearest(name, ["val"]) {
            Some(_) => "did you mean `{val}`?".to_owned(),
            None => format!("`{{val}}` is the only one; for the braces themselves write `\\{{{name}}}`"),
        };
        diagnostics.push(Diagnostic::error(span, format!("there is no inline directive `{{{name}}}`")).hint(hint));
        return None;
    }
    if expression.trim().is_empty() {
        diagnostics.push(Diagnostic::error(span, "`{val}` has no expression").hint(VAL_FORM));
        return None;
    }
    // Within the backticks, and within the spaces that may stand beside them.
    let written = &source[code.clone()];
    let inner = written.trim_matches('`').trim();
    let start = code.start + (written.len() - written.trim_start_matches('`').trim_start().len());
    let place = Span { start, end: start + inner.len(), ..span };
    Some(Node::Val(Val { expression: Spanned { value: expression.trim().to_owned(), span: place }, span }))
}
