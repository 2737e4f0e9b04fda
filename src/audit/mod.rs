//! Results × results of record → what is recorded, and what differs from it.
//!
//! 1. [`recorded`] gathers what `record` writes of an experiment, [`recorded_claims`] what it writes of claims;
//!    [`changed`] tells of a claim that says something else than when its results were first recorded.
//! 2. [`checks`] pairs the runs of a plan with what is recorded of them, and sees what needs no run: records that are
//!    missing, stale or edited.
//! 3. [`choose`] says which of them to run again, a sample if asked for; what the fresh results differ in
//!    (`compare`) makes them [`odd`], and odd ones run twice.
//! 4. [`findings`] says for each difference of which class it is, [`claim_findings`] what is not right of the recorded
//!    claims; [`text`] and [`json`] write that down.

mod claims;
mod compare;
mod recorded;
mod report;
mod verify;

pub use claims::{ClaimFinding, changed, claim_findings, is_late, recorded_claims};
pub use compare::{Difference, differences};
pub use recorded::recorded;
pub use report::{Findings, Summary, annotations, json, text};
pub use verify::{Check, Class, Finding, Fresh, checks, choose, findings, odd};
