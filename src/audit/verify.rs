//! Records against fresh runs: which to run again, and what it means where they differ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::compare::{Difference, differences};
use crate::learn::Exactness;
use crate::ledger::{Ledger, RecordedRun};
use crate::plan::{Plan, Run};
use crate::store::{Key, Record};
use crate::survey::{Presence, Survey};

/// A run of the book, and what is recorded of it.
#[derive(Debug)]
pub struct Check<'a> {
    /// The run as the book declares it now.
    pub run: &'a Run<'a>,
    /// Its record; where it is stale, the record of the same parameters and seed. `None` where there is none.
    pub recorded: Option<&'a RecordedRun>,
    /// What is wrong with the record without running anything.
    pub fault: Option<(Class, String)>,
    /// Whether the data are here, so that it can run.
    pub can_run: bool,
}

/// What a difference between a record and the book or a fresh run comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Nothing is recorded.
    Missing,
    /// The record was made with other data.
    Data,
    /// The record was made with another version of an algorithm.
    Version,
    /// The record was made for other parameters.
    Declaration,
    /// The record is not as it was written: somebody changed a number.
    Edited,
    /// Two fresh runs differ.
    Nondeterminism,
    /// Two fresh runs agree and the record is as it was written: this machine or this program computes something else.
    Drift,
}

/// A record that is not what it should be.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The experiment.
    pub experiment: String,
    /// The run's parameters.
    pub params: BTreeMap<String, Json>,
    /// Its seed.
    pub seed: u64,
    /// Both for people: `model=svm, m=1000, seed=3`.
    pub name: String,
    /// The key it has now.
    pub key: Key,
    /// The key it is recorded under.
    pub recorded_key: Option<Key>,
    /// What the difference comes from.
    pub class: Class,
    /// The same in words.
    pub reason: String,
    /// The numbers that differ; empty where nothing was run, or only the record is at fault.
    pub differences: Vec<Difference>,
}

/// What was computed now, by key.
pub type Fresh = BTreeMap<Key, Record>;

impl Class {
    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Data => "data changed",
            Self::Version => "version changed",
            Self::Declaration => "declaration changed",
            Self::Edited => "edited",
            Self::Nondeterminism => "nondeterminism",
            Self::Drift => "drift",
        }
    }

    /// Whether the record belongs to another state of the book, so that fresh numbers may well be others.
    fn is_stale(self) -> bool {
        matches!(self, Self::Missing | Self::Data | Self::Version | Self::Declaration)
    }
}

impl Check<'_> {
    fn is_edited(&self) -> bool {
        matches!(self.fault, Some((Class::Edited, _)))
    }

    fn is_stale(&self) -> bool {
        self.fault.as_ref().is_some_and(|fault| fault.0.is_stale())
    }

    fn exactness(&self) -> Exactness {
        self.run.point().work.model.exactness()
    }
}

/// Pairs the runs of a plan, looked up in the record, with what is recorded of them. `current` are the keys of all the
/// book's profiles: a record of another profile is no stale record of this one.
pub fn checks<'a>(plan: &'a Plan<'a>, ledger: &'a Ledger, survey: &Survey, current: &BTreeSet<Key>) -> Vec<Check<'a>> {
    let mut by_key: BTreeMap<&str, BTreeMap<&Key, &RecordedRun>> = BTreeMap::new();
    for id in plan.runs.iter().map(|run| run.experiment.id.as_str()) {
        by_key.entry(id).or_insert_with(|| {
            let runs = ledger.experiment(id).map_or(&[][..], |recorded| &recorded.runs);
            runs.iter().map(|run| (&run.key, run)).collect()
        });
    }
    let check = |run: &'a Run<'a>| {
        let id = run.experiment.id.as_str();
        // Two experiments may hold the same run, each in its own file; one that was renamed has its record elsewhere.
        let own = by_key[id].get(&run.key).copied().or_else(|| ledger.run(&run.key));
        let (recorded, fault) = match own {
            Some(recorded) if recorded.is_edited() => {
                let reason =
                    "the checksum is not that of the recorded numbers: they were changed after they were recorded";
                (Some(recorded), Some((Class::Edited, reason.to_owned())))
            }
            Some(recorded) => (Some(recorded), other_facts(run, recorded, ledger, survey)),
            None => {
                let like = like(run, ledger).filter(|like| !current.contains(&like.key));
                let fault = like.map_or((Class::Missing, "it is not recorded".to_owned()), |like| {
                    (changed(run, like, ledger), run.reason.clone())
                });
                (like, Some(fault))
            }
        };
        let known = survey.known.get(&run.point().work.dataset);
        Check { run, recorded, fault, can_run: known.is_some_and(|known| known.presence == Presence::Here) }
    };
    plan.runs.iter().map(check).collect()
}

