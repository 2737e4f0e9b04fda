//! Expressions over the book's results, seed by seed, and over any sample of the seeds.
//!
//! A [`Quantity`] is an expression with all runs looked up: one number a seed, or, where it gathers the seeds into one
//! (`sd(…)`, `tau(…)`), what is needed to compute it again for resampled seeds.

use std::collections::BTreeMap;

use super::power::{self, Power};
use super::{Bounds, Estimate, Moment, evaluate, statistic};
use crate::experiment::Value;
use crate::experiment::expression::{
    Along, Binary, Expr, Function, Node, PowerPart, Selection, Statistic, Summary, Unary,
};
use crate::run::{ExperimentResults, Results};

/// What becomes of one value of each quantity.
type Combine<'e> = Box<dyn Fn(&[Bounds]) -> Bounds + 'e>;

/// An expression over results.
pub enum Quantity<'e> {
    /// One value a seed.
    Seeds(Vec<Bounds>),
    /// A function of quantities, value by value.
    Map(Combine<'e>, Vec<Quantity<'e>>),
    /// A statistic over the seeds.
    Fold(Statistic, Box<Quantity<'e>>),
    /// The mean agreement between the orders of each two seeds: seed × seed.
    Agreement(Vec<Vec<Bounds>>),
}

/// Where an expression is read: the seeds, and the axes that summaries run along.
struct Scene<'r> {
    results: &'r Results,
    seeds: Vec<u64>,
}

/// The value of each axis that a summary around runs along; `epoch` is one of them.
type Fixed = Vec<(String, Value)>;

/// The seeds an expression has values for: those that all experiments in it share whose seed is not fixed. `None` where
/// all are fixed: it then has one value.
pub fn seeds(exprs: &[&Expr], results: &Results) -> Option<Vec<u64>> {
    let selections = exprs.iter().flat_map(|e| e.selections());
    let open = selections.filter(|s| s.fixed("seed").is_none());
    let seeds = open.map(|s| results.experiment(&s.experiment).map_or_else(Vec::new, |e| e.seeds.clone()));
    seeds.reduce(|a, b| a.into_iter().filter(|s| b.contains(s)).collect())
}

impl<'e> Quantity<'e> {
    /// Looks up all runs of an expression under some seeds.
    pub fn of(expr: &'e Expr, seeds: &[u64], results: &Results) -> Self {
        Scene { results, seeds: seeds.to_vec() }.quantity(expr, &Vec::new())
    }

    /// The sum of quantities, each times its factor.
    pub fn sum(factors: Vec<f64>, mut terms: Vec<Self>) -> Self {
        match terms.len() {
            1 if factors[0] == 1.0 => terms.remove(0),
            _ => Self::map(move |values| Bounds::weighted(&factors, values), terms),
        }
    }

    /// The values by seed; `None` where the seeds are gathered into one.
    pub fn by_seed(&self) -> Option<&[Bounds]> {
        match self {
            Self::Seeds(values) => Some(values),
            _ => None,
        }
    }

    /// Its value over a sample of the seeds, given by their indices: the mean, where it has one value a seed.
    pub fn over(&self, sample: &[usize]) -> Bounds {
        statistic::of(Statistic::Mean, &self.column(sample))
    }

    /// One value a seed of the sample, or one for all of them.
    fn column(&self, sample: &[usize]) -> Vec<Bounds> {
        match self {
            Self::Seeds(values) => sample.iter().map(|&i| values[i]).collect(),
            Self::Map(f, of) => {
                let columns: Vec<Vec<Bounds>> = of.iter().map(|q| q.column(sample)).collect();
                let rows = columns.iter().map(Vec::len).max().unwrap_or(1);
                // A column of one value stands beside each row of the others.
                let row = |i: usize| columns.iter().map(|c| c[if c.len() == 1 { 0 } else { i }]).collect::<Vec<_>>();
                (0..rows).map(|i| f(&row(i))).collect()
            }
            Self::Fold(statistic, of) => vec![statistic::of(*statistic, &of.column(sample))],
            Self::Agreement(taus) => {
                let pairs = sample.iter().enumerate().flat_map(|(k, &i)| sample[..k].iter().map(move |&j| (i, j)));
                // A seed drawn twice agrees with itself, which says nothing.
                let distinct: Vec<Bounds> = pairs.filter(|(i, j)| i != j).map(|(i, j)| taus[i][j]).collect();
                vec![statistic::of(Statistic::Mean, &distinct)]
            }
        }
    }

