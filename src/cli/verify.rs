//! `labbook verify`: results of record against fresh runs.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::commands::{annotate, cores, failed, open, plan_of, print, stopped_by_ctrl_c, unknown_experiment};
use super::progress::Display;
use super::{Exit, TextFormat, Verify};
use crate::audit::{self, Check, Findings, Fresh, Summary};
use crate::desk::Desk;
use crate::diagnostic::Diagnostic;
use crate::experiment::Experiment;
use crate::plan::{Plan, Rule, Run};
use crate::run::Failure;

/// A time such as `90s`, `5m` or `2h`.
pub(super) fn budget(text: &str) -> Result<Duration, String> {
    let units = [('s', 1.0), ('m', 60.0), ('h', 3600.0)];
    let (number, seconds) = units
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))
        .ok_or("a time has a unit: `90s`, `5m` or `2h`")?;
    let count: f64 = number.trim().parse().map_err(|_| format!("`{number}` is no number"))?;
    Duration::try_from_secs_f64(count * seconds).map_err(|_| format!("`{text}` is no time to wait"))
}

/// `labbook verify`
pub(super) fn verify(book: &Path, asked: &Verify) -> Exit {
    let (desk, exit) = open(book, asked.profile.profile.as_deref());
    let Some(desk) = desk.filter(|_| exit == Exit::Fine) else { return exit };
    if let Some(id) = asked.ids.iter().find(|id| desk.book.experiment(id).is_none()) {
        return unknown_experiment(&desk, id);
    }
    let wanted = |e: &Experiment| asked.ids.is_empty() || asked.ids.contains(&e.id);
    let (survey, plan) = match plan_of(&desk, &wanted, Rule::Recorded) {
        Ok(planned) => planned,
        Err(exit) => return exit,
    };
    let current = match desk.keys_of_profiles() {
        Ok(keys) => keys,
        Err(error) => return failed(&error.to_string()),
    };
    let checks = audit::checks(&plan, &desk.ledger, &survey, &current);
    match run_again(&desk, &plan, &checks, asked) {
        Ok(fresh) => conclude(&desk, &checks, &fresh, asked),
        Err(exit) => exit,
    }
}

/// What running again gave: the results, those of the odd ones' second run, and how many were left.
struct Rerun {
    fresh: Fresh,
    again: Fresh,
    left: usize,
}

fn run_again(desk: &Desk, plan: &Plan<'_>, checks: &[Check<'_>], asked: &Verify) -> Result<Rerun, Exit> {
    let chosen = audit::choose(checks, asked.sample, asked.seed);
    let stop = stopped_by_ctrl_c();
    let closes = asked.budget.and_then(|budget| Instant::now().checked_add(budget));
    let run = |runs: &[&Run<'_>], jobs: usize| -> Result<Fresh, Exit> {
        let display = Display::new(runs, plan.runs.len());
        let (fresh, failures) = desk.execute_apart(runs, jobs, &stop, closes, &display);
        display.finish();
        if stop.load(Ordering::Relaxed) {
            say!("interrupted; nothing was compared");
            return Err(Exit::Interrupted);
        }
        failures.iter().for_each(|Failure { run, reason }| say!("error: {run}: {reason}"));
        if failures.is_empty() { Ok(fresh) } else { Err(Exit::Failed) }
    };
    let jobs = asked.jobs.map_or_else(cores, usize::from);
    let fresh = run(&chosen, jobs)?;
    let odd = audit::odd(checks, &fresh);
    // One thread and one run at a time: an order of threads that leaks into a result shows here.
    let again = if odd.is_empty() {
        Fresh::new()
    } else {
        say!("{} differ from their record and run once more", odd.len());
        run(&odd, 1)?
    };
    let left = chosen.len() - fresh.len();
    Ok(Rerun { fresh, again, left })
}

fn conclude(desk: &Desk, checks: &[Check<'_>], rerun: &Rerun, asked: &Verify) -> Exit {
    let findings = Findings {
        runs: audit::findings(checks, &rerun.fresh, &rerun.again),
        claims: audit::claim_findings(&desk.book, &desk.ledger, &|claim| {
            let of = claim.holds.expr.selections();
            asked.ids.is_empty() || of.iter().any(|selection| asked.ids.contains(&selection.experiment))
        }),
    };
    let recorded = checks.iter().filter(|check| check.recorded.is_some());
    let summary = Summary {
        recorded: recorded.clone().count(),
        ran: rerun.fresh.len(),
        left: rerun.left,
        unable: recorded.filter(|check| !check.can_run).count(),
    };
    let printed = match asked.format {
        TextFormat::Text => print(&audit::text(&findings, &summary)),
        TextFormat::Json => print(&format!("{:#}\n", audit::json(&findings, &summary))),
    };
    let mut sources = desk.sources.clone();
    let mut diagnostics = audit::annotations(&findings, &desk.book, &desk.root, &mut sources);
    if summary.left > 0 {
        let message = format!("{} runs were not verified: the budget was over", summary.left);
        diagnostics.push(Diagnostic::warning(None, message));
    }
    annotate(&diagnostics, &sources, &desk.root);
    if findings.is_empty() { printed } else { Exit::Drift }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_has_a_unit() {
        assert_eq!(budget("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(budget("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(budget("2 h"), Ok(Duration::from_secs(7200)));
        assert_eq!(budget("5"), Err("a time has a unit: `90s`, `5m` or `2h`".to_owned()));
        assert_eq!(budget("xm"), Err("`x` is no number".to_owned()));
        assert_eq!(budget("-1s"), Err("`-1s` is no time to wait".to_owned()));
    }
}
