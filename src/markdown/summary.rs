//! `SUMMARY.md` → what a book's contents list, line by line, in the form of mdBook.
//!
//! Links in lists are numbered chapters, `1.2.3` by how deep they are nested; links before and after the lists are
//! chapters without a number. A heading of level 1 names a part, a rule separates, and a link that leads nowhere is a
//! chapter still to be written. The first heading is the list's own.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use crate::diagnostic::{FileId, Span, Spanned};

use super::text_start;

/// How a chapter stands in the contents of its book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Its number, level by level: 1.2 is `[1, 2]`; empty for a chapter without one.
    pub number: Vec<usize>,
    /// What the contents call it.
    pub title: String,
    /// What stands between it and the chapter before.
    pub before: Vec<Line>,
    /// What stands below it, where no chapter follows.
    pub after: Vec<Line>,
}

/// A line of the contents that leads to no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// The name of the part that begins.
    Part(String),
    /// A separator.
    Rule,
    /// A chapter still to be written: number and title.
    Draft(Vec<usize>, String),
}

/// A chapter as it is listed.
pub(super) struct Listed {
    /// The file, relative to the list's folder, as it was written.
    pub(super) link: Spanned<String>,
    pub(super) standing: Standing,
}

/// Reads the list.
pub(super) fn read(text: &str, file: FileId) -> Vec<Listed> {
    let base = text_start(text);
    let mut reader = Reader::default();
    for (event, range) in Parser::new(&text[base..]).into_offset_iter() {
        reader.step(event, Span::new(file, base + range.start..base + range.end));
    }
    let Reader { mut chapters, between, .. } = reader;
    if let Some(last) = chapters.last_mut() {
        last.standing.after = between;
    }
    chapters
}

#[derive(Default)]
struct Reader {
    chapters: Vec<Listed>,
    /// The lines since the last chapter.
    between: Vec<Line>,
    /// The last number of each list that is open; the first one goes on from list to list.
    numbers: Vec<usize>,
    /// How many lists are open.
    depth: usize,
    /// The link or heading that is being read: its target, where it has one, and its words.
    open: Option<(Option<Spanned<String>>, String)>,
    has_title: bool,
}

impl Reader {
    fn step(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::Start(Tag::List(_)) => {
                self.depth += 1;
                self.numbers.resize(self.numbers.len().max(self.depth), 0);
            }
            Event::End(TagEnd::List(_)) => {
                self.depth -= 1;
                self.numbers.truncate(self.depth.max(1));
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                self.open = Some((Some(Spanned { value: dest_url.to_string(), span }), String::new()));
            }
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => self.open = Some((None, String::new())),
            Event::Text(words) | Event::Code(words) => {
                if let Some((_, title)) = &mut self.open {
                    title.push_str(&words);
                }
            }
            Event::End(TagEnd::Link) => {
                if let Some((Some(link), title)) = self.open.take() {
                    self.chapter(link, title);
                }
            }
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => {
                let title = self.open.take().map_or_else(String::new, |(_, title)| title);
                let is_first = self.chapters.is_empty() && self.between.is_empty();
                if !is_first || std::mem::replace(&mut self.has_title, true) {
                    self.between.push(Line::Part(title));
                }
            }
            Event::Rule => self.between.push(Line::Rule),
            _ => {}
        }
    }

    fn chapter(&mut self, link: Spanned<String>, title: String) {
        let number = match self.depth.checked_sub(1) {
            Some(level) => {
                self.numbers[level] += 1;
                self.numbers[..self.depth].to_vec()
            }
            None => Vec::new(),
        };
        if link.value.is_empty() {
            self.between.push(Line::Draft(number, title));
        } else {
            let before = std::mem::take(&mut self.between);
            self.chapters.push(Listed { link, standing: Standing { number, title, before, after: Vec::new() } });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sources;

    /// The contents, a line each: number, title and target.
    fn check(text: &str, expected: &[&str]) {
        let lines = |lines: &[Line]| {
            let line = |line: &Line| match line {
                Line::Part(title) => format!("= {title}"),
                Line::Rule => "-".to_owned(),
                Line::Draft(number, title) => format!("{number:?} {title} ?"),
            };
            lines.iter().map(line).collect::<Vec<_>>()
        };
        let mut found = Vec::new();
        let file = Sources::default().add("SUMMARY.md", text);
        for Listed { link, standing } in read(text, file) {
            found.extend(lines(&standing.before));
            found.push(format!("{:?} {} {}", standing.number, standing.title, link.value));
            found.extend(lines(&standing.after));
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn chapters_are_numbered_by_their_place_in_the_lists() {
        check(
            "# Summary\n\n[Preface](p.md)\n\n- [A](a.md)\n  - [B `c`](b.md)\n    - [C](c.md)\n  - [D](d.md)\n- [E](e.md)\n\n\
             [Thanks](t.md)\n[Index](i.md)\n",
            &[
                "[] Preface p.md",
                "[1] A a.md",
                "[1, 1] B c b.md",
                "[1, 1, 1] C c.md",
                "[1, 2] D d.md",
                "[2] E e.md",
                "[] Thanks t.md",
                "[] Index i.md",
            ],
        );
    }

    #[test]
    fn parts_rules_and_drafts_stand_between_chapters() {
        check(
            "# Summary\n\n- [A](a.md)\n\n# Part *two*\n\n- [Draft]()\n  - [B](b.md)\n\n---\n\n- [C](c.md)\n- [Last]()\n",
            &["[1] A a.md", "= Part two", "[2] Draft ?", "[2, 1] B b.md", "-", "[3] C c.md", "[4] Last ?"],
        );
    }

    #[test]
    fn only_the_first_heading_is_no_part() {
        check("# Part\n\n# First\n\n## Aside\n\n- [A](a.md)", &["= First", "[1] A a.md"]);
        check("[P](p.md)\n\n# First\n\n1. [A](a.md)", &["[] P p.md", "= First", "[1] A a.md"]);
        check("", &[]);
    }
}
