//! A training put down and taken up again: everything that its next steps depend on.
//!
//! Orders, dropout masks and schedules are functions of the seed and the number of steps made, so that no generator's state
//! has to be kept. Buffers are written anew by each step and are no part of the state.

use serde::{Deserialize, Serialize};

use super::net::Net;
use super::training::{Best, Position};
use crate::learn::{Checkpoint, Series};

/// Raised whenever a state is laid out or meant in another way; one of another layout is not taken up.
const LAYOUT: u32 = 1;

/// What a [`Checkpoint`] of a net in training holds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct State {
    layout: u32,
    pub position: Position,
    pub best: Option<Best>,
    pub history: Vec<Series>,
    weights: Vec<Vec<f32>>,
    memory: Vec<Vec<f32>>,
}

impl State {
    /// That of `net` on its way; allocates a copy of all its weights and running means.
    pub fn of(net: &mut dyn Net, position: &Position, best: Option<&Best>, history: &[Series]) -> Self {
        let copies = |slices: Vec<&mut [f32]>| slices.into_iter().map(|s| s.to_vec()).collect();
        Self {
            layout: LAYOUT,
            position: position.clone(),
            best: best.cloned(),
            history: history.to_vec(),
            weights: copies(net.weights()),
            memory: copies(net.memory()),
        }
    }

    /// As it is handed over, while epoch `epoch` is under way.
    pub fn checkpoint(&self, epoch: u32) -> Checkpoint {
        let state = postcard::to_stdvec(self).expect("a state is numbers and names, which all have a form");
        Checkpoint { epoch, state }
    }

    /// What was handed over; `None` where it is of another layout.
    pub fn read(checkpoint: &Checkpoint) -> Option<Self> {
        let state: Self = postcard::from_bytes(&checkpoint.state).ok()?;
        (state.layout == LAYOUT).then_some(state)
    }

    /// Gives a net its weights and running means back; `false`, and nothing done, where it is of another shape.
    pub fn restore(&self, net: &mut dyn Net) -> bool {
        fn fits(to: &[&mut [f32]], from: &[Vec<f32>]) -> bool {
            to.len() == from.len() && to.iter().zip(from).all(|(to, from)| to.len() == from.len())
        }
        fn copy(to: Vec<&mut [f32]>, from: &[Vec<f32>]) {
            to.into_iter().zip(from).for_each(|(to, from)| to.copy_from_slice(from));
        }
        let fits_best = |net: &mut dyn Net| self.best.as_ref().is_none_or(|best| fits(&net.weights(), &best.weights));
        if !fits(&net.weights(), &self.weights) || !fits(&net.memory(), &self.memory) || !fits_best(net) {
            return false;
        }
        copy(net.weights(), &self.weights);
        copy(net.memory(), &self.memory);
        true
    }
}
