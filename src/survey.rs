//! Which of a book's data are here, and what is known of them without reading their rows at every build.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::baselines;
use crate::data::spec::{Source, Text, TextSource};
use crate::data::{self, Dataset, DatasetSpec, Sequence, Shelf, Task};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::experiment::{Book, Experiment, Model, Work};
use crate::ledger::Ledger;
use crate::nets::{self, NetSpec, Setting};
use crate::store::{Key, Store};

/// What is known of a book's data.
#[derive(Debug, Default)]
pub struct Survey {
    /// By the dataset's name, for those that are here or that results of record know.
    pub known: BTreeMap<String, Known>,
    /// Why a dataset is not here, by its name; results of record may know it all the same.
    pub absent: BTreeMap<String, String>,
}

/// What is known of one dataset.
#[derive(Debug, Clone)]
pub struct Known {
    /// Whether its rows can be had.
    pub presence: Presence,
    /// Everything its rows depend on: part of the inputs of every run on it.
    pub description: Json,
    /// BLAKE3 of its bytes.
    pub digest: String,
    /// What loading it once has told.
    pub facts: Facts,
}

/// Whether a dataset's rows can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// They are here.
    Here,
    /// They are not: what is known of them are the results of record.
    OfRecord,
}

/// What loading a dataset once tells; kept, so that it need not be loaded again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Rows of the training pool.
    pub train_rows: usize,
    /// Rows of the test part.
    pub test_rows: usize,
    /// Columns a model sees.
    pub columns: usize,
    /// Height, width and channels where a row is an image.
    pub image: Option<[usize; 3]>,
    /// Classes; 1 for a regression.
    pub outputs: usize,
    /// Whether a number is predicted.
    pub regression: bool,
    /// How a row is a sequence, where it is one.
    pub sequence: Option<Sequence>,
    /// Where the rows come from.
    pub origin: String,
    /// Under which licence.
    pub licence: String,
}

/// Where data, and what is known of them, may be found.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// The rows.
    pub shelf: &'a Shelf,
    /// What loading them has told.
    pub store: &'a Store,
    /// What was recorded of them, where they are not here.
    pub ledger: &'a Ledger,
}

/// Surveys the datasets of a book. What is wrong with them is reported where they are declared; that a registered set is
/// not here is no mistake: what needs it is left out, and the pages say so.
pub fn survey(book: &Book, places: &Places<'_>, diagnostics: &mut Diagnostics) -> Survey {
    survey_some(book, &|_| true, places, diagnostics)
}

/// Surveys the datasets that are files of the book: the part that belongs to reading it.
pub fn survey_files(book: &Book, places: &Places<'_>, diagnostics: &mut Diagnostics) {
    let is_file = |spec: &DatasetSpec| {
        matches!(
            spec.source,
            Source::File(_) | Source::Idx(_) | Source::Text(Text { from: TextSource::File { .. }, .. })
        )
    };
    survey_some(book, &is_file, places, diagnostics);
}

fn survey_some(
    book: &Book,
    wanted: &dyn Fn(&DatasetSpec) -> bool,
    places: &Places<'_>,
    diagnostics: &mut Diagnostics,
) -> Survey {
    let mut survey = Survey::default();
    for (id, spec) in book.datasets.iter().filter(|(_, spec)| wanted(spec)) {
        let error = match known(spec, places) {
            Ok(known) => {
                survey.known.insert(id.clone(), known);
                continue;
            }
            Err(error) => error,
        };
        let recorded = if error.is_absence() { of_record(id, spec, places.ledger) } else { None };
        match error {
            data::Error::Absent { .. } => {
                let hint = error.hint().unwrap_or_default();
                survey.absent.insert(id.clone(), format!("{error}; {hint}"));
            }
            _ if recorded.is_some() => drop(survey.absent.insert(id.clone(), error.to_string())),
            _ => {
                // A variant `digits[difficulty=0.9]` stands where `digits` is declared.
                let declared = id.split('[').next().unwrap_or(id);
                let span = book.declarations.get(declared).map(|d| d.span);
                let diagnostic = Diagnostic::error(span, format!("dataset `{id}`: {error}"));
                diagnostics.push(error.hint().into_iter().fold(diagnostic, Diagnostic::hint));
            }
        }
        survey.known.extend(recorded.map(|known| (id.clone(), known)));
    }
    for experiment in &book.experiments {
        check_augment(experiment, book, diagnostics);
        check_fit(experiment, book, &survey, diagnostics);
    }
    survey
}

