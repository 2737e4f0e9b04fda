//! The nearest neighbours: fitting keeps the training rows, predicting looks for the `k` nearest of them.
//!
//! 1. Every distance is computed, as one chain of 64-bit operations over increasing columns
//!    ([`squared_distances`], [`absolute_distances`]): what a tree of the space would save, it loses beyond some ten
//!    columns. (linfa-nn has such trees; its distances are one scalar loop for each pair of rows.)
//! 2. Of equal distances the earlier training row is the nearer.
//! 3. The neighbours vote with their weights; the score of a class is its share of them. A number is their weighted mean.
//!
//! Nothing is fitted, so no parameter is counted.

use std::cmp::Ordering;

use ndarray::{Array2, ArrayView2, ArrayViewMut1, s};

use super::{Error, KnnSpec, Metric, Weights, blocks, error, finished};
use crate::data::{Rows, Task};
use crate::learn::{Fit, Predict, Progress, Scores, Watch};
use crate::numerics::{Simd, absolute_distances, squared_distances};

/// Training rows whose distances are computed at a time: with as many rows to predict as a block holds, 2 MiB of them.
const CHUNK: usize = 1024;

/// The training rows and what they say.
struct Knn {
    spec: KnnSpec,
    /// Training rows × columns.
    x: Array2<f32>,
    target: Target,
}

/// What the training rows say, one entry a row.
enum Target {
    Classes { labels: Vec<u32>, classes: usize },
    Values(Vec<f64>),
}

/// A training row at some distance.
#[derive(Debug, Clone, Copy)]
struct Neighbour {
    distance: f64,
    row: usize,
}

/// Keeps the training rows; see [`super::Baseline::fit`].
pub(super) fn fit(spec: &KnnSpec, train: &Rows<'_>, watch: &dyn Watch) -> Result<Option<Fit>, Error> {
    let x = train.matrix();
    error::finite(x.view())?;
    let rows = 0..train.len();
    let target = match train.task() {
        Task::Classification { classes } => Target::Classes { labels: rows.map(|i| train.label(i)).collect(), classes },
        Task::Regression => Target::Values(rows.map(|i| f64::from(train.value(i))).collect()),
    };
    let model = Knn { spec: spec.clone(), x, target };
    Ok(watch.progress(Progress { epoch: 1, epochs: 1, loss: None }).then(|| finished(model, 0, None)))
}

impl Predict for Knn {
    fn predict(&self, rows: &Rows<'_>) -> Array2<f32> {
        let outputs = match self.target {
            Target::Classes { classes, .. } => classes,
            Target::Values(_) => 1,
        };
        blocks::scores(rows, outputs, |x, mut scores| {
            for (neighbours, out) in self.nearest(x).iter().zip(scores.rows_mut()) {
                self.ask(neighbours, out);
            }
        })
    }

    fn scores(&self) -> Scores {
        match self.target {
            Target::Classes { .. } => Scores::Order,
            Target::Values(_) => Scores::Values,
        }
    }
}

impl Knn {
    /// The `k` nearest training rows of each row of `x`, nearest first.
    fn nearest(&self, x: ArrayView2<'_, f32>) -> Vec<Vec<Neighbour>> {
        let k = self.spec.k as usize;
        let x = x.mapv(f64::from);
        let mut nearest = vec![Vec::with_capacity(k + 1); x.nrows()];
        for first in (0..self.x.nrows()).step_by(CHUNK) {
            let chunk = self.x.slice(s![first..(first + CHUNK).min(self.x.nrows()), ..]).mapv(f64::from);
            let distances = match self.spec.metric {
                Metric::Euclidean => squared_distances(Simd::active(), x.view(), chunk.view()),
                Metric::Manhattan => absolute_distances(Simd::active(), x.view(), chunk.view()),
            };
            for (nearest, distances) in nearest.iter_mut().zip(distances.rows()) {
                for (row, &distance) in (first..).zip(distances) {
                    admit(nearest, Neighbour { distance, row }, k);
                }
            }
        }
        nearest
    }

    /// Scores of one row by its neighbours.
    fn ask(&self, neighbours: &[Neighbour], mut scores: ArrayViewMut1<'_, f32>) {
        let weights: Vec<f64> = neighbours.iter().map(|n| self.weight(n, neighbours)).collect();
        let all: f64 = weights.iter().sum();
        let voices = neighbours.iter().zip(&weights);
        match &self.target {
            Target::Values(values) => {
                let sum: f64 = voices.map(|(n, weight)| weight * values[n.row]).sum();
                scores[0] = (sum / all) as f32;
            }
            Target::Classes { labels, classes } => {
                let mut votes = vec![0.0; *classes];
                voices.for_each(|(n, weight)| votes[labels[n.row] as usize] += weight);
                scores.iter_mut().zip(votes).for_each(|(score, votes)| *score = (votes / all) as f32);
            }
        }
    }

    /// What a neighbour counts among `neighbours`, nearest first.
    fn weight(&self, neighbour: &Neighbour, neighbours: &[Neighbour]) -> f64 {
        match (self.spec.weights, self.spec.metric) {
            (Weights::Uniform, _) => 1.0,
            (Weights::Distance, _) if neighbours[0].distance == 0.0 => f64::from(neighbour.distance == 0.0),
            (Weights::Distance, Metric::Euclidean) => 1.0 / neighbour.distance.sqrt(),
            (Weights::Distance, Metric::Manhattan) => 1.0 / neighbour.distance,
        }
    }
}

/// Puts a neighbour in its place among the nearest so far, of which `k` stay. Those of equal distance stay before it: rows
/// come in increasing order.
fn admit(nearest: &mut Vec<Neighbour>, neighbour: Neighbour, k: usize) {
    if nearest.len() == k && nearest[k - 1].distance <= neighbour.distance {
        return;
    }
    let place = nearest.partition_point(|n| n.distance.total_cmp(&neighbour.distance) != Ordering::Greater);
    nearest.insert(place, neighbour);
    nearest.truncate(k);
}
