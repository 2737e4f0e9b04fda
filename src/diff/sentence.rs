//! The sentences of a chapter that print numbers.

use pulldown_cmark::{Event, TagEnd};

use crate::analysis::estimate_of;
use crate::experiment::expression;
use crate::markdown::{Chapter, Node, Val};
use crate::run::Results;

/// Printed where a number has no result.
pub(super) const NOTHING: &str = "—";

/// A sentence as printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sentence {
    /// The chapter's file.
    pub chapter: String,
    /// Its words and numbers in order, without markup.
    pub parts: Vec<Part>,
}

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Words(String),
    /// A number in the prose.
    Number {
        /// The expression it prints.
        expression: String,
        /// As printed.
        text: String,
    },
}

impl Part {
    /// As printed.
    pub fn text(&self) -> &str {
        match self {
            Self::Words(text) | Self::Number { text, .. } => text,
        }
    }
}

impl Sentence {
    /// As printed.
    pub fn text(&self) -> String {
        self.parts.iter().map(Part::text).collect::<String>().trim().to_owned()
    }

    /// Expression and text of each number.
    pub fn numbers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Number { expression, text } => Some((expression.as_str(), text.as_str())),
            Part::Words(_) => None,
        })
    }
}

/// The sentences of a chapter with at least one number, in their order.
pub fn of_chapter(chapter: &Chapter, results: &Results) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    for node in &chapter.nodes {
        match node {
            Node::Event(Event::Text(text) | Event::Code(text) | Event::InlineMath(text), _) => words(&mut parts, text),
            Node::Event(Event::SoftBreak | Event::HardBreak, _) => words(&mut parts, " "),
            Node::Event(Event::Start(tag), _) if is_inline(&tag.to_end()) => {}
            Node::Event(Event::End(tag), _) if is_inline(tag) => {}
            Node::Ref(reference) => words(&mut parts, &format!("@{}", reference.target.value)),
            Node::Cite(cite) => cite.works.iter().for_each(|work| words(&mut parts, &format!("@{} ", work.key.value))),
            Node::Val(val) => parts.push(number(val, results)),
            // The end of a paragraph, an item, a cell, …: no sentence goes on beyond it.
            Node::Event(..) | Node::Directive(_) | Node::Label(_) | Node::Container(..) => {
                sentences.extend(split(std::mem::take(&mut parts)).map(|parts| (chapter, parts)));
            }
        }
    }
    sentences.extend(split(parts).map(|parts| (chapter, parts)));
    let sentence = |(chapter, parts): (&Chapter, Vec<Part>)| Sentence { chapter: chapter.path.clone(), parts };
    sentences.into_iter().map(sentence).collect()
}

fn is_inline(tag: &TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Link
            | TagEnd::Image
            | TagEnd::Superscript
            | TagEnd::Subscript
    )
}

fn words(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Words(before)) => before.push_str(text),
        _ => parts.push(Part::Words(text.to_owned())),
    }
}

fn number(val: &Val, results: &Results) -> Part {
    let expression = val.expression.value.trim().to_owned();
    let parsed = expression::parse(&expression).ok();
    let printed = |expr: &expression::Expr| {
        let estimate = estimate_of(expr, results);
        (estimate.n() > 0).then(|| estimate.print(expr.unit()))
    };
    let text = parsed.as_ref().and_then(printed).unwrap_or_else(|| NOTHING.to_owned());
    Part::Number { expression, text }
}

/// A block's sentences, those with a number.
fn split(parts: Vec<Part>) -> impl Iterator<Item = Vec<Part>> {
    let mut sentences = vec![Vec::new()];
    for part in parts {
        let Part::Words(text) = part else {
            sentences.last_mut().expect("there is always one").push(part);
            continue;
        };
        let mut rest = text.as_str();
        while let Some(end) = end_of_sentence(rest) {
            let (before, after) = rest.split_at(end);
            sentences.last_mut().expect("there is always one").push(Part::Words(before.to_owned()));
            sentences.push(Vec::new());
            rest = after.trim_start();
        }
        if !rest.is_empty() {
            sentences.last_mut().expect("there is always one").push(Part::Words(rest.to_owned()));
        }
    }
    sentences.into_iter().filter(|parts| parts.iter().any(|part| matches!(part, Part::Number { .. })))
}

/// The byte behind the first sentence's end: a full stop before a blank and anything but a small letter, or a Chinese one.
fn end_of_sentence(text: &str) -> Option<usize> {
    let mut ends = text.char_indices().filter(|(_, c)| matches!(c, '.' | '!' | '?' | '。' | '！' | '？'));
    let end = ends.find(|&(at, c)| {
        let after = &text[at + c.len_utf8()..];
        let goes_on = after.trim_start().starts_with(|next: char| next.is_lowercase());
        !c.is_ascii() || (after.starts_with(char::is_whitespace) && !goes_on)
    });
    end.map(|(at, c)| at + c.len_utf8())
}
