//! What each page's template gets: the frame that all share (navigation, languages, words) and the page's own content.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::block::{self, FactContext, FileContext, GridContext};
use super::number::{self, Place};
use super::prose::{Prose, Setting};
use super::templates::Error;
use super::words::{self, Words};
use super::{Chapter, Claim, ColophonSection, Element, Output, Piece, Provenance, address, html};

/// What every page's template gets.
#[derive(Serialize)]
struct Frame<'a> {
    language: &'a str,
    words: &'a BTreeMap<&'static str, &'static str>,
    /// From the page to the root of the output: empty or `../`.
    root: String,
    book: BookContext<'a>,
    /// The title of the document.
    title: String,
    description: Option<&'a str>,
    /// A notice over every page of a book that is not the full one.
    notice: Option<String>,
    version: &'a str,
    home: LinkContext,
    chapters: Vec<EntryContext<'a>>,
    colophon: LinkContext,
    alternates: Vec<AlternateContext<'a>>,
    previous: Option<LinkContext>,
    next: Option<LinkContext>,
}

#[derive(Serialize)]
struct BookContext<'a> {
    title: &'a str,
    authors: String,
    description: Option<&'a str>,
}

#[derive(Serialize, Clone)]
struct LinkContext {
    title: String,
    href: String,
    current: bool,
}

/// A chapter in the navigation, with its sections where they are shown.
#[derive(Serialize)]
struct EntryContext<'a> {
    number: usize,
    title: &'a str,
    description: Option<&'a str>,
    href: String,
    current: bool,
    sections: Vec<SectionContext<'a>>,
}

#[derive(Serialize)]
struct SectionContext<'a> {
    number: &'a str,
    title: &'a str,
    href: String,
}

/// The same page in another language, or that language's first page where it has no such chapter.
#[derive(Serialize)]
struct AlternateContext<'a> {
    language: &'a str,
    name: &'a str,
    href: String,
    current: bool,
    /// Whether it is the same page.
    same: bool,
}

#[derive(Serialize)]
struct ChapterContext<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    label: String,
    heading: String,
    heading_id: Option<String>,
    subtitle: Option<&'a str>,
    authors: String,
    date: Option<&'a str>,
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

/// Which page of a language is framed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Here<'a> {
    Title,
    /// The chapter with this slug.
    Chapter(&'a str),
    Colophon,
    /// A page that nobody reads in turn.
    Aside,
}

/// The title page of one language: contents, and what the book's claims came to.
///
/// # Errors
/// If the template fails.
pub fn title(setting: Setting<'_>, language: &str) -> Result<Output, Error> {
    let path = number::page_path(setting.book, language, "index");
    let words = &Words::of(language);
    // A claim may be shown more than once; here it stands once.
    let mut seen = BTreeSet::new();
    let claims = chapters_of(setting, language)
        .flat_map(|(chapter, _)| &chapter.pieces)
        .filter_map(claim_of)
        .filter(|claim| seen.insert(&claim.id))
        .filter_map(|claim| claim_entry(setting, language, &path, words, claim))
        .collect();
    let frame = frame(setting, language, words, &path, Here::Title);
    fill(setting, "title.html", path, &TitleContext { frame, claims })
}

/// The page of one chapter.
///
/// # Errors
/// If the template fails.
pub fn chapter(setting: Setting<'_>, chapter: &Chapter, place: &Place, prose: &Prose) -> Result<Output, Error> {
    let words = &Words::of(&chapter.language);
    let mut frame = frame(setting, &chapter.language, words, &place.page, Here::Chapter(&chapter.slug));
    frame.title = format!("{} · {}", chapter.title, setting.book.title);
    frame.description = chapter.description.as_deref().or(frame.description);
    let context = ChapterContext {
        frame,
        label: words.numbered("chapter", &place.number.to_string()),
        heading: prose.title.clone().unwrap_or_else(|| html::escape(&chapter.title)),
        heading_id: prose.title_id.clone(),
        subtitle: chapter.subtitle.as_deref(),
        authors: chapter.authors.join(words.comma()),
        date: chapter.date.as_deref(),
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
    let words = &Words::of(language);
    let colophons = &setting.book.colophons;
    let own = colophons.iter().find(|colophon| colophon.language == language).or(colophons.first());
    let sections = own.map_or_else(Vec::new, |colophon| self::sections(&colophon.sections, &path, words));
    let mut frame = frame(setting, language, words, &path, Here::Colophon);
    frame.title = format!("{} · {}", words.word("colophon"), setting.book.title);
    fill(setting, "colophon.html", path, &ColophonContext { frame, sections })
}

/// The page that tells where something comes from, in the first language.
///
/// # Errors
/// If the template fails.
pub fn provenance(setting: Setting<'_>, of: &Provenance) -> Result<Output, Error> {
    let (path, language) = (of.page(), number::languages(setting.book)[0]);
    let words = &Words::of(language);
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
    let mut frame = frame(setting, language, words, &path, Here::Aside);
    frame.title = format!("{} {heading} {} · {}", words.word("provenance_of"), of.id, setting.book.title);
    frame.description = None;
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

fn fill(setting: Setting<'_>, template: &str, path: String, context: &impl Serialize) -> Result<Output, Error> {
    setting.templates.fill(template, context).map(|page| Output { path, bytes: page.into_bytes() })
}

/// The chapters of one language, with their places.
fn chapters_of<'a>(setting: Setting<'a>, language: &str) -> impl Iterator<Item = (&'a Chapter, &'a Place)> {
    let all = setting.book.chapters.iter().zip(&setting.atlas.places);
    all.filter(move |(chapter, _)| chapter.language == language)
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
        says: html::inline(&claim.says),
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
            text: html::blocks(&section.text),
            facts: block::facts(&section.facts, page, words),
            grid: section.grid.as_ref().map(block::grid),
            command: section.command.as_deref(),
        })
        .collect()
}

