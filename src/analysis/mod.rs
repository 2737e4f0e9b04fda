//! Results → statistics, intervals, values of expressions.
//!
//! 1. [`evaluate::of_run`] computes a quantity of one run, [`evaluate::by_seed`] an expression over the book's results,
//!    paired by seed.
//! 2. [`Estimate`] makes one number with an interval of what the seeds gave, and prints it.
//! 3. [`Verdict`] is what a claim comes to.
//! 4. [`group`] sorts an experiment's runs by the axes a figure or table shows.

pub mod estimate;
pub mod evaluate;
mod group;
pub mod student;
mod verdict;

pub use estimate::Estimate;
pub use evaluate::Moment;
pub use group::{Group, group};
pub use verdict::Verdict;
