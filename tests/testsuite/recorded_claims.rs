//! Claims beside the results of record: one that was changed after its results is shown as such.

use crate::book::Book;

const CHAPTER: &str = r#"# A chapter

```{experiment} grow
dataset = "moons"
models  = ["logistic", "mlp"]
sweep   = { m = [20, 60] }
train   = { epochs = 2, batch = 10 }
seeds   = 3
```

```{claim} claim-net
says  = "The net is not far behind."
holds = "grow[model=mlp, m=60].test_accuracy > grow[model=logistic, m=60].test_accuracy - 0.5"
```

```{claim} claim-more
says  = "More examples help."
holds = "grow[model=logistic, m=60].test_accuracy > grow[model=logistic, m=20].test_accuracy"
```

It reaches {val}`grow[model=mlp, m=60].test_accuracy`.
"#;

const PATH: &str = "chapters/01-case.md";
const PAGE: &str = "output/01-case.html";
const SAID: &str = "Changed after its results were first recorded.";

fn recorded() -> Book {
    let book = Book::chapter(CHAPTER);
    book.succeed(&["build"]);
    book.succeed(&["record"]).says(0, &["2 claims in `results/claims.toml`"]);
    book
}

#[test]
fn a_margin_changed_after_its_results_is_shown() {
    let book = recorded();
    let file = book.text("results/claims.toml");
    assert!(file.starts_with("[claim-more.first]\n") && !file.contains("now = "), "{file}");
    let ran = book.succeed(&["build"]);
    assert!(!ran.stderr.contains("note:") && !book.text(PAGE).contains(SAID), "{}", ran.stderr);

    book.replace(PATH, "test_accuracy - 0.5\"", "test_accuracy - 0.25\"");
    let note = "note: `claim-net` was changed after its results were first recorded";
    for arguments in [&["build"][..], &["build", "--frozen"], &["record"]] {
        let ran = book.succeed(arguments);
        ran.says(0, &[note]);
        assert!(!ran.stderr.contains("claim-more"), "{}", ran.stderr);
    }
    let page = book.text(PAGE);
    assert_eq!(page.matches(SAID).count(), 1);
    assert!(page.contains("grow[model=logistic, m=60].test_accuracy - 0.5</dd>"), "its earlier form is shown");
    assert!(book.text("output/colophon.html").contains("<dt>changed after recording</dt><dd>1 (claim-net)</dd>"));
    let why = book.succeed(&["why", "claim-net"]).stdout;
    assert!(why.contains("changed after its results were first recorded; it was then") && why.contains("- 0.5\n"));

    // What it said first stays, whatever is recorded later; what it says now stands beside it.
    let now = book.text("results/claims.toml");
    assert!(now.contains("test_accuracy - 0.5\"") && !now.contains("0.25") && now.contains("now = "), "{now}");
    book.replace(PATH, "test_accuracy - 0.25\"", "test_accuracy - 0.50\"");
    let ran = book.succeed(&["record"]);
    assert!(!ran.stderr.contains("note:"), "{}", ran.stderr);
    assert_eq!(book.text("results/claims.toml"), file);
}

#[test]
fn a_claim_that_was_gone_comes_back_with_its_history() {
    let book = recorded();
    let claim = "```{claim} claim-net\nsays  = \"The net is not far behind.\"\nholds = \"grow[model=mlp, m=60].test_accuracy > \
                 grow[model=logistic, m=60].test_accuracy - 0.5\"\n```\n";
    book.replace(PATH, claim, "");
    book.succeed(&["record"]).says(0, &["1 claim in `results/claims.toml`"]);
    assert!(book.text("results/claims.toml").contains("gone = true"));
    book.succeed(&["verify", "--sample", "1"]);
    book.replace(PATH, "It reaches", &format!("{}\nIt reaches", claim.replace("0.5", "0.9")));
    book.succeed(&["record"]).says(0, &["note: `claim-net` was changed after its results were first recorded"]);
    assert!(!book.text("results/claims.toml").contains("gone = true"));
}

#[test]
fn a_claim_written_to_recorded_results_says_so() {
    const LATE: &str = "Added when the results that decide it had been recorded.";
    let book = recorded();
    book.replace(
        PATH,
        "It reaches",
        "```{claim} claim-late\nsays  = \"The net is right at times.\"\nholds = \"grow[model=mlp, m=60].test_accuracy > 0.1\"\n```\n\nIt reaches",
    );
    let noted = "note: `claim-late` was added when the results that decide it had been recorded";
    assert!(book.succeed(&["record"]).stderr.contains(noted));
    book.succeed(&["build"]);
    assert_eq!(book.text(PAGE).matches(LATE).count(), 1);
    assert!(book.text("output/colophon.html").contains("<dt>added after recording</dt><dd>1 (claim-late)</dd>"));
    assert!(book.succeed(&["why", "claim-late"]).stdout.contains("added when the results that decide it"));
}

