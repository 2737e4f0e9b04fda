//! The files of the book that its chapters link to, found before anything runs.

use std::collections::BTreeSet;
use std::path::Path;

use pulldown_cmark::{Event, LinkType, Tag};

use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean, nearest};
use crate::experiment::Book;
use crate::files;
use crate::markdown::Node;
use crate::render::address;

/// Reports links and images of the chapters that name no file of the book at `root`, each where it first stands.
pub fn check_sources(book: &Book, root: &Path, diagnostics: &mut Diagnostics) {
    check_images(book, root, diagnostics);
    let chapters = &book.chapters;
    let mut seen = BTreeSet::new();
    // mdBook leaves such links as they are: a listed chapter may lead to what stands beside its book on the web.
    for chapter in chapters.iter().filter(|chapter| chapter.standing.is_none()) {
        for node in &chapter.nodes {
            let Node::Event(Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }), span) = node else {
                continue;
            };
            // An address such as `<a@b.org>` comes without its scheme.
            let is_mail = matches!(node, Node::Event(Event::Start(Tag::Link { link_type: LinkType::Email, .. }), _));
            let Some(source) = address::source(&chapter.path, dest_url).filter(|_| !is_mail) else { continue };
            if !seen.insert((&chapter.path, source.clone())) || files::is_file(&root.join(&source)) {
                continue;
            }
            let names: Vec<&str> = chapters.iter().map(|chapter| chapter.path.as_str()).collect();
            let hint = match source.ends_with(".md") {
                true => did_you_mean(&source, &names),
                false => nearest_file(root, &source),
            };
            let message = format!("the link `{dest_url}` leads to no file: there is no `{source}`");
            diagnostics.push(Diagnostic::error(*span, message).hint(hint));
        }
    }
}

/// Reports images of directives that are no file of the book.
fn check_images(book: &Book, root: &Path, diagnostics: &mut Diagnostics) {
    let declared = book.images.iter().flat_map(|image| std::iter::once(&image.path).chain(&image.dark));
    let restated = book.restatements.values().flat_map(|restated| restated.files.iter().flatten());
    for path in declared.chain(restated).filter(|path| !files::is_file(&root.join(&path.value))) {
        let diagnostic = Diagnostic::error(path.span, format!("there is no image `{}`", path.value));
        diagnostics.push(diagnostic.hint(nearest_file(root, &path.value)));
    }
}

/// A hint for a file that is not there: the one in its folder whose name is most like it.
fn nearest_file(root: &Path, source: &str) -> String {
    let (folder, name) = source.rsplit_once('/').unwrap_or(("", source));
    let there = files::entries(&root.join(folder)).unwrap_or_default();
    let names = there.iter().map(|path| files::portable(path, Path::new("")));
    let there: Vec<String> = names.filter(|name| !name.contains('/')).collect();
    match nearest(name, there.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "its path is relative to the chapter's folder".to_owned(),
    }
}
