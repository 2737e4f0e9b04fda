//! A convolution and the pool of its maxima as one layer, so that the image between them stays in the cache.
//!
//! That image is the largest thing in a small net: 32 samples of 28×28 pixels and 32 channels are 3 MiB, which would be
//! written and read four times a step. Here a strip of rows is convolved and pooled at once, and on the way back spread and
//! used at once. A maximum's slope is computed from the pooled output; the others' gradients are 0 whatever their slopes.
//! The bits are those of the two layers one after the other.

use super::block::{Block, Tape};
use super::conv::Convolution;
use super::layer::{Layer, Pass};
use super::pool::Pool;
use super::unit::Unit;
use crate::nets::cnn::{Pooling, Volume};
use crate::nets::optimizer::Update;
use crate::nets::parameters::Weights;
use crate::numerics::{LANES, Panels, Start, Team};

/// A convolution whose pool's windows tile its image.
#[derive(Debug)]
pub(super) struct Pooled {
    convolution: Convolution,
    /// Over one strip of the image.
    pool: Pool,
    strips: usize,
}

impl Pooled {
    /// Whether the two can be one. Not if windows overlap or leave pixels out, nor for means, nor for activations whose slope
    /// is not computed from their output.
    pub fn joins(convolution: &Convolution, pool: &Pool) -> bool {
        let tiles = !pool.overlaps() && !pool.has_gaps();
        tiles && pool.by == Pooling::Max && !convolution.unit.0.keeps_input()
    }

    /// The two as one; [`Pooled::joins`] says whether they can be.
    pub fn new(convolution: Convolution, pool: Pool) -> Self {
        let strips = pool.to.height;
        let strip = Pool {
            from: Volume { height: pool.windows[0].size, ..pool.from },
            to: Volume { height: 1, ..pool.to },
            ..pool
        };
        Self { convolution, pool: strip, strips }
    }

    /// Floats of a strip before the pool, and after it.
    fn strip(&self) -> (usize, usize) {
        (self.pool.from.features() * LANES, self.pool.to.features() * LANES)
    }
}

impl Layer for Pooled {
    fn outputs(&self) -> usize {
        self.strips * self.pool.to.features()
    }

    fn tape(&self, pass: Pass) -> Tape {
        let y = Tape::of(self.outputs()).y;
        let kept = if pass.training { y.clone() } else { Panels::zeros(0, 0) };
        let convolution = self.convolution.tape(pass);
        Tape { wide: convolution.y, y, kept, ..convolution }
    }

    fn forward(&self, x: &Panels, _: Option<&Panels>, tape: &mut Tape, pass: Pass) {
        let (convolution, (before, after)) = (&self.convolution, self.strip());
        let row = before / self.pool.windows[0].size;
        tape.wide.set_columns(x.columns());
        for strip in 0..self.strips {
            // Whoever looks at the units wants the whole image; in training a strip takes the last one's place.
            let from = if pass.training { 0 } else { strip * before };
            let wide = &mut tape.wide.panel_mut(0)[from..from + before];
            for (i, wide) in wide.chunks_exact_mut(row).enumerate() {
                let patch = tape.patches.panel_mut(0);
                convolution.forward_row(x, strip * self.pool.windows[0].size + i, patch, wide, pass.simd);
            }
            let y = &mut tape.y.panel_mut(0)[strip * after..(strip + 1) * after];
            let kept =
                if pass.training { &mut tape.kept.panel_mut(0)[strip * after..(strip + 1) * after] } else { &mut [] };
            self.pool.take(pass.simd, wide, y, kept);
        }
    }

    fn backward(&self, x: &Panels, tape: &mut Tape, dy: &mut Panels, mut dx: Option<&mut Panels>, pass: Pass) {
        let (convolution, (before, after)) = (&self.convolution, self.strip());
        let row = before / self.pool.windows[0].size;
        convolution.unit.0.backward(pass.simd, tape.y.panel(0), dy.panel_mut(0));
        if let Some(dx) = &mut dx {
            dx.panel_mut(0).fill(0.0);
        }
        // The strip's gradient takes the place of the strip, which is no longer needed.
        let mut wide = std::mem::replace(&mut tape.wide, Panels::zeros(0, 0));
        let mut start = Start::Zero;
        for strip in 0..self.strips {
            let of_strip = strip * after..(strip + 1) * after;
            let delta = &mut wide.panel_mut(0)[..before];
            let kept = &tape.kept.panel(0)[of_strip.clone()];
            self.pool.give_back(pass.simd, &dy.panel(0)[of_strip], kept, delta);
            for (i, delta) in delta.chunks_exact(row).enumerate() {
                let number = strip * self.pool.windows[0].size + i;
                convolution.backward_row(x, number, delta, tape, dx.as_deref_mut(), start, pass.simd);
                start = Start::Old;
            }
        }
        tape.wide = wide;
    }

    fn weights(&self) -> Option<&Weights> {
        self.convolution.weights()
    }

