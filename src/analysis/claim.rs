//! Claims → verdicts.
//!
//! 1. Each comparison of a claim is brought into the form *effect > margin*, the effect by seed where both sides share
//!    their seeds.
//! 2. `inference` says how sure the side is on which the effect lies.
//! 3. `and`, `or` and `not` join what is sure, and Holm's method takes the number of claims into account.

use super::inference::{self, Inference};
use super::sample::{self, Quantity};
use super::terms::{Inequality, Terms};
use super::verdict::{Evidence, Verdict};
use super::{Bounds, holm};
use crate::experiment::config::{Correction, Method, Test};
use crate::experiment::expression::{Binary, Expr, Node, Unary};
use crate::experiment::measure::Unit;
use crate::experiment::{Book, Claim};
use crate::run::Results;

/// What came of a claim.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// What the results say.
    pub verdict: Verdict,
    /// Two-sided p: how often results would be so far from undecided if they lay at the margin. `None` where nothing was
    /// tested: the quantity has no uncertainty, or there are no results.
    pub p: Option<f64>,
    /// The same after Holm's correction over the book's claims, where that is asked for.
    pub adjusted: Option<f64>,
    /// Its comparisons, from left to right; empty where it is unchecked.
    pub comparisons: Vec<Comparison>,
    /// Why it is unchecked.
    pub reason: Option<String>,
}

/// One comparison of a claim.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// As written.
    pub text: String,
    /// What it comes to by itself, at the book's level.
    pub verdict: Verdict,
    /// What is compared with the margin: the left side minus the right one, numbers aside.
    pub effect: Bounds,
    /// What the effect has to lie beyond.
    pub margin: f64,
    /// How effect and margin are compared.
    pub operator: Binary,
    /// Of the effect and the margin.
    pub unit: Unit,
    /// The confidence interval of the effect, at the book's level.
    pub interval: Option<[f64; 2]>,
    /// Two-sided p, where something was tested.
    pub p: Option<f64>,
    /// Number of seeds; the smaller one where the two sides have their own.
    pub n: usize,
    /// Seeds of which only bounds are known: a threshold never reached, a run without a result.
    pub bounded: usize,
    /// How it was tested.
    pub how: How,
    /// The effect by seed, where there is one.
    pub by_seed: Vec<(u64, Bounds)>,
}

/// How a comparison was tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Not at all: it is the same under every seed.
    Exact,
    /// Not at all: one seed has no spread.
    OneSeed,
    /// Not at all: the two sides share no seeds and one has fewer than two.
    NoSeeds,
    /// The sign test: every seed gave the same.
    Signs,
    /// Student's t of one value a seed.
    T,
    /// Student's t of the differences by seed.
    PairedT,
    /// Welch's t of two means: the sides share no seeds.
    WelchT,
    /// Resampled seeds.
    Bootstrap,
    /// Resampled seeds, the same for both sides.
    PairedBootstrap,
}

impl How {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "none: it is the same under every seed",
            Self::OneSeed => "none: one seed has no spread",
            Self::NoSeeds => "none: one side has fewer than two seeds",
            Self::Signs => "sign test: every seed gave the same",
            Self::T => "Student's t over seeds",
            Self::PairedT => "Student's t, paired by seed",
            Self::WelchT => "Welch's t",
            Self::Bootstrap => "bootstrap over seeds",
            Self::PairedBootstrap => "bootstrap, paired by seed",
        }
    }
}

impl Comparison {
    /// How effect and margin are compared, as it is printed.
    pub fn sign(&self) -> &'static str {
        match self.operator {
            Binary::Less => "<",
            Binary::LessEqual => "≤",
            Binary::Greater => ">",
            Binary::GreaterEqual => "≥",
            Binary::Equal => "=",
            Binary::NotEqual => "≠",
            operator => unreachable!("{operator:?} does not compare"),
        }
    }
}

/// Judges all claims of a book, in its order.
pub fn judge(book: &Book, results: &Results) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> = book.claims.iter().map(|claim| judged(claim, book, results)).collect();
    if book.config.claims.correction == Correction::Holm {
        correct(&mut judgements, book.config.claims.level);
    }
    judgements
}

