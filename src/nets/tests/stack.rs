//! Stacks against a net in 64 bits, numbers of PyTorch, a case worked by hand, the perceptron, and themselves.

use super::super::net::{Moment, Net, Site, build};
use super::*;
use crate::numerics::LANES;

const CONV: CnnLayer = CnnLayer::Conv { filters: 3, kernel: 3, stride: 1, padding: Padding::Same };
const STRIDED: CnnLayer = CnnLayer::Conv { filters: 5, kernel: 3, stride: 2, padding: Padding::Pixels(1) };
const MAX: CnnLayer = CnnLayer::Pool { by: Pooling::Max, size: 2, stride: 2 };
const AVERAGE: CnnLayer = CnnLayer::Pool { by: Pooling::Average, size: 3, stride: 1 };

fn images(rows: usize, image: [usize; 3], classes: usize) -> Set {
    let x = normal(rows, image.iter().product(), 5);
    Set { image: Some(image), ..Set::classes(x, classes, |r| (r % classes) as u32) }
}

fn cnn(layers: &[CnnLayer], norm: Option<Norm>, activation: Activation) -> NetSpec {
    NetSpec::Cnn(CnnSpec { layers: layers.to_vec(), activation, init: Init::Lecun, norm })
}

fn deep(norm: Option<Norm>, activation: Activation) -> NetSpec {
    let hidden = vec![6, 6, 33, 33];
    NetSpec::Mlp(MlpSpec { hidden, activation, init: Init::Lecun, norm, residual: true, ..MlpSpec::default() })
}

fn built<'a>(net: &NetSpec, train: &'a TrainSpec, set: &Set, team: &'a Team) -> Box<dyn Net + 'a> {
    let setting = Setting::of(&set.rows());
    build(net, Site { setting, train, batch: set.rows().len(), seed: 3, team })
}

fn step(net: &mut dyn Net, train: &TrainSpec, set: &Set, step: u64) -> f64 {
    let positions: Vec<u32> = (0..set.rows().len() as u32).collect();
    let update = train.update(step + 1, 100, 10);
    net.step(&set.rows(), &positions, Moment { seed: 3, step, update }).mean_loss()
}

/// A layer written down naively, on rows of features.
enum Naive {
    Affine {
        conv: Option<(CnnLayer, [usize; 3])>,
        inputs: usize,
        outputs: usize,
    },
    Pool(CnnLayer, [usize; 3]),
    Norm(Norm, usize),
    /// Share and number of a dropout, from 1.
    Drop(f64, u64),
    Activate(Activation),
    Push,
    Add,
}

/// A matrix of parameters in 64 bits: weights and biases below, as the net stores them.
struct Theta<'a> {
    floats: &'a [f64],
    rows: usize,
}

impl Theta<'_> {
    fn at(&self, r: usize, c: usize) -> f64 {
        self.floats[c / LANES * self.rows * LANES + r * LANES + c % LANES]
    }
}

fn naive_layers(net: &NetSpec, set: &Set, outputs: usize) -> Vec<Naive> {
    let mut layers = Vec::new();
    let hidden = |layers: &mut Vec<Naive>, norm: Option<Norm>, channels, activation| {
        layers.extend(norm.map(|n| Naive::Norm(n, channels)));
        layers.push(Naive::Activate(activation));
    };
    match net {
        NetSpec::Cnn(spec) => {
            let volumes = spec.volumes(set.image.expect("images")).expect("it fits");
            for (layer, v) in spec.layers.iter().zip(volumes.windows(2)) {
                let shape = [v[0].height, v[0].width, v[0].channels];
                let (inputs, outputs) = (v[0].features(), v[1].channels);
                match layer {
                    CnnLayer::Conv { .. } => {
                        layers.push(Naive::Affine { conv: Some((*layer, shape)), inputs, outputs });
                        hidden(&mut layers, spec.norm, outputs, spec.activation);
                    }
                    CnnLayer::Dense(_) => {
                        layers.push(Naive::Affine { conv: None, inputs, outputs });
                        hidden(&mut layers, spec.norm, outputs, spec.activation);
                    }
                    CnnLayer::Dropout(share) => {
                        let before = layers.iter().filter(|layer| matches!(layer, Naive::Drop(..))).count() as u64;
                        layers.push(Naive::Drop(*share, before + 1));
                    }
                    _ => layers.push(Naive::Pool(*layer, shape)),
                }
            }
            let inputs = volumes[volumes.len() - 1].features();
            layers.push(Naive::Affine { conv: None, inputs, outputs });
        }
        NetSpec::Mlp(spec) => {
            let mut inputs = set.rows().columns();
            for &units in &spec.hidden {
                let units = units as usize;
                layers.extend((units == inputs).then_some(Naive::Push));
                layers.push(Naive::Affine { conv: None, inputs, outputs: units });
                hidden(&mut layers, spec.norm, units, spec.activation);
                layers.extend((units == inputs).then_some(Naive::Add));
                inputs = units;
            }
            layers.push(Naive::Affine { conv: None, inputs, outputs });
        }
        NetSpec::Recurrent(_) => unreachable!("no stack"),
    }
    layers
}

