//! Recurrent nets: plain, long short-term memory and gated recurrent units, by back-propagation through time.
//!
//! A row is a sequence. Everything is held by step, with the rows of a batch as rows and units as columns, so that a step is
//! one matrix product with weights that stay in the cache.
//!
//! 1. [`Cell`] says what a unit does at a step, and the way back through it (`cell`).
//! 2. A [`Layer`](layer::Layer) takes a block of rows through all steps, and back.
//! 3. A [`Head`](head::Head) makes answers of the last layer's outputs, at every step or at the last.
//! 4. A [`Block`](block::Block) holds some rows of a batch with all buffers: a step of training allocates nothing. Threads
//!    divide blocks and, for weights, outputs.
//! 5. A fitted or half-fitted net of symbols writes (`write`).
//! 6. [`Recurrent`] is all of it as the training loop sees it, [`Fitted`](predict::Fitted) as it predicts.

mod block;
mod cell;
mod embedding;
mod head;
mod layer;
mod predict;
mod spec;
mod write;

use super::loss::Tally;
use super::net::{Moment, Net, Site};
use super::parameters::{Memory, Weights, shortening};
use super::record::Units;
use super::{Setting, TrainSpec};
use crate::data::{Rows, Sequence, Task};
use crate::learn::{Predict, Written};
use crate::numerics::{Simd, Team};
use block::Blocks;
use embedding::Embedding;
use head::Head;
use layer::Layer;

pub use spec::{Cell, Outputs, RecurrentSpec};
pub use write::TEMPERATURES;

/// What a net is made of.
#[derive(Debug)]
struct Cells {
    embedding: Option<Embedding>,
    layers: Vec<Layer>,
    head: Head,
    dropout: f64,
    sequence: Sequence,
    task: Task,
}

/// How a block is taken through a net.
#[derive(Debug, Clone, Copy)]
struct Pass {
    simd: Simd,
    training: bool,
    seed: u64,
    /// Updates made before.
    step: u64,
}

impl Pass {
    /// As in prediction.
    fn looking(simd: Simd) -> Self {
        Self { simd, training: false, seed: 0, step: 0 }
    }
}

impl Cells {
    /// With first weights: those of layer l, from 1, come from index l of their streams.
    fn new(spec: &RecurrentSpec, setting: &Setting, outputs: usize, seed: u64, simd: Simd) -> Self {
        let sequence = setting.sequence.expect("a recurrent net was checked to read sequences");
        let mut inputs = spec.inputs(sequence);
        let embedding =
            sequence.symbols.zip(spec.embedding).map(|(symbols, _)| Embedding::new(symbols, inputs, seed, simd));
        let mut layers = Vec::new();
        for (&units, number) in spec.hidden.iter().zip(1..) {
            layers.push(Layer::new(spec.cell, inputs, units as usize, spec.init, seed, number, simd));
            inputs = units as usize;
        }
        let weights = Weights::drawn(inputs, outputs, outputs, spec.init, seed, layers.len() + 1, simd);
        let head = Head::new(weights, spec.outputs(sequence));
        Self { embedding, layers, head, dropout: spec.dropout, sequence, task: setting.task }
    }

    /// Answers to a row.
    fn answers(&self) -> usize {
        match self.head.outputs {
            Outputs::Last => 1,
            Outputs::Every => self.sequence.steps,
        }
    }

    /// What every matrix of weights needs to learn, in order.
    fn memories(&self) -> impl Iterator<Item = &Memory> {
        let embedding = self.embedding.iter().map(|e| &e.weights);
        let all = embedding.chain(self.layers.iter().flat_map(|l| [&l.w, &l.u])).chain([&self.head.weights]);
        all.filter_map(|w| w.memory.as_ref())
    }

    /// All matrices of weights, in order.
    fn weights_mut(&mut self) -> impl Iterator<Item = &mut Weights> {
        let embedding = self.embedding.iter_mut().map(|e| &mut e.weights);
        embedding.chain(self.layers.iter_mut().flat_map(|l| [&mut l.w, &mut l.u])).chain([&mut self.head.weights])
    }
}

/// A recurrent net in training.
pub(super) struct Recurrent<'a> {
    cells: Cells,
    blocks: Blocks,
    batch: usize,
    train: &'a TrainSpec,
    team: &'a Team,
}

impl<'a> Recurrent<'a> {
    /// With its first weights.
    pub fn new(spec: &RecurrentSpec, site: Site<'a>) -> Self {
        let Site { setting, train, batch, seed, team } = site;
        let mut cells = Cells::new(spec, &setting, train.loss.outputs(setting.task), seed, team.simd());
        if let Some(embedding) = &mut cells.embedding {
            embedding.weights.prepare(train, team);
        }
        cells.layers.iter_mut().for_each(|layer| layer.prepare(train, team));
        cells.head.prepare(train, team);
        let blocks = Blocks::new(&cells, batch, team.threads(), true);
        Self { cells, blocks, batch, train, team }
    }

