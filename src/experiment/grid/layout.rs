//! Every combination of datasets, models and swept values, with the work that it stands for.

use std::collections::BTreeMap;

use super::{Draft, TUNE_SETTINGS, VALID, axes};
use crate::data::DatasetSpec;
use crate::data::spec::{Builtin, Source, TaskKind};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, Spanned, did_you_mean};
use crate::experiment::{
    self, Candidate, Experiment, Model, Point, Tune, Whole, Work, baseline, dataset, model, plain,
};
use crate::fields::{Entry, Fields, Table, Value};

/// Lays out the grid of an experiment.
pub fn lay_out(
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
        if let Model::Baseline(baseline) = &model {
            let unfit = task.and_then(|task| baseline::unfit(baseline, task, model_id, *model_span));
            if let Some(why) = unfit.or_else(|| baseline::without_rule(baseline, &spec.1, model_id, *model_span)) {
                self.diagnostics.push(why);
                return None;
            }
        }
        let most = reading.m_max.into_iter().chain(draft.m_max.get(model_id).copied()).min();
        if m.zip(most).is_some_and(|(m, most)| m > most) {
            return None;
        }
        let tune = draft.tune.as_ref().and_then(|table| self.tune(table, model_table, &train, &chosen));
        let candidates = tune.iter().flat_map(|t| &t.candidates).map(|c| &c.model);
        let stops_early = [&model].into_iter().chain(candidates).any(Model::stops_early);
        let valid = reading.valid.or(stops_early.then_some(VALID));
        let mut at = Vec::new();
        if draft.datasets.len() > 1 {
            at.push(experiment::Value::Text(dataset_id.clone()));
        }
        at.push(experiment::Value::Text(model_id.clone()));
        at.extend(chosen.iter().map(|c| plain(&c.1.value)));
        Some(Point { at, work: Work { dataset: spec.0, m, valid, model, tune, calibration: draft.calibration } })
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
                    let mut names: BTreeMap<String, experiment::Value> = names.clone();
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
