//! Two results of one run → the numbers in which they differ.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::learn::Exactness;
use crate::store::{Course, DecisionField, Ending, Group, Record, Text};

/// How far numbers may lie apart, as a share of the larger one, where they agree as printed.
const PRINTED: f64 = 1e-3;
/// Numbers so close to each other are printed the same, however small they are.
const NOTHING: f64 = 1e-6;
/// The same for the points of a decision field, whose border may move by less than a point.
const FIELD: f64 = 1e-2;

/// A quantity that a record and a fresh run tell differently.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// As it is written in expressions: `test_accuracy`, `gradient_norm[layer=1]`; or `ending`, `chosen.lr`, `confusion`.
    pub what: String,
    /// The epoch of the first value that differs; `None` for what a run has at its end.
    pub epoch: Option<u32>,
    /// How many values of it differ: epochs of a course, cells of a matrix.
    pub values: usize,
    /// The first of them as it is recorded; null where there is none.
    pub recorded: Json,
    /// The same as it was computed now.
    pub computed: Json,
}

/// What two results of the same run differ in, as exactly as its model promises; what was measured is not looked at.
pub fn differences(recorded: &Record, computed: &Record, exactness: Exactness) -> Vec<Difference> {
    let mut found = Vec::new();
    if recorded.ending != computed.ending {
        found.push(once("ending", json!(ending(&recorded.ending)), json!(ending(&computed.ending))));
    }
    for name in names(&recorded.chosen, &computed.chosen) {
        let sides = [recorded, computed].map(|side| side.chosen.get(name).cloned().unwrap_or_default());
        let [a, b] = sides;
        found.extend((a != b).then(|| once(&format!("chosen.{name}"), a, b)));
    }
    for name in names(&recorded.finals, &computed.finals) {
        let [a, b] = [recorded, computed].map(|side| side.finals.get(name).copied().flatten());
        found.extend((!agree(a, b, exactness)).then(|| once(name, json!(a), json!(b))));
    }
    found.extend(courses(&recorded.courses, &computed.courses, exactness));
    found.extend(texts(&recorded.texts, &computed.texts));
    found.extend(confusion(recorded, computed, exactness));
    found.extend(reliability(&recorded.reliability, &computed.reliability, exactness));
    found.extend(decision(recorded.decision.as_ref(), computed.decision.as_ref(), exactness));
    found
}

fn once(what: &str, recorded: Json, computed: Json) -> Difference {
    Difference { what: what.to_owned(), epoch: None, values: 1, recorded, computed }
}

fn ending(ending: &Ending) -> String {
    match ending {
        Ending::Finished => "finished".to_owned(),
        Ending::Diverged { epoch } => format!("diverged in epoch {epoch}"),
        Ending::Unfitted { reason } => reason.clone(),
    }
}

fn names<'a, V>(a: &'a BTreeMap<String, V>, b: &'a BTreeMap<String, V>) -> BTreeSet<&'a String> {
    a.keys().chain(b.keys()).collect()
}

fn agree(a: Option<f64>, b: Option<f64>, exactness: Exactness) -> bool {
    match (a, b, exactness) {
        (Some(a), Some(b), Exactness::Bits) => a.to_bits() == b.to_bits(),
        (Some(a), Some(b), Exactness::Printed) => (a - b).abs() <= NOTHING + PRINTED * a.abs().max(b.abs()),
        (a, b, _) => a == b,
    }
}

/// Whether so many of all may be otherwise.
fn few(count: usize, all: usize, share: f64, exactness: Exactness) -> bool {
    count == 0 || (exactness == Exactness::Printed && count as f64 <= share * all as f64)
}

fn courses(recorded: &[Course], computed: &[Course], exactness: Exactness) -> Vec<Difference> {
    fn by_name(courses: &[Course]) -> BTreeMap<(&str, Option<u32>), &Course> {
        courses.iter().map(|course| ((course.measure.as_str(), course.layer), course)).collect()
    }
    let (recorded, computed) = (by_name(recorded), by_name(computed));
    let names: BTreeSet<_> = recorded.keys().chain(computed.keys()).copied().collect();
    let compare = |(measure, layer): (&str, Option<u32>)| {
        let sides = [&recorded, &computed].map(|side| side.get(&(measure, layer)).copied());
        let epochs: BTreeSet<u32> = sides.iter().flatten().flat_map(|course| &course.epochs).copied().collect();
        let at = |side: Option<&Course>, epoch| side.and_then(|course| course.at(epoch));
        let mut differing = epochs.into_iter().filter(|&epoch| {
            let known = sides.map(|side| side.is_some_and(|course| course.epochs.binary_search(&epoch).is_ok()));
            known[0] != known[1] || !agree(at(sides[0], epoch), at(sides[1], epoch), exactness)
        });
        let epoch = differing.next()?;
        Some(Difference {
            what: layer.map_or_else(|| measure.to_owned(), |layer| format!("{measure}[layer={layer}]")),
            epoch: Some(epoch),
            values: 1 + differing.count(),
            recorded: json!(at(sides[0], epoch)),
            computed: json!(at(sides[1], epoch)),
        })
    };
    names.into_iter().filter_map(compare).collect()
}

