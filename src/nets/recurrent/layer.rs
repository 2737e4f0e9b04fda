//! One layer of cells: a block forward through time, and back.
//!
//! With X the inputs of a step, H′ the outputs of the step before and A the weighted sums of all gates, a row a sequence,
//!
//! ```text
//! A = b + X·W + H′·U        dX = Δ·Wᵀ        dH′ = dX of the layer above + Δ′·Uᵀ        dW = Σ Xᵀ·Δ        dU = Σ H′ᵀ·Δ
//! ```
//!
//! where the sums of a gradient run over steps, and over the rows of the batch within each: one chain, whatever blocks the
//! rows are cut into. Gates are padded to whole panels, so that a step is one product for all of them.

use super::Cell;
use super::block::Block;
use super::cell::{Back, State};
use crate::nets::optimizer::Update;
use crate::nets::parameters::Weights;
use crate::nets::record::Units;
use crate::nets::{Activation, Init, TrainSpec};
use crate::numerics::random::Stream;
use crate::numerics::{LANES, Left, Panels, Simd, Start, Team, multiply_panel, multiply_rows, turn};

/// A layer of `units` cells.
#[derive(Debug)]
pub(super) struct Layer {
    pub cell: Cell,
    pub units: usize,
    /// W, its bias below: inputs + 1 × slots that inputs reach.
    pub w: Weights,
    /// U: units + 1 × slots that outputs reach. The row below is the bias of a sum that inputs do not reach, else 0.
    pub u: Weights,
    /// Wᵀ and Uᵀ, for the way back: slots × inputs, slots × units.
    turned: [Panels; 2],
}

/// What a layer keeps of a block, by step; all rows × units but the gates.
#[derive(Debug)]
pub(super) struct Tape {
    /// Rows × slots: the gates' values, and after the way back Δ.
    pub gates: Vec<Panels>,
    /// Outputs, behind the state before the first step.
    pub h: Vec<Panels>,
    /// Memories of long short-term memory, behind that before the first step.
    pub c: Vec<Panels>,
    tanh_c: Vec<Panels>,
    /// Outputs as the next layer reads them, and the factors that made them so, with dropout.
    pub dropped: Vec<Panels>,
    pub masks: Vec<Panels>,
    /// The gradient by the outputs.
    pub d: Vec<Panels>,
    /// The gradient by the memory.
    dc: Panels,
}

