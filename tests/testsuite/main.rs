//! Whole books, the program run on them, and what a caller sees of it: pages, messages, exit codes, files.
//!
//! Most cases are data: a folder in `tests/books` is a book, and its `expected/` says what comes of it ([`golden`]).
//! `SNAPSHOTS=overwrite cargo test --release --test testsuite` rewrites what is expected; the diff is for review.

mod actions;
mod book;
mod browser;
mod caches;
mod command_line;
mod data_files;
mod disks;
mod golden;
mod interrupted;
mod keys;
mod kills;
mod large;
mod lineage;
mod mistakes;
mod mutated;
mod nets;
mod of_record;
mod output_folder;
mod recorded_claims;
mod reruns;
mod research_object;
mod results;
mod revisions;
mod rooms;
mod same_bytes;
mod schemas;
mod serving;
mod verify;
mod words;
