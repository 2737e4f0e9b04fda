//! Gaussian naive Bayes: the columns of a class are taken to be independent and normal.
//!
//! ```text
//! ln p(c, x) = ln π_c − ½ Σ_j ln(2π σ²_cj) − ½ Σ_j (x_j − θ_cj)² / σ²_cj
//! ```
//!
//! with `π` the shares of the classes among the training rows, `θ` and `σ²` the mean and variance of each column over the
//! rows of a class. To each variance is added a share of the largest variance of any column: a column may be constant in
//! a class.
//!
//! (linfa-bayes keeps its classes in a hash map and calls the platform's `ln`.)

use std::f64::consts::PI;

use ndarray::{Array2, ArrayView2};

use super::present::Present;
use super::{Error, NaiveBayesSpec, blocks, error, finished};
use crate::data::Rows;
use crate::learn::{Fit, Predict, Progress, Scores, Watch};
use crate::numerics::real;

/// A fitted classifier.
struct NaiveBayes {
    present: Present,
    /// One a class with training rows.
    of_class: Vec<Normal>,
}

/// The normal distributions of one class.
struct Normal {
    /// `ln π − ½ Σ ln(2π σ²)`.
    constant: f64,
    /// θ, one a column.
    mean: Vec<f64>,
    /// 1 / σ², one a column.
    precision: Vec<f64>,
}

/// Fits Gaussian naive Bayes; see [`super::Baseline::fit`].
pub(super) fn fit(spec: &NaiveBayesSpec, train: &Rows<'_>, watch: &dyn Watch) -> Result<Option<Fit>, Error> {
    let classes = error::classes(train, "naive-bayes")?;
    error::positive("var-smoothing", spec.var_smoothing)?;
    let x = train.matrix();
    error::finite(x.view())?;
    let label = |row: usize| train.label(row) as usize;
    let present = Present::of(classes, (0..train.len()).map(label));
    let mut rows_of = vec![Vec::new(); present.len()];
    (0..train.len()).for_each(|row| rows_of[present.place(label(row))].push(row));

    let all: Vec<usize> = (0..train.len()).collect();
    let (_, variance) = moments(x.view(), &all);
    let smoothing = match variance.into_iter().fold(0.0, f64::max) {
        // Nothing varies: any distribution says as little.
        0.0 => 1.0,
        largest => spec.var_smoothing * largest,
    };
    let of_class: Vec<Normal> = rows_of.iter().map(|rows| Normal::of(x.view(), rows, smoothing)).collect();
    let parameters = (present.len() * (2 * train.columns() + 1)) as u64;
    // One operation a cell for a mean, three for a variance; over the classes, and over all rows.
    let flops = 8 * (train.len() * train.columns()) as u64;
    let model = NaiveBayes { present, of_class };
    Ok(watch.progress(Progress { epoch: 1, epochs: 1, loss: None }).then(|| finished(model, parameters, Some(flops))))
}

/// Mean and variance (n in the denominator) of each column over `rows`, summed in their order.
fn moments(x: ArrayView2<'_, f32>, rows: &[usize]) -> (Vec<f64>, Vec<f64>) {
    let n = rows.len() as f64;
    let (mut mean, mut variance) = (vec![0.0; x.ncols()], vec![0.0; x.ncols()]);
    for &row in rows {
        mean.iter_mut().zip(x.row(row)).for_each(|(sum, &x)| *sum += f64::from(x));
    }
    mean.iter_mut().for_each(|sum| *sum /= n);
    for &row in rows {
        for ((sum, &x), mean) in variance.iter_mut().zip(x.row(row)).zip(&mean) {
            *sum += (f64::from(x) - mean) * (f64::from(x) - mean);
        }
    }
    variance.iter_mut().for_each(|sum| *sum /= n);
    (mean, variance)
}

impl Normal {
    /// The distributions of the class whose rows are `rows`.
    fn of(x: ArrayView2<'_, f32>, rows: &[usize], smoothing: f64) -> Self {
        let (mean, variance) = moments(x, rows);
        let variance: Vec<f64> = variance.iter().map(|v| v + smoothing).collect();
        let logs: f64 = variance.iter().map(|v| real::ln(2.0 * PI * v)).sum();
        let prior = rows.len() as f64 / x.nrows() as f64;
        let precision = variance.iter().map(|v| 1.0 / v).collect();
        Self { constant: real::ln(prior) - 0.5 * logs, mean, precision }
    }

    /// `ln p(c, x)`.
    fn log_joint<'a>(&self, x: impl IntoIterator<Item = &'a f32>) -> f64 {
        let deviations = x.into_iter().zip(&self.mean).zip(&self.precision);
        let squares: f64 = deviations.map(|((&x, m), p)| (f64::from(x) - m) * (f64::from(x) - m) * p).sum();
        self.constant - 0.5 * squares
    }
}

impl Predict for NaiveBayes {
    /// Logits: `ln p(c, x)` relative to the likeliest class, which keeps their differences in 32 bits.
    fn predict(&self, rows: &Rows<'_>) -> Array2<f32> {
        blocks::scores(rows, self.present.all(), |x, mut scores| {
            for (x, out) in x.rows().into_iter().zip(scores.rows_mut()) {
                let mut logits: Vec<f64> = self.of_class.iter().map(|class| class.log_joint(x)).collect();
                let likeliest = logits.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
                // Far enough from all that was learnt, a logit leaves the range of 32 bits.
                logits.iter_mut().for_each(|logit| *logit = (*logit - likeliest).max(f64::from(f32::MIN)));
                self.present.write(&logits, out);
            }
        })
    }

    fn scores(&self) -> Scores {
        Scores::Logits
    }
}
