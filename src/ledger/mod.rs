//! Results of record: finished runs that are committed beside the chapters, one `results/<experiment>.json` each.
//!
//! A file holds what is reproducible of an experiment's runs and nothing else: no times, no paths, nothing of the machine.
//! Its form (`form`) is made for version control: sorted, a run on a few lines, line feeds on every system. A run is found
//! by its key, so that neither a new name of its experiment nor a caption makes it stale.
//!
//! Beside them, `results/claims.toml` keeps what each claim said when its results were first recorded (`claims`).
//!
//! What the keys, descriptions and measures mean is nobody's business here; the format outlives the code that fills it.

mod claims;
mod form;

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Sources, Span};
use crate::files;
use crate::store::{Key, Record};
pub use claims::{RecordedClaim, RecordedClaims, Wording, write as write_claims};

/// The folder of the files, in the book's root.
pub const FOLDER: &str = "results";
/// Keeps version control from changing line ends, whatever its settings: the same bytes on every system.
const ATTRIBUTES: &str = "# Results are compared byte by byte: no conversion of line ends.\n* -text\n";

/// All results of record of a book.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    experiments: BTreeMap<String, Recorded>,
    /// The experiment and the place among its runs, by key.
    by_key: BTreeMap<Key, (String, usize)>,
    claims: RecordedClaims,
}

/// What is recorded of one experiment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recorded {
    /// What its runs know of their datasets, by the dataset's name.
    pub data: BTreeMap<String, RecordedData>,
    /// The runs, sorted by their parameters and seeds.
    pub runs: Vec<RecordedRun>,
}

/// What is recorded of a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedData {
    /// Everything its rows depend on: part of the inputs of every run on it.
    pub description: Json,
    /// What loading it has told.
    pub facts: Json,
}

/// What is recorded of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedRun {
    /// Parameters by name, for people; the key is what counts.
    pub params: BTreeMap<String, Json>,
    /// Its seed.
    pub seed: u64,
    /// The name of its dataset, in [`Recorded::data`].
    pub data: String,
    /// The digest of everything the result depends on.
    pub key: Key,
    /// The versions of its algorithms.
    pub version: Json,
    /// What it gave, without inputs and without anything measured.
    pub result: Record,
    /// The checksum it carries, where that is not the checksum of what it says: somebody edited it. It is never signed anew.
    pub edited: Option<String>,
}

impl RecordedRun {
    /// Whether it says something else than what was recorded.
    pub fn is_edited(&self) -> bool {
        self.edited.is_some()
    }
}

impl Ledger {
    /// What is recorded of an experiment.
    pub fn experiment(&self, id: &str) -> Option<&Recorded> {
        self.experiments.get(id)
    }

    /// The names of all experiments that something is recorded of.
    pub fn experiments(&self) -> impl Iterator<Item = &str> {
        self.experiments.keys().map(String::as_str)
    }

    /// The recorded run of a key.
    pub fn run(&self, key: &Key) -> Option<&RecordedRun> {
        let (experiment, index) = self.by_key.get(key)?;
        Some(&self.experiments[experiment].runs[*index])
    }

    /// What is recorded of the book's claims.
    pub fn claims(&self) -> &RecordedClaims {
        &self.claims
    }

    /// What is recorded of the dataset of this name, where it was recorded under this very specification.
    pub fn dataset(&self, name: &str, spec: &Json) -> Option<&RecordedData> {
        let mut named = self.experiments.values().filter_map(|recorded| recorded.data.get(name));
        named.find(|data| data.description.get("spec") == Some(spec))
    }

    /// Whether nothing is recorded at all.
    pub fn is_empty(&self) -> bool {
        self.experiments.is_empty()
    }

    fn of(experiments: BTreeMap<String, Recorded>, claims: RecordedClaims) -> Self {
        let places = experiments.iter().flat_map(|(id, recorded)| {
            recorded.runs.iter().enumerate().map(|(index, run)| (run.key.clone(), (id.clone(), index)))
        });
        let by_key = places.collect();
        Self { experiments, by_key, claims }
    }
}

impl Recorded {
    /// The run of these parameters and this seed, whatever its key.
    pub fn run(&self, params: &BTreeMap<String, Json>, seed: u64) -> Option<&RecordedRun> {
        let order = |run: &RecordedRun| form::order_of_names((&run.params, run.seed), (params, seed));
        let first = self.runs.partition_point(|run| order(run).is_lt());
        self.runs.get(first).filter(|run| order(run).is_eq())
    }

