//! What a name or an expression means, and which runs it rests on.

use serde::Serialize;

use crate::diagnostic::{Span, did_you_mean};
use crate::experiment::expression::{self, Expr, Selection};
use crate::experiment::figure::{Filter, Subject as Shown};
use crate::experiment::{self, Book, DeclarationKind, Experiment, Point, Value};
use crate::markdown::Node;
use crate::plan::Run;

/// Something a reader can ask about.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// What it is.
    pub kind: Kind,
    /// Its name; that of a number is made from its expression, see [`number_id`].
    pub id: String,
    /// The expression of a number or a claim, as written.
    pub expression: Option<String>,
    /// The runs it rests on.
    pub slices: Vec<Slice>,
    /// The dataset whose rows it shows.
    pub dataset: Option<String>,
}

/// The kinds of subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `{figure}`
    Figure,
    /// `{table}`
    Table,
    /// `{claim}`
    Claim,
    /// `{val}`
    Number,
    /// `{experiment}`
    Experiment,
    /// `{dataset}`
    Dataset,
    /// `{model}`
    Model,
}

/// Runs of an experiment: those that pass every filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// The experiment.
    pub experiment: String,
    /// On its axes, and on `seed`; `layer` and `epoch` choose within a run and keep every run.
    pub filters: Vec<Filter>,
}

impl Kind {
    /// Its name in the book's language of directives.
    pub fn word(self) -> &'static str {
        match self {
            Self::Figure => "figure",
            Self::Table => "table",
            Self::Claim => "claim",
            Self::Number => "number",
            Self::Experiment => "experiment",
            Self::Dataset => "dataset",
            Self::Model => "model",
        }
    }
}

impl Slice {
    /// All runs of an experiment.
    fn whole(experiment: &str) -> Self {
        Self { experiment: experiment.to_owned(), filters: Vec::new() }
    }

    fn of_selection(selection: &Selection) -> Self {
        let filter = |f: &expression::Filter| Filter { axis: f.axis.clone(), values: vec![f.value.clone()] };
        Self { experiment: selection.experiment.clone(), filters: selection.filters.iter().map(filter).collect() }
    }

    /// Whether it holds a grid point of its experiment, under a seed where one is asked for.
    pub(super) fn holds(&self, experiment: &Experiment, point: &Point, seed: Option<u64>) -> bool {
        let passes = |axis: &str, value: &Value| {
            self.filters.iter().filter(|f| f.axis == axis).all(|f| f.values.iter().any(|wanted| wanted.same(value)))
        };
        let on_axes = experiment.axes.iter().zip(&point.at).all(|(axis, value)| passes(&axis.name, value));
        let on_seed = seed.and_then(|seed| i64::try_from(seed).ok());
        experiment.id == self.experiment && on_axes && on_seed.is_none_or(|seed| passes("seed", &Value::Integer(seed)))
    }
}

impl Subject {
    fn new(kind: Kind, id: &str, slices: Vec<Slice>) -> Self {
        Self { kind, id: id.to_owned(), expression: None, slices, dataset: None }
    }

    fn of_expression(kind: Kind, id: &str, text: &str, expr: &Expr) -> Self {
        let slices = expr.selections().into_iter().map(Slice::of_selection).collect();
        Self { expression: Some(text.to_owned()), ..Self::new(kind, id, slices) }
    }

    /// Whether it rests on runs of an experiment.
    pub fn concerns(&self, experiment: &str) -> bool {
        self.slices.iter().any(|slice| slice.experiment == experiment)
    }

    /// Whether it rests on a run.
    pub fn rests_on(&self, run: &Run<'_>) -> bool {
        self.slices.iter().any(|slice| slice.holds(run.experiment, run.point(), Some(run.seed)))
    }
}

/// What a number is called: the same wherever the same expression is printed.
pub fn number_id(expression: &str) -> String {
    format!("val-{}", &blake3::hash(expression.as_bytes()).to_hex()[..8])
}

/// The inline numbers of a book: place and expression.
pub(super) fn numbers(book: &Book) -> impl Iterator<Item = (Span, &str)> {
    book.chapters.iter().flat_map(|chapter| &chapter.nodes).filter_map(|node| match node {
        Node::Val(val) => Some((val.span, val.expression.value.trim())),
        _ => None,
    })
}

