//! Lineages → the pages and files that tell where everything shown comes from.

use serde_json::json;

use super::Show;
use super::numbers::Numbers;
use crate::analysis::{Worth, by_seed};
use crate::experiment::Value;
use crate::experiment::expression::{self, Expr};
use crate::lineage::{Data, Declaration, Lineage, RunOrigin, Setting};
use crate::render::{Cell, ColophonSection, DataFiles, Fact, Grid, Provenance, Words};

/// Runs listed on a page; the file for programs names them all.
const LISTED: usize = 200;

/// The page of a lineage; `files` hold the data behind it.
pub fn page(lineage: &Lineage, files: DataFiles, words: &Words) -> Provenance {
    let mut sections = Vec::new();
    sections.extend(settings("Parameters", &lineage.parameters, words));
    sections.extend(data(&lineage.datasets, words));
    sections.extend(lineage.rests_on.iter().map(declaration));
    sections.extend(settings("All settings, defaults included", &lineage.settings, words));
    sections.extend(runs(&lineage.runs, words));
    Provenance {
        id: lineage.id.clone(),
        kind: lineage.kind.word().to_owned(),
        source: lineage.declaration.text.clone(),
        value: lineage.value.clone(),
        facts: facts(lineage, words),
        sections,
        record: record(lineage).0,
        files,
        command: lineage.command.clone(),
    }
}

/// The lineage for programs: path and bytes.
pub fn record(lineage: &Lineage) -> (String, Vec<u8>) {
    let text = serde_json::to_string_pretty(&json!(lineage)).expect("a lineage is plain data");
    (format!("provenance/{}.json", lineage.id), (text + "\n").into_bytes())
}

/// The values behind a number or a claim, seed by seed: one column for each selection, then what the whole is worth.
pub fn values(text: &str, show: &Show<'_>) -> Numbers {
    let Ok(expr) = expression::parse(text) else { return Numbers::default() };
    let parts: Vec<(String, Expr)> = selections(text);
    let columns = parts.iter().map(|(name, _)| name.as_str()).filter(|name| *name != text);
    let mut numbers = Numbers::of_columns(std::iter::once("seed").chain(columns).chain([text]));
    let of_parts: Vec<_> =
        parts.iter().filter(|(name, _)| name != text).map(|(_, part)| by_seed(part, show.results)).collect();
    for (seed, worth) in by_seed(&expr, show.results) {
        let mut row = vec![i64::try_from(seed).ok().map(Value::Integer)];
        row.extend(of_parts.iter().map(|part| part.get(&seed).copied().flatten().and_then(value)));
        row.push(worth.and_then(value));
        numbers.rows.push(row);
    }
    numbers
}

/// The selections of an expression as they are written, each once; those that a summary runs along an axis of name no run.
fn selections(text: &str) -> Vec<(String, Expr)> {
    let Ok(expr) = expression::parse(text) else { return Vec::new() };
    let mut parts: Vec<(String, Expr)> = Vec::new();
    let closed = expr.open_selections().into_iter().filter(|(_, along)| along.is_empty());
    for (selection, _) in closed {
        let part = &text[selection.experiment_range.start..selection.measure_range.end];
        if let Ok(expr) = expression::parse(part)
            && parts.iter().all(|(known, _)| known != part)
        {
            parts.push((part.to_owned(), expr));
        }
    }
    parts
}

fn value(worth: Worth) -> Option<Value> {
    match worth {
        Worth::Number(number) => number.is_finite().then_some(Value::Float(number)),
        Worth::Truth(truth) => Some(Value::Bool(truth)),
    }
}

fn fact(label: &str, value: impl Into<String>) -> Fact {
    Fact { label: label.to_owned(), value: value.into(), link: None }
}

fn facts(lineage: &Lineage, words: &Words) -> Vec<Fact> {
    let places = std::iter::once(&lineage.declaration.place).chain(&lineage.also_at).filter(|place| !place.is_empty());
    let mut facts: Vec<Fact> = places.map(|place| fact("place", place)).collect();
    let list = |numbers: &[u64]| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    if !lineage.runs.is_empty() {
        facts.push(fact("runs", lineage.runs.len().to_string()));
        facts.push(fact("seeds", list(&lineage.seeds)));
        let versions: Vec<_> = lineage.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
        facts.push(fact("versions", versions.join(", ")));
    }
    if lineage.former.is_some() {
        facts.push(fact("changed after recording", words.word("its present form was not fixed before its results")));
    }
    if lineage.late {
        facts.push(fact("added after recording", "it was not fixed before its results"));
    }
    facts.push(fact("labbook", env!("CARGO_PKG_VERSION")));
    facts
}

