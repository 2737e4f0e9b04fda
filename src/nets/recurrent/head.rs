//! The output layer: logits at the steps that answer, their loss, and the way back.

use super::block::Block;
use super::layer::add_rows;
use super::{Cells, Outputs};
use crate::data::Rows;
use crate::nets::loss::{Tally, Targets};
use crate::nets::optimizer::Update;
use crate::nets::parameters::Weights;
use crate::nets::{Loss, TrainSpec};
use crate::numerics::{LANES, Left, Panels, Simd, Start, Team, multiply_panel, multiply_rows, turn};

/// A dense layer on the outputs of the last layer of cells.
#[derive(Debug)]
pub(super) struct Head {
    /// Units + 1 × outputs.
    pub weights: Weights,
    pub outputs: Outputs,
    /// Outputs × units, for the way back.
    turned: Panels,
}

/// What it keeps of a block.
#[derive(Debug)]
pub(super) struct Tape {
    /// The step of the first answer.
    first: usize,
    /// Rows × outputs, by answer: logits, and in training the gradient by them.
    pub logits: Vec<Panels>,
    /// Classes or values: by answer, then by row with room for the block's.
    targets: Targets,
    /// Outputs × 32 rows: as losses read them.
    z: Vec<f32>,
    /// What each answer of each 32 rows came to.
    tallies: Vec<Tally>,
}

impl Tape {
    /// For `rows` rows (whole lanes) of `steps` steps.
    pub fn new(cells: &Cells, rows: usize, steps: usize, training: bool) -> Self {
        let outputs = cells.head.weights.theta.columns();
        let answers = cells.answers().min(steps);
        let kept = if training { answers } else { 0 };
        Self {
            first: steps - answers,
            logits: vec![Panels::zeros(rows, outputs); answers],
            targets: Targets::with_capacity(cells.task, kept * rows),
            z: vec![0.0; outputs.next_multiple_of(LANES) * LANES],
            tallies: vec![Tally::default(); kept * rows / LANES],
        }
    }

    /// Uses the first `rows` rows.
    pub fn set_rows(&mut self, rows: usize) {
        self.logits.iter_mut().for_each(|z| z.set_rows(rows));
    }
}

impl Head {
    /// With weights drawn as those of a dense layer.
    pub fn new(weights: Weights, outputs: Outputs) -> Self {
        Self { weights, outputs, turned: Panels::zeros(0, 0) }
    }

    /// Makes room for learning.
    pub fn prepare(&mut self, train: &TrainSpec, team: &Team) {
        self.weights.prepare(train, team);
        let (units, outputs) = (self.weights.theta.rows() - 1, self.weights.theta.columns());
        self.turned = Panels::zeros(outputs.next_multiple_of(LANES), units.next_multiple_of(LANES));
    }

    /// Frees it again.
    pub fn finish(&mut self) {
        self.weights.memory = None;
        self.turned = Panels::zeros(0, 0);
    }

    /// The logits of answer `answer` from the outputs `h` of its step.
    pub fn forward(&self, h: &Panels, logits: &mut Panels, simd: Simd) {
        for p in 0..logits.panels() {
            multiply_panel(simd, Left::Plain(h), &self.weights.theta, p, Start::RowBelow, logits.panel_mut(p));
        }
    }

    /// All logits of a block.
    pub fn answer(&self, tape: &mut Tape, outputs: &[Panels], simd: Simd) {
        for (logits, h) in tape.logits.iter_mut().zip(&outputs[tape.first..]) {
            self.forward(h, logits, simd);
        }
    }

    /// Turns the weights for the way back.
    pub fn turn(&mut self, simd: Simd) {
        let theta = &self.weights.theta;
        for p in 0..theta.panels() {
            let used = (theta.columns() - p * LANES).min(LANES);
            for (q, rows) in theta.panel(p)[..(theta.rows() - 1) * LANES].chunks(LANES * LANES).enumerate() {
                let square = &mut self.turned.panel_mut(q)[p * LANES * LANES..][..LANES * LANES];
                turn(simd, rows, square);
                square[used * LANES..].fill(0.0);
            }
        }
    }

