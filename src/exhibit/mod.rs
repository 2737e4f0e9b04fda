//! Results → what the pages show: cards, figures, tables, claims and numbers in the prose.
//!
//! For each directive of a chapter one [`Element`], for each `{val}` one [`render::Value`]; the chapters themselves become
//! [`render::Chapter`]s, and the data behind each figure and table become files. Drawing is the figure room's; what the
//! page looks like is the templates'.

mod card;
mod chart;
mod cited;
mod claim;
mod colophon;
mod effect;
mod image;
mod marks;
mod numbers;
mod provenance;
mod table;
mod tidy;
mod words;

use std::collections::BTreeMap;

use crate::analysis::Judgement;
use crate::bibliography::Bibliography;
use crate::diagnostic::{Sources, Span};
use crate::experiment::figure::{Figure, Subject, Table};
use crate::experiment::image::Group;
use crate::experiment::{Book, Restatement};
use crate::ledger::Ledger;
use crate::lineage::subject::number_id;
use crate::lineage::{self, Evidence, Kind};
use crate::markdown::{self, Node};
use crate::plan::Plan;
use crate::render::{self, DataFiles, Drawing, Element, Fact, Lexicon, Output, Piece, Words};
use crate::run::{Look, Results};
use crate::survey::Survey;
use cited::Cited;
use rayon::prelude::*;

pub use claim::{counted, findings};
pub use numbers::Numbers;
pub use tidy::tidy;

/// How wide a figure is drawn that stands by itself.
pub const WHOLE_PX: u32 = 720;
/// How narrow a figure is drawn at the most.
const LEAST_PX: u32 = 320;

/// Everything that is shown.
#[derive(Debug, Clone, Copy)]
pub struct Show<'a> {
    /// What was declared.
    pub book: &'a Book,
    /// The runs.
    pub plan: &'a Plan<'a>,
    /// What they gave.
    pub results: &'a Results,
    /// Rows of the datasets that figures show.
    pub looks: &'a BTreeMap<String, Look>,
    /// What is known of the datasets.
    pub survey: &'a Survey,
    /// The files of the book.
    pub sources: &'a Sources,
    /// What came of its claims, in its order.
    pub judgements: &'a [Judgement],
    /// What is recorded of them.
    pub ledger: &'a Ledger,
    /// The words of the interface.
    pub lexicon: &'a Lexicon,
    /// The works that may be cited.
    pub bibliography: Option<&'a Bibliography>,
}

/// What the pages are made of, and the files beside them.
#[derive(Debug)]
pub struct Exhibition {
    /// For the templates.
    pub book: render::Book,
    /// Data and drawings to be linked to.
    pub files: Vec<Output>,
}

/// Makes everything that is shown.
pub fn exhibit(show: &Show<'_>) -> Exhibition {
    let cited = Cited::of(show);
    let config = &show.book.config;
    // Each makes files of its own. Of two with one path the first in the order of the book stands, whoever was faster.
    let made: Vec<_> = show
        .book
        .chapters
        .par_iter()
        .map(|chapter| {
            let mut maker = Maker { show, cited: &cited, files: Files::new() };
            (maker.chapter(chapter), maker.files)
        })
        .collect();
    let mut files = Files::new();
    let chapters = made.into_iter().map(|(chapter, own)| {
        add(&mut files, own);
        chapter
    });
    let chapters = chapters.collect();
    let provenance = provenance_pages(show, &cited, &mut files);
    let book = render::Book {
        title: config.title.clone(),
        titles: config.titles.clone(),
        authors: config.authors.clone(),
        description: config.description.clone(),
        descriptions: config.descriptions.clone(),
        date: config.date.clone(),
        licence: config.licence.clone(),
        url: config.url.clone(),
        raw: if config.safe { render::Raw::Harmless } else { render::Raw::AsWritten },
        languages: config.languages.clone(),
        sizes: BTreeMap::new(),
        profile: show.book.profile.clone().filter(|p| p != "full"),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        chapters,
        colophons: config.languages.iter().map(|language| colophon::colophon(show, language)).collect(),
        works: cited.works.clone(),
        provenance,
    };
    let files = files.into_iter().map(|(path, bytes)| Output { path, bytes }).collect();
    Exhibition { book, files }
}

