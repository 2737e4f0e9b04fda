//! Disks that are full or cannot be written, and clocks that jump. A disk of its own needs a mount namespace, which the
//! superuser may have: elsewhere these tests say that they were skipped.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::book::{Book, Ran};
use labbook::files;

const CHAPTER: &str = r#"# A chapter

```{experiment} runs
dataset = "moons"
models  = ["mlp"]
train   = { epochs = 2 }
seeds   = 3

[sweep]
m = [50]
```

{val}`runs[model=mlp].test_accuracy`
"#;

/// Runs a shell script in the book's folder, where mounts are its own; `None`, said aloud, where that is not allowed.
fn with_mounts(book: &Book, script: &str) -> Option<Ran> {
    let allowed = Command::new("unshare").args(["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).output();
    if !allowed.is_ok_and(|probe| probe.status.success()) {
        println!("skipped: mounts need the superuser and `unshare`");
        return None;
    }
    let mut command = book.command(&[]);
    let labbook = command.get_program().to_owned();
    command = Command::new("unshare");
    command.args(["-m", "sh", "-euc", script]).current_dir(book.root()).env("labbook", labbook).env("NO_COLOR", "1");
    Some(Ran::of(&mut command))
}

#[test]
fn on_a_full_disk_the_old_book_stands_and_the_next_build_mends_all() {
    let book = Book::chapter(CHAPTER);
    let script = r##"
        mkdir disk && mount -t tmpfs -o size=8m tmpfs disk
        cp -r labbook.toml chapters disk && cd disk
        "$labbook" build 2>&1
        cp -r output ../before
        for page in 1 2 3 4 5 6 7 8; do
            echo "# Edition 2 of page $page" > chapters/02-page-$page.md
        done
        dd if=/dev/zero of=ballast bs=4k 2>/dev/null || true
        if "$labbook" build; then exit 9; fi
        diff -r output ../before
        rm ballast
        "$labbook" build --strict 2>&1
        ls -A; ls .labbook/writing; ls output/02-page-*.html | wc -l
    "##;
    let Some(ran) = with_mounts(&book, script) else { return };
    ran.says(0, &["error: cannot", "o space left on device"]);
    assert!(!ran.stdout.contains("writing-") && ran.stdout.ends_with("\n8\n"), "{}", ran.stdout);
}

#[test]
fn on_a_full_disk_a_run_that_cannot_be_kept_is_named() {
    let book = Book::chapter(CHAPTER);
    let script = r##"
        mkdir .labbook && mount -t tmpfs -o size=256k tmpfs .labbook
        "$labbook" plan > plan
        dd if=/dev/zero of=.labbook/ballast bs=4k 2>/dev/null || true
        code=0; "$labbook" build --jobs 1 || code=$?
        test $code = 1
        rm .labbook/ballast
        "$labbook" build --strict 2>&1
    "##;
    let Some(ran) = with_mounts(&book, script) else { return };
    ran.says(0, &["error: runs[model=mlp, m=50, seed=1]: cannot", "o space left on device"]);
}

#[test]
fn an_output_that_is_a_disk_of_its_own_is_written_file_by_file() {
    let book = Book::chapter(CHAPTER);
    let script = r##"
        mkdir output && mount -t tmpfs tmpfs output
        "$labbook" build
        echo "# More" > chapters/02-more.md
        "$labbook" build
        ls output/02-more.html
        mount -o remount,ro output
        echo "# Less" > chapters/02-more.md
        if "$labbook" build; then exit 9; fi
    "##;
    let Some(ran) = with_mounts(&book, script) else { return };
    ran.says(0, &["error: cannot write `./output`", "ead-only file system"]);
}

/// The result of record, the cache and the pages carry no time: neither does what is made of them.
#[test]
fn a_clock_that_jumps_changes_nothing() {
    let book = Book::chapter(CHAPTER);
    book.succeed(&["build"]);
    let before = book.tree("output");
    let second = Duration::from_secs(1);
    for time in [SystemTime::UNIX_EPOCH + second, SystemTime::now() + second * 4_000_000_000] {
        for path in files::walk(book.root()).unwrap() {
            File::options().append(true).open(book.path(path)).unwrap().set_modified(time).unwrap();
        }
        let ran = book.succeed(&["build"]);
        assert!(ran.stderr.contains(": 0 written, ") && !ran.stderr.contains("have to run"), "{}", ran.stderr);
        assert_eq!(book.tree("output"), before);
        // Only what nobody needs depends on its age.
        assert!(book.succeed(&["cache", "gc", "--older-than", "1s"]).stdout.starts_with("0 runs removed"));
    }
    book.replace("chapters/01-case.md", "# A chapter", "# Another chapter");
    assert!(!book.succeed(&["build"]).stderr.contains(": 0 written, "));
}
