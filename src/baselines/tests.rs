//! The baselines as their callers see them: what they have in common, and those by linfa; the others below. Reference numbers: `tests/reference/baselines.py`, scikit-learn 1.9.1.

use ndarray::{Array2, ArrayView1};

use super::*;
use crate::data::{Features, Scaling, Target};
use crate::learn::{Progress, Scores, Unwatched};

mod bayes;
mod knn;
mod linear;
mod trees;

/// Rows 0, 60, 70, 83 and 119 have reference values.
const PROBES: [usize; 5] = [0, 60, 70, 83, 119];

/// A small set that owns its parts.
struct Set {
    features: Features,
    target: Target,
    scaling: Scaling,
    index: Vec<u32>,
}

impl Set {
    fn new(x: Array2<f32>, labels: Vec<u32>, classes: usize) -> Self {
        let names = (0..classes).map(|c| c.to_string()).collect();
        let (scaling, index) = (Scaling::identity(x.ncols()), (0..x.nrows() as u32).collect());
        // Concatenation may lay columns after each other; datasets hold row after row.
        let x = x.as_standard_layout().into_owned();
        Self { features: Features::Real(x), target: Target::Classes { labels, names }, scaling, index }
    }

    fn rows(&self) -> Rows<'_> {
        Rows::new(&self.features, &self.target, &self.scaling, &self.index, None)
    }
}

fn iris() -> Set {
    let iris = linfa_datasets::iris();
    Set::new(iris.records.mapv(|v| v as f32), iris.targets.iter().map(|&t| t as u32).collect(), 3)
}

/// Three overlapping classes by formula, as in the reference script.
fn ramps() -> Set {
    let column = |i: usize, c: usize| match c {
        0 => ((i * 7919 + 13) % 1009) as f64 / 1009.0,
        1 => ((i * i * 31 + 7) % 499) as f64 / 499.0,
        _ => ((i * 104_729 + i * i) % 2003) as f64 / 2003.0,
    };
    let x = Array2::from_shape_fn((120, 3), |(i, c)| column(i, c) as f32);
    let label = |(i, x): (usize, ArrayView1<'_, f32>)| {
        let [a, b, c] = [0, 1, 2].map(|k| f64::from(x[k]));
        let class = ((3.0 * (a + b * b + 0.3 * c) / 1.8) as u32).min(2);
        if i % 11 == 0 { (class + 1) % 3 } else { class }
    };
    let labels = x.rows().into_iter().enumerate().map(label).collect();
    Set::new(x, labels, 3)
}

/// The rows of [`ramps`] with a number each, as in the reference script.
fn slopes() -> Set {
    let mut set = ramps();
    let number = |(i, x): (usize, ArrayView1<'_, f32>)| {
        let [a, b, c] = [0, 1, 2].map(|k| f64::from(x[k]));
        (3.0 * a - 2.0 * b * b + a * c + ((i * i * 13) % 97) as f64 / 97.0) as f32
    };
    set.target = Target::Values(set.rows().matrix().rows().into_iter().enumerate().map(number).collect());
    set
}

/// The same set, every value half a step further.
fn beside(set: &Set) -> Set {
    let features = Features::Real(set.rows().matrix() + 0.125);
    Set { features, target: set.target.clone(), scaling: set.scaling.clone(), index: set.index.clone() }
}

/// [`ramps`] with its last two classes made one.
fn two_ramps() -> Set {
    let set = ramps();
    let labels = (0..120).map(|row| set.rows().label(row).min(1)).collect();
    Set::new(set.rows().matrix(), labels, 2)
}

/// `x` with every value multiplied and moved.
fn moved(set: &Set, factor: f32, offset: f32) -> Set {
    let labels = (0..set.rows().len()).map(|row| set.rows().label(row)).collect();
    Set::new(set.rows().matrix() * factor + offset, labels, 3)
}

fn rbf(gamma: Gamma, c: f64) -> SvmSpec {
    SvmSpec { kernel: Kernel::Rbf { gamma }, c, tolerance: 1e-6 }
}

fn linear() -> SvmSpec {
    SvmSpec { kernel: Kernel::Linear, c: 1.0, tolerance: 1e-6 }
}

