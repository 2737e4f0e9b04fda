//! Columns of numbers and text → features and a target: one-hot encoding, classes, missing values.

use std::collections::BTreeSet;

use ndarray::Array2;

use super::spec::{Missing, TaskKind};
use super::{Error, Features, Target};

/// More values than these and a text column is no category but a name or a free text.
const MAX_CATEGORIES: usize = 100;
/// A label of so many different whole numbers at most is taken for classes.
const MAX_INFERRED_CLASSES: usize = 20;
/// More classes than these are a mistake.
const MAX_CLASSES: usize = 1000;

/// A table as read: columns of equal length.
#[derive(Debug)]
pub(super) struct Table {
    /// What messages call it: the path as the author wrote it, or the name of a set.
    pub(super) path: String,
    /// The line each row starts at, from 1.
    pub(super) lines: Vec<u64>,
    pub(super) columns: Vec<Column>,
}

/// A named column.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) cells: Cells,
}

/// The cells of a column, top to bottom.
#[derive(Debug)]
pub(super) enum Cells {
    /// Finite, or NaN where missing.
    Numbers(Vec<f64>),
    /// `None` where missing.
    Text(Vec<Option<String>>),
}

/// What a table holds for a learner.
#[derive(Debug)]
pub(super) struct Learnable {
    pub(super) features: Features,
    pub(super) target: Target,
    /// Names of the features.
    pub(super) columns: Vec<String>,
}

/// Splits a table into features and target.
///
/// # Errors
/// If the label is unknown or missing in a row, a cell is missing and must not be, a text column has too many values, or
/// nothing is left to learn.
pub(super) fn learnable(
    mut table: Table,
    label: Option<&str>,
    task: Option<TaskKind>,
    missing: Missing,
) -> Result<Learnable, Error> {
    let names = || table.columns.iter().map(|c| c.name.clone()).collect();
    let Some(label) = label else {
        return Err(Error::NoLabel { path: table.path.clone(), columns: names() });
    };
    let Some(at) = table.columns.iter().position(|c| c.name == label) else {
        return Err(Error::Column { path: table.path.clone(), column: label.to_owned(), columns: names() });
    };
    match missing {
        Missing::Drop => table.drop_incomplete(),
        Missing::Error => table.check_complete(0..table.columns.len(), at)?,
        Missing::Mean => table.check_complete(at..at + 1, at)?,
    }
    if table.lines.is_empty() {
        return Err(Error::malformed(&table.path, "has no rows"));
    }
    let label = table.columns.remove(at);
    if table.columns.is_empty() {
        return Err(Error::malformed(&table.path, "has no column besides the label"));
    }
    let target = target(&table.path, label, task)?;
    let (columns, features) = features(&table)?;
    Ok(Learnable { features: Features::Real(features), target, columns })
}

impl Table {
    /// Reports the first missing cell of the given columns.
    fn check_complete(&self, columns: std::ops::Range<usize>, label: usize) -> Result<(), Error> {
        for (row, &line) in self.lines.iter().enumerate() {
            if let Some(at) = columns.clone().find(|&c| self.columns[c].cells.is_missing(row)) {
                let (path, column) = (self.path.clone(), self.columns[at].name.clone());
                return Err(Error::MissingCell { path, line, column, is_label: at == label });
            }
        }
        Ok(())
    }

    fn drop_incomplete(&mut self) {
        let keep: Vec<bool> =
            (0..self.lines.len()).map(|row| !self.columns.iter().any(|c| c.cells.is_missing(row))).collect();
        retain(&mut self.lines, &keep);
        for column in &mut self.columns {
            match &mut column.cells {
                Cells::Numbers(x) => retain(x, &keep),
                Cells::Text(x) => retain(x, &keep),
            }
        }
    }
}

fn retain<T>(list: &mut Vec<T>, keep: &[bool]) {
    let mut keep = keep.iter();
    list.retain(|_| *keep.next().expect("one flag a row"));
}

impl Cells {
    fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Numbers(x) => x[row].is_nan(),
            Self::Text(x) => x[row].is_none(),
        }
    }
}

