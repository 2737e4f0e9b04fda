//! The training loop: epochs of steps, evaluations between them, and the history they leave.
//!
//! Between any two steps a training can be put down as a checkpoint and taken up again.

use serde::{Deserialize, Serialize};

use super::checkpoint::{self, Past};
use super::gradient_check;
use super::loss::Tally;
use super::mlp::EVALUATED;
use super::net::{Moment, Net, Site, build};
use super::record::{History, Units};
use super::{EarlyStop, NetSpec, Setting, TrainSpec, flops_per_row};
use crate::data::{Augmenter, Rows};
use crate::learn::{Checkpoint, Fit, Outcome, Parts, Progress, Watch, Wish};
use crate::numerics::Team;
use crate::numerics::random::Stream;

/// A training in progress.
struct Training<'a> {
    net: Box<dyn Net + 'a>,
    spec: &'a TrainSpec,
    parts: &'a Parts<'a>,
    /// Draws the mini-batches where images are augmented.
    augmenter: Option<Augmenter<'a>>,
    setting: Setting,
    seed: u64,
    /// Gradient norms of the last step, by layer.
    norms: Vec<f64>,
    history: History,
    best: Option<Best>,
    position: Position,
    flops_per_row: u64,
}

/// How far a training is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Position {
    /// Epochs that are over, evaluation included.
    epochs: u32,
    /// Mini-batches of the epoch under way that have made their update.
    batches: usize,
    /// What they came to.
    tally: Tally,
    /// Sums of their gradient norms, by layer.
    norms: Vec<f64>,
    /// Updates made so far.
    steps: u64,
    /// Operations spent so far.
    flops: u64,
}

/// The weights with the lowest validation loss so far.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Best {
    pub loss: f64,
    pub epoch: u32,
    pub weights: Vec<Vec<f32>>,
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
    team.enter(|| {
        let mut training = Training::new(net, spec, parts, seed, team);
        if !training.resume(watch) {
            if spec.gradient_check && net.is_checkable() {
                let batch = (spec.batch as usize).min(parts.train.len());
                let site = Site { setting, train: spec, batch, seed, team };
                training.history.gradient_checks(&gradient_check::relative_errors(net, spec, &parts.train, site));
            }
            training.evaluate(0);
        }
        let outcome = training.run(watch)?;
        Some(training.finish(outcome))
    })
}

impl<'a> Training<'a> {
    fn new(net: &NetSpec, spec: &'a TrainSpec, parts: &'a Parts<'a>, seed: u64, team: &'a Team) -> Self {
        let setting = Setting::of(&parts.train);
        let batch = (spec.batch as usize).min(parts.train.len());
        let net_in_training = build(net, Site { setting, train: spec, batch, seed, team });
        let layers = net_in_training.layers();
        Self {
            norms: vec![0.0; layers],
            net: net_in_training,
            spec,
            parts,
            augmenter: Augmenter::new(parts.train, batch, seed),
            setting,
            seed,
            history: History::default(),
            best: None,
            position: Position {
                epochs: 0,
                batches: 0,
                tally: Tally::default(),
                norms: vec![0.0; layers],
                steps: 0,
                flops: 0,
            },
            flops_per_row: flops_per_row(net, spec, &setting),
        }
    }

    /// Goes on from the watcher's checkpoint; `false` where there is none.
    fn resume(&mut self, watch: &dyn Watch) -> bool {
        let past = watch.resume().and_then(|found| checkpoint::take_up(&found.state, &mut *self.net));
        let Some(Past { position, best, history }) = past else { return false };
        (self.position, self.best, self.history) = (position, best, history);
        true
    }

    /// Does as the watcher wishes; `false`: the training has been put down.
    fn heeds(&mut self, wish: Wish, watch: &dyn Watch) -> bool {
        if wish != Wish::GoOn {
            let Self { net, position, best, history, spec, .. } = self;
            let state = checkpoint::put_down(&mut **net, position, best.as_ref(), history);
            watch.keep(Checkpoint { epoch: (position.epochs + 1).min(spec.epochs), state });
        }
        wish != Wish::Stop
    }

    /// The epochs that are left. `None`: the watcher asked to stop.
    fn run(&mut self, watch: &dyn Watch) -> Option<Outcome> {
        let epochs = self.spec.epochs;
        for epoch in self.position.epochs + 1..=epochs {
            let tally = self.epoch(epoch, watch)?;
            self.position.epochs = epoch;
            if !self.is_finite(tally) {
                return Some(Outcome::Diverged { epoch });
            }
            self.evaluate(epoch);
            if self.has_stalled(epoch) {
                self.evaluate_last(epoch);
                break;
            }
            let goes_on = watch.progress(Progress { epoch, epochs, loss: Some(tally.mean_loss()) });
            if !self.heeds(if goes_on { watch.wish() } else { Wish::Stop }, watch) {
                return None;
            }
        }
        Some(Outcome::Finished)
    }

