//! A scaled view of some rows: what a model is fitted on or judged by.

use ndarray::{Array2, ArrayViewMut2};

use super::rules::{self, Rule};
use super::{Augment, Features, Scaling, Sequence, Target, Task};
use crate::numerics::{Simd, real, share_of_255};

/// One row as it is stored, before scaling.
#[derive(Debug, Clone, Copy)]
pub enum StoredRow<'a> {
    /// Of [`Features::Real`].
    Real(&'a [f32]),
    /// Of [`Features::Bytes`].
    Bytes(&'a [u8]),
}

/// A part of one run's rows, scaled.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    features: &'a Features,
    target: &'a Target,
    scaling: &'a Scaling,
    /// Indices into the features and the target.
    index: &'a [u32],
    /// Height, width and channels where a row is an image.
    image: Option<[usize; 3]>,
    sequence: Option<Sequence>,
    augment: Option<Augment>,
    /// What drew the rows, where it knows the best answers.
    rule: Option<&'a dyn Rule>,
}

impl<'a> Rows<'a> {
    /// Rows `index` of the given features and targets, seen through `scaling`.
    ///
    /// # Panics
    /// If an index lies beyond the rows or the scaling has another number of columns.
    pub fn new(
        features: &'a Features,
        target: &'a Target,
        scaling: &'a Scaling,
        index: &'a [u32],
        image: Option<[usize; 3]>,
    ) -> Self {
        assert_eq!(scaling.factor.len(), features.columns(), "one factor a column");
        assert!(index.iter().all(|&i| (i as usize) < features.rows()), "an index lies beyond the rows");
        Self { features, target, scaling, index, image, sequence: None, augment: None, rule: None }
    }

    /// The same rows as sequences.
    ///
    /// # Panics
    /// If the rows have another number of columns.
    #[must_use]
    pub fn with_sequence(self, sequence: Option<Sequence>) -> Self {
        let columns = sequence.map_or(self.columns(), |s| s.steps * s.features);
        assert_eq!(columns, self.columns(), "the steps of a sequence are all of its columns");
        Self { sequence, ..self }
    }

    /// The same rows, drawn by a rule that knows the best answers.
    #[must_use]
    pub(super) fn with_rule(self, rule: Option<&'a dyn Rule>) -> Self {
        Self { rule, ..self }
    }

    /// The same rows, for training to augment.
    #[must_use]
    pub fn with_augment(self, augment: Option<Augment>) -> Self {
        Self { augment, ..self }
    }

    /// How training is to change the rows of its mini-batches; nothing else does.
    pub fn augment(&self) -> Option<Augment> {
        self.augment
    }

    /// All rows as they are stored, of which these are some.
    pub(super) fn features(&self) -> &'a Features {
        self.features
    }

    /// Some of the rows, one after the other.
    ///
    /// # Panics
    /// If the range ends beyond the rows.
    #[must_use]
    pub fn part(&self, range: std::ops::Range<usize>) -> Self {
        Self { index: &self.index[range], ..*self }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.features.columns()
    }

    /// Height, width and channels where a row is an image (columns in that order, channels fastest).
    pub fn image(&self) -> Option<[usize; 3]> {
        self.image
    }

    /// How a row is a sequence, where it is one; an image is one of its rows, from the top down.
    pub fn sequence(&self) -> Option<Sequence> {
        self.sequence.or(self.image.map(Sequence::of_image))
    }

    /// What is to be predicted of all rows that there are, not of these alone.
    pub(super) fn target(&self) -> &'a Target {
        self.target
    }

    /// What is predicted.
    pub fn task(&self) -> Task {
        self.target.task()
    }

    /// Writes rows `positions` (each below [`Rows::len`]), scaled, into `batch` (positions × columns).
    ///
    /// A real x becomes `x · factor + offset`, a byte `byte / 255 · factor + offset`, each with one fused multiply-add.
    ///
    /// # Panics
    /// If the shape of `batch` is another one.
    pub fn gather(&self, positions: &[u32], mut batch: ArrayViewMut2<f32>) {
        assert_eq!(batch.dim(), (positions.len(), self.columns()), "the batch has another shape");
        let Scaling { factor, offset } = self.scaling;
        for (&position, mut out) in positions.iter().zip(batch.rows_mut()) {
            let row = self.index[position as usize] as usize;
            let out = out.as_slice_mut().expect("the rows of a batch are contiguous");
            match self.features {
                Features::Real(x) => {
                    scale_row(x.row(row).to_slice().expect("rows are contiguous"), factor, offset, out)
                }
                Features::Bytes(x) => {
                    scale_row(x.row(row).to_slice().expect("rows are contiguous"), factor, offset, out)
                }
            }
        }
    }

    /// Row `position` as it is stored, for a caller that scales by [`Rows::scaling`] while it reads.
    ///
    /// # Panics
    /// If the features are not stored row after row, as every [`Features`] of this room is.
    pub fn stored(&self, position: usize) -> StoredRow<'a> {
        let row = self.index[position] as usize;
        let (features, why) = (self.features, "features are stored row after row");
        match features {
            Features::Real(x) => StoredRow::Real(x.row(row).to_slice().expect(why)),
            Features::Bytes(x) => StoredRow::Bytes(x.row(row).to_slice().expect(why)),
        }
    }

    /// How the rows are scaled.
    pub fn scaling(&self) -> &'a Scaling {
        self.scaling
    }

    /// All rows, scaled: rows × columns.
    pub fn matrix(&self) -> Array2<f32> {
        let mut all = Array2::zeros((self.len(), self.columns()));
        let positions: Vec<u32> = (0..self.len() as u32).collect();
        self.gather(&positions, all.view_mut());
        all
    }

    /// The class of row `position`.
    ///
    /// # Panics
    /// If the task is regression.
    pub fn label(&self, position: usize) -> u32 {
        match self.target {
            Target::Classes { labels, .. } => labels[self.index[position] as usize],
            Target::Values(_) => panic!("a regression row has a value, not a class"),
        }
    }

    /// The value of row `position`.
    ///
    /// # Panics
    /// If the task is classification.
    pub fn value(&self, position: usize) -> f32 {
        match self.target {
            Target::Values(values) => values[self.index[position] as usize],
            Target::Classes { .. } => panic!("a classification row has a class, not a value"),
        }
    }
}

