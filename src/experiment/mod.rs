//! Directives → typed experiments with their grids.
//!
//! A directive is what was typed; an [`Experiment`] is what is meant: every grid point with its dataset, its model and its
//! training, checked. [`resolve`] reads a whole book in the order in which things refer to each other — datasets and
//! models, then experiments, then what shows them — and reports everything that is wrong.

mod baseline;
mod caption;
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
mod restate;
mod summaries;
mod value;

use std::collections::BTreeMap;

use serde::Serialize;

pub use claim::{Claim, digest as claim_digest};
pub use config::Config;
pub use figure::Band;
pub use restate::Restatement;
pub use value::Value;

use crate::baselines::Baseline;
use crate::data::{DatasetSpec, Task};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, Spanned, did_you_mean};
use crate::fields::{self, Table};
use crate::learn::Exactness;
use crate::markdown::{Chapter, Directive, Node};
use crate::nets::{Loss, NetSpec, TrainSpec};
use crate::numerics::random::Stream;
use expression::{Expr, Type};
use figure::{Figure, Quantity, Table as Tabulation};
use image::{Group, Image};
use present::Shown;

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
    pub experiments: Vec<Experiment>,
    /// In the order of the book.
    pub figures: Vec<Figure>,
    /// Figures from files, in the order of the book.
    pub images: Vec<Image>,
    /// Figures of several parts, in the order of the book.
    pub groups: Vec<Group>,
    /// In the order of the book.
    pub tables: Vec<Tabulation>,
    /// In the order of the book.
    pub claims: Vec<Claim>,
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

impl Book {
    /// What an expression asks for that the profile in force leaves out, in words: ``m = 30000 of `scale` ``.
    pub fn left_out(&self, expr: &Expr) -> Vec<String> {
        quantity::left_out(expr, &self.experiments)
    }

    /// The experiment of an id.
    pub fn experiment(&self, id: &str) -> Option<&Experiment> {
        self.experiments.iter().find(|e| e.id == id)
    }
}

/// Reads and checks everything that the chapters declare.
pub fn resolve(config: Config, chapters: Vec<Chapter>, profile: Option<&str>, diagnostics: &mut Diagnostics) -> Book {
    let profile = profile.map(str::to_owned).or_else(|| config.profile.clone());
    if let Some(name) = profile.as_deref().filter(|name| !config.profiles.contains_key(*name) && *name != "full") {
        let names: Vec<&str> = config.profiles.keys().map(String::as_str).collect();
        let message = format!("`labbook.toml` has no `[profile.{name}]`");
        diagnostics.push(Diagnostic::error(None, message).hint(did_you_mean(name, &names)));
    }
    let mut book = Book {
        config,
        profile,
        chapters: Vec::new(),
        datasets: BTreeMap::new(),
        declarations: BTreeMap::new(),
        experiments: Vec::new(),
        figures: Vec::new(),
        images: Vec::new(),
        groups: Vec::new(),
        tables: Vec::new(),
        claims: Vec::new(),
        restatements: BTreeMap::new(),
    };
    let typed = type_directives(&chapters, diagnostics);
    let tables = declare(&mut book, &typed, diagnostics);
    lay_out_experiments(&mut book, &typed, &tables, diagnostics);
    read_what_shows(&mut book, &typed, &tables, diagnostics);
    check_prose(&book, &chapters, &typed, diagnostics);
    typed.iter().for_each(|typed| caption::check(&typed.table, diagnostics));
    book.chapters = chapters;
    book
}

/// A directive with its body read.
struct Typed<'c> {
    id: &'c Spanned<String>,
    kind: &'c str,
    source: &'c str,
    /// The path of its chapter.
    chapter: &'c str,
    table: Table,
    /// Whether the body is TOML: where it is not, its name is known and nothing else.
    readable: bool,
}

/// The tables of what can be referred to, by id.
#[derive(Default)]
struct Declared {
    datasets: BTreeMap<String, Table>,
    models: BTreeMap<String, Table>,
}

