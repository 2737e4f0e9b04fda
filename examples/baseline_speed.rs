//! Fits a baseline on the first rows of MNIST and predicts the first 2,000 test rows; prints one JSON object.
//!
//! `LABBOOK_DATA_MIRROR=… cargo run --release --example baseline_speed -- svm 4000`; `benches/peers/baselines.py` holds
//! it against scikit-learn.

use std::error::Error;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use labbook::baselines::{Baseline, ForestSpec, Gamma, Kernel, KnnSpec, LogisticSpec, SvmSpec};
use labbook::data::{Features, Rows, Scaling, Target};
use labbook::files;
use labbook::learn::Unwatched;
use ndarray::Array2;

const TEST_ROWS: usize = 2000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, m] = &arguments[..] else {
        return Err("usage: baseline_speed svm|svm-linear|svm-auto|logistic|knn|forest ROWS".into());
    };
    let mirror = std::env::var("LABBOOK_DATA_MIRROR")?;
    let folder = Path::new(&mirror).join("mnist");
    let (train, train_target) = part(&folder, "train", m.parse()?)?;
    let (test, test_target) = part(&folder, "t10k", TEST_ROWS)?;
    let scaling = Scaling::identity(train.columns());
    let all = |features: &Features| (0..features.rows() as u32).collect::<Vec<_>>();
    let (train_index, test_index) = (all(&train), all(&test));
    let train = Rows::new(&train, &train_target, &scaling, &train_index, None);
    let test = Rows::new(&test, &test_target, &scaling, &test_index, None);

    let start = Instant::now();
    let rbf = |gamma| SvmSpec { kernel: Kernel::Rbf { gamma }, ..SvmSpec::default() };
    let baseline = match model.as_str() {
        "svm" => Baseline::Svm(rbf(Gamma::Scale)),
        "svm-auto" => Baseline::Svm(rbf(Gamma::Auto)),
        "svm-linear" => Baseline::Svm(SvmSpec { kernel: Kernel::Linear, ..SvmSpec::default() }),
        "logistic" => Baseline::Logistic(LogisticSpec::default()),
        "knn" => Baseline::Knn(KnnSpec::default()),
        "forest" => Baseline::Forest(ForestSpec::default()),
        other => return Err(format!("`{other}` is no baseline").into()),
    };
    let fit = baseline.fit(&train, 1, &Unwatched)?.ok_or("nobody stops an unwatched fit")?;
    let fitted = start.elapsed().as_secs_f64();
    let scores = fit.model.predict(&test);
    let seconds = start.elapsed().as_secs_f64();
    let best = |row: ndarray::ArrayView1<'_, f32>| (0..row.len()).rev().max_by(|&a, &b| row[a].total_cmp(&row[b]));
    let right =
        scores.rows().into_iter().enumerate().filter(|(i, row)| best(*row) == Some(test.label(*i) as usize)).count();
    println!(
        "{{\"model\": \"{model}\", \"rows\": {m}, \"fit_seconds\": {fitted:.3}, \"seconds\": {seconds:.3}, \
         \"accuracy\": {:.4}, \"parameters\": {}}}",
        right as f64 / TEST_ROWS as f64,
        fit.parameters
    );
    Ok(())
}

/// The first `rows` images and labels of one part.
fn part(folder: &Path, name: &str, rows: usize) -> Result<(Features, Target), Box<dyn Error>> {
    let images = unzip(&folder.join(format!("{name}-images-idx3-ubyte.gz")))?;
    let labels = unzip(&folder.join(format!("{name}-labels-idx1-ubyte.gz")))?;
    let pixels = Array2::from_shape_vec((rows, 784), images[16..16 + 784 * rows].to_vec())?;
    let labels = labels[8..8 + rows].iter().map(|&l| u32::from(l)).collect();
    let names = (0..10).map(|c| c.to_string()).collect();
    Ok((Features::Bytes(pixels), Target::Classes { labels, names }))
}

fn unzip(path: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&files::read(path)?[..]).read_to_end(&mut bytes)?;
    Ok(bytes)
}
