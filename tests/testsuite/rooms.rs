//! The rooms of `src/`: each imports only those that stand above it in the table of `lib.rs`.

use std::path::Path;

use labbook::files;

#[test]
fn a_room_imports_only_rooms_above_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let root = files::read_text(&src.join("lib.rs")).unwrap();
    let rooms: Vec<&str> =
        root.lines().filter_map(|line| line.strip_prefix("//! | [`")?.split_once("`]")).map(|(room, _)| room).collect();
    let rank = |room: &str| rooms.iter().position(|r| *r == room);
    let mut wrong = Vec::new();
    for path in files::walk(&src).unwrap() {
        let name = files::portable(&path, Path::new(""));
        let room = name.split(['/', '.']).next().unwrap();
        if matches!(room, "lib" | "main") {
            continue;
        }
        let own = rank(room).unwrap_or_else(|| panic!("`{room}` is missing from the table of lib.rs"));
        for used in imports(&files::read_text(&src.join(&path)).unwrap()) {
            if rank(&used).is_some_and(|other| other > own) {
                wrong.push(format!("{name} uses `{used}`"));
            }
        }
    }
    let declared: Vec<&str> = root.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let untold: Vec<_> = declared.iter().filter(|room| rank(room).is_none()).collect();
    assert!(untold.is_empty(), "missing from the table of lib.rs: {untold:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The rooms that a file names after `crate::`, comments and tests left out.
fn imports(source: &str) -> Vec<String> {
    let code = source.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = lines.join("\n");
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut used = Vec::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            // `use crate::{files, markdown::Chapter, site};`
            Some(list) => {
                let list = list.split_once(';').map_or(list, |(list, _)| list);
                used.extend(list.split([',', '{', '}']).map(|item| word(item.trim())));
            }
            None => used.push(word(after)),
        }
    }
    used
}
