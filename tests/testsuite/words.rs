//! What the program says to readers, against the files of words.

use std::path::Path;

use labbook::files;
use labbook::render::Templates;

/// Calls whose first argument is a word or a phrase for readers.
const CALLS: [&str; 4] = ["say(", "word(", "fact(", "phrase = "];
/// Names, the same in every language.
const NAMES: [&str; 1] = ["labbook"];

#[test]
fn everything_that_exhibits_say_is_in_the_files_of_words() {
    let templates = Templates::new(&Default::default()).unwrap();
    let known = templates.lexicon().of("en").table();
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/exhibit");
    let mut seen = 0;
    for path in files::walk(&room).unwrap() {
        let text = files::read_text(&room.join(&path)).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for phrase in CALLS.iter().flat_map(|call| literals(code, call)) {
            assert!(known.contains_key(phrase) || NAMES.contains(&phrase), "{}: {phrase}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen}");
}

/// The strings that stand right behind a call's parenthesis.
fn literals<'t>(code: &'t str, call: &str) -> Vec<&'t str> {
    let behind = code.match_indices(call).map(|(at, _)| code[at + call.len()..].trim_start());
    behind.filter_map(|rest| rest.strip_prefix('"')?.split('"').next()).collect()
}
