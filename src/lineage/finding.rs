//! What came of a claim, for programs.

use serde::Serialize;

use crate::analysis::{Comparison, Judgement};
use crate::experiment::config::Test;

/// A verdict, and how it was reached. Numbers are as computed; one that has no bound is `null`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// `confirmed`, `refuted`, `undecided` or `unchecked`.
    pub verdict: &'static str,
    /// Two-sided; `None` where nothing was tested.
    pub p: Option<f64>,
    /// After Holm's correction, where the book asks for it.
    pub adjusted_p: Option<f64>,
    /// The confidence level of intervals and of the verdict.
    pub level: f64,
    /// Why it is unchecked.
    pub reason: Option<String>,
    /// From left to right.
    pub comparisons: Vec<Compared>,
}

/// One comparison of a claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// As written.
    pub text: String,
    /// What it comes to by itself.
    pub verdict: &'static str,
    /// Ends of what the left side exceeds the right one by, numbers aside; they are equal where it is known.
    pub effect: [f64; 2],
    /// How effect and margin are compared: `>`.
    pub operator: &'static str,
    /// What the effect has to lie beyond.
    pub margin: f64,
    /// The effect's confidence interval.
    pub interval: Option<[f64; 2]>,
    /// Number of seeds.
    pub n: usize,
    /// Two-sided.
    pub p: Option<f64>,
    /// How it was tested.
    pub method: &'static str,
}

impl Finding {
    /// What came of a claim that was tested so.
    pub fn of(judgement: &Judgement, test: Test) -> Self {
        Self {
            verdict: judgement.verdict.word(),
            p: judgement.p,
            adjusted_p: judgement.adjusted,
            level: test.level,
            reason: judgement.reason.clone(),
            comparisons: judgement.comparisons.iter().map(Compared::of).collect(),
        }
    }
}

impl Compared {
    fn of(comparison: &Comparison) -> Self {
        Self {
            text: comparison.text.trim().to_owned(),
            verdict: comparison.verdict.word(),
            effect: [comparison.effect.low, comparison.effect.high],
            operator: comparison.sign(),
            margin: comparison.margin,
            interval: comparison.interval,
            n: comparison.n,
            p: comparison.p,
            method: comparison.how.word(),
        }
    }
}
