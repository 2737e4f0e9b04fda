//! The activation at the end of a layer.

use super::block::Tape;
use crate::nets::Activation;
use crate::numerics::{Panels, Simd};

/// What is done with the weighted sums of a layer; the identity for logits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit(pub Activation);

impl Unit {
    /// Makes room for what the slope is computed from.
    pub fn prepare(self, tape: &mut Tape) {
        if self.0.keeps_input() {
            tape.kept = tape.y.clone();
        }
    }

    /// What the slope is computed from.
    pub fn kept(self, tape: &Tape) -> &Panels {
        if self.0.keeps_input() { &tape.kept } else { tape.activations() }
    }

    /// Replaces weighted sums `from` floats into the output by their activations.
    pub fn apply(self, simd: Simd, tape: &mut Tape, from: usize, len: usize) {
        let y = &mut tape.y.panel_mut(0)[from..from + len];
        if self.0.keeps_input() && !tape.kept.floats().is_empty() {
            tape.kept.panel_mut(0)[from..from + len].copy_from_slice(y);
        }
        if self.0 != Activation::Identity {
            self.0.apply(simd, y);
        }
    }

    /// Turns the gradient by the activations into the one by the weighted sums.
    pub fn backward(self, simd: Simd, tape: &Tape, dy: &mut Panels) {
        self.backward_part(simd, tape, 0, dy.panel_mut(0));
    }

    /// The same for `dy.len()` floats of it, `from` floats into the output.
    pub fn backward_part(self, simd: Simd, tape: &Tape, from: usize, dy: &mut [f32]) {
        if self.0 != Activation::Identity {
            self.0.backward(simd, &self.kept(tape).panel(0)[from..from + dy.len()], dy);
        }
    }
}
