//! Large caches and large books, on request: what is measured is printed, and has to stay within its bounds.

use std::fmt::Write;
use std::time::{Duration, Instant};

use labbook::store::{Course, Key, Record, Store};
use serde_json::Value as Json;

use crate::book::Book;

/// The median time of some runs of the program.
fn median(book: &Book, arguments: &[&str]) -> Duration {
    let mut times: Vec<Duration> = (0..5)
        .map(|_| {
            let start = Instant::now();
            book.succeed(arguments);
            start.elapsed()
        })
        .collect();
    times.sort();
    times[2]
}

#[track_caller]
fn check(book: &Book, arguments: &[&str], most: Duration) {
    let time = median(book, arguments);
    println!("labbook {}: {time:.2?}", arguments.join(" "));
    assert!(time <= most, "labbook {arguments:?} takes {time:.2?}");
}

/// A cache with a result for every run of the plan: that of one run, for all of them.
fn fill(book: &Book) -> usize {
    let plan: Json = serde_json::from_str(&book.succeed(&["plan", "--format", "json"]).stdout).unwrap();
    let keys: Vec<Key> = plan["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| serde_json::from_value(run["key"].clone()).unwrap())
        .collect();
    let store = Store::of_book(book.root());
    let mut record = Record::empty(Json::Null);
    record.finals.insert("test_accuracy".into(), Some(0.9));
    // As much as a run of thirty epochs leaves.
    record.courses = ["train_loss", "train_accuracy", "test_loss", "test_accuracy"]
        .map(|measure| Course {
            measure: measure.into(),
            layer: None,
            epochs: (0..=30).collect(),
            values: (0..=30).map(|epoch| Some(1.0 / f64::from(epoch + 3))).collect(),
        })
        .to_vec();
    keys.iter().for_each(|key| store.put(key, &record).unwrap());
    keys.len()
}

#[test]
#[ignore = "writes 50,000 files"]
fn a_plan_over_fifty_thousand_cached_runs() {
    let sizes: Vec<String> = (0..50).map(|i| (20 + i).to_string()).collect();
    let book = Book::chapter(&format!(
        "# Many\n\n```{{experiment}} many\ndataset = \"moons\"\nmodels = [\"mlp\"]\nseeds = 1000\nsweep = {{ m = [{}] }}\n```\n",
        sizes.join(", ")
    ));
    assert_eq!(fill(&book), 50_000);
    check(&book, &["plan"], Duration::from_millis(500));
    check(&book, &["cache", "list"], Duration::from_secs(2));
}

#[test]
#[ignore = "trains a thousand nets first"]
fn a_book_of_a_thousand_chapters() {
    let book = Book::of(&[("labbook.toml", "[book]\ntitle = \"A thousand chapters\"\n")]);
    for i in 0..1000 {
        let mut text = format!("# Chapter {i}\n\n");
        for paragraph in 0..6 {
            writeln!(text, "Paragraph {paragraph} of chapter {i} has *some* words, `code` and $x^{i}$ in it.\n")
                .unwrap();
        }
        writeln!(
            text,
            "```{{experiment}} e{i}\ndataset = \"moons\"\nmodels = [\"mlp\"]\ntrain = {{ epochs = 2, lr = {lr} }}\nseeds = 2\n\
             sweep = {{ m = [20, 40] }}\n```\n\n```{{figure}} fig-e{i}\nof = \"e{i}\"\nplot = \"line\"\nx = \"m\"\n\
             y = \"test_accuracy\"\ncaption = \"Caption {i}.\"\nalt = \"Lines.\"\n```\n\n\
             It is {{val}}`e{i}[m=40].test_accuracy` (@fig-e{i}).",
            lr = f64::from(i + 1) * 1e-4
        )
        .unwrap();
        book.write(&format!("chapters/{i:04}-chapter.md"), text.as_bytes());
    }
    let start = Instant::now();
    book.succeed(&["build"]);
    println!("cold build, 4,000 runs: {:.2?}", start.elapsed());
    check(&book, &["check"], Duration::from_secs(1));
    check(&book, &["build"], Duration::from_secs(2));
}
