//! The whole output as a research object: `ro-crate-metadata.json`, by RO-Crate 1.1.
//!
//! It lists every file of the output, says who made it and when, and tells of each experiment as an action of labbook's:
//! with what parameters and seeds, on which data, and which files hold what it gave. Books have no workflow file, so the
//! profile is that of processes: <https://w3id.org/ro/wfrun/process/0.5>.
//!
//! The specification is at <https://www.researchobject.org/ro-crate/specification/1.1/>. There is no clock here: the date
//! is the book's own.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::experiment::{Book, Experiment};
use crate::plan::Plan;
use crate::render::{Output, address};
use crate::run::Results;

/// Where the description lies; the specification fixes the name.
pub const PATH: &str = "ro-crate-metadata.json";
/// What it conforms to.
const SPECIFICATION: &str = "https://w3id.org/ro/crate/1.1";
/// The profile of runs of programs.
const PROFILE: &str = "https://w3id.org/ro/wfrun/process/0.5";
/// The version of that profile.
const PROFILE_VERSION: &str = "0.5";
/// The licence, for those who refer to it.
const LICENCE: &str = "#licence";
/// What stands for the licence of a book that names none: the law's answer.
const NO_LICENCE: &str = "The book names no licence: all rights are reserved.";

/// What is described.
#[derive(Debug, Clone, Copy)]
pub struct Content<'a> {
    /// The book.
    pub book: &'a Book,
    /// Its runs.
    pub plan: &'a Plan<'a>,
    /// What they gave.
    pub results: &'a Results,
    /// All other files of the output.
    pub outputs: &'a [Output],
    /// `YYYY-MM-DD`: when it is published.
    pub date: &'a str,
}

/// Describes the output.
pub fn describe(content: &Content<'_>) -> Output {
    let files: Vec<&Output> = content.outputs.iter().filter(|output| output.path != PATH).collect();
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let planned: Vec<&Experiment> = content
        .book
        .experiments
        .iter()
        .filter(|e| content.plan.runs.iter().any(|run| run.experiment.id == e.id))
        .collect();
    let mut graph = vec![descriptor(), root(content, &files, &planned), licence(content.book), profile(), software()];
    graph.extend(authors(content.book));
    for experiment in planned {
        graph.push(action(content, experiment, &paths));
        graph.extend(parameters(experiment));
    }
    graph.extend(files.iter().map(|file| entity(file)));
    let text = format!("{:#}\n", json!({ "@context": format!("{SPECIFICATION}/context"), "@graph": graph }));
    Output { path: PATH.to_owned(), bytes: text.into_bytes() }
}

/// The day a book is published: the one it names, else that of `epoch`, in seconds since 1970, else the latest of its
/// chapters. `None` where nobody says; there is then nothing to publish as a research object, which has to have a date.
pub fn date(book: &Book, epoch: Option<u64>) -> Option<String> {
    let of_chapters = book.chapters.iter().filter_map(|chapter| chapter.front.date.clone()).max();
    book.config.date.clone().or_else(|| epoch.map(day)).or(of_chapters)
}