/// Everything in a book that has a lineage, each once: what declares, what shows, then the numbers in the prose.
pub fn all(book: &Book) -> Vec<Subject> {
    let declared = book.declarations.keys();
    let shown = book.figures.iter().map(|f| &f.id).chain(book.tables.iter().map(|t| &t.id));
    let claims = book.claims.iter().map(|c| &c.id);
    let named = declared.chain(shown).chain(claims).filter_map(|id| named(book, id));
    let mut seen = std::collections::BTreeSet::new();
    let numbers = numbers(book).filter_map(|(_, text)| number(text));
    named.chain(numbers).filter(|subject| seen.insert(subject.id.clone())).collect()
}

/// What `name` means: an id of the book, the name of a number, or an expression over results.
///
/// # Errors
/// A sentence that says what is wrong with it, and what would be right.
pub fn find(book: &Book, name: &str) -> Result<Subject, String> {
    let name = name.trim();
    if let Some(subject) = named(book, name) {
        return Ok(subject);
    }
    if let Some((_, text)) = numbers(book).find(|(_, text)| number_id(text) == name)
        && let Some(subject) = number(text)
    {
        return Ok(subject);
    }
    let is_expression = name.contains(['[', '.', '(', ' ']);
    if !is_expression {
        let named = all(book).into_iter().filter(|subject| subject.kind != Kind::Number);
        let ids: Vec<String> = named.map(|subject| subject.id).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        return Err(format!("there is no `{name}` in the book; {}", did_you_mean(name, &ids)));
    }
    let faults = experiment::faults_of_number(book, name);
    match (faults.into_iter().next(), number(name)) {
        (None, Some(subject)) => Ok(subject),
        (fault, _) => {
            let (message, hint) = fault.map_or_else(Default::default, |f| (f.message, f.hint.unwrap_or_default()));
            Err(format!("`{name}`: {message}; {hint}").trim_end_matches("; ").to_owned())
        }
    }
}

fn number(text: &str) -> Option<Subject> {
    let expr = expression::parse(text).ok()?;
    Some(Subject::of_expression(Kind::Number, &number_id(text), text, &expr))
}

fn named(book: &Book, id: &str) -> Option<Subject> {
    if let Some(figure) = book.figures.named(id) {
        let mut subject = Subject::new(Kind::Figure, id, Vec::new());
        match &figure.of {
            Shown::Dataset(dataset) => subject.dataset = Some(dataset.clone()),
            Shown::Experiment(of) => {
                subject.slices = vec![Slice { experiment: of.clone(), filters: figure.filters.clone() }];
            }
        }
        return Some(subject);
    }
    if let Some(table) = book.tables.named(id) {
        let slice = Slice { experiment: table.of.clone(), filters: table.filters.clone() };
        return Some(Subject::new(Kind::Table, id, vec![slice]));
    }
    if let Some(claim) = book.claims.named(id) {
        return Some(Subject::of_expression(Kind::Claim, id, &claim.holds.text, &claim.holds.expr));
    }
    let declaration = book.declarations.get(id)?;
    Some(match declaration.kind {
        DeclarationKind::Experiment => Subject::new(Kind::Experiment, id, vec![Slice::whole(id)]),
        DeclarationKind::Dataset => {
            let users = book.experiments.iter().filter(|e| uses_dataset(e, id));
            let slices = users.map(|e| of_axis(e, "dataset", id)).collect();
            Subject { dataset: Some(id.to_owned()), ..Subject::new(Kind::Dataset, id, slices) }
        }
        DeclarationKind::Model => {
            let users = book.experiments.iter().filter(|e| {
                e.axes.iter().any(|a| a.name == "model" && a.values.iter().any(|v| v.same(&Value::from(id))))
            });
            Subject::new(Kind::Model, id, users.map(|e| of_axis(e, "model", id)).collect())
        }
    })
}

fn uses_dataset(experiment: &Experiment, id: &str) -> bool {
    experiment.points.iter().any(|point| super::declared_id(&point.work.dataset) == id)
}

/// The runs of an experiment at one value of an axis; all of them where it has no such axis.
fn of_axis(experiment: &Experiment, axis: &str, value: &str) -> Slice {
    let filter = Filter { axis: axis.to_owned(), values: vec![Value::from(value)] };
    Slice { experiment: experiment.id.clone(), filters: vec![filter] }
}
