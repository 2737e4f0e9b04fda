//! The last page: what was run, on what, and how to run it again.

use super::{Show, claim};
use crate::plan::Run;
use crate::render::{Cell, Colophon, ColophonSection, Fact, Grid};

/// Makes the colophon of a book.
pub fn colophon(show: &Show<'_>) -> Colophon {
    let config = &show.book.config;
    let profile = show.book.profile.as_deref();
    let command = profile.map_or_else(|| "labbook build".to_owned(), |p| format!("labbook build --profile {p}"));
    let fact = |label: &str, value: String| Fact { label: label.to_owned(), value, link: None };
    let again = ColophonSection {
        title: "How to run it again".into(),
        text: "The same command gives the same numbers at any number of threads and on every machine; those of logistic regression \
               agree at the printed precision.".into(),
        facts: vec![
            fact("labbook", env!("CARGO_PKG_VERSION").to_owned()),
            fact("profile", profile.unwrap_or("none").to_owned()),
        ],
        grid: None,
        command: Some(command),
    };
    let mut sections = vec![again];
    sections.extend(claim::colophon(show));
    sections.extend([experiments(show), datasets(show)]);
    Colophon { language: config.languages[0].clone(), sections }
}

fn cell(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), title: String::new() }
}

fn experiments(show: &Show<'_>) -> ColophonSection {
    let header = ["Experiment", "Grid points", "Seeds", "Runs", "Operations counted"].map(str::to_owned).to_vec();
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

fn datasets(show: &Show<'_>) -> ColophonSection {
    let header = ["Dataset", "Origin", "Licence", "Digest"].map(str::to_owned).to_vec();
    let rows = show.book.datasets.keys().map(|id| match show.survey.known.get(id) {
        Some(known) => {
            let digest: String = known.digest.chars().take(16).collect();
            vec![cell(id), cell(&known.facts.origin), cell(&known.facts.licence), cell(digest)]
        }
        None => vec![cell(id), cell("not here"), cell("—"), cell("—")],
    });
    ColophonSection {
        title: "On what".into(),
        grid: Some(Grid { header, rows: rows.collect() }),
        ..ColophonSection::default()
    }
}
