//! The net itself: dense layers, a pass forward, and what a fitted net predicts.

use ndarray::Array2;

use super::loss::{Tally, Targets};
use super::parameters::Weights;
use super::{Activation, Init, Loss, MlpSpec};
use crate::data::{Rows, Scaling, StoredRow, Task};
use crate::learn::{Predict, Scores};
use crate::numerics::random::Stream;
use crate::numerics::{LANES, Left, Panels, Simd, Start, Team, multiply, prefetch};

/// Rows that are evaluated at once.
pub(super) const EVALUATED: usize = 256;

/// Rows that are read at once: their part of each panel is written in one go.
const GATHERED: usize = 16;

/// A multilayer perceptron: x ← activation(x·W + b) for each layer, the last without activation.
#[derive(Debug, Clone)]
pub(super) struct Mlp {
    pub layers: Vec<Dense>,
    pub activation: Activation,
}

/// x·W + b: the rows of W (inputs × outputs), and b as one more row below them.
#[derive(Debug, Clone)]
pub(super) struct Dense(pub Panels);

impl Dense {
    fn new(inputs: usize, outputs: usize, init: Init, simd: Simd, seed: u64, layer: usize) -> Self {
        Self(Weights::drawn(inputs, outputs, outputs, init, seed, layer, simd).theta)
    }

    pub fn inputs(&self) -> usize {
        self.0.rows() - 1
    }

    pub fn outputs(&self) -> usize {
        self.0.columns()
    }
}

impl Mlp {
    /// A net with its first weights: layer l draws from index l of the stream `init`.
    pub fn new(spec: &MlpSpec, columns: usize, outputs: usize, simd: Simd, seed: u64) -> Self {
        let mut inputs = columns;
        let widths = spec.hidden.iter().map(|&h| h as usize).chain([outputs]);
        let layers = widths.enumerate().map(|(l, outputs)| {
            let layer = Dense::new(inputs, outputs, spec.init, simd, seed, l + 1);
            inputs = outputs;
            layer
        });
        Self { layers: layers.collect(), activation: spec.activation }
    }

    /// Number of weights and biases.
    pub fn parameters(&self) -> u64 {
        self.layers.iter().map(|l| (l.0.rows() * l.0.columns()) as u64).sum()
    }
}

/// Weights and biases of the dense layers.
pub(super) fn parameters(spec: &MlpSpec, columns: usize, outputs: usize) -> u64 {
    let hidden = spec.hidden.iter().map(|&h| h.into());
    let widths: Vec<u64> = [columns as u64].into_iter().chain(hidden).chain([outputs as u64]).collect();
    widths.windows(2).map(|w| (w[0] + 1).saturating_mul(w[1])).fold(0, u64::saturating_add)
}

/// Operations that one training row costs in one epoch.
pub(super) fn flops_per_row(spec: &MlpSpec, columns: usize, outputs: usize) -> u64 {
    let hidden = spec.hidden.iter().map(|&h| h.into());
    let widths: Vec<u64> = [columns as u64].into_iter().chain(hidden).chain([outputs as u64]).collect();
    let products = widths.windows(2).enumerate().map(|(layer, w)| {
        let multiply_add = w[0].saturating_mul(w[1]).saturating_mul(2);
        multiply_add.saturating_mul(if layer == 0 { 2 } else { 3 })
    });
    products.fold(0, u64::saturating_add)
}

/// Buffers of a pass forward, and what it leaves for the pass back.
#[derive(Debug)]
pub(super) struct Forward {
    /// The batch: rows × columns.
    pub x: Panels,
    /// What the rows should come to.
    pub targets: Targets,
    /// Output of each layer, rows × units; the last holds the logits.
    pub outputs: Vec<Panels>,
    /// The logits, outputs × rows, where only their loss is wanted.
    logits_t: Panels,
    /// Of each hidden layer: what its activation's slope is computed from, where that is not the output.
    kept: Vec<Option<Panels>>,
    /// Of each hidden layer: the factor of each output, with dropout.
    masks: Vec<Option<Panels>>,
}

/// Which outputs are dropped in one step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dropout {
    share: f64,
    seed: u64,
    step: u64,
}

impl Dropout {
    /// In step `step` of a training with `seed`; `None` if none are.
    pub fn new(share: f64, seed: u64, step: u64) -> Option<Self> {
        (share > 0.0).then_some(Self { share, seed, step })
    }

