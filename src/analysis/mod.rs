//! Results → statistics, intervals, values of expressions, verdicts on claims.
//!
//! 1. [`evaluate::of_run`] computes a quantity of one run, in [`Bounds`] where a run gave no value.
//! 2. [`Estimate`] makes one number with an interval of what the seeds gave, and prints it.
//! 3. `sample` looks up the runs of an expression, seed by seed; `statistic` makes one number of many; `inference` says how
//!    sure the sign of a difference is, by `student` or by resampling.
//! 4. [`judge`] puts them together: a claim's comparisons, their [`Verdict`]s, and the claim's own.
//! 5. [`group`] sorts an experiment's runs by the axes a figure or table shows.

mod bounds;
pub mod claim;
pub mod estimate;
pub mod evaluate;
mod group;
mod holm;
mod inference;
pub mod power;
mod sample;
mod statistic;
pub mod student;
mod terms;
mod verdict;

pub use bounds::Bounds;
pub use claim::{Comparison, Judgement, judge};
pub use estimate::Estimate;
pub use evaluate::Moment;
pub use group::{Group, group};
pub use sample::{Worth, by_seed, estimate as estimate_of, is_gathered};
pub use verdict::Verdict;
