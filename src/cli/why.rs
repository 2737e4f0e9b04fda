//! `labbook why`: where something a reader sees comes from.

use std::path::Path;

use super::commands::{failed, open, plan_of, print, report};
use super::{Exit, Profile, TextFormat};
use crate::analysis::{self, Judgement};
use crate::diagnostic::Diagnostics;
use crate::exhibit;
use crate::experiment::Claim;
use crate::experiment::config::Correction;
use crate::lineage::{self, Evidence, Kind, subject, text};
use crate::plan::Rule;

/// `labbook why`
pub(super) fn why(book: &Path, name: &str, profile: &Profile, format: TextFormat) -> Exit {
    let (desk, exit) = open(book, profile.profile.as_deref());
    let Some(desk) = desk.filter(|_| exit == Exit::Fine) else { return exit };
    let subject = match subject::find(&desk.book, name) {
        Ok(subject) => subject,
        Err(message) => return failed(&message),
    };
    // A correction over all claims takes the results of all of them.
    let holm = subject.kind == Kind::Claim && desk.book.config.claims.correction == Correction::Holm;
    let (survey, plan) = match plan_of(&desk, &|e| holm || subject.concerns(&e.id), Rule::Cached) {
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
    let judgements = analysis::judge(&desk.book, &results);
    let evidence = Evidence::new(&desk.book, &desk.sources, &plan, &results, &survey, &desk.ledger, &judgements);
    let lineage = lineage::trace(&subject, &evidence);
    match format {
        TextFormat::Text => {
            let claims = desk.book.claims.iter().zip(&judgements).find(|(claim, _)| claim.id == subject.id);
            let verdict = claims.map_or_else(String::new, |(claim, judgement)| verdict(claim, judgement));
            print(&(text::text(&lineage) + &verdict))
        }
        TextFormat::Json => {
            let json = serde_json::to_string_pretty(&lineage).expect("a lineage is plain data");
            print(&(json + "\n"))
        }
    }
}

/// What came of a claim, as its box on the page says it.
fn verdict(claim: &Claim, judgement: &Judgement) -> String {
    let facts = exhibit::findings(claim, judgement);
    let lines = facts.iter().map(|fact| format!("  {}: {}\n", fact.label, fact.value));
    format!("\nverdict: {}\n{}", judgement.verdict, lines.collect::<String>())
}
