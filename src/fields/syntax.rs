//! What the TOML reader complains about, in plain words.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Span};

use super::slips;

/// One diagnostic for the first error of each line: the others mostly follow from it.
pub(super) fn explain(
    text: &str,
    errors: &[toml::de::Error],
    locate: &dyn Fn(Range<usize>) -> Span,
) -> Vec<Diagnostic> {
    let lines: Vec<_> = slips::lines(text).collect();
    let mut ranges: Vec<_> = errors.iter().map(|e| (e.span().unwrap_or(0..0), e.message())).collect();
    ranges.sort_by_key(|(range, _)| range.start);
    let mut explained = Vec::new();
    let mut last = None;
    for (range, message) in ranges {
        // An error at the very end belongs to the last line.
        let index = lines.partition_point(|(start, _)| *start <= range.start).saturating_sub(1);
        if last == Some(index) {
            continue;
        }
        last = Some(index);
        let (start, line) = lines.get(index).copied().unwrap_or((0, ""));
        explained.push(diagnostic(start, line, range, message, locate));
    }
    explained
}

fn diagnostic(
    start: usize,
    line: &str,
    range: Range<usize>,
    message: &str,
    locate: &dyn Fn(Range<usize>) -> Span,
) -> Diagnostic {
    if let Some(corrected) = slips::corrected(line) {
        let indent = line.len() - line.trim_start().len();
        let place = locate(start + indent..start + line.trim_end().len());
        return Diagnostic::error(place, "in TOML, `=` stands between a key and its value")
            .hint(format!("write `{corrected}`"));
    }
    let place = locate(range.clone());
    let written = line.get(range.start.saturating_sub(start)..range.end.saturating_sub(start)).unwrap_or_default();
    let diagnostic = Diagnostic::error(place, sentence(message, line, written));
    match hint(line) {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

/// The reader's message for an author who does not know the grammar's words.
fn sentence(message: &str, line: &str, written: &str) -> String {
    let (what, expected) = message.split_once(", expected ").unwrap_or((message, ""));
    let key = line.split('=').next().unwrap_or_default().trim();
    match what {
        "duplicate key" => format!("the key `{written}` is written twice"),
        "key with no value" => format!("`{}` has no value", line.trim()),
        "string values must be quoted" if written.is_empty() => format!("`{key}` has no value"),
        "string values must be quoted" => "text must stand in quotes".to_owned(),
        "missing comma between array elements" => "a comma or the closing `]` is missing before this".to_owned(),
        "invalid basic string" if expected == "`\"`" => "the closing quote is missing".to_owned(),
        "invalid literal string" if expected == "`'`" => "a value or a closing quote is missing".to_owned(),
        "unexpected key or value" => "nothing more may stand on this line".to_owned(),
        _ if matches!(expected, "" | "nothing") => format!("this is not valid TOML: {what}"),
        _ => format!("this is not valid TOML: {message}"),
    }
}

/// What the line was probably meant to be.
fn hint(line: &str) -> Option<String> {
    let (key, value) = line.split_once('=').map(|(k, v)| (k.trim(), v.trim()))?;
    let meant = match value {
        "" => return Some(format!("a value is missing: `{key} = …`")),
        "none" | "None" | "null" | "nil" | "~" => {
            return Some("TOML has no empty value: leave the line out".to_owned());
        }
        "True" | "TRUE" | "yes" | "on" => "true".to_owned(),
        "False" | "FALSE" | "no" | "off" => "false".to_owned(),
        _ if value.starts_with('.') && value[1..].starts_with(|c: char| c.is_ascii_digit()) => format!("0{value}"),
        _ if value.starts_with(|c: char| c.is_alphabetic()) && !value.contains(['"', '\'', '#']) => {
            toml::Value::String(value.to_owned()).to_string()
        }
        _ => return None,
    };
    Some(format!("write `{key} = {meant}`"))
}
