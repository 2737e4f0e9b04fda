//! Mistakes of authors that only the whole program can tell, each with its words.

use crate::book::Book;

/// A book with one dataset and one experiment on it.
fn book(dataset: &str, experiment: &str) -> Book {
    Book::chapter(&format!(
        "# A chapter\n\n```{{dataset}} rows\n{dataset}\n```\n\n```{{experiment}} tried\ndataset = \"rows\"\n{experiment}\n```\n"
    ))
}

const TINY: &str = "train = { epochs = 2, batch = 20 }\nseeds = 1\nsweep = { m = [60] }";

#[test]
fn only_images_are_augmented() {
    let mlp = format!("models = [\"mlp\"]\n{TINY}");
    for rows in [
        "from = \"moons\"",
        "from = \"iris\"",
        "from = \"glyphs\"\nfeatures = \"oriented-gradients\"",
        "from = \"glyphs\"\npca = 9",
    ] {
        let found = book(&format!("{rows}\naugment = {{ shift = 1 }}"), &mlp).run(&["check"]);
        found.says(1, &["`augment` is set, where it should be left out: only images can be moved and mirrored"]);
    }
    let found = book("from = \"glyphs\"\naugment = { shift = 28 }", &mlp).run(&["plan"]);
    found.says(1, &["`shift` is 28, where it should be below 28, the side of an image"]);
    let found = book("from = \"glyphs\"\naugment = { shif = 2, flip = \"diagonal\" }", &mlp).run(&["check"]);
    found.says(1, &["`shif`", "did you mean `shift`?", "`horizontal`", "`vertical`"]);
}

#[test]
fn somebody_has_to_learn_from_augmented_images() {
    let augmented = "from = \"glyphs\"\naugment = { shift = 2 }";
    let found = book(augmented, "models = [\"logistic\", \"svm\"]\nsweep = { m = [60] }").run(&["check"]);
    found.says(1, &["on `rows`: no model of this experiment learns from augmented images"]);
    let both = format!("models = [\"logistic\", \"mlp\"]\n{TINY}");
    book(augmented, &both).succeed(&["check"]);
}

#[test]
fn augmentation_changes_what_nets_learn_and_nothing_where_it_is_off() {
    let experiment = format!("models = [\"mlp\", \"logistic\"]\n{TINY}");
    let export = |augment: &str| {
        let book = book(&format!("from = \"glyphs\"\nsplit = {{ test = 50 }}\n{augment}"), &experiment);
        book.succeed(&["run"]);
        let lines = book.succeed(&["export", "tried"]).stdout;
        let of = |model: &str| -> Vec<String> {
            let own = lines.lines().filter(|line| line.starts_with(model) && !line.contains(",seconds,"));
            own.map(str::to_owned).collect()
        };
        (of("mlp,"), of("logistic,"), book.finished())
    };
    let (plain, moved) = (export(""), export("augment = { shift = 2, flip = \"horizontal\" }"));
    assert_ne!(plain.0, moved.0);
    assert_eq!(plain.1, moved.1, "logistic regression sees the images as they are");
    assert_eq!(plain.2, export("augment = { shift = 0 }").2, "the same keys");
    assert_ne!(plain.2, moved.2);
}

#[test]
fn a_source_that_says_what_is_predicted_takes_no_task() {
    let found = book("from = \"moons\"\ntask = \"regression\"", "models = [\"mlp\"]").run(&["check"]);
    found.says(1, &["`task` is regression, where it should be left out: this source says itself what is predicted"]);
}

#[test]
fn a_net_that_no_memory_holds_is_told_before_it_runs() {
    let wide = "models = [\"mlp\"]\nsweep = { hidden = [[65536, 65536]] }\ntrain = { epochs = 1 }";
    let found = book("from = \"moons\"", wide).run(&["plan"]);
    // (3·65536 + 65537·65536 + 65537·2) parameters of 4 bytes, and Adam's two running means of each.
    // And what two layers of 65536 units and two outputs say of 60 rows, with the gradient: 0.06 GiB.
    let words =
        "on `rows`: to train this net takes 48.1 GiB for its weights, what the optimiser remembers of them and what";
    found.says(1, &[words, "beyond the limit of 8.0 GiB", "take fewer or narrower layers, or smaller batches"]);
    // Few weights, and ten thousand steps of 5,120 gates and states for each row of a batch, with their gradients.
    let long = "models = [\"lstm\"]\nsweep = { hidden = [[1024]] }\ntrain = { epochs = 1 }";
    let found = book("from = \"waves\"\nsteps = 10000", long).run(&["plan"]);
    found.says(1, &["on `rows`: to train this net takes ", "beyond the limit of 8.0 GiB"]);
}

#[test]
fn every_profile_is_checked() {
    let book = book("from = \"moons\"", "models = [\"mlp\"]");
    let config = "[book]\ntitle = \"A case\"\nprofile = \"quick\"\n\n[profile.quick]\nseeds = 1\n\n[profile.full.experiment.tried]\nseedz = 3\n";
    book.write("labbook.toml", config.as_bytes());
    book.run(&["check"]).says(1, &["in the profile `full`: ", "seedz", "did you mean `seeds`?"]);
    book.write("labbook.toml", config.replace("seedz", "seeds").as_bytes());
    book.succeed(&["check"]);
}
