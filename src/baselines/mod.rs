//! linfa's algorithms behind the same face as the nets.
