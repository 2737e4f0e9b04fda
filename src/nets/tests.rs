//! Nets against independent judges: a reference net in 64 bits, numbers of another program, and themselves on other paths.

use std::sync::Mutex;

use super::activation::tests::{ALL, exact};
use super::mlp::{Dropout, Mlp};
use super::step::Trainer;
use super::*;
use crate::data::{Features, Rows, Scaling, Sequence, Target, Task};
use crate::learn::{Outcome, Progress, Unwatched};
use crate::numerics::Panels;
use crate::numerics::random::Stream;
use ndarray::Array2;

mod checkpoint;
mod fresh;
mod recurrent;
mod stack;

/// A small set with its own scaling.
struct Set {
    features: Features,
    target: Target,
    scaling: Scaling,
    index: Vec<u32>,
    image: Option<[usize; 3]>,
    sequence: Option<Sequence>,
}

impl Set {
    fn new(x: Array2<f32>, target: Target) -> Self {
        let (rows, columns) = x.dim();
        let index = (0..rows as u32).collect();
        Self {
            features: Features::Real(x),
            target,
            scaling: Scaling::identity(columns),
            index,
            image: None,
            sequence: None,
        }
    }

    fn classes(x: Array2<f32>, classes: usize, label: impl Fn(usize) -> u32) -> Self {
        let labels = (0..x.nrows()).map(label).collect();
        Self::new(x, Target::Classes { labels, names: (0..classes).map(|c| c.to_string()).collect() })
    }

    fn rows(&self) -> Rows<'_> {
        self.part(0..self.index.len())
    }

    fn part(&self, range: std::ops::Range<usize>) -> Rows<'_> {
        let rows = Rows::new(&self.features, &self.target, &self.scaling, &self.index[range], self.image);
        rows.with_sequence(self.sequence)
    }

    fn parts(&self) -> Parts<'_> {
        Parts { train: self.rows(), valid: None, test: self.rows() }
    }
}

fn normal(rows: usize, columns: usize, seed: u64) -> Array2<f32> {
    let mut draws = Stream::new(seed, "nets test").at(0);
    Array2::from_shape_simple_fn((rows, columns), || draws.normal() as f32)
}

/// Two rings around 0: no line separates them.
fn rings(rows: usize) -> Set {
    let mut draws = Stream::new(1, "rings").at(0);
    let mut x = Array2::zeros((rows, 2));
    for (r, mut row) in x.rows_mut().into_iter().enumerate() {
        let angle = draws.uniform() * std::f64::consts::TAU;
        let radius = 1.0 + (r % 2) as f64 + 0.1 * draws.normal();
        row[0] = (radius * libm::cos(angle)) as f32;
        row[1] = (radius * libm::sin(angle)) as f32;
    }
    Set::classes(x, 2, |r| (r % 2) as u32)
}

fn values<'a>(fit: &'a Fit, measure: &str, layer: Option<u32>) -> &'a [f64] {
    let series = fit.history.iter().find(|s| s.measure == measure && s.layer == layer);
    &series.unwrap_or_else(|| panic!("no {measure} of {layer:?}")).values
}

/// The mean loss of a net in 64 bits, written down naively; each matrix holds a layer's weights and, below them, biases.
/// `factors` are what dropout multiplies the outputs of each hidden layer by, rows × units; none without it.
fn reference_loss(
    layers: &[Array2<f64>],
    factors: &[Array2<f64>],
    activation: Activation,
    loss: Loss,
    rows: &Rows<'_>,
) -> f64 {
    let x = rows.matrix().mapv(f64::from);
    let losses = x.rows().into_iter().enumerate().map(|(r, x)| {
        let mut h = x.to_vec();
        for (l, theta) in layers.iter().enumerate() {
            let bias = theta.nrows() - 1;
            let sum = |o: usize| theta[[bias, o]] + h.iter().enumerate().map(|(i, h)| h * theta[[i, o]]).sum::<f64>();
            let z: Vec<f64> = (0..theta.ncols()).map(sum).collect();
            h = if l + 1 == layers.len() { z } else { z.iter().map(|&z| exact(activation, z)).collect() };
            if let Some(factors) = factors.get(l) {
                h.iter_mut().zip(factors.row(r)).for_each(|(h, factor)| *h *= factor);
            }
        }
        reference_row_loss(&h, loss, rows, r)
    });
    losses.sum::<f64>() / rows.len() as f64
}

