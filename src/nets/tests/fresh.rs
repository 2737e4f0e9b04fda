//! The gradient of a fresh deep net by its biases, as it was published.
//!
//! Runs on request, as it reads MNIST: `LABBOOK_DATA_MIRROR=… cargo test --release --lib fresh:: -- --ignored --nocapture`
//! prints the norms.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::*;

const ROWS: usize = 1000;

fn unzipped(path: PathBuf) -> Vec<u8> {
    let mut bytes = Vec::new();
    let packed = crate::files::read(&path).expect("the mirror holds MNIST");
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut bytes).expect("the file is gzipped");
    bytes
}

/// The first rows of MNIST.
fn digits() -> (Features, Target) {
    let mirror = std::env::var_os("LABBOOK_DATA_MIRROR").expect("LABBOOK_DATA_MIRROR names a folder with MNIST");
    let file = |name: &str| unzipped(Path::new(&mirror).join("mnist").join(name));
    let pixels = file("train-images-idx3-ubyte.gz")[16..][..784 * ROWS].to_vec();
    let labels = file("train-labels-idx1-ubyte.gz")[8..][..ROWS].iter().map(|&label| label.into()).collect();
    let pixels = Array2::from_shape_vec((ROWS, 784), pixels).expect("784 pixels a row");
    (Features::Bytes(pixels), Target::Classes { labels, names: (0..10).map(|c| c.to_string()).collect() })
}

/// Norms of the gradient by the biases of each layer of a fresh 784-30-30-30-30-10 sigmoid net. Biases start at 0, and
/// plain descent at rate 1 makes them the negative of their gradient.
fn norms_by_biases(rows: &Rows<'_>, seed: u64) -> Vec<f64> {
    let spec =
        MlpSpec { hidden: vec![30; 4], activation: Activation::Sigmoid, init: Init::Lecun, ..MlpSpec::default() };
    let train = TrainSpec { optimizer: Optimizer::SGD, lr: 1.0, ..TrainSpec::default() };
    let team = Team::new(1, Simd::active());
    let mlp = Mlp::new(&spec, 784, 10, team.simd(), seed);
    let mut trainer = Trainer::new(mlp, &train, rows.task(), rows.len(), None, &team);
    let positions: Vec<u32> = (0..rows.len() as u32).collect();
    trainer.step(rows, &positions, train.update(1, 1, 1), None);
    let after = parameters(&trainer.mlp);
    after.iter().map(|theta| theta.row(theta.nrows() - 1).iter().map(|b| b * b).sum::<f64>().sqrt()).collect()
}

/// Nielsen, Neural Networks and Deep Learning (2015), chapter 5: 0.00298, 0.0171, 0.0695, 0.285, a ratio of 96.
#[test]
#[ignore = "reads MNIST"]
fn gradients_by_biases_vanish_as_published() {
    let (features, target) = digits();
    let (scaling, index) = (Scaling::identity(784), (0..ROWS as u32).collect::<Vec<_>>());
    let rows = Rows::new(&features, &target, &scaling, &index, None);
    for seed in 1..=10 {
        let norms = norms_by_biases(&rows, seed);
        let ratio = norms[3] / norms[0];
        println!("seed {seed}: {norms:.5?}, last hidden layer over first {ratio:.0}");
        assert!(norms[..4].is_sorted(), "norms rise from layer to layer: {norms:?}");
        assert!((30.0..300.0).contains(&ratio), "{ratio}");
    }
}
