//! One run: sample, tune, fit, judge.

use std::sync::Arc;
use std::time::Instant;

use super::judge;
use crate::baselines;
use crate::data::Dataset;
use crate::experiment::{Model, Tune};
use crate::learn::{Fit, Outcome, Parts, Series, Watch};
use crate::nets;
use crate::plan::Run;
use crate::store::{Course, Ending, Record};

/// Runs one run on its dataset. `None`: the watcher asked to stop.
///
/// # Errors
/// What went wrong, in words for the author.
pub fn fit(run: &Run<'_>, dataset: &Arc<Dataset>, threads: usize, watch: &dyn Watch) -> Result<Option<Record>, String> {
    let work = &run.point().work;
    let start = Instant::now();
    let mut record = Record::empty(run.inputs.clone());
    let mut model = &work.model;
    if let Some(tune) = &work.tune {
        let sample = dataset.sample(work.m, Some(tune.valid), run.seed).map_err(|e| e.to_string())?;
        let parts =
            Parts { train: sample.train(), valid: sample.valid(), test: sample.valid().unwrap_or(sample.test()) };
        let Some(best) = choose(tune, &parts, run.seed, threads, watch)? else { return Ok(None) };
        model = &tune.candidates[best].model;
        record.chosen = tune.candidates[best].chosen.iter().map(|(k, v)| (k.clone(), serde_json::json!(v))).collect();
    }
    let sample = dataset.sample(work.m, work.valid, run.seed).map_err(|e| e.to_string())?;
    let parts = Parts { train: sample.train(), valid: sample.valid(), test: sample.test() };
    let Some(fit) = fit_model(model, &parts, run.seed, threads, watch)? else { return Ok(None) };
    record.ending = match fit.outcome {
        Outcome::Finished => Ending::Finished,
        Outcome::Diverged { epoch } => Ending::Diverged { epoch },
    };
    record.courses = fit.history.iter().map(course).collect();
    if fit.outcome == Outcome::Finished {
        judge::judge(&fit, &parts, &sample, &mut record);
    }
    judge::count(&fit, &mut record);
    record.measured.insert("seconds".into(), start.elapsed().as_secs_f64());
    Ok(Some(record))
}

/// The index of the candidate that does best on the validation rows; the first of equals. The test rows are not looked at.
fn choose(
    tune: &Tune,
    parts: &Parts<'_>,
    seed: u64,
    threads: usize,
    watch: &dyn Watch,
) -> Result<Option<usize>, String> {
    let mut best: Option<(usize, f64)> = None;
    for (index, candidate) in tune.candidates.iter().enumerate() {
        let Some(fit) = fit_model(&candidate.model, parts, seed, threads, watch)? else { return Ok(None) };
        let valid = parts.valid.as_ref().unwrap_or(&parts.test);
        let score = match fit.outcome {
            Outcome::Finished => judge::score(&fit, valid, &tune.by),
            Outcome::Diverged { .. } => None,
        };
        if let Some(score) = score
            && best.is_none_or(|(_, so_far)| score > so_far)
        {
            best = Some((index, score));
        }
    }
    Ok(Some(best.map_or(0, |(index, _)| index)))
}

fn fit_model(
    model: &Model,
    parts: &Parts<'_>,
    seed: u64,
    threads: usize,
    watch: &dyn Watch,
) -> Result<Option<Fit>, String> {
    match &model.fitted_on(parts.train.len()) {
        Model::Logistic(spec) => baselines::logistic(spec, &parts.train, watch).map_err(|e| e.to_string()),
        Model::Svm(spec) => baselines::svm(spec, &parts.train, watch).map_err(|e| e.to_string()),
        Model::Mlp { net, train, .. } => Ok(nets::train(net, train, parts, seed, threads, watch)),
    }
}

fn course(series: &Series) -> Course {
    Course {
        measure: series.measure.to_owned(),
        layer: series.layer,
        epochs: series.epochs.clone(),
        values: series.values.iter().map(|v| v.is_finite().then_some(*v)).collect(),
    }
}
