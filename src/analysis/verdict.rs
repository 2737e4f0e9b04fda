//! What the results say to a claim.

use std::fmt;

/// What the results say to a claim, or to one comparison of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The whole interval lies on the claimed side of the margin.
    Confirmed,
    /// The whole interval lies on the other side.
    Refuted,
    /// It lies on both sides, or there is none.
    Undecided,
    /// Nothing was computed: its runs are not here.
    Unchecked,
}

impl Verdict {
    /// All of them, in the order they are counted.
    pub const ALL: [Self; 4] = [Self::Confirmed, Self::Refuted, Self::Undecided, Self::Unchecked];

    /// Its name in English.
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
            Self::Undecided => "undecided",
            Self::Unchecked => "unchecked",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
