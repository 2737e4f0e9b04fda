//! Where things come from: `why`, and the provenance pages.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::book::Book;

const CHAPTER: &str = r#"# A chapter

```{dataset} half
from  = "moons"
noise = 0.3
```

```{model} net
kind   = "mlp"
hidden = [4]
```

```{experiment} grow
dataset = "half"
models  = ["logistic", "net"]
sweep   = { m = [20, 60] }
train   = { epochs = 2, batch = 10 }
seeds   = 2
```

```{figure} fig-grow
of      = "grow"
plot    = "line"
x       = "m"
y       = "test_accuracy"
where   = { model = "net" }
caption = "The net."
alt     = "One curve."
```

```{table} tbl-grow
of = "grow"
rows = "model"
columns = "m"
value = "test_accuracy"
```

```{claim} claim-net
says  = "The net learns."
holds = "grow[model=net, m=60].test_accuracy > grow[model=logistic, m=60].test_accuracy - 0.5"
```

It reaches {val}`grow[model=net, m=60].test_accuracy`, I say {val}`grow[model=net, m=60].test_accuracy`.
"#;

fn why(book: &Book, name: &str) -> Json {
    serde_json::from_str(&book.succeed(&["why", name, "--format", "json"]).stdout).unwrap()
}

fn of<'j>(runs: &'j Json, name: &str) -> BTreeSet<&'j str> {
    runs["runs"].as_array().unwrap().iter().map(|run| run["params"][name].as_str().unwrap_or_default()).collect()
}

#[test]
fn a_figure_rests_on_the_runs_it_shows() {
    let book = Book::chapter(CHAPTER);
    let lineage = why(&book, "fig-grow");
    assert_eq!(lineage["runs"].as_array().unwrap().len(), 4, "two sizes, two seeds, one model");
    assert_eq!(of(&lineage, "model"), BTreeSet::from(["net"]));
    assert_eq!(lineage["declaration"]["place"], "chapters/01-case.md:21");
    assert!(lineage["declaration"]["text"].as_str().unwrap().starts_with("```{figure} fig-grow\n"));
    let rests_on: Vec<&str> =
        lineage["rests_on"].as_array().unwrap().iter().map(|d| d["id"].as_str().unwrap()).collect();
    assert_eq!(rests_on, ["grow", "half", "net"]);
    assert_eq!(lineage["datasets"][0]["id"], "half");
    assert_eq!(lineage["datasets"][0]["licence"], "MIT OR Apache-2.0");
    assert_eq!(lineage["command"], "labbook run grow --rerun");
    assert!(lineage["versions"]["mlp"].is_u64() && lineage["versions"]["run"].is_u64());
    assert!(lineage["runs"][0]["ending"].is_null(), "nothing has run yet");
    book.succeed(&["run"]);
    assert_eq!(why(&book, "fig-grow")["runs"][0]["ending"], "finished");
}

#[test]
fn the_keys_are_those_of_the_plan() {
    let book = Book::chapter(CHAPTER);
    let plan: Json = serde_json::from_str(&book.succeed(&["plan", "--format", "json"]).stdout).unwrap();
    let planned: BTreeSet<&str> =
        plan["runs"].as_array().unwrap().iter().map(|run| run["key"].as_str().unwrap()).collect();
    let lineage = why(&book, "grow");
    let keys: BTreeSet<&str> =
        lineage["runs"].as_array().unwrap().iter().map(|run| run["key"].as_str().unwrap()).collect();
    assert_eq!(keys, planned);
}

#[test]
fn a_claim_and_a_number_rest_on_what_they_select() {
    let book = Book::chapter(CHAPTER);
    assert_eq!(why(&book, "claim-net")["runs"].as_array().unwrap().len(), 4);
    let number = why(&book, "grow[model=net, m=60].test_accuracy");
    assert_eq!(number["runs"].as_array().unwrap().len(), 2);
    assert_eq!(number["also_at"].as_array().unwrap().len(), 1, "it is printed twice");
    assert_eq!(why(&book, number["id"].as_str().unwrap()), number, "its name means the same");
    assert_eq!(why(&book, "grow[model=net, m=60, seed=2].test_accuracy")["seeds"], serde_json::json!([2]));
    let text = book.succeed(&["why", "claim-net"]).stdout;
    for words in ["claim claim-net  (chapters/01-case.md:", "rests on grow", "origin: ", "model.kind: ", "run again"] {
        assert!(text.contains(words), "no `{words}`: {text}");
    }
}

