//! Expressions in directives and prose: parsed, typed, and checked against the experiments they speak of.

use super::catalog::Catalog;
use super::expression::{self, Along, Expr, Fault, Filter, Selection, Type};
use super::figure::Quantity;
use super::measure;
use super::{Axis, Experiment, summaries};
use crate::diagnostic::{Diagnostic, Span, did_you_mean};
use crate::fields::Fields;

/// Axes that every experiment has besides its own.
pub const INNER_AXES: [&str; 3] = ["seed", "layer", "epoch"];

/// An expression over one run: bare measures, no selections.
pub fn quantity(text: &str, span: Span, fields: &mut Fields<'_>) -> Option<Quantity> {
    match parse(text, Type::Number) {
        Ok(expr) if expr.summary().is_some() => {
            let range = expr.summary().map_or(0..text.len(), |summary| summary.range.clone());
            let fault = Fault::new(range, "a quantity of each run has no seeds or axes to run along");
            fields.diagnostics().push(at(
                &fault.hint("figures and tables take the mean over seeds themselves"),
                span,
                1,
            ));
            None
        }
        Ok(expr) if expr.selections().is_empty() => Some(Quantity { text: text.to_owned(), expr }),
        Ok(_) => {
            let diagnostic = Diagnostic::error(span, "a quantity of each run names a measure only");
            fields.diagnostics().push(diagnostic.hint("for example `test_accuracy`; `where` chooses the runs"));
            None
        }
        Err(faults) => {
            faults.iter().for_each(|fault| fields.diagnostics().push(at(fault, span, 1)));
            None
        }
    }
}

/// Parses an expression and checks types and measures.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(text: &str, wanted: Type) -> Result<Expr, Vec<Fault>> {
    let expr = expression::parse(text).map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    expr.want(wanted, &mut faults);
    if faults.is_empty() { Ok(expr) } else { Err(faults) }
}

/// A fault as a diagnostic; the expression's text begins `offset` bytes into `span`.
pub fn at(fault: &Fault, span: Span, offset: usize) -> Diagnostic {
    let start = (span.start + offset + fault.range.start).min(span.end);
    let end = (span.start + offset + fault.range.end).clamp(start, span.end);
    let diagnostic = Diagnostic::error(Span { start, end, ..span }, fault.message.clone());
    fault.hint.iter().cloned().fold(diagnostic, Diagnostic::hint)
}

/// Checks an expression over the book's results: experiments, axes and values are known, and each selection names one
/// run a seed, but for the axes that summaries run along.
pub fn check_selections(expr: &Expr, experiments: &Catalog<Experiment>) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Some((name, range)) = expr.bare_measure() {
        let fault = Fault::new(range, format!("`{name}` of which runs?"));
        let example = experiments.first().map_or("scale", |e| e.id.as_str());
        faults.push(fault.hint(format!("select them: `{example}[model=…].{name}`")));
    }
    for (selection, along) in expr.open_selections() {
        match experiments.named(&selection.experiment) {
            Some(experiment) => faults.extend(check_selection(selection, &along, experiment)),
            None => {
                let names: Vec<&str> = experiments.iter().map(|e| e.id.as_str()).collect();
                let message = format!("there is no experiment `{}`", selection.experiment);
                let fault = Fault::new(selection.experiment_range.clone(), message);
                faults.push(fault.hint(did_you_mean(&selection.experiment, &names)));
            }
        }
    }
    faults.extend(summaries::check(expr, experiments));
    faults
}

