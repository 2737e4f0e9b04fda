//! Decision trees and forests.

use ndarray::array;

use super::*;

fn tree(growth: Growth) -> Baseline {
    Baseline::Tree(TreeSpec { growth, ..TreeSpec::default() })
}

fn forest(trees: u32) -> ForestSpec {
    ForestSpec { trees, ..ForestSpec::default() }
}

fn fit_seeded(baseline: &Baseline, set: &Set, seed: u64) -> Fit {
    baseline.fit(&set.rows(), seed, &Unwatched).expect("the set is sound").expect("nobody stops it")
}

/// The rows of a set whose place has this rest by 2.
fn half(set: &Set, rest: u32) -> Set {
    let (features, target) = (set.features.clone(), set.target.clone());
    Set {
        features,
        target,
        scaling: set.scaling.clone(),
        index: (0..set.index.len() as u32).filter(|i| i % 2 == rest).collect(),
    }
}

#[test]
fn trees_of_classes_agree_with_scikit_learn() {
    let set = ramps();
    let deep = |max_depth| Growth { max_depth: Some(max_depth), ..Growth::default() };
    let [low, high] = [[0.714286, 0.285714, 0.0], [0.03125, 0.0625, 0.90625]];
    check_scores(&tree(deep(2)), &set, &beside(&set), 86, &[low, high, [0.06, 0.78, 0.16], high, high]);
    let last = [0.058824, 0.117647, 0.823529];
    check_scores(
        &tree(Growth { min_samples_leaf: 5, ..deep(3) }),
        &set,
        &set,
        99,
        &[[0.875, 0.125, 0.0], [0.0, 0.0, 1.0], [0.0, 0.868421, 0.131579], last, last],
    );
    check_scores(
        &tree(Growth { criterion: Criterion::Entropy, ..deep(4) }),
        &set,
        &set,
        106,
        &[
            [0.933333, 0.066667, 0.0],
            [0.0, 0.0, 1.0],
            [0.0, 0.916667, 0.083333],
            [0.142857, 0.0, 0.857143],
            [0.0, 0.0, 1.0],
        ],
    );
}

#[test]
fn trees_of_numbers_agree_with_scikit_learn() {
    let set = slopes();
    check_numbers(
        &tree(Growth { max_depth: Some(4), min_samples_leaf: 3, ..Growth::default() }),
        &set,
        &set,
        [0.663494, 2.907057, 1.591402, 0.607052, 2.907057],
        [0.663494, 2.907057, 0.607052, 0.607052, 2.907057],
    );
    check_numbers(
        &tree(Growth { min_samples_leaf: 5, min_samples_split: 20, ..Growth::default() }),
        &set,
        &set,
        [0.504162, 1.947867, 1.773887, 0.237458, 1.947867],
        [0.504162, 1.947867, 0.730251, 0.237458, 1.947867],
    );
}

#[test]
fn a_full_tree_knows_all_its_rows() {
    let (classes, numbers) = (ramps(), slopes());
    assert_eq!(right(&fit(&tree(Growth::default()), &classes).model.predict(&classes.rows()), &classes), 120);
    let values = fit(&tree(Growth::default()), &numbers).model.predict(&numbers.rows());
    assert!((0..120).all(|row| (values[[row, 0]] - numbers.rows().value(row)).abs() < 1e-6));
}

#[test]
fn no_single_split_helps_with_a_chessboard_and_a_tree_learns_it_all_the_same() {
    let x = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let set = Set::new(x, vec![0, 1, 1, 0], 2);
    let fit = fit(&tree(Growth::default()), &set);
    assert_eq!((right(&fit.model.predict(&set.rows()), &set), fit.parameters), (4, 7));
}

#[test]
fn a_chain_as_deep_as_its_rows_is_no_trouble() {
    // Each split can only part one row from the others.
    let rows = 20_000;
    let x = Array2::from_shape_fn((rows, 1), |(i, _)| i as f32);
    let set = Set::new(x, (0..rows as u32).map(|i| i % 2).collect(), 2);
    assert_eq!(right(&fit(&tree(Growth::default()), &set).model.predict(&set.rows()), &set), rows);
}

