//! What an expression is worth over one run.

use super::Bounds;
use crate::experiment::expression::{Binary, Expr, Function, Node, Selection, Unary};
use crate::experiment::measure;
use crate::store::{Course, Ending, Record};

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

    /// The values of a measure by epoch; `None` where the run has none.
    pub fn course(&self, measure: &str) -> Option<&'a Course> {
        // A measure of the whole net has no layer, whichever one the others are read at.
        let layered = measure::find(measure).is_some_and(|m| m.layered);
        self.record.course(measure, self.layer.filter(|_| layered))
    }
}

/// The value of an expression over one run; `None` where it has none.
pub fn of_run(expr: &Expr, moment: Moment<'_>) -> Option<f64> {
    pointwise(expr, &|leaf| matches!(leaf, Node::Measure(_)).then_some(moment)).known()
}

/// The value of an expression without summaries, whose measures are read where `run` says.
///
/// A run that is not there, or has no value, may have had any that its measure can have; a threshold that it did not reach
/// lies beyond where it ended.
pub fn pointwise<'a>(expr: &Expr, run: &dyn Fn(&Node) -> Option<Moment<'a>>) -> Bounds {
    let value = |expr: &Expr| pointwise(expr, run);
    let read = |measure: &str| {
        let [low, high] = measure::range(measure);
        let found = run(&expr.node).and_then(|moment| moment.value(measure));
        found.filter(|v| v.is_finite()).map_or(Bounds { low, high }, Bounds::exactly)
    };
    match &expr.node {
        Node::Number(n) => Bounds::exactly(*n),
        Node::Measure(measure) => read(measure),
        Node::Select(selection) => read(&selection.measure),
        Node::Unary(Unary::Minus, inner) => -value(inner),
        Node::Binary(operator, a, b) => binary(*operator, value(a), value(b)),
        Node::Call(function, arguments) if function.reads_course() => {
            let threshold = arguments.get(1).map_or(Bounds::exactly(0.0), value);
            match &arguments[0].node {
                Node::Measure(measure) | Node::Select(Selection { measure, .. }) => {
                    over_course(*function, run(&arguments[0].node), measure, threshold)
                }
                _ => unreachable!("`Expr::check` wants a measure there"),
            }
        }
        Node::Call(function, arguments) => call(*function, &arguments.iter().map(value).collect::<Vec<_>>()),
        Node::Unary(Unary::Not, _) => unreachable!("`Expr::check` wants numbers, and this is a truth"),
        Node::Summary(..) => unreachable!("the caller has taken summaries apart"),
    }
}

/// The worth of an arithmetic operation.
pub fn binary(operator: Binary, a: Bounds, b: Bounds) -> Bounds {
    match operator {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide => a / b,
        _ => unreachable!("`Expr::check` wants numbers, and {operator:?} gives a truth"),
    }
}

/// The worth of a function of numbers.
pub fn call(function: Function, values: &[Bounds]) -> Bounds {
    match function {
        Function::Abs => values[0].abs(),
        Function::Ln => values[0].rising(libm::log),
        Function::Log10 => values[0].rising(libm::log10),
        Function::Ratio => values[0] / values[1],
        Function::Min => Bounds::rising_in_all(values, |v| v[0].min(v[1])),
        Function::Max => Bounds::rising_in_all(values, |v| v[0].max(v[1])),
        Function::EpochsTo | Function::StepsTo | Function::FlopsTo | Function::Best => {
            unreachable!("they read a course, and are evaluated over one")
        }
    }
}

/// A function of a measure's course: losses and errors count downwards, everything else upwards.
fn over_course(function: Function, moment: Option<Moment<'_>>, measure: &str, threshold: Bounds) -> Bounds {
    let falls = measure::falls(measure);
    let better = |a: f64, b: f64| if falls { a <= b } else { a >= b };
    let course = moment.and_then(|moment| moment.course(measure));
    if function == Function::Best {
        let [low, high] = measure::range(measure);
        let best = course.and_then(|c| c.points().map(|p| p.1).reduce(|a, b| if better(a, b) { a } else { b }));
        return best.map_or(Bounds { low, high }, Bounds::exactly);
    }
    let never = Bounds::between(0.0, f64::INFINITY);
    let (Some(moment), Some(course), Some(threshold)) = (moment, course, threshold.known()) else { return never };
    let spent = |epoch: u32| {
        let spent = |measure| moment.record.course(measure, None)?.at(epoch);
        match function {
            Function::StepsTo => spent("steps"),
            Function::FlopsTo => spent("flops"),
            _ => Some(f64::from(epoch)),
        }
    };
    match course.points().find(|&(_, value)| better(value, threshold)) {
        Some((epoch, _)) => spent(epoch).map_or(never, Bounds::exactly),
        // It was looked at last then, and had not got there.
        None => match course.epochs.last().and_then(|&epoch| spent(epoch)) {
            Some(last) => Bounds::between(last, f64::INFINITY),
            None => never,
        },
    }
}
