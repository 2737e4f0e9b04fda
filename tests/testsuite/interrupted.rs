//! The program stopped in the middle of its runs: nothing that was finished is lost, nothing is half written.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::Duration;

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
