//! Summaries over the book's results: the axes they run along are there, open, and fit.

use super::catalog::Catalog;
use super::expression::{Expr, Fault, Node, Summary};
use super::quantity::{INNER_AXES, axis_names, listed};
use super::{Axis, Experiment, measure};
use crate::diagnostic::did_you_mean;

/// Everything that is wrong with the summaries in an expression.
pub fn check(expr: &Expr, experiments: &Catalog<Experiment>) -> Vec<Fault> {
    let mut faults: Vec<Fault> = expr.parts().into_iter().flat_map(|part| check(part, experiments)).collect();
    if let Node::Summary(summary, of) = &expr.node {
        faults.extend(check_summary(expr, summary, of, experiments));
    }
    faults
}

fn check_summary(expr: &Expr, summary: &Summary, of: &Expr, experiments: &Catalog<Experiment>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let selections = of.selections();
    if selections.is_empty() {
        faults.push(Fault::new(expr.range.clone(), "there are no results here to run along"));
    }
    for along in summary.axes() {
        for selection in &selections {
            let Some(experiment) = experiments.named(&selection.experiment) else { continue };
            if let Some(filter) = selection.filters.iter().find(|f| f.axis == along.axis) {
                let fault = Fault::new(filter.range.clone(), format!("`{}` is run along, and fixed here", along.axis));
                faults.push(fault.hint("take it out of the selection"));
            } else if along.is_epoch() && runs_over_epochs(summary) {
                if measure::find(&selection.measure).is_some_and(|m| !m.by_epoch) {
                    let message = format!("`{}` is not recorded by epoch", selection.measure);
                    faults.push(Fault::new(selection.measure_range.clone(), message));
                }
            } else if let Some(axis) = axis_of(experiment, &along.axis) {
                faults.extend(check_values(summary, axis, experiment, along.range.clone()));
            } else {
                let names: Vec<&str> =
                    axis_names(experiment).into_iter().filter(|name| !INNER_AXES.contains(name)).collect();
                let fault =
                    Fault::new(along.range.clone(), format!("`{}` has no axis `{}`", experiment.id, along.axis));
                faults.push(fault.hint(did_you_mean(&along.axis, &names)));
            }
        }
    }
    faults
}

fn runs_over_epochs(summary: &Summary) -> bool {
    matches!(summary, Summary::Slope { .. } | Summary::Area { .. })
}

/// The axis as declared, whatever the profile left of it.
fn axis_of<'e>(experiment: &'e Experiment, name: &str) -> Option<&'e Axis> {
    experiment.whole.axes.iter().chain(&experiment.axes).find(|a| a.name == name)
}

fn check_values(
    summary: &Summary,
    axis: &Axis,
    experiment: &Experiment,
    range: std::ops::Range<usize>,
) -> Option<Fault> {
    let Axis { name, values } = axis;
    let fault = |message: String| Some(Fault::new(range.clone(), message));
    match summary {
        Summary::Power { .. } if values.len() < 3 => {
            fault(format!("`{name}` of `{}` has fewer than three values", experiment.id))
        }
        Summary::Slope { .. } | Summary::Area { .. } | Summary::Power { .. }
            if values.iter().any(|v| v.number().is_none_or(|x| x <= 0.0)) =>
        {
            fault(format!("`{name}` of `{}` is not all numbers above 0", experiment.id))
        }
        Summary::Slope { last, .. } if in_last(values.iter().filter_map(|v| v.number()), *last) < 2 => {
            let hint = format!("its values are {}; `last` is the number of decades", listed(axis));
            fault(format!("fewer than two values of `{name}` lie in the last part")).map(|f| f.hint(hint))
        }
        Summary::Rank { value, .. } if !values.iter().any(|v| v.same(value)) => {
            fault(format!("`{name}` of `{}` is never {value}", experiment.id))
                .map(|f| f.hint(format!("its values are {}", listed(axis))))
        }
        _ if values.len() < 2 => fault(format!("`{name}` of `{}` has but one value", experiment.id)),
        _ => None,
    }
}

fn in_last(values: impl Iterator<Item = f64> + Clone, decades: f64) -> usize {
    let most = values.clone().fold(0.0, f64::max);
    values.filter(|x| libm::log10(most) - libm::log10(*x) <= decades + 1e-9).count()
}
