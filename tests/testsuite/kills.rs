//! Kills at random moments, and two programs at once: the output is always one whole book, and no finished run is lost.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use labbook::files;

use crate::book::Book;

/// The book of an edition: every page of it says which, and its runs are those of no other edition.
fn edit(book: &Book, edition: u32) {
    let toml = format!("[book]\ntitle = \"Edition {edition}\"\n");
    book.write("labbook.toml", toml.as_bytes());
    let chapter = format!(
        r#"# Runs

```{{experiment}} runs
dataset = "moons"
models  = ["mlp"]
train   = {{ epochs = 4, lr = {}e-4 }}
seeds   = 8

[sweep]
m = [50, 100]
```

```{{figure}} fig-runs
of      = "runs"
plot    = "line"
x       = "m"
y       = "test_accuracy"
color   = "model"
caption = "Edition {edition}."
alt     = "Lines."
```

{{val}}`runs[model=mlp, m=100].test_accuracy`
"#,
        edition + 1
    );
    book.write("chapters/01-runs.md", chapter.as_bytes());
    // A page that comes and goes.
    book.write(&format!("chapters/02-page-{}.md", edition % 3), b"# A page\n");
    files::remove(&book.path(format!("chapters/02-page-{}.md", (edition + 2) % 3))).unwrap();
}

fn start(book: &Book) -> Child {
    book.command(&["build"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// What the finished runs are, by path.
fn runs(book: &Book) -> BTreeMap<String, Vec<u8>> {
    book.tree(".labbook/runs-v1")
}

/// Nothing is beside the book that does not belong there.
#[track_caller]
fn check_tidy(book: &Book) {
    let here = book.tree("");
    let left: Vec<_> = here.keys().filter(|path| path.contains("writing")).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Draws of a generator that is good enough for moments (splitmix64).
fn draw(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// Kills a build so many times, each at another moment of it.
fn check_kills(kills: u32) {
    let book = Book::of(&[]);
    edit(&book, 0);
    let begin = Instant::now();
    book.succeed(&["build"]);
    let (mut length, mut state, mut cut_short) = (begin.elapsed(), 7, 0);
    for edition in 1..=kills {
        let (old, kept) = (book.tree("output"), runs(&book));
        edit(&book, edition);
        let mut child = start(&book);
        std::thread::sleep(length.mul_f64(draw(&mut state)));
        cut_short += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();

        let (left, finished) = (book.tree("output"), runs(&book));
        assert!(kept.iter().all(|(path, bytes)| finished.get(path) == Some(bytes)), "a finished run was lost");
        let begin = Instant::now();
        let ran = book.succeed(&["build"]);
        // Other tests run beside this one, and a build takes twice as long as the one before.
        length = (length + begin.elapsed()) / 2;
        assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
        let missing = 16 - (finished.len() - kept.len());
        let said = ran.stderr.contains(&format!("{missing} of 16 runs have to run"));
        assert!(said || missing == 0, "of the finished runs some ran again: {}", ran.stderr);
        assert!(finished.iter().all(|(path, bytes)| runs(&book).get(path) == Some(bytes)));

        let new = book.tree("output");
        assert!(left == old || left == new, "edition {edition}: the output is neither the old nor the new book");
        assert!(new != old);
        check_tidy(&book);
    }
    assert!(cut_short * 4 > kills, "only {cut_short} of {kills} builds were killed in time");
}

#[test]
fn a_killed_build_leaves_the_old_book_or_the_new_one() {
    check_kills(8);
}

#[test]
#[ignore = "a hundred kills take minutes"]
fn a_hundred_kills() {
    check_kills(100);
}

/// The moments that a kill at random rarely meets: while the pages are written.
#[test]
fn a_build_killed_while_it_writes_pages_leaves_a_whole_book() {
    let book = Book::of(&[]);
    edit(&book, 0);
    book.succeed(&["build"]);
    book.write("output/CNAME", b"example.org");
    for edition in 1..=6 {
        let old = book.tree("output");
        edit(&book, edition);
        book.succeed(&["run"]);
        let mut child = start(&book);
        // The new book is made in a folder beside the old one.
        while child.try_wait().unwrap().is_none() && !is_writing(&book) {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_micros(500 * u64::from(edition)));
        child.kill().unwrap();
        child.wait().unwrap();
        let left = book.tree("output");
        book.succeed(&["build"]);
        let new = book.tree("output");
        assert!(left == old || left == new, "edition {edition}");
        assert!(new.contains_key("CNAME"));
        check_tidy(&book);
    }
}

fn is_writing(book: &Book) -> bool {
    files::folders(book.root(), ".output.writing-").is_ok_and(|found| !found.is_empty())
}

#[test]
fn builds_at_once_in_one_folder_give_one_whole_book() {
    let (book, alone) = (Book::of(&[]), Book::of(&[]));
    for edition in 0..3 {
        edit(&book, edition);
        edit(&alone, edition);
        let children: Vec<Child> = (0..3).map(|_| start(&book)).collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        alone.succeed(&["build"]);
        assert_eq!(book.tree("output"), alone.tree("output"));
        assert_eq!(book.finished(), alone.finished());
        check_tidy(&book);
    }
}
