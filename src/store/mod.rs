//! Finished runs, by key, on disk.
