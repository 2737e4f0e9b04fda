//! Pools: the largest or the mean value of each window of each channel. Windows lie within the image.

use super::block::Tape;
use super::layer::{Layer, Pass};
use crate::nets::cnn::{Pooling, Volume, Windows};
use crate::numerics::{LANES, Panels};

/// A pool; down and across.
#[derive(Debug)]
pub(super) struct Pool {
    pub by: Pooling,
    pub from: Volume,
    pub to: Volume,
    pub windows: [Windows; 2],
}

impl Pool {
    /// Calls `visit(output, input, entry)` for each entry of each window: where in the floats the output pixel is, where
    /// the input pixel, and the entry's number in the window.
    #[inline(always)]
    fn visit(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let ([down, across], channels) = (self.windows, self.from.channels);
        for row in 0..self.to.height {
            for column in 0..self.to.width {
                let output = (row * self.to.width + column) * channels * LANES;
                for i in 0..down.size {
                    for j in 0..across.size {
                        let (y, x) = (row * down.stride + i, column * across.stride + j);
                        visit(output, (y * self.from.width + x) * channels * LANES, i * across.size + j);
                    }
                }
            }
        }
    }

    fn pixel(&self) -> usize {
        self.from.channels * LANES
    }
}

impl Layer for Pool {
    fn outputs(&self) -> usize {
        self.to.features()
    }

    fn tape(&self, pass: Pass) -> Tape {
        let mut tape = Tape::of(self.outputs());
        if pass.training && self.by == Pooling::Max {
            tape.kept = tape.y.clone();
        }
        tape
    }

    fn forward(&self, x: &Panels, _: Option<&Panels>, tape: &mut Tape, pass: Pass) {
        let (x, y, len) = (x.panel(0), tape.y.panel_mut(0), self.pixel());
        let share = 1.0 / (self.windows[0].size * self.windows[1].size) as f32;
        match self.by {
            Pooling::Average => pass.simd.run(
                #[inline(always)]
                || {
                    self.visit(|output, input, entry| {
                        let (y, x) = (&mut y[output..output + len], &x[input..input + len]);
                        if entry == 0 {
                            y.iter_mut().zip(x).for_each(|(y, x)| *y = x * share);
                        } else {
                            y.iter_mut().zip(x).for_each(|(y, x)| *y = x.mul_add(share, *y));
                        }
                    });
                },
            ),
            Pooling::Max if pass.training => {
                let kept = tape.kept.panel_mut(0);
                pass.simd.run(
                    #[inline(always)]
                    || {
                        self.visit(|output, input, entry| {
                            let (y, x) = (&mut y[output..output + len], &x[input..input + len]);
                            largest(y, x, &mut kept[output..output + len], entry);
                        });
                    },
                );
            }
            Pooling::Max => pass.simd.run(
                #[inline(always)]
                || {
                    self.visit(|output, input, entry| {
                        let (y, x) = (&mut y[output..output + len], &x[input..input + len]);
                        for (y, x) in y.iter_mut().zip(x) {
                            *y = if entry == 0 || is_larger(*x, *y) { *x } else { *y };
                        }
                    });
                },
            ),
        }
    }

    fn backward(&self, _: &Panels, tape: &mut Tape, dy: &mut Panels, dx: Option<&mut Panels>, pass: Pass) {
        let Some(dx) = dx else { return };
        let (dx, dy, len) = (dx.panel_mut(0), dy.panel(0), self.pixel());
        dx.fill(0.0);
        let share = 1.0 / (self.windows[0].size * self.windows[1].size) as f32;
        match self.by {
            Pooling::Average => pass.simd.run(
                #[inline(always)]
                || {
                    self.visit(|output, input, _| {
                        let (dx, dy) = (&mut dx[input..input + len], &dy[output..output + len]);
                        dx.iter_mut().zip(dy).for_each(|(dx, dy)| *dx = dy.mul_add(share, *dx));
                    });
                },
            ),
            Pooling::Max => {
                let kept = tape.kept.panel(0);
                pass.simd.run(
                    #[inline(always)]
                    || {
                        self.visit(|output, input, entry| {
                            let (dx, dy) = (&mut dx[input..input + len], &dy[output..output + len]);
                            let kept = &kept[output..output + len];
                            for ((dx, dy), at) in dx.iter_mut().zip(dy).zip(kept) {
                                *dx += if *at == entry as f32 { *dy } else { 0.0 };
                            }
                        });
                    },
                );
            }
        }
    }
}

/// Whether `x` takes the place of `y`. NaN does, and keeps it, so that divergence is seen.
#[inline(always)]
fn is_larger(x: f32, y: f32) -> bool {
    x > y || x.is_nan()
}

/// Takes in entry number `entry` of windows: values so far, and where they were found.
#[inline(always)]
fn largest(y: &mut [f32], x: &[f32], at: &mut [f32], entry: usize) {
    for ((y, x), at) in y.iter_mut().zip(x).zip(at) {
        let takes = entry == 0 || is_larger(*x, *y);
        *y = if takes { *x } else { *y };
        *at = if takes { entry as f32 } else { *at };
    }
}
