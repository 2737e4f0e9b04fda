//! Recurrent nets against a net in 64 bits, numbers of PyTorch, cases worked by hand, and themselves.

use super::super::net::{Moment, Net, Site, build};
use super::*;
use crate::numerics::LANES;

/// Windows of symbols, each step followed by the next; the label follows the last.
fn text(rows: usize, steps: usize, symbols: usize, at: impl Fn(usize, usize) -> usize) -> Set {
    let x = Array2::from_shape_fn((rows, steps), |(r, t)| at(r, t) as u8);
    let sequence = Sequence { steps, features: 1, symbols: Some(symbols), goes_on: true };
    let set = Set::classes(Array2::zeros((rows, steps)), symbols, |r| at(r, steps) as u32);
    Set { features: Features::Bytes(x), sequence: Some(sequence), ..set }
}

fn random_text(rows: usize, steps: usize, symbols: usize) -> Set {
    let mut draws = Stream::new(2, "text").at(0);
    let drawn: Vec<usize> = (0..rows * (steps + 1)).map(|_| draws.below(symbols as u64) as usize).collect();
    text(rows, steps, symbols, |r, t| drawn[r * (steps + 1) + t])
}

/// Sequences of numbers, seen through a scaling, and one value each.
fn numbers(rows: usize, steps: usize, features: usize, goes_on: bool) -> Set {
    let x = normal(rows, steps * features, 5);
    let values = normal(1, rows, 6).into_raw_vec_and_offset().0;
    let columns = steps * features;
    let scaling = Scaling {
        factor: (0..columns).map(|c| 1.0 + c as f32 / 8.0).collect(),
        offset: (0..columns).map(|c| c as f32 / 16.0 - 0.25).collect(),
    };
    let sequence = Some(Sequence { steps, features, symbols: None, goes_on });
    Set { scaling, sequence, ..Set::new(x, Target::Values(values)) }
}

fn spec(cell: Cell, hidden: &[u32]) -> RecurrentSpec {
    RecurrentSpec { cell, hidden: hidden.to_vec(), ..RecurrentSpec::default() }
}

fn built<'a>(net: &RecurrentSpec, train: &'a TrainSpec, set: &Set, team: &'a Team) -> Box<dyn Net + 'a> {
    let setting = Setting::of(&set.rows());
    build(&net.clone().into(), Site { setting, train, batch: set.rows().len(), seed: 3, team })
}

fn step(net: &mut dyn Net, train: &TrainSpec, set: &Set, step: u64) -> f64 {
    let positions: Vec<u32> = (0..set.rows().len() as u32).collect();
    let update = train.update(step + 1, 100, 10);
    net.step(&set.rows(), &positions, Moment { seed: 3, step, update }).mean_loss()
}

/// A matrix of parameters in 64 bits, as the net stores it; slots of `units` columns are padded to whole panels.
struct Theta<'a> {
    floats: &'a [f64],
    rows: usize,
    units: usize,
}

impl Theta<'_> {
    fn at(&self, r: usize, slot: usize, unit: usize) -> f64 {
        let panel = slot * self.units.div_ceil(LANES) + unit / LANES;
        self.floats[panel * self.rows * LANES + r * LANES + unit % LANES]
    }

    /// The sum over `x`, and the row below.
    fn sum(&self, x: &[f64], slot: usize, unit: usize) -> f64 {
        x.iter().enumerate().map(|(i, x)| x * self.at(i, slot, unit)).sum::<f64>() + self.at(x.len(), slot, unit)
    }
}

/// h and c after one step, by the formulas.
fn naive_cell(cell: Cell, w: &Theta<'_>, u: &Theta<'_>, x: &[f64], h: &[f64], c: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let logistic = |x: f64| 1.0 / (1.0 + libm::exp(-x));
    let units = 0..h.len();
    // The sum of a slot: over the inputs in slot `i`, over the outputs in slot `o`.
    let both = |i: usize, o: usize, unit: usize| w.sum(x, i, unit) + u.sum(h, o, unit);
    match cell {
        Cell::Rnn => (units.map(|k| libm::tanh(both(0, 0, k))).collect(), c.to_vec()),
        Cell::Lstm => {
            let c: Vec<f64> = units
                .map(|k| logistic(both(1, 1, k)) * c[k] + logistic(both(0, 0, k)) * libm::tanh(both(2, 2, k)))
                .collect();
            (c.iter().enumerate().map(|(k, c)| logistic(both(3, 3, k)) * libm::tanh(*c)).collect(), c)
        }
        Cell::Gru => {
            let of = |k: usize| {
                let (r, z) = (logistic(both(1, 0, k)), logistic(both(2, 1, k)));
                let n = libm::tanh(w.sum(x, 0, k) + r * u.sum(h, 2, k));
                (1.0 - z) * n + z * h[k]
            };
            (units.map(of).collect(), c.to_vec())
        }
    }
}