/// Reads the bodies of all directives; ids are unique over the book.
fn type_directives<'c>(chapters: &'c [Chapter], diagnostics: &mut Diagnostics) -> Vec<Typed<'c>> {
    let mut typed: Vec<Typed<'c>> = Vec::new();
    let of_chapter = |c: &'c Chapter| c.directives.iter().map(move |directive| (c.path.as_str(), directive));
    for (chapter, directive) in chapters.iter().flat_map(of_chapter) {
        let Directive { kind, id, body, span } = directive;
        let Some(id) = id else {
            let message = format!("a `{{{}}}` needs a name", kind.value);
            diagnostics.push(Diagnostic::error(*span, message).hint(format!("write `{{{}}} my-name`", kind.value)));
            continue;
        };
        let before = typed.iter().find(|t| t.kind != "show" && t.id.value == id.value);
        if kind.value != "show" && before.is_some() {
            let diagnostic = Diagnostic::error(id.span, format!("the name `{}` is taken", id.value));
            diagnostics.push(diagnostic.hint("names are global over the book; `{show} NAME` shows a thing again"));
        }
        let parsed = fields::parse(&body.text, &|range| body.span(range), diagnostics);
        let readable = parsed.is_some();
        let table = Table { span: id.span, ..parsed.unwrap_or_else(|| Table::empty(id.span)) };
        typed.push(Typed { id, kind: &kind.value, source: &body.text, chapter, table, readable });
    }
    typed
}

