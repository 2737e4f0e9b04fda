//! The nearest neighbours.

use ndarray::array;

use super::*;

fn knn(k: u32, weights: Weights, metric: Metric) -> Baseline {
    Baseline::Knn(KnnSpec { k, weights, metric })
}

#[test]
fn votes_agree_with_scikit_learn() {
    let set = ramps();
    check_scores(
        &Baseline::Knn(KnnSpec::default()),
        &set,
        &set,
        97,
        &[[0.8, 0.2, 0.0], [0.0, 0.0, 1.0], [0.2, 0.8, 0.0], [0.0, 0.2, 0.8], [0.0, 0.0, 1.0]],
    );
    check_scores(
        &knn(9, Weights::Distance, Metric::Euclidean),
        &set,
        &beside(&set),
        82,
        &[
            [0.882418, 0.117582, 0.0],
            [0.0, 0.147219, 0.852781],
            [0.0, 0.569202, 0.430798],
            [0.137538, 0.0, 0.862462],
            [0.0, 0.0, 1.0],
        ],
    );
    check_scores(
        &knn(4, Weights::Uniform, Metric::Manhattan),
        &set,
        &set,
        95,
        &[[0.75, 0.25, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]],
    );
}

#[test]
fn means_agree_with_scikit_learn() {
    let set = slopes();
    check_numbers(
        &Baseline::Knn(KnnSpec::default()),
        &set,
        &set,
        [0.830272, 2.741133, 1.291509, 0.103453, 2.341765],
        [0.809391, 2.741133, 1.683116, 0.594436, 1.853703],
    );
    check_numbers(
        &knn(3, Weights::Distance, Metric::Manhattan),
        &set,
        &set,
        [0.038259, 3.223434, 1.726447, -0.324419, 2.738011],
        [1.246379, 2.754912, 1.463610, 0.453184, 2.370264],
    );
}

#[test]
fn of_equal_distances_the_earlier_row_is_nearer() {
    // Three rows at distance 1 of the origin, classes 2, 0, 1; a fourth at 2.
    let set = Set::new(array![[0.0, 2.0], [1.0, 0.0], [-1.0, 0.0], [0.0, -1.0]], vec![1, 2, 0, 1], 3);
    let origin = Set::new(array![[0.0, 0.0]], vec![0], 3);
    let scores = |k| fit(&knn(k, Weights::Uniform, Metric::Euclidean), &set).model.predict(&origin.rows());
    assert_eq!(scores(1), array![[0.0, 0.0, 1.0]]);
    assert_eq!(scores(2), array![[0.5, 0.0, 0.5]]);
    assert_eq!(scores(4), array![[0.25, 0.5, 0.25]]);
}

#[test]
fn the_nearest_of_many_are_those_of_a_full_sort() {
    // More rows than one chunk holds, many of them at equal distances.
    let x = Array2::from_shape_fn((2500, 2), |(i, c)| ((i * (7 + 4 * c)) % 41) as f32);
    let labels: Vec<u32> = (0..2500).map(|i| i % 7).collect();
    let set = Set::new(x.clone(), labels.clone(), 7);
    let asked = Set::new(array![[3.0, 5.0], [40.5, -2.0]], vec![0, 0], 7);
    let scores = fit(&knn(30, Weights::Uniform, Metric::Euclidean), &set).model.predict(&asked.rows());
    for (q, scores) in asked.rows().matrix().rows().into_iter().zip(scores.rows()) {
        let mut rows: Vec<usize> = (0..2500).collect();
        // The distances are whole or quarters: exact in any order.
        let square = |v: f32| v * v;
        let distance = |&i: &usize| square(x[[i, 0]] - q[0]) + square(x[[i, 1]] - q[1]);
        rows.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        let votes = (0..7).map(|class| rows[..30].iter().filter(|&&row| labels[row] == class).count());
        assert_eq!(scores.to_vec(), votes.map(|votes| (votes as f64 / 30.0) as f32).collect::<Vec<_>>());
    }
}

#[test]
fn a_row_that_was_learnt_is_its_own_neighbour() {
    // At distance 0 it alone counts, however large the columns.
    let set = moved(&ramps(), 1e4, 1e6);
    let baseline = knn(7, Weights::Distance, Metric::Euclidean);
    assert_eq!(right(&fit(&baseline, &set).model.predict(&set.rows()), &set), 120);
}

#[test]
fn too_few_rows_are_said() {
    let set = iris();
    let few = set.rows().part(0..4);
    assert_eq!(
        refusal(&Baseline::Knn(KnnSpec::default()), &few),
        "`k = 5` neighbours cannot be had of 4 training rows"
    );
}

#[test]
fn results_change_only_with_the_version() {
    let set = iris();
    let fit = fit(&knn(7, Weights::Distance, Metric::Euclidean), &set);
    let scores = fit.model.predict(&beside(&set).rows());
    let bits: Vec<u32> = scores.row(70).iter().map(|score| score.to_bits()).collect();
    assert_eq!((KNN_VERSION, bits, fit.parameters), (1, vec![0, 1_055_154_681, 1_057_869_572], 0));
}
