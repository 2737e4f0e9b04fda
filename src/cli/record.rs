//! The verbs around the results of record.

use std::collections::BTreeSet;
use std::path::Path;

use super::commands::{failed, open, plan_of, report, unknown_experiment};
use super::{Exit, Profile};
use crate::desk::Desk;
use crate::diagnostic::Diagnostics;
use crate::experiment::Experiment;
use crate::plan::{Plan, Rule};
use crate::survey::Survey;

/// `labbook record`
pub(super) fn record(book: &Path, ids: &[String], profile: &Profile) -> Exit {
    let (desk, exit) = open(book, profile.profile.as_deref());
    let Some(desk) = desk.filter(|_| exit == Exit::Fine) else { return exit };
    if let Some(id) = ids.iter().find(|id| desk.book.experiment(id).is_none()) {
        return unknown_experiment(&desk, id);
    }
    let _in_use = desk.store.share();
    let wanted = |e: &Experiment| ids.is_empty() || ids.contains(&e.id);
    let (survey, plan) = match plan_of(&desk, &wanted, Rule::Cached) {
        Ok(planned) => planned,
        Err(exit) => return exit,
    };
    let pending = plan.pending().len();
    if pending > 0 {
        let named = if ids.is_empty() { String::new() } else { format!(" {}", ids.join(" ")) };
        let have = if pending == 1 { "1 run has" } else { &format!("{pending} runs have") };
        return failed(&format!("{have} no result yet; first: labbook run{named}"));
    }
    let mut diagnostics = Diagnostics::default();
    let written = desk.results(&plan, &mut diagnostics).and_then(|results| desk.record(&plan, &results, &survey));
    report(&desk, &diagnostics);
    match written {
        Ok(written) => {
            let claims = match desk.record_claims(&written) {
                Ok(claims) => claims,
                Err(error) => return failed(&error.to_string()),
            };
            let removed = if ids.is_empty() { desk.forget_others() } else { Ok(0) };
            let removed = match removed {
                Ok(removed) => removed,
                Err(error) => return failed(&error.to_string()),
            };
            say!(
                "{} experiments in `results`: {} written, {} unchanged, {removed} removed",
                written.len(),
                written.iter().filter(|w| w.1).count(),
                written.iter().filter(|w| !w.1).count(),
            );
            let claims: Vec<_> = claims.iter().filter(|(_, claim)| !claim.gone).collect();
            if !claims.is_empty() {
                let of = |claims: usize| if claims == 1 { "1 claim".to_owned() } else { format!("{claims} claims") };
                say!("{} in `results/claims.toml`", of(claims.len()));
            }
            for (id, _) in claims.iter().filter(|(_, claim)| claim.late) {
                say!("note: `{id}` was added when the results that decide it had been recorded");
            }
            say_changed(claims.iter().filter(|(_, claim)| claim.now.is_some()).map(|(id, _)| id.as_str()));
            Exit::Fine
        }
        Err(error) => failed(&error.to_string()),
    }
}

/// Names the claims that were changed after their results were recorded.
pub(super) fn say_changed<'a>(claims: impl Iterator<Item = &'a str>) {
    claims.for_each(|id| say!("note: `{id}` was changed after its results were first recorded"));
}

/// Says what a frozen build lacks; `Err` where that is anything.
pub(super) fn complete(desk: &Desk, survey: &Survey, plan: &Plan<'_>) -> Result<(), Exit> {
    let runs = plan.pending().into_iter().map(|run| {
        let word = run.status.word().replace("new", "missing");
        format!("{word:<7} {}[{}]: {}", run.experiment.id, run.name(), run.reason)
    });
    // What is not even planned: nothing is known of its data.
    let mut absent = BTreeSet::new();
    for experiment in &desk.book.experiments {
        for dataset in experiment.points.iter().map(|point| &point.work.dataset) {
            if !survey.known.contains_key(dataset) {
                absent.insert(format!(
                    "missing {} on `{dataset}`: it is not recorded, and its data are not here",
                    experiment.id
                ));
            }
        }
    }
    let lacking: Vec<String> = runs.chain(absent).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    lacking.iter().for_each(|line| say!("{line}"));
    let count = lacking.len();
    failed(&format!("{count} of the results of record are missing or stale; `labbook build`, then `labbook record`"));
    Err(Exit::Stale)
}
