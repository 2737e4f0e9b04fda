//! What the results say to a claim.

use std::fmt;

use super::inference::Inference;
use crate::experiment::expression::Binary;

/// What the results say to a claim, or to one comparison of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The whole interval lies on the claimed side of the margin.
    Confirmed,
    /// The whole interval lies on the other side.
    Refuted,
    /// It lies on both sides, or there is none.
    Undecided,
    /// Nothing was computed: its runs are not here.
    Unchecked,
}

impl Verdict {
    /// All of them, in the order they are counted.
    pub const ALL: [Self; 4] = [Self::Confirmed, Self::Refuted, Self::Undecided, Self::Unchecked];

    /// Its name in English.
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
            Self::Undecided => "undecided",
            Self::Unchecked => "unchecked",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// How much speaks for something and against it: one-sided p values, 0 where it is certain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// Small where it holds.
    pub for_it: f64,
    /// Small where it does not.
    pub against_it: f64,
    /// Whether a test was made, or it is certain.
    tested: bool,
}

impl Evidence {
    /// What an inference says to `effect operator margin`.
    pub fn of(operator: Binary, found: &Inference, certain: bool) -> Self {
        let Inference { above, below, at, .. } = *found;
        let (for_it, against_it) = match operator {
            Binary::Greater => (above, below.min(at)),
            Binary::GreaterEqual => (above.min(at), below),
            Binary::Less => (below, above.min(at)),
            Binary::LessEqual => (below.min(at), above),
            Binary::Equal => (at, above.min(below)),
            Binary::NotEqual => (above.min(below), at),
            _ => unreachable!("{operator:?} does not compare"),
        };
        Self { for_it, against_it, tested: !certain }
    }

    /// The other way round.
    pub fn negated(self) -> Self {
        Self { for_it: self.against_it, against_it: self.for_it, tested: self.tested }
    }

    /// All of them hold: as sure as the least sure one. One of them does not: the surest one, corrected by Bonferroni,
    /// for it was picked among several. In verdicts this is Kleene's *and*.
    pub fn all(parts: &[Self]) -> Self {
        let tested = parts.iter().filter(|p| p.tested).count();
        let for_it = parts.iter().map(|p| p.for_it).fold(0.0, f64::max);
        let against_it = parts.iter().map(|p| p.against_it).fold(1.0, f64::min);
        Self { for_it, against_it: (against_it * tested.max(1) as f64).min(1.0), tested: tested > 0 }
    }

    /// One of them holds at least: Kleene's *or*.
    pub fn any(parts: &[Self]) -> Self {
        let negated: Vec<Self> = parts.iter().map(|p| p.negated()).collect();
        Self::all(&negated).negated()
    }

    /// The two-sided p of whichever side there is more evidence for; `None` where it is certain.
    pub fn p(self) -> Option<f64> {
        self.tested.then(|| (2.0 * self.for_it.min(self.against_it)).min(1.0))
    }

    /// The verdict at a confidence level.
    pub fn verdict(self, level: f64) -> Verdict {
        // A level such as 0.95 is no binary fraction; a p right at it counts.
        let enough = |p: f64| 2.0 * p <= 1.0 - level + 1e-12;
        match (enough(self.for_it), enough(self.against_it)) {
            (true, false) => Verdict::Confirmed,
            (false, true) => Verdict::Refuted,
            _ => Verdict::Undecided,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sided(above: f64) -> Evidence {
        let found = Inference { above, below: 1.0 - above, at: 1.0, interval: None };
        Evidence::of(Binary::Greater, &found, false)
    }

    #[test]
    fn a_verdict_needs_a_two_sided_p_within_the_level() {
        assert_eq!(sided(0.025).verdict(0.95), Verdict::Confirmed);
        assert_eq!(sided(0.026).verdict(0.95), Verdict::Undecided);
        assert_eq!(sided(0.974).verdict(0.95), Verdict::Undecided);
        assert_eq!(sided(0.975).verdict(0.95), Verdict::Refuted);
        assert_eq!(sided(0.975).negated().verdict(0.95), Verdict::Confirmed);
    }

    #[test]
    fn verdicts_are_joined_as_kleene_does() {
        let (sure, open, false_) = (sided(0.001), sided(0.5), sided(0.999));
        assert_eq!(Evidence::all(&[sure, sure]).verdict(0.95), Verdict::Confirmed);
        assert_eq!(Evidence::all(&[sure, open]).verdict(0.95), Verdict::Undecided);
        assert_eq!(Evidence::all(&[open, false_]).verdict(0.95), Verdict::Refuted);
        assert_eq!(Evidence::any(&[open, sure]).verdict(0.95), Verdict::Confirmed);
        assert_eq!(Evidence::any(&[open, false_]).verdict(0.95), Verdict::Undecided);
        // Picked among two: by itself it would do.
        assert_eq!(Evidence::any(&[sided(0.02), open]).verdict(0.95), Verdict::Undecided);
    }
}