fn judged(claim: &Claim, book: &Book, results: &Results) -> Judgement {
    let unchecked = |reason: String| Judgement {
        verdict: Verdict::Unchecked,
        p: None,
        adjusted: None,
        comparisons: Vec::new(),
        reason: Some(reason),
    };
    if !claim.left_out.is_empty() {
        let profile = book.profile.as_deref().unwrap_or("full");
        return unchecked(format!("the profile `{profile}` leaves out {}", claim.left_out.join(", ")));
    }
    if let Some(reason) = sample::absent(&claim.holds.expr, results) {
        return unchecked(reason);
    }
    let mut court = Court { claim, book, results, comparisons: Vec::new() };
    let evidence = court.weigh(&claim.holds.expr);
    Judgement {
        verdict: evidence.verdict(claim.test.level),
        p: evidence.p(),
        adjusted: None,
        comparisons: court.comparisons,
        reason: None,
    }
}

/// Holm's correction: what was tested counts, decided or not.
fn correct(judgements: &mut [Judgement], level: f64) {
    let tested: Vec<usize> = (0..judgements.len()).filter(|&i| judgements[i].p.is_some()).collect();
    let p: Vec<f64> = tested.iter().filter_map(|&i| judgements[i].p).collect();
    for (&i, adjusted) in tested.iter().zip(holm::adjusted(&p)) {
        judgements[i].adjusted = Some(adjusted);
        if adjusted > 1.0 - level + 1e-12 {
            judgements[i].verdict = Verdict::Undecided;
        }
    }
}

struct Court<'a> {
    claim: &'a Claim,
    book: &'a Book,
    results: &'a Results,
    comparisons: Vec<Comparison>,
}

impl Court<'_> {
    fn weigh(&mut self, expr: &Expr) -> Evidence {
        match &expr.node {
            Node::Unary(Unary::Not, inner) => self.weigh(inner).negated(),
            Node::Binary(operator @ (Binary::And | Binary::Or), ..) => {
                let mut parts = Vec::new();
                flatten(expr, *operator, &mut parts);
                let evidence: Vec<Evidence> = parts.into_iter().map(|part| self.weigh(part)).collect();
                if *operator == Binary::And { Evidence::all(&evidence) } else { Evidence::any(&evidence) }
            }
            Node::Binary(operator, a, b) => {
                let text = self.claim.holds.text.get(expr.range.clone()).unwrap_or_default().to_owned();
                let (comparison, evidence) = self.compare(text, *operator, a, b);
                self.comparisons.push(comparison);
                evidence
            }
            _ => unreachable!("`Expr::check` wants a truth here"),
        }
    }

    fn compare(&self, text: String, operator: Binary, a: &Expr, b: &Expr) -> (Comparison, Evidence) {
        let Inequality { effect: [left, right], margin, operator } = Inequality::of(operator, a, b);
        let Test { level, method, .. } = self.claim.test;
        let sides = Sides::of(&left, &right, self.results);
        let effect = sides.effect();
        let by_seed = sides.by_seed();
        let (how, found) = match effect.known() {
            Some(value) if self.is_certain(&left) && self.is_certain(&right) && is_constant(&by_seed) => {
                (How::Exact, Inference::certain(value, margin))
            }
            _ => sides.infer(&by_seed, margin, level, method),
        };
        let evidence = Evidence::of(operator, &found, how == How::Exact);
        let comparison = Comparison {
            text,
            verdict: evidence.verdict(level),
            effect,
            margin,
            operator,
            unit: Terms::unit(&left, &right),
            interval: found.interval,
            p: evidence.p(),
            n: sides.n(),
            bounded: by_seed.iter().filter(|v| v.1.known().is_none()).count(),
            how,
            by_seed,
        };
        (comparison, evidence)
    }

    /// Whether all that is measured is the same under every seed.
    fn is_certain(&self, terms: &Terms<'_>) -> bool {
        terms.exprs().into_iter().flat_map(Expr::selections).all(|selection| {
            self.book.experiment(&selection.experiment).is_some_and(|experiment| {
                let points = experiment.points.iter().filter(|p| selection.covers(&experiment.axes, &p.at));
                points.into_iter().all(|p| p.work.fixes(&selection.measure))
            })
        })
    }
}

/// Whether no two seeds differ, as far as there is a value for each.
fn is_constant(by_seed: &[(u64, Bounds)]) -> bool {
    by_seed.iter().all(|v| v.1 == by_seed[0].1)
}

