//! The output as a research object, and what pages say of themselves to programs.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::book::{Book, Ran};

const CHAPTER: &str = r#"# Tags </script> & <b>

```{dataset} rows
from  = "moons"
split = { train = 60, test = 30 }
```

```{experiment} one
dataset = "rows"
models  = ["logistic"]
sweep   = { m = [20, 40] }
seeds   = 2
```

```{table} tbl-one
of      = "one"
rows    = "m"
columns = "model"
value   = "test_accuracy"
```
"#;

const SETTINGS: &str = r#"[book]
title       = "Rows & <columns>"
authors     = ["A. Author", "B. Author"]
description = "A book."
date        = 2026-03-01
licence     = "CC-BY-4.0"
"#;

const PATH: &str = "output/ro-crate-metadata.json";

fn book(settings: &str) -> Book {
    Book::of(&[("labbook.toml", settings), ("chapters/01-case.md", CHAPTER)])
}

/// The entities by their id, each of which there is once.
fn entities(book: &Book) -> BTreeMap<String, Json> {
    let metadata: Json = serde_json::from_str(&book.text(PATH)).unwrap();
    assert_eq!(metadata["@context"], "https://w3id.org/ro/crate/1.1/context");
    let mut entities = BTreeMap::new();
    for entity in metadata["@graph"].as_array().unwrap() {
        let id = entity["@id"].as_str().unwrap().to_owned();
        assert!(entity["@type"].is_string(), "{entity}");
        assert!(entities.insert(id, entity.clone()).is_none(), "twice: {entity}");
    }
    entities
}

/// Every id that something in it refers to.
fn references(value: &Json, into: &mut BTreeSet<String>) {
    match value {
        Json::Array(items) => items.iter().for_each(|item| references(item, into)),
        Json::Object(fields) if fields.len() == 1 && fields.contains_key("@id") => {
            into.insert(fields["@id"].as_str().unwrap().to_owned());
        }
        Json::Object(fields) => fields.values().for_each(|value| references(value, into)),
        _ => {}
    }
}

#[test]
fn the_output_describes_itself_by_the_specification() {
    let book = book(SETTINGS);
    book.succeed(&["build"]);
    let entities = entities(&book);
    let descriptor = &entities["ro-crate-metadata.json"];
    assert_eq!(descriptor["about"], json!({"@id": "./"}));
    assert_eq!(descriptor["conformsTo"], json!({"@id": "https://w3id.org/ro/crate/1.1"}));
    let root = &entities["./"];
    assert_eq!((&root["@type"], &root["name"]), (&json!("Dataset"), &json!("Rows & <columns>")));
    assert_eq!((&root["datePublished"], &root["license"]), (&json!("2026-03-01"), &json!({"@id": "#licence"})));
    assert_eq!(entities["#licence"], json!({"@id": "#licence", "@type": "CreativeWork", "name": "CC-BY-4.0"}));
    assert_eq!(entities["#author-2"], json!({"@id": "#author-2", "@type": "Person", "name": "B. Author"}));

    let listed: BTreeSet<&str> =
        root["hasPart"].as_array().unwrap().iter().map(|part| part["@id"].as_str().unwrap()).collect();
    let mut lying = book.tree("output");
    lying.retain(|path, _| !path.starts_with('.') && path != "ro-crate-metadata.json");
    assert_eq!(listed, lying.keys().map(String::as_str).collect());
    for (path, bytes) in &lying {
        assert_eq!(entities[path]["contentSize"], bytes.len().to_string(), "{path}");
    }

    let mut referred = BTreeSet::new();
    entities.values().for_each(|entity| references(entity, &mut referred));
    let unknown: Vec<_> = referred.iter().filter(|id| !entities.contains_key(*id)).collect();
    assert_eq!(unknown, ["https://w3id.org/ro/crate/1.1"]);
}

