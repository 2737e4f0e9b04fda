//! `{figure}` and `{table}` → what they ask of results, checked against the experiments they show.

use super::catalog::Catalog;
use super::expression::Type;
use super::figure::{
    AxisStyle, BANDS, Band, Columns, Dimension, FITS, Figure, Filter, Note, PLOTS, Plot, Quantity, SCALES, Scale,
    Subject, Table as Tabulation,
};
use super::quantity::{self, INNER_AXES, axis_names, quantity};
use super::{Experiment, plain};
use crate::diagnostic::{Diagnostic, Diagnostics, Spanned, did_you_mean};
use crate::fields::{Fields, Table, Value};
use crate::nets::TEMPERATURES;

/// What figures, tables and claims may speak of.
#[derive(Debug)]
pub struct Shown<'a> {
    /// Experiments, in the order of the book.
    pub experiments: &'a Catalog<Experiment>,
    /// Experiments whose declaration is at fault: what shows them is not another mistake.
    pub broken: &'a [String],
    /// Names of datasets.
    pub datasets: Vec<&'a str>,
}

/// Reads a `{figure}`.
pub fn figure(id: &str, table: &Table, shown: &Shown<'_>, diagnostics: &mut Diagnostics) -> Option<Figure> {
    let mut fields = Fields::new(table, format!("figure `{id}`"), table.span, diagnostics);
    let of = subject(&mut fields, shown);
    let plot = fields.one_of("plot", PLOTS).required();
    let experiment = match &of {
        Some(Subject::Experiment(id)) => shown.experiments.named(id),
        _ => None,
    };
    let heat = plot == Some(Plot::Heatmap);
    let x = dimension("x", &mut fields, experiment);
    let y_axis = if heat { dimension("y", &mut fields, experiment) } else { None };
    let y = if heat { expression("value", &mut fields) } else { expression("y", &mut fields) };
    let mut figure = Figure {
        id: id.to_owned(),
        span: table.span,
        of: of.clone().unwrap_or(Subject::Experiment(String::new())),
        plot: plot.unwrap_or(Plot::Line),
        x: x.or((plot == Some(Plot::Layers)).then_some(Dimension::Layer)),
        y_axis,
        y,
        color: axis("color", &mut fields, experiment),
        facet: axis("facet", &mut fields, experiment),
        filters: filters(table, &mut fields, experiment),
        band: fields.one_of("band", BANDS).or(Band::Ci95),
        fit: fields.one_of("fit", FITS).optional(),
        axes: [style("x", &mut fields), style("y", &mut fields)],
        notes: notes(&mut fields),
        value_scale: fields.one_of("value-scale", SCALES).optional(),
        contours: fields.floats("contours").or(Vec::new()).into_iter().map(|c| c.value).collect(),
        count: fields.read("count").at_least(1.0).at_most(600.0).or(if plot == Some(Plot::Text) { 300 } else { 60 }),
        temperature: temperature(&mut fields),
        bins: fields.read("bins").at_least(1.0).at_most(1000.0).or(20),
        caption: fields.string("caption").example("\"…\"").required().unwrap_or_default(),
        alt: fields.string("alt").optional().unwrap_or_default(),
        show: fields.boolean("show").or(true),
    };
    if figure.alt.is_empty() {
        fields.diagnostics().push(super::image::no_alternative(id, table.span));
    }
    if figure.plot == Plot::Layers && figure.axes[1].scale.is_none() {
        figure.axes[1].scale = Some(Scale::Log);
    }
    if figure.plot == Plot::Reliability {
        // What is said and what happens are read against each other.
        figure.axes[1].scale = figure.axes[0].scale;
    }
    if let Some(experiment) = experiment {
        colour_by_model(&mut figure, experiment);
        check_shape(&figure, experiment, &mut fields);
        check_open_axes(&figure, experiment, &mut fields);
    } else if matches!(of, Some(Subject::Dataset(_))) && !matches!(plot, None | Some(Plot::Images | Plot::Scatter)) {
        let diagnostic = Diagnostic::error(fields.place("plot"), "a dataset is drawn as `images` or `scatter`");
        fields.diagnostics().push(diagnostic.hint("the other plots are of experiments"));
    }
    fields.finish();
    of.and(plot).map(|_| figure)
}

