//! Tabs and what can be folded: lines of `:::` around Markdown.
//!
//! ```text
//! ::: details What it takes        ::: tabs
//!                                  == Rust
//! More.                            One.
//! :::                              == Python
//!                                  Another.
//!                                  :::
//! ```
//!
//! To a parser of Markdown such a line is text, and goes on with the paragraph, the list or the footnote above it. So the
//! parser is given a text of the same length with a thematic break in its place, which ends all of these; the walk knows the
//! break again by what the file has there.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::diagnostic::{Diagnostic, Span, did_you_mean};

use super::Node;
use super::walk::{Open, Walk, options};

/// What may stand behind `:::`.
const KINDS: [&str; 2] = ["details", "tabs"];

/// What stands for a line of marks: it ends a paragraph and is never the underline of a heading or the mark of an item.
const BREAK: &str = "***";

/// The beginning or the end of a container; they come in pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Container {
    /// What can be folded begins, under this title: Markdown of one line, or nothing.
    Details(String),
    /// It ends.
    EndDetails,
    /// Tabs begin.
    Tabs,
    /// One of them begins, of this title: Markdown of one line.
    Tab(String),
    /// It ends.
    EndTab,
    /// The tabs end.
    EndTabs,
}

/// What a line of marks says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark<'t> {
    Details(&'t str),
    Tabs,
    Tab(&'t str),
    End,
    /// A name that no container has.
    Unknown(&'t str),
}

impl<'t> Mark<'t> {
    /// Reads a line without what stands before its marks.
    fn read(line: &'t str) -> Option<Self> {
        if let Some(title) = line.strip_prefix("== ") {
            return Some(Self::Tab(title.trim()));
        }
        let words = line.strip_prefix(":::")?.trim_start_matches(':').trim();
        let (kind, title) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        Some(match kind {
            "" => Self::End,
            "details" => Self::Details(title.trim()),
            "tabs" => Self::Tabs,
            other => Self::Unknown(other),
        })
    }
}

/// A text with a break for each line of marks; `None` where it has none.
pub(super) fn masked(text: &str) -> Option<String> {
    // Hardly a chapter has any: one look is all that it costs the others.
    if !text.contains(":::") {
        return None;
    }
    let verbatim = verbatim(text);
    let mut masked = None;
    // Of each container that is open, whether it holds tabs.
    let mut stack: Vec<bool> = Vec::new();
    let mut next = 0;
    for line in text.split_inclusive('\n') {
        let start = next + line.len() - line.trim_start_matches([' ', '\t', '>']).len();
        next += line.len();
        let written = text[start.min(next)..next].trim_end();
        let Some(mark) = Mark::read(written) else { continue };
        let after = verbatim.partition_point(|range| range.end <= start);
        if verbatim.get(after).is_some_and(|range| range.contains(&start)) {
            continue;
        }
        match mark {
            Mark::Tab(_) if stack.last() != Some(&true) => continue,
            Mark::Tab(_) => {}
            Mark::End => drop(stack.pop()),
            Mark::Details(_) | Mark::Tabs | Mark::Unknown(_) => stack.push(mark == Mark::Tabs),
        }
        let mask = format!("{BREAK:width$}", width = written.len());
        masked.get_or_insert_with(|| text.to_owned()).replace_range(start..start + written.len(), &mask);
    }
    masked
}

/// Where text stands that is no Markdown, in order: code, raw HTML, formulas.
fn verbatim(text: &str) -> Vec<Range<usize>> {
    let is_verbatim = |event: &Event<'_>| {
        let code = matches!(event, Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock) | Event::Code(_));
        code || matches!(event, Event::DisplayMath(_) | Event::InlineMath(_) | Event::InlineHtml(_))
    };
    let events = Parser::new_ext(text, options()).into_offset_iter();
    events.filter(|(event, _)| is_verbatim(event)).map(|(_, range)| range).collect()
}

/// The containers that are open within one text.
#[derive(Default)]
pub(super) struct Containers {
    open: Vec<OpenContainer>,
    /// How many blocks of Markdown we are inside of.
    depth: usize,
}

struct OpenContainer {
    span: Span,
    depth: usize,
    holds: Holds,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// It is none: its lines are text.
    Text,
    /// Anything.
    Blocks,
    /// Tabs; the first one has not begun.
    NoTab,
    /// Tabs; one is open.
    Tabs,
}

