//! How fast a net trains: prints one JSON object on standard output.
//!
//! ```text
//! cargo run --release --example train_throughput -- \
//!     --layers 784,512,512,512,10 --batch 128 --optimizer sgd --rows 8000 --epochs 5 --threads 1
//! cargo run --release --example train_throughput -- --net cnn                # 28×28 images; or lenet
//! cargo run --release --example train_throughput -- --net lstm --batch 64    # 50 characters a row; or gru, rnn
//! ```
//!
//! The rows are bytes made up here. One epoch is trained first and not counted; `samples_per_second` is that of the median
//! epoch of the others, steps and records as in any run, without evaluation. With one thread on Linux,
//! `samples_per_thread_second` counts only the time in which the thread ran, for a machine that has other work as well.
//! `--product` prints the rate of matrix products instead, the limit of any net, and `--records` what share of a step the
//! record of gradient norms takes. `benches/peers/nets.py` holds other frameworks against all of them.

use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use labbook::data::{Features, Rows, Scaling, Sequence, Target};
use labbook::files;
use labbook::learn::{Parts, Progress, Watch};
use labbook::nets::{
    Cell, CnnLayer, CnnSpec, MlpSpec, NetSpec, Optimizer, Padding, Pooling, RecurrentSpec, Setting, TrainSpec,
    estimated_flops, train,
};
use labbook::numerics::{Left, Panels, Simd, Start, Team, multiply, random::Stream, sums};
use ndarray::Array2;

#[derive(Parser)]
struct Arguments {
    /// Units of each layer: inputs, hidden layers, classes.
    #[arg(long, value_delimiter = ',', default_value = "784,512,512,512,10")]
    layers: Vec<u32>,
    /// A net on 28×28 images and ten classes or on sequences of characters, in place of `--layers`.
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
    /// Time matrix products in place of a training, with one thread.
    #[arg(long)]
    product: bool,
    /// Say what share of a step of `--layers` the record of gradient norms takes, in place of the training's rate.
    #[arg(long, conflicts_with = "net")]
    records: bool,
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
    /// 128 units of long short-term memory on 50 characters of 65, each of which is to tell the next.
    Lstm,
    /// The same of gated recurrent units.
    Gru,
    /// The same of plain recurrent units.
    Rnn,
}

/// Characters that there are, and those of a row.
const SYMBOLS: usize = 65;
const STEPS: usize = 50;

impl Known {
    fn work(self) -> Work {
        match self {
            Self::Cnn => Work::on_images(CnnSpec::default()),
            Self::Lenet => Work::on_images(lenet()),
            Self::Lstm => Work::on_characters(Cell::Lstm),
            Self::Gru => Work::on_characters(Cell::Gru),
            Self::Rnn => Work::on_characters(Cell::Rnn),
        }
    }
}

fn lenet() -> CnnSpec {
    let conv = |filters, padding| CnnLayer::Conv { filters, kernel: 5, stride: 1, padding };
    let pool = CnnLayer::Pool { by: Pooling::Max, size: 2, stride: 2 };
    let dense = [120, 84].map(CnnLayer::Dense);
    let layers = [conv(6, Padding::Same), pool, conv(16, Padding::Valid), pool].into_iter().chain(dense);
    CnnSpec { layers: layers.collect(), ..CnnSpec::default() }
}

/// A net, and what it reads.
struct Work {
    net: NetSpec,
    columns: usize,
    image: Option<[usize; 3]>,
    sequence: Option<Sequence>,
    classes: usize,
}

impl Work {
    fn on_images(net: CnnSpec) -> Self {
        Self { net: net.into(), columns: 784, image: Some([28, 28, 1]), sequence: None, classes: 10 }
    }

    fn on_characters(cell: Cell) -> Self {
        let net = RecurrentSpec { cell, ..RecurrentSpec::default() }.into();
        let sequence = Sequence { steps: STEPS, features: 1, symbols: Some(SYMBOLS), goes_on: true };
        Self { net, columns: STEPS, image: None, sequence: Some(sequence), classes: SYMBOLS }
    }
}

