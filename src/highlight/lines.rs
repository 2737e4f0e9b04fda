//! What is written line by line: Markdown, differences, console sessions.

use super::scan::line;
use super::{Class, Parts, within};

/// The lines of a text with where each begins; their ends belong to them.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        start += line.len();
        (start - line.len(), line)
    })
}

/// Changed lines of a text, with the heads that say which file and where.
pub(super) fn diff(text: &str, base: usize, out: &mut Parts) {
    for (start, whole) in lines(text) {
        let line = whole.trim_end();
        let class = match line.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Class::Heading,
            [b'@', b'@', ..] => Class::Meta,
            [b'+', ..] => Class::Inserted,
            [b'-', ..] => Class::Deleted,
            _ if line.starts_with("diff ") || line.starts_with("index ") => Class::Heading,
            _ => continue,
        };
        out.add(base + start..base + start + line.len(), class);
    }
}

/// Commands behind `$ `, over all the lines that each is broken into, and what they print.
pub(super) fn console(text: &str, base: usize, out: &mut Parts) {
    let mut at = 0;
    while at < text.len() {
        let first = line(&text[at..]);
        let command = at + first.len() - first.trim_start_matches(' ').len();
        let mut end = at + first.len();
        if text[command..].starts_with("$ ") {
            while text[..end].trim_end_matches('\r').ends_with('\\') && end < text.len() {
                end += 1 + line(&text[end + 1..]).len();
            }
            out.add(base + command..base + command + 2, Class::Prompt);
            within(&text[command + 2..end], base + command + 2, "shell", out);
        }
        at = end + 1;
    }
}

/// Markdown: headings, quotes, lists, code, links; blocks of code in their own language.
pub(super) fn markdown(text: &str, base: usize, out: &mut Parts) {
    let mut at = front_matter(text, base, out);
    while at < text.len() {
        let whole = line(&text[at..]);
        let end = (at + whole.len() + 1).min(text.len());
        let indent = whole.len() - whole.trim_start().len();
        let words = &whole[indent..];
        let start = base + at + indent;
        at = match fence(words) {
            Some(mark) => fenced(text, at, mark, base, out),
            None => {
                prose(words, start, out);
                end
            }
        };
    }
}

/// The head of a chapter; returns where the prose begins.
fn front_matter(text: &str, base: usize, out: &mut Parts) -> usize {
    let mark = line(text).trim_end();
    let language = match mark {
        "+++" => "toml",
        "---" => "yaml",
        _ => return 0,
    };
    let from = line(text).len() + 1;
    let Some(inner) = text.get(from..) else { return 0 };
    let Some((end, _)) = lines(inner).find(|(_, line)| line.trim_end() == mark) else { return 0 };
    out.add(base..base + mark.len(), Class::Meta);
    within(&inner[..end], base + from, language, out);
    out.add(base + from + end..base + from + end + mark.len(), Class::Meta);
    from + end + mark.len()
}

/// The mark that opens a block of code.
fn fence(line: &str) -> Option<&str> {
    let sign = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let mark = &line[..line.len() - line.trim_start_matches(sign).len()];
    (mark.len() >= 3 && !(sign == '`' && line[mark.len()..].contains('`'))).then_some(mark)
}

/// A block of code whose first line begins at `at`; returns where the text goes on.
fn fenced(text: &str, at: usize, mark: &str, base: usize, out: &mut Parts) -> usize {
    let first = line(&text[at..]);
    let indent = first.len() - first.trim_start().len();
    out.add(base + at + indent..base + at + first.trim_end().len(), Class::Meta);
    let from = (at + first.len() + 1).min(text.len());
    let closes = |line: &str| line.trim().len() >= mark.len() && line.trim().trim_start_matches(&mark[..1]).is_empty();
    let close = lines(&text[from..]).find(|(_, line)| closes(line));
    let (end, last) = close.map_or((text.len() - from, ""), |(start, line)| (start, line));
    let info = first.trim_start()[mark.len()..].trim();
    // A directive is written in TOML, whichever it is.
    let language = if info.starts_with('{') { "toml" } else { info.split([' ', ',', '{']).next().unwrap_or_default() };
    within(&text[from..from + end], base + from, &language.to_ascii_lowercase(), out);
    let closing = from + end;
    out.add(base + closing..base + closing + last.trim_end().len(), Class::Meta);
    closing + last.len()
}

/// One line of prose without its indentation.
fn prose(line: &str, start: usize, out: &mut Parts) {
    let hashes = line.len() - line.trim_start_matches('#').len();
    if (1..=6).contains(&hashes) && line[hashes..].starts_with([' ', '\t']) {
        return out.add(start..start + line.trim_end().len(), Class::Heading);
    }
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let marker = match line.as_bytes() {
        [b'>', ..] => 1,
        [b'-' | b'*' | b'+', b' ', ..] => 1,
        _ if digits > 0 && line[digits..].starts_with(". ") => digits + 1,
        _ => 0,
    };
    out.add(start..start + marker, Class::Keyword);
    spans(&line[marker..], start + marker, out);
}

/// Code, links and mathematics within a line.
fn spans(text: &str, start: usize, out: &mut Parts) {
    let mut at = 0;
    while let Some(offset) = text[at..].find(['`', '[', '@', '{', '\\']) {
        let from = at + offset;
        let rest = &text[from..];
        let length = match rest.as_bytes()[0] {
            b'\\' => {
                at = from + 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                continue;
            }
            b'`' => code_length(rest).map(|length| (length, Class::String)),
            b'[' => link_length(rest).map(|length| (length, Class::Function)),
            b'{' => rest.find('}').map(|end| (end + 1, Class::Meta)),
            _ => {
                let inside = |c: char| c.is_ascii_alphanumeric() || c == '-';
                let word = rest[1..].find(|c| !inside(c)).unwrap_or(rest.len() - 1);
                rest[1..1 + word].contains('-').then_some((1 + word, Class::Function))
            }
        };
        match length {
            Some((length, class)) => {
                out.add(start + from..start + from + length, class);
                at = from + length;
            }
            None => at = from + 1,
        }
    }
}

fn code_length(text: &str) -> Option<usize> {
    let mark = text.len() - text.trim_start_matches('`').len();
    let close = text[mark..].find(&text[..mark])?;
    Some(mark + close + mark)
}

/// `[text](address)`, `[text]`.
fn link_length(text: &str) -> Option<usize> {
    let end = text.find(']')? + 1;
    match text[end..].starts_with('(').then(|| text[end..].find(')')).flatten() {
        Some(close) => Some(end + close + 1),
        None => Some(end),
    }
}
