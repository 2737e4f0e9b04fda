//! Chapter files → prose and directives with exact places.
