//! Keys: equal inputs have equal keys, and whatever changes a result changes the keys of the runs it belongs to.

use std::collections::BTreeSet;

use labbook::desk::Desk;
use labbook::diagnostic::{Diagnostics, Style};
use labbook::plan::Rule;

use crate::book::Book;

/// Four runs of the net, two each of the others.
const CHAPTER: &str = r#"# A chapter

```{dataset} rows
from  = "spirals"
noise = 0.1
split = { train = 60, test = 30 }
scale = "standardize"
```

```{model} net
kind    = "mlp"
hidden  = [4, 3]
dropout = 0.1
train   = { lr = 1e-2 }
```

```{model} line
kind = "logistic"
C    = 2
```

```{experiment} one
dataset = "rows"
models  = ["net", "line", "svm"]
train   = { epochs = 2, batch = 10, optimizer = "adam" }
seeds   = 2

[sweep]
m = [20]
```

```{figure} fig-one
of      = "one"
plot    = "bar"
x       = "model"
y       = "test_accuracy"
caption = "A caption."
alt     = "Bars."
```
"#;

/// The keys of a book of one chapter.
fn keys(chapter: &str) -> BTreeSet<String> {
    let book = Book::chapter(chapter);
    let desk = Desk::open(book.root(), None, Vec::new()).unwrap();
    let mut diagnostics = Diagnostics::default();
    let survey = desk.survey(&mut diagnostics);
    for found in [&desk.diagnostics, &diagnostics] {
        assert!(!found.has_errors(), "{chapter}\n{}", found.render(&desk.sources, Style::Plain));
    }
    desk.plan(&|_| true, &survey, Rule::Cached).runs.iter().map(|run| run.key.as_str().to_owned()).collect()
}

/// Writes `to` for `from` and counts the keys that were not there before.
#[track_caller]
fn check(from: &str, to: &str, changed: usize) {
    assert_eq!(CHAPTER.matches(from).count(), 1, "`{from}`");
    let before = keys(CHAPTER);
    assert_eq!(before.len(), 6);
    let after = keys(&CHAPTER.replace(from, to));
    assert_eq!(after.difference(&before).count(), changed, "`{from}` → `{to}`");
}

#[test]
fn what_changes_no_result_changes_no_key() {
    for (from, to) in [
        ("A caption.", "Other words."),
        ("# A chapter", "# Another title"),
        ("{ train = 60, test = 30 }", "{ test = 30, train = 60 } # as before"),
        ("C    = 2", "C = 2.0"),
        ("lr = 1e-2", "lr = 0.01"),
        ("kind    = \"mlp\"", "kind = \"mlp\"\nactivation = \"relu\"\ninit = \"he\""),
        ("seeds   = 2", "seeds = [2, 1]\nmeasure = [\"test_loss\"]\nshow = false"),
        ("\"net\", \"line\", \"svm\"", "\"svm\", \"net\", \"line\""),
        ("noise = 0.1", "noise = 0.1\nseed = 0\nturns = 1.5"),
    ] {
        check(from, to, 0);
    }
    // A name is no input of a result.
    let renamed = CHAPTER.replace("net", "web").replace("rows", "cases").replace("one", "other");
    assert_eq!(keys(&renamed), keys(CHAPTER));
}

#[test]
fn what_changes_the_data_changes_every_key() {
    for (from, to) in [
        ("spirals", "rings"),
        ("noise = 0.1", "noise = 0.2"),
        ("noise = 0.1", "noise = 0.1\nseed = 1"),
        ("noise = 0.1", "noise = 0.1\nclasses = 3"),
        ("train = 60", "train = 61"),
        ("test = 30", "test = 31"),
        ("standardize", "minmax"),
        ("\"standardize\"", "\"standardize\"\npca = 1"),
        ("m = [20]", "m = [21]"),
    ] {
        check(from, to, 6);
    }
}

#[test]
fn what_changes_a_model_changes_its_keys() {
    for (from, to) in [
        ("[4, 3]", "[3, 4]"),
        ("[4, 3]", "[4]"),
        ("dropout = 0.1", "dropout = 0.2"),
        ("dropout = 0.1", "dropout = 0.1\nactivation = \"tanh\""),
        ("dropout = 0.1", "dropout = 0.1\ninit = { normal = 0.01 }"),
        ("lr = 1e-2", "lr = 1.1e-2"),
        ("lr = 1e-2", "lr = 1e-2, weight-decay = 1e-4"),
        ("lr = 1e-2", "lr = 1e-2, schedule = \"cosine\""),
        ("lr = 1e-2", "lr = 1e-2, clip = 1"),
        ("lr = 1e-2", "lr = 1e-2, early-stop = { patience = 3 }"),
        ("lr = 1e-2", "lr = 1e-2, min-steps = 50"),
        ("lr = 1e-2", "lr = 1e-2, beta1 = 0.8"),
        ("epochs = 2", "epochs = 3"),
        ("batch = 10", "batch = 11"),
        ("optimizer = \"adam\"", "optimizer = \"sgd\""),
        ("C    = 2", "C = 2.5"),
        ("C    = 2", "C = 2\nmax-iter = 7"),
        ("seeds   = 2", "seeds = 2\ntune = { C = [1, 2] }"),
    ] {
        check(from, to, if to.contains("tune") { 4 } else { 2 });
    }
    // Three new seeds of three models.
    check("seeds   = 2", "seeds = 5", 9);
    check("seeds   = 2", "seeds = [7]", 3);
}

#[test]
fn the_bytes_of_a_file_are_part_of_the_keys() {
    let of = |rows: &str| {
        let book = Book::chapter(
            "# A\n\n```{dataset} d\npath = \"d.csv\"\nlabel = \"c\"\n```\n\n```{experiment} e\ndataset = \"d\"\nmodels = [\"logistic\"]\n```\n",
        );
        book.write("d.csv", rows.as_bytes());
        let desk = Desk::open(book.root(), None, Vec::new()).unwrap();
        let survey = desk.survey(&mut Diagnostics::default());
        let keys: Vec<_> = desk.plan(&|_| true, &survey, Rule::Cached).runs.iter().map(|run| run.key.clone()).collect();
        assert_eq!(keys.len(), 1);
        keys
    };
    let rows = "x,c\n1,a\n2,b\n3,a\n4,b\n5,a\n";
    assert_eq!(of(rows), of(rows));
    assert_ne!(of(rows), of(&rows.replace("5,a", "6,a")));
}
