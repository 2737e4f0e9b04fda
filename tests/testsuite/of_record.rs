//! Results of record: what `record` writes, and what builds make of it.

use labbook::files;
use serde_json::Value as Json;

use crate::book::{Book, Ran};

const CHAPTER: &str = r#"# A chapter

```{dataset} rows
path  = "data/rows.csv"
label = "class"
scale = "standardize"
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
train   = { epochs = 3, batch = 10 }
seeds   = 2
```

```{experiment} two
dataset = "iris"
models  = ["net"]
train   = { epochs = 2, batch = 10 }
seeds   = 2
```

```{figure} fig-one
of      = "one"
plot    = "line"
x       = "epoch"
y       = "train_loss"
color   = "m"
where   = { model = "net" }
caption = "A caption."
alt     = "Lines."
```

```{table} tbl-one
of      = "one"
rows    = "model"
columns = "m"
value   = "test_accuracy"
```

At {val}`one[model=net, m=40].test_accuracy` after {val}`one[model=net, m=40].seconds`.
"#;

const PATH: &str = "chapters/01-case.md";

/// Two clouds that overlap.
fn rows() -> String {
    let row = |i: i32| {
        let (x, y) = ((i * 37 % 101) as f64 / 50.0, (i * 61 % 89) as f64 / 45.0);
        format!("{x},{y},{}\n", if x + 0.3 * y > 1.3 { "a" } else { "b" })
    };
    "x,y,class\n".to_owned() + &(0..90).map(row).collect::<String>()
}

fn book() -> Book {
    let book = Book::chapter(CHAPTER);
    book.write("data/rows.csv", rows().as_bytes());
    book
}

/// A book with its results recorded, and nothing in its cache.
fn recorded() -> Book {
    let book = book();
    book.succeed(&["build"]);
    book.succeed(&["record"]);
    book.remove_folder(".labbook");
    book.remove_folder("output");
    book
}

#[test]
fn results_are_recorded_and_written_the_same_again() {
    let book = book();
    book.run(&["record"]).says(1, &["10 runs have no result yet; first: labbook run"]);
    book.run(&["record", "tow"]).says(1, &["there is no experiment `tow`; did you mean `two`?"]);
    book.succeed(&["run", "--jobs", "1"]);
    book.succeed(&["record"]).says(0, &["2 experiments in `results`: 2 written, 0 unchanged, 0 removed"]);
    let first = book.tree("results");
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
    assert_eq!(names, [".gitattributes", "one.json", "two.json"]);

    let text = book.text("results/one.json");
    let json: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(json["runs"].as_array().unwrap().len(), 8);
    assert_eq!(json["runs"][7]["params"], serde_json::json!({"m": 40, "model": "net"}));
    // Nothing of this machine, and nothing that was measured.
    assert!(!text.contains("seconds") && !text.contains(book.root().to_str().unwrap()) && !text.contains('\r'));

    let again = self::book();
    again.succeed(&["run", "--jobs", "3"]);
    again.succeed(&["record"]);
    assert_eq!(again.tree("results"), first);
    again.succeed(&["record"]).says(0, &["0 written, 2 unchanged"]);
}

#[test]
fn a_record_of_an_experiment_that_is_gone_goes_too() {
    let book = recorded();
    book.write("results/notes.txt", b"mine");
    book.replace(PATH, "{experiment} two", "{experiment} three");
    book.succeed(&["run"]);
    book.succeed(&["record"]).says(0, &["1 removed"]);
    let names: Vec<String> = book.tree("results").into_keys().collect();
    assert_eq!(names, [".gitattributes", "notes.txt", "one.json", "three.json"]);
}

#[test]
fn a_record_keeps_the_runs_of_the_other_profile() {
    let book = book();
    let settings = "[book]\ntitle = \"A case\"\n\n[profile.quick]\nseeds = 1\n\n[profile.full]\nseeds = 3\n";
    book.write("labbook.toml", settings.as_bytes());
    for profile in ["quick", "full", "quick"] {
        book.succeed(&["run", "--profile", profile]);
        book.succeed(&["record", "--profile", profile]);
    }
    for profile in ["quick", "full"] {
        book.succeed(&["build", "--frozen", "--profile", profile]);
    }
    let runs = |book: &Book| book.text("results/two.json").matches("\"key\"").count();
    assert_eq!(runs(&book), 3);
    book.write("labbook.toml", settings.replace("seeds = 3", "seeds = 2").as_bytes());
    book.succeed(&["record", "--profile", "quick"]);
    assert_eq!(runs(&book), 2);
}

