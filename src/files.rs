//! The one door to the disk: reads that name their path, atomic writes, sorted walks.
//!
//! Nothing else calls `std::fs` (a lint says so). A write goes to a temporary file beside its target and is renamed, so
//! that a reader sees the old bytes or the new, and a killed program leaves nothing half written. What belongs together
//! in a whole folder is exchanged as one.

// This room is what the lint sends everybody else to.
#![allow(clippy::disallowed_methods)]

mod folder;
mod lock;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub use folder::{
    entries, exchange, folders, folders_below, link, new_folder, probe, real, remove_empty_folders, restore,
    write_unseen,
};
pub use lock::{Lock, Share, lock, try_lock};

/// Begins the names of files that are being written.
const WRITING: &str = ".writing-";

/// A failure of the disk, with the path it happened at.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`: {source}", path.display())]
pub struct Error {
    /// What was tried: `read`, `write`, ….
    pub action: &'static str,
    /// Where.
    pub path: PathBuf,
    /// Why it failed.
    pub source: io::Error,
}

impl Error {
    /// Whether there is nothing at that path.
    pub fn is_absent(&self) -> bool {
        matches!(self.source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
    }
}

/// What a call to the disk returns.
pub type Result<T> = std::result::Result<T, Error>;

fn at<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Error + 'a {
    move |source| Error { action, path: path.to_owned(), source }
}

/// The bytes of a file.
///
/// # Errors
/// If it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(at("read", path))
}

/// The text of a UTF-8 file.
///
/// # Errors
/// If it cannot be read or is not UTF-8; the error then names the byte.
pub fn read_text(path: &Path) -> Result<String> {
    utf8(read(path)?).map_err(at("read", path))
}

/// The text of a UTF-8 file of the book at `root`, named by its path relative to it with `/` between folders.
///
/// # Errors
/// As [`read_text`], and if the path leads out of the book, be it through a symbolic link. Errors name the relative path.
pub fn read_text_within(root: &Path, relative: &str) -> Result<String> {
    let text = || {
        let root = fs::canonicalize(root)?;
        let path = fs::canonicalize(root.join(relative))?;
        if !path.starts_with(&root) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it lies outside the book's folder"));
        }
        utf8(fs::read(path)?)
    };
    text().map_err(at("read", Path::new(relative)))
}

fn utf8(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|e| {
        let valid = e.utf8_error().valid_up_to();
        let line = 1 + e.as_bytes()[..valid].iter().filter(|b| **b == b'\n').count();
        io::Error::new(io::ErrorKind::InvalidData, format!("it is not UTF-8 at byte {valid}, on line {line}"))
    })
}

/// A file opened for reading.
///
/// # Errors
/// If it cannot be opened.
pub fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(at("open", path))
}

/// Writes a whole file, or leaves what was there: beside it first, then a rename. Missing folders are made.
///
/// # Errors
/// If any step fails; the target is then as it was.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    write_by_way_of(folder, path, bytes)
}

/// As [`write()`], with the unfinished file in another folder of the same disk.
///
/// # Errors
/// As [`write()`].
pub fn write_by_way_of(folder: &Path, path: &Path, bytes: &[u8]) -> Result<()> {
    create_folder(folder)?;
    create_folder(path.parent().unwrap_or(Path::new(".")))?;
    let mut beside = tempfile::Builder::new().prefix(WRITING).tempfile_in(folder).map_err(at("write", path))?;
    beside.write_all(bytes).map_err(at("write", path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        beside.as_file().set_permissions(fs::Permissions::from_mode(0o644)).map_err(at("write", path))?;
    }
    beside.persist(path).map_err(|e| at("write", path)(e.error))?;
    Ok(())
}

/// Whether a file is what a program left that was killed while it wrote.
pub fn is_half_written(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(WRITING))
}

/// Removes what killed programs left half written anywhere below a folder.
///
/// # Errors
/// If a folder cannot be listed, or such a file not be removed.
pub fn sweep(root: &Path) -> Result<()> {
    walk(root)?.iter().filter(|path| is_half_written(path)).try_for_each(|path| remove(&root.join(path)))
}

/// Writes a file only where its bytes differ, and says whether it did.
///
/// # Errors
/// As [`write()`].
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if holds(path, bytes) {
        return Ok(false);
    }
    write(path, bytes).map(|()| true)
}

/// Whether a file is there with these bytes.
pub fn holds(path: &Path, bytes: &[u8]) -> bool {
    // One of another length need not be read.
    fs::metadata(path).is_ok_and(|there| there.len() == bytes.len() as u64)
        && fs::read(path).is_ok_and(|old| old == bytes)
}

/// A file opened for adding at its end; one that is not there is made.
///
/// # Errors
/// If it cannot be opened.
pub fn append(path: &Path) -> Result<File> {
    File::options().create(true).append(true).open(path).map_err(at("open", path))
}

/// Whether there is a file.
pub fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// Bytes of a file; 0 where there is none.
///
/// # Errors
/// If it is there and cannot be asked.
pub fn size(path: &Path) -> Result<u64> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(e) => Err(at("read", path)(e)),
    }
}

/// Bytes of a file, and when it was last written.
///
/// # Errors
/// If it cannot be asked.
pub fn size_and_time(path: &Path) -> Result<(u64, SystemTime)> {
    let metadata = fs::metadata(path).map_err(at("read", path))?;
    Ok((metadata.len(), metadata.modified().map_err(at("read", path))?))
}

/// Gives a file the place of another in the same folder, at once.
///
/// # Errors
/// If that fails; the target is then as it was.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(at("rename", from))
}

/// Makes a folder and those above it.
///
/// # Errors
/// If it cannot be made.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(at("create the folder", path))
}

/// A new folder where the system keeps what is temporary; it is removed with everything in it when it is dropped.
///
/// # Errors
/// If it cannot be made.
pub fn temporary_folder() -> Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix("labbook-").tempdir().map_err(at("make a folder in", &std::env::temp_dir()))
}

/// Removes a file; one that is not there is fine.
///
/// # Errors
/// If it is there and cannot be removed.
pub fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(at("remove", path)(e)),
        _ => Ok(()),
    }
}

/// Removes a folder if it is empty.
pub fn remove_empty_folder(path: &Path) {
    // A folder that is not empty stays: that is what the call means.
    let _ = fs::remove_dir(path);
}

/// All files below a folder, as paths relative to it, sorted; a folder that is not there has none.
///
/// # Errors
/// If a folder cannot be read.
pub fn walk(root: &Path) -> Result<Vec<PathBuf>> {
    if !root.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(root).sort_by_file_name() {
        let entry = entry.map_err(|e| {
            let path = e.path().unwrap_or(root).to_owned();
            at("list", &path)(e.into())
        })?;
        if entry.file_type().is_file() {
            found.push(entry.path().strip_prefix(root).expect("walked from root").to_owned());
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a folder holds nothing, or is not there.
///
/// # Errors
/// If it cannot be listed, or is no folder.
pub fn is_empty(folder: &Path) -> Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(e) => Err(at("list", folder)(e)),
    }
}

/// A path as it is shown and stored: relative to `root` where it lies below, with `/` on every system.
pub fn portable(path: &Path, root: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    relative.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
