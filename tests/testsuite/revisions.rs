//! `diff`: a book in a git repository, changed, against what was committed.

use std::path::Path;
use std::process::Command;

use crate::book::{Book, Ran};

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
models  = ["net"]
sweep   = { m = [20, 40] }
train   = { epochs = 2, batch = 10 }
seeds   = 2
```

```{figure} fig-one
of      = "one"
plot    = "line"
x       = "m"
y       = "train_loss"
caption = "A caption."
alt     = "Lines."
```

```{figure} fig-rows
of      = "rows"
plot    = "scatter"
caption = "The rows."
alt     = "Two moons."
```

```{claim} claim-low
says  = "The loss is below three."
holds = "one[m=40].train_loss < 3"
```

The first sentence has no number. Its loss is {val}`one[m=40].train_loss` at the end. Another sentence.
"#;

const PATH: &str = "chapters/01-case.md";

/// Runs git in a folder, whatever this machine's settings are.
fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]);
    command.args(arguments).current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let ran = Ran::of(&mut command);
    assert_eq!(ran.code, 0, "git {arguments:?}: {}", ran.stderr);
}

/// A book with its record in a commit of its own, tagged `first`.
fn committed() -> Book {
    let book = Book::chapter(CHAPTER);
    book.write(".gitignore", b"/output\n/.labbook\n");
    book.succeed(&["build"]);
    book.succeed(&["record"]);
    git(book.root(), &["init", "--quiet"]);
    git(book.root(), &["add", "."]);
    git(book.root(), &["commit", "--quiet", "-m", "first"]);
    git(book.root(), &["tag", "first"]);
    book
}

#[test]
fn a_changed_learning_rate_moves_results_verdicts_sentences_and_figures() {
    let book = committed();
    let same = book.succeed(&["diff", "first"]).stdout;
    assert!(same.starts_with("from first (") && same.ends_with("figures are the same.\n"), "{same}");

    book.replace(PATH, "lr = 1e-2", "lr = 2e-1");
    book.replace(
        PATH,
        "says  = \"The loss is below three.\"\nholds = \"one[m=40].train_loss < 3\"",
        "says  = \"The loss is above three.\"\nholds = \"one[m=40].train_loss > 3\"",
    );
    let lacking = book.succeed(&["diff", "first"]).stdout;
    assert!(lacking.contains("note: 4 runs of the working tree have no result"), "{lacking}");
    book.succeed(&["run"]);
    // Nothing but the record tells the results of the first commit now.
    let status = |book: &Book| book.tree(".git").into_keys().filter(|path| path.contains("index")).collect::<Vec<_>>();
    let before = status(&book);
    let text = book.succeed(&["diff", "first"]).stdout;
    for said in [
        "claims\n  claim-low: ",
        "The loss is above three.",
        "results of one: ",
        "  model=net, m=20  train_loss: ",
        "sentences\n  chapters/01-case.md\n  - Its loss is ",
        "\n  + Its loss is ",
        "figures\n  fig-one: drawn differently\n",
    ] {
        assert!(text.contains(said), "without {said:?}: {text}");
    }
    assert!(!text.contains("fig-rows") && !text.contains("The first sentence") && !text.contains("seconds"), "{text}");
    assert_eq!(status(&book), before, "the repository's index is left alone");

    let markdown = book.succeed(&["diff", "first", "--format", "markdown"]).stdout;
    assert!(
        markdown.starts_with("### The book: `first (") && markdown.contains("<details><summary>Results of <code>one")
    );
    let shown =
        ["diff", "first", "--format", "markdown", "--drawings", "drawn", "--drawings-url", "https://example.org"];
    let markdown = book.succeed(&shown).stdout;
    assert!(markdown.contains("![fig-one before](https://example.org/fig-one-before.svg)"), "{markdown}");
    let drawn = book.tree("drawn");
    assert_eq!(drawn.keys().collect::<Vec<_>>(), ["fig-one-after.svg", "fig-one-before.svg"]);
    assert_ne!(drawn["fig-one-after.svg"], drawn["fig-one-before.svg"]);
    assert_eq!(book.run(&["diff", "first", "--drawings", "drawn"]).code, 2);
    let page = book.succeed(&["diff", "first", "--format", "html"]).stdout;
    let drawings = page.matches("<svg").count();
    assert_eq!((drawings, page.matches("id=\"before-fig-one-title\"").count()), (2, 1));
}

#[test]
fn a_changed_caption_and_new_words_around_a_number_move_nothing() {
    let book = committed();
    book.replace(PATH, "A caption.", "Another caption.");
    book.replace(PATH, "Its loss is", "The loss of the small net is");
    let text = book.succeed(&["diff", "HEAD"]).stdout;
    assert!(text.contains("Nothing differs"), "{text}");
    book.replace(PATH, "plot    = \"line\"", "plot    = \"line\"\nx-scale = \"log\"");
    book.succeed(&["diff", "HEAD"]).stdout.contains("1 figure differs").then_some(()).expect("a figure differs");
}

#[test]
fn a_book_below_the_top_of_its_repository_is_found_and_its_cache_serves_both() {
    let outer = Book::of(&[("sub/labbook.toml", "[book]\ntitle = \"A case\"\n"), ("sub/chapters/01-case.md", CHAPTER)]);
    outer.succeed(&["run", "--book", "sub"]);
    git(outer.root(), &["init", "--quiet"]);
    git(outer.root(), &["add", "sub/labbook.toml", "sub/chapters"]);
    git(outer.root(), &["commit", "--quiet", "-m", "first"]);
    outer.replace("sub/chapters/01-case.md", "{experiment} one", "{experiment} two");
    for (from, to) in
        [("of      = \"one\"", "of      = \"two\""), ("holds = \"one", "holds = \"two"), ("{val}`one", "{val}`two")]
    {
        outer.replace("sub/chapters/01-case.md", from, to);
    }
    let text = outer.succeed(&["diff", "HEAD", "--book", "sub"]).stdout;
    assert!(text.contains("experiments\n  + two\n  - one\n"), "{text}");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let book = Book::chapter(CHAPTER);
    book.run(&["diff", "HEAD"]).says(1, &["is in no git repository"]);
    git(book.root(), &["init", "--quiet"]);
    book.write("notes.txt", b"before the book");
    git(book.root(), &["add", "notes.txt"]);
    git(book.root(), &["commit", "--quiet", "-m", "no book"]);
    git(book.root(), &["tag", "no-book"]);
    git(book.root(), &["add", "labbook.toml", "chapters"]);
    git(book.root(), &["commit", "--quiet", "-m", "no record"]);
    book.run(&["diff", "no-book"]).says(1, &["there was no book at `no-book`: it has no `labbook.toml`"]);
    book.run(&["diff", "nowhere"]).says(1, &["there is no revision `nowhere` in this repository"]);
    book.run(&["diff", "--", "--output=x"]).says(1, &["there is no revision `--output=x`"]);
    book.run(&["diff", "HEAD"]).says(1, &["there are no results for `HEAD`: nothing is recorded there"]);
    Ran::of(book.command(&["diff", "HEAD"]).env("PATH", "")).says(1, &["git cannot be run"]);

    book.replace(PATH, "plot    = \"line\"", "plot    = \"lime\"");
    git(book.root(), &["commit", "--quiet", "-am", "a slip"]);
    book.replace(PATH, "plot    = \"lime\"", "plot    = \"line\"");
    book.run(&["diff", "HEAD"]).says(1, &["the book has mistakes at `HEAD`, the first: "]);
}