/// Windows of `layer` over `shape`: for each output pixel the input pixels and their entry of the window.
fn windows(layer: &CnnLayer, [height, width, _]: [usize; 3]) -> Vec<Vec<(usize, usize)>> {
    let ((down, rows), (across, columns)) = (layer.windows(height).unwrap(), layer.windows(width).unwrap());
    let mut all = Vec::new();
    for (row, column) in (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c))) {
        let mut window = Vec::new();
        for (i, j) in (0..down.size).flat_map(|i| (0..across.size).map(move |j| (i, j))) {
            let y = (row * down.stride + i).wrapping_sub(down.before);
            let x = (column * across.stride + j).wrapping_sub(across.before);
            if y < height && x < width {
                window.push((y * width + x, i * across.size + j));
            }
        }
        all.push(window);
    }
    all
}

fn naive_norm(norm: Norm, channels: usize, theta: &Theta<'_>, x: &mut [Vec<f64>]) {
    let standardise = |values: Vec<&mut f64>| {
        let n = values.len() as f64;
        let mean = values.iter().map(|x| **x).sum::<f64>() / n;
        let variance = values.iter().map(|x| (**x - mean) * (**x - mean)).sum::<f64>() / n;
        values.into_iter().for_each(|x| *x = (*x - mean) / libm::sqrt(variance + 1e-5));
    };
    match norm {
        Norm::Layer => x.iter_mut().for_each(|row| standardise(row.iter_mut().collect())),
        Norm::Batch => (0..channels).for_each(|c| {
            standardise(x.iter_mut().flat_map(|row| row.iter_mut().skip(c).step_by(channels)).collect());
        }),
    }
    for (i, x) in x.iter_mut().flat_map(|row| row.iter_mut().enumerate()) {
        *x = *x * theta.at(0, i % channels) + theta.at(1, i % channels);
    }
}

/// The dropout of the first step under the seed of [`built`]: a stream for each block of rows, feature after feature.
fn naive_dropout(share: f64, number: u64, x: &mut [Vec<f64>]) {
    for (block, rows) in x.chunks_mut(LANES).enumerate() {
        let mut draws = Stream::new(3, "dropout of a stack").at(number << 20 | block as u64);
        for feature in 0..rows[0].len() {
            let mut bits = [0; LANES];
            draws.fill_bits(Simd::PORTABLE, &mut bits);
            for (row, bits) in rows.iter_mut().zip(bits) {
                row[feature] *= if f64::from(bits) < share * 4_294_967_296.0 { 0.0 } else { 1.0 / (1.0 - share) };
            }
        }
    }
}