/// The mean loss in 64 bits; `weights` are those of [`Net::weights`].
fn naive_loss(spec: &RecurrentSpec, weights: &[Vec<f64>], loss: Loss, set: &Set) -> f64 {
    let (rows, sequence) = (set.rows(), set.sequence.expect("sequences"));
    let outputs = loss.outputs(rows.task());
    let scaled = rows.matrix();
    let (mut total, mut answers) = (0.0, 0.0);
    for r in 0..rows.len() {
        let mut state: Vec<(Vec<f64>, Vec<f64>)> =
            spec.hidden.iter().map(|h| (vec![0.0; *h as usize], vec![0.0; *h as usize])).collect();
        for t in 0..sequence.steps {
            let mut matrices = weights.iter();
            let mut next =
                |rows: usize, units: usize| Theta { floats: matrices.next().expect("one more"), rows, units };
            let mut x: Vec<f64> = match (&set.features, sequence.symbols) {
                (Features::Bytes(of), Some(symbols)) => {
                    (0..symbols).map(|s| f64::from(s == of[[r, t]] as usize)).collect()
                }
                _ => (0..sequence.features).map(|f| f64::from(scaled[[r, t * sequence.features + f]])).collect(),
            };
            if let Some(numbers) = spec.embedding {
                let table = next(x.len() + 1, numbers as usize);
                let symbol = x.iter().position(|x| *x == 1.0).expect("a symbol");
                x = (0..numbers as usize).map(|n| table.at(symbol, 0, n)).collect();
            }
            for ((h, c), units) in state.iter_mut().zip(&spec.hidden) {
                let (w, u) = (next(x.len() + 1, *units as usize), next(*units as usize + 1, *units as usize));
                (*h, *c) = naive_cell(spec.cell, &w, &u, &x, h, c);
                x = h.clone();
            }
            let head = next(x.len() + 1, outputs);
            if spec.outputs(sequence) == Outputs::Last && t + 1 < sequence.steps {
                continue;
            }
            let z: Vec<f64> = (0..outputs).map(|o| head.sum(&x, 0, o)).collect();
            total += naive_answer(&z, loss, set, r, t);
            answers += 1.0;
        }
    }
    total / answers
}

/// The loss of one answer.
fn naive_answer(z: &[f64], loss: Loss, set: &Set, r: usize, t: usize) -> f64 {
    let rows = set.rows();
    if set.sequence.is_none_or(|s| !s.goes_on) {
        return reference_row_loss(z, loss, &rows, r);
    }
    match rows.task() {
        Task::Regression => {
            let d = z[0] - f64::from(rows.value_after(r, t));
            d * d
        }
        Task::Classification { .. } => {
            assert_eq!(loss, Loss::SoftmaxCrossEntropy);
            libm::log(z.iter().map(|z| libm::exp(*z)).sum()) - z[rows.symbol_after(r, t) as usize]
        }
    }
}

/// The gradient of one step, as plain descent with rate 1 shows it, against central differences in 64 bits.
fn check_gradient(what: &str, spec: &RecurrentSpec, loss: Loss, set: &Set) {
    let train = TrainSpec { loss, optimizer: Optimizer::SGD, lr: 1.0, ..TrainSpec::default() };
    let team = Team::new(2, Simd::active());
    let mut net = built(spec, &train, set, &team);
    let held = |net: &mut dyn Net| -> Vec<Vec<f64>> {
        net.weights().into_iter().map(|w| w.iter().map(|&w| f64::from(w)).collect()).collect()
    };
    let before = held(&mut *net);
    let found_loss = step(&mut *net, &train, set, 0);
    let after = held(&mut *net);
    let expected = naive_loss(spec, &before, loss, set);
    assert!((found_loss - expected).abs() < 1e-5 * expected.abs(), "{what}: {found_loss} {expected}");
    let (mut looked, mut moved) = (0, 0);
    for l in 0..before.len() {
        for i in (l % 7..before[l].len()).step_by(7) {
            let h = 1e-6;
            let loss_at = |x: f64| {
                let mut changed = before.clone();
                changed[l][i] = x;
                naive_loss(spec, &changed, loss, set)
            };
            let theta = before[l][i];
            let found = theta - after[l][i];
            if theta == 0.0 && found == 0.0 {
                // Padding, or a bias that stands for another.
                continue;
            }
            let expected = (loss_at(theta + h) - loss_at(theta - h)) / (2.0 * h);
            looked += 1;
            moved += usize::from(found != 0.0);
            assert!((found - expected).abs() < 4e-6, "{what} matrix {l} at {i}: {found} {expected}");
        }
    }
    assert!(moved > 5 && moved * 10 > looked * 8, "{what}: {moved} of {looked} parameters looked at have a gradient");
}

