//! The data of one panel, gathered from the runs that belong in it.

use ndarray::Array2;

use super::chart::{Part, quantity_title, split};
use super::numbers::Numbers;
use super::words;
use crate::analysis::{Estimate, Moment, evaluate, group, power};
use crate::experiment::Value;
use crate::experiment::figure::{Curve, Dimension, Figure, Plot, Scale};
use crate::experiment::measure::Unit;
use crate::figure::{
    self, Bars, Boundary, Boxes, Cloud, Confusion, Format, Heat, Histogram, Line, Marks, Passage, Point, Sample,
};
use crate::numerics::real;
use crate::render::Words;
use crate::run::{ExperimentResults, Look};
use crate::store::{Ending, Group, Record};

/// Rows of the dataset drawn over a decision boundary.
const SAMPLES: usize = 240;

/// Points of a fitted curve.
const FITTED: usize = 48;

/// A figure, the results it shows, and the numbers gathered so far.
pub(super) struct View<'a> {
    pub(super) figure: &'a Figure,
    pub(super) results: &'a ExperimentResults,
    pub(super) look: Option<&'a Look>,
    pub(super) words: &'a Words,
    pub(super) numbers: Numbers,
}

/// A place along the horizontal axis: the runs there, each at the moment it is read.
struct Place<'a> {
    x: f64,
    moments: Vec<Moment<'a>>,
    absent: usize,
}

impl<'a> View<'a> {
    pub(super) fn marks(&mut self, facet: &Part) -> Marks {
        let series = split(self.results, self.figure.color.as_deref(), &facet.filters);
        match self.figure.plot {
            Plot::Line | Plot::Layers => Marks::Lines(series.iter().map(|s| self.line(facet, s)).collect()),
            Plot::Scatter => Marks::Scatter(series.iter().map(|s| self.cloud(facet, s)).collect()),
            Plot::Bar => {
                let (categories, series) = self.by_category(facet, &series, |view, moments| {
                    let estimate = view.estimate(moments);
                    (view.drawn(&estimate), estimate)
                });
                Marks::Bars(Bars { categories, series })
            }
            Plot::Box => {
                let (categories, series) = self.by_category(facet, &series, |view, moments| {
                    let estimate = view.estimate(moments);
                    (estimate.values.clone(), estimate)
                });
                Marks::Boxes(Boxes { categories, series })
            }
            Plot::Histogram => Marks::Histogram(self.histogram(facet, &series)),
            Plot::Heatmap => Marks::Heat(self.heat(facet)),
            Plot::Confusion => Marks::Confusion(self.confusion(facet)),
            Plot::Boundary => Marks::Boundary(self.boundary(facet)),
            Plot::Reliability => Marks::Lines(series.iter().map(|s| self.reliability(facet, s)).collect()),
            Plot::Text => Marks::Passages(self.passages(facet)),
            Plot::Images => unreachable!("an image grid shows a dataset, as the experiment room has checked"),
        }
    }

    /// The moment at which a run is read, as the filters fix it.
    fn moment(&self, part: &Part, record: &'a Record) -> Moment<'a> {
        let fixed = |axis: &str| {
            let filter = part.filters.iter().find(|f| f.axis == axis);
            filter.and_then(|f| f.values.first()?.number()).map(|n| n as u32)
        };
        Moment { record, layer: fixed("layer"), epoch: fixed("epoch") }
    }

    fn moments(&self, part: &Part) -> Vec<Moment<'a>> {
        let groups = group(self.results, &[], &part.filters);
        groups.into_iter().flat_map(|g| g.records).map(|record| self.moment(part, record)).collect()
    }

    fn value(&self, moment: Moment<'_>) -> Option<f64> {
        evaluate::of_run(&self.figure.y.as_ref()?.expr, moment)
    }