/// Files by their paths.
type Files = BTreeMap<String, Vec<u8>>;

/// Adds files to those that are there. What is shown again in other words stays one file: the declaration's.
fn add(files: &mut Files, more: Files) {
    for (path, bytes) in more {
        files.entry(path).or_insert(bytes);
    }
}

/// A page for everything that is shown or declared, and what stands behind it as files.
fn provenance_pages(show: &Show<'_>, cited: &Cited, files: &mut Files) -> Vec<render::Provenance> {
    let Show { book, sources, plan, results, survey, ledger, judgements, .. } = *show;
    let evidence = Evidence::new(book, sources, plan, results, survey, ledger, judgements);
    let shown = &*files;
    // These pages are there once, in the first language.
    let words = show.lexicon.of(&book.config.languages[0]);
    let page = |subject: &lineage::Subject| {
        let mut maker = Maker { show, cited, files: Files::new() };
        let lineage = lineage::trace(subject, &evidence);
        let behind = maker.files_of(subject, shown);
        let (path, bytes) = provenance::record(&lineage);
        maker.file(path, bytes);
        (provenance::page(&lineage, behind, words), maker.files)
    };
    let made: Vec<_> = lineage::subject::all(book).par_iter().map(page).collect();
    let pages = made.into_iter().map(|(page, own)| {
        add(files, own);
        page
    });
    pages.collect()
}

struct Maker<'a> {
    show: &'a Show<'a>,
    cited: &'a Cited,
    files: Files,
}

