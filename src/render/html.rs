//! Text → HTML: escaping, and Markdown that stands on its own (captions, notes, the colophon).

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html::push_html};

use super::breaks;

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

/// An inline or displayed formula, as its source.
pub fn math(source: &str, class: &str) -> String {
    format!("<code class=\"{class}\">{}</code>", escape(source))
}

fn parse(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_SMART_PUNCTUATION
        | Options::ENABLE_MATH;
    Parser::new_ext(markdown, options).map(|event| match event {
        Event::InlineMath(source) => Event::InlineHtml(math(&source, "math").into()),
        Event::DisplayMath(source) => Event::InlineHtml(math(&source, "math math-display").into()),
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
        check("$a < b$", "<code class=\"math\">a &lt; b</code>");
        check("", "");
    }
}