    /// Draws the factors of hidden layer `layer`, from 1: 0, or 1 / (1 − share).
    pub fn draw(self, layer: usize, simd: Simd, mask: &mut Panels) {
        let mut draws = Stream::new(self.seed, "dropout").at(self.step << 16 | layer as u64);
        let (below, factor) = ((self.share * 4_294_967_296.0) as u32, (1.0 / (1.0 - self.share)) as f32);
        for p in 0..mask.panels() {
            for row in mask.panel_mut(p).chunks_exact_mut(LANES) {
                let mut bits = [0; LANES];
                draws.fill_bits(simd, &mut bits);
                row.iter_mut().zip(bits).for_each(|(m, bits)| *m = if bits < below { 0.0 } else { factor });
            }
        }
    }
}

impl Forward {
    /// Buffers for `mlp` on up to `rows` rows at once, with room for masks if outputs will be dropped.
    pub fn new(mlp: &Mlp, task: Task, rows: usize, dropout: Option<Dropout>) -> Self {
        let buffer = |units| Panels::zeros(rows, units);
        let hidden = || mlp.layers[..mlp.layers.len() - 1].iter().map(Dense::outputs);
        let keeps = mlp.activation.keeps_input() || dropout.is_some();
        Self {
            x: buffer(mlp.layers[0].inputs()),
            targets: Targets::with_capacity(task, rows),
            logits_t: Panels::zeros(mlp.layers.last().map_or(0, Dense::outputs), rows),
            outputs: mlp.layers.iter().map(|l| buffer(l.outputs())).collect(),
            kept: hidden().map(|units| keeps.then(|| buffer(units))).collect(),
            masks: hidden().map(|units| dropout.map(|_| buffer(units))).collect(),
        }
    }

    /// Reads rows `positions` and what they should come to.
    pub fn gather(&mut self, rows: &Rows<'_>, positions: &[u32], simd: Simd) {
        self.gather_inputs(rows, positions, simd);
        self.targets.gather(rows, positions);
    }

    /// Reads rows `positions`, of which nobody knows what they should come to.
    pub fn gather_inputs(&mut self, rows: &Rows<'_>, positions: &[u32], simd: Simd) {
        gather_rows(&mut self.x, rows, positions, simd);
    }

    /// The input of layer `l`.
    pub fn input(&self, l: usize) -> &Panels {
        l.checked_sub(1).map_or(&self.x, |below| &self.outputs[below])
    }

    /// Computes the outputs of all layers on the rows gathered last.
    pub fn run(&mut self, mlp: &Mlp, team: &Team, dropout: Option<Dropout>) {
        let (simd, rows) = (team.simd(), self.x.rows());
        for (l, layer) in mlp.layers.iter().enumerate() {
            let (below, from) = self.outputs.split_at_mut(l);
            let (x, y) = (below.last().unwrap_or(&self.x), &mut from[0]);
            y.set_rows(rows);
            multiply(team, Left::Plain(x), &layer.0, Start::RowBelow, y);
            if l == mlp.layers.len() - 1 {
                return;
            }
            let (mut kept, mut mask) = (self.kept[l].as_mut(), self.masks[l].as_mut());
            if let Some(kept) = &mut kept {
                kept.set_rows(rows);
            }
            if let (Some(mask), Some(dropout)) = (&mut mask, dropout) {
                mask.set_rows(rows);
                dropout.draw(l + 1, simd, mask);
            }
            for p in 0..y.panels() {
                let y = y.panel_mut(p);
                let mut keep = |y: &[f32]| kept.iter_mut().for_each(|kept| kept.panel_mut(p).copy_from_slice(y));
                if mlp.activation.keeps_input() {
                    keep(y);
                }
                mlp.activation.apply(simd, y);
                if !mlp.activation.keeps_input() {
                    keep(y);
                }
                if let (Some(mask), Some(_)) = (&mask, dropout) {
                    simd.run(
                        #[inline(always)]
                        || y.iter_mut().zip(mask.panel(p)).for_each(|(y, m)| *y *= m),
                    );
                }
            }
        }
    }

