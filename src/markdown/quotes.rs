//! Straight quotes in Chinese and Japanese, which have no spaces to tell an opening one from a closing one.

use std::ops::Range;

use pulldown_cmark::{Event, Tag};

/// The curved forms of `"` and `'`.
const CURVED: [(&str, [&str; 2]); 2] = [("\"", ["“", "”"]), ("'", ["‘", "’"])];

/// Which quotes are open in the block that is being read.
#[derive(Debug, Default)]
pub struct Quotes {
    open: [bool; 2],
}

impl Quotes {
    /// An event of `source`, which stands at `range` there: a quote beside a character of such a script opens where none is open
    /// and closes where one is. All others are as they were.
    pub fn turned<'e>(&mut self, event: Event<'e>, source: &str, range: &Range<usize>) -> Event<'e> {
        let text = match &event {
            Event::Text(text) => text,
            Event::Start(tag) if !is_inline(tag) => {
                self.open = [false; 2];
                return event;
            }
            _ => return event,
        };
        let written = &source[range.clone()];
        let Some(kind) = CURVED.iter().position(|(straight, curved)| written == *straight && curved.contains(&&**text))
        else {
            return event;
        };
        let curved = CURVED[kind].1;
        let beside = [source[..range.start].chars().next_back(), source[range.end..].chars().next()];
        let opens =
            if beside.into_iter().flatten().any(is_spaceless) { !self.open[kind] } else { **text == *curved[0] };
        self.open[kind] = opens;
        Event::Text(curved[usize::from(!opens)].into())
    }
}

fn is_inline(tag: &Tag<'_>) -> bool {
    use Tag::{Emphasis, Image, Link, Strikethrough, Strong, Subscript, Superscript};
    matches!(tag, Emphasis | Strong | Strikethrough | Superscript | Subscript | Link { .. } | Image { .. })
}

/// Whether a character belongs to a script that is written without spaces, or to its punctuation.
fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff65}'
        | '\u{20000}'..='\u{3ffff}')
}
