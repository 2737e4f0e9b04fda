//! Chapters, results and templates → pages.
