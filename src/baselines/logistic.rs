//! Logistic regression: `min_w  Σ loss(row, w) + ‖w‖² / (2c)`, the intercept not penalised, by linfa's L-BFGS.
//!
//! 1. Columns are centred and all divided by one number `s`, their root mean square; constant ones are left out. With
//!    `w' = s w` and the penalty divided by `s²` this is the same problem, well enough scaled for the first step of the
//!    line search.
//! 2. linfa fits: binomially for two classes with training rows, else multinomially. Where its multinomial loss does not
//!    reach as far as the logits come to lie apart, [`softmax`](super::softmax) solves the same problem.
//! 3. The weights are scaled back; they give logits, whose softmax is linfa's probability.
//!
//! In 64 bits: in 32, L-BFGS may reach the limit of precision before the tolerance and divide by a difference of
//! gradients that is 0, and its line search then never ends. linfa calls the platform's `exp` and `ln` here, so weights
//! may differ in their last digits between systems.

use linfa::DatasetBase;
use linfa::traits::Fit as _;
use linfa_logistic::{LogisticRegression, MultiLogisticRegression};
use ndarray::{Array1, Array2, ArrayView2};

use super::affine::Affine;
use super::columns::{Columns, moments};
use super::present::Present;
use super::softmax::Softmax;
use super::{Error, LogisticSpec, blocks, error, finished};
use crate::data::Rows;
use crate::learn::{Fit, Predict, Progress, Scores, Watch};

/// Smallest tolerance: beyond it, rounding keeps L-BFGS from ever getting there.
const SMALLEST_TOLERANCE: f64 = 1e-8;

/// linfa takes a row's `Σ exp(logit)` relative to the largest logit of *all* rows and replaces it by 1e-15 where it is
/// smaller. Rows further below than this were fitted to something else (and the line search may have failed on them).
const LARGEST_SPAN: f64 = 34.0;

/// Fitted logits.
struct Logistic {
    present: Present,
    /// One output a class with training rows.
    logits: Affine,
}

/// Weights (columns × outputs) and one intercept an output.
type Weights = (Array2<f64>, Vec<f64>);

/// Fits logistic regression; see [`super::Baseline::fit`].
pub(super) fn fit(spec: &LogisticSpec, train: &Rows<'_>, watch: &dyn Watch) -> Result<Option<Fit>, Error> {
    let classes = error::classes(train, "logistic")?;
    error::positive("c", spec.c)?;
    error::positive("tolerance", spec.tolerance)?;
    let x = train.matrix();
    error::finite(x.view())?;
    let labels: Array1<usize> = (0..train.len()).map(|row| train.label(row) as usize).collect();
    let present = Present::of(classes, labels.iter().copied());
    if !watch.progress(Progress { epoch: 0, epochs: 1, loss: None }) {
        return Ok(None);
    }

    let columns = Columns::of(x.view());
    let centred = columns.centre(x.view());
    let scale = root_mean_square(centred.view());
    let x = centred.mapv(|v| f64::from(v) / scale);
    let problem = Problem { spec, scale, x, labels, present: &present };
    let (weights, intercept) = match present.len() {
        1 => (Array2::zeros((problem.x.ncols(), 1)), vec![0.0]),
        2 => problem.binomial()?,
        _ => problem.multinomial()?,
    };
    let parameters = match present.len() {
        // Two classes share one column of weights; the other is 0.
        2 => (columns.mean().len() + 1) as u64,
        outputs => (outputs * (columns.mean().len() + 1)) as u64,
    };
    let logits = Affine::new(&columns, &(weights / scale), intercept);
    if !watch.progress(Progress { epoch: 1, epochs: 1, loss: None }) {
        return Ok(None);
    }
    Ok(Some(finished(Logistic { present, logits }, parameters, None)))
}

/// What linfa is given.
struct Problem<'a> {
    spec: &'a LogisticSpec,
    /// Centred columns were divided by it.
    scale: f64,
    /// Rows × varying columns.
    x: Array2<f64>,
    /// Class of each row.
    labels: Array1<usize>,
    present: &'a Present,
}

