//! A book in a temporary folder, and the program run in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use labbook::files;

/// A book that a test may change; it is gone when the test is over.
pub struct Book {
    folder: tempfile::TempDir,
}

/// What a run of the program gave.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; −1 where a signal ended it.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Where the cases are.
pub fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/books")
}

impl Book {
    /// A copy of `tests/books/<case>`, without what is expected of it.
    pub fn copy(case: &str) -> Self {
        let (book, from) = (Self::of(&[]), cases().join(case));
        for path in files::walk(&from).unwrap().iter().filter(|path| !path.starts_with("expected")) {
            files::write(&book.path(path), &files::read(&from.join(path)).unwrap()).unwrap();
        }
        book
    }

    /// A book of the given files.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let book = Self { folder: tempfile::tempdir().unwrap() };
        files.iter().for_each(|(path, text)| book.write(path, text.as_bytes()));
        book
    }

    /// A book of one chapter.
    pub fn chapter(text: &str) -> Self {
        Self::of(&[("labbook.toml", "[book]\ntitle = \"A case\"\n"), ("chapters/01-case.md", text)])
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root().join(path)
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        files::write(&self.path(path), bytes).unwrap();
    }

    pub fn text(&self, path: &str) -> String {
        files::read_text(&self.path(path)).unwrap()
    }

    /// Removes a folder and everything in it.
    #[expect(clippy::disallowed_methods, reason = "the program itself never removes a whole folder")]
    pub fn remove_folder(&self, folder: &str) {
        std::fs::remove_dir_all(self.path(folder)).unwrap();
    }

    /// Puts `to` in the place of the only `from`.
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.text(path);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {path}");
        self.write(path, text.replace(from, to).as_bytes());
    }

    /// All files below a folder, by their paths.
    pub fn tree(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let root = self.path(folder);
        let read = |path: &PathBuf| (files::portable(path, Path::new("")), files::read(&root.join(path)).unwrap());
        files::walk(&root).unwrap().iter().map(read).collect()
    }

    /// The files of the finished runs.
    pub fn finished(&self) -> Vec<String> {
        self.tree(".labbook/runs-v1").into_keys().filter(|path| path.ends_with(".json")).collect()
    }

    /// The program in the book's folder, with nothing of ours in its environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_labbook"));
        command.args(arguments).current_dir(self.root()).stdin(Stdio::null()).env("NO_COLOR", "1");
        for name in [
            "LABBOOK_CHECKPOINT_SECONDS",
            "LABBOOK_DATA_MIRROR",
            "LABBOOK_SIMD",
            "GITHUB_ACTIONS",
            "CI",
            "SOURCE_DATE_EPOCH",
        ] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    /// Runs the program, which has to end well.
    #[track_caller]
    pub fn succeed(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "labbook {arguments:?}: {}", ran.stderr);
        ran
    }
}

impl Ran {
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Fails unless the program ended with `code` and said all of `words`.
    #[track_caller]
    pub fn says(&self, code: i32, words: &[&str]) {
        let missing: Vec<_> = words.iter().filter(|w| !self.stderr.contains(**w)).collect();
        assert!(self.code == code && missing.is_empty(), "exit {}, without {missing:?}: {}", self.code, self.stderr);
    }
}
