//! Experiments × store → what would run, and why.
//!
//! A run's key is a digest of its *inputs*: everything the result depends on, written out as JSON without a single name or
//! id, so that equal runs of two experiments are one, and a caption never retrains anything.

mod outlook;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde_json::{Value as Json, json};

use crate::experiment::{Book, Experiment, Model, Point, Value, Work};
use crate::ledger::{Ledger, RecordedRun};
use crate::store::{Found, Key, LastKeys, Store};
use crate::survey::{Facts, Known, Presence};
pub use outlook::{Outlook, outlook};

/// Raised whenever the way runs draw their rows, tune or judge changes any result.
pub const RUN_VERSION: u32 = 1;

/// What has to happen for every experiment to have its results.
#[derive(Debug)]
pub struct Plan<'b> {
    /// All runs, in the order of the book, grid and seeds.
    pub runs: Vec<Run<'b>>,
    /// Results that are there and not as they were written, a sentence each; their runs have to run again.
    pub damaged: Vec<String>,
}

/// One run: an experiment at a grid point under a seed.
#[derive(Debug, Clone)]
pub struct Run<'b> {
    /// The experiment it belongs to.
    pub experiment: &'b Experiment,
    /// Index into the experiment's points.
    pub point: usize,
    /// The seed.
    pub seed: u64,
    /// Everything the result depends on.
    pub inputs: Json,
    /// Their digest.
    pub key: Key,
    /// Whether it has to run.
    pub status: Status,
    /// Why it has to run; empty where it need not.
    pub reason: String,
    /// Where its result is, or will be.
    pub origin: Origin,
    /// Floating-point operations expected, for the order and the time left.
    pub cost: u64,
}

/// Where a run's result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In the cache.
    Cache,
    /// Among the results of record.
    Record,
}

/// Where results are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Holdings<'a> {
    /// The cache.
    pub store: &'a Store,
    /// The results of record.
    pub ledger: &'a Ledger,
    /// Which of them count.
    pub rule: Rule,
}

/// Which results count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Those of the cache, and those of record where the data are not here.
    Cached,
    /// Those of record alone.
    Recorded,
}

/// Whether a run has to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Its result is there.
    Cached,
    /// A result was there for other inputs.
    Stale,
    /// It never ran.
    New,
}

impl Status {
    /// As `plan` prints it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cached => "cached",
            Self::Stale => "stale",
            Self::New => "new",
        }
    }
}

impl<'b> Run<'b> {
    /// A run that is taken to have a result in the cache.
    fn new(experiment: &'b Experiment, point: usize, seed: u64, known: &Known) -> Self {
        let work = &experiment.points[point].work;
        let inputs = inputs(work, known, seed);
        let (key, cost) = (Key::of(&inputs), cost(work, &known.facts));
        let (status, reason, origin) = (Status::Cached, String::new(), Origin::Cache);
        Self { experiment, point, seed, inputs, key, status, reason, origin, cost }
    }

    /// The grid point.
    pub fn point(&self) -> &'b Point {
        &self.experiment.points[self.point]
    }

    /// Parameter names and values, in the order of the axes.
    pub fn params(&self) -> impl Iterator<Item = (&'b str, &'b Value)> {
        self.experiment.axes.iter().map(|a| a.name.as_str()).zip(&self.point().at)
    }

    /// A readable name within its experiment: `model=svm, m=1000, seed=3`.
    pub fn name(&self) -> String {
        let params = self.params().map(|(name, value)| format!("{name}={value}, "));
        format!("{}seed={}", params.collect::<String>(), self.seed)
    }
}

impl<'b> Plan<'b> {
    /// The runs that have to run, each key once, longest first.
    pub fn pending(&self) -> Vec<&Run<'b>> {
        let mut seen = BTreeSet::new();
        let mut pending: Vec<_> =
            self.runs.iter().filter(|r| r.status != Status::Cached && seen.insert(&r.key)).collect();
        pending.sort_by(|a, b| b.cost.cmp(&a.cost).then_with(|| a.key.cmp(&b.key)));
        pending
    }

    /// Remembers which keys the runs that have a result have now, so that the next plan can say what changed.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn remember(&self, store: &Store) -> crate::files::Result<()> {
        let mut by_experiment: BTreeMap<&str, LastKeys> = BTreeMap::new();
        for run in self.runs.iter().filter(|run| store.contains(&run.key)) {
            by_experiment.entry(&run.experiment.id).or_default().insert(run.name(), run.key.clone());
        }
        by_experiment.into_iter().try_for_each(|(id, keys)| store.remember_keys(id, &keys))
    }
}