/// Says so where the record knows something else of a dataset than its rows tell.
fn other_facts(run: &Run<'_>, recorded: &RecordedRun, ledger: &Ledger, survey: &Survey) -> Option<(Class, String)> {
    let known = survey.known.get(&run.point().work.dataset).filter(|known| known.presence == Presence::Here)?;
    let data = ledger.experiment(&run.experiment.id)?.data.get(&recorded.data)?;
    let other = data.facts != json!(known.facts);
    other.then(|| (Class::Data, format!("what is recorded of `{}` is not what its rows tell", recorded.data)))
}

fn params(run: &Run<'_>) -> BTreeMap<String, Json> {
    run.params().map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

/// What is recorded under the name of a run, whatever it depended on.
fn like<'a>(run: &Run<'_>, ledger: &'a Ledger) -> Option<&'a RecordedRun> {
    ledger.experiment(&run.experiment.id)?.run(&params(run), run.seed)
}

/// What makes a record stale: of what a run depends on, it keeps the data and the versions of the algorithms.
fn changed(run: &Run<'_>, recorded: &RecordedRun, ledger: &Ledger) -> Class {
    let data = ledger.experiment(&run.experiment.id).and_then(|of| of.data.get(&recorded.data));
    if data.is_none_or(|data| data.description != run.inputs["data"]) {
        Class::Data
    } else if recorded.version != run.inputs["version"] {
        Class::Version
    } else {
        Class::Declaration
    }
}

/// The runs to run again, each key once: those whose record was edited, then the others by a digest of `seed` and key, so
/// that the order is the same everywhere and depends on nothing but the seed; of these as many as the `sample` has.
pub fn choose<'a>(checks: &[Check<'a>], sample: Option<usize>, seed: u64) -> Vec<&'a Run<'a>> {
    let edited: BTreeSet<&Key> = checks.iter().filter(|c| c.is_edited()).map(|c| &c.run.key).collect();
    let can = checks.iter().filter(|check| check.can_run && check.recorded.is_some()).map(|check| check.run);
    let by_key: BTreeMap<&Key, &Run<'_>> = can.map(|run| (&run.key, run)).collect();
    let (first, mut others): (Vec<_>, Vec<_>) = by_key.into_values().partition(|run| edited.contains(&run.key));
    others.sort_by_cached_key(|run| blake3::hash(format!("{seed}\n{}", run.key.as_str()).as_bytes()).to_hex());
    others.truncate(sample.unwrap_or(usize::MAX));
    first.into_iter().chain(others).collect()
}

/// The runs whose fresh result is not the recorded one though it should be: each key once.
pub fn odd<'a>(checks: &[Check<'a>], fresh: &Fresh) -> Vec<&'a Run<'a>> {
    let differs = |check: &&Check<'a>| {
        let sides = check.recorded.zip(fresh.get(&check.run.key));
        !check.is_stale() && sides.is_some_and(|(r, f)| !differences(&r.result, f, check.exactness()).is_empty())
    };
    let by_key: BTreeMap<&Key, &Run<'_>> = checks.iter().filter(differs).map(|c| (&c.run.key, c.run)).collect();
    by_key.into_values().collect()
}

