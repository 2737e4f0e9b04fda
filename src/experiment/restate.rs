//! `{show}` → the words in which it shows again what is declared elsewhere: a translation's, say.

use super::Book;
use super::figure::{Figure, Table as Tabulation};
use super::image::{self, Group, Image};
use crate::diagnostic::{Diagnostic, Diagnostics, Spanned};
use crate::fields::{Fields, Table};

/// What a `{show}` says in place of the declaration; what it leaves out is as declared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Restatement {
    /// The caption of a figure or a table: Markdown.
    pub caption: Option<String>,
    /// The alternative text of a figure or an image.
    pub alt: Option<String>,
    /// The titles of a figure's two axes.
    pub titles: [Option<String>; 2],
    /// The file of an image, with words in another language, say; and the one for the dark theme.
    pub files: [Option<Spanned<String>>; 2],
    /// The captions of a figure's parts, in order: Markdown.
    pub captions: Vec<String>,
    /// The alternative texts of a figure's parts, in order.
    pub alts: Vec<String>,
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

    /// The image in these words.
    pub fn image(&self, declared: &Image) -> Image {
        let mut image = declared.clone();
        replace(&mut image.caption, &self.caption);
        replace(&mut image.alt, &self.alt);
        let [path, dark] = self.files.clone();
        if let Some(path) = path {
            image.path = path;
            // What the declaration shows in the dark would be in the other words.
            image.dark = None;
        }
        image.dark = dark.or(image.dark);
        image
    }

    /// The words of one part of a figure.
    pub fn part(&self, index: usize) -> Self {
        let of = |texts: &[String]| texts.get(index).cloned();
        Self { caption: of(&self.captions), alt: of(&self.alts), ..Self::default() }
    }

    /// The figure of several parts in these words; those of its parts are [`Restatement::part`]'s.
    pub fn group(&self, declared: &Group) -> Group {
        let mut group = declared.clone();
        replace(&mut group.caption, &self.caption);
        group
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
pub(super) fn read(
    id: &str,
    table: &Table,
    chapter: &str,
    book: &Book,
    diagnostics: &mut Diagnostics,
) -> Option<Restatement> {
    let figure = book.figures.named(id).is_some();
    let tabulation = book.tables.named(id).is_some();
    let claim = book.claims.named(id).is_some();
    let image = book.images.named(id).is_some();
    let group = book.groups.named(id);
    if !(figure || tabulation || claim || image || group.is_some() || book.declarations.contains_key(id)) {
        return None;
    }
    let mut fields = Fields::new(table, format!("show `{id}`"), table.span, diagnostics);
    let mut restatement = Restatement::default();
    if figure || tabulation || image || group.is_some() {
        restatement.caption = fields.string("caption").optional();
    }
    if figure {
        restatement.alt = fields.string("alt").optional();
        restatement.titles = ["x-title", "y-title"].map(|key| fields.string(key).optional());
    }
    if image {
        restatement.alt = fields.string("alt").optional();
        restatement.files = ["path", "dark"].map(|key| {
            let written = fields.string(key).spanned()?;
            image::source(written, chapter, &mut fields)
        });
    }
    if let Some(group) = group {
        restatement.captions = texts("captions", group.parts.len(), &mut fields);
        restatement.alts = texts("alts", group.parts.len(), &mut fields);
    }
    if claim {
        restatement.says = fields.string("says").optional();
    }
    fields.finish();
    Some(restatement)
}

/// As many texts as a figure has parts.
fn texts(key: &'static str, parts: usize, fields: &mut Fields<'_>) -> Vec<String> {
    let texts = fields.strings(key).or(Vec::new());
    if !(texts.is_empty() || texts.len() == parts) {
        let message = format!("`{key}` has {} texts, and the figure has {parts} parts", texts.len());
        let diagnostic = Diagnostic::error(fields.place(key), message);
        fields.diagnostics().push(diagnostic.hint("one for each part, in order"));
    }
    super::words(texts)
}
