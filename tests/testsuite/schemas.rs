//! The published JSON Schemas, against what the program prints and what authors write.

use std::path::Path;

use jsonschema::Validator;
use labbook::files;
use serde_json::{Value as Json, json};

use crate::book::{Book, cases};

fn validator(of: &str) -> Validator {
    let schema = Book::of(&[]).succeed(&["schema", of]).stdout;
    jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap()
}

#[track_caller]
fn accepts(validator: &Validator, instance: &Json) {
    let faults: Vec<String> =
        validator.iter_errors(instance).map(|e| format!("{e} at {}", e.instance_path())).collect();
    assert!(faults.is_empty(), "{instance}: {}", faults.join("\n"));
}

#[test]
fn exports_and_published_data_are_what_the_schema_says() {
    let book = Book::copy("small");
    book.succeed(&["build"]);
    let validator = validator("results");
    for experiment in ["moons-grow", "flowers", "depths"] {
        let export: Json =
            serde_json::from_str(&book.succeed(&["export", experiment, "--format", "json"]).stdout).unwrap();
        assert!(!export.as_array().unwrap().is_empty());
        accepts(&validator, &export);
        let published = serde_json::from_str(&book.text(&format!("output/data/{experiment}.json"))).unwrap();
        accepts(&validator, &published);
    }
    let row = json!({"model": "svm", "seed": 1, "measure": "test_accuracy", "step": null, "value": 0.5});
    assert!(validator.is_valid(&json!([row])));
    for (key, wrong) in [("seed", json!(-1)), ("value", json!("0.5")), ("measure", json!(null)), ("step", json!(1.5))] {
        let mut bad = row.clone();
        bad[key] = wrong;
        assert!(!validator.is_valid(&json!([bad])), "{key}");
        let mut bad = row.clone();
        bad.as_object_mut().unwrap().remove(key);
        assert!(!validator.is_valid(&json!([bad])), "without {key}");
    }
}

#[test]
fn the_schemas_lie_in_the_output() {
    let book = Book::chapter("# A chapter\n");
    book.succeed(&["build"]);
    for of in ["results", "directives"] {
        assert_eq!(book.text(&format!("output/schema/{of}.json")), book.succeed(&["schema", of]).stdout);
    }
}

/// Kind and body of every directive of a text, the body read as TOML.
fn directives(text: &str) -> Vec<(String, Json)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```{").and_then(|rest| rest.split_once('}')).map(|(kind, _)| kind) else {
            continue;
        };
        let body: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
        if let Ok(body) = toml::from_str::<toml::Table>(&body.join("\n")) {
            found.push((kind.to_owned(), serde_json::to_value(body).unwrap()));
        }
    }
    found
}

#[test]
fn the_directives_of_sound_books_are_what_the_schema_says() {
    let validator = validator("directives");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["chapters", "examples/first-book/chapters"].map(|folder| root.join(folder));
    let mut count = 0;
    for folder in
        folders.into_iter().chain(["plain", "small", "absent-data"].map(|case| cases().join(case).join("chapters")))
    {
        for path in files::walk(&folder).unwrap() {
            let text = files::read_text(&folder.join(&path)).unwrap();
            for (kind, body) in
                directives(&text).into_iter().filter(|(kind, _)| !["show", "include"].contains(&kind.as_str()))
            {
                accepts(&validator, &json!({ kind: body }));
                count += 1;
            }
        }
    }
    assert!(count > 40, "{count} directives");
}

#[test]
fn a_wrong_directive_is_not() {
    let validator = validator("directives");
    let figure = json!({"of": "scale", "plot": "line", "caption": "C"});
    accepts(&validator, &json!({"figure": figure}));
    accepts(&validator, &json!({"model": {"kind": "svm", "C": 1.0, "gamma": "scale", "m-max": 100, "show": false}}));
    accepts(&validator, &json!({"model": {"kind": "mlp", "hidden": [4], "train": {"lr": 0.1}}}));
    for (kind, body) in [
        ("figure", json!({"of": "scale", "plot": "lines", "caption": "C"})),
        ("figure", json!({"of": "scale", "plot": "line", "caption": "C", "colour": "model"})),
        ("claim", json!({"says": "It wins."})),
        ("dataset", json!({"from": "moons", "path": "a.csv"})),
        ("model", json!({"kind": "multilayer"})),
        ("model", json!({"kind": "svm", "hidden": [4]})),
        ("model", json!({"kind": "mlp", "hiden": [4]})),
        ("table", json!({"of": "scale", "rows": "model", "columns": "m"})),
        ("picture", json!({})),
    ] {
        assert!(!validator.is_valid(&json!({ kind: body })), "{kind}: {body}");
    }
}

/// Where no known key is near an unknown one, the diagnostic lists them all.
#[test]
fn the_schema_names_the_keys_that_are_read() {
    let schema: Json = serde_json::from_str(&Book::of(&[]).succeed(&["schema", "directives"]).stdout).unwrap();
    let head = "# A\n```{experiment} e\ndataset = \"moons\"\nmodels = [\"svm\"]\nsweep = { m = [20, 40] }\n";
    let rest = "```\n```{figure} fig-a\nof = \"e\"\nplot = \"line\"\nx = \"m\"\ny = \"test_accuracy\"\ncaption = \"C\"\n\
                ```\n```{table} tbl-a\nof = \"e\"\nrows = \"model\"\ncolumns = \"m\"\nvalue = \"test_accuracy\"\n\
                ```\n```{claim} claim-a\nsays = \"S\"\nholds = \"e[m=20].test_accuracy > 0\"\n```\n";
    for (kind, id) in [("experiment", "e"), ("figure", "fig-a"), ("table", "tbl-a"), ("claim", "claim-a")] {
        let text = format!("{head}{rest}");
        let opening = format!("```{{{kind}}} {id}\n");
        let said =
            Book::chapter(&text.replace(&opening, &format!("{opening}qqqqqqqqqqqqqqqq = 1\n"))).run(&["check"]).stderr;
        let read = said.split("known keys are ").nth(1).unwrap_or_else(|| panic!("{said}"));
        let mut read: Vec<&str> = read.lines().next().unwrap().split('`').skip(1).step_by(2).collect();
        let definition = format!("{}{}", kind[..1].to_uppercase(), &kind[1..]);
        let mut described: Vec<&str> =
            schema["$defs"][&definition]["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        // Which of these two is asked depends on the other keys.
        let either = |keys: &mut Vec<&str>| {
            keys.retain(|key| !matches!((kind, *key), ("figure", "value") | ("table", "values")));
            keys.sort_unstable();
        };
        either(&mut read);
        either(&mut described);
        assert_eq!(described, read, "{kind}");
    }
}
