//! Footnotes: numbered by first reference, each written below the block that refers to it first.
//!
//! On wide screens the style sets them into the margin beside that block; elsewhere they stand under it, near their mark
//! either way. Each is written once, so that readers of the page by ear, in print or without style hear it once.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::Event;

use super::prose::{Events, to_html};
use super::words::Words;

/// The footnotes of one chapter.
#[derive(Default)]
pub(super) struct Notes {
    /// Labels that the chapter defines.
    defined: BTreeSet<String>,
    /// Labels in the order of their numbers, with how often each was referred to.
    referred: Vec<(String, usize)>,
    texts: BTreeMap<String, Events>,
    /// Numbers of the notes that wait for the end of their block.
    waiting: Vec<usize>,
    /// Blocks of the body, as ranges of its events, and the numbers of their notes.
    blocks: Vec<(usize, usize, Vec<usize>)>,
}

impl Notes {
    pub(super) fn new(defined: BTreeSet<String>) -> Self {
        Self { defined, ..Self::default() }
    }

    /// The mark of a reference to a note; `None` where nothing defines it.
    pub(super) fn refer(&mut self, label: &str) -> Option<String> {
        if !self.defined.contains(label) {
            return None;
        }
        let index = self.referred.iter().position(|(known, _)| known == label).unwrap_or_else(|| {
            self.referred.push((label.to_owned(), 0));
            self.waiting.push(self.referred.len());
            self.referred.len() - 1
        });
        self.referred[index].1 += 1;
        let (number, times) = (index + 1, self.referred[index].1);
        let id = anchor(number, times);
        Some(format!(
            "<sup class=\"note-reference\"><a href=\"#fn.{number}\" id=\"{id}\" role=\"doc-noteref\">{number}</a></sup>"
        ))
    }

    pub(super) fn define(&mut self, label: String, text: Events) {
        self.texts.insert(label, text);
    }

    /// Notes what the block of these events refers to.
    pub(super) fn end_block(&mut self, from: usize, to: usize) {
        if !self.waiting.is_empty() {
            self.blocks.push((from, to, std::mem::take(&mut self.waiting)));
        }
    }

    /// The body with its notes; those that only other notes refer to stand at its end.
    pub(super) fn place(mut self, body: Events, words: &Words) -> Events {
        let mut out = Vec::with_capacity(body.len() + 4 * self.referred.len());
        let mut blocks = std::mem::take(&mut self.blocks).into_iter().peekable();
        for (index, event) in body.into_iter().enumerate() {
            if blocks.peek().is_some_and(|(from, ..)| *from == index) {
                out.push(html("<div class=\"noted\">\n".to_owned()));
            }
            out.push(event);
            if let Some((_, _, numbers)) = blocks.next_if(|(_, to, _)| *to == index + 1) {
                out.extend(numbers.into_iter().map(|number| html(self.write(number, words))));
                out.push(html("</div>\n".to_owned()));
            }
        }
        let late: Vec<usize> = (1..=self.referred.len()).filter(|&n| self.texts.contains_key(self.label(n))).collect();
        out.extend(late.into_iter().map(|number| html(self.write(number, words))));
        out
    }

    fn label(&self, number: usize) -> &str {
        &self.referred[number - 1].0
    }

    fn write(&mut self, number: usize, words: &Words) -> String {
        let label = self.label(number).to_owned();
        let text = to_html(self.texts.remove(&label).unwrap_or_default());
        let back = words.word("back");
        let mark = format!(
            "<a class=\"note-number\" href=\"#{}\" aria-label=\"{number}: {back}\">{number}</a>",
            anchor(number, 1)
        );
        let text = match text.strip_prefix("<p>") {
            Some(rest) => format!("<p>{mark} {rest}"),
            None => format!("<p>{mark}</p>\n{text}"),
        };
        format!("<aside class=\"note\" id=\"fn.{number}\" role=\"doc-footnote\">{}</aside>\n", text.trim_end())
    }
}

/// Our own anchors have a dot, which those made from headings never have.
fn anchor(number: usize, time: usize) -> String {
    if time == 1 { format!("fnref.{number}") } else { format!("fnref.{number}.{time}") }
}

fn html(text: String) -> Event<'static> {
    Event::Html(text.into())
}
