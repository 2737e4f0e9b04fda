//! A block of code → HTML: coloured at build time, with its file's name, numbers and marks where they are asked for.

use crate::highlight::{self, Part};
use crate::markdown::CodeInfo;

use super::html;

/// Writes a block whose opening line says `info`.
pub(super) fn write(info: &str, code: &str) -> String {
    let info = CodeInfo::read(info);
    let code = info.shown(code);
    let mut out = String::with_capacity(2 * code.len() + 64);
    match &info.file {
        Some(file) => out.push_str(&format!("<figure class=\"code\"><figcaption>{}</figcaption>", html::escape(file))),
        None => out.push_str("<div class=\"code\">"),
    }
    let lined = info.first_line.is_some() || !info.marked.is_empty();
    out.push_str(match (lined, info.first_line) {
        (false, _) => "<pre>",
        (true, None) => "<pre class=\"lined\">",
        (true, Some(_)) => "<pre class=\"lined numbered\">",
    });
    out.push_str("<code");
    if !info.language.is_empty() {
        out.push_str(&format!(" class=\"language-{}\"", html::escape(&info.language)));
    }
    if let Some(first) = info.first_line.filter(|first| *first != 1) {
        out.push_str(&format!(" style=\"counter-reset:line {}\"", first as i128 - 1));
    }
    out.push('>');
    let parts = highlight::parts(&code, &info.language);
    if lined {
        write_lines(&code, &parts, &info, &mut out);
    } else {
        write_parts(&code, 0, &parts, &mut out);
    }
    out.push_str(if info.file.is_some() { "</code></pre></figure>\n" } else { "</code></pre></div>\n" });
    out
}

/// Every line by itself, so that it can have a number and a mark.
fn write_lines(code: &str, parts: &[Part], info: &CodeInfo, out: &mut String) {
    let mut start = 0;
    let mut rest = parts;
    for (index, line) in code.split_inclusive('\n').enumerate() {
        let end = start + line.len();
        rest = &rest[rest.partition_point(|part| part.range.end <= start)..];
        let is_marked = info.marked.iter().any(|lines| lines.contains(&(index + 1)));
        let tag = if is_marked { "mark" } else { "span" };
        out.push_str(&format!("<{tag} class=\"line\">"));
        write_parts(line, start, rest, out);
        out.push_str(&format!("</{tag}>"));
        start = end;
    }
}

/// A stretch of the code that begins at `start` of the whole, each of its parts in its class.
fn write_parts(text: &str, start: usize, parts: &[Part], out: &mut String) {
    let end = start + text.len();
    let mut at = start;
    for part in parts.iter().take_while(|part| part.range.start < end) {
        let (from, to) = (part.range.start.max(at), part.range.end.min(end));
        escape(&text[at - start..from - start], out);
        // A line's end belongs to no part: a part may go on over several lines.
        let inner = &text[from - start..to - start];
        let seen = inner.trim_end_matches('\n');
        out.push_str(&format!("<span class=\"{}\">", part.class.name()));
        escape(seen, out);
        out.push_str("</span>");
        out.push_str(&inner[seen.len()..]);
        at = to;
    }
    escape(&text[at - start..], out);
}

/// Text with what means something in HTML content written as entities.
fn escape(text: &str, out: &mut String) {
    let mut written = 0;
    for (at, sign) in text.match_indices(['&', '<', '>']) {
        out.push_str(&text[written..at]);
        out.push_str(match sign {
            "&" => "&amp;",
            "<" => "&lt;",
            _ => "&gt;",
        });
        written = at + 1;
    }
    out.push_str(&text[written..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(info: &str, code: &str, expected: &str) {
        assert_eq!(write(info, code), format!("{expected}\n"));
    }

    #[test]
    fn code_is_coloured_and_escaped() {
        check("", "a < b & c\n", "<div class=\"code\"><pre><code>a &lt; b &amp; c\n</code></pre></div>");
        check(
            "toml",
            "a = \"<\"\n",
            "<div class=\"code\"><pre><code class=\"language-toml\"><span class=\"p\">a</span> = \
             <span class=\"s\">\"&lt;\"</span>\n</code></pre></div>",
        );
        check("x\"y", "1\n", "<div class=\"code\"><pre><code class=\"language-x&quot;y\">1\n</code></pre></div>");
    }

    #[test]
    fn lines_have_numbers_and_marks_and_parts_end_with_them() {
        check(
            "rust {file=\"a.rs\" lines=7 hl=\"2\"}",
            "/* a\n b */ 1\n",
            "<figure class=\"code\"><figcaption>a.rs</figcaption><pre class=\"lined numbered\">\
             <code class=\"language-rust\" style=\"counter-reset:line 6\"><span class=\"line\"><span class=\"c\">/* a</span>\n\
             </span><mark class=\"line\"><span class=\"c\"> b */</span> <span class=\"n\">1</span>\n</mark></code></pre></figure>",
        );
    }
}
