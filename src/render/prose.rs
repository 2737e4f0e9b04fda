//! A chapter's pieces → HTML.
//!
//! Markdown events go to pulldown-cmark's own writer; what it writes otherwise than we want (headings, blocks of code, alerts,
//! footnotes, tables, links, formulas) and what it does not know (elements, values, references) is put into its stream as HTML.

use std::collections::BTreeSet;

use pulldown_cmark::{
    BlockQuoteKind, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Tag, TagEnd, html::push_html,
};

use super::contents::Contents;
use super::notes::Notes;
use super::number::{Atlas, Place};
use super::safe::Aside;
use super::templates::{Error, Templates};
use super::words::Words;
use super::{
    Book, Chapter, Citation, NeededFile, Piece, Value, Verdict, address, block, breaks, code, container, emphasis,
    html, picture, tags, works,
};
use crate::formula::Display;
use crate::markdown::Container;

/// A chapter as HTML.
#[derive(Debug, Default)]
pub struct Prose {
    /// What its first top-level heading holds, where it has one.
    pub title: Option<String>,
    /// The anchor of that heading.
    pub title_id: Option<String>,
    /// All the rest.
    pub body: String,
    /// Files of the book that it shows or links to.
    pub needed: BTreeSet<NeededFile>,
}

/// What a chapter is written with.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The whole book.
    pub book: &'a Book,
    /// Where everything stands.
    pub atlas: &'a Atlas,
    /// How elements look.
    pub templates: &'a Templates,
    /// The navigation of every page.
    pub contents: &'a Contents,
}

impl<'a> Setting<'a> {
    /// The interface's words in a language.
    pub fn words(self, language: &str) -> &'a Words {
        self.templates.lexicon().of(language)
    }
}

/// Writes one chapter.
///
/// # Errors
/// If an element's template fails.
pub fn write(setting: Setting<'_>, chapter: &Chapter, place: &Place) -> Result<Prose, Error> {
    let mut writer = Writer::new(setting, chapter, place);
    let is_html = |piece: &Piece| matches!(piece, Piece::Event(Event::Html(_)));
    // Lines of raw HTML are written as one: a tag may go over several.
    for run in chapter.pieces.chunk_by(|a, b| is_html(a) && is_html(b)) {
        match run {
            [first, ..] if writer.is_listed() && is_html(first) => writer.html(run),
            pieces => pieces.iter().try_for_each(|piece| writer.piece(piece))?,
        }
    }
    Ok(writer.finish())
}

pub(super) type Events = Vec<Event<'static>>;

struct Writer<'a> {
    setting: Setting<'a>,
    chapter: &'a Chapter,
    place: &'a Place,
    words: &'a Words,
    prose: Prose,
    /// The innermost stream is the one written to: the body, a heading that is taken out, a footnote.
    streams: Vec<Events>,
    /// Labels of the footnotes we are inside of.
    open_notes: Vec<String>,
    /// Index of the next heading in `place.headings`.
    heading: usize,
    /// How many images we are inside of: only text may stand there.
    images: usize,
    /// Where the outermost of them leads, and its title.
    image: Option<(CowStr<'static>, CowStr<'static>)>,
    /// How many links we are inside of: no further link may stand there.
    links: usize,
    /// How many citations there were.
    citations: usize,
    /// Anchors of elements already given away.
    anchors: BTreeSet<String>,
    notes: Notes,
    tabs: container::Tabs,
    /// What is ours while the author's HTML is cleaned.
    own: Aside,
    /// The displayed formula that was written last.
    formula: Option<String>,
    /// The block of code that is being read: its opening line and its text.
    code: Option<(String, String)>,
    /// How many tags of the body are open, and where its last block begins.
    depth: usize,
    block_start: usize,
}

impl<'a> Writer<'a> {
    fn new(setting: Setting<'a>, chapter: &'a Chapter, place: &'a Place) -> Self {
        let defined = chapter.pieces.iter().filter_map(|piece| match piece {
            Piece::Event(Event::Start(Tag::FootnoteDefinition(label))) => Some(label.to_string()),
            _ => None,
        });
        Self {
            setting,
            chapter,
            place,
            words: setting.words(&chapter.language),
            prose: Prose::default(),
            streams: vec![Vec::with_capacity(chapter.pieces.len())],
            open_notes: Vec::new(),
            heading: 0,
            images: 0,
            image: None,
            links: 0,
            citations: 0,
            anchors: BTreeSet::new(),
            notes: Notes::new(defined.collect()),
            tabs: container::Tabs::default(),
            own: Aside::new(setting.book.raw, || format!("{:?}", chapter.pieces)),
            formula: None,
            code: None,
            depth: 0,
            block_start: 0,
        }
    }

    fn push(&mut self, event: Event<'static>) {
        self.streams.last_mut().expect("the body is never closed").push(event);
    }

