//! The opening line of a block of code: its language, and in braces behind it the file it is from, whether lines have
//! numbers, which lines are marked.
//!
//! ```` ```rust {file="src/main.rs" lines hl="3-5"} ````: other readers of Markdown see the language and pass over the rest.

use std::ops::{Range, RangeInclusive};

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Sources, Span, did_you_mean};

use super::Node;

/// The keys in braces.
const KEYS: [&str; 3] = ["file", "lines", "hl"];

/// What the opening line of a block of code says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeInfo {
    /// The first word, up to a comma (`rust` of `rust,ignore`); empty where there is none.
    pub language: String,
    /// The name of the file that the code is from.
    pub file: Option<String>,
    /// The number of its first line, where its lines have numbers.
    pub first_line: Option<usize>,
    /// Lines to look at, counted from 1 at the first one of the block.
    pub marked: Vec<RangeInclusive<usize>>,
}

/// Something wrong with an opening line.
struct Fault {
    /// In the line.
    range: Range<usize>,
    severity: Severity,
    message: String,
    hint: String,
}

impl CodeInfo {
    /// Reads what stands behind the fence; what is wrong with it is left out.
    pub fn read(info: &str) -> Self {
        read(info).0
    }

    /// The code as readers see it. Lines of Rust that begin with `# ` are for the compiler alone; `##` stands for `#`.
    pub fn shown(&self, code: &str) -> String {
        if !matches!(self.language.as_str(), "rust" | "rs") {
            return code.to_owned();
        }
        let is_shown = |line: &&str| {
            let words = line.trim();
            !(words == "#" || words.starts_with("# "))
        };
        let unescaped =
            |line: &str| if line.trim_start().starts_with("##") { line.replacen('#', "", 1) } else { line.into() };
        code.split_inclusive('\n').filter(is_shown).map(unescaped).collect()
    }
}

