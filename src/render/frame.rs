//! The frame that all pages share: navigation, breadcrumb, languages, the neighbours to turn to.

use std::collections::BTreeMap;

use serde::Serialize;

use super::contents::{self, EntryContext};
use super::number::{self, Place};
use super::prose::Setting;
use super::templates::Error;
use super::words::Words;
use super::{Chapter, address, works};

/// What every page's template gets.
#[derive(Serialize)]
pub(super) struct Frame<'a> {
    language: &'a str,
    words: &'a BTreeMap<String, String>,
    /// From the page to the root of the output: empty or `../`.
    root: String,
    book: BookContext<'a>,
    /// The title of the document.
    pub(super) title: String,
    pub(super) description: Option<&'a str>,
    /// What the page is, for programs: JSON that may stand between script tags.
    pub(super) linked_data: Option<String>,
    /// The way from the first page to this one, itself left out; empty on the first.
    pub(super) crumbs: Vec<LinkContext>,
    /// A notice over every page of a book that is not the full one.
    notice: Option<String>,
    version: &'a str,
    home: LinkContext,
    /// The chapters in the navigation: items of a list.
    contents: String,
    /// The chapters with their sections, on the title page.
    chapters: Vec<EntryContext<'a>>,
    colophon: LinkContext,
    /// The works cited, where there are any.
    bibliography: Option<LinkContext>,
    /// The link to the whole book on one page.
    whole: String,
    /// Every chapter stands in the navigation, or only those near this one.
    all_chapters: bool,
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

/// A link and what it leads to.
#[derive(Serialize, Clone)]
pub(super) struct LinkContext {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) current: bool,
}

/// The same page in another language, or that language's first page where it has no such chapter.
#[derive(Serialize)]
struct AlternateContext<'a> {
    language: &'a str,
    name: &'a str,
    href: String,
    /// The same in full, where the book says where it will stand: search engines take no other one.
    url: Option<String>,
    current: bool,
    /// Whether it is the same page.
    same: bool,
    /// For the headings whose anchors differ: the one here and the one there, as JSON; empty where none do.
    anchors: String,
}

/// Which page of a language is framed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Here<'a> {
    Title,
    /// The chapter with this slug.
    Chapter(&'a str),
    Colophon,
    Bibliography,
    /// A page that nobody reads in turn.
    Aside,
}

/// The frame of the page at `path`.
pub(super) fn frame<'a>(
    setting: Setting<'a>,
    language: &'a str,
    words: &'a Words,
    path: &str,
    here: Here<'a>,
) -> Result<Frame<'a>, Error> {
    let book = setting.book;
    let order = order(setting, language, here);
    let current = order.iter().position(|(chapter, _)| here == Here::Chapter(&chapter.slug));
    let home = own_page(setting, language, path, "index", book.title_in(language), here == Here::Title);
    let colophon = own_page(setting, language, path, "colophon", words.word("colophon"), here == Here::Colophon);
    let works = works::of(setting, language).map(|_| {
        let title = words.word("bibliography");
        own_page(setting, language, path, "bibliography", title, here == Here::Bibliography)
    });
    let link = |&(chapter, place): &(&Chapter, &Place)| LinkContext {
        title: chapter.title.clone(),
        href: address::relative(path, &place.page),
        current: false,
    };
    let at = |index: usize| order.get(index).map(link).unwrap_or_else(|| colophon.clone());
    let (previous, next) = match (here, current) {
        (Here::Title, _) => (None, Some(at(0))),
        (Here::Colophon, _) => (Some(order.last().map_or_else(|| home.clone(), link)), None),
        (Here::Bibliography, _) => (Some(order.last().map_or_else(|| home.clone(), link)), Some(colophon.clone())),
        (_, Some(index)) => (Some(index.checked_sub(1).map_or_else(|| home.clone(), at)), Some(at(index + 1))),
        _ => (None, None),
    };
    let shown = if here == Here::Title { 0..order.len() } else { contents::near(order.len(), current) };
    let all_chapters = shown.len() == order.len();
    let contents = setting.contents.around(setting, language, path, &order[shown.clone()], shown.start, current)?;
    let on_title = order.iter().filter(|_| here == Here::Title);
    let chapters = on_title.map(|(chapter, place)| contents::entry(chapter, place, path, here)).collect();
    let crumbs = if here == Here::Title { Vec::new() } else { vec![home.clone()] };
    Ok(Frame {
        language,
        words: words.table(),
        root: address::relative(path, ""),
        book: BookContext {
            title: book.title_in(language),
            authors: book.authors.join(words.comma()),
            description: book.description_in(language),
        },
        title: book.title_in(language).to_owned(),
        description: book.description_in(language),
        linked_data: None,
        crumbs,
        notice: book.profile.as_deref().map(|profile| notice(profile, words)),
        version: &book.version,
        home,
        contents,
        chapters,
        colophon,
        bibliography: works,
        whole: address::relative(path, &number::page_path(book, language, "print")),
        all_chapters,
        alternates: alternates(setting, language, path, here),
        previous,
        next,
    })
}