fn frame<'a>(setting: Setting<'a>, language: &'a str, words: &'a Words, path: &str, here: Here<'a>) -> Frame<'a> {
    let book = setting.book;
    let chapters: Vec<_> = chapters_of(setting, language)
        .filter(|_| here != Here::Aside)
        .map(|(chapter, place)| entry(chapter, place, path, here))
        .collect();
    let home = own_page(setting, language, path, "index", &book.title, here == Here::Title);
    let colophon = own_page(setting, language, path, "colophon", words.word("colophon"), here == Here::Colophon);
    let (previous, next) = neighbours(&home, &chapters, &colophon);
    Frame {
        language,
        words: words.table(),
        root: address::relative(path, ""),
        book: BookContext {
            title: &book.title,
            authors: book.authors.join(words.comma()),
            description: book.description.as_deref(),
        },
        title: book.title.clone(),
        description: book.description.as_deref(),
        notice: book.profile.as_deref().map(|profile| notice(profile, words)),
        version: &book.version,
        home,
        chapters,
        colophon,
        alternates: alternates(setting, language, path, here),
        previous,
        next,
    }
}

fn notice(profile: &str, words: &Words) -> String {
    if profile == "quick" { words.word("quick").to_owned() } else { format!("{} {profile}", words.word("profile")) }
}

fn own_page(setting: Setting<'_>, language: &str, path: &str, name: &str, title: &str, current: bool) -> LinkContext {
    let page = number::page_path(setting.book, language, name);
    LinkContext { title: title.to_owned(), href: address::relative(path, &page), current }
}

fn entry<'a>(chapter: &'a Chapter, place: &'a Place, path: &str, here: Here<'_>) -> EntryContext<'a> {
    let current = here == Here::Chapter(&chapter.slug);
    let with_sections = current || here == Here::Title;
    let href = address::relative(path, &place.page);
    let sections = place.headings.iter().filter(|heading| with_sections && heading.level == 2);
    let sections = sections.filter_map(|heading| {
        let id = address::encode(heading.id.as_ref()?);
        let href = if current { format!("#{id}") } else { format!("{href}#{id}") };
        Some(SectionContext { number: heading.number.as_deref()?, title: &heading.title, href })
    });
    EntryContext {
        number: place.number,
        title: &chapter.title,
        description: chapter.description.as_deref(),
        sections: sections.collect(),
        current,
        href,
    }
}

/// The pages before and after the current one: title page, chapters, colophon.
fn neighbours(
    home: &LinkContext,
    chapters: &[EntryContext<'_>],
    colophon: &LinkContext,
) -> (Option<LinkContext>, Option<LinkContext>) {
    let mut order = vec![home.clone()];
    order.extend(chapters.iter().map(|entry| LinkContext {
        title: entry.title.to_owned(),
        href: entry.href.clone(),
        current: entry.current,
    }));
    order.push(colophon.clone());
    let Some(here) = order.iter().position(|link| link.current) else { return (None, None) };
    (here.checked_sub(1).map(|before| order[before].clone()), order.get(here + 1).cloned())
}

fn alternates<'a>(setting: Setting<'a>, own: &str, path: &str, here: Here<'_>) -> Vec<AlternateContext<'a>> {
    let languages = number::languages(setting.book).into_iter();
    languages
        .map(|language| {
            let page = match here {
                Here::Title => Some(number::page_path(setting.book, language, "index")),
                Here::Colophon => Some(number::page_path(setting.book, language, "colophon")),
                // Written once, in the first language.
                Here::Aside => None,
                Here::Chapter(slug) => {
                    let same = chapters_of(setting, language).find(|(chapter, _)| chapter.slug == slug);
                    same.map(|(_, place)| place.page.clone())
                }
            };
            let same = page.is_some();
            let page = page.unwrap_or_else(|| number::page_path(setting.book, language, "index"));
            AlternateContext {
                language,
                name: words::language_name(language),
                href: address::relative(path, &page),
                current: language == own,
                same,
            }
        })
        .collect()
}
