//! What a run's result may claim: endings, choices, tasks, and what a key holds.

use crate::book::Book;

/// The values that `export` prints for a measure at the end, with the parameters before them.
fn at_end(book: &Book, experiment: &str, measure: &str) -> Vec<(String, Option<f64>)> {
    let csv = book.succeed(&["export", experiment]).stdout;
    let rows = csv.lines().filter_map(|line| line.split_once(&format!(",{measure},,")));
    rows.map(|(head, value)| (head.to_owned(), value.parse().ok())).collect()
}

#[test]
fn a_diverged_run_has_no_result_at_its_end() {
    let book = Book::chapter(
        r#"# A
```{experiment} wild
dataset = "moons"
models  = ["mlp"]
sweep   = { lr = [1e30], m = [50] }
train   = { optimizer = "sgd", epochs = 2 }
seeds   = 2
```

It reaches {val}`wild.test_accuracy`.
"#,
    );
    book.succeed(&["build"]);
    assert!(at_end(&book, "wild", "test_accuracy").is_empty());
    let page = book.text("output/01-case.html");
    assert!(page.contains(">—<"), "the number is a dash");
    assert!(page.contains("2 runs ended without a result") && page.contains("diverged in epoch"));
}

#[test]
fn a_support_vector_machine_is_chosen_by_what_it_has() {
    let experiment = |c: &str, tune: &str| {
        format!(
            "# A\n```{{experiment}} e\ndataset = \"moons\"\nmodels = [\"v\"]\nsweep = {{ m = [200] }}\n{tune}\n```\n```{{model}} v\nkind = \"svm\"\n{c}\n```\n"
        )
    };
    let chosen = Book::chapter(&experiment("", "tune = { C = [1e-6, 10], by = \"valid_loss\" }"));
    let fixed = Book::chapter(&experiment("C = 10", ""));
    chosen.succeed(&["run"]);
    fixed.succeed(&["run"]);
    assert_eq!(at_end(&chosen, "e", "test_accuracy")[0].1, at_end(&fixed, "e", "test_accuracy")[0].1);
}

#[test]
fn a_swept_share_of_validation_rows_counts() {
    let book = Book::chapter(
        "# A\n```{experiment} e\ndataset = \"moons\"\nmodels = [\"mlp\"]\n\
         sweep = { valid = [0.1, 0.5], m = [100] }\ntrain = { epochs = 3, early-stop = { patience = 1 } }\n```\n",
    );
    book.succeed(&["run"]);
    assert_eq!(book.finished().len(), 2);
}

#[test]
fn a_number_is_predicted_where_the_label_is_one() {
    let rows: String = (0..60).map(|i| format!("{},{}\n", i, f64::from(i) * 0.37 + 0.11)).collect();
    let book = Book::chapter(
        "# A\n```{dataset} line\npath = \"line.csv\"\nlabel = \"y\"\nscale = \"standardize\"\n```\n\
         ```{experiment} e\ndataset = \"line\"\nmodels = [\"mlp\"]\ntrain = { epochs = 2 }\n```\n",
    );
    book.write("line.csv", format!("x,y\n{rows}").as_bytes());
    book.succeed(&["run"]);
    assert_eq!(at_end(&book, "e", "test_rmse").len(), 1);
    book.replace("chapters/01-case.md", "\"mlp\"", "\"logistic\"");
    book.run(&["run"]).says(1, &["`logistic` classifies; it cannot predict real values"]);
}

