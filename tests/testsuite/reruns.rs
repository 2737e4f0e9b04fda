//! The cache and the plan: what changed runs again, and nothing else.

use labbook::store::{Key, Record, Store};
use serde_json::Value as Json;

use crate::book::Book;

const CHAPTER: &str = r#"# A chapter

```{dataset} rows
from  = "moons"
split = { train = 60, test = 30 }
```

```{model} net
kind   = "mlp"
hidden = [4]
train  = { lr = 1e-2 }
```

```{experiment} one
dataset = "rows"
models  = ["logistic", "net"]
sweep   = { m = [20, 40] }
train   = { epochs = 2, batch = 10 }
seeds   = 2
```

```{figure} fig-one
of      = "one"
plot    = "line"
x       = "m"
y       = "test_accuracy"
caption = "A caption."
alt     = "Lines."
```

A sentence.
"#;

const PATH: &str = "chapters/01-case.md";

/// The runs of a plan.
fn plan(book: &Book) -> Vec<Json> {
    let ran = book.succeed(&["plan", "--format", "json"]);
    let plan: Json = serde_json::from_str(&ran.stdout).unwrap();
    plan["runs"].as_array().unwrap().clone()
}

/// How many runs of a plan have a status.
fn count(runs: &[Json], status: &str) -> usize {
    runs.iter().filter(|run| run["status"] == status).count()
}

#[test]
fn a_second_build_runs_nothing_and_writes_nothing() {
    let book = Book::chapter(CHAPTER);
    let first = book.succeed(&["build"]);
    assert!(first.stderr.contains("8 of 8 runs have to run"), "{}", first.stderr);
    let modified = |path: &str| std::fs::metadata(book.path(path)).unwrap().modified().unwrap();
    let files: Vec<String> = book.tree("").into_keys().collect();
    let before: Vec<_> = files.iter().map(|path| modified(path)).collect();

    let second = book.succeed(&["build"]);
    assert!(!second.stderr.contains("have to run"), "{}", second.stderr);
    assert!(second.stderr.contains(" 0 written, "), "{}", second.stderr);
    assert_eq!(book.tree("").into_keys().collect::<Vec<_>>(), files);
    assert_eq!(files.iter().map(|path| modified(path)).collect::<Vec<_>>(), before);
}

#[test]
fn words_and_looks_run_nothing() {
    let book = Book::chapter(CHAPTER);
    book.succeed(&["build"]);
    for (from, to) in [
        ("A caption.", "Another caption."),
        ("A sentence.", "Another sentence."),
        ("alt     = \"Lines.\"", "alt     = \"Lines.\"\nx-scale = \"log\""),
        ("# A chapter", "# Another title"),
        ("seeds   = 2", "seeds   = [2, 1]\nmeasure = [\"test_loss\"]\nshow = false"),
    ] {
        book.replace(PATH, from, to);
        let ran = book.succeed(&["build"]);
        assert!(!ran.stderr.contains("have to run"), "{to}: {}", ran.stderr);
        assert!(!ran.stderr.contains(" 0 written, "), "{to}: {}", ran.stderr);
    }
}

#[test]
fn a_changed_learning_rate_runs_what_it_touches_and_says_why() {
    let book = Book::chapter(CHAPTER);
    let new = plan(&book);
    assert_eq!((new.len(), count(&new, "new")), (8, 8));
    book.succeed(&["run"]);
    assert_eq!(count(&plan(&book), "cached"), 8);

    book.replace(PATH, "lr = 1e-2", "lr = 3e-2");
    let changed = plan(&book);
    assert_eq!((count(&changed, "cached"), count(&changed, "stale")), (4, 4));
    for run in changed.iter().filter(|run| run["status"] == "stale") {
        assert_eq!(run["params"]["model"], "net");
        let reason = run["reason"].as_str().unwrap();
        assert!(reason.ends_with("lr: 0.01 → 0.03") && !reason.contains(';'), "{reason}");
    }
    let ran = book.succeed(&["build"]);
    assert!(ran.stderr.contains("4 of 8 runs have to run"), "{}", ran.stderr);

    // What was known before is known still.
    book.replace(PATH, "lr = 3e-2", "lr = 1e-2");
    assert_eq!(count(&plan(&book), "cached"), 8);
}

#[test]
fn every_changed_field_of_a_stale_run_is_named_with_both_values() {
    let book = Book::chapter(CHAPTER);
    book.succeed(&["run"]);
    book.replace(PATH, "lr = 1e-2", "lr = 3e-2, clip = 1.0");
    book.replace(PATH, "hidden = [4]", "hidden = [5, 3]");
    let stale: Vec<Json> = plan(&book).into_iter().filter(|run| run["status"] == "stale").collect();
    assert_eq!(stale.len(), 4);
    for run in &stale {
        let changed = |field: &str, before: Json, after: Json| {
            let changes = run["changes"].as_array().unwrap();
            let of_field = |change: &&Json| change["field"].as_str().unwrap().ends_with(field);
            let change = changes.iter().find(of_field).unwrap_or_else(|| panic!("no {field} in {run}"));
            assert_eq!((&change["before"], &change["after"]), (&before, &after), "{run}");
        };
        changed(".lr", "0.01".into(), "0.03".into());
        changed(".clip", Json::Null, "1.0".into());
        changed(".hidden", "[4]".into(), "[5,3]".into());
        assert_eq!(run["changes"].as_array().unwrap().len(), 3, "{run}");
    }
    let text = book.succeed(&["plan"]).stdout;
    let line = text.lines().find(|line| line.starts_with("stale  one[model=net, m=20, seed=1]: ")).unwrap();
    for change in ["hidden: [4] → [5,3]", "clip: nothing → 1.0", "lr: 0.01 → 0.03"] {
        assert!(line.contains(change), "{line}");
    }
}

