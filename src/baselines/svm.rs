//! Support-vector machines: one for each pair of classes, decided by votes.
//!
//! 1. Each pair of classes is a [`binary`](super::binary) problem that linfa solves; pairs run in parallel.
//! 2. A row's score for a class is the number of pairs it wins there; equal numbers are told apart by the machines'
//!    decision values, as scikit-learn's `SVC(break_ties=True)` does.
//!
//! The results are the same bits on every machine: linfa-svm solves by plain arithmetic in a fixed order, the matrix product
//! under [`Rbf::kernel`] is that of [`numerics`](crate::numerics), and the exponential the `libm` crate's.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use ndarray::{Array2, ArrayView2, ArrayViewMut1};
use rayon::prelude::*;

use super::affine::Affine;
use super::binary::{self, Machine};
use super::columns::Columns;
use super::rbf::{Centred, Rbf};
use super::space::{Gaussian, Linear};
use super::{Error, Kernel, SvmSpec, blocks, error, finished};
use crate::data::Rows;
use crate::learn::{Fit, Predict, Progress, Scores, Watch};

/// Score of a class without training rows, below that of any other.
const ABSENT: f32 = -1.0;

/// A fitted machine for each pair of classes.
struct Svm {
    /// Number of classes, those without training rows too.
    classes: usize,
    /// Classes with training rows, increasing.
    present: Vec<usize>,
    decisions: Decisions,
}

/// What gives a row's decision value for each pair.
enum Decisions {
    /// One output a pair.
    Linear(Affine),
    /// One machine a pair, over shared support vectors.
    Rbf { kernel: Rbf, support: Centred, machines: Vec<Machine> },
}

/// Two classes and their training rows, those of the first before those of the second.
struct Pair {
    rows: Vec<usize>,
    first: usize,
}

/// Fits a support-vector machine; see [`super::Baseline::fit`].
pub(super) fn fit(spec: &SvmSpec, train: &Rows<'_>, watch: &dyn Watch) -> Result<Option<Fit>, Error> {
    let classes = error::classes(train, "svm")?;
    error::positive("c", spec.c)?;
    error::positive("tolerance", spec.tolerance)?;
    let x = train.matrix();
    error::finite(x.view())?;
    let mut of_class = vec![Vec::new(); classes];
    (0..train.len()).for_each(|row| of_class[train.label(row) as usize].push(row));
    let present: Vec<usize> = (0..classes).filter(|&c| !of_class[c].is_empty()).collect();
    let pairs: Vec<Pair> = pairs(present.len())
        .map(|(a, b)| (&of_class[present[a]], &of_class[present[b]]))
        .map(|(a, b)| Pair { rows: [&a[..], b].concat(), first: a.len() })
        .collect();

    let decisions = match spec.kernel {
        Kernel::Linear => {
            let columns = Columns::of(x.view());
            let rows = columns.centre(x.view());
            let space = |pair: &Pair, go_on: &dyn Fn() -> bool| {
                binary::solve(Linear::new(rows.view(), &pair.rows), pair.first, spec, go_on)
            };
            machines(&pairs, watch, space)?.map(|m| Decisions::Linear(affine(&columns, rows.view(), &m)))
        }
        Kernel::Rbf { gamma } => {
            let kernel = Rbf::new(gamma, x.view())?;
            let rows = kernel.centre(x.view());
            let space = |pair: &Pair, go_on: &dyn Fn() -> bool| {
                binary::solve(Gaussian::new(&kernel, rows.select(&pair.rows)), pair.first, spec, go_on)
            };
            machines(&pairs, watch, space)?.map(|m| share_support(kernel, &rows, m))
        }
    };
    Ok(decisions.map(|decisions| {
        let parameters = parameters(&decisions);
        finished(Svm { classes, present, decisions }, parameters, None)
    }))
}

/// All pairs of `count` classes, in the order of the machines.
fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |a| (a + 1..count).map(move |b| (a, b)))
}

