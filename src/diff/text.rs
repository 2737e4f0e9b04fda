//! A difference for a terminal.

use std::fmt::Write;

use super::Diff;

/// Values listed of an experiment before the rest is counted only.
const LISTED: usize = 40;

/// The difference as lines of text.
pub fn text(diff: &Diff) -> String {
    let mut text = format!("from {} to {}: {}\n", diff.sides.before, diff.sides.after, diff.summary());
    if let Some(lacking) = diff.lacking() {
        text += &format!("note: {lacking}\n");
    }
    let signed = diff.added.iter().map(|id| format!("+ {id}")).chain(diff.removed.iter().map(|id| format!("- {id}")));
    section(&mut text, "experiments", signed);
    let claims =
        diff.claims.iter().map(|claim| format!("{}: {}\n    {}", claim.id, claim.summary(), one_line(&claim.says)));
    section(&mut text, "claims", claims);
    for experiment in &diff.results {
        let rows = experiment.changed.iter().take(LISTED).map(|result| {
            let printed = result.printed();
            format!("{}  {}: {} → {}", result.point, result.measure, printed.before, printed.after)
        });
        let more = experiment.changed.len().saturating_sub(LISTED);
        let more = (more > 0).then(|| format!("and {more} more"));
        text += &format!("\nresults of {}: {}\n", experiment.id, experiment.summary());
        rows.chain(more).for_each(|line| text += &format!("  {line}\n"));
    }
    let sentences = diff.sentences.iter().map(|sentence| {
        let printed = &sentence.printed;
        let (before, after) = (one_line(&printed.before.text()), one_line(&printed.after.text()));
        format!("{}\n  - {before}\n  + {after}", sentence.chapter)
    });
    section(&mut text, "sentences", sentences);
    section(&mut text, "figures", diff.figures.iter().map(|figure| format!("{}: {}", figure.id, figure.summary())));
    text
}

fn section(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        let _ = write!(text, "\n{title}\n");
        lines.for_each(|line| *text += &format!("  {line}\n"));
    }
}

/// A text without line breaks.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
