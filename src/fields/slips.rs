//! The lines that hands used to Quarto, MyST or YAML write, and what they would be in TOML.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Span};

/// Reports `#| key: value` lines, which TOML takes for comments and would drop without a word.
///
/// `strings` are the places of string values, in which such a line is only text.
pub(super) fn comments(text: &str, strings: &[Range<usize>], locate: &dyn Fn(Range<usize>) -> Span) -> Vec<Diagnostic> {
    lines(text)
        .filter(|(start, line)| line.trim_start().starts_with("#|") && !strings.iter().any(|s| s.contains(start)))
        .map(|(start, line)| {
            let indent = line.len() - line.trim_start().len();
            let place = locate(start + indent..start + line.trim_end().len());
            let diagnostic = Diagnostic::error(place, "`#|` begins a comment in TOML, so this line would be ignored");
            let (_, rest) = line.split_once("#|").expect("the line begins with it");
            match corrected(rest.trim()) {
                Some(line) => diagnostic.hint(format!("write `{line}`")),
                None if rest.contains('=') => diagnostic.hint(format!("write `{}`", rest.trim())),
                None => diagnostic.hint("write `key = value`, or `#` alone for a comment"),
            }
        })
        .collect()
}

/// The TOML line for `key: value` or `:key: value`; `None` if the line is neither.
pub(super) fn corrected(line: &str) -> Option<String> {
    let line = line.trim();
    let (key, value) = line.strip_prefix(':').unwrap_or(line).split_once(':')?;
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    // `a:b` is a YAML string, not a pair.
    let pair = value.is_empty() || value.starts_with([' ', '\t']);
    if key.is_empty() || !key.chars().all(word) || !pair {
        return None;
    }
    Some(format!("{key} = {}", toml_value(value.trim())))
}

/// What a YAML scalar or flow list would be in TOML.
fn toml_value(yaml: &str) -> String {
    match yaml {
        "" => "\"…\"".to_owned(),
        "yes" | "on" | "True" => "true".to_owned(),
        "no" | "off" | "False" => "false".to_owned(),
        _ if reads_as_toml(yaml) => yaml.to_owned(),
        _ => match yaml.strip_prefix('[').and_then(|y| y.strip_suffix(']')) {
            Some(list) => {
                let entries: Vec<_> = list.split(',').map(|e| toml_value(e.trim())).collect();
                format!("[{}]", entries.join(", "))
            }
            None => toml::Value::String(unquoted(yaml).to_owned()).to_string(),
        },
    }
}

fn reads_as_toml(value: &str) -> bool {
    toml::de::DeValue::parse(value).is_ok()
}

fn unquoted(value: &str) -> &str {
    let within = |quote: char| value.strip_prefix(quote).and_then(|v| v.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

/// The lines of a text, each with the offset it begins at and without its end.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |start, line| {
        let at = *start;
        *start += line.len();
        Some((at, line.trim_end_matches(['\n', '\r'])))
    })
}