/// The mean loss in 64 bits; `weights` are those of [`Net::weights`], running statistics left out.
fn naive_loss(layers: &[Naive], weights: &[Vec<f64>], loss: Loss, set: &Set) -> f64 {
    let rows = set.rows();
    let mut x: Vec<Vec<f64>> = rows.matrix().rows().into_iter().map(|r| r.mapv(f64::from).to_vec()).collect();
    let mut weights = weights.iter();
    let mut next = |rows| Theta { floats: weights.next().expect("a matrix a layer"), rows };
    let mut pushed = Vec::new();
    for layer in layers {
        match layer {
            Naive::Affine { conv: None, inputs, outputs } => {
                let theta = next(inputs + 1);
                for row in &mut x {
                    let unit = |o| (0..*inputs).map(|i| row[i] * theta.at(i, o)).sum::<f64>() + theta.at(*inputs, o);
                    *row = (0..*outputs).map(unit).collect();
                }
            }
            Naive::Affine { conv: Some((layer, shape)), outputs, .. } => {
                let CnnLayer::Conv { kernel, .. } = layer else { unreachable!("a convolution") };
                let (channels, window) = (shape[2], (kernel * kernel) as usize * shape[2]);
                let (theta, windows) = (next(window + 1), windows(layer, *shape));
                for row in &mut x {
                    let at = |window_of: &[(usize, usize)], o: usize| {
                        let terms = window_of.iter().flat_map(|(pixel, entry)| {
                            (0..channels).map(move |c| (pixel * channels + c, entry * channels + c))
                        });
                        terms.map(|(i, r)| row[i] * theta.at(r, o)).sum::<f64>() + theta.at(window, o)
                    };
                    *row = windows.iter().flat_map(|w| (0..*outputs).map(|o| at(w, o)).collect::<Vec<_>>()).collect();
                }
            }
            Naive::Pool(layer, shape) => {
                let (windows, channels) = (windows(layer, *shape), shape[2]);
                let max = matches!(layer, CnnLayer::Pool { by: Pooling::Max, .. } | CnnLayer::GlobalPool(Pooling::Max));
                for row in &mut x {
                    let at = |window: &[(usize, usize)], c: usize| {
                        let values = window.iter().map(|(pixel, _)| row[pixel * channels + c]);
                        if max {
                            values.fold(f64::NEG_INFINITY, f64::max)
                        } else {
                            values.sum::<f64>() / window.len() as f64
                        }
                    };
                    *row = windows.iter().flat_map(|w| (0..channels).map(|c| at(w, c)).collect::<Vec<_>>()).collect();
                }
            }
            Naive::Norm(norm, channels) => naive_norm(*norm, *channels, &next(2), &mut x),
            Naive::Drop(share, number) => naive_dropout(*share, *number, &mut x),
            Naive::Activate(activation) => x.iter_mut().flatten().for_each(|x| *x = exact(*activation, *x)),
            Naive::Push => pushed = x.clone(),
            Naive::Add => x.iter_mut().flatten().zip(pushed.iter().flatten()).for_each(|(x, p)| *x += p),
        }
    }
    let losses = x.iter().enumerate().map(|(r, z)| reference_row_loss(z, loss, &rows, r));
    losses.sum::<f64>() / rows.len() as f64
}

/// The gradient of one step, as plain descent with rate 1 shows it, against central differences in 64 bits.
fn check_gradient(what: &str, net: &NetSpec, loss: Loss, set: &Set) {
    let train = TrainSpec { loss, optimizer: Optimizer::SGD, lr: 1.0, ..TrainSpec::default() };
    let team = Team::new(1, Simd::active());
    let layers = naive_layers(net, set, loss.outputs(set.rows().task()));
    let mut net = built(net, &train, set, &team);
    // Off the first values, so that γ and β matter and no unit sits on a kink.
    let mut draws = Stream::new(4, "moved").at(0);
    net.weights().into_iter().flatten().for_each(|w| *w += 0.1 * draws.normal() as f32);
    let held = |net: &mut dyn Net| -> Vec<Vec<f64>> {
        net.weights().into_iter().map(|w| w.iter().map(|&w| f64::from(w)).collect()).collect()
    };
    // Running statistics are no whole panels, and have no gradient.
    let matrices = |all: Vec<Vec<f64>>| -> Vec<Vec<f64>> { all.into_iter().filter(|w| w.len() % LANES == 0).collect() };
    let before = matrices(held(&mut *net));
    let found_loss = step(&mut *net, &train, set, 0);
    let after = matrices(held(&mut *net));
    let expected = naive_loss(&layers, &before, loss, set);
    assert!((found_loss - expected).abs() < 1e-5 * expected.abs(), "{what}: {found_loss} {expected}");
    let mut moved = 0;
    for l in 0..before.len() {
        // Every third parameter: neighbours are computed alike.
        for i in (l % 3..before[l].len()).step_by(3) {
            let h = 1e-6;
            let loss_at = |x: f64| {
                let mut changed = before.clone();
                changed[l][i] = x;
                naive_loss(&layers, &changed, loss, set)
            };
            let theta = before[l][i];
            let expected = (loss_at(theta + h) - loss_at(theta - h)) / (2.0 * h);
            let found = theta - after[l][i];
            moved += usize::from(found != 0.0);
            assert!((found - expected).abs() < 4e-6, "{what} matrix {l} at {i}: {found} {expected}");
        }
    }
    assert!(moved > 20, "{what}: {moved} of the parameters looked at have a gradient");
}

