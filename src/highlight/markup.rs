//! HTML and XML: comments, tags, attributes, entities.

use super::{Class, Parts};

pub(super) fn markup(text: &str, base: usize, out: &mut Parts) {
    let mut at = 0;
    while let Some(offset) = text[at..].find(['<', '&']) {
        let start = at + offset;
        let rest = &text[start..];
        at = start
            + match rest.as_bytes() {
                [b'<', b'!', b'-', b'-', ..] => {
                    let length = rest.find("-->").map_or(rest.len(), |end| end + 3);
                    out.add(base + start..base + start + length, Class::Comment);
                    length
                }
                [b'<', b'!' | b'?', ..] => {
                    let length = rest.find('>').map_or(rest.len(), |end| end + 1);
                    out.add(base + start..base + start + length, Class::Meta);
                    length
                }
                [b'<', ..] => tag(rest, base + start, out),
                _ => entity(rest, base + start, out),
            };
    }
}

/// A tag; returns its length.
fn tag(text: &str, base: usize, out: &mut Parts) -> usize {
    let slash = usize::from(text[1..].starts_with('/'));
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    let length = |from: usize| text[from..].find(|c| !is_name(c)).unwrap_or(text.len() - from);
    let mut at = 1 + slash + length(1 + slash);
    if at == 1 + slash {
        return 1;
    }
    out.add(base + 1 + slash..base + at, Class::Keyword);
    while let Some(next) = text[at..].chars().next() {
        let end = match next {
            '>' => return at + 1,
            '<' => return at,
            '"' | '\'' => {
                let end = text[at + 1..].find(next).map_or(text.len(), |end| at + 1 + end + 1);
                out.add(base + at..base + end, Class::String);
                end
            }
            c if is_name(c) => {
                let end = at + length(at);
                // A value may stand without quotes.
                let value = text[..at].ends_with('=');
                out.add(base + at..base + end, if value { Class::String } else { Class::Key });
                end
            }
            other => at + other.len_utf8(),
        };
        at = end;
    }
    text.len()
}

/// `&amp;`; returns its length, or that of the sign alone.
fn entity(text: &str, base: usize, out: &mut Parts) -> usize {
    let name = text[1..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '#')).unwrap_or(text.len() - 1);
    if name == 0 || !text[1 + name..].starts_with(';') {
        return 1;
    }
    out.add(base..base + name + 2, Class::Number);
    name + 2
}
