//! Losses on logits, and their gradients.
//!
//! Logits come transposed, outputs × rows, so that vector lanes run over rows and every sum over outputs is one chain in
//! the order of the outputs. The gradient takes the logits' place.

use serde::{Deserialize, Serialize};

use super::Loss;
use crate::data::{Rows, Task};
use crate::numerics::elementary::{exp, ln, ln_1p, sigmoid};
use crate::numerics::{LANES, Panels, Simd};

/// What a batch of rows should have been.
#[derive(Debug)]
pub(super) enum Targets {
    /// Classes, padded to whole lanes.
    Classes(Vec<u32>),
    /// Values, padded to whole lanes.
    Values(Vec<f32>),
}

/// What a batch of rows came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// Sum of the rows' losses.
    pub loss: f64,
    /// Rows whose largest score is at the true class; the first of equals counts.
    pub correct: u64,
    /// Number of rows.
    pub rows: u64,
}

impl Targets {
    /// Room for the targets of `rows` rows.
    pub fn with_capacity(task: Task, rows: usize) -> Self {
        let padded = rows.next_multiple_of(LANES);
        match task {
            Task::Classification { .. } => Self::Classes(vec![0; padded]),
            Task::Regression => Self::Values(vec![0.0; padded]),
        }
    }

    /// Takes those of rows `positions`.
    pub fn gather(&mut self, rows: &Rows<'_>, positions: &[u32]) {
        match self {
            Self::Classes(labels) => {
                labels.iter_mut().zip(positions).for_each(|(label, &p)| *label = rows.label(p as usize));
            }
            Self::Values(values) => {
                values.iter_mut().zip(positions).for_each(|(value, &p)| *value = rows.value(p as usize));
            }
        }
    }
}

impl Tally {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self { loss: self.loss + other.loss, correct: self.correct + other.correct, rows: self.rows + other.rows }
    }

    /// Mean loss.
    pub fn mean_loss(self) -> f64 {
        self.loss / self.rows as f64
    }

    /// Share of correct rows.
    pub fn accuracy(self) -> f64 {
        self.correct as f64 / self.rows as f64
    }
}

/// Loss of each row of a panel, and whether its class was found.
struct Lanes {
    loss: [f32; LANES],
    correct: [u32; LANES],
}

impl Loss {
    /// Outputs that a net needs for this loss.
    pub(super) fn outputs(self, task: Task) -> usize {
        match (self, task) {
            (Self::BinaryCrossEntropy, _) | (_, Task::Regression) => 1,
            (_, Task::Classification { classes }) => classes,
        }
    }

    /// Losses of a batch; `logits` (outputs × rows) become the gradient of their mean.
    pub(super) fn backward(self, simd: Simd, logits: &mut Panels, targets: &Targets) -> Tally {
        let rows = logits.columns();
        let scale = 1.0 / rows as f32;
        let mut tally = Tally::default();
        for p in 0..logits.panels() {
            let from = p * LANES;
            let used = (rows - from).min(LANES);
            tally = tally.plus(self.of_panel(simd, logits.panel_mut(p), targets, from, used, scale));
        }
        tally
    }

    /// Losses of `used` rows, whose targets lie from `from` on, by `z` (outputs × [`LANES`]), which becomes `scale` of the
    /// gradient of their sum.
    pub(super) fn of_panel(
        self,
        simd: Simd,
        z: &mut [f32],
        targets: &Targets,
        from: usize,
        used: usize,
        scale: f32,
    ) -> Tally {
        let lanes = match targets {
            Targets::Classes(labels) => {
                let labels: &[u32; LANES] = labels[from..from + LANES].try_into().expect("padded to whole lanes");
                simd.run(
                    #[inline(always)]
                    || match self {
                        Self::SoftmaxCrossEntropy => softmax_cross_entropy(z, labels, scale),
                        Self::BinaryCrossEntropy => binary_cross_entropy(z, labels, scale),
                        Self::SquaredError => squared_error_of_classes(z, labels, scale),
                    },
                )
            }
            Targets::Values(values) => {
                let values: &[f32; LANES] = values[from..from + LANES].try_into().expect("padded to whole lanes");
                simd.run(
                    #[inline(always)]
                    || squared_error(z, values, scale),
                )
            }
        };
        Tally {
            loss: lanes.loss[..used].iter().map(|&loss| f64::from(loss)).sum(),
            correct: lanes.correct[..used].iter().map(|&c| u64::from(c)).sum(),
            rows: used as u64,
        }
    }
}

