//! Types and units of expressions: everything that can be found wrong without knowing the experiments.

use std::ops::Range;

use super::{Binary, Expr, Fault, Function, Node, PowerPart, Statistic, Summary, Type, Unary};
use crate::diagnostic::did_you_mean;
use crate::experiment::measure::{self, Unit};

impl Expr {
    /// Finds the type, and everything that is wrong with types and names of measures.
    pub fn check(&self, faults: &mut Vec<Fault>) -> Type {
        match &self.node {
            Node::Number(_) => Type::Number,
            Node::Measure(name) => {
                check_measure(name, &self.range, faults);
                Type::Number
            }
            Node::Select(selection) => {
                check_measure(&selection.measure, &selection.measure_range, faults);
                Type::Number
            }
            Node::Call(function, arguments) => {
                for argument in arguments {
                    argument.want(Type::Number, faults);
                }
                if function.reads_course() {
                    arguments[0].check_course(*function, faults);
                }
                Type::Number
            }
            Node::Summary(summary, of) => {
                of.want(Type::Number, faults);
                if summary.gathers_seeds() && of.gathers_seeds() {
                    let fault = Fault::new(self.range.clone(), "the seeds can be gathered only once");
                    faults.push(fault.hint("a statistic over seeds cannot stand within another"));
                }
                Type::Number
            }
            Node::Unary(Unary::Minus, inner) => inner.want(Type::Number, faults),
            Node::Unary(Unary::Not, inner) => inner.want(Type::Truth, faults),
            Node::Binary(Binary::And | Binary::Or, a, b) => {
                a.want(Type::Truth, faults);
                b.want(Type::Truth, faults)
            }
            Node::Binary(operator, a, b) => {
                a.want(Type::Number, faults);
                b.want(Type::Number, faults);
                if operator.compares() { Type::Truth } else { Type::Number }
            }
        }
    }

    /// Checks that it is of one type; returns that type.
    pub fn want(&self, wanted: Type, faults: &mut Vec<Fault>) -> Type {
        let found = self.check(faults);
        if found != wanted {
            let (is, should) = match wanted {
                Type::Number => ("true or false", "a number"),
                Type::Truth => ("a number", "a comparison"),
            };
            faults.push(Fault::new(self.range.clone(), format!("this is {is}, where {should} is wanted")));
        }
        wanted
    }

    /// The argument of a function over the epochs is a measure that has a course.
    fn check_course(&self, function: Function, faults: &mut Vec<Fault>) {
        let name = match &self.node {
            Node::Measure(name) => name,
            Node::Select(selection) => &selection.measure,
            _ => {
                let message = format!("`{}` follows one measure over the epochs", function.name());
                faults.push(Fault::new(self.range.clone(), message).hint("give it a bare measure"));
                return;
            }
        };
        if measure::find(name).is_some_and(|m| !m.by_epoch) {
            faults.push(Fault::new(self.range.clone(), format!("`{name}` is not recorded by epoch")));
        }
    }

    /// Whether smaller is better: losses, errors, and what is spent to reach something. Everything else counts upwards.
    pub fn falls(&self) -> bool {
        match &self.node {
            Node::Measure(name) => measure::falls(name),
            Node::Select(selection) => measure::falls(&selection.measure),
            Node::Call(Function::EpochsTo | Function::StepsTo | Function::FlopsTo, _) => true,
            Node::Call(Function::Best, arguments) => arguments[0].falls(),
            Node::Summary(Summary::Statistic(..) | Summary::Area { .. }, of) => of.falls(),
            _ => false,
        }
    }

    /// What the number counts, as far as the operators leave it.
    pub fn unit(&self) -> Unit {
        match &self.node {
            Node::Number(_) => Unit::Plain,
            Node::Measure(name) => measure::find(name).map_or(Unit::Plain, |m| m.unit),
            Node::Select(selection) => measure::find(&selection.measure).map_or(Unit::Plain, |m| m.unit),
            Node::Call(Function::EpochsTo | Function::StepsTo | Function::FlopsTo, _) => Unit::Count,
            Node::Call(Function::Ln | Function::Log10 | Function::Ratio, _) => Unit::Plain,
            Node::Summary(
                Summary::Rank { .. } | Summary::Tau { .. } | Summary::Power { part: PowerPart::Exponent, .. },
                _,
            ) => Unit::Plain,
            Node::Summary(Summary::Slope { .. } | Summary::Statistic(Statistic::Sd, _), of) => match of.unit() {
                Unit::Share => Unit::Points,
                unit => unit,
            },
            Node::Summary(_, of) => of.unit(),
            Node::Call(_, arguments) => arguments[0].unit(),
            Node::Unary(_, inner) => inner.unit(),
            Node::Binary(Binary::Subtract, a, b) if a.unit() == Unit::Share && b.unit() == Unit::Share => Unit::Points,
            Node::Binary(Binary::Add | Binary::Subtract, a, b) => match (a.unit(), b.unit()) {
                (Unit::Share, _) | (_, Unit::Share) => Unit::Share,
                (a, b) if a == b => a,
                _ => Unit::Plain,
            },
            Node::Binary(..) => Unit::Plain,
        }
    }
}

fn check_measure(name: &str, range: &Range<usize>, faults: &mut Vec<Fault>) {
    if measure::find(name).is_none() {
        let names: Vec<_> = measure::MEASURES.iter().map(|m| m.name).collect();
        let fault = Fault::new(range.clone(), format!("unknown measure `{name}`"));
        faults.push(fault.hint(did_you_mean(name, &names)));
    }
}
