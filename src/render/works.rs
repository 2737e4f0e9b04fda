//! Works cited: their citations in the prose, and the list of them with the ways back.

use std::ops::Range;

use super::number::{self, CitationPlace};
use super::prose::Setting;
use super::{address, html};

/// A citation as its style writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Citation {
    /// In order.
    pub parts: Vec<CitationPart>,
}

/// A piece of a citation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CitationPart {
    /// HTML around the works: brackets, separators.
    Text(String),
    /// What names a work.
    Work {
        /// Its key.
        key: String,
        /// HTML.
        html: String,
    },
}

/// A citation in a caption.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaptionCitation {
    /// What the caption has in its place.
    pub at: Range<usize>,
    /// As the style writes it.
    pub citation: Citation,
}

/// The works cited in one language, in the order of their list.
#[derive(Debug, Clone, Default)]
pub struct Works {
    /// One of [`Book::languages`](super::Book::languages).
    pub language: String,
    /// In order.
    pub works: Vec<Work>,
}

/// A work in the list.
#[derive(Debug, Clone, Default)]
pub struct Work {
    /// Its key.
    pub key: String,
    /// What stands before it, such as its number, as HTML.
    pub label: Option<String>,
    /// Its description, as HTML.
    pub html: String,
    /// The same in plain text.
    pub text: String,
}

/// The works of one language; `None` where it cites none.
pub(super) fn of<'a>(setting: Setting<'a>, language: &str) -> Option<&'a Works> {
    setting.book.works.iter().find(|works| works.language == language)
}

/// The page with the works of one language.
pub(super) fn page(setting: Setting<'_>, language: &str) -> String {
    number::page_path(setting.book, language, "bibliography")
}

/// The `number`-th citation of the page at `from`.
pub(super) fn citation(setting: Setting<'_>, language: &str, from: &str, citation: &Citation, number: usize) -> String {
    let to = address::relative(from, &page(setting, language));
    let works = of(setting, language);
    let parts = citation.parts.iter().map(|part| match part {
        CitationPart::Text(html) => html.clone(),
        CitationPart::Work { key, html } => {
            let text = works.and_then(|works| works.works.iter().find(|work| work.key == *key)).map(|work| &work.text);
            let title = text.map_or_else(String::new, |text| format!(" title=\"{}\"", html::escape(text)));
            let href = html::escape(&format!("{to}#{}", address::encode(&anchor(key))));
            format!("<a class=\"reference\" href=\"{href}\"{title}>{html}</a>")
        }
    });
    let (id, parts) = (citation_anchor(number), parts.collect::<String>());
    format!("<span class=\"citation\" id=\"{id}\">{parts}</span>")
}

/// The `number`-th citation of a page where nothing may be a link: works lead back to it all the same.
pub(super) fn unlinked(citation: &Citation, number: usize) -> String {
    format!("<span class=\"citation\" id=\"{}\">{}</span>", citation_anchor(number), html_of(citation))
}

/// What a citation says, as HTML without links.
pub(super) fn html_of(citation: &Citation) -> String {
    let html = |part: &CitationPart| match part {
        CitationPart::Text(html) | CitationPart::Work { html, .. } => html.clone(),
    };
    citation.parts.iter().map(html).collect()
}

/// The keys of a citation's works.
pub(super) fn keys(citation: &Citation) -> Vec<String> {
    let key = |part: &CitationPart| match part {
        CitationPart::Work { key, .. } => Some(key.clone()),
        CitationPart::Text(_) => None,
    };
    citation.parts.iter().filter_map(key).collect()
}

/// The anchor of a page's `number`-th citation. Headings' anchors have no dots.
pub(super) fn citation_anchor(number: usize) -> String {
    format!("cite.{number}")
}

/// The anchor of a work in the list.
pub(super) fn anchor(key: &str) -> String {
    format!("ref.{key}")
}

/// The list of the works of one language as it stands on the page at `from`.
pub(super) fn list(setting: Setting<'_>, works: &Works, from: &str) -> String {
    let items = works.works.iter().map(|work| item(setting, works, work, from));
    format!("<ul class=\"works\">\n{}</ul>\n", items.collect::<String>())
}

fn item(setting: Setting<'_>, works: &Works, work: &Work, from: &str) -> String {
    let words = setting.words(&works.language);
    let chapters = setting.book.chapters.iter().zip(&setting.atlas.places);
    let own = chapters.filter(|(chapter, _)| chapter.language == works.language);
    let back = own.flat_map(|(chapter, place)| {
        let cites = place.citations.iter().filter(|citation| citation.keys.contains(&work.key));
        cites.map(|CitationPlace { anchor, number, .. }| {
            let href = html::escape(&address::relative(from, &place.page));
            let name = if number.is_empty() { html::escape(&chapter.title) } else { number.clone() };
            format!("<a href=\"{href}#{anchor}\">{name}</a>")
        })
    });
    let back = back.collect::<Vec<_>>().join(words.comma());
    let label =
        work.label.as_ref().map_or_else(String::new, |label| format!("<span class=\"work-label\">{label}</span> "));
    let id = html::escape(&anchor(&work.key));
    let cited = html::escape(words.word("cited_in"));
    format!("<li id=\"{id}\">{label}{} <span class=\"cited-in\">{cited} {back}</span></li>\n", work.html)
}