/// What a layer reads at each step.
#[derive(Debug, Clone, Copy)]
pub(super) enum Input<'a> {
    /// One symbol a row: steps × room for the rows of the block.
    Symbols(&'a [Vec<u8>]),
    /// Rows × inputs, by step.
    Numbers(&'a [Panels]),
}

impl Tape {
    /// For `rows` rows of `steps` steps.
    pub fn new(layer: &Layer, rows: usize, steps: usize, training: bool, dropout: bool) -> Self {
        let (units, slots) = (layer.units, layer.cell.slots() * layer.units.next_multiple_of(LANES));
        let each = |count: usize| vec![Panels::zeros(rows, units); count];
        let remembers = layer.cell == Cell::Lstm;
        let (back, drops) = (if training { steps } else { 0 }, if dropout && training { steps } else { 0 });
        Self {
            gates: vec![Panels::zeros(rows, slots); steps],
            h: each(steps + 1),
            c: each(if remembers { steps + 1 } else { 0 }),
            tanh_c: each(if remembers { steps } else { 0 }),
            dropped: each(drops),
            masks: each(drops),
            d: each(back),
            dc: Panels::zeros(if remembers && training { rows } else { 0 }, units),
        }
    }

    /// Uses the first `rows` rows.
    pub fn set_rows(&mut self, rows: usize) {
        let all = [
            &mut self.gates,
            &mut self.h,
            &mut self.c,
            &mut self.tanh_c,
            &mut self.dropped,
            &mut self.masks,
            &mut self.d,
        ];
        all.into_iter().flatten().for_each(|panels| panels.set_rows(rows));
        if self.dc.stride() > 0 {
            self.dc.set_rows(rows);
        }
    }

    /// The outputs as the next layer reads them; in training with dropout those that are left.
    pub fn outputs(&self, training: bool) -> &[Panels] {
        if training && !self.dropped.is_empty() { &self.dropped } else { &self.h[1..] }
    }
}

impl Layer {
    /// With first weights from index `number` of the streams `init` and `recurrent init`.
    pub fn new(cell: Cell, inputs: usize, units: usize, init: Init, seed: u64, number: usize, simd: Simd) -> Self {
        let draw = |purpose, rows, slots: std::ops::Range<usize>| {
            let sd = init.deviation(rows, units) as f32;
            let mut draws = Stream::new(seed, purpose).at(number as u64);
            let mut row = vec![0.0; units];
            let panels = units.div_ceil(LANES);
            let mut theta = Panels::zeros(rows + 1, slots.len() * panels * LANES);
            for (r, slot) in (0..rows).flat_map(|r| (0..slots.len()).map(move |slot| (r, slot))) {
                draws.fill_normal(simd, &mut row);
                for (p, columns) in row.chunks(LANES).enumerate() {
                    let panel = &mut theta.panel_mut(slot * panels + p)[r * LANES..];
                    panel.iter_mut().zip(columns).for_each(|(w, x)| *w = x * sd);
                }
            }
            Weights { theta, memory: None }
        };
        let mut w = draw("init", inputs, cell.input_slots());
        let panels = units.div_ceil(LANES);
        for (slot, p) in cell.input_slots().flat_map(|slot| (0..panels).map(move |p| (slot, p))) {
            let used = (units - p * LANES).min(LANES);
            w.theta.panel_mut(slot * panels + p)[inputs * LANES..][..used].fill(cell.first_bias(slot));
        }
        let u = draw("recurrent init", units, cell.recurrent_slots());
        Self { cell, units, w, u, turned: [Panels::zeros(0, 0), Panels::zeros(0, 0)] }
    }

    /// Makes room for learning.
    pub fn prepare(&mut self, train: &TrainSpec, team: &Team) {
        for (weights, turned) in [&mut self.w, &mut self.u].into_iter().zip(&mut self.turned) {
            weights.prepare(train, team);
            // Whole squares: what is turned is padded.
            *turned = Panels::zeros(weights.theta.columns(), (weights.theta.rows() - 1).next_multiple_of(LANES));
        }
    }

    /// Frees it again.
    pub fn finish(&mut self) {
        (self.w.memory, self.u.memory) = (None, None);
        self.turned = [Panels::zeros(0, 0), Panels::zeros(0, 0)];
    }

    /// Number of weights and biases.
    pub fn parameters(&self) -> usize {
        let inputs = self.w.theta.rows() - 1;
        let of_inputs = (inputs + 1) * self.cell.input_slots().len() * self.units;
        let own_biases = self.cell.slots() - self.cell.input_slots().len();
        of_inputs + (self.units * self.cell.recurrent_slots().len() + own_biases) * self.units
    }

    /// L2 norm of the gradient by the weights.
    pub fn gradient_norm(&self) -> f64 {
        let squares = [&self.w, &self.u].map(|w| w.memory.as_ref().map_or(0.0, |m| m.norm() * m.norm()));
        (squares[0] + squares[1]).sqrt()
    }

    /// Panels of a slot.
    fn panels(&self) -> usize {
        self.units.div_ceil(LANES)
    }

    /// Takes a block through one step. `fresh`: the state before it is 0.
    pub fn step(&self, input: Input<'_>, tape: &mut Tape, step: usize, fresh: bool, simd: Simd) {
        let gates = &mut tape.gates[step];
        let (before, from) = tape.h.split_at_mut(step + 1);
        let h_before = &before[step];
        match input {
            Input::Symbols(symbols) => self.pick(&symbols[step], gates, simd),
            Input::Numbers(x) => {
                for p in 0..self.w.theta.panels() {
                    multiply_panel(simd, Left::Plain(&x[step]), &self.w.theta, p, Start::RowBelow, gates.panel_mut(p));
                }
            }
        }
        let (first, reached) = (self.cell.recurrent_slots().start * self.panels(), self.w.theta.panels());
        for p in 0..self.u.theta.panels() {
            let start = if first + p < reached { Start::Old } else { Start::RowBelow };
            if fresh && start == Start::Old {
                continue;
            }
            multiply_panel(simd, Left::Plain(h_before), &self.u.theta, p, start, gates.panel_mut(first + p));
        }
        let memory = (self.cell == Cell::Lstm).then(|| {
            let (before, from) = tape.c.split_at_mut(step + 1);
            (&before[step], &mut from[0], &mut tape.tanh_c[step])
        });
        self.cell.forward(simd, gates, State { h_before, h: &mut from[0], memory });
    }

    /// b + W of each row's symbol: the product with one 1 among zeros.
    fn pick(&self, symbols: &[u8], gates: &mut Panels, simd: Simd) {
        let bias = self.w.theta.rows() - 1;
        for p in 0..self.w.theta.panels() {
            let theta = self.w.theta.panel(p).as_chunks::<LANES>().0;
            let out = gates.panel_mut(p).as_chunks_mut::<LANES>().0;
            simd.run(
                #[inline(always)]
                || {
                    for (out, symbol) in out.iter_mut().zip(symbols) {
                        let (w, b) = (&theta[usize::from(*symbol)], &theta[bias]);
                        for k in 0..LANES {
                            out[k] = w[k] + b[k];
                        }
                    }
                },
            );
        }
    }

    /// Turns the weights for the way back.
    pub fn turn(&mut self, simd: Simd) {
        let (units, panels) = (self.units, self.panels());
        for (weights, turned) in [&self.w, &self.u].into_iter().zip(&mut self.turned) {
            let theta = &weights.theta;
            for p in 0..theta.panels() {
                let weights = &theta.panel(p)[..(theta.rows() - 1) * LANES];
                for (q, rows) in weights.chunks(LANES * LANES).enumerate() {
                    let square = &mut turned.panel_mut(q)[p * LANES * LANES..][..LANES * LANES];
                    turn(simd, rows, square);
                    // Padding has no part in any sum, whatever an optimiser made of it.
                    let used = (units - p % panels * LANES).min(LANES);
                    square[used * LANES..].fill(0.0);
                }
            }
        }
    }

    /// Takes the gradient by the outputs, in the tape's `d`, back through all steps; `dx` becomes that by the inputs, where
    /// it is wanted.
    pub fn backward(&self, tape: &mut Tape, mut dx: Option<&mut [Panels]>, simd: Simd) {
        if self.cell == Cell::Lstm {
            (0..tape.dc.panels()).for_each(|p| tape.dc.panel_mut(p).fill(0.0));
        }
        let first = self.cell.recurrent_slots().start * self.panels();
        let [w, u] = &self.turned;
        for step in (0..tape.gates.len()).rev() {
            let gates = &mut tape.gates[step];
            let (before, from) = tape.d.split_at_mut(step);
            let memory = (self.cell == Cell::Lstm).then(|| (&tape.c[step], &tape.tanh_c[step], &mut tape.dc));
            let (dh, mut dh_before) = (&from[0], before.last_mut());
            let back = Back { dh, h_before: &tape.h[step], dh_before: dh_before.as_deref_mut(), memory };
            self.cell.backward(simd, gates, back);
            if let Some(dh_before) = dh_before {
                for p in 0..dh_before.panels() {
                    let used = (self.units - p * LANES).min(LANES);
                    let out = dh_before.panel_mut(p);
                    multiply_rows(simd, Left::From(gates, first), u.panel(p), used, Start::Old, out);
                }
            }
            if let Some(dx) = &mut dx {
                let dx = &mut dx[step];
                for p in 0..dx.panels() {
                    let used = (dx.columns() - p * LANES).min(LANES);
                    multiply_rows(simd, Left::Plain(gates), w.panel(p), used, Start::Zero, dx.panel_mut(p));
                }
            }
        }
    }

    /// Computes the gradients of a batch by all weights, layer `l` of the blocks, and updates where `update` says how.
    pub fn learn(&mut self, l: usize, blocks: &[Block], team: &Team, update: Option<Update>) {
        let simd = team.simd();
        let steps = blocks.first().map_or(0, |b| b.tapes[l].gates.len());
        let in_order = || (0..steps).flat_map(|step| blocks.iter().map(move |block| (step, block)));
        self.w.learn(team, update, |p, dw, db| {
            dw.fill(0.0);
            db.fill(0.0);
            for (step, block) in in_order() {
                let delta = &block.tapes[l].gates[step];
                match block.input(l) {
                    Input::Symbols(symbols) => sum_by_symbol(simd, &symbols[step], delta.panel(p), dw),
                    Input::Numbers(x) => multiply_panel(simd, Left::Transposed(&x[step]), delta, p, Start::Old, dw),
                }
                add_rows(simd, delta.panel(p), db);
            }
        });
        let panels = self.panels();
        let (first, reached) = (self.cell.recurrent_slots().start * panels, self.cell.input_slots().end * panels);
        self.u.learn(team, update, |p, du, db| {
            du.fill(0.0);
            db.fill(0.0);
            let slot = first + p;
            for (step, block) in in_order() {
                let (h_before, delta) = (&block.tapes[l].h[step], &block.tapes[l].gates[step]);
                // Before the first step all outputs are 0.
                if step > 0 {
                    multiply_panel(simd, Left::Transposed(h_before), delta, slot, Start::Old, du);
                }
                if slot >= reached {
                    add_rows(simd, delta.panel(slot), db);
                }
            }
        });
    }
}

impl Layer {
    /// How many of the gates' values are where their slopes are small, layer `l` of the blocks, all steps.
    pub fn gates_state(&self, number: u32, l: usize, blocks: &[Block]) -> Units {
        let panels = self.panels();
        let (mut flat, mut all) = (0u64, 0u64);
        for gates in blocks.iter().flat_map(|block| &block.tapes[l].gates) {
            for p in 0..gates.panels() {
                let activation = self.cell.activation(p / panels);
                if activation == Activation::Identity {
                    continue;
                }
                let (used, low) = ((self.units - p % panels * LANES).min(LANES), 0.05 * activation.largest_slope());
                for row in gates.panel(p).as_chunks::<LANES>().0 {
                    flat += row[..used].iter().filter(|y| activation.slope(**y) < low).count() as u64;
                    all += used as u64;
                }
            }
        }
        Units::new(number, all, flat, None)
    }
}

/// Adds each row of Δ to the gradient by the weights of its symbol.
pub(super) fn sum_by_symbol(simd: Simd, symbols: &[u8], delta: &[f32], dw: &mut [f32]) {
    let dw = dw.as_chunks_mut::<LANES>().0;
    simd.run(
        #[inline(always)]
        || {
            for (symbol, delta) in symbols.iter().zip(delta.as_chunks::<LANES>().0) {
                let sum = &mut dw[usize::from(*symbol)];
                for k in 0..LANES {
                    sum[k] += delta[k];
                }
            }
        },
    );
}

/// Adds all rows to `sum`.
pub(super) fn add_rows(simd: Simd, rows: &[f32], sum: &mut [f32]) {
    let sum: &mut [f32; LANES] = sum.try_into().expect("one row of lanes");
    simd.run(
        #[inline(always)]
        || {
            for row in rows.as_chunks::<LANES>().0 {
                for k in 0..LANES {
                    sum[k] += row[k];
                }
            }
        },
    );
}
