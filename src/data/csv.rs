//! CSV and TSV text → a table: delimiter, header and types inferred, every fault named with its line.

use std::collections::BTreeSet;

use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};

use super::Error;
use super::spec::TableFile;
use super::table::{Cells, Column, Table};

/// Raised when the same text gives another table.
pub(super) const VERSION: u32 = 1;

/// What stands for a missing value, besides an empty cell, in any case.
const MISSING: [&str; 6] = ["na", "n/a", "?", "nan", "null", "none"];

/// Reads a table; `bytes` are already unpacked.
///
/// - The delimiter is the author's, else a tab for `.tsv` and `.tab`, else whichever of tab, `;` and `,` is most frequent in the
///   first line (the first of them on a tie; `,` where there is none).
/// - The first line is a header where none of its cells is a number; without one, columns are named `c1`, `c2`, ….
/// - A column whose cells are all numbers or missing is one of numbers, any other one of text.
///
/// # Errors
/// If the text is not UTF-8, a row has another width, a name occurs twice, or a number is not finite.
pub(super) fn parse(file: &TableFile, bytes: &[u8]) -> Result<Table, Error> {
    let path = &file.path;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut records = records(path, bytes, delimiter(file, bytes)?)?;
    let Some((_, first)) = records.first() else {
        return Err(Error::malformed(path, "is empty"));
    };
    let has_header = file.header.unwrap_or_else(|| first.iter().all(|cell| cell.parse::<f64>().is_err()));
    let names = if has_header {
        let (_, header) = records.remove(0);
        header.iter().map(str::to_owned).collect()
    } else {
        (1..=first.len()).map(|i| format!("c{i}")).collect::<Vec<_>>()
    };
    check_names(path, &names, &file.ignore)?;
    let lines = records.iter().map(|(line, _)| *line).collect();
    let mut columns = Vec::new();
    for (i, name) in names.into_iter().enumerate().filter(|(_, name)| !file.ignore.contains(name)) {
        let cells = cells(path, &name, records.iter().map(|(line, record)| (*line, &record[i])))?;
        columns.push(Column { name, cells });
    }
    Ok(Table { path: path.clone(), lines, columns })
}

/// The records with the lines they start at.
fn records(path: &str, bytes: &[u8], delimiter: u8) -> Result<Vec<(u64, StringRecord)>, Error> {
    let at = |line: u64, message: String| Error::Malformed { path: path.to_owned(), line: Some(line), message };
    let mut reader = ReaderBuilder::new().delimiter(delimiter).has_headers(false).trim(Trim::All).from_reader(bytes);
    let mut lines = Lines { bytes, read: 0, line: 1 };
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| match error.kind() {
            ErrorKind::UnequalLengths { pos, expected_len, len } => {
                let line = pos.as_ref().map_or(1, |p| lines.at(p.byte()));
                at(line, format!("{len} cells, where the first line has {expected_len}"))
            }
            ErrorKind::Utf8 { pos, err } => {
                at(pos.as_ref().map_or(1, |p| lines.at(p.byte())), format!("cell {} is not UTF-8", err.field() + 1))
            }
            _ => Error::malformed(path, error.to_string()),
        })?;
        let line = record.position().map_or(1, |p| lines.at(p.byte()));
        records.push((line, record));
    }
    Ok(records)
}

/// Counts lines up to a growing offset. (The reader's own count begins before the blank lines it skips.)
struct Lines<'a> {
    bytes: &'a [u8],
    read: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first byte from `offset` on that does not end a line.
    fn at(&mut self, offset: u64) -> u64 {
        let mut to = (offset as usize).min(self.bytes.len());
        while matches!(self.bytes.get(to), Some(b'\r' | b'\n')) {
            to += 1;
        }
        let passed = self.bytes.get(self.read..to).unwrap_or_default();
        self.line += passed.iter().filter(|&&b| b == b'\n').count() as u64;
        self.read = self.read.max(to);
        self.line
    }
}

fn delimiter(file: &TableFile, bytes: &[u8]) -> Result<u8, Error> {
    if let Some(delimiter) = file.delimiter {
        let usable = u8::try_from(delimiter).ok().filter(|d| d.is_ascii() && !matches!(d, b'"' | b'\n' | b'\r'));
        let expected = "one ASCII character such as `,`, `;` or a tab";
        return usable.ok_or_else(|| Error::parameter("delimiter", format!("`{delimiter}`"), expected));
    }
    let path = file.path.to_lowercase();
    let path = path.strip_suffix(".gz").unwrap_or(&path);
    if path.ends_with(".tsv") || path.ends_with(".tab") {
        return Ok(b'\t');
    }
    let first = bytes.split(|&b| b == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| first.iter().filter(|&&b| b == delimiter).count();
    let best = [b'\t', b';', b','].into_iter().rev().max_by_key(|&d| count(d));
    Ok(best.filter(|&d| count(d) > 0).unwrap_or(b','))
}

fn check_names(path: &str, names: &[String], ignore: &[String]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for (i, name) in names.iter().enumerate() {
        let message = match name.as_str() {
            "" => format!("column {} has no name", i + 1),
            name if !seen.insert(name) => format!("two columns are named `{name}`"),
            _ => continue,
        };
        return Err(Error::Malformed { path: path.to_owned(), line: Some(1), message });
    }
    match ignore.iter().find(|name| !names.contains(name)) {
        Some(name) => Err(Error::Column { path: path.to_owned(), column: name.clone(), columns: names.to_vec() }),
        None => Ok(()),
    }
}

/// Numbers where all cells are, else text.
fn cells<'a>(path: &str, column: &str, cells: impl Iterator<Item = (u64, &'a str)> + Clone) -> Result<Cells, Error> {
    let number = |cell: &str| if is_missing(cell) { Some(f64::NAN) } else { cell.parse().ok() };
    let Some(numbers) = cells.clone().map(|(_, cell)| number(cell)).collect::<Option<Vec<f64>>>() else {
        return Ok(Cells::Text(cells.map(|(_, cell)| (!is_missing(cell)).then(|| cell.to_owned())).collect()));
    };
    // Columns are 32-bit floats in the end: what overflows those is not finite either.
    match cells.zip(&numbers).find(|((_, cell), x)| !is_missing(cell) && !(**x as f32).is_finite()) {
        Some(((line, cell), _)) => Err(Error::Cell {
            path: path.to_owned(),
            line,
            column: column.to_owned(),
            message: format!("`{cell}` is not a finite number"),
        }),
        None => Ok(Cells::Numbers(numbers)),
    }
}

fn is_missing(cell: &str) -> bool {
    cell.is_empty() || MISSING.iter().any(|m| cell.eq_ignore_ascii_case(m))
}
