//! The whole way from a book's folder to its pages, on one screen.
//!
//! ```text
//! open ─ files → chapters → experiments     everything wrong, in one pass; milliseconds
//! survey ─ which data are here              digests, no rows
//! plan ─ experiments × store → runs         what would run, and why
//! execute ─ runs → records in the store     the only step that takes time
//! publish ─ records → figures → pages → output/
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::analysis::{self, Verdict};
use crate::audit::{self, Fresh};
use crate::bibliography::{self, Bibliography};
use crate::cache::Needs;
use crate::data::Shelf;
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::diff::Edition;
use crate::exhibit::{self, Show};
use crate::experiment::config::{self, Config, Profile};
use crate::experiment::figure::{Plot, Subject};
use crate::experiment::{self, Book, Experiment};
use crate::ledger::{self, Ledger, RecordedClaims};
use crate::plan::{self, Holdings, Plan, Rule, Run, Status};
use crate::render::{self, Templates};
use crate::run::{self, Checkpoints, Failure, Look, Monitor, Results, Workshop};
use crate::store::{Key, Store};
use crate::survey::{self, Places, Presence, Survey};
use crate::{files, markdown, ro_crate, schema, site};

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
    pub ledger: Ledger,
    /// Where its data lie.
    pub shelf: Shelf,
    /// The day it is published where it names none itself, in seconds since 1970.
    pub epoch: Option<u64>,
}

/// A book as it is to be written out.
#[derive(Debug)]
pub struct Composed {
    /// Its pages and other files.
    pub outputs: Vec<render::Output>,
    /// Broken links, damaged results.
    pub diagnostics: Diagnostics,
    /// The claims that say something else than when their results were first recorded.
    pub changed_claims: Vec<String>,
    /// Its claims, and what the results say to each.
    pub verdicts: Vec<(String, Verdict)>,
}

/// What publishing did.
#[derive(Debug)]
pub struct Published {
    /// The output folder.
    pub folder: PathBuf,
    /// Files written because their bytes differ.
    pub written: usize,
    /// Files left as they were.
    pub unchanged: usize,
    /// Stale files removed.
    pub removed: usize,
    /// Broken links, damaged results.
    pub diagnostics: Diagnostics,
    /// The book's claims, and what the results say to each.
    pub verdicts: Vec<(String, Verdict)>,
    /// The claims that say something else than when their results were first recorded.
    pub changed_claims: Vec<String>,
}

