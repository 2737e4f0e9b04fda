//! Chapters, what their experiments gave, and templates → pages.
//!
//! 1. `number` gives every chapter, section, figure, table and claim its number and its address, by language.
//! 2. `prose` turns a chapter's [`Piece`]s into HTML: Markdown events, values and references, and through `block` the
//!    elements.
//! 3. `page` hands the result to the `templates`: title page, chapters, colophon.
//!
//! Pure: the same [`Book`] and [`Templates`] give the same bytes. This room knows neither the disk nor what an experiment
//! is; whoever calls it has already turned results into the words, numbers and drawings to show.

pub(crate) mod address;
mod block;
mod breaks;
mod code;
mod container;
mod contents;
mod element;
mod emphasis;
pub mod epub;
mod frame;
mod html;
mod linked_data;
mod notes;
mod number;
mod page;
mod picture;
mod prose;
mod safe;
mod search;
pub(crate) mod tags;
mod templates;
mod whole;
mod words;
mod works;

pub use element::*;
pub use html::escape;
pub use picture::{Size, pictures, size};
pub use safe::Raw;
pub use templates::{Error, Templates};
pub use words::{Lexicon, Words};
pub use works::{CaptionCitation, Citation, CitationPart, Work, Works};

use std::collections::BTreeMap;

use pulldown_cmark::Event;
use rayon::prelude::*;

use self::contents::Contents;
use self::number::Atlas;
use self::prose::Setting;
use crate::markdown::{Container, Standing};

/// Everything that the pages are made of.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// The book's title, in its first language.
    pub title: String,
    /// Its title in other languages that have one of their own.
    pub titles: BTreeMap<String, String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// One or two sentences about it, in its first language.
    pub description: Option<String>,
    /// The same in other languages.
    pub descriptions: BTreeMap<String, String>,
    /// When it is published: `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Under which licence: a name or an address.
    pub licence: Option<String>,
    /// Where on the web its title page will stand, with a `/` at the end.
    pub url: Option<String>,
    /// BCP 47 codes. Pages of the first stand at the root of the output, those of each other one in a folder named by it.
    pub languages: Vec<String>,
    /// The profile it was built with where that is not the full one (`quick`); every page says so.
    pub profile: Option<String>,
    /// The version of labbook that made it.
    pub version: String,
    /// Which HTML of its author gets into the pages.
    pub raw: Raw,
    /// The sizes of the images that its chapters show, by their paths relative to its root.
    pub sizes: BTreeMap<String, Size>,
    /// All chapters of all languages; those of one language in reading order.
    pub chapters: Vec<Chapter>,
    /// The last page, by language; a language without one shows that of the first.
    pub colophons: Vec<Colophon>,
    /// The works cited, by language; a page for each language that cites any.
    pub works: Vec<Works>,
    /// Where everything shown comes from: a page each, in the first language.
    pub provenance: Vec<Provenance>,
}

impl Book {
    /// Its title in a language.
    pub fn title_in(&self, language: &str) -> &str {
        self.titles.get(language).unwrap_or(&self.title)
    }

    /// What is said about it in a language.
    pub fn description_in(&self, language: &str) -> Option<&str> {
        self.descriptions.get(language).or(self.description.as_ref()).map(String::as_str)
    }
}