fn fit(baseline: &Baseline, set: &Set) -> Fit {
    baseline.fit(&set.rows(), 1, &Unwatched).expect("the set is sound").expect("nobody stops it")
}

fn fit_svm(spec: &SvmSpec, set: &Set) -> Fit {
    fit(&Baseline::Svm(spec.clone()), set)
}

fn fit_logistic(spec: &LogisticSpec, set: &Set) -> Fit {
    fit(&Baseline::Logistic(spec.clone()), set)
}

/// Every kind of baseline that classifies, with its defaults.
fn kinds() -> [Baseline; 3] {
    [Baseline::Logistic(LogisticSpec::default()), Baseline::Svm(SvmSpec::default()), Baseline::Knn(KnnSpec::default())]
}

/// What a baseline answers where it cannot be fitted.
fn refusal(baseline: &Baseline, rows: &Rows<'_>) -> String {
    baseline.fit(rows, 1, &Unwatched).err().expect("it cannot be fitted").to_string()
}

/// Logistic regression and machines with both kernels, fitted on one set.
fn all(set: &Set) -> [Fit; 3] {
    [
        fit_logistic(&LogisticSpec::default(), set),
        fit_svm(&SvmSpec::default(), set),
        fit_svm(&SvmSpec { kernel: Kernel::Linear, ..SvmSpec::default() }, set),
    ]
}

/// Class with the largest score, the first of equals.
fn classes(scores: &Array2<f32>) -> Vec<usize> {
    let best = |row: ArrayView1<'_, f32>| (0..row.len()).rev().max_by(|&a, &b| row[a].total_cmp(&row[b]));
    scores.rows().into_iter().map(|row| best(row).expect("there are classes")).collect()
}

fn right(scores: &Array2<f32>, set: &Set) -> usize {
    classes(scores).iter().enumerate().filter(|(i, c)| set.rows().label(*i) as usize == **c).count()
}

fn log_softmax(row: ArrayView1<'_, f32>) -> Vec<f64> {
    let sum: f64 = row.iter().map(|&v| libm::exp(f64::from(v))).sum();
    row.iter().map(|&v| f64::from(v) - libm::log(sum)).collect()
}

fn close(actual: impl IntoIterator<Item = f64>, expected: &[f64], tolerance: f64) {
    let actual: Vec<f64> = actual.into_iter().collect();
    let far = actual.iter().zip(expected).any(|(a, e)| (a - e).abs() > tolerance * e.abs().max(1.0));
    assert!(!far && actual.len() == expected.len(), "{actual:?} instead of {expected:?}");
}

fn check_logistic(c: f64, set: &Set, expected_right: usize, expected: &[&[f64]; 5]) {
    let spec = LogisticSpec { c, max_iter: 10_000, tolerance: 1e-8 };
    let fit = fit_logistic(&spec, set);
    assert_eq!(fit.model.scores(), Scores::Logits);
    let scores = fit.model.predict(&set.rows());
    assert_eq!(right(&scores, set), expected_right);
    for (probe, expected) in PROBES.into_iter().zip(expected) {
        close(log_softmax(scores.row(probe)), expected, 2e-5);
    }
}

fn check_svm(spec: &SvmSpec, set: &Set, expected_right: usize, expected: &[[f64; 3]; 5]) {
    let fit = fit_svm(spec, set);
    assert_eq!(fit.model.scores(), Scores::Order);
    let scores = fit.model.predict(&set.rows());
    assert_eq!(right(&scores, set), expected_right);
    for (probe, expected) in PROBES.into_iter().zip(expected) {
        close(scores.row(probe).mapv(f64::from), expected, 1e-4);
    }
}

/// Fits on `set`, asks of `asked`, and holds the scores of the probes against scikit-learn's.
fn check_scores(baseline: &Baseline, set: &Set, asked: &Set, expected_right: usize, expected: &[[f64; 3]; 5]) {
    let scores = fit(baseline, set).model.predict(&asked.rows());
    assert_eq!(right(&scores, asked), expected_right);
    for (probe, expected) in PROBES.into_iter().zip(expected) {
        close(scores.row(probe).mapv(f64::from), expected, 1e-6);
    }
}

