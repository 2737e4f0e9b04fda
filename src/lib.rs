//! labbook: a book that runs its own experiments.
//!
//! An author writes Markdown chapters; fenced directives in them declare datasets, models, experiments, figures, tables
//! and claims. One command runs what is not yet known, checks the claims, draws the figures and renders a static book.
//!
//! Data flows one way, and each room imports only the rooms above it:
//!
//! | room | what it turns into what |
//! |---|---|
//! | [`diagnostic`] | mistakes and their places → text an author can act on |
//! | [`files`] | the one door to the disk |
//! | [`fields`] | TOML → typed values with places, keys taken one by one |
//! | [`numerics`] | portable, bit-exact arithmetic and random streams |
//! | [`data`] | a dataset's description → rows, splits, scaled batches |
//! | [`learn`] | the face every model shows: a sample in, a fit with its history out |
//! | [`nets`] | hand-written deep nets behind that face |
//! | [`baselines`] | linfa's algorithms behind the same face |
//! | [`markdown`] | chapter files → prose and directives with exact places |
//! | [`experiment`] | directives → typed experiments → a plan of runs with keys |
//! | [`store`] | finished runs, by key, on disk |
//! | [`run`] | plan × store → results |
//! | [`analysis`] | results → statistics, intervals, values of expressions |
//! | [`figure`] | statistics → SVG |
//! | [`render`] | chapters, results and templates → pages |
//! | [`site`] | pages and assets → the output folder |
//! | [`cli`] | arguments → calls → exit codes |

pub mod analysis;
pub mod baselines;
pub mod cli;
pub mod data;
pub mod diagnostic;
pub mod experiment;
pub mod fields;
pub mod figure;
pub mod files;
pub mod learn;
pub mod markdown;
pub mod nets;
pub mod numerics;
pub mod render;
pub mod run;
pub mod site;
pub mod store;