#[test]
fn verification_looks_at_what_is_recorded_of_claims() {
    const FILE: &str = "results/claims.toml";
    #[track_caller]
    fn finds(book: &Book, arguments: &[&str], line: &str) {
        let ran = book.run(&[&["verify", "--sample", "1"], arguments].concat());
        assert!(ran.code == 4 && ran.stdout.starts_with(line) && ran.stdout.lines().count() == 2, "{ran:?}");
    }
    let book = recorded();
    book.succeed(&["verify", "--sample", "1"]);
    let text = book.text(FILE);

    // Whoever moves a margin after the results may move it in the record as well: its digest tells.
    book.replace(PATH, "test_accuracy - 0.5\"", "test_accuracy - 0.25\"");
    finds(&book, &["grow"], "declaration changed: claim-net: it was changed since it was last recorded");
    book.replace(FILE, "test_accuracy - 0.5\"", "test_accuracy - 0.25\"");
    finds(&book, &[], "edited: claim-net: its first wording does not match its digest");
    book.write(FILE, text.as_bytes());
    book.succeed(&["record"]);
    book.succeed(&["verify", "--sample", "1"]);

    // A claim that was taken out of the record is missed, one that was taken out of the book too.
    book.write(FILE, text.split_once("[claim-net").unwrap().0.as_bytes());
    finds(&book, &[], "missing: claim-net: its results are recorded, and what it said with them is not");
    book.write(FILE, text.replace("claim-more", "claim-old").as_bytes());
    let ran = book.run(&["verify", "--sample", "1", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let classes: Vec<_> = found["claims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["claim"].as_str().unwrap(), f["class"].as_str().unwrap()))
        .collect();
    let changed = "declaration changed";
    let expected = [("claim-net", changed), ("claim-more", "missing"), ("claim-old", changed)];
    assert!(classes.iter().zip(expected).all(|(found, wanted)| *found == wanted), "{classes:?}");
    assert_eq!(classes.len(), expected.len());
}

#[test]
fn a_claim_is_recorded_with_the_results_that_decide_it() {
    let book = Book::chapter(CHAPTER);
    book.write(
        "labbook.toml",
        b"[book]\ntitle = \"A case\"\n\n[profile.quick.experiment.grow]\nsweep = { m = [20] }\n",
    );
    book.succeed(&["run", "--profile", "quick"]);
    let ran = book.succeed(&["record", "--profile", "quick"]);
    assert!(!ran.stderr.contains("claims.toml") && !book.path("results/claims.toml").exists(), "{}", ran.stderr);
    // Nothing is known of them yet: their margins may still change.
    book.replace(PATH, "- 0.5\"", "- 0.25\"");
    book.succeed(&["run"]);
    book.succeed(&["record"]).says(0, &["2 claims in `results/claims.toml`"]);
    assert!(book.text("results/claims.toml").contains("- 0.25\""));

    let text = book.text("results/claims.toml");
    book.write("results/claims.toml", format!("<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> other\n").as_bytes());
    book.run(&["check"]).says(1, &["results/claims.toml:1:1", "conflict markers in the recorded claims"]);
    book.write("results/claims.toml", text.as_bytes());

    let (before, after) = CHAPTER.split_once("```{claim} claim-more").unwrap();
    let rest = after.split_once("```\n").unwrap().1;
    book.write(PATH, format!("{before}{rest}").as_bytes());
    book.succeed(&["record"]).says(0, &["1 claim in `results/claims.toml`"]);
}

/// What the profile in force leaves out is no mistake of the book.
#[test]
fn what_a_profile_leaves_out_is_said_on_the_page() {
    let book = Book::chapter(CHAPTER);
    book.write(
        "labbook.toml",
        b"[book]\ntitle = \"A case\"\n\n[profile.quick.experiment.grow]\nsweep = { m = [20] }\n",
    );
    book.succeed(&["build", "--profile", "quick"]).says(0, &["claims: 2 unchecked"]);
    let page = book.text(PAGE);
    assert!(page.contains(">— (not in the profile `quick`)<"), "{page}");
    assert_eq!(page.matches("the profile `quick` leaves out m = 60 of `grow`").count(), 2);
    book.replace(PATH, "{val}`grow[model=mlp, m=60]", "{val}`grow[model=mlp, m=61]");
    book.run(&["build", "--profile", "quick"]).says(1, &["`m` of `grow` is never 61"]);
}

#[test]
fn pages_of_the_record_are_the_same_bytes_in_every_folder_at_any_number_of_jobs() {
    let pages = |jobs: &str| {
        let book = recorded();
        book.replace(PATH, "test_accuracy - 0.5\"", "test_accuracy - 0.25\"");
        book.remove_folder(".labbook");
        book.remove_folder("output");
        book.succeed(&["build", "--frozen", "--jobs", jobs]);
        (book.tree("output"), book.tree("results"))
    };
    let (one, three) = (pages("1"), pages("3"));
    assert_eq!(one.1, three.1);
    assert_eq!(one.0.keys().collect::<Vec<_>>(), three.0.keys().collect::<Vec<_>>());
    let differing: Vec<_> = one.0.keys().filter(|path| one.0[*path] != three.0[*path]).collect();
    assert!(differing.is_empty() && one.0.len() > 20, "{differing:?} differ");
}