#[test]
fn gradients_of_all_layers_are_those_of_central_differences() {
    let (batch, layer) = (Some(Norm::Batch), Some(Norm::Layer));
    let set = images(9, [5, 6, 2], 3);
    // More rows than a block holds, so that statistics and gradients are joined.
    let many = images(35, [4, 4, 1], 3);
    let entropy = Loss::SoftmaxCrossEntropy;
    check_gradient("same and max", &cnn(&[CONV, MAX], None, Activation::Tanh), entropy, &set);
    check_gradient("stride and average", &cnn(&[STRIDED, AVERAGE], None, Activation::Gelu), entropy, &set);
    check_gradient("two", &cnn(&[CONV, STRIDED, CnnLayer::Dense(4)], None, Activation::Relu), Loss::SquaredError, &set);
    let global = |by| CnnLayer::GlobalPool(by);
    check_gradient("global", &cnn(&[CONV, global(Pooling::Average)], None, Activation::Silu), entropy, &set);
    let drop = CnnLayer::Dropout(0.25);
    check_gradient(
        "dropout",
        &cnn(&[CONV, drop, MAX, CnnLayer::Dense(9), drop], None, Activation::Tanh),
        entropy,
        &many,
    );
    check_gradient("pool first", &cnn(&[MAX, CONV, global(Pooling::Max)], None, Activation::Tanh), entropy, &set);
    check_gradient("batch", &cnn(&[CONV, MAX, CnnLayer::Dense(5)], batch, Activation::Tanh), entropy, &many);
    let rows = Set::classes(normal(40, 6, 8), 3, |r| (r % 3) as u32);
    check_gradient("residual", &deep(None, Activation::Tanh), entropy, &rows);
    check_gradient("residual and layer", &deep(layer, Activation::Gelu), entropy, &rows);
    check_gradient("residual and batch", &deep(batch, Activation::Sigmoid), entropy, &rows);
}

/// The sum of a 2 × 2 window with weights 1, 10, 100, 1000 and bias 0.5 over
///
/// ```text
/// 1 2 3
/// 4 5 6
/// ```
#[test]
fn a_convolution_is_the_one_worked_by_hand() {
    let x = Array2::from_shape_fn((1, 6), |(_, i)| i as f32 + 1.0);
    let set = Set { image: Some([2, 3, 1]), ..Set::new(x, Target::Values(vec![0.0])) };
    let conv = CnnLayer::Conv { filters: 1, kernel: 2, stride: 1, padding: Padding::Valid };
    let net = cnn(&[conv, CnnLayer::GlobalPool(Pooling::Max)], None, Activation::Identity);
    let train = TrainSpec { loss: Loss::SquaredError, optimizer: Optimizer::SGD, lr: 1e-9, ..TrainSpec::default() };
    let team = Team::new(1, Simd::active());
    let mut net = built(&net, &train, &set, &team);
    let mut weights = net.weights();
    for (r, w) in [1.0, 10.0, 100.0, 1000.0, 0.5].into_iter().enumerate() {
        weights[0][r * LANES] = w;
    }
    (weights[1][0], weights[1][LANES]) = (1.0, 0.0);
    drop(weights);
    // Windows: 1 + 20 + 400 + 5000 = 5421 and 2 + 30 + 500 + 6000 = 6532; the larger, and its bias, squared.
    assert_eq!(step(&mut *net, &train, &set, 0), f64::from(6532.5f32 * 6532.5));
}

