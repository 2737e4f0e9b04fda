//! One run: sample, tune, fit, judge.

use std::sync::Arc;

use super::judge;
use super::watcher::Watcher;
use crate::data::{Dataset, Sample};
use crate::experiment::{Model, Tune};
use crate::learn::{Fit, Outcome, Parts, Series, Written};
use crate::nets;
use crate::plan::Run;
use crate::store::{Course, Ending, Record, Text};

/// What trying to fit a model gives.
enum Attempt {
    /// A fit, perhaps a diverged one.
    Fit(Fit),
    /// The algorithm found none: a result as well.
    Unfitted(String),
    /// The watcher asked to stop.
    Stopped,
}

/// How fits are made within one run.
#[derive(Clone, Copy)]
struct Means<'a> {
    seed: u64,
    threads: usize,
    watch: &'a Watcher<'a>,
}

/// Runs one run on its dataset. `None`: the watcher asked to stop.
///
/// # Errors
/// What went wrong, in words for the author.
pub fn fit(
    run: &Run<'_>,
    dataset: &Arc<Dataset>,
    threads: usize,
    watch: &Watcher<'_>,
) -> Result<Option<Record>, String> {
    let work = &run.point().work;
    let means = Means { seed: run.seed, threads, watch };
    let mut record = Record::empty(run.inputs.whole());
    let mut model = &work.model;
    if let Some(tune) = &work.tune {
        let sample = dataset.sample(work.m, Some(tune.valid), run.seed).map_err(|e| e.to_string())?;
        let Some(best) = choose(tune, &sample, means)? else { return Ok(None) };
        model = &tune.candidates[best].model;
        record.chosen = tune.candidates[best].chosen.iter().map(|(k, v)| (k.clone(), serde_json::json!(v))).collect();
    }
    let sample = dataset.sample(work.m, work.valid, run.seed).map_err(|e| e.to_string())?;
    let parts = Parts { train: sample.train(), valid: sample.valid(), test: sample.test() };
    match attempt(model, &parts, means)? {
        Attempt::Stopped => return Ok(None),
        Attempt::Unfitted(reason) => record.ending = Ending::Unfitted { reason },
        Attempt::Fit(fit) => {
            record.courses = fit.history.iter().map(course).collect();
            record.texts = fit.texts.iter().map(|written| text(written, sample.dataset.classes())).collect();
            match fit.outcome {
                Outcome::Finished => {
                    let asked = judge::Asked { within: model.within(), calibration: work.calibration };
                    judge::judge(&fit, &parts, &sample, asked, &mut record);
                }
                Outcome::Diverged { epoch } => record.ending = Ending::Diverged { epoch },
            }
            judge::count(&fit, &mut record);
        }
    }
    record.measured.insert("seconds".into(), watch.seconds());
    Ok(Some(record))
}

/// The index of the candidate that does best on the validation rows; the first of equals. The test rows are not looked at.
/// Candidates that were done before the run was put down are not fitted again.
fn choose(tune: &Tune, sample: &Sample, means: Means<'_>) -> Result<Option<usize>, String> {
    let valid = sample.valid().ok_or("no rows are left to choose by")?;
    let parts = Parts { train: sample.train(), valid: Some(valid), test: valid };
    let tried = tune.tried(means.seed);
    let mut scores = means.watch.scores();
    for &index in tried.iter().skip(scores.len()) {
        let score = match attempt(&tune.candidates[index].model, &parts, means)? {
            Attempt::Stopped => return Ok(None),
            Attempt::Fit(fit) if fit.outcome == Outcome::Finished => judge::score(&fit, &valid, &tune.by),
            Attempt::Fit(_) | Attempt::Unfitted(_) => None,
        };
        scores.push(score);
        means.watch.scored(score);
    }
    let mut best: Option<(usize, f64)> = None;
    for (&index, score) in tried.iter().zip(scores) {
        if let Some(score) = score
            && best.is_none_or(|(_, so_far)| score > so_far)
        {
            best = Some((index, score));
        }
    }
    // Where every candidate failed, the run shows that the first one does.
    Ok(Some(best.map_or(tried[0], |(index, _)| index)))
}

fn attempt(model: &Model, parts: &Parts<'_>, means: Means<'_>) -> Result<Attempt, String> {
    let train = &parts.train;
    let fitted = match &model.settled(train.len(), train.task()) {
        Model::Baseline(baseline) => baseline.fit(train, means.seed, means.watch),
        Model::Net(model) => Ok(nets::train(&model.net, &model.train, parts, means.seed, means.threads, means.watch)),
    };
    match fitted {
        Ok(Some(fit)) => Ok(Attempt::Fit(fit)),
        Ok(None) => Ok(Attempt::Stopped),
        Err(error) if error.is_result() => Ok(Attempt::Unfitted(error.to_string())),
        Err(error) => Err(error.to_string()),
    }
}

fn text(written: &Written, alphabet: &[String]) -> Text {
    let characters = written.symbols.iter().filter_map(|&symbol| alphabet.get(usize::from(symbol)));
    Text { epoch: written.epoch, temperature: written.temperature, text: characters.map(String::as_str).collect() }
}

fn course(series: &Series) -> Course {
    Course {
        measure: series.measure.clone().into_owned(),
        layer: series.layer,
        epochs: series.epochs.clone(),
        values: series.values.iter().map(|v| v.is_finite().then_some(*v)).collect(),
    }
}
