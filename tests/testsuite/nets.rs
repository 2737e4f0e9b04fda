//! Nets of layers, from the directive to the result.

use crate::book::Book;

/// A tiny experiment on images with the model of the given lines.
fn glyphs(model: &str, sweep: &str) -> Book {
    Book::chapter(&format!(
        r#"# A
```{{dataset}} digits
from  = "glyphs"
split = {{ train = 40, test = 20 }}
```

```{{model}} net
{model}
```

```{{experiment}} e
dataset = "digits"
models  = ["net"]
sweep   = {{ {sweep} }}
train   = {{ epochs = 1, batch = 10 }}
```
"#
    ))
}

/// Keys of the runs that an experiment has made.
fn finished(book: Book) -> Vec<String> {
    book.succeed(&["run"]);
    book.finished()
}

/// The value at the end of each run, in the order of the grid.
fn at_end(book: &Book, measure: &str) -> Vec<String> {
    let csv = book.succeed(&["export", "e"]).stdout;
    csv.lines()
        .filter_map(|line| line.split_once(&format!(",{measure},,")))
        .map(|(_, value)| value.to_owned())
        .collect()
}

#[test]
fn a_convolutional_net_is_trained_from_its_layers() {
    let lenet = "kind = \"cnn\"\nlayers = [\n  { conv = 2, kernel = 5 },\n  { pool = \"average\" },\n  \
                 { conv = 3, kernel = 5, padding = \"valid\" },\n  { pool = \"max\", size = 2 },\n  \
                 { dropout = 0.2 },\n  { dense = 8 },\n]";
    let book = glyphs(lenet, "norm = [\"none\", \"batch\", \"layer\"]");
    book.succeed(&["build"]);
    let losses = at_end(&book, "test_loss");
    assert_eq!(losses.len(), 3, "{losses:?}");
    assert!(losses[0] != losses[1] && losses[1] != losses[2] && losses[0] != losses[2], "{losses:?}");
    // 28×28×1 → 28×28×2 → 14×14×2 → 10×10×3 → 5×5×3 → 8 → 10, with biases.
    let parameters = (25 + 1) * 2 + (50 + 1) * 3 + (75 + 1) * 8 + (8 + 1) * 10;
    assert_eq!(at_end(&book, "parameters")[0], parameters.to_string());
}

/// A tiny text and a recurrent net on it.
fn text(model: &str, sweep: &str) -> Book {
    let book = Book::chapter(&format!(
        r#"# A
```{{dataset}} words
path   = "data/words.txt"
format = "text"
steps  = 8
split  = {{ test = 0.2 }}
```

```{{model}} net
{model}
```

```{{experiment}} e
dataset = "words"
models  = ["net"]
sweep   = {{ {sweep} }}
train   = {{ epochs = 2, batch = 10, lr = 0.01 }}
```
"#
    ));
    book.write("data/words.txt", "the cat sat on the mat and the rat sat on that. ".repeat(20).as_bytes());
    book
}

#[test]
fn a_recurrent_net_reads_a_text_and_tells_each_next_character() {
    let book = text("kind = \"lstm\"\nhidden = [12]", "outputs = [\"every\", \"last\"]");
    book.succeed(&["build"]);
    let (losses, by_epoch) = (at_end(&book, "test_loss"), book.succeed(&["export", "e"]).stdout);
    assert!(losses.len() == 2 && losses[0] != losses[1], "{losses:?}");
    // At every step, the loss of the fitted net is the mean over all characters: that of the last epoch's evaluation.
    let last = by_epoch.lines().find(|l| l.contains("every") && l.contains(",test_loss,2,")).expect("it is recorded");
    let of = |line: &str| line.rsplit(',').next().and_then(|x| x.parse::<f64>().ok()).expect("a number");
    assert!((of(last) - of(&losses[0])).abs() < 1e-5, "{last} {}", losses[0]);
    // 13 different characters: the gates' weights and one bias each, and the output layer.
    assert_eq!(at_end(&book, "parameters")[0], (4 * 12 * (13 + 12 + 1) + (12 + 1) * 13).to_string());
}

#[test]
fn what_a_net_writes_stands_on_the_page_and_in_the_file_beside_it() {
    let book = text("kind = \"gru\"\nhidden = [8]", "m = [20]");
    let figure = "\n```{figure} fig-text\nof = \"e\"\nplot = \"text\"\nwhere = { epoch = [0, 2] }\ntemperature = 0.5\ncount = 30\n\
                  caption = \"What it writes.\"\nalt = \"Two passages.\"\n```\n";
    book.write("chapters/02-text.md", format!("# B\n{figure}").as_bytes());
    book.succeed(&["build"]);
    let page = book.text("output/02-text.html");
    assert!(
        page.contains("Before training") && page.contains("After epoch 2") && !page.contains("After epoch 1"),
        "{page}"
    );
    let csv = book.tree("output").into_iter().find(|(path, _)| path.ends_with("fig-text.csv")).expect("the data").1;
    let lines = String::from_utf8(csv).expect("UTF-8");
    let texts: Vec<&str> = lines.lines().filter(|line| line.contains(",0.5,")).collect();
    assert!(lines.starts_with("epoch,temperature,text") && texts.len() == 2 && texts[0] != texts[1], "{lines}");
    book.replace("chapters/02-text.md", "temperature = 0.5", "temperature = 0.6");
    book.run(&["check"]).says(1, &["no net writes at a temperature of 0.6", "each writes at 0.5, 0.8 and 1"]);
}

#[test]
fn a_regression_by_a_recurrent_net_counts_answers_within_the_bound() {
    let of = |train: &str| {
        let book = Book::chapter(&format!(
            r#"# A
```{{dataset}} sums
from  = "adding"
steps = 6
split = {{ train = 60, test = 40 }}
```

```{{experiment}} e
dataset = "sums"
models  = ["gru"]
train   = {{ epochs = 1, batch = 20{train} }}
```
"#
        ));
        book.succeed(&["run"]);
        at_end(&book, "test_within")
    };
    let share = |train: &str| of(train)[0].parse::<f64>().expect("a number");
    let (usual, wide) = (share(""), share(", within = 2.0"));
    assert!(usual < 0.6 && wide == 1.0, "{usual} {wide}");
}

#[test]
fn what_is_written_out_as_the_default_is_the_same_run() {
    let plain = glyphs("kind = \"mlp\"\nhidden = [10, 10]", "m = [20]");
    let written = glyphs("kind = \"mlp\"\nhidden = [10, 10]\nnorm = \"none\"\nresidual = false", "m = [20]");
    let residual = glyphs("kind = \"mlp\"\nhidden = [10, 10]\nresidual = true", "m = [20]");
    let keys = [plain, written, residual].map(finished);
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], keys[2]);
    let plain = text("kind = \"rnn\"\nhidden = [5]", "m = [20]");
    let written =
        text("kind = \"rnn\"\nhidden = [5]\ninit = \"xavier\"\ndropout = 0.0\ntrain = { clip = 1.0 }", "m = [20]");
    let dropout = text("kind = \"rnn\"\nhidden = [5]\ndropout = 0.1", "m = [20]");
    let keys = [plain, written, dropout].map(finished);
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], keys[2]);
}
