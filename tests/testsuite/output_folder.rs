//! What happens to the output folder: nothing of anybody else's is touched, and nothing stale stays.

use crate::book::Book;

const PROSE: &str = "# A chapter\n\nProse.\n";

#[test]
fn a_folder_that_is_not_ours_is_refused_and_left_alone() {
    let book = Book::chapter(PROSE);
    book.write("output/thesis.tex", b"years of work");
    book.write("output/index.html", b"somebody's page");
    let before = book.tree("output");
    book.run(&["build"]).says(1, &["`./output` is not empty and was not made by labbook", "--dest"]);
    assert_eq!(book.tree("output"), before);

    book.succeed(&["build", "--dest", "elsewhere"]);
    assert!(book.tree("elsewhere").contains_key("index.html"));
    assert_eq!(book.tree("output"), before);
}

#[test]
fn stale_pages_go_and_files_of_others_stay() {
    let book = Book::chapter(PROSE);
    book.write("chapters/02-more.md", b"# More\n");
    book.succeed(&["build"]);
    assert!(book.tree("output").contains_key("02-more.html"));
    book.write("output/CNAME", b"example.org");

    std::fs::rename(book.path("chapters/02-more.md"), book.path("chapters/03-more.md")).unwrap();
    let ran = book.succeed(&["build"]);
    assert!(ran.stderr.contains(", 1 removed, "), "{}", ran.stderr);
    let after = book.tree("output");
    assert!(!after.contains_key("02-more.html") && after.contains_key("03-more.html") && after.contains_key("CNAME"));
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let book = Book::chapter(PROSE);
    book.write("file", b"in the way");
    book.run(&["build", "--dest", "file"]).says(1, &["error: cannot", "`file`"]);
    book.run(&["build", "--dest", "file/below"]).says(1, &["error: cannot", "`file/below`"]);
    assert_eq!(book.text("file"), "in the way");
}

/// Permissions do not bind the superuser, so this one only speaks where they do.
#[cfg(unix)]
#[test]
fn a_read_only_folder_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let book = Book::chapter(PROSE);
    book.succeed(&["build"]);
    book.write("chapters/01-case.md", b"# Changed\n");
    let lock = |mode| std::fs::set_permissions(book.path("output"), std::fs::Permissions::from_mode(mode)).unwrap();
    lock(0o555);
    let binding = tempfile::tempfile_in(book.path("output")).is_err();
    let ran = book.run(&["build"]);
    lock(0o755);
    if binding {
        ran.says(1, &["error: cannot write `./output`", "ermission denied"]);
    } else {
        ran.says(0, &[]);
    }
}

#[test]
fn a_link_that_leads_nowhere_is_reported() {
    let book = Book::chapter("# A chapter\n\nSee [this](#there).\n");
    book.run(&["build"]).says(0, &["warning: in `01-case.html`, the link `#there` is broken"]);
    assert_eq!(book.run(&["build", "--strict"]).code, 1);
}

#[test]
fn a_link_to_a_file_that_is_not_there_is_found_before_anything_runs() {
    let book = Book::chapter(
        "# A chapter\n\nSee [that](02-that.md), ![a drawing](no.png), <a@b.org>, [here](01-case.md#a).\n",
    );
    for verb in ["check", "build"] {
        let ran = book.run(&[verb]);
        ran.says(
            1,
            &["chapters/01-case.md:3:5", "the link `02-that.md` leads to no file: there is no `chapters/02-that.md`"],
        );
        ran.says(1, &["there is no `chapters/no.png`", "relative to the chapter's folder", "2 errors"]);
    }
    assert!(!book.path("output").exists());
    book.write("chapters/02-this.md", b"# Another\n");
    book.run(&["check"]).says(1, &["did you mean `chapters/02-this.md`?"]);
}