/// The day in the Gregorian calendar, in UTC: Howard Hinnant's `civil_from_days`, whose eras of 146,097 days begin in March
/// so that a leap day ends its year (<https://howardhinnant.github.io/date_algorithms.html>).
fn day(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

fn reference(id: impl Into<String>) -> Json {
    json!({ "@id": id.into() })
}

fn references(ids: impl Iterator<Item = String>) -> Vec<Json> {
    ids.map(reference).collect()
}

fn descriptor() -> Json {
    json!({
        "@id": PATH,
        "@type": "CreativeWork",
        "about": reference("./"),
        "conformsTo": reference(SPECIFICATION),
    })
}

fn root(content: &Content<'_>, files: &[&Output], planned: &[&Experiment]) -> Json {
    let config = &content.book.config;
    let mut root = json!({
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": reference(PROFILE),
        "datePublished": content.date,
        "description": config.description.as_ref().unwrap_or(&config.title),
        "hasPart": references(files.iter().map(|file| address::encode(&file.path))),
        "inLanguage": config.languages,
        "license": reference(LICENCE),
        "name": config.title,
    });
    if !config.authors.is_empty() {
        root["author"] = json!(references((1..=config.authors.len()).map(author_id)));
    }
    if !planned.is_empty() {
        root["mentions"] = json!(references(planned.iter().map(|experiment| action_id(experiment))));
    }
    root
}

fn licence(book: &Book) -> Json {
    let name = book.config.licence.as_deref().unwrap_or(NO_LICENCE);
    let mut licence = json!({ "@id": LICENCE, "@type": "CreativeWork", "name": name });
    if name.starts_with("https://") || name.starts_with("http://") {
        licence["url"] = json!(name);
    }
    licence
}

fn profile() -> Json {
    json!({
        "@id": PROFILE,
        "@type": "CreativeWork",
        "name": "Process Run Crate",
        "version": PROFILE_VERSION,
    })
}

fn software() -> Json {
    json!({
        "@id": "#labbook",
        "@type": "SoftwareApplication",
        "description": env!("CARGO_PKG_DESCRIPTION"),
        "name": "labbook",
        "softwareVersion": env!("CARGO_PKG_VERSION"),
    })
}

fn authors(book: &Book) -> impl Iterator<Item = Json> {
    let numbered = book.config.authors.iter().zip(1..);
    numbered.map(|(name, number)| json!({ "@id": author_id(number), "@type": "Person", "name": name }))
}

fn author_id(number: usize) -> String {
    format!("#author-{number}")
}

fn action_id(experiment: &Experiment) -> String {
    format!("#run-{}", experiment.id)
}

fn parameter_id(experiment: &Experiment, name: &str) -> String {
    format!("#parameter-{}-{}", experiment.id, address::encode(name))
}

/// An experiment as what labbook did: from the declarations of its data to the files of its results.
fn action(content: &Content<'_>, experiment: &Experiment, paths: &BTreeSet<&str>) -> Json {
    let id = &experiment.id;
    let planned = content.plan.runs.iter().filter(|run| run.experiment.id == *id).count();
    let finished = content.results.experiment(id).map_or(0, |results| results.records().count());
    let there = |path: String| paths.contains(path.as_str()).then(|| address::encode(&path));
    let declared = experiment.points.iter().map(|point| point.work.dataset.split('[').next().unwrap_or_default());
    let datasets: BTreeSet<&str> = declared.collect();
    let datasets = datasets.into_iter().filter_map(|dataset| there(format!("provenance/{dataset}.json")));
    let settings = experiment.axes.iter().map(|axis| parameter_id(experiment, &axis.name));
    let settings = settings.chain([parameter_id(experiment, "seed")]);
    let results = [format!("data/{id}.csv"), format!("data/{id}.json"), format!("provenance/{id}.json")];
    let status = if finished >= planned { "Completed" } else { "Failed" };
    let mut action = json!({
        "@id": action_id(experiment),
        "@type": "CreateAction",
        "actionStatus": format!("http://schema.org/{status}ActionStatus"),
        "description": format!("labbook run {id}"),
        "instrument": reference("#labbook"),
        "name": format!("The experiment {id}: {finished} of {planned} runs have a result"),
        "object": references(datasets.chain(settings)),
        "result": references(results.into_iter().filter_map(there)),
    });
    if !content.book.config.authors.is_empty() {
        action["agent"] = reference(author_id(1));
    }
    action
}

/// The values an experiment's parameters and seeds take.
fn parameters(experiment: &Experiment) -> impl Iterator<Item = Json> {
    let values = |values: Vec<String>| values.join(", ");
    let axes = experiment.axes.iter();
    let axes =
        axes.map(move |axis| (axis.name.as_str(), values(axis.values.iter().map(ToString::to_string).collect())));
    let seeds = ("seed", values(experiment.seeds.iter().map(u64::to_string).collect()));
    axes.chain([seeds]).map(|(name, values)| {
        json!({ "@id": parameter_id(experiment, name), "@type": "PropertyValue", "name": name, "value": values })
    })
}

fn entity(file: &Output) -> Json {
    json!({
        "@id": address::encode(&file.path),
        "@type": "File",
        "contentSize": file.bytes.len().to_string(),
        "encodingFormat": media_type(&file.path),
        "name": file.path,
    })
}

/// The media type that a file's ending stands for.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("pdf") => "application/pdf",
        Some("md") => "text/markdown",
        Some("txt") => "text/plain",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_days_of_the_calendar() {
        let check = |seconds: u64, expected: &str| assert_eq!(day(seconds), expected, "{seconds}");
        check(0, "1970-01-01");
        check(951_782_399, "2000-02-28");
        check(951_782_400, "2000-02-29");
        check(1_709_164_800, "2024-02-29");
        check(4_107_542_399, "2100-02-28");
        check(4_107_542_400, "2100-03-01");
        check(1_767_225_599, "2025-12-31");
    }
}
