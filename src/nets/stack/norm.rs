//! Normalisation of weighted sums, before the activation.
//!
//! Batch normalisation (Ioffe and Szegedy 2015) makes each channel's mean 0 and variance 1 over the batch and all pixels,
//! layer normalisation (Ba et al. 2016) each sample's over its features. With x̂ = (x − μ)·s and s = 1 / √(σ² + ε),
//!
//! ```text
//! y = γ·x̂ + β        dγ = Σ dy·x̂        dβ = Σ dy        dx = s·(γ·dy − mean(γ·dy) − x̂·mean(γ·dy·x̂))
//! ```
//!
//! where means and variances are over the n values that share μ. In evaluation batch normalisation takes the running mean
//! and variance; after each training step they become 0.9 of themselves and 0.1 of the batch's, the variance with n − 1.
//! These, and ε = 1e-5, are PyTorch's defaults. γ starts at 1 and β at 0.

use super::block::{Block, Tape};
use super::layer::{Layer, Pass};
use super::unit::Unit;
use crate::nets::Activation;
use crate::nets::optimizer::Update;
use crate::nets::parameters::Weights;
use crate::numerics::{LANES, Panels, Team, real};

const EPSILON: f64 = 1e-5;
/// Share of the batch's statistics in the new running ones.
const MOMENTUM: f64 = 0.1;

/// γ of 1 and β of 0 below.
fn first_weights(channels: usize) -> Weights {
    let mut theta = Panels::zeros(2, channels);
    for p in 0..theta.panels() {
        let used = (channels - p * LANES).min(LANES);
        theta.panel_mut(p)[..used].fill(1.0);
    }
    Weights { theta, memory: None }
}

/// The sum of the first `used` lanes in 64 bits, joined by a fixed tree.
fn lanes(x: &[f32; LANES], used: usize) -> f64 {
    crate::numerics::sums::sum(x[..used].iter().map(|&x| f64::from(x)))
}

/// Batch normalisation with its activation.
#[derive(Debug)]
pub(super) struct BatchNorm {
    weights: Weights,
    unit: Unit,
    channels: usize,
    features: usize,
    running_mean: Vec<f32>,
    running_variance: Vec<f32>,
    /// Of the batch: mean and 1 / standard deviation by channel.
    batch: Vec<[f32; 2]>,
    /// Σ dy and Σ dy·x̂ by channel.
    back: Vec<[f64; 2]>,
    /// Values that share a mean in the batch.
    n: f64,
}

impl BatchNorm {
    pub fn new(channels: usize, features: usize, unit: Unit) -> Self {
        Self {
            weights: first_weights(channels),
            unit,
            channels,
            features,
            running_mean: vec![0.0; channels],
            running_variance: vec![1.0; channels],
            batch: vec![[0.0; 2]; channels],
            back: vec![[0.0; 2]; channels],
            n: 0.0,
        }
    }

    /// Mean and 1 / standard deviation that a pass takes.
    fn statistics_of(&self, channel: usize, training: bool) -> [f32; 2] {
        if training {
            return self.batch[channel];
        }
        let variance = f64::from(self.running_variance[channel]);
        [self.running_mean[channel], (1.0 / real::sqrt(variance + EPSILON)) as f32]
    }

    /// One sum over a channel's values: lanes first, pixel by pixel, and then the lanes in use.
    #[inline(always)]
    fn sum(&self, channel: usize, used: usize, x: &[f32], of: impl Fn(usize, f32) -> f32) -> f64 {
        let mut sums = [0.0f32; LANES];
        for at in (channel * LANES..x.len()).step_by(self.channels * LANES) {
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum += of(at + i, x[at + i]);
            }
        }
        lanes(&sums, used)
    }
}

impl Layer for BatchNorm {
    fn outputs(&self) -> usize {
        self.features
    }

    fn tape(&self, pass: Pass) -> Tape {
        let mut tape = Tape::of(self.features);
        self.unit.prepare(&mut tape);
        tape.sums = vec![0.0; if pass.training { 2 * self.channels } else { 0 }];
        tape
    }

    fn joins_blocks(&self) -> bool {
        true
    }

    /// Notes the block's means and sums of squared deviations from them.
    fn look(&self, x: &Panels, tape: &mut Tape, pass: Pass) {
        let (used, x) = (x.columns(), x.panel(0));
        let n = (used * self.features / self.channels) as f64;
        for c in 0..self.channels {
            pass.simd.run(
                #[inline(always)]
                || {
                    let mean = self.sum(c, used, x, |_, x| x) / n;
                    let about = mean as f32;
                    let squares = self.sum(c, used, x, |_, x| (x - about) * (x - about));
                    tape.sums[2 * c] = f64::from(about);
                    // The mean was rounded: what it is off by comes with its sum.
                    tape.sums[2 * c + 1] = squares;
                },
            );
        }
    }

