//! The whole way from a book's folder to its pages, on one screen.
//!
//! ```text
//! open ─ files → chapters → experiments     everything wrong, in one pass; milliseconds
//! survey ─ which data are here              digests, no rows
//! plan ─ experiments × store → runs         what would run, and why
//! execute ─ runs → records in the store     the only step that takes time
//! publish ─ records → figures → pages → output/
//! ```

mod profiles;
mod publish;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::analysis;
use crate::audit::{self, Fresh};
use crate::bibliography::{self, Bibliography};
use crate::data::Shelf;
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::diff::Edition;
use crate::exhibit::Show;
use crate::experiment::config::{self, Config};
use crate::experiment::{self, Book, Experiment};
use crate::ledger::{self, Ledger, RecordedClaims};
use crate::plan::{self, Holdings, Plan, Rule, Run, Status};
use crate::render;
use crate::run::{self, Checkpoints, Failure, Monitor, Results, Workshop};
use crate::store::Store;
use crate::survey::{self, Places, Survey};
use crate::{files, markdown, site};

pub use publish::{Composed, Form, Published};

/// A book on the desk: read and resolved, with everything that is wrong with it.
#[derive(Debug)]
pub struct Desk {
    /// The book's folder.
    pub root: PathBuf,
    /// Its text files.
    pub sources: Sources,
    /// What is wrong with it; the book is only to be used where there are no errors.
    pub diagnostics: Diagnostics,
    /// What it declares.
    pub book: Book,
    /// The works it cites, where it names any.
    pub bibliography: Option<Bibliography>,
    /// Its finished runs.
    pub store: Store,
    /// Its results of record.
    pub ledger: Arc<Ledger>,
    /// Where its data lie.
    pub shelf: Shelf,
    /// The day it is published where it names none itself, in seconds since 1970.
    pub epoch: Option<u64>,
}

