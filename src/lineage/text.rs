//! A lineage for a terminal.

use std::fmt::Write;

use super::{Data, Lineage, RunOrigin, Setting};
use crate::ledger::Wording;

/// Runs listed before the rest is counted only.
const LISTED: usize = 40;

/// A lineage as `labbook why` prints it.
pub fn text(lineage: &Lineage) -> String {
    let mut text = format!("{} {}", lineage.kind.word(), lineage.id);
    let places = std::iter::once(&lineage.declaration.place).chain(&lineage.also_at).filter(|p| !p.is_empty());
    let places: Vec<_> = places.map(String::as_str).collect();
    if !places.is_empty() {
        let _ = write!(text, "  ({})", places.join(", "));
    }
    text.push('\n');
    quote(&mut text, &lineage.declaration.text);
    if let Some(value) = &lineage.value {
        let _ = writeln!(text, "  = {value}");
    }
    if lineage.late {
        text.push_str("\nadded when the results that decide it had been recorded already\n");
    }
    if let Some(Wording { digest, says, holds, test }) = &lineage.former {
        let lines =
            [format!("says: {says}"), format!("holds: {holds}"), format!("test: {test}"), format!("digest: {digest}")];
        section(&mut text, "changed after its results were first recorded; it was then", lines.into_iter());
    }
    for declaration in &lineage.rests_on {
        let _ = write!(text, "\nrests on {}  ({})\n", declaration.id, declaration.place);
        quote(&mut text, &declaration.text);
    }
    section(&mut text, "parameters", lineage.parameters.iter().map(setting));
    if !lineage.seeds.is_empty() {
        let seeds: Vec<String> = lineage.seeds.iter().map(u64::to_string).collect();
        let _ = writeln!(text, "  seed: {}", seeds.join(", "));
    }
    section(&mut text, "settings, defaults included", lineage.settings.iter().map(setting));
    for data in &lineage.datasets {
        section(&mut text, &format!("data {}", data.id), facts(data).into_iter());
    }
    let versions = lineage.versions.iter().map(|(name, version)| format!("{name}: {version}"));
    section(&mut text, "versions of the algorithms", versions);
    let more = lineage.runs.len().saturating_sub(LISTED);
    let more = (more > 0).then(|| format!("and {more} more; `--format json` names them all"));
    let runs = lineage.runs.iter().take(LISTED).map(run).chain(more);
    section(&mut text, &format!("{} runs", lineage.runs.len()), runs);
    section(&mut text, "run again", std::iter::once(lineage.command.clone()));
    text
}

fn quote(text: &mut String, quoted: &str) {
    for line in quoted.lines() {
        *text += format!("  {line}").trim_end();
        text.push('\n');
    }
}

fn section(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        let _ = write!(text, "\n{title}\n");
        lines.for_each(|line| *text += &format!("  {line}\n"));
    }
}

fn setting(setting: &Setting) -> String {
    format!("{}: {}", setting.name, setting.values.join(", "))
}

fn facts(data: &Data) -> Vec<String> {
    if let Some(why) = &data.absent {
        return vec![format!("not here: {why}")];
    }
    vec![
        format!("origin: {}", data.origin),
        format!("licence: {}", data.licence),
        format!("digest: {}", data.digest),
        format!("rows: {} for training, {} for the test; {} columns", data.rows[0], data.rows[1], data.columns),
    ]
}

fn run(run: &RunOrigin) -> String {
    let ending = run.ending.as_deref().unwrap_or("no result yet");
    let chosen = run.chosen.iter().map(|(name, value)| format!("{name} = {}", plain(value)));
    let chosen: Vec<String> = chosen.collect();
    let chosen = if chosen.is_empty() { String::new() } else { format!("; chosen {}", chosen.join(", ")) };
    format!("{}  {}[{}]  {ending}{chosen}", &run.key[..12], run.experiment, run.name)
}

/// A JSON value without the quotes of a text.
fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
