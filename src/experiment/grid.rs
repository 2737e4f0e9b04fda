//! `{experiment}` → its grid: every combination of datasets, models and swept parameters, each with the work it stands for.
//!
//! A swept value takes the place of a key in the dataset's, the model's or the training's table before that table is
//! read. So whatever can be written can be swept, and a wrong value is the same mistake in a list as on its own.

use std::collections::BTreeMap;

use super::baseline;
use super::config::Profile;
use super::dataset;
use super::figure::Quantity;
use super::model;
use super::quantity::quantity;
use super::{Axis, Candidate, Experiment, Model, Point, Tune, Whole, Work, plain};
use crate::data::DatasetSpec;
use crate::data::spec::{Builtin, Source, TaskKind};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, Spanned, did_you_mean};
use crate::fields::{Entry, Fields, Table, Value};

/// More runs than this are a mistake.
const MOST_RUNS: usize = 200_000;
/// The share of the training rows that choices are made on, where the author says nothing.
const VALID: f64 = 0.2;

/// Keys of `tune` that are no parameters of models.
const TUNE_SETTINGS: [&str; 3] = ["by", "valid", "trials"];

/// What an experiment may refer to: tables as written, by id.
#[derive(Debug)]
pub struct Declared<'a> {
    /// `{dataset}` tables.
    pub datasets: &'a BTreeMap<String, Table>,
    /// `{model}` tables.
    pub models: &'a BTreeMap<String, Table>,
    /// Names whose declaration is not TOML: that they cannot be used is no second mistake.
    pub unreadable: Vec<&'a str>,
}

/// A swept parameter: its name, its values and the place of the name.
type Swept<'a> = (String, Vec<&'a Spanned<Value>>, Span);

/// The parts of an experiment's table, before the grid is laid out.
struct Draft<'a> {
    id: &'a str,
    span: Span,
    datasets: Vec<(String, Table)>,
    models: Vec<(String, Table, Span)>,
    sweep: Vec<Swept<'a>>,
    train: Table,
    /// The profile's, in place of any training's own.
    epochs: Option<u32>,
    tune: Option<Table>,
    seeds: Vec<u64>,
    measures: Vec<Quantity>,
}

/// Reads an experiment and lays out its grid. `found` takes in the specs of the datasets it uses.
pub fn read(
    id: &str,
    table: &Table,
    declared: &Declared<'_>,
    profile: Option<&Profile>,
    found: &mut BTreeMap<String, DatasetSpec>,
    diagnostics: &mut Diagnostics,
) -> Option<Experiment> {
    let declaration = table;
    let table = overridden(id, table, profile);
    let draft = draft(id, &table, declared, profile, diagnostics)?;
    let runs =
        draft.sweep.iter().map(|s| s.1.len()).chain([draft.models.len(), draft.datasets.len(), draft.seeds.len()]);
    let runs = runs.fold(1usize, usize::saturating_mul);
    let fits = draft.tune.iter().flat_map(|t| &t.entries).fold(runs, |fits, entry| match &entry.value.value {
        Value::List(values) => fits.saturating_mul(values.len().max(1)),
        _ => fits,
    });
    if fits > MOST_RUNS {
        let message = match runs > MOST_RUNS {
            true => format!("`{id}` would be {} runs, more than {MOST_RUNS}", grouped(runs)),
            false => format!("`{id}` would tune by {} fits, more than {MOST_RUNS}", grouped(fits)),
        };
        diagnostics
            .push(Diagnostic::error(draft.span, message).hint("sweep fewer values, or fewer parameters at once"));
        return None;
    }
    // What is wrong with it was reported above, or lies in what the profile replaces.
    let whole = profile.and_then(|_| self::draft(id, declaration, declared, None, &mut Diagnostics::default()));
    let whole = whole.as_ref().unwrap_or(&draft);
    let whole = Whole { axes: axes(whole), seeds: whole.seeds.clone() };
    Some(lay_out(draft, whole, found, diagnostics))
}