/// The largest output of each lane and where it is; the first of equals.
#[inline(always)]
fn largest(z: &[f32]) -> ([f32; LANES], [u32; LANES]) {
    let mut max = [f32::NEG_INFINITY; LANES];
    let mut at = [0; LANES];
    for (o, z) in z.chunks_exact(LANES).enumerate() {
        for i in 0..LANES {
            at[i] = if z[i] > max[i] { o as u32 } else { at[i] };
            max[i] = if z[i] > max[i] { z[i] } else { max[i] };
        }
    }
    (max, at)
}

/// L = ln Σₒ e^(zₒ − max) − (z_label − max), dL/dzₒ = softmax(z)ₒ − \[o = label\].
#[inline(always)]
fn softmax_cross_entropy(z: &mut [f32], labels: &[u32; LANES], scale: f32) -> Lanes {
    let (max, at) = largest(z);
    let mut sum = [0.0; LANES];
    let mut of_label = [0.0; LANES];
    for (o, z) in z.chunks_exact_mut(LANES).enumerate() {
        for i in 0..LANES {
            let shifted = z[i] - max[i];
            of_label[i] = if labels[i] == o as u32 { shifted } else { of_label[i] };
            z[i] = exp(shifted);
            sum[i] += z[i];
        }
    }
    let mut lanes = Lanes { loss: [0.0; LANES], correct: [0; LANES] };
    let mut factor = [0.0; LANES];
    for i in 0..LANES {
        lanes.loss[i] = ln(sum[i]) - of_label[i];
        lanes.correct[i] = u32::from(at[i] == labels[i]);
        factor[i] = scale / sum[i];
    }
    for (o, z) in z.chunks_exact_mut(LANES).enumerate() {
        for i in 0..LANES {
            let truth = if labels[i] == o as u32 { scale } else { 0.0 };
            z[i] = z[i].mul_add(factor[i], -truth);
        }
    }
    lanes
}

/// L = max(z, 0) − z·y + ln(1 + e^−|z|), dL/dz = σ(z) − y.
#[inline(always)]
fn binary_cross_entropy(z: &mut [f32], labels: &[u32; LANES], scale: f32) -> Lanes {
    let mut lanes = Lanes { loss: [0.0; LANES], correct: [0; LANES] };
    for i in 0..LANES {
        let (x, y) = (z[i], labels[i] as f32);
        let positive = if x <= 0.0 { 0.0 } else { x };
        lanes.loss[i] = positive - x * y + ln_1p(exp(-x.abs()));
        lanes.correct[i] = u32::from(u32::from(x > 0.0) == labels[i]);
        z[i] = (sigmoid(x) - y) * scale;
    }
    lanes
}

/// L = (1 / O) Σₒ (zₒ − tₒ)², dL/dzₒ = (2 / O)(zₒ − tₒ).
#[inline(always)]
fn squared_error_of(z: &mut [f32], scale: f32, target: impl Fn(usize, usize) -> f32) -> [f32; LANES] {
    let outputs = (z.len() / LANES) as f32;
    let mut sum = [0.0f32; LANES];
    for (o, z) in z.chunks_exact_mut(LANES).enumerate() {
        for i in 0..LANES {
            let d = z[i] - target(o, i);
            sum[i] = d.mul_add(d, sum[i]);
            z[i] = d * (2.0 * scale / outputs);
        }
    }
    sum.map(|s| s / outputs)
}

