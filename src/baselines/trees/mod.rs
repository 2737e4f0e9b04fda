//! Decision trees, and forests of them.
//!
//! 1. Columns become ranks ([`ranks`]), once for all trees.
//! 2. Each tree is grown ([`grow`]) on its rows by how pure they become ([`purity`]); trees of a forest in parallel, each with
//!    random streams of its own, so that which thread grows which leaves no trace.
//! 3. A tree says of a row what the training rows of its leaf are: their shares of the classes, or their mean. A forest
//!    says the mean over its trees (Breiman 2001, *Random Forests*, with shares in place of votes, as scikit-learn does).
//!
//! Ours: linfa-trees goes through hash maps where it compares splits, so that equal ones are not told apart the same way
//! twice, and sorts every column anew for each node.

mod grow;
mod purity;
mod ranks;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use ndarray::{Array2, Axis};
use rayon::prelude::*;

use self::grow::{Columns, Tree, grow};
use self::purity::{Entropy, Gini, SquaredError};
use self::ranks::Ranks;
use super::{Criterion, Error, ForestSpec, Growth, TreeSpec, blocks, error, finished};
use crate::data::{Rows, Task};
use crate::learn::{Fit, Predict, Progress, Scores, Watch};
use crate::numerics::random::Stream;

/// Fitted trees.
struct Forest {
    trees: Vec<Tree>,
    outputs: usize,
    scores: Scores,
}

/// What is to be grown.
struct Plan<'a> {
    model: &'static str,
    growth: &'a Growth,
    trees: u32,
    /// Whether each tree learns from a sample of its own, drawn with replacement.
    bootstrap: bool,
    /// Columns looked at for a split.
    columns: usize,
    seed: u64,
}

/// What the training rows say, one entry a row.
enum Target {
    Classes {
        labels: Vec<u32>,
        classes: usize,
    },
    /// Values, `mean` taken off.
    Values {
        values: Vec<f64>,
        mean: f64,
    },
}

/// Fits a decision tree; see [`super::Baseline::fit`].
pub(super) fn tree(spec: &TreeSpec, train: &Rows<'_>, seed: u64, watch: &dyn Watch) -> Result<Option<Fit>, Error> {
    let columns = spec.max_features.of(train.columns());
    let plan = Plan { model: "tree", growth: &spec.growth, trees: 1, bootstrap: false, columns, seed };
    plan.carry_out(train, watch)
}

/// Fits a forest; see [`super::Baseline::fit`].
pub(super) fn forest(spec: &ForestSpec, train: &Rows<'_>, seed: u64, watch: &dyn Watch) -> Result<Option<Fit>, Error> {
    let columns = spec.max_features(train.task() == Task::Regression).of(train.columns());
    let ForestSpec { ref growth, trees, bootstrap, .. } = *spec;
    Plan { model: "forest", growth, trees, bootstrap, columns, seed }.carry_out(train, watch)
}

