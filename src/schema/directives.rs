//! The directives of a book, as their authors write them.
//!
//! A model takes the keys of its kind and no others. Datasets and trainings have keys beyond those named here: those are for
//! the manual to list.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value as Json, json};

use crate::experiment::figure::{BANDS, PLOTS, SCALES};
use crate::experiment::{model_keys, model_kinds};

/// One directive by its kind.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Directive {
    /// Where rows come from.
    Dataset(Dataset),
    /// What learns.
    Model(Model),
    /// What is run: a grid and seeds.
    Experiment(Experiment),
    /// A drawing of results or of a dataset's rows.
    Figure(Figure),
    /// A figure from a file.
    Image(Image),
    /// Several figures under one caption.
    Figures(Figures),
    /// A table of results.
    Table(Table),
    /// An assertion and the comparison that decides it.
    Claim(Claim),
}

/// `{dataset}`: exactly one of `path`, `images` and `from` says where the rows come from.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(extend("oneOf" = [{"required": ["path"]}, {"required": ["images"]}, {"required": ["from"]}]))]
#[expect(dead_code, reason = "it describes what authors write")]
pub struct Dataset {
    /// A table of the book's own, relative to its root.
    path: Option<String>,
    /// IDX images of the book's own.
    images: Option<String>,
    /// Their labels.
    labels: Option<String>,
    /// IDX images of a test part.
    test_images: Option<String>,
    /// Their labels.
    test_labels: Option<String>,
    /// The name of an embedded, registered or generated set.
    from: Option<String>,
    /// The column to predict.
    label: Option<String>,
    /// What is predicted, where the label leaves it open.
    task: Option<String>,
    /// What happens to missing values.
    missing: Option<String>,
    /// What the models see of a row.
    features: Option<String>,
    /// Which rows are for training, which for the test.
    split: Option<Split>,
    /// How columns are scaled; fitted on training rows only.
    scale: Option<String>,
    /// How many principal components take their place; fitted on training rows only.
    pca: Option<u64>,
    /// How training moves and mirrors the images of its mini-batches.
    augment: Option<Augment>,
    /// Whether it stands on the page as a card.
    show: Option<bool>,
}

/// `augment = { shift = 2, flip = "horizontal" }`
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what authors write")]
pub struct Augment {
    /// By how many pixels at most an image moves along each side.
    shift: Option<u32>,
    /// `"horizontal"` or `"vertical"`: every other image, at random, is mirrored.
    flip: Option<String>,
}

/// `split = { train = 16000, test = 4000, shuffle = 7 }`
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what authors write")]
pub struct Split {
    /// A number of rows, or a share below 1.
    train: Option<f64>,
    /// A number of rows, or a share below 1.
    test: Option<f64>,
    /// The seed of a permutation, or false for the order of the file.
    shuffle: Option<Shuffle>,
    /// Whether each class has the same share in both parts.
    stratify: Option<bool>,
}

/// A seed, or `false`.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what authors write")]
pub enum Shuffle {
    /// The seed of a permutation.
    Seed(u64),
    /// The order of the file.
    Not(bool),
}

/// `{model}`: further keys belong to its kind.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(transform = closed_by_kind)]
#[expect(dead_code, reason = "it describes what authors write")]
pub struct Model {
    /// What kind of model.
    kind: ModelKind,
    /// Its training, over that of the experiment.
    train: Option<BTreeMap<String, Json>>,
    /// Grid points with more labelled rows are left out.
    m_max: Option<u64>,
    /// Whether it stands on the page as a card.
    show: Option<bool>,
}

/// Lets a model have the keys that its kind reads, so that a slip in one is found.
fn closed_by_kind(schema: &mut Schema) {
    let of_kind = |(kind, keys): (&str, Vec<&str>)| {
        let keys: serde_json::Map<String, Json> = keys.into_iter().map(|key| (key.to_owned(), true.into())).collect();
        json!({
            "if": { "properties": { "kind": { "const": kind } }, "required": ["kind"] },
            "then": { "properties": keys, "additionalProperties": false },
        })
    };
    let kinds: Vec<Json> = model_keys().into_iter().map(of_kind).collect();
    schema.insert("allOf".to_owned(), kinds.into());
}

/// `{experiment}`
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what authors write")]
pub struct Experiment {
    /// Datasets, by id or by the name of a known one.
    dataset: OneOrMore,
    /// Models, by id or by kind.
    models: OneOrMore,
    /// Values of any parameter of dataset, model or training, and of `m`, the number of labelled rows.
    sweep: Option<BTreeMap<String, Vec<Json>>>,
    /// By model: grid points with more labelled rows are left out.
    m_max: Option<BTreeMap<String, u64>>,
    /// How models that are trained by steps are trained.
    train: Option<BTreeMap<String, Json>>,
    /// What is chosen on validation rows, `by` which measure, on which share (`valid`).
    tune: Option<BTreeMap<String, Json>>,
    /// So many, from 1; or these.
    seeds: Option<Seeds>,
    /// In how many groups predicted probabilities of two classes are held against what happened.
    calibration: Option<u32>,
    /// What its card and its export show.
    measure: Option<Vec<String>>,
    /// Whether it stands on the page as a card.
    show: Option<bool>,
}