#[test]
fn forests_are_as_good_as_those_of_scikit_learn() {
    // Half of the rows to learn from, the others to judge by. scikit-learn over 20 seeds: 0.960 ± 0.000, 0.687 ± 0.024.
    for (set, low, high) in [(iris(), 0.94, 0.98), (ramps(), 0.64, 0.75)] {
        let (learnt, asked) = (half(&set, 0), half(&set, 1));
        let shares = (1..=5).map(|seed| {
            let scores = fit_seeded(&Baseline::Forest(forest(100)), &learnt, seed).model.predict(&asked.rows());
            right(&scores, &asked) as f64 / asked.rows().len() as f64
        });
        let mean = shares.sum::<f64>() / 5.0;
        assert!((low..high).contains(&mean), "{mean}");
    }
    // R²: 0.921 ± 0.003.
    let (learnt, asked) = (half(&slopes(), 0), half(&slopes(), 1));
    let values = fit_seeded(&Baseline::Forest(forest(100)), &learnt, 1).model.predict(&asked.rows());
    let truth: Vec<f64> = (0..60).map(|row| f64::from(asked.rows().value(row))).collect();
    let mean = truth.iter().sum::<f64>() / 60.0;
    let left: f64 = truth.iter().zip(&values).map(|(y, v)| (y - f64::from(*v)) * (y - f64::from(*v))).sum();
    let variance: f64 = truth.iter().map(|y| (y - mean) * (y - mean)).sum();
    assert!((0.9..0.94).contains(&(1.0 - left / variance)), "{}", 1.0 - left / variance);
}

#[test]
fn a_forest_without_chance_is_a_tree() {
    let set = ramps();
    let spec = ForestSpec { bootstrap: false, max_features: Some(MaxFeatures::All), ..forest(3) };
    let scores = |baseline: &Baseline| fit(baseline, &set).model.predict(&beside(&set).rows());
    assert_eq!(scores(&Baseline::Forest(spec)), scores(&tree(Growth::default())));
}

#[test]
fn a_seed_decides_and_threads_do_not() {
    let set = ramps();
    let scores = |threads, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
        pool.install(|| fit_seeded(&Baseline::Forest(forest(20)), &set, seed).model.predict(&beside(&set).rows()))
    };
    assert_eq!(scores(1, 1), scores(3, 1));
    assert_ne!(scores(1, 1), scores(1, 2));
}

#[test]
fn numbers_of_columns_are_worked_by_hand() {
    let of = |max_features: MaxFeatures| [1, 10, 784].map(|columns| max_features.of(columns));
    assert_eq!(of(MaxFeatures::All), [1, 10, 784]);
    assert_eq!(of(MaxFeatures::Sqrt), [1, 3, 28]);
    assert_eq!(of(MaxFeatures::Log2), [1, 3, 9]);
    assert_eq!(of(MaxFeatures::Share(0.25)), [1, 2, 196]);
    assert_eq!(of(MaxFeatures::Count(7)), [7, 7, 7]);
}

#[test]
fn what_cannot_be_grown_is_said() {
    let set = ramps();
    let spec = TreeSpec { max_features: MaxFeatures::Count(4), ..TreeSpec::default() };
    assert_eq!(refusal(&Baseline::Tree(spec), &set.rows()), "`max-features = 4` is more than there are columns: 3");
    let features = Features::Bytes(Array2::zeros((1_000_000, 1)));
    let target = Target::Classes { labels: vec![0; 1_000_000], names: vec!["a".into(), "b".into()] };
    let (scaling, index) = (Scaling::identity(1), (0..1_000_000).collect::<Vec<u32>>());
    let rows = Rows::new(&features, &target, &scaling, &index, None);
    assert_eq!(
        refusal(&Baseline::Forest(forest(100)), &rows),
        "`forest` would need up to 4.5 GiB, beyond its limit of 2.0 GiB; take fewer trees, a smaller `max-depth` or a larger \
         `min-samples-leaf`"
    );
}

#[test]
fn results_change_only_with_the_version() {
    let summary = |baseline: &Baseline, set: &Set, row| {
        let fit = fit_seeded(baseline, set, 3);
        let bits: Vec<u32> = fit.model.predict(&beside(set).rows()).row(row).iter().map(|s| s.to_bits()).collect();
        (bits, fit.parameters)
    };
    let shallow = Growth { max_depth: Some(3), ..Growth::default() };
    assert_eq!((TREE_VERSION, summary(&tree(shallow), &iris(), 70)), (1, (vec![0, 0, 1_065_353_216], 9)));
    let votes = vec![1_028_443_341, 1_061_997_773, 1_041_865_114];
    // Its shares are of many trees, each of rows and columns of its own: any draw that changed would show.
    assert_eq!((FOREST_VERSION, summary(&Baseline::Forest(forest(20)), &ramps(), 70)), (1, (votes, 1060)));
}
