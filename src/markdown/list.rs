//! Which files are chapters, and in what order.

use std::path::Path;

use pulldown_cmark::{Event, Parser, Tag};

use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span, nearest};
use crate::files;

use super::walk::relative_to;
use super::{slug_and_language, text_start};

/// The order of chapters as mdBook writes it.
const SUMMARY: &str = "SUMMARY.md";

/// The paths of the chapters in the book's folder `chapters`, relative to `root`, translations after their original.
///
/// Without a `SUMMARY.md` the chapters are the folder's Markdown files in the order of their names; those that begin with
/// `.` or `_` and those in folders below are for including. With one, they are what its links name, in its order.
pub(super) fn chapter_files(
    root: &Path,
    chapters: &str,
    languages: &[String],
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<String> {
    let found = match files::walk(&root.join(chapters)) {
        Ok(found) => found,
        Err(error) => {
            diagnostics.push(Diagnostic::error(None, error.to_string()));
            return Vec::new();
        }
    };
    let mut found: Vec<String> = found.iter().map(|path| files::portable(path, root)).collect();
    found.retain(|path| path.ends_with(".md"));
    let chosen = if found.iter().any(|path| path == SUMMARY) {
        listed(root, chapters, &found, sources, diagnostics)
    } else {
        found.iter().filter(|p| !p.contains('/') && !p.starts_with(['.', '_'])).cloned().collect()
    };
    if chosen.is_empty() && !diagnostics.has_errors() {
        let message = format!("the folder `{chapters}` has no chapters");
        diagnostics.push(Diagnostic::error(None, message).hint("a chapter is a Markdown file such as `01-start.md`"));
    }
    with_translations(chosen, &found, languages).iter().map(|path| format!("{chapters}/{path}")).collect()
}

/// The files that `SUMMARY.md` links to, relative to the folder.
fn listed(
    root: &Path,
    chapters: &str,
    found: &[String],
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<String> {
    let path = format!("{chapters}/{SUMMARY}");
    let text = match files::read_text_within(root, &path) {
        Ok(text) => text,
        Err(error) => {
            diagnostics.push(Diagnostic::error(None, error.to_string()));
            return Vec::new();
        }
    };
    let file = sources.add(path, text.as_str());
    let base = text_start(&text);
    let mut chosen: Vec<String> = Vec::new();
    for (event, range) in Parser::new(&text[base..]).into_offset_iter() {
        // A link without a target is mdBook's chapter still to be written.
        let Event::Start(Tag::Link { dest_url, .. }) = event else { continue };
        if dest_url.is_empty() {
            continue;
        }
        let span = Span::new(file, base + range.start..base + range.end);
        let target = relative_to(SUMMARY, &dest_url).filter(|target| found.contains(target));
        let Some(target) = target else {
            let error = Diagnostic::error(span, format!("there is no chapter `{dest_url}` in `{chapters}`"));
            diagnostics.push(match nearest(&dest_url, found.iter().map(String::as_str)) {
                Some(name) => error.hint(format!("did you mean `{name}`?")),
                None => error,
            });
            continue;
        };
        if chosen.contains(&target) {
            diagnostics.push(Diagnostic::error(span, format!("the chapter `{target}` is listed twice")));
        } else {
            chosen.push(target);
        }
    }
    chosen
}

/// Puts each chapter's translations, in the order of `languages`, after the first file of that chapter.
fn with_translations(chosen: Vec<String>, found: &[String], languages: &[String]) -> Vec<String> {
    let mut ordered: Vec<String> = Vec::new();
    for path in chosen {
        if ordered.contains(&path) {
            continue;
        }
        let (slug, _) = slug_and_language(&path, languages);
        let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let original = format!("{folder}{slug}.md");
        let translations = languages.iter().map(|language| format!("{folder}{slug}.{language}.md"));
        for candidate in std::iter::once(original).chain(translations).chain([path]) {
            if found.contains(&candidate) && !ordered.contains(&candidate) {
                ordered.push(candidate);
            }
        }
    }
    ordered
}