/// The axes of the grid: datasets where there are several, models, swept parameters.
fn axes(draft: &Draft<'_>) -> Vec<Axis> {
    let mut axes = Vec::new();
    if draft.datasets.len() > 1 {
        let values = draft.datasets.iter().map(|d| super::Value::Text(d.0.clone())).collect();
        axes.push(Axis { name: "dataset".into(), values });
    }
    let models = draft.models.iter().map(|m| super::Value::Text(m.0.clone())).collect();
    axes.push(Axis { name: "model".into(), values: models });
    for (name, values, _) in &draft.sweep {
        axes.push(Axis { name: name.clone(), values: values.iter().map(|v| plain(&v.value)).collect() });
    }
    axes
}

fn grouped(runs: usize) -> String {
    if runs == usize::MAX { "far too many".into() } else { runs.to_string() }
}

/// The table with what the profile puts in its place: lists of a sweep one by one, keys of `train` one by one.
fn overridden(id: &str, table: &Table, profile: Option<&Profile>) -> Table {
    let Some(over) = profile.and_then(|p| p.experiments.get(id)) else { return table.clone() };
    let mut merged = table.clone();
    for entry in &over.entries {
        let mut entry = entry.clone();
        let own = table.get(&entry.key.value).map(|e| &e.value.value);
        if let (Value::Table(over), Some(Value::Table(own))) = (&entry.value.value, own) {
            entry.value.value = Value::Table(own.with(over));
        }
        merged.set(entry);
    }
    merged
}

fn draft<'a>(
    id: &'a str,
    table: &'a Table,
    declared: &Declared<'_>,
    profile: Option<&Profile>,
    diagnostics: &mut Diagnostics,
) -> Option<Draft<'a>> {
    let mut fields = Fields::new(table, format!("experiment `{id}`"), table.span, diagnostics);
    fields.boolean("show").optional();
    let names = one_or_more("dataset", "\"glyphs\"", &mut fields);
    let datasets = datasets(names, declared, &mut fields);
    let names = one_or_more("models", "[\"logistic\", \"svm\"]", &mut fields);
    let models = models(names, declared, &mut fields);
    let sweep = sweep(table, &mut fields);
    let train = table_of("train", &mut fields).unwrap_or_else(|| Table::empty(table.span));
    let tune = table_of("tune", &mut fields);
    let own = profile.and_then(|p| p.experiments.get(id)).is_some_and(|t| t.get("seeds").is_some());
    let seeds = seeds(table, &mut fields, profile.and_then(|p| p.seeds).filter(|_| !own));
    let measures = measures(&mut fields);
    fields.finish();
    let whole = !datasets.is_empty() && !models.is_empty() && sweep.iter().all(|s| !s.1.is_empty());
    let epochs = profile.and_then(|p| p.epochs);
    whole.then_some(Draft { id, span: table.span, datasets, models, sweep, train, epochs, tune, seeds, measures })
}

/// A text, or a list of them, that has to be there.
fn one_or_more(key: &'static str, example: &str, fields: &mut Fields<'_>) -> Vec<Spanned<String>> {
    match fields.entry(key).map(|e| &e.value.value) {
        Some(Value::List(_)) => fields.strings(key).not_empty().or(Vec::new()),
        _ => fields.string(key).example(example).required_spanned().into_iter().collect(),
    }
}

/// A table within the table, as it is.
fn table_of(key: &'static str, fields: &mut Fields<'_>) -> Option<Table> {
    fields.table(key)?;
    match fields.entry(key).map(|e| &e.value.value) {
        Some(Value::Table(table)) => Some(table.clone()),
        _ => None,
    }
}

