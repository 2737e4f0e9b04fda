//! What verification found, for people, programs and the pages of a pull request.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::claims::ClaimFinding;
use super::verify::{Class, Finding};
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Sources};
use crate::experiment::Book;
use crate::ledger;

/// Differences of one run that are printed; the rest is counted.
const LISTED: usize = 8;

/// Everything that is not as it should be.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// Of runs.
    pub runs: Vec<Finding>,
    /// Of claims.
    pub claims: Vec<ClaimFinding>,
}

impl Findings {
    /// Whether the record is what it should be.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.claims.is_empty()
    }

    fn classes(&self) -> impl Iterator<Item = Class> {
        self.runs.iter().map(|run| run.class).chain(self.claims.iter().map(|claim| claim.class))
    }
}

/// How far verification came.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Runs of the book that were asked about and are recorded.
    pub recorded: usize,
    /// Runs that ran again, each key once.
    pub ran: usize,
    /// Runs that were to run again and did not: the budget was over.
    pub left: usize,
    /// Recorded runs that cannot run, their data not being here.
    pub unable: usize,
}

/// The findings as `verify` prints them, the count at the end.
pub fn text(findings: &Findings, summary: &Summary) -> String {
    let mut text = String::new();
    for finding in &findings.runs {
        let _ = writeln!(text, "{}: {}: {}", finding.class.word(), finding.run(), finding.reason);
        text += &table(finding);
    }
    for ClaimFinding { id, class, reason } in &findings.claims {
        let _ = writeln!(text, "{}: {id}: {reason}", class.word());
    }
    text + &closing(findings, summary)
}

/// The differing numbers of a run, one a line.
fn table(finding: &Finding) -> String {
    if finding.differences.is_empty() {
        return String::new();
    }
    let head = ["", "recorded", "computed"].map(str::to_owned);
    let rows = finding.differences.iter().take(LISTED).map(|difference| {
        let epoch = difference.epoch.map_or_else(String::new, |epoch| format!(", epoch {epoch}"));
        let more = difference.values - 1;
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let what = format!("{}{epoch}", difference.what);
        [what, value(&difference.recorded), value(&difference.computed) + &more]
    });
    let rows: Vec<[String; 3]> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [first, second] = [width(0), width(1)];
    let line = |[what, recorded, computed]: &[String; 3]| format!("  {what:first$}  {recorded:second$}  {computed}\n");
    let mut text: String = rows.iter().map(line).collect();
    let more = finding.differences.len().saturating_sub(LISTED);
    if more > 0 {
        let _ = writeln!(text, "  and {more} more quantities; `--format json` names them all");
    }
    text
}

/// A JSON value without the quotes of a text.
fn value(value: &Json) -> String {
    match value {
        Json::Null => "none".to_owned(),
        Json::String(text) => text.clone(),
        _ => value.to_string(),
    }
}

fn closing(findings: &Findings, summary: &Summary) -> String {
    let Summary { recorded, ran, left, unable } = *summary;
    let mut text = format!("{ran} of {recorded} recorded runs ran again");
    if left > 0 {
        let _ = write!(text, "; {left} were left when the budget was over");
    }
    if unable > 0 {
        let _ = write!(text, "; {unable} cannot run: their data are not here");
    }
    let mut by_class: BTreeMap<Class, usize> = BTreeMap::new();
    findings.classes().for_each(|class| *by_class.entry(class).or_default() += 1);
    let parts: Vec<String> = by_class.iter().map(|(class, count)| format!("{count} {}", class.word())).collect();
    let found = if parts.is_empty() { "no difference".to_owned() } else { parts.join(", ") };
    text + &format!(": {found}\n")
}

/// The same for programs.
pub fn json(findings: &Findings, summary: &Summary) -> Json {
    let finding = |finding: &Finding| {
        json!({
            "experiment": finding.experiment,
            "params": finding.params,
            "seed": finding.seed,
            "key": finding.key,
            "class": finding.class.word(),
            "reason": finding.reason,
            "differences": finding.differences,
        })
    };
    let claim = |ClaimFinding { id, class, reason }: &ClaimFinding| json!({ "claim": id, "class": class.word(), "reason": reason });
    json!({
        "recorded": summary.recorded,
        "ran": summary.ran,
        "left": summary.left,
        "unable": summary.unable,
        "findings": findings.runs.iter().map(finding).collect::<Vec<_>>(),
        "claims": findings.claims.iter().map(claim).collect::<Vec<_>>(),
    })
}

/// The findings at their places: where the run stands in the record, or else where its experiment is declared; where the
/// claim stands in the book.
pub fn annotations(findings: &Findings, book: &Book, root: &Path, sources: &mut Sources) -> Diagnostics {
    let mut files: BTreeMap<&str, Option<FileId>> = BTreeMap::new();
    let mut diagnostics = Diagnostics::default();
    for finding in &findings.runs {
        let id = finding.experiment.as_str();
        let file = *files.entry(id).or_insert_with(|| ledger::source(root, id, sources));
        let recorded = file.zip(finding.recorded_key.as_ref());
        let place = recorded.and_then(|(file, key)| ledger::place(file, key, sources));
        let place = place.or_else(|| book.experiment(id).map(|experiment| experiment.span));
        let numbers = finding.differences.first().map_or_else(String::new, |difference| {
            let (recorded, computed) = (value(&difference.recorded), value(&difference.computed));
            format!("; {} is recorded as {recorded} and computed as {computed}", difference.what)
        });
        let message = format!("{}: {}: {}{numbers}", finding.class.word(), finding.run(), finding.reason);
        diagnostics.push(Diagnostic::error(place, message));
    }
    for ClaimFinding { id, class, reason } in &findings.claims {
        let place = book.claims.named(id).map(|claim| claim.span);
        diagnostics.push(Diagnostic::error(place, format!("{}: {id}: {reason}", class.word())));
    }
    diagnostics
}
