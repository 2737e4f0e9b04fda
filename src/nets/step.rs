//! One training step: forward, back, update.
//!
//! With Δₗ the gradient of the loss by the weighted sums of layer l (rows × units), Xₗ its input and Wₗ its weights,
//!
//! ```text
//! dWₗ = Xₗᵀ·Δₗ        dXₗᵀ = Wₗ·Δₗᵀ        Δₗ₋₁ = dXₗ ∘ activation′
//! ```
//!
//! The second product is of the transposes because weights are then read as they are stored; what is turned instead is Δ,
//! which is smaller.

use super::loss::Tally;
use super::mlp::{Dense, Dropout, Forward, Mlp};
use super::optimizer::Update;
use super::parameters::{Memory, shortening};
use super::{Loss, TrainSpec};
use crate::data::{Rows, Task};
use crate::numerics::{Left, Panels, Start, Team, multiply, multiply_panel, sums};

/// A net in training, with all its buffers: a step allocates nothing.
pub(super) struct Trainer<'a> {
    pub mlp: Mlp,
    loss: Loss,
    clip: Option<f64>,
    team: &'a Team,
    forward: Forward,
    learners: Vec<Learner>,
}

/// What one layer needs to learn.
struct Learner {
    /// Δ: rows × units.
    delta: Panels,
    /// Δᵀ, and before it the transposed gradient by the layer's outputs: units × rows.
    delta_t: Panels,
    memory: Memory,
}

impl Learner {
    fn new(layer: &Dense, rows: usize, spec: &TrainSpec, team: &Team) -> Self {
        Self {
            delta: Panels::zeros(rows, layer.outputs()),
            delta_t: Panels::zeros(layer.outputs(), rows),
            memory: Memory::new(&layer.0, spec, team),
        }
    }
}

impl<'a> Trainer<'a> {
    /// Buffers for batches of up to `rows` rows.
    pub fn new(mlp: Mlp, spec: &TrainSpec, task: Task, rows: usize, dropout: Option<Dropout>, team: &'a Team) -> Self {
        let learners = mlp.layers.iter().map(|layer| Learner::new(layer, rows, spec, team)).collect();
        let forward = Forward::new(&mlp, task, rows, dropout);
        Self { mlp, loss: spec.loss, clip: spec.clip, team, forward, learners }
    }

    /// One update by rows `positions`. What is returned was measured before it.
    pub fn step(&mut self, rows: &Rows<'_>, positions: &[u32], update: Update, dropout: Option<Dropout>) -> Tally {
        self.forward.gather(rows, positions, self.team.simd());
        self.forward.run(&self.mlp, self.team, dropout);
        let tally = self.back(update);
        if let Some(clip) = self.clip {
            self.update_clipped(clip, update);
        }
        tally
    }

    /// L2 norm of the gradient by the weights of each layer, in the last step.
    pub fn gradient_norms(&self) -> impl Iterator<Item = f64> {
        self.learners.iter().map(|l| l.memory.norm())
    }

    /// The optimiser's, of all layers.
    pub fn running_means(&mut self) -> Vec<&mut [f32]> {
        self.learners.iter_mut().flat_map(|l| l.memory.running_means()).collect()
    }

    /// From the logits back to the first layer: every layer's gradient, and its update unless gradients are clipped.
    fn back(&mut self, update: Update) -> Tally {
        let simd = self.team.simd();
        let Some(last) = self.learners.last_mut() else { return Tally::default() };
        last.delta_t.set_transpose(self.forward.logits(), simd);
        let tally = self.loss.backward(simd, &mut last.delta_t, &self.forward.targets);
        last.delta.set_transpose(&last.delta_t, simd);
        let update = self.clip.is_none().then_some(update);
        for l in (0..self.learners.len()).rev() {
            let (below, from) = self.learners.split_at_mut(l);
            let (learner, layer) = (&mut from[0], &mut self.mlp.layers[l]);
            if let Some(below) = below.last_mut() {
                below.delta_t.set_rows(layer.inputs());
                below.delta_t.set_columns(learner.delta_t.columns());
                multiply(self.team, Left::Plain(&layer.0), &learner.delta_t, Start::Zero, &mut below.delta_t);
                below.delta.set_transpose(&below.delta_t, simd);
                self.forward.backward(l - 1, self.mlp.activation, simd, &mut below.delta);
                if l > 1 {
                    below.delta_t.set_transpose(&below.delta, simd);
                }
            }
            let (x, delta) = (self.forward.input(l), &learner.delta);
            learner.memory.learn(self.team, &mut layer.0, update, |p, dw, db| {
                multiply_panel(simd, Left::Transposed(x), delta, p, Start::Zero, dw);
                sums::of_rows(simd, delta.panel(p), db);
            });
        }
        tally
    }

    /// Updates all layers by gradients shortened to a norm of at most `clip` all together.
    fn update_clipped(&mut self, clip: f64, update: Update) {
        let scale = shortening(clip, self.learners.iter().map(|l| &l.memory));
        for (learner, layer) in self.learners.iter_mut().zip(&mut self.mlp.layers) {
            learner.memory.update(self.team.simd(), &mut layer.0, update, scale);
        }
    }
}
