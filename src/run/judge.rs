//! The final measures of a run, computed from predictions, for all models alike.

use ndarray::{Array2, ArrayView1};

use crate::data::{Features, Rows, Sample, Scaling, Target, Task};
use crate::learn::{Fit, Parts, Scores};
use crate::store::{DecisionField, Record};

/// Rows predicted at a time: bounds the memory that scaled rows take.
const CHUNK: usize = 2048;
/// Points a side of a decision field.
const FIELD_SIDE: u32 = 96;

/// Fills in the measures on training, validation and test rows, the confusion matrix and the decision field.
pub fn judge(fit: &Fit, parts: &Parts<'_>, sample: &Sample, record: &mut Record) {
    judge_part("train", fit, &parts.train, record);
    if let Some(valid) = &parts.valid {
        judge_part("valid", fit, valid, record);
    }
    let scores = judge_part("test", fit, &parts.test, record);
    let names = sample.dataset.classes();
    if !names.is_empty() {
        record.classes = names.to_vec();
        record.confusion = confusion(&scores, &parts.test, names.len());
        if parts.train.columns() == 2 {
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
    let measures = measures(fit, rows, &predict(fit, rows));
    let wanted = by.split_once('_').map_or(by, |(_, quantity)| quantity);
    // A model of votes has no loss, and is chosen by what it has.
    let (quantity, value) = *measures.iter().find(|m| m.0 == wanted).or(measures.first())?;
    let rises = matches!(quantity, "accuracy" | "r2");
    value.is_finite().then_some(if rises { value } else { -value })
}

fn judge_part(part: &str, fit: &Fit, rows: &Rows<'_>, record: &mut Record) -> Array2<f32> {
    let scores = predict(fit, rows);
    for (quantity, value) in measures(fit, rows, &scores) {
        record.finals.insert(format!("{part}_{quantity}"), value.is_finite().then_some(value));
    }
    scores
}

fn predict(fit: &Fit, rows: &Rows<'_>) -> Array2<f32> {
    let mut scores: Option<Array2<f32>> = None;
    for start in (0..rows.len()).step_by(CHUNK) {
        let part = fit.model.predict(&rows.part(start..(start + CHUNK).min(rows.len())));
        match &mut scores {
            None => scores = Some(part),
            Some(all) => all.append(ndarray::Axis(0), part.view()).expect("every part has the same columns"),
        }
    }
    scores.unwrap_or_else(|| Array2::zeros((0, 1)))
}

/// The measures that the task and the scores allow, with sums in the order of the rows.
fn measures(fit: &Fit, rows: &Rows<'_>, scores: &Array2<f32>) -> Vec<(&'static str, f64)> {
    let n = rows.len() as f64;
    match rows.task() {
        Task::Classification { .. } => {
            let hits = scores.rows().into_iter().enumerate().filter(|(i, s)| largest(*s) == rows.label(*i) as usize);
            let mut found = vec![("accuracy", hits.count() as f64 / n)];
            if fit.model.scores() == Scores::Logits {
                let losses = scores.rows().into_iter().enumerate().map(|(i, s)| log_loss(s, rows.label(i) as usize));
                found.push(("loss", losses.sum::<f64>() / n));
            }
            found
        }
        Task::Regression => regression(rows, scores),
    }
}

/// Mean squared error (the loss), its root, mean absolute error, and the share of variance explained.
fn regression(rows: &Rows<'_>, scores: &Array2<f32>) -> Vec<(&'static str, f64)> {
    let n = rows.len() as f64;
    let truth: Vec<f64> = (0..rows.len()).map(|i| f64::from(rows.value(i))).collect();
    let mean = truth.iter().sum::<f64>() / n;
    let (mut squares, mut absolute, mut variance) = (0.0, 0.0, 0.0);
    for (y, y_hat) in truth.iter().zip(scores.column(0)) {
        let error = f64::from(*y_hat) - y;
        squares += error * error;
        absolute += error.abs();
        variance += (y - mean) * (y - mean);
    }
    let mse = squares / n;
    vec![("loss", mse), ("rmse", mse.sqrt()), ("mae", absolute / n), ("r2", 1.0 - squares / variance)]
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

fn confusion(scores: &Array2<f32>, rows: &Rows<'_>, classes: usize) -> Vec<Vec<u32>> {
    let mut counts = vec![vec![0; classes]; classes];
    for (i, row) in scores.rows().into_iter().enumerate() {
        counts[rows.label(i) as usize][largest(row)] += 1;
    }
    counts
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
