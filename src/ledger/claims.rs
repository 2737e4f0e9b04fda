//! Which claims were recorded, and what they said then: `results/claims.toml`.
//!
//! A table a claim, sorted by name, so that branches which add claims merge. TOML, since every JSON file beside it is an
//! experiment of that name.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::form::{self, Fault};
use super::{FOLDER, prepare};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span};
use crate::files;

/// The file, in the folder of results.
const NAME: &str = "claims.toml";

/// What is recorded of a claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedClaim {
    /// The claim as it was when results of its experiments were first recorded.
    pub first: Wording,
    /// The digest it had when it was last recorded, where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// Whether the results it is decided by had been recorded before it was: it may have been written to fit them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub late: bool,
    /// Whether the book has it no longer. What it said stays: if it comes back with another margin, that is a change.
    #[serde(default, skip_serializing_if = "is_false")]
    pub gone: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(is: &bool) -> bool {
    !is
}

/// Everything that is fixed of a claim before its results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// Of all that follows.
    pub digest: String,
    /// The sentence.
    pub says: String,
    /// The comparison, with its margin.
    pub holds: String,
    /// Confidence level, method and correction, in words.
    pub test: String,
}

/// What is recorded of a book's claims, by their ids.
pub type RecordedClaims = BTreeMap<String, RecordedClaim>;

/// Reads what is recorded of the claims of the book at `root`. What is wrong with the file is said with its place.
pub fn read(root: &Path, sources: &mut Sources, diagnostics: &mut Diagnostics) -> RecordedClaims {
    let path = format!("{FOLDER}/{NAME}");
    if !root.join(&path).is_file() {
        return RecordedClaims::new();
    }
    let text = match files::read_text_within(root, &path) {
        Ok(text) => text,
        Err(error) => {
            diagnostics.push(Diagnostic::error(None, error.to_string()));
            return RecordedClaims::new();
        }
    };
    parse(&text).unwrap_or_else(|Fault { range, message, hint }| {
        let file = sources.add(path, text);
        diagnostics.push(Diagnostic::error(Span::new(file, range), message).hint(hint));
        RecordedClaims::new()
    })
}

fn parse(text: &str) -> Result<RecordedClaims, Fault> {
    let hint = "take the file from version control: it says what each claim was when its results were first recorded";
    if let Some(range) = form::conflict(text) {
        let message = "a merge left conflict markers in the recorded claims".to_owned();
        return Err(Fault { range, message, hint: "keep the tables of both sides, each claim once" });
    }
    toml::from_str(text).map_err(|error| Fault {
        range: error.span().unwrap_or(0..0),
        message: format!("the recorded claims cannot be read: {}", error.message()),
        hint,
    })
}

/// Writes what is recorded of the claims, and says whether that changed anything. Without claims there is no file.
///
/// # Errors
/// If the disk fails; what was recorded before then stands.
pub fn write(root: &Path, claims: &RecordedClaims) -> files::Result<bool> {
    let path = root.join(FOLDER).join(NAME);
    if claims.is_empty() {
        let was_there = path.is_file();
        return files::remove(&path).map(|()| was_there);
    }
    prepare(root)?;
    let text = toml::to_string(claims).expect("claims are plain data");
    files::write_if_changed(&path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(says: &str) -> RecordedClaim {
        let first = Wording {
            digest: "e3ff".into(),
            says: says.into(),
            holds: "a[m=10].test_accuracy >\n 0.9".into(),
            test: "t, level 0.95, no correction".into(),
        };
        RecordedClaim { first, now: None, late: false, gone: false }
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut claims = RecordedClaims::from([("claim-b".into(), claim("It \"wins\"."))]);
        let text = toml::to_string(&claims).unwrap();
        assert_eq!(parse(&text).unwrap(), claims);
        // One claim more touches no line of the other.
        claims.insert("claim-a".into(), RecordedClaim { now: Some("00ff".into()), late: true, ..claim("它赢了。") });
        let longer = toml::to_string(&claims).unwrap();
        assert_eq!(parse(&longer).unwrap(), claims);
        assert!(longer.ends_with(&text), "{longer}");
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_place() {
        let text = toml::to_string(&RecordedClaims::from([("claim-a".into(), claim("It wins."))])).unwrap();
        let check = |text: &str, words: &str, at: &str| {
            let fault = parse(text).expect_err("damaged");
            assert!(fault.message.contains(words), "{}", fault.message);
            assert!(text[fault.range.start..].starts_with(at), "{}", &text[fault.range.start..]);
        };
        check(&format!("<<<<<<< ours\n{text}"), "conflict markers", "<<<<<<<");
        check(&text.replace("says = ", "said = "), "unknown field `said`", "said");
        check(&text.replace("says = \"It wins.\"", "says = 3"), "invalid type", "3");
    }
}
