//! `{show}` → the words in which it shows again what is declared elsewhere: a translation's, say.

use super::Book;
use super::figure::{Figure, Table as Tabulation};
use crate::diagnostic::Diagnostics;
use crate::fields::{Fields, Table};

/// What a `{show}` says in place of the declaration; what it leaves out is as declared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Restatement {
    /// The caption of a figure or a table: Markdown.
    pub caption: Option<String>,
    /// The alternative text of a figure.
    pub alt: Option<String>,
    /// The titles of a figure's two axes.
    pub titles: [Option<String>; 2],
    /// The sentence of a claim: Markdown. Its digest stays that of the declaration.
    pub says: Option<String>,
}

impl Restatement {
    /// The figure in these words.
    pub fn figure(&self, declared: &Figure) -> Figure {
        let mut figure = declared.clone();
        replace(&mut figure.caption, &self.caption);
        replace(&mut figure.alt, &self.alt);
        for (axis, title) in figure.axes.iter_mut().zip(&self.titles) {
            axis.title = title.clone().or(axis.title.take());
        }
        figure
    }

    /// The table in these words.
    pub fn table(&self, declared: &Tabulation) -> Tabulation {
        let mut table = declared.clone();
        replace(&mut table.caption, &self.caption);
        table
    }
}

fn replace(text: &mut String, by: &Option<String>) {
    if let Some(by) = by {
        text.clone_from(by);
    }
}

/// Reads the body of a `{show}` of `id`: each kind of thing has its own words. What could not be read has none.
pub(super) fn read(id: &str, table: &Table, book: &Book, diagnostics: &mut Diagnostics) -> Option<Restatement> {
    let figure = book.figures.iter().any(|f| f.id == id);
    let tabulation = book.tables.iter().any(|t| t.id == id);
    let claim = book.claims.iter().any(|c| c.id == id);
    if !(figure || tabulation || claim || book.declarations.contains_key(id)) {
        return None;
    }
    let mut fields = Fields::new(table, format!("show `{id}`"), table.span, diagnostics);
    let mut restatement = Restatement::default();
    if figure || tabulation {
        restatement.caption = fields.string("caption").optional();
    }
    if figure {
        restatement.alt = fields.string("alt").optional();
        restatement.titles = ["x-title", "y-title"].map(|key| fields.string(key).optional());
    }
    if claim {
        restatement.says = fields.string("says").optional();
    }
    fields.finish();
    Some(restatement)
}
