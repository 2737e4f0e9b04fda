//! Comparisons → their small pictures in claim boxes.

use crate::analysis::claim::How;
use crate::analysis::{Bounds, Comparison, estimate};
use crate::experiment::expression::Binary;
use crate::experiment::measure::Unit;
use crate::figure::{Effect, Side};

/// The picture of a comparison, as an `<svg>`; `None` where there are fewer than two seeds to show.
pub fn picture(comparison: &Comparison, claim: &str, facts: &str) -> Option<String> {
    (comparison.n >= 2).then(|| crate::figure::draw_effect(&effect(comparison, claim, facts)))
}

fn effect(comparison: &Comparison, claim: &str, facts: &str) -> Effect {
    let Comparison { effect, margin, operator, unit, interval, how, by_seed, .. } = comparison;
    let scale = if matches!(unit, Unit::Share | Unit::Points) { 100.0 } else { 1.0 };
    let scaled = |bounds: &Bounds| [bounds.low * scale, bounds.high * scale];
    let seed = |(seed, bounds): &(u64, Bounds)| (format!("seed {seed}: {}", said(*bounds, *unit)), scaled(bounds));
    let told: Vec<String> = by_seed.iter().map(|(_, bounds)| said(*bounds, *unit)).collect();
    let told = if told.is_empty() { String::new() } else { format!("; by seed: {}", told.join(", ")) };
    Effect {
        title: format!("{claim}: the effect beside its margin"),
        description: format!("{facts}{told}"),
        axis: axis(*how, !by_seed.is_empty(), *unit),
        seeds: by_seed.iter().map(seed).collect(),
        mean: effect.known().map(|mean| mean * scale),
        interval: interval.map(|ends| ends.map(|end| end * scale)),
        margin: margin * scale,
        claimed: match operator {
            Binary::Greater | Binary::GreaterEqual => Some(Side::Above),
            Binary::Less | Binary::LessEqual => Some(Side::Below),
            _ => None,
        },
    }
}

fn said(bounds: Bounds, unit: Unit) -> String {
    let print = |x: f64| estimate::beside(x, None, unit);
    super::claim::bounds(bounds, &print, estimate::sign(unit))
}

/// What the axis counts.
fn axis(how: How, by_seed: bool, unit: Unit) -> String {
    let what = match how {
        How::PairedT | How::WelchT | How::PairedBootstrap => "difference",
        _ => "effect",
    };
    let each = if by_seed { " by seed" } else { "" };
    let sign = estimate::sign(unit).trim();
    let unit = if sign.is_empty() { String::new() } else { format!(", {sign}") };
    format!("{what}{each}{unit}")
}
