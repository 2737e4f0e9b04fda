//! `{image}` → a figure from a file; `{figures}` → several figures under one caption.
//!
//! Whether the file is there is for others to say: this room knows no disk.

use super::catalog::Named;
use super::figure::Figure;
use crate::diagnostic::{Diagnostic, Diagnostics, Span, Spanned, did_you_mean};
use crate::fields::{Fields, Table, Value};
use crate::markdown;

/// The endings of files that browsers show as images.
pub const FORMATS: [&str; 7] = ["png", "jpg", "jpeg", "svg", "webp", "gif", "avif"];

/// A figure from a file.
#[derive(Debug, Clone)]
pub struct Image {
    /// `fig-…`
    pub id: String,
    /// Where it is declared.
    pub span: Span,
    /// The file, relative to the book's root.
    pub path: Spanned<String>,
    /// The file that takes its place in the dark theme.
    pub dark: Option<Spanned<String>>,
    /// How wide it stands.
    pub width: Option<Width>,
    /// Markdown.
    pub caption: String,
    /// For those who cannot see it.
    pub alt: String,
    /// Whether it appears where it is declared.
    pub show: bool,
}

/// How wide an image stands; never wider than its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Width {
    /// CSS pixels.
    Px(u32),
    /// A share of its place, in per cent.
    Percent(f64),
}

/// Several figures under one caption, each with a letter.
#[derive(Debug, Clone)]
pub struct Group {
    /// `fig-…`
    pub id: String,
    /// Where it is declared.
    pub span: Span,
    /// Ids of figures and images, in order.
    pub parts: Vec<String>,
    /// How many stand side by side where there is room.
    pub columns: usize,
    /// Markdown.
    pub caption: String,
    /// Whether it appears where it is declared.
    pub show: bool,
}

/// Reads an `{image}` of a chapter.
pub(super) fn image(id: &str, table: &Table, chapter: &str, diagnostics: &mut Diagnostics) -> Option<Image> {
    let mut fields = Fields::new(table, format!("image `{id}`"), table.span, diagnostics);
    let path = fields.string("path").example("\"img/net.png\"").required_spanned();
    let path = path.and_then(|path| source(path, chapter, &mut fields));
    let dark = fields.string("dark").spanned().and_then(|dark| source(dark, chapter, &mut fields));
    let width = width(&mut fields);
    let caption = fields.string("caption").example("\"…\"").required().unwrap_or_default();
    let alt = fields.string("alt").optional().unwrap_or_default();
    let show = fields.boolean("show").or(true);
    if alt.is_empty() {
        fields.diagnostics().push(no_alternative(id, table.span));
    }
    fields.finish();
    Some(Image { id: id.to_owned(), span: table.span, path: path?, dark, width, caption, alt, show })
}

/// What is said of a figure without an alternative text.
pub(super) fn no_alternative(id: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(span, format!("`{id}` has no alternative text"))
        .hint("`alt = \"…\"` says what it shows to those who cannot see it")
}

/// The file that a path written in a chapter means, relative to the book's root.
pub(super) fn source(written: Spanned<String>, chapter: &str, fields: &mut Fields<'_>) -> Option<Spanned<String>> {
    let Spanned { value, span } = written;
    let Some(path) = markdown::relative_to(chapter, &value) else {
        let diagnostic = Diagnostic::error(span, format!("`{value}` lies outside the book's folder"));
        fields.diagnostics().push(diagnostic.hint("paths are relative to the chapter, with `/` between folders"));
        return None;
    };
    let ending = value.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase());
    if !FORMATS.contains(&ending.as_str()) {
        let diagnostic = Diagnostic::error(span, format!("`{value}` is no image that browsers show"));
        fields
            .diagnostics()
            .push(diagnostic.hint("images are PNG, JPEG, SVG, WebP, GIF or AVIF, by the ending of their name"));
        return None;
    }
    Some(Spanned { value: path, span })
}

/// `width = 480` or `width = "60%"`.
fn width(fields: &mut Fields<'_>) -> Option<Width> {
    let read = match fields.value("width").spanned()?.value {
        Value::Integer(px) => u32::try_from(px).ok().filter(|px| (1..=10_000).contains(px)).map(Width::Px),
        Value::String(share) => {
            let share = share.strip_suffix('%').and_then(|share| share.trim().parse().ok());
            share.filter(|share| *share > 0.0 && *share <= 100.0).map(Width::Percent)
        }
        _ => None,
    };
    if read.is_none() {
        let diagnostic =
            Diagnostic::error(fields.place("width"), "`width` is neither pixels nor a share of the column");
        fields.diagnostics().push(diagnostic.hint("for instance `width = 480` or `width = \"60%\"`"));
    }
    read
}

/// Reads a `{figures}`; `figures` and `images` are those of the book.
pub(super) fn group(
    id: &str,
    table: &Table,
    figures: &[Figure],
    images: &[Image],
    diagnostics: &mut Diagnostics,
) -> Option<Group> {
    let mut fields = Fields::new(table, format!("figures `{id}`"), table.span, diagnostics);
    let known: Vec<&str> = figures.iter().map(|f| &*f.id).chain(images.iter().map(|i| &*i.id)).collect();
    let parts = fields.strings("parts").not_empty().example("[\"fig-a\", \"fig-b\"]").required().unwrap_or_default();
    for (index, part) in parts.iter().enumerate() {
        let name = &part.value;
        let diagnostic = if !known.contains(&name.as_str()) {
            Diagnostic::error(part.span, format!("there is no figure or image `{name}`"))
                .hint(did_you_mean(name, &known))
        } else if parts[..index].iter().any(|before| before.value == *name) {
            Diagnostic::error(part.span, format!("`{name}` is named twice")).hint("a part has one place in its figure")
        } else {
            continue;
        };
        fields.diagnostics().push(diagnostic);
    }
    if parts.len() > LETTERS {
        let message = format!("a figure has at most {LETTERS} parts");
        fields
            .diagnostics()
            .push(Diagnostic::error(parts[LETTERS].span, message).hint("each has a letter: (a) to (z)"));
    }
    let columns = fields.count("columns").at_least(1.0).at_most(6.0).or(parts.len().clamp(1, 3) as u64) as usize;
    let caption = fields.string("caption").example("\"…\"").required().unwrap_or_default();
    let show = fields.boolean("show").or(true);
    fields.finish();
    let parts = parts.into_iter().map(|part| part.value).collect();
    Some(Group { id: id.to_owned(), span: table.span, parts, columns, caption, show })
}

/// How many parts can have a letter of their own.
const LETTERS: usize = 26;

impl Named for Image {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Named for Group {
    fn id(&self) -> &str {
        &self.id
    }
}