fn datasets(names: Vec<Spanned<String>>, declared: &Declared<'_>, fields: &mut Fields<'_>) -> Vec<(String, Table)> {
    let mut found: Vec<(String, Table)> = Vec::new();
    for Spanned { value: name, span } in names {
        if let Some(table) = declared.datasets.get(&name) {
            found.push((name, table.clone()));
        } else if crate::data::named(&name).is_some() {
            let mut table = Table::empty(span);
            table.set(Entry::of("from", Spanned { value: Value::String(name.clone()), span }));
            found.push((name, table));
        } else {
            let names: Vec<&str> = declared.datasets.keys().map(String::as_str).chain(crate::data::known()).collect();
            if declared.unreadable.contains(&name.as_str()) {
                continue;
            }
            let diagnostic = Diagnostic::error(span, format!("there is no dataset `{name}`"));
            fields.diagnostics().push(diagnostic.hint(did_you_mean(&name, &names)));
        }
    }
    found
}

fn models(names: Vec<Spanned<String>>, declared: &Declared<'_>, fields: &mut Fields<'_>) -> Vec<(String, Table, Span)> {
    let mut found: Vec<(String, Table, Span)> = Vec::new();
    for Spanned { value: name, span } in names {
        if found.iter().any(|f| f.0 == name) {
            fields.diagnostics().push(Diagnostic::error(span, format!("model `{name}` is named twice")));
        } else if let Some(table) = declared.models.get(&name) {
            found.push((name, table.clone(), span));
        } else if model::KINDS.iter().any(|k| k.0 == name) {
            let mut table = Table::empty(span);
            table.set(Entry::of("kind", Spanned { value: Value::String(name.clone()), span }));
            found.push((name, table, span));
        } else {
            let names: Vec<&str> =
                declared.models.keys().map(String::as_str).chain(model::KINDS.iter().map(|k| k.0)).collect();
            if declared.unreadable.contains(&name.as_str()) {
                continue;
            }
            let diagnostic = Diagnostic::error(span, format!("there is no model `{name}`"));
            fields.diagnostics().push(diagnostic.hint(did_you_mean(&name, &names)));
        }
    }
    found
}

fn sweep<'a>(table: &'a Table, fields: &mut Fields<'_>) -> Vec<Swept<'a>> {
    fields.table("sweep");
    let Some(Value::Table(table)) = table.get("sweep").map(|e| &e.value.value) else { return Vec::new() };
    let mut axes = Vec::new();
    for entry in &table.entries {
        let name = &entry.key.value;
        let values = match &entry.value.value {
            Value::List(items) if !items.is_empty() => items.iter().collect(),
            Value::List(_) => {
                let diagnostic = Diagnostic::error(entry.value.span, format!("`{name}` sweeps over nothing"));
                fields.diagnostics().push(diagnostic);
                Vec::new()
            }
            _ => {
                let diagnostic = Diagnostic::error(entry.value.span, format!("`{name}` sweeps over a list"));
                fields.diagnostics().push(diagnostic.hint(format!("for example `{name} = [1, 2]`")));
                Vec::new()
            }
        };
        let seen_before =
            |&i: &usize| values[..i].iter().any(|v: &&Spanned<Value>| plain(&v.value).same(&plain(&values[i].value)));
        let twice = (1..values.len()).find(seen_before);
        if let Some(i) = twice {
            fields.diagnostics().push(Diagnostic::error(values[i].span, format!("`{name}` has this value twice")));
        }
        axes.push((name.clone(), values, entry.key.span));
    }
    axes
}

/// `seeds = 5` is 1 to 5; a list names them.
fn seeds(table: &Table, fields: &mut Fields<'_>, over: Option<u64>) -> Vec<u64> {
    if let Some(Value::List(_)) = table.get("seeds").map(|e| &e.value.value) {
        let listed = fields.list::<u64>("seeds").not_empty().or(Vec::new());
        let mut seeds: Vec<u64> = listed.into_iter().map(|s| s.value).collect();
        seeds.sort_unstable();
        seeds.dedup();
        seeds.truncate(over.map_or(usize::MAX, |n| n as usize));
        return seeds;
    }
    let own = fields.count("seeds").at_least(1.0).at_most(10_000.0).or(1);
    (1..=over.unwrap_or(own)).collect()
}

