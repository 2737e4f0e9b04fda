//! Directives → typed experiments → a plan of runs with keys.
