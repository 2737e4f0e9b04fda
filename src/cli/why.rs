//! `labbook why`: where something a reader sees comes from.

use std::path::Path;

use super::commands::{failed, open, plan_of, print, report};
use super::{Exit, Profile, TextFormat};
use crate::diagnostic::Diagnostics;
use crate::lineage::{self, Evidence, subject, text};
use crate::plan::Rule;

/// `labbook why`
pub(super) fn why(book: &Path, name: &str, profile: &Profile, format: TextFormat) -> Exit {
    let (desk, exit) = open(book, profile.profile.as_deref());
    let Some(desk) = desk.filter(|_| exit == Exit::Fine) else { return exit };
    let subject = match subject::find(&desk.book, name) {
        Ok(subject) => subject,
        Err(message) => return failed(&message),
    };
    let (survey, plan) = match plan_of(&desk, &|e| subject.concerns(&e.id), Rule::Cached) {
        Ok(planned) => planned,
        Err(exit) => return exit,
    };
    let mut diagnostics = Diagnostics::default();
    let results = desk.results(&plan, &mut diagnostics);
    report(&desk, &diagnostics);
    let results = match results {
        Ok(results) => results,
        Err(error) => return failed(&error.to_string()),
    };
    let evidence = Evidence::new(&desk.book, &desk.sources, &plan, &results, &survey, &desk.ledger);
    let lineage = lineage::trace(&subject, &evidence);
    match format {
        TextFormat::Text => print(&text::text(&lineage)),
        TextFormat::Json => {
            let json = serde_json::to_string_pretty(&lineage).expect("a lineage is plain data");
            print(&(json + "\n"))
        }
    }
}
