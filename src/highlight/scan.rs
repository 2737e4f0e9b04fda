//! One pass over code, from what begins at a place to where that ends.

use super::tables::{Language, Quote, Way};
use super::{Class, Parts};

/// Reads `text`, which begins at `base` of the whole.
pub(super) fn scan(text: &str, base: usize, language: &'static Language, out: &mut Parts) {
    let mut scanner = Scanner { text, base, language, out, at: 0, line_is_blank: true, expects: true, names: false };
    while scanner.at < text.len() {
        scanner.step();
    }
}

struct Scanner<'a> {
    text: &'a str,
    base: usize,
    language: &'static Language,
    out: &'a mut Parts,
    at: usize,
    /// Whether nothing but spaces stands before this place on its line.
    line_is_blank: bool,
    /// Whether a value, or the name of a command, may begin here.
    expects: bool,
    /// Whether the next word is the name of a function: `fn` stands before it.
    names: bool,
}

/// What stands before the name of a function.
const BEFORE_NAMES: [&str; 5] = ["def", "fn", "fun", "func", "function"];

impl Scanner<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Takes what reaches to `end` as one part.
    fn take(&mut self, end: usize, class: Class) {
        self.out.add(self.base + self.at..self.base + end, class);
        self.go(end);
    }

    fn go(&mut self, end: usize) {
        self.at = end;
        (self.line_is_blank, self.expects, self.names) = (false, false, false);
    }

    fn step(&mut self) {
        let first = self.text.as_bytes()[self.at];
        match first {
            b'\n' => {
                self.at += 1;
                (self.line_is_blank, self.expects) = (true, true);
            }
            b' ' | b'\t' | b'\r' => self.at += 1,
            // A command goes on where its line is broken so.
            b'\\' if self.rest().starts_with("\\\n") => self.go(self.at + 2),
            _ if self.comment() || self.own_way(first) || self.string(self.at) => {}
            b'0'..=b'9' => self.number(),
            _ if self.begins_word(self.rest()) => self.word(),
            _ => self.sign(),
        }
    }

    /// A sign by itself, or a letter of no word.
    fn sign(&mut self) {
        let sign = self.rest().chars().next().expect("there is a rest");
        self.go(self.at + sign.len_utf8());
        self.expects = if self.language.has(Way::Shell) { "|&;({".contains(sign) } else { !")]}".contains(sign) };
    }

    fn comment(&mut self) -> bool {
        // A `#` within a word is no comment of those languages whose comments begin so.
        let glued = self.at > 0 && !self.text.as_bytes()[self.at - 1].is_ascii_whitespace();
        let begins = |mark: &&str| self.rest().starts_with(*mark) && !(*mark == "#" && glued);
        if let Some((open, close, nested)) =
            self.language.block_comment.filter(|(open, ..)| self.rest().starts_with(open))
        {
            let end = self.at + comment_length(self.rest(), open, close, nested);
            let state = (self.line_is_blank, self.expects);
            self.take(end, Class::Comment);
            (self.line_is_blank, self.expects) = state;
            return true;
        }
        if self.language.line_comments.iter().any(begins) {
            self.take(self.at + line(self.rest()).len(), Class::Comment);
            return true;
        }
        false
    }

    /// A string whose mark stands at `mark`; what stands before it from here on belongs to it.
    fn string(&mut self, mark: usize) -> bool {
        let after = &self.text[mark..];
        let Some(quote) = self.language.strings.iter().find(|quote| after.starts_with(quote.mark)) else {
            return false;
        };
        let end = mark + string_length(after, quote);
        self.take(end, if self.is_key(end) { Class::Key } else { Class::String });
        true
    }

    fn number(&mut self) {
        let bytes = self.rest().as_bytes();
        let mut length = 1;
        while let Some(&next) = bytes.get(length) {
            let point = next == b'.' && bytes.get(length + 1).is_some_and(u8::is_ascii_digit);
            let exponent = matches!(bytes[length - 1], b'e' | b'E') && !self.rest().starts_with("0x");
            let sign = matches!(next, b'+' | b'-') && exponent && bytes.get(length + 1).is_some_and(u8::is_ascii_digit);
            if !(next.is_ascii_alphanumeric() || next == b'_' || point || sign) {
                break;
            }
            length += 1;
        }
        self.take(self.at + length, Class::Number);
    }

    fn begins_word(&self, text: &str) -> bool {
        let signs = self.language.word_signs;
        text.chars().next().is_some_and(|c| {
            let sign = (c == '$' || self.language.has(Way::Shell)) && c.is_ascii() && signs.contains(&(c as u8));
            c.is_alphabetic() || c == '_' || sign
        })
    }

    fn word(&mut self) {
        let signs = self.language.word_signs;
        let inside = |c: char| c.is_alphanumeric() || c == '_' || (c.is_ascii() && signs.contains(&(c as u8)));
        let rest = self.rest();
        let length = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let (word, end) = (&self.text[self.at..self.at + length], self.at + length);
        let is_prefix = self.language.prefixes.contains(&word);
        if is_prefix && (self.raw_string(end) || self.string(end)) {
            return;
        }
        let (class, end) = self.class_of(word, end);
        let keyword = class == Some(Class::Keyword);
        let names = keyword && BEFORE_NAMES.contains(&word);
        match class {
            Some(class) => self.take(end, class),
            None => self.go(end),
        }
        // After `return` or `then` comes what could begin a line.
        (self.expects, self.names) = (keyword, names);
    }

    /// What a word is, and where that ends.
    fn class_of(&self, word: &str, end: usize) -> (Option<Class>, usize) {
        let language = self.language;
        let is_in = |list: &[&str]| match language.any_case {
            true => list.binary_search(&&*word.to_ascii_lowercase()).is_ok(),
            false => list.binary_search(&word).is_ok(),
        };
        let rest = &self.text[end..];
        let class = if self.is_key(end) {
            Some(Class::Key)
        } else if is_in(language.keywords) {
            Some(Class::Keyword)
        } else if is_in(language.constants) {
            Some(Class::Number)
        } else if language.has(Way::Rust) && rest.starts_with('!') && !rest.starts_with("!=") {
            return (Some(Class::Function), end + 1);
        } else if language.has(Way::Shell) {
            self.expects.then(|| if rest.starts_with('=') { Class::Key } else { Class::Function })
        } else if self.names {
            Some(Class::Function)
        } else if is_in(language.types) || (language.capital_types && word.starts_with(char::is_uppercase)) {
            Some(Class::Type)
        } else {
            rest.starts_with('(').then_some(Class::Function)
        };
        (class, end)
    }

    /// Whether what ends here is the name of a field that gets a value.
    fn is_key(&self, end: usize) -> bool {
        let Some(sign) = self.language.after_key else { return false };
        let rest = self.text[end..].trim_start_matches([' ', '\t']);
        let Some(after) = rest.strip_prefix(sign) else { return false };
        // `a:hover` and `http://…` give no value.
        let strings_only = self.language.names.contains(&"json");
        !after.starts_with(sign)
            && (sign == "=" || strings_only || after.starts_with(char::is_whitespace) || after.is_empty())
    }

    /// What only this language does; says whether there was such a thing.
    fn own_way(&mut self, first: u8) -> bool {
        let rest = self.rest();
        let has = |way| self.language.has(way);
        let end = match first {
            b'#' if has(Way::Rust) && (rest.starts_with("#[") || rest.starts_with("#![")) => bracket_length(rest),
            b'\'' if has(Way::Rust) => return self.rust_quote(),
            b'#' if has(Way::Preprocessor) && self.line_is_blank => {
                1 + word_length(&rest[1..], "").max(1).min(rest.len() - 1)
            }
            b'@' if has(Way::Decorators) => 1 + word_length(&rest[1..], ".-"),
            b'$' if has(Way::Shell) => variable_length(rest),
            b'[' if has(Way::Sections) && self.line_is_blank => return self.section(),
            b'/' if has(Way::Regex) && self.expects => match regex_length(rest) {
                Some(length) => {
                    self.take(self.at + length, Class::String);
                    return true;
                }
                None => return false,
            },
            _ => return false,
        };
        self.take(self.at + end, Class::Meta);
        true
    }

    /// `'a'` is a character, `'a` a lifetime.
    fn rust_quote(&mut self) -> bool {
        let mut after = self.rest()[1..].chars();
        let (first, second) = (after.next(), after.next());
        if first == Some('\\') || second == Some('\'') {
            let quote = Quote { mark: "'", escapes: true, long: false };
            self.take(self.at + string_length(self.rest(), &quote), Class::String);
        } else {
            self.take(self.at + 1 + word_length(&self.rest()[1..], ""), Class::Type);
        }
        true
    }

    /// `r#"…"#`, whose prefix ends at `hashes`.
    fn raw_string(&mut self, hashes: usize) -> bool {
        let after = &self.text[hashes..];
        let count = after.len() - after.trim_start_matches('#').len();
        let raw = self.text[self.at..hashes].ends_with('r') && self.language.has(Way::Rust);
        if !raw || !after[count..].starts_with('"') {
            return false;
        }
        let close = format!("\"{}", "#".repeat(count));
        let inner = &after[count + 1..];
        let length = inner.find(&close).map_or(inner.len(), |at| at + close.len());
        self.take(hashes + count + 1 + length, Class::String);
        true
    }

    /// `[table]` and `[[table]]`, alone on their line but for a remark.
    fn section(&mut self) -> bool {
        let line = line(self.rest());
        let head = line.split('#').next().unwrap_or(line).trim_end();
        let is_head =
            head.ends_with(']') && !head.contains([',', '"', '=']) && !head.trim_matches(['[', ']']).is_empty();
        if is_head {
            self.take(self.at + head.len(), Class::Type);
        }
        is_head
    }
}

