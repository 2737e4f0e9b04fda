//! An experiment's results as tidy rows: one per run, measure and epoch.

use super::numbers::Numbers;
use crate::experiment::Value;
use crate::run::ExperimentResults;
use crate::store::Record;

/// All results: parameters (the model first), `seed`, `measure`, `layer`, `step` (the epoch; empty at the end), `value`.
pub fn tidy(results: &ExperimentResults) -> Numbers {
    let mut order: Vec<usize> = (0..results.axes.len()).collect();
    order.sort_by_key(|&i| results.axes[i].name != "model");
    let names = order.iter().map(|&i| results.axes[i].name.as_str());
    let mut numbers = Numbers::of_columns(names.chain(["seed", "measure", "layer", "step", "value"]));
    for (point, seed, record) in results.records() {
        let at = order.iter().map(|&i| Some(results.points[point][i].clone()));
        let head: Vec<_> = at.chain([Some(Value::Integer(seed as i64))]).collect();
        numbers.rows.extend(rows(record).into_iter().map(|tail| [head.as_slice(), &tail].concat()));
    }
    numbers
}

/// Measure, layer, step and value of everything recorded in a run.
fn rows(record: &Record) -> Vec<[Option<Value>; 4]> {
    let finals = record.finals.iter().map(|(measure, value)| (measure, *value));
    let measured = record.measured.iter().map(|(measure, value)| (measure, Some(*value)));
    let at_end = finals
        .chain(measured)
        .map(|(measure, value)| [Some(Value::Text(measure.clone())), None, None, value.map(Value::Float)]);
    let by_epoch = record.courses.iter().flat_map(|course| {
        course.epochs.iter().zip(&course.values).map(|(epoch, value)| {
            let layer = course.layer.map(|l| Value::Integer(l.into()));
            let step = Some(Value::Integer((*epoch).into()));
            [Some(Value::Text(course.measure.clone())), layer, step, value.map(Value::Float)]
        })
    });
    at_end.chain(by_epoch).collect()
}
