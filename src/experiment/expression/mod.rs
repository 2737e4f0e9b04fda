//! Expressions over results: `scale[model=large-net, m=10000].test_accuracy > 0.9`.
//!
//! The same language serves inline values, claims and the axes of figures. [`parse`] turns text into an [`Expr`];
//! [`Expr::check`] finds unknown names and mixed types before anything runs. What an expression is worth, given results,
//! is the analysis room's business.
//!
//! `tokens` cuts the text into words and signs, `grammar` makes a tree of them, `types` finds what does not fit together;
//! `summary` holds the functions that make one number of many.
//!
//! A name may contain hyphens, so a minus needs a space before it or after it.

mod grammar;
mod summary;
mod tokens;
mod types;

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::{Axis, Value};
pub use grammar::parse;
pub use summary::{Along, PowerPart, Statistic, Summary};
pub use tokens::canonical;

/// A parsed expression with the ranges of text its parts stand at.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub node: Node,
    /// Where in the expression's text.
    pub range: Range<usize>,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A number.
    Number(f64),
    /// A measure of the run at hand (in figures), such as `test_accuracy`.
    Measure(String),
    /// A measure of the selected runs.
    Select(Selection),
    /// A function of a quantity.
    Call(Function, Vec<Expr>),
    /// One number made of many: over the seeds, or along an axis that the quantity leaves open.
    Summary(Summary, Box<Expr>),
    /// `-x` or `not x`.
    Unary(Unary, Box<Expr>),
    /// `a + b`, `a > b`, `a and b`.
    Binary(Binary, Box<Expr>, Box<Expr>),
}

/// `id[param=value, …].measure`.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// An experiment.
    pub experiment: String,
    /// Where the name stands.
    pub experiment_range: Range<usize>,
    /// Axis, value and where both stand.
    pub filters: Vec<Filter>,
    /// A measure.
    pub measure: String,
    /// Where the measure stands.
    pub measure_range: Range<usize>,
}

/// `param=value` in a selection.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// An axis of the experiment, or `seed`, `layer`, `epoch`.
    pub axis: String,
    /// The value wanted.
    pub value: Value,
    /// Where both stand.
    pub range: Range<usize>,
}

impl Selection {
    /// What it fixes an axis to, if it does.
    pub fn fixed(&self, axis: &str) -> Option<&Value> {
        self.filters.iter().find(|f| f.axis == axis).map(|f| &f.value)
    }

    /// Whether a grid point satisfies all its filters.
    pub fn covers(&self, axes: &[Axis], at: &[Value]) -> bool {
        axes.iter().zip(at).all(|(axis, value)| self.fixed(&axis.name).is_none_or(|wanted| wanted.same(value)))
    }
}

/// Functions of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// First epoch at which a measure reaches a threshold.
    EpochsTo,
    /// Updates made until then.
    StepsTo,
    /// Floating-point operations spent until then.
    FlopsTo,
    /// The best value over the epochs: the smallest of a loss or an error, the largest of anything else.
    Best,
    /// Absolute value.
    Abs,
    /// Natural logarithm.
    Ln,
    /// Decimal logarithm.
    Log10,
    /// The first divided by the second.
    Ratio,
    /// Smaller of two.
    Min,
    /// Larger of two.
    Max,
}

/// Prefix operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    /// `-x`
    Minus,
    /// `not x`
    Not,
}

/// Infix operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `and`
    And,
    /// `or`
    Or,
}

/// What an expression is worth: a number or a truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A number.
    Number,
    /// True or false.
    Truth,
}

/// A fault in an expression, at a range of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub range: Range<usize>,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

impl Fault {
    pub(super) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Functions by name, with the number of their arguments and whether the first is a measure over epochs.
const FUNCTIONS: &[(&str, Function, usize)] = &[
    ("epochs_to", Function::EpochsTo, 2),
    ("steps_to", Function::StepsTo, 2),
    ("flops_to", Function::FlopsTo, 2),
    ("best", Function::Best, 1),
    ("abs", Function::Abs, 1),
    ("ln", Function::Ln, 1),
    ("log10", Function::Log10, 1),
    ("ratio", Function::Ratio, 2),
    ("min", Function::Min, 2),
    ("max", Function::Max, 2),
];

impl Function {
    /// As it is written.
    pub fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|f| f.1 == self).expect("every function is in the table").0
    }

    /// Whether it reads a measure's whole course over the epochs.
    pub fn reads_course(self) -> bool {
        matches!(self, Self::EpochsTo | Self::StepsTo | Self::FlopsTo | Self::Best)
    }
}

impl Binary {
    /// Whether it compares two numbers.
    pub fn compares(self) -> bool {
        matches!(self, Self::Less | Self::LessEqual | Self::Greater | Self::GreaterEqual | Self::Equal | Self::NotEqual)
    }
}

impl Expr {
    /// The expressions directly within it.
    pub(super) fn parts(&self) -> Vec<&Expr> {
        match &self.node {
            Node::Number(_) | Node::Measure(_) | Node::Select(_) => Vec::new(),
            Node::Unary(_, inner) | Node::Summary(_, inner) => vec![inner],
            Node::Call(_, arguments) => arguments.iter().collect(),
            Node::Binary(_, a, b) => vec![a, b],
        }
    }

    /// All selections in it, from left to right.
    pub fn selections(&self) -> Vec<&Selection> {
        self.open_selections().into_iter().map(|(selection, _)| selection).collect()
    }

    /// All selections in it, from left to right, each with the axes that summaries around it run along.
    pub fn open_selections(&self) -> Vec<(&Selection, Vec<&Along>)> {
        if let Node::Select(selection) = &self.node {
            return vec![(selection, Vec::new())];
        }
        let mut inner: Vec<_> = self.parts().into_iter().flat_map(Self::open_selections).collect();
        if let Node::Summary(summary, _) = &self.node {
            inner.iter_mut().for_each(|(_, axes)| axes.extend(summary.axes()));
        }
        inner
    }

    /// The first bare measure in it, with its range.
    pub fn bare_measure(&self) -> Option<(&str, Range<usize>)> {
        match &self.node {
            Node::Measure(name) => Some((name, self.range.clone())),
            _ => self.parts().into_iter().find_map(Self::bare_measure),
        }
    }

    /// The first summary in it.
    pub fn summary(&self) -> Option<&Expr> {
        match &self.node {
            Node::Summary(..) => Some(self),
            _ => self.parts().into_iter().find_map(Self::summary),
        }
    }

    /// Whether some part of it makes one number of all seeds.
    pub fn gathers_seeds(&self) -> bool {
        matches!(&self.node, Node::Summary(summary, _) if summary.gathers_seeds())
            || self.parts().into_iter().any(Self::gathers_seeds)
    }
}
