//! TOML text → [`Table`].

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};

use super::{Entry, Table, Value, slips, syntax};

/// Maps a range of the text to its place in the file.
type Locate<'a> = dyn Fn(Range<usize>) -> Span + 'a;

/// Parses TOML; `locate` says where a range of `text` stands in its file.
///
/// `None` if anything is wrong with it as TOML; all of that has been reported then.
pub fn parse(text: &str, locate: &Locate, diagnostics: &mut Diagnostics) -> Option<Table> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { text, locate, too_large: Vec::new(), strings: Vec::new() };
    let table = reader.table(document.get_ref(), 0..text.len());
    let mut found = slips::comments(text, &reader.strings, locate);
    found.extend(syntax::explain(text, &errors, locate));
    if errors.is_empty() {
        // What is no number at all has been reported already.
        found.append(&mut reader.too_large);
    }
    let fine = found.is_empty();
    found.into_iter().for_each(|d| diagnostics.push(d));
    fine.then_some(table)
}

struct Reader<'a> {
    text: &'a str,
    locate: &'a Locate<'a>,
    /// Numbers that cannot be held.
    too_large: Vec<Diagnostic>,
    /// Where strings stand, in no order: what looks like a comment within one is none.
    strings: Vec<Range<usize>>,
}

impl Reader<'_> {
    fn table(&mut self, table: &DeTable<'_>, range: Range<usize>) -> Table {
        // The reader sorts by name; authors think in the order they wrote.
        let mut order: Vec<_> = table.iter().collect();
        order.sort_by_key(|(key, _)| key.span().start);
        let entries = order
            .into_iter()
            .map(|(key, value)| Entry {
                key: Spanned { value: key.get_ref().to_string(), span: (self.locate)(key.span()) },
                value: self.value(value),
            })
            .collect();
        Table { span: (self.locate)(range), entries }
    }

    fn value(&mut self, spanned: &toml::Spanned<DeValue<'_>>) -> Spanned<Value> {
        let range = spanned.span();
        let value = match spanned.get_ref() {
            DeValue::String(s) => {
                self.strings.push(range.clone());
                Value::String(s.to_string())
            }
            DeValue::Integer(i) => match i64::from_str_radix(i.as_str(), i.radix()) {
                Ok(i) => Value::Integer(i),
                Err(_) => self.refuse(&range, Value::Integer(0)),
            },
            DeValue::Float(x) => match x.as_str().parse::<f64>() {
                Ok(f) if f.is_finite() || x.as_str().contains(['i', 'n']) => Value::Float(f),
                _ => self.refuse(&range, Value::Float(0.0)),
            },
            DeValue::Boolean(b) => Value::Bool(*b),
            DeValue::Datetime(d) => Value::Date(d.to_string()),
            DeValue::Array(list) => Value::List(list.iter().map(|v| self.value(v)).collect()),
            DeValue::Table(table) => Value::Table(self.table(table, range.clone())),
        };
        Spanned { value, span: (self.locate)(range) }
    }

    fn refuse(&mut self, range: &Range<usize>, instead: Value) -> Value {
        let written = self.text.get(range.clone()).unwrap_or_default();
        let message = format!("the number `{written}` is too large");
        self.too_large.push(Diagnostic::error((self.locate)(range.clone()), message));
        instead
    }
}