fn reference_row_loss(z: &[f64], loss: Loss, rows: &Rows<'_>, r: usize) -> f64 {
    match (loss, rows.task()) {
        (Loss::SoftmaxCrossEntropy, _) => libm::log(z.iter().map(|z| libm::exp(*z)).sum()) - z[rows.label(r) as usize],
        (Loss::BinaryCrossEntropy, _) => {
            let p = 1.0 / (1.0 + libm::exp(-z[0]));
            -libm::log(if rows.label(r) == 1 { p } else { 1.0 - p })
        }
        (Loss::SquaredError, task) => {
            let target = |o: usize| match task {
                Task::Classification { .. } => f64::from(rows.label(r) == o as u32),
                Task::Regression => f64::from(rows.value(r)),
            };
            z.iter().enumerate().map(|(o, z)| (z - target(o)) * (z - target(o))).sum::<f64>() / z.len() as f64
        }
    }
}

fn parameters(mlp: &Mlp) -> Vec<Array2<f64>> {
    let matrix = |l: &mlp::Dense| Array2::from_shape_fn((l.0.rows(), l.0.columns()), |(r, c)| f64::from(l.0.at(r, c)));
    mlp.layers.iter().map(matrix).collect()
}

/// What dropout multiplies the outputs of each hidden layer by.
fn drawn(dropout: Dropout, mlp: &Mlp, rows: usize) -> Vec<Array2<f64>> {
    let hidden = mlp.layers.iter().take(mlp.layers.len() - 1).zip(1..);
    let factors = hidden.map(|(layer, number)| {
        let mut mask = Panels::zeros(rows, layer.outputs());
        dropout.draw(number, Simd::active(), &mut mask);
        Array2::from_shape_fn((rows, layer.outputs()), |(r, c)| f64::from(mask.at(r, c)))
    });
    factors.collect()
}

/// The gradient of one step, seen as the change that plain descent with rate 1 makes, against central differences.
fn check_gradient(activation: Activation, loss: Loss, set: &Set, clip: Option<f64>, dropout: Option<Dropout>) {
    let rows = set.rows();
    let outputs = loss.outputs(rows.task());
    // Biases away from 0, so that no rectified unit sits on its kink.
    let spec = MlpSpec { hidden: vec![7, 35], activation, init: Init::Lecun, dropout: 0.0, ..MlpSpec::default() };
    let train = TrainSpec { loss, optimizer: Optimizer::SGD, lr: 1.0, clip, ..TrainSpec::default() };
    let team = Team::new(1, Simd::active());
    let mlp = Mlp::new(&spec, rows.columns(), outputs, team.simd(), 3);
    let before = parameters(&mlp);
    let factors = dropout.map_or_else(Vec::new, |dropout| drawn(dropout, &mlp, rows.len()));
    let mut trainer = Trainer::new(mlp, &train, rows.task(), rows.len(), dropout, &team);
    let positions: Vec<u32> = (0..rows.len() as u32).collect();
    let tally = trainer.step(&rows, &positions, train.update(1, 1, 1), dropout);
    let expected = reference_loss(&before, &factors, activation, loss, &rows);
    assert!((tally.mean_loss() - expected).abs() < 1e-5 * expected, "{activation:?} {loss:?}");
    let after = parameters(&trainer.mlp);
    for l in 0..before.len() {
        for (at, theta) in before[l].indexed_iter() {
            let h = 1e-6;
            let loss_at = |x: f64| {
                let mut moved = before.clone();
                moved[l][at] = x;
                reference_loss(&moved, &factors, activation, loss, &rows)
            };
            let expected = (loss_at(theta + h) - loss_at(theta - h)) / (2.0 * h);
            let found = theta - after[l][at];
            assert!((found - expected).abs() < 2e-6, "{activation:?} {loss:?} layer {l} {at:?}: {found} {expected}");
        }
    }
}