fn target(path: &str, label: Column, task: Option<TaskKind>) -> Result<Target, Error> {
    match (label.cells, task) {
        (Cells::Text(_), Some(TaskKind::Regression)) => {
            let message = format!("column `{}` is text, where a regression needs numbers", label.name);
            Err(Error::malformed(path, message))
        }
        (Cells::Text(x), _) => {
            let text: Vec<String> = x.into_iter().flatten().collect();
            classes(path, &text, |a, b| a.cmp(b))
        }
        (Cells::Numbers(x), Some(TaskKind::Regression)) => values(x),
        (Cells::Numbers(x), None) if !few_whole_numbers(&x) => values(x),
        (Cells::Numbers(x), _) => {
            // -0 and 0 are one class.
            let text: Vec<String> = x.iter().map(|x| (x + 0.0).to_string()).collect();
            let number = |name: &String| name.parse::<f64>().expect("written from a number");
            classes(path, &text, |a, b| number(a).total_cmp(&number(b)))
        }
    }
}

fn values(x: Vec<f64>) -> Result<Target, Error> {
    Ok(Target::Values(x.into_iter().map(|x| x as f32).collect()))
}

fn few_whole_numbers(x: &[f64]) -> bool {
    let mut seen = BTreeSet::new();
    for x in x {
        seen.insert((x + 0.0).to_bits());
        if x.fract() != 0.0 || seen.len() > MAX_INFERRED_CLASSES {
            return false;
        }
    }
    true
}

fn classes(
    path: &str,
    text: &[String],
    order: impl Fn(&String, &String) -> std::cmp::Ordering,
) -> Result<Target, Error> {
    let distinct: BTreeSet<&String> = text.iter().collect();
    if distinct.len() > MAX_CLASSES {
        let message = format!("the label has {} different values, too many for classes", distinct.len());
        return Err(Error::malformed(path, message));
    }
    if let (1, Some(&class)) = (distinct.len(), distinct.first()) {
        return Err(Error::OneClass { path: path.to_owned(), class: class.clone() });
    }
    let mut names: Vec<String> = distinct.into_iter().cloned().collect();
    names.sort_by(&order);
    let index = |class: &String| names.binary_search_by(|n| order(n, class)).expect("every class is named") as u32;
    let labels = text.iter().map(index).collect();
    Ok(Target::Classes { labels, names })
}

/// The feature columns: numbers as they are, text as one column a category.
fn features(table: &Table) -> Result<(Vec<String>, Array2<f32>), Error> {
    let rows = table.lines.len();
    let mut names = Vec::new();
    let mut columns: Vec<Vec<f32>> = Vec::new();
    for Column { name, cells } in &table.columns {
        match cells {
            Cells::Numbers(x) => {
                names.push(name.clone());
                columns.push(x.iter().map(|&x| x as f32).collect());
            }
            Cells::Text(x) => {
                for category in categories(&table.path, name, x)? {
                    names.push(format!("{name}={category}"));
                    columns.push(x.iter().map(|x| one_hot(x.as_ref(), category)).collect());
                }
            }
        }
    }
    Ok((names, Array2::from_shape_fn((rows, columns.len()), |(row, column)| columns[column][row])))
}

/// 1 where the cell is of the category, 0 where it is not, NaN where it is missing.
fn one_hot(cell: Option<&String>, category: &str) -> f32 {
    match cell {
        Some(cell) => f32::from(u8::from(cell == category)),
        None => f32::NAN,
    }
}

fn categories<'a>(path: &str, column: &str, cells: &'a [Option<String>]) -> Result<BTreeSet<&'a String>, Error> {
    let categories: BTreeSet<&String> = cells.iter().flatten().collect();
    let is_number = |text: &str| text.replacen(',', ".", 1).parse::<f64>().is_ok();
    if let Some(example) = categories.iter().find(|c| c.contains(','))
        && categories.iter().all(|c| is_number(c))
    {
        // Taken for words, they would become a column each without a sound.
        let (path, column, example) = (path.to_owned(), column.to_owned(), (*example).clone());
        return Err(Error::DecimalComma { path, column, example });
    }
    if categories.len() > MAX_CATEGORIES {
        let (path, column) = (path.to_owned(), column.to_owned());
        return Err(Error::Categories { path, column, categories: categories.len(), limit: MAX_CATEGORIES });
    }
    Ok(categories)
}
