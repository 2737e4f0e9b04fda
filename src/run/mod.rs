//! Plan × store → results.