    /// Chan's formula (1979) for two groups at a time, in the order of the blocks.
    fn join(&mut self, blocks: &[Block], l: usize) {
        let positions = (self.features / self.channels) as f64;
        for c in 0..self.channels {
            let (mut n, mut mean, mut squares) = (0.0, 0.0, 0.0);
            for block in blocks {
                let (m, sums) = (block.rows as f64 * positions, &block.tapes[l].sums);
                let distance = sums[2 * c] - mean;
                squares += sums[2 * c + 1] + distance * distance * n * m / (n + m);
                mean += distance * m / (n + m);
                n += m;
            }
            self.n = n;
            let running = |old: f32, new: f64| ((1.0 - MOMENTUM) * f64::from(old) + MOMENTUM * new) as f32;
            self.running_mean[c] = running(self.running_mean[c], mean);
            self.running_variance[c] = running(self.running_variance[c], squares / (n - 1.0).max(1.0));
            self.batch[c] = [mean as f32, (1.0 / real::sqrt(squares / n + EPSILON)) as f32];
        }
    }

    fn forward(&self, x: &Panels, _: Option<&Panels>, tape: &mut Tape, pass: Pass) {
        let (x, y) = (x.panel(0), tape.y.panel_mut(0));
        for c in 0..self.channels {
            let [mean, scale] = self.statistics_of(c, pass.training);
            let (gamma, beta) = (self.weights.theta.at(0, c), self.weights.theta.at(1, c));
            pass.simd.run(
                #[inline(always)]
                || {
                    for at in (c * LANES..x.len()).step_by(self.channels * LANES) {
                        for (y, x) in y[at..at + LANES].iter_mut().zip(&x[at..at + LANES]) {
                            *y = ((x - mean) * scale).mul_add(gamma, beta);
                        }
                    }
                },
            );
        }
        self.unit.apply(pass.simd, tape, 0, self.features * LANES);
    }

    fn look_back(&self, x: &Panels, tape: &mut Tape, dy: &mut Panels, pass: Pass) {
        self.unit.backward(pass.simd, tape, dy);
        let (used, x, dy) = (x.columns(), x.panel(0), dy.panel(0));
        for c in 0..self.channels {
            let [mean, scale] = self.batch[c];
            pass.simd.run(
                #[inline(always)]
                || {
                    tape.sums[2 * c] = self.sum(c, used, dy, |_, d| d);
                    tape.sums[2 * c + 1] = self.sum(c, used, dy, |at, d| d * ((x[at] - mean) * scale));
                },
            );
        }
    }

    fn join_back(&mut self, blocks: &[Block], l: usize) {
        for (c, back) in self.back.iter_mut().enumerate() {
            *back = [0.0; 2];
            for block in blocks {
                back[0] += block.tapes[l].sums[2 * c];
                back[1] += block.tapes[l].sums[2 * c + 1];
            }
        }
    }

    fn backward(&self, x: &Panels, _: &mut Tape, dy: &mut Panels, dx: Option<&mut Panels>, pass: Pass) {
        let Some(dx) = dx else { return };
        let (used, x, dy, dx) = (x.columns(), x.panel(0), dy.panel(0), dx.panel_mut(0));
        for c in 0..self.channels {
            let [mean, scale] = self.batch[c];
            let of_dy = (self.back[c][0] / self.n) as f32;
            let of_both = (self.back[c][1] / self.n) as f32;
            let factor = self.weights.theta.at(0, c) * scale;
            pass.simd.run(
                #[inline(always)]
                || {
                    for at in (c * LANES..x.len()).step_by(self.channels * LANES) {
                        let row = dx[at..at + LANES].iter_mut().zip(&dy[at..at + LANES]).zip(&x[at..at + LANES]);
                        for ((dx, dy), x) in row {
                            *dx = factor * ((x - mean) * scale).mul_add(-of_both, dy - of_dy);
                        }
                        dx[at + used..at + LANES].fill(0.0);
                    }
                },
            );
        }
    }

    fn weights(&self) -> Option<&Weights> {
        Some(&self.weights)
    }

    fn weights_mut(&mut self) -> Option<&mut Weights> {
        Some(&mut self.weights)
    }

    fn values(&mut self) -> Vec<&mut [f32]> {
        vec![self.weights.theta.floats_mut(), &mut self.running_mean, &mut self.running_variance]
    }

    fn learn(&mut self, _: usize, _: &[Block], team: &Team, update: Option<Update>) {
        let back = &self.back;
        self.weights.learn(team, update, |p, dw, db| {
            // Padding takes no part.
            dw.fill(0.0);
            db.fill(0.0);
            let columns = dw.iter_mut().zip(db).zip(&back[p * LANES..]);
            columns.for_each(|((dw, db), [of_dy, of_both])| (*dw, *db) = (*of_both as f32, *of_dy as f32));
        });
    }

    fn unit(&self) -> Option<Unit> {
        (self.unit.0 != Activation::Identity).then_some(self.unit)
    }
}

/// Layer normalisation with its activation.
#[derive(Debug)]
pub(super) struct LayerNorm {
    weights: Weights,
    unit: Unit,
    features: usize,
}

/// Mean and 1 / standard deviation of each sample.
struct Samples {
    mean: [f32; LANES],
    scale: [f32; LANES],
}

