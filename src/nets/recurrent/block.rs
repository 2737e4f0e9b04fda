//! Some rows of a batch on their way through all steps and layers, with every buffer that takes.

use super::head;
use super::layer::{Input, Tape};
use super::{Cells, Pass};
use crate::data::{Rows, Scaling, StoredRow};
use crate::numerics::random::{Draws, Stream};
use crate::numerics::{LANES, Panels, Share, Simd, Team};

/// Consecutive rows of a batch, from a multiple of [`LANES`] on.
#[derive(Debug)]
pub(super) struct Block {
    /// Rows in use.
    pub rows: usize,
    /// Rows of the batch before the block's first.
    pub first: usize,
    /// Rows there is room for.
    room: usize,
    /// The symbols read, by step; empty where steps are numbers.
    pub symbols: Vec<Vec<u8>>,
    /// What the first layer reads, by step, where that is not the symbols: rows × inputs.
    pub numbers: Vec<Panels>,
    /// The gradient by the embedded symbols.
    pub d_embedded: Vec<Panels>,
    pub tapes: Vec<Tape>,
    pub head: head::Tape,
}

impl Block {
    /// For up to `rows` rows of `steps` steps.
    pub fn new(cells: &Cells, rows: usize, steps: usize, training: bool) -> Self {
        // Whole squares are turned.
        let rows = rows.next_multiple_of(LANES);
        let inputs = cells.layers[0].w.theta.rows() - 1;
        let (is_text, embeds) = (cells.sequence.symbols.is_some(), cells.embedding.is_some());
        let numbers = |wanted| vec![Panels::zeros(rows, inputs); if wanted { steps } else { 0 }];
        let dropout = cells.dropout > 0.0;
        Self {
            rows: 0,
            first: 0,
            room: rows,
            symbols: vec![vec![0; rows]; if is_text { steps } else { 0 }],
            numbers: numbers(embeds || !is_text),
            d_embedded: numbers(embeds && training),
            tapes: cells.layers.iter().map(|layer| Tape::new(layer, rows, steps, training, dropout)).collect(),
            head: head::Tape::new(cells, rows, steps, training),
        }
    }

    /// Rows `rows` of the batch, from row `first` on.
    pub fn set_rows(&mut self, first: usize, rows: usize) {
        (self.first, self.rows) = (first, rows);
        self.numbers.iter_mut().chain(&mut self.d_embedded).for_each(|x| x.set_rows(rows));
        self.tapes.iter_mut().for_each(|tape| tape.set_rows(rows));
        self.head.set_rows(rows);
    }

    /// Reads rows `positions`, as many as are in use.
    pub fn gather(&mut self, rows: &Rows<'_>, positions: &[u32], pass: Pass) {
        let features = rows.columns() / self.steps();
        let Scaling { factor, offset } = rows.scaling();
        for (r, &position) in positions.iter().enumerate() {
            match rows.stored(position as usize) {
                StoredRow::Bytes(row) if !self.symbols.is_empty() => {
                    self.symbols.iter_mut().zip(row).for_each(|(step, symbol)| step[r] = *symbol);
                }
                stored => {
                    for (step, x) in self.numbers.iter_mut().enumerate() {
                        let at = step * features..(step + 1) * features;
                        let (factor, offset) = (&factor[at.clone()], &offset[at.clone()]);
                        match stored {
                            StoredRow::Bytes(row) => x.set_rows_bytes(pass.simd, r, &[&row[at]], factor, offset),
                            StoredRow::Real(row) => x.set_rows_scaled(pass.simd, r, &[&row[at]], factor, offset),
                        }
                    }
                }
            }
        }
    }

    /// Steps there is room for.
    pub fn steps(&self) -> usize {
        self.tapes[0].gates.len()
    }

