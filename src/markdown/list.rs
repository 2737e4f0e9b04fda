//! Which files are chapters, and in what order.

use std::collections::BTreeSet;
use std::path::Path;

use percent_encoding::percent_decode_str;

use crate::diagnostic::{Diagnostic, Diagnostics, Sources, nearest};
use crate::files;

use super::slug_and_language;
use super::summary::{self, Listed, Standing};
use super::walk::relative_to;

/// The order of chapters as mdBook writes it.
pub const SUMMARY: &str = "SUMMARY.md";

/// A chapter's file, relative to the book's root.
pub(super) struct Found {
    pub(super) path: String,
    /// Where a `SUMMARY.md` lists it.
    pub(super) standing: Option<Standing>,
}

/// The chapters in the book's folder `chapters`, relative to `root`, translations after their original.
///
/// Without a `SUMMARY.md` the chapters are the folder's Markdown files in the order of their names; those that begin with
/// `.` or `_` and those in folders below are for including. With one, they are what its links name, in its order.
pub(super) fn chapter_files(
    root: &Path,
    chapters: &str,
    languages: &[String],
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<Found> {
    let folder = if chapters == "." { String::new() } else { format!("{chapters}/") };
    let found = match files::walk(&root.join(chapters)) {
        Ok(found) => found,
        Err(error) => {
            diagnostics.push(Diagnostic::error(None, error.to_string()));
            return Vec::new();
        }
    };
    let found: BTreeSet<String> =
        found.iter().map(|path| files::portable(path, root)).filter(|path| path.ends_with(".md")).collect();
    let chosen = if found.contains(SUMMARY) {
        listed(root, &folder, &found, sources, diagnostics)
    } else {
        let is_chapter = |path: &&String| !path.contains('/') && !path.starts_with(['.', '_']);
        found.iter().filter(is_chapter).map(|path| (path.clone(), None)).collect()
    };
    if chosen.is_empty() && !diagnostics.has_errors() {
        let message = format!("the folder `{chapters}` has no chapters");
        diagnostics.push(Diagnostic::error(None, message).hint("a chapter is a Markdown file such as `01-start.md`"));
    }
    let ordered = with_translations(chosen, &found, languages);
    ordered.into_iter().map(|(path, standing)| Found { path: format!("{folder}{path}"), standing }).collect()
}

/// A chapter relative to the chapters' folder.
type Chosen = (String, Option<Standing>);

/// The files that `SUMMARY.md` links to.
fn listed(
    root: &Path,
    folder: &str,
    found: &BTreeSet<String>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<Chosen> {
    let path = format!("{folder}{SUMMARY}");
    let text = match files::read_text_within(root, &path) {
        Ok(text) => text,
        Err(error) => {
            diagnostics.push(Diagnostic::error(None, error.to_string()));
            return Vec::new();
        }
    };
    let file = sources.add(path, text.as_str());
    let mut chosen: Vec<Chosen> = Vec::new();
    let mut seen = BTreeSet::new();
    for Listed { link, standing } in summary::read(&text, file) {
        let written = percent_decode_str(&link.value).decode_utf8_lossy();
        let target = relative_to(SUMMARY, &written).filter(|target| found.contains(target));
        let Some(target) = target else {
            let folder = folder.trim_end_matches('/');
            let error = Diagnostic::error(link.span, format!("there is no chapter `{written}` in `{folder}`"));
            diagnostics.push(match nearest(&written, found.iter().map(String::as_str)) {
                Some(name) => error.hint(format!("did you mean `{name}`?")),
                None => error,
            });
            continue;
        };
        if seen.insert(target.clone()) {
            chosen.push((target, Some(standing)));
        } else {
            diagnostics.push(Diagnostic::error(link.span, format!("the chapter `{target}` is listed twice")));
        }
    }
    chosen
}

/// Puts each chapter's translations, in the order of `languages`, after the first file of that chapter. They stand where
/// it stands.
fn with_translations(chosen: Vec<Chosen>, found: &BTreeSet<String>, languages: &[String]) -> Vec<Chosen> {
    let mut ordered = Vec::with_capacity(chosen.len());
    let mut seen = BTreeSet::new();
    for (path, standing) in chosen {
        if seen.contains(&path) {
            continue;
        }
        let (slug, _) = slug_and_language(&path, languages);
        let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let original = format!("{folder}{slug}.md");
        let translations = languages.iter().map(|language| format!("{folder}{slug}.{language}.md"));
        for candidate in std::iter::once(original).chain(translations).chain([path.clone()]) {
            if found.contains(&candidate) && seen.insert(candidate.clone()) {
                let mut standing = standing.clone();
                // The list's words are those of the language it is in.
                standing.iter_mut().filter(|_| candidate != path).for_each(|standing| standing.title.clear());
                ordered.push((candidate, standing));
            }
        }
    }
    ordered
}
