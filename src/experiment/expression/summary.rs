//! Functions that make one number of many: statistics over seeds or an axis, slopes, areas, ranks, agreement of orders.
//!
//! Their first argument is a quantity of which an axis is left open, and options of the form `name = value` say which.

use std::ops::Range;

use super::{Expr, Fault, Filter, Node};
use crate::diagnostic::did_you_mean;
use crate::experiment::Value;

/// How many values become one.
#[derive(Debug, Clone, PartialEq)]
pub enum Summary {
    /// A statistic over an axis; without one, over the seeds.
    Statistic(Statistic, Option<Along>),
    /// Change of the quantity for each tenfold of `x`: the least-squares slope against log₁₀ x over its last part.
    Slope {
        /// The axis, or `epoch`.
        x: Along,
        /// How many decades the last part spans.
        last: f64,
    },
    /// Area under the quantity by the trapezoidal rule, divided by the width: its mean height. Against log₁₀ x; against x
    /// itself where that is `epoch`.
    Area {
        /// The axis, or `epoch`.
        x: Along,
    },
    /// A part of the power law a·x^−b + c that the quantity follows best along an axis.
    Power {
        /// The axis.
        x: Along,
        /// Which part.
        part: PowerPart,
    },
    /// The place of one value of an axis when all are put in order by the quantity: 1 is the best, equals share theirs.
    Rank {
        /// The axis.
        along: Along,
        /// The value that is ranked.
        value: Value,
    },
    /// Kendall's τ-b between the orders in which the quantity puts an axis: the mean over all pairs of seeds, or of
    /// values of another axis.
    Tau {
        /// What is put in order.
        along: Along,
        /// What the orders are compared over; `None` for the seeds.
        over: Option<Along>,
    },
}

/// A part of a power law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PowerPart {
    /// b: how fast the quantity falls.
    Exponent,
    /// c: towards what it falls.
    Limit,
}

/// An axis that a summary runs along, and where it is named.
#[derive(Debug, Clone, PartialEq)]
pub struct Along {
    /// Its name.
    pub axis: String,
    /// Where it stands.
    pub range: Range<usize>,
}

/// Statistics of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// Arithmetic mean.
    Mean,
    /// The middle value, or the mean of the two in the middle.
    Median,
    /// The smallest value.
    Min,
    /// The largest value.
    Max,
    /// Standard deviation with n − 1 in the denominator.
    Sd,
    /// The value that this share lies below, interpolated between neighbours (Hyndman and Fan's type 7).
    Quantile(f64),
}

/// Name, number of quantities and numbers before the options, options.
const SUMMARIES: &[(&str, usize, &[&str])] = &[
    ("mean", 1, &["over"]),
    ("median", 1, &["over"]),
    ("min", 1, &["over"]),
    ("max", 1, &["over"]),
    ("sd", 1, &["over"]),
    ("quantile", 2, &["over"]),
    ("slope", 1, &["x", "last"]),
    ("auc", 1, &["x"]),
    ("exponent", 1, &["x"]),
    ("limit", 1, &["x"]),
    ("rank", 1, &[]),
    ("tau", 1, &["along", "over"]),
];

/// The names of all summaries.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SUMMARIES.iter().map(|s| s.0)
}

/// Reads the call of a summary.
pub(super) fn read(
    name: &str,
    mut arguments: Vec<Expr>,
    options: Vec<Filter>,
    range: Range<usize>,
) -> Result<Node, Fault> {
    let &(_, count, known) = SUMMARIES.iter().find(|s| s.0 == name).expect("the grammar asks for known names only");
    if arguments.len() != count {
        let what = if count == 1 { "one quantity" } else { "a quantity and a number" };
        return Err(Fault::new(range, format!("`{name}` takes {what}, then options")).hint(example(name)));
    }
    let options = Options { name, options, range, known };
    options.check()?;
    let second = if count == 2 { arguments.pop() } else { None };
    let of = Box::new(arguments.pop().expect("there is at least one argument"));
    let statistic = |statistic| Ok(Summary::Statistic(statistic, options.along("over")?));
    let summary = match name {
        "mean" => statistic(Statistic::Mean),
        "median" => statistic(Statistic::Median),
        "min" => statistic(Statistic::Min),
        "max" => statistic(Statistic::Max),
        "sd" => statistic(Statistic::Sd),
        "quantile" => statistic(Statistic::Quantile(share(&second.expect("`quantile` takes two arguments"))?)),
        "slope" => Ok(Summary::Slope { x: options.required("x")?, last: options.decades()? }),
        "auc" => Ok(Summary::Area { x: options.required("x")? }),
        "exponent" => Ok(Summary::Power { x: options.required("x")?, part: PowerPart::Exponent }),
        "limit" => Ok(Summary::Power { x: options.required("x")?, part: PowerPart::Limit }),
        "rank" => options.ranked(),
        _ => Ok(Summary::Tau { along: options.required("along")?, over: options.along("over")? }),
    };
    Ok(Node::Summary(summary?, of))
}

