//! Diagnostics → text for people and for continuous integration.

use std::fmt::Write;
use std::ops::Range;

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

    /// One workflow command a line, as GitHub Actions reads them: `::error file=…,line=…,col=…::message`. `folder` goes
    /// before the paths: empty or `book/`.
    pub fn github(&self, sources: &Sources, folder: &str) -> String {
        let mut text = String::new();
        for diagnostic in self.sorted() {
            let command = match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let place = diagnostic.span.map_or(String::new(), |span| {
                let at = line_column(sources, span);
                let file = escape_property(&format!("{folder}{}", sources.get(span.file).path));
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
        let mark = AnnotationKind::Primary.span(excerpt.marked).label(diagnostic.label.as_deref().map(visible));
        let snippet = Snippet::source(excerpt.text).line_start(at.line).annotation(mark);
        group = if excerpt.is_cut {
            // The renderer would count columns from the cut.
            group.element(Origin::path(path).line(at.line).char_column(at.column)).element(snippet)
        } else {
            group.element(snippet.path(path))
        };
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
    marked: Range<usize>,
    /// Whether `text` begins after the line does.
    is_cut: bool,
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
        Self { text: format!("{before}{marked}{after}{cut}"), marked: range, is_cut: from > line }
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

    fn rendered(text: &str, range: Range<usize>) -> (Sources, Diagnostics) {
        let mut sources = Sources::default();
        let file = sources.add("chapters/02.md", text);
        let mut diagnostics = Diagnostics::default();
        let span = Span::new(file, range);
        diagnostics.push(Diagnostic::error(span, "unknown key `modles`").label("here").hint("did you mean `models`?"));
        (sources, diagnostics)
    }

    fn check(text: &str, range: Range<usize>, excerpt: &str) {
        let (sources, diagnostics) = rendered(text, range);
        let expected = format!("error: unknown key `modles`\n{excerpt}\n  |\n  = help: did you mean `models`?\n\n");
        assert_eq!(diagnostics.render(&sources, Style::Plain), expected, "{text:?}");
    }

    #[test]
    fn an_excerpt_marks_the_place_in_the_first_line_of_the_span() {
        check("a\nmodles = 1\n", 2..8, " --> chapters/02.md:2:1\n  |\n2 | modles = 1\n  | ^^^^^^ here");
        check("a\nmodles\nb\n", 2..10, " --> chapters/02.md:2:1\n  |\n2 | modles\n  | ^^^^^^ here");
        check("a\n", 2..2, " --> chapters/02.md:2:1\n  |\n2 |\n  | ^ here");
        check("a", 100..200, " --> chapters/02.md:1:2\n  |\n1 | a\n  |  ^ here");
    }

    #[test]
    fn columns_count_characters_and_carets_stand_below_wide_ones() {
        check("数据 modles\n", 7..13, " --> chapters/02.md:1:4\n  |\n1 | 数据 modles\n  |      ^^^^^^ here");
        check("数据\n", 0..6, " --> chapters/02.md:1:1\n  |\n1 | 数据\n  | ^^^^ here");
        check("\u{feff}modles\r\nb\r\n", 3..9, " --> chapters/02.md:1:1\n  |\n1 | modles\n  | ^^^^^^ here");
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        check("\u{1b}[31mmodles\0", 5..11, " --> chapters/02.md:1:6\n  |\n1 | ␛[31mmodles␀\n  |      ^^^^^^ here");
        let (sources, diagnostics) = rendered("a\rb\u{202e}c", 2..3);
        assert!(!diagnostics.render(&sources, Style::Plain).contains(['\r', '\u{202e}']));
    }

    #[test]
    fn a_very_long_line_is_cut_around_the_place() {
        let line = format!("{}modles{}", "字".repeat(100_000), "x".repeat(100_000));
        let (sources, diagnostics) = rendered(&line, 300_000..300_006);
        let text = diagnostics.render(&sources, Style::Plain);
        assert!(text.contains("chapters/02.md:1:100001"), "{text}");
        assert!(text.contains("字modlesx") && text.len() < 2000, "{text}");
    }

    #[test]
    fn annotations_for_github_are_escaped() {
        let mut sources = Sources::default();
        let file = sources.add("chapters/a,b:c.md", "x\n");
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(Diagnostic::warning(None, "100% odd"));
        diagnostics.push(Diagnostic::error(Span::new(file, 0..1), "two\nlines").hint("no"));
        let expected = "::warning::100%25 odd\n\
                        ::error file=book/chapters/a%2Cb%3Ac.md,line=1,col=1::two%0Alines%0Ahelp: no\n";
        assert_eq!(diagnostics.github(&sources, "book/"), expected);
        assert_eq!(diagnostics.summary(), "1 error, 1 warning");
        assert_eq!(Diagnostics::default().summary(), "");
    }
}
