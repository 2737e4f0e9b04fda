//! Multinomial logistic regression where linfa's loss does not reach: the same problem, by the same optimiser.
//!
//! linfa takes a row's ln Σ exp(logit) relative to the largest logit of *all* rows, so that rows far below it are lost.
//! Here it is taken relative to the row's own:
//!
//! ```text
//! f(W, b) = Σᵢ (ln Σₖ e^(zᵢₖ − maxₖ zᵢₖ) + maxₖ zᵢₖ − zᵢ,ₖ₍ᵢ₎) + ½ α ‖W‖²      with z = xW + b
//! ∂f/∂W   = xᵀ(p − y) + α W,    ∂f/∂b = Σᵢ (pᵢ − yᵢ)                          with p = softmax(z), y one-hot
//! ```
//!
//! argmin's L-BFGS with Moré–Thuente line search, ten steps remembered, as in linfa-logistic.

use argmin::core::{CostFunction, Error, Executor, Gradient, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use ndarray::{Array2, ArrayView2};

use crate::numerics::real::{exp, ln};

/// The problem: rows and columns as linfa is given them.
pub(super) struct Softmax<'a> {
    /// Rows × columns.
    pub x: ArrayView2<'a, f64>,
    /// Output of each row.
    pub target: Vec<usize>,
    /// Number of outputs.
    pub outputs: usize,
    /// Factor of the penalty.
    pub alpha: f64,
}

impl Softmax<'_> {
    /// Weights (columns × outputs) and an intercept for each output.
    ///
    /// # Errors
    /// What the optimiser says where it gives up.
    pub(super) fn solve(self, iterations: u64, tolerance: f64) -> Result<(Array2<f64>, Vec<f64>), Error> {
        let (columns, outputs) = (self.x.ncols(), self.outputs);
        let solver = LBFGS::new(MoreThuenteLineSearch::new(), 10).with_tolerance_grad(tolerance)?;
        let start = vec![0.0; (columns + 1) * outputs];
        let result = Executor::new(self, solver).configure(|state| state.param(start).max_iters(iterations)).run()?;
        let mut best = result.state.get_best_param().cloned().unwrap_or_else(|| vec![0.0; (columns + 1) * outputs]);
        let intercept = best.split_off(columns * outputs);
        Ok((Array2::from_shape_vec((columns, outputs), best)?, intercept))
    }

    /// Calls `each` with a row's position, its entries, its logits, and ln Σ exp of them.
    fn rows(&self, parameters: &[f64], mut each: impl FnMut(usize, &[f64], &[f64], f64)) {
        let (weights, intercept) = parameters.split_at(self.x.ncols() * self.outputs);
        let mut logits = vec![0.0; self.outputs];
        for (i, row) in self.x.rows().into_iter().enumerate() {
            let row = row.to_slice().expect("rows are contiguous");
            logits.copy_from_slice(intercept);
            for (x, w) in row.iter().zip(weights.chunks_exact(self.outputs)) {
                logits.iter_mut().zip(w).for_each(|(z, w)| *z += x * w);
            }
            let largest = logits.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
            let sum: f64 = logits.iter().map(|z| exp(z - largest)).sum();
            each(i, row, &logits, largest + ln(sum));
        }
    }

    fn penalised<'p>(&self, parameters: &'p [f64]) -> &'p [f64] {
        &parameters[..self.x.ncols() * self.outputs]
    }
}

impl CostFunction for Softmax<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, parameters: &Vec<f64>) -> Result<f64, Error> {
        let mut loss = 0.0;
        self.rows(parameters, |i, _, logits, log_sum| loss += log_sum - logits[self.target[i]]);
        let squares: f64 = self.penalised(parameters).iter().map(|w| w * w).sum();
        Ok(loss + 0.5 * self.alpha * squares)
    }
}

impl Gradient for Softmax<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, parameters: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let mut gradient = vec![0.0; parameters.len()];
        gradient.iter_mut().zip(self.penalised(parameters)).for_each(|(g, w)| *g = self.alpha * w);
        let (of_weights, of_intercept) = gradient.split_at_mut(self.x.ncols() * self.outputs);
        let mut difference = vec![0.0; self.outputs];
        self.rows(parameters, |i, row, logits, log_sum| {
            difference.iter_mut().zip(logits).for_each(|(d, z)| *d = exp(z - log_sum));
            difference[self.target[i]] -= 1.0;
            for (x, g) in row.iter().zip(of_weights.chunks_exact_mut(self.outputs)) {
                g.iter_mut().zip(&difference).for_each(|(g, d)| *g += x * d);
            }
            of_intercept.iter_mut().zip(&difference).for_each(|(g, d)| *g += d);
        });
        Ok(gradient)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_gradient_is_that_of_the_cost() {
        let x = array![[0.5, -1.0], [2.0, 0.25], [-3.0, 1.5], [40.0, -7.0]];
        let problem = Softmax { x: x.view(), target: vec![0, 2, 1, 1], outputs: 3, alpha: 0.3 };
        let parameters: Vec<f64> = (0..9).map(|i| f64::from(i * i % 7) * 0.2 - 0.5).collect();
        let gradient = problem.gradient(&parameters).expect("it is finite");
        for (i, g) in gradient.iter().enumerate() {
            let cost = |h: f64| {
                let mut moved = parameters.clone();
                moved[i] += h;
                problem.cost(&moved).expect("it is finite")
            };
            let slope = (cost(1e-5) - cost(-1e-5)) / 2e-5;
            assert!((g - slope).abs() < 1e-6 * g.abs().max(1.0), "parameter {i}: {g} instead of {slope}");
        }
    }

    #[test]
    fn the_cost_is_worked_by_hand() {
        // One row at logits 1, 0: ln(1 + e⁻¹) for the first output, plus ½ · 2 · 1².
        let x = array![[1.0]];
        let problem = Softmax { x: x.view(), target: vec![0], outputs: 2, alpha: 2.0 };
        let cost = problem.cost(&vec![1.0, 0.0, 0.0, 0.0]).expect("it is finite");
        assert!((cost - (0.313_261_687_518_222_8 + 1.0)).abs() < 1e-15, "{cost}");
    }
}