impl Maker<'_> {
    fn chapter(&mut self, chapter: &markdown::Chapter) -> render::Chapter {
        let language = chapter.language.clone().unwrap_or_else(|| self.show.book.config.languages[0].clone());
        let mut pieces = Vec::new();
        for node in &chapter.nodes {
            match node {
                Node::Event(event, _) => pieces.push(Piece::Event(event.clone())),
                Node::Ref(reference) => pieces.push(Piece::Reference(reference.target.value.clone())),
                Node::Val(val) => pieces.push(Piece::Value(self.value(&val.expression.value, &language))),
                Node::Directive(index) => {
                    let directive = &chapter.directives[*index];
                    pieces.extend(self.element(directive, &language).map(|e| Piece::Element(Box::new(e))));
                }
                Node::Cite(cite) => pieces.push(self.cited.piece(cite, &language, show_text(self.show, cite.span))),
                Node::Label(label) => pieces.push(Piece::Label(label.value.clone())),
                Node::Container(container, _) => pieces.push(Piece::Container(container.clone())),
            }
        }
        render::Chapter {
            path: chapter.path.clone(),
            slug: chapter.slug.clone(),
            language,
            title: chapter.title.clone(),
            subtitle: chapter.front.subtitle.clone(),
            authors: chapter.front.authors.clone(),
            date: chapter.front.date.clone(),
            description: chapter.front.description.clone(),
            standing: chapter.standing.clone(),
            pieces,
        }
    }

    /// What a directive shows where it stands; `{show}` shows what another one declares.
    fn element(&mut self, directive: &markdown::Directive, language: &str) -> Option<Element> {
        let id = directive.id.as_ref()?.value.as_str();
        let asked = directive.kind.value == "show";
        let book = self.show.book;
        let place = directive.id.as_ref()?.span;
        let words = self.show.lexicon.of(language);
        let restated = book.restatements.get(&place).cloned().unwrap_or_default();
        // What is part of another figure stands there.
        let is_part = book.groups.iter().any(|group| group.parts.iter().any(|part| part == id));
        if let Some(figure) = self.figure_of(id, &restated, language, WHOLE_PX) {
            let shown = book.figures.named(id).is_some_and(|f| f.show) || book.images.named(id).is_some_and(|i| i.show);
            return (asked || (shown && !is_part)).then_some(Element::Figure(figure));
        }
        if let Some(group) = book.groups.named(id) {
            return (asked || group.show).then(|| Element::Group(self.group(group, &restated, language)));
        }
        if let Some(table) = book.tables.named(id) {
            return (asked || table.show).then(|| Element::Table(self.table(&restated.table(table), language)));
        }
        if let Some(place) = book.claims.place(id) {
            let (claim, judgement) = (&book.claims[place], &self.show.judgements[place]);
            let says = restated.says.as_ref().unwrap_or(&claim.says);
            let shown = || claim::claim_box(claim, says, judgement, self.show.ledger, words);
            return (asked || claim.show).then(|| Element::Claim(shown()));
        }
        card::card(self.show, id, asked, words).map(Element::Card)
    }

    /// The figure or image of an id, in other words where it has them.
    fn figure_of(&mut self, id: &str, restated: &Restatement, language: &str, width_px: u32) -> Option<render::Figure> {
        let book = self.show.book;
        if let Some(figure) = book.figures.named(id) {
            return Some(self.figure(&restated.figure(figure), language, width_px));
        }
        let image = book.images.named(id)?;
        let figure = image::figure(&restated.image(image));
        Some(render::Figure { cited: self.cited.caption(language, &figure.caption), ..figure })
    }

    fn group(&mut self, group: &Group, restated: &Restatement, language: &str) -> render::Group {
        let Group { id, caption, columns, parts, .. } = restated.group(group);
        // As wide as they stand, so that their letters are as large as elsewhere.
        let width_px = (WHOLE_PX / columns.max(1) as u32).clamp(LEAST_PX, WHOLE_PX);
        let parts = parts.iter().enumerate();
        let cited = self.cited.caption(language, &caption);
        let parts = parts.filter_map(|(index, part)| self.figure_of(part, &restated.part(index), language, width_px));
        render::Group { id, caption, cited, columns, parts: parts.collect() }
    }

    fn figure(&mut self, figure: &Figure, language: &str, width_px: u32) -> render::Figure {
        let (svg, numbers) = drawn(self.show, figure, language, width_px);
        let mut files = self.keep(&figure.id, &numbers);
        let path = self.drawing(&figure.id, language);
        files.svg = Some(self.file(path, crate::figure::theme::flattened(&svg).into_bytes()));
        render::Figure {
            id: figure.id.clone(),
            drawing: Drawing::Svg(svg),
            caption: figure.caption.clone(),
            cited: self.cited.caption(language, &figure.caption),
            alt: figure.alt.clone(),
            data: numbers.grid(),
            files,
            provenance: self.provenance(&figure.of, language),
            command: Some(command(&figure.of)),
        }
    }

    fn table(&mut self, table: &Table, language: &str) -> render::Table {
        let words = self.show.lexicon.of(language);
        let (grid, numbers) = match self.show.results.experiment(&table.of) {
            Some(results) => table::of_experiment(table, results, words),
            None => Default::default(),
        };
        let of = Subject::Experiment(table.of.clone());
        render::Table {
            id: table.id.clone(),
            caption: table.caption.clone(),
            cited: self.cited.caption(language, &table.caption),
            grid,
            files: self.keep(&table.id, &numbers),
            notes: card::of_record(self.show, &table.of, words).into_iter().collect(),
            provenance: self.provenance(&of, language),
            command: Some(command(&of)),
        }
    }

    /// A number in the prose. Its expression has been checked; what is not there is printed as a dash.
    fn value(&self, text: &str, language: &str) -> render::Value {
        let words = self.show.lexicon.of(language);
        let text = text.trim();
        let Ok(expr) = crate::experiment::expression::parse(text) else {
            return render::Value::default();
        };
        let estimate = crate::analysis::estimate_of(&expr, self.show.results);
        let left_out = self.show.book.left_out(&expr);
        let seeds = match (estimate.n(), estimate.missing) {
            (0, _) if !left_out.is_empty() => {
                format!("{} {}", left_out.join(words.comma()), self.not_in_profile(words))
            }
            (0, _) => words.word("no result").to_owned(),
            _ if crate::analysis::is_gathered(&expr, self.show.results) => {
                words.word("one number for all seeds").to_owned()
            }
            (1, _) => words.word("one seed: its uncertainty is not known").to_owned(),
            (n, 0) => words.say("mean of {n} seeds and its 95 % interval", &[("n", &n)]),
            (n, missing) => {
                let phrase = "mean of {n} seeds and its 95 % interval; {missing} seeds have no value";
                words.say(phrase, &[("n", &n), ("missing", &missing)])
            }
        };
        let target = expr.selections().first().map(|s| s.experiment.clone());
        let of_record = target.as_ref().and_then(|id| card::of_record(self.show, id, words));
        let of_record = of_record.map_or_else(String::new, |note| format!(". {note}"));
        let title = format!("{text}: {seeds}{of_record}");
        let mut printed = estimate.print_with(expr.unit(), &words::sign(expr.unit(), words));
        if estimate.n() == 0 && !left_out.is_empty() {
            printed = format!("{printed} ({})", self.not_in_profile(words));
        }
        render::Value { text: printed, title, target, id: number_id(text) }
    }

    /// Why a grid point that the book has is not there.
    fn not_in_profile(&self, words: &Words) -> String {
        let profile = self.show.book.profile.as_deref().unwrap_or("full");
        words.say("not in the profile `{profile}`", &[("profile", &profile)])
    }

    fn keep(&mut self, id: &str, numbers: &Numbers) -> DataFiles {
        if numbers.rows.is_empty() {
            return DataFiles::default();
        }
        DataFiles {
            csv: Some(self.file(format!("data/{id}.csv"), numbers.csv())),
            json: Some(self.file(format!("data/{id}.json"), numbers.json())),
            svg: None,
        }
    }

    /// The file of a drawing: its words are those of a language, the first of which needs no mark.
    fn drawing(&self, id: &str, language: &str) -> String {
        let is_first = self.show.book.config.languages.first().is_none_or(|first| first == language);
        if is_first { format!("figures/{id}.svg") } else { format!("figures/{id}.{language}.svg") }
    }

    fn file(&mut self, path: String, bytes: Vec<u8>) -> String {
        self.files.entry(path.clone()).or_insert(bytes);
        path
    }

    /// The files behind a subject; those of figures and tables are among those that were made where they are shown.
    fn files_of(&mut self, subject: &lineage::Subject, shown: &Files) -> DataFiles {
        let id = &subject.id;
        let numbers = match (subject.kind, &subject.expression) {
            (Kind::Number | Kind::Claim, Some(text)) => provenance::values(text, self.show),
            (Kind::Experiment, _) => {
                let measures = self.show.book.experiment(id).map_or(&[][..], |e| &e.measures);
                self.show
                    .results
                    .experiment(id)
                    .map_or_else(Numbers::default, |results| tidy::computed(results, measures))
            }
            _ => {
                let known = |path: String| shown.contains_key(&path).then_some(path);
                let (csv, json) = (known(format!("data/{id}.csv")), known(format!("data/{id}.json")));
                return DataFiles { csv, json, svg: known(format!("figures/{id}.svg")) };
            }
        };
        self.keep(id, &numbers)
    }

    fn provenance(&self, of: &Subject, language: &str) -> Vec<Fact> {
        let words = self.show.lexicon.of(language);
        match of {
            Subject::Experiment(id) => card::provenance(self.show, id, words),
            Subject::Dataset(id) => card::dataset_facts(self.show, id, words),
        }
    }
}

