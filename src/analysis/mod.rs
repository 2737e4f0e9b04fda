//! Results → statistics, intervals, values of expressions.