/// Fits on a regression and holds what it says of the probes of `asked`, and of rows beside them, against scikit-learn's.
fn check_numbers(baseline: &Baseline, set: &Set, asked: &Set, expected: [f64; 5], expected_beside: [f64; 5]) {
    let fit = fit(baseline, set);
    assert_eq!(fit.model.scores(), Scores::Values);
    for (asked, expected) in [(asked, expected), (&beside(asked), expected_beside)] {
        let values = fit.model.predict(&asked.rows());
        assert_eq!(values.dim(), (120, 1));
        close(PROBES.map(|probe| f64::from(values[[probe, 0]])), &expected, 1e-6);
    }
}

#[test]
fn logistic_regression_agrees_with_scikit_learn() {
    check_logistic(
        1.0,
        &iris(),
        146,
        &[
            &[-0.018364, -4.006552, -18.060235],
            &[-2.876453, -0.064875, -5.038843],
            &[-6.084429, -0.819993, -0.584674],
            &[-7.715524, -1.050976, -0.430848],
            &[-7.853157, -0.795126, -0.601321],
        ],
    );
    check_logistic(
        10.0,
        &ramps(),
        97,
        &[
            &[-0.062378, -2.807701, -8.956110],
            &[-8.034268, -2.164367, -0.122334],
            &[-1.846966, -0.320455, -2.150152],
            &[-4.841890, -1.438969, -0.281123],
            &[-7.241101, -1.968319, -0.151297],
        ],
    );
    check_logistic(
        1.0,
        &two_ramps(),
        101,
        &[
            &[-0.441264, -1.030644],
            &[-3.625519, -0.026996],
            &[-1.712435, -0.198971],
            &[-2.629179, -0.074872],
            &[-3.387237, -0.034386],
        ],
    );
}

#[test]
fn rbf_machines_agree_with_scikit_learn() {
    check_svm(
        &rbf(Gamma::Scale, 1.0),
        &iris(),
        146,
        &[
            [2.235451, 1.160930, -0.256509],
            [-0.185187, 2.243770, 0.801525],
            [-0.234072, 2.196903, 1.159261],
            [-0.240632, 1.187627, 2.188912],
            [-0.241557, 1.199533, 2.177623],
        ],
    );
    check_svm(
        &rbf(Gamma::Auto, 10.0),
        &ramps(),
        102,
        &[
            [2.276213, 1.195978, -0.287435],
            [-0.290044, 1.228226, 2.273043],
            [0.871420, 2.244981, -0.227339],
            [-0.260378, 1.162829, 2.241099],
            [-0.276037, 1.158566, 2.265451],
        ],
    );
    check_svm(
        &rbf(Gamma::Value(5.0), 1.0),
        &ramps(),
        99,
        &[
            [1.113251, 2.169301, -0.202446],
            [-0.212597, 0.930247, 2.223158],
            [0.852909, 2.235920, -0.206691],
            [-0.212150, 0.909741, 2.226563],
            [-0.196112, 0.878869, 2.222222],
        ],
    );
}

#[test]
fn linear_machines_agree_with_scikit_learn() {
    check_svm(
        &linear(),
        &ramps(),
        93,
        &[
            [2.249666, 1.244882, -0.283969],
            [-0.273997, 1.215615, 2.245291],
            [0.842500, 2.227839, -0.186101],
            [-0.249788, 1.175731, 2.217384],
            [-0.268098, 1.196229, 2.242716],
        ],
    );
    check_svm(
        &linear(),
        &iris(),
        149,
        &[
            [2.246290, 1.298033, -0.306172],
            [-0.224350, 2.270476, 0.769406],
            [-0.264955, 2.246848, 1.168370],
            [-0.273183, 1.243023, 2.216403],
            [-0.274463, 1.243751, 2.220001],
        ],
    );
}

#[test]
fn results_change_only_with_the_version() {
    // What these fits give is part of stored results: where a number here changes, raise the version beside it.
    let set = iris();
    let summary = |fit: &Fit| {
        let scores = fit.model.predict(&set.rows());
        let probe: Vec<String> = scores.row(70).iter().map(|v| format!("{v:.3}")).collect();
        (right(&scores, &set), fit.parameters, probe.join(" "))
    };
    let [logistic, svm, linear] = all(&set);
    assert_eq!((LOGISTIC_VERSION, summary(&logistic)), (2, (146, 15, "-3.591 1.677 1.913".into())));
    assert_eq!((SVM_VERSION, summary(&svm)), (3, (146, 69, "-0.234 2.197 1.159".into())));
    assert_eq!((SVM_VERSION, summary(&linear)), (3, (149, 15, "-0.265 2.247 1.169".into())));
}

