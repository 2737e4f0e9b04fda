//! One training step: forward, back, update.
//!
//! With Δₗ the gradient of the loss by the weighted sums of layer l (rows × units), Xₗ its input and Wₗ its weights,
//!
//! ```text
//! dWₗ = Xₗᵀ·Δₗ        dXₗᵀ = Wₗ·Δₗᵀ        Δₗ₋₁ = dXₗ ∘ activation′
//! ```
//!
//! The second product is of the transposes because weights are then read as they are stored; what is turned instead is Δ,
//! which is smaller. A panel's weights are updated as soon as its gradient is known, while both are in the cache; only
//! clipping, which needs the norm of the whole gradient first, keeps all of it.

use super::loss::Tally;
use super::mlp::{Dense, Dropout, Forward, Mlp};
use super::optimizer::Update;
use super::{Loss, TrainSpec};
use crate::data::{Rows, Task};
use crate::numerics::{LANES, Left, Panels, Share, Simd, Start, Team, multiply, multiply_panel, sums};

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
    /// The gradient by the parameters: of all panels, or room for one panel a thread.
    gradient: Vec<f32>,
    /// Running means of the optimiser, one a parameter; empty where it keeps fewer.
    states: [Vec<f32>; 2],
    /// Squares of the gradient by panel: weights, then biases.
    squares: Vec<[f64; 2]>,
}

impl Learner {
    fn new(layer: &Dense, rows: usize, states: usize, gradients: usize) -> Self {
        let parameters = &layer.0;
        let state = |i| vec![0.0; if i < states { parameters.floats().len() } else { 0 }];
        Self {
            delta: Panels::zeros(rows, layer.outputs()),
            delta_t: Panels::zeros(layer.outputs(), rows),
            gradient: vec![0.0; gradients.min(parameters.panels()) * parameters.stride()],
            states: [state(0), state(1)],
            squares: vec![[0.0; 2]; parameters.panels()],
        }
    }

    /// L2 norm of the gradient by the weights.
    fn norm(&self) -> f64 {
        self.squares.iter().map(|s| s[0]).sum::<f64>().sqrt()
    }
}

impl<'a> Trainer<'a> {
    /// Buffers for batches of up to `rows` rows.
    pub fn new(mlp: Mlp, spec: &TrainSpec, task: Task, rows: usize, dropout: Option<Dropout>, team: &'a Team) -> Self {
        let gradients = if spec.clip.is_some() { usize::MAX } else { team.threads() };
        let learner = |layer| Learner::new(layer, rows, spec.optimizer.states(), gradients);
        let learners = mlp.layers.iter().map(learner).collect();
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
        self.learners.iter().map(Learner::norm)
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
            differentiate(self.team, layer, learner, self.forward.input(l), update);
        }
        tally
    }

    /// Updates all layers by gradients shortened to a norm of at most `clip` all together.
    fn update_clipped(&mut self, clip: f64, update: Update) {
        let squares = self.learners.iter().flat_map(|l| &l.squares).map(|s| s[0] + s[1]);
        let norm = squares.sum::<f64>().sqrt();
        let scale = (clip / (norm + 1e-6)).min(1.0) as f32;
        for (learner, layer) in self.learners.iter_mut().zip(&mut self.mlp.layers) {
            let [first, second] = &mut learner.states;
            update.apply(self.team.simd(), scale, layer.0.floats_mut(), &learner.gradient, first, second);
        }
    }
}

/// The gradient by a layer's parameters from its input `x`, panel by panel, and each panel's update.
fn differentiate(team: &Team, layer: &mut Dense, learner: &mut Learner, x: &Panels, update: Option<Update>) {
    let stride = layer.0.stride();
    let [first, second] = &mut learner.states;
    let share = LayerShare {
        from: 0,
        stride,
        theta: layer.0.floats_mut(),
        first,
        second,
        gradient: &mut learner.gradient,
        squares: &mut learner.squares,
        kept: update.is_none(),
    };
    let delta = &learner.delta;
    team.divide(delta.panels(), share, |mut share| share.differentiate(team.simd(), x, delta, update));
}

/// Consecutive panels of a layer.
struct LayerShare<'a> {
    from: usize,
    stride: usize,
    theta: &'a mut [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    gradient: &'a mut [f32],
    squares: &'a mut [[f64; 2]],
    /// Whether `gradient` holds each panel's, or room for one panel a thread.
    kept: bool,
}

impl LayerShare<'_> {
    fn differentiate(&mut self, simd: Simd, x: &Panels, delta: &Panels, update: Option<Update>) {
        let weights = self.stride - LANES;
        for (i, squares) in self.squares.iter_mut().enumerate() {
            let range = i * self.stride..(i + 1) * self.stride;
            let gradient = &mut self.gradient[if self.kept { range.clone() } else { 0..self.stride }];
            let (dw, db) = gradient.split_at_mut(weights);
            multiply_panel(simd, Left::Transposed(x), delta, self.from + i, Start::Zero, dw);
            sums::of_rows(simd, delta.panel(self.from + i), db);
            *squares = [sums::squares(simd, dw), sums::squares(simd, db)];
            if let Some(update) = update {
                let state = |s: &'_ [f32]| if s.is_empty() { 0..0 } else { range.clone() };
                let (first, second) = (state(self.first), state(self.second));
                let (first, second) = (&mut self.first[first], &mut self.second[second]);
                update.apply(simd, 1.0, &mut self.theta[range], gradient, first, second);
            }
        }
    }
}

impl Share for LayerShare<'_> {
    fn cut(self, items: usize, workers: usize) -> (Self, Self) {
        let at = items * self.stride;
        let of_state = |state: &[f32]| at.min(state.len());
        let (theta, theta_rest) = self.theta.split_at_mut(at);
        let first_at = of_state(self.first);
        let (first, first_rest) = self.first.split_at_mut(first_at);
        let second_at = of_state(self.second);
        let (second, second_rest) = self.second.split_at_mut(second_at);
        let (gradient, gradient_rest) = self.gradient.split_at_mut(if self.kept { at } else { workers * self.stride });
        let (squares, squares_rest) = self.squares.split_at_mut(items);
        let (stride, kept) = (self.stride, self.kept);
        (
            Self { from: self.from, stride, theta, first, second, gradient, squares, kept },
            Self {
                from: self.from + items,
                stride,
                theta: theta_rest,
                first: first_rest,
                second: second_rest,
                gradient: gradient_rest,
                squares: squares_rest,
                kept,
            },
        )
    }
}
