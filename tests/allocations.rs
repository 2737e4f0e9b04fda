//! A training step allocates nothing in the steady state: twice as many steps, as many allocations.
//!
//! A binary of its own, as it replaces the allocator.

use labbook::data::{Features, Rows, Scaling, Target};
use labbook::learn::{Parts, Unwatched};
use labbook::nets::{
    Cell, CnnLayer, CnnSpec, MlpSpec, NetSpec, Norm, Optimizer, Padding, Pooling, RecurrentSpec, TrainSpec, train,
};
use labbook::numerics::{Simd, random::Stream};
use ndarray::Array2;

const SIDE: usize = 12;
const BATCH: usize = 40;

/// Calls of the allocator in one epoch of `steps` steps.
fn allocations(net: &NetSpec, spec: &TrainSpec, steps: usize) -> u64 {
    let rows = steps * BATCH;
    let mut draws = Stream::new(1, "allocations").at(0);
    let features = Features::Bytes(Array2::from_shape_simple_fn((rows, SIDE * SIDE), || draws.below(256) as u8));
    let labels = (0..rows).map(|r| (r % 3) as u32).collect();
    let target = Target::Classes { labels, names: ["a", "b", "c"].map(String::from).to_vec() };
    let scaling = Scaling::identity(SIDE * SIDE);
    let index: Vec<u32> = (0..rows as u32).collect();
    let part = |index| Rows::new(&features, &target, &scaling, index, Some([SIDE, SIDE, 1]));
    let parts = Parts { train: part(&index), valid: None, test: part(&[]) };
    // Which instructions there are is found once.
    Simd::active();
    let counted = allocation_counter::measure(|| {
        train(net, spec, &parts, 1, 1, &Unwatched).expect("nobody stops it");
    });
    counted.count_total
}

#[track_caller]
fn check(net: impl Into<NetSpec>, optimizer: Optimizer, clip: Option<f64>) {
    let spec = TrainSpec { optimizer, clip, batch: BATCH as u32, epochs: 1, ..TrainSpec::default() };
    let net = net.into();
    let (some, twice) = (allocations(&net, &spec, 4), allocations(&net, &spec, 8));
    assert!(some > 0, "the allocator counts");
    assert_eq!(some, twice, "{net:?}");
}

fn convolutional(norm: Option<Norm>, by: Pooling) -> CnnSpec {
    let layers = vec![
        CnnLayer::Conv { filters: 5, kernel: 3, stride: 1, padding: Padding::Same },
        CnnLayer::Pool { by, size: 2, stride: 2 },
        CnnLayer::Conv { filters: 33, kernel: 3, stride: 2, padding: Padding::Valid },
        CnnLayer::Dropout(0.2),
        CnnLayer::Dense(20),
    ];
    CnnSpec { layers, norm, ..CnnSpec::default() }
}

#[test]
fn steps_of_a_perceptron_allocate_nothing() {
    let mlp = MlpSpec { hidden: vec![40, 20], ..MlpSpec::default() };
    check(mlp.clone(), Optimizer::SGD, None);
    check(mlp.clone(), Optimizer::ADAM, None);
    check(MlpSpec { dropout: 0.3, ..mlp }, Optimizer::RMSPROP, Some(1.0));
}

#[test]
fn steps_of_a_normalised_residual_net_allocate_nothing() {
    for norm in [Norm::Batch, Norm::Layer] {
        let mlp = MlpSpec { hidden: vec![40, 40, 40], norm: Some(norm), residual: true, ..MlpSpec::default() };
        check(mlp, Optimizer::ADAM, None);
    }
}

#[test]
fn steps_of_a_convolutional_net_allocate_nothing() {
    check(convolutional(None, Pooling::Max), Optimizer::SGD, None);
    check(convolutional(None, Pooling::Average), Optimizer::ADAMW, Some(1.0));
    check(convolutional(Some(Norm::Batch), Pooling::Max), Optimizer::ADAM, None);
    check(convolutional(Some(Norm::Layer), Pooling::Max), Optimizer::ADAM, None);
}

#[test]
fn steps_of_a_recurrent_net_allocate_nothing() {
    // An image is a sequence of its rows.
    for cell in [Cell::Rnn, Cell::Lstm, Cell::Gru] {
        let net = RecurrentSpec { cell, hidden: vec![20, 33], ..RecurrentSpec::default() };
        check(net.clone(), Optimizer::SGD, None);
        check(RecurrentSpec { dropout: 0.3, ..net }, Optimizer::ADAM, Some(1.0));
    }
}
