//! The head of a chapter: `+++` TOML or `---` YAML.
//!
//! Of YAML only what a head needs is read: `key: value` lines and simple lists, all values taken as text but for `true`,
//! `false` and dates. Anything else is an error that says so.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Span, Spanned};
use crate::fields::{self, Entry, Fields, Table, Value};

use super::FrontMatter;

/// A head found at the beginning of a file.
pub(super) struct Head {
    language: Language,
    /// What stands between the two marks.
    inner: Range<usize>,
    /// Where the prose begins.
    pub(super) end: usize,
    /// The first mark.
    mark: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Toml,
    Yaml,
}

/// Finds the head of a file whose text begins at `start`; a `+++` that is never closed is reported.
pub(super) fn find(text: &str, start: usize, file: FileId, diagnostics: &mut Diagnostics) -> Option<Head> {
    let mut lines = text[start..].split_inclusive('\n');
    let first = lines.next()?;
    let language = match first.trim_end() {
        "+++" => Language::Toml,
        "---" => Language::Yaml,
        _ => return None,
    };
    let mark = start..start + 3;
    let mut at = start + first.len();
    let inner_start = at;
    for (index, line) in lines.enumerate() {
        if language == Language::Yaml && index == 0 && line.trim().is_empty() {
            // A rule between two thoughts, not a head.
            return None;
        }
        if line.trim_end() == first.trim_end() {
            return Some(Head { language, inner: inner_start..at, end: at + line.len(), mark });
        }
        at += line.len();
    }
    if language == Language::Toml {
        diagnostics.push(
            Diagnostic::error(Span::new(file, mark), "this front matter is never closed")
                .hint("end it with a line of `+++`"),
        );
    }
    None
}

/// Reads a head; whatever is wrong with it is reported.
pub(super) fn read(head: &Head, text: &str, file: FileId, diagnostics: &mut Diagnostics) -> FrontMatter {
    let inner = &text[head.inner.clone()];
    let locate = |range: Range<usize>| Span::new(file, head.inner.start + range.start..head.inner.start + range.end);
    let table = match head.language {
        Language::Toml => fields::parse(inner, &locate, diagnostics),
        Language::Yaml => yaml(inner, &locate, diagnostics),
    };
    let Some(table) = table else { return FrontMatter::default() };
    let mut fields = Fields::new(&table, "the front matter", Span::new(file, head.mark.clone()), diagnostics);
    let authors = match fields.value("authors").optional() {
        Some(Value::String(author)) => vec![author],
        _ => fields.strings("authors").or(Vec::new()).into_iter().map(|a| a.value).collect(),
    };
    let front = FrontMatter {
        title: fields.string("title").optional(),
        subtitle: fields.string("subtitle").optional(),
        authors,
        date: fields.date("date").optional(),
        draft: fields.boolean("draft").or(false),
        description: fields.string("description").optional(),
    };
    fields.finish();
    front
}

/// Flat YAML as a table.
fn yaml(text: &str, locate: &dyn Fn(Range<usize>) -> Span, diagnostics: &mut Diagnostics) -> Option<Table> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut fine = true;
    let mut at = 0;
    for whole in text.split_inclusive('\n') {
        let line = whole.trim_end();
        let start = at;
        at += whole.len();
        if line.trim_start().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let read = match line.trim_start().strip_prefix("- ") {
            Some(item) => list_item(&mut entries, item, start + line.len() - item.len(), locate),
            None => pair(&mut entries, line, start, locate),
        };
        if let Err(message) = read {
            let indent = line.len() - line.trim_start().len();
            diagnostics.push(
                Diagnostic::error(locate(start + indent..start + line.len()), message).hint(
                    "of YAML, `key: value` lines and simple lists are read; `+++` front matter takes all of TOML",
                ),
            );
            fine = false;
        }
    }
    fine.then_some(Table { span: locate(0..text.len()), entries })
}

/// `- item` below `key:`.
fn list_item(
    entries: &mut [Entry],
    item: &str,
    start: usize,
    locate: &dyn Fn(Range<usize>) -> Span,
) -> Result<(), String> {
    let item = Spanned { value: scalar(item)?, span: locate(start..start + item.len()) };
    let list = entries.last_mut().map(|e| &mut e.value.value);
    match list {
        Some(Value::List(list)) => list.push(item),
        Some(Value::String(empty)) if empty.is_empty() => {
            *list.expect("it was matched just now") = Value::List(vec![item]);
        }
        _ => return Err("this list entry belongs to no key".to_owned()),
    }
    Ok(())
}

/// `key: value`.
fn pair(
    entries: &mut Vec<Entry>,
    line: &str,
    start: usize,
    locate: &dyn Fn(Range<usize>) -> Span,
) -> Result<(), String> {
    if line.starts_with([' ', '\t']) {
        return Err("a front matter has no keys within keys".to_owned());
    }
    let (key, value) = line.split_once(':').ok_or("this is not a `key: value` line")?;
    if !(value.is_empty() || value.starts_with([' ', '\t'])) {
        return Err("a space is missing after the colon".to_owned());
    }
    if entries.iter().any(|e| e.key.value == key) {
        return Err(format!("`{key}` is written twice"));
    }
    let value_start = start + line.len() - value.trim_start().len();
    let value = value.trim();
    let span = locate(value_start..value_start + value.len());
    let value = match value.strip_prefix('[').and_then(|v| v.strip_suffix(']')) {
        Some(list) if list.trim().is_empty() => Value::List(Vec::new()),
        Some(list) => {
            let items = list.split(',').map(|item| Ok(Spanned { value: scalar(item.trim())?, span }));
            Value::List(items.collect::<Result<_, String>>()?)
        }
        None => scalar(value)?,
    };
    let key = Spanned { value: key.to_owned(), span: locate(start..start + key.len()) };
    entries.push(Entry { key, value: Spanned { value, span } });
    Ok(())
}

fn scalar(text: &str) -> Result<Value, String> {
    for quote in ['"', '\''] {
        if let Some(rest) = text.strip_prefix(quote) {
            return match rest.strip_suffix(quote) {
                Some(inner) if !inner.contains([quote, '\\']) => Ok(Value::String(inner.to_owned())),
                _ => Err("this quoted text is not closed, or holds quotes or backslashes".to_owned()),
            };
        }
    }
    // A comment begins with ` #`.
    let text = text.split_once(" #").map_or(text, |(text, _)| text).trim_end();
    if text.starts_with(['|', '>', '&', '*', '!', '{', '[', '%', '@', '`']) {
        return Err(format!("values that begin with `{}` are not read", &text[..1]));
    }
    Ok(match text {
        "true" | "yes" => Value::Bool(true),
        "false" | "no" => Value::Bool(false),
        _ => Value::String(text.to_owned()),
    })
}
