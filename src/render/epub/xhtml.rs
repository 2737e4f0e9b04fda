//! HTML → XHTML: every tag closed, every attribute quoted, no entity that XML does not know.
//!
//! What we write ourselves is nearly that already; authors' own HTML may be anything a browser would mend. It becomes
//! well-formed here, which is all that is promised for it.

use super::super::html::escape;
use super::super::tags;

/// Elements that have no content.
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
/// Elements of a page that a book on paper or an e-reader has no use for, with all that they hold.
const DROPPED: [&str; 4] = ["script", "style", "button", "template"];

/// The entities that authors write beside those of XML.
const ENTITIES: [(&str, &str); 8] = [
    ("nbsp", "\u{a0}"),
    ("copy", "©"),
    ("mdash", "—"),
    ("ndash", "–"),
    ("hellip", "…"),
    ("rarr", "→"),
    ("times", "×"),
    ("middot", "·"),
];

/// What a formula says in XHTML, and need not in HTML.
const MATHML: &str = " xmlns=\"http://www.w3.org/1998/Math/MathML\"";

/// What becomes of an attribute.
pub(super) enum Fate {
    Kept,
    Replaced(String),
    Dropped,
}

/// Makes XHTML of a page's body; `fate` decides over attributes by tag, key and value. Elements with one of the classes in
/// `without` are left out.
pub(super) fn of(html: &str, without: &[&str], fate: &mut dyn FnMut(&str, &str, &str) -> Fate) -> String {
    let mut writer = Writer { out: String::with_capacity(html.len()), open: Vec::new(), dropping: None, without, fate };
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        writer.text(&rest[..start]);
        rest = writer.markup(&rest[start..]);
    }
    writer.text(rest);
    writer.finish()
}

struct Writer<'a> {
    out: String,
    /// Names of the elements that are open.
    open: Vec<String>,
    /// How many were open outside the element that is being left out.
    dropping: Option<usize>,
    without: &'a [&'a str],
    fate: &'a mut dyn FnMut(&str, &str, &str) -> Fate,
}

impl Writer<'_> {
    fn text(&mut self, text: &str) {
        if self.dropping.is_none() {
            self.out.push_str(&with_entities(text));
        }
    }

    /// Reads what a `<` begins; returns what follows.
    fn markup<'t>(&mut self, text: &'t str) -> &'t str {
        let after = &text[1..];
        if let Some(comment) = after.strip_prefix("!--") {
            return comment.split_once("-->").map_or("", |(_, after)| after);
        }
        if after.starts_with(['!', '?']) {
            return after.split_once('>').map_or("", |(_, after)| after);
        }
        if let Some(end) = after.strip_prefix('/') {
            let (name, after) = end.split_once('>').unwrap_or((end, ""));
            self.close(name.trim());
            return after;
        }
        if after.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return self.start(after);
        }
        self.text("&lt;");
        after
    }

    fn start<'t>(&mut self, text: &'t str) -> &'t str {
        let end = text.find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/').unwrap_or(text.len());
        let foreign = self.open.iter().any(|name| name == "svg" || name == "math");
        let name = if foreign { text[..end].to_owned() } else { text[..end].to_ascii_lowercase() };
        let mut tag = format!("<{name}");
        let (mut rest, mut seen) = (&text[end..], Vec::new());
        let mut is_dropped = DROPPED.contains(&name.as_str());
        let closed = loop {
            let trimmed = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
            match trimmed.strip_prefix('/') {
                Some(after) if after.starts_with('>') => break Some(&after[1..]),
                Some(after) => rest = after,
                None if trimmed.is_empty() || trimmed.starts_with('>') => {
                    rest = trimmed.strip_prefix('>').unwrap_or(trimmed);
                    break None;
                }
                None => {
                    let (key, value, after) = tags::attribute(trimmed);
                    let key = if foreign || name == "svg" { key.to_owned() } else { key.to_ascii_lowercase() };
                    let value = tags::unescape(value.map_or("", |(_, bare)| bare));
                    is_dropped |= key == "class" && value.split_whitespace().any(|class| self.without.contains(&class));
                    if is_name(&key) && !seen.contains(&key) {
                        self.attribute(&mut tag, &name, &key, &value);
                        seen.push(key);
                    }
                    rest = after;
                }
            }
        };
        if name == "math" && !seen.contains(&"xmlns".to_owned()) {
            tag.push_str(MATHML);
        }
        let has_content = closed.is_none() && !VOID.contains(&name.as_str());
        if is_dropped && has_content && self.dropping.is_none() {
            self.dropping = Some(self.open.len());
        }
        if self.dropping.is_none() && !is_dropped {
            self.out.push_str(&tag);
            self.out.push_str(if has_content { ">" } else { "/>" });
        }
        if has_content {
            self.open.push(name);
        }
        closed.unwrap_or(rest)
    }

    fn attribute(&mut self, tag: &mut String, name: &str, key: &str, value: &str) {
        let value = match (self.fate)(name, key, value) {
            Fate::Kept => value.to_owned(),
            Fate::Replaced(other) => other,
            Fate::Dropped => return,
        };
        tag.push_str(&format!(" {key}=\"{}\"", escape(&value)));
    }

    /// Closes an element and all that is still open inside of it; an end without a beginning is nothing.
    fn close(&mut self, name: &str) {
        let is_it = |open: &String| open.eq_ignore_ascii_case(name);
        if let Some(index) = self.open.iter().rposition(is_it) {
            while self.open.len() > index {
                self.pop();
            }
        }
    }

    fn pop(&mut self) {
        let Some(name) = self.open.pop() else { return };
        match self.dropping {
            None => self.out.push_str(&format!("</{name}>")),
            Some(outside) if outside == self.open.len() => self.dropping = None,
            Some(_) => {}
        }
    }

    fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.pop();
        }
        self.out
    }
}

