//! What changed between what a run was given before and what it is given now.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::Value as Json;

/// Changes named in a sentence before the rest is counted only.
const NAMED: usize = 3;

/// A field of a run's inputs that has another value than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its dotted name: `model.train.lr`.
    pub field: String,
    /// As it was, as printed; `None` where it was not there.
    pub before: Option<String>,
    /// As it is; `None` where it is no longer there.
    pub after: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(f, "{}: {} → {}", self.field, show(&self.before), show(&self.after))
    }
}

/// What differs between two inputs, sorted by field.
pub fn changes(old: &Json, new: &Json) -> Vec<Change> {
    // What is not set is written `null` where a field may be left out; to a reader it is not there.
    let set = |inputs: &Json| fields(inputs).into_iter().filter(|(_, value)| value != "null").collect();
    let (before, after): (BTreeMap<_, _>, BTreeMap<_, _>) = (set(old), set(new));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differ = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    differ
        .map(|name| Change { field: name.clone(), before: before.get(name).cloned(), after: after.get(name).cloned() })
        .collect()
}

/// Changes as one sentence: `model.train.lr: 0.001 → 0.003`; several are joined, many are counted.
pub fn sentence(changes: &[Change]) -> String {
    let named: Vec<String> = changes.iter().take(NAMED).map(Change::to_string).collect();
    match changes.len() {
        0 => "its inputs are written differently".to_owned(),
        n if n <= NAMED => named.join("; "),
        n => format!("{}; and {} more", named.join("; "), n - NAMED),
    }
}

/// The fields of a run's inputs by dotted name, as they are printed: `model.train.lr` → `0.001`.
pub fn fields(inputs: &Json) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    flatten("", inputs, &mut fields);
    fields
}

fn flatten(path: &str, value: &Json, into: &mut BTreeMap<String, String>) {
    let within = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Json::Object(fields) => fields.iter().for_each(|(name, value)| flatten(&within(name), value, into)),
        // A list of numbers reads as one value; a list of things, thing by thing.
        Json::Array(items) if items.iter().any(Json::is_object) => {
            items.iter().enumerate().for_each(|(i, value)| flatten(&within(&(i + 1).to_string()), value, into));
        }
        _ => drop(into.insert(path.to_owned(), value.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(old: &Json, new: &Json, expected: &str) {
        assert_eq!(sentence(&changes(old, new)), expected);
    }

    #[test]
    fn a_change_names_the_field_and_both_values() {
        let old = json!({"seed": 1, "model": {"train": {"lr": 0.001, "batch": 32}}});
        let new = json!({"seed": 1, "model": {"train": {"lr": 0.003, "batch": 32, "clip": 1.0}}});
        check(&old, &new, "model.train.clip: nothing → 1.0; model.train.lr: 0.001 → 0.003");
        check(&json!({"clip": null, "m": 3}), &json!({"clip": 1.0, "m": null}), "clip: nothing → 1.0; m: 3 → nothing");
        check(&old, &old, "its inputs are written differently");
    }

    #[test]
    fn lists_of_numbers_are_one_value_and_many_changes_are_counted() {
        let old = json!({"hidden": [64, 64], "layers": [{"dense": 4}], "a": 1, "b": "x", "c": true});
        let new = json!({"hidden": [64], "layers": [{"dense": 8}], "a": 2, "b": "y", "c": false});
        check(&old, &new, "a: 1 → 2; b: \"x\" → \"y\"; c: true → false; and 2 more");
        let last = changes(&old, &new).pop().map(|change| change.to_string());
        assert_eq!(last.as_deref(), Some("layers.1.dense: 4 → 8"));
    }
}
