//! A residual connection: y = x + an earlier output (He et al. 2016).

use super::block::Tape;
use super::layer::{Layer, Pass};
use crate::numerics::Panels;

/// Adds the input of layer `from`, which has as many features.
#[derive(Debug)]
pub(super) struct Add {
    pub from: usize,
    pub features: usize,
}

impl Layer for Add {
    fn outputs(&self) -> usize {
        self.features
    }

    fn tape(&self, pass: Pass) -> Tape {
        let mut tape = Tape::of(self.features);
        if pass.training {
            tape.kept = tape.y.clone();
        }
        tape
    }

    fn skip(&self) -> Option<usize> {
        Some(self.from)
    }

    fn forward(&self, x: &Panels, skip: Option<&Panels>, tape: &mut Tape, pass: Pass) {
        let skip = skip.expect("a residual connection is given what it asked for");
        let (x, skip, y) = (x.panel(0), skip.panel(0), tape.y.panel_mut(0));
        pass.simd.run(
            #[inline(always)]
            || y.iter_mut().zip(x).zip(skip).for_each(|((y, x), s)| *y = x + s),
        );
    }

    /// The gradient goes both ways; what skips layers waits in the tape.
    fn backward(&self, _: &Panels, tape: &mut Tape, dy: &mut Panels, dx: Option<&mut Panels>, _: Pass) {
        tape.kept.panel_mut(0).copy_from_slice(dy.panel(0));
        if let Some(dx) = dx {
            dx.panel_mut(0).copy_from_slice(dy.panel(0));
        }
    }
}