    /// One pass over the training rows, or the rest of it; ends early where the loss or a gradient is no longer finite.
    /// `None`: the watcher asked to stop.
    fn epoch(&mut self, epoch: u32, watch: &dyn Watch) -> Option<Tally> {
        let mut order: Vec<u32> = (0..self.parts.train.len() as u32).collect();
        Stream::new(self.seed, "order").at(u64::from(epoch)).shuffle(&mut order);
        let batches = order.chunks(self.spec.batch as usize);
        let per_epoch = batches.len();
        for positions in batches.skip(self.position.batches) {
            self.step(positions, per_epoch as u64);
            let Position { batches, tally, norms, .. } = &self.position;
            if !tally.loss.is_finite() || norms.iter().any(|n| !n.is_finite()) {
                break;
            }
            // After the last step the epoch's records come first: what follows them is as good a place to stop.
            if *batches < per_epoch && !self.heeds(watch.wish(), watch) {
                return None;
            }
        }
        Some(self.record(epoch))
    }

    /// One update.
    fn step(&mut self, positions: &[u32], per_epoch: u64) {
        let Position { epochs, batches, tally, norms, steps, flops } = &mut self.position;
        let update = self.spec.update(*steps + 1, per_epoch * u64::from(self.spec.epochs), per_epoch);
        let moment = Moment { seed: self.seed, step: *steps, update };
        let made = match &mut self.augmenter {
            None => self.net.step(&self.parts.train, positions, moment),
            Some(augmenter) => {
                let (rows, positions) = augmenter.draw(positions, *epochs + 1);
                self.net.step(&rows, positions, moment)
            }
        };
        *tally = tally.plus(made);
        *batches += 1;
        *steps += 1;
        *flops = flops.saturating_add(self.flops_per_row.saturating_mul(positions.len() as u64));
        self.net.gradient_norms(&mut self.norms);
        if *steps == 1 {
            self.history.gradient_norms(0, self.norms.iter().copied());
        }
        norms.iter_mut().zip(&self.norms).for_each(|(sum, norm)| *sum += norm);
    }

    /// Records an epoch whose steps are made, and begins the next one's sums.
    fn record(&mut self, epoch: u32) -> Tally {
        let Position { batches, tally, norms, steps, flops, .. } = &mut self.position;
        let (made, whole) = (std::mem::take(batches) as f64, std::mem::take(tally));
        self.history.gradient_norms(epoch, norms.iter().map(|sum| sum / made));
        norms.fill(0.0);
        self.history.train(epoch, whole, self.setting.task);
        self.history.push("steps", None, epoch, *steps as f64);
        self.history.push("flops", None, epoch, *flops as f64);
        whole
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
            self.history.texts.extend(self.net.write(&test, self.seed, epoch));
        }
    }

    /// What `rows` come to; records the units' state on the first of them as of epoch `probe`.
    fn tally(&mut self, rows: &Rows<'_>, probe: Option<u32>) -> Tally {
        let mut tally = Tally::default();
        let positions: Vec<u32> = (0..rows.len() as u32).collect();
        let (first, rest) = positions.split_at(positions.len().min(EVALUATED));
        let mut looked_at: Vec<Units> = Vec::new();
        for chunk in first.chunks(self.net.rows_at_once()) {
            tally = tally.plus(self.net.evaluate(rows, chunk));
            if probe.is_some() {
                let units = self.net.units();
                if looked_at.is_empty() {
                    looked_at = units;
                } else {
                    looked_at.iter_mut().zip(units).for_each(|(all, units)| all.join(units));
                }
            }
        }
        if let Some(epoch) = probe {
            self.history.units(epoch, &looked_at);
        }
        for chunk in rest.chunks(self.net.rows_at_once()) {
            tally = tally.plus(self.net.evaluate(rows, chunk));
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

    fn finish(mut self, outcome: Outcome) -> Fit {
        if let Some(best) = &self.best {
            self.net.weights().into_iter().zip(&best.weights).for_each(|(to, from)| to.copy_from_slice(from));
        }
        self.history.thin(self.spec.eval_every, self.position.epochs);
        Fit {
            parameters: self.net.parameters(),
            model: self.net.into_model(),
            history: self.history.series,
            texts: self.history.texts,
            outcome,
            steps: self.position.steps,
            epochs: self.position.epochs,
            flops: Some(self.position.flops),
        }
    }
}
