//! pulldown-cmark's events → nodes, with included files spliced in.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Sources, Span, Spanned};

use super::container::{self, Containers};
use super::fence::{self, Fence, Info};
use super::inline::{self, Stretch};
use super::quotes::Quotes;
use super::{Directive, Node, ReadText, front_matter, math};

/// How many files one chapter may include, counted as often as they are: files that include each other twice double at
/// each step.
const MAX_INCLUDES: usize = 1000;

/// A chapter as far as it was walked.
pub(super) struct Walk<'a, 'r> {
    pub(super) sources: &'a mut Sources,
    pub(super) read: &'a mut ReadText<'r>,
    pub(super) diagnostics: &'a mut Diagnostics,
    pub(super) nodes: Vec<Node>,
    pub(super) directives: Vec<Directive>,
    /// Paths of the files that include each other just now, the chapter first.
    pub(super) chain: Vec<String>,
    /// Files included so far.
    pub(super) included: BTreeMap<String, FileId>,
    /// How many includes there were in all.
    pub(super) includes: usize,
    /// What else than labbook's own directives is understood.
    pub(super) dialect: Dialect,
    /// What mdBook's preprocessors would have made something of.
    pub(super) unknown: Vec<Spanned<String>>,
}

/// Whose Markdown a chapter is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// labbook's.
    Own,
    /// mdBook's `{{#include …}}` is understood too.
    MdBook,
}

/// What is open within one file.
pub(super) struct Open<'t> {
    pub(super) text: &'t str,
    pub(super) file: FileId,
    /// Where the parser's text begins in the file.
    base: usize,
    /// The stretch of plain text that may still grow.
    stretch: Option<Range<usize>>,
    /// How many links and images are open.
    links: usize,
    /// The fenced or indented block that is being read.
    fence: Option<Block>,
    /// A paragraph of splices is being passed over.
    pub(super) spliced: bool,
    pub(super) containers: Containers,
}

enum Block {
    /// Ordinary code: nothing is looked for in it.
    Code,
    Directive(Directive),
    Include(Spanned<String>, Directive),
    /// Wrong and reported: its body is dropped.
    Dropped,
}

/// The Markdown that chapters are written in.
pub(super) fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
        | Options::ENABLE_SMART_PUNCTUATION
        | Options::ENABLE_MATH
        | Options::ENABLE_DEFINITION_LIST
}

impl Walk<'_, '_> {
    /// Walks the text of `file` from byte `base` on.
    pub(super) fn file(&mut self, file: FileId, base: usize) {
        let end = self.sources.get(file).text.len();
        self.part(file, base..end);
    }

    /// Walks a part of the text of `file`.
    pub(super) fn part(&mut self, file: FileId, part: Range<usize>) {
        let whole: Arc<str> = Arc::clone(&self.sources.get(file).text);
        // What follows the part is not looked at.
        let text = &whole[..part.end];
        let masked = container::masked(&text[part.start..]);
        let parsed = masked.as_deref().unwrap_or(&text[part.start..]);
        let mut open = Open::new(text, file, part.start);
        let mut quotes = Quotes::default();
        for (event, range) in Parser::new_ext(parsed, options()).into_offset_iter() {
            let unmasked = masked.is_some() && matches!(&event, Event::Text(text) if **text == parsed[range.clone()]);
            let range = open.base + range.start..open.base + range.end;
            let event = if unmasked { Event::Text(text[range.clone()].into()) } else { event };
            let event = quotes.turned(event, text, &range);
            if masked.is_some() && self.mark(&mut open, &event, &range) {
                continue;
            }
            if open.spliced {
                open.spliced = !matches!(event, Event::End(TagEnd::Paragraph));
            } else if open.fence.is_some() {
                self.in_fence(&mut open, event, range);
            } else {
                self.step(&mut open, event, range);
            }
        }
        self.flush(&mut open);
        self.close_containers(&mut open);
    }

