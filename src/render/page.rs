//! What each page's template gets: the frame that all share, and the page's own content.

use std::collections::BTreeSet;

use serde::Serialize;

use super::block::{self, FactContext, FileContext, GridContext};
use super::frame::{Frame, Here, LinkContext, chapters_of, frame};
use super::number::{self, Place};
use super::prose::{Prose, Setting};
use super::templates::Error;
use super::words::Words;
use super::{
    Chapter, Claim, ColophonSection, Element, Output, Piece, Provenance, Raw, address, html, linked_data, works,
};

#[derive(Serialize)]
struct ChapterContext<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    label: String,
    heading: String,
    heading_id: Option<String>,
    subtitle: Option<&'a str>,
    authors: String,
    /// As the author gave it, and as the language writes it.
    date: Option<&'a str>,
    date_text: Option<String>,
    body: &'a str,
}

#[derive(Serialize)]
struct TitleContext<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    claims: Vec<ClaimEntryContext<'a>>,
}

/// A claim on the title page.
#[derive(Serialize)]
struct ClaimEntryContext<'a> {
    label: String,
    href: String,
    says: String,
    verdict: &'static str,
    verdict_word: &'a str,
}

#[derive(Serialize)]
struct ColophonContext<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    sections: Vec<ColophonSectionContext<'a>>,
}

#[derive(Serialize)]
struct ColophonSectionContext<'a> {
    id: String,
    title: &'a str,
    text: String,
    facts: Vec<FactContext<'a>>,
    grid: Option<GridContext<'a>>,
    command: Option<&'a str>,
}

#[derive(Serialize)]
struct BibliographyContext<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    list: String,
}

#[derive(Serialize)]
struct ProvenanceContext<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    heading: String,
    name: Option<&'a str>,
    source: &'a str,
    facts: Vec<FactContext<'a>>,
    shown_in: Option<LinkContext>,
    files: Vec<FileContext<'a>>,
    command: &'a str,
    sections: Vec<ColophonSectionContext<'a>>,
}

/// The title page of one language: contents, and what the book's claims came to.
///
/// # Errors
/// If the template fails.
pub fn title(setting: Setting<'_>, language: &str) -> Result<Output, Error> {
    let path = number::page_path(setting.book, language, "index");
    let words = setting.words(language);
    // A claim may be shown more than once; here it stands once.
    let mut seen = BTreeSet::new();
    let claims = chapters_of(setting, language)
        .flat_map(|(chapter, _)| &chapter.pieces)
        .filter_map(claim_of)
        .filter(|claim| seen.insert(&claim.id))
        .filter_map(|claim| claim_entry(setting, language, &path, words, claim))
        .collect();
    let mut frame = frame(setting, language, words, &path, Here::Title)?;
    frame.linked_data = Some(linked_data::of_title(setting, language, &path));
    fill(setting, "title.html", path, &TitleContext { frame, claims })
}

/// The page of one chapter.
///
/// # Errors
/// If the template fails.
pub fn chapter(setting: Setting<'_>, chapter: &Chapter, place: &Place, prose: &Prose) -> Result<Output, Error> {
    let words = setting.words(&chapter.language);
    let mut frame = frame(setting, &chapter.language, words, &place.page, Here::Chapter(&chapter.slug))?;
    frame.title = format!("{} · {}", chapter.title, setting.book.title_in(&chapter.language));
    frame.description = chapter.description.as_deref().or(frame.description);
    frame.linked_data = Some(linked_data::of_chapter(setting, chapter, place));
    let context = ChapterContext {
        frame,
        label: label(chapter, place, words),
        heading: prose.title.clone().unwrap_or_else(|| html::escape(&chapter.title)),
        heading_id: prose.title_id.clone(),
        subtitle: chapter.subtitle.as_deref(),
        authors: chapter.authors.join(words.comma()),
        date: chapter.date.as_deref(),
        date_text: chapter.date.as_deref().map(|date| words.date(date)),
        body: &prose.body,
    };
    fill(setting, "chapter.html", place.page.clone(), &context)
}

/// The last page of one language.
///
/// # Errors
/// If the template fails.
pub fn colophon(setting: Setting<'_>, language: &str) -> Result<Output, Error> {
    let path = number::page_path(setting.book, language, "colophon");
    let words = setting.words(language);
    let colophons = &setting.book.colophons;
    let own = colophons.iter().find(|colophon| colophon.language == language).or(colophons.first());
    let sections = own.map_or_else(Vec::new, |colophon| self::sections(&colophon.sections, &path, words));
    let mut frame = frame(setting, language, words, &path, Here::Colophon)?;
    frame.title = format!("{} · {}", words.word("colophon"), setting.book.title_in(language));
    frame.linked_data = Some(linked_data::of_colophon(setting, language, &path));
    fill(setting, "colophon.html", path, &ColophonContext { frame, sections })
}

