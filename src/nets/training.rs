//! The training loop: epochs of steps, evaluations between them, and the history they leave.

use super::loss::Tally;
use super::mlp::{Dropout, EVALUATED, Fitted, Forward, Mlp};
use super::record::History;
use super::step::Trainer;
use super::{EarlyStop, MlpSpec, TrainSpec, flops_per_row};
use crate::data::{Rows, Task};
use crate::learn::{Fit, Outcome, Parts, Progress, Watch};
use crate::numerics::Team;
use crate::numerics::random::Stream;

/// A training in progress.
struct Training<'a> {
    spec: &'a TrainSpec,
    parts: &'a Parts<'a>,
    task: Task,
    seed: u64,
    dropout: f64,
    team: &'a Team,
    trainer: Trainer<'a>,
    evaluation: Forward,
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
    mlp: Mlp,
}

/// Fits a net with `team`; see [`train`](super::train).
pub(super) fn train(
    mlp: &MlpSpec,
    spec: &TrainSpec,
    parts: &Parts<'_>,
    seed: u64,
    team: &Team,
    watch: &dyn Watch,
) -> Option<Fit> {
    let task = parts.train.task();
    if let Err(why) = spec.check(mlp, task) {
        panic!("{why}");
    }
    assert!(!parts.train.is_empty(), "a net is trained on at least one row");
    let mut training = Training::new(mlp, spec, parts, task, seed, team);
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
    fn new(mlp: &MlpSpec, spec: &'a TrainSpec, parts: &'a Parts<'a>, task: Task, seed: u64, team: &'a Team) -> Self {
        let (columns, outputs) = (parts.train.columns(), spec.loss.outputs(task));
        let net = Mlp::new(mlp, columns, outputs, team.simd(), seed);
        let batch = (spec.batch as usize).min(parts.train.len());
        let evaluation = Forward::new(&net, task, EVALUATED, None);
        let dropout = Dropout::new(mlp.dropout, seed, 0);
        Self {
            spec,
            parts,
            task,
            seed,
            dropout: mlp.dropout,
            team,
            history: History::new(net.layers.len()),
            trainer: Trainer::new(net, spec, task, batch, dropout, team),
            evaluation,
            best: None,
            steps: 0,
            flops: 0,
            flops_per_row: flops_per_row(mlp, spec, columns, outputs),
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
        let mut norms = vec![0.0; self.trainer.mlp.layers.len()];
        let before = self.steps;
        for positions in batches {
            let update = self.spec.update(self.steps + 1, per_epoch * u64::from(self.spec.epochs), per_epoch);
            let dropout = Dropout::new(self.dropout, self.seed, self.steps);
            tally = tally.plus(self.trainer.step(rows, positions, update, dropout));
            self.steps += 1;
            self.flops = self.flops.saturating_add(self.flops_per_row.saturating_mul(positions.len() as u64));
            if self.steps == 1 {
                self.history.gradient_norms(0, self.trainer.gradient_norms());
            }
            norms.iter_mut().zip(self.trainer.gradient_norms()).for_each(|(sum, norm)| *sum += norm);
            if !tally.loss.is_finite() || norms.iter().any(|n| !n.is_finite()) {
                break;
            }
        }
        let made = (self.steps - before) as f64;
        self.history.gradient_norms(epoch, norms.iter().map(|sum| sum / made));
        self.history.train(epoch, tally, self.task);
        self.history.push("steps", None, epoch, self.steps as f64);
        self.history.push("flops", None, epoch, self.flops as f64);
        tally
    }

    /// Whether the epoch that came to `tally` left a net to go on with.
    fn is_finite(&self, tally: Tally) -> bool {
        tally.loss.is_finite() && self.trainer.gradient_norms().all(f64::is_finite)
    }

    /// Looks at the validation and test rows if `epoch` is one to do so.
    fn evaluate(&mut self, epoch: u32) {
        let due = epoch.is_multiple_of(self.spec.eval_every) || epoch == self.spec.epochs;
        if (due || self.spec.early_stop.is_some())
            && let Some(valid) = &self.parts.valid
        {
            let tally = self.tally(valid, None);
            self.history.valid(epoch, tally, self.task);
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
            self.history.test(epoch, tally, self.task);
        }
    }

    /// What `rows` come to; records the units' state on the first of them as of epoch `probe`.
    fn tally(&mut self, rows: &Rows<'_>, probe: Option<u32>) -> Tally {
        let (mlp, simd) = (&self.trainer.mlp, self.team.simd());
        let mut tally = Tally::default();
        let positions: Vec<u32> = (0..rows.len() as u32).collect();
        for (i, chunk) in positions.chunks(EVALUATED).enumerate() {
            self.evaluation.gather(rows, chunk, simd);
            self.evaluation.run(mlp, self.team, None);
            if let (0, Some(epoch)) = (i, probe) {
                self.history.units(epoch, mlp, &self.evaluation);
            }
            tally = tally.plus(self.evaluation.tally(self.spec.loss, simd));
        }
        tally
    }

    fn keep_best(&mut self, epoch: u32, loss: f64) {
        let Some(EarlyStop { min_delta, .. }) = self.spec.early_stop else { return };
        if self.best.as_ref().is_none_or(|best| loss < best.loss - min_delta) {
            self.best = Some(Best { loss, epoch, mlp: self.trainer.mlp.clone() });
        }
    }

    /// Whether the validation loss has not fallen for too long.
    fn has_stalled(&self, epoch: u32) -> bool {
        let Some(EarlyStop { patience, .. }) = self.spec.early_stop else { return false };
        self.best.as_ref().is_some_and(|best| epoch - best.epoch >= patience)
    }

    fn finish(self, outcome: Outcome, epochs: u32) -> Fit {
        let mlp = self.best.map_or(self.trainer.mlp, |best| best.mlp);
        Fit {
            parameters: mlp.parameters(),
            model: Box::new(Fitted { mlp, loss: self.spec.loss, task: self.task }),
            history: self.history.into_series(),
            outcome,
            steps: self.steps,
            epochs,
            flops: Some(self.flops),
        }
    }
}
