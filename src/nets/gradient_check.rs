//! Whether the gradient is one: that of the first step against differences of the loss, layer by layer.
//!
//! Along the gradient g of a layer's weights the loss changes by |g| for each unit of length. So it is looked at a little
//! before and a little behind the first weights, in that direction, and the slope between the two places is held against |g|.
//! What is left between them is the rounding of 32 bits, and corners of the loss on the way.

use super::net::{Moment, Net, Site, build};
use super::{NetSpec, Optimizer, TrainSpec};
use crate::data::Rows;
use crate::numerics::real;

/// Length of the way to each side: long enough for the loss to change by more than its last digits, short enough to be straight.
const LENGTH: f64 = 0.01;

/// |slope − |g|| / |g| of each layer of the net that a training begins with, on its first rows. A layer without a gradient
/// has none of it: not a number.
pub(super) fn relative_errors(net: &NetSpec, train: &TrainSpec, rows: &Rows<'_>, site: Site<'_>) -> Vec<f64> {
    // Plain descent with rate 1 moves the weights by the gradient.
    let descent = TrainSpec { optimizer: Optimizer::SGD, lr: 1.0, weight_decay: 0.0, clip: None, ..train.clone() };
    let mut net = build(net, Site { train: &descent, ..site });
    let positions: Vec<u32> = (0..site.batch.min(net.rows_at_once()).min(rows.len()) as u32).collect();
    let before = copied(&mut *net);
    let moment = Moment { seed: site.seed, step: 0, update: descent.update(1, 1, 1) };
    net.step(rows, &positions, moment);
    let after = copied(&mut *net);
    let gradients = before.iter().zip(&after).map(|(b, a)| b.iter().zip(a).map(|(b, a)| f64::from(b - a)).collect());
    let gradients: Vec<Vec<f64>> = gradients.collect();
    let mut loss_at = |layer: usize, share: f64| {
        for (k, (weights, first)) in net.weights().into_iter().zip(&before).enumerate() {
            for ((w, first), g) in weights.iter_mut().zip(first).zip(&gradients[k]) {
                *w = if k == layer { (f64::from(*first) + share * g) as f32 } else { *first };
            }
        }
        net.evaluate(rows, &positions).mean_loss()
    };
    let error = |(layer, gradient): (usize, &Vec<f64>)| {
        let norm = real::sqrt(gradient.iter().map(|g| g * g).sum());
        let share = LENGTH / norm;
        let slope = (loss_at(layer, share) - loss_at(layer, -share)) / (2.0 * LENGTH);
        (slope - norm).abs() / norm
    };
    gradients.iter().enumerate().map(error).collect()
}

fn copied(net: &mut dyn Net) -> Vec<Vec<f32>> {
    net.weights().into_iter().map(|weights| weights.to_vec()).collect()
}
