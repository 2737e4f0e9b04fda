//! Optimisers: PyTorch's algorithms, one update a slice of parameters.

use super::{Optimizer, Schedule, TrainSpec};
use crate::numerics::{Simd, real};

/// One update's constants.
///
/// θ are the parameters, g the gradient, λ the weight decay, γ the learning rate, t the number of the update from 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Update {
    /// b ← μ·b + g, θ ← θ − γ·b; with Nesterov θ ← θ − γ·(g + μ·b).
    Sgd { rate: f32, decay: f32, momentum: f32, nesterov: bool },
    /// v ← α·v + (1 − α)·g², θ ← θ − γ·g / (√v + ε).
    RmsProp { rate: f32, decay: f32, alpha: f32, epsilon: f32 },
    /// m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², θ ← θ·`shrink` − `rate`·m / (√v·`root` + ε)
    /// with `rate` = γ / (1 − β₁ᵗ), `root` = 1 / √(1 − β₂ᵗ), and `shrink` = 1 − γλ if the decay is decoupled.
    Adam { rate: f32, decay: f32, shrink: f32, beta1: f32, beta2: f32, root: f32, epsilon: f32 },
}

impl Optimizer {
    /// Running means that are kept for each parameter.
    pub(super) fn states(self) -> usize {
        match self {
            Self::Sgd { momentum: 0.0, .. } => 0,
            Self::Sgd { .. } | Self::RmsProp { .. } => 1,
            Self::Adam { .. } | Self::AdamW { .. } => 2,
        }
    }
}

impl TrainSpec {
    /// The update number `step`, from 1, of `steps` with `per_epoch` an epoch.
    pub(super) fn update(&self, step: u64, steps: u64, per_epoch: u64) -> Update {
        let rate = self.lr * self.schedule.factor(step - 1, steps, per_epoch);
        let decay = self.weight_decay as f32;
        match self.optimizer {
            Optimizer::Sgd { momentum, nesterov } => {
                Update::Sgd { rate: rate as f32, decay, momentum: momentum as f32, nesterov }
            }
            Optimizer::RmsProp { alpha, epsilon } => {
                Update::RmsProp { rate: rate as f32, decay, alpha: alpha as f32, epsilon: epsilon as f32 }
            }
            Optimizer::Adam { beta1, beta2, epsilon } => adam(step, rate, decay, 1.0, [beta1, beta2, epsilon]),
            Optimizer::AdamW { beta1, beta2, epsilon } => {
                adam(step, rate, 0.0, (1.0 - rate * self.weight_decay) as f32, [beta1, beta2, epsilon])
            }
        }
    }
}

fn adam(step: u64, rate: f64, decay: f32, shrink: f32, [beta1, beta2, epsilon]: [f64; 3]) -> Update {
    let t = step as f64;
    Update::Adam {
        rate: (rate / (1.0 - real::pow(beta1, t))) as f32,
        decay,
        shrink,
        beta1: beta1 as f32,
        beta2: beta2 as f32,
        root: (1.0 / real::sqrt(1.0 - real::pow(beta2, t))) as f32,
        epsilon: epsilon as f32,
    }
}

impl Schedule {
    /// The factor of the learning rate after `done` of `steps` updates, `per_epoch` an epoch.
    fn factor(self, done: u64, steps: u64, per_epoch: u64) -> f64 {
        let epoch = done / per_epoch;
        match self {
            Self::Constant => 1.0,
            Self::Step { every, factor } => real::pow(factor, (epoch / u64::from(every)) as f64),
            Self::Exponential { factor } => real::pow(factor, epoch as f64),
            Self::Cosine { floor } => cosine(done, steps, floor),
            Self::WarmupCosine { epochs, floor } => {
                let rise = (u64::from(epochs) * per_epoch).min(steps);
                if done < rise { (done + 1) as f64 / rise as f64 } else { cosine(done - rise, steps - rise, floor) }
            }
        }
    }
}

fn cosine(done: u64, steps: u64, floor: f64) -> f64 {
    let t = done as f64 / steps as f64;
    floor + (1.0 - floor) * 0.5 * (1.0 + real::cos(std::f64::consts::PI * t))
}

impl Update {
    /// Updates parameters by their gradient, of which `scale` is taken, and the running means that the optimiser keeps
    /// (`first`, `second`; empty where it keeps fewer).
    pub(super) fn apply(
        self,
        simd: Simd,
        scale: f32,
        theta: &mut [f32],
        gradient: &[f32],
        first: &mut [f32],
        second: &mut [f32],
    ) {
        let theta = theta.iter_mut().zip(gradient);
        match self {
            Self::Sgd { rate, decay, momentum, nesterov } if !first.is_empty() => simd.run(
                #[inline(always)]
                || {
                    for ((theta, g), b) in theta.zip(first) {
                        let g = theta.mul_add(decay, g * scale);
                        *b = b.mul_add(momentum, g);
                        let step = if nesterov { b.mul_add(momentum, g) } else { *b };
                        *theta = step.mul_add(-rate, *theta);
                    }
                },
            ),
            Self::Sgd { rate, decay, .. } => simd.run(
                #[inline(always)]
                || {
                    for (theta, g) in theta {
                        let g = theta.mul_add(decay, g * scale);
                        *theta = g.mul_add(-rate, *theta);
                    }
                },
            ),
            Self::RmsProp { rate, decay, alpha, epsilon } => simd.run(
                #[inline(always)]
                || {
                    for ((theta, g), v) in theta.zip(first) {
                        let g = theta.mul_add(decay, g * scale);
                        *v = v.mul_add(alpha, (1.0 - alpha) * g * g);
                        *theta -= rate * g / (v.sqrt() + epsilon);
                    }
                },
            ),
            Self::Adam { rate, decay, shrink, beta1, beta2, root, epsilon } => simd.run(
                #[inline(always)]
                || {
                    for (((theta, g), m), v) in theta.zip(first).zip(second) {
                        let g = theta.mul_add(decay, g * scale);
                        *m = m.mul_add(beta1, (1.0 - beta1) * g);
                        *v = v.mul_add(beta2, (1.0 - beta2) * g * g);
                        *theta = theta.mul_add(shrink, -(rate * *m / v.sqrt().mul_add(root, epsilon)));
                    }
                },
            ),
        }
    }
}