impl Plan<'_> {
    fn carry_out(&self, train: &Rows<'_>, watch: &dyn Watch) -> Result<Option<Fit>, Error> {
        let target = Target::of(train);
        let needed = self.bytes(train.len(), train.columns(), target.outputs());
        let advice = "take fewer trees, a smaller `max-depth` or a larger `min-samples-leaf`";
        error::fits(self.model, needed, advice)?;
        let ranks = {
            let x = train.matrix();
            error::finite(x.view())?;
            Ranks::of(x.view())
        };
        let Some(trees) = self.grow_all(&ranks, &target, watch) else { return Ok(None) };
        let nodes = trees.iter().map(|tree| tree.nodes() as u64).sum();
        let (outputs, scores) = (target.outputs(), target.scores());
        Ok(Some(finished(Forest { trees, outputs, scores }, nodes, None)))
    }

    /// Bytes held at most: ranks, and trees with as many leaves as their limits allow.
    fn bytes(&self, rows: usize, columns: usize, outputs: usize) -> u64 {
        let most = self.growth.max_depth.filter(|depth| *depth < 63).map_or(u64::MAX, |depth| 1 << depth);
        let leaves = (rows as u64 / u64::from(self.growth.min_samples_leaf)).clamp(1, most);
        let amounts = leaves.saturating_mul(outputs as u64).min(rows as u64);
        8 * (rows * columns) as u64 + u64::from(self.trees) * (32 * leaves + 16 * amounts)
    }

    /// All trees, in their order; `None` where the watcher stopped them.
    fn grow_all(&self, ranks: &Ranks, target: &Target, watch: &dyn Watch) -> Option<Vec<Tree>> {
        let (stopped, done) = (AtomicBool::new(false), AtomicU32::new(0));
        let trees = (0..self.trees).into_par_iter().map(|tree| {
            if stopped.load(Ordering::Relaxed) {
                return None;
            }
            let grown = self.grow_one(tree, ranks, target);
            let epoch = done.fetch_add(1, Ordering::Relaxed) + 1;
            if !watch.progress(Progress { epoch, epochs: self.trees, loss: None }) {
                stopped.store(true, Ordering::Relaxed);
                return None;
            }
            Some(grown)
        });
        trees.collect()
    }

    fn grow_one(&self, tree: u32, ranks: &Ranks, target: &Target) -> Tree {
        let weights = self.weights(tree, target.len());
        let rows = (0..).zip(&weights).filter(|(_, weight)| **weight > 0).map(|(row, _)| row).collect();
        let columns = match self.columns {
            all if all >= ranks.columns() => Columns::All,
            some => Columns::Drawn(some, Stream::new(self.seed, "tree columns").at(tree.into())),
        };
        match target {
            Target::Values { values, mean } => {
                let values: Vec<(f64, u32)> = values.iter().copied().zip(weights).collect();
                grow(ranks, self.growth, SquaredError::new(&values, *mean), columns, rows)
            }
            Target::Classes { labels, classes } => {
                let votes: Vec<(u32, u32)> = labels.iter().copied().zip(weights).collect();
                match self.growth.criterion {
                    Criterion::Gini => grow(ranks, self.growth, Gini::new(&votes, *classes), columns, rows),
                    Criterion::Entropy => grow(ranks, self.growth, Entropy::new(&votes, *classes), columns, rows),
                }
            }
        }
    }

    /// How often each row was drawn for a tree.
    fn weights(&self, tree: u32, rows: usize) -> Vec<u32> {
        if !self.bootstrap {
            return vec![1; rows];
        }
        let mut weights = vec![0; rows];
        let mut draws = Stream::new(self.seed, "tree rows").at(tree.into());
        (0..rows).for_each(|_| weights[draws.below(rows as u64) as usize] += 1);
        weights
    }
}

impl Target {
    fn of(train: &Rows<'_>) -> Self {
        let rows = 0..train.len();
        match train.task() {
            Task::Classification { classes } => {
                Self::Classes { labels: rows.map(|row| train.label(row)).collect(), classes }
            }
            Task::Regression => {
                let mut values: Vec<f64> = rows.map(|row| f64::from(train.value(row))).collect();
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                values.iter_mut().for_each(|value| *value -= mean);
                Self::Values { values, mean }
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Classes { labels, .. } => labels.len(),
            Self::Values { values, .. } => values.len(),
        }
    }

    fn outputs(&self) -> usize {
        match self {
            Self::Classes { classes, .. } => *classes,
            Self::Values { .. } => 1,
        }
    }

    fn scores(&self) -> Scores {
        match self {
            Self::Classes { .. } => Scores::Order,
            Self::Values { .. } => Scores::Values,
        }
    }
}

impl Predict for Forest {
    fn predict(&self, rows: &Rows<'_>) -> Array2<f32> {
        blocks::scores(rows, self.outputs, |x, mut scores| {
            let mut sums = Array2::<f64>::zeros(scores.dim());
            for tree in &self.trees {
                for (x, mut sums) in x.axis_iter(Axis(0)).zip(sums.rows_mut()) {
                    let x = x.to_slice().expect("the rows of a block are contiguous");
                    tree.says(x).iter().for_each(|&(output, amount)| sums[output as usize] += amount);
                }
            }
            let trees = self.trees.len() as f64;
            scores.zip_mut_with(&sums, |score, sum| *score = (sum / trees) as f32);
        })
    }

    fn scores(&self) -> Scores {
        self.scores
    }
}