#[test]
fn gradients_are_those_of_central_differences() {
    let two = Set::classes(normal(9, 4, 1), 2, |r| (r % 2) as u32);
    let three = Set::classes(normal(9, 4, 1), 3, |r| (r % 3) as u32);
    let real = Set::new(normal(9, 4, 1), Target::Values(normal(1, 9, 2).into_raw_vec_and_offset().0));
    for activation in ALL {
        check_gradient(activation, Loss::SoftmaxCrossEntropy, &three, None, None);
        check_gradient(activation, Loss::BinaryCrossEntropy, &two, None, None);
        check_gradient(activation, Loss::SquaredError, &real, None, None);
    }
    check_gradient(Activation::Tanh, Loss::SquaredError, &three, None, None);
    check_gradient(Activation::Tanh, Loss::SoftmaxCrossEntropy, &three, Some(1e6), None);
    let dropout = Dropout::new(0.3, 5, 2);
    // Rectified units may sit on their kink where all that they read is dropped.
    for activation in [Activation::Tanh, Activation::Gelu, Activation::Silu] {
        check_gradient(activation, Loss::SoftmaxCrossEntropy, &three, None, dropout);
    }
}

/// Losses of `tests/reference/linear_training.py`.
#[test]
fn optimisers_follow_the_reference() {
    let x = Array2::from_shape_fn((24, 5), |(r, c)| ((7 * r + 3 * c * c + r * c) % 11) as f32 / 5.0 - 0.9);
    let set = Set::classes(x, 3, |r| (r * r / 5 % 3) as u32);
    let check = |optimizer, lr, weight_decay, clip, expected: [f64; 6]| {
        let mlp = MlpSpec { hidden: vec![], init: Init::Normal(0.0), ..MlpSpec::default() };
        let train = TrainSpec { optimizer, lr, weight_decay, clip, epochs: 6, ..TrainSpec::default() };
        let fit = super::train(&mlp.clone().into(), &train, &set.parts(), 1, 1, &Unwatched).expect("nobody stops it");
        for (found, expected) in values(&fit, "train_loss", None).iter().zip(expected) {
            assert!((found - expected).abs() < 2e-6, "{optimizer:?}: {found} {expected}");
        }
    };
    check(
        Optimizer::SGD,
        0.5,
        0.0,
        None,
        [1.098612289, 1.012013937, 0.948477986, 0.901361981, 0.865739590, 0.838167199],
    );
    check(
        Optimizer::Sgd { momentum: 0.9, nesterov: false },
        0.5,
        0.1,
        None,
        [1.098612289, 1.012013937, 0.895488573, 0.804936416, 0.755092063, 0.729078187],
    );
    check(
        Optimizer::Sgd { momentum: 0.9, nesterov: true },
        0.5,
        0.0,
        None,
        [1.098612289, 0.945814220, 0.827897930, 0.760514046, 0.725017296, 0.703762664],
    );
    check(
        Optimizer::RMSPROP,
        0.05,
        0.0,
        None,
        [1.098612289, 0.748036403, 0.704310979, 0.685281309, 0.670001872, 0.663009413],
    );
    check(
        Optimizer::ADAM,
        0.1,
        0.1,
        None,
        [1.098612289, 0.980797275, 0.892016465, 0.828199696, 0.783175207, 0.752005119],
    );
    check(
        Optimizer::ADAMW,
        0.1,
        0.1,
        None,
        [1.098612289, 0.980797275, 0.890911731, 0.824828489, 0.776762742, 0.741526630],
    );
    check(
        Optimizer::SGD,
        0.5,
        0.0,
        Some(0.1),
        [1.098612289, 1.077365971, 1.056836291, 1.037023454, 1.017926100, 0.999541212],
    );
}