    fn estimate(&self, moments: &[Moment<'_>]) -> Estimate {
        Estimate::of(moments.iter().map(|m| self.value(*m)))
    }

    /// A share lies between 0 and 1, and so does what is drawn of its interval.
    fn possible(&self, ends: [f64; 2]) -> [f64; 2] {
        let share = self.figure.y.as_ref().is_some_and(|y| y.expr.unit() == Unit::Share);
        if share { ends.map(|end| end.clamp(0.0, 1.0)) } else { ends }
    }

    fn drawn(&self, estimate: &Estimate) -> figure::Estimate {
        figure::Estimate {
            value: estimate.mean().unwrap_or(f64::NAN),
            interval: estimate.band(self.figure.band).map(|ends| self.possible(ends)),
            runs: estimate.n(),
        }
    }

    /// Keeps an estimate for the files beside the figure.
    fn keep(&mut self, parts: &[(Option<&String>, &Part)], x: Value, estimate: &Estimate) {
        let named = parts.iter().filter_map(|(axis, part)| Some(((*axis)?.clone(), part.value.clone()?)));
        let named: Vec<(String, Value)> = named.collect();
        if self.numbers.columns.is_empty() {
            let x = match &self.figure.x {
                Some(Dimension::Axis(name)) => name.clone(),
                Some(Dimension::Epoch) => "epoch".into(),
                Some(Dimension::Layer) => "layer".into(),
                Some(Dimension::Quantity(quantity)) => quantity.text.clone(),
                None if self.figure.plot == Plot::Reliability => "predicted".into(),
                None => "run".into(),
            };
            let y = self.figure.y.as_ref().map(|q| q.text.clone());
            let y = y.unwrap_or_else(|| if x == "predicted" { "happened" } else { "value" }.into());
            let columns = named.iter().map(|(axis, _)| axis.clone());
            let rest = [x, format!("mean {y}"), "ci95 low".into(), "ci95 high".into(), "n".into()];
            self.numbers.columns = columns.chain(rest).collect();
        }
        let interval = estimate.half_width().zip(estimate.mean()).map(|(half, mean)| [mean - half, mean + half]);
        let mut row: Vec<_> = named.into_iter().map(|(_, value)| Some(value)).collect();
        row.extend([Some(x), estimate.mean().map(Value::Float)]);
        row.extend((0..2).map(|end| interval.map(|i| Value::Float(i[end]))));
        row.push(Some(Value::Integer(estimate.n() as i64)));
        self.numbers.rows.push(row);
    }

    /// The axes that panel and series stand for.
    fn shown<'p>(&self, facet: &'p Part, series: &'p Part) -> [(Option<&'a String>, &'p Part); 2] {
        [(self.figure.facet.as_ref(), facet), (self.figure.color.as_ref(), series)]
    }

    fn line(&mut self, facet: &Part, series: &Part) -> Line {
        let mut line = Line { name: series.name(), ..Line::default() };
        for Place { x, moments, absent } in self.places(series) {
            let estimate = self.estimate(&moments);
            let diverged = moments.iter().any(|m| m.record.ending != Ending::Finished);
            if diverged && matches!(self.figure.x, Some(Dimension::Axis(_))) {
                line.broken.push([x, f64::NAN]);
            }
            if estimate.n() + estimate.missing + absent > 0 {
                self.keep(&self.shown(facet, series), words::number(x), &estimate);
                line.points.push(Point { x, y: self.drawn(&estimate) });
            }
        }
        if let Some(Curve::Power) = self.figure.fit {
            line.fitted = power_law(&line.points);
        }
        line
    }

    /// What was said of each group of test rows and what happened, over seeds.
    fn reliability(&mut self, facet: &Part, series: &Part) -> Line {
        let mut line = Line { name: series.name(), ..Line::default() };
        let runs: Vec<&[Group]> = self.moments(series).iter().map(|m| &m.record.reliability[..]).collect();
        for group in 0..runs.iter().map(|groups| groups.len()).max().unwrap_or(0) {
            let of = |value: fn(&Group) -> f64| Estimate::of(runs.iter().map(|run| run.get(group).map(value)));
            let (predicted, happened) = (of(|group| group.predicted), of(|group| group.happened));
            let Some(x) = predicted.mean() else { continue };
            self.keep(&self.shown(facet, series), words::number(x), &happened);
            let ends = happened.band(self.figure.band).map(|ends| ends.map(|end| end.clamp(0.0, 1.0)));
            let y = figure::Estimate { value: happened.mean().unwrap_or(f64::NAN), interval: ends, runs: happened.n() };
            line.points.push(Point { x, y });
        }
        line
    }

    /// The places along the horizontal axis, in its order.
    fn places(&self, series: &Part) -> Vec<Place<'a>> {
        let at_end = self.moments(series);
        let places = |places: Vec<u32>, at: &dyn Fn(Moment<'a>, u32) -> Moment<'a>| {
            let place =
                |x: u32| Place { x: f64::from(x), moments: at_end.iter().map(|m| at(*m, x)).collect(), absent: 0 };
            places.into_iter().map(place).collect()
        };
        match &self.figure.x {
            Some(Dimension::Axis(name)) => {
                let groups = group(self.results, &[name], &series.filters).into_iter();
                let mut places: Vec<_> = groups
                    .filter_map(|g| {
                        let moments = g.records.iter().map(|r| self.moment(series, r)).collect();
                        Some(Place { x: g.at[0].number()?, moments, absent: g.absent })
                    })
                    .collect();
                places.sort_by(|a, b| a.x.total_cmp(&b.x));
                places
            }
            Some(Dimension::Epoch) => {
                places(self.steps(&at_end, |c| c.epochs.clone()), &|m, e| Moment { epoch: Some(e), ..m })
            }
            Some(Dimension::Layer) => {
                places(self.steps(&at_end, |c| c.layer.into_iter().collect()), &|m, l| Moment { layer: Some(l), ..m })
            }
            Some(Dimension::Quantity(_)) | None => Vec::new(),
        }
    }