fn cell(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), title: String::new() }
}

fn settings(title: &str, settings: &[Setting], words: &Words) -> Option<ColophonSection> {
    let rows = settings.iter().map(|s| vec![cell(&s.name), cell(s.values.join(", "))]);
    let grid = Grid { header: header(["name", "values"], words), rows: rows.collect() };
    section(title, grid)
}

/// The datasets: one as facts, several as a table; those that are not here are named above it.
fn data(datasets: &[Data], words: &Words) -> Option<ColophonSection> {
    let section = ColophonSection { title: "Data".to_owned(), ..ColophonSection::default() };
    if let [data] = datasets {
        return Some(ColophonSection { facts: data_facts(data, words), ..section });
    }
    let header = header(["dataset", "origin", "licence", "training", "test", "columns", "digest"], words);
    let rows = datasets.iter().filter(|data| data.absent.is_none()).map(|data| {
        let [train, test] = data.rows.map(|rows| rows.to_string());
        let columns = data.columns.to_string();
        let origin = super::words::origin(&data.origin, words).into_owned();
        [&data.id, &origin, &data.licence, &train, &test, &columns, &data.digest].map(cell).to_vec()
    });
    let rows: Vec<_> = rows.collect();
    let absent = datasets.iter().filter_map(|data| Some(fact(&data.id, data.absent.as_ref()?)));
    let facts: Vec<_> = absent.collect();
    let grid = (!rows.is_empty()).then_some(Grid { header, rows });
    (!datasets.is_empty()).then_some(ColophonSection { facts, grid, ..section })
}

fn data_facts(data: &Data, words: &Words) -> Vec<Fact> {
    match &data.absent {
        Some(why) => vec![fact("dataset", &data.id), fact("absent", why)],
        None => vec![
            fact("dataset", &data.id),
            fact("origin", super::words::origin(&data.origin, words)),
            fact("licence", &data.licence),
            fact(
                "rows",
                words.say(
                    "{train} for training, {test} for the test",
                    &[("train", &data.rows[0]), ("test", &data.rows[1])],
                ),
            ),
            fact("columns", data.columns.to_string()),
            fact("digest", &data.digest),
        ],
    }
}

fn runs(runs: &[RunOrigin], words: &Words) -> Option<ColophonSection> {
    let header = header(["run", "ended", "chosen", "key"], words);
    let rows = runs.iter().take(LISTED).map(|run| {
        let chosen: Vec<_> = run.chosen.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        vec![
            cell(format!("{}[{}]", run.experiment, run.name)),
            cell(run.ending.as_deref().unwrap_or(words.word("no result"))),
            cell(chosen.join(", ")),
            cell(&run.key),
        ]
    });
    let mut section = section("Runs", Grid { header, rows: rows.collect() })?;
    if runs.len() > LISTED {
        let phrase = "The first {n} of {all} runs; the file for programs names them all.";
        section.text = words.say(phrase, &[("n", &LISTED), ("all", &runs.len())]);
    }
    Some(section)
}

fn header<const N: usize>(names: [&str; N], words: &Words) -> Vec<String> {
    names.map(|name| words.word(name).to_owned()).to_vec()
}

fn section(title: &str, grid: Grid) -> Option<ColophonSection> {
    let section = ColophonSection { title: title.to_owned(), ..ColophonSection::default() };
    (!grid.rows.is_empty()).then_some(ColophonSection { grid: Some(grid), ..section })
}

/// A declaration as a block of code; its fence is longer than any within.
fn declaration(declaration: &Declaration) -> ColophonSection {
    let longest = declaration.text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    ColophonSection {
        title: declaration.id.clone(),
        text: format!("{fence}\n{}\n{fence}\n", declaration.text),
        facts: vec![fact("place", &declaration.place)],
        ..ColophonSection::default()
    }
}