/// Plans all runs of the wanted experiments. `data` holds what is known of each dataset, by name; a grid point whose data
/// are not here is left out, unless it has a result.
pub fn plan<'b>(
    book: &'b Book,
    wanted: &dyn Fn(&Experiment) -> bool,
    data: &BTreeMap<String, Known>,
    holdings: &Holdings<'_>,
) -> Plan<'b> {
    let experiments: Vec<_> = book.experiments.iter().filter(|e| wanted(e)).collect();
    let last: Vec<LastKeys> = experiments.iter().map(|e| holdings.store.last_keys(&e.id)).collect();
    let grid = experiments.iter().zip(&last).flat_map(|(experiment, last)| {
        let known = |p: &usize| data.contains_key(&experiment.points[*p].work.dataset);
        let points = (0..experiment.points.len()).filter(known);
        points.flat_map(move |p| experiment.seeds.iter().map(move |&seed| (*experiment, p, seed, last)))
    });
    let grid: Vec<_> = grid.collect();
    let planned = grid.into_par_iter().filter_map(|(experiment, point, seed, last)| {
        let known = &data[&experiment.points[point].work.dataset];
        let mut run = Run::new(experiment, point, seed, known);
        let damaged = match holdings.rule {
            Rule::Recorded => {
                holdings.look_up_record(&mut run);
                None
            }
            Rule::Cached if known.presence == Presence::Here => holdings.look_up_cache(&mut run, last),
            Rule::Cached => {
                holdings.look_up_absent(&mut run)?;
                None
            }
        };
        Some((run, damaged))
    });
    let (runs, damaged): (Vec<_>, Vec<_>) = planned.collect::<Vec<_>>().into_iter().unzip();
    Plan { runs, damaged: damaged.into_iter().flatten().collect() }
}

impl Holdings<'_> {
    /// Whether a run has a result in the cache, and why not; says so where that result is damaged.
    fn look_up_cache(&self, run: &mut Run<'_>, last: &LastKeys) -> Option<String> {
        match self.store.check(&run.key) {
            Found::Sound(()) => None,
            Found::Absent => {
                (run.status, run.reason) = why(run, last, self.store);
                None
            }
            Found::Damaged(reason) => {
                (run.status, run.reason) = (Status::Stale, format!("its result is damaged: {reason}"));
                Some(format!("the result of {}[{}] is damaged: {reason}", run.experiment.id, run.name()))
            }
        }
    }

    /// Whether a run has a result of record, and why not.
    fn look_up_record(&self, run: &mut Run<'_>) {
        run.origin = Origin::Record;
        (run.status, run.reason) = match self.ledger.run(&run.key) {
            Some(recorded) if recorded.edited => {
                (Status::Stale, "its record was edited: the checksum is another".into())
            }
            Some(_) => return,
            None => match self.recorded_like(run) {
                Some(old) => (Status::Stale, what_changed(self.ledger, old, run)),
                None => (Status::New, "it is not recorded".into()),
            },
        };
    }

    /// Finds the result of a run that cannot run, its data not being here; `None` where there is none.
    fn look_up_absent(&self, run: &mut Run<'_>) -> Option<()> {
        if self.store.contains(&run.key) {
            return Some(());
        }
        run.origin = Origin::Record;
        self.ledger.run(&run.key).filter(|recorded| !recorded.edited).map(|_| ())
    }

    /// What was recorded under the name of a run, whatever it depended on.
    fn recorded_like(&self, run: &Run<'_>) -> Option<&RecordedRun> {
        let params: BTreeMap<String, Json> =
            run.params().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        self.ledger.experiment(&run.experiment.id)?.run(&params, run.seed)
    }
}

