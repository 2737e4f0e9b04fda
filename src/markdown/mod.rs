//! Chapter files → prose and directives with exact places.
//!
//! 1. `list` finds the chapters: the files of a folder by name, or those of its `SUMMARY.md`, which `summary` reads.
//! 2. `front_matter` takes the head of a file off (`+++` TOML or `---` YAML).
//! 3. `walk` goes through pulldown-cmark's events: `fence` turns fenced directives into [`Directive`]s and splices included
//!    files, `inline` finds `{val}` and `@fig-…`, `cite` citations, `math` looks at formulas, `heading` gives every heading a stable id,
//!    `code` reads the first lines of blocks of code, `container` finds tabs and what can be folded, `quotes` turns
//!    quotes in Chinese. In books that come from mdBook,
//!    `splice` and `include` do what its `{{#include …}}` means.
//!
//! A directive's body stays text here: what its keys mean is for [`experiment`](crate::experiment) to say. Whether a
//! reference leads anywhere is for those to say who know the whole book.

mod cite;
mod code;
mod container;
mod fence;
mod front_matter;
mod heading;
mod include;
mod inline;
mod list;
mod math;
mod quotes;
mod splice;
mod summary;
mod walk;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use pulldown_cmark::{Event, HeadingLevel};

use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Sources, Span, Spanned};
use crate::files;

pub use cite::{Cite, CiteForm, CitedWork};
pub use code::CodeInfo;
pub use container::Container;
pub use inline::caption_cites;
pub use list::SUMMARY;
pub use math::formula_faults;
pub use quotes::Quotes;
pub use summary::{Line, Standing};
pub use walk::relative_to;
use walk::{Dialect, Walk};

/// The names a directive may have.
pub const DIRECTIVES: [&str; 10] =
    ["dataset", "model", "experiment", "figure", "image", "figures", "table", "claim", "show", "include"];

/// One chapter in one language, its included files spliced in.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// The file it was read from; nodes may also stand in included files.
    pub file: FileId,
    /// Path of the file relative to the book's root, such as `chapters/02-scale.zh.md`.
    pub path: String,
    /// The file's name without language and extension, such as `02-scale`: the same for all translations. Where it lies
    /// in a folder below that of the chapters, that stands before it: `parts/scale`.
    pub slug: String,
    /// The language its name says (`zh` in `02-scale.zh.md`); `None` means the book's first.
    pub language: Option<String>,
    /// What its head says.
    pub front: FrontMatter,
    /// The title of the front matter, else that of the book's `SUMMARY.md`, else the text of the first heading of level
    /// 1, else the slug.
    pub title: String,
    /// Where it stands in the contents, if the book has a `SUMMARY.md`.
    pub standing: Option<Standing>,
    /// The chapter as a flat stream; directives may stand inside quotes and list items.
    pub nodes: Vec<Node>,
    /// The directives, in the order written.
    pub directives: Vec<Directive>,
    /// The headings, in the order written.
    pub headings: Vec<Heading>,
}

/// The head of a chapter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrontMatter {
    /// Title of the chapter.
    pub title: Option<String>,
    /// A second line under the title.
    pub subtitle: Option<String>,
    /// Who wrote the chapter; empty where the book's authors did.
    pub authors: Vec<String>,
    /// `YYYY-MM-DD`.
    pub date: Option<String>,
    /// A draft is left out of the book.
    pub draft: bool,
    /// A sentence for search engines and link previews.
    pub description: Option<String>,
}