    /// All epochs (or layers) at which the quantity was recorded, sorted.
    fn steps(&self, moments: &[Moment<'_>], of: impl Fn(&crate::store::Course) -> Vec<u32>) -> Vec<u32> {
        let Some((measure, _)) = self.figure.y.as_ref().and_then(|q| q.expr.bare_measure()) else {
            return Vec::new();
        };
        let courses = moments.iter().flat_map(|m| &m.record.courses).filter(|c| c.measure == measure);
        let mut steps: Vec<u32> = courses.flat_map(of).collect();
        steps.sort_unstable();
        steps.dedup();
        steps
    }

    fn cloud(&mut self, facet: &Part, series: &Part) -> Cloud {
        let Some(Dimension::Quantity(x)) = &self.figure.x else { return Cloud::default() };
        let mut cloud = Cloud { name: series.name(), ..Cloud::default() };
        for moment in self.moments(series) {
            if let (Some(x), Some(y)) = (evaluate::of_run(&x.expr, moment), self.value(moment)) {
                cloud.points.push([x, y]);
                self.keep(&self.shown(facet, series), words::number(x), &Estimate::of([Some(y)]));
            }
        }
        cloud
    }

    /// For each category along the horizontal axis and each series: what `of` makes of its runs.
    #[allow(clippy::type_complexity, reason = "two parallel lists of named columns, taken apart by the caller at once")]
    fn by_category<T>(
        &mut self,
        facet: &Part,
        series: &[Part],
        of: impl Fn(&Self, &[Moment<'a>]) -> (T, Estimate),
    ) -> (Vec<String>, Vec<(String, Vec<T>)>) {
        let Some(Dimension::Axis(name)) = &self.figure.x else { return (Vec::new(), Vec::new()) };
        let categories = group(self.results, &[name], &facet.filters);
        let mut columns = Vec::new();
        for part in series {
            let groups = group(self.results, &[name], &part.filters);
            let mut column = Vec::new();
            for category in &categories {
                let records = groups.iter().filter(|g| g.at == category.at).flat_map(|g| &g.records);
                let moments: Vec<_> = records.map(|r| self.moment(part, r)).collect();
                let (value, estimate) = of(self, &moments);
                self.keep(&self.shown(facet, part), category.at[0].clone(), &estimate);
                column.push(value);
            }
            columns.push((part.name(), column));
        }
        (categories.iter().map(|c| words::value(&c.at[0])).collect(), columns)
    }

    fn histogram(&mut self, facet: &Part, series: &[Part]) -> Histogram {
        let all = self.estimate(&self.moments(facet)).values;
        let low = all.iter().copied().fold(f64::INFINITY, f64::min);
        let high = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if all.is_empty() {
            return Histogram::default();
        }
        let bins = self.figure.bins;
        let width = if high > low { (high - low) / bins as f64 } else { 1.0 };
        let edges = (0..=bins).map(|i| low + width * i as f64).collect();
        let counts = series.iter().map(|part| {
            let values = self.estimate(&self.moments(part)).values;
            let mut counts = vec![0.0; bins];
            for value in values {
                counts[(((value - low) / width) as usize).min(bins - 1)] += 1.0;
            }
            (part.name(), counts)
        });
        let series_counts = counts.collect();
        for part in series {
            for moment in self.moments(part) {
                let estimate = Estimate::of([self.value(moment)]);
                self.keep(&self.shown(facet, part), Value::Text("run".into()), &estimate);
            }
        }
        Histogram { edges, series: series_counts }
    }

    fn heat(&mut self, facet: &Part) -> Heat {
        let (Some(Dimension::Axis(x)), Some(Dimension::Axis(y)), Some(quantity)) =
            (&self.figure.x, &self.figure.y_axis, &self.figure.y)
        else {
            unreachable!("a heat map has two axes and a quantity, as the experiment room has checked")
        };
        let columns = group(self.results, &[x], &facet.filters);
        // The smallest value stands at the bottom, as on every other axis.
        let rows: Vec<_> = group(self.results, &[y], &facet.filters).into_iter().rev().collect();
        let cells = group(self.results, &[x, y], &facet.filters);
        let mut values = Array2::from_elem((rows.len(), columns.len()), f64::NAN);
        for ((r, c), value) in values.indexed_iter_mut() {
            let wanted = [columns[c].at[0].clone(), rows[r].at[0].clone()];
            let records = cells.iter().filter(|g| g.at == wanted).flat_map(|g| &g.records);
            let moments: Vec<_> = records.map(|record| self.moment(facet, record)).collect();
            let estimate = self.estimate(&moments);
            *value = estimate.mean().unwrap_or(f64::NAN);
            let row = Part { value: Some(wanted[1].clone()), filters: Vec::new() };
            self.keep(&[(Some(y), &row), (self.figure.facet.as_ref(), facet)], wanted[0].clone(), &estimate);
        }
        let log = self.figure.value_scale == Some(Scale::Log);
        Heat {
            rows: rows.iter().map(|g| words::value(&g.at[0])).collect(),
            columns: columns.iter().map(|g| words::value(&g.at[0])).collect(),
            values,
            title: quantity_title(&quantity.text, self.words),
            scale: if log { figure::Scale::Log10 } else { figure::Scale::Linear },
            format: if quantity.expr.unit() == Unit::Share { Format::Percent } else { Format::Plain },
            contours: self.figure.contours.clone(),
        }
    }

    fn confusion(&mut self, facet: &Part) -> Confusion {
        let moments = self.moments(facet);
        let classes = moments.first().map_or_else(Vec::new, |m| m.record.classes.clone());
        let mut counts = Array2::zeros((classes.len(), classes.len()));
        for moment in &moments {
            for (row, line) in moment.record.confusion.iter().enumerate() {
                for (column, count) in line.iter().enumerate() {
                    counts[[row, column]] += u64::from(*count);
                }
            }
        }
        self.numbers = Numbers::of_columns(["true", "predicted", "count"]);
        for ((row, column), count) in counts.indexed_iter() {
            let [truth, predicted] = [row, column].map(|c| Value::Text(classes[c].clone()));
            self.numbers.push([truth, predicted, Value::Integer(*count as i64)]);
        }
        Confusion { classes, counts }
    }

    /// What the first run wrote, epoch after epoch.
    fn passages(&mut self, facet: &Part) -> Vec<Passage> {
        let moments = self.moments(facet);
        let epochs = facet.filters.iter().find(|f| f.axis == "epoch").map(|f| &f.values);
        let shown = |epoch: u32| epochs.is_none_or(|e| e.iter().any(|e| e.number() == Some(f64::from(epoch))));
        let texts = moments.first().into_iter().flat_map(|moment| &moment.record.texts);
        let of_figure = texts.filter(|text| text.temperature == self.figure.temperature && shown(text.epoch));
        let passages: Vec<(u32, String)> =
            of_figure.map(|text| (text.epoch, text.text.chars().take(self.figure.count).collect())).collect();
        if self.numbers.columns.is_empty() {
            let facet = self.figure.facet.as_deref();
            self.numbers = Numbers::of_columns(facet.into_iter().chain(["epoch", "temperature", "text"]));
        }
        for (epoch, text) in &passages {
            let temperature = Value::Float(self.figure.temperature);
            let row = [Value::Integer(i64::from(*epoch)), temperature, Value::Text(text.clone())];
            self.numbers.push(facet.value.clone().into_iter().chain(row));
        }
        let titled = passages.into_iter().map(|(epoch, text)| {
            let title = if epoch == 0 { "Before training".to_owned() } else { format!("After epoch {epoch}") };
            Passage { title, text }
        });
        titled.collect()
    }

    fn boundary(&mut self, facet: &Part) -> Boundary {
        let moments = self.moments(facet);
        let Some((record, field)) = moments.iter().find_map(|m| Some((m.record, m.record.decision.as_ref()?))) else {
            return Boundary {
                classes: Vec::new(),
                x: [0.0, 1.0],
                y: [0.0, 1.0],
                grid: Array2::zeros((0, 0)),
                samples: Vec::new(),
            };
        };
        let (side, classes) = (field.side as usize, field.classes());
        let grid = Array2::from_shape_fn((side, side), |(r, c)| u32::from(classes[r * side + c]));
        let rows = self.look.map(|look| look.rows.iter().zip(&look.classes)).into_iter().flatten().take(SAMPLES);
        let samples =
            rows.map(|(row, class)| Sample { at: [f64::from(row[0]), f64::from(row[1])], class: *class }).collect();
        Boundary { classes: record.classes.clone(), x: field.x, y: field.y, grid, samples }
    }
}

/// The power law through the means of a curve, at places evenly along a logarithmic axis; none where there is no law.
fn power_law(points: &[Point]) -> Vec<[f64; 2]> {
    let (x, y): (Vec<f64>, Vec<f64>) = points.iter().map(|point| (point.x, point.y.value)).unzip();
    let (Some(law), Some(first), Some(last)) = (power::fit(&x, &y), x.first(), x.last()) else { return Vec::new() };
    let place = |i: usize| first * real::pow(last / first, i as f64 / (FITTED - 1) as f64);
    (0..FITTED).map(place).map(|x| [x, law.factor * real::pow(x, -law.exponent) + law.limit]).collect()
}