    fn step(&mut self, open: &mut Open, event: Event, range: Range<usize>) {
        match event {
            Event::Text(text) if *text == open.text[range.clone()] => return self.plain(open, range),
            Event::InlineMath(_) if math::is_money(open.text, &range) => return self.plain(open, range),
            Event::Code(code) => return self.code(open, code, range),
            _ => {}
        }
        self.flush(open);
        match &event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let block = match kind {
                    CodeBlockKind::Fenced(_) => self.open_fence(open, range.clone()),
                    CodeBlockKind::Indented => Block::Code,
                };
                let ordinary = matches!(block, Block::Code);
                open.fence = Some(block);
                if !ordinary {
                    return;
                }
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => open.links += 1,
            Event::End(TagEnd::Link | TagEnd::Image) => {
                open.links -= 1;
                if let Some(reference) = inline::bare_link(&self.nodes, Span::new(open.file, range.clone())) {
                    self.nodes.pop();
                    self.nodes.push(Node::Ref(reference));
                    return;
                }
            }
            Event::InlineMath(_) | Event::DisplayMath(_) => {
                math::check(&event, open.text, open.file, &range, self.diagnostics);
            }
            Event::Start(Tag::Paragraph)
                if self.dialect == Dialect::MdBook && self.paragraph_of_splices(open, &range) =>
            {
                return;
            }
            _ => {}
        }
        self.nodes.push(Node::Event(event.into_static(), Span::new(open.file, range)));
    }

    /// Text that stands in the file as it is.
    fn plain(&mut self, open: &mut Open, range: Range<usize>) {
        match &mut open.stretch {
            Some(stretch) if stretch.end == range.start => stretch.end = range.end,
            _ => {
                self.flush(open);
                open.stretch = Some(range);
            }
        }
    }

    /// Emits the stretch of plain text that stands before the current event.
    pub(super) fn flush(&mut self, open: &mut Open) {
        if let Some(stretch) = open.take_stretch() {
            stretch.emit(&mut self.nodes, self.diagnostics);
        }
    }

    /// A code span: the expression of a `{val}`, if one stands right before it.
    fn code(&mut self, open: &mut Open, code: pulldown_cmark::CowStr, range: Range<usize>) {
        if let Some(mut stretch) = open.take_stretch() {
            let name = stretch.trailing_name().filter(|_| stretch.range.end == range.start);
            let (name_range, name) = name.map_or((stretch.range.end..stretch.range.end, None), |(r, n)| (r, Some(n)));
            let name = name.map(str::to_owned);
            stretch.range.end = name_range.start;
            stretch.emit(&mut self.nodes, self.diagnostics);
            if let Some(name) = name {
                let span = Span::new(open.file, name_range.start..range.end);
                let node = inline::inline_directive(&name, &code, range, span, open.text, self.diagnostics);
                self.nodes.extend(node);
                return;
            }
        }
        self.nodes.push(Node::Event(Event::Code(code.into_static()), Span::new(open.file, range)));
    }

    /// Looks at the opening of a fenced block.
    fn open_fence(&mut self, open: &Open, range: Range<usize>) -> Block {
        let fence = Fence { source: open.text, file: open.file, range: range.clone() };
        let info = fence.info(self.diagnostics);
        if !fence.is_closed() {
            let span = fence.opening_span();
            let diagnostic = match info {
                Info::Code => Diagnostic::warning(span, "this block of code is never closed"),
                Info::Directive(_) | Info::Wrong => Diagnostic::error(span, "this directive is never closed"),
            };
            self.diagnostics.push(diagnostic.hint(format!("end it with a line of {}", fence.mark())));
        }
        let opening = match info {
            Info::Code => return Block::Code,
            Info::Wrong => return Block::Dropped,
            Info::Directive(opening) => opening,
        };
        let span = Span::new(open.file, range);
        let directive = |id| Directive { kind: opening.kind.clone(), id, body: fence.body(), span };
        if opening.kind.value == "include" {
            return Block::Include(opening.rest.clone(), directive(None));
        }
        let id = fence::check_id(opening.rest.clone(), self.diagnostics);
        Block::Directive(directive(id))
    }

    fn in_fence(&mut self, open: &mut Open, event: Event, range: Range<usize>) {
        let ends = matches!(event, Event::End(TagEnd::CodeBlock));
        match (&mut open.fence, event) {
            (Some(Block::Directive(d) | Block::Include(_, d)), Event::Text(text)) => d.body.push(&text, range),
            (Some(Block::Code), Event::Text(text)) if self.dialect == Dialect::MdBook && text.contains("{{#") => {
                let text = self.spliced_code(&text, Span::new(open.file, range.clone()), 0);
                self.nodes.push(Node::Event(Event::Text(text.into()), Span::new(open.file, range)));
            }
            (Some(Block::Code), event) => {
                self.nodes.push(Node::Event(event.into_static(), Span::new(open.file, range)));
            }
            _ => {}
        }
        if ends && let Some(block) = open.fence.take() {
            self.close_fence(block);
        }
    }

    fn close_fence(&mut self, block: Block) {
        match block {
            Block::Code | Block::Dropped => {}
            Block::Include(path, directive) => self.include(&path, &directive),
            Block::Directive(directive) => {
                self.nodes.push(Node::Directive(self.directives.len()));
                self.directives.push(directive);
            }
        }
    }

    fn include(&mut self, path: &Spanned<String>, directive: &Directive) {
        if !directive.body.text.trim().is_empty() {
            let span = directive.body.span(0..directive.body.text.trim_end().len());
            self.diagnostics
                .push(Diagnostic::error(span, "an `{include}` has no body").hint("its path stands on the first line"));
        }
        match self.resolve(path, directive) {
            Ok((path, file)) => {
                let text = Arc::clone(&self.sources.get(file).text);
                let base = self.skip_head(&text, file);
                self.chain.push(path);
                self.file(file, base);
                self.chain.pop();
            }
            Err(diagnostic) => self.diagnostics.push(diagnostic),
        }
    }

    /// An included file's own head means nothing here.
    fn skip_head(&mut self, text: &str, file: FileId) -> usize {
        let start = super::text_start(text);
        let Some(head) = front_matter::find(text, start, file, self.diagnostics) else { return start };
        let span = Span::new(file, start..start + 3);
        self.diagnostics.push(Diagnostic::warning(span, "the front matter of an included file is not used"));
        head.end
    }

    /// Finds and reads an included file: its path relative to the book, and the file.
    fn resolve(&mut self, written: &Spanned<String>, directive: &Directive) -> Result<(String, FileId), Diagnostic> {
        let wrong = |message: String| Diagnostic::error(written.span, message);
        if written.value.is_empty() {
            return Err(Diagnostic::error(directive.kind.span, "`{include}` names no file")
                .hint("write the path after it: ```{include} parts/setup.md"));
        }
        let from = self.chain.last().expect("the chapter itself is in the chain");
        let path = relative_to(from, &written.value).ok_or_else(|| {
            wrong(format!("`{}` lies outside the book's folder", written.value))
                .hint("paths are relative to the file that includes, with `/` between folders")
        })?;
        if let Some(first) = self.chain.iter().position(|p| *p == path) {
            let chain = self.chain[first..].join("` → `");
            return Err(wrong(format!("this file includes itself: `{chain}` → `{path}`")));
        }
        let file = self.included(&path).map_err(wrong)?;
        Ok((path, file))
    }

    /// An included file, read if it was not before; the error is a sentence.
    pub(super) fn included(&mut self, path: &str) -> Result<FileId, String> {
        self.includes += 1;
        if self.includes > MAX_INCLUDES {
            return Err(format!("this chapter includes more than {MAX_INCLUDES} files"));
        }
        if let Some(file) = self.included.get(path) {
            return Ok(*file);
        }
        let text = (self.read)(path)?;
        let file = self.sources.add(path, text);
        self.included.insert(path.to_owned(), file);
        Ok(file)
    }
}

impl<'t> Open<'t> {
    fn new(text: &'t str, file: FileId, base: usize) -> Self {
        let containers = Containers::default();
        Self { text, file, base, stretch: None, links: 0, fence: None, spliced: false, containers }
    }

    fn take_stretch(&mut self) -> Option<Stretch<'t>> {
        let range = self.stretch.take()?;
        Some(Stretch { source: self.text, file: self.file, range, linked: self.links > 0 })
    }
}

/// `path` as written in the file `from`, relative to the book's root; `None` if it leads out of it.
pub fn relative_to(from: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains(['\\', ':', '\0']) {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
