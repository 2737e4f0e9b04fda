//! `{dataset}` → a [`DatasetSpec`].

use super::words;
use crate::data::spec::{
    Amount, FeatureMap, Generator, GeneratorKind, IdxFiles, Missing, Scale, Source, Split, TableFile, TaskKind, Text,
    TextSource,
};
use crate::data::{Augment, DatasetSpec, Flip};
use crate::diagnostic::{Diagnostic, Diagnostics, Spanned, did_you_mean};
use crate::fields::{Fields, Table, Value};

const SCALES: &[(&str, Scale)] =
    &[("none", Scale::None), ("standardize", Scale::Standardize), ("minmax", Scale::MinMax)];
const FEATURES: &[(&str, FeatureMap)] = &[
    ("raw", FeatureMap::Raw),
    ("log", FeatureMap::Log),
    ("pixel-histogram", FeatureMap::PixelHistogram),
    ("oriented-gradients", FeatureMap::OrientedGradients),
];
const MISSING: &[(&str, Missing)] = &[("error", Missing::Error), ("mean", Missing::Mean), ("drop", Missing::Drop)];
const FLIPS: &[(&str, Flip)] = &[("horizontal", Flip::Horizontal), ("vertical", Flip::Vertical)];
const TASKS: &[(&str, TaskKind)] =
    &[("classification", TaskKind::Classification), ("regression", TaskKind::Regression)];

/// What a file of `path` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Table,
    Text,
}

const FORMATS: &[(&str, Format)] = &[("table", Format::Table), ("text", Format::Text)];

/// Reads the body of a `{dataset}`. Returns the keys that mean something, so that others can be swept.
pub fn read(table: &Table, diagnostics: &mut Diagnostics) -> (Option<DatasetSpec>, Vec<&'static str>) {
    let mut fields = Fields::new(table, "a dataset", table.span, diagnostics);
    fields.boolean("show").optional();
    let source = source(&mut fields);
    let label = fields.string("label").optional();
    let task = fields.one_of("task", TASKS).optional();
    let missing = fields.one_of("missing", MISSING).or(Missing::default());
    let features = fields.one_of("features", FEATURES).or(FeatureMap::default());
    let split = split(&mut fields);
    let scale = fields.one_of("scale", SCALES).or(Scale::default());
    let pca = fields.read::<u32>("pca").at_least(1.0).optional();
    let augment = augment(&mut fields);
    let keys = fields.asked().to_vec();
    let spec = source.map(|source| DatasetSpec { source, label, task, missing, features, split, scale, pca, augment });
    if let Some(Err(error)) = spec.as_ref().map(DatasetSpec::check) {
        let diagnostic = Diagnostic::error(table.span, error.to_string());
        fields.diagnostics().push(error.hint().into_iter().fold(diagnostic, Diagnostic::hint));
    }
    fields.finish();
    (spec, keys)
}

/// Exactly one of `path`, `images` and `from` says where the rows come from.
fn source(fields: &mut Fields<'_>) -> Option<Source> {
    let path = fields.string("path").optional();
    let images = fields.string("images").optional();
    let from = fields.string("from").optional();
    match (path, images, from) {
        (Some(path), None, None) if fields.one_of("format", FORMATS).or(Format::Table) == Format::Text => {
            Some(Source::Text(text(TextSource::File { path }, fields)))
        }
        (Some(path), None, None) => {
            let delimiter = fields.string("delimiter").optional();
            if delimiter.as_ref().is_some_and(|d| d.chars().count() != 1) {
                let at = fields.place("delimiter");
                fields.diagnostics().push(Diagnostic::error(at, "`delimiter` is one character"));
            }
            let ignore = words(fields.strings("ignore").or(Vec::new()));
            let header = fields.boolean("header").optional();
            let delimiter = delimiter.and_then(|d| d.chars().next());
            Some(Source::File(TableFile { path, delimiter, header, ignore }))
        }
        (None, Some(images), None) => {
            let labels = fields.string("labels").example("\"data/labels-idx1-ubyte.gz\"").required();
            let test_images = fields.string("test-images").optional();
            let test_labels = fields.string("test-labels").optional();
            Some(Source::Idx(IdxFiles { images, labels: labels?, test_images, test_labels }))
        }
        (None, None, Some(name)) => named(&name, fields),
        (None, None, None) => {
            fields.string("from").example("\"glyphs\"").required();
            None
        }
        _ => {
            let second = if fields.place("from") == fields.place("path") { "images" } else { "from" };
            let diagnostic = Diagnostic::error(fields.place(second), "a dataset comes from one place only");
            fields.diagnostics().push(diagnostic.hint("keep one of `path`, `images` and `from`"));
            None
        }
    }
}

/// How a text is cut into windows.
fn text(from: TextSource, fields: &mut Fields<'_>) -> Text {
    let steps = steps(fields, Text::STEPS);
    let stride = fields.read::<u32>("stride").at_least(1.0).or(steps);
    Text { from, steps, stride }
}

/// Length of a sequence.
fn steps(fields: &mut Fields<'_>, default: u32) -> u32 {
    fields.read::<u32>("steps").at_least(1.0).or(default)
}

