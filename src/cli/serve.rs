//! The live preview.

use std::path::Path;

use super::commands::{cores, failed, mirrors, open_in_browser};
use super::{Exit, Serve};
use crate::serve::{self, Settings};

/// `labbook serve`
pub(super) fn serve(book: &Path, arguments: &Serve) -> Exit {
    let jobs = arguments.jobs.map_or_else(cores, usize::from);
    let settings = Settings {
        book: book.to_owned(),
        profile: arguments.profile.profile.clone(),
        mirrors: mirrors(),
        port: arguments.port,
        jobs: (!arguments.no_run).then_some(jobs),
        say: super::say,
    };
    let ready = |address, stopper: serve::Stopper| {
        let page = format!("http://{address}/");
        say!("serving `{}` on {page}; Ctrl-C ends it", book.display());
        if let Err(error) = ctrlc::set_handler(move || stopper.stop()) {
            say!("warning: Ctrl-C will not wait for anything: {error}");
        }
        if arguments.open {
            open_in_browser(Path::new(&page));
        }
    };
    match serve::serve(&settings, ready) {
        Ok(()) => Exit::Fine,
        Err(error) => failed(&error.to_string()),
    }
}
