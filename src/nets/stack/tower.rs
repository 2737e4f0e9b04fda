//! A stack as the training loop sees it, and as it predicts.

use ndarray::Array2;

use super::Stack;
use super::block::Blocks;
use super::layer::Pass;
use crate::data::{Rows, Task};
use crate::learn::{Predict, Scores};
use crate::nets::loss::{Tally, Targets};
use crate::nets::net::{Moment, Net, Site};
use crate::nets::record::Units;
use crate::nets::{Loss, TrainSpec, mlp};
use crate::numerics::{LANES, Panels, Simd, Team};

/// A stack in training.
pub(in crate::nets) struct Tower<'a> {
    stack: Stack,
    blocks: Blocks,
    /// Outputs × rows of a batch: the loss is a matter of all of them.
    logits: Panels,
    targets: Targets,
    train: &'a TrainSpec,
    task: Task,
    team: &'a Team,
}

impl<'a> Tower<'a> {
    /// With the first weights that `stack` has.
    pub fn new(mut stack: Stack, site: Site<'a>) -> Self {
        let Site { setting, train, batch, seed, team } = site;
        for weights in stack.layers.iter_mut().filter_map(|l| l.weights_mut()) {
            weights.prepare(train, team);
        }
        let pass = Pass { simd: team.simd(), training: true, seed, step: 0, block: 0 };
        let blocks = stack.blocks(batch, pass);
        let room = blocks.room();
        Self {
            logits: Panels::zeros(stack.layers.last().map_or(0, |l| l.outputs()), room),
            targets: Targets::with_capacity(setting.task, room),
            stack,
            blocks,
            train,
            task: setting.task,
            team,
        }
    }

    /// What the rows taken last come to; the gradient by their logits stays in `logits`.
    fn tally(&mut self, rows: &Rows<'_>, positions: &[u32]) -> Tally {
        self.targets.gather(rows, positions);
        self.logits.set_columns(positions.len());
        for (b, block) in self.blocks.in_use().iter().enumerate() {
            self.logits.panel_mut(b).copy_from_slice(block.logits().panel(0));
        }
        self.train.loss.backward(self.team.simd(), &mut self.logits, &self.targets)
    }

    /// Hands the gradient by the logits to the blocks.
    fn hand_back(&mut self) {
        for (b, block) in self.blocks.in_use_mut().iter_mut().enumerate() {
            let d = &mut block.d[0];
            d.set_rows(self.logits.rows());
            d.set_columns(block.rows);
            d.panel_mut(0).copy_from_slice(self.logits.panel(b));
            // Columns without a sample have no part in any gradient.
            d.panel_mut(0).chunks_exact_mut(LANES).for_each(|row| row[block.rows..].fill(0.0));
        }
    }
}

impl Net for Tower<'_> {
    fn step(&mut self, rows: &Rows<'_>, positions: &[u32], moment: Moment) -> Tally {
        let Moment { seed, step, update } = moment;
        let pass = Pass { simd: self.team.simd(), training: true, seed, step, block: 0 };
        self.stack.forward(&mut self.blocks, rows, positions, self.team, pass);
        let tally = self.tally(rows, positions);
        self.hand_back();
        self.stack.backward(&mut self.blocks, self.team, pass);
        self.stack.learn(&self.blocks, self.team, update, self.train);
        tally
    }

    fn layers(&self) -> usize {
        self.stack.layers.iter().filter(|l| l.is_weighted()).count()
    }

    fn gradient_norms(&self, norms: &mut [f64]) {
        let weighted = self.stack.layers.iter().filter(|l| l.is_weighted());
        for (norm, layer) in norms.iter_mut().zip(weighted) {
            *norm = layer.weights().and_then(|w| w.memory.as_ref()).map_or(0.0, |memory| memory.norm());
        }
    }

    fn rows_at_once(&self) -> usize {
        self.blocks.room()
    }

    fn evaluate(&mut self, rows: &Rows<'_>, positions: &[u32]) -> Tally {
        let pass = Pass::looking(self.team.simd());
        self.stack.look(&mut self.blocks, rows, positions, self.team, pass);
        self.tally(rows, positions)
    }

    fn units(&self) -> Vec<Units> {
        let with_units = self.stack.layers.iter().enumerate().filter_map(|(l, layer)| Some((l, layer.unit()?)));
        let units = with_units.zip(1..).map(|((l, unit), number)| {
            let tapes = self.blocks.in_use().iter().map(|b| (unit.kept(&b.tapes[l]), b.tapes[l].activations()));
            Units::of_blocks(number, unit.0, tapes)
        });
        units.collect()
    }

    fn parameters(&self) -> u64 {
        let matrices = self.stack.layers.iter().filter_map(|l| l.weights());
        matrices.map(|w| (w.theta.rows() * w.theta.columns()) as u64).sum()
    }

    fn weights(&mut self) -> Vec<&mut [f32]> {
        let mut all = Vec::new();
        for layer in &mut self.stack.layers {
            all.extend(layer.values());
        }
        all
    }

    fn memory(&mut self) -> Vec<&mut [f32]> {
        let memories = self.stack.layers.iter_mut().filter_map(|l| l.weights_mut()?.memory.as_mut());
        memories.flat_map(|memory| memory.running_means()).collect()
    }

    fn into_model(self: Box<Self>) -> Box<dyn Predict> {
        let mut stack = self.stack;
        stack.layers.iter_mut().filter_map(|l| l.weights_mut()).for_each(|w| w.memory = None);
        Box::new(Fitted { stack, loss: self.train.loss, task: self.task })
    }
}

/// A fitted stack.
struct Fitted {
    stack: Stack,
    loss: Loss,
    task: Task,
}

impl Predict for Fitted {
    fn predict(&self, rows: &Rows<'_>) -> Array2<f32> {
        let team = Team::new(1, Simd::active());
        let pass = Pass::looking(team.simd());
        let mut blocks = self.stack.blocks(LANES.min(rows.len()), pass);
        let outputs = self.stack.layers.last().map_or(0, |l| l.outputs());
        let mut scores = mlp::scores_of(self.loss, rows.len(), outputs);
        let before = scores.ncols() - outputs;
        let positions: Vec<u32> = (0..rows.len() as u32).collect();
        for chunk in positions.chunks(LANES) {
            self.stack.look(&mut blocks, rows, chunk, &team, pass);
            let logits = blocks.in_use()[0].logits();
            for (c, &position) in chunk.iter().enumerate() {
                for o in 0..outputs {
                    scores[[position as usize, before + o]] = logits.at(o, c);
                }
            }
        }
        scores
    }

    fn scores(&self) -> Scores {
        mlp::meaning(self.task, self.loss)
    }
}