fn measures(fields: &mut Fields<'_>) -> Vec<Quantity> {
    let texts = fields.strings("measure").or(Vec::new());
    texts.iter().filter_map(|text| quantity(&text.value, text.span, fields)).collect()
}

fn lay_out(
    draft: Draft<'_>,
    whole: Whole,
    found: &mut BTreeMap<String, DatasetSpec>,
    diagnostics: &mut Diagnostics,
) -> Experiment {
    let axes = axes(&draft);
    let mut layout =
        Layout { draft: &draft, found, diagnostics, used: vec![false; draft.sweep.len()], keys: Vec::new() };
    let points = layout.points();
    layout.report_unused();
    let measures = draft.measures;
    Experiment { id: draft.id.to_owned(), span: draft.span, axes, points, seeds: draft.seeds, measures, whole }
}

struct Layout<'a, 'd> {
    draft: &'a Draft<'a>,
    found: &'a mut BTreeMap<String, DatasetSpec>,
    diagnostics: &'d mut Diagnostics,
    /// Which swept parameters some dataset, model or training knows.
    used: Vec<bool>,
    /// All keys that could have been swept.
    keys: Vec<&'static str>,
}

impl Layout<'_, '_> {
    fn points(&mut self) -> Vec<Point> {
        let mut points = Vec::new();
        let counts: Vec<usize> = self.draft.sweep.iter().map(|s| s.1.len()).collect();
        let combinations: usize = counts.iter().product();
        for dataset in 0..self.draft.datasets.len() {
            for model in 0..self.draft.models.len() {
                for mut combination in 0..combinations {
                    // The last axis turns fastest.
                    let mut choice = vec![0; counts.len()];
                    for (slot, count) in choice.iter_mut().zip(&counts).rev() {
                        *slot = combination % count;
                        combination /= count;
                    }
                    points.extend(self.point(dataset, model, &choice));
                }
            }
        }
        points
    }

    fn point(&mut self, dataset: usize, model: usize, choice: &[usize]) -> Option<Point> {
        let draft = self.draft;
        let chosen: Vec<(&str, &Spanned<Value>, Span)> =
            draft.sweep.iter().zip(choice).map(|((name, values, key), &c)| (name.as_str(), values[c], *key)).collect();
        let (dataset_id, dataset_table) = &draft.datasets[dataset];
        let (model_id, model_table, model_span) = &draft.models[model];
        let spec = self.dataset(dataset_id, dataset_table, &chosen)?;
        let task = task(&spec.1);
        let m = chosen.iter().find(|c| c.0 == "m").and_then(|c| self.rows(c.1));
        self.mark("m", &chosen);
        let mut train = match model_table.get("train").map(|e| &e.value.value) {
            Some(Value::Table(own)) => draft.train.with(own),
            _ => draft.train.clone(),
        };
        if let Some(epochs) = draft.epochs {
            let span = train.get("epochs").map_or(train.span, |e| e.value.span);
            train.set(Entry::of("epochs", Spanned { value: Value::Integer(epochs.into()), span }));
        }
        let reading = self.model(model_table, &train, &chosen);
        let model = reading.model?;
        if let (Model::Baseline(baseline), Some(task)) = (&model, task)
            && let Some(diagnostic) = baseline::unfit(baseline, task, model_id, *model_span)
        {
            self.diagnostics.push(diagnostic);
            return None;
        }
        if m.zip(reading.m_max).is_some_and(|(m, most)| m > most) {
            return None;
        }
        let tune = draft.tune.as_ref().and_then(|table| self.tune(table, model_table, &train, &chosen));
        let candidates = tune.iter().flat_map(|t| &t.candidates).map(|c| &c.model);
        let stops_early = [&model].into_iter().chain(candidates).any(Model::stops_early);
        let valid = reading.valid.or(stops_early.then_some(VALID));
        let mut at = Vec::new();
        if draft.datasets.len() > 1 {
            at.push(super::Value::Text(dataset_id.clone()));
        }
        at.push(super::Value::Text(model_id.clone()));
        at.extend(chosen.iter().map(|c| plain(&c.1.value)));
        Some(Point { at, work: Work { dataset: spec.0, m, valid, model, tune } })
    }