/// Why a book could not be opened or published.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk failed.
    #[error(transparent)]
    Files(#[from] files::Error),
    /// A template is at fault.
    #[error(transparent)]
    Render(#[from] render::Error),
    /// The output folder is at fault.
    #[error(transparent)]
    Site(#[from] site::Error),
    /// The book has mistakes under a profile.
    #[error("the book has mistakes under `--profile {0}`; mend them first, so that it is known what it needs")]
    Profile(&'static str),
    /// The book could not be printed.
    #[error(transparent)]
    Paper(#[from] site::paper::Error),
    /// There is no book.
    #[error("there is no `labbook.toml` in `{}`; name the book's folder with --book, or make a book with `labbook init`", .0.display())]
    NoBook(PathBuf),
}

impl Desk {
    /// Reads and resolves the book in `root`. Its mistakes are in [`Desk::diagnostics`].
    ///
    /// # Errors
    /// If there is no book, or its files cannot be read.
    pub fn open(root: &Path, profile: Option<&str>, mirrors: Vec<PathBuf>) -> Result<Self, Error> {
        Self::lay(root, profile, mirrors, &|sources, diagnostics| Arc::new(ledger::read(root, sources, diagnostics)))
    }

    /// The same book under another profile. Its results of record are those that have been read.
    fn under(&self, profile: Option<&str>) -> Result<Self, Error> {
        Self::lay(&self.root, profile, self.shelf.mirrors.clone(), &|_, _| Arc::clone(&self.ledger))
    }

    fn lay(
        root: &Path,
        profile: Option<&str>,
        mirrors: Vec<PathBuf>,
        ledger: &dyn Fn(&mut Sources, &mut Diagnostics) -> Arc<Ledger>,
    ) -> Result<Self, Error> {
        let mut sources = Sources::default();
        let mut diagnostics = Diagnostics::default();
        let config = configuration(root, &mut sources, &mut diagnostics)?;
        let chapters = markdown::read_book(root, &config.chapters, &config.languages, &mut sources, &mut diagnostics);
        let book = experiment::resolve(config, chapters, profile, &mut diagnostics);
        let bibliography = bibliography::read(root, &book.config, &mut sources, &mut diagnostics);
        bibliography::check(bibliography.as_ref(), &book.chapters, &sources, &mut diagnostics);
        site::check_sources(&book, root, &mut diagnostics);
        let ledger = ledger(&mut sources, &mut diagnostics);
        let store = Store::of_book(root);
        let shelf = Shelf { book: root.to_owned(), cache: store.data_folder(), mirrors };
        Ok(Self { root: root.to_owned(), sources, diagnostics, book, bibliography, store, ledger, shelf, epoch: None })
    }

    /// Finds out which data are here.
    pub fn survey(&self, diagnostics: &mut Diagnostics) -> Survey {
        survey::survey(&self.book, &self.places(), diagnostics)
    }

    /// Where data, and what is known of them, may be found.
    pub fn places(&self) -> Places<'_> {
        Places { shelf: &self.shelf, store: &self.store, ledger: &self.ledger }
    }

    /// Plans the wanted experiments, at those grid points whose data are here or that have a result.
    pub fn plan(&self, wanted: &dyn Fn(&Experiment) -> bool, survey: &Survey, rule: Rule) -> Plan<'_> {
        let holdings = Holdings { store: &self.store, ledger: &self.ledger, rule };
        plan::plan(&self.book, wanted, &survey.known, &holdings)
    }

    /// Runs runs; every finished one is kept at once, and those under way are put down after every `pause`.
    pub fn execute(
        &self,
        runs: &[&Run<'_>],
        jobs: usize,
        pause: Duration,
        stop: &AtomicBool,
        monitor: &dyn Monitor,
    ) -> Vec<Failure> {
        let keep = |run: &Run<'_>, record| self.store.put(&run.key, &record);
        let checkpoints = Some(Checkpoints { store: &self.store, every: pause });
        let workshop = Workshop { keep: &keep, checkpoints, shelf: &self.shelf, jobs, stop, closes: None };
        run::execute(runs, &self.book, &workshop, monitor)
    }

    /// Runs runs without the cache: nothing is read from it and nothing kept in it. None begins after `closes`.
    pub fn execute_apart(
        &self,
        runs: &[&Run<'_>],
        jobs: usize,
        stop: &AtomicBool,
        closes: Option<Instant>,
        monitor: &dyn Monitor,
    ) -> (Fresh, Vec<Failure>) {
        let fresh = Mutex::new(Fresh::new());
        let keep = |run: &Run<'_>, record| {
            fresh.lock().expect("nothing panics while it holds this").insert(run.key.clone(), record);
            Ok(())
        };
        let workshop = Workshop { keep: &keep, checkpoints: None, shelf: &self.shelf, jobs, stop, closes };
        let failures = run::execute(runs, &self.book, &workshop, monitor);
        (fresh.into_inner().expect("nothing panics while it holds this"), failures)
    }

    /// Removes what was put down of runs that have their result by now, or that the book no longer has in any profile.
    ///
    /// # Errors
    /// If the disk fails, or the book cannot be read again.
    pub fn prune_checkpoints(&self) -> Result<(), Error> {
        let left = self.store.checkpoints()?;
        if left.is_empty() {
            return Ok(());
        }
        let current = self.keys_of_profiles()?;
        for key in left.iter().filter(|key| !current.contains(key) || self.store.contains(key)) {
            self.store.remove_checkpoint(key)?;
        }
        Ok(())
    }

    /// Reads the results of a plan, and names those that are damaged.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn results(&self, plan: &Plan<'_>, diagnostics: &mut Diagnostics) -> Result<Results, Error> {
        let mut damaged = Vec::new();
        let results = run::gather(plan, &self.store, &self.ledger, &mut damaged)?;
        for what in damaged {
            let diagnostic = Diagnostic::warning(None, format!("a cached result is damaged and was removed: {what}"));
            diagnostics.push(diagnostic.hint("the next build runs it again"));
        }
        Ok(results)
    }

    /// Writes the results of record of the plan's experiments; says of each whether that changed its file.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn record(&self, plan: &Plan<'_>, results: &Results, survey: &Survey) -> Result<Vec<(String, bool)>, Error> {
        let current = self.keys_of_profiles()?;
        let ids: BTreeSet<&str> = plan.runs.iter().map(|run| run.experiment.id.as_str()).collect();
        let mut written = Vec::new();
        let _turn = self.store.turn_to_write();
        for id in ids {
            let recorded = audit::recorded(id, plan, results, survey, self.ledger.experiment(id), &current);
            written.push((id.to_owned(), ledger::write(&self.root, id, &recorded)?));
        }
        Ok(written)
    }

    /// Records what the book's claims say, where their results are recorded; `now` are the experiments that were recorded
    /// just now. Says which claims there are.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn record_claims(&self, now: &[(String, bool)]) -> Result<RecordedClaims, Error> {
        let recorded = |id: &str| now.iter().any(|(now, _)| now == id) || self.ledger.experiment(id).is_some();
        let claims = audit::recorded_claims(&self.book, &self.ledger, &recorded);
        ledger::write_claims(&self.root, &claims)?;
        Ok(claims)
    }

    /// Removes the records of experiments that the book no longer has; returns how many.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn forget_others(&self) -> Result<usize, Error> {
        let others: Vec<&str> = self.ledger.experiments().filter(|id| self.book.experiment(id).is_none()).collect();
        others.iter().try_for_each(|id| ledger::remove(&self.root, id))?;
        Ok(others.len())
    }

    /// What the book says with the results that are there: nothing runs and nothing is written.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn edition(&self, diagnostics: &mut Diagnostics) -> Result<Edition, Error> {
        let survey = self.survey(diagnostics);
        let plan = self.plan(&|_| true, &survey, Rule::Known);
        let results = self.results(&plan, diagnostics)?;
        let looks = self.looks(&survey, diagnostics);
        let judgements = analysis::judge(&self.book, &results);
        let templates = self.templates()?;
        Ok(Edition::of(&Show {
            book: &self.book,
            plan: &plan,
            results: &results,
            looks: &looks,
            survey: &survey,
            sources: &self.sources,
            judgements: &judgements,
            ledger: &self.ledger,
            lexicon: templates.lexicon(),
            bibliography: self.bibliography.as_ref(),
        }))
    }
}

