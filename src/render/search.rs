//! Chapters → the text that readers search.
//!
//! The browser searches the text itself, section by section: Chinese is found as it is typed, excerpts need nothing further,
//! and the files weigh as much as the text and no more. They are scripts, which a page may load from the disk as well as
//! over HTTP. Chapters lie in parts of about [`PART_BYTES`], so that a changed chapter changes one of them.
//!
//! Indexers such as pagefind were weighed: theirs is quicker to load where a book has many megabytes of text, but needs a
//! server, WebAssembly and a dictionary of Chinese, and all pages again for every change.

use pulldown_cmark::{Event, Tag, TagEnd};
use rayon::prelude::*;
use serde::Serialize;

use crate::markdown::Container;

use super::number::Place;
use super::prose::Setting;
use super::{CaptionCitation, Chapter, Element, Output, Piece, address, breaks, html, number, works};

/// Text in one file, about.
const PART_BYTES: usize = 400_000;

/// What one file hands over.
#[derive(Serialize)]
struct Part<'a> {
    /// How many files there are; the first has the language's name, each other its number too.
    parts: usize,
    chapters: &'a [Searched<'a>],
}

/// A page, its chapter's name and its sections: anchor, title and text.
#[derive(Serialize)]
struct Searched<'a>(String, &'a str, Vec<Section>);

#[derive(Serialize, Default)]
struct Section(String, String, String);

/// The files of all languages.
pub(super) fn of_book(setting: Setting<'_>) -> Vec<Output> {
    number::languages(setting.book).into_iter().flat_map(|language| files(setting, language)).collect()
}

fn files(setting: Setting<'_>, language: &str) -> Vec<Output> {
    let chapters = setting.book.chapters.iter().zip(&setting.atlas.places);
    let own: Vec<_> = chapters.filter(|(chapter, _)| chapter.language == language).collect();
    let mut searched: Vec<_> =
        own.into_par_iter().map(|(chapter, place)| of_chapter(setting, chapter, place)).collect();
    searched.extend(of_works(setting, language));
    let mut ends = Vec::new();
    let mut bytes = 0;
    for (index, Searched(_, _, sections)) in searched.iter().enumerate() {
        let own: usize =
            sections.iter().map(|Section(anchor, title, text)| anchor.len() + title.len() + text.len()).sum();
        if bytes > 0 && bytes + own > PART_BYTES {
            ends.push(index);
            bytes = 0;
        }
        bytes += own;
    }
    ends.push(searched.len());
    let mut start = 0;
    let parts = ends.iter().enumerate().map(|(index, &end)| {
        let part = Part { parts: ends.len(), chapters: &searched[start..end] };
        start = end;
        let json = serde_json::to_string(&part).expect("strings and numbers are JSON");
        let name = if index == 0 { language.to_owned() } else { format!("{language}-{}", index + 1) };
        Output { path: format!("search/{name}.js"), bytes: format!("labbookSearch.push({json});\n").into_bytes() }
    });
    parts.collect()
}

fn of_chapter<'a>(setting: Setting<'_>, chapter: &'a Chapter, place: &Place) -> Searched<'a> {
    let mut reader = Reader::new(setting, chapter);
    seen(&chapter.pieces).for_each(|piece| reader.piece(piece));
    let mut sections = reader.sections;
    for Section(_, title, text) in &mut sections {
        *title = squeezed(title);
        *text = squeezed(text);
    }
    sections.retain(|Section(_, title, text)| !title.is_empty() || !text.is_empty());
    Searched(address::encode(&place.page), &chapter.title, sections)
}

/// The works cited, each a section of their page.
fn of_works<'a>(setting: Setting<'a>, language: &str) -> Option<Searched<'a>> {
    let works = works::of(setting, language)?;
    let sections =
        works.works.iter().map(|work| Section(works::anchor(&work.key), String::new(), squeezed(&work.text)));
    let page = address::encode(&works::page(setting, language));
    Some(Searched(page, setting.words(language).word("bibliography"), sections.collect()))
}

/// The pieces without the line breaks that readers do not see.
fn seen(pieces: &[Piece]) -> impl Iterator<Item = &Piece> {
    let event = |piece: &Piece| match piece {
        Piece::Event(event) => event.clone(),
        _ => Event::InlineHtml("".into()),
    };
    let needless = breaks::needless(&pieces.iter().map(event).collect::<Vec<_>>());
    let pieces = pieces.iter().enumerate();
    pieces.filter(move |(index, _)| needless.binary_search(index).is_err()).map(|(_, piece)| piece)
}

/// A walk over a chapter.
struct Reader<'a> {
    setting: Setting<'a>,
    chapter: &'a Chapter,
    /// The last one is being written.
    sections: Vec<Section>,
    in_heading: bool,
    has_title: bool,
    /// Raw HTML is left out.
    in_html: bool,
}

impl<'a> Reader<'a> {
    fn new(setting: Setting<'a>, chapter: &'a Chapter) -> Self {
        Self {
            setting,
            chapter,
            sections: vec![Section::default()],
            in_heading: false,
            has_title: false,
            in_html: false,
        }
    }