#[test]
fn gradients_through_time_are_those_of_central_differences() {
    let (entropy, squares) = (Loss::SoftmaxCrossEntropy, Loss::SquaredError);
    for cell in [Cell::Rnn, Cell::Lstm, Cell::Gru] {
        let name = cell.name();
        check_gradient(&format!("{name} on text"), &spec(cell, &[5, 4]), entropy, &random_text(5, 4, 3));
        // More rows than a chunk, more units than a panel: blocks are joined, gates are padded.
        check_gradient(&format!("{name}, wide"), &spec(cell, &[35]), squares, &numbers(34, 2, 3, false));
        let every = RecurrentSpec { outputs: Some(Outputs::Every), ..spec(cell, &[6]) };
        check_gradient(&format!("{name} at every step"), &every, squares, &numbers(6, 4, 1, true));
        let last = RecurrentSpec { outputs: Some(Outputs::Last), embedding: Some(3), ..spec(cell, &[4]) };
        check_gradient(&format!("{name}, embedded"), &last, entropy, &random_text(7, 3, 4));
    }
}

/// Losses of `tests/reference/recurrent.py`: with all weights set by a rule, six steps and then an evaluation.
#[test]
fn training_follows_pytorch() {
    let check = |what: &str, net: &RecurrentSpec, set: &Set, train: &TrainSpec, expected: [f64; 7]| {
        let team = Team::new(1, Simd::active());
        let mut net_in_training = built(net, train, set, &team);
        let embeds = usize::from(net.embedding.is_some());
        let of_cells = embeds..embeds + 2 * net.hidden.len();
        for (number, w) in net_in_training.weights().into_iter().enumerate() {
            let units = net.hidden[number.saturating_sub(embeds) / 2 % net.hidden.len()] as usize;
            let is_u = of_cells.contains(&number) && (number - embeds) % 2 == 1;
            let head = [outputs_of(train, set), net.embedding.unwrap_or(0) as usize];
            // A slot is one panel here; other matrices are one panel wide.
            let (slots, columns) = match number {
                _ if of_cells.contains(&number) => (number_of_slots(net.cell), units),
                _ => (1, head[usize::from(number < embeds)]),
            };
            let rows = w.len() / LANES / slots;
            for (slot, r, c) in
                (0..slots).flat_map(|s| (0..rows).flat_map(move |r| (0..columns).map(move |c| (s, r, c))))
            {
                let (logical, redundant) = (slot * columns + c, is_u && (net.cell, slot) != (Cell::Gru, 2));
                let by_rule = ((7 * r + 3 * logical + 5 * number + r * logical) % 11) as f32 / 20.0 - 0.25;
                w[(slot * rows + r) * LANES + c] = if redundant && r + 1 == rows { 0.0 } else { by_rule };
            }
        }
        let mut found: Vec<f64> = (0..6).map(|s| step(&mut *net_in_training, train, set, s)).collect();
        let positions: Vec<u32> = (0..set.rows().len() as u32).collect();
        found.push(net_in_training.evaluate(&set.rows(), &positions).mean_loss());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5 * expected.max(1.0), "{what}: {found} {expected}");
        }
    };
    let momentum =
        TrainSpec { optimizer: Optimizer::Sgd { momentum: 0.9, nesterov: false }, lr: 0.1, ..TrainSpec::default() };
    let adam = TrainSpec { lr: 0.01, ..TrainSpec::default() };
    let clipped = TrainSpec { loss: Loss::SquaredError, clip: Some(0.5), ..momentum.clone() };
    let words = text(24, 6, 5, |r, t| (7 * r + 3 * t * t + r * t) % 5);
    check("lstm", &spec(Cell::Lstm, &[7, 9]), &words, &momentum, LSTM);
    let gru = RecurrentSpec { embedding: Some(4), outputs: Some(Outputs::Last), ..spec(Cell::Gru, &[9]) };
    check("gru", &gru, &words, &adam, GRU);
    let x = Array2::from_shape_fn((24, 18), |(r, c)| ((7 * r + 3 * c * c + r * c) % 11) as f32 / 5.0 - 0.9);
    let sequence = Some(Sequence { steps: 6, features: 3, symbols: None, goes_on: false });
    let values = (0..24).map(|r| (r * r / 5 % 3) as f32).collect();
    check("rnn", &spec(Cell::Rnn, &[8]), &Set { sequence, ..Set::new(x, Target::Values(values)) }, &clipped, RNN);
}

