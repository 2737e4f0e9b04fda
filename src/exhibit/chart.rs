//! A figure as declared, and results → a chart to draw, and the numbers behind it.

use super::marks::View;
use super::numbers::Numbers;
use super::words;
use crate::analysis::group;
use crate::experiment::Value;
use crate::experiment::figure::{AxisStyle, Band, Dimension, Figure, Filter, Note, Plot, Scale};
use crate::experiment::measure::{self, Unit};
use crate::figure::{self, Annotation, Axis, Chart, Cloud, Format, Image, Images, Marks, Panel, Phrases, Place};
use crate::render::Words;
use crate::run::{ExperimentResults, Look};
use crate::store::Ending;

/// What is said of values that are left out: of one, of several.
const COUNTED: [[&str; 2]; 2] = [
    ["1 value is not shown: not finite.", "{n} values are not shown: not finite."],
    [
        "1 value is not shown: not positive on a logarithmic axis.",
        "{n} values are not shown: not positive on a logarithmic axis.",
    ],
];

/// Makes the chart of a figure of an experiment's runs.
pub fn of_experiment(
    figure: &Figure,
    results: &ExperimentResults,
    look: Option<&Look>,
    words: &Words,
) -> (Chart, Numbers) {
    let mut view = View { figure, results, look, words, numbers: Numbers::default() };
    let annotations: Vec<Annotation> = figure.notes.iter().filter_map(annotation).collect();
    let facets = split(results, figure.facet.as_deref(), &figure.filters);
    let panels = facets.into_iter().map(|facet| {
        let title = figure.facet.as_deref().zip(facet.value.as_ref()).map(|(axis, value)| words::setting(axis, value));
        let (marks, mut annotations) = (view.marks(&facet), annotations.clone());
        if figure.plot == Plot::Reliability {
            annotations.extend(as_said(&marks));
        }
        Panel { title: title.unwrap_or_default(), marks, annotations }
    });
    let panels = panels.collect();
    let quantity = figure.y.clone().map(Dimension::Quantity);
    let (x, y) = match figure.plot {
        Plot::Boundary => plane(look),
        Plot::Reliability => reliability(figure, words),
        Plot::Heatmap => {
            let across = axis(figure.x.as_ref(), &figure.axes[0], words);
            (across, axis(figure.y_axis.as_ref(), &figure.axes[1], words))
        }
        Plot::Histogram => {
            let runs = Axis { title: words.word("Runs").to_owned(), format: Format::Whole, ..Axis::default() };
            (axis(quantity.as_ref(), &figure.axes[0], words), runs)
        }
        _ => (axis(figure.x.as_ref(), &figure.axes[0], words), axis(quantity.as_ref(), &figure.axes[1], words)),
    };
    let chart = Chart {
        panels,
        x,
        y,
        series_title: figure.color.clone(),
        notes: notes(figure, results, words),
        ..frame(figure, words)
    };
    (chart, view.numbers)
}

/// Makes the chart of a figure of a dataset's rows.
pub fn of_dataset(figure: &Figure, look: &Look, words: &Words) -> (Chart, Numbers) {
    let mut numbers = Numbers::of_columns(look.columns.iter().map(String::as_str).chain(["class"]));
    if let Some(shape) = look.image {
        let images = look.rows.iter().zip(&look.classes).map(|(row, class)| Image {
            pixels: row.iter().map(|x| (x * 255.0).round() as u8).collect(),
            caption: look.class_names.get(*class as usize).cloned().unwrap_or_default(),
        });
        let images = Images { shape, images: images.collect(), columns: None };
        return (Chart { panels: vec![Marks::Images(images).into()], ..frame(figure, words) }, Numbers::default());
    }
    let mut clouds: Vec<Cloud> =
        look.class_names.iter().map(|name| Cloud { name: name.clone(), points: Vec::new() }).collect();
    for (row, class) in look.rows.iter().zip(&look.classes) {
        clouds[*class as usize].points.push([f64::from(row[0]), f64::from(row[1])]);
        let class = Value::Text(look.class_names[*class as usize].clone());
        numbers.push(row.iter().map(|x| Value::Float(f64::from(*x))).chain([class]));
    }
    let (x, y) = plane(Some(look));
    (Chart { panels: vec![Marks::Scatter(clouds).into()], x, y, ..frame(figure, words) }, numbers)
}

/// The chart of a figure whose results are not there.
pub fn missing(figure: &Figure, words: &Words) -> Chart {
    let empty = Marks::Lines(Vec::new());
    Chart {
        panels: vec![empty.into()],
        notes: vec![words.word("Its data are not here, so it was not run.").to_owned()],
        ..frame(figure, words)
    }
}

/// A chart that has everything but its data.
fn frame(figure: &Figure, words: &Words) -> Chart {
    let phrases = Phrases {
        empty: words.word("no finite results").to_owned(),
        not_finite: COUNTED[0].map(|text| words.word(text).to_owned()),
        not_positive: COUNTED[1].map(|text| words.word(text).to_owned()),
    };
    Chart {
        id: figure.id.clone(),
        title: figure.caption.clone(),
        description: figure.alt.clone(),
        phrases,
        ..Chart::default()
    }
}

