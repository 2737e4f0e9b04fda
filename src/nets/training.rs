//! The training loop: epochs of steps, evaluations between them, and the history they leave.

use super::loss::Tally;
use super::net::{Moment, Net, Site, build};
use super::record::History;
use super::{EarlyStop, NetSpec, Setting, TrainSpec, flops_per_row};
use crate::data::Rows;
use crate::learn::{Fit, Outcome, Parts, Progress, Watch};
use crate::numerics::Team;
use crate::numerics::random::Stream;

/// A training in progress.
struct Training<'a> {
    net: Box<dyn Net + 'a>,
    spec: &'a TrainSpec,
    parts: &'a Parts<'a>,
    setting: Setting,
    seed: u64,
    /// Gradient norms of the last step, by layer.
    norms: Vec<f64>,
    history: History,
    best: Option<Best>,
    steps: u64,
    flops: u64,
    flops_per_row: u64,
}

/// The weights with the lowest validation loss so far.
struct Best {
    loss: f64,
    epoch: u32,
    weights: Vec<Vec<f32>>,
}

/// Fits a net with `team`; see [`train`](super::train).
pub(super) fn train(
    net: &NetSpec,
    spec: &TrainSpec,
    parts: &Parts<'_>,
    seed: u64,
    team: &Team,
    watch: &dyn Watch,
) -> Option<Fit> {
    let setting = Setting::of(&parts.train);
    if let Err(why) = spec.check(setting.task) {
        panic!("{why}");
    }
    if let Err(why) = net.check(&setting) {
        panic!("{why}");
    }
    assert!(!parts.train.is_empty(), "a net is trained on at least one row");
    let mut training = Training::new(net, spec, parts, seed, team);
    training.evaluate(0);
    let mut outcome = Outcome::Finished;
    let mut done = 0;
    for epoch in 1..=spec.epochs {
        let tally = training.epoch(epoch);
        done = epoch;
        if !watch.progress(Progress { epoch, epochs: spec.epochs, loss: Some(tally.mean_loss()) }) {
            return None;
        }
        if !training.is_finite(tally) {
            outcome = Outcome::Diverged { epoch };
            break;
        }
        training.evaluate(epoch);
        if training.has_stalled(epoch) {
            training.evaluate_last(epoch);
            break;
        }
    }
    Some(training.finish(outcome, done))
}

impl<'a> Training<'a> {
    fn new(net: &NetSpec, spec: &'a TrainSpec, parts: &'a Parts<'a>, seed: u64, team: &'a Team) -> Self {
        let setting = Setting::of(&parts.train);
        let batch = (spec.batch as usize).min(parts.train.len());
        let net_in_training = build(net, Site { setting, train: spec, batch, seed, team });
        Self {
            norms: vec![0.0; net_in_training.layers()],
            net: net_in_training,
            spec,
            parts,
            setting,
            seed,
            history: History::default(),
            best: None,
            steps: 0,
            flops: 0,
            flops_per_row: flops_per_row(net, spec, &setting),
        }
    }

    /// One pass over the training rows; ends early where the loss or a gradient is no longer finite.
    fn epoch(&mut self, epoch: u32) -> Tally {
        let rows = &self.parts.train;
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        Stream::new(self.seed, "order").at(u64::from(epoch)).shuffle(&mut order);
        let batches = order.chunks(self.spec.batch as usize);
        let per_epoch = batches.len() as u64;
        let mut tally = Tally::default();
        let mut sums = vec![0.0; self.norms.len()];
        let before = self.steps;
        for positions in batches {
            let update = self.spec.update(self.steps + 1, per_epoch * u64::from(self.spec.epochs), per_epoch);
            tally = tally.plus(self.net.step(rows, positions, Moment { seed: self.seed, step: self.steps, update }));
            self.steps += 1;
            self.flops = self.flops.saturating_add(self.flops_per_row.saturating_mul(positions.len() as u64));
            self.net.gradient_norms(&mut self.norms);
            if self.steps == 1 {
                self.history.gradient_norms(0, self.norms.iter().copied());
            }
            sums.iter_mut().zip(&self.norms).for_each(|(sum, norm)| *sum += norm);
            if !tally.loss.is_finite() || sums.iter().any(|n| !n.is_finite()) {
                break;
            }
        }
        let made = (self.steps - before) as f64;
        self.history.gradient_norms(epoch, sums.iter().map(|sum| sum / made));
        self.history.train(epoch, tally, self.setting.task);
        self.history.push("steps", None, epoch, self.steps as f64);
        self.history.push("flops", None, epoch, self.flops as f64);
        tally
    }

    /// Whether the epoch that came to `tally` left a net to go on with.
    fn is_finite(&self, tally: Tally) -> bool {
        tally.loss.is_finite() && self.norms.iter().all(|n| n.is_finite())
    }

    /// Looks at the validation and test rows if `epoch` is one to do so.
    fn evaluate(&mut self, epoch: u32) {
        let due = epoch.is_multiple_of(self.spec.eval_every) || epoch == self.spec.epochs;
        if (due || self.spec.early_stop.is_some())
            && let Some(valid) = &self.parts.valid
        {
            let tally = self.tally(valid, None);
            self.history.valid(epoch, tally, self.setting.task);
            self.keep_best(epoch, tally.mean_loss());
        }
        if due {
            self.evaluate_test(epoch);
        }
    }

    /// Looks at the test rows in the epoch that turned out to be the last.
    fn evaluate_last(&mut self, epoch: u32) {
        if !epoch.is_multiple_of(self.spec.eval_every) && epoch != self.spec.epochs {
            self.evaluate_test(epoch);
        }
    }

    fn evaluate_test(&mut self, epoch: u32) {
        let test = self.parts.test;
        if !test.is_empty() {
            let tally = self.tally(&test, Some(epoch));
            self.history.test(epoch, tally, self.setting.task);
        }
    }

    /// What `rows` come to; records the units' state on the first of them as of epoch `probe`.
    fn tally(&mut self, rows: &Rows<'_>, probe: Option<u32>) -> Tally {
        let mut tally = Tally::default();
        let positions: Vec<u32> = (0..rows.len() as u32).collect();
        for (i, chunk) in positions.chunks(self.net.rows_at_once()).enumerate() {
            tally = tally.plus(self.net.evaluate(rows, chunk));
            if let (0, Some(epoch)) = (i, probe) {
                self.history.units(epoch, &self.net.units());
            }
        }
        tally
    }

    fn keep_best(&mut self, epoch: u32, loss: f64) {
        let Some(EarlyStop { min_delta, .. }) = self.spec.early_stop else { return };
        if self.best.as_ref().is_none_or(|best| loss < best.loss - min_delta) {
            let weights = self.net.weights().into_iter().map(|w| w.to_vec()).collect();
            self.best = Some(Best { loss, epoch, weights });
        }
    }

    /// Whether the validation loss has not fallen for too long.
    fn has_stalled(&self, epoch: u32) -> bool {
        let Some(EarlyStop { patience, .. }) = self.spec.early_stop else { return false };
        self.best.as_ref().is_some_and(|best| epoch - best.epoch >= patience)
    }

    fn finish(mut self, outcome: Outcome, epochs: u32) -> Fit {
        if let Some(best) = &self.best {
            self.net.weights().into_iter().zip(&best.weights).for_each(|(to, from)| to.copy_from_slice(from));
        }
        Fit {
            parameters: self.net.parameters(),
            model: self.net.into_model(),
            history: self.history.into_series(),
            outcome,
            steps: self.steps,
            epochs,
            flops: Some(self.flops),
        }
    }
}