/// What the results of record know of a dataset that is not here.
fn of_record(id: &str, spec: &DatasetSpec, ledger: &Ledger) -> Option<Known> {
    let data = ledger.dataset(id, &json!(spec))?;
    let facts = serde_json::from_value(data.facts.clone()).ok()?;
    let digest = data.description["identity"]["digest"].as_str()?.to_owned();
    Some(Known { presence: Presence::OfRecord, description: data.description.clone(), digest, facts })
}

fn known(spec: &DatasetSpec, Places { shelf, store, .. }: &Places<'_>) -> Result<Known, data::Error> {
    let identity = data::identity(spec, shelf)?;
    let description = json!({ "spec": spec, "identity": identity });
    let key = Key::of(&json!({ "facts": 2, "data": description }));
    let facts = match store.get_derived(&key) {
        Some(facts) => facts,
        None => {
            let facts = facts(&data::load(spec, shelf)?);
            store.put_derived(&key, &facts)?;
            facts
        }
    };
    Ok(Known { presence: Presence::Here, description, digest: identity.digest, facts })
}

impl Facts {
    /// What a net on these rows stands between.
    pub fn setting(&self) -> Setting {
        let sequence = self.sequence.or(self.image.map(Sequence::of_image));
        Setting { columns: self.columns, image: self.image, sequence, task: self.task() }
    }

    /// What is predicted.
    pub fn task(&self) -> Task {
        if self.regression { Task::Regression } else { Task::Classification { classes: self.outputs } }
    }
}

fn facts(dataset: &Dataset) -> Facts {
    let (outputs, regression) = match dataset.task() {
        Task::Classification { classes } => (classes, false),
        Task::Regression => (1, true),
    };
    Facts {
        train_rows: dataset.train_rows(),
        test_rows: dataset.test_rows(),
        columns: dataset.columns().len(),
        image: dataset.image(),
        outputs,
        regression,
        sequence: dataset.sequence(),
        origin: dataset.origin().to_owned(),
        licence: dataset.licence().to_owned(),
    }
}

/// Only training by mini-batches sees augmented images: one of the models on them has to be trained so.
fn check_augment(experiment: &Experiment, book: &Book, diagnostics: &mut Diagnostics) {
    let mut learnt: BTreeMap<&str, bool> = BTreeMap::new();
    for Work { dataset, model, .. } in experiment.points.iter().map(|point| &point.work) {
        if book.datasets.get(dataset).is_some_and(|spec| spec.augment.is_some()) {
            *learnt.entry(dataset).or_default() |= matches!(model, Model::Net(_));
        }
    }
    for (dataset, _) in learnt.into_iter().filter(|(_, learnt)| !learnt) {
        let message = format!("on `{dataset}`: no model of this experiment learns from augmented images");
        let hint = "nets (`mlp`, `cnn`) do, by mini-batches; other models see the images as they are";
        diagnostics.push(Diagnostic::error(experiment.span, message).hint(hint));
    }
}

/// What only the data can tell: enough rows, and a task that the models can do.
fn check_fit(experiment: &Experiment, book: &Book, survey: &Survey, diagnostics: &mut Diagnostics) {
    for point in &experiment.points {
        let dataset = &point.work.dataset;
        let Some(Known { facts, .. }) = survey.known.get(dataset) else { continue };
        if let Some(m) = point.work.m.filter(|m| *m > facts.train_rows) {
            let rows = facts.train_rows;
            let message = format!("m = {m} is more than the {rows} training rows of `{dataset}`");
            diagnostics.push(Diagnostic::error(experiment.span, message).hint(format!("`m` is at most {rows}")));
        }
        let (work, task) = (&point.work, facts.task());
        let rows = work.m.unwrap_or(facts.train_rows);
        let candidates = work.tune.iter().flat_map(|tune| &tune.candidates).map(|candidate| &candidate.model);
        for model in [&work.model].into_iter().chain(candidates) {
            if let Err((reason, hint)) = can_do(&model.settled(rows, task), &facts.setting(), fitted_rows(work, rows)) {
                let diagnostic = Diagnostic::error(experiment.span, format!("on `{dataset}`: {reason}"));
                diagnostics.push(diagnostic.hint(hint));
            }
        }
        let components = enough_to_vary(book.datasets[dataset].pca, fitted_rows(work, rows));
        let held_back = enough_to_hold_back(work, rows);
        for fault in [can_read(&work.model, facts.sequence), held_back, components, can_choose(work, task)] {
            if let Err(reason) = fault {
                diagnostics.push(Diagnostic::error(experiment.span, format!("on `{dataset}`: {reason}")));
            }
        }
    }
}

/// Rows that the smallest fit of a run is made on: what is held back to choose by is not among them.
fn fitted_rows(work: &Work, rows: usize) -> usize {
    let shares = work.valid.into_iter().chain(work.tune.as_ref().map(|t| t.valid));
    rows - shares.map(|share| held_back(rows, share)).max().unwrap_or(0)
}

