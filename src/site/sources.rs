//! The files of the book that its chapters link to, found before anything runs.

use std::collections::BTreeSet;
use std::path::Path;

use pulldown_cmark::{Event, LinkType, Tag};

use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::files;
use crate::markdown::{Chapter, Node};
use crate::render::address;

/// Reports links and images of the chapters that name no file of the book at `root`, each where it first stands.
pub fn check_sources(chapters: &[Chapter], root: &Path, diagnostics: &mut Diagnostics) {
    let mut seen = BTreeSet::new();
    for chapter in chapters {
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
                false => "its path is relative to the chapter's folder".to_owned(),
            };
            let message = format!("the link `{dest_url}` leads to no file: there is no `{source}`");
            diagnostics.push(Diagnostic::error(*span, message).hint(hint));
        }
    }
}
