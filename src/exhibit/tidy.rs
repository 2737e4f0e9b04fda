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
    table(results, &|record| [at_end(record), measured(record), asked(record, measures), by_epoch(record)].concat())
}

/// The same without the measured ones, which differ from machine to machine: for the files beside the pages.
pub fn computed(results: &ExperimentResults, measures: &[Quantity]) -> Numbers {
    table(results, &|record| [at_end(record), asked(record, measures), by_epoch(record)].concat())
}

/// Measure, step and value.
type Tail = [Option<Value>; 3];

fn table(results: &ExperimentResults, tails: &dyn Fn(&Record) -> Vec<Tail>) -> Numbers {
    let mut order: Vec<usize> = (0..results.axes.len()).collect();
    order.sort_by_key(|&i| results.axes[i].name != "model");
    let names = order.iter().map(|&i| results.axes[i].name.as_str());
    let mut numbers = Numbers::of_columns(names.chain(["seed", "measure", "step", "value"]));
    for (point, seed, record) in results.records() {
        let at = order.iter().map(|&i| Some(results.points[point][i].clone()));
        let head: Vec<_> = at.chain([Some(Value::Integer(seed as i64))]).collect();
        numbers.rows.extend(tails(record).into_iter().map(|tail| [head.as_slice(), &tail].concat()));
    }
    numbers
}

fn final_value(measure: &str, value: Option<f64>) -> Tail {
    [Some(Value::Text(measure.to_owned())), None, value.map(Value::Float)]
}

fn at_end(record: &Record) -> Vec<Tail> {
    record.finals.iter().map(|(measure, value)| final_value(measure, *value)).collect()
}

fn measured(record: &Record) -> Vec<Tail> {
    record.measured.iter().map(|(measure, value)| final_value(measure, Some(*value))).collect()
}

/// What the experiment asks for beside the measures themselves.
fn asked(record: &Record, measures: &[Quantity]) -> Vec<Tail> {
    let expressions = measures.iter().filter(|q| measure::find(&q.text).is_none());
    expressions.map(|q| final_value(&q.text, evaluate::of_run(&q.expr, Moment::end(record)))).collect()
}

fn by_epoch(record: &Record) -> Vec<Tail> {
    let courses = record.courses.iter().flat_map(|course| {
        let measure = match course.layer {
            Some(layer) => format!("{}[layer={layer}]", course.measure),
            None => course.measure.clone(),
        };
        course.epochs.iter().zip(&course.values).map(move |(epoch, value)| {
            let step = Some(Value::Integer((*epoch).into()));
            [Some(Value::Text(measure.clone())), step, value.map(Value::Float)]
        })
    });
    courses.collect()
}
