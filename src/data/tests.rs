//! The room as its callers see it: books with small files in, samples out.

use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use std::io::Write;

use super::*;
use crate::files;

fn shelf(files_of_book: &[(&str, &[u8])]) -> (tempfile::TempDir, Shelf) {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, bytes) in files_of_book {
        files::write(&folder.path().join(path), bytes).expect("it can be written");
    }
    let shelf = Shelf { book: folder.path().to_owned(), cache: folder.path().join("cache"), mirrors: Vec::new() };
    (folder, shelf)
}

fn table(path: &str, label: &str) -> DatasetSpec {
    let file = TableFile { path: path.into(), delimiter: None, header: None, ignore: Vec::new() };
    DatasetSpec { label: Some(label.into()), ..DatasetSpec::new(Source::File(file)) }
}

fn generator(kind: GeneratorKind, seed: u64) -> DatasetSpec {
    DatasetSpec::new(Source::Generator(Generator { kind, seed }))
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn idx(dimensions: &[u32], cells: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dimensions.len() as u8];
    dimensions.iter().for_each(|d| bytes.extend(d.to_be_bytes()));
    bytes.extend(cells);
    bytes
}

fn error(spec: &DatasetSpec, shelf: &Shelf) -> (String, Option<String>) {
    let error = load(spec, shelf).expect_err("the description cannot be met");
    (error.to_string(), error.hint())
}

