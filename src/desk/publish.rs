//! Records → figures → pages → the output folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Desk, Error};
use crate::analysis::{self, Verdict};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::exhibit::{self, Show};
use crate::experiment::figure::{Plot, Subject};
use crate::plan::Plan;
use crate::render::{self, Templates};
use crate::run::{self, Look};
use crate::survey::{Presence, Survey};
use crate::{audit, files, ro_crate, schema, site};

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

impl Desk {
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
    pub(super) fn looks(&self, survey: &Survey, diagnostics: &mut Diagnostics) -> BTreeMap<String, Look> {
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