fn check_selection(selection: &Selection, along: &[&Along], experiment: &Experiment) -> Vec<Fault> {
    let mut faults: Vec<Fault> = selection.filters.iter().filter_map(|f| check_filter(f, experiment)).collect();
    let named = |axis: &str| selection.filters.iter().any(|f| f.axis == axis) || along.iter().any(|a| a.axis == axis);
    for axis in experiment.axes.iter().filter(|axis| axis.values.len() > 1 && !named(&axis.name)) {
        let fault = Fault::new(selection.experiment_range.clone(), format!("which `{}` is meant?", axis.name));
        let hint = format!("add `{}=…` to the selection: {}", axis.name, listed(axis));
        faults.push(fault.hint(hint));
    }
    let layered = measure::find(&selection.measure).is_some_and(|m| m.layered);
    if layered && !selection.filters.iter().any(|f| f.axis == "layer") {
        let message = format!("`{}` has a value for each layer", selection.measure);
        faults.push(Fault::new(selection.measure_range.clone(), message).hint("add `layer=1` to the selection, say"));
    }
    let covered = || experiment.points.iter().any(|p| selection.covers(&experiment.axes, &p.at));
    if faults.is_empty() && !leaves_out(selection, experiment) && !covered() {
        let message = format!("`{}` leaves out this combination (`m-max`)", experiment.id);
        faults.push(Fault::new(selection.experiment_range.clone(), message));
    }
    faults
}

fn check_filter(filter: &Filter, experiment: &Experiment) -> Option<Fault> {
    if filter.axis == "seed" {
        let seeds = experiment.whole.seeds.iter().chain(&experiment.seeds);
        if seeds.into_iter().any(|s| filter.value.number() == Some(*s as f64)) {
            return None;
        }
        let message = format!("`seed` of `{}` is never {}", experiment.id, filter.value);
        let seeds: Vec<String> = experiment.seeds.iter().take(12).map(u64::to_string).collect();
        return Some(Fault::new(filter.range.clone(), message).hint(format!("there are {}", seeds.join(", "))));
    }
    if INNER_AXES.contains(&filter.axis.as_str()) {
        return None;
    }
    let known: Vec<&Axis> =
        experiment.whole.axes.iter().chain(&experiment.axes).filter(|a| a.name == filter.axis).collect();
    let Some(axis) = known.first() else {
        let fault = Fault::new(filter.range.clone(), format!("`{}` has no axis `{}`", experiment.id, filter.axis));
        return Some(fault.hint(did_you_mean(&filter.axis, &axis_names(experiment))));
    };
    if known.iter().any(|axis| axis.values.iter().any(|v| v.same(&filter.value))) {
        return None;
    }
    let message = format!("`{}` of `{}` is never {}", axis.name, experiment.id, filter.value);
    Some(Fault::new(filter.range.clone(), message).hint(format!("its values are {}", listed(axis))))
}

/// Whether the selection asks for something that the experiment has, but not in the profile in force.
fn leaves_out(selection: &Selection, experiment: &Experiment) -> bool {
    selection.filters.iter().any(|filter| is_left_out(filter, experiment))
}

fn is_left_out(filter: &Filter, experiment: &Experiment) -> bool {
    match filter.axis.as_str() {
        "seed" => !experiment.seeds.iter().any(|s| filter.value.number() == Some(*s as f64)),
        axis if INNER_AXES.contains(&axis) => false,
        axis => {
            let here = experiment.axes.iter().find(|a| a.name == axis);
            !here.is_some_and(|a| a.values.iter().any(|v| v.same(&filter.value)))
        }
    }
}

/// What an expression asks for that the profile in force leaves out, in words: ``m = 30000 of `scale` ``.
pub fn left_out(expr: &Expr, experiments: &Catalog<Experiment>) -> Vec<String> {
    let mut words = Vec::new();
    for selection in expr.selections() {
        let Some(experiment) = experiments.named(&selection.experiment) else { continue };
        for filter in selection.filters.iter().filter(|f| is_left_out(f, experiment)) {
            let said = format!("{} = {} of `{}`", filter.axis, filter.value, experiment.id);
            if !words.contains(&said) {
                words.push(said);
            }
        }
    }
    words
}

/// Names of an experiment's axes and of those within each run.
pub fn axis_names(experiment: &Experiment) -> Vec<&str> {
    experiment.axes.iter().map(|a| a.name.as_str()).chain(INNER_AXES).collect()
}

/// The values of an axis, for a sentence.
pub fn listed(axis: &Axis) -> String {
    let shown: Vec<String> = axis.values.iter().take(12).map(ToString::to_string).collect();
    let more = if axis.values.len() > shown.len() { ", …" } else { "" };
    shown.join(", ") + more
}
