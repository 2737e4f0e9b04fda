//! Stable ids for headings.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

use crate::diagnostic::{Diagnostic, Diagnostics, Span};

use super::{Directive, Heading, Node};

/// Gives every heading of the stream an id and lists them.
///
/// An id written by the author (`{#sec-data}`) is kept. The others are made from the heading's words as GitHub does, so
/// that links made there work here; where an id is taken, by a directive too, a number follows.
pub(super) fn name(nodes: &mut [Node], directives: &[Directive], diagnostics: &mut Diagnostics) -> Vec<Heading> {
    let mut headings = find(nodes);
    let mut taken: BTreeSet<String> = directives.iter().flat_map(|d| &d.id).map(|id| id.value.clone()).collect();
    for heading in headings.iter().filter(|h| h.labelled) {
        if !taken.insert(heading.id.clone()) {
            let message = format!("the id `{}` is used twice in this chapter", heading.id);
            diagnostics.push(Diagnostic::error(heading.span, message).hint("give this heading another id"));
        }
    }
    // How often a slug was used, so that a thousand equal headings are not counted up from 1 each.
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    for heading in headings.iter_mut().filter(|h| !h.labelled) {
        let slug = slug(&heading.text);
        let count = used.entry(slug.clone()).or_insert(0);
        loop {
            let id = if *count == 0 { slug.clone() } else { format!("{slug}-{count}") };
            *count += 1;
            if taken.insert(id.clone()) {
                heading.id = id;
                break;
            }
        }
    }
    for heading in &headings {
        if let Node::Event(Event::Start(Tag::Heading { id, .. }), _) = &mut nodes[heading.node] {
            *id = Some(heading.id.clone().into());
        }
    }
    headings
}

/// Where a chapter opens with a heading above all others in it, that is its title, whatever its level: all headings rise
/// until it is one of level 1.
pub(super) fn raise(nodes: &mut [Node]) {
    let level = |node: &Node| match node {
        Node::Event(Event::Start(Tag::Heading { level, .. }), _) => Some(*level as usize),
        _ => None,
    };
    let Some(first) = nodes.first().and_then(level) else { return };
    if first == 1 || nodes.iter().skip(1).filter_map(level).any(|other| other <= first) {
        return;
    }
    let raised = |level: HeadingLevel| HeadingLevel::try_from(level as usize + 1 - first).unwrap_or(level);
    for node in nodes {
        if let Node::Event(Event::Start(Tag::Heading { level, .. }) | Event::End(TagEnd::Heading(level)), _) = node {
            *level = raised(*level);
        }
    }
}

fn find(nodes: &[Node]) -> Vec<Heading> {
    let mut headings: Vec<Heading> = Vec::new();
    let mut open = false;
    for (node, step) in nodes.iter().enumerate() {
        match step {
            Node::Event(Event::Start(Tag::Heading { level, id, .. }), span) => {
                let (level, span, labelled) = (*level, *span, id.is_some());
                let id = id.as_ref().map_or(String::new(), ToString::to_string);
                headings.push(Heading { level, id, labelled, text: String::new(), span: first_line(span), node });
                open = true;
            }
            Node::Event(Event::End(TagEnd::Heading(_)), _) => {
                open = false;
                if let Some(heading) = headings.last_mut() {
                    heading.text = heading.text.trim().to_owned();
                }
            }
            _ if open => {
                let text = &mut headings.last_mut().expect("one is open").text;
                match step {
                    Node::Event(Event::Text(t) | Event::Code(t) | Event::InlineMath(t), _) => text.push_str(t),
                    Node::Event(Event::SoftBreak | Event::HardBreak, _) => text.push(' '),
                    Node::Val(val) => text.push_str(&val.expression.value),
                    Node::Ref(reference) => text.push_str(&reference.target.value),
                    Node::Cite(cite) => cite.works.iter().for_each(|work| text.push_str(&work.key.value)),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    headings
}

/// Spans of headings end after their line's end; a caret should not.
fn first_line(span: Span) -> Span {
    Span { end: span.end.saturating_sub(1).max(span.start), ..span }
}

/// GitHub's rule: lower case, letters and digits of any script, `-` and `_` kept, spaces to `-`, the rest dropped.
fn slug(text: &str) -> String {
    let slug: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            _ => c.is_alphanumeric().then_some(c),
        })
        .collect();
    if slug.is_empty() { "section".to_owned() } else { slug }
}