    fn block(&mut self, html: String) {
        self.push(Event::Html(html.into()));
    }

    fn inline(&mut self, html: String) {
        self.push(Event::InlineHtml(html.into()));
    }

    fn piece(&mut self, piece: &Piece) -> Result<(), Error> {
        match piece {
            Piece::Event(Event::Start(tag)) => {
                self.open_block();
                self.start(tag);
            }
            Piece::Event(Event::End(tag)) => {
                self.end(*tag);
                self.close_block(*tag);
            }
            Piece::Event(Event::Text(text)) if self.code.is_some() => {
                self.code.as_mut().expect("it is open").1.push_str(text);
            }
            Piece::Event(Event::FootnoteReference(label)) => self.note_reference(label),
            Piece::Event(Event::TaskListMarker(done)) => self.task(*done),
            Piece::Event(Event::InlineMath(source)) if self.images == 0 => {
                let html = self.own.keep(html::math(source, Display::Inline));
                self.inline(html);
            }
            Piece::Event(Event::DisplayMath(source)) if self.images == 0 => {
                let html = self.own.keep(html::math(source, Display::Block));
                self.formula = Some(html.clone());
                self.inline(html);
            }
            Piece::Event(Event::InlineHtml(html)) if self.is_listed() => {
                let html = self.with_addresses(html);
                self.inline(html);
            }
            Piece::Event(event) => self.push(event.clone()),
            Piece::Value(value) => self.value(value),
            Piece::Reference(id) => self.reference(id),
            Piece::Label(id) => self.label(id),
            Piece::Citation(citation) => self.citation(citation),
            Piece::Container(container) => self.container(container),
            Piece::Element(element) => {
                for image in element.images() {
                    self.need(image.source.clone());
                    image.dark.iter().for_each(|dark| self.need(dark.clone()));
                }
                let anchors = &mut self.anchors;
                let (language, page, count) = (&self.chapter.language, &self.place.page, &mut self.citations);
                let html = block::write(self.setting, language, page, element, anchors, count)?;
                let html = self.own.keep(html);
                self.block(html);
            }
        }
        Ok(())
    }

    fn task(&mut self, done: bool) {
        let (checked, word) = if done { (" checked", "task_done") } else { ("", "task_open") };
        let word = html::escape(self.words.word(word));
        self.inline(format!("<input type=\"checkbox\" disabled{checked} aria-label=\"{word}\"> "));
    }

    /// Whether a `SUMMARY.md` lists the chapter: links are then meant as mdBook takes them.
    fn is_listed(&self) -> bool {
        self.chapter.standing.is_some()
    }

    /// Raw HTML whose links are relative to the chapter's file.
    fn html(&mut self, pieces: &[Piece]) {
        let lines = pieces.iter().filter_map(|piece| match piece {
            Piece::Event(Event::Html(line)) => Some(line.as_ref()),
            _ => None,
        });
        let html = self.with_addresses(&lines.collect::<String>());
        self.block(html);
    }

    fn with_addresses(&mut self, html: &str) -> String {
        tags::with_values(html, &mut |attribute| {
            let is_link = ["src", "href", "poster"].contains(&attribute.key.as_str());
            is_link.then(|| self.address(&attribute.value.clone().into()).into_string())
        })
    }

    /// All that stands in a container is one block: its notes stand below it.
    fn container(&mut self, container: &Container) {
        let title = match container {
            Container::Details(title) if title.is_empty() => html::escape(self.words.word("details")),
            Container::Details(title) | Container::Tab(title) => {
                self.own.keep(html::inline(title, self.setting.book.raw))
            }
            _ => String::new(),
        };
        let html = self.tabs.write(container, &title, &self.chapter.slug);
        if matches!(container, Container::Details(_) | Container::Tabs) {
            self.open_block();
        }
        self.block(html);
        if matches!(container, Container::EndDetails | Container::EndTabs) {
            self.close_block(TagEnd::Paragraph);
        }
    }

    /// Remembers where a block of the body begins.
    fn open_block(&mut self) {
        if self.streams.len() == 1 {
            if self.depth == 0 {
                self.block_start = self.streams[0].len();
            }
            self.depth += 1;
        }
    }

    /// Where a block of the body ends, its notes are placed. A heading leaves its own to the block below it.
    fn close_block(&mut self, tag: TagEnd) {
        if self.streams.len() == 1 {
            self.depth = self.depth.saturating_sub(1);
            if self.depth == 0 && !matches!(tag, TagEnd::Heading(_)) {
                self.notes.end_block(self.block_start, self.streams[0].len());
            }
        }
    }

