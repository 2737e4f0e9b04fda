//! Plan × store → results. The only place that spends time and uses threads across runs.
//!
//! 1. [`execute`] runs what is asked of it over `jobs` threads, and hands over each result the moment it is there.
//! 2. `fit` is one run: it samples the rows, tunes where asked, fits, and
//! 3. `judge` computes the final measures from predictions, for all models alike.
//!    `calibration` holds predicted probabilities against what happened, where asked.
//! 4. `watcher` puts a run down from time to time, so that a killed one goes on where it was.
//! 5. [`gather`] reads the results of a plan from the store, or from the record.
//!
//! Which thread runs what, and when, leaves no trace in any result.

mod calibration;
mod fit;
mod judge;
mod look;
mod watcher;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::data::{self, Dataset, Shelf};
use crate::experiment::{Axis, Book, Value};
use crate::files;
use crate::learn::Progress;
use crate::ledger::Ledger;
use crate::plan::{Origin, Plan, Run};
use crate::store::{Found, Key, Record, Store};
pub use look::{Look, look};
pub use watcher::CHECKPOINT_INTERVAL;
use watcher::Watcher;

/// The results of all experiments of a book.
#[derive(Debug, Default)]
pub struct Results {
    experiments: BTreeMap<String, ExperimentResults>,
}

/// The results of one experiment: its grid, and a record for each point and seed.
#[derive(Debug)]
pub struct ExperimentResults {
    /// Names and values of the axes.
    pub axes: Vec<Axis>,
    /// One value an axis, for each grid point.
    pub points: Vec<Vec<Value>>,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// By point and seed; `None` where a run is absent.
    records: Vec<Vec<Option<Arc<Record>>>>,
}

impl Results {
    /// The results of one experiment.
    pub fn experiment(&self, id: &str) -> Option<&ExperimentResults> {
        self.experiments.get(id)
    }
}

impl ExperimentResults {
    /// The record of a grid point under a seed.
    pub fn record(&self, point: usize, seed: u64) -> Option<&Record> {
        let seed = self.seeds.iter().position(|&s| s == seed)?;
        self.records[point][seed].as_deref()
    }

    /// All records that are there, by point and seed.
    pub fn records(&self) -> impl Iterator<Item = (usize, u64, &Record)> {
        let rows = self.records.iter().enumerate();
        rows.flat_map(|(p, row)| row.iter().zip(&self.seeds).filter_map(move |(r, &s)| Some((p, s, r.as_deref()?))))
    }
}

/// Who watches the runs go by.
pub trait Monitor: Sync {
    /// A run begins.
    fn begins(&self, run: &Run<'_>);
    /// A run has come so far.
    fn advances(&self, run: &Run<'_>, progress: Progress);
    /// A run that was put down goes on: so many candidates of its tuning are done, and the next fit is in this epoch.
    fn resumes(&self, run: &Run<'_>, candidates: usize, epoch: Option<u32>);
    /// Something about a run is not as it should be, and it goes on all the same.
    fn warns(&self, run: &Run<'_>, what: &str);
    /// A run has ended; it has a result where it was neither stopped nor failed.
    fn ends(&self, run: &Run<'_>, has_result: bool);
}

/// What runs need to run.
pub struct Workshop<'a> {
    /// Takes each result the moment it is there.
    pub keep: &'a (dyn Fn(&Run<'_>, Record) -> files::Result<()> + Sync),
    /// Where runs under way are put down, and taken up; `None`: nowhere.
    pub checkpoints: Option<Checkpoints<'a>>,
    /// Where data lie.
    pub shelf: &'a Shelf,
    /// How many runs at once.
    pub jobs: usize,
    /// Raised by whoever wants everything to stop.
    pub stop: &'a AtomicBool,
    /// No run begins after this moment; those that have begun go on.
    pub closes: Option<Instant>,
}

/// Where runs under way are put down.
#[derive(Debug, Clone, Copy)]
pub struct Checkpoints<'a> {
    /// In which store.
    pub store: &'a Store,
    /// Time from one checkpoint of a run to the next.
    pub every: Duration,
}

/// A run that gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Experiment and run, readable.
    pub run: String,
    /// Why.
    pub reason: String,
}

