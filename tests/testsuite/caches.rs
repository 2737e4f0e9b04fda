//! What a cache holds: listing it, removing from it, merging those of several machines.

use std::collections::BTreeSet;

use labbook::files;
use serde_json::Value as Json;

use crate::book::Book;

const TOML: &str = "[book]\ntitle = \"A case\"\n\n[profile.quick]\nseeds = 1\n";

const CHAPTER: &str = r#"# A chapter

```{experiment} first
dataset = "moons"
models  = ["logistic", "mlp"]
train   = { epochs = 2 }
seeds   = 3

[sweep]
m = [40, 80]
```

```{experiment} second
dataset = "rings"
models  = ["mlp"]
train   = { epochs = 20 }
seeds   = 4

[sweep]
m = [200]
```
"#;

fn book() -> Book {
    Book::of(&[("labbook.toml", TOML), ("chapters/01-case.md", CHAPTER)])
}

fn list(book: &Book) -> Json {
    serde_json::from_str(&book.succeed(&["cache", "list", "--format", "json"]).stdout).unwrap()
}

/// Name, runs, needed by the book, needed by the record.
fn counts(book: &Book) -> Vec<(Option<String>, u64, u64, u64)> {
    let count = |group: &Json, name: &str| group[name].as_u64().unwrap();
    let groups = list(book)["experiments"].as_array().unwrap().clone();
    let row = |g: &Json| {
        (g["experiment"].as_str().map(str::to_owned), count(g, "runs"), count(g, "in_book"), count(g, "in_record"))
    };
    groups.iter().map(row).collect()
}

fn named(name: &str) -> Option<String> {
    Some(name.to_owned())
}

#[test]
fn runs_are_listed_by_who_needs_them_and_the_others_are_removed() {
    let book = book();
    book.succeed(&["run"]);
    book.succeed(&["record", "second"]);
    assert_eq!(counts(&book), [(named("first"), 12, 12, 0), (named("second"), 4, 4, 4)]);

    // A prose edit needs the same runs, another size needs others; what is recorded stays needed.
    book.replace("chapters/01-case.md", "m = [40, 80]", "m = [40]");
    book.replace("chapters/01-case.md", "m = [200]", "m = [100]");
    assert_eq!(counts(&book), [(named("first"), 6, 6, 0), (named("second"), 4, 0, 4), (None, 6, 0, 0)]);

    let ran = book.succeed(&["cache", "gc", "--dry-run"]);
    assert!(ran.stdout.starts_with("6 runs would be removed, "), "{}", ran.stdout);
    assert_eq!(book.finished().len(), 16);
    assert!(book.succeed(&["cache", "gc", "--older-than", "1h"]).stdout.starts_with("0 runs removed"));
    assert!(book.succeed(&["cache", "gc"]).stdout.starts_with("6 runs removed, "));
    assert_eq!(counts(&book), [(named("first"), 6, 6, 0), (named("second"), 4, 0, 4)]);

    // A limit takes what is needed too; it can be computed again.
    let ran = book.succeed(&["cache", "gc", "--max-size", "0B", "--format", "json"]);
    let said: Json = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&said["needed"], &said["left_bytes"]), (&10.into(), &0.into()));
    assert!(book.finished().is_empty());
    book.succeed(&["build"]);
    assert_eq!(book.finished().len(), 10);
}

#[test]
fn the_list_is_a_table() {
    let book = book();
    book.succeed(&["run", "first", "--profile", "quick"]);
    let stdout = book.succeed(&["cache", "list"]).stdout;
    let lines: Vec<Vec<&str>> = stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["experiment", "runs", "size", "in", "the", "book", "in", "the", "record"]);
    assert_eq!((lines[1][0], lines[1][1]), ("first", "4"));
    assert!(stdout.lines().nth(2).unwrap().starts_with("4 runs, "), "{stdout}");
}

