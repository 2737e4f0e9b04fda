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

#[test]
fn what_is_written_out_as_the_default_is_the_same_run() {
    let plain = glyphs("kind = \"mlp\"\nhidden = [10, 10]", "m = [20]");
    let written = glyphs("kind = \"mlp\"\nhidden = [10, 10]\nnorm = \"none\"\nresidual = false", "m = [20]");
    let residual = glyphs("kind = \"mlp\"\nhidden = [10, 10]\nresidual = true", "m = [20]");
    let keys = [plain, written, residual].map(|book| {
        book.succeed(&["run"]);
        book.finished()
    });
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], keys[2]);
}
