//! Activations: each beside its slope.
//!
//! Slopes are computed from the output y where that suffices, so that the weighted sums x need not be kept.

use super::Activation;
use crate::numerics::Simd;
use crate::numerics::elementary::{normal_cdf, normal_density, sigmoid};

const LEAK: f32 = 0.01;

/// Expands `$each!` with the function of the activation from `$table`, so that each becomes a loop of its own.
macro_rules! for_activation {
    ($activation:expr, $table:ident, $each:ident) => {
        match $activation {
            Activation::Sigmoid => $each!($table::sigmoid),
            Activation::Tanh => $each!($table::tanh),
            Activation::Relu => $each!($table::relu),
            Activation::LeakyRelu => $each!($table::leaky_relu),
            Activation::Gelu => $each!($table::gelu),
            Activation::Silu => $each!($table::silu),
            Activation::Identity => $each!($table::identity),
        }
    };
}

/// y from x.
mod value {
    pub use crate::numerics::elementary::{sigmoid, tanh};

    use super::{LEAK, normal_cdf};

    #[inline(always)]
    pub fn relu(x: f32) -> f32 {
        // NaN stays NaN, so that divergence is seen.
        if x <= 0.0 { 0.0 } else { x }
    }

    #[inline(always)]
    pub fn leaky_relu(x: f32) -> f32 {
        if x <= 0.0 { LEAK * x } else { x }
    }

    #[inline(always)]
    pub fn gelu(x: f32) -> f32 {
        x * normal_cdf(x)
    }

    #[inline(always)]
    pub fn silu(x: f32) -> f32 {
        x * sigmoid(x)
    }

    #[inline(always)]
    pub fn identity(x: f32) -> f32 {
        x
    }
}

/// dy/dx from what is kept: y, or x for gelu and silu.
mod slope {
    use super::{LEAK, normal_cdf, normal_density};

    #[inline(always)]
    pub fn sigmoid(y: f32) -> f32 {
        y * (1.0 - y)
    }

    #[inline(always)]
    pub fn tanh(y: f32) -> f32 {
        y.mul_add(-y, 1.0)
    }

    #[inline(always)]
    pub fn relu(y: f32) -> f32 {
        if y > 0.0 { 1.0 } else { 0.0 }
    }

    #[inline(always)]
    pub fn leaky_relu(y: f32) -> f32 {
        if y > 0.0 { 1.0 } else { LEAK }
    }

    #[inline(always)]
    pub fn gelu(x: f32) -> f32 {
        x.mul_add(normal_density(x), normal_cdf(x))
    }

    #[inline(always)]
    pub fn silu(x: f32) -> f32 {
        let s = super::sigmoid(x);
        s * x.mul_add(1.0 - s, 1.0)
    }

    #[inline(always)]
    pub fn identity(_: f32) -> f32 {
        1.0
    }
}

impl Activation {
    /// Whether the slope needs x, not y.
    pub(super) fn keeps_input(self) -> bool {
        matches!(self, Self::Gelu | Self::Silu)
    }

    /// Replaces each x by its y.
    pub(super) fn apply(self, simd: Simd, x: &mut [f32]) {
        macro_rules! apply {
            ($f:expr) => {
                simd.run(
                    #[inline(always)]
                    || {
                        for x in x.iter_mut() {
                            *x = $f(*x);
                        }
                    },
                )
            };
        }
        for_activation!(self, value, apply);
    }

    /// Multiplies the gradient by the outputs with the slopes: the gradient by the inputs.
    pub(super) fn backward(self, simd: Simd, kept: &[f32], d: &mut [f32]) {
        macro_rules! backward {
            ($f:expr) => {
                simd.run(
                    #[inline(always)]
                    || {
                        for (d, kept) in d.iter_mut().zip(kept) {
                            *d *= $f(*kept);
                        }
                    },
                )
            };
        }
        for_activation!(self, slope, backward);
    }

    /// The slope where `kept` was kept.
    pub(super) fn slope(self, kept: f32) -> f32 {
        macro_rules! slope {
            ($f:expr) => {
                $f(kept)
            };
        }
        for_activation!(self, slope, slope)
    }

    /// The largest absolute slope anywhere.
    pub(super) fn largest_slope(self) -> f32 {
        match self {
            Self::Sigmoid => 0.25,
            Self::Tanh | Self::Relu | Self::LeakyRelu | Self::Identity => 1.0,
            // At √2, and near 2.3994.
            Self::Gelu => 1.128_904,
            Self::Silu => 1.099_839,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub const ALL: [Activation; 7] = [
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Relu,
        Activation::LeakyRelu,
        Activation::Gelu,
        Activation::Silu,
        Activation::Identity,
    ];

    /// The plain formula in 64 bits.
    pub fn exact(activation: Activation, x: f64) -> f64 {
        match activation {
            Activation::Sigmoid => 1.0 / (1.0 + libm::exp(-x)),
            Activation::Tanh => libm::tanh(x),
            Activation::Relu => x.max(0.0),
            Activation::LeakyRelu => x.max(0.01 * x),
            Activation::Gelu => 0.5 * x * libm::erfc(-x / std::f64::consts::SQRT_2),
            Activation::Silu => x / (1.0 + libm::exp(-x)),
            Activation::Identity => x,
        }
    }

    #[test]
    fn values_and_slopes_are_those_of_the_formula() {
        for activation in ALL {
            let mut largest = 0.0f32;
            for i in -400..=400 {
                // Off 0, where the slope of some jumps.
                let x = (f64::from(i) + 0.5) * 0.02;
                let mut y = [x as f32];
                activation.apply(Simd::active(), &mut y);
                let expected = exact(activation, x);
                assert!((f64::from(y[0]) - expected).abs() <= 2e-6 * expected.abs().max(0.1), "{activation:?} {x}");
                let h = 1e-5;
                let expected = (exact(activation, x + h) - exact(activation, x - h)) / (2.0 * h);
                let kept = if activation.keeps_input() { x as f32 } else { y[0] };
                let mut d = [2.0];
                activation.backward(Simd::active(), &[kept], &mut d);
                assert!((f64::from(d[0]) - 2.0 * expected).abs() < 2e-5, "{activation:?} {x}: {} {expected}", d[0]);
                assert_eq!(d[0], 2.0 * activation.slope(kept));
                largest = largest.max(activation.slope(kept).abs());
            }
            let stated = activation.largest_slope();
            assert!((largest - stated).abs() < 1e-3 * stated, "{activation:?}: {largest} {stated}");
        }
    }
}
