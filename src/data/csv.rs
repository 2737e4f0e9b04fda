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
        Some(((line, cell), _)) => {
            let (path, column, cell) = (path.to_owned(), column.to_owned(), cell.to_owned());
            Err(Error::NotFinite { path, line, column, cell })
        }
        None => Ok(Cells::Numbers(numbers)),
    }
}

fn is_missing(cell: &str) -> bool {
    cell.is_empty() || MISSING.iter().any(|m| cell.eq_ignore_ascii_case(m))
}

#[cfg(test)]
mod tests {
    use super::super::spec::{Missing, TaskKind};
    use super::super::table::{Learnable, learnable};
    use super::super::{Features, Target};
    use super::*;
    use ndarray::{Array2, array};
    use proptest::prelude::*;

    fn file(path: &str) -> TableFile {
        TableFile { path: path.into(), delimiter: None, header: None, ignore: Vec::new() }
    }

    fn learn(text: &str, missing: Missing) -> Result<Learnable, Error> {
        learnable(parse(&file("t.csv"), text.as_bytes())?, Some("y"), None, missing)
    }

    fn check(text: &str, columns: &[&str], features: Array2<f32>) {
        let learnt = learn(text, Missing::Error).expect("the table is sound");
        assert_eq!(learnt.columns, columns);
        assert_eq!(learnt.features, Features::Real(features));
    }