#[inline(always)]
fn squared_error_of_classes(z: &mut [f32], labels: &[u32; LANES], scale: f32) -> Lanes {
    let (_, at) = largest(z);
    let loss = squared_error_of(z, scale, |o, i| if labels[i] == o as u32 { 1.0 } else { 0.0 });
    let mut correct = [0; LANES];
    for i in 0..LANES {
        correct[i] = u32::from(at[i] == labels[i]);
    }
    Lanes { loss, correct }
}

#[inline(always)]
fn squared_error(z: &mut [f32], values: &[f32; LANES], scale: f32) -> Lanes {
    Lanes { loss: squared_error_of(z, scale, |_, i| values[i]), correct: [0; LANES] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// Two rows, worked by hand: loss, gradient by output and row, and how many are correct.
    fn check(loss: Loss, logits: ndarray::Array2<f32>, targets: &Targets, expected: (f64, &[f32], u64)) {
        for simd in Simd::available() {
            let mut z = Panels::from_matrix(logits.view());
            let tally = loss.backward(simd, &mut z, targets);
            assert!((tally.mean_loss() - expected.0).abs() < 1e-6, "{loss:?}: {tally:?}");
            assert_eq!(tally.correct, expected.2, "{loss:?}");
            for (i, d) in expected.1.iter().enumerate() {
                let found = z.at(i / 2, i % 2);
                assert!((found - d).abs() < 1e-6, "{loss:?} {i}: {found} {d}");
            }
        }
    }

    #[test]
    fn losses_are_those_worked_by_hand() {
        let classes = |labels: [u32; 2]| {
            let mut padded = vec![0; LANES];
            padded[..2].copy_from_slice(&labels);
            Targets::Classes(padded)
        };
        let ln = crate::numerics::real::ln;
        let ln3 = ln(3.0) as f32;
        // Row 0: softmax (3/4, 1/4), class 0; row 1: softmax (1/2, 1/2), class 1, where the tie goes to class 0.
        let softmax = ((ln(4.0 / 3.0) + ln(2.0)) / 2.0, &[-0.125, 0.25, 0.125, -0.25][..], 1);
        check(Loss::SoftmaxCrossEntropy, array![[ln3, 7.0], [0.0, 7.0]], &classes([0, 1]), softmax);
        let binary = ((ln(4.0) + ln(2.0)) / 2.0, &[0.375, -0.25][..], 0);
        check(Loss::BinaryCrossEntropy, array![[ln3, 0.0]], &classes([0, 1]), binary);
        let squared = ((0.25 + 1.0 + 4.0 + 0.0) / 4.0, &[-0.25, 1.0, 0.5, 0.0][..], 0);
        check(Loss::SquaredError, array![[0.5, 2.0], [1.0, 1.0]], &classes([0, 1]), squared);
        let mut values = vec![0.0; LANES];
        values[..2].copy_from_slice(&[1.0, -1.0]);
        check(Loss::SquaredError, array![[3.0, 0.0]], &Targets::Values(values), (2.5, &[2.0, 1.0], 0));
    }

    #[test]
    fn a_common_shift_of_the_logits_changes_nothing_and_large_ones_do_not_overflow() {
        let targets = Targets::Classes(vec![1; LANES]);
        let mut far = Panels::from_matrix(array![[1000.0, -1000.0], [1001.0, -999.0]].view());
        let mut near = Panels::from_matrix(array![[0.0, 0.0], [1.0, 1.0]].view());
        let simd = Simd::active();
        let loss = Loss::SoftmaxCrossEntropy;
        assert_eq!(loss.backward(simd, &mut far, &targets), loss.backward(simd, &mut near, &targets));
        assert_eq!(far.at(0, 1), near.at(0, 1));
    }
}
