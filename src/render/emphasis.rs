//! What is stressed in Chinese or Japanese: not slanted, as Latin letters are, but marked by dots.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::breaks::is_spaceless;
use super::html;

/// The events with what is written in such a script and stressed marked for the style.
pub(super) fn marked(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    if !events.iter().any(|event| matches!(event, Event::Start(Tag::Emphasis))) {
        return events;
    }
    let mut out = Vec::with_capacity(events.len());
    let mut depth = 0;
    for event in events {
        match &event {
            Event::Start(Tag::Emphasis) => depth += 1,
            Event::End(TagEnd::Emphasis) => depth -= 1,
            Event::Text(text) if depth > 0 && text.contains(is_spaceless) => {
                out.push(Event::InlineHtml(dotted(text).into()));
                continue;
            }
            _ => {}
        }
        out.push(event);
    }
    out
}

/// Text with each stretch of characters of such a script in an element of its own.
fn dotted(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_own = is_spaceless(first);
        let end = rest.find(|c| is_spaceless(c) != is_own).unwrap_or(rest.len());
        let run = html::escape(&rest[..end]);
        out += &if is_own { format!("<span class=\"dotted\">{run}</span>") } else { run };
        rest = &rest[end..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::Raw;
    use super::*;

    #[test]
    fn only_what_is_chinese_gets_dots() {
        let check = |markdown, expected| assert_eq!(html::inline(markdown, Raw::AsWritten), expected);
        check("*a & b* 和", "<em>a &amp; b</em> 和");
        check("*重点，* a", "<em><span class=\"dotted\">重点，</span></em> a");
        check("*重点 & b* **粗**", "<em><span class=\"dotted\">重点</span> &amp; b</em> <strong>粗</strong>");
        check(
            "*甲**乙**\n丙*",
            "<em><span class=\"dotted\">甲</span><strong><span class=\"dotted\">乙</span></strong><span class=\"dotted\">丙</span></em>",
        );
    }
}
