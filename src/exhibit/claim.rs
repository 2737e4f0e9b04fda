//! Judgements → claim boxes: the verdict, and what was tested with which result.

use super::{Show, effect, words};
use crate::analysis::claim::How;
use crate::analysis::{Bounds, Comparison, Judgement, Verdict, estimate};
use crate::audit;
use crate::experiment::Claim;
use crate::experiment::measure::Unit;
use crate::ledger::{Ledger, Wording};
use crate::render::{self, ColophonSection, Fact, Words};

/// The box of a claim, with its sentence in the words of the page.
pub fn claim_box(claim: &Claim, says: &str, judgement: &Judgement, ledger: &Ledger, words: &Words) -> render::Claim {
    let several = judgement.comparisons.len() > 1;
    let comparison = |comparison: &Comparison| {
        let facts = of_comparison(comparison, claim.test.level, words);
        let told: Vec<String> =
            facts.iter().map(|fact| format!("{} {}", words.word(&fact.label), fact.value)).collect();
        render::Comparison {
            text: several.then(|| comparison.text.trim().to_owned()),
            verdict: comparison.verdict,
            picture: effect::picture(comparison, &claim.id, &told.join(words.comma()), words),
            facts,
        }
    };
    let comparisons = judgement.comparisons.iter().map(comparison).collect();
    render::Claim {
        id: claim.id.clone(),
        says: says.to_owned(),
        holds: claim.holds.text.clone(),
        verdict: judgement.verdict,
        comparisons,
        facts: of_the_whole(judgement),
        late: audit::is_late(claim, ledger),
        former: audit::changed(claim, ledger).map(|first| former(claim, first)).unwrap_or_default(),
        provenance: vec![fact("digest", claim.digest())],
        command: None,
    }
}

/// What was tested with which result, in English: each comparison, then the whole.
pub fn findings(claim: &Claim, judgement: &Judgement) -> Vec<Fact> {
    // Phrases are English where no file of words says otherwise.
    let words = &Words::default();
    let several = judgement.comparisons.len() > 1;
    let of_one = |comparison: &Comparison| {
        let named = format!("{}: {}", comparison.text.trim(), comparison.verdict);
        let name = several.then(|| fact("comparison", named));
        name.into_iter().chain(of_comparison(comparison, claim.test.level, words)).collect::<Vec<_>>()
    };
    let mut facts: Vec<Fact> = judgement.comparisons.iter().flat_map(of_one).collect();
    facts.extend(of_the_whole(judgement));
    facts
}

/// What holds for a claim's comparisons together.
fn of_the_whole(judgement: &Judgement) -> Vec<Fact> {
    let of_several = judgement.p.filter(|_| judgement.comparisons.len() > 1);
    let mut facts: Vec<Fact> = of_several.map(|p| fact("p of the whole", p_value(p))).into_iter().collect();
    facts.extend(judgement.adjusted.map(|p| fact("p after Holm's correction", p_value(p))));
    facts.extend(judgement.reason.as_ref().map(|reason| fact("reason", reason.clone())));
    facts
}

/// What a claim said before it was changed, as far as that is something else.
fn former(claim: &Claim, first: &Wording) -> Vec<Fact> {
    let parts = [
        ("sentence", &first.says, claim.says.trim().to_owned()),
        ("condition", &first.holds, claim.holds.text.trim().to_owned()),
        ("test", &first.test, claim.test.words()),
    ];
    let changed = parts.into_iter().filter(|(_, first, now)| *first != now);
    let mut facts: Vec<Fact> = changed.map(|(label, first, _)| fact(label, first.clone())).collect();
    facts.push(fact("digest", first.digest.clone()));
    facts
}