/// A text, or several.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what authors write")]
pub enum OneOrMore {
    /// One.
    One(String),
    /// Several.
    More(Vec<String>),
}

/// A number of seeds, or the seeds.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what authors write")]
pub enum Seeds {
    /// 1 to this.
    Count(u64),
    /// These.
    Named(Vec<u64>),
}

/// `{figure}`
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what authors write")]
pub struct Figure {
    /// An experiment, or a dataset.
    of: String,
    /// The kind of plot.
    plot: PlotName,
    /// An axis of the experiment, `epoch`, `layer`, or a quantity of each run.
    x: Option<String>,
    /// A quantity of each run; an axis of a heat map.
    y: Option<String>,
    /// The quantity of a heat map.
    value: Option<String>,
    /// The axis told apart by colour.
    color: Option<String>,
    /// The axis that gets a panel a value.
    facet: Option<String>,
    /// Which part of the results.
    r#where: Option<BTreeMap<String, Json>>,
    /// What band or whiskers show.
    band: Option<BandName>,
    /// What is fitted to the means of each curve: `"power"`.
    fit: Option<String>,
    /// The scale of the horizontal axis.
    x_scale: Option<ScaleName>,
    /// The scale of the vertical axis.
    y_scale: Option<ScaleName>,
    /// The scale of a heat map's colours.
    value_scale: Option<ScaleName>,
    /// The title of the horizontal axis.
    x_title: Option<String>,
    /// The title of the vertical axis.
    y_title: Option<String>,
    /// Smallest and largest value of the horizontal axis.
    x_limits: Option<[f64; 2]>,
    /// Smallest and largest value of the vertical axis.
    y_limits: Option<[f64; 2]>,
    /// Lines and words added to the plot.
    notes: Option<Vec<Note>>,
    /// Values at which a heat map draws contour lines.
    contours: Option<Vec<f64>>,
    /// How many examples an image grid shows, or characters a text.
    count: Option<u64>,
    /// Which of the texts that a net wrote.
    temperature: Option<f64>,
    /// Bins of a histogram.
    bins: Option<u64>,
    /// Markdown, one paragraph.
    caption: String,
    /// For those who cannot see it.
    alt: Option<String>,
    /// Whether it appears where it is declared.
    show: Option<bool>,
}

/// `{image}`
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what authors write")]
pub struct Image {
    /// The file, relative to the chapter.
    path: String,
    /// What takes its place in the dark theme.
    dark: Option<String>,
    /// CSS pixels, or a share of the column such as `"60%"`.
    width: Option<ImageWidth>,
    /// Markdown, one paragraph.
    caption: String,
    /// For those who cannot see it.
    alt: Option<String>,
    /// Whether it appears where it is declared.
    show: Option<bool>,
}

/// Pixels, or a share of the column.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what authors write")]
pub enum ImageWidth {
    /// CSS pixels.
    Pixels(u32),
    /// `"60%"`
    Share(String),
}

/// `{figures}`
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what authors write")]
pub struct Figures {
    /// Ids of figures and images, in order.
    parts: Vec<String>,
    /// How many stand side by side.
    columns: Option<u64>,
    /// Markdown, one paragraph.
    caption: String,
    /// Whether it appears where it is declared.
    show: Option<bool>,
}

/// `{ y = 0.9, text = "target" }`
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what authors write")]
pub struct Note {
    /// A vertical line here, or the point's place.
    x: Option<f64>,
    /// A horizontal line here, or the point's place.
    y: Option<f64>,
    /// The word.
    text: Option<String>,
}

/// `{table}`: `columns` and `value`, or `values`.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{"required": ["columns", "value"]}, {"required": ["values"]}]))]
#[expect(dead_code, reason = "it describes what authors write")]
pub struct Table {
    /// An experiment.
    of: String,
    /// The axis down the side.
    rows: String,
    /// The axis along the top.
    columns: Option<String>,
    /// The quantity of every cell.
    value: Option<String>,
    /// One quantity a column.
    values: Option<Vec<String>>,
    /// Which part of the results.
    r#where: Option<BTreeMap<String, Json>>,
    /// Markdown, one paragraph.
    caption: Option<String>,
    /// Whether it appears where it is declared.
    show: Option<bool>,
}

/// `{claim}`
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what authors write")]
pub struct Claim {
    /// The assertion: Markdown, one paragraph.
    says: String,
    /// The comparison that decides.
    holds: String,
    /// Whether it appears where it is declared.
    show: Option<bool>,
}

/// A type for one of the words of a table, so that the schema names those that are read.
macro_rules! word_of {
    ($name:ident, $words:expr) => {
        #[doc = concat!("One of `", stringify!($words), "`.")]
        #[derive(Debug)]
        pub struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let words: Vec<&str> = $words.collect();
                json_schema!({ "type": "string", "enum": words })
            }
        }
    };
}

word_of!(PlotName, PLOTS.iter().map(|(word, _)| *word));
word_of!(BandName, BANDS.iter().map(|(word, _)| *word));
word_of!(ScaleName, SCALES.iter().map(|(word, _)| *word));
word_of!(ModelKind, model_kinds());