    /// A function of quantities; computed at once where all have one value a seed.
    fn map(f: impl Fn(&[Bounds]) -> Bounds + 'e, of: Vec<Self>) -> Self {
        let quantity = Self::Map(Box::new(f), of);
        match &quantity {
            Self::Map(_, of) if of.iter().all(|q| q.by_seed().is_some()) => {
                let seeds = of.iter().filter_map(Self::by_seed).map(<[Bounds]>::len).max().unwrap_or(1);
                Self::Seeds(quantity.column(&(0..seeds).collect::<Vec<_>>()))
            }
            _ => quantity,
        }
    }
}

impl Scene<'_> {
    fn quantity<'e>(&self, expr: &'e Expr, fixed: &Fixed) -> Quantity<'e> {
        if expr.summary().is_none() {
            let value = |seed: &u64| evaluate::pointwise(expr, &|leaf| self.moment(leaf, *seed, fixed));
            return Quantity::Seeds(self.seeds.iter().map(value).collect());
        }
        match &expr.node {
            Node::Summary(summary, of) => self.summary(summary, of, fixed),
            Node::Unary(Unary::Minus, inner) => Quantity::map(|v| -v[0], vec![self.quantity(inner, fixed)]),
            Node::Binary(operator, a, b) => {
                let of = vec![self.quantity(a, fixed), self.quantity(b, fixed)];
                Quantity::map(|v| evaluate::binary(*operator, v[0], v[1]), of)
            }
            Node::Call(function, arguments) => self.call(*function, arguments, fixed),
            _ => unreachable!("a leaf has no summary in it"),
        }
    }

    fn call<'e>(&self, function: Function, arguments: &'e [Expr], fixed: &Fixed) -> Quantity<'e> {
        let of = arguments.iter().map(|argument| self.quantity(argument, fixed)).collect();
        Quantity::map(move |v| evaluate::call(function, v), of)
    }

    fn summary<'e>(&self, summary: &'e Summary, of: &'e Expr, fixed: &Fixed) -> Quantity<'e> {
        let falls = of.falls();
        match summary {
            Summary::Statistic(statistic, None) => Quantity::Fold(*statistic, Box::new(self.quantity(of, fixed))),
            Summary::Statistic(statistic, Some(over)) => {
                let (_, along) = self.along(over, of, fixed);
                Quantity::map(|v| statistic::of(*statistic, v), along)
            }
            Summary::Slope { x, last } => {
                let (at, along) = self.along(x, of, fixed);
                let at = numbers(&at);
                Quantity::map(move |y| statistic::slope(&at, y, *last), along)
            }
            Summary::Area { x } => {
                let (at, along) = self.along(x, of, fixed);
                let place = |at: f64| if x.is_epoch() { at } else { libm::log10(at) };
                let at: Vec<f64> = numbers(&at).into_iter().map(place).collect();
                Quantity::map(move |y| statistic::mean_height(&at, y), along)
            }
            Summary::Power { x, part } => {
                let (at, along) = self.along(x, of, fixed);
                let at = numbers(&at);
                let part: fn(&Power) -> f64 = match part {
                    PowerPart::Exponent => |law| law.exponent,
                    PowerPart::Limit => |law| law.limit,
                };
                Quantity::map(move |y| power::of(&at, y, part), along)
            }
            Summary::Rank { along, value } => {
                let (at, along) = self.along(along, of, fixed);
                match at.iter().position(|v| v.same(value)) {
                    Some(which) => Quantity::map(move |v| statistic::rank(v, which, falls), along),
                    None => Quantity::Seeds(vec![Bounds::UNKNOWN; self.seeds.len()]),
                }
            }
            Summary::Tau { along, over: Some(over) } => self.agreement_over(along, over, of, fixed),
            Summary::Tau { along, over: None } => self.agreement_over_seeds(along, of, fixed),
        }
    }

    /// The mean of Kendall's τ over all pairs of values of `over`, seed by seed.
    fn agreement_over<'e>(&self, along: &Along, over: &Along, of: &'e Expr, fixed: &Fixed) -> Quantity<'e> {
        let mut cells = Vec::new();
        let values = self.values(over, of, fixed);
        for value in &values {
            let fixed = [fixed.as_slice(), &[(over.axis.clone(), value.clone())]].concat();
            cells.extend(self.along(along, of, &fixed).1);
        }
        let things = cells.len() / values.len().max(1);
        let agreement = move |cells: &[Bounds]| {
            let orders: Vec<&[Bounds]> = cells.chunks(things.max(1)).collect();
            let pairs = orders.iter().enumerate().flat_map(|(k, a)| orders[..k].iter().map(move |b| (*a, *b)));
            let taus: Vec<Bounds> = pairs.map(|(a, b)| statistic::kendall(a, b)).collect();
            statistic::of(Statistic::Mean, &taus)
        };
        Quantity::map(agreement, cells)
    }

    /// Kendall's τ of each two seeds.
    fn agreement_over_seeds<'e>(&self, along: &Along, of: &'e Expr, fixed: &Fixed) -> Quantity<'e> {
        let things = self.along(along, of, fixed).1;
        let order = |seed: usize| things.iter().filter_map(|thing| Some(thing.by_seed()?[seed])).collect::<Vec<_>>();
        let orders: Vec<Vec<Bounds>> = (0..self.seeds.len()).map(order).collect();
        let row = |a: &Vec<Bounds>| orders.iter().map(|b| statistic::kendall(a, b)).collect();
        Quantity::Agreement(orders.iter().map(row).collect())
    }

    /// The values of an axis, and the quantity at each of them.
    fn along<'e>(&self, along: &Along, of: &'e Expr, fixed: &Fixed) -> (Vec<Value>, Vec<Quantity<'e>>) {
        let values = self.values(along, of, fixed);
        let at = |value: &Value| {
            let fixed = [fixed.as_slice(), &[(along.axis.clone(), value.clone())]].concat();
            self.quantity(of, &fixed)
        };
        let quantities = values.iter().map(at).collect();
        (values, quantities)
    }

    /// The values of an axis that all selections have, in the order of the first one.
    fn values(&self, along: &Along, of: &Expr, fixed: &Fixed) -> Vec<Value> {
        let selections = of.selections();
        let each = selections.into_iter().map(|selection| match along.is_epoch() {
            true => self.epochs(selection, fixed),
            false => self.points(selection, fixed, &along.axis),
        });
        let shared = each.reduce(|a, b| a.into_iter().filter(|v| b.iter().any(|w| w.same(v))).collect());
        shared.unwrap_or_default()
    }

    /// The values of an axis at which a selection has a grid point.
    fn points(&self, selection: &Selection, fixed: &Fixed, axis: &str) -> Vec<Value> {
        let Some(experiment) = self.results.experiment(&selection.experiment) else { return Vec::new() };
        let Some(column) = experiment.axes.iter().position(|a| a.name == axis) else { return Vec::new() };
        let here = |value: &&Value| {
            experiment.points.iter().any(|p| p[column].same(value) && is_at(selection, fixed, experiment, p))
        };
        experiment.axes[column].values.iter().filter(here).cloned().collect()
    }

    /// The epochs that a selection's measure was recorded at under all seeds.
    fn epochs(&self, selection: &Selection, fixed: &Fixed) -> Vec<Value> {
        let leaf = Node::Select(selection.clone());
        let courses = self.seeds.iter().filter_map(|&seed| self.moment(&leaf, seed, fixed)?.course(&selection.measure));
        let shared = courses.map(|c| c.epochs.clone()).reduce(|a, b| a.into_iter().filter(|e| b.contains(e)).collect());
        shared.unwrap_or_default().into_iter().map(|e| Value::Integer(e.into())).collect()
    }

    /// The run a selection names, under one seed.
    fn moment(&self, leaf: &Node, seed: u64, fixed: &Fixed) -> Option<Moment<'_>> {
        let Node::Select(selection) = leaf else { return None };
        let experiment = self.results.experiment(&selection.experiment)?;
        let seed = selection.fixed("seed").and_then(Value::number).map_or(seed, |s| s as u64);
        let point = experiment.points.iter().position(|p| is_at(selection, fixed, experiment, p))?;
        let record = experiment.record(point, seed)?;
        let along = |axis: &str| fixed.iter().rev().find(|f| f.0 == axis).map(|f| &f.1);
        let whole = |axis: &str| along(axis).or(selection.fixed(axis)).and_then(Value::number).map(|n| n as u32);
        Some(Moment { record, layer: whole("layer"), epoch: whole("epoch") })
    }
}

