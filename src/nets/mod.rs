//! Hand-written deep nets on ndarray.
