//! A comparison in the form *effect > margin*: numbers on one side, what was measured on the other.

use super::evaluate;
use super::sample::Quantity;
use crate::experiment::expression::{Binary, Expr, Node, Unary};
use crate::experiment::measure::Unit;
use crate::run::Results;

/// `left − right > margin`, with the numbers of both sides gathered in the margin.
pub struct Inequality<'e> {
    /// Left and right.
    pub effect: [Terms<'e>; 2],
    /// The right side's numbers minus the left one's.
    pub margin: f64,
    /// As written; turned round where only the right side was measured.
    pub operator: Binary,
}

/// A sum of measured quantities, each with its sign.
#[derive(Default)]
pub struct Terms<'e> {
    terms: Vec<(f64, &'e Expr)>,
    /// What was left of it: a sum of numbers.
    number: f64,
}

impl<'e> Inequality<'e> {
    /// Sorts the terms of `a operator b`.
    pub fn of(operator: Binary, a: &'e Expr, b: &'e Expr) -> Self {
        let [mut left, mut right] = [a, b].map(|side| {
            let mut terms = Terms::default();
            terms.take_in(side, 1.0);
            terms
        });
        let mut operator = operator;
        if left.is_empty() {
            std::mem::swap(&mut left, &mut right);
            operator = turned_round(operator);
        }
        let margin = right.number - left.number;
        Self { effect: [left, right], margin, operator }
    }
}

fn turned_round(operator: Binary) -> Binary {
    match operator {
        Binary::Less => Binary::Greater,
        Binary::LessEqual => Binary::GreaterEqual,
        Binary::Greater => Binary::Less,
        Binary::GreaterEqual => Binary::LessEqual,
        other => other,
    }
}

impl<'e> Terms<'e> {
    fn take_in(&mut self, expr: &'e Expr, sign: f64) {
        match &expr.node {
            Node::Binary(Binary::Add, a, b) => {
                self.take_in(a, sign);
                self.take_in(b, sign);
            }
            Node::Binary(Binary::Subtract, a, b) => {
                self.take_in(a, sign);
                self.take_in(b, -sign);
            }
            Node::Unary(Unary::Minus, inner) => self.take_in(inner, -sign),
            _ => match constant(expr) {
                Some(number) => self.number += sign * number,
                None => self.terms.push((sign, expr)),
            },
        }
    }

    /// Whether it is but numbers.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Its terms without their signs.
    pub fn exprs(&self) -> Vec<&'e Expr> {
        self.terms.iter().map(|t| t.1).collect()
    }

    /// The sum, with all runs looked up under these seeds.
    pub fn quantity(&self, seeds: &[u64], results: &Results) -> Quantity<'e> {
        let signs: Vec<f64> = self.terms.iter().map(|t| t.0).collect();
        let terms = self.terms.iter().map(|t| Quantity::of(t.1, seeds, results)).collect();
        Quantity::sum(signs, terms)
    }

    /// The unit of the difference of two sums.
    pub fn unit(left: &Self, right: &Self) -> Unit {
        let units: Vec<Unit> = left.terms.iter().chain(&right.terms).map(|t| t.1.unit()).collect();
        let is_share = |unit: &Unit| matches!(unit, Unit::Share | Unit::Points);
        match units.as_slice() {
            [unit] => *unit,
            units if units.iter().all(is_share) => Unit::Points,
            [first, rest @ ..] if rest.iter().all(|u| u == first) => *first,
            _ => Unit::Plain,
        }
    }
}

/// The worth of an expression without results.
fn constant(expr: &Expr) -> Option<f64> {
    if expr.selections().is_empty() { evaluate::pointwise(expr, &|_| None).known() } else { None }
}