/// Nets write, and nets agree to the bit.
fn texts(recorded: &[Text], computed: &[Text]) -> Option<Difference> {
    let pairs = (0..recorded.len().max(computed.len())).map(|i| (recorded.get(i), computed.get(i)));
    let mut differing = pairs.filter(|(a, b)| a != b);
    let (a, b) = differing.next()?;
    let text = |side: Option<&Text>| json!(side.map(|text| &text.text));
    let epoch = a.or(b).map(|text| text.epoch);
    Some(Difference {
        what: "text".to_owned(),
        epoch,
        values: 1 + differing.count(),
        recorded: text(a),
        computed: text(b),
    })
}

fn confusion(recorded: &Record, computed: &Record, exactness: Exactness) -> Option<Difference> {
    if recorded.classes != computed.classes {
        return Some(once("classes", json!(recorded.classes), json!(computed.classes)));
    }
    let cells = |record: &Record| record.confusion.concat();
    let (a, b) = (cells(recorded), cells(computed));
    if a.len() != b.len() {
        return Some(once("confusion", json!(recorded.confusion), json!(computed.confusion)));
    }
    let differing: Vec<usize> = (0..a.len()).filter(|&i| a[i] != b[i]).collect();
    // Each row that is judged otherwise leaves one cell and enters another.
    let moved: usize = differing.iter().map(|&i| a[i].abs_diff(b[i]) as usize).sum();
    let first = *differing.first()?;
    let rows = a.iter().sum::<u32>() as usize;
    if few(moved.div_ceil(2), rows, PRINTED, exactness) {
        return None;
    }
    let classes = &recorded.classes;
    let name = |i: usize| classes.get(i).map_or_else(|| i.to_string(), Clone::clone);
    let side = recorded.confusion.first().map_or(1, Vec::len);
    let what = format!("confusion[true={}, predicted={}]", name(first / side), name(first % side));
    Some(Difference { values: differing.len(), ..once(&what, json!(a[first]), json!(b[first])) })
}

/// Where arithmetic differs in its last digit, a row in a thousand may fall into the next group.
fn reliability(recorded: &[Group], computed: &[Group], exactness: Exactness) -> Option<Difference> {
    let near = |a: f64, b: f64| match exactness {
        Exactness::Bits => a.to_bits() == b.to_bits(),
        Exactness::Printed => (a - b).abs() <= FIELD,
    };
    let same =
        |a: &Group, b: &Group| a.rows == b.rows && near(a.predicted, b.predicted) && near(a.happened, b.happened);
    let pairs = (0..recorded.len().max(computed.len())).map(|i| (recorded.get(i), computed.get(i)));
    let mut differing = pairs.filter(|pair| !matches!(pair, (Some(a), Some(b)) if same(a, b)));
    let (a, b) = differing.next()?;
    Some(Difference { values: 1 + differing.count(), ..once("reliability", json!(a), json!(b)) })
}

