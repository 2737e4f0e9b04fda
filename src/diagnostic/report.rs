//! Diagnostics → text for people and for continuous integration.

use std::fmt::Write;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::place::{floor, line_column, line_start};
use super::{Diagnostic, Diagnostics, Severity, Sources, Span};

/// Characters of the offending line that are shown on either side of the place.
const EXCERPT_SIDE: usize = 160;

/// Whether a report is coloured by escape sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    Plain,
    /// With escape sequences, for a terminal.
    Coloured,
}

impl Diagnostics {
    /// All mistakes as text, in the order of their places, each with its excerpt and followed by an empty line; empty
    /// where there are none.
    pub fn render(&self, sources: &Sources, style: Style) -> String {
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Coloured => Renderer::styled(),
        }
        .decor_style(DecorStyle::Ascii);
        let mut text = String::new();
        for diagnostic in self.sorted() {
            text.push_str(&renderer.render(&[group(diagnostic, sources)]));
            text.push_str("\n\n");
        }
        text
    }

    /// One workflow command a line, as GitHub Actions reads them: `::error file=…,line=…,col=…::message`.
    pub fn github(&self, sources: &Sources) -> String {
        let mut text = String::new();
        for diagnostic in self.sorted() {
            let command = match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let place = diagnostic.span.map_or(String::new(), |span| {
                let at = line_column(sources, span);
                let file = escape_property(&sources.get(span.file).path);
                format!(" file={file},line={},col={}", at.line, at.column)
            });
            let hint = diagnostic.hint.as_ref().map_or(String::new(), |h| format!("\nhelp: {h}"));
            let message = escape_data(&format!("{}{hint}", diagnostic.message));
            writeln!(text, "::{command}{place}::{message}").expect("a string can be written to");
        }
        text
    }

    /// `3 errors, 1 warning`; empty where there is nothing.
    pub fn summary(&self) -> String {
        let count = |severity| self.sorted().iter().filter(|d| d.severity == severity).count();
        let words = |count: usize, word: &str| match count {
            0 => None,
            1 => Some(format!("1 {word}")),
            _ => Some(format!("{count} {word}s")),
        };
        let parts = [words(count(Severity::Error), "error"), words(count(Severity::Warning), "warning")];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(visible(&diagnostic.message)));
    if let Some(span) = diagnostic.span {
        let at = line_column(sources, span);
        let excerpt = Excerpt::of(&sources.get(span.file).text, span);
        let path = visible(&sources.get(span.file).path);
        group = group.element(Origin::path(path).line(at.line).char_column(at.column)).element(
            Snippet::source(excerpt.text)
                .line_start(at.line)
                .annotation(AnnotationKind::Primary.span(excerpt.marked).label(diagnostic.label.as_deref())),
        );
    }
    match &diagnostic.hint {
        Some(hint) => group.element(Level::HELP.message(visible(hint))),
        None => group,
    }
}

/// The line a span begins on, or a part of it where it is long.
struct Excerpt {
    text: String,
    /// Bytes of `text`.
    marked: std::ops::Range<usize>,
}

impl Excerpt {
    fn of(text: &str, span: Span) -> Self {
        let start = floor(text, span.start);
        let line = line_start(text, start);
        let end = text[start..].find('\n').map_or(text.len(), |n| start + n);
        let end = start + text[start..end].trim_end_matches('\r').len();
        let marked_end = floor(text, span.end).clamp(start, end);
        let from = text[line..start].char_indices().rev().nth(EXCERPT_SIDE).map_or(line, |(i, _)| line + i);
        let to = text[start..end].char_indices().nth(EXCERPT_SIDE).map_or(end, |(i, _)| start + i);
        let before = format!("{}{}", if from > line { "…" } else { "" }, visible(&text[from..start]));
        let marked = visible(&text[start..marked_end.min(to)]);
        let after = visible(&text[marked_end.min(to)..to]);
        let range = before.len()..before.len() + marked.len();
        let cut = if to < end { "…" } else { "" };
        Self { text: format!("{before}{marked}{after}{cut}"), marked: range }
    }
}

/// The text with control characters made visible, so that none reaches the terminal; tabs stay.
fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' => c,
            '\0'..='\u{1f}' => char::from_u32(0x2400 + c as u32).expect("the control pictures are characters"),
            '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
            _ => c,
        })
        .collect()
}

fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str, range: std::ops::Range<usize>) -> String {
        let mut sources = Sources::default();
        let file = sources.add("chapters/02.md", text);
        let mut diagnostics = Diagnostics::default();
        let span = Span::new(file, range);
        diagnostics.push(Diagnostic::error(span, "unknown key `modles`").label("here").hint("did you mean `models`?"));
        diagnostics.render(&sources, Style::Plain)
    }

    #[test]
    fn show() {
        println!("{}", rendered("a\nmodles = 1\n", 2..8));
        println!("{}", rendered("\u{feff}数据 modles = 1\r\nb\n", 10..16));
        println!("{}", rendered("a\n", 2..2));
        println!("{}", rendered(&"字".repeat(100000), 30000..30006));
    }
}
