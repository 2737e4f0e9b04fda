//! Holm's correction for several tests (Holm 1979, *A Simple Sequentially Rejective Multiple Test Procedure*).

/// Adjusted p values, in the order of `p`: the k-th smallest of n times n − k + 1, never less than a smaller one's, at most 1.
pub fn adjusted(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut largest: f64 = 0.0;
    for (k, &i) in order.iter().enumerate() {
        largest = largest.max(p[i] * (p.len() - k) as f64).min(1.0);
        adjusted[i] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::adjusted;

    /// By hand: 5 · 0.005, 4 · 0.01, 3 · 0.03, then 2 · 0.04, which may not be less than 0.09.
    #[test]
    fn each_p_is_weighed_by_the_tests_left() {
        let found = adjusted(&[0.01, 0.04, 0.03, 0.005, 0.6]);
        for (found, expected) in found.iter().zip([0.04, 0.09, 0.09, 0.025, 0.6]) {
            assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        }
        assert_eq!(adjusted(&[0.7, 0.8]), [1.0, 1.0], "no p is above one");
    }

    /// `multipletests(…, method="holm")` of statsmodels, see `tests/reference/claims.py`: with ties, values held up by a
    /// smaller one's, and two that reach 1.
    #[test]
    fn adjusted_p_agree_with_statsmodels() {
        let found = adjusted(&[0.02, 0.02, 0.001, 0.6, 0.011, 0.04, 0.9, 0.0004]);
        let expected = [0.1, 0.1, 0.007, 1.0, 0.066, 0.12, 1.0, 0.0032];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        }
    }
}
