//! What `record` writes of an experiment.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::ledger::{Recorded, RecordedData, RecordedRun};
use crate::plan::Plan;
use crate::run::Results;
use crate::store::{Key, Record};
use crate::survey::Survey;

/// What there is to record of an experiment. Of what was recorded `before`, those runs are kept that are `current` in
/// another profile.
pub fn recorded(
    experiment: &str,
    plan: &Plan<'_>,
    results: &Results,
    survey: &Survey,
    before: Option<&Recorded>,
    current: &BTreeSet<Key>,
) -> Recorded {
    let mut recorded = Recorded::default();
    for run in plan.runs.iter().filter(|run| run.experiment.id == experiment) {
        let found = results.experiment(experiment).and_then(|results| results.record(run.point, run.seed));
        let Some(result) = found else { continue };
        recorded.runs.push(RecordedRun {
            params: run.params().map(|(name, value)| (name.to_owned(), json!(value))).collect(),
            seed: run.seed,
            data: run.point().work.dataset.clone(),
            key: run.key.clone(),
            version: run.inputs["version"].clone(),
            result: computed(result),
            edited: None,
        });
    }
    let mine: BTreeSet<Key> = recorded.runs.iter().map(|run| run.key.clone()).collect();
    let others = before.into_iter().flat_map(|before| &before.runs);
    recorded.runs.extend(others.filter(|run| current.contains(&run.key) && !mine.contains(&run.key)).cloned());
    recorded.sort();
    recorded.data = data(&recorded, survey, before);
    recorded
}

/// What the recorded runs know of their datasets.
fn data(recorded: &Recorded, survey: &Survey, before: Option<&Recorded>) -> BTreeMap<String, RecordedData> {
    let names: BTreeSet<&String> = recorded.runs.iter().map(|run| &run.data).collect();
    let known = names.into_iter().filter_map(|name| {
        let now = survey
            .known
            .get(name)
            .map(|known| RecordedData { description: known.description.clone(), facts: json!(known.facts) });
        Some((name.clone(), now.or_else(|| before?.data.get(name).cloned())?))
    });
    known.collect()
}

/// What is reproducible of a result.
fn computed(result: &Record) -> Record {
    Record { inputs: serde_json::Value::Null, measured: BTreeMap::new(), ..result.clone() }
}
