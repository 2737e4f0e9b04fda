//! The numbers behind a figure or a table, as tidy rows for files and for readers who want them as words.

use crate::experiment::Value;
use crate::render::{Cell, Grid};

/// Rows under named columns.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows × columns; `None` where there is no value.
    pub rows: Vec<Vec<Option<Value>>>,
}

/// Rows shown on the page: more are for the file.
const SHOWN: usize = 200;

impl Numbers {
    /// No rows yet under these columns.
    pub fn of_columns<'c>(columns: impl IntoIterator<Item = &'c str>) -> Self {
        Self { columns: columns.into_iter().map(str::to_owned).collect(), rows: Vec::new() }
    }

    /// Adds a row that has all values.
    pub fn push(&mut self, row: impl IntoIterator<Item = Value>) {
        self.rows.push(row.into_iter().map(Some).collect());
    }

    /// As CSV with a header.
    pub fn csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let row = |row: &[Option<Value>]| {
            row.iter().map(|v| v.as_ref().map_or_else(String::new, Value::to_string)).collect::<Vec<_>>()
        };
        let rows = std::iter::once(self.columns.clone()).chain(self.rows.iter().map(|r| row(r)));
        for row in rows {
            writer.write_record(&row).expect("memory takes what is written");
        }
        writer.into_inner().expect("memory takes what is written")
    }

    /// As a JSON array with an object a row, each on a line.
    pub fn json(&self) -> Vec<u8> {
        let object = |row: &Vec<Option<Value>>| {
            let fields = self.columns.iter().cloned().zip(row.iter().map(|v| serde_json::json!(v)));
            serde_json::Value::Object(fields.collect()).to_string()
        };
        let rows: Vec<_> = self.rows.iter().map(object).collect();
        format!("[\n{}\n]\n", rows.join(",\n")).into_bytes()
    }

    /// As a table on the page; `None` where there is nothing to show.
    pub fn grid(&self) -> Option<Grid> {
        let cell =
            |v: &Option<Value>| Cell { text: v.as_ref().map_or_else(|| "—".into(), shown), title: String::new() };
        let rows = self.rows.iter().take(SHOWN).map(|row| row.iter().map(cell).collect());
        (!self.rows.is_empty()).then(|| Grid { header: self.columns.clone(), rows: rows.collect() })
    }
}

/// A value with no more digits than a reader wants.
fn shown(value: &Value) -> String {
    match value {
        Value::Float(x) => crate::analysis::estimate::plain(*x, crate::experiment::measure::Unit::Plain),
        other => other.to_string(),
    }
}