    fn piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Event(Event::Start(Tag::Heading { level, id, .. })) => {
                self.in_heading = true;
                // The chapter's own title stands with every one of its sections.
                let is_title = *level as u8 == 1 && !self.has_title;
                self.has_title |= is_title;
                let anchor = id.as_ref().map_or(String::new(), ToString::to_string);
                if !is_title {
                    self.sections.push(Section(anchor, String::new(), String::new()));
                }
            }
            Piece::Event(Event::End(TagEnd::Heading(_))) => {
                self.in_heading = false;
            }
            Piece::Event(Event::Start(Tag::HtmlBlock)) => self.in_html = true,
            Piece::Event(Event::End(TagEnd::HtmlBlock)) => self.in_html = false,
            Piece::Event(
                Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text),
            ) => {
                self.write(text);
            }
            Piece::Event(Event::SoftBreak | Event::HardBreak | Event::Rule) => self.write(" "),
            Piece::Event(Event::End(tag)) if !breaks::is_inline(tag) => self.write(" "),
            Piece::Event(_) | Piece::Label(_) => {}
            Piece::Value(value) => self.write(&value.text),
            Piece::Reference(id) => {
                let target = self.setting.atlas.find(&self.chapter.language, id);
                let words = self.setting.words(&self.chapter.language);
                self.write(&target.map_or_else(|| id.clone(), |target| target.name(words)));
            }
            Piece::Citation(citation) => self.write(&html::text_of(&works::html_of(citation))),
            Piece::Container(Container::Details(title) | Container::Tab(title)) => self.write(&format!(" {title} ")),
            Piece::Container(_) => {}
            Piece::Element(element) => self.element(element),
        }
    }

    fn write(&mut self, text: &str) {
        if self.in_html {
            return;
        }
        let is_title = self.in_heading && self.sections.len() > 1;
        if self.in_heading && !is_title {
            return;
        }
        if let Some(Section(_, title, body)) = self.sections.last_mut() {
            if is_title { title } else { body }.push_str(text);
        }
    }

    /// What an element says in words.
    fn element(&mut self, element: &Element) {
        let words = self.setting.words(&self.chapter.language);
        let label = self.setting.atlas.find(&self.chapter.language, element.id()).map(|target| target.name(words));
        let says = match element {
            Element::Card(card) => card.source.clone(),
            Element::Figure(figure) => said(&figure.caption, &figure.cited),
            Element::Group(group) => {
                let parts = group.parts.iter().map(|part| said(&part.caption, &part.cited));
                std::iter::once(said(&group.caption, &group.cited)).chain(parts).collect::<Vec<_>>().join(" ")
            }
            Element::Table(table) => said(&table.caption, &table.cited),
            Element::Claim(claim) => claim.says.clone(),
        };
        self.write(&format!(" {} {says} ", label.unwrap_or_default()));
    }
}

/// A caption with what its citations say.
fn said(caption: &str, cited: &[CaptionCitation]) -> String {
    let mut text = String::with_capacity(caption.len());
    let mut at = 0;
    for CaptionCitation { at: place, citation } in cited {
        text.push_str(&caption[at..place.start]);
        text.push_str(&html::text_of(&works::html_of(citation)));
        at = place.end;
    }
    text + &caption[at..]
}

/// Text with every stretch of white space as one space.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use pulldown_cmark::{Options, Parser};

    use super::super::{Book, Templates, number::Atlas};
    use super::*;

    fn files_of(markdown: &[&str]) -> Vec<Output> {
        let options = Options::ENABLE_HEADING_ATTRIBUTES | Options::ENABLE_TABLES;
        let chapters = markdown.iter().enumerate().map(|(index, text)| Chapter {
            slug: format!("c{index}"),
            language: "en".into(),
            title: format!("Chapter {index}"),
            pieces: Parser::new_ext(text, options).map(|event| Piece::Event(event.into_static())).collect(),
            ..Chapter::default()
        });
        let book = Book { languages: vec!["en".into()], chapters: chapters.collect(), ..Book::default() };
        let (atlas, templates) = (Atlas::of(&book), Templates::new(&BTreeMap::new()).unwrap());
        of_book(Setting {
            book: &book,
            atlas: &atlas,
            templates: &templates,
            contents: &crate::render::contents::Contents::default(),
        })
    }

    #[test]
    fn sections_are_searched_by_their_words() {
        let text = "# One\n\nA *gradient*\nvanishes: `relu`.\n\n## 梯度 {#g}\n\n规模\n定律\n\n|a|b|\n|-|-|\n|c|d|\n\n<div>raw</div>\n";
        let files = files_of(&[text]);
        let expected = "labbookSearch.push({\"parts\":1,\"chapters\":[[\"c0.html\",\"Chapter 0\",[\
                        [\"\",\"\",\"A gradient vanishes: relu.\"],[\"g\",\"梯度\",\"规模定律 a b c d\"]]]]});\n";
        assert_eq!(String::from_utf8_lossy(&files[0].bytes), expected);
        assert_eq!(files[0].path, "search/en.js");
    }

    #[test]
    fn a_long_book_is_loaded_in_parts() {
        let long = "word ".repeat(PART_BYTES / 8);
        let files = files_of(&[&long, &long, "short", &long]);
        let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["search/en.js", "search/en-2.js", "search/en-3.js"]);
        assert!(files.iter().all(|file| file.bytes.starts_with(b"labbookSearch.push({\"parts\":3,")));
    }
}