/// Whether a grid point satisfies a selection's filters, and those of the summaries around it.
fn is_at(selection: &Selection, fixed: &Fixed, experiment: &ExperimentResults, at: &[Value]) -> bool {
    let axes = || experiment.axes.iter().zip(at);
    let along = |axis: &str| fixed.iter().rev().find(|f| f.0 == axis).map(|f| &f.1);
    selection.covers(&experiment.axes, at) && axes().all(|(a, v)| along(&a.name).is_none_or(|wanted| wanted.same(v)))
}

fn numbers(values: &[Value]) -> Vec<f64> {
    values.iter().map(|v| v.number().unwrap_or(f64::NAN)).collect()
}

/// The first run that an expression asks for and that is nowhere: its data are absent, or it failed under all seeds.
pub fn absent(expr: &Expr, results: &Results) -> Option<String> {
    expr.selections().into_iter().find_map(|selection| {
        let id = &selection.experiment;
        let Some(experiment) = results.experiment(id) else { return Some(format!("there are no results of `{id}`")) };
        let asked = |p: &usize| selection.covers(&experiment.axes, &experiment.points[*p]);
        let points: Vec<usize> = (0..experiment.points.len()).filter(asked).collect();
        let gone = |p: &&usize| !experiment.seeds.iter().any(|&seed| experiment.record(**p, seed).is_some());
        let point = match points.iter().find(gone) {
            Some(&point) => point,
            None if points.is_empty() => return Some(format!("there are no such results of `{id}`")),
            None => return None,
        };
        let at = experiment.axes.iter().zip(&experiment.points[point]);
        let at: Vec<String> = at.map(|(axis, value)| format!("{} = {value}", axis.name)).collect();
        Some(format!("there are no results of `{id}` at {}", at.join(", ")))
    })
}

