//! The sentences of Markdown in a directive: captions of figures and tables, what claims say.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::fields::{Table, Value};
use crate::markdown;

/// Keys whose values are Markdown, in whichever directive has them.
const SENTENCES: [&str; 2] = ["caption", "says"];

/// Reports formulas that cannot be set. TOML rewrites what stands in a string, so the place is the whole of it.
pub(super) fn check(directive: &Table, diagnostics: &mut Diagnostics) {
    for entry in SENTENCES.iter().filter_map(|key| directive.get(key)) {
        let Value::String(text) = &entry.value.value else { continue };
        for fault in markdown::formula_faults(text) {
            let diagnostic =
                Diagnostic::error(entry.value.span, format!("a formula in `{}`: {}", entry.key.value, fault.message));
            diagnostics.push(Diagnostic { hint: fault.hint, ..diagnostic });
        }
    }
}