/// Reads a `{table}`.
pub fn table(id: &str, table: &Table, shown: &Shown<'_>, diagnostics: &mut Diagnostics) -> Option<Tabulation> {
    let mut fields = Fields::new(table, format!("table `{id}`"), table.span, diagnostics);
    let Some(Subject::Experiment(of)) = subject(&mut fields, shown) else {
        return None;
    };
    let experiment = shown.experiments.named(&of);
    fields.string("rows").example("\"model\"").required();
    let rows = axis("rows", &mut fields, experiment);
    let columns = match fields.strings("values").not_empty().optional() {
        Some(texts) => {
            let quantities = texts.iter().filter_map(|text| quantity(&text.value, text.span, &mut fields));
            Some(Columns::Quantities(quantities.collect()))
        }
        None => {
            fields.string("columns").example("\"m\"").required();
            fields.string("value").example("\"test_accuracy\"").required();
            let columns = axis("columns", &mut fields, experiment);
            columns.zip(expression("value", &mut fields)).map(|(axis, quantity)| Columns::Axis(axis, quantity))
        }
    };
    let filters = filters(table, &mut fields, experiment);
    let caption = fields.string("caption").optional().unwrap_or_default();
    let show = fields.boolean("show").or(true);
    if let (Some(experiment), Some(rows), Some(columns)) = (experiment, &rows, &columns) {
        let mut named = vec![rows.as_str()];
        if let Columns::Axis(axis, _) = columns {
            named.push(axis);
        }
        report_open_axes(id, &named, &filters, experiment, &mut fields);
    }
    fields.finish();
    Some(Tabulation { id: id.to_owned(), span: table.span, of, rows: rows?, columns: columns?, filters, caption, show })
}

/// Whose results are shown: an experiment or a dataset.
fn subject(fields: &mut Fields<'_>, shown: &Shown<'_>) -> Option<Subject> {
    let of = fields.string("of").example("\"scale\"").required()?;
    if shown.experiments.named(&of).is_some() {
        return Some(Subject::Experiment(of));
    }
    if shown.datasets.contains(&of.as_str()) {
        return Some(Subject::Dataset(of));
    }
    if !shown.broken.contains(&of) {
        let names: Vec<&str> =
            shown.experiments.iter().map(|e| e.id.as_str()).chain(shown.datasets.iter().copied()).collect();
        let diagnostic = Diagnostic::error(fields.place("of"), format!("there is no experiment or dataset `{of}`"));
        fields.diagnostics().push(diagnostic.hint(did_you_mean(&of, &names)));
    }
    None
}

/// The name of one of the experiment's axes.
fn axis(key: &'static str, fields: &mut Fields<'_>, experiment: Option<&Experiment>) -> Option<String> {
    let name = fields.string(key).optional()?;
    let experiment = experiment?;
    if experiment.axes.iter().any(|a| a.name == name) {
        return Some(name);
    }
    let names: Vec<&str> = experiment.axes.iter().map(|a| a.name.as_str()).collect();
    let diagnostic = Diagnostic::error(fields.place(key), format!("`{}` has no axis `{name}`", experiment.id));
    fields.diagnostics().push(diagnostic.hint(did_you_mean(&name, &names)));
    None
}

/// An axis, `epoch`, `layer`, or a quantity of each run.
fn dimension(key: &'static str, fields: &mut Fields<'_>, experiment: Option<&Experiment>) -> Option<Dimension> {
    let text = fields.string(key).optional()?;
    match text.as_str() {
        "epoch" => Some(Dimension::Epoch),
        "layer" => Some(Dimension::Layer),
        name if experiment?.axes.iter().any(|a| a.name == name) => Some(Dimension::Axis(name.to_owned())),
        other => {
            if quantity::parse(other, Type::Number).is_err() {
                let mut names = axis_names(experiment?);
                names.extend(super::measure::MEASURES.iter().map(|m| m.name));
                let message = format!("`{other}` is neither an axis of `{}` nor a measure", experiment?.id);
                let diagnostic = Diagnostic::error(fields.place(key), message);
                fields.diagnostics().push(diagnostic.hint(did_you_mean(other, &names)));
                return None;
            }
            let span = fields.place(key);
            quantity(other, span, fields).map(Dimension::Quantity)
        }
    }
}

fn expression(key: &'static str, fields: &mut Fields<'_>) -> Option<Quantity> {
    let text = fields.string(key).spanned()?;
    quantity(&text.value, text.span, fields)
}

