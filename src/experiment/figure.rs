//! Figures and tables as declared: which results, on which axes. Nothing here is part of a key.

use super::Value;
use super::catalog::Named;
use super::expression::Expr;
use crate::diagnostic::Span;

/// A figure as declared.
#[derive(Debug, Clone)]
pub struct Figure {
    /// `fig-…`
    pub id: String,
    /// Where it is declared.
    pub span: Span,
    /// Whose results it shows.
    pub of: Subject,
    /// The kind of plot.
    pub plot: Plot,
    /// What runs along the horizontal axis.
    pub x: Option<Dimension>,
    /// What runs along the vertical axis of a heat map.
    pub y_axis: Option<Dimension>,
    /// The quantity shown.
    pub y: Option<Quantity>,
    /// The axis told apart by colour.
    pub color: Option<String>,
    /// The axis that gets a panel a value.
    pub facet: Option<String>,
    /// Which part of the results.
    pub filters: Vec<Filter>,
    /// What band or whiskers show.
    pub band: Band,
    /// What is fitted to the means of each curve and drawn with it.
    pub fit: Option<Curve>,
    /// Scales, titles and limits of the two axes.
    pub axes: [AxisStyle; 2],
    /// Lines and words added to the plot.
    pub notes: Vec<Note>,
    /// The colour scale of a heat map.
    pub value_scale: Option<Scale>,
    /// Values at which a heat map draws contour lines.
    pub contours: Vec<f64>,
    /// How many examples an image grid shows, or characters a text.
    pub count: usize,
    /// Which of the texts that a net wrote.
    pub temperature: f64,
    /// Bins of a histogram.
    pub bins: usize,
    /// Markdown.
    pub caption: String,
    /// For those who cannot see it.
    pub alt: String,
    /// Whether it appears where it is declared.
    pub show: bool,
}

/// A table as declared.
#[derive(Debug, Clone)]
pub struct Table {
    /// `tbl-…`
    pub id: String,
    /// Where it is declared.
    pub span: Span,
    /// The experiment.
    pub of: String,
    /// The axis down the side.
    pub rows: String,
    /// The axis along the top, or several quantities.
    pub columns: Columns,
    /// Which part of the results.
    pub filters: Vec<Filter>,
    /// Markdown.
    pub caption: String,
    /// Whether it appears where it is declared.
    pub show: bool,
}

/// What runs along the top of a table.
#[derive(Debug, Clone)]
pub enum Columns {
    /// The values of an axis; every cell shows the same quantity.
    Axis(String, Quantity),
    /// One quantity a column.
    Quantities(Vec<Quantity>),
}

/// Whose results a figure shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The runs of an experiment.
    Experiment(String),
    /// The rows of a dataset.
    Dataset(String),
}

/// What runs along an axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Dimension {
    /// A parameter of the experiment: `m`, `model`, ….
    Axis(String),
    /// The epochs of each run.
    Epoch,
    /// The layers of a net, 1 at the input.
    Layer,
    /// A quantity of each run.
    Quantity(Quantity),
}

/// An expression over one run, as written and as parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// As written.
    pub text: String,
    /// As parsed.
    pub expr: Expr,
}

/// Keeps only the runs (layers, epochs) with one of these values.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// An axis, or `seed`, `layer`, `epoch`.
    pub axis: String,
    /// Any of these.
    pub values: Vec<Value>,
}

/// The kinds of plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plot {
    /// Curves with a band over seeds.
    Line,
    /// One point a run, or a row of a two-column dataset.
    Scatter,
    /// Bars with whiskers over seeds.
    Bar,
    /// Quartiles over seeds.
    Box,
    /// A colour for each pair of values.
    Heatmap,
    /// Counts of a quantity over runs.
    Histogram,
    /// Test rows by true and predicted class.
    Confusion,
    /// Examples of an image dataset.
    Images,
    /// What a classifier decides over the plane.
    Boundary,
    /// A quantity by layer.
    Layers,
    /// What a net of characters wrote.
    Text,
    /// Predicted probabilities against what happened.
    Reliability,
}

/// The names of the kinds of plot.
pub const PLOTS: &[(&str, Plot)] = &[
    ("line", Plot::Line),
    ("scatter", Plot::Scatter),
    ("bar", Plot::Bar),
    ("box", Plot::Box),
    ("heatmap", Plot::Heatmap),
    ("histogram", Plot::Histogram),
    ("confusion", Plot::Confusion),
    ("images", Plot::Images),
    ("boundary", Plot::Boundary),
    ("layers", Plot::Layers),
    ("text", Plot::Text),
    ("reliability", Plot::Reliability),
];

/// What the whiskers or the band of a figure show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Band {
    /// Nothing.
    None,
    /// One standard deviation to each side.
    Sd,
    /// The 95 % confidence interval of the mean (Student's t).
    Ci95,
    /// Smallest to largest.
    Range,
}

/// The names of the bands.
pub const BANDS: &[(&str, Band)] =
    &[("none", Band::None), ("sd", Band::Sd), ("ci95", Band::Ci95), ("range", Band::Range)];

/// What can be fitted to a curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// a·x^−b + c.
    Power,
}

/// The names of what can be fitted.
pub const FITS: &[(&str, Curve)] = &[("power", Curve::Power)];

/// How one axis is drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AxisStyle {
    /// Logarithmic instead of linear; `None`: the plot kind's own choice.
    pub scale: Option<Scale>,
    /// Title, where the author gave one.
    pub title: Option<String>,
    /// Smallest and largest value, where the author gave them.
    pub limits: Option<[f64; 2]>,
}

/// The scale of an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps, equal lengths.
    Linear,
    /// Equal factors, equal lengths.
    Log,
}

/// The names of the scales.
pub const SCALES: &[(&str, Scale)] = &[("linear", Scale::Linear), ("log", Scale::Log)];

/// A line or a point with a word to it, added to a plot.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// A vertical line here, or the point's place.
    pub x: Option<f64>,
    /// A horizontal line here, or the point's place.
    pub y: Option<f64>,
    /// The word.
    pub text: String,
}

impl Figure {
    /// The dataset it shows, where it shows one.
    pub fn dataset(&self) -> Option<&str> {
        match &self.of {
            Subject::Dataset(id) => Some(id),
            Subject::Experiment(_) => None,
        }
    }
}

impl Named for Figure {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Named for Table {
    fn id(&self) -> &str {
        &self.id
    }
}
