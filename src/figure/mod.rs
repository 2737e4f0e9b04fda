//! Statistics → SVG.
//!
//! A [`Chart`] says what is shown; nothing in here knows of experiments or pages.

mod chart;

pub use chart::*;
