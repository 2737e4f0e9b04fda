//! File by file, where a folder cannot be exchanged as a whole.
//!
//! Assets are written before pages and the title pages last, so that whoever reads while we write, or after we were
//! stopped, finds a whole book as far as possible.

use std::path::Path;

use super::{Error, Update, write_marker};
use crate::files;
use crate::render::Output;

/// Writes what changed, then removes what is stale.
pub(super) fn replace(dir: &Path, update: &Update<'_>) -> Result<(), Error> {
    // First the marker with both: if we are stopped now, the next build still knows what is ours.
    write_marker(dir, &update.ours.union(&update.before).cloned().collect())?;
    let mut changed: Vec<_> = update.outputs.iter().filter(|o| update.changed.contains(o.path.as_str())).collect();
    changed.sort_by_key(|output| rank(output));
    for output in changed {
        files::write(&dir.join(&output.path), &output.bytes)?;
    }
    for path in update.removed(dir) {
        remove(dir, path)?;
    }
    write_marker(dir, &update.ours)
}

fn rank(output: &Output) -> u8 {
    match output.path.rsplit('/').next() {
        Some("index.html") => 2,
        Some(name) if name.ends_with(".html") => 1,
        _ => 0,
    }
}

/// Removes a file and the folders that it leaves empty.
fn remove(dir: &Path, path: &str) -> Result<(), Error> {
    files::remove(&dir.join(path))?;
    let mut folder = Path::new(path).parent();
    while let Some(name) = folder.filter(|folder| !folder.as_os_str().is_empty()) {
        files::remove_empty_folder(&dir.join(name));
        folder = name.parent();
    }
    Ok(())
}
