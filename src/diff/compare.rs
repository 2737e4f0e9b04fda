//! Two editions side by side.

use std::collections::{BTreeMap, BTreeSet};

use super::edition::{Claim, Drawing, Edition, Number, Outcome};
use super::sentence::{NOTHING, Sentence};
use super::{ChangedClaim, ChangedExperiment, ChangedFigure, ChangedResult, ChangedSentence, Diff, Sides};
use crate::analysis::Verdict;

/// What differs between two editions; `names` says what they are called.
pub fn compare(before: &Edition, after: &Edition, names: Sides<String>) -> Diff {
    let ids = |edition: &Edition| edition.experiments.iter().map(|outcome| outcome.id.clone()).collect::<Vec<_>>();
    let (earlier, later) = (ids(before), ids(after));
    let without = |all: &[String], others: &[String]| all.iter().filter(|id| !others.contains(id)).cloned().collect();
    Diff {
        sides: names,
        pending: Sides { before: before.pending, after: after.pending },
        added: without(&later, &earlier),
        removed: without(&earlier, &later),
        results: pairs(&before.experiments, &after.experiments, |outcome| outcome.id.clone())
            .filter_map(|(before, after)| experiment(before?, after?))
            .collect(),
        claims: pairs(&before.claims, &after.claims, |claim| claim.id.clone())
            .filter_map(|(before, after)| claim(before, after))
            .collect(),
        sentences: sentences(&before.sentences, &after.sentences),
        figures: pairs(&before.figures, &after.figures, |figure| figure.id.clone())
            .filter_map(|(before, after)| figure(before, after))
            .collect(),
    }
}

/// What has the same name in both, in the order of the later edition; then what only the earlier one has.
fn pairs<'e, T, K: Ord>(
    before: &'e [T],
    after: &'e [T],
    key: impl Fn(&T) -> K,
) -> impl Iterator<Item = (Option<&'e T>, Option<&'e T>)> {
    let earlier: BTreeMap<K, &T> = before.iter().map(|one| (key(one), one)).collect();
    let later: BTreeSet<K> = after.iter().map(&key).collect();
    let both: Vec<_> = after.iter().map(|one| (earlier.get(&key(one)).copied(), Some(one))).collect();
    let gone: Vec<_> = before.iter().filter(|one| !later.contains(&key(one))).map(|one| (Some(one), None)).collect();
    both.into_iter().chain(gone)
}

fn experiment(before: &Outcome, after: &Outcome) -> Option<ChangedExperiment> {
    let only = |of: &Outcome, other: &Outcome| of.points.iter().filter(|point| !other.points.contains(point)).count();
    let points = Sides { before: only(before, after), after: only(after, before) };
    // Points of both that were run in both: what is not there is no other result.
    let ran = |of: &Outcome| of.numbers.keys().map(|(point, _)| point.clone()).collect::<BTreeSet<String>>();
    let (earlier, later) = (ran(before), ran(after));
    let mut changed = Vec::new();
    let mut compared = 0;
    for point in after.points.iter().filter(|point| earlier.contains(*point) && later.contains(*point)) {
        let of_point = |of: &Outcome| -> BTreeMap<String, Number> {
            let numbers = of.numbers.iter().filter(|((at, _), _)| at == point);
            numbers.map(|((_, measure), number)| (measure.clone(), number.clone())).collect()
        };
        let (old, new) = (of_point(before), of_point(after));
        for measure in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
            compared += 1;
            let value = Sides { before: old.get(measure).cloned(), after: new.get(measure).cloned() };
            if value.before != value.after {
                changed.push(ChangedResult { point: point.clone(), measure: measure.clone(), value });
            }
        }
    }
    let differs = !changed.is_empty() || points != Sides::default();
    differs.then(|| ChangedExperiment { id: after.id.clone(), compared, changed, points })
}

fn claim(before: Option<&Claim>, after: Option<&Claim>) -> Option<ChangedClaim> {
    let verdict = Sides { before: before.map(|claim| claim.verdict), after: after.map(|claim| claim.verdict) };
    // What rests on runs without a result is not compared.
    let unchecked = |side: Option<Verdict>| side == Some(Verdict::Unchecked);
    let restated = before.zip(after).is_some_and(|(before, after)| before.digest != after.digest);
    let shown = after.or(before)?;
    let compared = !unchecked(verdict.before) && !unchecked(verdict.after);
    let differs = restated || (compared && verdict.before != verdict.after);
    differs.then(|| ChangedClaim { id: shown.id.clone(), says: shown.says.clone(), verdict, restated })
}

/// Sentences of a chapter are the same where they print the same expressions, the first with the first, and so on: words
/// around a number may change while it does not move.
fn sentences(before: &[Sentence], after: &[Sentence]) -> Vec<ChangedSentence> {
    let (before, after) = (named(before), named(after));
    let both =
        pairs(&before, &after, |(name, _)| name.clone()).filter_map(|(before, after)| Some((before?.1, after?.1)));
    let differs = |(before, after): ((&str, &str), (&str, &str))| {
        before.1 != after.1 && before.1 != NOTHING && after.1 != NOTHING
    };
    let moved = both.filter(|(before, after)| before.numbers().zip(after.numbers()).any(differs));
    moved
        .map(|(before, after)| ChangedSentence {
            chapter: after.chapter.clone(),
            printed: Sides { before: before.clone(), after: after.clone() },
        })
        .collect()
}

/// A sentence's chapter, its expressions, and how many like it stand before it.
type SentenceName = (String, Vec<String>, usize);

fn named(sentences: &[Sentence]) -> Vec<(SentenceName, &Sentence)> {
    let mut seen: BTreeMap<(String, Vec<String>), usize> = BTreeMap::new();
    let name = |sentence: &Sentence| {
        let expressions = sentence.numbers().map(|(expression, _)| expression.to_owned());
        (sentence.chapter.clone(), expressions.collect::<Vec<_>>())
    };
    let named = sentences.iter().map(|sentence| {
        let (chapter, expressions) = name(sentence);
        let count = seen.entry((chapter.clone(), expressions.clone())).or_default();
        *count += 1;
        ((chapter, expressions, *count), sentence)
    });
    named.collect()
}

fn figure(before: Option<&Drawing>, after: Option<&Drawing>) -> Option<ChangedFigure> {
    let svg = Sides { before: before.map(|figure| figure.svg.clone()), after: after.map(|figure| figure.svg.clone()) };
    let shown = after.or(before)?;
    let compared = before.is_none_or(|figure| figure.whole) && after.is_none_or(|figure| figure.whole);
    let differs = compared && svg.before.as_deref().map(strokes) != svg.after.as_deref().map(strokes);
    differs.then(|| ChangedFigure { id: shown.id.clone(), caption: shown.caption.clone(), svg })
}

/// A drawing without its title and description, which tell its caption to those who cannot see it.
fn strokes(svg: &str) -> (&str, &str) {
    let (head, rest) = svg.split_once("<title").unwrap_or((svg, ""));
    (head, rest.split_once("</desc>").map_or(rest, |(_, drawn)| drawn))
}
