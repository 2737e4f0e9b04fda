//! Expressions in directives and prose: parsed, typed, and checked against the experiments they speak of.

use super::expression::{self, Expr, Fault, Selection, Type};
use super::figure::Quantity;
use super::measure;
use super::{Axis, Experiment};
use crate::diagnostic::{Diagnostic, Span, did_you_mean};
use crate::fields::Fields;

/// Axes that every experiment has besides its own.
pub const INNER_AXES: [&str; 3] = ["seed", "layer", "epoch"];

/// An expression over one run: bare measures, no selections.
pub fn quantity(text: &str, span: Span, fields: &mut Fields<'_>) -> Option<Quantity> {
    match parse(text, Type::Number) {
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
/// run a seed.
pub fn check_selections(expr: &Expr, experiments: &[Experiment]) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Some((name, range)) = expr.bare_measure() {
        let fault = Fault::new(range, format!("`{name}` of which runs?"));
        let example = experiments.first().map_or("scale", |e| e.id.as_str());
        faults.push(fault.hint(format!("select them: `{example}[model=…].{name}`")));
    }
    for selection in expr.selections() {
        match experiments.iter().find(|e| e.id == selection.experiment) {
            Some(experiment) => faults.extend(check_selection(selection, experiment)),
            None => {
                let names: Vec<&str> = experiments.iter().map(|e| e.id.as_str()).collect();
                let message = format!("there is no experiment `{}`", selection.experiment);
                let fault = Fault::new(selection.experiment_range.clone(), message);
                faults.push(fault.hint(did_you_mean(&selection.experiment, &names)));
            }
        }
    }
    faults
}

fn check_selection(selection: &Selection, experiment: &Experiment) -> Vec<Fault> {
    let mut faults = Vec::new();
    for filter in &selection.filters {
        if filter.axis == "seed" && !experiment.seeds.iter().any(|s| filter.value.number() == Some(*s as f64)) {
            let message = format!("`seed` of `{}` is never {}", experiment.id, filter.value);
            let seeds: Vec<String> = experiment.seeds.iter().take(12).map(u64::to_string).collect();
            faults.push(Fault::new(filter.range.clone(), message).hint(format!("there are {}", seeds.join(", "))));
        }
        if INNER_AXES.contains(&filter.axis.as_str()) {
            continue;
        }
        let Some(axis) = experiment.axes.iter().find(|a| a.name == filter.axis) else {
            let fault = Fault::new(filter.range.clone(), format!("`{}` has no axis `{}`", experiment.id, filter.axis));
            faults.push(fault.hint(did_you_mean(&filter.axis, &axis_names(experiment))));
            continue;
        };
        if !axis.values.iter().any(|v| v.same(&filter.value)) {
            let message = format!("`{}` of `{}` is never {}", axis.name, experiment.id, filter.value);
            faults.push(Fault::new(filter.range.clone(), message).hint(format!("its values are {}", listed(axis))));
        }
    }
    let open = |axis: &&Axis| axis.values.len() > 1 && !selection.filters.iter().any(|f| f.axis == axis.name);
    for axis in experiment.axes.iter().filter(open) {
        let fault = Fault::new(selection.experiment_range.clone(), format!("which `{}` is meant?", axis.name));
        let hint = format!("add `{}=…` to the selection: {}", axis.name, listed(axis));
        faults.push(fault.hint(hint));
    }
    let layered = measure::find(&selection.measure).is_some_and(|m| m.layered);
    if layered && !selection.filters.iter().any(|f| f.axis == "layer") {
        let message = format!("`{}` has a value for each layer", selection.measure);
        faults.push(Fault::new(selection.measure_range.clone(), message).hint("add `layer=1` to the selection, say"));
    }
    if faults.is_empty() && !experiment.points.iter().any(|p| covers(selection, &experiment.axes, &p.at)) {
        let message = format!("`{}` leaves out this combination (`m-max`)", experiment.id);
        faults.push(Fault::new(selection.experiment_range.clone(), message));
    }
    faults
}

fn covers(selection: &Selection, axes: &[Axis], at: &[super::Value]) -> bool {
    axes.iter()
        .zip(at)
        .all(|(axis, value)| selection.filters.iter().filter(|f| f.axis == axis.name).all(|f| f.value.same(value)))
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
