//! Names of axes and values as readers see them.

use super::chart::quantity_title;
use crate::analysis::estimate;
use crate::experiment::Value;
use crate::experiment::figure::Dimension;
use crate::experiment::measure::Unit;
use crate::render::Words;

/// Titles of the axes that every reader should understand at once.
const TITLES: &[(&str, &str)] = &[
    ("m", "Labelled examples (m)"),
    ("epoch", "Epoch"),
    ("layer", "Layer (1 is next to the input)"),
    ("lr", "Learning rate"),
    ("batch", "Batch size"),
    ("epochs", "Epochs of training"),
    ("hidden", "Hidden layers"),
    ("model", "Model"),
    ("dataset", "Dataset"),
    ("activation", "Activation"),
    ("features", "Features"),
];

/// The title of a parameter's axis.
pub fn axis(name: &str, words: &Words) -> String {
    TITLES.iter().find(|t| t.0 == name).map_or_else(|| name.replace('-', " "), |t| words.word(t.1).to_owned())
}

/// The title of whatever runs along an axis.
pub fn dimension(dimension: Option<&Dimension>, words: &Words) -> String {
    match dimension {
        None => String::new(),
        Some(Dimension::Axis(name)) => axis(name, words),
        Some(Dimension::Epoch) => axis("epoch", words),
        Some(Dimension::Layer) => axis("layer", words),
        Some(Dimension::Quantity(quantity)) => quantity_title(&quantity.text, words),
    }
}

/// A parameter and its value as a panel's title: names speak for themselves, numbers need their parameter.
pub fn setting(axis: &str, value: &Value) -> String {
    match value {
        Value::Text(text) if matches!(axis, "model" | "dataset" | "activation" | "features") => text.clone(),
        Value::List(_) if axis == "hidden" => self::value(value),
        _ => format!("{axis} = {}", self::value(value)),
    }
}

/// A value as a name; a list of equal ones is long, and says little that its length does not.
pub fn value(value: &Value) -> String {
    match value {
        Value::List(items) if !items.is_empty() && items.iter().all(|item| item == &items[0]) => {
            format!("{} × {}", items.len(), items[0])
        }
        other => other.to_string(),
    }
}

/// What stands behind a number of a unit.
pub fn sign(unit: Unit, words: &Words) -> String {
    match unit {
        Unit::Points => format!(" {}", words.word("points")),
        other => estimate::sign(other).to_owned(),
    }
}

/// Where a dataset is from: what a rule drew is said in the words of the page, all else as the source says it.
pub fn origin<'a>(origin: &'a str, words: &Words) -> std::borrow::Cow<'a, str> {
    match origin.strip_prefix("drawn by the rule ") {
        Some(rule) => words.say("drawn by the rule {rule}", &[("rule", &rule)]).into(),
        None => origin.into(),
    }
}

/// A whole number without a point, any other as short as it reads back.
pub fn number(x: f64) -> Value {
    if x.fract() == 0.0 && x.abs() < 9e15 { Value::Integer(x as i64) } else { Value::Float(x) }
}
