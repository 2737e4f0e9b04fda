//! Comparisons → their small pictures in claim boxes.

use crate::analysis::claim::How;
use crate::analysis::{Bounds, Comparison, estimate};
use crate::experiment::expression::Binary;
use crate::experiment::measure::Unit;
use crate::figure::{Effect, Side};
use crate::render::Words;

/// The picture of a comparison, as an `<svg>`; `None` where there are fewer than two seeds to show.
pub fn picture(comparison: &Comparison, claim: &str, facts: &str, words: &Words) -> Option<String> {
    (comparison.n >= 2).then(|| crate::figure::draw_effect(&effect(comparison, claim, facts, words)))
}

fn effect(comparison: &Comparison, claim: &str, facts: &str, words: &Words) -> Effect {
    let Comparison { effect, margin, operator, unit, interval, how, by_seed, .. } = comparison;
    let scale = if matches!(unit, Unit::Share | Unit::Points) { 100.0 } else { 1.0 };
    let scaled = |bounds: &Bounds| [bounds.low * scale, bounds.high * scale];
    let seed = |(seed, bounds): &(u64, Bounds)| {
        let value = said(*bounds, *unit, words);
        (words.say("seed {seed}: {value}", &[("seed", seed), ("value", &value)]), scaled(bounds))
    };
    let told: Vec<String> = by_seed.iter().map(|(_, bounds)| said(*bounds, *unit, words)).collect();
    let told = if told.is_empty() {
        String::new()
    } else {
        words.say("; by seed: {values}", &[("values", &told.join(words.comma()))])
    };
    Effect {
        title: words.say("{claim}: the effect beside its margin", &[("claim", &claim)]),
        description: format!("{facts}{told}"),
        axis: axis(*how, !by_seed.is_empty(), *unit, words),
        margin_name: words.word("margin").to_owned(),
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

fn said(bounds: Bounds, unit: Unit, words: &Words) -> String {
    let print = |x: f64| estimate::beside(x, None, unit);
    super::claim::bounds(bounds, &print, &super::words::sign(unit, words), words)
}

/// What the axis counts.
fn axis(how: How, by_seed: bool, unit: Unit, words: &Words) -> String {
    let is_difference = matches!(how, How::PairedT | How::WelchT | How::PairedBootstrap);
    let what = words.word(match (is_difference, by_seed) {
        (true, true) => "difference by seed",
        (true, false) => "difference",
        (false, true) => "effect by seed",
        (false, false) => "effect",
    });
    let sign = super::words::sign(unit, words);
    let sign = sign.trim();
    let unit = if sign.is_empty() { String::new() } else { format!(", {sign}") };
    format!("{what}{unit}")
}
