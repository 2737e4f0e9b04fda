//! Line breaks of the source between Chinese or Japanese characters, where a reader must not see a space.

use pulldown_cmark::{Event, Tag, TagEnd};

/// Drops every soft break between two characters that are written without spaces.
pub(super) fn joined<'e>(mut events: Vec<Event<'e>>) -> Vec<Event<'e>> {
    let mut needless = needless(&events).into_iter().peekable();
    let mut index = 0;
    events.retain(|_| {
        let drop = needless.next_if_eq(&index).is_some();
        index += 1;
        !drop
    });
    events
}

/// Where those breaks are, in order.
pub(super) fn needless(events: &[Event<'_>]) -> Vec<usize> {
    let is_needless = |index: usize| {
        let before = events[..index].iter().rev().find_map(|event| edge(event, Side::End));
        let after = || events[index + 1..].iter().find_map(|event| edge(event, Side::Start));
        before.flatten().is_some_and(is_spaceless) && after().flatten().is_some_and(is_spaceless)
    };
    let breaks = events.iter().enumerate().filter(|(_, event)| matches!(event, Event::SoftBreak));
    breaks.map(|(index, _)| index).filter(|&index| is_needless(index)).collect()
}

#[derive(Clone, Copy)]
enum Side {
    Start,
    End,
}

/// The character at one side of what an event writes: `None` where it writes nothing within the line, so that the next
/// event decides, `Some(None)` where the line ends.
fn edge(event: &Event<'_>, side: Side) -> Option<Option<char>> {
    let of = |text: &str| match side {
        Side::Start => text.chars().next(),
        Side::End => text.chars().next_back(),
    };
    match event {
        Event::Text(text) | Event::Code(text) => of(text).map(Some),
        // A tag of our own or the author's: what stands outside its angle brackets.
        Event::InlineHtml(html) => of(&without_tags(html)).map(Some),
        Event::Start(tag) => (!is_inline(&tag.to_end()) || matches!(tag, Tag::Image { .. })).then_some(None),
        Event::End(tag) => (!is_inline(tag) || matches!(tag, TagEnd::Image)).then_some(None),
        _ => Some(None),
    }
}

/// Whether a tag stands within a line.
pub(super) fn is_inline(tag: &TagEnd) -> bool {
    use TagEnd::{Emphasis, Image, Link, Strikethrough, Strong, Subscript, Superscript};
    matches!(tag, Emphasis | Strong | Strikethrough | Superscript | Subscript | Link | Image)
}

fn without_tags(html: &str) -> String {
    let parts = html.split('<').enumerate();
    parts.map(|(i, part)| if i == 0 { part } else { part.split_once('>').map_or("", |(_, text)| text) }).collect()
}

/// Whether a character belongs to a script that is written without spaces: Han and kana, with their punctuation.
pub(super) fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{2e80}'..='\u{2fff}' | '\u{3000}'..='\u{30ff}' | '\u{31c0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff65}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Parser, html::push_html};

    use super::*;

    fn check(markdown: &str, expected: &str) {
        let mut html = String::new();
        push_html(&mut html, joined(Parser::new(markdown).collect()).into_iter());
        assert_eq!(html.trim_end(), format!("<p>{expected}</p>"));
    }

    #[test]
    fn no_space_stands_between_chinese_lines() {
        check("规模\n定律，\n如此", "规模定律，如此");
        check("規模\nである\nカナ", "規模であるカナ");
        check("这是**粗\n体**\n字", "这是<strong>粗体</strong>字");
        check("见<b>图</b>\n中", "见<b>图</b>中");
    }

    #[test]
    fn other_scripts_keep_their_space() {
        check("one\ntwo", "one\ntwo");
        check("规模\nlaw\n如此", "规模\nlaw\n如此");
        check("规模\n`代码`\n", "规模<code>代码</code>");
        check("한국어\n문장", "한국어\n문장");
        check("规模  \n定律", "规模<br />\n定律");
    }
}
