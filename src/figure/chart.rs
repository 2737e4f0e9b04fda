//! What is drawn: plain data, free of colours, pixels and layout, which are the theme's and the drawing's.
//!
//! Values may be anything a run can produce: what is not finite, or not positive on a logarithmic axis, is left out and
//! counted in a note below the chart.

use ndarray::Array2;

/// One figure: panels that share their axes, their series and a legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Prefix of every id inside the SVG, unique on the page, such as `fig-scale`.
    pub id: String,
    /// What the figure is called by a screen reader.
    pub title: String,
    /// The alternative text: what the figure shows, in words.
    pub description: String,
    /// Width in CSS pixels; the height follows from the content. 720 fills a page; drawn between 200 and 4000.
    pub width_px: u32,
    /// Small multiples; a lone one is drawn without its title.
    pub panels: Vec<Panel>,
    /// Panels beside each other; `None` lets the drawing choose.
    pub columns: Option<usize>,
    /// The horizontal axis of all panels.
    pub x: Axis,
    /// The vertical axis of all panels.
    pub y: Axis,
    /// How series are named.
    pub legend: Legend,
    /// What the series are, such as `model`; heads a boxed legend.
    pub series_title: Option<String>,
    /// Names in the order of their colours; a series not listed takes the next colour at its first appearance. A book
    /// that lists the same names for each figure gives a model one colour throughout.
    pub series_order: Vec<String>,
    /// Small print below the chart, such as what the bands are.
    pub notes: Vec<String>,
    /// What the drawing itself says.
    pub phrases: Phrases,
}

/// Sentences of the drawing itself, in the reader's language; `{n}` stands for a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrases {
    /// In a panel without data.
    pub empty: String,
    /// One value, several values that are not finite.
    pub not_finite: [String; 2],
    /// One value, several values that have no logarithm.
    pub not_positive: [String; 2],
}

impl Default for Phrases {
    fn default() -> Self {
        let left_out =
            |why: &str| [format!("1 value is not shown: {why}."), format!("{{n}} values are not shown: {why}.")];
        Self {
            empty: "no finite results".into(),
            not_finite: left_out("not finite"),
            not_positive: left_out("not positive on a logarithmic axis"),
        }
    }
}

/// One plot among small multiples.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// What distinguishes it from its neighbours.
    pub title: String,
    /// The data.
    pub marks: Marks,
    /// Remarks on top of the data.
    pub annotations: Vec<Annotation>,
}

/// One axis, shared by all panels. Marks with categories take only the title from it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Axis {
    /// What is measured, with its unit; may be empty.
    pub title: String,
    /// How values become positions.
    pub scale: Scale,
    /// First and last value shown; `None` leaves an end to the data.
    pub range: [Option<f64>; 2],
    /// How ticks are written.
    pub format: Format,
}

/// How values become positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Equal steps for equal differences.
    #[default]
    Linear,
    /// Equal steps for equal ratios, marked by powers of ten.
    Log10,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// `0.25`, `10,000`, `3×10⁻⁵`.
    #[default]
    Plain,
    /// A share of one: 0.25 is `25%`.
    Percent,
    /// `10k`, `2.5M`.
    Si,
    /// As plain; ticks stand on whole numbers only (epochs, layers).
    Whole,
}

/// How series are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Legend {
    /// At the ends of lines where that fits without overlap, else in a row above the panels; none for a lone series.
    #[default]
    Auto,
    /// In a row above the panels.
    Row,
    /// Not at all.
    None,
}

/// The data of one panel.
#[derive(Debug, Clone, PartialEq)]
pub enum Marks {
    /// Curves with bands; over layer or epoch number as well.
    Lines(Vec<Line>),
    /// Clouds of points.
    Scatter(Vec<Cloud>),
    /// Bars by category, side by side for several series, with error bars.
    Bars(Bars),
    /// Box plots by category.
    Boxes(Boxes),
    /// Counts by bin.
    Histogram(Histogram),
    /// A matrix of values as colours.
    Heat(Heat),
    /// How often each class was taken for each.
    Confusion(Confusion),
    /// A grid of small pictures.
    Images(Images),
    /// Passages of text, one below the other.
    Passages(Vec<Passage>),
    /// The regions a classifier gives to its classes in the plane.
    Boundary(Boundary),
}

/// One curve.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// The series it belongs to; equal names have equal colours.
    pub name: String,
    /// In the order of x. A point whose y is not finite breaks the curve.
    pub points: Vec<Point>,
    /// Where runs broke off (diverged): drawn as crosses, at the panel's edge where y is not finite.
    pub broken: Vec<[f64; 2]>,
    /// A curve fitted to the points, from left to right; empty where none is.
    pub fitted: Vec<[f64; 2]>,
}

/// One point of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Horizontal value.
    pub x: f64,
    /// The value itself and what it was made of.
    pub y: Estimate,
}

