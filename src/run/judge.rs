//! The final measures of a run, computed from predictions, for all models alike.

use ndarray::{Array2, ArrayView1};

use super::calibration;
use crate::data::{Features, Rows, Sample, Scaling, Target, Task};
use crate::learn::{Answers, Fit, Parts, Scores};
use crate::store::{DecisionField, Record};

/// Rows predicted at a time: bounds the memory that scaled rows take.
const CHUNK: usize = 2048;
/// Points a side of a decision field.
const FIELD_SIDE: u32 = 96;

/// What is looked at where an author asks for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Errors of a regression below this are counted.
    pub within: Option<f64>,
    /// In how many groups predicted probabilities of two classes are held against what happened.
    pub calibration: Option<u32>,
}

/// Fills in the measures on training, validation and test rows, the confusion matrix and the decision field, and what else
/// was asked for.
pub fn judge(fit: &Fit, parts: &Parts<'_>, sample: &Sample, asked: Asked, record: &mut Record) {
    let mut judge_part = |part: &str, rows: &Rows<'_>| {
        let account = Account::of(fit, rows, asked.within);
        for (quantity, value) in account.measures() {
            record.finals.insert(format!("{part}_{quantity}"), value.is_finite().then_some(value));
        }
        account
    };
    judge_part("train", &parts.train);
    if let Some(valid) = &parts.valid {
        judge_part("valid", valid);
    }
    let test = judge_part("test", &parts.test);
    if let Some(groups) = asked.calibration.and_then(|count| calibration::groups(fit, &parts.test, count as usize)) {
        record.finals.insert("test_calibration_error".to_owned(), Some(calibration::error(&groups)));
        record.reliability = groups;
    }
    if let Some(bound) = parts.test.information_bound() {
        record.finals.insert("information_bound".to_owned(), Some(bound));
    }
    let names = sample.dataset.classes();
    if !names.is_empty() {
        record.classes = names.to_vec();
        record.confusion = test.confusion;
        // The steps of a sequence and the pixels of an image are no plane, and components no columns of the dataset.
        let is_plane = parts.train.sequence().is_none() && sample.dataset.pca().is_none();
        if parts.train.columns() == 2 && is_plane {
            record.decision = Some(decision_field(fit, sample));
        }
    }
}

/// Fills in the counts: parameters, updates, epochs, operations.
pub fn count(fit: &Fit, record: &mut Record) {
    let mut put = |name: &str, value: f64| record.finals.insert(name.to_owned(), Some(value));
    put("parameters", fit.parameters as f64);
    if fit.steps > 0 {
        put("steps", fit.steps as f64);
        put("epochs", f64::from(fit.epochs));
    }
    if let Some(flops) = fit.flops {
        put("flops", flops as f64);
    }
}

/// How good a fit is on `rows` by a measure such as `valid_loss`; larger is better.
pub fn score(fit: &Fit, rows: &Rows<'_>, by: &str) -> Option<f64> {
    let measures = Account::of(fit, rows, None).measures();
    let wanted = by.split_once('_').map_or(by, |(_, quantity)| quantity);
    // A support-vector machine has no loss, and is chosen by what it has.
    let (quantity, value) = *measures.iter().find(|m| m.0 == wanted).or(measures.first())?;
    let rises = matches!(quantity, "accuracy" | "r2");
    value.is_finite().then_some(if rises { value } else { -value })
}

pub(super) fn predict(fit: &Fit, rows: &Rows<'_>) -> Array2<f32> {
    let mut scores: Option<Array2<f32>> = None;
    for part in chunks(rows) {
        let part = fit.model.predict(&part);
        match &mut scores {
            None => scores = Some(part),
            Some(all) => all.append(ndarray::Axis(0), part.view()).expect("every part has the same columns"),
        }
    }
    scores.unwrap_or_else(|| Array2::zeros((0, 1)))
}

fn chunks<'a>(rows: &Rows<'a>) -> impl Iterator<Item = Rows<'a>> {
    let (rows, len) = (*rows, rows.len());
    (0..len).step_by(CHUNK).map(move |start| rows.part(start..(start + CHUNK).min(len)))
}

/// What the answers to some rows come to: sums in the order of the rows, and of the steps within each.
#[derive(Debug, Default)]
struct Account {
    /// Number of answers.
    answers: f64,
    hits: u64,
    /// Of scores that are logits.
    log_loss: Option<f64>,
    /// By true class, then by the class that was found.
    confusion: Vec<Vec<u32>>,
    /// Of a regression.
    errors: Option<Errors>,
}

/// What a regression misses by.
#[derive(Debug, Default)]
struct Errors {
    squares: f64,
    absolute: f64,
    /// Squared differences of the true values from their mean.
    spread: f64,
    /// How many are below the bound, where there is one.
    near: Option<u64>,
}

