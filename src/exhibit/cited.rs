//! Citations of all chapters → pieces of prose, and the works cited in each language.

use std::collections::BTreeMap;

use pulldown_cmark::Event;

use super::Show;
use crate::diagnostic::Span;
use crate::markdown::{Chapter, Cite, Directive, Node, caption_cites};
use crate::render::{CaptionCitation, Citation, Piece, Works};

/// What the chapters cite.
#[derive(Debug, Default)]
pub(super) struct Cited {
    /// By language and place: a file may be included in chapters of several languages.
    citations: BTreeMap<(String, Span), Citation>,
    /// By language and caption: the same caption cites the same wherever it is shown.
    captions: BTreeMap<(String, String), Vec<CaptionCitation>>,
    /// By language, in the book's order; empty where the book has no bibliography.
    pub(super) works: Vec<Works>,
}

/// A citation, and where the book has it.
struct Found {
    cite: Cite,
    /// The caption that it is in, and where.
    caption: Option<(String, std::ops::Range<usize>)>,
}

impl Cited {
    /// Writes the citations of each language in the order in which they are read.
    pub(super) fn of(show: &Show<'_>) -> Self {
        let Some(bibliography) = show.bibliography else { return Self::default() };
        let mut cited = Self::default();
        for language in &show.book.config.languages {
            let is_own = |own: &Option<String>| own.as_ref().or(show.book.config.languages.first()) == Some(language);
            let chapters = show.book.chapters.iter().filter(|chapter| is_own(&chapter.language));
            let found: Vec<Found> = chapters.flat_map(|chapter| of_chapter(show, chapter)).collect();
            if found.is_empty() {
                continue;
            }
            let cites: Vec<&Cite> = found.iter().map(|found| &found.cite).collect();
            let written = bibliography.cite(language, &cites);
            for (Found { cite, caption }, citation) in found.iter().zip(written.citations) {
                cited.take(language, cite, caption.as_ref(), citation);
            }
            cited.works.push(Works { language: language.clone(), works: written.works });
        }
        cited
    }

    fn take(
        &mut self,
        language: &str,
        cite: &Cite,
        caption: Option<&(String, std::ops::Range<usize>)>,
        citation: Citation,
    ) {
        let Some((caption, at)) = caption else {
            self.citations.insert((language.to_owned(), cite.span), citation);
            return;
        };
        let known = self.captions.entry((language.to_owned(), caption.clone())).or_default();
        // A caption that is shown again cites what it cited.
        if known.last().is_none_or(|last| last.at.end <= at.start) {
            known.push(CaptionCitation { at: at.clone(), citation });
        }
    }

    /// A citation in the prose; without a bibliography, what was written.
    pub(super) fn piece(&self, cite: &Cite, language: &str, written: &str) -> Piece {
        match self.citations.get(&(language.to_owned(), cite.span)) {
            Some(citation) => Piece::Citation(citation.clone()),
            None => Piece::Event(Event::Text(written.to_owned().into())),
        }
    }

    /// The citations of a caption.
    pub(super) fn caption(&self, language: &str, caption: &str) -> Vec<CaptionCitation> {
        self.captions.get(&(language.to_owned(), caption.to_owned())).cloned().unwrap_or_default()
    }
}

/// The citations of a chapter in the order in which they are read.
fn of_chapter<'a>(show: &'a Show<'_>, chapter: &'a Chapter) -> impl Iterator<Item = Found> + 'a {
    chapter.nodes.iter().flat_map(move |node| match node {
        Node::Cite(cite) => vec![Found { cite: cite.clone(), caption: None }],
        Node::Directive(index) => of_directive(show, &chapter.directives[*index]),
        _ => Vec::new(),
    })
}

fn of_directive(show: &Show<'_>, directive: &Directive) -> Vec<Found> {
    let captions = captions(show, directive).into_iter();
    let found = captions.flat_map(|caption| {
        let cites = caption_cites(&caption, directive.span);
        cites.into_iter().map(move |(at, cite)| Found { cite, caption: Some((caption.clone(), at)) })
    });
    found.collect()
}

/// The captions of what a directive shows, in the words of the page.
fn captions(show: &Show<'_>, directive: &Directive) -> Vec<String> {
    let Some(id) = &directive.id else { return Vec::new() };
    let (book, id, restated) = (show.book, id.value.as_str(), show.book.restatements.get(&id.span));
    let restated = restated.cloned().unwrap_or_default();
    let of_figure = |id: &str, restated: &crate::experiment::Restatement| {
        let figure = book.figures.named(id).map(|figure| restated.figure(figure).caption);
        figure.or_else(|| book.images.named(id).map(|image| restated.image(image).caption))
    };
    if let Some(group) = book.groups.named(id) {
        let group = restated.group(group);
        let parts = group.parts.iter().enumerate();
        let parts = parts.filter_map(|(index, part)| of_figure(part, &restated.part(index)));
        return std::iter::once(group.caption.clone()).chain(parts).collect();
    }
    let table = || book.tables.named(id).map(|table| restated.table(table).caption);
    of_figure(id, &restated).or_else(table).into_iter().collect()
}
