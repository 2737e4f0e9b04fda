//! BibTeX files and a CSL style → citations as the style writes them, and the list of the works cited.
//!
//! 1. `read` takes in the files and the style that `labbook.toml` names; what is wrong with them has its place.
//! 2. [`check`] reports keys that no file has.
//! 3. [`Bibliography::cite`] writes all citations of one language at once, since numbers, `2017a` and `2017b`, and shortened
//!    lists of authors depend on each other; `write` makes HTML of what the style gives.
//!
//! The formats and the styles are `hayagriva`'s. Styles that cite in footnotes are left out.

mod read;
mod write;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use hayagriva::archive;
use hayagriva::citationberg::taxonomy::Locator;
use hayagriva::citationberg::{IndependentStyle, Locale, LocaleCode};
use hayagriva::{
    BibliographyDriver, BibliographyRequest, CitationItem, CitationRequest, CitePurpose, Library, LocatorPayload,
    Rendered, SpecificLocator,
};

use crate::diagnostic::{Diagnostic, Diagnostics, Sources, did_you_mean, nearest};
use crate::markdown::{Chapter, Cite, CiteForm, CitedWork, Node, caption_cites};
use crate::render::{Citation, CitationPart, Work};

pub use read::read;

/// The works that a book may cite, and how it cites.
#[derive(Debug)]
pub struct Bibliography {
    library: Library,
    style: IndependentStyle,
    /// Every file and the style could be read.
    whole: bool,
}

/// The citations of one language, written.
#[derive(Debug, Default)]
pub struct Written {
    /// One each, in the order asked for.
    pub citations: Vec<Citation>,
    /// The works cited, in the style's order.
    pub works: Vec<Work>,
}

/// The words of the styles in all languages.
static LOCALES: LazyLock<Vec<Locale>> = LazyLock::new(archive::locales);

/// Labels that authors write before a place in a work.
const LABELS: [(&str, Locator); 16] = [
    ("pages", Locator::Page),
    ("page", Locator::Page),
    ("pp.", Locator::Page),
    ("p.", Locator::Page),
    ("chapter", Locator::Chapter),
    ("chap.", Locator::Chapter),
    ("ch.", Locator::Chapter),
    ("section", Locator::Section),
    ("sec.", Locator::Section),
    ("§", Locator::Section),
    ("figure", Locator::Figure),
    ("fig.", Locator::Figure),
    ("table", Locator::Table),
    ("equation", Locator::Equation),
    ("eq.", Locator::Equation),
    ("vol.", Locator::Volume),
];

impl Bibliography {
    /// Writes the citations of one language, in the order in which they are read.
    pub fn cite(&self, language: &str, cites: &[&Cite]) -> Written {
        // Nothing is known to make the library panic; a book must not end by it all the same.
        let rendered = catch_unwind(AssertUnwindSafe(|| self.rendered(language, cites)));
        let Ok(rendered) = rendered else {
            return Written { citations: cites.iter().map(|cite| as_written(cite)).collect(), works: Vec::new() };
        };
        let written = rendered.citations.iter().zip(cites);
        Written {
            citations: written.map(|(citation, cite)| write::citation(&citation.citation, cite)).collect(),
            works: rendered.bibliography.map_or_else(Vec::new, |list| list.items.iter().map(write::work).collect()),
        }
    }

    fn rendered(&self, language: &str, cites: &[&Cite]) -> Rendered {
        let locale = locale_of(language);
        let mut driver = BibliographyDriver::new();
        for cite in cites {
            let items = cite.works.iter().filter_map(|work| {
                let entry = self.library.get(&work.key.value)?;
                let purpose = (cite.form == CiteForm::Prose).then_some(CitePurpose::Prose);
                Some(CitationItem::new(entry, work.locator.as_deref().map(place_in), None, false, purpose))
            });
            driver.citation(CitationRequest::new(items.collect(), &self.style, locale.clone(), &LOCALES, None));
        }
        driver.finish(BibliographyRequest::new(&self.style, locale, &LOCALES))
    }
}