/// What is not as it should be, in the order of the book, given the results of runs and those of the odd ones' second run.
pub fn findings(checks: &[Check<'_>], fresh: &Fresh, again: &Fresh) -> Vec<Finding> {
    checks.iter().filter_map(|check| finding(check, fresh.get(&check.run.key), again.get(&check.run.key))).collect()
}

fn finding(check: &Check<'_>, fresh: Option<&Record>, again: Option<&Record>) -> Option<Finding> {
    let sides = check.recorded.zip(fresh);
    let found = sides.map_or_else(Vec::new, |(r, f)| differences(&r.result, f, check.exactness()));
    let (class, reason) = classed(check.fault.as_ref(), &found, fresh.zip(again))?;
    Some(Finding {
        experiment: check.run.experiment.id.clone(),
        params: params(check.run),
        seed: check.run.seed,
        name: check.run.name(),
        key: check.run.key.clone(),
        recorded_key: check.recorded.map(|recorded| recorded.key.clone()),
        class,
        reason,
        differences: found,
    })
}

/// What a difference comes from; `None` where there is none. On one machine every model gives the same bits twice.
fn classed(
    fault: Option<&(Class, String)>,
    found: &[Difference],
    fresh: Option<(&Record, &Record)>,
) -> Option<(Class, String)> {
    if let Some((first, second)) = fresh
        && let Some(difference) = differences(first, second, Exactness::Bits).into_iter().next()
    {
        let Difference { what, recorded: first, computed: second, .. } = difference;
        return Some((Class::Nondeterminism, format!("two runs here differ: {what} is {first}, then {second}")));
    }
    if let Some((class, reason)) = fault {
        return Some((*class, reason.clone()));
    }
    (!found.is_empty()).then(|| {
        let twice = if fresh.is_some() { "and it gives the same twice" } else { "though it ran only once" };
        let reason = format!(
            "the record is as it was written, {twice}: this machine or this version of labbook computes something else"
        );
        (Class::Drift, reason)
    })
}

impl Finding {
    /// `scale[model=svm, m=1000, seed=3]`
    pub fn run(&self) -> String {
        format!("{}[{}]", self.experiment, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(loss: f64) -> Record {
        let mut record = Record::empty(Json::Null);
        record.finals.insert("test_loss".into(), Some(loss));
        record
    }

    fn class(fault: Option<Class>, recorded: f64, runs: [Option<f64>; 2]) -> Option<Class> {
        let fault = fault.map(|class| (class, String::new()));
        let [fresh, again] = runs.map(|run| run.map(record));
        let found = fresh.as_ref().map_or(Vec::new(), |f| differences(&record(recorded), f, Exactness::Bits));
        classed(fault.as_ref(), &found, fresh.as_ref().zip(again.as_ref())).map(|found| found.0)
    }

    #[test]
    fn each_difference_has_its_class() {
        assert_eq!(class(None, 0.5, [None, None]), None);
        assert_eq!(class(None, 0.5, [Some(0.5), None]), None);
        assert_eq!(class(None, 0.5, [Some(0.4), Some(0.4)]), Some(Class::Drift));
        assert_eq!(class(None, 0.5, [Some(0.4), None]), Some(Class::Drift));
        assert_eq!(class(None, 0.5, [Some(0.4), Some(0.3)]), Some(Class::Nondeterminism));
        assert_eq!(class(Some(Class::Edited), 0.5, [Some(0.4), Some(0.4)]), Some(Class::Edited));
        // Whoever edits a result that is different each time hides the greater fault.
        assert_eq!(class(Some(Class::Edited), 0.5, [Some(0.4), Some(0.3)]), Some(Class::Nondeterminism));
        assert_eq!(class(Some(Class::Edited), 0.5, [Some(0.5), None]), Some(Class::Edited));
        assert_eq!(class(Some(Class::Version), 0.5, [Some(0.4), None]), Some(Class::Version));
        assert_eq!(class(Some(Class::Missing), 0.5, [None, None]), Some(Class::Missing));
    }
}