impl Walk<'_, '_> {
    /// Takes in an event as far as it concerns containers; `true` where it was a line of marks and nothing else.
    pub(super) fn mark(&mut self, open: &mut Open, event: &Event, range: &Range<usize>) -> bool {
        match event {
            Event::Start(_) => {
                self.report_early(open, Span::new(open.file, range.clone()));
                open.containers.depth += 1;
            }
            Event::End(_) => open.containers.depth = open.containers.depth.saturating_sub(1),
            Event::Rule => {
                let written = &open.text[range.clone()];
                let start = range.start + written.len() - written.trim_start().len();
                let line = written.trim();
                if let Some(mark) = Mark::read(line) {
                    self.flush(open);
                    self.take(mark, Span::new(open.file, start..start + line.len()), open);
                    return true;
                }
            }
            _ => {}
        }
        false
    }

    fn take(&mut self, mark: Mark<'_>, place: Span, open: &mut Open) {
        if !matches!(mark, Mark::Tab(_) | Mark::End) {
            self.report_early(open, place);
        }
        let containers = &mut open.containers;
        let depth = containers.depth;
        let mut begin = |holds| containers.open.push(OpenContainer { span: place, depth, holds });
        match mark {
            Mark::Details(title) => {
                begin(Holds::Blocks);
                self.put(Container::Details(title.to_owned()), place);
            }
            Mark::Tabs => {
                begin(Holds::NoTab);
                self.put(Container::Tabs, place);
            }
            Mark::Unknown(name) => {
                begin(Holds::Text);
                let message = format!("there is no `::: {name}`, so this line is shown as text");
                self.diagnostics.push(Diagnostic::warning(place, message).hint(did_you_mean(name, &KINDS)));
                self.text(place);
            }
            Mark::Tab(title) => self.tab(title, place, containers),
            Mark::End => self.close(place, containers),
        }
    }

    /// A line that is none of marks after all.
    fn text(&mut self, place: Span) {
        let line = self.sources.get(place.file).text[place.start..place.end].to_owned();
        for event in [Event::Start(Tag::Paragraph), Event::Text(line.into()), Event::End(TagEnd::Paragraph)] {
            self.nodes.push(Node::Event(event, place));
        }
    }

    fn put(&mut self, container: Container, place: Span) {
        self.nodes.push(Node::Container(container, place));
    }

    fn tab(&mut self, title: &str, place: Span, containers: &mut Containers) {
        let Some(open) = containers.open.last_mut().filter(|open| matches!(open.holds, Holds::NoTab | Holds::Tabs))
        else {
            return;
        };
        if std::mem::replace(&mut open.holds, Holds::Tabs) == Holds::Tabs {
            self.put(Container::EndTab, place);
        }
        self.put(Container::Tab(title.to_owned()), place);
        if open.depth != containers.depth {
            self.report_depth(place);
        }
    }

    fn close(&mut self, place: Span, containers: &mut Containers) {
        let Some(OpenContainer { span, depth, holds }) = containers.open.pop() else {
            let diagnostic = Diagnostic::warning(place, "this `:::` ends nothing and is shown as text");
            self.diagnostics.push(diagnostic.hint("`::: details TITLE` and `::: tabs` begin what it ends"));
            return self.text(place);
        };
        if holds != Holds::Text && depth != containers.depth {
            self.report_depth(place);
        }
        match holds {
            Holds::Text => return self.text(place),
            Holds::Blocks => return self.put(Container::EndDetails, place),
            Holds::Tabs => self.put(Container::EndTab, place),
            Holds::NoTab => {
                let diagnostic = Diagnostic::error(span, "there is no tab in here");
                self.diagnostics.push(diagnostic.hint("begin each with a line such as `== Rust`"));
            }
        }
        self.put(Container::EndTabs, place);
    }

    /// Ends what is still open where its text ends.
    pub(super) fn close_containers(&mut self, open: &mut Open) {
        while let Some(OpenContainer { span, depth, holds }) = open.containers.open.last() {
            let (span, holds) = (*span, *holds);
            open.containers.depth = *depth;
            if holds == Holds::Text {
                open.containers.open.pop();
                continue;
            }
            self.diagnostics.push(Diagnostic::error(span, "this is never closed").hint("end it with a line of `:::`"));
            self.close(span, &mut open.containers);
        }
    }

    /// Something begins where the first of the tabs should.
    fn report_early(&mut self, open: &mut Open, place: Span) {
        let Some(tabs) = open.containers.open.last_mut().filter(|open| open.holds == Holds::NoTab) else { return };
        // Said once; what follows goes into a tab without a title.
        tabs.holds = Holds::Tabs;
        self.flush(open);
        self.put(Container::Tab(String::new()), place);
        let diagnostic = Diagnostic::error(place, "this stands before the first of the tabs");
        self.diagnostics.push(diagnostic.hint("begin each with a line such as `== Rust`"));
    }

    fn report_depth(&mut self, place: Span) {
        let diagnostic = Diagnostic::error(place, "this line stands in another list or quote than its beginning");
        self.diagnostics.push(diagnostic.hint("indent both alike"));
    }
}