/// The first bytes of the digest of a sample's training rows and labels.
fn fingerprint(spec: &DatasetSpec) -> String {
    let set = Arc::new(load(spec, &Shelf::default()).expect("it can be had"));
    let sample = set.sample(Some(50), None, 1).expect("there are 50 rows");
    let rows = sample.train();
    let mut hasher = blake3::Hasher::new();
    for x in &rows.matrix() {
        hasher.update(&x.to_le_bytes());
    }
    for position in 0..rows.len() {
        match rows.task() {
            Task::Classification { .. } => hasher.update(&rows.label(position).to_le_bytes()),
            Task::Regression => hasher.update(&rows.value(position).to_le_bytes()),
        };
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// Every algorithm's results are pinned: who changes them raises its `VERSION`, then the digest here.
#[test]
fn results_are_pinned() {
    let glyphs = generator(GeneratorKind::Glyphs { difficulty: 0.5 }, 0);
    let mapped = |features| DatasetSpec { features, ..glyphs.clone() };
    let builtin = |set| DatasetSpec { scale: Scale::Standardize, ..DatasetSpec::new(Source::Builtin(set)) };
    let log = DatasetSpec { features: FeatureMap::Log, ..DatasetSpec::new(Source::Builtin(Builtin::Winequality)) };
    let found: Vec<(&str, String)> = [
        ("glyphs", glyphs.clone()),
        ("pixel-histogram", mapped(FeatureMap::PixelHistogram)),
        ("oriented-gradients", mapped(FeatureMap::OrientedGradients)),
        ("log", log),
        ("moons", generator(GeneratorKind::ALL[1], 0)),
        ("rings", generator(GeneratorKind::ALL[2], 0)),
        ("spirals", generator(GeneratorKind::ALL[3], 0)),
        ("blobs", generator(GeneratorKind::ALL[4], 0)),
        ("adding", generator(GeneratorKind::ALL[5], 0)),
        ("waves", generator(GeneratorKind::ALL[6], 0)),
        ("mail", generator(GeneratorKind::ALL[7], 0)),
        ("clicks", generator(GeneratorKind::ALL[8], 0)),
        ("drive", generator(GeneratorKind::ALL[9], 0)),
        ("iris", builtin(Builtin::Iris)),
        ("winequality", builtin(Builtin::Winequality)),
        ("diabetes", builtin(Builtin::Diabetes)),
    ]
    .map(|(name, spec)| (name, fingerprint(&spec)))
    .into();
    let expected = PINNED.map(|(name, digest)| (name, digest.to_owned()));
    assert_eq!(found, expected);
}

const PINNED: [(&str, &str); 16] = [
    ("glyphs", "6ed3dc13ff37a012"),
    ("pixel-histogram", "01407ada986d18d1"),
    ("oriented-gradients", "03567353c25c15c5"),
    ("log", "23b4da469b99f521"),
    ("moons", "4b51b8cdb0de8db1"),
    ("rings", "f0298452647d1e12"),
    ("spirals", "188e36e59e596e5f"),
    ("blobs", "45a2feda72e86773"),
    ("adding", "fb8eb8280b5fe482"),
    ("waves", "ae8454bda59ee4c0"),
    ("mail", "15568a971ce0bbd0"),
    ("clicks", "c379fe7c0b210fd7"),
    ("drive", "24a8ca1769fb50d1"),
    ("iris", "6c7cf5eec8b1ffb2"),
    ("winequality", "9ddb2c1959e6eff5"),
    ("diabetes", "a4ed67ee35c4fb6e"),
];

#[test]
fn a_generated_row_depends_on_seed_and_index_alone() {
    for kind in GeneratorKind::ALL {
        let sized = |train, seed| {
            let split = Split { train: Some(Amount::Rows(train)), test: Some(Amount::Rows(5)), ..Split::default() };
            Arc::new(load(&DatasetSpec { split, ..generator(kind, seed) }, &Shelf::default()).expect("it is drawn"))
        };
        let test_rows = |set: &Arc<Dataset>| set.sample(Some(1), None, 0).expect("a row").test().matrix();
        let small = sized(10, 0);
        assert_eq!(test_rows(&small), test_rows(&sized(1_000_000_000, 0)));
        assert_ne!(test_rows(&small), test_rows(&sized(10, 1)));
        assert_eq!((small.train_rows(), small.test_rows()), (10, 5));
        let all = small.sample(None, None, 3).expect("all rows").train().matrix();
        assert_eq!(all, sized(10, 0).sample(None, None, 3).expect("all rows").train().matrix());
    }
}

#[test]
fn every_class_of_a_generator_occurs() {
    for kind in GeneratorKind::ALL.into_iter().filter(|kind| kind.classes().is_some()) {
        let set = Arc::new(load(&generator(kind, 0), &Shelf::default()).expect("it is drawn"));
        let sample = set.sample(Some(300), None, 0).expect("there are as many");
        let rows = sample.train();
        assert_eq!(set.task(), Task::Classification { classes: set.classes().len() });
        let mut seen = vec![false; set.classes().len()];
        (0..rows.len()).for_each(|position| seen[rows.label(position) as usize] = true);
        assert!(seen.into_iter().all(|s| s), "{kind:?}");
        assert!(set.classes().is_sorted());
    }
}

#[test]
fn images_of_the_book_are_read_with_their_own_test_part() {
    let images = gzipped(&idx(&[3, 1, 2], &[0, 255, 10, 20, 30, 40]));
    let (_folder, shelf) = shelf(&[
        ("i.gz", &images),
        ("l", &idx(&[3], &[7, 4, 7])),
        ("ti", &idx(&[1, 1, 2], &[51, 102])),
        ("tl", &idx(&[1], &[4])),
        ("short", &idx(&[2], &[7, 4])),
        ("cut.gz", &images[..images.len() - 9]),
    ]);
    let files = |images: &str, labels: &str| IdxFiles {
        images: images.into(),
        labels: labels.into(),
        test_images: Some("ti".into()),
        test_labels: Some("tl".into()),
    };
    let spec = DatasetSpec::new(Source::Idx(files("i.gz", "l")));
    let set = Arc::new(load(&spec, &shelf).expect("the files are sound"));
    assert_eq!((set.train_rows(), set.test_rows(), set.image()), (3, 1, Some([1, 2, 1])));
    assert_eq!(set.classes(), ["4", "7"]);
    let sample = set.sample(None, None, 0).expect("all rows");
    assert_eq!(sample.test().matrix(), ndarray::array![[0.2, 0.4]]);
    assert_eq!(sample.test().label(0), 0);

    let spec = DatasetSpec::new(Source::Idx(files("i.gz", "short")));
    assert_eq!(error(&spec, &shelf).0, "`short`: holds 2 labels for the 3 images of `i.gz`");
    let spec = DatasetSpec::new(Source::Idx(files("cut.gz", "l")));
    assert!(error(&spec, &shelf).0.starts_with("`cut.gz`: is damaged or cut off"));
}

#[test]
fn a_path_stays_within_the_book() {
    let (_folder, shelf) = shelf(&[("data/t.csv", b"a,y\n1,2\n")]);
    for path in ["../t.csv", "/etc/hosts", "data/../../t.csv"] {
        let (message, hint) = error(&table(path, "y"), &shelf);
        assert_eq!(message, format!("`{path}` lies outside the book's folder"));
        assert!(hint.is_some());
    }
    assert!(identity(&table("./data/../data/t.csv", "y"), &shelf).is_ok());
}

#[test]
fn a_set_that_is_on_no_shelf_says_how_to_get_it() {
    let (_folder, shelf) = shelf(&[]);
    let spec = DatasetSpec::new(Source::Registry(Registered::Mnist));
    let (message, hint) = error(&spec, &shelf);
    assert_eq!(
        message,
        "the dataset `mnist` is not here: `mnist/train-images-idx3-ubyte` is neither in the cache nor in a mirror"
    );
    assert_eq!(hint.as_deref(), Some("`labbook data pull mnist` downloads and verifies it"));
    assert!(identity(&spec, &shelf).is_ok(), "the key of a registered set is known without its files");
}

#[test]
fn wrong_bytes_of_a_registered_set_are_not_used() {
    let (_folder, shelf) = shelf(&[("cache/spambase/spambase.data.gz", &gzipped(b"a,spam_or_not\n1,0\n"))]);
    assert!(registry::is_present(Registered::Spambase, &shelf));
    let (message, hint) = error(&DatasetSpec::new(Source::Registry(Registered::Spambase)), &shelf);
    assert!(message.contains("spambase.data.gz` is not the file it should be: its SHA-256 is "), "{message}");
    assert!(message.ends_with("b547e97c32fdb24e4bbf9b332abc844499b7a7b47161f58ff85ace3a78b45416"), "{message}");
    assert!(hint.is_some());
}

#[test]
fn an_identity_changes_with_the_bytes_and_the_rule() {
    let (_folder, shelf) = shelf(&[("a.csv", b"a,y\n1,2\n"), ("b.csv", b"a,y\n1,3\n")]);
    let digest = |spec: &DatasetSpec| identity(spec, &shelf).expect("it can be told").digest;
    assert_ne!(digest(&table("a.csv", "y")), digest(&table("b.csv", "y")));
    let blobs = |noise| generator(GeneratorKind::Blobs { classes: 3, noise }, 0);
    assert_ne!(digest(&blobs(1.0)), digest(&blobs(1.5)));
    let set = load(&table("a.csv", "y"), &shelf);
    assert_eq!(
        set.err().map(|e| e.to_string()).as_deref(),
        Some("all rows of `a.csv` are of one class, `2`: there is nothing to learn")
    );
    let versions = identity(&DatasetSpec { features: FeatureMap::Log, ..blobs(1.0) }, &shelf).expect("told").versions;
    assert_eq!(versions.into_keys().collect::<Vec<_>>(), ["features", "planar", "sampling"]);
    let versions = identity(&DatasetSpec { pca: Some(1), ..blobs(1.0) }, &shelf).expect("told").versions;
    assert_eq!(versions.into_keys().collect::<Vec<_>>(), ["pca", "planar", "sampling"]);
}

#[test]
fn components_take_the_place_of_the_columns() {
    let glyphs = DatasetSpec { pca: Some(3), ..generator(GeneratorKind::Glyphs { difficulty: 0.5 }, 0) };
    let set = Arc::new(load(&glyphs, &Shelf::default()).expect("it is drawn"));
    assert_eq!((set.columns().join(", "), set.image()), ("component 1, component 2, component 3".into(), None));
    let plain = Arc::new(load(&DatasetSpec { pca: None, ..glyphs }, &Shelf::default()).expect("it is drawn"));
    let [sample, as_drawn] = [set, plain].map(|set| set.sample(Some(40), Some(0.25), 2).expect("there are 40 rows"));
    let (valid, test) = (sample.valid().expect("a quarter"), sample.test());
    assert_eq!([sample.train().len(), valid.len(), test.len()], [30, 10, 2000]);
    assert_eq!(test.matrix().dim(), (2000, 3));
    // Rows keep their labels, and the training rows their order of variances about 0.
    let labels = |sample: &Sample| (0..2000).map(|row| sample.test().label(row)).collect::<Vec<_>>();
    assert_eq!(labels(&sample), labels(&as_drawn));
    let train = sample.train().matrix();
    let squares: Vec<f32> = train.columns().into_iter().map(|c| c.iter().map(|v| v * v).sum()).collect();
    assert!(squares[0] > squares[1] && squares[1] > squares[2], "{squares:?}");
    assert!(train.columns().into_iter().all(|column| column.sum().abs() < 1e-3));
}

fn check_refused(spec: DatasetSpec, expected: &str) {
    assert_eq!(error(&spec, &Shelf::default()).0, expected);
}

fn text(path: &str, steps: u32) -> DatasetSpec {
    let from = TextSource::File { path: path.into() };
    DatasetSpec::new(Source::Text(Text { from, steps, stride: steps }))
}

#[test]
fn a_text_goes_on_from_step_to_step() {
    let (_folder, shelf) = shelf(&[("a.txt", "to be or not to be, that is the question".as_bytes())]);
    let split = Split { test: Some(Amount::Rows(1)), ..Split::default() };
    let set = Arc::new(load(&DatasetSpec { split, ..text("a.txt", 4) }, &shelf).expect("a text"));
    let sample = set.sample(None, None, 7).expect("all windows");
    assert_eq!((set.train_rows(), set.test_rows(), set.columns().len()), (8, 1, 4));
    for rows in [sample.train(), sample.test()] {
        let sequence = rows.sequence().expect("a sequence");
        assert_eq!((sequence.steps, sequence.symbols), (4, Some(set.classes().len())));
        for position in 0..rows.len() {
            let StoredRow::Bytes(symbols) = rows.stored(position) else { panic!("symbols are bytes") };
            let after: Vec<u32> = (0..4).map(|step| rows.symbol_after(position, step)).collect();
            assert_eq!(after[..3], symbols[1..].iter().map(|&s| u32::from(s)).collect::<Vec<_>>());
            assert_eq!(after[3], rows.label(position));
        }
    }
    let key = |path: &str| serde_json::to_string(&text(path, 4)).expect("plain values");
    assert_eq!(key("a.txt"), key("b.txt"));
}

#[test]
fn waves_go_on_and_images_are_sequences_of_their_rows() {
    let sample = |kind| {
        let set = Arc::new(load(&generator(kind, 0), &Shelf::default()).expect("it is drawn"));
        set.sample(Some(3), None, 0).expect("there are as many")
    };
    let waves = sample(GeneratorKind::Waves { steps: 5, period: 4.0, noise: 0.1 });
    let row = waves.train().matrix();
    let after: Vec<f32> = (0..5).map(|step| waves.train().value_after(1, step)).collect();
    assert_eq!((&after[..4], after[4]), (&row.row(1).to_vec()[1..], waves.train().value(1)));
    let glyphs = sample(GeneratorKind::ALL[0]);
    let expected = Sequence { steps: 28, features: 28, symbols: None, goes_on: false };
    assert_eq!(glyphs.train().sequence(), Some(expected));
}

#[test]
fn impossible_parameters_are_refused() {
    let iris = || DatasetSpec::new(Source::Builtin(Builtin::Iris));
    let split = |train| Split { train: Some(train), ..Split::default() };
    check_refused(
        generator(GeneratorKind::Glyphs { difficulty: 1.5 }, 0),
        "`difficulty` is 1.5, where it should be a number from 0 to 1",
    );
    check_refused(
        generator(GeneratorKind::Moons { noise: f64::NAN }, 0),
        "`noise` is NaN, where it should be a number from 0 up",
    );
    check_refused(
        generator(GeneratorKind::Rings { classes: 1, noise: 0.1 }, 0),
        "`classes` is 1, where it should be a number from 2 to 100",
    );
    check_refused(
        generator(GeneratorKind::Adding { steps: 1 }, 0),
        "`steps` is 1, where it should be a number from 2 to 10000",
    );
    check_refused(
        generator(GeneratorKind::Waves { steps: 9, period: 1.5, noise: 0.1 }, 0),
        "`period` is 1.5, where it should be a number from 2 up",
    );
    check_refused(
        generator(GeneratorKind::Drive { beacons: 8, noise: 0.1 }, 0),
        "`noise` is 0.1, where it should be a number from 0.5 to 50",
    );
    check_refused(
        generator(GeneratorKind::Clicks { positives: 0.9 }, 0),
        "`positives` is 0.9, where it should be a number from 0.001 to 0.5",
    );
    check_refused(
        DatasetSpec { scale: Scale::MinMax, ..text("a.txt", 4) },
        "`scale` is set, where it should be left out: the characters of a text are its classes",
    );
    check_refused(
        DatasetSpec { features: FeatureMap::Log, ..text("a.txt", 4) },
        "`features` is a map, where it should be left out: a sequence is seen as it is",
    );
    check_refused(
        DatasetSpec { split: split(Amount::Share(1.0)), ..iris() },
        "`train` is 1, where it should be a number of rows or a share above 0 and below 1",
    );
    check_refused(DatasetSpec { split: split(Amount::Rows(0)), ..iris() }, "no rows are left for the train part");
    check_refused(
        DatasetSpec { pca: Some(5), ..iris() },
        "`pca` is 5, where it should be at most 4, the number of columns",
    );
    check_refused(
        DatasetSpec { pca: Some(2), ..text("a.txt", 4) },
        "`pca` is 2, where it should be left out: a sequence is seen as it is",
    );
    check_refused(
        DatasetSpec { features: FeatureMap::OrientedGradients, ..iris() },
        "features `oriented-gradients`: needs images, and the rows of this set are none",
    );
    check_refused(
        DatasetSpec { features: FeatureMap::Log, ..DatasetSpec::new(Source::Builtin(Builtin::Diabetes)) },
        "features `log`: column `age` is -0.0018820165 in row 1, where a logarithm needs 0 or more",
    );
}

#[test]
fn missing_cells_are_filled_from_training_rows() {
    let text = b"a,b,y\n1,2,0.5\n,4,1.5\n3,,2.5\n5,8,3.5\n,1,4.5\n100,,5.5\n";
    let (_folder, shelf) = shelf(&[("t.csv", text)]);
    let split = Split { train: Some(Amount::Rows(4)), test: Some(Amount::Rows(2)), shuffle: None, stratify: false };
    let spec = DatasetSpec { missing: Missing::Mean, split, ..table("t.csv", "y") };
    let set = Arc::new(load(&spec, &shelf).expect("missing cells are allowed"));
    let sample = set.sample(None, None, 0).expect("all rows");
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    assert_eq!(sample.test().matrix(), ndarray::array![[3.0, 1.0], [100.0, mean(&[2.0, 4.0, 8.0])]]);
}

#[test]
fn a_sample_larger_than_the_pool_says_how_many_rows_there_are() {
    let set = Arc::new(load(&DatasetSpec::new(Source::Builtin(Builtin::Iris)), &Shelf::default()).expect("embedded"));
    let message = |m, valid| set.sample(m, valid, 0).expect_err("it cannot be had").to_string();
    assert_eq!(message(Some(121), None), "121 rows are asked for the train part, where there are 120");
    assert_eq!(message(Some(0), None), "no rows are left for the train part");
    assert_eq!(message(Some(4), Some(0.2)), "no rows are left for the validation part");
    assert_eq!(message(None, Some(1.0)), "`valid` is 1, where it should be a share above 0 and below 1");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn scaling_looks_at_training_rows_alone(m in 5usize..120, seed: u64, valid in proptest::option::of(0.2f64..0.5)) {
        let spec = DatasetSpec { scale: Scale::MinMax, ..DatasetSpec::new(Source::Builtin(Builtin::Iris)) };
        let set = Arc::new(load(&spec, &Shelf::default()).expect("embedded"));
        let sample = set.sample(Some(m), valid, seed).expect("there are enough rows");
        let train = sample.train().matrix();
        for column in train.columns() {
            let low = column.iter().copied().fold(f32::INFINITY, f32::min);
            let high = column.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            prop_assert!(low.abs() < 1e-5 && ((high - 1.0).abs() < 1e-5 || high == low));
        }
        prop_assert_eq!(train.nrows() + sample.valid().map_or(0, |v| v.len()), m);
        prop_assert_eq!(sample.test().len(), set.test_rows());
    }
}

#[test]
fn known_names_lead_to_their_sources() {
    for name in known() {
        assert!(named(name).is_some(), "{name}");
    }
    assert!(named("minst").is_none());
}
