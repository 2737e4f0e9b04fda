//! How pure the two sides of a split are.
//!
//! Rows go from the right side to the left one by one; at any moment the split between them has a score, of which only the
//! order among the splits of one node means something: it is what the weighted impurity falls by, plus what all of them
//! share.

use crate::numerics::real;

/// The rows of one node on their way from right to left.
pub(super) trait Purity {
    /// Puts all `rows` on the right.
    fn begin(&mut self, rows: &[u32]);

    /// Whether no split could make the rows that [`Purity::begin`] was given purer.
    fn is_pure(&self) -> bool;

    /// Puts all rows on the right again.
    fn restart(&mut self);

    /// Moves one to the left.
    fn shift(&mut self, row: u32);

    /// The score of the split as it is; both sides have rows.
    fn score(&self) -> f64;

    /// What a leaf of all rows says: outputs and amounts, by output.
    fn leaf(&self) -> Vec<(u32, f64)>;
}

/// The classes of rows by Gini's impurity `1 − Σ p²`: with the weights `l` and `r` of the classes on both sides the score is
/// `Σ l² / Σ l + Σ r² / Σ r`, all sums in whole numbers.
pub(super) struct Gini<'a> {
    counts: Counts<'a>,
    left_squares: u64,
    right_squares: u64,
}

/// The classes of rows by entropy `−Σ p ln p`: the score is `Σ l ln l − (Σ l) ln Σ l + Σ r ln r − (Σ r) ln Σ r`.
pub(super) struct Entropy<'a> {
    counts: Counts<'a>,
    /// `n ln n`, from 0.
    terms: Vec<f64>,
}

/// Numbers by their squared error: with the weighted sums `s` of both sides the score is `s² / Σ l + s² / Σ r`.
pub(super) struct SquaredError<'a> {
    /// Value and weight of each row; values are centred, so that squares lose nothing to their mean.
    values: &'a [(f64, u32)],
    /// Of the values before they were centred.
    mean: f64,
    all: Moment,
    left: Moment,
    pure: bool,
}

/// A weighted sum.
#[derive(Debug, Clone, Copy, Default)]
struct Moment {
    sum: f64,
    weight: f64,
}

/// Weights of the classes on both sides.
struct Counts<'a> {
    /// Class and weight of each row.
    votes: &'a [(u32, u32)],
    all: Vec<u64>,
    left: Vec<u64>,
    right: Vec<u64>,
    left_sum: u64,
    sum: u64,
}

impl<'a> Counts<'a> {
    fn new(votes: &'a [(u32, u32)], classes: usize) -> Self {
        let none = vec![0; classes];
        Self { votes, all: none.clone(), left: none.clone(), right: none, left_sum: 0, sum: 0 }
    }

    fn begin(&mut self, rows: &[u32]) {
        self.all.fill(0);
        for &row in rows {
            let (class, weight) = self.votes[row as usize];
            self.all[class as usize] += u64::from(weight);
        }
        self.sum = self.all.iter().sum();
        self.restart();
    }

    fn restart(&mut self) {
        self.left.fill(0);
        self.right.copy_from_slice(&self.all);
        self.left_sum = 0;
    }

    fn is_pure(&self) -> bool {
        self.all.contains(&self.sum)
    }

    fn leaf(&self) -> Vec<(u32, f64)> {
        let shares = self.all.iter().enumerate().filter(|(_, count)| **count > 0);
        shares.map(|(class, &count)| (class as u32, count as f64 / self.sum as f64)).collect()
    }
}

impl<'a> Gini<'a> {
    /// Of rows with a class below `classes` and a weight each.
    pub(super) fn new(votes: &'a [(u32, u32)], classes: usize) -> Self {
        Self { counts: Counts::new(votes, classes), left_squares: 0, right_squares: 0 }
    }
}

impl Purity for Gini<'_> {
    fn begin(&mut self, rows: &[u32]) {
        self.counts.begin(rows);
        self.restart();
    }

    fn is_pure(&self) -> bool {
        self.counts.is_pure()
    }

    fn restart(&mut self) {
        self.counts.restart();
        self.left_squares = 0;
        self.right_squares = self.counts.all.iter().map(|n| n * n).sum();
    }

    #[inline]
    fn shift(&mut self, row: u32) {
        let (class, weight) = self.counts.votes[row as usize];
        let (class, w) = (class as usize, u64::from(weight));
        let (left, right) = (&mut self.counts.left[class], &mut self.counts.right[class]);
        self.left_squares += w * (2 * *left + w);
        self.right_squares -= w * (2 * *right - w);
        *left += w;
        *right -= w;
        self.counts.left_sum += w;
    }

    #[inline]
    fn score(&self) -> f64 {
        let (left, right) = (self.counts.left_sum, self.counts.sum - self.counts.left_sum);
        self.left_squares as f64 / left as f64 + self.right_squares as f64 / right as f64
    }

    fn leaf(&self) -> Vec<(u32, f64)> {
        self.counts.leaf()
    }
}