/// A source by its name: embedded, registered or generated.
fn named(name: &str, fields: &mut Fields<'_>) -> Option<Source> {
    let source = crate::data::named(name);
    match &source {
        None => {
            let diagnostic = Diagnostic::error(fields.place("from"), format!("there is no dataset `{name}`"));
            fields.diagnostics().push(diagnostic.hint(did_you_mean(name, &crate::data::known())));
        }
        Some(Source::Generator(generator)) => return Some(Source::Generator(generated(generator, fields))),
        Some(Source::Text(whole)) => return Some(Source::Text(text(whole.from.clone(), fields))),
        Some(_) => {}
    }
    source
}

/// The generator with the parameters that the author gave.
fn generated(generator: &Generator, fields: &mut Fields<'_>) -> Generator {
    let seed = fields.count("seed").at_least(0.0).or(generator.seed);
    let kind = match generator.kind {
        GeneratorKind::Glyphs { difficulty } => {
            let difficulty = fields.float("difficulty").at_least(0.0).at_most(1.0).or(difficulty);
            GeneratorKind::Glyphs { difficulty }
        }
        GeneratorKind::Moons { noise: default } => GeneratorKind::Moons { noise: noise(fields, default) },
        GeneratorKind::Rings { classes, noise: default } => {
            let noise = noise(fields, default);
            GeneratorKind::Rings { classes: count(fields, classes), noise }
        }
        GeneratorKind::Spirals { classes, turns, noise: default } => {
            let noise = noise(fields, default);
            let turns = fields.float("turns").above(0.0).or(turns);
            GeneratorKind::Spirals { classes: count(fields, classes), turns, noise }
        }
        GeneratorKind::Blobs { classes, noise: default } => {
            let noise = noise(fields, default);
            GeneratorKind::Blobs { classes: count(fields, classes), noise }
        }
        GeneratorKind::Adding { steps: default } => GeneratorKind::Adding { steps: steps(fields, default) },
        GeneratorKind::Waves { steps: default, period, noise: of_noise } => {
            let steps = steps(fields, default);
            let period = fields.float("period").at_least(2.0).or(period);
            GeneratorKind::Waves { steps, period, noise: noise(fields, of_noise) }
        }
        GeneratorKind::Mail { contrast } => {
            GeneratorKind::Mail { contrast: fields.float("contrast").above(0.0).or(contrast) }
        }
        GeneratorKind::Clicks { positives } => {
            GeneratorKind::Clicks { positives: fields.float("positives").above(0.0).below(1.0).or(positives) }
        }
        GeneratorKind::Drive { beacons, noise: default } => {
            let beacons = fields.read("beacons").at_least(1.0).or(beacons);
            GeneratorKind::Drive { beacons, noise: noise(fields, default) }
        }
    };
    Generator { kind, seed }
}

fn noise(fields: &mut Fields<'_>, default: f64) -> f64 {
    fields.float("noise").at_least(0.0).or(default)
}

fn count(fields: &mut Fields<'_>, default: u32) -> u32 {
    fields.count("classes").at_least(2.0).at_most(100.0).optional().map_or(default, |c| c as u32)
}

fn split(fields: &mut Fields<'_>) -> Split {
    let mut split = Split::default();
    let Some(mut part) = fields.table("split") else { return split };
    split.train = amount(&mut part, "train");
    split.test = amount(&mut part, "test");
    let order = part.entry("shuffle").map(|e| e.value.clone());
    match order {
        None => {}
        Some(Spanned { value: Value::Bool(false), .. }) => split.shuffle = None,
        Some(Spanned { value: Value::Integer(seed), .. }) if seed >= 0 => split.shuffle = Some(seed as u64),
        Some(Spanned { span, .. }) => {
            let diagnostic = Diagnostic::error(span, "`shuffle` is the seed of a permutation");
            part.diagnostics()
                .push(diagnostic.hint("for example `shuffle = 7`, or `shuffle = false` for the order of the file"));
        }
    }
    split.stratify = part.boolean("stratify").or(false);
    part.finish();
    split
}

/// How images are moved and mirrored; `None` where they are not.
fn augment(fields: &mut Fields<'_>) -> Option<Augment> {
    let mut part = fields.table("augment")?;
    let shift = part.read::<u32>("shift").or(0);
    let flip = part.one_of("flip", FLIPS).optional();
    part.finish();
    let augment = Augment { shift, flip };
    (augment != Augment { shift: 0, flip: None }).then_some(augment)
}

/// A number of rows, or a share of them.
fn amount(fields: &mut Fields<'_>, key: &'static str) -> Option<Amount> {
    let number = fields.float(key).above(0.0).optional()?;
    if number < 1.0 {
        return Some(Amount::Share(number));
    }
    if number.fract() != 0.0 {
        let diagnostic = Diagnostic::error(fields.place(key), format!("`{key}` is {number} rows"));
        fields.diagnostics().push(diagnostic.hint("a whole number of rows, or a share below 1"));
        return None;
    }
    Some(Amount::Rows(number as usize))
}
