//! What a training leaves behind, by epoch.

use super::Activation;
use super::loss::Tally;
use super::mlp::{Forward, Mlp};
use crate::data::Task;
use crate::learn::Series;
use crate::numerics::LANES;

/// The series recorded so far.
#[derive(Debug)]
pub(super) struct History {
    series: Vec<Series>,
    layers: usize,
}

impl History {
    /// Of a net with `layers` layers.
    pub fn new(layers: usize) -> Self {
        Self { series: Vec::new(), layers }
    }

    /// Adds one value.
    pub fn push(&mut self, measure: &'static str, layer: Option<u32>, epoch: u32, value: f64) {
        // One NaN for all: the sign and payload of a computed one differ between processors.
        let value = if value.is_nan() { f64::NAN } else { value };
        match self.series.iter_mut().find(|s| s.measure == measure && s.layer == layer) {
            Some(series) => {
                series.epochs.push(epoch);
                series.values.push(value);
            }
            None => self.series.push(Series { measure, layer, epochs: vec![epoch], values: vec![value] }),
        }
    }

    /// The mini-batches of an epoch.
    pub fn train(&mut self, epoch: u32, tally: Tally, task: Task) {
        self.push("train_loss", None, epoch, tally.mean_loss());
        if task != Task::Regression {
            self.push("train_accuracy", None, epoch, tally.accuracy());
        }
    }

    /// The validation rows.
    pub fn valid(&mut self, epoch: u32, tally: Tally, task: Task) {
        self.evaluation(["valid_loss", "valid_accuracy", "valid_rmse"], epoch, tally, task);
    }

    /// The test rows.
    pub fn test(&mut self, epoch: u32, tally: Tally, task: Task) {
        self.evaluation(["test_loss", "test_accuracy", "test_rmse"], epoch, tally, task);
    }

    fn evaluation(&mut self, [loss, accuracy, rmse]: [&'static str; 3], epoch: u32, tally: Tally, task: Task) {
        self.push(loss, None, epoch, tally.mean_loss());
        match task {
            Task::Classification { .. } => self.push(accuracy, None, epoch, tally.accuracy()),
            Task::Regression => self.push(rmse, None, epoch, tally.mean_loss().sqrt()),
        }
    }

    /// One norm a layer.
    pub fn gradient_norms(&mut self, epoch: u32, norms: impl Iterator<Item = f64>) {
        for (layer, norm) in (1..).zip(norms) {
            self.push("gradient_norm", Some(layer), epoch, norm);
        }
    }

    /// The state of the hidden units on the rows of a pass forward.
    pub fn units(&mut self, epoch: u32, mlp: &Mlp, pass: &Forward) {
        for l in 0..self.layers - 1 {
            let layer = Some(l as u32 + 1);
            let units = Units::of(mlp.activation, pass, l);
            self.push("saturated", layer, epoch, units.saturated);
            if mlp.activation == Activation::Relu {
                self.push("dead", layer, epoch, units.dead);
            }
        }
    }

    /// By measure as they were first recorded, then by layer.
    pub fn into_series(self) -> Vec<Series> {
        self.series
    }
}

/// The state of one layer's units on some rows.
struct Units {
    /// Share of outputs whose slope is below 5 % of the largest.
    saturated: f64,
    /// Share of units that are 0 on every row.
    dead: f64,
}

impl Units {
    fn of(activation: Activation, pass: &Forward, l: usize) -> Self {
        let (kept, outputs) = (pass.kept(l), &pass.outputs[l]);
        let (rows, units) = (kept.rows(), kept.columns());
        let low = 0.05 * activation.largest_slope();
        let (mut flat, mut dead) = (0u64, 0u64);
        for p in 0..kept.panels() {
            let used = (units - p * LANES).min(LANES);
            let mut alive = [false; LANES];
            for (kept, y) in kept.panel(p).chunks_exact(LANES).zip(outputs.panel(p).chunks_exact(LANES)) {
                for i in 0..used {
                    flat += u64::from(activation.slope(kept[i]).abs() < low);
                    alive[i] |= y[i] != 0.0;
                }
            }
            dead += alive[..used].iter().filter(|&&alive| !alive).count() as u64;
        }
        Self { saturated: flat as f64 / (rows * units) as f64, dead: dead as f64 / units as f64 }
    }
}
