//! What programs may rely on, as JSON Schema: the results that `export` prints, and the directives of a book.
//!
//! The schemas are made from types that say the same in Rust. They describe; what is checked, with places and hints, is the
//! experiment room's business, and tests hold the two together.

mod directives;
mod results;

pub use directives::Directive;
pub use results::Row;
use schemars::generate::SchemaSettings;

/// The schemas that are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// Of the JSON that `export` prints and that lies beside figures' data as `data/<experiment>.json`.
    Results,
    /// Of a directive: an object with its kind as the only key and its body, TOML read as JSON, as the value.
    Directives,
}

impl Published {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Results, Self::Directives];

    /// Where it lies in the output.
    pub fn path(self) -> &'static str {
        match self {
            Self::Results => "schema/results.json",
            Self::Directives => "schema/directives.json",
        }
    }

    /// The schema, as text (JSON Schema 2020-12).
    pub fn text(self) -> String {
        let generator = SchemaSettings::draft2020_12().into_generator();
        let schema = match self {
            Self::Results => generator.into_root_schema_for::<Vec<Row>>(),
            Self::Directives => generator.into_root_schema_for::<Directive>(),
        };
        serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n"
    }
}