/// What the book's own file says, or that of a book made for mdBook.
fn configuration(root: &Path, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Result<Config, Error> {
    let names = ["labbook.toml", "book.toml"];
    let named_by_folder = || -> Result<String, Error> {
        let folder = files::real(root)?.unwrap_or_else(|| root.to_owned());
        Ok(folder.file_name().unwrap_or_default().to_string_lossy().into_owned())
    };
    let Some(name) = names.into_iter().find(|name| files::is_file(&root.join(name))) else {
        // A list of chapters is a book already.
        let folders = ["chapters", "src", "."];
        let listed = folders.into_iter().find(|folder| files::is_file(&root.join(folder).join(markdown::SUMMARY)));
        let chapters = listed.ok_or_else(|| Error::NoBook(root.to_owned()))?.to_owned();
        return Ok(Config { title: named_by_folder()?, chapters, ..Config::default() });
    };
    let file = sources.add(name, files::read_text(&root.join(name))?);
    Ok(match name {
        "book.toml" => config::read_mdbook(file, &named_by_folder()?, sources, diagnostics),
        _ => config::read(file, sources, diagnostics),
    })
}

/// Marks every run as one that has to run again.
pub fn rerun(plan: &mut Plan<'_>) {
    for run in &mut plan.runs {
        run.status = Status::Stale;
        run.reason = "asked to run again".into();
    }
}
