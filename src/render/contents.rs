//! The chapters in the navigation of every page.
//!
//! A page differs from the next in its own entry and in the way to the others. So every other entry is written once for a
//! language, and each page puts its links in: a template for all entries of all pages would take most of a build's time.

use std::collections::BTreeMap;

use serde::Serialize;

use super::frame::Here;
use super::number::{self, Place};
use super::prose::Setting;
use super::templates::Error;
use super::{Chapter, Templates, address, html};
use crate::markdown::{Line, Standing};

/// A navigation with more chapters than this would weigh more than most pages.
const MANY: usize = 120;

/// A chapter in the navigation, with its sections where they are shown.
#[derive(Serialize)]
pub(super) struct EntryContext<'a> {
    number: &'a str,
    /// How deep it is nested in other chapters, from 1.
    level: usize,
    /// What stands between it and the chapter before, and below the last one.
    before: Vec<LineContext<'a>>,
    after: Vec<LineContext<'a>>,
    title: &'a str,
    description: Option<&'a str>,
    href: String,
    current: bool,
    sections: Vec<SectionContext<'a>>,
}

/// A line of the contents that leads to no page.
#[derive(Serialize)]
struct LineContext<'a> {
    /// `part`, `rule` or `draft`.
    kind: &'static str,
    number: String,
    level: usize,
    title: &'a str,
}

#[derive(Serialize)]
struct SectionContext<'a> {
    number: Option<&'a str>,
    title: &'a str,
    href: String,
}

/// Stands where the address of an entry goes, until it is known.
const ADDRESS: &str = "\u{1}";
/// Stands between entries.
const BETWEEN: &str = "\u{2}";

/// The entries of all chapters, by language and in order: what stands before the address and after it.
#[derive(Default)]
pub(super) struct Contents(BTreeMap<String, Vec<[String; 2]>>);

#[derive(Serialize)]
struct ContentsContext<'a> {
    chapters: Vec<EntryContext<'a>>,
    between: &'a str,
}

impl Contents {
    /// Writes the entries of a book.
    ///
    /// # Errors
    /// If the template fails.
    pub(super) fn of(chapters: &[(&Chapter, &Place)], templates: &Templates) -> Result<Self, Error> {
        let mut by_language: BTreeMap<String, Vec<EntryContext<'_>>> = BTreeMap::new();
        for (chapter, place) in chapters {
            let entry = EntryContext { href: ADDRESS.to_owned(), ..entry(chapter, place, "", Here::Aside) };
            by_language.entry(chapter.language.clone()).or_default().push(entry);
        }
        let written = by_language.into_iter().map(|(language, chapters)| {
            let text = templates.fill("contents.html", &ContentsContext { chapters, between: BETWEEN })?;
            let entries = text.split_terminator(BETWEEN).map(|entry| {
                let (before, after) = entry.split_once(ADDRESS).unwrap_or((entry, ""));
                [before, after].map(str::to_owned)
            });
            Ok((language, entries.collect()))
        });
        written.collect::<Result<_, _>>().map(Self)
    }

    /// The entries of `shown` chapters, the first of which is the `first` of its language, on the page at `path`; `current`
    /// is the one that is read there.
    ///
    /// # Errors
    /// If the template fails.
    pub(super) fn around(
        &self,
        setting: Setting<'_>,
        language: &str,
        path: &str,
        shown: &[(&Chapter, &Place)],
        first: usize,
        current: Option<usize>,
    ) -> Result<String, Error> {
        let written = self.0.get(language).map_or(&[][..], Vec::as_slice);
        let mut text = String::new();
        for (index, ((chapter, place), [before, after])) in (first..).zip(shown.iter().zip(&written[first..])) {
            if current == Some(index) {
                let chapters = vec![entry(chapter, place, path, Here::Chapter(&chapter.slug))];
                text += &setting.templates.fill("contents.html", &ContentsContext { chapters, between: "" })?;
            } else {
                text += before;
                text += &html::escape(&address::relative(path, &place.page));
                text += after;
            }
        }
        Ok(text)
    }
}

/// Which of the chapters stand in the navigation: in a book of very many, those near the page that is read.
pub(super) fn near(count: usize, current: Option<usize>) -> std::ops::Range<usize> {
    if count <= MANY {
        return 0..count;
    }
    let first = current.unwrap_or(count).saturating_sub(MANY / 4).min(count - MANY / 2);
    first..first + MANY / 2
}

/// A chapter as the page `here` shows it, which stands at `path`.
pub(super) fn entry<'a>(chapter: &'a Chapter, place: &'a Place, path: &str, here: Here<'_>) -> EntryContext<'a> {
    let current = here == Here::Chapter(&chapter.slug);
    let with_sections = current || here == Here::Title;
    let href = address::relative(path, &place.page);
    let sections = place.headings.iter().filter(|heading| with_sections && heading.level == 2);
    let sections = sections.filter_map(|heading| {
        let id = address::encode(heading.id.as_ref()?);
        let href = if current { format!("#{id}") } else { format!("{href}#{id}") };
        Some(SectionContext { number: heading.number.as_deref(), title: &heading.title, href })
    });
    let lines = |of: fn(&Standing) -> &[Line]| chapter.standing.iter().flat_map(of).map(line).collect();
    EntryContext {
        number: &place.number,
        level: chapter.standing.as_ref().map_or(1, |standing| standing.number.len().max(1)),
        before: lines(|standing| &standing.before),
        after: lines(|standing| &standing.after),
        title: &chapter.title,
        description: chapter.description.as_deref(),
        sections: sections.collect(),
        current,
        href,
    }
}

fn line(line: &Line) -> LineContext<'_> {
    match line {
        Line::Part(title) => LineContext { kind: "part", number: String::new(), level: 1, title },
        Line::Rule => LineContext { kind: "rule", number: String::new(), level: 1, title: "" },
        Line::Draft(number, title) => {
            LineContext { kind: "draft", number: number::dotted(number), level: number.len().max(1), title }
        }
    }
}