/// The drawing of a figure in the words of a language, and the numbers behind it. The SVG follows the theme of the page
/// around it.
pub fn drawn(show: &Show<'_>, figure: &Figure, language: &str, width_px: u32) -> (String, Numbers) {
    let words = show.lexicon.of(language);
    let made = match &figure.of {
        Subject::Experiment(id) => show.results.experiment(id).map(|results| {
            let dataset = show.book.experiment(id).map(|e| e.points[0].work.dataset.clone());
            let look = dataset.and_then(|d| show.looks.get(&d));
            let (mut chart, numbers) = chart::of_experiment(figure, results, look, words);
            chart.notes.extend(card::of_record(show, id, words));
            (chart, numbers)
        }),
        Subject::Dataset(id) => show.looks.get(id).map(|look| chart::of_dataset(figure, look, words)),
    };
    let (mut chart, numbers) = made.unwrap_or_else(|| (chart::missing(figure, words), Numbers::default()));
    chart.width_px = width_px;
    (crate::figure::draw(&chart), numbers)
}

/// What stands at a place in the book.
fn show_text<'a>(show: &Show<'a>, span: Span) -> &'a str {
    &show.sources.get(span.file).text[span.start..span.end]
}

/// The command that redoes only what stands behind a figure or table.
fn command(of: &Subject) -> String {
    match of {
        Subject::Experiment(id) => format!("labbook run {id}"),
        Subject::Dataset(_) => "labbook build".to_owned(),
    }
}
