//! Two states of a book → what differs between them that a reader would notice.
//!
//! 1. [`Edition::of`] reads off a book what it says: results, verdicts, sentences with their numbers, drawings.
//! 2. [`compare`] sets two of them side by side.
//! 3. [`text`], [`markdown`] and [`page`] write the difference for a terminal, a pull request and a browser.
//!
//! Results are compared to the bit; a difference below the printed digits is shown with all of them. Measured numbers
//! differ from run to run and are left out.

mod compare;
mod edition;
pub mod markdown;
pub mod page;
mod sentence;
pub mod text;

use crate::analysis::Verdict;
pub use compare::compare;
pub use edition::{Edition, Number};
pub use sentence::{Part, Sentence};

/// What differs between two editions of a book.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diff {
    /// The names of both: `main (1a2b3c4)`, `working tree`.
    pub sides: Sides<String>,
    /// Runs without a result: what rests on them is not compared.
    pub pending: Sides<usize>,
    /// Experiments that only the later one has.
    pub added: Vec<String>,
    /// Experiments that only the earlier one has.
    pub removed: Vec<String>,
    /// Experiments of both, those that differ.
    pub results: Vec<ChangedExperiment>,
    /// Claims that differ.
    pub claims: Vec<ChangedClaim>,
    /// Sentences whose printed numbers moved.
    pub sentences: Vec<ChangedSentence>,
    /// Figures that differ.
    pub figures: Vec<ChangedFigure>,
}

/// Before and after.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sides<T> {
    /// In the earlier edition.
    pub before: T,
    /// In the later one.
    pub after: T,
}

/// An experiment some of whose results differ.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedExperiment {
    /// Its name.
    pub id: String,
    /// Values that were compared.
    pub compared: usize,
    /// Those that differ, in the order of the grid.
    pub changed: Vec<ChangedResult>,
    /// Grid points of one edition only.
    pub points: Sides<usize>,
}

/// A measure over the seeds of one grid point.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedResult {
    /// `model=svm, m=100`
    pub point: String,
    /// The measure, or an expression.
    pub measure: String,
    /// Mean, interval and number of seeds; `None` where there is no value.
    pub value: Sides<Option<Number>>,
}

/// A claim that came to another verdict, or that is another claim.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedClaim {
    /// Its name.
    pub id: String,
    /// What it says now; what it said where it is gone.
    pub says: String,
    /// The verdicts; `None` where the edition has no such claim.
    pub verdict: Sides<Option<Verdict>>,
    /// Whether its sentence, its comparison, its margin or its test is another.
    pub restated: bool,
}

/// A sentence that prints other numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedSentence {
    /// The chapter's file.
    pub chapter: String,
    /// As printed.
    pub printed: Sides<Sentence>,
}

/// A figure that is drawn differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFigure {
    /// Its name.
    pub id: String,
    /// Its caption now; what it was where it is gone.
    pub caption: String,
    /// The drawings; `None` where the edition has no such figure.
    pub svg: Sides<Option<String>>,
}

impl ChangedResult {
    /// Both values as printed: with all digits of the mean where the usual ones do not tell them apart.
    pub fn printed(&self) -> Sides<String> {
        let print =
            |side: &Option<Number>, how: fn(&Number) -> String| side.as_ref().map_or_else(|| "—".to_owned(), how);
        let both = |how| Sides { before: print(&self.value.before, how), after: print(&self.value.after, how) };
        let usual = both(Number::print);
        if usual.before == usual.after { both(Number::print_whole) } else { usual }
    }
}

impl ChangedExperiment {
    /// What differs in one sentence: `3 of 16 values differ; 4 grid points are new`.
    pub fn summary(&self) -> String {
        let points = |n: usize, what: &str| match n {
            0 => String::new(),
            1 => format!("; 1 grid point {what}"),
            n => format!("; {n} grid points {what}"),
        };
        let Sides { before, after } = self.points;
        let count = format!("{} of {} values differ", self.changed.len(), self.compared);
        count + &points(after, "new") + &points(before, "gone")
    }
}

impl ChangedClaim {
    /// What became of it: `confirmed → refuted`, `new: confirmed`, `restated, still confirmed`.
    pub fn summary(&self) -> String {
        let restated = if self.restated { "; restated" } else { "" };
        match (self.verdict.before, self.verdict.after) {
            (Some(before), Some(after)) if before == after => format!("restated, still {after}"),
            (Some(before), Some(after)) => format!("{before} → {after}{restated}"),
            (None, Some(after)) => format!("new: {after}"),
            (Some(before), None) => format!("gone; it was {before}"),
            (None, None) => "gone".to_owned(),
        }
    }

    /// Whether both editions have it and it came to another verdict.
    pub fn flipped(&self) -> bool {
        self.verdict.before.zip(self.verdict.after).is_some_and(|(before, after)| before != after)
    }
}

impl ChangedFigure {
    /// Whether it is drawn differently, new or gone.
    pub fn summary(&self) -> &'static str {
        match (&self.svg.before, &self.svg.after) {
            (None, _) => "new",
            (_, None) => "gone",
            _ => "drawn differently",
        }
    }
}

impl Diff {
    /// Whether a reader of both editions would notice nothing.
    pub fn is_empty(&self) -> bool {
        let Self { added, removed, results, claims, sentences, figures, .. } = self;
        added.is_empty()
            && removed.is_empty()
            && results.is_empty()
            && claims.is_empty()
            && sentences.is_empty()
            && figures.is_empty()
    }

    /// What differs, in a few words; and what does not.
    pub fn summary(&self) -> String {
        let count = |n: usize, one: &str, many: &str| match n {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {many}")),
        };
        let results = self.results.iter().map(|experiment| experiment.changed.len()).sum();
        let flipped = self.claims.iter().filter(|claim| claim.flipped()).count();
        let parts = [
            count(self.added.len(), "experiment added", "experiments added"),
            count(self.removed.len(), "experiment removed", "experiments removed"),
            count(results, "result changed", "results changed"),
            count(flipped, "verdict flipped", "verdicts flipped"),
            count(self.claims.len() - flipped, "claim changed", "claims changed"),
            count(self.sentences.len(), "sentence prints other numbers", "sentences print other numbers"),
            count(self.figures.len(), "figure differs", "figures differ"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        match (parts.is_empty(), self.figures.is_empty()) {
            (true, _) => "Nothing differs: results, verdicts, printed numbers and figures are the same.".to_owned(),
            (false, true) => format!("{}; no figure differs.", parts.join(", ")),
            (false, false) => format!("{}.", parts.join(", ")),
        }
    }

    /// A sentence about runs without results; `None` where every run has one.
    pub fn lacking(&self) -> Option<String> {
        let of = |n: usize, side: &str| match n {
            0 => None,
            1 => Some(format!("1 run of {side} has no result")),
            n => Some(format!("{n} runs of {side} have no result")),
        };
        let Sides { before, after } = &self.sides;
        let parts = [of(self.pending.before, before), of(self.pending.after, after)].into_iter().flatten();
        let parts: Vec<String> = parts.collect();
        (!parts.is_empty()).then(|| format!("{}; what rests on them is not compared.", parts.join(", ")))
    }
}

#[cfg(test)]
mod tests;