fn outputs_of(train: &TrainSpec, set: &Set) -> usize {
    train.loss.outputs(set.rows().task())
}

/// Of W, and of U as well.
fn number_of_slots(cell: Cell) -> usize {
    match cell {
        Cell::Rnn => 1,
        Cell::Lstm => 4,
        Cell::Gru => 3,
    }
}

const LSTM: [f64; 7] = [1.611077591, 1.608520295, 1.603873096, 1.597719992, 1.590697686, 1.583437551, 1.576514001];
const GRU: [f64; 7] = [1.611961746, 1.605177264, 1.599396275, 1.594129833, 1.588896089, 1.583265184, 1.576874600];
const RNN: [f64; 7] = [0.975489666, 0.888388394, 0.746194240, 0.595228340, 0.491799770, 0.495742602, 0.564641555];

/// One unit, two steps, an output that is the unit's, a target of 0: the loss is the square of the last h. Gates without
/// weights are ½, and tanh(½·ln 3) = ½.
#[test]
fn two_steps_of_each_cell_are_those_worked_by_hand() {
    let ln3 = std::f32::consts::LN_2 * 1.584_962_5;
    // Of each cell: the steps' inputs, and its weights as (matrix, slot, row, value); row 1 of W and U are the biases.
    let check = |cell: Cell, x: [f32; 2], weights: &[(usize, usize, usize, f32)], expected: f64| {
        let sequence = Some(Sequence { steps: 2, features: 1, symbols: None, goes_on: false });
        let set = Set {
            sequence,
            ..Set::new(Array2::from_shape_vec((1, 2), x.to_vec()).unwrap(), Target::Values(vec![0.0]))
        };
        let train = TrainSpec { loss: Loss::SquaredError, optimizer: Optimizer::SGD, lr: 0.0, ..TrainSpec::default() };
        let team = Team::new(1, Simd::active());
        let mut net = built(&spec(cell, &[1]), &train, &set, &team);
        let mut matrices = net.weights();
        matrices.iter_mut().for_each(|w| w.fill(0.0));
        for &(matrix, slot, row, value) in weights {
            matrices[matrix][(slot * 2 + row) * LANES] = value;
        }
        matrices[2][0] = 1.0;
        drop(matrices);
        let found = step(&mut *net, &train, &set, 0);
        assert!((found - expected * expected).abs() < 1e-6, "{}: {found}", cell.name());
    };
    // h₁ = tanh(½ ln 3), h₂ = tanh(ln 3 · ½).
    check(Cell::Rnn, [1.0, 0.0], &[(0, 0, 0, ln3 / 2.0), (1, 0, 0, ln3)], 0.5);
    // c₁ = ½·½, c₂ = ½·¼ + ½·½ = ⅜, h₂ = ½·tanh(⅜).
    check(Cell::Lstm, [1.0, 1.0], &[(0, 2, 0, ln3 / 2.0)], 0.5 * libm::tanh(0.375));
    // n = tanh(½·ln 3) by the bias that the reset gate halves: h₁ = ½·½, h₂ = ½·½ + ½·¼.
    check(Cell::Gru, [1.0, 1.0], &[(1, 2, 1, ln3)], 0.375);
}

/// A net and a training that use much at once, on a text of 150 windows.
fn rich_nets() -> [(RecurrentSpec, TrainSpec); 3] {
    let (_, train) = rich();
    let lstm = RecurrentSpec { dropout: 0.2, ..spec(Cell::Lstm, &[40, 33]) };
    let gru = RecurrentSpec { embedding: Some(7), outputs: Some(Outputs::Last), ..spec(Cell::Gru, &[37]) };
    let clipped = TrainSpec { clip: Some(0.5), ..train.clone() };
    [(lstm, clipped.clone()), (gru, train), (spec(Cell::Rnn, &[20]), clipped)]
}

