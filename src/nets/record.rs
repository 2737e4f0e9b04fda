//! What a training leaves behind, by epoch.

use serde::{Deserialize, Serialize};

use super::Activation;
use super::loss::Tally;
use crate::data::Task;
use crate::learn::{Series, Written};
use crate::numerics::{LANES, Panels};

/// What is recorded so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct History {
    /// By measure as they were first recorded, then by layer.
    pub series: Vec<Series>,
    /// What a net of symbols wrote.
    pub texts: Vec<Written>,
}

impl History {
    /// Adds one value.
    pub fn push(&mut self, measure: &'static str, layer: Option<u32>, epoch: u32, value: f64) {
        // One NaN for all: the sign and payload of a computed one differ between processors.
        let value = if value.is_nan() { f64::NAN } else { value };
        match self.series.iter_mut().find(|s| s.measure == measure && s.layer == layer) {
            Some(series) => {
                series.epochs.push(epoch);
                series.values.push(value);
            }
            None => {
                self.series.push(Series { measure: measure.into(), layer, epochs: vec![epoch], values: vec![value] })
            }
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

    /// One relative error a layer, before the first update.
    pub fn gradient_checks(&mut self, errors: &[f64]) {
        for (layer, error) in (1..).zip(errors) {
            self.push("gradient_check", Some(layer), 0, *error);
        }
    }

    /// Leaves of each measure what it was at epoch 0, at every `every` epochs and at the last: what is recorded of a
    /// training grows with its evaluations, not with its epochs. Validation rows keep what they were looked at for.
    pub fn thin(&mut self, every: u32, last: u32) {
        for Series { measure, epochs, values, .. } in &mut self.series {
            if !measure.starts_with("valid_") {
                let kept = |epoch: u32| epoch.is_multiple_of(every) || epoch == last;
                let mut of_values = epochs.iter().map(|&epoch| kept(epoch));
                values.retain(|_| of_values.next() == Some(true));
                epochs.retain(|&epoch| kept(epoch));
            }
        }
    }

    /// The state of hidden units.
    pub fn units(&mut self, epoch: u32, layers: &[Units]) {
        for units in layers {
            self.push("saturated", Some(units.layer), epoch, units.saturated());
            if let Some(dead) = units.dead() {
                self.push("dead", Some(units.layer), epoch, dead);
            }
        }
    }
}

/// The state of one hidden layer's units on some rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Units {
    /// The layer, from 1 at the input.
    layer: u32,
    /// Outputs looked at.
    outputs: u64,
    /// Those whose slope is below 5 % of the largest.
    flat: u64,
    /// Whether each unit was anything but 0 on some row; `None` where a unit that is always 0 is none that is dead.
    alive: Option<Vec<bool>>,
}

impl Units {
    pub fn new(layer: u32, outputs: u64, flat: u64, alive: Option<Vec<bool>>) -> Self {
        Self { layer, outputs, flat, alive }
    }

    /// Share of outputs that are flat.
    pub fn saturated(&self) -> f64 {
        self.flat as f64 / self.outputs as f64
    }

    /// Share of units that were 0 on every row; `None` where none can be.
    pub fn dead(&self) -> Option<f64> {
        let alive = self.alive.as_ref()?;
        Some(alive.iter().filter(|alive| !**alive).count() as f64 / alive.len() as f64)
    }

    /// Takes in what the same units were on other rows.
    pub fn join(&mut self, other: Self) {
        self.outputs += other.outputs;
        self.flat += other.flat;
        if let (Some(alive), Some(others)) = (&mut self.alive, other.alive) {
            alive.iter_mut().zip(others).for_each(|(alive, other)| *alive |= other);
        }
    }

    /// Of layer `layer` by what its slopes are computed from and by its outputs, both rows × units.
    pub fn of(layer: u32, activation: Activation, kept: &Panels, outputs: &Panels) -> Self {
        let (rows, units) = (kept.rows(), kept.columns());
        let low = 0.05 * activation.largest_slope();
        let (mut flat, mut all) = (0, Vec::with_capacity(units));
        for p in 0..kept.panels() {
            let used = (units - p * LANES).min(LANES);
            let mut alive = [false; LANES];
            for (kept, y) in kept.panel(p).chunks_exact(LANES).zip(outputs.panel(p).chunks_exact(LANES)) {
                for i in 0..used {
                    flat += u64::from(activation.slope(kept[i]).abs() < low);
                    alive[i] |= y[i] != 0.0;
                }
            }
            all.extend_from_slice(&alive[..used]);
        }
        Self::new(layer, (rows * units) as u64, flat, (activation == Activation::Relu).then_some(all))
    }

    /// As [`Units::of`] by blocks of rows, each units × rows.
    pub fn of_blocks<'a>(
        layer: u32,
        activation: Activation,
        blocks: impl Iterator<Item = (&'a Panels, &'a Panels)> + Clone,
    ) -> Self {
        let low = 0.05 * activation.largest_slope();
        let units = blocks.clone().next().map_or(0, |(kept, _)| kept.rows());
        let (mut flat, mut rows, mut alive) = (0u64, 0, vec![false; units]);
        for (kept, outputs) in blocks {
            let used = outputs.columns();
            rows += used;
            let of_units = kept.panel(0).chunks_exact(LANES).zip(outputs.panel(0).chunks_exact(LANES));
            for ((kept, y), alive) in of_units.zip(&mut alive) {
                flat += kept[..used].iter().filter(|kept| activation.slope(**kept).abs() < low).count() as u64;
                *alive |= y[..used].iter().any(|y| *y != 0.0);
            }
        }
        Self::new(layer, (rows * units) as u64, flat, (activation == Activation::Relu).then_some(alive))
    }
}