    fn start(&mut self, tag: &Tag<'static>) {
        match tag {
            Tag::Heading { level, id, .. } => self.start_heading(*level, id.as_deref(), tag),
            Tag::FootnoteDefinition(label) => {
                self.open_notes.push(label.to_string());
                self.streams.push(Vec::new());
            }
            Tag::CodeBlock(kind) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((info, String::new()));
            }
            Tag::Table(_) => {
                self.block("<div class=\"scroll\">".to_owned());
                self.push(Event::Start(tag.clone()));
            }
            Tag::BlockQuote(Some(kind)) => {
                let name = alert(*kind);
                let word = self.words.word(name);
                self.block(format!("<aside class=\"alert alert-{name}\">\n<p class=\"alert-title\">{word}</p>\n"));
            }
            Tag::Link { link_type, dest_url, title, id } => {
                self.links += 1;
                let (link_type, title, id) = (*link_type, title.clone(), id.clone());
                // An address such as `<a@b.org>` comes without its scheme.
                let is_mail = link_type == LinkType::Email;
                let dest_url = if is_mail { dest_url.clone() } else { self.address(dest_url) };
                self.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            Tag::Image { dest_url, title, .. } => {
                self.images += 1;
                if self.images == 1 {
                    self.image = Some((dest_url.clone(), title.clone()));
                    self.streams.push(Vec::new());
                }
            }
            _ => self.push(Event::Start(tag.clone())),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => self.end_heading(level),
            TagEnd::FootnoteDefinition => self.note_definition(),
            TagEnd::CodeBlock => {
                let (info, text) = self.code.take().unwrap_or_default();
                let html = self.own.keep(code::write(&info, &text));
                self.block(html);
            }
            TagEnd::Table => {
                self.push(Event::End(tag));
                self.block("</div>\n".to_owned());
            }
            TagEnd::BlockQuote(Some(_)) => self.block("</aside>\n".to_owned()),
            TagEnd::Link => {
                self.links = self.links.saturating_sub(1);
                self.push(Event::End(tag));
            }
            TagEnd::Image => {
                self.images = self.images.saturating_sub(1);
                if self.images == 0 {
                    self.end_image();
                }
            }
            _ => self.push(Event::End(tag)),
        }
    }

    /// The first top-level heading is the page's title: it is kept apart, for the template to place.
    fn is_title(&self, level: HeadingLevel) -> bool {
        level == HeadingLevel::H1 && self.prose.title.is_none()
    }

    fn start_heading(&mut self, level: HeadingLevel, id: Option<&str>, tag: &Tag<'static>) {
        if self.is_title(level) {
            self.prose.title_id = id.map(str::to_owned);
            self.streams.push(Vec::new());
            return;
        }
        self.push(Event::Start(tag.clone()));
        let number = self.place.headings.get(self.heading).and_then(|heading| heading.number.as_ref());
        if let Some(number) = number {
            self.inline(format!("<span class=\"number\">{number}</span> "));
        }
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        let heading = self.place.headings.get(self.heading);
        self.heading += 1;
        if self.is_title(level) {
            let events = self.streams.pop().expect("the title's own stream");
            self.prose.title = Some(self.own.clean(to_html(events)).trim().to_owned());
            return;
        }
        if let Some(id) = heading.and_then(|heading| heading.id.as_ref()) {
            let (id, word) = (html::escape(id), self.words.word("anchor"));
            self.inline(format!(" <a class=\"anchor\" href=\"#{id}\" aria-label=\"{word}\">#</a>"));
        }
        self.push(Event::End(TagEnd::Heading(level)));
    }

    fn value(&mut self, value: &Value) {
        if self.images > 0 {
            return self.push(Event::Text(value.text.clone().into()));
        }
        let (text, title) = (html::escape(&value.text), html::escape(&value.title));
        let is_first = !value.id.is_empty() && self.anchors.insert(value.id.clone());
        let anchor = if is_first { format!(" id=\"{}\"", html::escape(&value.id)) } else { String::new() };
        let html = match self.source_of(value).filter(|_| self.links == 0) {
            Some(href) => {
                let href = html::escape(&href);
                format!("<a class=\"value\"{anchor} href=\"{href}\" title=\"{title}\">{text}</a>")
            }
            None => format!("<span class=\"value\"{anchor} title=\"{title}\">{text}</span>"),
        };
        self.inline(html);
    }

    /// Where a number leads: to its provenance, else to what it is a number of.
    fn source_of(&self, value: &Value) -> Option<String> {
        let (atlas, page) = (self.setting.atlas, &self.place.page);
        let own = atlas.provenance(&value.id).map(|to| address::relative(page, to));
        let target = || atlas.find(&self.chapter.language, value.target.as_ref()?);
        own.or_else(|| target().map(|target| block::href(page, target)))
    }

