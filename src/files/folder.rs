//! A whole folder at once: made beside the one that it replaces, then exchanged with it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Result, at};

/// Every file below a folder, be it a link or something stranger, and every folder that holds nothing: paths relative to
/// it, sorted. A folder that is not there has none; links are not followed.
///
/// # Errors
/// If a folder cannot be read.
pub fn entries(root: &Path) -> Result<Vec<PathBuf>> {
    if !root.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(root).min_depth(1) {
        let entry = entry.map_err(|e| {
            let path = e.path().unwrap_or(root).to_owned();
            at("list", &path)(e.into())
        })?;
        if !entry.file_type().is_dir() || super::is_empty(entry.path())? {
            found.push(entry.path().strip_prefix(root).expect("walked from root").to_owned());
        }
    }
    found.sort();
    Ok(found)
}

/// The folders right in `folder` whose names begin with `prefix`, sorted; links are left out.
///
/// # Errors
/// If the folder cannot be listed.
pub fn folders(folder: &Path, prefix: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(at("list", folder))? {
        let entry = entry.map_err(at("list", folder))?;
        let is_folder = entry.file_type().map_err(at("list", folder))?.is_dir();
        if is_folder && entry.file_name().to_string_lossy().starts_with(prefix) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// The folder and all below it that are `wanted`, at most so many; links, and what lies below unwanted folders, are left
/// out. What cannot be read counts as empty.
pub fn folders_below(root: &Path, most: usize, wanted: &dyn Fn(&Path) -> bool) -> BTreeSet<PathBuf> {
    let walk = walkdir::WalkDir::new(root).into_iter();
    let is_wanted = |entry: &walkdir::DirEntry| entry.file_type().is_dir() && wanted(entry.path());
    walk.filter_entry(is_wanted).filter_map(|entry| Some(entry.ok()?.into_path())).take(most).collect()
}

/// Makes a new folder in `parent`, its name beginning with `prefix`, with the permissions of the folder `like` where that
/// is there. It is gone with what is returned, unless that is kept.
///
/// # Errors
/// If it cannot be made.
pub fn new_folder(parent: &Path, prefix: &str, like: &Path) -> Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Less what the user's mask takes away, as with any new folder.
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    let folder = builder.tempdir_in(parent).map_err(at("make a folder in", parent))?;
    if let Ok(metadata) = fs::metadata(like) {
        fs::set_permissions(folder.path(), metadata.permissions()).map_err(at("write", folder.path()))?;
    }
    Ok(folder)
}

/// Writes a file in a folder that nobody else looks into yet. Missing folders are made.
///
/// # Errors
/// If any step fails.
pub fn write_unseen(path: &Path, bytes: &[u8]) -> Result<()> {
    super::create_folder(path.parent().unwrap_or(Path::new(".")))?;
    fs::write(path, bytes).map_err(at("write", path))
}

/// Gives the file at `from` (or a link, or something stranger) a second name. Missing folders are made.
///
/// # Errors
/// If the disk knows no second names, or forbids this one.
pub fn link(from: &Path, to: &Path) -> Result<()> {
    super::create_folder(to.parent().unwrap_or(Path::new(".")))?;
    fs::hard_link(from, to).map_err(at("link", to))
}

/// Gives the folder `new` the place of `old`, which is beside it, and says where the old one is then; `None` where there
/// was none. At any moment there is one of them at that place, on systems that can exchange two names (Linux, macOS);
/// elsewhere [`restore`] brings the old one back after a stop between two renames.
///
/// # Errors
/// If that fails; the old one is then where it was.
pub fn exchange(new: &Path, old: &Path) -> Result<Option<PathBuf>> {
    if !old.exists() {
        return super::rename(new, old).map(|()| None);
    }
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
            Ok(()) => return Ok(Some(new.to_owned())),
            // This disk, or this kernel, cannot.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(e) => return Err(at("replace", old)(e.into())),
        }
    }
    exchange_by_two(new, old).map(Some)
}

