//! A new book in the place of the old one, at once.
//!
//! The new folder is made beside the old one: files that stay the same, and those of others, are second names of the old
//! files, so that only what changed is written. Then the two exchange their names, and what is left of the old one goes.
//! Whoever looks, or whoever kills us, sees the whole old book or the whole new one. What a killed build left beside the
//! output is removed by the next one.

use std::path::{Path, PathBuf};

use super::{Error, MARKER, Update, read_marker, write_marker};
use crate::files;

/// Puts the new book in the place of `dir`. `false`, and nothing done, where that folder cannot be exchanged: somebody
/// works in it, another disk is mounted there or below, or nothing may be made beside it.
pub(super) fn replace(dir: &Path, update: &Update<'_>) -> Result<bool, Error> {
    let Some(place) = Place::of(dir)? else { return Ok(false) };
    if dir.exists() {
        files::probe(dir)?;
    } else {
        files::create_folder(&place.parent)?;
    }
    let draft = match files::new_folder(&place.parent, &place.prefix, dir) {
        Ok(draft) => draft,
        Err(e) if is_forbidden(&e) => return Ok(false),
        Err(e) => return Err(e.into()),
    };
    // The list comes first: whoever finds a draft knows which of its files are ours.
    write_marker(draft.path(), &update.ours)?;
    for output in update.outputs {
        let (old, new) = (dir.join(&output.path), draft.path().join(&output.path));
        if update.changed.contains(&output.path.as_str()) || files::link(&old, &new).is_err() {
            files::write_unseen(&new, &output.bytes)?;
        }
    }
    for path in &update.others {
        let (old, new) = (dir.join(path), draft.path().join(path));
        if old.is_dir() && !old.is_symlink() {
            files::create_folder(&new)?;
        } else if files::link(&old, &new).is_err() {
            return Ok(false);
        }
    }
    match files::exchange(draft.path(), &place.dir) {
        Ok(old) => {
            // From here on its name may be that of the old book, in which something of others may be.
            drop(draft.keep());
            old.map_or(Ok(()), |old| retire(&old, dir))?;
            Ok(true)
        }
        Err(_) => Ok(false),
    }
}

/// Removes what a build left that was killed here, and brings back a book that it had moved aside.
pub(super) fn recover(dir: &Path) -> Result<(), Error> {
    let Some(place) = Place::of(dir)? else { return Ok(()) };
    if !place.parent.is_dir() {
        return Ok(());
    }
    // A folder that may not be listed holds nothing of ours.
    let Ok(leftovers) = files::folders(&place.parent, &place.prefix) else { return Ok(()) };
    files::restore(&place.dir, &leftovers)?;
    for left in leftovers.iter().filter(|left| left.exists()) {
        retire(left, dir)?;
    }
    Ok(())
}

/// Removes a folder that holds an old book or an unfinished new one. What somebody else put there goes to `dir`.
fn retire(left: &Path, dir: &Path) -> Result<(), Error> {
    // Without a list nothing in it is ours.
    let ours = read_marker(left).unwrap_or_default();
    for path in files::entries(left)? {
        let (here, home) = (left.join(&path), dir.join(&path));
        let name = files::portable(&path, Path::new(""));
        let is_folder = here.is_dir() && !here.is_symlink();
        if is_folder || name == MARKER {
            continue;
        }
        let is_ours = ours.contains(&name) || files::is_half_written(&path);
        if is_ours || home.exists() || home.is_symlink() {
            files::remove(&here)?;
        } else {
            files::create_folder(home.parent().unwrap_or(dir))?;
            files::rename(&here, &home)?;
        }
    }
    // The list goes last: if we are stopped before, the next build still knows what was ours.
    files::remove(&left.join(MARKER))?;
    files::remove_empty_folders(left)?;
    Ok(())
}

/// Where an output folder stands.
struct Place {
    /// The folder itself, not a link to it.
    dir: PathBuf,
    /// The folder it is in.
    parent: PathBuf,
    /// How the names of our folders beside it begin.
    prefix: String,
}

impl Place {
    /// `None` where there is nothing beside the folder, or we stand in it ourselves.
    fn of(dir: &Path) -> Result<Option<Self>, Error> {
        let dir = files::real(dir)?.unwrap_or_else(|| dir.to_owned());
        let within = std::env::current_dir().is_ok_and(|here| here.starts_with(&dir));
        let (Some(name), Some(parent)) = (dir.file_name(), dir.parent()) else { return Ok(None) };
        let prefix = format!(".{}.writing-", name.to_string_lossy());
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent }.to_owned();
        Ok((!within).then_some(Self { dir, parent, prefix }))
    }
}

fn is_forbidden(error: &files::Error) -> bool {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    matches!(error.source.kind(), PermissionDenied | ReadOnlyFilesystem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_killed_build_left_only_the_files_of_others_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let (dir, left) = (folder.path().join("output"), folder.path().join(".output.writing-x"));
        files::write(&dir.join("CNAME"), b"new").unwrap();
        let list = br#"{"made_by": "labbook", "files": ["a/old.html", "gone.html"]}"#;
        let kept: [(&str, &[u8]); 5] = [
            (MARKER, list),
            ("a/old.html", b"ours"),
            ("CNAME", b"old"),
            ("a/theirs", b"theirs"),
            (".writing-x", b"half"),
        ];
        kept.iter().for_each(|(path, bytes)| files::write(&left.join(path), bytes).unwrap());
        recover(&dir).unwrap();
        let names: Vec<_> = files::walk(folder.path()).unwrap();
        assert_eq!(names, [PathBuf::from("output/CNAME"), PathBuf::from("output/a/theirs")]);
        assert!(files::holds(&dir.join("CNAME"), b"new"));
        assert!(!left.exists());
    }

    #[test]
    fn a_book_that_was_moved_aside_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("output");
        files::write(&folder.path().join(".output.writing-x-old/index.html"), b"old").unwrap();
        files::write(&folder.path().join(".output.writing-x").join(MARKER), br#"{"made_by": "", "files": []}"#)
            .unwrap();
        recover(&dir).unwrap();
        assert_eq!(files::walk(folder.path()).unwrap(), [PathBuf::from("output/index.html")]);
    }
}