    fn weights_mut(&mut self) -> Option<&mut Weights> {
        self.convolution.weights_mut()
    }

    fn is_weighted(&self) -> bool {
        true
    }

    fn learn(&mut self, l: usize, blocks: &[Block], team: &Team, update: Option<Update>) {
        self.convolution.learn(l, blocks, team, update);
    }

    fn unit(&self) -> Option<Unit> {
        self.convolution.unit()
    }
}

#[cfg(test)]
mod tests {
    use super::super::dense::Dense;
    use super::super::{Stack, Tower};
    use super::*;
    use crate::data::{Features, Rows, Scaling, Target};
    use crate::nets::cnn::Windows;
    use crate::nets::net::{Moment, Net, Site};
    use crate::nets::{Activation, Init, Setting, TrainSpec};
    use crate::numerics::{Simd, random::Stream};
    use ndarray::Array2;

    const ROWS: usize = 45;

    /// A convolution of 5 filters on 8×6 images, a pool of 2×2, and three logits; weights of the convolution after two
    /// steps, and how many of its units are where on their activation.
    fn trained(activation: Activation, joined: bool) -> (Vec<f32>, Vec<f64>) {
        let team = Team::new(1, Simd::active());
        let from = Volume { height: 8, width: 6, channels: 2 };
        let to = Volume { channels: 5, ..from };
        let weights = |inputs, outputs, l| Weights::drawn(inputs, outputs, outputs, Init::He, 1, l, team.simd());
        let window = Windows { size: 3, stride: 1, before: 1 };
        let unit = Unit(activation);
        let convolution = Convolution { weights: weights(18, 5, 1), unit, from, to, windows: [window; 2] };
        let halves = Windows { size: 2, stride: 2, before: 0 };
        let half = Volume { height: 4, width: 3, channels: 5 };
        let pool = Pool { by: Pooling::Max, from: to, to: half, windows: [halves; 2] };
        let mut layers: Vec<Box<dyn Layer>> = if joined {
            vec![Box::new(Pooled::new(convolution, pool))]
        } else {
            vec![Box::new(convolution), Box::new(pool)]
        };
        layers.push(Box::new(Dense { weights: weights(60, 3, 2), unit: Unit(Activation::Identity) }));
        let train = TrainSpec { lr: 0.1, ..TrainSpec::default() };
        let mut draws = Stream::new(1, "pooled test").at(0);
        let x = Array2::from_shape_simple_fn((ROWS, from.features()), || draws.normal() as f32);
        let labels = (0..ROWS as u32).map(|r| r % 3).collect();
        let target = Target::Classes { labels, names: ["a", "b", "c"].map(String::from).to_vec() };
        let (features, scaling) = (Features::Real(x), Scaling::identity(from.features()));
        let index: Vec<u32> = (0..ROWS as u32).collect();
        let rows = Rows::new(&features, &target, &scaling, &index, None);
        let site = Site { setting: Setting::of(&rows), train: &train, batch: ROWS, seed: 1, team: &team };
        let mut tower = Tower::new(Stack { layers, inputs: from.features() }, site);
        for step in 0..2 {
            tower.step(&rows, &index, Moment { seed: 1, step, update: train.update(step + 1, 2, 2) });
        }
        tower.evaluate(&rows, &index);
        let units = tower.units().iter().map(|u| u.saturated()).collect();
        (tower.weights()[0].to_vec(), units)
    }

    #[test]
    fn joined_layers_have_the_bits_of_the_two() {
        for activation in [Activation::Relu, Activation::Tanh, Activation::LeakyRelu, Activation::Identity] {
            assert_eq!(trained(activation, true), trained(activation, false), "{activation:?}");
        }
    }

    #[test]
    fn windows_that_do_not_tile_the_image_stay_apart() {
        let team = Team::new(1, Simd::active());
        let join = |size, stride, side, by, activation| {
            let from = Volume { height: side, width: side, channels: 1 };
            let to = Volume { height: (side - size) / stride + 1, width: (side - size) / stride + 1, channels: 1 };
            let windows = [Windows { size, stride, before: 0 }; 2];
            let weights = Weights::drawn(1, 1, 1, Init::He, 1, 1, team.simd());
            let one = [Windows { size: 1, stride: 1, before: 0 }; 2];
            let convolution = Convolution { weights, unit: Unit(activation), from, to: from, windows: one };
            Pooled::joins(&convolution, &Pool { by, from, to, windows })
        };
        assert!(join(2, 2, 6, Pooling::Max, Activation::Relu));
        assert!(!join(3, 2, 7, Pooling::Max, Activation::Relu), "they overlap");
        assert!(!join(2, 2, 7, Pooling::Max, Activation::Relu), "the last row is left out");
        assert!(!join(2, 3, 5, Pooling::Max, Activation::Relu), "rows between are left out");
        assert!(!join(2, 2, 6, Pooling::Average, Activation::Relu));
        assert!(!join(2, 2, 6, Pooling::Max, Activation::Gelu));
    }
}
