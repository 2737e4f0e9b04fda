//! What an expression is worth, seed by seed.

use std::collections::BTreeMap;

use super::Estimate;
use crate::experiment::Value;
use crate::experiment::expression::{Binary, Expr, Filter, Function, Node, Selection, Unary};
use crate::experiment::measure;
use crate::run::{ExperimentResults, Results};
use crate::store::{Course, Ending, Record};

/// A number or a truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Worth {
    /// A number.
    Number(f64),
    /// True or false.
    Truth(bool),
}

/// One run as an expression sees it, perhaps at one layer or epoch only.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The run.
    pub record: &'a Record,
    /// The layer a layered measure is read at.
    pub layer: Option<u32>,
    /// The epoch a measure is read at; `None` for the end.
    pub epoch: Option<u32>,
}

impl<'a> Moment<'a> {
    /// A run at its end, as a whole.
    pub fn end(record: &'a Record) -> Self {
        Self { record, layer: None, epoch: None }
    }

    /// The value of a measure; `None` where the run has none.
    pub fn value(&self, measure: &str) -> Option<f64> {
        let layered = measure::find(measure).is_some_and(|m| m.layered);
        match self.epoch {
            Some(epoch) => self.course(measure)?.at(epoch),
            None if !layered && self.record.value(measure).is_some() => self.record.value(measure),
            // What a run measured before it broke off is not its result.
            None if self.record.ending != Ending::Finished => None,
            None => self.course(measure)?.points().last().map(|p| p.1),
        }
    }

    fn course(&self, measure: &str) -> Option<&'a Course> {
        // A measure of the whole net has no layer, whichever one the others are read at.
        let layered = measure::find(measure).is_some_and(|m| m.layered);
        self.record.course(measure, self.layer.filter(|_| layered))
    }
}

/// The value of an expression over one run.
pub fn of_run(expr: &Expr, moment: Moment<'_>) -> Option<f64> {
    match evaluate(expr, &|leaf| match leaf {
        Node::Measure(_) => Some(moment),
        _ => None,
    })? {
        Worth::Number(number) => Some(number),
        Worth::Truth(truth) => Some(f64::from(u8::from(truth))),
    }
}

/// The values of an expression over the book's results, one a seed, paired by seed.
///
/// Where each selection names its seed there is but one value, under the seed 0.
pub fn by_seed(expr: &Expr, results: &Results) -> BTreeMap<u64, Option<Worth>> {
    let selections = expr.selections();
    let open = selections.iter().filter(|s| filter(s, "seed").is_none());
    let seeds = open.map(|s| results.experiment(&s.experiment).map_or_else(Vec::new, |e| e.seeds.clone()));
    let shared = seeds.reduce(|a, b| a.into_iter().filter(|s| b.contains(s)).collect());
    let shared = shared.unwrap_or_else(|| vec![0]);
    shared.into_iter().map(|seed| (seed, evaluate(expr, &|leaf| select(leaf, seed, results)))).collect()
}

/// The number an expression is worth, over all seeds.
pub fn estimate(expr: &Expr, results: &Results) -> Estimate {
    Estimate::of(by_seed(expr, results).into_values().map(|worth| match worth {
        Some(Worth::Number(number)) => Some(number),
        _ => None,
    }))
}

/// The run a selection names, under one seed.
fn select<'a>(leaf: &Node, seed: u64, results: &'a Results) -> Option<Moment<'a>> {
    let Node::Select(selection) = leaf else { return None };
    let experiment = results.experiment(&selection.experiment)?;
    let seed = filter(selection, "seed").and_then(|f| f.value.number()).map_or(seed, |s| s as u64);
    let record = experiment.record(selected_point(selection, experiment)?, seed)?;
    let whole = |axis| filter(selection, axis).and_then(|f| f.value.number()).map(|n| n as u32);
    Some(Moment { record, layer: whole("layer"), epoch: whole("epoch") })
}

fn filter<'s>(selection: &'s Selection, axis: &str) -> Option<&'s Filter> {
    selection.filters.iter().find(|f| f.axis == axis)
}

