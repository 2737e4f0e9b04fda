//! Everything that a run depends on, and the key made of it.

use std::ops::Index;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::RUN_VERSION;
use crate::experiment::Work;
use crate::store::Key;
use crate::survey::Known;

/// Everything that a run depends on. Runs of one grid point differ in their seed alone and share the rest: a plan of many
/// thousand runs would fill the memory with copies of it.
///
/// Indexing gives what stands under a name; the seed is no part of that.
#[derive(Debug, Clone)]
pub struct Inputs {
    of_point: Arc<OfPoint>,
    seed: u64,
}

/// What all runs of a grid point depend on.
#[derive(Debug)]
pub(super) struct OfPoint {
    fields: Json,
    /// The text that the key is a digest of: what stands before the seed and after it.
    around_seed: [String; 2],
}

impl OfPoint {
    pub(super) fn new(work: &Work, known: &Known) -> Arc<Self> {
        let mut fields = json!({
            "data": known.description,
            "m": work.m,
            "valid": work.valid,
            "model": work.model,
            "tune": work.tune,
            "version": { "model": work.model.version(), "run": RUN_VERSION },
        });
        // Left out where nobody asks for it: the keys of such runs are older than the question.
        if let Some(groups) = work.calibration {
            fields["calibration"] = json!(groups);
        }
        // As JSON whose objects are sorted by name.
        let named = fields.as_object().into_iter().flatten();
        let (before, after): (Vec<_>, Vec<_>) = named.partition(|(name, _)| name.as_str() < "seed");
        let text = |(name, value): (&String, &Json)| format!("{}:{value}", json!(name));
        let before: String = before.into_iter().map(|field| text(field) + ",").collect();
        let after: String = after.into_iter().map(|field| format!(",{}", text(field))).collect();
        let around_seed = [format!("{{{before}\"seed\":"), format!("{after}}}")];
        Arc::new(Self { fields, around_seed })
    }
}

impl Inputs {
    pub(super) fn new(of_point: Arc<OfPoint>, seed: u64) -> Self {
        Self { of_point, seed }
    }

    /// All of them, the seed too.
    pub fn whole(&self) -> Json {
        let mut whole = self.of_point.fields.clone();
        whole["seed"] = self.seed.into();
        whole
    }

    /// Their digest: [`Key::of`] of the whole, without making it.
    pub fn key(&self) -> Key {
        let [before, after] = &self.of_point.around_seed;
        Key::of_text(&format!("{before}{}{after}", self.seed))
    }
}

impl Index<&str> for Inputs {
    type Output = Json;

    fn index(&self, name: &str) -> &Json {
        &self.of_point.fields[name]
    }
}
