//! The result of one run, as it is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What one run gave, and everything it was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Everything the result depends on; its digest is the key.
    pub inputs: serde_json::Value,
    /// How the run ended.
    pub ending: Ending,
    /// What was chosen on validation rows, by parameter; empty where nothing was tuned.
    pub chosen: BTreeMap<String, serde_json::Value>,
    /// Values at the end, by measure; `None` where not finite.
    pub finals: BTreeMap<String, Option<f64>>,
    /// Values by epoch.
    pub courses: Vec<Course>,
    /// What a net of characters wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<Text>,
    /// Names of the classes; empty for regression.
    pub classes: Vec<String>,
    /// Test rows by true class (row) and predicted class (column); empty for regression.
    pub confusion: Vec<Vec<u32>>,
    /// What was said of groups of test rows and what happened, from the smallest predicted probability up; only where an
    /// experiment asks for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reliability: Vec<Group>,
    /// What the model decides over the plane; only where the data have two columns.
    pub decision: Option<DecisionField>,
    /// Values that depend on the machine: never part of a comparison.
    pub measured: BTreeMap<String, f64>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// As meant.
    Finished,
    /// The loss or a gradient was no longer finite in this epoch.
    Diverged {
        /// From 1; 0 for a model without epochs.
        epoch: u32,
    },
    /// The algorithm found no fit.
    Unfitted {
        /// Why not.
        reason: String,
    },
}

/// A measure by epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// Which.
    pub measure: String,
    /// The layer it belongs to, from 1 at the input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<u32>,
    /// Strictly increasing; 0 is before the first update.
    pub epochs: Vec<u32>,
    /// One an epoch; `None` where not finite.
    pub values: Vec<Option<f64>>,
}

/// What a net of characters wrote, going on from the first window of the test part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// After which epoch; 0 is before the first update.
    pub epoch: u32,
    /// By what the logits were divided before a character was drawn.
    pub temperature: f64,
    /// As written.
    pub text: String,
}

/// Test rows of about the same predicted probability of the second class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// How many.
    pub rows: u32,
    /// Their mean predicted probability.
    pub predicted: f64,
    /// The share of them that is of the second class.
    pub happened: f64,
}

/// A classifier's decisions over a grid in the plane of two columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecisionField {
    /// Smallest and largest value of the first column.
    pub x: [f64; 2],
    /// Smallest and largest value of the second column.
    pub y: [f64; 2],
    /// Points a side.
    pub side: u32,
    /// Class and number of grid points in a row that have it, rows from the smallest second column up.
    stretches: Vec<(u16, u32)>,
}

impl DecisionField {
    /// The field with these classes at its grid points, rows from the smallest second column up.
    ///
    /// # Panics
    /// If there are not `side · side` of them.
    pub fn new(x: [f64; 2], y: [f64; 2], side: u32, classes: impl IntoIterator<Item = u16>) -> Self {
        let mut stretches: Vec<(u16, u32)> = Vec::new();
        for class in classes {
            match stretches.last_mut() {
                Some((last, count)) if *last == class => *count += 1,
                _ => stretches.push((class, 1)),
            }
        }
        assert_eq!(stretches.iter().map(|s| s.1).sum::<u32>(), side * side, "one class a grid point");
        Self { x, y, side, stretches }
    }

    /// Whether it has one class a grid point.
    fn is_whole(&self) -> bool {
        let points: u64 = self.stretches.iter().map(|stretch| u64::from(stretch.1)).sum();
        points == u64::from(self.side) * u64::from(self.side)
    }

    /// The class at each grid point, rows from the smallest second column up.
    pub fn classes(&self) -> Vec<u16> {
        self.stretches.iter().flat_map(|&(class, count)| std::iter::repeat_n(class, count as usize)).collect()
    }
}

impl Record {
    /// A finished run without any result yet.
    pub fn empty(inputs: serde_json::Value) -> Self {
        Self {
            inputs,
            ending: Ending::Finished,
            chosen: BTreeMap::new(),
            finals: BTreeMap::new(),
            courses: Vec::new(),
            texts: Vec::new(),
            classes: Vec::new(),
            confusion: Vec::new(),
            reliability: Vec::new(),
            decision: None,
            measured: BTreeMap::new(),
        }
    }

    /// What of it cannot be, in words, where something of its shape cannot: files are read that people may have edited.
    pub fn fault(&self) -> Option<&'static str> {
        let uneven =
            |course: &Course| course.epochs.len() != course.values.len() || !course.epochs.is_sorted_by(|a, b| a < b);
        let classes = self.classes.len();
        let is_square = self.confusion.len() == classes && self.confusion.iter().all(|row| row.len() == classes);
        if self.courses.iter().any(uneven) {
            Some("a course has as many values as epochs, and its epochs rise")
        } else if !is_square && !self.confusion.is_empty() {
            Some("a confusion has a row and a column for each class")
        } else if self.decision.as_ref().is_some_and(|field| !field.is_whole()) {
            Some("a decision has a class for each point of its grid")
        } else {
            None
        }
    }

    /// The value of a measure at the end, computed or measured; `None` where there is none.
    pub fn value(&self, measure: &str) -> Option<f64> {
        self.finals.get(measure).copied().flatten().or_else(|| self.measured.get(measure).copied())
    }

    /// The course of a measure, of one layer where it has layers.
    pub fn course(&self, measure: &str, layer: Option<u32>) -> Option<&Course> {
        self.courses.iter().find(|c| c.measure == measure && c.layer == layer)
    }
}

impl Course {
    /// The value at an epoch.
    pub fn at(&self, epoch: u32) -> Option<f64> {
        self.epochs.binary_search(&epoch).ok().and_then(|i| self.values[i])
    }

    /// Epochs and values, those that are finite.
    pub fn points(&self) -> impl Iterator<Item = (u32, f64)> {
        self.epochs.iter().zip(&self.values).filter_map(|(&e, v)| v.map(|v| (e, v)))
    }
}
