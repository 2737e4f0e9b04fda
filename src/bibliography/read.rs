//! The files that `labbook.toml` names → a [`Bibliography`].

use std::ops::Range;
use std::path::Path;

use hayagriva::Library;
use hayagriva::archive::ArchivedStyle;
use hayagriva::citationberg::{IndependentStyle, Style, StyleClass};
use hayagriva::io::{BibLaTeXError, from_biblatex_str};

use super::Bibliography;
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span, Spanned, nearest};
use crate::experiment::Config;
use crate::files;

/// How a book cites that does not say.
const USUAL_STYLE: &str = "apa";

/// Reads the works of the book at `root` and its style; `None` where it names no file. What cannot be read is reported.
pub fn read(
    root: &Path,
    config: &Config,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Bibliography> {
    if config.bibliography.is_empty() {
        return None;
    }
    let mut library = Library::new();
    let mut whole = true;
    for path in &config.bibliography {
        whole &= match files::read_text_within(root, &path.value) {
            Ok(text) => add(&mut library, path, text, sources, diagnostics),
            Err(error) => {
                diagnostics.push(Diagnostic::error(path.span, error.to_string()));
                false
            }
        };
    }
    let usual = || archived(USUAL_STYLE).expect("it is in the archive");
    let style = match &config.citation_style {
        Some(named) => style(root, named, diagnostics).unwrap_or_else(usual),
        None => usual(),
    };
    Some(Bibliography { library, style, whole })
}

/// Adds the works of one file; `false` where it cannot be read, which is reported.
fn add(
    library: &mut Library,
    path: &Spanned<String>,
    text: String,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> bool {
    let file = sources.add(path.value.clone(), text);
    let text = sources.get(file).text.clone();
    let place = |range: Range<usize>| {
        let start = text.floor_char_boundary(range.start);
        Span::new(file, start..text.ceil_char_boundary(range.end).max(start))
    };
    let read = std::panic::catch_unwind(|| from_biblatex_str(&text));
    let Ok(read) = read else {
        diagnostics.push(Diagnostic::error(place(0..0), "this file of works cannot be read"));
        return false;
    };
    match read {
        Ok(works) => {
            for work in works.iter() {
                if library.get(work.key()).is_some() {
                    let message = format!(
                        "the work `{}` stands in two files, the second of which is `{}`",
                        work.key(),
                        path.value
                    );
                    diagnostics.push(Diagnostic::error(path.span, message));
                }
                library.push(work);
            }
            true
        }
        Err(errors) => {
            for error in errors {
                let (range, reason) = match error {
                    BibLaTeXError::Parse(error) => (error.span, error.kind.to_string()),
                    BibLaTeXError::Type(error) => (error.span, error.kind.to_string()),
                };
                diagnostics.push(Diagnostic::error(place(range), format!("this is not BibTeX: {reason}")));
            }
            false
        }
    }
}

/// The style of a name of the archive, or of a file of the book.
fn style(root: &Path, name: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<IndependentStyle> {
    let is_file = name.value.ends_with(".csl");
    let found =
        if is_file { from_file(root, &name.value) } else { archived(&name.value).ok_or_else(|| unknown(&name.value)) };
    let checked = found.and_then(|style| match style.settings.class {
        StyleClass::InText => Ok(style),
        StyleClass::Note => {
            let message = format!("the style `{}` cites in footnotes, and labbook does so in the text", name.value);
            Err((message, Some("`apa`, `ieee` and `chicago-author-date` cite in the text".to_owned())))
        }
    });
    match checked {
        Ok(style) => Some(style),
        Err((message, hint)) => {
            diagnostics.push(Diagnostic { hint, ..Diagnostic::error(name.span, message) });
            None
        }
    }
}

/// A message and a hint.
type Wrong = (String, Option<String>);

fn archived(name: &str) -> Option<IndependentStyle> {
    match ArchivedStyle::by_name(name)?.get() {
        Style::Independent(style) => Some(style),
        Style::Dependent(_) => None,
    }
}

fn unknown(name: &str) -> Wrong {
    let names = ArchivedStyle::all().iter().flat_map(|style| style.names().iter().copied());
    let hint = match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a name such as `apa`, `ieee` or `chicago-author-date`, or a `.csl` file of the book".to_owned(),
    };
    (format!("there is no citation style `{name}`"), Some(hint))
}

fn from_file(root: &Path, path: &str) -> Result<IndependentStyle, Wrong> {
    let text = files::read_text_within(root, path).map_err(|error| (error.to_string(), None))?;
    match Style::from_xml(&text) {
        Ok(Style::Independent(style)) => Ok(style),
        Ok(Style::Dependent(style)) => {
            let hint = format!("name the file of the style that it leads to: {}", style.parent_link.href);
            Err((format!("`{path}` only names another style"), Some(hint)))
        }
        Err(error) => Err((format!("`{path}` is no CSL style: {error}"), None)),
    }
}
