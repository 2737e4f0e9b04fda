//! The same book gives the same bytes: at any number of jobs, in any folder, on any vector unit.

use std::collections::BTreeMap;

use labbook::numerics::Simd;
use serde_json::Value as Json;

use crate::book::{Book, Ran};

/// Every kind of net and the classic algorithms that the small book has not.
const KINDS: &str = r#"# Kinds

```{dataset} rows
from  = "moons"
split = { train = 60, test = 40 }
```

```{dataset} drawn
from  = "glyphs"
split = { train = 60, test = 40 }
augment = { shift = 1 }
```

```{dataset} sums
from  = "adding"
steps = 12
split = { train = 60, test = 40 }
```

```{model} conv
kind   = "cnn"
layers = [{ conv = 4, kernel = 3 }, { pool = "max" }, { dropout = 0.2 }, { dense = 12 }]
norm   = "batch"
```

```{model} deep
kind     = "mlp"
hidden   = [12, 12, 12]
residual = true
norm     = "layer"
dropout  = 0.1
```

```{experiment} of-rows
dataset = "rows"
models  = ["knn", "naive-bayes", "tree", "forest", "deep"]
train   = { epochs = 3, batch = 16 }
seeds   = 2
```

```{experiment} of-images
dataset = "drawn"
models  = ["conv"]
train   = { epochs = 2, batch = 16 }
seeds   = 2
```

```{experiment} of-sequences
dataset = "sums"
models  = ["rnn", "lstm", "gru"]
train   = { epochs = 2, batch = 16 }
seeds   = 2
```
"#;

/// The pages of a book, and its results without what was measured on this machine.
fn built(arguments: &[&str], simd: Option<&str>) -> (BTreeMap<String, Vec<u8>>, BTreeMap<String, Json>) {
    let book = Book::copy("small");
    book.write("chapters/03-kinds.md", KINDS.as_bytes());
    let mut command = book.command(&[&["build"], arguments].concat());
    if let Some(path) = simd {
        command.env("LABBOOK_SIMD", path);
    }
    Ran::of(&mut command).says(0, &[]);
    let results = book.tree(".labbook/runs-v1").into_iter().map(|(path, bytes)| {
        let text = String::from_utf8(bytes).unwrap();
        let mut result: Json = serde_json::from_str(text.split_once('\n').unwrap().1).unwrap();
        result.as_object_mut().unwrap().remove("measured").unwrap();
        (path, result)
    });
    (book.tree("output"), results.collect())
}

#[test]
fn jobs_folders_and_vector_units_leave_no_trace() {
    let (pages, results) = built(&["--jobs", "1"], None);
    assert!(pages.len() > 20 && results.len() > 20);
    let paths = Simd::available().into_iter().map(|simd| (["--jobs", "2"], Some(simd.name())));
    for (arguments, simd) in paths.chain([(["--jobs", "3"], None)]) {
        let (other_pages, other_results) = built(&arguments, simd);
        assert_eq!(results, other_results, "{arguments:?} {simd:?}");
        assert_eq!(pages.keys().collect::<Vec<_>>(), other_pages.keys().collect::<Vec<_>>());
        let differing: Vec<_> = pages.keys().filter(|path| pages[*path] != other_pages[*path]).collect();
        assert!(differing.is_empty(), "{arguments:?} {simd:?}: {differing:?} differ");
    }
}

#[test]
fn line_ends_of_a_checkout_leave_no_trace() {
    let (unix, windows) = (Book::copy("small"), Book::copy("small"));
    for (path, bytes) in windows.tree("chapters") {
        let text = String::from_utf8(bytes).unwrap().replace('\n', "\r\n");
        windows.write(&format!("chapters/{path}"), text.as_bytes());
    }
    unix.succeed(&["build"]);
    windows.succeed(&["build"]);
    let (expected, found) = (unix.tree("output"), windows.tree("output"));
    let differing: Vec<_> = expected.keys().filter(|path| found.get(*path) != Some(&expected[*path])).collect();
    assert!(differing.is_empty() && expected.len() == found.len(), "{differing:?} differ");
}