#[test]
fn an_experiment_is_an_action_with_what_went_in_and_what_came_out() {
    let book = book(SETTINGS);
    book.succeed(&["build"]);
    let entities = entities(&book);
    let action = &entities["#run-one"];
    assert_eq!(entities["./"]["mentions"], json!([{"@id": "#run-one"}]));
    assert_eq!(action["@type"], "CreateAction");
    assert_eq!(action["name"], "The experiment one: 4 of 4 runs have a result");
    assert_eq!(action["actionStatus"], "http://schema.org/CompletedActionStatus");
    assert_eq!(entities[action["instrument"]["@id"].as_str().unwrap()]["@type"], "SoftwareApplication");
    let ids =
        |key: &str| action[key].as_array().unwrap().iter().map(|of| of["@id"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(ids("result"), ["data/one.csv", "data/one.json", "provenance/one.json"]);
    assert_eq!(
        ids("object"),
        ["provenance/rows.json", "#parameter-one-model", "#parameter-one-m", "#parameter-one-seed"]
    );
    assert_eq!(
        (&entities["#parameter-one-m"]["value"], &entities["#parameter-one-seed"]["value"]),
        (&json!("20, 40"), &json!("1, 2"))
    );
}

#[test]
fn the_date_is_the_books_own_or_that_of_the_environment_and_never_the_clocks() {
    let undated = book("[book]\ntitle = \"A case\"\n");
    undated.succeed(&["build"]);
    assert!(!undated.path(PATH).exists(), "a research object has to have a date");
    let build = |book: &Book, seconds: &str| Ran::of(book.command(&["build"]).env("SOURCE_DATE_EPOCH", seconds));
    assert_eq!(build(&undated, "1709164800").code, 0);
    assert_eq!(entities(&undated)["./"]["datePublished"], "2024-02-29");
    build(&undated, "yesterday").says(1, &["`SOURCE_DATE_EPOCH` must be whole seconds since 1970"]);
    let of_chapter = format!("+++\ndate = 2025-05-06\n+++\n{CHAPTER}");
    undated.write("chapters/02-dated.md", of_chapter.split("```").next().unwrap().as_bytes());
    undated.succeed(&["build"]);
    assert_eq!(entities(&undated)["./"]["datePublished"], "2025-05-06");

    let dated = book(SETTINGS);
    assert_eq!(build(&dated, "1709164800").code, 0);
    assert_eq!(entities(&dated)["./"]["datePublished"], "2026-03-01");
    dated.replace("labbook.toml", "2026-03-01", "\"March\"");
    dated.run(&["check"]).says(1, &["`date` must be a date", "labbook.toml:5"]);
}

/// What a page says of itself: the JSON between its script tags.
fn linked_data(book: &Book, page: &str) -> Json {
    let text = book.text(&format!("output/{page}"));
    let (_, after) =
        text.split_once("<script type=\"application/ld+json\">").unwrap_or_else(|| panic!("none in {page}"));
    let data: Json = serde_json::from_str(after.split_once("</script>").unwrap().0).unwrap();
    assert_eq!(data["@context"], "https://schema.org");
    data
}

#[test]
fn pages_say_what_they_are() {
    let book = book(SETTINGS);
    book.succeed(&["build"]);
    let title = linked_data(&book, "index.html");
    assert_eq!((&title["@type"], &title["name"]), (&json!("Book"), &json!("Rows & <columns>")));
    assert_eq!((&title["datePublished"], &title["license"]), (&json!("2026-03-01"), &json!("CC-BY-4.0")));
    assert_eq!(title["author"][1]["name"], "B. Author");
    assert_eq!(
        (&title["hasPart"][0]["@type"], &title["hasPart"][0]["url"]),
        (&json!("Chapter"), &json!("01-case.html"))
    );
    let chapter = linked_data(&book, "01-case.html");
    assert_eq!((&chapter["@type"], &chapter["position"]), (&json!("Chapter"), &json!(1)));
    assert_eq!(chapter["isPartOf"]["url"], "index.html");
    let data = linked_data(&book, "provenance/one.html");
    assert_eq!(
        (&data["@type"], &data["distribution"][0]["contentUrl"]),
        (&json!("Dataset"), &json!("../data/one.csv"))
    );
    assert_eq!(linked_data(&book, "colophon.html")["mentions"]["@type"], "SoftwareApplication");
}

/// `pipx install roc-validator`, then `cargo test --release --test testsuite validator -- --ignored`.
#[test]
#[ignore = "needs the program rocrate-validator"]
fn the_validator_of_the_specification_finds_nothing() {
    let book = book(SETTINGS);
    book.succeed(&["build"]);
    for profile in ["ro-crate-1.1", "process-run-crate"] {
        let mut command = Command::new("rocrate-validator");
        command.args(["--disable-color", "validate", "--no-paging", "--requirement-severity", "required"]);
        let ran = Ran::of(command.args(["--profile-identifier", profile]).arg(book.path("output")));
        assert_eq!(ran.code, 0, "{profile}: {}{}", ran.stdout, ran.stderr);
    }
}