/// What differs between a recorded run and the run as it is declared now. Of what a run depends on, the record keeps its
/// data and the versions of its algorithms; whatever else changed stands in the book.
fn what_changed(ledger: &Ledger, old: &RecordedRun, run: &Run<'_>) -> String {
    let data = ledger.experiment(&run.experiment.id).and_then(|recorded| recorded.data.get(&old.data));
    let before = json!({ "data": data.map(|d| &d.description), "version": old.version });
    let after = json!({ "data": run.inputs["data"], "version": run.inputs["version"] });
    if before == after { "its declaration changed since it was recorded".into() } else { difference(&before, &after) }
}

/// Everything the result of a run depends on.
fn inputs(work: &Work, known: &Known, seed: u64) -> Json {
    json!({
        "data": known.description,
        "m": work.m,
        "valid": work.valid,
        "model": work.model,
        "tune": work.tune,
        "seed": seed,
        "version": { "model": work.model.version(), "run": RUN_VERSION },
    })
}

fn cost(work: &Work, facts: &Facts) -> u64 {
    let rows = work.m.unwrap_or(facts.train_rows);
    let candidates = work.tune.as_ref().map_or(0, |t| t.candidates.len()) as u64;
    let settled = work.model.settled(rows, facts.task());
    settled.estimated_flops(facts, rows).saturating_mul(1 + candidates)
}

impl Model {
    /// The version of the algorithm: raised whenever its results change.
    pub fn version(&self) -> u32 {
        match self {
            Self::Logistic(_) => crate::baselines::LOGISTIC_VERSION,
            Self::Svm(_) => crate::baselines::SVM_VERSION,
            Self::Net(model) => model.net.version(),
        }
    }

    fn estimated_flops(&self, facts: &Facts, rows: usize) -> u64 {
        let (columns, outputs) = (facts.columns, facts.outputs);
        match self {
            Self::Logistic(spec) => crate::baselines::estimated_logistic_flops(spec, rows, columns, outputs),
            Self::Svm(_) => crate::baselines::estimated_svm_flops(rows, columns, outputs),
            Self::Net(model) => crate::nets::estimated_flops(&model.net, &model.train, &facts.setting(), rows),
        }
    }
}

fn why(run: &Run<'_>, last: &LastKeys, store: &Store) -> (Status, String) {
    let Some(old) = last.get(&run.name()) else {
        return (Status::New, "it never ran".into());
    };
    if *old == run.key {
        return (Status::Stale, "its result is gone from the cache".into());
    }
    match store.get(old) {
        Found::Sound(record) => (Status::Stale, difference(&record.inputs, &run.inputs)),
        Found::Absent | Found::Damaged(_) => (Status::Stale, "its inputs changed".into()),
    }
}

/// What differs between two inputs: `model.train.lr: 0.001 → 0.003`.
pub fn difference(old: &Json, new: &Json) -> String {
    let (before, after) = (fields(old), fields(new));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changes: Vec<String> = names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| {
            let show = |side: &BTreeMap<String, String>| side.get(name).cloned().unwrap_or_else(|| "nothing".into());
            format!("{name}: {} → {}", show(&before), show(&after))
        })
        .collect();
    match changes.len() {
        0 => "its inputs are written differently".into(),
        1..=3 => changes.join("; "),
        n => format!("{}; and {} more", changes[..3].join("; "), n - 3),
    }
}

/// The fields of a run's inputs by dotted name, as they are printed: `model.train.lr` → `0.001`.
pub fn fields(inputs: &Json) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    flatten("", inputs, &mut fields);
    fields
}

fn flatten(path: &str, value: &Json, into: &mut BTreeMap<String, String>) {
    let within = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Json::Object(fields) => fields.iter().for_each(|(name, value)| flatten(&within(name), value, into)),
        // A list of numbers reads as one value; a list of things, thing by thing.
        Json::Array(items) if items.iter().any(Json::is_object) => {
            items.iter().enumerate().for_each(|(i, value)| flatten(&within(&(i + 1).to_string()), value, into));
        }
        _ => drop(into.insert(path.to_owned(), value.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_the_field_and_both_values() {
        let old = json!({"seed": 1, "model": {"train": {"lr": 0.001, "batch": 32}}});
        let new = json!({"seed": 1, "model": {"train": {"lr": 0.003, "batch": 32, "clip": 1.0}}});
        assert_eq!(difference(&old, &new), "model.train.clip: nothing → 1.0; model.train.lr: 0.001 → 0.003");
        assert_eq!(difference(&old, &old), "its inputs are written differently");
    }
}