    fn reference(&mut self, id: &str) {
        let Some(target) = self.setting.atlas.find(&self.chapter.language, id) else {
            return self.push(Event::Text(format!("@{id}").into()));
        };
        let name = target.name(self.words);
        if self.images > 0 || self.links > 0 {
            return self.push(Event::Text(name.into()));
        }
        let href = html::escape(&block::href(&self.place.page, target));
        // Whoever reads of a claim reads what came of it.
        let verdict = target.verdict.map(Verdict::word).map_or_else(String::new, |verdict| {
            format!(" <span class=\"verdict {verdict}\">{}</span>", html::escape(self.words.word(verdict)))
        });
        self.inline(format!("<a class=\"reference\" href=\"{href}\">{}{verdict}</a>", html::escape(&name)));
    }

    fn citation(&mut self, citation: &Citation) {
        self.citations += 1;
        if self.images > 0 {
            return self.push(Event::Text(html::text_of(&works::html_of(citation)).into()));
        }
        let html = if self.links > 0 {
            works::unlinked(citation, self.citations)
        } else {
            works::citation(self.setting, &self.chapter.language, &self.place.page, citation, self.citations)
        };
        let html = self.own.keep(html);
        self.inline(html);
    }

    /// Gives the equation just written its anchor and its number.
    fn label(&mut self, id: &str) {
        let stream = self.streams.last_mut().expect("the body is never closed");
        let formula = self.formula.take().unwrap_or_default();
        if matches!(stream.last(), Some(Event::InlineHtml(html)) if **html == *formula) {
            stream.pop();
        }
        let target = self.setting.atlas.find(&self.chapter.language, id);
        let number = target.and_then(|target| target.number.as_deref()).unwrap_or_default();
        let id = html::escape(id);
        let number = format!("<span class=\"equation-number\">({number})</span>");
        self.inline(format!("<span class=\"equation\" id=\"{id}\">{formula}{number}</span>"));
    }

    /// Where a link or an image of the chapter leads from its page.
    fn address(&mut self, link: &CowStr<'static>) -> CowStr<'static> {
        let (written, rest) = address::split(link);
        let page = address::chapter(&self.chapter.path, written).and_then(|path| self.setting.atlas.page(&path));
        if let Some(page) = page {
            return (address::relative(&self.place.page, page) + rest).into();
        }
        // What else is a page stands elsewhere on the web, beside the book.
        let is_page = self.is_listed() && written.ends_with(".html");
        let Some(source) = address::source(&self.chapter.path, link).filter(|_| !is_page) else { return link.clone() };
        let path = match self.setting.atlas.page(&source) {
            Some(page) => page.to_owned(),
            None => {
                let path = picture::path(&source);
                self.need(source);
                path
            }
        };
        (address::relative(&self.place.page, &path) + rest).into()
    }

    /// The image just read: its words are those of its alternative text, and its place is kept until it is there.
    fn end_image(&mut self) {
        let alt = picture::alternative(&self.streams.pop().expect("the image's own stream"));
        let Some((dest_url, title)) = self.image.take() else { return };
        let source = address::source(&self.chapter.path, &dest_url);
        let place = source.map_or(String::new(), |source| picture::place(&source, &self.setting.book.sizes));
        let title = if title.is_empty() { String::new() } else { format!(" title=\"{}\"", html::escape(&title)) };
        let (href, alt) = (html::escape(&self.address(&dest_url)), html::escape(&alt));
        self.inline(format!("<img src=\"{href}\" alt=\"{alt}\"{title}{place}>"));
    }

    /// A file of the book has to lie beside the pages.
    fn need(&mut self, source: String) {
        let path = picture::path(&source);
        self.prose.needed.insert(NeededFile { source, path, chapter: self.chapter.path.clone() });
    }

    fn note_reference(&mut self, label: &CowStr<'static>) {
        let mark = if self.images == 0 { self.notes.refer(label) } else { None };
        match mark {
            Some(mark) => self.inline(mark),
            None => self.push(Event::Text(format!("[^{label}]").into())),
        }
    }

    fn note_definition(&mut self) {
        if let Some(label) = self.open_notes.pop() {
            let events = self.streams.pop().expect("the footnote's own stream");
            self.notes.define(label, events);
        }
    }

    fn finish(mut self) -> Prose {
        let body = self.streams.swap_remove(0);
        self.prose.body = self.own.clean(to_html(self.notes.place(body, self.words)));
        self.prose
    }
}

fn alert(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "note",
        BlockQuoteKind::Tip => "tip",
        BlockQuoteKind::Important => "important",
        BlockQuoteKind::Warning => "warning",
        BlockQuoteKind::Caution => "caution",
    }
}

/// Events as HTML.
pub(super) fn to_html(events: Events) -> String {
    let mut out = String::new();
    push_html(&mut out, emphasis::marked(breaks::joined(events)).into_iter());
    out
}
