//! Text → HTML: escaping, and Markdown that stands on its own (captions, notes, the colophon).

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html::push_html};

use super::safe::{Aside, Raw};
use super::{breaks, emphasis, tags};
use crate::formula::{self, Display};
use crate::markdown::Quotes;

/// Text with the characters that mean something in HTML written as entities; safe in content and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// The text of HTML that we wrote: without its tags, entities undone.
pub fn text_of(html: &str) -> String {
    let parts = html.split('<').enumerate();
    let text: String =
        parts.map(|(i, part)| if i == 0 { part } else { part.split_once('>').map_or("", |(_, text)| text) }).collect();
    tags::unescape(&text)
}

/// Markdown of one paragraph → HTML without the paragraph's own tags.
pub fn inline(markdown: &str, raw: Raw) -> String {
    let mut out = written(markdown, &mut Aside::new(raw, || markdown.to_owned()), is_inside);
    out.truncate(out.trim_end().len());
    out
}

/// A caption with its citations, written as HTML, in place.
pub fn caption(markdown: &str, raw: Raw, citations: &[(Range<usize>, String)]) -> String {
    let mut aside = Aside::marking(raw, || markdown.to_owned());
    let mut text = String::with_capacity(markdown.len());
    let mut at = 0;
    for (range, html) in citations {
        text.push_str(&markdown[at..range.start]);
        text.push_str(&aside.keep(html.clone()));
        at = range.end;
    }
    text.push_str(&markdown[at..]);
    let mut out = written(&text, &mut aside, is_inside);
    out.truncate(out.trim_end().len());
    out
}

/// Markdown → HTML.
pub fn blocks(markdown: &str, raw: Raw) -> String {
    written(markdown, &mut Aside::new(raw, || markdown.to_owned()), |_| true)
}

fn is_inside(event: &Event) -> bool {
    !matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph))
}

/// The events of Markdown that are wanted, as HTML.
fn written(markdown: &str, aside: &mut Aside, is_wanted: impl Fn(&Event) -> bool) -> String {
    let events = parse(markdown, aside).filter(is_wanted).collect();
    let mut out = String::new();
    push_html(&mut out, emphasis::marked(breaks::joined(events)).into_iter());
    aside.clean(out)
}

/// A formula. One with a fault has been reported, and stands as it was written.
pub fn math(source: &str, display: Display) -> String {
    let set = formula::to_mathml(source, display);
    let formula = set.unwrap_or_else(|_| format!("<code class=\"math\">{}</code>", escape(source)));
    if display == Display::Block { format!("<span class=\"math-display\">{formula}</span>") } else { formula }
}

fn parse<'m>(markdown: &'m str, aside: &mut Aside) -> impl Iterator<Item = Event<'m>> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_SMART_PUNCTUATION
        | Options::ENABLE_MATH;
    let mut quotes = Quotes::default();
    let events = Parser::new_ext(markdown, options).into_offset_iter();
    let events = events.map(move |(event, range)| quotes.turned(event, markdown, &range));
    events.map(|event| match event {
        Event::InlineMath(source) => Event::InlineHtml(aside.keep(math(&source, Display::Inline)).into()),
        Event::DisplayMath(source) => Event::InlineHtml(aside.keep(math(&source, Display::Block)).into()),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_are_one_paragraph_of_markdown() {
        let check = |markdown, expected| assert_eq!(inline(markdown, Raw::AsWritten), expected);
        check("Loss of *each* net.", "Loss of <em>each</em> net.");
        check("a < b & \"c\"", "a &lt; b &amp; “c”");
        check("$a < b$", "<math><mi>a</mi><mo>&lt;</mo><mi>b</mi></math>");
        check("他说\"你'好'\"，\"*a* b\"。", "他说“你‘好’”，“<em>a</em> b”。");
        check("a <b onclick=x>c</b>", "a <b onclick=x>c</b>");
        check("$\\no$", "<code class=\"math\">\\no</code>");
        check("", "");
    }

    #[test]
    fn harmless_captions_keep_their_formulas() {
        let clean = inline("a <b onclick=x>$a$</b> [c](javascript:d)", Raw::Harmless);
        assert_eq!(clean, "a <b><math><mi>a</mi></math></b> <a>c</a>");
    }
}
