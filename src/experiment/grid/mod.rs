//! `{experiment}` → its grid: every combination of datasets, models and swept parameters, each with the work it stands for.
//!
//! A swept value takes the place of a key in the dataset's, the model's or the training's table before that table is
//! read. So whatever can be written can be swept, and a wrong value is the same mistake in a list as on its own.

mod layout;

use std::collections::BTreeMap;

use self::layout::lay_out;
use super::config::Profile;
use super::figure::Quantity;
use super::quantity::quantity;
use super::{Axis, Experiment, Whole, model, plain};
use crate::data::DatasetSpec;
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
    /// Models whose grid points with more labelled rows are left out, beside what each says of itself.
    m_max: BTreeMap<String, usize>,
    train: Table,
    /// The profile's, in place of any training's own.
    epochs: Option<u32>,
    tune: Option<Table>,
    calibration: Option<u32>,
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
    let m_max = m_max(&models, &mut fields);
    let train = table_of("train", &mut fields).unwrap_or_else(|| Table::empty(table.span));
    let tune = table_of("tune", &mut fields);
    let calibration = fields.read("calibration").at_least(2.0).at_most(1000.0).optional();
    let own = profile.and_then(|p| p.experiments.get(id)).is_some_and(|t| t.get("seeds").is_some());
    let seeds = seeds(table, &mut fields, profile.and_then(|p| p.seeds).filter(|_| !own));
    let measures = measures(&mut fields);
    fields.finish();
    let whole = !datasets.is_empty() && !models.is_empty() && sweep.iter().all(|s| !s.1.is_empty());
    let epochs = profile.and_then(|p| p.epochs);
    whole.then_some(Draft {
        id,
        span: table.span,
        datasets,
        models,
        sweep,
        m_max,
        train,
        epochs,
        tune,
        calibration,
        seeds,
        measures,
    })
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

/// `m-max = { svm = 3000 }`, by the names of models.
fn m_max(models: &[(String, Table, Span)], fields: &mut Fields<'_>) -> BTreeMap<String, usize> {
    let Some(mut part) = fields.table("m-max") else { return BTreeMap::new() };
    let mut most = BTreeMap::new();
    for entry in part.rest() {
        let name = &entry.key.value;
        match entry.value.value {
            _ if !models.iter().any(|model| model.0 == *name) => {
                let names: Vec<&str> = models.iter().map(|model| model.0.as_str()).collect();
                let diagnostic = Diagnostic::error(entry.key.span, format!("no model of the experiment is `{name}`"));
                part.diagnostics().push(diagnostic.hint(did_you_mean(name, &names)));
            }
            Value::Integer(rows) if rows > 0 => drop(most.insert(name.clone(), rows as usize)),
            _ => {
                let message = "`m-max` is a number of labelled examples, a whole number from 1";
                part.diagnostics().push(Diagnostic::error(entry.value.span, message));
            }
        }
    }
    most
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