/// Whether XML takes it as an attribute's name; names of other vocabularies are left out with their prefix undeclared.
fn is_name(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// Text in which every `&` begins an entity of XML, and no character is one that XML forbids.
fn with_entities(text: &str) -> String {
    let mut parts = text.split('&');
    let mut out = legal(parts.next().unwrap_or_default());
    for part in parts {
        let entity = part.split_once(';').filter(|(name, _)| !name.is_empty() && name.len() <= 8);
        match entity {
            Some((name, rest)) if is_known(name) => out.push_str(&format!("&{name};{}", legal(rest))),
            Some((name, rest)) if ENTITIES.iter().any(|(known, _)| *known == name) => {
                let (_, sign) = ENTITIES.iter().find(|(known, _)| *known == name).expect("it was just found");
                out.push_str(sign);
                out.push_str(&legal(rest));
            }
            _ => out.push_str(&format!("&amp;{}", legal(part))),
        }
    }
    out
}

fn is_known(name: &str) -> bool {
    let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    });
    let is_char = |n: u32| char::from_u32(n).is_some_and(is_legal);
    ["amp", "lt", "gt", "quot", "apos"].contains(&name) || number.is_some_and(is_char)
}

fn legal(text: &str) -> String {
    text.chars().filter(|c| is_legal(*c)).map(|c| if c == '>' { "&gt;".to_owned() } else { c.to_string() }).collect()
}

fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        assert_eq!(of(html, &["behind"], &mut |_, _, _| Fate::Kept), expected, "{html}");
    }

    #[test]
    fn tags_are_closed_and_attributes_quoted() {
        check("<p>a<br>b<img src=x alt='y \"z\"'></p>", "<p>a<br/>b<img src=\"x\" alt=\"y &quot;z&quot;\"/></p>");
        check("<P Class=a hidden>b", "<p class=\"a\" hidden=\"\">b</p>");
        check("<b><i>c</b>d</i>", "<b><i>c</i></b>d");
        check(
            "<svg viewBox=\"0 0 1 1\"><linearGradient gradientUnits='a'/></svg>",
            "<svg viewBox=\"0 0 1 1\"><linearGradient gradientUnits=\"a\"/></svg>",
        );
        check("<a @click=b c=d c=e>", "<a c=\"d\"></a>");
    }

    #[test]
    fn formulas_name_their_vocabulary() {
        check("<MATH><mi>x</math>", "<math xmlns=\"http://www.w3.org/1998/Math/MathML\"><mi>x</mi></math>");
    }

    #[test]
    fn text_is_xml() {
        check(
            "a & b &amp; &nbsp;&unknown; &#65; &#0; < c",
            "a &amp; b &amp; \u{a0}&amp;unknown; &#65; &amp;#0; &lt; c",
        );
        check("a\u{1}b -> c", "ab -&gt; c");
    }

    #[test]
    fn what_only_screens_need_is_left_out() {
        check("a<div class=\"x behind\"><p>b<div>c</div></div>d", "ad");
        check("a<script>if (b < c) d()</script>e<!-- f -->", "ae");
        check("<button>a</button><details><summary>b</summary>c</details>", "<details><summary>b</summary>c</details>");
    }

    #[test]
    fn broken_markup_ends() {
        for html in ["<a href=", "<a href='x", "<", "</", "<!--", "<!x", "<a / b", "</p></p>", "&", "<é"] {
            of(html, &[], &mut |_, _, _| Fate::Kept);
        }
    }
}