#[test]
fn a_recurrent_net_has_the_same_bits_on_every_path_and_team() {
    let set = random_text(150, 5, 5);
    for (net, train) in rich_nets() {
        let net = net.into();
        let expected = digest_on(&set, &net, &train, &Team::new(1, Simd::PORTABLE));
        for simd in Simd::available() {
            for threads in [1, 2, 3] {
                let found = digest_on(&set, &net, &train, &Team::new(threads, simd));
                assert_eq!(found, expected, "{} with {threads} threads", simd.name());
            }
        }
    }
}

/// If this fails, results have changed: raise [`RECURRENT_VERSION`] and write down the new digests.
#[test]
fn results_of_recurrent_nets_are_pinned() {
    let set = random_text(150, 5, 5);
    let team = Team::new(1, Simd::active());
    let found = rich_nets().map(|(net, train)| digest_on(&set, &net.into(), &train, &team));
    assert_eq!(
        (RECURRENT_VERSION, found.each_ref().map(String::as_str)),
        (3, ["37d2e2b3060d9260", "1363844ec31ec943", "bda56292c761cebe"])
    );
}

#[test]
fn a_symbol_is_read_as_one_1_among_zeros() {
    let symbols = random_text(150, 5, 5);
    let Features::Bytes(of) = &symbols.features else { panic!("symbols are bytes") };
    let x = Array2::from_shape_fn((150, 25), |(r, c)| f32::from(of[[r, c / 5]] == (c % 5) as u8));
    let sequence = Some(Sequence { steps: 5, features: 5, symbols: None, goes_on: false });
    let columns = Set { sequence, ..Set::classes(x, 5, |r| symbols.rows().label(r)) };
    let (_, train) = rich();
    let team = Team::new(1, Simd::active());
    for cell in [Cell::Rnn, Cell::Lstm, Cell::Gru] {
        let net = RecurrentSpec { outputs: Some(Outputs::Last), ..spec(cell, &[34, 5]) }.into();
        let [picked, multiplied] = [&symbols, &columns].map(|set| {
            let parts = Parts { train: set.part(0..110), valid: None, test: set.part(110..150) };
            training::train(&net, &train, &parts, 7, &team, &Unwatched)
                .expect("nobody stops it")
                .model
                .predict(&parts.test)
        });
        assert_eq!(picked, multiplied, "{}", cell.name());
    }
}

#[test]
fn dropout_is_off_in_evaluation_and_spares_the_layers_own_next_step() {
    let set = random_text(60, 4, 4);
    let parts = set.parts();
    let course = |dropout| {
        let net = RecurrentSpec { dropout, ..spec(Cell::Gru, &[24, 24]) };
        let train = TrainSpec { lr: 0.0, epochs: 3, batch: 20, ..TrainSpec::default() };
        super::super::train(&net.into(), &train, &parts, 1, 1, &Unwatched).expect("nobody stops it")
    };
    let (without, with) = (course(0.0), course(0.5));
    // Nothing is learned: evaluations are of the same net, with dropout or without.
    assert_eq!(values(&without, "test_loss", None), values(&with, "test_loss", None));
    let losses = values(&with, "train_loss", None);
    assert!(losses.windows(2).all(|pair| pair[0] != pair[1]), "each step drops others: {losses:?}");
}