/// The text up to the end of its first line.
pub(super) fn line(text: &str) -> &str {
    text.split('\n').next().unwrap_or(text)
}

fn comment_length(text: &str, open: &str, close: &str, nested: bool) -> usize {
    let (mut depth, mut at) = (1, open.len());
    while depth > 0 {
        let rest = &text[at..];
        let Some(end) = rest.find(close) else { return text.len() };
        match rest.find(open).filter(|&start| nested && start < end) {
            Some(start) => (depth, at) = (depth + 1, at + start + open.len()),
            None => (depth, at) = (depth - 1, at + end + close.len()),
        }
    }
    at
}

/// The length of the string that `text` begins with, its marks included.
fn string_length(text: &str, quote: &Quote) -> usize {
    let mut at = quote.mark.len();
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote.escapes && at + 1 < bytes.len() => {
                at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8)
            }
            b'\n' if !quote.long => return at,
            _ if text.as_bytes()[at..].starts_with(quote.mark.as_bytes()) => return at + quote.mark.len(),
            _ => at += 1,
        }
    }
    text.len()
}

/// `#[…]` with the brackets inside it.
fn bracket_length(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 1 => return at + 1,
            b']' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn word_length(text: &str, signs: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || c == '_' || signs.contains(c))).unwrap_or(text.len())
}

/// `$NAME`, `${…}`, `$1`, `$?`.
fn variable_length(text: &str) -> usize {
    let after = &text[1..];
    if after.starts_with('{') {
        return line(text).find('}').map_or(1, |end| end + 1);
    }
    match word_length(after, "") {
        0 if after.starts_with(['?', '@', '*', '#', '$', '!', '-']) => 2,
        length => 1 + length,
    }
}

/// `/…/flags` on one line.
fn regex_length(text: &str) -> Option<usize> {
    let text = line(text);
    let (mut at, mut in_class) = (1, false);
    loop {
        match text.as_bytes().get(at)? {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'/' if at == 1 => return None,
            b'/' if !in_class => return Some(at + 1 + word_length(text.get(at + 1..)?, "")),
            _ => {}
        }
        at += 1;
    }
}