    /// Sorts the runs as they are written.
    pub fn sort(&mut self) {
        self.runs.sort_by(form::order);
        self.runs.dedup_by(|a, b| a.key == b.key);
    }
}

/// Reads all results of record of the book at `root`. What is wrong with a file is said with its place.
pub fn read(root: &Path, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Ledger {
    let folder = root.join(FOLDER);
    let paths = match files::walk(&folder) {
        Ok(paths) => paths,
        Err(error) => {
            diagnostics.push(Diagnostic::error(None, error.to_string()));
            return Ledger::default();
        }
    };
    let names = paths.iter().filter_map(|path| path.to_str()?.strip_suffix(".json")).filter(|name| !name.contains('/'));
    let read = names.collect::<Vec<_>>().into_par_iter().map(|name| {
        let path = format!("{FOLDER}/{name}.json");
        let parsed = files::read_text_within(root, &path).map(|text| (form::parse(&text), text));
        (name.to_owned(), path, parsed)
    });
    let mut experiments: BTreeMap<String, Recorded> = BTreeMap::new();
    for (name, path, parsed) in read.collect::<Vec<_>>() {
        match parsed {
            Ok((Ok(recorded), _)) => drop(experiments.insert(name, recorded)),
            Ok((Err(fault), text)) => {
                let file = sources.add(path, text);
                diagnostics.push(Diagnostic::error(Span::new(file, fault.range), fault.message).hint(fault.hint));
            }
            Err(error) => diagnostics.push(Diagnostic::error(None, error.to_string())),
        }
    }
    report_contradictions(&experiments, root, sources, diagnostics);
    Ledger::of(experiments, claims::read(root, sources, diagnostics))
}

/// Reports runs that two files record with different numbers: which of them would count must not hang on a file's name.
fn report_contradictions(
    experiments: &BTreeMap<String, Recorded>,
    root: &Path,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) {
    let mut seen: BTreeMap<&Key, (&str, &RecordedRun)> = BTreeMap::new();
    for (id, run) in experiments.iter().flat_map(|(id, recorded)| recorded.runs.iter().map(move |run| (id, run))) {
        let (other, first) = *seen.entry(&run.key).or_insert((id, run));
        if first.result != run.result && other != id {
            let place = source(root, id, sources).and_then(|file| place(file, &run.key, sources));
            let message = format!("`{FOLDER}/{other}.json` records other numbers for this very run");
            let hint = "one of the files was edited, or is left from another book: delete it, or take both from version control";
            diagnostics.push(Diagnostic::error(place, message).hint(hint));
        }
    }
}

/// Writes what is recorded of an experiment, and says whether that changed anything.
///
/// # Errors
/// If the disk fails; what was recorded before then stands.
pub fn write(root: &Path, experiment: &str, recorded: &Recorded) -> files::Result<bool> {
    prepare(root)?;
    let path = root.join(FOLDER).join(format!("{experiment}.json"));
    files::write_if_changed(&path, form::text(experiment, recorded).as_bytes())
}

/// Clears the folder of what a killed program left half written, and sees to it that version control leaves its files as
/// they are.
fn prepare(root: &Path) -> files::Result<()> {
    let folder = root.join(FOLDER);
    files::sweep(&folder)?;
    let attributes = folder.join(".gitattributes");
    if files::size(&attributes)? == 0 { files::write(&attributes, ATTRIBUTES.as_bytes()) } else { Ok(()) }
}

/// Forgets an experiment.
///
/// # Errors
/// If the disk fails.
pub fn remove(root: &Path, experiment: &str) -> files::Result<()> {
    files::remove(&root.join(FOLDER).join(format!("{experiment}.json")))
}

/// Reads the file of an experiment for its text alone, so that a place in it can be shown.
pub fn source(root: &Path, experiment: &str, sources: &mut Sources) -> Option<FileId> {
    let path = format!("{FOLDER}/{experiment}.json");
    let text = files::read_text_within(root, &path).ok()?;
    Some(sources.add(path, text))
}

/// Where a run stands in the text of its file: its key.
pub fn place(file: FileId, key: &Key, sources: &Sources) -> Option<Span> {
    let start = sources.get(file).text.find(key.as_str())?;
    Some(Span::new(file, start..start + key.as_str().len()))
}
