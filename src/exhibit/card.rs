//! The card of a dataset, a model or an experiment: its declaration as written, and what came of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Show, words};
use crate::experiment::{DeclarationKind, Experiment};
use crate::plan::Origin;
use crate::render::{Card, CardKind, Fact, Words};
use crate::store::Ending;

/// The card of whatever has this id; `None` where it is hidden and not asked for.
pub fn card(show: &Show<'_>, id: &str, asked: bool, said: &Words) -> Option<Card> {
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
            card.facts = dataset_facts(show, id, said);
            card.notes.extend(show.survey.absent.get(id).cloned());
        }
        CardKind::Model => {}
        CardKind::Experiment => {
            let experiment = show.book.experiment(id)?;
            card.facts = experiment_facts(experiment);
            card.details = provenance(show, id, said);
            card.details.extend(choices(show, experiment, said));
            card.notes = notes(show, experiment, said);
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
fn choices(show: &Show<'_>, experiment: &Experiment, said: &Words) -> Vec<Fact> {
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
            Some(trials) => said.say("{trials} drawn from {n}", &[("trials", &trials), ("n", &tune.candidates.len())]),
            None => tune.candidates.len().to_string(),
        };
        let by = tune.by.to_string();
        let parts: [(&str, &dyn std::fmt::Display); 4] =
            [("at", &at.join(", ")), ("taken", &taken.join(", ")), ("tried", &tried), ("by", &by)];
        facts.push(fact("chosen", said.say("{at}: {taken}, of {tried} tried by {by}", &parts)));
    }
    facts
}

/// What the reader must know of an experiment's runs.
fn notes(show: &Show<'_>, experiment: &Experiment, said: &Words) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    let datasets: BTreeSet<&str> = experiment.points.iter().map(|p| p.work.dataset.as_str()).collect();
    let unknown = datasets.iter().filter(|d| !show.survey.known.contains_key(**d));
    notes.extend(
        unknown.filter_map(|d| show.survey.absent.get(*d)).map(|why| said.say("Not run: {why}.", &[("why", why)])),
    );
    notes.extend(of_record(show, &experiment.id, said));
    if let Some(results) = show.results.experiment(&experiment.id) {
        let without: Vec<_> = results.records().filter(|r| r.2.ending != Ending::Finished).collect();
        if let Some((point, seed, record)) = without.first() {
            let axes = experiment.axes.iter().zip(&experiment.points[*point].at);
            let at: Vec<_> = axes.map(|(axis, value)| format!("{} = {value}", axis.name)).collect();
            let why = match &record.ending {
                Ending::Diverged { epoch } => said.say("diverged in epoch {epoch}", &[("epoch", epoch)]),
                Ending::Unfitted { reason } => reason.clone(),
                Ending::Finished => String::new(),
            };
            let (count, at) = (without.len(), at.join(", "));
            let parts: [(&str, &dyn std::fmt::Display); 4] =
                [("n", &count), ("at", &at), ("seed", seed), ("why", &why)];
            notes.push(said.say("{n} runs ended without a result. The first, at {at}, seed {seed}: {why}.", &parts));
        }
    }
    notes
}

/// Says that results were taken from the record because their data are not here; `None` where that is not so.
pub fn of_record(show: &Show<'_>, experiment: &str, said: &Words) -> Option<String> {
    let runs = show.plan.runs.iter().filter(|r| r.experiment.id == experiment && r.origin == Origin::Record);
    let absent: BTreeSet<&str> = runs
        .map(|run| run.point().work.dataset.as_str())
        .filter(|dataset| show.survey.absent.contains_key(*dataset))
        .collect();
    let named: Vec<_> = absent.into_iter().map(|dataset| format!("`{dataset}`")).collect();
    let phrase = match named.len() {
        1 => "Results of record, not run for these pages: {data} is not here.",
        _ => "Results of record, not run for these pages: {data} are not here.",
    };
    (!named.is_empty()).then(|| said.say(phrase, &[("data", &named.join(said.comma()))]))
}

/// Where an experiment's results come from.
pub fn provenance(show: &Show<'_>, id: &str, said: &Words) -> Vec<Fact> {
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
    facts.extend(datasets.into_iter().flat_map(|d| dataset_facts(show, d, said)));
    facts.push(fact("versions", versions.into_iter().collect::<Vec<_>>().join("; ")));
    if !keys.is_empty() {
        let digest = hasher.finalize().to_hex();
        let parts: [(&str, &dyn std::fmt::Display); 2] = [("n", &keys.len()), ("digest", &&digest[..16])];
        facts.push(fact("keys", said.say("{n} distinct, together {digest}", &parts)));
    }
    facts
}

/// What is known of a dataset.
pub fn dataset_facts(show: &Show<'_>, id: &str, said: &Words) -> Vec<Fact> {
    // Where a parameter of it is swept, only its variants are used; they share where they come from.
    let variant = || show.survey.known.iter().find(|(name, _)| name.starts_with(&format!("{id}["))).map(|(_, k)| k);
    let Some(known) = show.survey.known.get(id).or_else(variant) else {
        return vec![fact("dataset", format!("{id} ({})", said.word("absent")))];
    };
    vec![
        fact("dataset", id),
        fact("origin", words::origin(&known.facts.origin, said)),
        fact("licence", known.facts.licence.clone()),
        fact("digest", known.digest.chars().take(16).collect::<String>()),
    ]
}

/// The versions of a run's algorithms: `model 1, run 1`.
fn words_of(versions: &serde_json::Value) -> String {
    let fields = versions.as_object().into_iter().flatten();
    fields.map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ")
}
