//! Directives → typed experiments with their grids.
//!
//! A directive is what was typed; an [`Experiment`] is what is meant: every grid point with its dataset, its model and its
//! training, checked. [`resolve`] reads a whole book in the order in which things refer to each other — datasets and
//! models, then experiments, then what shows them — and reports everything that is wrong.

mod baseline;
mod caption;
pub mod catalog;
mod claim;
mod cnn;
pub mod config;
mod dataset;
pub mod expression;
pub mod figure;
mod grid;
pub mod image;
pub mod measure;
mod model;
mod present;
pub mod quantity;
mod resolve;
mod restate;
mod summaries;
mod value;

use std::collections::BTreeMap;

use serde::Serialize;

pub use claim::{Claim, digest as claim_digest};
pub use config::Config;
pub use figure::Band;
pub use resolve::resolve;
pub use restate::Restatement;
pub use value::Value;

use crate::baselines::Baseline;
use crate::data::{DatasetSpec, Task};
use crate::diagnostic::{Span, Spanned};
use crate::fields;
use crate::learn::Exactness;
use crate::markdown::Chapter;
use crate::nets::{Loss, NetSpec, TrainSpec};
use crate::numerics::random::Stream;
use catalog::{Catalog, Named};
use expression::{Expr, Type};
use figure::{Figure, Quantity, Table as Tabulation};
use image::{Group, Image};

/// A book, read and checked.
#[derive(Debug)]
pub struct Book {
    /// What `labbook.toml` says.
    pub config: Config,
    /// The profile in force.
    pub profile: Option<String>,
    /// The chapters, in reading order.
    pub chapters: Vec<Chapter>,
    /// The datasets that experiments and figures use, by name.
    pub datasets: BTreeMap<String, DatasetSpec>,
    /// Datasets, models and experiments as written, by id.
    pub declarations: BTreeMap<String, Declaration>,
    /// In the order of the book.
    pub experiments: Catalog<Experiment>,
    /// In the order of the book.
    pub figures: Catalog<Figure>,
    /// Figures from files, in the order of the book.
    pub images: Catalog<Image>,
    /// Figures of several parts, in the order of the book.
    pub groups: Catalog<Group>,
    /// In the order of the book.
    pub tables: Catalog<Tabulation>,
    /// In the order of the book.
    pub claims: Catalog<Claim>,
    /// What each `{show}` says in its own words, by the place of the name in it.
    pub restatements: BTreeMap<Span, Restatement>,
}

/// A dataset, a model or an experiment as it was written.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// What it declares.
    pub kind: DeclarationKind,
    /// Where.
    pub span: Span,
    /// The body of the directive.
    pub source: String,
    /// Whether it stands on the page as a card.
    pub show: bool,
}

/// What a declaration declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeclarationKind {
    /// `{dataset}`
    Dataset,
    /// `{model}`
    Model,
    /// `{experiment}`
    Experiment,
}

/// An experiment: a grid and seeds.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Its name.
    pub id: String,
    /// Where it is declared.
    pub span: Span,
    /// `dataset` where there are several, `model`, then the swept parameters.
    pub axes: Vec<Axis>,
    /// The grid.
    pub points: Vec<Point>,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// What its card and its export show; empty for everything.
    pub measures: Vec<Quantity>,
    /// What it would be without the profile in force: a name that is only there is no slip of the pen.
    pub whole: Whole,
}

/// An experiment's axes and seeds as its chapter declares them.
#[derive(Debug, Clone)]
pub struct Whole {
    /// With all their values.
    pub axes: Vec<Axis>,
    /// All seeds.
    pub seeds: Vec<u64>,
}

/// A parameter that varies.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Its name.
    pub name: String,
    /// Its values, in the order they were written.
    pub values: Vec<Value>,
}

/// A grid point.
#[derive(Debug, Clone)]
pub struct Point {
    /// One value an axis.
    pub at: Vec<Value>,
    /// What has to be done there.
    pub work: Work,
}

/// Everything a run does, but for its seed.
#[derive(Debug, Clone)]
pub struct Work {
    /// A name in [`Book::datasets`].
    pub dataset: String,
    /// Number of labelled examples; `None` for all training rows.
    pub m: Option<usize>,
    /// The share of them held back for early stopping.
    pub valid: Option<f64>,
    /// What learns.
    pub model: Model,
    /// What is chosen first.
    pub tune: Option<Tune>,
    /// In how many groups predicted probabilities are held against what happened, where they are.
    pub calibration: Option<u32>,
}

/// What learns, and how.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Model {
    /// A classic algorithm.
    Baseline(Baseline),
    /// A net and its training.
    Net(NetModel),
}

/// A net and its training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NetModel {
    /// The net.
    #[serde(flatten)]
    pub net: NetSpec,
    /// Its training.
    pub train: TrainSpec,
    /// Updates made at least: where the epochs of a small training set make fewer, there are more of them.
    pub min_steps: Option<u32>,
    /// Whether the loss is left to the task: cross-entropy for classes, squared error for numbers.
    pub task_loss: bool,
    /// Errors of a regression below this are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<f64>,
}

