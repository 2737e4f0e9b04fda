//! Symbols as learned rows of numbers.

use super::block::Block;
use super::layer::sum_by_symbol;
use crate::nets::optimizer::Update;
use crate::nets::parameters::Weights;
use crate::numerics::random::Stream;
use crate::numerics::{LANES, Panels, Simd, Team};

/// One row of numbers a symbol.
#[derive(Debug)]
pub(super) struct Embedding {
    /// Symbols + 1 × numbers; there are no biases, and the row below stays 0.
    pub weights: Weights,
}

impl Embedding {
    /// Standard normal, from index 0 of the stream `init`.
    pub fn new(symbols: usize, numbers: usize, seed: u64, simd: Simd) -> Self {
        let mut theta = Panels::zeros(symbols + 1, numbers);
        let mut draws = Stream::new(seed, "init").at(0);
        let mut row = vec![0.0; numbers];
        for symbol in 0..symbols {
            draws.fill_normal(simd, &mut row);
            for (p, columns) in row.chunks(LANES).enumerate() {
                theta.panel_mut(p)[symbol * LANES..][..columns.len()].copy_from_slice(columns);
            }
        }
        Self { weights: Weights { theta, memory: None } }
    }

    /// Number of weights.
    pub fn parameters(&self) -> usize {
        (self.weights.theta.rows() - 1) * self.weights.theta.columns()
    }

    /// The numbers of each row's symbol at one step.
    pub fn forward(&self, symbols: &[u8], x: &mut Panels) {
        for p in 0..x.panels() {
            let theta = self.weights.theta.panel(p).as_chunks::<LANES>().0;
            let x = x.panel_mut(p).as_chunks_mut::<LANES>().0;
            x.iter_mut().zip(symbols).for_each(|(x, symbol)| *x = theta[usize::from(*symbol)]);
        }
    }

    /// Computes the gradient of a batch, and updates where `update` says how.
    pub fn learn(&mut self, blocks: &[Block], team: &Team, update: Option<Update>) {
        let (simd, steps) = (team.simd(), blocks.first().map_or(0, Block::steps));
        self.weights.learn(team, update, |p, dw, db| {
            dw.fill(0.0);
            db.fill(0.0);
            for (step, block) in (0..steps).flat_map(|step| blocks.iter().map(move |block| (step, block))) {
                sum_by_symbol(simd, &block.symbols[step], block.d_embedded[step].panel(p), dw);
            }
        });
    }
}