    /// Takes rows through the net to what they come to; with gradients as far as the logits in training.
    fn look(&mut self, rows: &Rows<'_>, positions: &[u32], pass: Pass) -> Tally {
        self.blocks.take(positions.len());
        let (cells, loss, batch) = (&self.cells, self.train.loss, positions.len());
        self.blocks.divide(self.team, |block| {
            let positions = &positions[block.first..][..block.rows];
            block.gather(rows, positions, pass);
            block.forward(cells, pass);
            let top = block.tapes.len() - 1;
            cells.head.answer(&mut block.head, block.tapes[top].outputs(pass.training), pass.simd);
            block.head.gather(rows, positions);
            block.head.tally(loss, batch, pass.training, pass.simd);
            if pass.training {
                block.backward(cells, pass);
            }
        });
        // Answer after answer, and the rows of the batch within each: the same sum whatever the blocks.
        let blocks = self.blocks.in_use();
        let all = (0..cells.answers()).flat_map(|a| blocks.iter().flat_map(move |b| b.head.tallies(a, b.rows)));
        all.fold(Tally::default(), |sum, tally| sum.plus(*tally))
    }

    /// Computes every gradient by weights, and updates.
    fn learn(&mut self, moment: Moment) {
        let (blocks, team) = (self.blocks.in_use(), self.team);
        let at_once = self.train.clip.is_none().then_some(moment.update);
        if let Some(embedding) = &mut self.cells.embedding {
            embedding.learn(blocks, team, at_once);
        }
        for (l, layer) in self.cells.layers.iter_mut().enumerate() {
            layer.learn(l, blocks, team, at_once);
        }
        self.cells.head.learn(blocks, team, at_once);
        if let Some(clip) = self.train.clip {
            let scale = shortening(clip, self.cells.memories());
            self.cells.weights_mut().for_each(|w| w.update(team.simd(), moment.update, scale));
        }
    }
}

impl Net for Recurrent<'_> {
    fn step(&mut self, rows: &Rows<'_>, positions: &[u32], moment: Moment) -> Tally {
        let simd = self.team.simd();
        self.cells.layers.iter_mut().for_each(|layer| layer.turn(simd));
        self.cells.head.turn(simd);
        let pass = Pass { simd, training: true, seed: moment.seed, step: moment.step };
        let tally = self.look(rows, positions, pass);
        self.learn(moment);
        tally
    }

    fn layers(&self) -> usize {
        usize::from(self.cells.embedding.is_some()) + self.cells.layers.len() + 1
    }

    fn gradient_norms(&self, norms: &mut [f64]) {
        let of = |weights: &Weights| weights.memory.as_ref().map_or(0.0, Memory::norm);
        let embedding = self.cells.embedding.iter().map(|e| of(&e.weights));
        let layers = self.cells.layers.iter().map(Layer::gradient_norm);
        let all = embedding.chain(layers).chain([of(&self.cells.head.weights)]);
        norms.iter_mut().zip(all).for_each(|(norm, of)| *norm = of);
    }

    fn rows_at_once(&self) -> usize {
        self.batch
    }

    fn evaluate(&mut self, rows: &Rows<'_>, positions: &[u32]) -> Tally {
        self.look(rows, positions, Pass::looking(self.team.simd()))
    }

    fn write(&self, rows: &Rows<'_>, seed: u64, epoch: u32) -> Vec<Written> {
        self.cells.write(rows, seed, epoch, self.team.simd())
    }

    fn units(&self) -> Vec<Units> {
        let first = 1 + u32::from(self.cells.embedding.is_some());
        let layers = self.cells.layers.iter().enumerate().zip(first..);
        layers.map(|((l, layer), number)| layer.gates_state(number, l, self.blocks.in_use())).collect()
    }

    fn parameters(&self) -> u64 {
        let embedding = self.cells.embedding.as_ref().map_or(0, Embedding::parameters);
        let head = &self.cells.head.weights.theta;
        let layers: usize = self.cells.layers.iter().map(Layer::parameters).sum();
        (embedding + layers + head.rows() * head.columns()) as u64
    }

    fn weights(&mut self) -> Vec<&mut [f32]> {
        self.cells.weights_mut().map(|w| w.theta.floats_mut()).collect()
    }

    fn memory(&mut self) -> Vec<&mut [f32]> {
        let memories = self.cells.weights_mut().filter_map(|w| w.memory.as_mut());
        memories.flat_map(Memory::running_means).collect()
    }

    fn into_model(self: Box<Self>) -> Box<dyn Predict> {
        let Self { mut cells, train, .. } = *self;
        cells.weights_mut().for_each(|w| w.memory = None);
        cells.layers.iter_mut().for_each(Layer::finish);
        cells.head.finish();
        Box::new(predict::Fitted { cells, loss: train.loss })
    }
}
