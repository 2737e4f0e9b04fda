//! What can be wrong with a dataset: each error names the place and what would be right.

use std::fmt::Display;
use std::path::PathBuf;

use crate::diagnostic::nearest;
use crate::files;

/// Why a dataset cannot be had as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk.
    #[error(transparent)]
    Disk(#[from] files::Error),
    /// A parameter that cannot be met.
    #[error("`{name}` is {found}, where it should be {expected}")]
    Parameter {
        /// Its name as an author writes it.
        name: &'static str,
        /// What was written.
        found: String,
        /// What would be right.
        expected: String,
    },
    /// A path that leaves the book.
    #[error("`{path}` lies outside the book's folder")]
    Outside {
        /// As written.
        path: String,
    },
    /// A file that is not what it should be.
    #[error("`{path}`{}: {message}", line.map(|l| format!(", line {l}")).unwrap_or_default())]
    Malformed {
        /// The file.
        path: String,
        /// From 1, where the file has lines.
        line: Option<u64>,
        /// What is wrong.
        message: String,
    },
    /// A cell without a value.
    #[error("`{path}`, line {line}, column `{column}`: the value is missing")]
    MissingCell {
        /// The file.
        path: String,
        /// From 1.
        line: u64,
        /// Its name.
        column: String,
        /// Whether it is the label that is missing.
        is_label: bool,
    },
    /// A number beyond all bounds.
    #[error("`{path}`, line {line}, column `{column}`: `{cell}` is not a finite number")]
    NotFinite {
        /// The file.
        path: String,
        /// From 1.
        line: u64,
        /// Its name.
        column: String,
        /// What is written there.
        cell: String,
    },
    /// A column that is not there.
    #[error("`{path}` has no column `{column}`")]
    Column {
        /// The file or set.
        path: String,
        /// As asked for.
        column: String,
        /// Those that are there.
        columns: Vec<String>,
    },
    /// The label has to be named.
    #[error("`{path}`: which column is to be predicted?")]
    NoLabel {
        /// The file.
        path: String,
        /// Those that are there.
        columns: Vec<String>,
    },
    /// A text column with too many different values.
    #[error("column `{column}` of `{path}` is text with {categories} different values, more than {limit}")]
    Categories {
        /// The file.
        path: String,
        /// Its name.
        column: String,
        /// How many.
        categories: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// Numbers with a comma before the fraction.
    #[error("column `{column}` of `{path}` holds numbers with a decimal comma, such as `{example}`")]
    DecimalComma {
        /// The file.
        path: String,
        /// Its name.
        column: String,
        /// One of them.
        example: String,
    },
    /// Only one class.
    #[error("all rows of `{path}` are of one class, `{class}`: there is nothing to learn")]
    OneClass {
        /// The file or set.
        path: String,
        /// The class.
        class: String,
    },
    /// A class too small to be shared out.
    #[error("class `{class}` has only one row, which cannot be both in the training and the test part")]
    LoneRow {
        /// The class.
        class: String,
    },
    /// A part without rows.
    #[error("no rows are left for the {part} part")]
    NoRows {
        /// `train`, `test` or `validation`.
        part: &'static str,
    },
    /// More rows than there are.
    #[error("{asked} rows are asked for the {part} part, where there are {available}")]
    TooMany {
        /// `train` or `test`.
        part: &'static str,
        /// How many are wanted.
        asked: usize,
        /// How many there are.
        available: usize,
    },
    /// A feature map that does not fit the data.
    #[error("features `{map}`: {message}")]
    Map {
        /// As an author writes it.
        map: &'static str,
        /// Why not.
        message: String,
    },
    /// A registered set that is on no shelf.
    #[error("the dataset `{name}` is not here: `{file}` is neither in the cache nor in a mirror")]
    Absent {
        /// Of the set.
        name: &'static str,
        /// The first file that was not found.
        file: String,
    },
    /// A file of the registry with other bytes.
    #[error("`{}` is not the file it should be: its SHA-256 is {found}, where the registry has {expected}", path.display())]
    Digest {
        /// The file.
        path: PathBuf,
        /// Pinned in the registry.
        expected: String,
        /// Of the uncompressed bytes.
        found: String,
    },
    /// A transfer that did not come to its end.
    #[error("cannot download `{url}`: {message}")]
    Download {
        /// From where.
        url: String,
        /// What happened.
        message: String,
        /// Bytes kept for the next attempt.
        kept: u64,
    },
    /// A set whose pinned files no origin offers as they are.
    #[error("the dataset `{name}` cannot be pulled: {obtain}")]
    ByHand {
        /// Of the set.
        name: &'static str,
        /// How it is obtained.
        obtain: &'static str,
    },
}

impl Error {
    pub(super) fn parameter(name: &'static str, found: impl Display, expected: impl Into<String>) -> Self {
        Self::Parameter { name, found: found.to_string(), expected: expected.into() }
    }

    pub(super) fn malformed(path: &str, message: impl Into<String>) -> Self {
        Self::Malformed { path: path.to_owned(), line: None, message: message.into() }
    }

    /// Whether the data are simply not here, rather than wrong.
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Absent { .. } => true,
            Self::Disk(error) => error.source.kind() == std::io::ErrorKind::NotFound,
            _ => false,
        }
    }

    /// What would be right, in one sentence without a final full stop, where there is something to say.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Outside { .. } => {
                Some("paths are relative to the folder of `labbook.toml` and stay within it".into())
            }
            Self::MissingCell { is_label: true, .. } => {
                Some("`missing = \"drop\"` leaves out rows with missing cells".into())
            }
            Self::MissingCell { .. } => {
                Some("`missing = \"mean\"` fills missing cells, `missing = \"drop\"` leaves out their rows".into())
            }
            Self::Column { column, columns, .. } => Some(match nearest(column, columns.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", listed(columns)),
            }),
            Self::NoLabel { columns, .. } => Some(format!("set `label` to one of {}", listed(columns))),
            Self::Categories { column, .. } => Some(format!("leave it out with `ignore = [\"{column}\"]`")),
            Self::DecimalComma { .. } => Some("write them with a point: `1.5`".into()),
            Self::LoneRow { .. } => Some("leave out `stratify`, or the class".into()),
            Self::Absent { name, .. } => Some(format!("`labbook data pull {name}` downloads and verifies it")),
            Self::Digest { .. } => Some("remove the file and pull the set again".into()),
            Self::Download { kept, .. } if *kept > 0 => {
                Some(format!("{kept} bytes are kept: the same command goes on from there"))
            }
            _ => None,
        }
    }
}

/// The first dozen names, in backticks.
fn listed(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(12).map(|n| format!("`{n}`")).collect();
    let rest = names.len().saturating_sub(shown.len());
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}
