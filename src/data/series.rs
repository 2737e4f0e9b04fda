//! Sequences of numbers whose best prediction is known: the adding problem, and waves.

use ndarray::Array2;

use super::Sequence;
use super::spec::{Generator, GeneratorKind};
use crate::numerics::random::{Draws, Stream};
use crate::numerics::real;

/// Raised when the rows change.
pub(super) const VERSION: u32 = 1;

/// How much of a swing is left after one step without noise.
const DAMPING: f64 = 0.95;

/// How the rows of a generator are sequences, where they are.
pub(super) fn sequence(kind: &GeneratorKind) -> Option<Sequence> {
    match *kind {
        GeneratorKind::Adding { steps } => {
            Some(Sequence { steps: steps as usize, features: 2, symbols: None, goes_on: false })
        }
        GeneratorKind::Waves { steps, .. } => {
            Some(Sequence { steps: steps as usize, features: 1, symbols: None, goes_on: true })
        }
        _ => None,
    }
}

/// One name a column.
pub(super) fn columns(sequence: Sequence) -> Vec<String> {
    let names = |step| match sequence.features {
        1 => vec![format!("value {step}")],
        _ => vec![format!("value {step}"), format!("mark {step}")],
    };
    (1..=sequence.steps).flat_map(names).collect()
}

/// The given rows, in that order, and what they come to.
///
/// # Panics
/// If the generator is not one of sequences.
pub(super) fn rows(generator: &Generator, sequence: Sequence, indices: &[u32]) -> (Array2<f32>, Vec<f32>) {
    let mut rows = Array2::zeros((indices.len(), sequence.steps * sequence.features));
    let stream = Stream::new(generator.seed, generator.kind.name());
    let answers = indices.iter().zip(rows.rows_mut()).map(|(&i, mut row)| {
        let (draws, row) = (stream.at(u64::from(i)), row.as_slice_mut().expect("rows are contiguous"));
        match generator.kind {
            GeneratorKind::Adding { .. } => adding(draws, row),
            GeneratorKind::Waves { period, noise, .. } => waves(draws, period, noise, row),
            _ => panic!("rows of `{}` are no sequences", generator.kind.name()),
        }
    });
    let answers = answers.collect();
    (rows, answers)
}

/// Values uniform in [−1, 1), one of each half of the steps marked; the answer is 0.5 + (their sum) / 4, as in the paper.
fn adding(mut draws: Draws, row: &mut [f32]) -> f32 {
    let steps = row.len() / 2;
    let half = steps / 2;
    let marked = [draws.below(half as u64) as usize, half + draws.below((steps - half) as u64) as usize];
    for (step, x) in row.chunks_exact_mut(2).enumerate() {
        x[0] = draws.uniform_in(-1.0, 1.0) as f32;
        x[1] = if marked.contains(&step) { 1.0 } else { 0.0 };
    }
    let [first, second] = marked.map(|step| f64::from(row[2 * step]));
    (0.5 + (first + second) / 4.0) as f32
}

/// xₜ = 2ρ·cos(2π / period)·xₜ₋₁ − ρ²·xₜ₋₂ + noise·εₜ with ρ the damping and ε standard normal, from its stationary
/// distribution on. Nobody predicts it better than by this rule without ε, with a squared error of noise².
fn waves(mut draws: Draws, period: f64, noise: f64, row: &mut [f32]) -> f32 {
    let angle = 2.0 * std::f64::consts::PI / period;
    let (a, b) = (2.0 * DAMPING * real::cos(angle), -DAMPING * DAMPING);
    // Of the stationary process: the correlation of neighbours and the variance (Box and Jenkins).
    let correlation = a / (1.0 - b);
    let variance = noise * noise * (1.0 - b) / ((1.0 + b) * ((1.0 - b) * (1.0 - b) - a * a));
    let mut before = real::sqrt(variance) * draws.normal();
    let mut now = correlation * before + real::sqrt(variance * (1.0 - correlation * correlation)) * draws.normal();
    for x in row {
        *x = now as f32;
        (before, now) = (now, a * now + b * before + noise * draws.normal());
    }
    now as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(kind: GeneratorKind, count: u32) -> (Array2<f32>, Vec<f32>) {
        let sequence = sequence(&kind).expect("a sequence");
        assert_eq!(columns(sequence).len(), sequence.steps * sequence.features);
        rows(&Generator { kind, seed: 3 }, sequence, &(0..count).collect::<Vec<_>>())
    }

    #[test]
    fn the_answer_is_the_sum_of_the_two_marked_values() {
        let (rows, answers) = drawn(GeneratorKind::Adding { steps: 21 }, 500);
        let mut squares = 0.0;
        for (row, answer) in rows.rows().into_iter().zip(answers) {
            let marked: Vec<usize> = (0..21).filter(|t| row[2 * t + 1] == 1.0).collect();
            assert!(marked.len() == 2 && marked[0] < 10 && marked[1] >= 10, "{marked:?}");
            let expected = 0.5 + (row[2 * marked[0]] + row[2 * marked[1]]) / 4.0;
            assert!((answer - expected).abs() < 1e-6, "{answer} {expected}");
            assert!(row.iter().all(|x| (-1.0..=1.0).contains(x)));
            squares += f64::from(answer - 0.5) * f64::from(answer - 0.5);
        }
        // Whoever always answers 0.5 has a mean squared error of 1/24.
        assert!((squares / 500.0 - 1.0 / 24.0).abs() < 0.005, "{squares}");
    }

    #[test]
    fn the_rule_without_noise_predicts_waves_as_well_as_it_says() {
        let (rows, answers) = drawn(GeneratorKind::Waves { steps: 30, period: 12.0, noise: 0.2 }, 4000);
        let a = 2.0 * DAMPING * libm::cos(std::f64::consts::PI / 6.0);
        let (mut squares, mut first, mut last) = (0.0, 0.0, 0.0);
        for (row, answer) in rows.rows().into_iter().zip(answers) {
            let predicted = a * f64::from(row[29]) - DAMPING * DAMPING * f64::from(row[28]);
            squares += (f64::from(answer) - predicted) * (f64::from(answer) - predicted) / 4000.0;
            first += f64::from(row[0] * row[0]) / 4000.0;
            last += f64::from(row[29] * row[29]) / 4000.0;
        }
        assert!((squares / 0.04 - 1.0).abs() < 0.07, "{squares}");
        assert!((first / last - 1.0).abs() < 0.1, "the process is stationary: {first} {last}");
    }
}
