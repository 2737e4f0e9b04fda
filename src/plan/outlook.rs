//! How long a plan will take, from the operations it counts and the speed of runs before it.
//!
//! Speeds are measured numbers: they differ between machines, serve the eye only, and reach no result.

use std::collections::{BTreeMap, BTreeSet};

use super::{Plan, Run};
use crate::store::{Found, Key, Store};

/// Records read for each kind of model: enough for a rate.
const SAMPLE: usize = 40;

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

/// Seconds and estimated operations of the runs that were measured.
#[derive(Debug, Clone, Copy, Default)]
struct Speed {
    seconds: f64,
    flops: f64,
    runs: usize,
}

impl Speed {
    fn seconds_for(self, flops: u64) -> Option<f64> {
        (self.flops > 0.0).then(|| self.seconds / self.flops * flops as f64)
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
    let all = speeds.values().fold(Speed::default(), |all, speed| Speed {
        seconds: all.seconds + speed.seconds,
        flops: all.flops + speed.flops,
        runs: all.runs + speed.runs,
    });
    let mut outlook = Outlook { core_seconds: 0.0, longest_seconds: 0.0, measured: all.runs, unmeasured: 0 };
    for run in pending {
        let own = speeds.get(kind(run)).and_then(|speed| speed.seconds_for(run.cost));
        outlook.unmeasured += usize::from(own.is_none());
        let seconds = own.or_else(|| all.seconds_for(run.cost))?;
        outlook.core_seconds += seconds;
        outlook.longest_seconds = outlook.longest_seconds.max(seconds);
    }
    (all.runs > 0).then_some(outlook)
}

fn kind<'r>(run: &'r Run<'_>) -> &'r str {
    run.inputs["model"]["kind"].as_str().unwrap_or_default()
}

/// The speed of each kind of model.
fn speeds(plan: &Plan<'_>, store: &Store) -> BTreeMap<String, Speed> {
    let mut speeds: BTreeMap<String, Speed> = BTreeMap::new();
    let mut last = BTreeMap::new();
    let mut seen: BTreeSet<Key> = BTreeSet::new();
    for run in &plan.runs {
        let speed = speeds.entry(kind(run).to_owned()).or_default();
        if speed.runs >= SAMPLE {
            continue;
        }
        let last = last.entry(&run.experiment.id).or_insert_with(|| store.last_keys(&run.experiment.id));
        // A run that was there for other inputs has, as a rule, cost about the same.
        let before = last.get(&run.name()).filter(|key| **key != run.key).cloned();
        for key in std::iter::once(run.key.clone()).chain(before) {
            if seen.insert(key.clone())
                && let Found::Sound(record) = store.get(&key)
                && let Some(seconds) = record.measured.get("seconds").filter(|seconds| seconds.is_finite())
            {
                *speed = Speed {
                    seconds: speed.seconds + seconds,
                    flops: speed.flops + record.value("flops").unwrap_or(run.cost as f64),
                    runs: speed.runs + 1,
                };
            }
        }
    }
    speeds
}