impl Work {
    /// Whether a measure is the same under every seed: the size of a net and the work of a training that nothing cuts
    /// short. (What else may be so is not known in advance.)
    pub fn fixes(&self, measure: &str) -> bool {
        let counts = matches!(measure, "parameters" | "steps" | "flops" | "epochs");
        counts && self.tune.is_none() && matches!(self.model, Model::Net(_)) && !self.model.stops_early()
    }
}

impl Model {
    /// How far its computed numbers agree between machines.
    pub fn exactness(&self) -> Exactness {
        match self {
            Self::Baseline(baseline) => baseline.exactness(),
            Self::Net(_) => Exactness::Bits,
        }
    }

    /// Below what errors of a regression are counted, where they are.
    pub fn within(&self) -> Option<f64> {
        match self {
            Self::Net(net) => net.within,
            Self::Baseline(_) => None,
        }
    }

    /// Whether its training may end before its last epoch, by what validation rows say.
    pub fn stops_early(&self) -> bool {
        matches!(self, Self::Net(net) if net.train.early_stop.is_some())
    }

    /// The model as it is fitted on `rows` rows of a task: with as many epochs as its fewest updates ask for (evaluations
    /// are as many as before, further apart), and the loss of the task where none was declared.
    #[must_use]
    pub fn settled(&self, rows: usize, task: Task) -> Self {
        let mut settled = self.clone();
        if let Self::Net(NetModel { train, min_steps, task_loss, .. }) = &mut settled {
            let steps_an_epoch = rows.div_ceil(train.batch as usize).max(1);
            let least = min_steps.unwrap_or(0) as usize;
            let epochs = least.div_ceil(steps_an_epoch).min(u32::MAX as usize) as u32;
            if epochs > train.epochs {
                train.eval_every = train.eval_every.saturating_mul(epochs.div_ceil(train.epochs));
                train.epochs = epochs;
            }
            if *task_loss && task == Task::Regression {
                train.loss = Loss::SquaredError;
            }
        }
        settled
    }
}

/// A choice made on validation rows before the run proper.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tune {
    /// `valid_loss`, `valid_accuracy` or `valid_rmse`; a model without a loss is chosen by its accuracy.
    pub by: String,
    /// The share of the training rows that the choice is made on.
    pub valid: f64,
    /// How many of the candidates each seed draws and tries; `None` for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trials: Option<usize>,
    /// What can be tried, in this order where all are.
    pub candidates: Vec<Candidate>,
}

impl Tune {
    /// Which candidates a seed tries, in order. Of fewer and more trials under one seed, the fewer come first in the more.
    pub fn tried(&self, seed: u64) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.candidates.len()).collect();
        if let Some(trials) = self.trials {
            Stream::new(seed, "trials").at(0).shuffle(&mut order);
            order.truncate(trials);
        }
        order
    }
}

/// One of the things tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// What distinguishes it.
    pub chosen: BTreeMap<String, Value>,
    /// The model as it would be.
    pub model: Model,
}

impl Named for Experiment {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Book {
    /// What an expression asks for that the profile in force leaves out, in words: ``m = 30000 of `scale` ``.
    pub fn left_out(&self, expr: &Expr) -> Vec<String> {
        quantity::left_out(expr, &self.experiments)
    }

    /// The experiment of an id.
    pub fn experiment(&self, id: &str) -> Option<&Experiment> {
        self.experiments.named(id)
    }
}

/// The kinds of model, as they are written.
pub fn model_kinds() -> impl Iterator<Item = &'static str> {
    model::KINDS.iter().map(|(name, _)| *name)
}

/// The keys that a model of each kind takes.
pub fn model_keys() -> Vec<(&'static str, Vec<&'static str>)> {
    model::keys()
}

/// What is wrong with an expression as a number over the book's results; nothing where it can be computed.
pub fn faults_of_number(book: &Book, text: &str) -> Vec<expression::Fault> {
    quantity::parse(text, Type::Number)
        .map_or_else(|faults| faults, |expr| quantity::check_selections(&expr, &book.experiments))
}

/// A TOML value as a parameter's value.
fn plain(value: &fields::Value) -> Value {
    match value {
        fields::Value::Integer(i) => Value::Integer(*i),
        fields::Value::Float(x) => Value::Float(*x),
        fields::Value::Bool(b) => Value::Bool(*b),
        fields::Value::String(text) | fields::Value::Date(text) => Value::Text(text.clone()),
        fields::Value::List(items) => Value::List(items.iter().map(|item| plain(&item.value)).collect()),
        fields::Value::Table(table) => Value::Text(table.to_string()),
    }
}

/// Texts without their places.
fn words(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baselines::LogisticSpec;

    #[test]
    fn more_trials_begin_with_the_fewer() {
        let model = Model::Baseline(Baseline::Logistic(LogisticSpec::default()));
        let candidate = Candidate { chosen: BTreeMap::new(), model };
        let tune =
            |trials| Tune { by: "valid_loss".into(), valid: 0.2, trials, candidates: vec![candidate.clone(); 9] };
        assert_eq!(tune(None).tried(1), (0..9).collect::<Vec<_>>());
        let (few, many) = (tune(Some(3)).tried(1), tune(Some(9)).tried(1));
        assert_eq!(few, many[..3]);
        assert_ne!(many, tune(Some(9)).tried(2), "each seed draws its own");
    }
}
