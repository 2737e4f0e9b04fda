//! Portable, bit-exact arithmetic: the same bits on every machine, at any number of threads.

pub mod random;