    /// The dataset at this point: its own where nothing of it is swept, a variant of it else.
    fn dataset(
        &mut self,
        id: &str,
        table: &Table,
        chosen: &[(&str, &Spanned<Value>, Span)],
    ) -> Option<(String, DatasetSpec)> {
        let mut quiet = Diagnostics::default();
        let (spec, keys) = dataset::read(table, &mut quiet);
        self.note_keys(&keys);
        let swept: Vec<_> = chosen.iter().filter(|c| keys.contains(&c.0)).collect();
        if swept.is_empty() {
            // Its mistakes were reported where it is declared.
            let spec = spec?;
            self.found.entry(id.to_owned()).or_insert_with(|| spec.clone());
            return Some((id.to_owned(), spec));
        }
        let mut table = table.clone();
        let mut name = id.to_owned();
        for (key, value, at) in swept {
            self.mark(key, chosen);
            table.set(Entry { key: Spanned { value: (*key).to_owned(), span: *at }, value: (*value).clone() });
            name += &format!("[{key}={}]", plain(&value.value));
        }
        let spec = dataset::read(&table, self.diagnostics).0?;
        self.found.entry(name.clone()).or_insert_with(|| spec.clone());
        Some((name, spec))
    }

    fn model(&mut self, table: &Table, train: &Table, chosen: &[(&str, &Spanned<Value>, Span)]) -> model::Reading {
        let mut quiet = Diagnostics::default();
        let plain = model::read(table, train, &mut quiet);
        self.note_keys(&plain.keys);
        self.note_keys(&plain.train_keys);
        let (mut table, mut train) = (table.clone(), train.clone());
        for (key, value, at) in chosen {
            let entry = Entry { key: Spanned { value: (*key).to_owned(), span: *at }, value: (*value).clone() };
            if plain.keys.contains(key) {
                self.mark(key, chosen);
                table.set(entry);
            } else if plain.train_keys.contains(key) {
                self.mark(key, chosen);
                train.set(entry);
            }
        }
        model::read(&table, &train, self.diagnostics)
    }

    /// Every combination of the tuned values that mean something to this model; `None` where none does.
    fn tune(
        &mut self,
        tune: &Table,
        model_table: &Table,
        train: &Table,
        chosen: &[(&str, &Spanned<Value>, Span)],
    ) -> Option<Tune> {
        let mut grid: Vec<(&str, Vec<&Spanned<Value>>, Span)> = Vec::new();
        let mut settings = tune.clone();
        if let Some((_, value, at)) = chosen.iter().find(|c| c.0 == "trials") {
            self.mark("trials", chosen);
            settings.set(Entry { key: Spanned { value: "trials".to_owned(), span: *at }, value: (*value).clone() });
        }
        // Its other keys are the tuned parameters, whose names are the models'.
        let mut fields = Fields::new(&settings, "`tune`", tune.span, self.diagnostics);
        let by = fields.one_of("by", &["valid_loss", "valid_accuracy", "valid_rmse"].map(|m| (m, m))).optional();
        let valid = fields.float("valid").above(0.0).below(1.0).or(VALID);
        let trials: Option<usize> = fields.read("trials").at_least(1.0).optional();
        let trials_at = fields.place("trials");
        let mut quiet = Diagnostics::default();
        let plain_reading = model::read(model_table, train, &mut quiet);
        for entry in tune.entries.iter().filter(|e| !TUNE_SETTINGS.contains(&e.key.value.as_str())) {
            let key = &entry.key.value;
            let known = plain_reading.keys.iter().chain(&plain_reading.train_keys).any(|k| *k == key.as_str());
            let Value::List(values) = &entry.value.value else {
                let diagnostic = Diagnostic::error(entry.value.span, format!("`{key}` is chosen from a list"));
                self.diagnostics.push(diagnostic.hint(format!("for example `{key} = [1e-3, 1e-2]`")));
                continue;
            };
            if known && !values.is_empty() {
                grid.push((key, values.iter().collect(), entry.key.span));
            }
        }
        if grid.is_empty() {
            return None;
        }
        let by = by.unwrap_or("valid_loss");
        let mut candidates = vec![(BTreeMap::new(), chosen.to_vec())];
        for (key, values, at) in &grid {
            let extended = candidates.iter().flat_map(|(names, settings)| {
                values.iter().map(move |value| {
                    let mut names: BTreeMap<String, super::Value> = names.clone();
                    names.insert((*key).to_owned(), plain(&value.value));
                    let mut settings: Vec<(&str, &Spanned<Value>, Span)> = settings.clone();
                    settings.push((key, value, *at));
                    (names, settings)
                })
            });
            candidates = extended.collect();
        }
        let candidates = candidates.into_iter().filter_map(|(names, settings)| {
            let model = self.model(model_table, train, &settings).model?;
            Some(Candidate { chosen: names, model })
        });
        let candidates: Vec<Candidate> = candidates.collect();
        if trials.is_some_and(|trials| trials > candidates.len()) {
            let message = format!("there are only {} different candidates to draw trials from", candidates.len());
            self.diagnostics
                .push(Diagnostic::error(trials_at, message).hint("list more values to try, or fewer trials"));
        }
        Some(Tune { by: by.to_owned(), valid, trials, candidates })
    }