#[test]
fn nothing_is_removed_while_it_is_not_known_what_is_needed() {
    let book = book();
    book.succeed(&["run"]);
    book.replace("chapters/01-case.md", "m = [200]", "m = [200");
    assert_eq!(book.run(&["cache", "gc"]).code, 1);
    book.replace("chapters/01-case.md", "m = [200", "m = [200]");
    book.write("labbook.toml", format!("{TOML}[profile.quick.experiment.first]\nsweep = {{ m = [0] }}\n").as_bytes());
    book.run(&["cache", "gc"]).says(1, &["--profile quick"]);
    assert_eq!(book.finished().len(), 16);
}

#[test]
fn nothing_is_removed_while_another_program_uses_the_cache() {
    let book = book();
    book.succeed(&["run"]);
    let _other = files::lock(&book.path(".labbook/lock"), files::Share::Shared).unwrap();
    book.run(&["cache", "gc", "--max-size", "0B"]).says(1, &["another labbook is using the cache"]);
    assert_eq!(book.finished().len(), 16);
    // Those that only use it share it.
    book.succeed(&["build"]);
}

#[test]
fn parts_of_the_runs_made_apart_are_the_whole_when_copied_together() {
    let (whole, plan) = (book(), book().succeed(&["plan", "--format", "json"]).stdout);
    let plan: Json = serde_json::from_str(&plan).unwrap();
    let costs: Vec<(String, u64)> = plan["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| (run["key"].as_str().unwrap().to_owned(), run["cost_flops"].as_u64().unwrap()))
        .collect();
    let mut seen = BTreeSet::new();
    let mut loads = Vec::new();
    for part in ["1/3", "2/3", "3/3"] {
        let job = book();
        if part == "2/3" {
            // What is there already does not change who runs what.
            job.succeed(&["run", "first"]);
        }
        let before: BTreeSet<String> = job.finished().into_iter().collect();
        job.succeed(&["run", "--partition", part]);
        let made: BTreeSet<String> = job.finished().into_iter().filter(|run| !before.contains(run)).collect();
        assert!(made.is_disjoint(&seen), "a run was made twice");
        if part != "2/3" {
            loads.push(
                costs.iter().filter(|(key, _)| made.iter().any(|run| run.contains(key))).map(|c| c.1).sum::<u64>(),
            );
        }
        seen.extend(made);
        for (path, bytes) in job.tree(".labbook") {
            whole.write(&format!(".labbook/{path}"), &bytes);
        }
    }
    assert_eq!(whole.finished().len(), 16);
    let ran = whole.succeed(&["build"]);
    assert!(!ran.stderr.contains("have to run"), "{}", ran.stderr);
    // The longest run is a quarter of the longer experiment: no part is far from a third.
    let third = costs.iter().map(|c| c.1).sum::<u64>() / 3;
    let longest = costs.iter().map(|c| c.1).max().unwrap();
    assert!(loads.iter().all(|load| load.abs_diff(third) <= longest), "{loads:?} of {third} each");
    whole.run(&["run", "--partition", "4/3"]).says(2, &["`4/3` is no part"]);
}

#[test]
fn a_file_of_another_version_is_left_alone_and_counts_as_damaged() {
    let book = book();
    book.succeed(&["run", "second"]);
    let path = format!(".labbook/runs-v1/{}", book.finished()[0]);
    let text = book.text(&path);
    book.write(&path, text.replacen("labbook ", "labbook-9 ", 1).as_bytes());
    // A folder of another format beside ours is nobody's business here.
    book.write(".labbook/runs-v9/aa/something", b"else");
    let ran = book.succeed(&["run", "second"]);
    assert!(ran.stderr.contains("is damaged") && ran.stderr.contains("1 of 4 runs have to run"), "{}", ran.stderr);
    assert!(book.text(&path).starts_with("labbook "), "it is made anew");
    assert_eq!(book.text(".labbook/runs-v9/aa/something"), "else");
}