/// The chapters that a page may lead to.
fn order<'a>(setting: Setting<'a>, language: &str, here: Here<'_>) -> Vec<(&'a Chapter, &'a Place)> {
    // A page aside leads home, and not through the whole book once more.
    if here == Here::Aside { Vec::new() } else { chapters_of(setting, language).collect() }
}

fn notice(profile: &str, words: &Words) -> String {
    if profile == "quick" { words.word("quick").to_owned() } else { format!("{} {profile}", words.word("profile")) }
}

fn own_page(setting: Setting<'_>, language: &str, path: &str, name: &str, title: &str, current: bool) -> LinkContext {
    let page = number::page_path(setting.book, language, name);
    LinkContext { title: title.to_owned(), href: address::relative(path, &page), current }
}

fn alternates<'a>(setting: Setting<'a>, own: &str, path: &str, here: Here<'a>) -> Vec<AlternateContext<'a>> {
    let of = |language: &'a str| {
        let (page, anchors) = match here {
            Here::Title => (Some(number::page_path(setting.book, language, "index")), String::new()),
            Here::Colophon => (Some(number::page_path(setting.book, language, "colophon")), String::new()),
            Here::Bibliography => {
                let page = works::of(setting, language).map(|_| works::page(setting, language));
                (page, String::new())
            }
            // Written once, in the first language.
            Here::Aside => (None, String::new()),
            Here::Chapter(slug) => {
                let place = |language| {
                    let mut same = chapters_of(setting, language).filter(|(chapter, _)| chapter.slug == slug);
                    same.next().map(|(_, place)| place)
                };
                let there = place(language);
                let anchors = place(own).zip(there).map(|(here, there)| anchors(here, there)).unwrap_or_default();
                (there.map(|there| there.page.clone()), anchors)
            }
        };
        let same = page.is_some();
        let page = page.unwrap_or_else(|| number::page_path(setting.book, language, "index"));
        AlternateContext {
            language,
            name: setting.templates.lexicon().name(language),
            href: address::relative(path, &page),
            url: setting.book.url.as_ref().map(|url| format!("{url}{}", address::encode(&page))),
            current: language == own,
            same,
            anchors,
        }
    };
    number::languages(setting.book).into_iter().map(of).collect()
}

/// Which heading of a translation is which of the original, where their anchors differ. Headings are the same by their
/// place, so nothing is said of two chapters that are not built alike.
fn anchors(here: &Place, there: &Place) -> String {
    let levels = |place: &Place| place.headings.iter().map(|heading| heading.level).collect::<Vec<_>>();
    if levels(here) != levels(there) {
        return String::new();
    }
    let pairs = here.headings.iter().zip(&there.headings).filter_map(|(a, b)| a.id.as_deref().zip(b.id.as_deref()));
    let differing: BTreeMap<&str, &str> = pairs.filter(|(a, b)| a != b).collect();
    if differing.is_empty() { String::new() } else { serde_json::to_string(&differing).expect("strings are JSON") }
}

/// The chapters of one language, with their places.
pub(super) fn chapters_of<'a>(setting: Setting<'a>, language: &str) -> impl Iterator<Item = (&'a Chapter, &'a Place)> {
    let all = setting.book.chapters.iter().zip(&setting.atlas.places);
    all.filter(move |(chapter, _)| chapter.language == language)
}
