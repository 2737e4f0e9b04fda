//! Experiments × store → what would run, and why.
//!
//! A run's key is a digest of its *inputs*: everything the result depends on, written out as JSON without a single name or
//! id, so that equal runs of two experiments are one, and a caption never retrains anything.

mod change;
mod inputs;
mod outlook;
mod part;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::{Value as Json, json};

use crate::baselines::Extent;
use crate::experiment::{Book, Experiment, Model, Point, Value, Work};
use crate::ledger::{Ledger, RecordedRun};
use crate::store::{Found, Key, LastKeys, Store};
use crate::survey::{Facts, Known, Presence};
pub use change::{Change, changes, fields};
pub use inputs::Inputs;
use inputs::OfPoint;
pub use outlook::{Outlook, outlook};
pub use part::Part;

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
    pub inputs: Inputs,
    /// Their digest.
    pub key: Key,
    /// Whether it has to run.
    pub status: Status,
    /// Why it has to run; empty where it need not.
    pub reason: String,
    /// What changed since there was a result under its name, as far as that is known.
    pub changes: Vec<Change>,
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
    /// Those of the cache and those of record, whether or not the data are here: for looking, not for running.
    Known,
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
    fn new(experiment: &'b Experiment, point: usize, seed: u64, inputs: Inputs, cost: u64) -> Self {
        let key = inputs.key();
        let (status, reason, origin) = (Status::Cached, String::new(), Origin::Cache);
        Self { experiment, point, seed, inputs, key, status, reason, changes: Vec::new(), origin, cost }
    }

    /// The grid point.
    pub fn point(&self) -> &'b Point {
        &self.experiment.points[self.point]
    }

    /// Marks it as one that has to run.
    fn pend(&mut self, status: Status, reason: impl Into<String>) {
        (self.status, self.reason) = (status, reason.into());
    }

    /// Marks it as one that has to run because of what changed.
    fn pend_for(&mut self, changes: Vec<Change>) {
        self.pend(Status::Stale, change::sentence(&changes));
        self.changes = changes;
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
    let points = experiments.iter().zip(&last).flat_map(|(experiment, last)| {
        let known = |p: usize| Some((p, data.get(&experiment.points[p].work.dataset)?));
        (0..experiment.points.len()).filter_map(known).map(move |(p, known)| (*experiment, p, known, last))
    });
    let points: Vec<_> = points
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(experiment, p, known, last)| {
            let work = &experiment.points[p].work;
            (experiment, p, known, last, OfPoint::new(work, known), cost(work, &known.facts))
        })
        .collect();
    let grid: Vec<_> = points.iter().flat_map(|at| at.0.seeds.iter().map(move |&seed| (at, seed))).collect();
    let planned = grid.into_par_iter().filter_map(|(at, seed)| {
        let (experiment, point, known, last, of_point, cost) = at;
        let mut run = Run::new(experiment, *point, seed, Inputs::new(Arc::clone(of_point), seed), *cost);
        let damaged = match holdings.rule {
            Rule::Recorded => {
                holdings.look_up_record(&mut run);
                None
            }
            Rule::Cached if known.presence == Presence::Here => holdings.look_up_cache(&mut run, last),
            Rule::Known if known.presence == Presence::Here => {
                holdings.look_up_anywhere(&mut run, last);
                None
            }
            Rule::Cached | Rule::Known => {
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
                self.explain(run, last);
                None
            }
            Found::Damaged(reason) => {
                run.pend(Status::Stale, format!("its result is damaged: {reason}"));
                Some(format!("the result of {}[{}] is damaged: {reason}", run.experiment.id, run.name()))
            }
        }
    }

    /// Says why a run has no result in the cache: compared with the run that last had its name there, else with the one
    /// recorded under it.
    fn explain(&self, run: &mut Run<'_>, last: &LastKeys) {
        match last.get(&run.name()) {
            Some(old) if *old == run.key => run.pend(Status::Stale, "its result is gone from the cache"),
            Some(old) => match (self.store.get(old), self.recorded_like(run)) {
                (Found::Sound(record), _) => run.pend_for(changes(&record.inputs, &run.inputs.whole())),
                (_, Some(recorded)) => self.compare_with_record(run, recorded),
                _ => run.pend(Status::Stale, "its inputs changed"),
            },
            None => match self.recorded_like(run) {
                Some(recorded) if recorded.key == run.key => run.pend(Status::New, "it is recorded and never ran here"),
                Some(recorded) => self.compare_with_record(run, recorded),
                None => run.pend(Status::New, "it never ran"),
            },
        }
    }

    /// Whether a run has a result of record, and why not.
    fn look_up_record(&self, run: &mut Run<'_>) {
        run.origin = Origin::Record;
        match self.ledger.run(&run.key) {
            Some(recorded) if recorded.is_edited() => {
                run.pend(Status::Stale, "its record was edited: the checksum is another");
            }
            Some(_) => {}
            None => match self.recorded_like(run) {
                Some(recorded) => self.compare_with_record(run, recorded),
                None => run.pend(Status::New, "it is not recorded"),
            },
        }
    }

    /// Says what differs between a recorded run and the run as it is declared now. Of what a run depends on, the record
    /// keeps its data and the versions of its algorithms; whatever else changed stands in the book.
    fn compare_with_record(&self, run: &mut Run<'_>, recorded: &RecordedRun) {
        let experiment = self.ledger.experiment(&run.experiment.id);
        let data = experiment.and_then(|experiment| experiment.data.get(&recorded.data));
        let before = json!({ "data": data.map(|d| &d.description), "version": recorded.version });
        let after = json!({ "data": run.inputs["data"], "version": run.inputs["version"] });
        match changes(&before, &after) {
            none if none.is_empty() => run.pend(Status::Stale, "its declaration changed since it was recorded"),
            changes => run.pend_for(changes),
        }
    }

    /// Whether a run has a result in the cache or of record, and why not.
    fn look_up_anywhere(&self, run: &mut Run<'_>, last: &LastKeys) {
        if matches!(self.store.check(&run.key), Found::Sound(())) {
            return;
        }
        match self.ledger.run(&run.key).filter(|recorded| !recorded.is_edited()) {
            Some(_) => run.origin = Origin::Record,
            None => self.explain(run, last),
        }
    }

    /// Finds the result of a run that cannot run, its data not being here; `None` where there is none.
    fn look_up_absent(&self, run: &mut Run<'_>) -> Option<()> {
        if self.store.contains(&run.key) {
            return Some(());
        }
        run.origin = Origin::Record;
        self.ledger.run(&run.key).filter(|recorded| !recorded.is_edited()).map(|_| ())
    }

    /// What was recorded under the name of a run, whatever it depended on.
    fn recorded_like(&self, run: &Run<'_>) -> Option<&RecordedRun> {
        let params: BTreeMap<String, Json> =
            run.params().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        self.ledger.experiment(&run.experiment.id)?.run(&params, run.seed)
    }
}

fn cost(work: &Work, facts: &Facts) -> u64 {
    let rows = work.m.unwrap_or(facts.train_rows);
    let candidates = work.tune.as_ref().map_or(0, |t| t.trials.unwrap_or(t.candidates.len())) as u64;
    let settled = work.model.settled(rows, facts.task());
    settled.estimated_flops(facts, rows).saturating_mul(1 + candidates)
}

impl Model {
    /// The version of the algorithm: raised whenever its results change.
    pub fn version(&self) -> u32 {
        match self {
            Self::Baseline(baseline) => baseline.version(),
            Self::Net(model) => model.net.version(),
        }
    }

    fn estimated_flops(&self, facts: &Facts, rows: usize) -> u64 {
        let Facts { test_rows, columns, outputs, .. } = *facts;
        match self {
            Self::Baseline(baseline) => {
                baseline.estimated_flops(&Extent { train_rows: rows, test_rows, columns, outputs })
            }
            Self::Net(model) => crate::nets::estimated_flops(&model.net, &model.train, &facts.setting(), rows),
        }
    }
}