impl Samples {
    /// Chains down the features.
    #[inline(always)]
    fn of(x: &[f32]) -> Self {
        let n = (x.len() / LANES) as f32;
        let (mut mean, mut scale) = ([0.0f32; LANES], [0.0f32; LANES]);
        for row in x.chunks_exact(LANES) {
            for i in 0..LANES {
                mean[i] += row[i];
            }
        }
        for mean in &mut mean {
            *mean /= n;
        }
        for row in x.chunks_exact(LANES) {
            for i in 0..LANES {
                let d = row[i] - mean[i];
                scale[i] = d.mul_add(d, scale[i]);
            }
        }
        for scale in &mut scale {
            *scale = 1.0 / (*scale / n + EPSILON as f32).sqrt();
        }
        Self { mean, scale }
    }
}

impl LayerNorm {
    pub fn new(features: usize, unit: Unit) -> Self {
        Self { weights: first_weights(features), unit, features }
    }
}

impl Layer for LayerNorm {
    fn outputs(&self) -> usize {
        self.features
    }

    fn tape(&self, pass: Pass) -> Tape {
        let mut tape = Tape::of(self.features);
        self.unit.prepare(&mut tape);
        tape.sums = vec![0.0; if pass.training { 2 * self.features } else { 0 }];
        tape
    }

    fn forward(&self, x: &Panels, _: Option<&Panels>, tape: &mut Tape, pass: Pass) {
        let (x, y, theta) = (x.panel(0), tape.y.panel_mut(0), &self.weights.theta);
        pass.simd.run(
            #[inline(always)]
            || {
                let Samples { mean, scale } = Samples::of(x);
                for (f, (y, x)) in y.chunks_exact_mut(LANES).zip(x.chunks_exact(LANES)).enumerate() {
                    let (gamma, beta) = (theta.at(0, f), theta.at(1, f));
                    for i in 0..LANES {
                        y[i] = ((x[i] - mean[i]) * scale[i]).mul_add(gamma, beta);
                    }
                }
            },
        );
        self.unit.apply(pass.simd, tape, 0, self.features * LANES);
    }

    fn backward(&self, x: &Panels, tape: &mut Tape, dy: &mut Panels, dx: Option<&mut Panels>, pass: Pass) {
        self.unit.backward(pass.simd, tape, dy);
        let (used, x, dy, theta) = (x.columns(), x.panel(0), dy.panel(0), &self.weights.theta);
        let sums = &mut tape.sums;
        let n = self.features as f32;
        // Means of γ·dy and of γ·dy·x̂ by sample.
        let (samples, of_dy, of_both) = pass.simd.run(
            #[inline(always)]
            || {
                let samples = Samples::of(x);
                let (mut of_dy, mut of_both) = ([0.0f32; LANES], [0.0f32; LANES]);
                for (f, (x, dy)) in x.chunks_exact(LANES).zip(dy.chunks_exact(LANES)).enumerate() {
                    let gamma = theta.at(0, f);
                    let mut products = [0.0; LANES];
                    for i in 0..LANES {
                        let normal = (x[i] - samples.mean[i]) * samples.scale[i];
                        products[i] = dy[i] * normal;
                        of_dy[i] = gamma.mul_add(dy[i], of_dy[i]);
                        of_both[i] = gamma.mul_add(products[i], of_both[i]);
                    }
                    sums[2 * f] = lanes(dy.try_into().expect("a row of lanes"), used);
                    sums[2 * f + 1] = lanes(&products, used);
                }
                (samples, of_dy.map(|s| s / n), of_both.map(|s| s / n))
            },
        );
        let Some(dx) = dx else { return };
        let dx = dx.panel_mut(0);
        pass.simd.run(
            #[inline(always)]
            || {
                let rows = dx.chunks_exact_mut(LANES).zip(x.chunks_exact(LANES)).zip(dy.chunks_exact(LANES));
                for (f, ((dx, x), dy)) in rows.enumerate() {
                    let gamma = theta.at(0, f);
                    for i in 0..LANES {
                        let normal = (x[i] - samples.mean[i]) * samples.scale[i];
                        let part = gamma.mul_add(dy[i], -of_dy[i]);
                        dx[i] = samples.scale[i] * normal.mul_add(-of_both[i], part);
                    }
                    dx[used..].fill(0.0);
                }
            },
        );
    }

    fn weights(&self) -> Option<&Weights> {
        Some(&self.weights)
    }

    fn weights_mut(&mut self) -> Option<&mut Weights> {
        Some(&mut self.weights)
    }

    fn learn(&mut self, l: usize, blocks: &[Block], team: &Team, update: Option<Update>) {
        self.weights.learn(team, update, |p, dw, db| {
            for (i, (dw, db)) in dw.iter_mut().zip(db).enumerate() {
                let f = p * LANES + i;
                let sum = |k: usize| blocks.iter().map(move |b| b.tapes[l].sums.get(2 * f + k).copied().unwrap_or(0.0));
                (*db, *dw) = (sum(0).sum::<f64>() as f32, sum(1).sum::<f64>() as f32);
            }
        });
    }

    fn unit(&self) -> Option<Unit> {
        (self.unit.0 != Activation::Identity).then_some(self.unit)
    }
}