#[test]
fn a_claim_tells_its_verdict_and_how_it_was_reached() {
    let book = Book::chapter(CHAPTER);
    let unchecked = why(&book, "claim-net");
    assert_eq!(unchecked["finding"]["verdict"], "unchecked");
    book.succeed(&["run"]);
    let finding = &why(&book, "claim-net")["finding"];
    let of = &finding["comparisons"][0];
    assert!(finding["verdict"].is_string() && finding["verdict"] != "unchecked", "{finding}");
    assert_eq!((&of["operator"], &of["margin"], &of["n"]), (&">".into(), &(-0.5).into(), &2.into()));
    assert!(of["method"].as_str().is_some_and(|method| method.contains("seed")), "{of}");
    let text = book.succeed(&["why", "claim-net"]).stdout;
    for words in ["\nverdict: ", "  effect: ", "  margin: > −50 points", "  seeds: 2", "  test: "] {
        assert!(text.contains(words), "no `{words}`: {text}");
    }
    assert!(!book.succeed(&["why", "fig-grow"]).stdout.contains("verdict"));
}

#[test]
fn the_variants_of_a_dataset_share_one_section() {
    let swept = CHAPTER.replace("m = [20, 60] }", "noise = [0.1, 0.2], m = [20, 60] }");
    let fixed =
        swept.replace("m=60]", "m=60, noise=0.1]").replace("model = \"net\" }", "model = \"net\", noise = 0.1 }");
    let book = Book::chapter(&fixed.replace("rows = \"model\"", "rows = \"model\"\nwhere = { noise = 0.1 }"));
    book.succeed(&["build"]);
    let page = book.text("output/provenance/grow.html");
    assert_eq!(page.matches(">Data</h2>").count(), 1, "{page}");
    assert_eq!(page.matches("<th scope=\"row\">half[").count(), 2, "{page}");
}

#[test]
fn a_wrong_name_is_answered_with_the_nearest() {
    let book = Book::chapter(CHAPTER);
    book.run(&["why", "fig-grwo"]).says(1, &["there is no `fig-grwo` in the book; did you mean `fig-grow`?"]);
    book.run(&["why", "grow[modle=net].test_accuracy"]).says(1, &["has no axis `modle`", "did you mean `model`?"]);
    book.run(&["why", "grow[model=net, m=60].test_acuracy"]).says(1, &["did you mean `test_accuracy`?"]);
}

#[test]
fn everything_shown_leads_to_its_provenance() {
    let book = Book::chapter(CHAPTER);
    book.succeed(&["build"]);
    let (page, files) = (book.text("output/01-case.html"), book.tree("output"));
    let number = why(&book, "grow[model=net, m=60].test_accuracy")["id"].as_str().unwrap().to_owned();
    for id in ["fig-grow", "tbl-grow", "claim-net", "grow", "half", "net", number.as_str()] {
        assert!(page.contains(&format!("href=\"provenance/{id}.html\"")), "no link to the provenance of {id}");
        let of = book.text(&format!("output/provenance/{id}.html"));
        let lineage: Json = serde_json::from_slice(&files[&format!("provenance/{id}.json")]).unwrap();
        for run in lineage["runs"].as_array().unwrap() {
            assert!(of.contains(run["key"].as_str().unwrap()), "a key is missing on the page of {id}");
        }
        assert!(of.contains("--rerun"), "{id} does not say how to redo it");
    }
    for id in ["fig-grow", "tbl-grow", "claim-net", "grow", number.as_str()] {
        let of = book.text(&format!("output/provenance/{id}.html"));
        for kind in ["csv", "json"] {
            let path = format!("data/{id}.{kind}");
            assert!(files.contains_key(&path) && of.contains(&format!("href=\"../{path}\"")), "no {path}");
        }
    }
    assert!(files.contains_key("figures/fig-grow.svg"));
    let anchor = format!("id=\"{number}\"");
    assert_eq!(page.matches(&anchor).count(), 1, "a number printed twice has one anchor");
    let values = String::from_utf8(files[&format!("data/{number}.csv")].clone()).unwrap();
    assert_eq!(values.lines().count(), 3, "a row a seed: {values}");
}

#[test]
fn nothing_measured_stands_in_the_files_beside_the_pages() {
    let book = Book::chapter(CHAPTER);
    book.succeed(&["build"]);
    assert!(book.succeed(&["export", "grow"]).stdout.contains(",seconds,"));
    let seconds = |(_, bytes): &(String, Vec<u8>)| String::from_utf8_lossy(bytes).contains("seconds");
    let with: Vec<_> = book.tree("output/data").into_iter().filter(seconds).map(|(path, _)| path).collect();
    assert!(with.is_empty(), "{with:?}");
}