#[test]
fn a_hidden_layer_separates_what_a_line_cannot() {
    let set = rings(300);
    for loss in [Loss::SoftmaxCrossEntropy, Loss::BinaryCrossEntropy, Loss::SquaredError] {
        for (hidden, learns) in [(vec![], false), (vec![24], true)] {
            let mlp = MlpSpec { hidden, ..MlpSpec::default() };
            let train = TrainSpec { loss, lr: 0.01, batch: 32, epochs: 40, ..TrainSpec::default() };
            let fit =
                super::train(&mlp.clone().into(), &train, &set.parts(), 1, 1, &Unwatched).expect("nobody stops it");
            let accuracy = values(&fit, "test_accuracy", None)[40];
            assert_eq!(accuracy > 0.97, learns, "{loss:?}: {accuracy}");
            let scores = fit.model.predict(&set.rows());
            let right = scores.rows().into_iter().enumerate().filter(|(r, s)| u32::from(s[1] > s[0]) == (r % 2) as u32);
            assert_eq!(right.count() as f64 / 300.0, accuracy, "predictions are those that were evaluated");
        }
    }
}

/// Such as those of a grid over the plane.
#[test]
fn rows_of_unknown_class_can_be_predicted() {
    let train = TrainSpec { epochs: 1, ..TrainSpec::default() };
    let fit = super::train(&MlpSpec::default().into(), &train, &rings(60).parts(), 1, 1, &Unwatched)
        .expect("nobody stops it");
    let unknown = Set::new(normal(5, 2, 1), Target::Values(vec![0.0; 5]));
    assert_eq!(fit.model.predict(&unknown.rows()).dim(), (5, 2));
}

#[test]
fn regression_finds_a_curve() {
    let x = Array2::from_shape_fn((200, 1), |(r, _)| r as f32 / 100.0 - 1.0);
    let y = x.iter().map(|x| x * x).collect();
    let set = Set::new(x, Target::Values(y));
    let mlp = MlpSpec {
        hidden: vec![16, 16],
        activation: Activation::Tanh,
        init: Init::Xavier,
        dropout: 0.0,
        ..MlpSpec::default()
    };
    let train = TrainSpec { loss: Loss::SquaredError, lr: 0.01, batch: 20, epochs: 60, ..TrainSpec::default() };
    let fit = super::train(&mlp.clone().into(), &train, &set.parts(), 1, 1, &Unwatched).expect("nobody stops it");
    let rmse = values(&fit, "test_rmse", None);
    assert_eq!(rmse.len(), 61);
    assert!(rmse[60] < 0.03, "{rmse:?}");
}

/// A training that uses much at once, on 150 rows of 40 columns.
fn rich() -> (MlpSpec, TrainSpec) {
    let mlp = MlpSpec {
        hidden: vec![70, 33],
        activation: Activation::Gelu,
        init: Init::He,
        dropout: 0.2,
        ..MlpSpec::default()
    };
    let train = TrainSpec {
        optimizer: Optimizer::ADAMW,
        weight_decay: 0.01,
        lr: 3e-3,
        batch: 64,
        epochs: 3,
        schedule: Schedule::WarmupCosine { epochs: 1, floor: 0.1 },
        ..TrainSpec::default()
    };
    (mlp, train)
}

/// All bits of a fit: history and predictions.
fn digest(mlp: &MlpSpec, train: &TrainSpec, team: &Team) -> String {
    let set = Set::classes(normal(150, 40, 5), 5, |r| (r % 5) as u32);
    digest_on(&set, &mlp.clone().into(), train, team)
}