/// The page of the works cited in one language; `None` where there are none.
///
/// # Errors
/// If the template fails.
pub fn bibliography(setting: Setting<'_>, language: &str) -> Result<Option<Output>, Error> {
    let Some(works) = works::of(setting, language) else { return Ok(None) };
    let path = works::page(setting, language);
    let words = setting.words(language);
    let mut frame = frame(setting, language, words, &path, Here::Bibliography)?;
    frame.title = format!("{} · {}", words.word("bibliography"), setting.book.title_in(language));
    frame.description = None;
    let list = works::list(setting, works, &path);
    fill(setting, "bibliography.html", path, &BibliographyContext { frame, list }).map(Some)
}

/// The page that tells where something comes from, in the first language.
///
/// # Errors
/// If the template fails.
pub fn provenance(setting: Setting<'_>, of: &Provenance) -> Result<Output, Error> {
    let (path, language) = (of.page(), number::languages(setting.book)[0]);
    let words = setting.words(language);
    let target = setting.atlas.find(language, &of.id);
    let numbered = target.filter(|target| target.number.is_some()).map(|target| target.name(words));
    let chapter_of = |target: &super::number::Target| {
        let mut chapters = setting.book.chapters.iter().zip(&setting.atlas.places);
        chapters.find(|(_, place)| place.page == target.page).map(|(chapter, _)| chapter.title.clone())
    };
    let shown_in = target.and_then(|target| {
        let title = chapter_of(target)?;
        Some(LinkContext { title, href: block::href(&path, target), current: false })
    });
    let heading = numbered.or_else(|| of.value.clone()).unwrap_or_else(|| words.word(&of.kind).to_owned());
    // A page aside: the navigation leads home, and not through the whole book once more.
    let mut frame = frame(setting, language, words, &path, Here::Aside)?;
    frame.title = format!("{} {heading} {} · {}", words.word("provenance_of"), of.id, setting.book.title_in(language));
    frame.description = None;
    frame.crumbs.extend(shown_in.clone());
    frame.linked_data = linked_data::of_provenance(setting, of, &path);
    let mut files = block::files(&of.files, &path);
    files.push(FileContext { name: words.word("lineage_file"), href: address::relative(&path, &of.record) });
    let context = ProvenanceContext {
        frame,
        heading,
        name: Some(of.id.as_str()).filter(|_| of.value.is_none()),
        source: &of.source,
        facts: block::facts(&of.facts, &path, words),
        shown_in,
        files,
        command: &of.command,
        sections: sections(&of.sections, &path, words),
    };
    fill(setting, "provenance.html", path.clone(), &context)
}

/// What a chapter is called beside its title.
pub(super) fn label(chapter: &Chapter, place: &Place, words: &Words) -> String {
    match place.number.as_str() {
        "" => chapter.title.clone(),
        number => words.numbered("chapter", number),
    }
}

fn fill(setting: Setting<'_>, template: &str, path: String, context: &impl Serialize) -> Result<Output, Error> {
    setting.templates.fill(template, context).map(|page| Output { path, bytes: page.into_bytes() })
}

fn claim_of(piece: &Piece) -> Option<&Claim> {
    match piece {
        Piece::Element(element) => match &**element {
            Element::Claim(claim) => Some(claim),
            _ => None,
        },
        _ => None,
    }
}

fn claim_entry<'a>(
    setting: Setting<'a>,
    language: &str,
    page: &str,
    words: &'a Words,
    claim: &Claim,
) -> Option<ClaimEntryContext<'a>> {
    let target = setting.atlas.find(language, &claim.id)?;
    Some(ClaimEntryContext {
        label: target.name(words),
        href: block::href(page, target),
        says: html::inline(&claim.says, setting.book.raw),
        verdict: claim.verdict.word(),
        verdict_word: words.word(claim.verdict.word()),
    })
}

fn sections<'a>(sections: &'a [ColophonSection], page: &str, words: &'a Words) -> Vec<ColophonSectionContext<'a>> {
    let sections = sections.iter().enumerate();
    sections
        .map(|(index, section)| ColophonSectionContext {
            id: format!("part-{}", index + 1),
            title: words.word(&section.title),
            text: html::blocks(&section.text, Raw::AsWritten),
            facts: block::facts(&section.facts, page, words),
            grid: section.grid.as_ref().map(block::grid),
            command: section.command.as_deref(),
        })
        .collect()
}
