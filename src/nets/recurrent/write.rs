//! What a net writes: symbol by symbol, each drawn from what the net makes of those before it.
//!
//! With logits z and a temperature τ the next symbol is s with probability e^(zₛ/τ) / Σ e^(z/τ): below 1 the net keeps to
//! what it holds likely, at 1 it writes as it believes.

use super::block::Block;
use super::{Cells, Outputs, Pass};
use crate::data::{Rows, StoredRow};
use crate::learn::Written;
use crate::numerics::random::{Draws, Stream};
use crate::numerics::{Panels, Simd, real};

/// Symbols of a text.
const LENGTH: usize = 400;
/// At what temperatures a net of characters writes: one text each.
pub const TEMPERATURES: [f64; 3] = [0.5, 0.8, 1.0];

impl Cells {
    /// One text a temperature, each going on from the first of `rows`; none by a net that does not tell the next symbol at
    /// every step. A text is a function of the weights, the row, `seed` and `epoch`.
    pub(super) fn write(&self, rows: &Rows<'_>, seed: u64, epoch: u32, simd: Simd) -> Vec<Written> {
        let goes_on = self.sequence.symbols.is_some() && self.head.outputs == Outputs::Every && !self.is_binary();
        if !goes_on || rows.is_empty() {
            return Vec::new();
        }
        let StoredRow::Bytes(row) = rows.stored(0) else { return Vec::new() };
        let mut writer = Writer::new(self, simd);
        let after = symbol(rows.symbol_after(0, row.len() - 1));
        TEMPERATURES
            .iter()
            .zip(0u64..)
            .map(|(&temperature, number)| {
                let draws = Stream::new(seed, "writing").at(u64::from(epoch) << 8 | number);
                Written { epoch, temperature, symbols: writer.text(row, after, temperature, draws) }
            })
            .collect()
    }

    /// Whether one logit stands for two classes: no distribution over symbols.
    fn is_binary(&self) -> bool {
        self.head.weights.theta.columns() == 1
    }
}

/// A net that reads one symbol after the other.
struct Writer<'a> {
    cells: &'a Cells,
    block: Block,
    logits: Panels,
    pass: Pass,
}

impl<'a> Writer<'a> {
    fn new(cells: &'a Cells, simd: Simd) -> Self {
        let mut block = Block::new(cells, 1, 1, false);
        block.set_rows(0, 1);
        let logits = Panels::zeros(1, cells.head.weights.theta.columns());
        Self { cells, block, logits, pass: Pass::looking(simd) }
    }

    /// Reads `start` and the symbol after it, and goes on.
    fn text(&mut self, start: &[u8], after: u8, temperature: f64, mut draws: Draws) -> Vec<u8> {
        self.block.forget();
        start.iter().for_each(|&symbol| self.block.go_on(self.cells, symbol, self.pass));
        let mut symbols = vec![after];
        while symbols.len() < LENGTH {
            self.block.go_on(self.cells, symbols[symbols.len() - 1], self.pass);
            let top = &self.block.tapes[self.block.tapes.len() - 1];
            self.cells.head.forward(&top.h[0], &mut self.logits, self.pass.simd);
            let logits: Vec<f32> = (0..self.logits.columns()).map(|o| self.logits.at(0, o)).collect();
            symbols.push(drawn(&logits, temperature, draws.uniform()));
        }
        symbols
    }
}

/// The symbol at which the distribution's sum passes `share` of it.
fn drawn(logits: &[f32], temperature: f64, share: f64) -> u8 {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weight = |z: &f32| real::exp(f64::from(z - max) / temperature);
    let wanted = share * logits.iter().map(weight).sum::<f64>();
    let mut sum = 0.0;
    let passed = logits.iter().position(|z| {
        sum += weight(z);
        sum > wanted
    });
    // A net that has diverged draws nothing; its text does not matter.
    symbol(passed.unwrap_or(0) as u32)
}

fn symbol(of: u32) -> u8 {
    u8::try_from(of).expect("a symbol is a byte")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_drawn_by_their_share_and_the_temperature() {
        // e⁰ : e^ln 3 = 1 : 3, at half the temperature 1 : 9.
        let logits = [5.0, 5.0 + real::ln(3.0) as f32];
        for (temperature, bound) in [(1.0, 0.25), (0.5, 0.1)] {
            assert_eq!(drawn(&logits, temperature, bound - 1e-6), 0);
            assert_eq!(drawn(&logits, temperature, bound + 1e-6), 1);
        }
        assert_eq!((drawn(&logits, 1.0, 0.0), drawn(&logits, 1.0, 1.0 - f64::EPSILON)), (0, 1));
        assert_eq!(drawn(&[f32::NAN; 3], 1.0, 0.5), 0);
    }
}