impl<'a> Entropy<'a> {
    /// Of rows with a class below `classes` and a weight each.
    pub(super) fn new(votes: &'a [(u32, u32)], classes: usize) -> Self {
        let most: u32 = votes.iter().map(|vote| vote.1).sum();
        let terms = (0..=most).map(|n| if n == 0 { 0.0 } else { f64::from(n) * real::ln(f64::from(n)) }).collect();
        Self { counts: Counts::new(votes, classes), terms }
    }

    /// `Σ n ln n − (Σ n) ln Σ n` of one side.
    fn of_side(&self, counts: &[u64], sum: u64) -> f64 {
        counts.iter().map(|&n| self.terms[n as usize]).sum::<f64>() - self.terms[sum as usize]
    }
}

impl Purity for Entropy<'_> {
    fn begin(&mut self, rows: &[u32]) {
        self.counts.begin(rows);
    }

    fn is_pure(&self) -> bool {
        self.counts.is_pure()
    }

    fn restart(&mut self) {
        self.counts.restart();
    }

    fn shift(&mut self, row: u32) {
        let (class, weight) = self.counts.votes[row as usize];
        let (class, w) = (class as usize, u64::from(weight));
        self.counts.left[class] += w;
        self.counts.right[class] -= w;
        self.counts.left_sum += w;
    }

    fn score(&self) -> f64 {
        let Counts { left, right, left_sum, sum, .. } = &self.counts;
        self.of_side(left, *left_sum) + self.of_side(right, sum - left_sum)
    }

    fn leaf(&self) -> Vec<(u32, f64)> {
        self.counts.leaf()
    }
}

impl<'a> SquaredError<'a> {
    /// Of rows with a value, `mean` below the one that is meant, and a weight each.
    pub(super) fn new(values: &'a [(f64, u32)], mean: f64) -> Self {
        Self { values, mean, all: Moment::default(), left: Moment::default(), pure: true }
    }
}

impl Purity for SquaredError<'_> {
    fn begin(&mut self, rows: &[u32]) {
        self.restart();
        rows.iter().for_each(|&row| self.shift(row));
        self.all = self.left;
        self.pure = rows.iter().all(|&row| self.values[row as usize].0 == self.values[rows[0] as usize].0);
        self.restart();
    }

    fn is_pure(&self) -> bool {
        self.pure
    }

    fn restart(&mut self) {
        self.left = Moment::default();
    }

    #[inline]
    fn shift(&mut self, row: u32) {
        let (value, weight) = self.values[row as usize];
        self.left.sum += f64::from(weight) * value;
        self.left.weight += f64::from(weight);
    }

    #[inline]
    fn score(&self) -> f64 {
        let right = Moment { sum: self.all.sum - self.left.sum, weight: self.all.weight - self.left.weight };
        self.left.sum * self.left.sum / self.left.weight + right.sum * right.sum / right.weight
    }

    fn leaf(&self) -> Vec<(u32, f64)> {
        vec![(0, self.mean + self.all.sum / self.all.weight)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores of all splits of rows 0, 1, … in this order.
    fn scores(mut purity: impl Purity, rows: u32) -> Vec<f64> {
        let rows: Vec<u32> = (0..rows).collect();
        purity.begin(&rows);
        let mut scores = Vec::new();
        for &row in &rows[..rows.len() - 1] {
            purity.shift(row);
            scores.push(purity.score());
        }
        scores
    }

    fn check(found: &[f64], expected: &[f64]) {
        assert!(found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-12), "{found:?} instead of {expected:?}");
        assert_eq!(found.len(), expected.len());
    }

    #[test]
    fn splits_of_classes_are_worked_by_hand() {
        // Classes 0 (weight 2), 1, 0, 1.
        let votes = [(0, 2), (1, 1), (0, 1), (1, 1)];
        let expected = [2.0 + 5.0 / 3.0, 5.0 / 3.0 + 1.0, 10.0 / 4.0 + 1.0];
        check(&scores(Gini::new(&votes, 2), 4), &expected);
        let term = |n: f64| n * real::ln(n);
        let of = |a: f64, b: f64| term(a) + term(b) - term(a + b);
        let expected = [of(1.0, 2.0), of(2.0, 1.0) + of(1.0, 1.0), of(3.0, 1.0)];
        check(&scores(Entropy::new(&votes, 2), 4), &expected);
    }

    #[test]
    fn splits_of_numbers_are_worked_by_hand() {
        // 1, 2 (weight 2), 6 about their mean 11/4.
        let values = [(1.0 - 2.75, 1), (2.0 - 2.75, 2), (6.0 - 2.75, 1)];
        let mut purity = SquaredError::new(&values, 2.75);
        purity.begin(&[0, 1, 2]);
        assert!(!purity.is_pure());
        assert_eq!(purity.leaf(), [(0, 2.75)]);
        check(&scores(purity, 3), &[1.75 * 1.75 * (1.0 + 1.0 / 3.0), 3.25 * 3.25 * (1.0 / 3.0 + 1.0)]);
    }
}
