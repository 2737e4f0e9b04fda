//! The attributes of a page's tags, with their places. No validation: what a browser would mend, we read past.

use std::ops::Range;

use super::html;

/// One attribute of a tag.
#[derive(Debug)]
pub struct Attribute<'a> {
    /// The tag's name, in small letters.
    pub tag: &'a str,
    /// In small letters.
    pub key: String,
    /// Entities undone.
    pub value: String,
    /// The bytes of the value in the page, quotes included; empty where it has none.
    pub place: Range<usize>,
}

/// Elements whose content is not markup.
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

/// Visits every attribute of a page in order.
pub fn each_attribute(html: &str, visit: &mut dyn FnMut(Attribute<'_>)) {
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let (name, after) = tag(html, rest, visit);
            rest = if RAW.contains(&name.as_str()) { after_end(after, &name) } else { after };
        }
    }
}

/// A page with the values of some attributes replaced: those for which `replace` has another one.
pub fn with_values(page: &str, replace: &mut dyn FnMut(&Attribute<'_>) -> Option<String>) -> String {
    let mut out = String::with_capacity(page.len() + page.len() / 8);
    let mut written = 0;
    each_attribute(page, &mut |attribute| {
        if let Some(value) = replace(&attribute).filter(|_| !attribute.place.is_empty()) {
            out.push_str(&page[written..attribute.place.start]);
            out.push_str(&format!("\"{}\"", html::escape(&value)));
            written = attribute.place.end;
        }
    });
    out + &page[written..]
}

/// Reads a tag from its name on; returns the name and what follows the tag.
fn tag<'a>(page: &'a str, text: &'a str, visit: &mut dyn FnMut(Attribute<'_>)) -> (String, &'a str) {
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/').unwrap_or(text.len());
    let (name, mut rest) = (text[..end].to_ascii_lowercase(), &text[end..]);
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return (name, rest.strip_prefix('>').unwrap_or(rest));
        }
        let (key, value, after) = attribute(rest);
        let end = page.len() - after.len();
        let place = value.map_or(end..end, |(quoted, _)| end - quoted.len()..end);
        let value = unescape(value.map_or("", |(_, bare)| bare));
        visit(Attribute { tag: &name, key: key.to_ascii_lowercase(), value, place });
        rest = after;
    }
}

/// One attribute: key, value with and without its quotes, what follows. At least one character is read.
pub(super) fn attribute(text: &str) -> (&str, Option<(&str, &str)>, &str) {
    let first = text.chars().next().map_or(0, char::len_utf8);
    let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/');
    let end = first + text[first..].find(is_end).unwrap_or(text.len() - first);
    let (key, rest) = (&text[..end], &text[end..]);
    let Some(rest) = rest.trim_start().strip_prefix('=') else { return (key, None, rest) };
    let rest = rest.trim_start();
    let (bare, after) = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => rest[1..].split_once(quote).unwrap_or((&rest[1..], "")),
        _ => rest.split_at(rest.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(rest.len())),
    };
    let quoted = &rest[..rest.len() - after.len()];
    (key, Some((quoted, bare)), after)
}

/// What follows the end tag of `name`.
fn after_end<'a>(text: &'a str, name: &str) -> &'a str {
    let ends = text.match_indices("</").map(|(at, _)| at + 2);
    let is_name = |&at: &usize| text.get(at..at + name.len()).is_some_and(|t| t.eq_ignore_ascii_case(name));
    ends.into_iter().find(is_name).map_or("", |at| &text[at..])
}

/// Undoes the entities that stand in links.
pub(super) fn unescape(value: &str) -> String {
    if !value.contains('&') {
        return value.to_owned();
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")];
    entities.iter().fold(value.to_owned(), |text, (entity, sign)| text.replace(entity, sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_replaced_where_they_stand() {
        let check = |page: &str, expected: &str| {
            let replaced = with_values(page, &mut |a| (a.key == "id").then(|| format!("x.{}", a.value)));
            assert_eq!(replaced, expected);
        };
        check("<p id=a class=id>id=\"b\"</p>", "<p id=\"x.a\" class=id>id=\"b\"</p>");
        check(
            "<p id='a&amp;b'/><!-- <p id=c> --><P ID = \"d\">",
            "<p id=\"x.a&amp;b\"/><!-- <p id=c> --><P ID = \"x.d\">",
        );
        check("<p id><p id=", "<p id><p id=");
        check("<script>'<p id=a>'</script><p id=é>", "<script>'<p id=a>'</script><p id=\"x.é\">");
    }

    #[test]
    fn broken_markup_ends() {
        for page in ["<a href=", "<a href='x", "<a =", "<", "<!--", "<script>", "<a ===>", "<é><a é=é", "<script></é"]
        {
            each_attribute(page, &mut |_| {});
            with_values(page, &mut |_| Some(String::new()));
        }
    }
}
