//! The dense layer: y = Wᵀ·x + b, in training dW = x·δᵀ and dx = W·δ.
//!
//! Each sum has the bits of the perceptron's: an output starts from its bias and runs over the inputs, a weight's gradient
//! runs over the samples in their order.

use super::block::{Block, Tape};
use super::layer::{Layer, Pass};
use super::unit::Unit;
use crate::nets::Activation;
use crate::nets::optimizer::Update;
use crate::nets::parameters::Weights;
use crate::numerics::{LANES, Left, Panels, Start, Team, multiply_panel, multiply_rows, turn};

/// A dense layer with its activation.
#[derive(Debug)]
pub(super) struct Dense {
    pub weights: Weights,
    pub unit: Unit,
}

impl Dense {
    fn inputs(&self) -> usize {
        self.weights.theta.rows() - 1
    }
}

impl Layer for Dense {
    fn outputs(&self) -> usize {
        self.weights.theta.columns()
    }

    fn tape(&self, pass: Pass) -> Tape {
        let mut tape = Tape::of(self.outputs());
        self.unit.prepare(&mut tape);
        if pass.training {
            tape.delta_t = Panels::zeros(LANES, self.outputs());
        }
        tape
    }

    fn forward(&self, x: &Panels, _: Option<&Panels>, tape: &mut Tape, pass: Pass) {
        let (inputs, theta) = (self.inputs(), &self.weights.theta);
        for (o, y) in tape.y.panel_mut(0).chunks_exact_mut(LANES).enumerate() {
            y.fill(theta.at(inputs, o));
        }
        let y = tape.y.panel_mut(0);
        multiply_rows(pass.simd, Left::Transposed(theta), x.panel(0), x.columns(), Start::Old, y);
        let len = y.len();
        self.unit.apply(pass.simd, tape, 0, len);
    }

    fn backward(&self, x: &Panels, tape: &mut Tape, dy: &mut Panels, dx: Option<&mut Panels>, pass: Pass) {
        self.unit.backward(pass.simd, tape, dy);
        turn_rows(pass, dy, &mut tape.delta_t);
        if let Some(dx) = dx {
            let theta = Left::Plain(&self.weights.theta);
            multiply_rows(pass.simd, theta, dy.panel(0), x.columns(), Start::Zero, dx.panel_mut(0));
        }
    }

    fn weights(&self) -> Option<&Weights> {
        Some(&self.weights)
    }

    fn weights_mut(&mut self) -> Option<&mut Weights> {
        Some(&mut self.weights)
    }

    fn is_weighted(&self) -> bool {
        true
    }

    fn learn(&mut self, l: usize, blocks: &[Block], team: &Team, update: Option<Update>) {
        let simd = team.simd();
        self.weights.learn(team, update, |p, dw, db| {
            db.fill(0.0);
            for (b, block) in blocks.iter().enumerate() {
                let (x, delta_t) = (block.input(l), &block.tapes[l].delta_t);
                let start = if b == 0 { Start::Zero } else { Start::Old };
                multiply_panel(simd, Left::Plain(x), delta_t, p, start, dw);
                simd.run(
                    #[inline(always)]
                    || {
                        for row in delta_t.panel(p).chunks_exact(LANES) {
                            db.iter_mut().zip(row).for_each(|(sum, d)| *sum += d);
                        }
                    },
                );
            }
        });
    }

    fn unit(&self) -> Option<Unit> {
        (self.unit.0 != Activation::Identity).then_some(self.unit)
    }
}

/// Features × samples → samples × features.
fn turn_rows(pass: Pass, from: &Panels, to: &mut Panels) {
    // Whole squares, and then only the samples there are.
    to.set_rows(LANES);
    for (p, rows) in from.panel(0).chunks(LANES * LANES).enumerate() {
        turn(pass.simd, rows, to.panel_mut(p));
    }
    to.set_rows(from.columns());
}
