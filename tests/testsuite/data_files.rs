//! Data that come from outside the book: mirrors, and files with what is not in `tests/books`.

use crate::book::{Book, Ran};

const SPAM: &str = "# Spam\n\n```{experiment} spam\ndataset = \"spambase\"\nmodels  = [\"logistic\"]\n```\n";

#[test]
fn a_file_of_a_mirror_with_other_bytes_is_refused() {
    let book = Book::chapter(SPAM);
    book.write("mirror/spambase/spambase.data", b"word_freq_make,spam_or_not\n0.1,1\n0.2,0\n");
    let ran = Ran::of(book.command(&["build"]).env("LABBOOK_DATA_MIRROR", "nowhere:mirror"));
    ran.says(1, &["mirror/spambase/spambase.data` is not the file it should be", "SHA-256"]);
    assert!(!book.path("output").exists());
}
