//! Statistics → SVG.