    /// What layer `l` read.
    pub fn input(&self, l: usize) -> Input<'_> {
        match l.checked_sub(1) {
            Some(below) => Input::Numbers(self.tapes[below].outputs(true)),
            None if self.numbers.is_empty() => Input::Symbols(&self.symbols),
            None => Input::Numbers(&self.numbers),
        }
    }

    /// Takes the rows read through all steps of all layers, and through the logits of the steps that answer.
    pub fn forward(&mut self, cells: &Cells, pass: Pass) {
        if let Some(embedding) = &cells.embedding {
            let steps = self.symbols.iter().zip(&mut self.numbers);
            steps.for_each(|(symbols, x)| embedding.forward(symbols, x));
        }
        for l in 0..cells.layers.len() {
            for step in 0..self.steps() {
                self.step(cells, l, step, step == 0, pass);
            }
        }
    }

    /// Takes layer `l` through one step. `fresh`: the state before it is 0.
    pub fn step(&mut self, cells: &Cells, l: usize, step: usize, fresh: bool, pass: Pass) {
        let (below, from) = self.tapes.split_at_mut(l);
        let input = match below.last() {
            Some(below) => Input::Numbers(below.outputs(pass.training)),
            None if self.numbers.is_empty() => Input::Symbols(&self.symbols),
            None => Input::Numbers(&self.numbers),
        };
        let tape = &mut from[0];
        cells.layers[l].step(input, tape, step, fresh, pass.simd);
        if pass.training && !tape.dropped.is_empty() {
            let index = (pass.step * cells.layers.len() as u64 + l as u64) * tape.gates.len() as u64 + step as u64;
            let stream = Stream::new(pass.seed, "dropout of sequences");
            self.drop_outputs(cells.dropout, l, step, |chunk| stream.at(index << 16 | chunk as u64), pass.simd);
        }
    }

    /// Forgets what was read: states are 0 again. (A block of one step.)
    pub fn forget(&mut self) {
        for state in self.tapes.iter_mut().flat_map(|tape| tape.h[..1].iter_mut().chain(tape.c.iter_mut().take(1))) {
            (0..state.panels()).for_each(|p| state.panel_mut(p).fill(0.0));
        }
    }

    /// Reads one more symbol from the state before. (A block of one step and one row.)
    pub fn go_on(&mut self, cells: &Cells, symbol: u8, pass: Pass) {
        self.symbols[0][0] = symbol;
        if let Some(embedding) = &cells.embedding {
            embedding.forward(&self.symbols[0], &mut self.numbers[0]);
        }
        for l in 0..cells.layers.len() {
            self.step(cells, l, 0, false, pass);
        }
        for tape in &mut self.tapes {
            tape.h.swap(0, 1);
            tape.c.reverse();
        }
    }

    /// Draws which outputs of a step are dropped; each 32 rows of the batch have an index of their own.
    fn drop_outputs(&mut self, share: f64, l: usize, step: usize, draws: impl Fn(usize) -> Draws, simd: Simd) {
        let tape = &mut self.tapes[l];
        let (below, factor) = ((share * 4_294_967_296.0) as u32, (1.0 / (1.0 - share)) as f32);
        let (h, y, mask) = (&tape.h[step + 1], &mut tape.dropped[step], &mut tape.masks[step]);
        for chunk in 0..self.rows.div_ceil(LANES) {
            let mut draws = draws(self.first / LANES + chunk);
            let at = chunk * LANES * LANES..self.rows.min((chunk + 1) * LANES) * LANES;
            for p in 0..h.panels() {
                let (h, y, mask) =
                    (&h.panel(p)[at.clone()], &mut y.panel_mut(p)[at.clone()], &mut mask.panel_mut(p)[at.clone()]);
                for ((y, mask), h) in
                    y.chunks_exact_mut(LANES).zip(mask.chunks_exact_mut(LANES)).zip(h.chunks_exact(LANES))
                {
                    let mut bits = [0; LANES];
                    draws.fill_bits(simd, &mut bits);
                    for k in 0..LANES {
                        mask[k] = if bits[k] < below { 0.0 } else { factor };
                        y[k] = h[k] * mask[k];
                    }
                }
            }
        }
    }

    /// From the gradient by the logits back to the first layer.
    pub fn backward(&mut self, cells: &Cells, pass: Pass) {
        let last = self.tapes.len() - 1;
        cells.head.backward(&mut self.head, &mut self.tapes[last].d, pass.simd);
        for l in (0..=last).rev() {
            let (below, from) = self.tapes.split_at_mut(l);
            let tape = &mut from[0];
            for (d, mask) in tape.d.iter_mut().zip(&tape.masks) {
                for p in 0..d.panels() {
                    d.panel_mut(p).iter_mut().zip(mask.panel(p)).for_each(|(d, m)| *d *= m);
                }
            }
            let dx = match below.last_mut() {
                Some(below) => Some(&mut below.d[..]),
                None if cells.embedding.is_some() => Some(&mut self.d_embedded[..]),
                None => None,
            };
            cells.layers[l].backward(tape, dx, pass.simd);
        }
    }
}

/// The blocks of a batch.
#[derive(Debug)]
pub(super) struct Blocks {
    blocks: Vec<Block>,
    used: usize,
}

impl Blocks {
    /// For up to `rows` rows, as many blocks as threads can take.
    pub fn new(cells: &Cells, rows: usize, threads: usize, training: bool) -> Self {
        let each = rows.div_ceil(LANES).div_ceil(threads) * LANES;
        let blocks = (0..rows.div_ceil(each)).map(|_| Block::new(cells, each, cells.sequence.steps, training));
        Self { blocks: blocks.collect(), used: 0 }
    }

    /// Takes in `rows` rows.
    pub fn take(&mut self, rows: usize) {
        let each = self.blocks[0].room;
        self.used = rows.div_ceil(each);
        for (b, block) in self.blocks[..self.used].iter_mut().enumerate() {
            block.set_rows(b * each, (rows - b * each).min(each));
        }
    }

    /// Those in use.
    pub fn in_use(&self) -> &[Block] {
        &self.blocks[..self.used]
    }

    /// Does `work` on each block in use; threads take blocks of their own.
    pub fn divide(&mut self, team: &Team, work: impl Fn(&mut Block) + Sync) {
        let share = BlockShare(&mut self.blocks[..self.used]);
        team.divide(self.used, share, |share| share.0.iter_mut().for_each(&work));
    }
}

/// Consecutive blocks.
struct BlockShare<'a>(&'a mut [Block]);

impl Share for BlockShare<'_> {
    fn cut(self, items: usize, _: usize) -> (Self, Self) {
        let (first, rest) = self.0.split_at_mut(items);
        (Self(first), BlockShare(rest))
    }
}
