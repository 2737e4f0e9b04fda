//! What a book says: everything of it that is compared.

use std::collections::{BTreeMap, BTreeSet};

use super::sentence::{self, Sentence};
use crate::analysis::{Estimate, Moment, Verdict, evaluate};
use crate::exhibit::{self, Show};
use crate::experiment::figure::{Quantity, Subject};
use crate::experiment::measure::{self, Unit};
use crate::plan::Status;
use crate::run::ExperimentResults;
use crate::store::Record;

/// One state of a book, read off.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edition {
    /// Runs that have no result.
    pub pending: usize,
    /// What the experiments gave, in the order of the book.
    pub experiments: Vec<Outcome>,
    /// In the order of the book.
    pub claims: Vec<Claim>,
    /// Sentences with numbers, in the order of the book.
    pub sentences: Vec<Sentence>,
    /// In the order of the book.
    pub figures: Vec<Drawing>,
}

/// What an experiment gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its name.
    pub id: String,
    /// Its grid points as they are printed, in their order.
    pub points: Vec<String>,
    /// By point and measure; a point without any result has none.
    pub numbers: BTreeMap<(String, String), Number>,
}

/// A measure over the seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// The values by seed, and how many are missing.
    pub estimate: Estimate,
    /// How it is printed.
    pub unit: Unit,
}

/// A claim and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its name.
    pub id: String,
    /// Markdown.
    pub says: String,
    /// Of everything that was fixed before the results.
    pub digest: String,
    /// What the results say.
    pub verdict: Verdict,
}

/// A figure as drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Its name.
    pub id: String,
    /// Markdown.
    pub caption: String,
    /// It follows the theme of the page around it.
    pub svg: String,
    /// Whether all runs that it shows have a result.
    pub whole: bool,
}

impl Edition {
    /// Reads off what is shown.
    pub fn of(show: &Show<'_>) -> Self {
        let book = show.book;
        let language = &book.config.languages[0];
        let outcomes = book.experiments.iter().map(|experiment| {
            let results = show.results.experiment(&experiment.id);
            let numbers = results.map_or_else(BTreeMap::new, |results| numbers(results, &experiment.measures));
            let points =
                results.map_or_else(Vec::new, |results| (0..results.points.len()).map(|p| name(results, p)).collect());
            Outcome { id: experiment.id.clone(), points, numbers }
        });
        let claims = book.claims.iter().zip(show.judgements).map(|(claim, judgement)| Claim {
            id: claim.id.clone(),
            says: claim.says.trim().to_owned(),
            digest: claim.digest(),
            verdict: judgement.verdict,
        });
        let lacking = show.plan.runs.iter().filter(|run| run.status != Status::Cached);
        let pending: BTreeSet<&str> = lacking.map(|run| run.experiment.id.as_str()).collect();
        let figures = book.figures.iter().map(|figure| Drawing {
            id: figure.id.clone(),
            caption: figure.caption.trim().to_owned(),
            svg: exhibit::drawn(show, figure, language, exhibit::WHOLE_PX).0,
            whole: match &figure.of {
                Subject::Experiment(id) => !pending.contains(id.as_str()),
                Subject::Dataset(_) => true,
            },
        });
        Self {
            pending: show.plan.runs.iter().filter(|run| run.status != Status::Cached).count(),
            experiments: outcomes.collect(),
            claims: claims.collect(),
            sentences: book.chapters.iter().flat_map(|chapter| sentence::of_chapter(chapter, show.results)).collect(),
            figures: figures.collect(),
        }
    }
}

impl Number {
    /// Mean, interval and number of seeds: `93.1 ± 0.3 % (n = 5)`.
    pub fn print(&self) -> String {
        format!("{} ({})", self.estimate.print(self.unit), self.seeds())
    }

    /// The same with all digits of the mean.
    pub fn print_whole(&self) -> String {
        let mean = self.estimate.mean().map_or_else(|| "—".to_owned(), |mean| mean.to_string());
        format!("{mean} ({})", self.seeds())
    }

    fn seeds(&self) -> String {
        match self.estimate.missing {
            0 => format!("n = {}", self.estimate.n()),
            missing => format!("n = {}, {missing} without a value", self.estimate.n()),
        }
    }
}

/// `model=svm, m=100`; `all runs` where nothing varies.
fn name(results: &ExperimentResults, point: usize) -> String {
    let settings =
        results.axes.iter().zip(&results.points[point]).map(|(axis, value)| format!("{}={value}", axis.name));
    let name = settings.collect::<Vec<_>>().join(", ");
    if name.is_empty() { "all runs".to_owned() } else { name }
}

/// What an experiment shows of its runs; everything computed where it does not choose.
fn numbers(results: &ExperimentResults, shown: &[Quantity]) -> BTreeMap<(String, String), Number> {
    let mut numbers = BTreeMap::new();
    for point in 0..results.points.len() {
        let records: Vec<Option<&Record>> = results.seeds.iter().map(|&seed| results.record(point, seed)).collect();
        if records.iter().all(Option::is_none) {
            continue;
        }
        let mut add = |measure: &str, unit: Unit, value: &dyn Fn(&Record) -> Option<f64>| {
            let estimate = Estimate::of(records.iter().map(|record| record.and_then(value)));
            numbers.insert((name(results, point), measure.to_owned()), Number { estimate, unit });
        };
        for quantity in shown.iter().filter(|quantity| quantity.expr.unit() != Unit::Seconds) {
            let value = |record: &Record| evaluate::of_run(&quantity.expr, Moment::end(record));
            add(&quantity.text, quantity.expr.unit(), &value);
        }
        if shown.is_empty() {
            let names: BTreeSet<&String> = records.iter().flatten().flat_map(|record| record.finals.keys()).collect();
            for name in names {
                let unit = measure::find(name).map_or(Unit::Plain, |measure| measure.unit);
                add(name, unit, &|record: &Record| record.value(name));
            }
        }
    }
    numbers
}