/// `where = { m = 1000, model = ["svm", "mlp"] }`
fn filters(table: &Table, fields: &mut Fields<'_>, experiment: Option<&Experiment>) -> Vec<Filter> {
    let mut filters = Vec::new();
    fields.table("where");
    let Some(Value::Table(table)) = table.get("where").map(|e| &e.value.value) else { return filters };
    let Some(experiment) = experiment else { return filters };
    for entry in &table.entries {
        let name = &entry.key.value;
        let items: Vec<&Spanned<Value>> = match &entry.value.value {
            Value::List(items) if !is_value_of(experiment, name, &entry.value.value) => items.iter().collect(),
            _ => vec![&entry.value],
        };
        let axis = experiment.axes.iter().find(|a| a.name == *name);
        if axis.is_none() && !INNER_AXES.contains(&name.as_str()) {
            let message = format!("`{}` has no axis `{name}`", experiment.id);
            let diagnostic = Diagnostic::error(entry.key.span, message);
            fields.diagnostics().push(diagnostic.hint(did_you_mean(name, &axis_names(experiment))));
            continue;
        }
        for item in &items {
            let known = axis.is_none_or(|a| a.values.iter().any(|v| v.same(&plain(&item.value))));
            if !known && let Some(axis) = axis {
                let message = format!("`{name}` of `{}` is never {}", experiment.id, plain(&item.value));
                let diagnostic = Diagnostic::error(item.span, message);
                fields.diagnostics().push(diagnostic.hint(format!("its values are {}", quantity::listed(axis))));
            }
        }
        filters.push(Filter { axis: name.clone(), values: items.iter().map(|i| plain(&i.value)).collect() });
    }
    filters
}

/// Whether a list is itself one value of an axis, as in `hidden = [256, 256]`.
fn is_value_of(experiment: &Experiment, name: &str, value: &Value) -> bool {
    experiment.axes.iter().filter(|a| a.name == name).any(|a| a.values.iter().any(|v| v.same(&plain(value))))
}

fn style(axis: &str, fields: &mut Fields<'_>) -> AxisStyle {
    let (scale, title, limits) = match axis {
        "x" => ("x-scale", "x-title", "x-limits"),
        _ => ("y-scale", "y-title", "y-limits"),
    };
    let ordered = |ends: &Vec<Spanned<f64>>| match ends.as_slice() {
        [low, high] if low.value < high.value => Ok(()),
        _ => Err("is a smaller and a larger number: `[0, 1]`, say".to_owned()),
    };
    let limits = fields.floats(limits).check(ordered).optional().map(|ends| [ends[0].value, ends[1].value]);
    AxisStyle { scale: fields.one_of(scale, SCALES).optional(), title: fields.string(title).optional(), limits }
}

/// `notes = [{ y = 0.9, text = "target" }]`
fn notes(fields: &mut Fields<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for item in fields.list::<Value>("notes").or(Vec::new()) {
        let Value::Table(table) = &item.value else {
            let diagnostic = Diagnostic::error(item.span, "a note is a table");
            fields.diagnostics().push(diagnostic.hint("for example `notes = [{ y = 0.9, text = \"target\" }]`"));
            continue;
        };
        let mut note = Fields::new(table, "a note", item.span, fields.diagnostics());
        let (x, y) = (note.float("x").optional(), note.float("y").optional());
        let text = note.string("text").or(String::new());
        if x.is_none() && y.is_none() {
            note.diagnostics().push(Diagnostic::error(item.span, "a note stands at an `x`, a `y`, or both"));
        }
        note.finish();
        notes.push(Note { x, y, text });
    }
    notes
}

/// Curves of several models are told apart by colour, where the author names nothing else.
fn colour_by_model(figure: &mut Figure, experiment: &Experiment) {
    let used = |name: &str| {
        figure.facet.as_deref() == Some(name)
            || figure.x == Some(Dimension::Axis(name.to_owned()))
            || figure.y_axis == Some(Dimension::Axis(name.to_owned()))
            || figure.filters.iter().any(|f| f.axis == name && f.values.len() == 1)
    };
    let several = experiment.axes.iter().any(|a| a.name == "model" && a.values.len() > 1);
    let coloured = !matches!(figure.plot, Plot::Heatmap | Plot::Confusion | Plot::Boundary);
    if figure.color.is_none() && several && coloured && !used("model") {
        figure.color = Some("model".into());
    }
}

/// One of those that nets write at.
fn temperature(fields: &mut Fields<'_>) -> f64 {
    const USUAL: f64 = 0.8;
    let asked = fields.float("temperature").or(USUAL);
    if TEMPERATURES.contains(&asked) {
        return asked;
    }
    let diagnostic =
        Diagnostic::error(fields.place("temperature"), format!("no net writes at a temperature of {asked}"));
    fields.diagnostics().push(diagnostic.hint("each writes at 0.5, 0.8 and 1"));
    USUAL
}

