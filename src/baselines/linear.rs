//! Linear regression: `min_w  ‖y − X w − b‖² + alpha ‖w‖²`, the intercept `b` not penalised; ordinary least squares at
//! `alpha = 0`, ridge regression above.
//!
//! 1. Columns and values are centred, which settles the intercept; constant columns are left out.
//! 2. Ordinary least squares takes the shortest of the minimisers where columns depend on each other.
//! 3. Ridge regression is a problem of ordinary least squares with more rows, `(X; √alpha I) w = (y; 0)`. Where there are
//!    fewer rows than columns it is one with more columns, which is smaller: the shortest `(w; z)` with
//!    `X w + √alpha z = y`, since then `z = (y − X w) / √alpha`.
//!
//! (linfa-linear refuses columns that depend on each other, and knows no ridge regression without iterations.)

use ndarray::{Array2, Axis, s};

use super::affine::Affine;
use super::columns::Columns;
use super::{Error, LinearSpec, blocks, error, finished};
use crate::data::Rows;
use crate::learn::{Fit, Predict, Progress, Scores, Watch};
use crate::numerics::{Simd, least_squares, real};

/// A fitted line: one output.
struct Linear(Affine);

/// Fits linear regression; see [`super::Baseline::fit`].
pub(super) fn fit(spec: &LinearSpec, train: &Rows<'_>, watch: &dyn Watch) -> Result<Option<Fit>, Error> {
    error::not_negative("alpha", spec.alpha)?;
    let (rows, unknowns) = shape(spec, train.len(), train.columns());
    error::fits("linear", 8 * (rows * unknowns) as u64, "take fewer training rows, or `pca` in the dataset")?;
    if !watch.progress(Progress { epoch: 0, epochs: 1, loss: None }) {
        return Ok(None);
    }
    let x = train.matrix();
    error::finite(x.view())?;
    let columns = Columns::of(x.view());
    let mut centred = columns.centre(x.view()).mapv(f64::from);
    // The means of 32 bits are not quite the means.
    let rest = centred.mean_axis(Axis(0)).expect("there are rows");
    centred -= &rest;
    let y: Vec<f64> = (0..train.len()).map(|row| f64::from(train.value(row))).collect();
    let mean = y.iter().sum::<f64>() / y.len() as f64;

    let (problem, right) = problem(spec, &centred, y.iter().map(|y| y - mean).collect());
    let flops = flops(problem.ncols(), problem.nrows());
    let weights = least_squares(Simd::active(), problem, &right).x;
    let weights = Array2::from_shape_fn((centred.ncols(), 1), |(column, _)| weights[column]);
    let intercept = mean - weights.column(0).iter().zip(&rest).map(|(w, rest)| w * rest).sum::<f64>();
    let line = Affine::new(&columns, &weights, vec![intercept]);
    let parameters = line.parameters();
    Ok(watch
        .progress(Progress { epoch: 1, epochs: 1, loss: None })
        .then(|| finished(Linear(line), parameters, Some(flops))))
}

/// Rows and unknowns of the problem of ordinary least squares that is solved.
fn shape(spec: &LinearSpec, rows: usize, columns: usize) -> (usize, usize) {
    match spec.alpha {
        0.0 => (rows, columns),
        _ if rows < columns => (rows, columns + rows),
        _ => (rows + columns, columns),
    }
}

/// That problem: its matrix, column by column, and its right side.
fn problem(spec: &LinearSpec, x: &Array2<f64>, mut y: Vec<f64>) -> (Array2<f64>, Vec<f64>) {
    let (rows, columns) = x.dim();
    let (all_rows, unknowns) = shape(spec, rows, columns);
    let mut problem = Array2::zeros((unknowns, all_rows));
    problem.slice_mut(s![..columns, ..rows]).assign(&x.t());
    let root = real::sqrt(spec.alpha);
    if unknowns > columns {
        (0..rows).for_each(|i| problem[[columns + i, i]] = root);
    } else {
        (rows..all_rows).for_each(|i| problem[[i - rows, i]] = root);
    }
    y.resize(all_rows, 0.0);
    (problem, y)
}

/// Two operations for each multiply-add of the reflections of a problem: an inner product and an update of what is left of
/// each column behind.
fn flops(rows: usize, unknowns: usize) -> u64 {
    (0..rows.min(unknowns)).map(|k| 4 * ((rows - k) * (unknowns - k - 1)) as u64).sum()
}

impl Predict for Linear {
    fn predict(&self, rows: &Rows<'_>) -> Array2<f32> {
        blocks::scores(rows, 1, |x, mut scores| {
            for (x, mut out) in x.rows().into_iter().zip(scores.rows_mut()) {
                out[0] = self.0.outputs(x)[0] as f32;
            }
        })
    }

    fn scores(&self) -> Scores {
        Scores::Values
    }
}
