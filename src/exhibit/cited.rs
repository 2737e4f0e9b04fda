//! Citations of all chapters → pieces of prose, and the works cited in each language.

use std::collections::BTreeMap;

use pulldown_cmark::Event;

use super::Show;
use crate::diagnostic::Span;
use crate::markdown::{Cite, Node};
use crate::render::{Citation, Piece, Works};

/// What the chapters cite.
#[derive(Debug, Default)]
pub(super) struct Cited {
    /// By language and place: a file may be included in chapters of several languages.
    citations: BTreeMap<(String, Span), Citation>,
    /// By language, in the book's order; empty where the book has no bibliography.
    pub(super) works: Vec<Works>,
}

impl Cited {
    /// Writes the citations of each language in the order in which they are read.
    pub(super) fn of(show: &Show<'_>) -> Self {
        let Some(bibliography) = show.bibliography else { return Self::default() };
        let mut cited = Self::default();
        for language in &show.book.config.languages {
            let is_own = |own: &Option<String>| own.as_ref().or(show.book.config.languages.first()) == Some(language);
            let chapters = show.book.chapters.iter().filter(|chapter| is_own(&chapter.language));
            let cites: Vec<&Cite> = chapters.flat_map(|c| &c.nodes).filter_map(cite_of).collect();
            if cites.is_empty() {
                continue;
            }
            let written = bibliography.cite(language, &cites);
            let places = cites.iter().map(|cite| (language.clone(), cite.span));
            cited.citations.extend(places.zip(written.citations));
            cited.works.push(Works { language: language.clone(), works: written.works });
        }
        cited
    }

    /// A citation in the prose; without a bibliography, what was written.
    pub(super) fn piece(&self, cite: &Cite, language: &str, written: &str) -> Piece {
        match self.citations.get(&(language.to_owned(), cite.span)) {
            Some(citation) => Piece::Citation(citation.clone()),
            None => Piece::Event(Event::Text(written.to_owned().into())),
        }
    }
}

fn cite_of(node: &Node) -> Option<&Cite> {
    match node {
        Node::Cite(cite) => Some(cite),
        _ => None,
    }
}
