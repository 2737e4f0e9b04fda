//! Files of the book → word that something changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use notify::{EventKind, RecursiveMode, Watcher as _};

use super::{Cause, Error};
use crate::files;

/// More folders than a book has.
const MOST_FOLDERS: usize = 4000;

/// Watches the folders of a book.
pub(super) struct Watcher {
    root: PathBuf,
    system: notify::RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
}

impl Watcher {
    /// Watches the book in `root`: of each change somewhere below it, word is sent.
    pub(super) fn new(root: &Path, causes: Sender<Cause>) -> Result<Self, Error> {
        let failed = |e: &dyn std::fmt::Display| Error::Watch { folder: root.to_owned(), reason: e.to_string() };
        let root = files::real(root).map_err(|e| failed(&e))?.ok_or_else(|| failed(&"it is not there"))?;
        let below = root.clone();
        let system = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // A watcher that lost events has to be believed that there were some.
            let matters = event.as_ref().map_or(true, |event| {
                !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(|path| is_of_book(path, &below))
            });
            if matters {
                // Nobody there to hear it: all is over.
                let _ = causes.send(Cause::Edited);
            }
        });
        let system = system.map_err(|e| failed(&e))?;
        let mut watcher = Self { root, system, watched: BTreeSet::new() };
        watcher.look_around(Path::new("output"));
        if watcher.watched.is_empty() {
            return Err(failed(&"the system does not say what changes there"));
        }
        Ok(watcher)
    }

    /// Watches the folders that are new; those of the output are not looked at.
    pub(super) fn look_around(&mut self, output: &Path) {
        let output = self.root.join(output);
        let here = files::folders_below(&self.root, MOST_FOLDERS, &|folder| {
            is_of_book(folder, &self.root) && folder != output && !folder.join("CACHEDIR.TAG").exists()
        });
        for gone in self.watched.difference(&here) {
            // As a rule it is gone from the disk, and the system has noticed.
            let _ = self.system.unwatch(gone);
        }
        let watched = here.into_iter().filter(|folder| {
            self.watched.contains(folder) || self.system.watch(folder, RecursiveMode::NonRecursive).is_ok()
        });
        self.watched = watched.collect();
    }
}

/// Whether a path is neither hidden nor below something hidden: caches, unfinished pages, what editors keep.
fn is_of_book(path: &Path, root: &Path) -> bool {
    let below = path.strip_prefix(root).unwrap_or(path);
    below.components().all(|name| !name.as_os_str().to_string_lossy().starts_with('.'))
}
