//! Linear regression.

use ndarray::concatenate;

use super::*;

fn linear(alpha: f64) -> Baseline {
    Baseline::Linear(LinearSpec { alpha })
}

/// Four columns more: one constant, one twice and one half another, and a product.
fn dependent(set: &Set) -> Set {
    let x = set.rows().matrix();
    let column = |k: usize| x.column(k).insert_axis(ndarray::Axis(1)).to_owned();
    let more = [Array2::from_elem((120, 1), 0.1), column(0) * 2.0, column(1) / 2.0, column(0) * column(1)];
    let [constant, twice, half, product] = more.each_ref().map(Array2::view);
    let wide = concatenate![ndarray::Axis(1), x, constant, twice, half, product];
    Set { target: set.target.clone(), ..Set::new(wide, vec![0; 120], 1) }
}

/// The same columns, with the first five rows to learn from.
fn few(set: &Set) -> Set {
    let (features, target) = (set.features.clone(), set.target.clone());
    Set { features, target, scaling: set.scaling.clone(), index: (0..5).collect() }
}

#[test]
fn lines_agree_with_scikit_learn() {
    let set = slopes();
    let wide = dependent(&set);
    check_numbers(
        &linear(0.0),
        &set,
        &set,
        [0.597026, 2.904434, 1.338036, 0.074045, 2.401493],
        [0.837281, 3.144689, 1.578292, 0.314300, 2.641748],
    );
    // Of the many best lines the one with the shortest weights.
    check_numbers(
        &linear(0.0),
        &wide,
        &wide,
        [0.583553, 2.898542, 1.337124, 0.075298, 2.392775],
        [0.596398, 2.911387, 1.349968, 0.088143, 2.405620],
    );
    check_numbers(
        &linear(0.0),
        &few(&wide),
        &wide,
        [0.038259, 5.985342, -0.105957, -3.335360, 4.969917],
        [0.653563, 6.600647, 0.509347, -2.720055, 5.585221],
    );
}

#[test]
fn penalised_lines_agree_with_scikit_learn() {
    let set = slopes();
    let wide = dependent(&set);
    check_numbers(
        &linear(3.0),
        &set,
        &set,
        [0.850833, 2.573565, 1.382874, 0.356960, 2.197630],
        [1.024769, 2.747501, 1.556810, 0.530896, 2.371566],
    );
    check_numbers(
        &linear(0.1),
        &few(&wide),
        &wide,
        [0.088306, 3.154122, 1.364791, 1.245276, 3.187987],
        [0.319838, 3.385654, 1.596323, 1.476808, 3.419519],
    );
}

#[test]
fn columns_far_out_do_not_spoil_a_line() {
    let near = slopes();
    let far = Set {
        features: Features::Real(near.rows().matrix() * 4.0 + 4096.0),
        target: near.target.clone(),
        scaling: near.scaling.clone(),
        index: near.index.clone(),
    };
    let predict = |set: &Set| fit(&linear(0.0), set).model.predict(&set.rows());
    // Adding 4096 leaves 11 binary digits of each value after the point.
    assert!(predict(&near).iter().zip(&predict(&far)).all(|(a, b)| (a - b).abs() < 2e-3));
}

#[test]
fn what_a_line_cannot_learn_is_said() {
    let (classes, numbers) = (ramps(), slopes());
    assert_eq!(refusal(&linear(0.0), &classes.rows()), "`linear` predicts real values; it cannot classify");
    assert_eq!(refusal(&linear(-1.0), &numbers.rows()), "`alpha = -1` must be a finite number from 0 up");
}

#[test]
fn a_line_that_does_not_fit_into_memory_is_refused_before_it_is_tried() {
    let features = Features::Bytes(Array2::zeros((200_000, 2000)));
    let target = Target::Values(vec![0.0; 200_000]);
    let (scaling, index) = (Scaling::identity(2000), (0..200_000).collect::<Vec<u32>>());
    let rows = Rows::new(&features, &target, &scaling, &index, None);
    assert_eq!(
        refusal(&linear(0.0), &rows),
        "`linear` would need up to 3.0 GiB, beyond its limit of 2.0 GiB; take fewer training rows, or `pca` in the dataset"
    );
}

#[test]
fn results_change_only_with_the_version() {
    let set = slopes();
    let threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
        pool.install(|| {
            let fit = fit(&linear(0.5), &dependent(&set));
            let values = fit.model.predict(&dependent(&set).rows());
            let bits = PROBES.map(|probe| values[[probe, 0]].to_bits());
            (LINEAR_VERSION, bits, fit.parameters, fit.flops)
        })
    };
    let bits = [1_057_767_842, 1_077_402_082, 1_068_148_186, 1_039_715_579, 1_075_372_912];
    let expected = (1, bits, 8, Some(7480));
    assert_eq!(threads(1), expected);
    assert_eq!(threads(3), expected);
}