#[test]
fn a_plan_has_the_fields_that_are_relied_on() {
    let book = Book::chapter(CHAPTER);
    for run in plan(&book) {
        assert_eq!(run["experiment"], "one");
        assert!(run["params"]["m"].is_u64() && run["params"]["model"].is_string() && run["seed"].is_u64());
        assert!(run["key"].as_str().is_some_and(|key| key.len() == 64));
        assert!(run["reason"].is_string() && run["changes"].as_array().is_some_and(Vec::is_empty));
    }
}

#[test]
fn equal_runs_of_two_experiments_run_once() {
    let book = Book::chapter(CHAPTER);
    let same =
        "```{experiment} two\ndataset = \"rows\"\nmodels = [\"logistic\"]\nsweep = { m = [40, 50] }\nseeds = 3\n```";
    book.replace(PATH, "A sentence.", same);
    book.succeed(&["build"]);
    // 8 of the first experiment and 6 of the second, of which 2 are the same.
    assert_eq!((plan(&book).len(), book.finished().len()), (14, 12));
}

#[test]
fn one_experiment_can_be_run_by_name() {
    let book = Book::chapter(CHAPTER);
    book.replace(PATH, "A sentence.", "```{experiment} two\ndataset = \"iris\"\nmodels = [\"logistic\"]\n```");
    book.succeed(&["run", "two"]);
    assert_eq!(book.finished().len(), 1);
    book.run(&["run", "tow"]).says(1, &["there is no experiment `tow`; did you mean `two`?"]);
}

#[test]
fn rerun_runs_everything_and_gives_the_same() {
    let book = Book::chapter(CHAPTER);
    book.succeed(&["build"]);
    let pages = book.tree("output");
    let ran = book.succeed(&["build", "--rerun"]);
    assert!(ran.stderr.contains("8 of 8 runs have to run"), "{}", ran.stderr);
    assert_eq!(book.tree("output"), pages);
}

#[test]
fn a_profile_has_runs_of_its_own() {
    let book = Book::chapter(CHAPTER);
    let settings = "[book]\ntitle = \"A case\"\n\n[profile.quick]\nseeds = 1\nepochs = 1\n";
    book.write("labbook.toml", settings.as_bytes());
    book.succeed(&["build", "--profile", "quick"]);
    assert_eq!(book.finished().len(), 4);
    assert!(book.text("output/01-case.html").contains("Quick build: "), "a quick book says so on every page");
    book.succeed(&["build"]);
    // Logistic regression has no epochs: its first seed is known already.
    assert_eq!(book.finished().len(), 10);
}

#[test]
fn a_damaged_result_is_computed_again_with_a_warning() {
    let book = Book::chapter(CHAPTER);
    book.succeed(&["build"]);
    let pages = book.tree("output");
    let path = format!(".labbook/runs-v1/{}", book.finished()[3]);
    let mut bytes = labbook::files::read(&book.path(&path)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    book.write(&path, &bytes);

    let ran = book.succeed(&["build"]);
    ran.says(0, &["warning: the result of one[", "is damaged", "1 of 8 runs have to run"]);
    assert_eq!(book.tree("output"), pages);
    assert_eq!(book.finished().len(), 8);
}

/// What `plan` says of the time.
fn outlook(book: &Book) -> String {
    book.succeed(&["plan"]).stdout.lines().last().unwrap().to_owned()
}

/// Makes the finished runs as fast as this, in seconds an operation.
fn set_speed(book: &Book, speed: f64) {
    let store = Store::of_book(book.root());
    for path in book.finished() {
        let text = book.text(&format!(".labbook/runs-v1/{path}"));
        let mut record: Record = serde_json::from_str(text.split_once('\n').unwrap().1).unwrap();
        let seconds = speed * record.value("flops").unwrap();
        assert!(record.measured.insert("seconds".to_owned(), seconds).is_some());
        store.put(&Key::of(&record.inputs), &record).unwrap();
    }
}

/// The operations of the runs that are not there.
fn pending_cost(book: &Book) -> f64 {
    plan(book).iter().filter(|run| run["status"] != "cached").map(|run| run["cost_flops"].as_f64().unwrap()).sum()
}

#[test]
fn a_plan_tells_its_time_by_the_speed_of_finished_runs() {
    let book =
        Book::chapter(&CHAPTER.replace("[\"logistic\", \"net\"]", "[\"net\"]").replace("seeds   = 2", "seeds   = 1"));
    book.replace(PATH, "[20, 40]", "[20]");
    assert!(outlook(&book).contains("nothing has been measured"), "{}", outlook(&book));
    book.succeed(&["run"]);
    assert_eq!(outlook(&book), "1 of 1 runs are cached; 0 would run.");

    // One run of known cost, at a known speed: 200 seconds, however many could run at once.
    book.replace(PATH, "[20]", "[20, 40]");
    set_speed(&book, 200.5 / pending_cost(&book));
    let said = outlook(&book);
    assert!(said.starts_with("That takes about 3 min 20 s with") && said.ends_with("finished runs (1)."), "{said}");

    // The same run for other inputs: its speed stays known though its result does not.
    book.replace(PATH, "[20, 40]", "[20]");
    book.replace(PATH, "epochs = 2", "epochs = 4");
    set_speed(&book, 30.5 / pending_cost(&book));
    assert!(outlook(&book).starts_with("That takes about 30 s with"), "{}", outlook(&book));

    book.replace(PATH, "[\"net\"]", "[\"net\", \"logistic\"]");
    assert!(outlook(&book).ends_with("never measured here: 1."), "{}", outlook(&book));
}
