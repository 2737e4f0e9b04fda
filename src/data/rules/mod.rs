//! Rows of numbers drawn by a rule that also knows what can best be said of them.
//!
//! Whoever knows the rule and sees a row can compute the probability of its class, or the expected value: nobody does
//! better on average. Each rule here does that, so that what a model reaches can be held against what there is to reach.

mod clicks;
mod drive;
mod mail;

use std::fmt::Debug;

use ndarray::Array2;
use rayon::prelude::*;

use super::spec::{Generator, GeneratorKind};
use crate::numerics::random::{Draws, Stream};

/// Draws a row and its answer, and knows the best answer to a row.
pub(super) trait Rule: Debug + Send + Sync {
    /// One name a column.
    fn columns(&self) -> Vec<String>;

    /// Writes a row, all zeros before, and returns its answer: 0 or 1 for two classes, else a value.
    fn draw(&self, draws: Draws, row: &mut [f32]) -> f64;

    /// The best answer to a row, given all of its columns: the logarithm of the odds of class 1, ln P(1 | row) / P(0 | row),
    /// or the expected value.
    fn best(&self, row: &[f32]) -> f64;

    /// The inverse of the information that a row with this answer holds of it: no unbiased estimate has a smaller variance
    /// (Cramér and Rao). `None` where the rule has no such bound.
    fn least_variance(&self, _answer: f64) -> Option<f64> {
        None
    }
}

/// The rule behind a generator, where it is one of this kind.
pub(super) fn of(kind: &GeneratorKind) -> Option<Box<dyn Rule>> {
    match *kind {
        GeneratorKind::Mail { contrast } => Some(Box::new(mail::Mail::new(contrast))),
        GeneratorKind::Clicks { positives } => Some(Box::new(clicks::Clicks::new(positives))),
        GeneratorKind::Drive { beacons, noise } => Some(Box::new(drive::Drive::new(beacons, noise))),
        _ => None,
    }
}

/// The version of a rule.
///
/// # Panics
/// If the generator is none of this kind.
pub(super) fn version(kind: &GeneratorKind) -> (&'static str, u32) {
    match kind {
        GeneratorKind::Mail { .. } => ("mail", mail::VERSION),
        GeneratorKind::Clicks { .. } => ("clicks", clicks::VERSION),
        GeneratorKind::Drive { .. } => ("drive", drive::VERSION),
        _ => panic!("`{}` has no rule that knows the best answer", kind.name()),
    }
}

/// The given rows, in that order, and their answers.
pub(super) fn rows(rule: &dyn Rule, generator: &Generator, indices: &[u32]) -> (Array2<f32>, Vec<f64>) {
    let mut rows = Array2::zeros((indices.len(), rule.columns().len()));
    let stream = Stream::new(generator.seed, generator.kind.name());
    let answers = indices.iter().zip(rows.rows_mut()).map(|(&i, row)| {
        let row = row.into_slice().expect("rows are contiguous");
        rule.draw(stream.at(u64::from(i)), row)
    });
    let answers = answers.collect();
    (rows, answers)
}

