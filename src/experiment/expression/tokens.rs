//! The words and signs of expressions.

use std::ops::Range;

use super::Fault;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'t> {
    Number(f64, bool),
    Word(&'t str),
    Text(&'t str),
    Sign(&'static str),
}

impl std::fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(n, _) => write!(f, "number {n}"),
            Self::Word(w) => write!(f, "`{w}`"),
            Self::Text(t) => write!(f, "text \"{t}\""),
            Self::Sign(s) => write!(f, "`{s}`"),
        }
    }
}

const SIGNS: &[&str] = &["<=", ">=", "==", "!=", "<", ">", "=", "+", "-", "*", "/", "(", ")", "[", "]", ",", "."];

/// Cuts an expression into words and signs, each with its range.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token<'_>, Range<usize>)>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = if c.is_whitespace() {
            c.len_utf8()
        } else if c.is_ascii_digit() {
            let length = number_length(rest);
            let digits = rest[..length].replace('_', "");
            let number: f64 = digits.parse().map_err(|_| Fault::new(at..at + length, "this is not a number"))?;
            if number.is_infinite() {
                return Err(Fault::new(at..at + length, "this number is too large to be computed with"));
            }
            let whole = !digits.contains(['.', 'e', 'E']);
            tokens.push((Token::Number(number, whole), at..at + length));
            length
        } else if c.is_alphabetic() || c == '_' {
            let length = word_length(rest);
            tokens.push((Token::Word(&rest[..length]), at..at + length));
            length
        } else if c == '"' {
            let close = rest[1..].find('"').ok_or_else(|| Fault::new(at..text.len(), "this text has no end"))?;
            tokens.push((Token::Text(&rest[1..=close]), at..at + close + 2));
            close + 2
        } else if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
            tokens.push((Token::Sign(sign), at..at + sign.len()));
            sign.len()
        } else {
            return Err(Fault::new(at..at + c.len_utf8(), format!("`{c}` means nothing here")));
        };
        at += length;
    }
    Ok(tokens)
}

/// An expression in one spelling: its words and signs with a blank between any two, numbers as short as they read back.
/// Text that is no expression stays as it is.
pub fn canonical(text: &str) -> String {
    let Ok(tokens) = tokens(text) else { return text.to_owned() };
    let spelt = tokens.iter().map(|(token, _)| match token {
        Token::Number(n, _) => n.to_string(),
        Token::Word(word) => (*word).to_owned(),
        Token::Text(text) => format!("\"{text}\""),
        Token::Sign(sign) => (*sign).to_owned(),
    });
    spelt.collect::<Vec<_>>().join(" ")
}

/// Length of the number at the start: digits, `_`, a fraction, an exponent.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut i: usize| {
        while bytes.get(i).is_some_and(|b| b.is_ascii_digit() || *b == b'_') {
            i += 1;
        }
        i
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = digits(end + 1);
    }
    if bytes.get(end).is_some_and(|b| *b == b'e' || *b == b'E') {
        let sign = usize::from(bytes.get(end + 1).is_some_and(|b| *b == b'-' || *b == b'+'));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1 + sign);
        }
    }
    end
}

/// Length of the name at the start; a hyphen belongs to it where a letter or digit follows.
fn word_length(text: &str) -> usize {
    let mut characters = text.char_indices().peekable();
    while let Some((i, c)) = characters.next() {
        let inside = c.is_alphanumeric()
            || c == '_'
            || (c == '-' && characters.peek().is_some_and(|(_, next)| next.is_alphanumeric()));
        if !inside {
            return i;
        }
    }
    text.len()
}
