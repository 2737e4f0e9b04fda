//! The program stopped in the middle of its runs: nothing that was finished is lost, nothing is half written.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use labbook::files;

use crate::book::Book;

/// More runs than are finished before anybody notices the first ones.
const CHAPTER: &str = r#"# Many runs

```{experiment} many
dataset = "moons"
models  = ["mlp"]
train   = { epochs = 4, batch = 20 }
seeds   = 60

[sweep]
m = [500]
```

{val}`many.test_accuracy`
"#;

/// Starts a build and waits for some of its runs.
fn begun(book: &Book) -> Child {
    let mut command = book.command(&["build", "--jobs", "1"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    while book.finished().len() < 3 {
        assert!(child.try_wait().unwrap().is_none(), "it ended too soon");
        std::thread::sleep(Duration::from_millis(2));
    }
    child
}

/// What is there is kept, what is missing runs, and nothing remains of the interruption.
fn check_rest(book: &Book) {
    let kept = book.finished().len();
    assert!((3..60).contains(&kept), "{kept} runs were finished");
    assert!(!book.path("output").exists());
    let ran = book.succeed(&["build"]);
    assert!(ran.stderr.contains(&format!("{} of 60 runs have to run", 60 - kept)), "{}", ran.stderr);
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    assert_eq!(book.finished().len(), 60);
}

#[test]
fn a_killed_build_keeps_its_finished_runs() {
    let book = Book::chapter(CHAPTER);
    let mut child = begun(&book);
    child.kill().unwrap();
    child.wait().unwrap();
    check_rest(&book);
}

#[test]
fn ctrl_c_exits_with_130_and_keeps_finished_runs() {
    let book = Book::chapter(CHAPTER);
    let child = begun(&book);
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted; every finished run is kept"), "{said}");
    check_rest(&book);
}

/// One long run each of a perceptron with a memory of its own, of batch normalisation, and of a choice among candidates.
const LONG: &str = r#"# Long runs

```{experiment} adam
dataset = "spirals"
models  = ["mlp"]
seeds   = 1
train   = { lr = 3e-3, batch = 20, epochs = 150, early-stop = { patience = 140 }, schedule = "cosine", eval-every = 10 }

[sweep]
m       = [400]
dropout = [0.1]
```

```{model} layers
kind   = "cnn"
layers = [{ conv = 4, kernel = 5, stride = 2 }, { pool = "max" }]
norm   = "batch"
```

```{experiment} normalised
dataset = "glyphs"
models  = ["layers"]
seeds   = 1
train   = { optimizer = "sgd", momentum = 0.9, lr = 0.02, batch = 20, epochs = 8, clip = 2.0 }

[sweep]
m = [300]
```

```{experiment} tuned
dataset = "moons"
models  = ["mlp"]
seeds   = 1
train   = { batch = 20, epochs = 20 }
tune    = { lr = [1e-3, 3e-3, 1e-2], by = "valid_loss" }

[sweep]
m = [300]
```

{val}`tuned.test_accuracy`
"#;

/// The results of an experiment without the time they took, as text.
fn computed(book: &Book, id: &str) -> String {
    let all = book.succeed(&["export", id]).stdout;
    let lines: Vec<&str> = all.lines().filter(|line| !line.contains(",seconds,")).collect();
    assert!(lines.len() > 20, "{all}");
    lines.join("\n")
}

/// What has been put down, by file. A program at work writes beside and renames, so that names come and go meanwhile.
fn checkpoints(book: &Book) -> BTreeMap<PathBuf, Vec<u8>> {
    let folder = book.path(".labbook/checkpoints");
    let names = files::walk(&folder).unwrap().into_iter().filter(|name| !name.to_string_lossy().starts_with('.'));
    names.filter_map(|name| Some((name.clone(), files::read(&folder.join(&name)).ok()?))).collect()
}

/// Kills a program as soon as it has put down more than there was; `false` if it ended before.
fn kill_at_a_checkpoint(book: &Book, child: &mut Child) -> bool {
    let before = checkpoints(book);
    while child.try_wait().unwrap().is_none() {
        if checkpoints(book) != before {
            child.kill().unwrap();
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}

/// Runs `id` to its end, killed again and again on the way, and says how often it was and what was said in the end.
fn killed(book: &Book, id: &str) -> (usize, String) {
    let mut kills = 0;
    loop {
        let mut command = book.command(&["run", id]);
        command.env("LABBOOK_CHECKPOINT_SECONDS", "0");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        if kills < 4 && kill_at_a_checkpoint(book, &mut child) {
            kills += 1;
        }
        let output = child.wait_with_output().unwrap();
        if output.status.success() {
            return (kills, String::from_utf8(output.stderr).unwrap());
        }
    }
}

#[test]
fn a_run_killed_again_and_again_goes_on_to_the_same_bits() {
    let (whole, parts) = (Book::chapter(LONG), Book::chapter(LONG));
    whole.succeed(&["run"]);
    for id in ["adam", "normalised", "tuned"] {
        let (kills, said) = killed(&parts, id);
        assert!(kills >= 2, "{id}: {kills} kills");
        assert!(said.contains("] resumed "), "{id}: {said}");
        assert!(computed(&parts, id) == computed(&whole, id), "{id}: other results");
    }
    assert_eq!(checkpoints(&parts).len(), 0, "finished runs need no checkpoint");
}

#[test]
fn a_damaged_checkpoint_is_told_and_ignored() {
    let (whole, book) = (Book::chapter(LONG), Book::chapter(LONG));
    let mut command = book.command(&["run", "adam"]);
    command.env("LABBOOK_CHECKPOINT_SECONDS", "0").stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    assert!(kill_at_a_checkpoint(&book, &mut child), "it ended too soon");
    child.wait().unwrap();
    let left = checkpoints(&book);
    let (name, bytes) = left.first_key_value().unwrap();
    let mut damaged = bytes.clone();
    *damaged.last_mut().unwrap() ^= 1;
    book.write(&format!(".labbook/checkpoints/{}", name.display()), &damaged);
    let said = book.succeed(&["run", "adam"]).stderr;
    let warning = "what was put down of it is damaged, and it begins anew: its checksum does not match";
    assert!(said.contains("warning: adam[") && said.contains(warning), "{said}");
    assert!(!said.contains("resumed"), "{said}");
    whole.succeed(&["run", "adam"]);
    assert!(computed(&book, "adam") == computed(&whole, "adam"), "other results");
}

#[test]
fn ctrl_c_leaves_a_checkpoint_until_no_run_needs_it_any_more() {
    let book = Book::chapter(LONG);
    book.replace("chapters/01-case.md", "epochs = 150, early-stop = { patience = 140 }", "epochs = 100000");
    let mut child = book.command(&["run", "adam"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // By default nothing is put down so early: what is there then is what the interruption left.
    let mut first = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "1 of 1 runs have to run\n");
    std::thread::sleep(Duration::from_millis(400));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(checkpoints(&book).len(), 1);
    book.succeed(&["run", "tuned"]);
    assert_eq!(checkpoints(&book).len(), 1, "another run's is left alone");
    book.replace("chapters/01-case.md", "lr = 3e-3, batch", "lr = 4e-3, batch");
    book.succeed(&["run", "normalised"]);
    assert_eq!(checkpoints(&book).len(), 0);
}

#[test]
fn an_interval_that_is_no_time_is_told() {
    let book = Book::chapter(LONG);
    for wrong in ["soon", "-1", "inf", ""] {
        let ran = crate::book::Ran::of(book.command(&["run", "adam"]).env("LABBOOK_CHECKPOINT_SECONDS", wrong));
        ran.says(1, &[&format!("LABBOOK_CHECKPOINT_SECONDS={wrong}: a number of seconds, from 0 up")]);
    }
}
