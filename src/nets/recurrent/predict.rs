//! What a fitted recurrent net predicts.

use ndarray::Array2;

use super::block::Block;
use super::{Cells, Outputs, Pass};
use crate::data::Rows;
use crate::learn::{Answers, Predict, Scores};
use crate::nets::{Loss, mlp};
use crate::numerics::{LANES, Simd};

/// A fitted net.
#[derive(Debug)]
pub(super) struct Fitted {
    pub cells: Cells,
    pub loss: Loss,
}

impl Predict for Fitted {
    fn predict(&self, rows: &Rows<'_>) -> Array2<f32> {
        let (pass, answers) = (Pass::looking(Simd::active()), self.cells.answers());
        let mut block = Block::new(&self.cells, LANES.min(rows.len()), self.cells.sequence.steps, false);
        let outputs = self.cells.head.weights.theta.columns();
        let mut scores = mlp::scores_of(self.loss, rows.len() * answers, outputs);
        let before = scores.ncols() - outputs;
        let positions: Vec<u32> = (0..rows.len() as u32).collect();
        for chunk in positions.chunks(LANES) {
            block.set_rows(0, chunk.len());
            block.gather(rows, chunk, pass);
            block.forward(&self.cells, pass);
            let top = block.tapes.len() - 1;
            self.cells.head.answer(&mut block.head, block.tapes[top].outputs(false), pass.simd);
            for (r, &position) in chunk.iter().enumerate() {
                for (answer, logits) in block.head.logits.iter().enumerate() {
                    for o in 0..outputs {
                        scores[[position as usize * answers + answer, before + o]] = logits.at(r, o);
                    }
                }
            }
        }
        scores
    }

    fn scores(&self) -> Scores {
        mlp::meaning(self.cells.task, self.loss)
    }

    fn answers(&self) -> Answers {
        match self.cells.head.outputs {
            Outputs::Last => Answers::Row,
            Outputs::Every => Answers::EveryStep,
        }
    }
}
