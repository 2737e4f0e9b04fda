//! Mistakes an author can mend: where they are, what is wrong, and what would be right.
//!
//! Every room that reads author's input pushes [`Diagnostic`]s into [`Diagnostics`] and goes on, so that one pass reports
//! the whole book. This room knows nothing of what a book is.
//!
//! [`Diagnostics::render`] shows them with excerpts, [`Diagnostics::github`] as annotations; [`nearest`] finds the word
//! that was probably meant.

mod nearest;
mod place;
mod report;

use std::ops::Range;
use std::sync::Arc;

pub use nearest::{did_you_mean, nearest};
pub use place::{Position, line_column};
pub use report::Style;

/// The files that diagnostics may point into, in the order they were read.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

/// One text file of the book.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path relative to the book's root, with `/` between folders on every system.
    pub path: String,
    /// The text, as read.
    pub text: Arc<str>,
    /// Offsets of the newlines in `text`.
    newlines: Vec<usize>,
}

/// Index of a [`Source`] in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes in one file of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A value together with the place it was written at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The book cannot be built.
    Error,
    /// The book can be built, though probably not as meant.
    Warning,
}

/// One mistake: its place, a sentence, and a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// Where; `None` for the book as a whole.
    pub span: Option<Span>,
    /// One sentence without a final full stop, naming the thing at fault in backticks.
    pub message: String,
    /// A few words under the caret, where they add something.
    pub label: Option<String>,
    /// What would be right: the nearest name, the allowed values, the corrected line.
    pub hint: Option<String>,
}

/// All mistakes found so far.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Sources {
    /// Adds a file and returns its index.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let text = text.into();
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
        self.files.push(Source { path: path.into(), text, newlines });
        FileId(u32::try_from(self.files.len() - 1).expect("a book has fewer than 2^32 files"))
    }

    /// The file behind an index.
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }
}

impl Span {
    /// A span of `range` in `file`.
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        Self { file, start: range.start, end: range.end }
    }
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, span: span.into(), message: message.into(), label: None, hint: None }
    }

    /// A warning at `span`.
    pub fn warning(span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(span, message) }
    }

    /// Adds the words under the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds the hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Diagnostics {
    /// Adds one mistake.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Whether anything found so far forbids building.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Error)
    }

    /// The mistakes, in the order of their places, each once.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut list: Vec<_> = self.list.iter().collect();
        list.sort_by_key(|d| (d.span, d.severity));
        // What is wrong with a thing is said once, however many others use it.
        list.dedup();
        list
    }
}
