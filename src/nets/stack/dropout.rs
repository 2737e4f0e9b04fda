//! Dropout: in training each output is 0 with the given share, or else its input by 1 / (1 − share).

use super::block::Tape;
use super::layer::{Layer, Pass};
use crate::numerics::random::Stream;
use crate::numerics::{LANES, Panels};

/// A dropout, number `number` of its net from 1.
#[derive(Debug)]
pub(super) struct Dropout {
    pub share: f64,
    pub number: usize,
    pub features: usize,
}

impl Layer for Dropout {
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

    fn forward(&self, x: &Panels, _: Option<&Panels>, tape: &mut Tape, pass: Pass) {
        let y = tape.y.panel_mut(0);
        y.copy_from_slice(x.panel(0));
        if !pass.training {
            return;
        }
        // One index a step, layer and block.
        let index = pass.step << 28 | (self.number as u64) << 20 | pass.block as u64;
        let mut draws = Stream::new(pass.seed, "dropout of a stack").at(index);
        let (below, factor) = ((self.share * 4_294_967_296.0) as u32, (1.0 / (1.0 - self.share)) as f32);
        let mask = tape.kept.panel_mut(0);
        for (y, mask) in y.chunks_exact_mut(LANES).zip(mask.chunks_exact_mut(LANES)) {
            let mut bits = [0; LANES];
            draws.fill_bits(pass.simd, &mut bits);
            for ((y, m), bits) in y.iter_mut().zip(mask).zip(bits) {
                *m = if bits < below { 0.0 } else { factor };
                *y *= *m;
            }
        }
    }

    fn backward(&self, _: &Panels, tape: &mut Tape, dy: &mut Panels, dx: Option<&mut Panels>, pass: Pass) {
        let Some(dx) = dx else { return };
        let (dx, dy, mask) = (dx.panel_mut(0), dy.panel(0), tape.kept.panel(0));
        pass.simd.run(
            #[inline(always)]
            || dx.iter_mut().zip(dy).zip(mask).for_each(|((dx, dy), m)| *dx = dy * m),
        );
    }
}
