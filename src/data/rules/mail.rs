//! Mails as counts of words and characters, spam or not.
//!
//! A mail is of one of eight kinds, all equally likely, of which three are spam, and of one of three lengths. Given both, its
//! counts are independent Poisson variables:
//!
//! ```text
//! x_w ~ Poisson(l · λ_kw)        λ_kw = usual_w · exp(contrast · z_kw)        z standard normal, drawn once and for all
//! P(spam | x) = Σ over spam (k, l) of Π_w Poisson(x_w; l · λ_kw)  /  the same over all (k, l)
//! ```
//!
//! A kind of spam is as far from another as from honest mail, so that no straight line through the counts is best.

use super::Rule;
use crate::numerics::random::{Draws, Stream};
use crate::numerics::real;

/// Raised when the rows change.
pub(super) const VERSION: u32 = 1;

/// The columns; what comes earlier is more usual.
const WORDS: [&str; 48] = [
    "the",
    "you",
    "to",
    "your",
    "for",
    "we",
    "our",
    "all",
    ".",
    ",",
    "mail",
    "free",
    "!",
    "order",
    "please",
    "here",
    "click",
    "account",
    "meeting",
    "report",
    "$",
    "price",
    "offer",
    "address",
    "people",
    "money",
    "credit",
    "project",
    "team",
    "data",
    "receive",
    "business",
    "internet",
    "remove",
    "?",
    "win",
    "bank",
    "password",
    "invoice",
    "paper",
    "family",
    "photo",
    "doctor",
    "pills",
    "urgent",
    "million",
    "#",
    "unsubscribe",
];
/// How often the most usual of them stands in a mail of length 1.
const MOST_USUAL: f64 = 1.2;
/// With what power of its rank a word becomes less usual.
const FALL: f64 = 0.6;

/// Kinds of mail, and which of them are spam.
const SPAM: [bool; 8] = [false, true, false, false, true, false, true, false];

/// How long a mail is, as a factor of its counts.
const LENGTHS: [f64; 3] = [0.5, 1.0, 2.0];

/// Beyond every count that occurs.
const MOST: u32 = 10_000;

/// λ of a word in a kind of mail, and its logarithm.
#[derive(Debug, Clone, Copy)]
struct Rate {
    value: f64,
    log: f64,
}

/// The rule for one contrast.
#[derive(Debug)]
pub(super) struct Mail {
    /// By kind and word.
    rates: Vec<[Rate; WORDS.len()]>,
}

impl Mail {
    pub(super) fn new(contrast: f64) -> Self {
        let world = Stream::new(0, "kinds of mail");
        let kind = |k: usize| {
            let mut draws = world.at(k as u64);
            std::array::from_fn(|w| {
                let log = real::ln(MOST_USUAL) - FALL * real::ln(1.0 + w as f64) + contrast * draws.normal();
                Rate { value: real::exp(log), log }
            })
        };
        Self { rates: (0..SPAM.len()).map(kind).collect() }
    }
}

impl Rule for Mail {
    fn columns(&self) -> Vec<String> {
        WORDS.map(str::to_owned).to_vec()
    }

    fn draw(&self, mut draws: Draws, row: &mut [f32]) -> f64 {
        let kind = draws.below(SPAM.len() as u64) as usize;
        let length = LENGTHS[draws.below(LENGTHS.len() as u64) as usize];
        for (x, rate) in row.iter_mut().zip(&self.rates[kind]) {
            *x = poisson(length * rate.value, draws.uniform()) as f32;
        }
        if SPAM[kind] { 1.0 } else { 0.0 }
    }

    fn best(&self, row: &[f32]) -> f64 {
        let total: f64 = row.iter().map(|x| f64::from(*x)).sum();
        let mut logs = [Vec::new(), Vec::new()];
        for (rates, spam) in self.rates.iter().zip(SPAM) {
            // What all kinds and lengths share, the factorials, is left out.
            let words: f64 = rates.iter().zip(row).map(|(rate, x)| f64::from(*x) * rate.log).sum();
            let sum: f64 = rates.iter().map(|rate| rate.value).sum();
            logs[usize::from(spam)].extend(LENGTHS.map(|l| words + total * real::ln(l) - l * sum));
        }
        let [honest, spam] = logs.map(|logs| log_of_sum(&logs));
        spam - honest
    }
}

/// ln Σ exp(log).
fn log_of_sum(logs: &[f64]) -> f64 {
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + real::ln(logs.iter().map(|log| real::exp(log - top)).sum())
}

/// The count at which the distribution function of a Poisson variable with this mean passes `u`.
fn poisson(mean: f64, u: f64) -> u32 {
    let (mut count, mut share) = (0, real::exp(-mean));
    let mut reached = share;
    // Rounding may leave the sum of all shares just below `u`.
    while reached <= u && count < MOST {
        count += 1;
        share *= mean / f64::from(count);
        reached += share;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_the_mean_and_the_variance_of_a_poisson_variable() {
        for mean in [0.1, 1.0, 7.5] {
            let counts = (0..10_000).map(|i| f64::from(poisson(mean, (f64::from(i) + 0.5) / 10_000.0)));
            let (sum, squares) = counts.fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
            let (average, square) = (sum / 10_000.0, squares / 10_000.0);
            assert!((average / mean - 1.0).abs() < 0.01, "{mean}: {average}");
            assert!(((square - average * average) / mean - 1.0).abs() < 0.02, "{mean}: {square}");
        }
        assert_eq!(poisson(1.0, 1.0), MOST, "no number a stream gives is 1");
    }

    #[test]
    fn the_odds_are_those_of_all_kinds_and_lengths_summed_by_hand() {
        let rule = Mail::new(0.8);
        let mut row = [0.0_f32; WORDS.len()];
        (row[3], row[11], row[20]) = (2.0, 1.0, 1.0);
        let mut sums = [0.0; 2];
        for (rates, spam) in rule.rates.iter().zip(SPAM) {
            for length in LENGTHS {
                let word = |(rate, x): (&Rate, &f32)| {
                    let mean = length * rate.value;
                    let factorial = if *x == 2.0 { 2.0 } else { 1.0 };
                    real::exp(-mean) * real::pow(mean, f64::from(*x)) / factorial
                };
                sums[usize::from(spam)] += rates.iter().zip(&row).map(word).product::<f64>();
            }
        }
        let expected = real::ln(sums[1] / sums[0]);
        assert!((rule.best(&row) - expected).abs() < 1e-9, "{} {expected}", rule.best(&row));
    }
}