/// How a summary is written, for hints.
fn example(name: &str) -> String {
    match name {
        "quantile" => "for example `quantile(scale[m=100].test_accuracy, 0.9)`".to_owned(),
        "slope" => "for example `slope(scale[model=svm].test_accuracy, x = m)`".to_owned(),
        "auc" => "for example `auc(scale[model=svm].test_accuracy, x = m)`".to_owned(),
        "exponent" | "limit" => format!("for example `{name}(1 - scale[model=mlp].test_accuracy, x = m)`"),
        "rank" => "for example `rank(scale[m=100].test_accuracy, model = svm)`".to_owned(),
        "tau" => "for example `tau(scale[m=100].test_accuracy, along = model)`".to_owned(),
        _ => format!("for example `{name}(scale[model=svm].test_accuracy, over = m)`"),
    }
}

fn share(expr: &Expr) -> Result<f64, Fault> {
    match expr.node {
        Node::Number(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err(Fault::new(expr.range.clone(), "the share below a quantile is a number from 0 to 1")),
    }
}

struct Options<'a> {
    name: &'a str,
    options: Vec<Filter>,
    range: Range<usize>,
    known: &'static [&'static str],
}

impl Options<'_> {
    /// Options are known and named once.
    fn check(&self) -> Result<(), Fault> {
        for (i, option) in self.options.iter().enumerate() {
            if self.options[..i].iter().any(|o| o.axis == option.axis) {
                return Err(Fault::new(option.range.clone(), format!("`{}` is said twice", option.axis)));
            }
            // The option of `rank` is an axis, whatever its name.
            if self.name != "rank" && !self.known.contains(&option.axis.as_str()) {
                let fault =
                    Fault::new(option.range.clone(), format!("`{}` has no option `{}`", self.name, option.axis));
                return Err(fault.hint(did_you_mean(&option.axis, self.known)));
            }
        }
        Ok(())
    }

    /// The axis an option names; `seed` is the same as nothing.
    fn along(&self, option: &str) -> Result<Option<Along>, Fault> {
        let Some(Filter { value, range, .. }) = self.options.iter().find(|o| o.axis == option) else {
            return Ok(None);
        };
        match value {
            Value::Text(axis) if axis == "seed" => Ok(None),
            Value::Text(axis) => Ok(Some(Along { axis: axis.clone(), range: range.clone() })),
            _ => Err(Fault::new(range.clone(), format!("`{option}` names an axis")).hint(example(self.name))),
        }
    }

    fn required(&self, option: &str) -> Result<Along, Fault> {
        let missing = || Fault::new(self.range.clone(), format!("`{}` needs `{option}`, an axis", self.name));
        self.along(option)?.ok_or_else(|| missing().hint(example(self.name)))
    }

    fn decades(&self) -> Result<f64, Fault> {
        let Some(Filter { value, range, .. }) = self.options.iter().find(|o| o.axis == "last") else {
            return Ok(1.0);
        };
        let fault = || Fault::new(range.clone(), "`last` is a number of decades above 0: 1 for the last tenfold");
        value.number().filter(|&n| n > 0.0 && n.is_finite()).ok_or_else(fault)
    }

    fn ranked(&self) -> Result<Summary, Fault> {
        let [Filter { axis, value, range }] = self.options.as_slice() else {
            let fault = Fault::new(self.range.clone(), "`rank` needs the one value of an axis that is ranked");
            return Err(fault.hint(example(self.name)));
        };
        let along = Along { axis: axis.clone(), range: range.clone() };
        Ok(Summary::Rank { along, value: value.clone() })
    }
}

impl Along {
    /// Whether it runs over the epochs of each run instead of an axis.
    pub fn is_epoch(&self) -> bool {
        self.axis == "epoch"
    }
}

impl Summary {
    /// The axes it runs along, besides the seeds.
    pub fn axes(&self) -> Vec<&Along> {
        match self {
            Self::Statistic(_, over) => over.iter().collect(),
            Self::Slope { x, .. } | Self::Area { x } | Self::Power { x, .. } => vec![x],
            Self::Rank { along, .. } => vec![along],
            Self::Tau { along, over } => [along].into_iter().chain(over).collect(),
        }
    }

    /// Whether it makes one number of all seeds.
    pub fn gathers_seeds(&self) -> bool {
        matches!(self, Self::Statistic(_, None) | Self::Tau { over: None, .. })
    }
}
