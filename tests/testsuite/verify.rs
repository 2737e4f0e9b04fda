//! `labbook verify`: a record that is not what fresh runs give is found, and said why.

use labbook::files;
use serde_json::Value as Json;

use crate::book::{Book, Ran};

const CHAPTER: &str = r#"# A chapter

```{dataset} rows
path  = "data/rows.csv"
label = "class"
split = { train = 60, test = 30 }
```

```{model} net
kind   = "mlp"
hidden = [4]
```

```{experiment} one
dataset = "rows"
models  = ["logistic", "net"]
sweep   = { m = [20, 40] }
train   = { epochs = 3, batch = 10 }
seeds   = 2
```

```{experiment} two
dataset = "moons"
models  = ["net"]
train   = { epochs = 2, batch = 50 }
seeds   = 2
```
"#;

/// Two clouds that overlap.
fn rows() -> String {
    let row = |i: i32| {
        let (x, y) = ((i * 37 % 101) as f64 / 50.0, (i * 61 % 89) as f64 / 45.0);
        format!("{x},{y},{}\n", if x + 0.3 * y > 1.3 { "a" } else { "b" })
    };
    "x,y,class\n".to_owned() + &(0..90).map(row).collect::<String>()
}

/// A book with its results recorded, and nothing in its cache.
fn recorded() -> Book {
    let book = Book::chapter(CHAPTER);
    book.write("data/rows.csv", rows().as_bytes());
    book.succeed(&["run"]);
    book.succeed(&["record"]);
    book.remove_folder(".labbook");
    book
}