    /// Turns the gradient by the outputs of hidden layer `l` into the one by its weighted sums.
    pub fn backward(&self, l: usize, activation: Activation, simd: Simd, gradient: &mut Panels) {
        for p in 0..gradient.panels() {
            let d = gradient.panel_mut(p);
            if let Some(mask) = &self.masks[l] {
                simd.run(
                    #[inline(always)]
                    || d.iter_mut().zip(mask.panel(p)).for_each(|(d, m)| *d *= m),
                );
            }
            activation.backward(simd, self.kept(l).panel(p), d);
        }
    }

    /// What the slope of hidden layer `l` is computed from.
    pub fn kept(&self, l: usize) -> &Panels {
        self.kept[l].as_ref().unwrap_or(&self.outputs[l])
    }

    /// What the rows come to.
    pub fn tally(&mut self, loss: Loss, simd: Simd) -> Tally {
        let Self { logits_t, outputs, targets, .. } = self;
        logits_t.set_transpose(&outputs[outputs.len() - 1], simd);
        loss.backward(simd, logits_t, targets)
    }

    /// The logits: rows × outputs.
    pub fn logits(&self) -> &Panels {
        &self.outputs[self.outputs.len() - 1]
    }
}

/// Reads rows `positions`, scaled, into `x` (rows × columns).
pub(super) fn gather_rows(x: &mut Panels, rows: &Rows<'_>, positions: &[u32], simd: Simd) {
    x.set_rows(positions.len());
    let Scaling { factor, offset } = rows.scaling();
    let mut ahead = positions.chunks(GATHERED).skip(1);
    for (group, positions) in positions.chunks(GATHERED).enumerate() {
        // Shuffled rows lie anywhere: those of the next group come while this one is scaled.
        for &position in ahead.next().unwrap_or(&[]) {
            match rows.stored(position as usize) {
                StoredRow::Bytes(row) => prefetch(row),
                StoredRow::Real(row) => prefetch(row),
            }
        }
        let (mut bytes, mut reals): ([&[u8]; GATHERED], [&[f32]; GATHERED]) = ([&[]; _], [&[]; _]);
        let (mut of_bytes, mut of_reals) = (0, 0);
        for &position in positions {
            match rows.stored(position as usize) {
                StoredRow::Bytes(row) => {
                    bytes[of_bytes] = row;
                    of_bytes += 1;
                }
                StoredRow::Real(row) => {
                    reals[of_reals] = row;
                    of_reals += 1;
                }
            }
        }
        // All rows of a dataset are of one kind: one of the two is empty.
        let first = group * GATHERED;
        x.set_rows_bytes(simd, first, &bytes[..of_bytes], factor, offset);
        x.set_rows_scaled(simd, first, &reals[..of_reals], factor, offset);
    }
}

/// Room for the scores of a net with `outputs` logits: the one logit of a binary net stands against a column of 0.
pub(super) fn scores_of(loss: Loss, rows: usize, outputs: usize) -> Array2<f32> {
    Array2::zeros((rows, usize::from(loss == Loss::BinaryCrossEntropy) + outputs))
}

/// What the scores of a net with such a loss mean.
pub(super) fn meaning(task: Task, loss: Loss) -> Scores {
    match (task, loss) {
        (Task::Regression, _) => Scores::Values,
        (_, Loss::SquaredError) => Scores::Order,
        _ => Scores::Logits,
    }
}

/// A fitted net.
#[derive(Debug)]
pub(super) struct Fitted {
    pub mlp: Mlp,
    pub loss: Loss,
    pub task: Task,
}

impl Predict for Fitted {
    fn predict(&self, rows: &Rows<'_>) -> Array2<f32> {
        let team = Team::new(1, Simd::active());
        let mut forward = Forward::new(&self.mlp, self.task, EVALUATED.min(rows.len().max(1)), None);
        let outputs = self.mlp.layers.last().map_or(0, Dense::outputs);
        let mut scores = scores_of(self.loss, rows.len(), outputs);
        let before = scores.ncols() - outputs;
        let positions: Vec<u32> = (0..rows.len() as u32).collect();
        for chunk in positions.chunks(EVALUATED) {
            forward.gather_inputs(rows, chunk, team.simd());
            forward.run(&self.mlp, &team, None);
            for (r, &position) in chunk.iter().enumerate() {
                for c in 0..outputs {
                    scores[[position as usize, before + c]] = forward.logits().at(r, c);
                }
            }
        }
        scores
    }

    fn scores(&self) -> Scores {
        meaning(self.task, self.loss)
    }
}
