//! Pages and assets → the output folder, and nothing but them.
//!
//! A marker in the folder lists what we wrote there. Only files on that list are ever removed, and a folder that holds
//! something but no marker is left alone. The new book takes the place of the old one at once (`swap`), or file by file
//! where that cannot be (`in_place`). Links between the pages are checked before they are written: [`check_links`].

mod in_place;
mod links;
pub mod pack;
pub mod paper;
mod sources;
mod swap;

pub use links::{BrokenLink, BrokenLinks, Reason, check_links};
pub use sources::check_sources;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::files;
use crate::render::Output;

/// The marker's name.
const MARKER: &str = ".labbook-output.json";

/// What was done to the output folder; paths relative to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// New, or with other bytes than before.
    pub written: Vec<String>,
    /// Number of files that were right already.
    pub unchanged: usize,
    /// Ours, and no longer part of the book.
    pub removed: Vec<String>,
}

/// Why a book could not be written out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] files::Error),
    /// The folder holds files that are not ours.
    #[error(
        "the output folder `{}` is not empty and was not made by labbook: nothing was written; empty it, or choose another with `--dest`",
        _0.display()
    )]
    NotOurs(PathBuf),
    /// The marker cannot be read, so that we do not know which files are ours.
    #[error("`{}` is damaged ({reason}): delete the output folder and build again", path.display())]
    Marker {
        /// The marker.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A folder on the way is a symbolic link, behind which nothing of ours lies.
    #[error("`{}` is a symbolic link: nothing is written through it", _0.display())]
    Link(PathBuf),
    /// A path that no file of the output can have.
    #[error("`{0}` cannot be the path of a file in the output")]
    Path(String),
    /// Two files want to be the same.
    #[error("two files of the book would be written to `{0}`")]
    Twice(String),
}

#[derive(Serialize, Deserialize)]
struct Marker {
    made_by: String,
    /// Sorted.
    files: BTreeSet<String>,
}

/// What has to be done to a folder.
struct Update<'a> {
    outputs: &'a [Output],
    /// The paths of `outputs`.
    ours: BTreeSet<String>,
    /// The paths of the book that is there.
    before: BTreeSet<String>,
    /// The paths of those outputs that are not there with these bytes.
    changed: BTreeSet<&'a str>,
    /// Files and empty folders of somebody else.
    others: Vec<PathBuf>,
}

/// Makes `dir` hold the given files: the old book there gives way to the new one at once, whatever stops us. Where the
/// folder cannot be exchanged, it is written file by file. Nothing is touched where nothing changed.
///
/// Two programs must not do this to one folder at the same time.
///
/// # Errors
/// If the folder is not ours, a path is impossible, or the disk fails; the old book then stands.
pub fn write(outputs: &[Output], dir: &Path) -> Result<Written, Error> {
    let ours = list(outputs)?;
    swap::recover(dir)?;
    let before = read_marker(dir)?;
    for path in &ours {
        refuse_links(dir, path)?;
    }
    let differs = |output: &&Output| !files::holds(&dir.join(&output.path), &output.bytes);
    let changed: BTreeSet<&str> = outputs.par_iter().filter(differs).map(|output| output.path.as_str()).collect();
    let mut update = Update { outputs, ours, before, changed, others: Vec::new() };
    let result = Written {
        written: update.changed.iter().map(|&path| path.to_owned()).collect(),
        unchanged: outputs.len() - update.changed.len(),
        removed: update.removed(dir).into_iter().cloned().collect(),
    };
    if !update.changed.is_empty() || update.ours != update.before {
        update.others = update.others(dir)?;
        if !swap::replace(dir, &update)? {
            in_place::replace(dir, &update)?;
        }
    }
    Ok(result)
}

