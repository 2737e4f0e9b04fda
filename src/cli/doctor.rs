//! What this machine is, and what of the book is here: one screen.

use std::collections::BTreeMap;
use std::path::Path;

use bytesize::ByteSize;
use serde::Serialize;

use super::commands::{cores, mirrors, print};
use super::{Exit, TextFormat};
use crate::desk::Desk;
use crate::files;
use crate::numerics::Simd;
use crate::store::Store;

/// The variables that change what labbook does.
const SETTINGS: [&str; 6] =
    ["LABBOOK_SIMD", "LABBOOK_DATA_MIRROR", "LABBOOK_CHECKPOINT_SECONDS", "NO_COLOR", "CI", "GITHUB_ACTIONS"];

/// Everything that helps to understand why labbook does what it does here.
#[derive(Serialize)]
struct Report {
    version: &'static str,
    system: String,
    simd: Instructions,
    cores: usize,
    settings: BTreeMap<&'static str, String>,
    mirrors: Vec<Folder>,
    book: BookHere,
    cache: CacheHere,
}

#[derive(Serialize)]
struct Instructions {
    /// None where `LABBOOK_SIMD` asks for what is not there.
    used: Option<&'static str>,
    available: Vec<&'static str>,
}

#[derive(Serialize)]
struct Folder {
    folder: String,
    is_there: bool,
}

#[derive(Serialize)]
struct BookHere {
    folder: String,
    /// Why it cannot be built; none where it can.
    fault: Option<String>,
    title: String,
    experiments: usize,
    recorded_experiments: usize,
    /// Why nothing can be written there; none where something can.
    read_only: Option<String>,
}

#[derive(Serialize)]
struct CacheHere {
    folder: String,
    runs: usize,
    runs_bytes: u64,
    data_bytes: u64,
    /// Whether another program uses it now.
    in_use: bool,
}

/// `labbook doctor`
pub(super) fn doctor(book: &Path, format: TextFormat) -> Exit {
    let report = examine(book);
    match format {
        TextFormat::Json => {
            let json = serde_json::to_string_pretty(&report).expect("it is plain data");
            print(&(json + "\n"))
        }
        TextFormat::Text => print(&report.text()),
    }
}

fn examine(book: &Path) -> Report {
    let names = |paths: Vec<Simd>| paths.into_iter().map(Simd::name).collect();
    let settings = SETTINGS
        .iter()
        .filter_map(|name| std::env::var_os(name).map(|value| (*name, value.to_string_lossy().into_owned())));
    let folder = |path: &Path| Folder { folder: path.display().to_string(), is_there: path.is_dir() };
    Report {
        version: env!("CARGO_PKG_VERSION"),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        simd: Instructions { used: Simd::choose().ok().map(Simd::name), available: names(Simd::available()) },
        cores: cores(),
        settings: settings.collect(),
        mirrors: mirrors().iter().map(|path| folder(path)).collect(),
        book: examine_book(book),
        cache: examine_cache(book),
    }
}

fn examine_book(book: &Path) -> BookHere {
    let opened = Desk::open(book, None, mirrors());
    let fault = match &opened {
        Ok(desk) if desk.diagnostics.has_errors() => {
            Some(format!("{}; see `labbook check`", desk.diagnostics.summary()))
        }
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    };
    let desk = opened.ok();
    BookHere {
        folder: book.display().to_string(),
        fault,
        title: desk.as_ref().map(|desk| desk.book.config.title.clone()).unwrap_or_default(),
        experiments: desk.as_ref().map_or(0, |desk| desk.book.experiments.len()),
        recorded_experiments: desk.as_ref().map_or(0, |desk| desk.ledger.experiments().count()),
        read_only: files::probe(book).err().map(|error| error.to_string()),
    }
}

fn examine_cache(book: &Path) -> CacheHere {
    let store = Store::of_book(book);
    let kept = store.kept().unwrap_or_default();
    CacheHere {
        folder: store.folder().display().to_string(),
        runs: kept.len(),
        runs_bytes: kept.iter().map(|run| run.size_bytes).sum(),
        data_bytes: store.data_size().unwrap_or_default(),
        in_use: store.is_in_use(),
    }
}

impl Report {
    fn text(&self) -> String {
        let mut lines = vec![
            ("labbook", format!("{} on {}", self.version, self.system)),
            ("instructions", self.simd.text()),
            ("cores", self.cores.to_string()),
        ];
        lines.extend(self.settings.iter().map(|(name, value)| (*name, format!("`{value}`"))));
        lines.extend(self.mirrors.iter().map(|mirror| {
            let absent = if mirror.is_there { "" } else { " (not there)" };
            ("mirror", format!("{}{absent}", mirror.folder))
        }));
        lines.push(("book", self.book.text()));
        if let Some(why) = &self.book.read_only {
            lines.push(("read-only", why.clone()));
        }
        let Self { cache, .. } = self;
        let (runs, data) = (ByteSize(cache.runs_bytes), ByteSize(cache.data_bytes));
        let in_use = if cache.in_use { "; in use by another labbook" } else { "" };
        lines.push(("cache", format!("{}: {} runs, {runs}; pulled data, {data}{in_use}", cache.folder, cache.runs)));
        lines.iter().map(|(name, words)| format!("{name:<26} {words}\n")).collect()
    }
}

impl Instructions {
    fn text(&self) -> String {
        let available = self.available.join(", ");
        match self.used {
            Some(used) => format!("{used} (of {available}); results are the same bits with each"),
            None => format!("LABBOOK_SIMD asks for what is not here; there are {available}"),
        }
    }
}

impl BookHere {
    fn text(&self) -> String {
        match &self.fault {
            Some(fault) => fault.clone(),
            None => format!(
                "“{}” in `{}`: {} experiments, {} of them recorded",
                self.title, self.folder, self.experiments, self.recorded_experiments
            ),
        }
    }
}