/// Reports citations of what no file has, and citations in a book that names no file.
pub fn check(of: Option<&Bibliography>, chapters: &[Chapter], sources: &Sources, diagnostics: &mut Diagnostics) {
    for cite in chapters.iter().flat_map(cites_of) {
        let Some(bibliography) = of else {
            // Without a file of works, `@name` is the name of somebody somewhere.
            if cite.form == CiteForm::Bracketed {
                let diagnostic =
                    Diagnostic::warning(cite.span, "the book names no bibliography, so this stays as it is");
                diagnostics
                    .push(diagnostic.hint("write `bibliography = \"references.bib\"` below `[book]` in labbook.toml"));
            }
            continue;
        };
        let text = &sources.get(cite.span.file).text;
        if cite.form == CiteForm::Prose && text[..cite.span.start].ends_with('[') {
            let diagnostic = Diagnostic::warning(cite.span, "the brackets around this citation are taken as text");
            let hint = "a citation stands on one line and without markup: `[@key, pp. 3-4; @other]`";
            diagnostics.push(diagnostic.hint(hint));
        }
        // What a file that cannot be read may hold is not missing; the file has been reported.
        let is_unknown = |work: &&CitedWork| bibliography.whole && bibliography.library.get(&work.key.value).is_none();
        let unknown = cite.works.iter().filter(is_unknown);
        for work in unknown {
            let key = &work.key.value;
            let keys: Vec<&str> = bibliography.library.keys().collect();
            let hint = match nearest(key, keys.iter().copied()) {
                None if keys.len() > 12 => "`\\@` writes the sign itself".to_owned(),
                _ => did_you_mean(key, &keys),
            };
            diagnostics.push(Diagnostic::error(work.key.span, format!("the bibliography has no `{key}`")).hint(hint));
        }
    }
}

/// The citations of a chapter's prose and of the captions in it.
fn cites_of(chapter: &Chapter) -> impl Iterator<Item = Cite> {
    let prose = chapter.nodes.iter().filter_map(|node| match node {
        Node::Cite(cite) => Some(cite.clone()),
        _ => None,
    });
    let captions = chapter.directives.iter().flat_map(|directive| directive.captions());
    prose.chain(captions.flat_map(|caption| caption_cites(&caption.value, caption.span)).map(|(_, cite)| cite))
}

/// A citation as its author wrote it.
fn as_written(cite: &Cite) -> Citation {
    let work = |work: &CitedWork| CitationPart::Work { key: work.key.value.clone(), html: work.key.value.clone() };
    Citation { parts: cite.works.iter().map(work).collect() }
}

/// `p. 3` as the styles know it; what begins with no known label is printed as it is.
fn place_in(written: &str) -> SpecificLocator<'_> {
    let label = LABELS.iter().find(|(label, _)| written.to_lowercase().starts_with(label));
    match label.and_then(|(label, locator)| written.get(label.len()..).map(|rest| (locator, rest.trim()))) {
        Some((locator, rest)) if !rest.is_empty() => SpecificLocator(*locator, LocatorPayload::Str(rest)),
        _ if written.starts_with(|c: char| c.is_ascii_digit()) => {
            SpecificLocator(Locator::Page, LocatorPayload::Str(written))
        }
        _ => SpecificLocator(Locator::Custom, LocatorPayload::Str(written)),
    }
}

/// The locale of a language: itself, the usual one of its countries, or any of them.
fn locale_of(language: &str) -> Option<LocaleCode> {
    let primary = language.split(['-', '_']).next().unwrap_or(language);
    let usual = match primary {
        "en" => "en-US".to_owned(),
        "zh" => "zh-CN".to_owned(),
        "pt" => "pt-PT".to_owned(),
        _ => format!("{primary}-{}", primary.to_uppercase()),
    };
    let known = || LOCALES.iter().filter_map(|locale| locale.lang.as_ref());
    let exact = |code: &str| known().find(|lang| lang.0.eq_ignore_ascii_case(code));
    let first = || known().find(|lang| lang.0.split('-').next() == Some(primary));
    exact(language).or_else(|| exact(&usual)).or_else(first).cloned()
}

#[cfg(test)]
mod tests;