/// How many claims came to what, in words; `None` for a book without claims.
pub fn counted(verdicts: &[(String, Verdict)]) -> Option<String> {
    let count = |verdict: Verdict| {
        let ids: Vec<&str> = verdicts.iter().filter(|v| v.1 == verdict).map(|v| v.0.as_str()).collect();
        // Whoever builds wants to know which ones did not hold.
        let named = if verdict == Verdict::Refuted { format!(" ({})", ids.join(", ")) } else { String::new() };
        (!ids.is_empty()).then(|| format!("{} {verdict}{named}", ids.len()))
    };
    let parts: Vec<String> = Verdict::ALL.into_iter().filter_map(count).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The colophon's count of verdicts, with how they were reached.
pub fn colophon(show: &Show<'_>, words: &Words) -> Option<ColophonSection> {
    let test = show.book.config.claims;
    let count = |verdict: Verdict| show.judgements.iter().filter(|j| j.verdict == verdict).count();
    let mut facts: Vec<Fact> = Verdict::ALL.into_iter().map(|v| fact(v.word(), count(v).to_string())).collect();
    let changed = show.book.claims.iter().filter(|claim| audit::changed(claim, show.ledger).is_some());
    let changed: Vec<&str> = changed.map(|claim| claim.id.as_str()).collect();
    if !changed.is_empty() {
        facts.push(fact("changed after recording", format!("{} ({})", changed.len(), changed.join(", "))));
    }
    let late = show.book.claims.iter().filter(|claim| audit::is_late(claim, show.ledger));
    let late: Vec<&str> = late.map(|claim| claim.id.as_str()).collect();
    if !late.is_empty() {
        facts.push(fact("added after recording", format!("{} ({})", late.len(), late.join(", "))));
    }
    facts.push(fact("level", percent(test.level)));
    facts.push(fact("method", words.word(test.method.word())));
    facts.push(fact("correction", words.word(test.correction.word())));
    (!show.judgements.is_empty()).then(|| ColophonSection {
        title: "What was claimed".into(),
        facts,
        ..ColophonSection::default()
    })
}

fn of_comparison(comparison: &Comparison, level: f64, words: &Words) -> Vec<Fact> {
    let Comparison { effect, margin, unit, interval, p, n, bounded, how, .. } = comparison;
    let sign = &words::sign(*unit, words);
    let print = |x: f64| estimate::beside(x, *interval, *unit);
    let mut facts = vec![
        fact("effect", bounds(*effect, &print, sign, words)),
        fact("margin", format!("{} {}{sign}", comparison.sign(), as_written(*margin, *unit))),
    ];
    if let Some([low, high]) = interval.filter(|_| *how != How::Exact) {
        let end = |x: f64| if x.is_finite() { print(x) } else { words.word("no bound").to_owned() };
        let interval = words.say("{low} to {high}", &[("low", &end(low)), ("high", &end(high))]);
        facts.push(fact("interval", format!("{}: {interval}{sign}", percent(level))));
    }
    facts.push(match bounded {
        0 => fact("seeds", n.to_string()),
        _ => fact("seeds", words.say("{n}; of {bounded} only bounds are known", &[("n", n), ("bounded", bounded)])),
    });
    facts.extend(p.filter(|_| is_tested(*how)).map(|p| fact("p", p_value(p))));
    facts.push(fact("test", words.word(how.word())));
    facts
}

/// A margin in its unit: fixed by the author, it has all its digits, but for what arithmetic left behind the twelfth.
fn as_written(margin: f64, unit: Unit) -> String {
    let scale = if matches!(unit, Unit::Share | Unit::Points) { 100.0 } else { 1.0 };
    let rounded: f64 = format!("{:.11e}", margin * scale).parse().unwrap_or(margin * scale);
    f64::to_string(&(rounded + 0.0)).replace('-', "−")
}

fn is_tested(how: How) -> bool {
    !matches!(how, How::Exact | How::OneSeed | How::NoSeeds)
}

/// A number of which perhaps only bounds are known, in words.
pub fn bounds(effect: Bounds, print: &dyn Fn(f64) -> String, sign: &str, words: &Words) -> String {
    let Bounds { low, high } = effect;
    match (low.is_finite(), high.is_finite()) {
        (true, true) if low == high => format!("{}{sign}", print(low)),
        (true, true) => words.say("between {low} and {high}", &[("low", &print(low)), ("high", &(print(high) + sign))]),
        (true, false) => words.say("at least {low}", &[("low", &(print(low) + sign))]),
        (false, true) => words.say("at most {high}", &[("high", &(print(high) + sign))]),
        (false, false) => words.word("not known").to_owned(),
    }
}

/// Two digits, and no more zeros than anybody reads.
fn p_value(p: f64) -> String {
    match p {
        p if p < 1e-4 => "< 0.0001".to_owned(),
        p if p < 1e-3 => format!("{p:.5}"),
        p if p < 1e-2 => format!("{p:.4}"),
        p if p < 0.1 => format!("{p:.3}"),
        p => format!("{p:.2}"),
    }
}

fn percent(share: f64) -> String {
    // A level such as 0.95 is no binary fraction.
    format!("{} %", (share * 1e6).round() / 1e4)
}

fn fact(label: &str, value: impl Into<String>) -> Fact {
    Fact { label: label.to_owned(), value: value.into(), link: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_margin_keeps_its_digits() {
        assert_eq!(as_written(0.07, Unit::Points), "7");
        assert_eq!(as_written(0.1 + 0.2, Unit::Plain), "0.3");
        assert_eq!(as_written(-0.0125, Unit::Share), "−1.25");
        assert_eq!(as_written(-0.0, Unit::Plain), "0");
    }

    #[test]
    fn refuted_claims_are_named() {
        let came = |verdicts: &[(&str, Verdict)]| {
            counted(&verdicts.iter().map(|(id, verdict)| ((*id).to_owned(), *verdict)).collect::<Vec<_>>())
        };
        assert_eq!(came(&[]), None);
        let verdicts = [("a", Verdict::Refuted), ("b", Verdict::Confirmed), ("c", Verdict::Refuted)];
        assert_eq!(came(&verdicts).as_deref(), Some("1 confirmed, 2 refuted (a, c)"));
    }
}