/// The only point that satisfies all filters (the experiment room has checked that there is one).
fn selected_point(selection: &Selection, experiment: &ExperimentResults) -> Option<usize> {
    let fits = |at: &[Value]| {
        let axes = experiment.axes.iter().zip(at);
        axes.into_iter().all(|(axis, value)| filter(selection, &axis.name).is_none_or(|f| f.value.same(value)))
    };
    experiment.points.iter().position(|point| fits(point))
}

fn evaluate<'a>(expr: &Expr, run: &dyn Fn(&Node) -> Option<Moment<'a>>) -> Option<Worth> {
    let number = |expr: &Expr| match evaluate(expr, run)? {
        Worth::Number(number) => Some(number),
        Worth::Truth(_) => None,
    };
    let truth = |expr: &Expr| match evaluate(expr, run)? {
        Worth::Truth(truth) => Some(truth),
        Worth::Number(_) => None,
    };
    Some(match &expr.node {
        Node::Number(n) => Worth::Number(*n),
        Node::Measure(measure) => Worth::Number(run(&expr.node)?.value(measure)?),
        Node::Select(selection) => Worth::Number(run(&expr.node)?.value(&selection.measure)?),
        Node::Unary(Unary::Minus, inner) => Worth::Number(-number(inner)?),
        Node::Unary(Unary::Not, inner) => Worth::Truth(!truth(inner)?),
        Node::Binary(Binary::And, a, b) => Worth::Truth(truth(a)? && truth(b)?),
        Node::Binary(Binary::Or, a, b) => Worth::Truth(truth(a)? || truth(b)?),
        Node::Binary(operator, a, b) => binary(*operator, number(a)?, number(b)?),
        Node::Call(function, arguments) if function.reads_course() => {
            let (Node::Measure(measure) | Node::Select(Selection { measure, .. })) = &arguments[0].node else {
                return None;
            };
            let threshold = arguments.get(1).map_or(Some(0.0), &number)?;
            Worth::Number(over_course(*function, run(&arguments[0].node)?, measure, threshold)?)
        }
        Node::Call(function, arguments) => {
            let values: Vec<f64> = arguments.iter().map(number).collect::<Option<_>>()?;
            Worth::Number(call(*function, &values))
        }
    })
}

fn binary(operator: Binary, a: f64, b: f64) -> Worth {
    match operator {
        Binary::Add => Worth::Number(a + b),
        Binary::Subtract => Worth::Number(a - b),
        Binary::Multiply => Worth::Number(a * b),
        Binary::Divide => Worth::Number(a / b),
        Binary::Less => Worth::Truth(a < b),
        Binary::LessEqual => Worth::Truth(a <= b),
        Binary::Greater => Worth::Truth(a > b),
        Binary::GreaterEqual => Worth::Truth(a >= b),
        Binary::Equal => Worth::Truth(a == b),
        Binary::NotEqual => Worth::Truth(a != b),
        Binary::And | Binary::Or => unreachable!("they join truths, and are evaluated where those are"),
    }
}

fn call(function: Function, values: &[f64]) -> f64 {
    match function {
        Function::Abs => values[0].abs(),
        Function::Ln => libm::log(values[0]),
        Function::Log10 => libm::log10(values[0]),
        Function::Min => values[0].min(values[1]),
        Function::Max => values[0].max(values[1]),
        Function::EpochsTo | Function::StepsTo | Function::FlopsTo | Function::Best => {
            unreachable!("they read a course, and are evaluated over one")
        }
    }
}

/// A function of a measure's course: losses and errors count downwards, everything else upwards.
fn over_course(function: Function, moment: Moment<'_>, measure: &str, threshold: f64) -> Option<f64> {
    let falls = measure.ends_with("_loss") || measure.ends_with("_rmse");
    let better = |a: f64, b: f64| if falls { a <= b } else { a >= b };
    let mut points = moment.course(measure)?.points();
    if function == Function::Best {
        let values = points.map(|p| p.1);
        return values.reduce(|a, b| if better(a, b) { a } else { b });
    }
    let (epoch, _) = points.find(|&(_, value)| better(value, threshold))?;
    let spent = |measure| moment.record.course(measure, None)?.at(epoch);
    match function {
        Function::EpochsTo => Some(f64::from(epoch)),
        Function::StepsTo => spent("steps"),
        Function::FlopsTo => spent("flops"),
        _ => None,
    }
}
