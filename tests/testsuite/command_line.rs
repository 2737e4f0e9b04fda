//! Verbs, exit codes and what goes where.

use serde_json::Value as Json;

use crate::book::{Book, Ran};

const CHAPTER: &str = r#"# A chapter

```{experiment} flowers
dataset = "iris"
models  = ["logistic", "mlp"]
sweep   = { m = [30, 60] }
train   = { epochs = 2, batch = 10 }
seeds   = 2
```
"#;

#[test]
fn a_wrong_command_line_exits_with_2() {
    let book = Book::chapter("# A chapter\n");
    for arguments in [
        &[][..],
        &["bild"],
        &["build", "--quick"],
        &["build", "--jobs", "0"],
        &["build", "--jobs", "many"],
        &["plan", "--format", "yaml"],
        &["export"],
        &["data", "pull"],
        &["completions", "tcsh2"],
    ] {
        assert_eq!(book.run(arguments).code, 2, "{arguments:?}");
    }
    book.succeed(&["--version"]);
    book.succeed(&["help", "build"]);
}

#[test]
fn a_book_elsewhere_is_named_by_its_folder() {
    let (book, here) = (Book::chapter("# A chapter\n"), Book::of(&[]));
    here.succeed(&["--book", book.root().to_str().unwrap(), "build"]);
    assert!(book.tree("output").contains_key("index.html"));
    assert!(here.tree("").is_empty());
}

#[test]
fn a_new_book_builds() {
    let book = Book::of(&[]);
    book.succeed(&["init", "new"]);
    let ran = book.succeed(&["build", "--book", "new", "--strict"]);
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    assert!(book.tree("new/output").contains_key("index.html"));
    book.run(&["init", "new"]).says(1, &["`new` is not empty"]);
}

#[test]
fn completions_name_the_verbs() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = Book::of(&[]).succeed(&["completions", shell]);
        assert!(ran.stderr.is_empty() && ["build", "export", "init"].iter().all(|verb| ran.stdout.contains(verb)));
    }
}

#[test]
fn known_datasets_are_listed() {
    let ran = Book::chapter("# A chapter\n").succeed(&["data", "list"]);
    for word in ["mnist", "fashion-mnist", "spambase", "CC BY"] {
        assert!(ran.stdout.contains(word), "no {word}: {}", ran.stdout);
    }
}

#[test]
fn an_export_has_one_row_a_run_measure_and_step() {
    let book = Book::chapter(CHAPTER);
    book.run(&["export", "flowers"]).says(1, &["8 runs of `flowers` have no result yet", "labbook run flowers"]);
    book.run(&["export", "flower"]).says(1, &["there is no experiment `flower`; did you mean `flowers`?"]);
    book.succeed(&["run"]);

    let csv = book.succeed(&["export", "flowers", "--format", "csv"]).stdout;
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("model,m,seed,measure,step,value"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert!(rows.iter().all(|row| row.len() == 6));
    let of = |model: &str, measure: &str, step: &str| {
        rows.iter().filter(|row| [row[0], row[3], row[4]] == [model, measure, step]).count()
    };
    assert_eq!(of("logistic", "test_accuracy", ""), 4);
    assert_eq!(of("mlp", "test_accuracy", ""), 4);
    assert_eq!(of("mlp", "train_loss", "2"), 4);
    assert_eq!(of("mlp", "gradient_norm[layer=1]", "0"), 4);
    assert!(rows.iter().all(|row| row[5].is_empty() || row[5].parse::<f64>().is_ok()));

    let json = book.succeed(&["export", "flowers", "--format", "json"]).stdout;
    let json: Json = serde_json::from_str(&json).unwrap();
    let objects = json.as_array().unwrap();
    assert_eq!(objects.len(), rows.len());
    for name in ["model", "m", "seed", "measure", "step", "value"] {
        assert!(objects.iter().all(|row| row.get(name).is_some()), "{name}");
    }
}

#[test]
fn mistakes_become_annotations_where_github_runs_the_build() {
    let book = Book::chapter("# A chapter\n\n```{dataset} rows\nfrom = \"moon\"\n```\n");
    assert!(!book.run(&["check"]).stderr.contains("::error"));
    let ran = Ran::of(book.command(&["check"]).env("GITHUB_ACTIONS", "true"));
    ran.says(1, &["::error file=chapters/01-case.md,line=4,", "there is no dataset `moon`"]);
}

#[test]
fn annotations_do_not_mix_with_results() {
    let book = Book::chapter(CHAPTER);
    let figure = "\n```{figure} fig-f\nof = \"iris\"\nplot = \"scatter\"\ncaption = \"No alternative text.\"\n```\n";
    book.write("chapters/02-case.md", figure.as_bytes());
    let ran = Ran::of(book.command(&["plan", "--format", "json"]).env("GITHUB_ACTIONS", "true"));
    ran.says(0, &["::warning file=chapters/02-case.md,line=2,"]);
    assert!(serde_json::from_str::<Json>(&ran.stdout).is_ok(), "{}", ran.stdout);
}

#[test]
fn warnings_fail_a_strict_build() {
    let book =
        Book::chapter("# A chapter\n\n```{figure} fig-f\nof = \"glyphs\"\nplot = \"images\"\ncaption = \"F\"\n```\n");
    assert_eq!(book.run(&["build", "--strict"]).code, 1);
    book.run(&["build"]).says(0, &["`fig-f` has no alternative text"]);
}

#[test]
fn a_reader_may_close_the_pipe() {
    let book = Book::chapter(CHAPTER);
    let mut command = book.command(&["plan", "--format", "json"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_doctor_says_what_is_here() {
    let book = Book::chapter("# A chapter\n");
    let report = |arguments: &[&str]| {
        let mut command = book.command(&[&["doctor"], arguments].concat());
        command.env("LABBOOK_SIMD", "portable").env("LABBOOK_DATA_MIRROR", "nowhere");
        Ran::of(&mut command)
    };
    let text = report(&[]).stdout;
    for words in
        ["portable (of portable", "`nowhere`", "nowhere (not there)", "“A case” in `.`: 0 experiments", "0 runs"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!book.path(".labbook").exists(), "looking makes nothing");
    let json: Json = serde_json::from_str(&report(&["--format", "json"]).stdout).unwrap();
    assert_eq!((&json["simd"]["used"], &json["mirrors"][0]["is_there"]), (&"portable".into(), &false.into()));

    // It speaks where nothing else would.
    let mut command = book.command(&["doctor", "--book", "absent"]);
    let ran = Ran::of(command.env("LABBOOK_SIMD", "sse9"));
    assert_eq!(ran.code, 0);
    assert!(
        ran.stdout.contains("LABBOOK_SIMD asks for what is not here")
            && ran.stdout.contains("there is no `labbook.toml`")
    );
    book.write("chapters/01-case.md", b"# A chapter\n\n```{figure} f\n```\n");
    assert!(book.succeed(&["doctor"]).stdout.contains("see `labbook check`"));
}