    /// From the gradient by the logits to that by the outputs of the last layer, at every step.
    pub fn backward(&self, tape: &mut Tape, d: &mut [Panels], simd: Simd) {
        let (silent, answering) = d.split_at_mut(tape.first);
        for d in silent {
            (0..d.panels()).for_each(|p| d.panel_mut(p).fill(0.0));
        }
        let outputs = self.weights.theta.columns();
        for (d, delta) in answering.iter_mut().zip(&tape.logits) {
            for p in 0..d.panels() {
                let (used, turned) = ((d.columns() - p * LANES).min(LANES), &self.turned.panel(p)[..outputs * LANES]);
                multiply_rows(simd, Left::Plain(delta), turned, used, Start::Zero, d.panel_mut(p));
            }
        }
    }

    /// Computes the gradient of a batch, and updates where `update` says how.
    pub fn learn(&mut self, blocks: &[Block], team: &Team, update: Option<Update>) {
        let simd = team.simd();
        let answers = blocks.first().map_or(0, |b| b.head.logits.len());
        self.weights.learn(team, update, |p, dw, db| {
            dw.fill(0.0);
            db.fill(0.0);
            for (answer, block) in (0..answers).flat_map(|answer| blocks.iter().map(move |block| (answer, block))) {
                let delta = &block.head.logits[answer];
                let h = &block.tapes[block.tapes.len() - 1].outputs(true)[block.head.first + answer];
                multiply_panel(simd, Left::Transposed(h), delta, p, Start::Old, dw);
                add_rows(simd, delta.panel(p), db);
            }
        });
    }
}

impl Tape {
    /// Reads what rows `positions` should come to.
    pub fn gather(&mut self, rows: &Rows<'_>, positions: &[u32]) {
        let (room, goes_on) = (self.room(), rows.sequence().is_some_and(|s| s.goes_on));
        for (answer, step) in (self.first..).take(self.logits.len()).enumerate() {
            for (r, &position) in positions.iter().enumerate() {
                let (at, position) = (answer * room + r, position as usize);
                match &mut self.targets {
                    Targets::Classes(classes) if goes_on => classes[at] = rows.symbol_after(position, step),
                    Targets::Classes(classes) => classes[at] = rows.label(position),
                    Targets::Values(values) if goes_on => values[at] = rows.value_after(position, step),
                    Targets::Values(values) => values[at] = rows.value(position),
                }
            }
        }
    }

    /// Rows there is room for.
    fn room(&self) -> usize {
        self.logits[0].stride() / LANES
    }

    /// What the logits come to; with `back` their gradient takes their place. A batch has `batch` rows in all.
    pub fn tally(&mut self, loss: Loss, batch: usize, back: bool, simd: Simd) {
        let (answers, room) = (self.logits.len(), self.room());
        let scale = 1.0 / (batch * answers) as f32;
        for (answer, logits) in self.logits.iter_mut().enumerate() {
            let (rows, outputs) = (logits.rows(), logits.columns());
            logits.set_rows(room);
            for chunk in 0..rows.div_ceil(LANES) {
                let square = chunk * LANES * LANES..(chunk + 1) * LANES * LANES;
                for (p, z) in self.z.chunks_exact_mut(LANES * LANES).enumerate() {
                    turn(simd, &logits.panel(p)[square.clone()], z);
                }
                let (used, at) = ((rows - chunk * LANES).min(LANES), answer * room + chunk * LANES);
                let z = &mut self.z[..outputs * LANES];
                self.tallies[at / LANES] = loss.of_panel(simd, z, &self.targets, at, used, scale);
                if back {
                    for (p, z) in self.z.chunks_exact(LANES * LANES).enumerate() {
                        turn(simd, z, &mut logits.panel_mut(p)[square.clone()]);
                    }
                }
            }
            logits.set_rows(rows);
        }
    }

    /// What answer `answer` of `rows` rows came to, 32 rows after 32.
    pub fn tallies(&self, answer: usize, rows: usize) -> &[Tally] {
        &self.tallies[answer * self.room() / LANES..][..rows.div_ceil(LANES)]
    }
}