impl Update<'_> {
    /// The paths that no longer belong to the book.
    fn removed(&self, dir: &Path) -> Vec<&String> {
        // A marker that somebody changed must not make us remove what lies elsewhere.
        let is_below = |path: &&String| is_plain(path) && refuse_links(dir, path).is_ok();
        self.before.difference(&self.ours).filter(is_below).collect()
    }

    fn others(&self, dir: &Path) -> Result<Vec<PathBuf>, Error> {
        let mut others = files::entries(dir)?;
        others.retain(|path| {
            let name = files::portable(path, Path::new(""));
            let is_ours = name == MARKER || self.ours.contains(&name) || self.before.contains(&name);
            !is_ours && !files::is_half_written(path)
        });
        Ok(others)
    }
}

/// Adds one file to a folder that [`write()`] has written; the next one that leaves it out removes it.
///
/// # Errors
/// If the disk fails.
pub fn add(output: &Output, dir: &Path) -> Result<bool, Error> {
    let mut ours = read_marker(dir)?;
    ours.extend(list(std::slice::from_ref(output))?);
    write_marker(dir, &ours)?;
    Ok(files::write_if_changed(&dir.join(&output.path), &output.bytes)?)
}

/// The paths, each checked.
fn list(outputs: &[Output]) -> Result<BTreeSet<String>, Error> {
    let mut ours = BTreeSet::new();
    // Some disks take `A.html` and `a.html` for one file.
    let mut folded = BTreeSet::new();
    for Output { path, .. } in outputs {
        if !is_plain(path) {
            return Err(Error::Path(path.clone()));
        }
        if !folded.insert(path.to_lowercase()) {
            return Err(Error::Twice(path.clone()));
        }
        ours.insert(path.clone());
    }
    Ok(ours)
}

/// Whether a path leads to a file below the folder it is relative to, and is not the marker.
fn is_plain(path: &str) -> bool {
    let is_name = |name: &str| !["", ".", ".."].contains(&name) && !name.contains(['\\', '\0']);
    path.split('/').all(is_name) && Path::new(path).is_relative() && path != MARKER
}

/// The files that are ours; none where the folder is empty or not there.
fn read_marker(dir: &Path) -> Result<BTreeSet<String>, Error> {
    if files::is_empty(dir)? {
        return Ok(BTreeSet::new());
    }
    let path = dir.join(MARKER);
    if !path.exists() {
        return Err(Error::NotOurs(dir.to_owned()));
    }
    match serde_json::from_str::<Marker>(&files::read_text(&path)?) {
        Ok(marker) => Ok(marker.files),
        Err(e) => Err(Error::Marker { path, reason: e.to_string() }),
    }
}

fn write_marker(dir: &Path, ours: &BTreeSet<String>) -> Result<(), Error> {
    let marker = Marker { made_by: "labbook".to_owned(), files: ours.clone() };
    let text = serde_json::to_string_pretty(&marker).expect("strings are always JSON") + "\n";
    files::write_if_changed(&dir.join(MARKER), text.as_bytes())?;
    Ok(())
}

