//! Classes that have training rows, among those that a dataset has.

use ndarray::ArrayViewMut1;

/// How far the logit of a class without training rows lies below the smallest other: its probability is below 1e-7, its
/// log loss finite.
const ABSENT_GAP: f64 = 16.0;

/// The classes with training rows.
#[derive(Debug, Clone)]
pub(super) struct Present {
    /// Number of classes, those without training rows too.
    classes: usize,
    /// Those with training rows, increasing.
    present: Vec<usize>,
}

impl Present {
    /// Of `classes` classes, those that occur among the labels.
    pub(super) fn of(classes: usize, labels: impl IntoIterator<Item = usize>) -> Self {
        let mut seen = vec![false; classes];
        labels.into_iter().for_each(|label| seen[label] = true);
        Self { classes, present: (0..classes).filter(|&class| seen[class]).collect() }
    }

    /// Number of classes, those without training rows too.
    pub(super) fn all(&self) -> usize {
        self.classes
    }

    /// The classes with training rows, increasing.
    pub(super) fn list(&self) -> &[usize] {
        &self.present
    }

    /// Number of classes with training rows.
    pub(super) fn len(&self) -> usize {
        self.present.len()
    }

    /// The place of a class among those with training rows.
    ///
    /// # Panics
    /// If it has none.
    pub(super) fn place(&self, class: usize) -> usize {
        self.present.binary_search(&class).expect("a class with training rows")
    }

    /// Writes logits, one for each class with training rows, to the places of their classes.
    pub(super) fn write(&self, logits: &[f64], mut scores: ArrayViewMut1<'_, f32>) {
        let lowest = logits.iter().fold(f64::INFINITY, |a, &b| a.min(b));
        scores.fill((lowest - ABSENT_GAP) as f32);
        for (&class, &logit) in self.present.iter().zip(logits) {
            scores[class] = logit as f32;
        }
    }
}
