//! The card of a dataset, a model or an experiment: its declaration as written, and what came of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Show, words};
use crate::experiment::{DeclarationKind, Experiment};
use crate::plan::Origin;
use crate::render::{Card, CardKind, Fact};
use crate::store::Ending;

/// The card of whatever has this id; `None` where it is hidden and not asked for.
pub fn card(show: &Show<'_>, id: &str, asked: bool) -> Option<Card> {
    let declaration = show.book.declarations.get(id).filter(|d| asked || d.show)?;
    let kind = match declaration.kind {
        DeclarationKind::Dataset => CardKind::Dataset,
        DeclarationKind::Model => CardKind::Model,
        DeclarationKind::Experiment => CardKind::Experiment,
    };
    let mut card = Card {
        kind,
        id: id.to_owned(),
        source: declaration.source.clone(),
        facts: Vec::new(),
        details: Vec::new(),
        notes: Vec::new(),
        command: None,
    };
    match kind {
        CardKind::Dataset => {
            card.facts = dataset_facts(show, id);
            card.notes.extend(show.survey.absent.get(id).cloned());
        }
        CardKind::Model => {}
        CardKind::Experiment => {
            let experiment = show.book.experiment(id)?;
            card.facts = experiment_facts(experiment);
            card.details = provenance(show, id);
            card.details.extend(choices(show, experiment));
            card.notes = notes(show, experiment);
            card.command = Some(format!("labbook run {id}"));
        }
    }
    Some(card)
}

fn fact(label: &str, value: impl Into<String>) -> Fact {
    Fact { label: label.to_owned(), value: value.into(), link: None }
}

fn experiment_facts(experiment: &Experiment) -> Vec<Fact> {
    let runs = experiment.points.len() * experiment.seeds.len();
    let grid = experiment.axes.iter().filter(|a| a.values.len() > 1).map(|a| format!("{} {}", a.values.len(), a.name));
    let grid: Vec<_> = grid.collect();
    let mut facts = vec![fact("runs", runs.to_string()), fact("seeds", experiment.seeds.len().to_string())];
    if !grid.is_empty() {
        facts.push(fact("grid", grid.join(" × ")));
    }
    facts
}

/// What was chosen on validation rows at each grid point: every candidate, and how many seeds took which.
fn choices(show: &Show<'_>, experiment: &Experiment) -> Vec<Fact> {
    let Some(results) = show.results.experiment(&experiment.id) else { return Vec::new() };
    let mut facts = Vec::new();
    for (index, point) in experiment.points.iter().enumerate() {
        let Some(tune) = &point.work.tune else { continue };
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        for (_, _, record) in results.records().filter(|(p, _, _)| *p == index) {
            let words = record.chosen.iter().map(|(name, value)| format!("{name} = {value}"));
            *taken.entry(words.collect::<Vec<_>>().join(", ")).or_default() += 1;
        }
        let at: Vec<String> = point.at.iter().map(words::value).collect();
        let taken: Vec<String> = taken.into_iter().map(|(words, n)| format!("{words} ({n}×)")).collect();
        let tried = match tune.trials {
            Some(trials) => format!("{trials} drawn from {}", tune.candidates.len()),
            None => tune.candidates.len().to_string(),
        };
        facts.push(fact("chosen", format!("{}: {}, of {tried} tried by {}", at.join(", "), taken.join(", "), tune.by)));
    }
    facts
}

/// What the reader must know of an experiment's runs.
fn notes(show: &Show<'_>, experiment: &Experiment) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    let datasets: BTreeSet<&str> = experiment.points.iter().map(|p| p.work.dataset.as_str()).collect();
    let unknown = datasets.iter().filter(|d| !show.survey.known.contains_key(**d));
    notes.extend(unknown.filter_map(|d| show.survey.absent.get(*d)).map(|why| format!("Not run: {why}.")));
    notes.extend(of_record(show, &experiment.id));
    if let Some(results) = show.results.experiment(&experiment.id) {
        let without: Vec<_> = results.records().filter(|r| r.2.ending != Ending::Finished).collect();
        if let Some((point, seed, record)) = without.first() {
            let axes = experiment.axes.iter().zip(&experiment.points[*point].at);
            let at: Vec<_> = axes.map(|(axis, value)| format!("{} = {value}", axis.name)).collect();
            let why = match &record.ending {
                Ending::Diverged { epoch } => format!("diverged in epoch {epoch}"),
                Ending::Unfitted { reason } => reason.clone(),
                Ending::Finished => String::new(),
            };
            let (count, at) = (without.len(), at.join(", "));
            notes.push(format!("{count} runs ended without a result. The first, at {at}, seed {seed}: {why}."));
        }
    }
    notes
}

/// Says that results were taken from the record because their data are not here; `None` where that is not so.
pub fn of_record(show: &Show<'_>, experiment: &str) -> Option<String> {
    let runs = show.plan.runs.iter().filter(|r| r.experiment.id == experiment && r.origin == Origin::Record);
    let absent: BTreeSet<&str> = runs
        .map(|run| run.point().work.dataset.as_str())
        .filter(|dataset| show.survey.absent.contains_key(*dataset))
        .collect();
    let named: Vec<_> = absent.into_iter().map(|dataset| format!("`{dataset}`")).collect();
    let verb = if named.len() == 1 { "is" } else { "are" };
    let said = format!("Results of record, not run for these pages: {} {verb} not here.", named.join(", "));
    (!named.is_empty()).then_some(said)
}

/// Where an experiment's results come from.
pub fn provenance(show: &Show<'_>, id: &str) -> Vec<Fact> {
    let Some(experiment) = show.book.experiment(id) else { return Vec::new() };
    let runs: Vec<_> = show.plan.runs.iter().filter(|r| r.experiment.id == id).collect();
    let keys: BTreeSet<&str> = runs.iter().map(|r| r.key.as_str()).collect();
    let mut hasher = blake3::Hasher::new();
    for key in &keys {
        hasher.update(key.as_bytes());
    }
    let versions: BTreeSet<String> = runs.iter().map(|r| words_of(&r.inputs["version"])).collect();
    let mut facts = vec![Fact { link: None, ..fact("experiment", id) }];
    facts.extend(experiment_facts(experiment));
    let datasets: BTreeSet<&str> = experiment.points.iter().map(|p| p.work.dataset.as_str()).collect();
    facts.extend(datasets.into_iter().flat_map(|d| dataset_facts(show, d)));
    facts.push(fact("versions", versions.into_iter().collect::<Vec<_>>().join("; ")));
    if !keys.is_empty() {
        let digest = hasher.finalize().to_hex();
        facts.push(fact("keys", format!("{} distinct, together {}", keys.len(), &digest[..16])));
    }
    facts
}

/// What is known of a dataset.
pub fn dataset_facts(show: &Show<'_>, id: &str) -> Vec<Fact> {
    // Where a parameter of it is swept, only its variants are used; they share where they come from.
    let variant = || show.survey.known.iter().find(|(name, _)| name.starts_with(&format!("{id}["))).map(|(_, k)| k);
    let Some(known) = show.survey.known.get(id).or_else(variant) else {
        return vec![fact("dataset", format!("{id} (not here)"))];
    };
    vec![
        fact("dataset", id),
        fact("origin", known.facts.origin.clone()),
        fact("licence", known.facts.licence.clone()),
        fact("digest", known.digest.chars().take(16).collect::<String>()),
    ]
}

/// The versions of a run's algorithms: `model 1, run 1`.
fn words_of(versions: &serde_json::Value) -> String {
    let fields = versions.as_object().into_iter().flatten();
    fields.map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ")
}