/// Solves all pairs in parallel, their support vectors as training rows; `None` where the watcher stopped them.
fn machines(
    pairs: &[Pair],
    watch: &dyn Watch,
    solve: impl Fn(&Pair, &dyn Fn() -> bool) -> Result<Option<Machine>, Error> + Sync,
) -> Result<Option<Vec<Machine>>, Error> {
    let stopped = AtomicBool::new(false);
    let done = AtomicU32::new(0);
    let report = |epoch: u32| {
        if !watch.progress(Progress { epoch, epochs: pairs.len() as u32, loss: None }) {
            stopped.store(true, Ordering::Relaxed);
        }
        !stopped.load(Ordering::Relaxed)
    };
    let solved: Result<Option<Vec<Machine>>, Error> = pairs
        .par_iter()
        .map(|pair| {
            let Some(mut machine) = solve(pair, &|| report(done.load(Ordering::Relaxed)))? else { return Ok(None) };
            machine.support.iter_mut().for_each(|(row, _)| *row = pair.rows[*row]);
            Ok(report(done.fetch_add(1, Ordering::Relaxed) + 1).then_some(machine))
        })
        .collect::<Result<Vec<_>, _>>()
        .map(|machines| machines.into_iter().collect());
    solved
}

/// The machines' hyperplanes: one output a pair.
fn affine(columns: &Columns, rows: ArrayView2<'_, f32>, machines: &[Machine]) -> Affine {
    let mut weights = Array2::zeros((rows.ncols(), machines.len()));
    for (mut w, machine) in weights.columns_mut().into_iter().zip(machines) {
        for &(row, coefficient) in &machine.support {
            w.zip_mut_with(&rows.row(row), |w, &x| *w += coefficient * f64::from(x));
        }
    }
    Affine::new(columns, &weights, machines.iter().map(|m| -m.rho).collect())
}

/// Keeps the training rows that support any machine, once each.
fn share_support(kernel: Rbf, rows: &Centred, mut machines: Vec<Machine>) -> Decisions {
    let mut support: Vec<usize> = machines.iter().flat_map(|m| m.support.iter().map(|s| s.0)).collect();
    support.sort_unstable();
    support.dedup();
    for (row, _) in machines.iter_mut().flat_map(|m| &mut m.support) {
        *row = support.binary_search(row).expect("every supporting row was collected");
    }
    Decisions::Rbf { kernel, support: rows.select(&support), machines }
}

/// Number of fitted weights, coefficients and intercepts.
fn parameters(decisions: &Decisions) -> u64 {
    match decisions {
        Decisions::Linear(affine) => affine.parameters(),
        Decisions::Rbf { machines, .. } => machines.iter().map(|m| m.support.len() as u64 + 1).sum(),
    }
}

impl Predict for Svm {
    fn predict(&self, rows: &Rows<'_>) -> Array2<f32> {
        blocks::scores(rows, self.classes, |x, mut scores| match &self.decisions {
            Decisions::Linear(affine) => {
                for (x, out) in x.rows().into_iter().zip(scores.rows_mut()) {
                    self.vote(&affine.outputs(x), out);
                }
            }
            Decisions::Rbf { kernel, support, machines } => {
                let values = kernel.kernel(&kernel.centre(x), support);
                for (k, out) in values.rows().into_iter().zip(scores.rows_mut()) {
                    let f = |m: &Machine| m.support.iter().map(|&(s, a)| a * k[s]).sum::<f64>() - m.rho;
                    self.vote(&machines.iter().map(f).collect::<Vec<_>>(), out);
                }
            }
        })
    }

    fn scores(&self) -> Scores {
        Scores::Order
    }
}

impl Svm {
    /// Scores of a row from its decision value for each pair.
    ///
    /// Votes plus a share of at most ⅓ by the sum `s` of the class's decision values, `s / (3 (|s| + 1))`: it orders
    /// equal votes and changes no others.
    fn vote(&self, decisions: &[f64], mut scores: ArrayViewMut1<'_, f32>) {
        let count = self.present.len();
        let (mut votes, mut sums) = (vec![0.0; count], vec![0.0; count]);
        for ((a, b), &f) in pairs(count).zip(decisions) {
            votes[if f > 0.0 { a } else { b }] += 1.0;
            sums[a] += f;
            sums[b] -= f;
        }
        scores.fill(ABSENT);
        for (&class, (vote, s)) in self.present.iter().zip(votes.into_iter().zip(sums)) {
            scores[class] = (vote + s / (3.0 * (s.abs() + 1.0))) as f32;
        }
    }
}
