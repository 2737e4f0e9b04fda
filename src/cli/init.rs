//! `labbook init`: a small new book that builds in seconds.

use std::path::Path;

use super::Exit;
use super::commands::failed;
use crate::files;

/// The files of the new book.
const FILES: [(&str, &str); 4] = [
    ("labbook.toml", include_str!("../../examples/first-book/labbook.toml")),
    ("chapters/01-first.md", include_str!("../../examples/first-book/chapters/01-first.md")),
    (".gitignore", "/output\n/.labbook\n"),
    ("README.md", include_str!("../../examples/first-book/README.md")),
];

/// Makes a book in `dir`.
pub(super) fn init(dir: &Path) -> Exit {
    match files::walk(dir) {
        Ok(found) if !found.is_empty() => {
            return failed(&format!("`{}` is not empty; name a new folder", dir.display()));
        }
        Ok(_) => {}
        Err(error) => return failed(&error.to_string()),
    }
    for (path, text) in FILES {
        if let Err(error) = files::write(&dir.join(path), text.as_bytes()) {
            return failed(&error.to_string());
        }
    }
    say!("made a book in `{0}`; now: labbook build --book {0} --open", dir.display());
    Exit::Fine
}