/// Losses of `tests/reference/stacks.py`: with all weights set by a rule, six steps and then an evaluation.
#[test]
fn training_follows_pytorch() {
    let check = |what: &str, net: &NetSpec, set: &Set, train: &TrainSpec, expected: [f64; 7]| {
        let team = Team::new(1, Simd::active());
        let mut net = built(net, train, set, &team);
        for (number, w) in net.weights().into_iter().filter(|w| w.len() % LANES == 0).enumerate() {
            // All matrices here are one panel wide.
            let rows = w.len() / LANES;
            if rows == 2 {
                continue;
            }
            for (r, c) in (0..rows).flat_map(|r| (0..LANES).map(move |c| (r, c))) {
                w[r * LANES + c] = ((7 * r + 3 * c + 5 * number + r * c) % 11) as f32 / 20.0 - 0.25;
            }
        }
        let mut found: Vec<f64> = (0..6).map(|s| step(&mut *net, train, set, s)).collect();
        let positions: Vec<u32> = (0..set.rows().len() as u32).collect();
        found.push(net.evaluate(&set.rows(), &positions).mean_loss());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5 * expected.max(1.0), "{what}: {found} {expected}");
        }
    };
    let x =
        |columns| Array2::from_shape_fn((24, columns), |(r, c)| ((7 * r + 3 * c * c + r * c) % 11) as f32 / 5.0 - 0.9);
    let set = |image: [usize; 3]| Set {
        image: Some(image),
        ..Set::classes(x(image.iter().product()), 3, |r| (r * r / 5 % 3) as u32)
    };
    let momentum =
        TrainSpec { optimizer: Optimizer::Sgd { momentum: 0.9, nesterov: false }, lr: 0.1, ..TrainSpec::default() };
    let adam = TrainSpec { lr: 0.01, ..TrainSpec::default() };
    let batch = Some(Norm::Batch);
    let plain = cnn(&[CONV, MAX, STRIDED, CnnLayer::Dense(7)], None, Activation::Relu);
    check("plain", &plain, &set([8, 8, 2]), &momentum, PLAIN);
    let normed = cnn(&[CONV, AVERAGE, STRIDED, CnnLayer::GlobalPool(Pooling::Average)], batch, Activation::Relu);
    check("batch norm", &normed, &set([8, 8, 2]), &momentum, NORMED);
    let mlp = MlpSpec { hidden: vec![6, 6, 9, 9], norm: Some(Norm::Layer), residual: true, ..MlpSpec::default() };
    let rows = Set::classes(x(6), 3, |r| (r * r / 5 % 3) as u32);
    check("layer norm, residual", &mlp.into(), &rows, &adam, DEEP);
}

const PLAIN: [f64; 7] = [1.076141149, 1.060836048, 1.035642265, 1.006292950, 0.976234341, 0.948746542, 0.926831154];
const NORMED: [f64; 7] = [1.150665427, 1.119001691, 1.063561489, 0.995985424, 0.928690998, 0.875724680, 0.961351235];
const DEEP: [f64; 7] = [1.606620743, 1.419341753, 1.253314322, 1.104247079, 0.985661085, 0.903827306, 0.859243018];

#[test]
fn dense_layers_of_a_stack_have_the_bits_of_the_perceptron() {
    let set = images(150, [5, 4, 2], 5);
    let (_, train) = rich();
    let team = Team::new(1, Simd::active());
    let layers = vec![CnnLayer::Dense(70), CnnLayer::Dense(33)];
    for activation in [Activation::Relu, Activation::Gelu] {
        let stack = CnnSpec { layers: layers.clone(), activation, init: Init::He, norm: None };
        let mlp = MlpSpec { hidden: vec![70, 33], activation, ..MlpSpec::default() };
        let [found, expected] = [stack.into(), mlp.into()].map(|net| digest_on(&set, &net, &train, &team));
        assert_eq!(found, expected, "{activation:?}");
    }
}