/// Runs runs, in this order as far as threads are free. Returns those that failed, by name; what was asked to stop has not
/// failed.
pub fn execute(pending: &[&Run<'_>], book: &Book, workshop: &Workshop<'_>, monitor: &dyn Monitor) -> Vec<Failure> {
    let failures = Mutex::new(Vec::new());
    let datasets = Datasets::new(book, workshop.shelf);
    // A lone long run takes all cores; many runs take one each.
    let threads = (workshop.jobs / pending.len().max(1)).max(1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(workshop.jobs).build().expect("threads can be started");
    pool.in_place_scope_fifo(|scope| {
        for &run in pending {
            let (failures, datasets) = (&failures, &datasets);
            scope.spawn_fifo(move |_| {
                let closed = workshop.closes.is_some_and(|moment| Instant::now() >= moment);
                if closed || workshop.stop.load(Ordering::Relaxed) {
                    return;
                }
                monitor.begins(run);
                let ended = one(run, datasets, workshop, threads, monitor);
                monitor.ends(run, matches!(ended, Ok(true)));
                if let Err(reason) = ended {
                    let run = format!("{}[{}]", run.experiment.id, run.name());
                    failures.lock().expect("no run panics while it holds this").push(Failure { run, reason });
                }
            });
        }
    });
    let mut failures = failures.into_inner().expect("no run panics while it holds this");
    failures.sort_by(|a, b| a.run.cmp(&b.run));
    failures
}

/// Runs one run and keeps its result; `false` where it was stopped. A fault of ours in one run must not take the others with it.
fn one(
    run: &Run<'_>,
    datasets: &Datasets<'_>,
    workshop: &Workshop<'_>,
    threads: usize,
    monitor: &dyn Monitor,
) -> Result<bool, String> {
    let watch = Watcher::new(run, workshop, monitor);
    let attempt = AssertUnwindSafe(|| {
        let dataset = datasets.get(&run.point().work.dataset)?;
        fit::fit(run, &dataset, threads, &watch)
    });
    let record = catch_unwind(attempt).unwrap_or_else(|panic| Err(format!("labbook failed: {}", words_of(&*panic))))?;
    match record {
        Some(record) => {
            (workshop.keep)(run, record).map_err(|e| e.to_string())?;
            watch.finished();
            Ok(true)
        }
        None => Ok(false),
    }
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("for an unknown reason")
}

/// Each dataset is loaded once, by the first run that needs it.
struct Datasets<'a> {
    book: &'a Book,
    shelf: &'a Shelf,
    loaded: BTreeMap<&'a str, OnceLock<Result<Arc<Dataset>, String>>>,
}

impl<'a> Datasets<'a> {
    fn new(book: &'a Book, shelf: &'a Shelf) -> Self {
        Self { book, shelf, loaded: book.datasets.keys().map(|id| (id.as_str(), OnceLock::new())).collect() }
    }

    fn get(&self, id: &str) -> Result<Arc<Dataset>, String> {
        let load = || data::load(&self.book.datasets[id], self.shelf).map(Arc::new).map_err(|e| e.to_string());
        self.loaded[id].get_or_init(load).clone()
    }
}

/// Reads the results of a plan; a damaged one is removed, reported and counts as absent.
///
/// # Errors
/// If a damaged result cannot be removed.
pub fn gather(plan: &Plan<'_>, store: &Store, ledger: &Ledger, damaged: &mut Vec<String>) -> files::Result<Results> {
    let mut results = Results::default();
    let by_key: BTreeMap<&Key, &Run<'_>> = plan.runs.iter().map(|run| (&run.key, run)).collect();
    let find = |key: &Key, run: &Run<'_>| match run.origin {
        Origin::Cache => store.get(key),
        Origin::Record => ledger.run(key).map_or(Found::Absent, |recorded| {
            Found::Sound(Record { inputs: run.inputs.whole(), ..recorded.result.clone() })
        }),
    };
    let found: Vec<_> = by_key.into_par_iter().map(|(key, run)| (key, run, find(key, run))).collect();
    let mut read: BTreeMap<&Key, Option<Arc<Record>>> = BTreeMap::new();
    for (key, run, found) in found {
        let record = match found {
            Found::Sound(record) => Some(Arc::new(record)),
            Found::Absent => None,
            Found::Damaged(reason) => {
                damaged.push(format!("{}[{}]: {reason}", run.experiment.id, run.name()));
                store.remove(key)?;
                None
            }
        };
        read.insert(key, record);
    }
    for run in &plan.runs {
        let entry = results.experiments.entry(run.experiment.id.clone());
        let of = entry.or_insert_with(|| ExperimentResults {
            axes: run.experiment.axes.clone(),
            points: run.experiment.points.iter().map(|p| p.at.clone()).collect(),
            seeds: run.experiment.seeds.clone(),
            records: vec![vec![None; run.experiment.seeds.len()]; run.experiment.points.len()],
        });
        let seed = of.seeds.iter().position(|&s| s == run.seed).expect("a run has a seed of its experiment");
        of.records[run.point][seed].clone_from(&read[&run.key]);
    }
    Ok(results)
}
