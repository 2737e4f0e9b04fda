//! An experiment's results as tidy rows: one per run, measure and epoch.

use super::numbers::Numbers;
use crate::analysis::{Moment, evaluate};
use crate::experiment::figure::Quantity;
use crate::experiment::{Value, measure};
use crate::run::ExperimentResults;
use crate::store::Record;

/// All results: parameters (the model first), `seed`, `measure` (of a layer: `gradient_norm[layer=1]`), `step` (the epoch; empty at the end), `value`.
///
/// Expressions among `measures` (`epochs_to(test_accuracy, 0.9)`) stand among the values at the end.
pub fn tidy(results: &ExperimentResults, measures: &[Quantity]) -> Numbers {
    let mut order: Vec<usize> = (0..results.axes.len()).collect();
    order.sort_by_key(|&i| results.axes[i].name != "model");
    let names = order.iter().map(|&i| results.axes[i].name.as_str());
    let mut numbers = Numbers::of_columns(names.chain(["seed", "measure", "step", "value"]));
    for (point, seed, record) in results.records() {
        let at = order.iter().map(|&i| Some(results.points[point][i].clone()));
        let head: Vec<_> = at.chain([Some(Value::Integer(seed as i64))]).collect();
        numbers.rows.extend(rows(record, measures).into_iter().map(|tail| [head.as_slice(), &tail].concat()));
    }
    numbers
}

/// Measure, step and value of everything recorded in a run.
fn rows(record: &Record, measures: &[Quantity]) -> Vec<[Option<Value>; 3]> {
    let finals = record.finals.iter().map(|(measure, value)| (measure, *value));
    let measured = record.measured.iter().map(|(measure, value)| (measure, Some(*value)));
    let at_end = finals
        .chain(measured)
        .map(|(measure, value)| [Some(Value::Text(measure.clone())), None, value.map(Value::Float)]);
    let by_epoch = record.courses.iter().flat_map(|course| {
        let measure = match course.layer {
            Some(layer) => format!("{}[layer={layer}]", course.measure),
            None => course.measure.clone(),
        };
        course.epochs.iter().zip(&course.values).map(move |(epoch, value)| {
            let step = Some(Value::Integer((*epoch).into()));
            [Some(Value::Text(measure.clone())), step, value.map(Value::Float)]
        })
    });
    let asked = measures.iter().filter(|q| measure::find(&q.text).is_none()).map(|q| {
        let value = evaluate::of_run(&q.expr, Moment::end(record));
        [Some(Value::Text(q.text.clone())), None, value.map(Value::Float)]
    });
    at_end.chain(asked).chain(by_epoch).collect()
}