/// Reports what is wrong with the opening lines of blocks of code.
pub(super) fn check(nodes: &[Node], sources: &Sources, diagnostics: &mut Diagnostics) {
    let mut open: Option<(Span, String)> = None;
    for node in nodes {
        let Node::Event(event, span) = node else { continue };
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => open = Some((*span, String::new())),
            Event::Text(text) => {
                if let Some((_, code)) = &mut open {
                    code.push_str(text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((span, code)) = open.take() {
                    check_block(span, &code, sources, diagnostics);
                }
            }
            _ => {}
        }
    }
}

fn check_block(span: Span, code: &str, sources: &Sources, diagnostics: &mut Diagnostics) {
    let text = &sources.get(span.file).text[span.start..span.end];
    let line = text.lines().next().unwrap_or_default();
    // The code of an example that a splice names has no first line of its own.
    if !line.trim_start().starts_with(['`', '~']) {
        return;
    }
    let words = line.trim_start().trim_start_matches(['`', '~']).trim_start();
    let start = span.start + line.len() - words.len();
    let (info, mut faults) = read(words);
    let count = info.shown(code).lines().count();
    let beyond = info.marked.iter().find(|lines| *lines.end() > count);
    if let (Some(lines), Some(at)) = (beyond, words.find("hl=")) {
        faults.push(Fault {
            range: at..words.trim_end().trim_end_matches('}').len(),
            severity: Severity::Error,
            message: format!("this block has no line {}", lines.end()),
            hint: format!("its lines are 1 to {count}, whatever numbers they are shown with"),
        });
    }
    for Fault { range, severity, message, hint } in faults {
        let place = Span { start: start + range.start, end: start + range.end, ..span };
        let diagnostic = match severity {
            Severity::Error => Diagnostic::error(place, message),
            Severity::Warning => Diagnostic::warning(place, message),
        };
        diagnostics.push(diagnostic.hint(hint));
    }
}

fn read(info: &str) -> (CodeInfo, Vec<Fault>) {
    let mut faults = Vec::new();
    let language = info.split([',', ' ', '\t', '{']).next().unwrap_or_default();
    let mut read = CodeInfo { language: language.to_owned(), ..CodeInfo::default() };
    let Some(open) = info.find('{') else { return (read, faults) };
    let Some(close) = info.rfind('}').filter(|&close| close > open) else {
        faults.push(Fault {
            range: open..info.len(),
            severity: Severity::Warning,
            message: "the brace of this line is not closed".into(),
            hint: "write all that belongs to the block before one `}` at the end of the line".into(),
        });
        return (read, faults);
    };
    for range in words(info, open + 1..close) {
        if let Err((severity, message, hint)) = read.take(&info[range.clone()]) {
            faults.push(Fault { range, severity, message, hint });
        }
    }
    (read, faults)
}

/// The words of a stretch of a line; a space within quotes ends none.
fn words(line: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let (mut start, mut quoted) = (None, false);
    for (offset, c) in line[within.clone()].char_indices() {
        let at = within.start + offset;
        quoted ^= c == '"';
        match (start, c.is_whitespace() && !quoted) {
            (None, false) => start = Some(at),
            (Some(from), true) => {
                words.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| from..within.end));
    words
}

impl CodeInfo {
    /// Takes in `key` or `key=value`.
    fn take(&mut self, word: &str) -> Result<(), (Severity, String, String)> {
        let (key, value) =
            word.split_once('=').map_or((word, None), |(key, value)| (key, Some(value.trim_matches('"'))));
        let wrong = |what: &str, hint: &str| Err((Severity::Error, what.to_owned(), hint.to_owned()));
        match (key, value) {
            ("file", Some(file)) if !file.is_empty() => self.file = Some(file.to_owned()),
            ("file", _) => return wrong("`file` has no name", "write `file=\"src/main.rs\"`"),
            ("lines", None) => self.first_line = Some(1),
            ("lines", Some(number)) => match number.parse() {
                Ok(number) => self.first_line = Some(number),
                Err(_) => {
                    return wrong(
                        "`lines` is no number",
                        "write `lines`, or `lines=12` to begin at another line than 1",
                    );
                }
            },
            ("hl", value) => match value.and_then(ranges) {
                Some(ranges) => self.marked = ranges,
                None => {
                    return wrong(
                        "`hl` names no lines",
                        "write `hl=\"3-5,8\"`: lines of the block, the first one is 1",
                    );
                }
            },
            _ => {
                let message = format!("a block of code has no `{key}`");
                return Err((Severity::Warning, message, did_you_mean(key, &KEYS)));
            }
        }
        Ok(())
    }
}

/// `3-5,8`
fn ranges(text: &str) -> Option<Vec<RangeInclusive<usize>>> {
    let range = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        (1 <= from && from <= to).then_some(from..=to)
    };
    text.split(',').map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opening_line_is_read() {
        let check = |info: &str, expected: CodeInfo| assert_eq!(CodeInfo::read(info), expected, "{info}");
        let rust = || CodeInfo { language: "rust".into(), ..CodeInfo::default() };
        check("", CodeInfo::default());
        check("rust,ignore,edition2024", rust());
        check(
            "rust {file=\"a b.rs\" lines=12 hl=\"3-5, 8\"}",
            CodeInfo { file: Some("a b.rs".into()), first_line: Some(12), marked: vec![3..=5, 8..=8], ..rust() },
        );
        check("rust,no_run{lines}", CodeInfo { first_line: Some(1), ..rust() });
        check("rust {title=\"x\" hl=\"5-3\" file=}", rust());
    }

    #[test]
    fn lines_for_the_compiler_are_not_shown() {
        let check = |info: &str, code: &str, expected: &str| assert_eq!(CodeInfo::read(info).shown(code), expected);
        check("rust", "# use a;\n#\nfn b() {\n    # c\n}\n#[d]\n## e\n", "fn b() {\n}\n#[d]\n# e\n");
        check("python", "# why\n", "# why\n");
    }
}
