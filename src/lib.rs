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
//! | [`fields`] | TOML → typed values, everything wrong with its place |
//! | [`numerics`] | portable, bit-exact arithmetic and random streams |
//! | [`data`] | a dataset's description → rows, splits, scaled batches |
//! | [`learn`] | the face every model shows: a sample in, a fit with its history out |
//! | [`nets`] | hand-written deep nets behind that face |
//! | [`baselines`] | classic algorithms, linfa's and our own, behind the same face |
//! | [`formula`] | LaTeX formulas → MathML |
//! | [`markdown`] | chapter files → prose and directives with exact places |
//! | [`experiment`] | directives → typed experiments with their grids |
//! | [`store`] | finished runs, by key, on disk |
//! | [`ledger`] | finished runs, committed beside the chapters: results of record |
//! | [`cache`] | finished runs × who needs them → what is there, and what may go |
//! | [`survey`] | datasets → which are here, and what is known of them |
//! | [`plan`] | experiments × store → what would run, and why |
//! | [`run`] | plan × store → results |
//! | [`audit`] | results × record → what is recorded, and what differs from it |
//! | [`analysis`] | results → statistics, intervals, values of expressions |
//! | [`lineage`] | anything shown → where it comes from: directives, data, versions, runs |
//! | [`figure`] | charts → SVG |
//! | [`highlight`] | code → the parts of it that have a colour |
//! | [`render`] | chapters, elements and templates → pages |
//! | [`bibliography`] | works and a style → citations and the list of works |
//! | [`exhibit`] | results → the cards, figures, tables and numbers that pages show |
//! | [`diff`] | two states of a book → what differs for its readers |
//! | [`revision`] | a git revision → a folder with the book as it was |
//! | [`schema`] | the forms programs may rely on → JSON Schema |
//! | [`ro_crate`] | the whole output → a research object that describes itself |
//! | [`site`] | pages and assets → the output folder |
//! | [`desk`] | the whole way, from a folder to its pages |
//! | [`serve`] | the pages over loopback, made again whenever the book changes |
//! | [`cli`] | arguments → calls → exit codes |

pub mod analysis;
pub mod audit;
pub mod baselines;
pub mod bibliography;
pub mod cache;
pub mod cli;
pub mod data;
pub mod desk;
pub mod diagnostic;
pub mod diff;
pub mod exhibit;
pub mod experiment;
pub mod fields;
pub mod figure;
pub mod files;
pub mod formula;
pub mod highlight;
pub mod learn;
pub mod ledger;
pub mod lineage;
pub mod markdown;
pub mod nets;
pub mod numerics;
pub mod plan;
pub mod render;
pub mod revision;
pub mod ro_crate;
pub mod run;
pub mod schema;
pub mod serve;
pub mod site;
pub mod store;
pub mod survey;
