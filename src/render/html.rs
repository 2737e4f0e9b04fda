//! Text → HTML: escaping, and Markdown that stands on its own (captions, notes, the colophon).

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html::push_html};

use super::{breaks, tags};
use crate::formula::{self, Display};

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
pub fn inline(markdown: &str) -> String {
    let events = parse(markdown).filter(|e| !matches!(e, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph)));
    let mut out = String::new();
    push_html(&mut out, breaks::joined(events.collect()).into_iter());
    out.truncate(out.trim_end().len());
    out
}

/// Markdown → HTML.
pub fn blocks(markdown: &str) -> String {
    let mut out = String::new();
    push_html(&mut out, breaks::joined(parse(markdown).collect()).into_iter());
    out
}

/// How a displayed formula begins.
pub const DISPLAY_MATH: &str = "<span class=\"math-display\">";

/// A formula. One with a fault has been reported, and stands as it was written.
pub fn math(source: &str, display: Display) -> String {
    let set = formula::to_mathml(source, display);
    let formula = set.unwrap_or_else(|_| format!("<code class=\"math\">{}</code>", escape(source)));
    if display == Display::Block { format!("{DISPLAY_MATH}{formula}</span>") } else { formula }
}

fn parse(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_SMART_PUNCTUATION
        | Options::ENABLE_MATH;
    Parser::new_ext(markdown, options).map(|event| match event {
        Event::InlineMath(source) => Event::InlineHtml(math(&source, Display::Inline).into()),
        Event::DisplayMath(source) => Event::InlineHtml(math(&source, Display::Block).into()),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_are_one_paragraph_of_markdown() {
        let check = |markdown, expected| assert_eq!(inline(markdown), expected);
        check("Loss of *each* net.", "Loss of <em>each</em> net.");
        check("a < b & \"c\"", "a &lt; b &amp; “c”");
        check("$a < b$", "<math><mi>a</mi><mo>&lt;</mo><mi>b</mi></math>");
        check("$\\no$", "<code class=\"math\">\\no</code>");
        check("", "");
    }
}
