//! Code → the parts of it that readers are shown in a colour.
//!
//! A scanner driven by a table for each language (`tables`): comments, strings, numbers, words, and the few things that a
//! language does in its own way. What is written line by line (Markdown, differences, console sessions) and markup have
//! readers of their own. There is no grammar here: the aim is what helps the eye, for any text, wrong or cut off, in one pass.
//!
//! Syntect with its grammars was weighed: on the same 350 kB of Rust it takes 1.3 s where this takes 6 ms, writes 4.5 MB of
//! HTML, adds 3.7 MB to the program and has no TOML. A cold build of a book with as much code is to take less than that.

mod lines;
mod markup;
mod scan;
mod tables;

use std::ops::Range;

/// What a part of the code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A remark.
    Comment,
    /// A word of the language; the name of a tag.
    Keyword,
    /// Text in quotes.
    String,
    /// A number, or a constant that is a word: `true`, `None`.
    Number,
    /// A type.
    Type,
    /// What is called.
    Function,
    /// What speaks about the code: attributes, decorators, macros of the preprocessor; a variable of the shell.
    Meta,
    /// The name of a field that gets a value.
    Key,
    /// A line that a change adds.
    Inserted,
    /// A line that a change takes away.
    Deleted,
    /// A heading.
    Heading,
    /// What a console says before a command is typed.
    Prompt,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Comment,
        Self::Keyword,
        Self::String,
        Self::Number,
        Self::Type,
        Self::Function,
        Self::Meta,
        Self::Key,
        Self::Inserted,
        Self::Deleted,
        Self::Heading,
        Self::Prompt,
    ];

    /// Its name on the page: short, for a page has thousands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Comment => "c",
            Self::Keyword => "k",
            Self::String => "s",
            Self::Number => "n",
            Self::Type => "t",
            Self::Function => "f",
            Self::Meta => "m",
            Self::Key => "p",
            Self::Inserted => "i",
            Self::Deleted => "d",
            Self::Heading => "h",
            Self::Prompt => "g",
        }
    }
}

/// A stretch of the code, in bytes, that is of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it stands; never empty, its ends between characters.
    pub range: Range<usize>,
    /// What it is.
    pub class: Class,
}

/// The classed parts of `code` in order, none over another; all between them is plain. A language that is not known has
/// none.
pub fn parts(code: &str, language: &str) -> Vec<Part> {
    let mut out = Parts::default();
    within(code, 0, &language.to_ascii_lowercase(), &mut out);
    out.list
}

/// Reads `code`, which begins at `base` of the whole, in a language by its name in small letters.
fn within(code: &str, base: usize, language: &str, out: &mut Parts) {
    match language {
        "markdown" | "md" | "mdx" | "rmd" | "qmd" => lines::markdown(code, base, out),
        "diff" | "patch" => lines::diff(code, base, out),
        "console" | "shell-session" | "shellsession" | "sh-session" | "terminal" => lines::console(code, base, out),
        "html" | "xml" | "svg" | "xhtml" | "vue" | "svelte" => markup::markup(code, base, out),
        _ => {
            if let Some(language) = tables::find(language) {
                scan::scan(code, base, language, out);
            }
        }
    }
}

/// Parts as they are found.
#[derive(Default)]
struct Parts {
    list: Vec<Part>,
}

impl Parts {
    /// Adds what stands at `range` of the whole; one that goes on where one of the same class ended makes that longer.
    fn add(&mut self, range: Range<usize>, class: Class) {
        match self.list.last_mut() {
            _ if range.is_empty() => {}
            Some(last) if last.class == class && last.range.end == range.start => last.range.end = range.end,
            _ => self.list.push(Part { range, class }),
        }
    }
}

#[cfg(test)]
mod tests;