#[test]
fn every_classic_algorithm_runs_on_components() {
    let experiment = |id: &str, dataset: &str, models: &str, m: u32| {
        format!("```{{experiment}} {id}\ndataset = \"{dataset}\"\nmodels = [{models}]\nsweep = {{ m = [{m}] }}\n```\n")
    };
    let dataset = |id: &str, count: u32| {
        format!("```{{dataset}} {id}\nfrom = \"{id}\"\nscale = \"standardize\"\npca = {count}\n```\n")
    };
    let classes = r#""logistic", "svm", "knn", "naive-bayes", "tree", "forest""#;
    let book = Book::chapter(&format!(
        "# A\n{}{}{}{}",
        dataset("iris", 2),
        dataset("diabetes", 3),
        experiment("e", "iris", classes, 60),
        experiment("f", "diabetes", r#""linear", "knn", "tree", "forest""#, 200),
    ));
    book.succeed(&["run"]);
    let right = at_end(&book, "e", "test_accuracy");
    assert!(right.len() == 6 && right.iter().all(|(_, value)| value.unwrap() > 0.75), "{right:?}");
    let explained = at_end(&book, "f", "test_r2");
    // A tree grown to the end knows noise by heart.
    assert!(explained.len() == 4 && explained.iter().all(|(_, value)| value.unwrap() > -1.0), "{explained:?}");
    book.replace("chapters/01-case.md", "m = [200]", "m = [2]");
    book.run(&["run"]).says(1, &["on `diabetes`: `pca = 3` needs as many training rows, and there are 2"]);
}

#[test]
fn a_moved_file_of_the_same_bytes_runs_nothing() {
    let rows: String = (0..40).map(|i| format!("{i},{}\n", if i % 2 == 0 { "a" } else { "b" })).collect();
    let chapter = "# A\n```{dataset} d\npath = \"one.csv\"\nlabel = \"y\"\n```\n\
                   ```{experiment} e\ndataset = \"d\"\nmodels = [\"logistic\"]\n```\n";
    let book = Book::chapter(chapter);
    book.write("one.csv", format!("x,y\n{rows}").as_bytes());
    book.succeed(&["run"]);
    book.write("two.csv", format!("x,y\n{rows}").as_bytes());
    book.replace("chapters/01-case.md", "one.csv", "two.csv");
    assert!(book.succeed(&["plan"]).stdout.contains("1 of 1 runs are cached"));
}

#[test]
fn absent_data_leave_out_what_needs_them_and_no_more() {
    let book = Book::chapter(
        "# A\n```{experiment} e\ndataset = [\"mnist\", \"moons\"]\nmodels = [\"logistic\"]\nsweep = { m = [50] }\n```\n\
         ```{experiment} f\ndataset = \"mnist\"\nmodels = [\"logistic\"]\n```\n",
    );
    book.run(&["build"]).says(0, &["note: what needs `mnist` is left out"]);
    assert_eq!(at_end(&book, "e", "test_accuracy").len(), 1);
    book.run(&["export", "f"]).says(1, &["`f` has no runs here"]);
}

#[test]
fn a_grid_of_choices_is_bounded_as_one_of_runs() {
    let many: Vec<String> = (1..=1000).map(|i| format!("{i}e-6")).collect();
    let many = many.join(", ");
    let book = Book::chapter(&format!(
        "# A\n```{{experiment}} e\ndataset = \"moons\"\nmodels = [\"mlp\"]\n\
         tune = {{ lr = [{many}], weight-decay = [{many}] }}\n```\n"
    ));
    book.run(&["check"]).says(1, &["`e` would tune by 1000000 fits"]);
}

#[test]
fn checking_looks_into_the_books_own_files() {
    let book = Book::chapter(
        "# A\n```{dataset} d\npath = \"d.csv\"\nlabel = \"y\"\n```\n\
         ```{experiment} e\ndataset = \"d\"\nmodels = [\"logistic\"]\n```\n",
    );
    book.run(&["check"]).says(1, &["chapters/01-case.md:2:", "d.csv`: No such file"]);
    book.write("d.csv", b"x;y\n1,5;a\n2,5;b\n3,5;a\n4,5;b\n");
    book.run(&["check"]).says(1, &["column `x` of `d.csv` holds numbers with a decimal comma, such as `1,5`"]);
    book.write("d.csv", b"x;z\n1.5;a\n2.5;b\n");
    book.run(&["check"]).says(1, &["`d.csv` has no column `y`"]);
}

#[test]
fn no_model_beats_whoever_knows_the_rule() {
    let experiment = |dataset: &str, models: &str| {
        format!(
            "```{{dataset}} d-{dataset}\nfrom = \"{dataset}\"\nsplit = {{ train = 2000, test = 2000 }}\nscale = \"standardize\"\n```\n\
             ```{{experiment}} {dataset}\ndataset = \"d-{dataset}\"\nmodels = [{models}, \"forest\", \"mlp\", \"oracle\"]\n\
             train = {{ epochs = 10 }}\n```\n"
        )
    };
    let book = Book::chapter(&format!(
        "# A\n{}{}{}",
        experiment("mail", "\"logistic\""),
        experiment("clicks", "\"logistic\""),
        experiment("drive", "\"linear\"")
    ));
    book.succeed(&["run"]);
    for (id, measure) in [("mail", "test_loss"), ("clicks", "test_loss"), ("drive", "test_rmse")] {
        let found = at_end(&book, id, measure);
        let (oracle, others): (Vec<_>, Vec<_>) = found.iter().partition(|(name, _)| name.contains("oracle"));
        let best = oracle[0].1.expect("a number");
        assert!(others.len() >= 2 && others.iter().all(|(_, value)| value.unwrap() > best), "{id}: {found:?}");
    }
    assert_eq!(at_end(&book, "drive", "information_bound").len(), 4, "a fact of the rows, whoever answers");
    book.replace("chapters/01-case.md", "from = \"mail\"", "from = \"mail\"\nfeatures = \"log\"");
    book.run(&["check"]).says(1, &["(oracle) asks the rule that drew the rows, and those of the dataset have none"]);
}

#[test]
fn probabilities_are_held_against_what_happened_where_asked() {
    let chapter = "# A\n```{experiment} e\ndataset = \"moons\"\nmodels = [\"logistic\", \"svm\"]\nsweep = { m = [50, 100] }\n\
                   m-max = { svm = 50 }\ncalibration = 5\nseeds = 2\n```\n\
                   ```{figure} fig-e\nof = \"e\"\nplot = \"reliability\"\nwhere = { m = 100 }\ncaption = \"Said and done.\"\n\
                   alt = \"Two curves.\"\n```\n";
    let book = Book::chapter(chapter);
    book.succeed(&["build"]);
    let errors = at_end(&book, "e", "test_calibration_error");
    assert!(errors.len() == 4 && errors.iter().all(|(name, _)| name.starts_with("logistic")), "{errors:?}");
    assert_eq!(at_end(&book, "e", "test_accuracy").len(), 6, "`svm` is left out at 100");
    book.replace("chapters/01-case.md", "m-max = { svm = 50 }", "m-max = { swm = 50 }");
    book.run(&["check"]).says(1, &["no model of the experiment is `swm`", "did you mean `svm`?"]);
    book.replace("chapters/01-case.md", "m-max = { swm = 50 }\n", "");
    book.replace("chapters/01-case.md", "calibration = 5\n", "");
    book.run(&["check"]).says(1, &["`e` does not ask for groups", "write `calibration = 10` into the experiment"]);
}

#[test]
fn a_power_law_is_fitted_to_a_line_and_to_nothing_else() {
    let chapter = "# A\n```{experiment} e\ndataset = \"moons\"\nmodels = [\"knn\"]\nsweep = { m = [20, 60, 200, 600] }\nseeds = 3\n```\n\
                   ```{figure} fig-e\nof = \"e\"\nplot = \"line\"\nx = \"m\"\ny = \"1 - test_accuracy\"\nfit = \"power\"\n\
                   caption = \"Errors.\"\nalt = \"A curve.\"\n```\n\
                   It falls with {val}`exponent(1 - e.test_accuracy, x=m)` to {val}`limit(1 - e.test_accuracy, x=m)`.\n";
    let book = Book::chapter(chapter);
    book.succeed(&["build"]);
    let page = book.text("output/01-case.html");
    assert!(page.contains("class=\"fitted\"") && page.contains("Dotted lines are power laws"));
    book.replace("chapters/01-case.md", "plot = \"line\"", "plot = \"bar\"");
    book.run(&["check"]).says(1, &["a law is fitted to a line over an axis of numbers"]);
    book.replace("chapters/01-case.md", "m = [20, 60, 200, 600]", "m = [20, 60]");
    book.run(&["check"]).says(1, &["`m` of `e` has fewer than three values"]);
}
