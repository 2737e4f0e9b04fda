//! `kind = "cnn"`: a list of layers → a [`CnnSpec`].

use crate::diagnostic::{Diagnostic, Spanned, nearest};
use crate::fields::{Fields, Table, Value};
use crate::nets::{CnnLayer, CnnSpec, Padding, Pooling};

/// The key that says what a layer is.
const LAYERS: &[(&str, ReadLayer)] =
    &[("conv", conv), ("pool", pool), ("global-pool", global_pool), ("dropout", dropout), ("dense", dense)];
const POOLINGS: &[(&str, Pooling)] = &[("max", Pooling::Max), ("average", Pooling::Average)];
const PADDINGS: &[(&str, Padding)] = &[("same", Padding::Same), ("valid", Padding::Valid)];
const EXAMPLE: &str = "layers = [{ conv = 32 }, { pool = \"max\" }, { dense = 128 }]";

/// The widest window, in pixels: no image in use is larger.
const WINDOW: f64 = 1024.0;
/// The most filters or units of a layer, as of an `mlp`.
const UNITS: f64 = 65_536.0;

/// Takes the keys of one layer; `None` where its own key is wrong, which was reported.
type ReadLayer = fn(&mut Fields<'_>) -> Option<CnnLayer>;

/// Reads `layers`; where they are absent, or one of them is wrong and reported, they are those of the default.
pub fn layers(fields: &mut Fields<'_>) -> Vec<CnnLayer> {
    let default = CnnSpec::default().layers;
    let Some(entry) = fields.entry("layers") else { return default };
    let Value::List(list) = &entry.value.value else {
        let message = format!("`layers` must be a list of tables, not {}", entry.value.value.kind());
        fields
            .diagnostics()
            .push(Diagnostic::error(entry.value.span, message).hint(format!("for instance `{EXAMPLE}`")));
        return default;
    };
    // All of them are looked at, so that all mistakes are told at once.
    let read: Vec<Option<CnnLayer>> = list.iter().enumerate().map(|(i, value)| layer(i + 1, value, fields)).collect();
    read.into_iter().collect::<Option<_>>().unwrap_or(default)
}

/// Reads the layer at `position`, counted from 1.
fn layer(position: usize, value: &Spanned<Value>, fields: &mut Fields<'_>) -> Option<CnnLayer> {
    let diagnostics = fields.diagnostics();
    let Value::Table(table) = &value.value else {
        let message = format!("every entry of `layers` must be a table, not {}", value.value.kind());
        diagnostics.push(Diagnostic::error(value.span, message).hint(format!("for instance `{EXAMPLE}`")));
        return None;
    };
    let named: Vec<&(&str, ReadLayer)> = LAYERS.iter().filter(|(key, _)| table.get(key).is_some()).collect();
    match named[..] {
        [(key, read)] => {
            let what = format!("layer {position} (`{key}`)");
            let mut layer = Fields::new(table, what, value.span, diagnostics);
            let found = read(&mut layer);
            layer.finish();
            found
        }
        [] => {
            let message = format!("layer {position} does not say what it is");
            diagnostics.push(Diagnostic::error(value.span, message).hint(kinds(table)));
            None
        }
        [(one, _), (other, _), ..] => {
            let message = format!("layer {position} is both `{one}` and `{other}`");
            let hint = format!("each layer is a table of its own: `{{ {one} = … }}, {{ {other} = … }}`");
            diagnostics.push(Diagnostic::error(value.span, message).hint(hint));
            None
        }
    }
}

/// The kind that a key of the table may have been meant for, or all of them.
fn kinds(table: &Table) -> String {
    let names = LAYERS.iter().map(|(key, _)| *key);
    match table.entries.iter().find_map(|entry| nearest(&entry.key.value, names.clone())) {
        Some(name) => format!("did you mean `{name}`?"),
        None => {
            let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
            format!("a layer has one of the keys {}", names.join(", "))
        }
    }
}

fn conv(fields: &mut Fields<'_>) -> Option<CnnLayer> {
    let filters = fields.read::<u32>("conv").at_least(1.0).at_most(UNITS).required();
    let kernel = pixels(fields, "kernel").or(3);
    let stride = pixels(fields, "stride").or(1);
    let padding = padding(fields);
    Some(CnnLayer::Conv { filters: filters?, kernel, stride, padding })
}

/// `"same"`, `"valid"` or a number of pixels.
fn padding(fields: &mut Fields<'_>) -> Padding {
    match fields.entry("padding").map(|entry| &entry.value.value) {
        Some(Value::Integer(_) | Value::Float(_)) => {
            fields.read::<u32>("padding").at_most(WINDOW).optional().map_or(Padding::Same, Padding::Pixels)
        }
        _ => fields.one_of("padding", PADDINGS).or(Padding::Same),
    }
}

fn pool(fields: &mut Fields<'_>) -> Option<CnnLayer> {
    let by = fields.one_of("pool", POOLINGS).required();
    let size = pixels(fields, "size").or(2);
    let stride = pixels(fields, "stride").or(size);
    Some(CnnLayer::Pool { by: by?, size, stride })
}

fn global_pool(fields: &mut Fields<'_>) -> Option<CnnLayer> {
    fields.one_of("global-pool", POOLINGS).required().map(CnnLayer::GlobalPool)
}

fn dropout(fields: &mut Fields<'_>) -> Option<CnnLayer> {
    fields.float("dropout").at_least(0.0).below(1.0).required().map(CnnLayer::Dropout)
}

fn dense(fields: &mut Fields<'_>) -> Option<CnnLayer> {
    fields.read::<u32>("dense").at_least(1.0).at_most(UNITS).required().map(CnnLayer::Dense)
}

/// The side of a window, or the way from one to the next.
fn pixels<'f>(fields: &'f mut Fields<'_>, key: &'static str) -> crate::fields::Field<'f, u32> {
    fields.read::<u32>(key).at_least(1.0).at_most(WINDOW)
}
