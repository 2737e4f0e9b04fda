//! How long a plan will take, from the operations it counts and the speed of runs before it.
//!
//! Speeds are measured numbers: they differ between machines, serve the eye only, and reach no result.

use std::collections::BTreeMap;

use super::{Plan, Run, Status};
use crate::store::{Found, Key, Store};

/// Records read for each kind of model, spread over the operations that they took.
const SAMPLE: usize = 60;
/// Measured runs whose rates say how fast a run is: those nearest to it in operations.
const NEAREST: usize = 5;

/// An estimate of the time a plan takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// Seconds of one core, over everything pending.
    pub core_seconds: f64,
    /// Seconds of the longest run, which no number of cores shortens.
    pub longest_seconds: f64,
    /// Finished runs whose speed was looked at.
    pub measured: usize,
    /// Pending runs of a kind of model that was never measured here; they are taken to be as fast as the others.
    pub unmeasured: usize,
}

impl Outlook {
    /// Seconds that the plan takes with so many runs at once.
    pub fn seconds(&self, jobs: usize) -> f64 {
        (self.core_seconds / jobs.max(1) as f64).max(self.longest_seconds)
    }
}

/// What was measured of one kind of model.
#[derive(Debug, Default)]
struct Speed {
    /// Operations, and seconds for each, of finished runs.
    runs: Vec<(f64, f64)>,
}

impl Speed {
    /// The median rate of the measured runs that took about as many operations: a small run is mostly spent around its
    /// operations, and says little about a large one.
    fn seconds_for(&self, flops: u64) -> Option<f64> {
        let flops = flops.max(1) as f64;
        let mut nearest = self.runs.clone();
        let distance = |run: &(f64, f64)| (libm::log(run.0) - libm::log(flops)).abs();
        nearest.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        nearest.truncate(NEAREST);
        nearest.sort_by(|a, b| a.1.total_cmp(&b.1));
        nearest.get(nearest.len() / 2).map(|(_, rate)| rate * flops)
    }
}

/// Estimates how long the pending runs of a plan take; `None` where nothing is pending, or nothing was
/// measured here yet.
///
/// The speed of each kind of model is taken from the finished runs of the plan and from those that were there for other
/// inputs before.
pub fn outlook(plan: &Plan<'_>, store: &Store) -> Option<Outlook> {
    let pending = plan.pending();
    if pending.is_empty() {
        return None;
    }
    let speeds = speeds(plan, store);
    let all = Speed { runs: speeds.values().flat_map(|speed| speed.runs.iter().copied()).collect() };
    let mut outlook = Outlook { core_seconds: 0.0, longest_seconds: 0.0, measured: all.runs.len(), unmeasured: 0 };
    for run in pending {
        let own = speeds.get(kind(run)).and_then(|speed| speed.seconds_for(run.cost));
        outlook.unmeasured += usize::from(own.is_none());
        let seconds = own.or_else(|| all.seconds_for(run.cost))?;
        outlook.core_seconds += seconds;
        outlook.longest_seconds = outlook.longest_seconds.max(seconds);
    }
    Some(outlook)
}

fn kind<'r>(run: &'r Run<'_>) -> &'r str {
    run.inputs["model"]["kind"].as_str().unwrap_or_default()
}

/// The speed of each kind of model.
fn speeds<'p>(plan: &'p Plan<'_>, store: &Store) -> BTreeMap<&'p str, Speed> {
    let mut last = BTreeMap::new();
    let mut finished: BTreeMap<&str, BTreeMap<Key, u64>> = BTreeMap::new();
    for run in &plan.runs {
        let last = last.entry(&run.experiment.id).or_insert_with(|| store.last_keys(&run.experiment.id));
        // A run that was there for other inputs has, as a rule, cost about the same.
        let key = if run.status == Status::Cached { Some(&run.key) } else { last.get(&run.name()) };
        key.map(|key| finished.entry(kind(run)).or_default().insert(key.clone(), run.cost));
    }
    finished.into_iter().map(|(kind, runs)| (kind, speed(runs, store))).collect()
}

/// What was measured of finished runs, of which the operations are given.
fn speed(runs: BTreeMap<Key, u64>, store: &Store) -> Speed {
    let mut runs: Vec<_> = runs.into_iter().collect();
    runs.sort_by_key(|(_, cost)| *cost);
    let step = runs.len().div_ceil(SAMPLE).max(1);
    // From the end, so that the longest is among them.
    let measured = runs.into_iter().rev().step_by(step).filter_map(|(key, cost)| {
        let Found::Sound(record) = store.get(&key) else { return None };
        let seconds = record.measured.get("seconds").filter(|seconds| seconds.is_finite())?;
        let flops = record.value("flops").unwrap_or(cost as f64).max(1.0);
        Some((flops, seconds / flops))
    });
    Speed { runs: measured.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_as_fast_as_those_of_its_size() {
        // A thousand operations in a second each, and a million in two: small runs do not tell how long large ones take.
        let small = (0..9).map(|_| (1e3, 1e-3));
        let large = (0..9).map(|_| (1e6, 2e-6));
        let speed = Speed { runs: small.chain(large).collect() };
        assert_eq!(speed.seconds_for(1_000), Some(1.0));
        assert_eq!(speed.seconds_for(4_000_000), Some(8.0));
        assert_eq!(Speed::default().seconds_for(1), None);
    }
}