/// The same on 150 rows of five classes.
fn digest_on(set: &Set, net: &NetSpec, train: &TrainSpec, team: &Team) -> String {
    let parts = Parts { train: set.part(0..110), valid: Some(set.part(110..130)), test: set.part(130..150) };
    let fit = training::train(net, train, &parts, 7, team, &Unwatched).expect("nobody stops it");
    digest_of(&fit, set)
}

fn digest_of(fit: &Fit, set: &Set) -> String {
    let mut hasher = blake3::Hasher::new();
    for series in &fit.history {
        hasher.update(series.measure.as_bytes());
        for (epoch, value) in series.epochs.iter().zip(&series.values) {
            hasher.update(&epoch.to_le_bytes()).update(&value.to_le_bytes());
        }
    }
    for text in &fit.texts {
        hasher.update(&text.epoch.to_le_bytes()).update(&text.symbols);
    }
    for score in fit.model.predict(&set.rows()) {
        hasher.update(&score.to_le_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

#[test]
fn a_fit_has_the_same_bits_on_every_path_and_team() {
    let (mlp, train) = rich();
    let clipped = TrainSpec { clip: Some(0.5), optimizer: Optimizer::RMSPROP, ..train.clone() };
    for train in [train, clipped] {
        let expected = digest(&mlp, &train, &Team::new(1, Simd::PORTABLE));
        for simd in Simd::available() {
            for threads in [1, 2, 3] {
                let found = digest(&mlp, &train, &Team::new(threads, simd));
                assert_eq!(found, expected, "{} with {threads} threads", simd.name());
            }
        }
    }
}

/// If this fails, results have changed: raise [`VERSION`] and write down the new digests.
#[test]
fn results_of_this_version_are_pinned() {
    let (mlp, train) = rich();
    let team = Team::new(1, Simd::active());
    let plain = TrainSpec { optimizer: Optimizer::SGD, schedule: Schedule::Constant, ..train.clone() };
    let relu = MlpSpec { activation: Activation::Relu, dropout: 0.0, ..mlp.clone() };
    let found = [digest(&mlp, &train, &team), digest(&relu, &plain, &team)];
    assert_eq!((VERSION, found.each_ref().map(String::as_str)), (2, ["33953bac74bcf799", "71746dcd4ea6bcdd"]));
}

#[test]
fn dropout_keeps_the_mean_and_is_off_in_evaluation() {
    let set = Set::classes(Array2::ones((64, 3)), 2, |_| 0);
    let spec = MlpSpec {
        hidden: vec![500],
        activation: Activation::Identity,
        init: Init::Normal(0.0),
        dropout: 0.3,
        ..MlpSpec::default()
    };
    let team = Team::new(1, Simd::active());
    let mut mlp = Mlp::new(&spec, 3, 2, team.simd(), 1);
    // Every hidden output is 1: the weights are 0 and the biases 1.
    let stride = mlp.layers[0].0.stride();
    mlp.layers[0].0.floats_mut().chunks_mut(stride).for_each(|p| p[stride - 32..].fill(1.0));
    let dropout = mlp::Dropout::new(0.3, 1, 0);
    let mut forward = mlp::Forward::new(&mlp, set.rows().task(), 64, dropout);
    let positions: Vec<u32> = (0..64).collect();
    forward.gather(&set.rows(), &positions, team.simd());
    let mut outputs = |dropout| {
        forward.run(&mlp, &team, dropout);
        (0..64)
            .flat_map(|r| (0..500).map(move |c| (r, c)))
            .map(|(r, c)| forward.outputs[0].at(r, c))
            .collect::<Vec<_>>()
    };
    assert!(outputs(None).iter().all(|&y| y == 1.0));
    let dropped = outputs(dropout);
    let share = dropped.iter().filter(|&&y| y == 0.0).count() as f64 / 32_000.0;
    assert!((share - 0.3).abs() < 0.01, "{share}");
    assert!(dropped.iter().all(|&y| y == 0.0 || y == (1.0 / 0.7) as f32));
}

#[test]
fn early_stopping_restores_the_best_weights() {
    // Labels without a rule: the net learns the training rows by heart and the validation loss rises.
    let mut draws = Stream::new(1, "labels").at(0);
    let labels: Vec<u32> = (0..120).map(|_| draws.below(2) as u32).collect();
    let set = Set::classes(normal(120, 10, 5), 2, |r| labels[r]);
    let parts = Parts { train: set.part(0..40), valid: Some(set.part(40..120)), test: set.part(40..120) };
    let early_stop = Some(EarlyStop { patience: 3, min_delta: 0.0 });
    let train = TrainSpec { lr: 0.01, batch: 8, epochs: 50, eval_every: 10, early_stop, ..TrainSpec::default() };
    let fit = super::train(&MlpSpec::default().into(), &train, &parts, 1, 1, &Unwatched).expect("nobody stops it");
    let losses = values(&fit, "valid_loss", None);
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(fit.epochs < 50 && losses.len() == fit.epochs as usize + 1, "{} epochs", fit.epochs);
    assert_eq!(losses[losses.len() - 4], best);
    let tests = fit.history.iter().find(|s| s.measure == "test_loss").expect("there are test rows");
    assert_eq!(tests.epochs.last(), Some(&fit.epochs));
    let scores = fit.model.predict(&parts.test);
    let mean = scores
        .rows()
        .into_iter()
        .enumerate()
        .map(|(r, s)| reference_row_loss(&[f64::from(s[0]), f64::from(s[1])], train.loss, &parts.test, r) / 80.0);
    assert!((mean.sum::<f64>() - best).abs() < 1e-5);
}

#[test]
fn divergence_ends_the_run_and_keeps_its_history() {
    let set = Set::new(normal(50, 3, 1) * 100.0, Target::Values(vec![1.0; 50]));
    let mlp = MlpSpec { activation: Activation::Identity, ..MlpSpec::default() };
    let train = TrainSpec { loss: Loss::SquaredError, optimizer: Optimizer::SGD, lr: 1.0, ..TrainSpec::default() };
    let fit = super::train(&mlp.clone().into(), &train, &set.parts(), 1, 1, &Unwatched).expect("nobody stops it");
    let Outcome::Diverged { epoch } = fit.outcome else { panic!("{:?}", fit.outcome) };
    assert_eq!((epoch, values(&fit, "train_loss", None).len() as u32), (fit.epochs, fit.epochs));
    assert!(values(&fit, "train_loss", None)[0].is_finite() && fit.epochs < 20);
}

#[test]
fn the_history_says_what_happened() {
    let set = rings(100);
    let mlp = MlpSpec { hidden: vec![8, 5], ..MlpSpec::default() };
    let train = TrainSpec { batch: 32, epochs: 5, eval_every: 2, ..TrainSpec::default() };
    let fit = super::train(&mlp.clone().into(), &train, &set.parts(), 1, 1, &Unwatched).expect("nobody stops it");
    let epochs = |measure| &fit.history.iter().find(|s| s.measure == measure).expect("recorded").epochs[..];
    assert_eq!(epochs("test_loss"), [0, 2, 4, 5]);
    assert_eq!(epochs("train_accuracy"), [2, 4, 5]);
    assert_eq!(epochs("gradient_norm"), [0, 2, 4, 5]);
    assert_eq!((fit.steps, fit.epochs, fit.parameters), (20, 5, 3 * 8 + 9 * 5 + 6 * 2));
    assert_eq!(values(&fit, "steps", None), [8.0, 16.0, 20.0]);
    assert_eq!(fit.flops, Some(estimated_flops(&mlp.into(), &train, &Setting::of(&set.rows()), 100)));
    assert!((1..=3).all(|l| values(&fit, "gradient_norm", Some(l)).iter().all(|&n| n > 0.0)));
    assert!((1..=2).all(|l| values(&fit, "saturated", Some(l)).iter().all(|&s| s > 0.2 && s < 0.8)));
    assert!(values(&fit, "dead", Some(1)).iter().all(|&d| (0.0..0.5).contains(&d)));
}

#[test]
fn units_driven_far_out_are_saturated_or_dead() {
    let set = Set::classes(Array2::from_elem((40, 2), 100.0), 2, |r| (r % 2) as u32);
    for (activation, dead) in [(Activation::Sigmoid, false), (Activation::Relu, true)] {
        let mlp = MlpSpec { hidden: vec![50], activation, init: Init::Normal(1.0), ..MlpSpec::default() };
        let train = TrainSpec { epochs: 1, lr: 0.0, ..TrainSpec::default() };
        let fit = super::train(&mlp.clone().into(), &train, &set.parts(), 1, 1, &Unwatched).expect("nobody stops it");
        let saturated = values(&fit, "saturated", Some(1))[0];
        assert!(if dead { (0.2..0.8).contains(&saturated) } else { saturated > 0.9 }, "{activation:?} {saturated}");
        if dead {
            assert_eq!(values(&fit, "dead", Some(1))[0], saturated, "rows are equal: a unit is 0 on all or none");
        }
    }
}

#[test]
fn a_watcher_sees_each_epoch_and_may_stop() {
    struct Second(Mutex<Vec<Progress>>);
    impl Watch for Second {
        fn progress(&self, progress: Progress) -> bool {
            self.0.lock().expect("no watcher panics").push(progress);
            progress.epoch < 2
        }
    }
    let watch = Second(Mutex::new(Vec::new()));
    let set = rings(20);
    assert!(super::train(&MlpSpec::default().into(), &TrainSpec::default(), &set.parts(), 1, 1, &watch).is_none());
    let seen = watch.0.into_inner().expect("no watcher panics");
    assert_eq!(seen.iter().map(|p| (p.epoch, p.epochs)).collect::<Vec<_>>(), [(1, 20), (2, 20)]);
}

#[test]
fn specifications_are_written_in_kebab_case() {
    let (mlp, train) = rich();
    let json = serde_json::to_string(&(mlp, train)).expect("plain values");
    assert_eq!(
        json,
        r#"[{"hidden":[70,33],"activation":"gelu","init":"he","dropout":0.2},{"loss":"softmax-cross-entropy","optimizer":{"adamw":{"beta1":0.9,"beta2":0.999,"epsilon":1e-8}},"lr":0.003,"weight-decay":0.01,"batch":64,"epochs":3,"schedule":{"warmup-cosine":{"epochs":1,"floor":0.1}},"early-stop":null,"clip":null,"eval-every":1}]"#
    );
}

/// What is left is rounding; to be asked changes no result.
#[test]
fn the_check_of_the_gradient_agrees_to_a_few_parts_in_a_thousand() {
    let set = Set::classes(normal(64, 4, 1), 3, |r| (r % 3) as u32);
    let rows = set.rows();
    let spec = MlpSpec { hidden: vec![16, 16], activation: Activation::Tanh, ..MlpSpec::default() };
    let train = TrainSpec { gradient_check: true, epochs: 2, batch: 32, ..TrainSpec::default() };
    let parts = Parts { train: rows, valid: None, test: rows };
    let fit = super::train(&spec.clone().into(), &train, &parts, 3, 1, &Unwatched).expect("nobody stops it");
    for layer in 1..=3 {
        let found = values(&fit, "gradient_check", Some(layer));
        assert!(found.len() == 1 && found[0] < 2e-3, "{layer}: {found:?}");
    }
    let unchecked = TrainSpec { gradient_check: false, ..train.clone() };
    let other = super::train(&spec.into(), &unchecked, &parts, 3, 1, &Unwatched).expect("nobody stops it");
    assert_eq!(values(&fit, "train_loss", None), values(&other, "train_loss", None), "to check changes nothing else");
    let key = |train: &TrainSpec| serde_json::to_string(train).expect("plain values");
    assert!(!key(&unchecked).contains("check") && key(&train).contains("gradient-check"));
}
