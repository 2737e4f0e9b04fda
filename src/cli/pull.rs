//! `labbook data list` and `labbook data pull`.

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use super::Exit;
use super::commands::{failed, mirrors, print};
use crate::data::pull::pull as pull_set;
use crate::data::registry::{Entry, entry, is_present};
use crate::data::spec::Registered;
use crate::data::{Error, Shelf};
use crate::diagnostic::did_you_mean;
use crate::store::Store;

/// Where the data of the book in `root` lie.
fn shelf(root: &Path) -> Shelf {
    Shelf { book: root.to_owned(), cache: Store::of_book(root).data_folder(), mirrors: mirrors() }
}

/// `labbook data list`
pub(super) fn list(book: &Path) -> Exit {
    let shelf = shelf(book);
    let mut text = String::new();
    for set in Registered::ALL {
        let Entry { name, about, origin, licence, files, .. } = entry(set);
        let present = if is_present(set, &shelf) { "present" } else { "not here" };
        let size: u64 = files.iter().map(|f| f.size_bytes).sum();
        text += &format!("{name}  ({present}, {:.1} MB)\n  {about}\n  origin: {origin}\n", size as f64 / 1e6);
        text += &format!("  licence: {licence}\n");
        for file in *files {
            text += &format!("  {}  sha256 {}\n", file.name, file.sha256);
        }
    }
    print(&text)
}

/// `labbook data pull NAME…`
pub(super) fn pull(book: &Path, names: &[String]) -> Exit {
    let shelf = shelf(book);
    for name in names {
        let Some(set) = Registered::ALL.into_iter().find(|set| set.name() == name) else {
            let hint = did_you_mean(name, &Registered::ALL.map(Registered::name));
            return failed(&format!("there is no dataset `{name}` in the registry; {hint}"));
        };
        if let Err(error) = pull_one(set, &shelf) {
            let hint = error.hint().map_or_else(String::new, |hint| format!("\nhelp: {hint}"));
            return failed(&format!("{error}{hint}"));
        }
        say!("`{name}` is here and verified");
    }
    Exit::Fine
}

fn pull_one(set: Registered, shelf: &Shelf) -> Result<(), Error> {
    let style = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    let bar = ProgressBar::no_length().with_style(style.expect("the template is sound"));
    let pulled = pull_set(set, shelf, &mut |transfer| {
        if let Some(total) = transfer.total_bytes {
            bar.set_length(total);
        }
        bar.set_message(transfer.file.to_owned());
        bar.set_position(transfer.done_bytes);
    });
    bar.finish_and_clear();
    pulled
}