/// What an expression gives over all its seeds: one value a seed, or the one that it gathers them into.
pub fn estimate(expr: &Expr, results: &Results) -> Estimate {
    let seeds = seeds(&[expr], results).unwrap_or_else(|| vec![0]);
    Estimate::of(worths(expr, &seeds, results).into_iter().map(|worth| match worth {
        Some(Worth::Number(number)) => Some(number),
        _ => None,
    }))
}

/// Whether an expression gathers the seeds into one number, as `sd(…)` does.
pub fn is_gathered(expr: &Expr, results: &Results) -> bool {
    let seeds = seeds(&[expr], results).unwrap_or_else(|| vec![0]);
    expr.summary().is_some() && Quantity::of(expr, &seeds, results).by_seed().is_none()
}

/// A number or a truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Worth {
    /// A number.
    Number(f64),
    /// True or false.
    Truth(bool),
}

/// The worth of an expression under each seed, paired by seed; `None` where there is none. What gathers the seeds into one
/// stands under each of them; where each selection names its seed there is but one value, under the seed 0.
pub fn by_seed(expr: &Expr, results: &Results) -> BTreeMap<u64, Option<Worth>> {
    let seeds = seeds(&[expr], results).unwrap_or_else(|| vec![0]);
    let worths = worths(expr, &seeds, results);
    seeds.iter().enumerate().map(|(i, &seed)| (seed, at_row(&worths, i))).collect()
}

/// A column of one value stands beside each row of the others.
fn at_row<T: Copy>(column: &[T], row: usize) -> T {
    column[if column.len() == 1 { 0 } else { row }]
}

/// One worth a seed, or one for all of them.
fn worths(expr: &Expr, seeds: &[u64], results: &Results) -> Vec<Option<Worth>> {
    let numbers = |expr| Quantity::of(expr, seeds, results).column(&(0..seeds.len()).collect::<Vec<_>>());
    match &expr.node {
        Node::Unary(Unary::Not, inner) => {
            truths(&[worths(inner, seeds, results)], |parts| parts[0].map(|truth| !truth))
        }
        Node::Binary(operator @ (Binary::And | Binary::Or), a, b) => {
            let parts = [a, b].map(|side| worths(side, seeds, results));
            truths(&parts, |parts| {
                let (a, b) = (parts[0]?, parts[1]?);
                Some(if *operator == Binary::And { a && b } else { a || b })
            })
        }
        Node::Binary(operator, a, b) if operator.compares() => {
            let (a, b): (Vec<Bounds>, Vec<Bounds>) = (numbers(a), numbers(b));
            let compare = |i| Some(compare(*operator, at_row(&a, i).known()?, at_row(&b, i).known()?));
            (0..a.len().max(b.len())).map(|i| compare(i).map(Worth::Truth)).collect()
        }
        _ => numbers(expr).into_iter().map(|value| value.known().map(Worth::Number)).collect(),
    }
}

/// A function of truths, row by row.
fn truths(columns: &[Vec<Option<Worth>>], f: impl Fn(&[Option<bool>]) -> Option<bool>) -> Vec<Option<Worth>> {
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let truth = |worth| match worth {
        Some(Worth::Truth(truth)) => Some(truth),
        _ => None,
    };
    let row = |i: usize| columns.iter().map(|c| truth(at_row(c, i))).collect::<Vec<_>>();
    (0..rows).map(|i| f(&row(i)).map(Worth::Truth)).collect()
}

fn compare(operator: Binary, a: f64, b: f64) -> bool {
    match operator {
        Binary::Less => a < b,
        Binary::LessEqual => a <= b,
        Binary::Greater => a > b,
        Binary::GreaterEqual => a >= b,
        Binary::Equal => a == b,
        Binary::NotEqual => a != b,
        _ => unreachable!("{operator:?} does not compare"),
    }
}
