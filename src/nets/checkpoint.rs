//! A training put down and taken up again: everything that its next steps depend on.
//!
//! Orders, dropout masks and schedules are functions of the seed and the number of steps made, so that no generator's state
//! has to be kept. Buffers are written anew by each step and are no part of the state.
//!
//! The form is the past, the weights and the optimiser's running means, one after the other, floats by their bits.

use serde::{Deserialize, Serialize};

use super::net::Net;
use super::record::History;
use super::training::{Best, Position};

/// What a training has been through.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Past<P = Position, B = Option<Best>, H = History> {
    pub position: P,
    pub best: B,
    pub history: H,
}

/// The state of a training as bytes.
pub(super) fn put_down(net: &mut dyn Net, position: &Position, best: Option<&Best>, history: &History) -> Vec<u8> {
    fn add(bytes: Vec<u8>, what: &impl Serialize) -> Vec<u8> {
        postcard::to_extend(what, bytes).expect("numbers and names have a form, and memory grows")
    }
    let past = add(Vec::new(), &Past { position, best, history });
    let with_weights = add(past, &net.weights());
    add(with_weights, &net.memory())
}

/// Gives a net its weights and running means back; `None`, and nothing done, where they are another net's.
pub(super) fn take_up(state: &[u8], net: &mut dyn Net) -> Option<Past> {
    let (past, rest) = postcard::take_from_bytes::<Past>(state).ok()?;
    let (weights, rest) = postcard::take_from_bytes::<Vec<Vec<f32>>>(rest).ok()?;
    let memory: Vec<Vec<f32>> = postcard::from_bytes(rest).ok()?;
    let of_best = past.best.as_ref().is_none_or(|best| fits(&net.weights(), &best.weights));
    if !of_best || !fits(&net.weights(), &weights) || !fits(&net.memory(), &memory) {
        return None;
    }
    copy(net.weights(), &weights);
    copy(net.memory(), &memory);
    Some(past)
}

fn fits(to: &[&mut [f32]], from: &[Vec<f32>]) -> bool {
    to.len() == from.len() && to.iter().zip(from).all(|(to, from)| to.len() == from.len())
}

fn copy(to: Vec<&mut [f32]>, from: &[Vec<f32>]) {
    to.into_iter().zip(from).for_each(|(to, from)| to.copy_from_slice(from));
}