#[test]
fn a_frozen_build_runs_nothing_and_gives_the_same_pages_anywhere() {
    let book = recorded();
    let ran = book.succeed(&["build", "--frozen"]);
    assert!(!ran.stderr.contains("have to run"), "{}", ran.stderr);
    assert!(book.finished().is_empty());
    let pages = book.tree("output");
    // A measured number is no result of record.
    assert!(book.text("output/01-case.html").contains(">—<"));

    let other = recorded();
    files::remove(&other.path("data/rows.csv")).unwrap();
    other.succeed(&["build", "--frozen", "--jobs", "1"]);
    assert_eq!(other.tree("output"), pages);
}

#[test]
fn a_frozen_build_names_what_is_missing_and_what_is_stale() {
    let book = recorded();
    book.replace(PATH, "lr = 1e-2", "lr = 3e-2");
    let ran = book.run(&["build", "--frozen"]);
    ran.says(3, &["stale   one[model=net, m=20, seed=1]: its declaration changed since it was recorded"]);
    ran.says(3, &["6 of the results of record are missing or stale"]);
    assert!(!ran.stderr.contains("one[model=logistic"), "{}", ran.stderr);
    assert!(!book.path("output").exists());
    book.replace(PATH, "lr = 3e-2", "lr = 1e-2");

    book.replace(PATH, "m = [20, 40]", "m = [20, 40, 50]");
    book.run(&["build", "--frozen"]).says(3, &["missing one[model=net, m=50, seed=2]: it is not recorded"]);
    book.replace(PATH, "m = [20, 40, 50]", "m = [20, 40]");

    book.write("data/rows.csv", rows().replace("a\n", "c\n").as_bytes());
    book.run(&["build", "--frozen"]).says(3, &["stale   one[model=logistic, m=20, seed=1]: data.identity.digest: "]);
    book.write("data/rows.csv", rows().as_bytes());

    files::remove(&book.path("results/two.json")).unwrap();
    book.run(&["build", "--frozen"]).says(3, &["missing two[model=net, seed=1]", "2 of the results of record"]);
    assert_eq!(book.run(&["build", "--frozen", "--rerun"]).code, 2);
}

#[test]
fn without_a_cache_a_plan_compares_with_the_record() {
    let book = recorded();
    let reason = |run: &str| {
        let text = book.succeed(&["plan"]).stdout;
        text.lines().find_map(|line| line.split_once(run).map(|(_, said)| said.to_owned()))
    };
    let logistic = "one[model=logistic, m=20, seed=1]: ";
    assert_eq!(reason(logistic).as_deref(), Some("it is recorded and never ran here"));
    book.replace(PATH, "lr = 1e-2", "lr = 3e-2");
    let net = reason("stale  one[model=net, m=20, seed=1]: ");
    assert_eq!(net.as_deref(), Some("its declaration changed since it was recorded"));
    book.replace(PATH, "{ train = 60, test = 30 }", "{ train = 50, test = 40 }");
    let data = reason(logistic).unwrap();
    assert!(data.contains("test.rows: 30 → 40; ") && data.contains("train.rows: 60 → 50"), "{data}");
}