    #[test]
    fn delimiters_headers_and_types_are_inferred() {
        let numbers = array![[1.0, 2.5], [3.0, -4.0]];
        check("a,b,y\n1,2.5,u\n3,-4,v\n", &["a", "b"], numbers.clone());
        check("a;b;y\r\n1;2.5;u\r\n\r\n3;-4;v", &["a", "b"], numbers.clone());
        check("\u{feff}a\tb\ty\n1\t2.5\tu\n3\t-4\tv\n", &["a", "b"], numbers);
        check("a,\"b, c\",y\n1,2,u\n2,3,v\n", &["a", "b, c"], array![[1.0, 2.0], [2.0, 3.0]]);
        check("sex,y\nm,u\nf,v\nm,v\n", &["sex=f", "sex=m"], array![[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]);
        let headless = parse(&file("t.csv"), b"1,2\n3,4\n").expect("it is sound");
        assert_eq!(headless.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["c1", "c2"]);
        assert_eq!(headless.lines, [1, 2]);
    }

    fn check_target(text: &str, task: Option<TaskKind>, expected: &Target) {
        let table = parse(&file("t.csv"), text.as_bytes()).expect("the table is sound");
        assert_eq!(&learnable(table, Some("y"), task, Missing::Error).expect("it can be learnt").target, expected);
    }

    #[test]
    fn the_label_decides_the_task() {
        let classes = |labels: &[u32], names: &[&str]| Target::Classes {
            labels: labels.to_vec(),
            names: names.iter().map(|n| (*n).to_owned()).collect(),
        };
        check_target("a,y\n1,b\n1,a\n", None, &classes(&[1, 0], &["a", "b"]));
        check_target("a,y\n1,10\n1,9\n1,10\n", None, &classes(&[1, 0, 1], &["9", "10"]));
        check_target("a,y\n1,10\n1,9\n", Some(TaskKind::Regression), &Target::Values(vec![10.0, 9.0]));
        check_target("a,y\n1,0.5\n1,2\n", None, &Target::Values(vec![0.5, 2.0]));
        check_target("a,y\n1,0.5\n1,2\n", Some(TaskKind::Classification), &classes(&[0, 1], &["0.5", "2"]));
        let many: String = (0..21).map(|i| format!("1,{i}\n")).collect();
        let values = (0..21u8).map(f32::from).collect();
        check_target(&format!("a,y\n{many}"), None, &Target::Values(values));
    }

    #[test]
    fn missing_cells_are_reported_filled_or_left_out() {
        let text = "a,b,y\n1,NA,u\n?,2,v\n3,4,u\n5,6,v\n";
        let rows = |missing| learn(text, missing).expect("the table is sound").features.rows();
        assert_eq!((rows(Missing::Mean), rows(Missing::Drop)), (4, 2));
        let error = learn("a,b,y\n1,2,u\n3,4,v\n5,,u\n", Missing::Error).expect_err("a cell is missing").to_string();
        assert_eq!(error, "`t.csv`, line 4, column `b`: the value is missing");
        let error = learn("a,y\n1,u\n3,\n", Missing::Mean).expect_err("a label is missing").to_string();
        assert_eq!(error, "`t.csv`, line 3, column `y`: the value is missing");
    }

    fn check_error(text: &str, message: &str, hint: Option<&str>) {
        let error = learn(text, Missing::Error).expect_err("the table is faulty");
        assert_eq!((error.to_string().as_str(), error.hint().as_deref()), (message, hint));
    }

    #[test]
    fn faults_are_named_with_their_place() {
        check_error("", "`t.csv`: is empty", None);
        check_error("a,y\n\n\n1,u\n2\n", "`t.csv`, line 5: 1 cells, where the first line has 2", None);
        check_error("a,y\n\"1\n\",u\n2,3,4\n", "`t.csv`, line 4: 3 cells, where the first line has 2", None);
        check_error("a,a\n1,2\n", "`t.csv`, line 1: two columns are named `a`", None);
        check_error("a,Y\n1,2\n", "`t.csv` has no column `y`", Some("did you mean `Y`?"));
        check_error("a,y\n1,u\n2,u\n", "all rows of `t.csv` are of one class, `u`: there is nothing to learn", None);
        check_error("a,y\n", "`t.csv`: has no rows", None);
        check_error("y\n1\n2\n", "`t.csv`: has no column besides the label", None);
        let fill = "`missing = \"mean\"` fills missing cells, `missing = \"drop\"` leaves out their rows";
        check_error("a,y\n1,u\ninf,v\n", "`t.csv`, line 3, column `a`: `inf` is not a finite number", None);
        check_error("a,y\n1e39,u\n1,v\n", "`t.csv`, line 2, column `a`: `1e39` is not a finite number", None);
        check_error("a,y\n1,u\n,v\n", "`t.csv`, line 3, column `a`: the value is missing", Some(fill));
        let names: String = (0..101).map(|i| format!("n{i},{}\n", i % 2)).collect();
        check_error(
            &format!("a,y\n{names}"),
            "column `a` of `t.csv` is text with 101 different values, more than 100",
            Some("leave it out with `ignore = [\"a\"]`"),
        );
    }

    #[test]
    fn columns_can_be_left_out() {
        let spec = TableFile { ignore: vec!["id".into()], ..file("t.csv") };
        let table = parse(&spec, b"id,a,y\nx,1,2\n").expect("it is sound");
        assert_eq!(table.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["a", "y"]);
        let spec = TableFile { ignore: vec!["ids".into()], ..file("t.csv") };
        let error = parse(&spec, b"id,a,y\nx,1,2\n").expect_err("there is no such column");
        assert_eq!(error.hint().as_deref(), Some("did you mean `id`?"));
    }

    proptest! {
        #[test]
        fn mutated_text_never_panics(at in 0usize..39, byte: u8, cut in 0usize..40) {
            let mut bytes = b"a,b,y\n1,\"x, z\",u\n2.5,q,v\n-3e2,?,u\n1,x,v".to_vec();
            bytes[at] = byte;
            bytes.truncate(cut);
            for missing in [Missing::Error, Missing::Mean, Missing::Drop] {
                let learnt = parse(&file("t.csv"), &bytes).and_then(|t| learnable(t, Some("y"), None, missing));
                if let Ok(Learnable { features, columns, .. }) = learnt {
                    prop_assert_eq!(features.columns(), columns.len());
                    prop_assert!(features.rows() > 0);
                }
            }
        }
    }
}