impl Account {
    /// Predicts all rows.
    fn of(fit: &Fit, rows: &Rows<'_>, within: Option<f64>) -> Self {
        let answers = Truths { every_step: fit.model.answers() == Answers::EveryStep };
        let mut account = Self { answers: (rows.len() * answers.of_a_row(rows)) as f64, ..Self::default() };
        match rows.task() {
            Task::Classification { classes } => {
                account.confusion = vec![vec![0; classes]; classes];
                account.log_loss = (fit.model.scores() == Scores::Logits).then_some(0.0);
                for part in chunks(rows) {
                    account.classify(&fit.model.predict(&part), |answer| answers.label(&part, answer));
                }
            }
            Task::Regression => {
                let truths = || (0..account.answers as usize).map(|answer| answers.value(rows, answer));
                let mean = truths().sum::<f64>() / account.answers;
                let spread = truths().map(|y| (y - mean) * (y - mean)).sum();
                let mut errors = Errors { spread, near: within.map(|_| 0), ..Errors::default() };
                for part in chunks(rows) {
                    errors.measure(&fit.model.predict(&part), |answer| answers.value(&part, answer), within);
                }
                account.errors = Some(errors);
            }
        }
        account
    }

    fn classify(&mut self, scores: &Array2<f32>, label: impl Fn(usize) -> usize) {
        for (answer, scores) in scores.rows().into_iter().enumerate() {
            let (truth, found) = (label(answer), largest(scores));
            self.hits += u64::from(truth == found);
            self.confusion[truth][found] += 1;
            if let Some(sum) = &mut self.log_loss {
                *sum += log_loss(scores, truth);
            }
        }
    }

    /// The measures that the task and the scores allow.
    fn measures(&self) -> Vec<(&'static str, f64)> {
        let n = self.answers;
        let Some(errors) = &self.errors else {
            let loss = self.log_loss.map(|sum| ("loss", sum / n));
            return [("accuracy", self.hits as f64 / n)].into_iter().chain(loss).collect();
        };
        let mse = errors.squares / n;
        let explained = 1.0 - errors.squares / errors.spread;
        let mut found = vec![("loss", mse), ("rmse", mse.sqrt()), ("mae", errors.absolute / n), ("r2", explained)];
        found.extend(errors.near.map(|near| ("within", near as f64 / n)));
        found
    }
}

impl Errors {
    fn measure(&mut self, scores: &Array2<f32>, value: impl Fn(usize) -> f64, within: Option<f64>) {
        for (answer, y_hat) in scores.column(0).iter().enumerate() {
            let error = f64::from(*y_hat) - value(answer);
            self.squares += error * error;
            self.absolute += error.abs();
            if let (Some(near), Some(within)) = (&mut self.near, within) {
                *near += u64::from(error.abs() < within);
            }
        }
    }
}

/// What the answers should have been: one a row, or one for each of its steps.
#[derive(Debug, Clone, Copy)]
struct Truths {
    every_step: bool,
}

impl Truths {
    fn of_a_row(self, rows: &Rows<'_>) -> usize {
        if self.every_step { rows.sequence().map_or(1, |s| s.steps) } else { 1 }
    }

    fn label(self, rows: &Rows<'_>, answer: usize) -> usize {
        let steps = self.of_a_row(rows);
        let label =
            if self.every_step { rows.symbol_after(answer / steps, answer % steps) } else { rows.label(answer) };
        label as usize
    }

    fn value(self, rows: &Rows<'_>, answer: usize) -> f64 {
        let steps = self.of_a_row(rows);
        f64::from(if self.every_step { rows.value_after(answer / steps, answer % steps) } else { rows.value(answer) })
    }
}

/// The column of the largest score; the first of equals.
fn largest(scores: ArrayView1<'_, f32>) -> usize {
    let mut best = 0;
    for (column, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = column;
        }
    }
    best
}

/// −ln softmax(scores)\[label\].
fn log_loss(scores: ArrayView1<'_, f32>, label: usize) -> f64 {
    let top = f64::from(scores[largest(scores)]);
    let sum: f64 = scores.iter().map(|s| libm::exp(f64::from(*s) - top)).sum();
    libm::log(sum) + top - f64::from(scores[label])
}

/// What the model decides over the plane of the test rows and a margin around them.
fn decision_field(fit: &Fit, sample: &Sample) -> DecisionField {
    let points = sample.test().matrix();
    let side = FIELD_SIDE as usize;
    let ends = [0, 1].map(|column| {
        let values = points.column(column);
        let low = values.iter().copied().fold(f32::INFINITY, f32::min);
        let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let margin = 0.08 * (high - low).max(f32::EPSILON);
        [low - margin, high + margin]
    });
    let along = |[low, high]: [f32; 2], i: usize| low + (high - low) * (i as f32 + 0.5) / side as f32;
    let grid = Array2::from_shape_fn((side * side, 2), |(i, column)| {
        let step = if column == 0 { i % side } else { i / side };
        along(ends[column], step)
    });
    let names = sample.dataset.classes().to_vec();
    let (features, target) = (Features::Real(grid), Target::Classes { labels: vec![0; side * side], names });
    let (index, scaling): (Vec<u32>, _) = ((0..(side * side) as u32).collect(), Scaling::identity(2));
    let scores = predict(fit, &Rows::new(&features, &target, &scaling, &index, None));
    let classes = scores.rows().into_iter().map(|s| largest(s) as u16);
    // The grid is laid out in scaled columns, and told in those of the dataset.
    let told = |column: usize| {
        let (factor, offset) = (sample.scaling.factor[column], sample.scaling.offset[column]);
        ends[column].map(|end| f64::from((end - offset) / factor))
    };
    DecisionField::new(told(0), told(1), FIELD_SIDE, classes)
}
