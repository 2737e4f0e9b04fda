//! Prediction block by block, so that a large test set needs little memory.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use rayon::prelude::*;

use crate::data::Rows;

/// Rows scored at a time: their kernel values against some thousand support vectors stay in the cache.
const BLOCK: usize = 256;

/// Scores of all `rows` (rows × `outputs`), filled by `score` from blocks of scaled rows.
///
/// Blocks are scored in parallel; each writes its own rows, so the result depends on nothing but the rows.
pub(super) fn scores(
    rows: &Rows<'_>,
    outputs: usize,
    score: impl Fn(ArrayView2<'_, f32>, ArrayViewMut2<'_, f32>) + Sync,
) -> Array2<f32> {
    let mut all = Array2::zeros((rows.len(), outputs));
    let blocks: Vec<_> = all.axis_chunks_iter_mut(Axis(0), BLOCK).enumerate().collect();
    blocks.into_par_iter().for_each(|(b, out)| {
        let first = (b * BLOCK) as u32;
        let positions: Vec<u32> = (first..first + out.nrows() as u32).collect();
        let mut block = Array2::zeros((out.nrows(), rows.columns()));
        rows.gather(&positions, block.view_mut());
        score(block.view(), out);
    });
    all
}