/// One chapter in one language.
#[derive(Debug, Clone, Default)]
pub struct Chapter {
    /// Its file relative to the book's root, with `/`: `chapters/02-scale.zh.md`.
    pub path: String,
    /// Its name in addresses, the same in each language: `02-scale`, or `parts/scale`.
    pub slug: String,
    /// One of [`Book::languages`].
    pub language: String,
    /// Plain text, for navigation; on the page stands its first top-level heading, where it has one.
    pub title: String,
    /// A second line under the title.
    pub subtitle: Option<String>,
    /// Who wrote it, where that differs from the book.
    pub authors: Vec<String>,
    /// The date its author gave.
    pub date: Option<String>,
    /// A sentence for search engines and previews.
    pub description: Option<String>,
    /// Where it stands in the contents, if the book has a list of them.
    pub standing: Option<Standing>,
    /// What it says, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of a chapter. The stream is flat: an element may stand inside a list item or a quote.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Markdown.
    Event(Event<'static>),
    /// A block that a directive stands for.
    Element(Box<Element>),
    /// A number in the prose that an experiment gave.
    Value(Value),
    /// `@fig-scale`: the id of a figure, table, claim, section or equation. An unknown one is printed as it was written.
    Reference(String),
    /// The id of the displayed equation just before: `eq-loss`.
    Label(String),
    /// Works that the text refers to.
    Citation(Citation),
    /// Where tabs, or what can be folded, begin or end.
    Container(Container),
}

/// A number in the prose.
#[derive(Debug, Clone, Default)]
pub struct Value {
    /// As printed: `93.1 % ± 0.4`.
    pub text: String,
    /// What it is: `mean of 5 seeds, 95 % interval 92.7 % to 93.5 %`.
    pub title: String,
    /// Id of the card, figure, table or claim it leads to, where it has no provenance page.
    pub target: Option<String>,
    /// Its name, and that of its provenance page.
    pub id: String,
}

/// The last page: what was run, on what, and how to run it again.
#[derive(Debug, Clone, Default)]
pub struct Colophon {
    /// One of [`Book::languages`].
    pub language: String,
    /// Its sections, in order.
    pub sections: Vec<ColophonSection>,
}

/// One section of the colophon; empty parts are left out.
#[derive(Debug, Clone, Default)]
pub struct ColophonSection {
    /// Its heading.
    pub title: String,
    /// Markdown.
    pub text: String,
    /// Facts in order.
    pub facts: Vec<Fact>,
    /// A table under the facts.
    pub grid: Option<Grid>,
    /// A command line to copy.
    pub command: Option<String>,
}

/// One file of the output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Relative to the output folder, with `/`.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A file of the book that a page shows or links to; to be copied into the output.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeededFile {
    /// Relative to the book's root, with `/`.
    pub source: String,
    /// Relative to the output folder, with `/`.
    pub path: String,
    /// The first chapter that needs it.
    pub chapter: String,
}

/// What [`render`] gives.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    /// Style, script, the text to search, then the pages in reading order, language by language.
    pub outputs: Vec<Output>,
    /// Sorted by source; each named once.
    pub needed: Vec<NeededFile>,
}

/// A chapter that has been written.
struct Written<'a> {
    chapter: &'a Chapter,
    place: &'a number::Place,
    page: Output,
    prose: prose::Prose,
}

/// Makes all pages of a book.
///
/// # Errors
/// If a template fails.
pub fn render(book: &Book, templates: &Templates) -> Result<Rendered, Error> {
    let atlas = &Atlas::of(book);
    let chapters: Vec<_> = book.chapters.iter().zip(&atlas.places).collect();
    let contents = &Contents::of(&chapters, templates)?;
    let setting = Setting { book, atlas, templates, contents };
    // Pages are independent of each other; collecting keeps their order.
    let mut written: Vec<_> = chapters
        .into_par_iter()
        .map(|(chapter, place)| {
            let prose = prose::write(setting, chapter, place)?;
            page::chapter(setting, chapter, place, &prose).map(|page| Written { chapter, place, page, prose })
        })
        .collect::<Result<_, _>>()?;

    let mut outputs: Vec<Output> = templates
        .assets()
        .map(|(name, text)| Output { path: name.to_owned(), bytes: text.as_bytes().to_vec() })
        .collect();
    outputs.extend(search::of_book(setting));
    for language in number::languages(book) {
        outputs.push(page::title(setting, language)?);
        let own = written.iter_mut().filter(|written| written.chapter.language == language);
        outputs.extend(own.map(|written| std::mem::take(&mut written.page)));
        outputs.extend(page::bibliography(setting, language)?);
        outputs.push(page::colophon(setting, language)?);
        outputs.push(whole::page(setting, language, &written)?);
    }
    let provenance: Vec<_> = book.provenance.par_iter().map(|of| page::provenance(setting, of)).collect();
    for page in provenance {
        outputs.push(page?);
    }
    let mut needed = BTreeMap::new();
    for file in written.into_iter().flat_map(|written| written.prose.needed) {
        needed.entry(file.source.clone()).or_insert(file);
    }
    Ok(Rendered { outputs, needed: needed.into_values().collect() })
}

#[cfg(test)]
pub(crate) mod tests;