/// Puts another number in the place of a measure of the net under `m` = 40 and seed 2; returns the one that was there.
fn edit(book: &Book, measure: &str, number: &str) -> String {
    let text = book.text("results/one.json");
    let run = text.find(r#""params": {"m":40,"model":"net"}, "seed": 2"#).unwrap();
    let name = format!("\"{measure}\":");
    let at = run + text[run..].find(&name).unwrap() + name.len();
    let end = at + text[at..].find([',', '}']).unwrap();
    book.write("results/one.json", format!("{}{number}{}", &text[..at], &text[end..]).as_bytes());
    text[at..end].to_owned()
}

#[track_caller]
fn finds(book: &Book, arguments: &[&str], words: &[&str]) -> String {
    let ran = book.run(&[&["verify"], arguments].concat());
    let missing: Vec<_> = words.iter().filter(|word| !ran.stdout.contains(**word)).collect();
    assert!(ran.code == 4 && missing.is_empty(), "exit {}, without {missing:?}: {ran:?}", ran.code);
    ran.stdout
}

fn json(book: &Book, arguments: &[&str]) -> Json {
    serde_json::from_str(&book.run(&[&["verify", "--format", "json"], arguments].concat()).stdout).unwrap()
}

#[test]
fn a_record_agrees_with_fresh_runs_and_the_cache_is_left_alone() {
    let book = recorded();
    let ran = book.succeed(&["verify", "--jobs", "1"]);
    assert_eq!(ran.stdout, "10 of 10 recorded runs ran again: no difference\n");
    assert!(!book.path(".labbook/runs-v1").exists());
    let ran = book.succeed(&["verify", "--all", "--jobs", "3"]);
    assert_eq!(ran.stdout, "10 of 10 recorded runs ran again: no difference\n");
    let ran = book.succeed(&["verify", "two"]);
    assert_eq!(ran.stdout, "2 of 2 recorded runs ran again: no difference\n");
    // A cache that lies is not believed either way.
    book.succeed(&["run"]);
    book.succeed(&["verify", "two"]).says(0, &["2 of 2 runs have to run"]);
}

#[test]
fn an_edited_number_is_named_with_what_it_should_be() {
    let book = recorded();
    let accuracy = edit(&book, "test_accuracy", "0.999");
    let found = finds(&book, &[], &["edited: one[model=net, m=40, seed=2]: the checksum is not that", "1 edited"]);
    let line = found.lines().find(|line| line.contains("test_accuracy")).unwrap();
    assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["test_accuracy", "0.999", &accuracy]);
    assert_eq!(found.lines().count(), 4, "one run, the head of its table, one number, the count: {found}");

    let found = json(&book, &["one"]);
    let finding = &found["findings"][0];
    assert_eq!((&finding["class"], &finding["experiment"]), (&"edited".into(), &"one".into()));
    assert_eq!((&finding["params"], &finding["seed"]), (&serde_json::json!({"m": 40, "model": "net"}), &2.into()));
    let difference = &finding["differences"][0];
    assert_eq!(difference["what"], "test_accuracy");
    assert_eq!(difference["recorded"], 0.999);
    assert_eq!(difference["computed"].to_string(), accuracy);

    // However small the sample and the budget, an edited record is among what runs first.
    finds(&book, &["--sample", "1"], &["1 edited", "2 of 10 recorded runs ran again"]);

    let ran = Ran::of(book.command(&["verify"]).env("GITHUB_ACTIONS", "true"));
    let text = book.text("results/one.json");
    let run = text.find(r#""params": {"m":40,"model":"net"}, "seed": 2"#).unwrap();
    let line = text[..run].lines().count() + 1;
    ran.says(4, &[&format!("::error file=results/one.json,line={line},col=15::edited: one[model=net, m=40, seed=2]")]);
    ran.says(4, &["test_accuracy is recorded as 0.999 and computed as "]);
}

/// Whoever edits a number may mend the checksum as well; a fresh run tells all the same.
#[test]
fn numbers_whose_checksum_was_mended_are_drift() {
    let book = recorded();
    let loss = edit(&book, "test_loss", "0.125");
    let text = book.text("results/one.json");
    let run =
        text[text.find(r#""params": {"m":40,"model":"net"}, "seed": 2"#).unwrap()..].split("\n    }").next().unwrap();
    let of: Json = serde_json::from_str(&format!("{{{run}}}")).unwrap();
    let head =
        format!("{} {} {} {} {}", of["key"].as_str().unwrap(), of["params"], of["seed"], of["data"], of["version"]);
    // The lines of the result, each fact one: the brackets of the courses belong to theirs.
    let facts = run.split_once("\"ending\"").unwrap().1;
    let facts = format!("\"ending\"{facts}").replace(",\n      \"", "\n\"");
    let sum = blake3::hash(format!("{head}\n{facts}").as_bytes()).to_hex()[..16].to_owned();
    let (head, old) = run.split_once("\"checksum\": \"").unwrap();
    let mended = format!("{head}\"checksum\": \"{sum}{}", &old[16..]);
    book.write("results/one.json", text.replace(run, &mended).as_bytes());

    let found = finds(&book, &["one"], &["drift: one[model=net, m=40, seed=2]", "and it gives the same twice"]);
    assert!(found.contains("test_loss") && found.contains("0.125") && found.contains(&loss), "{found}");
}

#[test]
fn what_makes_a_record_stale_is_told_apart() {
    let book = recorded();
    book.write("data/rows.csv", rows().replace("0.02,", "0.03,").as_bytes());
    finds(&book, &[], &["data changed: one[model=logistic, m=20, seed=1]: data.identity.digest: ", "8 data changed\n"]);
    book.write("data/rows.csv", rows().as_bytes());

    book.replace("chapters/01-case.md", "epochs = 2", "epochs = 3");
    let said = "declaration changed: two[model=net, seed=1]: its declaration changed since it was recorded";
    let found = finds(&book, &[], &[said, "2 declaration changed"]);
    assert!(found.contains("steps ") && !found.contains("one["), "what that changed is shown: {found}");
    book.replace("chapters/01-case.md", "epochs = 3, batch = 50", "epochs = 2, batch = 50");

    let text = book.text("results/two.json");
    let older =
        text.replace("\"version\": {\"model\":2", "\"version\": {\"model\":0").replace("\"key\": \"", "\"key\": \"0");
    assert_ne!(older, text);
    book.write("results/two.json", older.as_bytes());
    finds(&book, &["two"], &["version changed: two[model=net, seed=2]: version.model: 0 → ", "2 version changed"]);

    files::remove(&book.path("results/two.json")).unwrap();
    finds(&book, &[], &["missing: two[model=net, seed=1]: it is not recorded", "8 of 8 recorded runs", "2 missing"]);
    book.run(&["verify", "tow"]).says(1, &["there is no experiment `tow`; did you mean `two`?"]);
}

#[test]
fn a_sample_follows_its_seed_and_a_budget_leaves_the_rest() {
    let book = recorded();
    let ran = book.succeed(&["verify", "--sample", "3"]);
    assert_eq!(ran.stdout, "3 of 10 recorded runs ran again: no difference\n");
    let ran = book.succeed(&["verify", "--budget", "0s"]);
    assert_eq!(ran.stdout, "0 of 10 recorded runs ran again; 10 were left when the budget was over: no difference\n");
    assert_eq!(json(&book, &["--budget", "0s"])["left"], 10);
    assert_eq!(book.run(&["verify", "--budget", "soon"]).code, 2);
    assert_eq!(book.run(&["verify", "--all", "--sample", "3"]).code, 2);

    files::remove(&book.path("data/rows.csv")).unwrap();
    let ran = book.succeed(&["verify"]);
    assert_eq!(ran.stdout, "2 of 10 recorded runs ran again; 8 cannot run: their data are not here: no difference\n");
}

#[test]
fn a_record_of_another_profile_is_no_stale_record() {
    let book = recorded();
    let settings = "[book]\ntitle = \"A case\"\n\n[profile.quick]\nepochs = 1\n";
    book.write("labbook.toml", settings.as_bytes());
    book.succeed(&["verify"]);
    let found = finds(&book, &["two", "--profile", "quick"], &["2 missing"]);
    assert!(!found.contains("declaration changed"), "{found}");
}