/// Fails where a folder between `dir` and the file is a symbolic link.
fn refuse_links(dir: &Path, path: &str) -> Result<(), Error> {
    let mut folder = dir.to_owned();
    let mut names: Vec<_> = path.split('/').collect();
    names.pop();
    for name in names {
        folder.push(name);
        if folder.is_symlink() {
            return Err(Error::Link(folder));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(paths: &[&str]) -> Vec<Output> {
        paths.iter().map(|&path| Output { path: path.to_owned(), bytes: path.as_bytes().to_vec() }).collect()
    }

    fn names(dir: &Path) -> Vec<String> {
        files::walk(dir).unwrap().iter().map(|path| files::portable(path, dir)).collect()
    }

    fn temporary() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn only_what_changed_is_written_and_what_is_stale_goes() {
        let folder = temporary();
        let dir = &folder.path().join("output");
        let first = write(&outputs(&["index.html", "zh/a.html", "data/a.csv"]), dir).unwrap();
        assert_eq!(first.written, ["data/a.csv", "index.html", "zh/a.html"]);

        let mut changed = outputs(&["index.html", "data/b.csv"]);
        changed[0].bytes.push(b'!');
        let second = write(&changed, dir).unwrap();
        assert_eq!(second.written, ["data/b.csv", "index.html"]);
        assert_eq!(second.removed, ["data/a.csv", "zh/a.html"]);
        assert_eq!(names(dir), [MARKER, "data/b.csv", "index.html"]);
        assert!(!dir.join("zh").exists());

        let third = write(&changed, dir).unwrap();
        assert_eq!(third, Written { unchanged: 2, ..Written::default() });
    }

    #[test]
    fn a_folder_of_somebody_else_is_left_alone() {
        let folder = temporary();
        files::write(&folder.path().join("thesis.tex"), b"x").unwrap();
        let error = write(&outputs(&["index.html"]), folder.path()).unwrap_err().to_string();
        assert!(error.contains("is not empty and was not made by labbook"), "{error}");
        assert_eq!(names(folder.path()), ["thesis.tex"]);
    }

    #[test]
    fn files_of_others_beside_ours_stay() {
        let folder = temporary();
        write(&outputs(&["a/x.html"]), folder.path()).unwrap();
        files::write(&folder.path().join("a/CNAME"), b"x").unwrap();
        write(&outputs(&["index.html"]), folder.path()).unwrap();
        assert_eq!(names(folder.path()), [MARKER, "a/CNAME", "index.html"]);
    }

    #[test]
    fn a_file_added_later_is_ours_too() {
        let folder = temporary();
        write(&outputs(&["index.html"]), folder.path()).unwrap();
        assert!(add(&outputs(&["book.pdf"])[0], folder.path()).unwrap());
        assert_eq!(names(folder.path()), [MARKER, "book.pdf", "index.html"]);
        assert_eq!(write(&outputs(&["index.html"]), folder.path()).unwrap().removed, ["book.pdf"]);
    }

    #[test]
    fn a_marker_cannot_reach_out_of_the_folder() {
        let folder = temporary();
        let (dir, other) = (folder.path().join("output"), folder.path().join("other.txt"));
        files::write(&other, b"x").unwrap();
        files::write(&dir.join(MARKER), br#"{"made_by":"labbook","files":["../other.txt"]}"#).unwrap();
        write(&outputs(&["index.html"]), &dir).unwrap();
        assert!(other.exists());

        files::write(&dir.join(MARKER), b"{").unwrap();
        let error = write(&outputs(&["index.html"]), &dir).unwrap_err().to_string();
        assert!(error.contains("is damaged"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_symbolic_link() {
        let folder = temporary();
        let (dir, outside) = (folder.path().join("output"), folder.path().join("outside"));
        files::create_folder(&outside).unwrap();
        write(&outputs(&["index.html"]), &dir).unwrap();
        std::os::unix::fs::symlink(&outside, dir.join("zh")).unwrap();
        let error = write(&outputs(&["index.html", "zh/a.html"]), &dir).unwrap_err();
        assert!(matches!(error, Error::Link(_)), "{error}");
        assert!(files::is_empty(&outside).unwrap());
    }

    #[test]
    fn impossible_paths_are_refused() {
        let check = |paths: &[&str], expected: &str| {
            let folder = temporary();
            let error = write(&outputs(paths), folder.path()).unwrap_err().to_string();
            assert_eq!(error, expected);
            assert!(files::is_empty(folder.path()).unwrap());
        };
        check(&["../a.html"], "`../a.html` cannot be the path of a file in the output");
        check(&["/a.html"], "`/a.html` cannot be the path of a file in the output");
        check(&[".labbook-output.json"], "`.labbook-output.json` cannot be the path of a file in the output");
        check(&["a.html", "A.html"], "two files of the book would be written to `A.html`");
    }

    #[test]
    fn a_failing_disk_names_the_path() {
        let folder = temporary();
        let file = folder.path().join("file");
        files::write(&file, b"x").unwrap();
        let error = write(&outputs(&["index.html"]), &file).unwrap_err().to_string();
        assert!(error.contains(&*file.to_string_lossy()), "{error}");
    }
}