/// Takes in datasets and models, and reports what is wrong with each by itself.
fn declare(book: &mut Book, typed: &[Typed<'_>], diagnostics: &mut Diagnostics) -> Declared {
    let mut declared = Declared::default();
    for Typed { id, kind, source, table, .. } in typed.iter().filter(|t| t.readable) {
        let kind = match *kind {
            "dataset" => DeclarationKind::Dataset,
            "model" => DeclarationKind::Model,
            "experiment" => DeclarationKind::Experiment,
            _ => continue,
        };
        let hidden = table.get("show").is_some_and(|e| e.value.value == fields::Value::Bool(false));
        let declaration = Declaration { kind, span: id.span, source: (*source).to_owned(), show: !hidden };
        book.declarations.insert(id.value.clone(), declaration);
        match kind {
            DeclarationKind::Dataset => {
                dataset::read(table, diagnostics);
                declared.datasets.insert(id.value.clone(), table.clone());
            }
            DeclarationKind::Model => {
                let empty = Table::empty(table.span);
                let train = match table.get("train").map(|e| &e.value.value) {
                    Some(fields::Value::Table(train)) => train,
                    _ => &empty,
                };
                model::read(table, train, diagnostics);
                declared.models.insert(id.value.clone(), table.clone());
            }
            DeclarationKind::Experiment => {}
        }
    }
    declared
}

fn lay_out_experiments(book: &mut Book, typed: &[Typed<'_>], tables: &Declared, diagnostics: &mut Diagnostics) {
    let profile = book.profile.as_ref().and_then(|name| book.config.profiles.get(name)).cloned();
    let unreadable = typed.iter().filter(|t| !t.readable).map(|t| t.id.value.as_str()).collect();
    let declared = grid::Declared { datasets: &tables.datasets, models: &tables.models, unreadable };
    for Typed { id, table, .. } in typed.iter().filter(|t| t.kind == "experiment" && t.readable) {
        let read = grid::read(&id.value, table, &declared, profile.as_ref(), &mut book.datasets, diagnostics);
        book.experiments.extend(read);
    }
    let ids: Vec<&str> = typed.iter().filter(|t| t.kind == "experiment").map(|t| t.id.value.as_str()).collect();
    for (id, table) in profile.iter().flat_map(|p| &p.experiments) {
        if !ids.contains(&id.as_str()) {
            let diagnostic = Diagnostic::error(table.span, format!("there is no experiment `{id}`"));
            diagnostics.push(diagnostic.hint(did_you_mean(id, &ids)));
        }
    }
}

fn read_what_shows(book: &mut Book, typed: &[Typed<'_>], tables: &Declared, diagnostics: &mut Diagnostics) {
    let broken = broken_experiments(book, typed);
    let mut datasets: Vec<&str> = tables.datasets.keys().map(String::as_str).collect();
    datasets.extend(crate::data::known());
    let shown = Shown { experiments: &book.experiments, broken: &broken, datasets };
    for Typed { id, kind, table, chapter, .. } in typed.iter().filter(|t| t.readable) {
        let prefix = match *kind {
            "figure" | "image" | "figures" => "fig-",
            "table" => "tbl-",
            "claim" => "claim-",
            _ => continue,
        };
        if !id.value.starts_with(prefix) {
            let diagnostic = Diagnostic::error(id.span, format!("the name of a {kind} begins with `{prefix}`"));
            diagnostics.push(diagnostic.hint(format!("write `{{{kind}}} {prefix}{}`", id.value)));
        }
        match *kind {
            "figure" => book.figures.extend(present::figure(&id.value, table, &shown, diagnostics)),
            "image" => book.images.extend(image::image(&id.value, table, chapter, diagnostics)),
            // They are of what is read here.
            "figures" => {}
            "table" => book.tables.extend(present::table(&id.value, table, &shown, diagnostics)),
            _ => book.claims.extend(claim::read(&id.value, table, &shown, book.config.claims, diagnostics)),
        }
    }
    for Typed { id, table, .. } in typed.iter().filter(|t| t.readable && t.kind == "figures") {
        let group = image::group(&id.value, table, &book.figures, &book.images, diagnostics);
        book.groups.extend(group);
    }
    for Typed { id, table, chapter, .. } in typed.iter().filter(|t| t.readable && t.kind == "show") {
        let restatement = restate::read(&id.value, table, chapter, book, diagnostics);
        book.restatements.extend(restatement.map(|r| (id.span, r)));
    }
    add_shown_datasets(book, tables);
}

/// Experiments that were declared and could not be laid out.
fn broken_experiments(book: &Book, typed: &[Typed<'_>]) -> Vec<String> {
    let declared = typed.iter().filter(|t| t.kind == "experiment").map(|t| &t.id.value);
    declared.filter(|id| book.experiment(id).is_none()).cloned().collect()
}

/// Datasets that only a figure uses, declared or known by name.
fn add_shown_datasets(book: &mut Book, tables: &Declared) {
    let mut quiet = Diagnostics::default();
    let names: Vec<String> = book.figures.iter().filter_map(Figure::dataset).map(str::to_owned).collect();
    for name in names.into_iter().filter(|name| !book.datasets.contains_key(name)).collect::<Vec<_>>() {
        let spec = match tables.datasets.get(&name) {
            Some(table) => dataset::read(table, &mut quiet).0,
            None => crate::data::named(&name).map(DatasetSpec::new),
        };
        book.datasets.extend(spec.map(|spec| (name, spec)));
    }
}

/// Checks what the prose refers to: inline values, references, `{show}`.
fn check_prose(book: &Book, chapters: &[Chapter], typed: &[Typed<'_>], diagnostics: &mut Diagnostics) {
    let broken = broken_experiments(book, typed);
    let ids: Vec<&str> = typed.iter().filter(|t| t.kind != "show").map(|t| t.id.value.as_str()).collect();
    for show in typed.iter().filter(|t| t.kind == "show" && !ids.contains(&t.id.value.as_str())) {
        let diagnostic = Diagnostic::error(show.id.span, format!("there is no `{}` to show", show.id.value));
        diagnostics.push(diagnostic.hint(did_you_mean(&show.id.value, &ids)));
    }
    let labels = labels(chapters);
    for node in chapters.iter().flat_map(|c| &c.nodes) {
        match node {
            Node::Val(val) => check_value(&val.expression, book, &broken, diagnostics),
            Node::Ref(reference) => {
                let target = &reference.target;
                if !ids.contains(&target.value.as_str()) && !labels.contains(&target.value.as_str()) {
                    let known: Vec<&str> = ids.iter().chain(&labels).copied().collect();
                    let diagnostic = Diagnostic::error(target.span, format!("there is no `{}`", target.value));
                    diagnostics.push(diagnostic.hint(did_you_mean(&target.value, &known)));
                }
            }
            Node::Event(..) | Node::Directive(_) | Node::Cite(_) | Node::Label(_) | Node::Container(..) => {}
        }
    }
}

/// Ids that authors gave to sections and equations.
fn labels(chapters: &[Chapter]) -> Vec<&str> {
    let sections = chapters.iter().flat_map(|c| &c.headings).filter(|h| h.labelled).map(|h| h.id.as_str());
    let equations = chapters.iter().flat_map(|c| &c.nodes).filter_map(|node| match node {
        Node::Label(label) => Some(label.value.as_str()),
        _ => None,
    });
    sections.chain(equations).collect()
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

fn check_value(text: &Spanned<String>, book: &Book, broken: &[String], diagnostics: &mut Diagnostics) {
    let faults = match quantity::parse(&text.value, Type::Number) {
        Ok(expr) if expr.selections().iter().any(|s| broken.contains(&s.experiment)) => Vec::new(),
        Ok(expr) => quantity::check_selections(&expr, &book.experiments),
        Err(faults) => faults,
    };
    for fault in &faults {
        diagnostics.push(quantity::at(fault, text.span, 0));
    }
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