impl Arguments {
    /// `None`: there are too few layers.
    fn work(&self) -> Option<Work> {
        if let Some(known) = self.net {
            return Some(known.work());
        }
        let [columns, hidden @ .., classes] = &self.layers[..] else { return None };
        let net = MlpSpec { hidden: hidden.to_vec(), ..MlpSpec::default() }.into();
        Some(Work { net, columns: *columns as usize, image: None, sequence: None, classes: *classes as usize })
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

/// Notes when each epoch ended, and how long this thread had computed by then.
struct Clock(Mutex<Vec<(Instant, Option<f64>)>>);

impl Watch for Clock {
    fn progress(&self, _: Progress) -> bool {
        self.0.lock().expect("nothing panics while it is held").push((Instant::now(), thread_seconds()));
        true
    }
}

impl Clock {
    /// Of each epoch after the first, in order: by the clock on the wall, and by what one thread computed.
    fn seconds(self) -> (Vec<f64>, Option<Vec<f64>>) {
        let ends = self.0.into_inner().expect("nothing panics while it is held");
        let sorted = |mut seconds: Vec<f64>| {
            seconds.sort_by(f64::total_cmp);
            seconds
        };
        let wall = ends.windows(2).map(|w| (w[1].0 - w[0].0).as_secs_f64()).collect();
        let thread = ends.windows(2).map(|w| Some(w[1].1? - w[0].1?)).collect::<Option<_>>();
        (sorted(wall), thread.map(sorted))
    }
}

/// Time that this process's first thread has computed, where Linux says it: on a loaded machine a fairer measure.
fn thread_seconds() -> Option<f64> {
    let text = files::read_text(Path::new("/proc/self/schedstat")).ok()?;
    Some(text.split_whitespace().next()?.parse::<u64>().ok()? as f64 * 1e-9)
}

/// Made-up bytes and labels.
fn sample(rows: usize, work: &Work) -> (Features, Target) {
    let mut draws = Stream::new(1, "throughput").at(0);
    let values = work.sequence.and_then(|s| s.symbols).unwrap_or(256) as u64;
    let x = Array2::from_shape_simple_fn((rows, work.columns), || draws.below(values) as u8);
    let labels = (0..rows).map(|_| draws.below(work.classes as u64) as u32).collect();
    let names = (0..work.classes).map(|c| c.to_string()).collect();
    (Features::Bytes(x), Target::Classes { labels, names })
}

/// The best rate of three square products, in 10⁹ operations a second. Each is timed by itself: most take less than a
/// turn of a busy machine's scheduler, so that the best was not interrupted.
fn best_product() -> f64 {
    let team = Team::new(1, Simd::active());
    let mut best = 0.0f64;
    for (n, times) in [(512, 256), (1024, 32), (2048, 4)] {
        let filled = |x| Panels::from_matrix(Array2::from_elem((n, n), x).view());
        let (a, b, mut out) = (filled(0.5), filled(1.5), Panels::zeros(n, n));
        for _ in 0..times {
            let start = Instant::now();
            multiply(&team, Left::Plain(&a), &b, Start::Zero, &mut out);
            best = best.max((2 * n * n * n) as f64 * 1e-9 / start.elapsed().as_secs_f64());
        }
    }
    best
}

/// Seconds that the gradient norms of one step take: the median of many, panel by panel as a step takes them.
fn seconds_of_records(layers: &[u32]) -> f64 {
    let gradients: Vec<Panels> = layers
        .windows(2)
        .map(|w| Panels::from_matrix(Array2::from_elem((w[0] as usize + 1, w[1] as usize), 1e-3).view()))
        .collect();
    let mut seconds: Vec<f64> = (0..200)
        .map(|_| {
            let mut spent = 0.0;
            for gradient in &gradients {
                for p in 0..gradient.panels() {
                    // In a step the panel has just been written.
                    std::hint::black_box(sums::squares(Simd::active(), gradient.panel(p)));
                    let start = Instant::now();
                    std::hint::black_box(sums::squares(Simd::active(), gradient.panel(p)));
                    spent += start.elapsed().as_secs_f64();
                }
            }
            spent
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

fn stop(message: impl std::fmt::Display) -> ! {
    eprintln!("{message}");
    std::process::exit(2);
}

fn main() {
    let arguments = Arguments::parse();
    let Some(work) = arguments.work() else { stop("--layers takes at least the inputs and the classes") };
    if let Err(error) = Simd::choose() {
        stop(error);
    }
    if arguments.product {
        println!("{}", serde_json::json!({ "gigaflops": best_product() }));
        return;
    }
    let (features, target) = sample(arguments.rows, &work);
    let scaling = Scaling::identity(work.columns);
    let index: Vec<u32> = (0..arguments.rows as u32).collect();
    let rows = |index| Rows::new(&features, &target, &scaling, index, work.image).with_sequence(work.sequence);
    let parts = Parts { train: rows(&index), valid: None, test: rows(&[]) };
    let spec = arguments.train();
    let clock = Clock(Mutex::new(Vec::new()));
    train(&work.net, &spec, &parts, 1, arguments.threads, &clock).expect("the clock stops nothing");
    let (wall, thread) = clock.seconds();
    let thread = thread.filter(|_| arguments.threads == 1);
    let median = |seconds: &[f64]| seconds[seconds.len() / 2];
    let each = arguments.rows as f64;
    let once = TrainSpec { epochs: 1, ..spec };
    let flops = estimated_flops(&work.net, &once, &Setting::of(&parts.train), arguments.rows) as f64;
    let mut report = serde_json::json!({
        "samples_per_second": each / median(&wall),
        "best_samples_per_second": each / wall[0],
        "gigaflops": flops / median(&wall) * 1e-9,
        "samples_per_thread_second": thread.as_ref().map(|seconds| each / median(seconds)),
        "batch": arguments.batch,
        "rows": arguments.rows,
        "epochs": arguments.epochs,
        "threads": arguments.threads,
        "simd": Simd::active().name(),
    });
    if arguments.records {
        let epoch = median(thread.as_ref().unwrap_or(&wall));
        let step = epoch * f64::from(arguments.batch) / each;
        report["share_of_records"] = (seconds_of_records(&arguments.layers) / step).into();
    }
    match arguments.net {
        Some(known) => report["net"] = known.to_possible_value().expect("no name is hidden").get_name().into(),
        None => report["layers"] = arguments.layers.into(),
    }
    println!("{report}");
}
