//! A git revision → a folder with the book as it was.
//!
//! The `git` on the path does the reading: the files a book's folder had are written to a temporary folder through an
//! index of its own, so that neither the working tree nor the repository's index is touched. Filters and line endings
//! are those of a checkout.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::files;

/// A book as it was at a revision; its folder is gone when this is dropped.
#[derive(Debug)]
pub struct Checkout {
    folder: tempfile::TempDir,
    /// The commit, in the first digits of its hash.
    pub commit: String,
}

/// Why there is no such book.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no git.
    #[error("git cannot be run ({0}): it is needed to read another revision; install it, or put it on the path")]
    NoGit(io::Error),
    /// The book's folder is in no repository.
    #[error("`{}` is in no git repository, so there is no other revision of it", .0.display())]
    NoRepository(PathBuf),
    /// The revision does not exist.
    #[error(
        "there is no revision `{0}` in this repository; `git log --oneline` lists them, `git fetch` brings those of others"
    )]
    NoRevision(String),
    /// The revision has no such folder.
    #[error("there was no book at `{0}`: it has no folder `{1}`")]
    NoFolder(String, String),
    /// Git failed otherwise.
    #[error("`git {command}` failed: {said}")]
    Failed {
        /// The verb.
        command: String,
        /// What git said.
        said: String,
    },
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] files::Error),
}

impl Checkout {
    /// The folder of the book.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("book")
    }
}

/// Writes the book in the folder `book`, as it was at `revision`, to a temporary folder.
///
/// # Errors
/// If there is no git, repository, revision or folder of that name then, or the disk fails.
pub fn check_out(book: &Path, revision: &str) -> Result<Checkout, Error> {
    let git = Git { folder: book, index: None };
    let top = git.ask(&["rev-parse", "--show-toplevel"]).map_err(|error| match error {
        Error::Failed { .. } => Error::NoRepository(book.to_owned()),
        other => other,
    })?;
    let prefix = git.ask(&["rev-parse", "--show-prefix"])?;
    let prefix = prefix.trim_end_matches('/');
    let unknown = |_| Error::NoRevision(revision.to_owned());
    // What begins with a dash would be an option.
    let named = if revision.starts_with('-') { Err(Error::NoRevision(revision.to_owned())) } else { Ok(revision) }?;
    let hash = git.ask(&["rev-parse", "--verify", "--quiet", &format!("{named}^{{commit}}")]).map_err(unknown)?;
    let commit = git.ask(&["rev-parse", "--short", &hash])?;

    let folder = files::temporary_folder()?;
    let git = Git { folder: Path::new(&top), index: Some(folder.path().join("index")) };
    let tree = format!("{hash}:{prefix}");
    let missing = |_| Error::NoFolder(revision.to_owned(), prefix.to_owned());
    git.ask(&["rev-parse", "--verify", "--quiet", &tree]).map_err(missing)?;
    git.ask(&["read-tree", &tree])?;
    let to = folder.path().join("book");
    files::create_folder(&to)?;
    git.ask(&["checkout-index", "--all", &format!("--prefix={}/", to.display())])?;
    Ok(Checkout { folder, commit })
}

struct Git<'a> {
    folder: &'a Path,
    /// An index beside that of the repository.
    index: Option<PathBuf>,
}

impl Git<'_> {
    /// Runs git and returns what it prints.
    fn ask(&self, arguments: &[&str]) -> Result<String, Error> {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.folder).stdin(Stdio::null());
        if let Some(index) = &self.index {
            command.env("GIT_INDEX_FILE", index);
        }
        let output = command.output().map_err(Error::NoGit)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        Err(Error::Failed { command: arguments[0].to_owned(), said: text(&output.stderr) })
    }
}