impl Problem<'_> {
    /// The penalty's factor: linfa minimises `Σ loss + ½ alpha ‖w'‖²`.
    fn alpha(&self) -> f64 {
        1.0 / (self.spec.c * self.scale * self.scale)
    }

    /// The gradient linfa stops at: of the sum over rows, in the scaled columns.
    fn gradient_tolerance(&self) -> f64 {
        self.spec.tolerance.max(SMALLEST_TOLERANCE) * self.x.nrows() as f64 * self.scale.recip().min(1.0)
    }

    /// One column of weights, for the logit of the second class over the first.
    fn binomial(&self) -> Result<Weights, Error> {
        let fitted = LogisticRegression::default()
            .alpha(self.alpha())
            .max_iterations(self.spec.max_iter.into())
            .gradient_tolerance(self.gradient_tolerance())
            .fit(&DatasetBase::new(self.x.view(), self.labels.view()))
            .map_err(refused)?;
        // linfa takes the class with more rows as the positive one.
        let sign = if fitted.labels().pos.class == self.present.list()[1] { 1.0 } else { -1.0 };
        let mut weights = Array2::zeros((self.x.ncols(), 2));
        weights.column_mut(1).assign(&(fitted.params() * sign));
        Ok((weights, vec![0.0, fitted.intercept() * sign]))
    }

    /// One column of weights a class.
    fn multinomial(&self) -> Result<Weights, Error> {
        let fitted = MultiLogisticRegression::default()
            .alpha(self.alpha())
            .max_iterations(self.spec.max_iter.into())
            .gradient_tolerance(self.gradient_tolerance())
            .fit(&DatasetBase::new(self.x.view(), self.labels.view()));
        match fitted {
            Ok(fitted) if self.span(fitted.params(), fitted.intercept()) <= LARGEST_SPAN => {
                Ok((fitted.params().clone(), fitted.intercept().to_vec()))
            }
            Ok(_) | Err(linfa_logistic::error::Error::ArgMinError(_)) => self.softmax(),
            Err(error) => Err(refused(error)),
        }
    }

    /// The same by a loss that does not mind how far logits lie apart.
    fn softmax(&self) -> Result<Weights, Error> {
        let problem = Softmax {
            x: self.x.view(),
            target: self.labels.iter().map(|&label| self.present.place(label)).collect(),
            outputs: self.present.len(),
            alpha: self.alpha(),
        };
        let solved = problem.solve(self.spec.max_iter.into(), self.gradient_tolerance());
        solved.map_err(|error| Error::Solver { model: "logistic", message: error.to_string() })
    }

    /// How far the largest logits of two rows lie apart; infinite where a weight is not finite.
    fn span(&self, weights: &Array2<f64>, intercept: &Array1<f64>) -> f64 {
        let logits = self.x.dot(weights) + intercept;
        let largest = logits.rows().into_iter().map(|row| row.fold(f64::NEG_INFINITY, |a, &b| a.max(b)));
        let (low, high) = largest.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), l| (low.min(l), high.max(l)));
        if logits.iter().all(|z| z.is_finite()) { high - low } else { f64::INFINITY }
    }
}

fn refused(error: linfa_logistic::error::Error) -> Error {
    Error::Solver { model: "logistic", message: error.to_string() }
}

/// Root mean square of centred values, 1 where all are 0.
fn root_mean_square(centred: ArrayView2<'_, f32>) -> f64 {
    let (mean, variance) = moments(centred);
    let square = variance + mean * mean;
    if square > 0.0 { square.sqrt() } else { 1.0 }
}

impl Predict for Logistic {
    fn predict(&self, rows: &Rows<'_>) -> Array2<f32> {
        blocks::scores(rows, self.present.all(), |x, mut scores| {
            for (x, out) in x.rows().into_iter().zip(scores.rows_mut()) {
                self.present.write(&self.logits.outputs(x), out);
            }
        })
    }

    fn scores(&self) -> Scores {
        Scores::Logits
    }
}