/// A net and a training that use much at once.
fn rich_nets() -> [(NetSpec, TrainSpec); 2] {
    let (_, train) = rich();
    let dropout = CnnLayer::Dropout(0.2);
    let layers = vec![CONV, MAX, dropout, STRIDED, CnnLayer::GlobalPool(Pooling::Average), CnnLayer::Dense(40)];
    let cnn = CnnSpec { layers, activation: Activation::Silu, init: Init::He, norm: Some(Norm::Batch) };
    let mlp =
        MlpSpec { hidden: vec![70, 70], norm: Some(Norm::Layer), residual: true, dropout: 0.1, ..MlpSpec::default() };
    [(cnn.into(), train.clone()), (mlp.into(), TrainSpec { clip: Some(0.5), ..train })]
}

#[test]
fn a_stack_has_the_same_bits_on_every_path_and_team() {
    let set = images(150, [7, 6, 3], 5);
    for (net, train) in rich_nets() {
        let expected = digest_on(&set, &net, &train, &Team::new(1, Simd::PORTABLE));
        for simd in Simd::available() {
            for threads in [1, 2, 3] {
                let found = digest_on(&set, &net, &train, &Team::new(threads, simd));
                assert_eq!(found, expected, "{} with {threads} threads", simd.name());
            }
        }
    }
}

/// If this fails, results have changed: raise [`STACK_VERSION`] and write down the new digests.
#[test]
fn results_of_stacks_are_pinned() {
    let set = images(150, [7, 6, 3], 5);
    let team = Team::new(1, Simd::active());
    let found = rich_nets().map(|(net, train)| digest_on(&set, &net, &train, &team));
    assert_eq!((STACK_VERSION, found.each_ref().map(String::as_str)), (3, ["fd79f996ffaa3ee2", "c3e37476a23adda8"]));
}

#[test]
fn a_convolutional_net_learns_where_a_stroke_lies() {
    // A bright stroke, upright or lying, anywhere: its pixels alone say nothing.
    let mut draws = Stream::new(1, "strokes").at(0);
    let mut x = Array2::zeros((400, 64));
    for (r, mut row) in x.rows_mut().into_iter().enumerate() {
        let (a, b) = (draws.below(8) as usize, draws.below(5) as usize);
        (0..4).for_each(|i| row[if r % 2 == 0 { a * 8 + b + i } else { (b + i) * 8 + a }] = 1.0f32);
    }
    let set = Set { image: Some([8, 8, 1]), ..Set::classes(x, 2, |r| (r % 2) as u32) };
    let parts = Parts { train: set.part(0..300), valid: None, test: set.part(300..400) };
    let layers = vec![
        CnnLayer::Conv { filters: 8, kernel: 3, stride: 1, padding: Padding::Same },
        CnnLayer::GlobalPool(Pooling::Max),
    ];
    let net = CnnSpec { layers, ..CnnSpec::default() };
    let train = TrainSpec { lr: 0.02, batch: 32, epochs: 15, eval_every: 15, ..TrainSpec::default() };
    let fit = super::super::train(&net.into(), &train, &parts, 1, 1, &Unwatched).expect("nobody stops it");
    assert!(values(&fit, "test_accuracy", None)[1] > 0.99);
    assert_eq!(fit.parameters, 10 * 8 + 9 * 2);
    assert_eq!(values(&fit, "gradient_norm", Some(2)).len(), 2);
    assert!(values(&fit, "dead", Some(1))[1] < 0.5);
}

#[test]
fn the_state_of_units_is_that_of_the_same_rows_whatever_the_batch() {
    let set = images(420, [7, 6, 3], 5);
    let parts = Parts { train: set.part(0..60), valid: None, test: set.part(60..420) };
    for (net, _) in rich_nets() {
        let states = [1, 17, 60].map(|batch| {
            let train = TrainSpec { batch, epochs: 1, ..TrainSpec::default() };
            let fit = super::super::train(&net, &train, &parts, 1, 1, &Unwatched).expect("nobody stops it");
            values(&fit, "saturated", Some(1))[0]
        });
        assert_eq!(states, [states[0]; 3]);
    }
}