#[test]
fn classes_without_training_rows_come_last() {
    let set = ramps();
    // The same rows, labelled 1, 4 and 5 of 7.
    let labels = (0..120).map(|row| [1, 4, 5][set.rows().label(row) as usize]).collect();
    let wide = Set::new(set.rows().matrix(), labels, 7);
    for (sparse, dense) in all(&wide).into_iter().zip(all(&set)) {
        let (scores, plain) = (sparse.model.predict(&wide.rows()), dense.model.predict(&set.rows()));
        for (scores, plain) in scores.rows().into_iter().zip(plain.rows()) {
            assert_eq!([scores[1], scores[4], scores[5]], [plain[0], plain[1], plain[2]]);
            let lowest = plain.iter().copied().fold(f32::INFINITY, f32::min);
            assert!([0, 2, 3, 6].iter().all(|&c| scores[c] < lowest && scores[c].is_finite()));
        }
    }
}

/// All baselines learn `set`, and give finite scores to its rows and to others.
fn check_fits(set: &Set, at_least_right: usize) {
    for fit in all(set) {
        let scores = fit.model.predict(&set.rows());
        assert!(right(&scores, set) >= at_least_right, "{} right", right(&scores, set));
        let far = moved(set, -100.0, 1000.0);
        assert!(scores.iter().chain(&fit.model.predict(&far.rows())).all(|s| s.is_finite()));
    }
}

#[test]
fn a_single_class_is_predicted() {
    let x = ramps().rows().matrix();
    check_fits(&Set::new(x, vec![2; 120], 3), 120);
}

#[test]
fn one_row_is_enough() {
    check_fits(&Set::new(Array2::ones((1, 4)), vec![1], 3), 1);
}

#[test]
fn constant_columns_carry_nothing() {
    let set = ramps();
    let x = set.rows().matrix();
    let wide = ndarray::concatenate![ndarray::Axis(1), x, Array2::from_elem((120, 2), 0.1)];
    let labels: Vec<u32> = (0..120).map(|row| set.rows().label(row)).collect();
    check_fits(&Set::new(wide, labels.clone(), 3), 80);
    // Nothing varies at all: no better than the most frequent class.
    check_fits(&Set::new(Array2::from_elem((120, 2), 0.1), labels, 3), 0);
}

#[test]
fn duplicated_rows_are_fine() {
    let x = Array2::from_shape_fn((90, 2), |(i, c)| ((i % 3) * (c + 1)) as f32);
    check_fits(&Set::new(x, (0..90).map(|i| i % 3).collect(), 3), 90);
    // The same row under every label.
    check_fits(&Set::new(Array2::ones((90, 2)), (0..90).map(|i| i % 3).collect(), 3), 30);
}

#[test]
fn more_columns_than_rows_are_fine() {
    let x = Array2::from_shape_fn((12, 50), |(i, c)| ((i * 37 + c * c * 11) % 101) as f32 / 101.0);
    check_fits(&Set::new(x, (0..12).map(|i| i % 3).collect(), 3), 12);
}

/// All baselines come to an end on `set`.
fn check_ends(set: &Set) {
    for fit in [fit_logistic(&LogisticSpec::default(), set), fit_svm(&SvmSpec::default(), set)] {
        assert!(fit.model.predict(&set.rows()).iter().all(|s| s.is_finite()));
    }
    let linear = Baseline::Svm(SvmSpec { kernel: Kernel::Linear, ..SvmSpec::default() });
    let linear = linear.fit(&set.rows(), 1, &Unwatched).map(|fit| fit.is_some());
    assert!(matches!(linear, Ok(true) | Err(Error::Updates)));
}

#[test]
fn unscaled_columns_do_not_hang() {
    for (factor, offset) in [(100.0, 1e5), (1e-6, 0.0), (30.0, -1e6)] {
        check_ends(&moved(&iris(), factor, offset));
    }
}

