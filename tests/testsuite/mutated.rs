//! Chapters damaged at random: whatever an author may have typed, the program answers with diagnostics, never a panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use labbook::desk::Desk;
use labbook::diagnostic::Style;
use labbook::files;
use labbook::numerics::random::{Draws, Stream};

use crate::book::{Book, cases};

/// Copies of each chapter.
const COPIES: u64 = 40;

/// Pieces that mean something somewhere, with `¦` between them.
const PIECES: &str = "```¦````¦`¦{val}`¦{¦}¦[¦]¦\"¦'''¦=¦ = ¦\n¦\n\n¦\r\n¦\t¦    ¦> ¦- ¦#¦{#sec-a}¦@fig-¦@¦+++\n¦---\n¦$$¦$¦|¦\
                      \u{feff}¦é¦数据¦\0¦0¦-1¦1e999¦nan¦99999999999999999999¦.5¦{include} ¦{figure} fig-¦```{show} ¦[^1]¦\
                      <b>¦\\";

#[test]
fn no_damaged_chapter_makes_the_program_panic() {
    let chapters = files::walk(&cases()).unwrap();
    let chapters = chapters.iter().filter(|path| path.extension().is_some_and(|e| e == "md"));
    let chapters: Vec<_> = chapters.filter(|path| !path.starts_with("no-book")).collect();
    let stream = Stream::new(1, "damage");
    for (index, path) in chapters.iter().enumerate() {
        let mut parts = path.iter();
        let case = parts.next().unwrap().to_str().unwrap();
        let (book, name) = (Book::copy(case), files::portable(parts.as_path(), std::path::Path::new("")));
        let sound = book.text(&name);
        for copy in 0..COPIES {
            let text = damaged(&sound, &mut stream.at(index as u64 * COPIES + copy));
            book.write(&name, text.as_bytes());
            let read = AssertUnwindSafe(|| {
                let desk = Desk::open(book.root(), None, Vec::new()).unwrap();
                desk.diagnostics.render(&desk.sources, Style::Plain) + &desk.diagnostics.github(&desk.sources, "")
            });
            assert!(catch_unwind(read).is_ok(), "{case}/{name}, copy {copy}:\n{text}");
        }
    }
}

/// The text with up to six cuts, doublings, swaps and insertions.
fn damaged(text: &str, draws: &mut Draws) -> String {
    let pieces: Vec<&str> = PIECES.split('¦').collect();
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=draws.below(6) {
        let mut place = || draws.below(chars.len() as u64 + 1) as usize;
        let (a, b) = (place(), place());
        let (start, end) = (a.min(b), a.max(b).min(a.min(b) + 40));
        match draws.below(6) {
            0 => drop(chars.drain(start..end)),
            1 => chars.truncate(a),
            2 => {
                let piece: Vec<char> = chars[start..end].to_vec();
                chars.splice(b..b, piece);
            }
            _ => drop(chars.splice(a..a, pieces[draws.below(pieces.len() as u64) as usize].chars())),
        }
    }
    chars.into_iter().collect()
}