/// What each plot needs on its axes.
fn check_shape(figure: &Figure, experiment: &Experiment, fields: &mut Fields<'_>) {
    let is_axis = |d: &Option<Dimension>| matches!(d, Some(Dimension::Axis(_)));
    let (x_fits, x_needs) = match figure.plot {
        Plot::Line => (
            matches!(figure.x, Some(Dimension::Axis(_) | Dimension::Epoch | Dimension::Layer)),
            "an axis, `epoch` or `layer`",
        ),
        Plot::Layers => (figure.x == Some(Dimension::Layer), "`layer`"),
        Plot::Scatter => (matches!(figure.x, Some(Dimension::Quantity(_))), "a measure of each run"),
        Plot::Bar | Plot::Box | Plot::Heatmap => (is_axis(&figure.x), "an axis"),
        Plot::Histogram | Plot::Confusion | Plot::Images | Plot::Boundary | Plot::Text | Plot::Reliability => {
            (true, "")
        }
    };
    if let (Plot::Line, Some(Dimension::Axis(name))) = (figure.plot, &figure.x)
        && experiment.axes.iter().any(|a| a.name == *name && a.values.iter().any(|v| v.number().is_none()))
    {
        let diagnostic =
            Diagnostic::error(fields.place("x"), format!("a line runs over numbers, and `{name}` has names"));
        fields.diagnostics().push(diagnostic.hint("draw it as `plot = \"bar\"` or `\"box\"`"));
    }
    // An `x` that is unknown has been reported already.
    let reported = figure.x.is_none() && fields.has("x");
    if !(x_fits || reported) {
        let diagnostic = Diagnostic::error(fields.place("x"), format!("this plot needs {x_needs} as `x`"));
        fields.diagnostics().push(diagnostic);
    }
    if figure.plot == Plot::Heatmap && !is_axis(&figure.y_axis) {
        let diagnostic =
            Diagnostic::error(fields.place("y"), "a heat map needs an axis as `y` and a measure as `value`");
        fields.diagnostics().push(diagnostic);
    }
    let runs_over_numbers = figure.plot == Plot::Line && is_axis(&figure.x);
    if figure.fit.is_some() && !runs_over_numbers {
        let diagnostic = Diagnostic::error(fields.place("fit"), "a law is fitted to a line over an axis of numbers");
        fields.diagnostics().push(diagnostic.hint("with `plot = \"line\"` and `x = \"m\"`, say"));
    }
    let grouped = experiment.points.iter().any(|point| point.work.calibration.is_some());
    if figure.plot == Plot::Reliability && !grouped {
        let diagnostic =
            Diagnostic::error(fields.place("plot"), format!("`{}` does not ask for groups", experiment.id));
        fields.diagnostics().push(diagnostic.hint("write `calibration = 10` into the experiment"));
    }
    if figure.plot == Plot::Images {
        let diagnostic = Diagnostic::error(fields.place("of"), "an image grid shows a dataset");
        fields.diagnostics().push(diagnostic.hint("write the name of an image dataset, such as `of = \"glyphs\"`"));
    }
    let measured =
        !matches!(figure.plot, Plot::Confusion | Plot::Images | Plot::Boundary | Plot::Text | Plot::Reliability);
    if measured && figure.y.is_none() {
        let key = if figure.plot == Plot::Heatmap { "value" } else { "y" };
        fields.string(key).example("\"test_accuracy\"").required();
    }
}

/// An axis with several values that is neither shown nor fixed would be averaged over in silence.
fn check_open_axes(figure: &Figure, experiment: &Experiment, fields: &mut Fields<'_>) {
    if matches!(figure.plot, Plot::Scatter | Plot::Histogram) {
        return;
    }
    let mut named: Vec<&str> = figure.color.iter().chain(&figure.facet).map(String::as_str).collect();
    for dimension in [&figure.x, &figure.y_axis] {
        if let Some(Dimension::Axis(name)) = dimension {
            named.push(name);
        }
    }
    report_open_axes(&figure.id, &named, &figure.filters, experiment, fields);
    let layered = figure.y.as_ref().and_then(|q| q.expr.bare_measure()).and_then(|(m, _)| super::measure::find(m));
    let fixed = figure.filters.iter().any(|f| f.axis == "layer" && f.values.len() == 1);
    if layered.is_some_and(|m| m.layered) && figure.x != Some(Dimension::Layer) && !fixed {
        let diagnostic = Diagnostic::error(fields.place("y"), "this measure has a value for each layer");
        fields
            .diagnostics()
            .push(diagnostic.hint("show it against `x = \"layer\"`, or fix one: `where = { layer = 1 }`"));
    }
}

fn report_open_axes(id: &str, named: &[&str], filters: &[Filter], experiment: &Experiment, fields: &mut Fields<'_>) {
    for axis in experiment.axes.iter().filter(|a| a.values.len() > 1 && !named.contains(&a.name.as_str())) {
        if !filters.iter().any(|f| f.axis == axis.name && f.values.len() == 1) {
            let message = format!("`{id}` does not say which `{}` it shows", axis.name);
            let diagnostic = Diagnostic::error(fields.place("of"), message);
            let first = axis.values.first().map(ToString::to_string).unwrap_or_default();
            let hint = format!("fix one with `where = {{ {} = {first} }}`, or show it as colour or facet", axis.name);
            fields.diagnostics().push(diagnostic.hint(hint));
        }
    }
}
