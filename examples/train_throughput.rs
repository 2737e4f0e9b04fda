//! How fast a net trains: prints one JSON object on standard output.
//!
//! ```text
//! cargo run --release --example train_throughput -- \
//!     --layers 784,512,512,512,10 --batch 128 --optimizer sgd --rows 8000 --epochs 5 --threads 1
//! cargo run --release --example train_throughput -- --net cnn      # 28×28 images; or lenet
//! ```
//!
//! The rows are bytes made up here. One epoch is trained first and not counted; `samples_per_second` is that of the median
//! epoch of the others, steps and records as in any run, without evaluation.

use std::sync::Mutex;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use labbook::data::{Features, Rows, Scaling, Target};
use labbook::learn::{Parts, Progress, Watch};
use labbook::nets::{
    CnnLayer, CnnSpec, MlpSpec, NetSpec, Optimizer, Padding, Pooling, Setting, TrainSpec, estimated_flops, train,
};
use labbook::numerics::{Simd, random::Stream};
use ndarray::Array2;

#[derive(Parser)]
struct Arguments {
    /// Units of each layer: inputs, hidden layers, classes.
    #[arg(long, value_delimiter = ',', default_value = "784,512,512,512,10")]
    layers: Vec<u32>,
    /// A net on 28×28 images and ten classes, in place of `--layers`.
    #[arg(long, value_enum, conflicts_with = "layers")]
    net: Option<Known>,
    /// Rows of a mini-batch.
    #[arg(long, default_value_t = 128)]
    batch: u32,
    #[arg(long, value_enum, default_value_t = Rule::Sgd)]
    optimizer: Rule,
    /// Training rows.
    #[arg(long, default_value_t = 8000)]
    rows: usize,
    /// Epochs that are timed.
    #[arg(long, default_value_t = 5)]
    epochs: u32,
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum Rule {
    Sgd,
    Momentum,
    Rmsprop,
    Adam,
    Adamw,
}

impl Rule {
    fn optimizer(self) -> Optimizer {
        match self {
            Self::Sgd => Optimizer::SGD,
            Self::Momentum => Optimizer::Sgd { momentum: 0.9, nesterov: false },
            Self::Rmsprop => Optimizer::RMSPROP,
            Self::Adam => Optimizer::ADAM,
            Self::Adamw => Optimizer::ADAMW,
        }
    }
}

/// Nets that have a name.
#[derive(Clone, Copy, ValueEnum)]
enum Known {
    /// Convolutions of 32 and 64 filters 3×3, each with a pool, and 128 dense units.
    Cnn,
    /// LeNet-5 with rectified units and the largest value of each pool.
    Lenet,
}

impl Known {
    fn spec(self) -> CnnSpec {
        let conv = |filters, padding| CnnLayer::Conv { filters, kernel: 5, stride: 1, padding };
        let pool = CnnLayer::Pool { by: Pooling::Max, size: 2, stride: 2 };
        match self {
            Self::Cnn => CnnSpec::default(),
            Self::Lenet => CnnSpec {
                layers: vec![
                    conv(6, Padding::Same),
                    pool,
                    conv(16, Padding::Valid),
                    pool,
                    CnnLayer::Dense(120),
                    CnnLayer::Dense(84),
                ],
                ..CnnSpec::default()
            },
        }
    }
}

/// A net, and what it reads.
struct Work {
    net: NetSpec,
    columns: usize,
    image: Option<[usize; 3]>,
    classes: usize,
}

impl Arguments {
    /// `None`: there are too few layers.
    fn work(&self) -> Option<Work> {
        if let Some(known) = self.net {
            return Some(Work { net: known.spec().into(), columns: 784, image: Some([28, 28, 1]), classes: 10 });
        }
        let [columns, hidden @ .., classes] = &self.layers[..] else { return None };
        let net = MlpSpec { hidden: hidden.to_vec(), ..MlpSpec::default() }.into();
        Some(Work { net, columns: *columns as usize, image: None, classes: *classes as usize })
    }

    fn train(&self) -> TrainSpec {
        TrainSpec {
            optimizer: self.optimizer.optimizer(),
            lr: 0.01,
            batch: self.batch,
            epochs: self.epochs + 1,
            ..TrainSpec::default()
        }
    }
}

/// Notes when each epoch ended.
struct Clock(Mutex<Vec<Instant>>);

impl Watch for Clock {
    fn progress(&self, _: Progress) -> bool {
        self.0.lock().expect("nothing panics while it is held").push(Instant::now());
        true
    }
}

fn main() {
    let arguments = Arguments::parse();
    let Some(Work { net, columns, image, classes }) = arguments.work() else {
        eprintln!("--layers takes at least the inputs and the classes");
        std::process::exit(2);
    };
    if let Err(error) = Simd::choose() {
        eprintln!("{error}");
        std::process::exit(2);
    }
    let mut draws = Stream::new(1, "throughput").at(0);
    let x = Array2::from_shape_simple_fn((arguments.rows, columns), || draws.below(256) as u8);
    let labels = (0..arguments.rows).map(|_| draws.below(classes as u64) as u32).collect();
    let target = Target::Classes { labels, names: (0..classes).map(|c| c.to_string()).collect() };
    let (features, scaling) = (Features::Bytes(x), Scaling::identity(columns));
    let index: Vec<u32> = (0..arguments.rows as u32).collect();
    let rows = |index| Rows::new(&features, &target, &scaling, index, image);
    let parts = Parts { train: rows(&index), valid: None, test: rows(&[]) };
    let spec = arguments.train();
    let clock = Clock(Mutex::new(Vec::new()));
    train(&net, &spec, &parts, 1, arguments.threads, &clock).expect("the clock stops nothing");
    let ends = clock.0.into_inner().expect("nothing panics while it is held");
    let mut seconds: Vec<f64> = ends.windows(2).map(|w| (w[1] - w[0]).as_secs_f64()).collect();
    seconds.sort_by(f64::total_cmp);
    let (median, best) = (seconds[seconds.len() / 2], seconds[0]);
    let once = TrainSpec { epochs: 1, ..spec };
    let flops = estimated_flops(&net, &once, &Setting::of(&parts.train), arguments.rows) as f64;
    let mut report = serde_json::json!({
        "samples_per_second": arguments.rows as f64 / median,
        "best_samples_per_second": arguments.rows as f64 / best,
        "gigaflops": flops / median * 1e-9,
        "batch": arguments.batch,
        "rows": arguments.rows,
        "epochs": arguments.epochs,
        "threads": arguments.threads,
        "simd": Simd::active().name(),
    });
    match arguments.net {
        Some(known) => report["net"] = known.to_possible_value().expect("no name is hidden").get_name().into(),
        None => report["layers"] = arguments.layers.into(),
    }
    println!("{report}");
}