fn decision(
    recorded: Option<&DecisionField>,
    computed: Option<&DecisionField>,
    exactness: Exactness,
) -> Option<Difference> {
    let place = |field: Option<&DecisionField>| {
        json!(field.map(|DecisionField { x, y, side, .. }| format!("{side} × {side} points over {x:?} and {y:?}")))
    };
    let (Some(a), Some(b)) = (recorded, computed) else {
        return (recorded != computed).then(|| once("decision", place(recorded), place(computed)));
    };
    let ends = |field: &DecisionField| [field.x, field.y].concat();
    let same_place =
        a.side == b.side && ends(a).into_iter().zip(ends(b)).all(|(a, b)| agree(Some(a), Some(b), exactness));
    if !same_place {
        return Some(once("decision", place(Some(a)), place(Some(b))));
    }
    let (a, b) = (a.classes(), b.classes());
    let differing: Vec<usize> = (0..a.len().min(b.len())).filter(|&i| a[i] != b[i]).collect();
    let first = *differing.first()?;
    let difference = Difference { values: differing.len(), ..once("decision", json!(a[first]), json!(b[first])) };
    (!few(differing.len(), a.len(), FIELD, exactness)).then_some(difference)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let mut record = Record::empty(Json::Null);
        record.finals.insert("test_loss".into(), Some(0.1 + 0.2));
        record.finals.insert("valid_loss".into(), None);
        let (epochs, values) = (vec![0, 1, 2], vec![Some(2.5), None, Some(1e-7)]);
        record.courses.push(Course { measure: "gradient_norm".into(), layer: Some(2), epochs, values });
        record.classes = vec!["cat".into(), "dog".into()];
        record.confusion = vec![vec![990, 10], vec![5, 995]];
        record.decision = Some(DecisionField::new([0.0, 1.0], [0.0, 1.0], 2, [0, 0, 1, 1]));
        record.measured.insert("seconds".into(), 3.0);
        record
    }

    fn found(change: impl Fn(&mut Record), exactness: Exactness) -> Vec<(String, Option<u32>, usize, String, String)> {
        let (recorded, mut computed) = (record(), record());
        change(&mut computed);
        let differences = differences(&recorded, &computed, exactness).into_iter();
        differences.map(|d| (d.what, d.epoch, d.values, d.recorded.to_string(), d.computed.to_string())).collect()
    }

    fn one(
        what: &str,
        epoch: Option<u32>,
        values: usize,
        recorded: &str,
        computed: &str,
    ) -> Vec<(String, Option<u32>, usize, String, String)> {
        vec![(what.into(), epoch, values, recorded.into(), computed.into())]
    }

    #[test]
    fn a_single_bit_is_a_difference_where_bits_are_promised() {
        let becomes = |loss: f64| move |record: &mut Record| *record.finals.get_mut("test_loss").unwrap() = Some(loss);
        let nudge = becomes(0.3);
        assert_eq!(found(nudge, Exactness::Bits), one("test_loss", None, 1, "0.30000000000000004", "0.3"));
        assert_eq!(found(nudge, Exactness::Printed), []);
        assert_eq!(
            found(becomes(0.3004), Exactness::Printed),
            one("test_loss", None, 1, "0.30000000000000004", "0.3004")
        );
    }

    #[test]
    fn what_was_measured_is_no_difference() {
        assert_eq!(found(|record| record.measured.clear(), Exactness::Bits), []);
    }

    #[test]
    fn every_part_of_a_result_is_compared() {
        let check = |change: &dyn Fn(&mut Record), expected| assert_eq!(found(change, Exactness::Bits), expected);
        let diverged = Ending::Diverged { epoch: 2 };
        check(&|r| r.ending = diverged.clone(), one("ending", None, 1, "\"finished\"", "\"diverged in epoch 2\""));
        check(&|r| drop(r.chosen.insert("lr".into(), json!(0.1))), one("chosen.lr", None, 1, "null", "0.1"));
        check(&|r| *r.finals.get_mut("valid_loss").unwrap() = Some(1.0), one("valid_loss", None, 1, "null", "1.0"));
        let layer = "gradient_norm[layer=2]";
        check(&|r| r.courses[0].values = vec![Some(2.0), Some(1.0), Some(1e-7)], one(layer, Some(0), 2, "2.5", "2.0"));
        check(&|r| r.courses.clear(), one(layer, Some(0), 3, "2.5", "null"));
        check(&|r| r.classes[0] = "cow".into(), one("classes", None, 1, r#"["cat","dog"]"#, r#"["cow","dog"]"#));
        let cell = "confusion[true=cat, predicted=cat]";
        check(&|r| r.confusion[0] = vec![989, 11], one(cell, None, 2, "990", "989"));
        let field = |classes| Some(DecisionField::new([0.0, 1.0], [0.0, 1.0], 2, classes));
        check(&|r| r.decision = field([0, 1, 1, 1]), one("decision", None, 1, "0", "1"));
        let place = r#""2 × 2 points over [0.0, 1.0] and [0.0, 1.0]""#;
        let group = Group { rows: 5, predicted: 0.1, happened: 0.2 };
        let written = r#"{"happened":0.2,"predicted":0.1,"rows":5}"#;
        check(&|r| r.reliability = vec![group; 2], one("reliability", None, 2, "null", written));
        check(&|r| r.decision = None, one("decision", None, 1, place, "null"));
    }

    /// A row in a thousand may fall on the other side where arithmetic differs in its last digit.
    #[test]
    fn a_row_in_a_thousand_may_move_where_results_agree_as_printed() {
        assert_eq!(found(|r| r.confusion[0] = vec![988, 12], Exactness::Printed), []);
        assert_eq!(found(|r| r.confusion[0] = vec![987, 13], Exactness::Printed).len(), 1);
    }
}