#[test]
fn a_net_remembers_what_it_saw_first() {
    // The label is the first symbol; what follows is noise.
    let noise = random_text(600, 12, 4);
    let Features::Bytes(of) = &noise.features else { panic!("symbols are bytes") };
    let labels = Set::classes(Array2::zeros((600, 12)), 4, |r| u32::from(of[[r, 0]]));
    let set = Set { target: labels.target, ..noise };
    let parts = Parts { train: set.part(0..500), valid: None, test: set.part(500..600) };
    for cell in [Cell::Lstm, Cell::Gru] {
        let net = RecurrentSpec { outputs: Some(Outputs::Last), ..spec(cell, &[24]) };
        let train = TrainSpec { lr: 0.01, batch: 20, epochs: 25, eval_every: 25, ..TrainSpec::default() };
        let fit = super::super::train(&net.clone().into(), &train, &parts, 1, 1, &Unwatched).expect("nobody stops it");
        assert!(values(&fit, "test_accuracy", None)[1] > 0.97, "{}", cell.name());
        let inputs = if cell == Cell::Lstm { 4 * 24 * (4 + 24 + 1) } else { 3 * 24 * (4 + 24 + 1) + 24 };
        assert_eq!(fit.parameters, inputs as u64 + 25 * 4);
        assert!(values(&fit, "saturated", Some(1)).iter().all(|s| (0.0..1.0).contains(s)));
        assert_eq!(values(&fit, "gradient_norm", Some(2)).len(), 2);
        let per_row = if cell == Cell::Lstm { 4 } else { 3 } * 24 * 24 * 6 * 12 + 24 * 4 * 6;
        assert_eq!(fit.flops, Some(per_row * 500 * 25));
    }
}

#[test]
fn a_net_writes_what_it_has_learned_going_on_from_the_first_test_row() {
    // abc ab abc ab …: what follows a b is told by what was before it.
    let set = text(80, 12, 4, |r, t| [0, 1, 2, 3, 0, 1, 3][(r * 5 + t) % 7]);
    let parts = Parts { train: set.part(0..60), valid: None, test: set.part(60..80) };
    let fit = |embedding, seed| {
        let net = RecurrentSpec { embedding, ..spec(Cell::Gru, &[24]) };
        let train = TrainSpec { lr: 0.02, batch: 10, epochs: 30, eval_every: 15, ..TrainSpec::default() };
        super::super::train(&net.into(), &train, &parts, seed, 1, &Unwatched).expect("nobody stops it")
    };
    for embedding in [None, Some(3)] {
        let fit = fit(embedding, 1);
        let kinds: Vec<(u32, f64)> = fit.texts.iter().map(|t| (t.epoch, t.temperature)).collect();
        let each = |epoch| [0.5, 0.8, 1.0].map(|temperature| (epoch, temperature));
        assert_eq!(kinds, [each(0), each(15), each(30)].concat());
        let expected: Vec<u8> = (0..400).map(|t| [0, 1, 2, 3, 0, 1, 3][(60 * 5 + 12 + t) % 7]).collect();
        let same = |text: &[u8]| text.iter().zip(&expected).filter(|(a, b)| a == b).count();
        assert!(same(&fit.texts[6].symbols) > 390, "{:?}", fit.texts[6].symbols);
        assert!(same(&fit.texts[0].symbols) < 300, "nothing is learned yet: {:?}", fit.texts[0].symbols);
    }
    assert_eq!(fit(None, 1).texts, fit(None, 1).texts);
    assert_ne!(fit(None, 1).texts[0].symbols, fit(None, 2).texts[0].symbols);
}

#[test]
fn what_a_recurrent_net_cannot_do_is_said() {
    let train = normal(4, 3, 1);
    let table = Setting::of(&Set::classes(train, 2, |r| (r % 2) as u32).rows());
    let (words, values) = (random_text(4, 3, 3), numbers(4, 3, 1, false));
    let check = |net: RecurrentSpec, setting: &Setting, expected: &str| {
        assert_eq!(NetSpec::from(net).check(setting).expect_err("it cannot"), expected);
    };
    let lstm = || spec(Cell::Lstm, &[3]);
    check(lstm(), &table, "`lstm` reads sequences, and the rows of this dataset are 3 columns in no order");
    let every = RecurrentSpec { outputs: Some(Outputs::Every), ..lstm() };
    let why = "`outputs = \"every\"` needs an answer at every step, and the rows of this dataset have one";
    check(every, &Setting::of(&values.rows()), why);
    let embedded = RecurrentSpec { embedding: Some(4), ..lstm() };
    let why = "`embedding` is for symbols, and the steps of this dataset are numbers";
    check(embedded.clone(), &Setting::of(&values.rows()), why);
    assert_eq!(NetSpec::from(embedded).check(&Setting::of(&words.rows())), Ok(()));
    let image = Setting { image: Some([4, 4, 1]), ..Setting::of(&images_as_sequences().rows()) };
    assert_eq!(NetSpec::from(lstm()).check(&image), Ok(()), "an image is a sequence of its rows");
}

fn images_as_sequences() -> Set {
    Set { image: Some([4, 4, 1]), ..Set::classes(normal(4, 16, 1), 2, |r| (r % 2) as u32) }
}