#[test]
fn an_rbf_kernel_does_not_mind_where_the_columns_lie() {
    let (near, far) = (iris(), moved(&iris(), 1.0, 4096.0));
    let near_scores = fit_svm(&SvmSpec::default(), &near).model.predict(&near.rows());
    let far_scores = fit_svm(&SvmSpec::default(), &far).model.predict(&far.rows());
    // Adding 4096 leaves 11 binary digits of each value after the point.
    assert!(right(&far_scores, &far).abs_diff(right(&near_scores, &near)) <= 1);
}

#[test]
fn threads_change_nothing() {
    let set = iris();
    let scores = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
        let fits = || all(&set).into_iter().chain(kinds().map(|baseline| fit(&baseline, &set)));
        pool.install(|| fits().map(|fit| (fit.parameters, fit.model.predict(&set.rows()))).collect::<Vec<_>>())
    };
    assert_eq!(scores(1), scores(2));
    assert_eq!(scores(1), scores(3));
}

#[test]
fn a_watcher_stops_the_fit() {
    struct Impatient;
    impl Watch for Impatient {
        fn progress(&self, _: Progress) -> bool {
            false
        }
    }
    let set = iris();
    for baseline in kinds() {
        assert!(baseline.fit(&set.rows(), 1, &Impatient).is_ok_and(|fit| fit.is_none()), "{baseline:?}");
    }
}

/// What two of the baselines answer where they cannot be fitted.
fn check_error(rows: &Rows<'_>, logistic: &LogisticSpec, svm: &SvmSpec, expected: [&str; 2]) {
    let both = [Baseline::Logistic(logistic.clone()), Baseline::Svm(svm.clone())];
    assert_eq!(both.map(|baseline| refusal(&baseline, rows)), expected);
}

#[test]
fn what_cannot_be_fitted_is_said() {
    let (logistic, svm) = (LogisticSpec::default(), SvmSpec::default());
    let set = ramps();
    let values = Target::Values(vec![0.5; 120]);
    check_error(
        &Rows::new(&set.features, &values, &set.scaling, &set.index, None),
        &logistic,
        &svm,
        ["`logistic` classifies; it cannot predict real values", "`svm` classifies; it cannot predict real values"],
    );
    let empty = Rows::new(&set.features, &set.target, &set.scaling, &[], None);
    check_error(&empty, &logistic, &svm, ["there is nothing to fit: 0 training rows of 3 columns"; 2]);
    let broken = moved(&set, f32::NAN, 0.0);
    check_error(&broken.rows(), &logistic, &svm, ["training row 0 (from 0) holds a value that is not finite"; 2]);
    check_error(
        &set.rows(),
        &LogisticSpec { tolerance: 0.0, ..logistic },
        &SvmSpec { kernel: Kernel::Rbf { gamma: Gamma::Value(-1.0) }, ..svm },
        ["`tolerance = 0` must be a positive, finite number", "`gamma = -1` must be a positive, finite number"],
    );
}

#[test]
fn rows_far_out_do_not_spoil_logistic_regression() {
    // Two rows far out pull the logits apart; linfa's multinomial loss no longer sees the others.
    let mut set = iris();
    if let Features::Real(x) = &mut set.features {
        x.row_mut(1).fill(-400.0);
        x.row_mut(149).fill(400.0);
    }
    check_logistic(
        1.0,
        &set,
        146,
        &[
            &[-0.018722, -3.987387, -17.994872],
            &[-2.884791, -0.064420, -5.032546],
            &[-6.057129, -0.790742, -0.608529],
            &[-7.685142, -1.025495, -0.444849],
            &[-7.833691, -0.786636, -0.608383],
        ],
    );
}

#[test]
fn a_specification_is_written_in_kebab_case() {
    let logistic = serde_json::to_string(&LogisticSpec::default()).expect("it is plain data");
    assert_eq!(logistic, r#"{"c":1.0,"max-iter":100,"tolerance":0.0001}"#);
    let svm = serde_json::to_string(&SvmSpec::default()).expect("it is plain data");
    assert_eq!(svm, r#"{"kernel":{"rbf":{"gamma":"scale"}},"c":1.0,"tolerance":0.001}"#);
}
