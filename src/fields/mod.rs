//! TOML → typed values with places, keys taken one by one.
//!
//! 1. [`parse`] reads a directive's body, a front matter or `labbook.toml` into a [`Table`]; `syntax` puts what the TOML
//!    reader says into plain words, `slips` answers the habits of other tools with the line that would be right.
//! 2. [`Fields`] takes the keys out of a table, typed; each wrong one becomes a diagnostic at its place, and at the end
//!    every key that nobody asked for.
//!
//! ```
//! use labbook::diagnostic::{Diagnostics, Sources, Span};
//! use labbook::fields::{self, Fields};
//!
//! let text = "dataset = \"letters\"\nlr = 0\nmodles = [\"svm\"]\n";
//! let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
//! let file = sources.add("chapters/01.md", text);
//! let table = fields::parse(text, &|range| Span::new(file, range), &mut diagnostics).expect("it is valid TOML");
//!
//! let mut fields = Fields::new(&table, "experiment `scale`", Span::new(file, 0..0), &mut diagnostics);
//! assert_eq!(fields.string("dataset").required().as_deref(), Some("letters"));
//! assert_eq!(fields.float("lr").above(0.0).or(1e-3), 1e-3); // reported: it must be above 0
//! assert_eq!(fields.one_of("x-scale", &[("linear", 0), ("log", 1)]).or(0), 0);
//! assert!(fields.strings("models").optional().is_none());
//! fields.finish(); // reported: `modles` is unknown
//! assert_eq!(diagnostics.summary(), "2 errors");
//! ```

mod parse;
mod slips;
mod syntax;
mod take;
mod typed;

use std::fmt;

use crate::diagnostic::{Span, Spanned};

pub use parse::parse;
pub use take::{Field, Fields};
pub use typed::{FromValue, Mismatch, Numbers};

/// A value as it was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `5`
    Integer(i64),
    /// `1e-3`; may be infinite or NaN, since TOML has words for them.
    Float(f64),
    /// `true`
    Bool(bool),
    /// `"text"`
    String(String),
    /// `2026-03-01`, as written.
    Date(String),
    /// `[1, 2]`
    List(Vec<Spanned<Value>>),
    /// `{ a = 1 }`
    Table(Table),
}

/// Keys and values in the order written.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Where the whole of it stands.
    pub span: Span,
    /// One entry a key; no key stands twice.
    pub entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Spanned<String>,
    /// Its value.
    pub value: Spanned<Value>,
}

impl Table {
    /// The entry of a key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.key.value == key)
    }

    /// A table without keys that stands at `span`.
    pub fn empty(span: Span) -> Self {
        Self { span, entries: Vec::new() }
    }

    /// Sets an entry, in place of one with the same key.
    pub fn set(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|e| e.key.value == entry.key.value) {
            Some(own) => *own = entry,
            None => self.entries.push(entry),
        }
    }

    /// The same table with the entries of `over` in place of its own.
    #[must_use]
    pub fn with(&self, over: &Self) -> Self {
        let mut table = self.clone();
        over.entries.iter().for_each(|entry| table.set(entry.clone()));
        table
    }
}

impl Entry {
    /// The entry `key = value` as if it were written where the value stands.
    pub fn of(key: &str, value: Spanned<Value>) -> Self {
        Self { key: Spanned { value: key.to_owned(), span: value.span }, value }
    }

    /// From the key to the end of the value.
    pub fn span(&self) -> Span {
        Span { end: self.value.span.end.max(self.key.span.end), ..self.key.span }
    }
}

impl Value {
    /// What it is, with an article: `a string`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a number with a decimal point",
            Self::Bool(_) => "a boolean",
            Self::String(_) => "a string",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// The value as TOML on one line; reading it gives the value again.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(i) => write!(f, "{i}"),
            // TOML wants NaN and infinity in lower case, and digits on both sides of the point.
            Self::Float(x) if x.is_nan() => write!(f, "nan"),
            Self::Float(x) => write!(f, "{x:?}"),
            Self::Bool(b) => write!(f, "{b}"),
            Self::String(s) => write!(f, "{}", toml::Value::String(s.clone())),
            Self::Date(d) => write!(f, "{d}"),
            Self::List(list) => {
                write!(f, "[")?;
                for (i, value) in list.iter().enumerate() {
                    write!(f, "{}{}", if i == 0 { "" } else { ", " }, value.value)?;
                }
                write!(f, "]")
            }
            Self::Table(table) => write!(f, "{table}"),
        }
    }
}

/// The table as a TOML inline table.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.entries.is_empty() {
            return write!(f, "{{}}");
        }
        write!(f, "{{")?;
        for (i, entry) in self.entries.iter().enumerate() {
            let key = &entry.key.value;
            let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
            write!(f, "{}", if i == 0 { " " } else { ", " })?;
            if bare {
                write!(f, "{key}")?;
            } else {
                write!(f, "{}", Value::String(key.clone()))?;
            }
            write!(f, " = {}", entry.value.value)?;
        }
        write!(f, " }}")
    }
}

#[cfg(test)]
mod tests;