/// Rows drawn by a rule that knows the best answers.
impl Rows<'_> {
    /// Whether they are.
    pub fn knows_best(&self) -> bool {
        self.rule.is_some()
    }

    /// Scores of the best predictor that there can be, whoever makes it: rows × 2 logits, or rows × 1 expected value.
    ///
    /// # Panics
    /// If no rule knows them.
    pub fn best_scores(&self) -> Array2<f32> {
        let rule = self.rule.expect("rows of a rule");
        let stored = |position| match self.stored(position) {
            StoredRow::Real(row) => row,
            StoredRow::Bytes(_) => unreachable!("rules draw real numbers"),
        };
        let rows: Vec<&[f32]> = (0..self.len()).map(stored).collect();
        rules::best_scores(rule, &rows, matches!(self.task(), Task::Classification { .. }))
    }

    /// The root mean square of what each answer must at least be missed by, by an estimate that is right on average
    /// (Cramér and Rao); `None` where no rule knows it.
    pub fn information_bound(&self) -> Option<f64> {
        let rule = self.rule.filter(|_| self.task() == Task::Regression)?;
        let variances = (0..self.len()).map(|position| rule.least_variance(f64::from(self.value(position))));
        let sum = variances.sum::<Option<f64>>()?;
        Some(real::sqrt(sum / self.len() as f64))
    }
}

/// Rows that go on ([`Sequence::goes_on`]): every step has an answer, the last one the row's own.
impl Rows<'_> {
    /// The symbol that follows step `step` of row `position`.
    ///
    /// # Panics
    /// If the rows are not of symbols that go on.
    pub fn symbol_after(&self, position: usize, step: usize) -> u32 {
        match (self.next(step), self.stored(position)) {
            (None, _) => self.label(position),
            (Some(next), StoredRow::Bytes(x)) => u32::from(x[next]),
            (Some(_), StoredRow::Real(_)) => panic!("steps that are numbers are no symbols"),
        }
    }

    /// The number that follows step `step` of row `position`, not scaled.
    ///
    /// # Panics
    /// If the rows are not of numbers that go on.
    pub fn value_after(&self, position: usize, step: usize) -> f32 {
        match (self.next(step), self.stored(position)) {
            (None, _) => self.value(position),
            (Some(next), StoredRow::Real(x)) => x[next],
            (Some(_), StoredRow::Bytes(_)) => panic!("symbols are no numbers"),
        }
    }

    /// The column of the step after `step`; `None` after the last.
    fn next(&self, step: usize) -> Option<usize> {
        let sequence = self.sequence.filter(|s| s.goes_on).expect("rows that go on");
        (step + 1 < sequence.steps).then_some(step + 1)
    }
}

/// A stored cell as the number a model sees before scaling.
trait Cell: Copy {
    fn real(self) -> f32;
}

impl Cell for f32 {
    #[inline(always)]
    fn real(self) -> f32 {
        self
    }
}

impl Cell for u8 {
    #[inline(always)]
    fn real(self) -> f32 {
        share_of_255(self)
    }
}

/// Scales one row; a fused multiply-add has the same bits on all paths.
fn scale_row<T: Cell>(x: &[T], factor: &[f32], offset: &[f32], out: &mut [f32]) {
    Simd::active().run(
        #[inline(always)]
        || {
            for (((o, x), f), b) in out.iter_mut().zip(x).zip(factor).zip(offset) {
                *o = x.real().mul_add(*f, *b);
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn gather_is_one_fused_multiply_add_a_cell() {
        let target = Target::Values(vec![0.0; 2]);
        let scaling = Scaling { factor: vec![3.3, 0.1, -7.0], offset: vec![0.7, 1.0, 0.01] };
        let real = Features::Real(array![[0.1, 0.2, 0.3], [1.1, -2.2, 3.3]]);
        let bytes = Features::Bytes(array![[0, 1, 2], [253, 254, 255]]);
        for features in [real, bytes] {
            let got = Rows::new(&features, &target, &scaling, &[1, 0], None).matrix();
            for ((position, column), got) in got.indexed_iter() {
                let x = match &features {
                    Features::Real(x) => x[(1 - position, column)],
                    Features::Bytes(x) => f32::from(x[(1 - position, column)]) / 255.0,
                };
                assert_eq!(got.to_bits(), x.mul_add(scaling.factor[column], scaling.offset[column]).to_bits());
            }
        }
    }
}
