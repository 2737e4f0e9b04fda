//! `labbook diff`: the working tree against a git revision.

use std::path::Path;

use clap::CommandFactory;
use clap::error::ErrorKind;

use super::commands::{failed, mirrors, open, print};
use super::{Arguments, DiffDrawings, DiffFormat, Exit, Profile};
use crate::desk::Desk;
use crate::diagnostic::{Diagnostics, Severity};
use crate::diff::{self, Diff, Edition, Sides, markdown, page, text};
use crate::files;
use crate::revision::{self, Checkout};

/// `labbook diff`
pub(super) fn diff(
    book: &Path,
    revision: &str,
    profile: &Profile,
    format: DiffFormat,
    drawings: &DiffDrawings,
) -> Exit {
    if drawings.drawings.is_some() && format != DiffFormat::Markdown {
        let message =
            "`--drawings` belongs to `--format markdown`; the page of `--format html` has its figures within it";
        Arguments::command().error(ErrorKind::ArgumentConflict, message).exit();
    }
    let (desk, exit) = open(book, profile.profile.as_deref());
    let Some(desk) = desk.filter(|_| exit == Exit::Fine) else { return exit };
    let checkout = match revision::check_out(book, revision) {
        Ok(checkout) => checkout,
        Err(error) => return failed(&error.to_string()),
    };
    let (before, after) = match editions(&desk, &checkout, revision, profile.profile.as_deref()) {
        Ok(editions) => editions,
        Err(message) => return failed(&message),
    };
    let name =
        if revision == checkout.commit { revision.to_owned() } else { format!("{revision} ({})", checkout.commit) };
    let diff = diff::compare(&before, &after, Sides { before: name, after: "the working tree".to_owned() });
    match format {
        DiffFormat::Text => print(&text::text(&diff)),
        DiffFormat::Markdown => with_drawings(&diff, drawings),
        DiffFormat::Html => match desk.templates().and_then(|templates| Ok(page::page(&diff, &templates)?)) {
            Ok(page) => print(&page),
            Err(error) => failed(&error.to_string()),
        },
    }
}

/// The difference as Markdown, its drawings written where they were asked for.
fn with_drawings(diff: &Diff, drawings: &DiffDrawings) -> Exit {
    let Some(folder) = &drawings.drawings else { return print(&markdown::markdown(diff, None)) };
    for (name, svg) in markdown::drawings(diff) {
        if let Err(error) = files::write(&folder.join(name), svg.as_bytes()) {
            return failed(&error.to_string());
        }
    }
    let address = drawings.drawings_url.clone().unwrap_or_else(|| files::portable(folder, Path::new("")));
    print(&markdown::markdown(diff, Some(&address)))
}

/// The book at the revision, and the book as it is now.
fn editions(
    desk: &Desk,
    checkout: &Checkout,
    revision: &str,
    profile: Option<&str>,
) -> Result<(Edition, Edition), String> {
    let mut earlier = match Desk::open(&checkout.root(), profile, mirrors()) {
        Ok(earlier) => earlier,
        Err(crate::desk::Error::NoBook(_)) => {
            return Err(format!("there was no book at `{revision}`: it has no `labbook.toml` in this folder"));
        }
        Err(error) => return Err(format!("at `{revision}`: {error}")),
    };
    if let Some(first) = earlier.diagnostics.sorted().into_iter().find(|d| d.severity == Severity::Error) {
        return Err(format!("the book has mistakes at `{revision}`, the first: {}", first.message));
    }
    // Results have their key wherever they are, and pulled data their digest: what is here may serve both.
    earlier.store = desk.store.clone();
    earlier.shelf.cache.clone_from(&desk.shelf.cache);
    let mut unheard = Diagnostics::default();
    let before = earlier.edition(&mut unheard).map_err(|error| format!("at `{revision}`: {error}"))?;
    let has_results = before.experiments.iter().any(|experiment| !experiment.numbers.is_empty());
    if !before.experiments.is_empty() && !has_results {
        return Err(format!(
            "there are no results for `{revision}`: nothing is recorded there and none of its runs is cached here; \
             `labbook record` and a commit make a revision comparable"
        ));
    }
    let after = desk.edition(&mut unheard).map_err(|error| error.to_string())?;
    Ok((before, after))
}