fn exchange_by_two(new: &Path, old: &Path) -> Result<PathBuf> {
    let aside = aside(new);
    super::rename(old, &aside)?;
    super::rename(new, old).inspect_err(|_| {
        // The first error is the one to report.
        let _ = fs::rename(&aside, old);
    })?;
    Ok(aside)
}

/// Ends the name of a folder that was moved aside for a new one.
const ASIDE: &str = "-old";

fn aside(new: &Path) -> PathBuf {
    let mut name = new.as_os_str().to_owned();
    name.push(ASIDE);
    PathBuf::from(name)
}

/// Brings back a folder that [`exchange`] was stopped in moving: one of the `leftovers` that were beside it.
///
/// # Errors
/// If it cannot be renamed.
pub fn restore(folder: &Path, leftovers: &[PathBuf]) -> Result<()> {
    let aside = leftovers.iter().find(|left| left.to_string_lossy().ends_with(ASIDE));
    match aside.filter(|_| !folder.exists()) {
        Some(aside) => super::rename(aside, folder),
        None => Ok(()),
    }
}

/// Fails where no file can be written in the folder.
///
/// # Errors
/// If so, and why.
pub fn probe(folder: &Path) -> Result<()> {
    tempfile::tempfile_in(folder).map(drop).map_err(at("write", folder))
}

/// Removes a folder and those in it that hold no files. What holds one stays.
///
/// # Errors
/// If a folder cannot be read.
pub fn remove_empty_folders(root: &Path) -> Result<()> {
    for entry in walkdir::WalkDir::new(root).contents_first(true) {
        let entry = entry.map_err(|e| at("list", root)(e.into()))?;
        if entry.file_type().is_dir() {
            super::remove_empty_folder(entry.path());
        }
    }
    Ok(())
}

/// The folder itself, where the path leads to it through links; `None` where it is not there.
///
/// # Errors
/// If it cannot be found out.
pub fn real(folder: &Path) -> Result<Option<PathBuf>> {
    match fs::canonicalize(folder) {
        Ok(real) => Ok(Some(real)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(at("open", folder)(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: PathBuf) -> String {
        super::super::read_text(&path).unwrap()
    }

    #[test]
    fn either_way_of_exchanging_gives_the_new_folder_and_keeps_the_old() {
        for way in [|n: &Path, o: &Path| exchange(n, o).map(Option::unwrap), exchange_by_two] {
            let folder = tempfile::tempdir().unwrap();
            let (new, old) = (folder.path().join("new"), folder.path().join("old"));
            write_unseen(&new.join("a"), b"new").unwrap();
            write_unseen(&old.join("a"), b"old").unwrap();
            let left = way(&new, &old).unwrap();
            assert_eq!((text(old.join("a")), text(left.join("a"))), ("new".into(), "old".into()));
        }
    }

    #[test]
    fn a_stop_between_two_renames_is_mended() {
        let folder = tempfile::tempdir().unwrap();
        let (new, old) = (folder.path().join("new"), folder.path().join("old"));
        write_unseen(&new.join("a"), b"new").unwrap();
        write_unseen(&old.join("a"), b"old").unwrap();
        super::super::rename(&old, &aside(&new)).unwrap();
        restore(&old, &[new.clone(), aside(&new)]).unwrap();
        assert_eq!(text(old.join("a")), "old");
        // One that is there is left alone.
        super::super::create_folder(&aside(&new)).unwrap();
        restore(&old, &[aside(&new)]).unwrap();
        assert_eq!(text(old.join("a")), "old");
    }

    #[test]
    fn a_second_exchange_that_fails_leaves_the_old_folder() {
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join("old");
        write_unseen(&old.join("a"), b"old").unwrap();
        exchange_by_two(&folder.path().join("absent"), &old).unwrap_err();
        exchange(&folder.path().join("absent"), &old).unwrap_err();
        assert_eq!(text(old.join("a")), "old");
    }
}