/// The parts of `a and b and c`.
fn flatten<'e>(expr: &'e Expr, operator: Binary, parts: &mut Vec<&'e Expr>) {
    match &expr.node {
        Node::Binary(found, a, b) if *found == operator => {
            flatten(a, operator, parts);
            flatten(b, operator, parts);
        }
        _ => parts.push(expr),
    }
}

/// The two sides of a comparison, with their runs looked up.
struct Sides<'e> {
    left: Quantity<'e>,
    right: Option<Quantity<'e>>,
    /// The seeds of both where they share them, else those of each.
    seeds: Result<Vec<u64>, [Vec<u64>; 2]>,
}

impl<'e> Sides<'e> {
    fn of(left: &'e Terms<'e>, right: &'e Terms<'e>, results: &Results) -> Self {
        let seeds = |exprs: &[&Expr]| sample::seeds(exprs, results).unwrap_or_else(|| vec![0]);
        let own = [left, right].map(|terms| seeds(&terms.exprs()));
        let shared = seeds(&[left.exprs(), right.exprs()].concat());
        // A pair or two says less than all seeds of each side.
        if right.is_empty() || shared.len() >= 2 || own.iter().all(|seeds| seeds.len() < 2) {
            let right = (!right.is_empty()).then(|| right.quantity(&shared, results));
            return Self { left: left.quantity(&shared, results), right, seeds: Ok(shared) };
        }
        let [a, b] = &own;
        Self { left: left.quantity(a, results), right: Some(right.quantity(b, results)), seeds: Err(own) }
    }

    fn n(&self) -> usize {
        match &self.seeds {
            Ok(seeds) => seeds.len(),
            Err([a, b]) => a.len().min(b.len()),
        }
    }

    /// The effect over samples of the seeds: one for both sides, or one each.
    fn over(&self, samples: &[Vec<usize>]) -> Bounds {
        let left = self.left.over(&samples[0]);
        match &self.right {
            Some(right) => left - right.over(samples.last().expect("one sample at least")),
            None => left,
        }
    }

    fn sizes(&self) -> Vec<usize> {
        match &self.seeds {
            Ok(seeds) => vec![seeds.len()],
            Err([a, b]) => vec![a.len(), b.len()],
        }
    }

    fn effect(&self) -> Bounds {
        let all: Vec<Vec<usize>> = self.sizes().into_iter().map(|n| (0..n).collect()).collect();
        self.over(&all)
    }

    /// The effect by seed; empty where the sides have their own seeds, or gather them into one number.
    fn by_seed(&self) -> Vec<(u64, Bounds)> {
        let Ok(seeds) = &self.seeds else { return Vec::new() };
        let Some(left) = self.left.by_seed() else { return Vec::new() };
        let effects: Vec<Bounds> = match &self.right {
            None => left.to_vec(),
            Some(right) => match right.by_seed() {
                Some(right) => left.iter().zip(right).map(|(a, b)| *a - *b).collect(),
                None => return Vec::new(),
            },
        };
        seeds.iter().copied().zip(effects).collect()
    }

    fn infer(&self, by_seed: &[(u64, Bounds)], margin: f64, level: f64, method: Method) -> (How, Inference) {
        let paired = self.seeds.is_ok();
        let n = self.n();
        if n < 2 {
            return (if paired { How::OneSeed } else { How::NoSeeds }, Inference::NONE);
        }
        let differences: Vec<Bounds> = by_seed.iter().map(|v| v.1).collect();
        let by_t = |differences| inference::t(differences, margin, level);
        let is_two_sided = self.right.is_some();
        let sides = (self.left.by_seed(), self.right.as_ref().and_then(Quantity::by_seed));
        if !differences.is_empty() && inference::has_no_spread(&differences) {
            return (How::Signs, by_t(&differences));
        }
        match (method, sides) {
            (Method::T, _) if !differences.is_empty() => {
                (if is_two_sided { How::PairedT } else { How::T }, by_t(&differences))
            }
            (Method::T, (Some(a), Some(b))) if !paired => (How::WelchT, inference::welch(a, b, margin, level)),
            _ => {
                let found = inference::bootstrap(|samples| self.over(samples), &self.sizes(), margin, level);
                (if paired && is_two_sided { How::PairedBootstrap } else { How::Bootstrap }, found)
            }
        }
    }
}
