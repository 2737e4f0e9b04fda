//! What learning one matrix of parameters takes: its gradient, the optimiser's memory, and the update.
//!
//! A panel's parameters are updated as soon as its gradient is known, while both are in the cache; only clipping, which
//! needs the norm of the whole gradient first, keeps all of it.

use super::optimizer::Update;
use super::{Init, TrainSpec};
use crate::numerics::random::Stream;
use crate::numerics::{LANES, Panels, Share, Simd, Team, real, sums};

/// What is kept beside a matrix of parameters: rows of weights and, below them, one row of biases.
#[derive(Debug)]
pub(super) struct Memory {
    /// The gradient by the parameters: of all panels, or room for one panel a thread.
    gradient: Vec<f32>,
    /// Running means of the optimiser, one a parameter; empty where it keeps fewer.
    states: [Vec<f32>; 2],
    /// Squares of the gradient by panel: weights, then biases.
    squares: Vec<[f64; 2]>,
}

impl Memory {
    /// For `theta`.
    pub fn new(theta: &Panels, spec: &TrainSpec, team: &Team) -> Self {
        let gradients = if spec.clip.is_some() { theta.panels() } else { team.threads().min(theta.panels()) };
        let states = spec.optimizer.states();
        let state = |i| vec![0.0; if i < states { theta.floats().len() } else { 0 }];
        Self {
            gradient: vec![0.0; gradients * theta.stride()],
            states: [state(0), state(1)],
            squares: vec![[0.0; 2]; theta.panels()],
        }
    }

    /// The optimiser's running means.
    pub fn running_means(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.states.iter_mut().map(Vec::as_mut_slice)
    }

    /// L2 norm of the gradient by the weights.
    pub fn norm(&self) -> f64 {
        self.squares.iter().map(|s| s[0]).sum::<f64>().sqrt()
    }

    /// Computes the gradient panel by panel, and updates each panel at once where `update` says how; otherwise the
    /// gradient is kept for [`Memory::update`]. `gradient(p, dw, db)` fills in that of panel `p`: weights, then biases.
    pub fn learn(
        &mut self,
        team: &Team,
        theta: &mut Panels,
        update: Option<Update>,
        gradient: impl Fn(usize, &mut [f32], &mut [f32]) + Sync,
    ) {
        let (stride, panels) = (theta.stride(), theta.panels());
        let [first, second] = &mut self.states;
        let share = PanelShare {
            from: 0,
            stride,
            theta: theta.floats_mut(),
            first,
            second,
            gradient: &mut self.gradient,
            squares: &mut self.squares,
            kept: update.is_none(),
        };
        team.divide(panels, share, |mut share| share.learn(team.simd(), update, &gradient));
    }

    /// Updates by the gradient kept before, of which `scale` is taken.
    pub fn update(&mut self, simd: Simd, theta: &mut Panels, update: Update, scale: f32) {
        let [first, second] = &mut self.states;
        update.apply(simd, scale, theta.floats_mut(), &self.gradient, first, second);
    }
}

/// Rows of weights, one row of biases below them, and what learning them takes.
#[derive(Debug)]
pub(super) struct Weights {
    pub theta: Panels,
    /// `None` in a net that only predicts.
    pub memory: Option<Memory>,
}

impl Weights {
    /// `inputs` rows of weights drawn by `init` from index `layer` of the stream `init`, and biases of 0. `fan_out` is the
    /// number of units that an input reaches.
    pub fn drawn(
        inputs: usize,
        outputs: usize,
        fan_out: usize,
        init: Init,
        seed: u64,
        layer: usize,
        simd: Simd,
    ) -> Self {
        let sd = init.deviation(inputs, fan_out);
        let mut draws = Stream::new(seed, "init").at(layer as u64);
        let mut row = vec![0.0; outputs];
        let mut theta = Panels::zeros(inputs + 1, outputs);
        for r in 0..inputs {
            draws.fill_normal(simd, &mut row);
            for (p, columns) in row.chunks(LANES).enumerate() {
                let panel = &mut theta.panel_mut(p)[r * LANES..];
                panel.iter_mut().zip(columns).for_each(|(w, x)| *w = x * sd as f32);
            }
        }
        Self { theta, memory: None }
    }

    /// Makes room for learning.
    pub fn prepare(&mut self, spec: &TrainSpec, team: &Team) {
        self.memory = Some(Memory::new(&self.theta, spec, team));
    }

    /// See [`Memory::learn`].
    ///
    /// # Panics
    /// If the net only predicts.
    pub fn learn(&mut self, team: &Team, update: Option<Update>, of: impl Fn(usize, &mut [f32], &mut [f32]) + Sync) {
        let memory = self.memory.as_mut().expect("a net in training has room for learning");
        memory.learn(team, &mut self.theta, update, of);
    }

    /// See [`Memory::update`].
    pub fn update(&mut self, simd: Simd, update: Update, scale: f32) {
        let memory = self.memory.as_mut().expect("a net in training has room for learning");
        memory.update(simd, &mut self.theta, update, scale);
    }
}

impl Init {
    /// Standard deviation of the weights of a unit with so many inputs, where an input reaches so many units.
    pub(super) fn deviation(self, inputs: usize, outputs: usize) -> f64 {
        let (i, o) = (inputs as f64, outputs as f64);
        match self {
            Self::He => real::sqrt(2.0 / i),
            Self::Xavier => real::sqrt(2.0 / (i + o)),
            Self::Lecun => real::sqrt(1.0 / i),
            Self::Normal(sd) => sd,
        }
    }
}

/// What shortens the gradients in `memories`, taken together, to a norm of at most `clip`.
pub(super) fn shortening<'a>(clip: f64, memories: impl Iterator<Item = &'a Memory>) -> f32 {
    let norm = memories.flat_map(|m| &m.squares).map(|s| s[0] + s[1]).sum::<f64>().sqrt();
    (clip / (norm + 1e-6)).min(1.0) as f32
}

/// Consecutive panels of a matrix.
struct PanelShare<'a> {
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

impl PanelShare<'_> {
    fn learn(&mut self, simd: Simd, update: Option<Update>, of: &impl Fn(usize, &mut [f32], &mut [f32])) {
        let weights = self.stride - LANES;
        for (i, squares) in self.squares.iter_mut().enumerate() {
            let range = i * self.stride..(i + 1) * self.stride;
            let gradient = &mut self.gradient[if self.kept { range.clone() } else { 0..self.stride }];
            let (dw, db) = gradient.split_at_mut(weights);
            of(self.from + i, dw, db);
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

impl Share for PanelShare<'_> {
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
