//! One row of tidy results.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// One value of one run: at its end, or at an epoch.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "it describes what others write")]
pub struct Row {
    /// The seed of the run.
    seed: u64,
    /// What was measured; of a layer, `gradient_norm[layer=1]`; an expression as the experiment wrote it.
    measure: String,
    /// The epoch; null for the run's final value.
    #[schemars(schema_with = "count_or_null")]
    step: Option<u32>,
    /// Null where the run has none: it was not finite, or never reached.
    #[schemars(schema_with = "number_or_null")]
    value: Option<f64>,
    /// The grid point: one member for each axis of the experiment, `model` among them.
    #[serde(flatten)]
    parameters: BTreeMap<String, Parameter>,
}

/// A parameter's value.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what others write")]
pub enum Parameter {
    /// `true`
    Bool(bool),
    /// `3`, `1e-3`
    Number(f64),
    /// `"relu"`
    Text(String),
    /// `[256, 256]`
    List(Vec<Parameter>),
    /// No value.
    Null(()),
}

// Both may be null and must be there: an `Option` of the derive may be left out.

fn count_or_null(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["integer", "null"], "minimum": 0 })
}

fn number_or_null(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["number", "null"] })
}