/// One step of a chapter's stream.
#[derive(Debug, Clone)]
pub enum Node {
    /// Prose, as pulldown-cmark says it. Every heading carries an id; no heading, fence, text or code that became one of
    /// the other nodes appears here again.
    Event(Event<'static>, Span),
    /// A directive: an index into [`Chapter::directives`].
    Directive(usize),
    /// A number printed in the prose.
    Val(Val),
    /// A reference to a figure, table, section, equation or claim.
    Ref(Ref),
    /// Works that the text refers to.
    Cite(Cite),
    /// The label of the displayed equation just before: `$$ … $$ {#eq-loss}`.
    Label(Spanned<String>),
    /// Where tabs, or what can be folded, begin or end.
    Container(Container, Span),
}

/// A fenced directive: what was typed, not yet what it means.
#[derive(Debug, Clone)]
pub struct Directive {
    /// One of [`DIRECTIVES`], never `include`.
    pub kind: Spanned<String>,
    /// The id: ASCII letters, digits, `-` and `_`, beginning with a letter.
    pub id: Option<Spanned<String>>,
    /// What stands between the fences.
    pub body: Body,
    /// From the opening fence to the closing one.
    pub span: Span,
}

/// The text between two fences, without the indentation or the `>` of the block it stands in.
#[derive(Debug, Clone)]
pub struct Body {
    /// The text, lines ended by `\n`.
    pub text: String,
    file: FileId,
    /// Where the body would begin if it were not empty.
    start: usize,
    /// Pieces of `text` that stand together in the file, in order.
    segments: Vec<Segment>,
}

/// A piece of a [`Body`].
#[derive(Debug, Clone, Copy)]
struct Segment {
    /// Offset in the body.
    body: usize,
    /// Offset in the file.
    file: usize,
    /// Bytes in the body; as many in the file, but for an indentation by tabs.
    length: usize,
}

/// ``{val}`expression` ``.
#[derive(Debug, Clone)]
pub struct Val {
    /// What stands between the backticks.
    pub expression: Spanned<String>,
    /// From the brace to the last backtick.
    pub span: Span,
}

/// `@fig-scale`.
#[derive(Debug, Clone)]
pub struct Ref {
    /// The id, such as `fig-scale`.
    pub target: Spanned<String>,
    /// The id with its `@`.
    pub span: Span,
}

/// A heading of a chapter.
#[derive(Debug, Clone)]
pub struct Heading {
    /// Its level.
    pub level: HeadingLevel,
    /// Its id, unique within the chapter.
    pub id: String,
    /// Whether the author wrote the id (`{#sec-data}`).
    pub labelled: bool,
    /// Its words without markup.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// Index of its start among [`Chapter::nodes`].
    pub node: usize,
}

/// Reads the text of a file of the book, named by its path relative to the book's root; the error is a sentence that
/// names the path and says what is wrong.
pub type ReadText<'a> = dyn FnMut(&str) -> Result<String, String> + 'a;

/// Reads and parses the chapters of the book at `root` from its folder `chapters` (relative to `root`), drafts left out.
///
/// The order is that of the file names or, where the folder has one, of `SUMMARY.md`. `languages` are those of the book,
/// its first one first.
pub fn read_book(
    root: &Path,
    chapters: &str,
    languages: &[String],
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<Chapter> {
    let found = list::chapter_files(root, chapters, languages, sources, diagnostics);
    // Line ends as version control leaves them on one system or another change no page.
    let mut read = |path: &str| match files::read_text_within(root, path) {
        Ok(text) if text.contains('\r') => Ok(text.replace("\r\n", "\n")),
        read => read.map_err(|e| e.to_string()),
    };
    let (mut book, mut others) = (Vec::new(), Vec::new());
    for list::Found { path, standing } in found {
        match read(&path) {
            Ok(text) => {
                let slug = slug_within(chapters, &path, languages);
                let file = sources.add(path, text);
                let dialect = if standing.is_some() { Dialect::MdBook } else { Dialect::Own };
                let (mut chapter, unknown) = parse_in(dialect, sources, file, languages, &mut read, diagnostics);
                others.extend(unknown);
                let listed = standing.as_ref().map(|s| &s.title).filter(|title| !title.is_empty());
                if let Some(title) = listed.filter(|_| chapter.front.title.is_none()) {
                    chapter.title.clone_from(title);
                }
                book.push(Chapter { slug, standing, ..chapter });
            }
            Err(message) => diagnostics.push(Diagnostic::error(None, message)),
        }
    }
    include::report_unknown(&others, diagnostics);
    report_twins(&book, languages, diagnostics);
    book.retain(|chapter| !chapter.front.draft);
    book
}

/// Parses one chapter, a file of `sources`; `read` fetches the files it includes.
pub fn parse(
    sources: &mut Sources,
    file: FileId,
    languages: &[String],
    read: &mut ReadText,
    diagnostics: &mut Diagnostics,
) -> Chapter {
    parse_in(Dialect::Own, sources, file, languages, read, diagnostics).0
}

/// Parses a chapter written in `dialect`. Says too which of its `{{#…}}` are not understood.
fn parse_in(
    dialect: Dialect,
    sources: &mut Sources,
    file: FileId,
    languages: &[String],
    read: &mut ReadText,
    diagnostics: &mut Diagnostics,
) -> (Chapter, Vec<Spanned<String>>) {
    let path = sources.get(file).path.clone();
    let text = Arc::clone(&sources.get(file).text);
    let (slug, language) = slug_and_language(&path, languages);
    report_unknown_language(&slug, file, diagnostics);
    let start = text_start(&text);
    let head = front_matter::find(&text, start, file, diagnostics);
    let front = head.as_ref().map_or_else(FrontMatter::default, |h| front_matter::read(h, &text, file, diagnostics));
    let mut walk = Walk {
        sources,
        read,
        diagnostics,
        nodes: Vec::new(),
        directives: Vec::new(),
        chain: vec![path.clone()],
        included: BTreeMap::new(),
        includes: 0,
        dialect,
        unknown: Vec::new(),
    };
    walk.file(file, head.map_or(start, |h| h.end));
    let Walk { mut nodes, directives, diagnostics, sources, unknown, .. } = walk;
    code::check(&nodes, sources, diagnostics);
    if front.title.is_none() {
        heading::raise(&mut nodes);
    }
    let headings = heading::name(&mut nodes, &directives, diagnostics);
    inline::report_twin_labels(&nodes, diagnostics);
    let first = headings.iter().find(|h| h.level == HeadingLevel::H1 && !h.text.is_empty());
    let title = front.title.clone().or_else(|| first.map(|h| h.text.clone())).unwrap_or_else(|| slug.clone());
    (Chapter { file, path, slug, language, front, title, standing: None, nodes, directives, headings }, unknown)
}

/// The slug of a file of the folder `chapters`, with the folders between them. A `README` is the index of its folder.
fn slug_within(chapters: &str, path: &str, languages: &[String]) -> String {
    let (slug, _) = slug_and_language(path, languages);
    let slug = if slug == "README" { "index" } else { &slug };
    let within = path.strip_prefix(chapters).map_or(path, |path| path.trim_start_matches('/'));
    within.rsplit_once('/').map_or_else(|| slug.to_owned(), |(folder, _)| format!("{folder}/{slug}"))
}

/// `02-scale` and `zh` of `chapters/02-scale.zh.md`, where `zh` is one of the book's languages.
fn slug_and_language(path: &str, languages: &[String]) -> (String, Option<String>) {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.strip_suffix(".md").unwrap_or(name);
    match stem.rsplit_once('.') {
        Some((slug, language)) if !slug.is_empty() && languages.iter().any(|l| l == language) => {
            (slug.to_owned(), Some(language.to_owned()))
        }
        _ => (stem.to_owned(), None),
    }
}

/// Reports chapters whose pages would have the same name: equal file names in two folders, or `a.md` beside `a.en.md`
/// where English comes first.
fn report_twins(book: &[Chapter], languages: &[String], diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<(&str, Option<&String>), &str> = BTreeMap::new();
    for chapter in book {
        let page = (chapter.slug.as_str(), chapter.language.as_ref().or(languages.first()));
        if let Some(other) = seen.insert(page, &chapter.path) {
            let message = format!("this chapter and `{other}` would have the same page");
            let start = Span::new(chapter.file, 0..0);
            diagnostics.push(Diagnostic::error(start, message).hint("give one of the files another name"));
        }
    }
}

/// Two letters where the language of a translation stands, that are no language of the book.
fn report_unknown_language(slug: &str, file: FileId, diagnostics: &mut Diagnostics) {
    if let Some((_, suffix)) = slug.rsplit_once('.')
        && suffix.len() == 2
        && suffix.bytes().all(|b| b.is_ascii_lowercase())
    {
        let message = format!("`{suffix}` is no language of the book, so this is a chapter of its own");
        let hint = format!("add it in labbook.toml: `languages = [\"en\", \"{suffix}\"]`, or rename the file");
        diagnostics.push(Diagnostic::warning(Span::new(file, 0..0), message).hint(hint));
    }
}

/// Where a text begins: after the byte order mark that some editors write.
fn text_start(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

impl Directive {
    /// The captions in its body, with their places; none where the body is no TOML.
    pub fn captions(&self) -> Vec<Spanned<String>> {
        let Ok(table) = self.body.text.parse::<toml::Table>() else { return Vec::new() };
        let texts = |value: &toml::Value| match value {
            toml::Value::String(text) => vec![text.clone()],
            toml::Value::Array(all) => all.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect(),
            _ => Vec::new(),
        };
        let captions = ["caption", "captions"].into_iter().filter_map(|key| table.get(key)).flat_map(texts);
        let placed = |value: String| {
            let at = self.body.text.find(&value);
            Spanned { span: at.map_or(self.span, |at| self.body.span(at..at + value.len())), value }
        };
        captions.map(placed).collect()
    }
}

impl Body {
    /// Where a range of the body's text stands in the file.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.place(range.start);
        // The end is found from the last byte, so that it stays on that byte's line.
        let end = if range.is_empty() { start } else { self.place(range.end - 1) + 1 };
        Span::new(self.file, start..end.max(start))
    }

    /// Where the byte at `offset` of the body stands in the file.
    fn place(&self, offset: usize) -> usize {
        let after = self.segments.partition_point(|s| s.body <= offset);
        match after.checked_sub(1).map(|i| self.segments[i]) {
            Some(s) => s.file + (offset - s.body).min(s.length),
            None => self.start,
        }
    }
}

#[cfg(test)]
mod tests;