/// What is made of a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Its pages.
    Pages,
    /// The same and an EPUB.
    PagesAndEpub,
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
        let mut sources = Sources::default();
        let mut diagnostics = Diagnostics::default();
        let config = configuration(root, &mut sources, &mut diagnostics)?;
        let chapters = markdown::read_book(root, &config.chapters, &config.languages, &mut sources, &mut diagnostics);
        let book = experiment::resolve(config, chapters, profile, &mut diagnostics);
        let bibliography = bibliography::read(root, &book.config, &mut sources, &mut diagnostics);
        bibliography::check(bibliography.as_ref(), &book.chapters, &sources, &mut diagnostics);
        site::check_sources(&book, root, &mut diagnostics);
        let ledger = ledger::read(root, &mut sources, &mut diagnostics);
        let store = Store::of_book(root);
        let shelf = Shelf { book: root.to_owned(), cache: store.data_folder(), mirrors };
        Ok(Self { root: root.to_owned(), sources, diagnostics, book, bibliography, store, ledger, shelf, epoch: None })
    }

    /// Adds what is wrong with the book in the profiles that are not in force, and only there.
    ///
    /// # Errors
    /// If the book cannot be read again.
    pub fn check_profiles(&self, diagnostics: &mut Diagnostics) -> Result<(), Error> {
        let known = self.diagnostics.sorted();
        let others = self.book.config.profiles.keys().filter(|name| self.book.profile.as_ref() != Some(name));
        for name in others {
            let desk = Self::open(&self.root, Some(name), self.shelf.mirrors.clone())?;
            for found in desk.diagnostics.sorted().into_iter().filter(|found| !known.contains(found)) {
                let message = format!("in the profile `{name}`: {}", found.message);
                diagnostics.push(Diagnostic { message, ..found.clone() });
            }
        }
        Ok(())
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

    /// The keys of all runs of the book, in whichever profile.
    ///
    /// # Errors
    /// If the book cannot be read again.
    pub fn keys_of_profiles(&self) -> Result<BTreeSet<Key>, Error> {
        let mut keys = BTreeSet::new();
        // What is wrong with another profile is nothing to this one.
        for (_, desk) in self.in_profiles()?.iter().filter(|(_, desk)| !desk.diagnostics.has_errors()) {
            let survey = desk.survey(&mut Diagnostics::default());
            keys.extend(desk.plan(&|_| true, &survey, Rule::Recorded).runs.into_iter().map(|run| run.key));
        }
        Ok(keys)
    }

    /// Who needs the runs of the cache. Where the data of an experiment are not here, it needs those it had last.
    ///
    /// # Errors
    /// If the book cannot be read again, or has mistakes in one of its profiles: who knows what it needs there.
    pub fn needs(&self) -> Result<Needs, Error> {
        let mut needs = Needs::default();
        for (profile, desk) in self.in_profiles()? {
            if desk.diagnostics.has_errors() {
                return Err(Error::Profile(profile.unwrap_or_default()));
            }
            let survey = desk.survey(&mut Diagnostics::default());
            for run in desk.plan(&|_| true, &survey, Rule::Recorded).runs {
                needs.book.entry(run.key).or_insert_with(|| run.experiment.id.clone());
            }
            let is_absent = |e: &&Experiment| e.points.iter().any(|p| !survey.known.contains_key(&p.work.dataset));
            for experiment in desk.book.experiments.iter().filter(is_absent) {
                let last = desk.store.last_keys(&experiment.id).into_values();
                needs.book.extend(last.map(|key| (key, experiment.id.clone())));
            }
        }
        for id in self.ledger.experiments() {
            let runs = self.ledger.experiment(id).into_iter().flat_map(|recorded| &recorded.runs);
            needs.record.extend(runs.map(|run| (run.key.clone(), id.to_owned())));
        }
        Ok(needs)
    }

    /// The book in each of its profiles, with how that is called; the one without a name is what a build takes.
    fn in_profiles(&self) -> Result<Vec<(Option<&'static str>, Self)>, Error> {
        let defined = Profile::NAMES.into_iter().filter(|name| self.book.config.profiles.contains_key(*name));
        let names: BTreeSet<_> = defined.map(Some).chain([None, Some("full")]).collect();
        let open = |name| Ok((name, Self::open(&self.root, name, self.shelf.mirrors.clone())?));
        names.into_iter().map(open).collect()
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

    /// Writes the book.
    ///
    /// # Errors
    /// If the disk, a template or the output folder is at fault; the old pages then stand.
    pub fn publish(
        &self,
        plan: &Plan<'_>,
        survey: &Survey,
        dest: Option<&Path>,
        form: Form,
    ) -> Result<Published, Error> {
        let Composed { outputs, diagnostics, changed_claims, verdicts } = self.compose(plan, survey, form)?;
        let folder = dest.map_or_else(|| self.root.join(&self.book.config.output), Path::to_owned);
        let _turn = self.store.turn_to_write();
        let written = site::write(&outputs, &folder)?;
        Ok(Published {
            folder,
            written: written.written.len(),
            unchanged: written.unchanged,
            removed: written.removed.len(),
            diagnostics,
            changed_claims,
            verdicts,
        })
    }

    /// Draws and renders the book.
    ///
    /// # Errors
    /// If the disk or a template is at fault.
    pub fn compose(&self, plan: &Plan<'_>, survey: &Survey, form: Form) -> Result<Composed, Error> {
        let mut diagnostics = Diagnostics::default();
        let results = self.results(plan, &mut diagnostics)?;
        let looks = self.looks(survey, &mut diagnostics);
        let judgements = analysis::judge(&self.book, &results);
        let templates = self.templates()?;
        let mut exhibition = exhibit::exhibit(&Show {
            book: &self.book,
            plan,
            results: &results,
            looks: &looks,
            survey,
            sources: &self.sources,
            judgements: &judgements,
            ledger: &self.ledger,
            lexicon: templates.lexicon(),
            bibliography: self.bibliography.as_ref(),
        });
        exhibition.book.sizes = self.sizes(&exhibition.book);
        let rendered = render::render(&exhibition.book, &templates)?;
        let mut outputs = exhibition.files;
        for needed in &rendered.needed {
            match files::read(&self.root.join(&needed.source)) {
                Ok(bytes) => outputs.push(render::Output { path: needed.path.clone(), bytes }),
                // The link to it is reported with the others that are broken.
                Err(error) if error.is_absent() || self.root.join(&needed.source).is_dir() => {}
                Err(error) => diagnostics.push(Diagnostic::error(None, format!("in `{}`: {error}", needed.chapter))),
            }
        }
        outputs.extend(rendered.outputs);
        if form == Form::PagesAndEpub {
            outputs.extend(self.epubs(&exhibition.book, &templates)?);
        }
        let schemas = schema::Published::ALL.into_iter();
        outputs.extend(schemas.map(|of| render::Output { path: of.path().to_owned(), bytes: of.text().into_bytes() }));
        if let Some(date) = ro_crate::date(&self.book, self.epoch) {
            let content =
                ro_crate::Content { book: &self.book, plan, results: &results, outputs: &outputs, date: &date };
            outputs.push(ro_crate::describe(&content));
        }
        site::check_links(&outputs).report(&mut diagnostics);
        let changed = self.book.claims.iter().filter(|claim| audit::changed(claim, &self.ledger).is_some());
        let changed_claims = changed.map(|claim| claim.id.clone()).collect();
        let ids = self.book.claims.iter().map(|claim| claim.id.clone());
        let verdicts = ids.zip(judgements.iter().map(|j| j.verdict)).collect();
        Ok(Composed { outputs, diagnostics, changed_claims, verdicts })
    }

    /// The sizes of the images that a book shows; a file that says none, or is not there, has none.
    fn sizes(&self, book: &render::Book) -> BTreeMap<String, render::Size> {
        let of = |source: String| Some((source.clone(), render::size(&files::read(&self.root.join(&source)).ok()?)?));
        render::pictures(book).into_iter().filter_map(of).collect()
    }

    /// The book as EPUB, one file a language.
    fn epubs(&self, book: &render::Book, templates: &Templates) -> Result<Vec<render::Output>, Error> {
        let picture = |source: &str| files::read(&self.root.join(source)).ok();
        // The last date that its authors gave: a clock would make every build another book.
        let dates = book.chapters.iter().filter_map(|chapter| chapter.date.as_deref());
        let date = dates.filter(|date| date.len() == 10).max().unwrap_or("2000-01-01");
        let modified = format!("{date}T00:00:00Z");
        let languages = book.languages.iter().filter(|l| book.chapters.iter().any(|c| c.language == **l));
        let packed = languages.enumerate().map(|(index, language)| {
            let files = render::epub::files(book, language, templates, &picture, &modified)?;
            let path = if index == 0 { "book.epub".to_owned() } else { format!("{language}/book.epub") };
            Ok(render::Output { path, bytes: site::pack::epub(&files) })
        });
        packed.collect()
    }

    /// Prints a published book: `book.pdf`, and one for each further language.
    ///
    /// # Errors
    /// If there is no browser to print it, or the disk fails.
    pub fn print(&self, folder: &Path) -> Result<PathBuf, Error> {
        for language in &self.book.config.languages {
            let (page, path) = match self.book.config.languages.first() {
                Some(first) if first == language => ("print.html".to_owned(), "book.pdf".to_owned()),
                _ => (format!("{language}/print.html"), format!("{language}/book.pdf")),
            };
            let page = folder.join(page);
            if page.is_file() {
                site::add(&render::Output { path, bytes: site::paper::print(&page)? }, folder)?;
            }
        }
        Ok(folder.join("book.pdf"))
    }

    /// The built-in templates, with those of the book's own `templates/` in their place.
    ///
    /// # Errors
    /// If one of them cannot be read or is wrong.
    pub fn templates(&self) -> Result<Templates, Error> {
        let folder = self.root.join("templates");
        let mut own = BTreeMap::new();
        for path in files::walk(&folder)? {
            own.insert(files::portable(&path, Path::new("")), files::read_text(&folder.join(&path))?);
        }
        Ok(Templates::new(&own)?)
    }

    /// Looks at the datasets whose rows figures show.
    fn looks(&self, survey: &Survey, diagnostics: &mut Diagnostics) -> BTreeMap<String, Look> {
        // The most examples that any figure of a dataset shows.
        let mut wanted: BTreeMap<String, usize> = BTreeMap::new();
        let mut want = |id: &str, count: usize| {
            let most = wanted.entry(id.to_owned()).or_default();
            *most = count.max(*most);
        };
        for figure in &self.book.figures {
            match &figure.of {
                Subject::Dataset(id) => want(id, figure.count),
                Subject::Experiment(id) if figure.plot == Plot::Boundary => {
                    let points = self.book.experiment(id).map_or(&[][..], |e| &e.points);
                    points.iter().for_each(|p| want(&p.work.dataset, figure.count));
                }
                Subject::Experiment(_) => {}
            }
        }
        let mut looks = BTreeMap::new();
        for (id, count) in wanted {
            let Some(known) = survey.known.get(&id) else { continue };
            match run::look(&self.book.datasets[&id], count, known, &self.shelf, &self.store) {
                Ok(look) => drop(looks.insert(id, look)),
                // What is recorded of a dataset are results, not its rows.
                Err(_) if known.presence == Presence::OfRecord => {}
                Err(reason) => {
                    let span = self.book.declarations.get(&id).map(|d| d.span);
                    diagnostics.push(Diagnostic::error(span, format!("dataset `{id}`: {reason}")));
                }
            }
        }
        looks
    }
}

/// What the book's own file says, or that of a book made for mdBook.
fn configuration(root: &Path, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Result<Config, Error> {
    let names = ["labbook.toml", "book.toml"];
    let Some(name) = names.into_iter().find(|name| files::is_file(&root.join(name))) else {
        return Err(Error::NoBook(root.to_owned()));
    };
    let file = sources.add(name, files::read_text(&root.join(name))?);
    Ok(match name {
        "book.toml" => {
            let folder = files::real(root)?.unwrap_or_else(|| root.to_owned());
            let title = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            config::read_mdbook(file, &title, sources, diagnostics)
        }
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
