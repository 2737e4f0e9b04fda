//! Every book of `tests/books` against its `expected/`:
//!
//! - `session.txt`: each line `$ labbook …` is run in the book's folder, one after the other; what stands below it is what
//!   it prints (standard output, then standard error, times taken out) and the exit code, where that is not 0.
//! - `pages/…`: files of the output folder as they are after the session, drawings taken out. A page is compared because
//!   it lies there: to compare another one, put an empty file in its place and overwrite it.

use std::path::Path;

use labbook::files;
use snapbox::{Assert, Data};

use crate::book::{Book, Ran, cases};

#[test]
fn every_book_gives_what_is_expected_of_it() {
    let names = files::walk(&cases()).unwrap();
    let mut names: Vec<&str> = names.iter().filter_map(|path| path.iter().next()?.to_str()).collect();
    names.dedup();
    let faults: Vec<String> = names.iter().flat_map(|case| faults_of(case)).collect();
    assert!(!names.is_empty() && faults.is_empty(), "\n{}", faults.join("\n"));
}

fn faults_of(case: &str) -> Vec<String> {
    let expected = cases().join(case).join("expected");
    let book = Book::copy(case);
    let mut faults = Vec::new();
    let mut compare = |name: &str, actual: String| {
        let there = Data::read_from(&expected.join(name), None).raw();
        let assert = Assert::new().action_env("SNAPSHOTS");
        if let Err(fault) = assert.try_eq(Some(&format!("{case}: {name}")), Data::text(actual).raw(), there) {
            faults.push(fault.to_string());
        }
    };
    compare("session.txt", session(&book, &files::read_text(&expected.join("session.txt")).unwrap()));
    let mut leftover = Vec::new();
    for path in files::walk(&expected).unwrap() {
        let name = files::portable(&path, Path::new(""));
        let page = name.strip_prefix("pages/").map(|page| book.path("output").join(page));
        match page {
            Some(page) if page.is_file() => compare(&name, without_drawings(&files::read_text(&page).unwrap())),
            None if name == "session.txt" => {}
            _ => leftover.push(format!("{case}: nothing gives `expected/{name}`")),
        }
    }
    faults.extend(leftover);
    faults
}

fn session(book: &Book, script: &str) -> String {
    let commands = script.lines().filter_map(|line| line.strip_prefix("$ labbook"));
    let mut text = String::new();
    for command in commands {
        let Ran { code, stdout, stderr } = book.run(&command.split_whitespace().collect::<Vec<_>>());
        text += &format!("$ labbook{command}\n{stdout}{}", without_times(&stderr));
        if code != 0 {
            text += &format!("[exit {code}]\n");
        }
    }
    text
}

/// `… done in 0.4 s` as `… done in [TIME]`, and no lines that only appear when it takes long.
fn without_times(text: &str) -> String {
    let kept = text.lines().filter(|line| !line.contains(" runs/s"));
    let timeless = kept.map(|line| match line.rsplit_once(" in ") {
        Some((said, time)) if time.ends_with(" s") && time.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{said} in [TIME]\n")
        }
        _ => format!("{line}\n"),
    });
    timeless.collect()
}

/// A page with `<svg/>` in the place of each drawing, which the figure room tests by itself.
fn without_drawings(page: &str) -> String {
    let mut parts = page.split("<svg");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text += "<svg/>";
        text += part.split_once("</svg>").map_or("", |(_, rest)| rest);
    }
    text
}