/// Otherwise why not, and what would help. `rows` are the training rows.
fn can_do(model: &Model, setting: &Setting, rows: usize) -> Result<(), (String, &'static str)> {
    let task_is_wrong = "`task = \"regression\"` or `\"classification\"` in the dataset says what its label is";
    match (model, setting.task) {
        (Model::Net(model), task) => {
            model.train.check(task).map_err(|reason| (reason.to_owned(), task_is_wrong))?;
            model.net.check(setting).map_err(|reason| (reason, fitting(&model.net, setting)))?;
            let bytes = nets::estimated_bytes(&model.net, &model.train, setting, rows);
            if bytes > nets::LIMIT_BYTES {
                Err((too_large(bytes), "take fewer or narrower layers, or smaller batches"))
            } else {
                Ok(())
            }
        }
        (Model::Baseline(baseline), task) => baseline.check(task, rows, setting.columns).map_err(|error| {
            let hint = match error {
                baselines::Error::FewRows { .. } => "take a smaller `k`, or more rows",
                baselines::Error::FewColumns { .. } => {
                    "`max-features` may also be a share such as 0.5, `\"sqrt\"` or `\"all\"`"
                }
                _ => task_is_wrong,
            };
            (error.to_string(), hint)
        }),
    }
}

fn too_large(bytes: u64) -> String {
    let gib = |bytes: u64| bytes as f64 / (1u64 << 30) as f64;
    let (needed, limit) = (gib(bytes), gib(nets::LIMIT_BYTES));
    format!(
        "to train this net takes {needed:.1} GiB for its weights, what the optimiser remembers of them and what its layers say \
         of a batch, beyond the limit of {limit:.1} GiB"
    )
}

/// What helps a net that does not fit its rows.
fn fitting(net: &NetSpec, setting: &Setting) -> &'static str {
    match (net, setting.image) {
        (NetSpec::Recurrent(_), _) => match setting.sequence {
            Some(_) => "see the kinds of sequences in the manual, and which keys each of them takes",
            None => {
                "rows are sequences in `adding`, `waves`, texts (`format = \"text\"`, `tinyshakespeare`) and images; \
                 a model of kind `mlp` reads any columns"
            }
        },
        (_, Some(_)) => {
            "convolutions and pools come before dense layers; smaller windows, smaller strides and `padding = \"same\"` \
             leave more pixels"
        }
        (_, None) => {
            "rows are images in `glyphs`, `mnist`, `fashion-mnist` and IDX files, unless `features` sums them up; \
             a model of kind `mlp` reads any columns"
        }
    }
}

/// Symbols are no numbers.
fn can_read(model: &Model, sequence: Option<Sequence>) -> Result<(), String> {
    let reads_symbols = match model {
        Model::Net(model) => match model.net {
            NetSpec::Mlp(_) | NetSpec::Cnn(_) => false,
            NetSpec::Recurrent(_) => true,
        },
        Model::Baseline(_) => false,
    };
    let is_text = sequence.is_some_and(|sequence| sequence.symbols.is_some());
    if is_text && !reads_symbols {
        Err("its rows are text, which this model cannot read; `rnn`, `lstm` and `gru` can".to_owned())
    } else {
        Ok(())
    }
}

/// Rows that a share sets apart.
fn held_back(rows: usize, share: f64) -> usize {
    (rows as f64 * share + 1e-9).floor() as usize
}

/// Both a training and a validation part need a row.
fn enough_to_hold_back(work: &Work, rows: usize) -> Result<(), String> {
    let shares = work.valid.into_iter().chain(work.tune.as_ref().map(|t| t.valid));
    for share in shares {
        if matches!(held_back(rows, share), held if held == 0 || held == rows) {
            return Err(format!("of {rows} training rows, a share of {share} to hold back leaves a part without rows"));
        }
    }
    Ok(())
}

/// Rows have no more directions than there are of them.
fn enough_to_vary(pca: Option<u32>, rows: usize) -> Result<(), String> {
    match pca {
        Some(count) if count as usize > rows => {
            Err(format!("`pca = {count}` needs as many training rows, and there are {rows}"))
        }
        _ => Ok(()),
    }
}

/// A choice by a measure that the task does not have would be no choice.
fn can_choose(work: &Work, task: Task) -> Result<(), String> {
    match (work.tune.as_ref().map(|t| t.by.as_str()), task) {
        (Some("valid_rmse"), Task::Classification { .. }) => Err("`valid_rmse` is a regression's".to_owned()),
        (Some("valid_accuracy"), Task::Regression) => Err("`valid_accuracy` is a classification's".to_owned()),
        _ => Ok(()),
    }
}