/// The axes of what is said and of what happens.
fn reliability(figure: &Figure, words: &Words) -> (Axis, Axis) {
    let titled = |title: &str, style: &AxisStyle| {
        let axis = axis(None, style, words);
        let title = style.title.clone().unwrap_or_else(|| words.word(title).to_owned());
        Axis { title, format: Format::Percent, ..axis }
    };
    (titled("Predicted probability", &figure.axes[0]), titled("Share that happened", &figure.axes[1]))
}

/// The line on which as much happens as is said, as far as curves reach.
fn as_said(marks: &Marks) -> Option<Annotation> {
    let Marks::Lines(lines) = marks else { return None };
    let said = || lines.iter().flat_map(|line| &line.points).map(|point| point.x);
    let (low, high) = (said().fold(f64::INFINITY, f64::min), said().fold(0.0, f64::max));
    (low < high).then(|| Annotation { place: Place::Segment([[low, low], [high, high]]), label: String::new() })
}

/// The two axes of a dataset's plane.
fn plane(look: Option<&Look>) -> (Axis, Axis) {
    let name = |column: usize| look.and_then(|l| l.columns.get(column).cloned()).unwrap_or_default();
    (Axis { title: name(0), ..Axis::default() }, Axis { title: name(1), ..Axis::default() })
}

/// One value of the facet or colour axis, and the filters that keep only it.
pub(super) struct Part {
    pub(super) value: Option<Value>,
    pub(super) filters: Vec<Filter>,
}

impl Part {
    pub(super) fn name(&self) -> String {
        self.value.as_ref().map_or_else(String::new, words::value)
    }
}

/// The parts of the results along an axis; all of them as one where there is none.
pub(super) fn split(results: &ExperimentResults, axis: Option<&str>, filters: &[Filter]) -> Vec<Part> {
    let Some(axis) = axis else {
        return vec![Part { value: None, filters: filters.to_vec() }];
    };
    let groups = group(results, &[axis], filters);
    let parts = groups.into_iter().map(|group| {
        let value = group.at[0].clone();
        let only = Filter { axis: axis.to_owned(), values: vec![value.clone()] };
        Part { value: Some(value), filters: [filters, &[only]].concat() }
    });
    parts.collect()
}

fn annotation(note: &Note) -> Option<Annotation> {
    let place = match (note.x, note.y) {
        (Some(x), Some(y)) => Place::Point([x, y]),
        (Some(x), None) => Place::X(x),
        (None, Some(y)) => Place::Y(y),
        (None, None) => return None,
    };
    Some(Annotation { place, label: note.text.clone() })
}

fn axis(dimension: Option<&Dimension>, style: &AxisStyle, words: &Words) -> Axis {
    let unit = match dimension {
        Some(Dimension::Quantity(quantity)) => quantity.expr.unit(),
        _ => Unit::Count,
    };
    let format = match (dimension, unit) {
        (Some(Dimension::Epoch | Dimension::Layer), _) => Format::Whole,
        (Some(Dimension::Quantity(_)), Unit::Share | Unit::Points) => Format::Percent,
        (_, Unit::Count) => Format::Si,
        _ => Format::Plain,
    };
    Axis {
        title: style.title.clone().unwrap_or_else(|| self::words::dimension(dimension, words)),
        scale: match style.scale {
            Some(Scale::Log) => figure::Scale::Log10,
            Some(Scale::Linear) | None => figure::Scale::Linear,
        },
        range: style.limits.map_or([None; 2], |[low, high]| [Some(low), Some(high)]),
        format,
    }
}

/// What the band shows, how many seeds stand behind it, and what is missing.
fn notes(figure: &Figure, results: &ExperimentResults, words: &Words) -> Vec<String> {
    let mut notes = Vec::new();
    let seeds = results.seeds.len();
    let (banded, plain) = match figure.plot {
        Plot::Line | Plot::Layers | Plot::Reliability => {
            ("Lines are means and bands {band} over {n} seeds.", "Lines are means over {n} seeds.")
        }
        Plot::Bar => ("Bars are means and whiskers {band} over {n} seeds.", "Bars are means over {n} seeds."),
        Plot::Heatmap => ("", "Colours are means over {n} seeds."),
        Plot::Box => ("", "Boxes are quartiles over {n} seeds."),
        _ => ("", ""),
    };
    let band = match figure.band {
        Band::Sd => Some("one standard deviation"),
        Band::Ci95 => Some("95 % intervals of the mean"),
        Band::Range => Some("smallest to largest"),
        Band::None => None,
    };
    if !plain.is_empty() {
        let note = match band.filter(|_| !banded.is_empty()) {
            _ if seeds == 1 => words.word("One seed: the spread is not known.").to_owned(),
            Some(band) => words.word(banded).replace("{band}", words.word(band)),
            None => words.word(plain).to_owned(),
        };
        notes.push(note.replace("{n}", &seeds.to_string()));
    }
    if figure.fit.is_some() {
        notes.push(words.word("Dotted lines are power laws, a·x^−b + c, fitted to the means.").to_owned());
    }
    let without = results.records().filter(|(_, _, r)| r.ending != Ending::Finished).count();
    if without > 0 {
        let note = words.word("{n} runs ended without a result: they diverged, or no fit was found.");
        notes.push(note.replace("{n}", &without.to_string()));
    }
    notes
}

/// The words of a quantity: a measure's title, or the expression as written.
pub(super) fn quantity_title(text: &str, words: &Words) -> String {
    measure::find(text).map_or_else(|| text.to_owned(), |m| words.word(m.title).to_owned())
}
