//! The last page: what was run, on what, and how to run it again.

use super::{Show, claim, words};
use crate::plan::Run;
use crate::render::{Cell, Colophon, ColophonSection, Fact, Grid, Words};

/// What the first section says.
const SAME_NUMBERS: &str = "The same command gives the same numbers at any number of threads and on every machine; \
                            those of logistic regression agree at the printed precision.";

/// Makes the colophon of a book in one of its languages.
pub fn colophon(show: &Show<'_>, language: &str) -> Colophon {
    let said = show.lexicon.of(language);
    let profile = show.book.profile.as_deref();
    let command = profile.map_or_else(|| "labbook build".to_owned(), |p| format!("labbook build --profile {p}"));
    let fact = |label: &str, value: String| Fact { label: label.to_owned(), value, link: None };
    let again = ColophonSection {
        title: "How to run it again".into(),
        text: said.word(SAME_NUMBERS).to_owned(),
        facts: vec![
            fact("labbook", env!("CARGO_PKG_VERSION").to_owned()),
            fact("profile", profile.unwrap_or(said.word("none")).to_owned()),
        ],
        grid: None,
        command: Some(command),
    };
    let mut sections = vec![again];
    sections.extend(claim::colophon(show, said));
    sections.extend([experiments(show, said), datasets(show, said)]);
    Colophon { language: language.to_owned(), sections }
}

fn cell(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), title: String::new() }
}

fn experiments(show: &Show<'_>, said: &Words) -> ColophonSection {
    let header = ["experiment", "grid points", "seeds", "runs", "operations counted"];
    let header = header.map(|name| said.word(name).to_owned()).to_vec();
    let rows = show.book.experiments.iter().map(|experiment| {
        let runs: Vec<&Run<'_>> = show.plan.runs.iter().filter(|r| r.experiment.id == experiment.id).collect();
        let results = show.results.experiment(&experiment.id);
        let flops: f64 = results.map_or(0.0, |r| r.records().filter_map(|(_, _, record)| record.value("flops")).sum());
        let flops = if flops > 0.0 { format!("{flops:.2e}") } else { "—".to_owned() };
        vec![
            cell(&experiment.id),
            cell(experiment.points.len().to_string()),
            cell(experiment.seeds.len().to_string()),
            cell(runs.len().to_string()),
            cell(flops),
        ]
    });
    ColophonSection {
        title: "What was run".into(),
        grid: Some(Grid { header, rows: rows.collect() }),
        ..ColophonSection::default()
    }
}

fn datasets(show: &Show<'_>, said: &Words) -> ColophonSection {
    let header = ["dataset", "origin", "licence", "digest"].map(|name| said.word(name).to_owned()).to_vec();
    let rows = show.book.datasets.keys().map(|id| match show.survey.known.get(id) {
        Some(known) => {
            let digest: String = known.digest.chars().take(16).collect();
            vec![cell(id), cell(words::origin(&known.facts.origin, said)), cell(&known.facts.licence), cell(digest)]
        }
        None => vec![cell(id), cell(said.word("absent")), cell("—"), cell("—")],
    });
    ColophonSection {
        title: "On what".into(),
        grid: Some(Grid { header, rows: rows.collect() }),
        ..ColophonSection::default()
    }
}
