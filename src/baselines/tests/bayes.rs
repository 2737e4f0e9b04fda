//! Naive Bayes.

use ndarray::array;

use super::*;

fn bayes(var_smoothing: f64) -> Baseline {
    Baseline::NaiveBayes(NaiveBayesSpec { var_smoothing })
}

/// Holds the logarithms of the probabilities against scikit-learn's.
fn check_bayes(baseline: &Baseline, set: &Set, asked: &Set, expected_right: usize, expected: &[[f64; 3]; 5]) {
    let fit = fit(baseline, set);
    assert_eq!(fit.model.scores(), Scores::Logits);
    let scores = fit.model.predict(&asked.rows());
    assert_eq!(right(&scores, asked), expected_right);
    for (probe, expected) in PROBES.into_iter().zip(expected) {
        close(log_softmax(scores.row(probe)), expected, 2e-6);
    }
}

#[test]
fn probabilities_agree_with_scikit_learn() {
    let (flowers, ramps) = (iris(), ramps());
    check_bayes(
        &bayes(1e-9),
        &flowers,
        &flowers,
        144,
        &[
            [0.0, -41.120860, -57.885537],
            [-93.419515, 0.0, -15.263390],
            [-295.027154, -1.867600, -0.167820],
            [-307.586544, -0.490762, -0.947162],
            [-286.083173, -0.042766, -3.173313],
        ],
    );
    check_bayes(
        &bayes(0.1),
        &ramps,
        &beside(&ramps),
        75,
        &[
            [-0.419909, -1.125351, -3.997881],
            [-11.724731, -1.482452, -0.257590],
            [-2.932406, -0.538710, -1.012718],
            [-6.142786, -1.874017, -0.169194],
            [-11.518747, -1.478834, -0.258658],
        ],
    );
}

#[test]
fn two_clouds_are_worked_by_hand() {
    // Classes at 0 ± 1 and 4 ± 1, twice as many rows of the first: at 2 both are as far, and ln 2 remains.
    let x = array![[-1.0], [1.0], [-1.0], [1.0], [3.0], [5.0]];
    let set = Set::new(x, vec![0, 0, 0, 0, 2, 2], 3);
    let asked = Set::new(array![[2.0], [3.0]], vec![0, 2], 3);
    let scores = fit(&bayes(1e-12), &set).model.predict(&asked.rows());
    let middle = scores[[0, 2]] - scores[[0, 0]];
    assert!((middle + std::f32::consts::LN_2).abs() < 1e-6, "{middle}");
    // ½ (3² − 1²) − ln 2 apart at 3; the class without rows 16 below the others.
    let beyond = scores[[1, 2]] - scores[[1, 0]];
    assert!((beyond - (4.0 - std::f32::consts::LN_2)).abs() < 1e-6, "{beyond}");
    assert_eq!(scores[[0, 1]], scores[[0, 2]] - 16.0);
}

#[test]
fn rows_far_from_all_classes_have_finite_scores() {
    let set = ramps();
    let fit = fit(&bayes(1e-9), &set);
    assert!(fit.model.predict(&moved(&set, 1e30, 0.0).rows()).iter().all(|score| score.is_finite()));
}

#[test]
fn where_nothing_varies_the_most_frequent_class_is_predicted() {
    let set = Set::new(Array2::from_elem((5, 2), 3.0), vec![1, 0, 1, 1, 0], 2);
    assert_eq!(right(&fit(&bayes(1e-9), &set).model.predict(&set.rows()), &set), 3);
}

#[test]
fn what_cannot_be_told_apart_is_said() {
    assert_eq!(refusal(&bayes(1e-9), &slopes().rows()), "`naive-bayes` classifies; it cannot predict real values");
    assert_eq!(refusal(&bayes(0.0), &ramps().rows()), "`var-smoothing = 0` must be a positive, finite number");
}

#[test]
fn results_change_only_with_the_version() {
    let set = ramps();
    let fit = fit(&bayes(1e-9), &set);
    let bits: Vec<u32> = fit.model.predict(&set.rows()).row(70).iter().map(|score| score.to_bits()).collect();
    assert_eq!(
        (NAIVE_BAYES_VERSION, bits, fit.parameters, fit.flops),
        (1, vec![3_213_783_773, 0, 3_215_578_298], 21, Some(2880))
    );
}