/// Scores of the best predictor that there can be, one row for each of `rows`: logits of two classes, or the expected value.
pub(super) fn best_scores(rule: &dyn Rule, rows: &[&[f32]], classes: bool) -> Array2<f32> {
    let best: Vec<f32> = rows.par_iter().map(|row| rule.best(row) as f32).collect();
    let outputs = if classes { 2 } else { 1 };
    // The odds of class 1 against class 0, whose own logit is 0.
    Array2::from_shape_fn((rows.len(), outputs), |(row, output)| if output + 1 == outputs { best[row] } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::real;

    fn drawn(kind: GeneratorKind, count: u32) -> (Box<dyn Rule>, Array2<f32>, Vec<f64>) {
        let rule = of(&kind).expect("a rule");
        let (rows, answers) = rows(&*rule, &Generator { kind, seed: 3 }, &(0..count).collect::<Vec<_>>());
        (rule, rows, answers)
    }

    fn best(rule: &dyn Rule, rows: &Array2<f32>) -> Vec<f64> {
        rows.rows().into_iter().map(|row| rule.best(row.to_slice().expect("contiguous"))).collect()
    }

    /// Among rows to which the rule gives about the same probability, that share is of class 1, to within four standard
    /// deviations of the binomial distribution.
    #[test]
    fn the_probabilities_of_a_rule_are_what_happens() {
        for kind in [GeneratorKind::Mail { contrast: 0.6 }, GeneratorKind::Clicks { positives: 0.1 }] {
            let (rule, rows, answers) = drawn(kind, 20_000);
            let mut bins = vec![(0.0, 0.0, 0.0, 0.0); 10];
            for (z, answer) in best(&*rule, &rows).into_iter().zip(answers) {
                let p = 1.0 / (1.0 + real::exp(-z));
                let bin = &mut bins[((10.0 * p) as usize).min(9)];
                *bin = (bin.0 + p, bin.1 + answer, bin.2 + p * (1.0 - p), bin.3 + 1.0);
            }
            let full: Vec<_> = bins.iter().filter(|bin| bin.3 > 100.0).collect();
            assert!(full.len() >= 4, "{kind:?}: {bins:?}");
            for (expected, happened, variance, _) in full {
                assert!((happened - expected).abs() < 4.0 * real::sqrt(*variance) + 1.0, "{kind:?}: {bins:?}");
            }
        }
    }

    /// To scale the log odds, or to shift them, makes the log loss worse: they are where it is smallest.
    #[test]
    fn no_other_reading_of_the_odds_has_a_smaller_log_loss() {
        for kind in [GeneratorKind::Mail { contrast: 0.6 }, GeneratorKind::Clicks { positives: 0.1 }] {
            let (rule, rows, answers) = drawn(kind, 20_000);
            let odds = best(&*rule, &rows);
            let loss = |change: &dyn Fn(f64) -> f64| -> f64 {
                let losses = odds.iter().zip(&answers).map(|(z, answer)| {
                    let z = change(*z);
                    real::ln_1p(real::exp(-z.abs())) + z.max(0.0) - answer * z
                });
                losses.sum::<f64>() / odds.len() as f64
            };
            let own = loss(&|z| z);
            let others: [&dyn Fn(f64) -> f64; 4] = [&|z| 1.2 * z, &|z| 0.8 * z, &|z| z + 0.2, &|z| z - 0.2];
            for other in others {
                assert!(loss(other) > own, "{kind:?}: {} {own}", loss(other));
            }
        }
    }

    #[test]
    fn the_expected_place_is_right_on_average_and_no_other_misses_by_less() {
        let (rule, rows, answers) = drawn(GeneratorKind::Drive { beacons: 6, noise: 4.0 }, 4000);
        let places = best(&*rule, &rows);
        let mean_square = |shift: f64, pull: f64| {
            let misses = places.iter().zip(&answers).map(|(place, answer)| {
                let told = 100.0 + pull * (place - 100.0) + shift;
                (told - answer) * (told - answer)
            });
            misses.sum::<f64>() / 4000.0
        };
        let own = mean_square(0.0, 1.0);
        for (shift, pull) in [(1.0, 1.0), (-1.0, 1.0), (0.0, 1.03), (0.0, 0.97)] {
            assert!(mean_square(shift, pull) > own, "{shift} {pull}");
        }
        let bounds: Vec<f64> = answers.iter().filter_map(|x| rule.least_variance(*x)).collect();
        let bound = bounds.iter().sum::<f64>() / 4000.0;
        assert_eq!(bounds.len(), 4000);
        // Knowing that the street ends helps a little beyond what the strengths say, hearing the beacons badly harms.
        assert!(own > 0.85 * bound && own < 2.0 * bound, "{own} {bound}");
    }
}