/// A value with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value: a mean, say; not finite where there is none.
    pub value: f64,
    /// Lower and upper end of its interval, where it has one.
    pub interval: Option<[f64; 2]>,
    /// Number of runs behind it.
    pub runs: usize,
}

impl From<f64> for Estimate {
    /// A value of one run, without an interval.
    fn from(value: f64) -> Self {
        Self { value, interval: None, runs: 1 }
    }
}

/// The points of one series.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cloud {
    /// The series.
    pub name: String,
    /// Pairs of x and y.
    pub points: Vec<[f64; 2]>,
}

/// Bars by category.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bars {
    /// Names below the bars, from left to right; equal names, here as in all marks, are one category.
    pub categories: Vec<String>,
    /// Name of each series and one value a category; a missing one leaves a gap.
    pub series: Vec<(String, Vec<Estimate>)>,
}

/// Box plots by category: median, quartiles, whiskers to the last value within 1.5 interquartile ranges, outliers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Boxes {
    /// Names below the boxes, from left to right.
    pub categories: Vec<String>,
    /// Name of each series and the raw values of each category, in any order.
    pub series: Vec<(String, Vec<Vec<f64>>)>,
}

/// Counts by bin.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// Increasing edges: one more than there are bins.
    pub edges: Vec<f64>,
    /// Name of each series and its count in each bin.
    pub series: Vec<(String, Vec<f64>)>,
}

/// A matrix of values as colours.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    /// Names of the rows, from top to bottom.
    pub rows: Vec<String>,
    /// Names of the columns, from left to right.
    pub columns: Vec<String>,
    /// Rows × columns; what is not finite stays empty.
    pub values: Array2<f64>,
    /// What the values are: stands at the colour bar.
    pub title: String,
    /// How values become colours.
    pub scale: Scale,
    /// How values are written, in the cells where they fit and at the colour bar.
    pub format: Format,
    /// Values at which contour lines are drawn, through the centres of the cells.
    pub contours: Vec<f64>,
}

/// How often each class was taken for each.
#[derive(Debug, Clone, PartialEq)]
pub struct Confusion {
    /// Names of the classes.
    pub classes: Vec<String>,
    /// True class × predicted class; rows become shares, so that rare classes are seen as well as common ones.
    pub counts: Array2<u64>,
}

/// A passage of text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Passage {
    /// A few words above it.
    pub title: String,
    /// Its lines are broken where they are too long.
    pub text: String,
}

/// A grid of small pictures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Images {
    /// Height, width and channels (1 grey, 3 colours) of each.
    pub shape: [usize; 3],
    /// The pictures, row by row of the grid.
    pub images: Vec<Image>,
    /// Pictures in a row of the grid; `None` lets the drawing choose.
    pub columns: Option<usize>,
}

/// One picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Image {
    /// Bytes in the order height, width, channel; missing ones are black.
    pub pixels: Vec<u8>,
    /// A few words below it; may be empty.
    pub caption: String,
}

/// The regions a classifier gives to its classes in the plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Boundary {
    /// Names of the classes.
    pub classes: Vec<String>,
    /// First and last x of the grid.
    pub x: [f64; 2],
    /// First and last y of the grid.
    pub y: [f64; 2],
    /// Predicted class of each cell; row 0 is at the lowest y, column 0 at the lowest x.
    pub grid: Array2<u32>,
    /// Rows of the dataset to draw on top.
    pub samples: Vec<Sample>,
}

/// A row of the dataset in the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Horizontal and vertical value.
    pub at: [f64; 2],
    /// Its true class.
    pub class: u32,
}

/// A remark on top of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotation {
    /// What it refers to.
    pub place: Place,
    /// The words; may be empty.
    pub label: String,
}

/// What an annotation refers to, in the values of the axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// A vertical line.
    X(f64),
    /// A horizontal line.
    Y(f64),
    /// A point.
    Point([f64; 2]),
    /// A straight line from one point to another.
    Segment([[f64; 2]; 2]),
    /// Everything between two values of x.
    XRange([f64; 2]),
    /// Everything between two values of y.
    YRange([f64; 2]),
}

impl Default for Chart {
    /// An empty chart of full width.
    fn default() -> Self {
        Self {
            id: "fig".into(),
            title: String::new(),
            description: String::new(),
            width_px: 720,
            panels: Vec::new(),
            columns: None,
            x: Axis::default(),
            y: Axis::default(),
            legend: Legend::Auto,
            series_title: None,
            series_order: Vec::new(),
            notes: Vec::new(),
            phrases: Phrases::default(),
        }
    }
}

impl From<Marks> for Panel {
    /// A panel without title or annotations.
    fn from(marks: Marks) -> Self {
        Self { title: String::new(), marks, annotations: Vec::new() }
    }
}