#[test]
fn absent_data_are_told_by_the_record_and_the_page_says_so() {
    let book = recorded();
    files::remove(&book.path("data/rows.csv")).unwrap();
    let ran = book.succeed(&["build"]);
    ran.says(0, &["note: what needs `rows` is taken from the results of record", "2 of 10 runs have to run"]);
    let page = book.text("output/01-case.html");
    let said = "Results of record, not run for these pages: `rows` is not here.";
    assert!(page.matches(said).count() >= 3, "the card, the figure and the table say it");

    // A grid point that was never recorded is left out, and the rest stands.
    book.replace(PATH, "m = [20, 40]", "m = [20, 40, 50]");
    let ran = book.succeed(&["build"]);
    assert!(!ran.stderr.contains("have to run"), "{}", ran.stderr);
    book.run(&["build", "--frozen"]).says(3, &["missing one[model=logistic, m=50, seed=1]"]);

    files::remove(&book.path("results/one.json")).unwrap();
    book.run(&["build"]).says(1, &["data/rows.csv`: No such file"]);
}

#[test]
fn conflict_markers_are_named_with_their_place() {
    let book = recorded();
    let text = book.text("results/two.json");
    let (head, rest) = text.split_at(text.find("    {\n").unwrap());
    book.write("results/two.json", format!("{head}<<<<<<< HEAD\n{rest}=======\n{rest}>>>>>>> other\n").as_bytes());
    for arguments in [&["check"][..], &["build"], &["build", "--frozen"], &["record"]] {
        book.run(arguments).says(1, &["results/two.json:12:1", "a merge left conflict markers in these results"]);
    }
    let ran = Ran::of(book.command(&["check"]).env("GITHUB_ACTIONS", "true"));
    ran.says(1, &["::error file=results/two.json,line=12,col=1::"]);
}

#[test]
fn an_edited_number_is_no_result_of_record() {
    let book = recorded();
    let text = book.text("results/one.json");
    let at = text.find("\"test_accuracy\":").unwrap() + "\"test_accuracy\":".len();
    let end = at + text[at..].find([',', '}']).unwrap();
    book.write("results/one.json", format!("{}0.999{}", &text[..at], &text[end..]).as_bytes());
    book.run(&["build", "--frozen"]).says(3, &["one[model=logistic, m=20, seed=1]: its record was edited"]);
}

#[test]
fn two_files_that_contradict_each_other_are_an_error() {
    let book = recorded();
    let text = book.text("results/two.json");
    book.write("results/copy.json", text.as_bytes());
    book.succeed(&["check"]);
    let at = text.find("\"test_accuracy\":").unwrap() + "\"test_accuracy\":".len();
    let end = at + text[at..].find([',', '}']).unwrap();
    book.write("results/copy.json", format!("{}0.999{}", &text[..at], &text[end..]).as_bytes());
    let said = ["`results/copy.json` records other numbers for this very run", "results/two.json:"];
    book.run(&["build", "--frozen"]).says(1, &said);
}

#[test]
fn an_edited_run_of_another_profile_is_not_signed_anew() {
    let book = recorded();
    let settings = book.text("labbook.toml") + "\n[profile.quick]\nseeds = 1\n";
    book.write("labbook.toml", settings.as_bytes());
    let text = book.text("results/one.json");
    // The last run of the file is of the second seed, which the quick profile has not.
    let at = text.rfind("\"test_accuracy\":").unwrap() + "\"test_accuracy\":".len();
    let end = at + text[at..].find([',', '}']).unwrap();
    book.write("results/one.json", format!("{}0.999{}", &text[..at], &text[end..]).as_bytes());
    book.succeed(&["build", "--profile", "quick"]);
    book.succeed(&["record", "--profile", "quick"]);
    book.run(&["build", "--frozen", "--profile", "full"]).says(3, &["its record was edited"]);
}

#[test]
fn a_record_that_cannot_be_is_named_with_its_place() {
    let book = recorded();
    let text = book.text("results/one.json");
    let shorter = text.replacen("\"epochs\":[0,1,2,3]", "\"epochs\":[0,1,2]", 1);
    assert_ne!(shorter, text);
    book.write("results/one.json", shorter.as_bytes());
    for arguments in [&["check"][..], &["verify"], &["build", "--frozen"]] {
        book.run(arguments)
            .says(1, &["these results cannot be: a course has as many values as epochs", "results/one.json:"]);
    }
    book.write("results/one.json", text.replacen("\"test_rows\":30", "\"test_rows\":31", 1).as_bytes());
    book.run(&["verify"]).says(1, &["what is recorded of the data `rows` was edited"]);
}