    fn rows(&mut self, m: &Spanned<Value>) -> Option<usize> {
        match m.value {
            Value::Integer(m) if m > 0 => Some(m as usize),
            _ => {
                let message = "`m` is a number of labelled examples, a whole number from 1";
                self.diagnostics.push(Diagnostic::error(m.span, message));
                None
            }
        }
    }

    fn note_keys(&mut self, keys: &[&'static str]) {
        let new: Vec<_> = keys.iter().filter(|k| !self.keys.contains(*k)).collect();
        self.keys.extend(new);
    }

    fn mark(&mut self, name: &str, chosen: &[(&str, &Spanned<Value>, Span)]) {
        if let Some(index) = chosen.iter().position(|c| c.0 == name)
            && index < self.used.len()
        {
            self.used[index] = true;
        }
    }

    /// A swept parameter that nobody knows is a slip of the pen.
    fn report_unused(&mut self) {
        self.keys.push("m");
        self.keys.extend(self.draft.tune.as_ref().map(|_| "trials"));
        self.keys.retain(|k| !matches!(*k, "show" | "kind" | "train"));
        for ((name, _, key), _) in self.draft.sweep.iter().zip(&self.used).filter(|(_, used)| !**used) {
            let message = format!("no dataset, model or training of `{}` has a parameter `{name}`", self.draft.id);
            self.diagnostics.push(Diagnostic::error(*key, message).hint(did_you_mean(name, &self.keys)));
        }
        for entry in self.draft.tune.iter().flat_map(|t| &t.entries) {
            let name = &entry.key.value;
            let known = TUNE_SETTINGS.contains(&name.as_str()) || self.keys.iter().any(|k| k == name);
            if !known {
                let message = format!("no model or training of `{}` has a parameter `{name}`", self.draft.id);
                self.diagnostics.push(Diagnostic::error(entry.key.span, message).hint(did_you_mean(name, &self.keys)));
            }
        }
    }
}

/// What is predicted, where that is known without reading the data.
fn task(spec: &DatasetSpec) -> Option<TaskKind> {
    let of = |regression| if regression { TaskKind::Regression } else { TaskKind::Classification };
    match (&spec.source, spec.task) {
        (_, Some(task)) => Some(task),
        _ if spec.label.is_some() => None,
        (Source::Builtin(builtin), None) => Some(of(*builtin == Builtin::Diabetes)),
        (Source::Generator(generator), None) => Some(of(generator.kind.classes().is_none())),
        (Source::Registry(_) | Source::Idx(_) | Source::Text(_), None) => Some(TaskKind::Classification),
        (Source::File(_), None) => None,
    }
}
