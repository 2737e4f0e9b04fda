//! What a directive shows on the page: cards, figures, tables and claims, with every word and number already made.

use super::CaptionCitation;
use super::ColophonSection;
pub use crate::analysis::Verdict;

/// A block that a directive stands for.
#[derive(Debug, Clone)]
pub enum Element {
    /// A dataset, a model or an experiment.
    Card(Card),
    /// A drawing or an image.
    Figure(Figure),
    /// Several of them under one caption.
    Group(Group),
    /// A table of results.
    Table(Table),
    /// An assertion and what the results say to it.
    Claim(Claim),
}

/// A label and what stands beside it.
#[derive(Debug, Clone, Default)]
pub struct Fact {
    /// In English; a label that the interface knows (`runs`, `seeds`, `cost`, …) is shown in the page's language.
    pub label: String,
    /// As printed.
    pub value: String,
    /// Where it leads: a file of the output, relative to its root, or a full URL.
    pub link: Option<String>,
}

/// Rows and columns of printed cells.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    /// One word a column.
    pub header: Vec<String>,
    /// Rows × columns.
    pub rows: Vec<Vec<Cell>>,
}

/// One printed cell.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// As printed; a cell that reads as a number is aligned right.
    pub text: String,
    /// What it is, for who points at it; empty where the text says all.
    pub title: String,
}

/// What a card stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardKind {
    /// Where rows come from.
    Dataset,
    /// What learns.
    Model,
    /// What was run.
    Experiment,
}

/// A declaration as it was written, and what came of it.
#[derive(Debug, Clone)]
pub struct Card {
    /// What it stands for.
    pub kind: CardKind,
    /// Its name.
    pub id: String,
    /// The body of the directive, as written.
    pub source: String,
    /// Visible at a glance: runs, seeds, cost, ….
    pub facts: Vec<Fact>,
    /// Only for who opens the card: digests, versions, keys.
    pub details: Vec<Fact>,
    /// What the reader must know: `2 of 40 runs diverged`.
    pub notes: Vec<String>,
    /// The command that redoes only this.
    pub command: Option<String>,
}

/// A drawing with what stands behind it.
#[derive(Debug, Clone, Default)]
pub struct Figure {
    /// `fig-scale`.
    pub id: String,
    /// What it shows.
    pub drawing: Drawing,
    /// Markdown, one paragraph.
    pub caption: String,
    /// The citations in it, in order.
    pub cited: Vec<CaptionCitation>,
    /// What a reader who cannot see it must know.
    pub alt: String,
    /// The numbers behind it.
    pub data: Option<Grid>,
    /// The same as files.
    pub files: DataFiles,
    /// Where it comes from: experiment, parameters, seeds, versions, keys.
    pub provenance: Vec<Fact>,
    /// The command that redoes only this.
    pub command: Option<String>,
}

/// What a figure shows.
#[derive(Debug, Clone)]
pub enum Drawing {
    /// One `<svg>` element; it may use what the page defines for both themes: `--fig-ink`, `--fig-muted`, `--fig-axis`,
    /// `--fig-grid`, `--fig-page`, `--fig-fill`, `--fig-1` … `--fig-8` and `--fig-font`.
    Svg(String),
    /// An image of the book.
    File(ImageFile),
}

impl Default for Drawing {
    fn default() -> Self {
        Self::Svg(String::new())
    }
}

/// An image of the book.
#[derive(Debug, Clone, Default)]
pub struct ImageFile {
    /// Relative to the book's root.
    pub source: String,
    /// What takes its place in the dark theme.
    pub dark: Option<String>,
    /// How wide it stands, as CSS says it: `480px`.
    pub width: Option<String>,
}

/// Several figures under one caption.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// `fig-both`.
    pub id: String,
    /// Markdown, one paragraph.
    pub caption: String,
    /// The citations in it, in order.
    pub cited: Vec<CaptionCitation>,
    /// How many stand side by side where there is room.
    pub columns: usize,
    /// In order: the first is (a).
    pub parts: Vec<Figure>,
}

impl Element {
    /// The citations in its captions, in the order in which they are read.
    pub fn cited(&self) -> Vec<&CaptionCitation> {
        match self {
            Self::Figure(figure) => figure.cited.iter().collect(),
            Self::Group(group) => {
                let parts = group.parts.iter().flat_map(|part| &part.cited);
                group.cited.iter().chain(parts).collect()
            }
            Self::Table(table) => table.cited.iter().collect(),
            Self::Card(_) | Self::Claim(_) => Vec::new(),
        }
    }
}

impl Group {
    /// The letter of a part: `a` of the first.
    pub fn letter(index: usize) -> char {
        char::from(b'a' + (index % 26) as u8)
    }
}

/// Files of the output, as paths relative to its root.
#[derive(Debug, Clone, Default)]
pub struct DataFiles {
    /// Tidy rows.
    pub csv: Option<String>,
    /// The same with its description.
    pub json: Option<String>,
    /// The drawing.
    pub svg: Option<String>,
}

/// A table of results.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// `tbl-scale`.
    pub id: String,
    /// Markdown, one paragraph.
    pub caption: String,
    /// The citations in it, in order.
    pub cited: Vec<CaptionCitation>,
    /// What it shows.
    pub grid: Grid,
    /// The numbers behind it.
    pub files: DataFiles,
    /// Sentences under the table, Markdown.
    pub notes: Vec<String>,
    /// Where it comes from.
    pub provenance: Vec<Fact>,
    /// The command that redoes only this.
    pub command: Option<String>,
}

/// An assertion, fixed before the runs, and what came of it.
#[derive(Debug, Clone)]
pub struct Claim {
    /// `claim-large-data`.
    pub id: String,
    /// The assertion: Markdown, one paragraph.
    pub says: String,
    /// The condition that was checked, as written.
    pub holds: String,
    /// What the results say.
    pub verdict: Verdict,
    /// What it compares, from left to right.
    pub comparisons: Vec<Comparison>,
    /// What concerns all of it: p of several comparisons, why it is unchecked.
    pub facts: Vec<Fact>,
    /// Whether it was added when its results had been recorded already.
    pub late: bool,
    /// What it said when its results were first recorded, where it was changed after that; empty where it was not.
    pub former: Vec<Fact>,
    /// Where it comes from.
    pub provenance: Vec<Fact>,
    /// The command that redoes only this.
    pub command: Option<String>,
}

/// One comparison of a claim.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// As written, where there are several.
    pub text: Option<String>,
    /// What the results say to it alone.
    pub verdict: Verdict,
    /// The effect by seed with its interval and the margin: one `<svg>` element.
    pub picture: Option<String>,
    /// Effect, margin, interval, seeds, test: in order.
    pub facts: Vec<Fact>,
}

/// Where something on the pages comes from: a page of its own.
#[derive(Debug, Clone, Default)]
pub struct Provenance {
    /// Of what: `fig-scale`, or the name of a number.
    pub id: String,
    /// The word for it: `figure`, `number`, ….
    pub kind: String,
    /// As its author wrote it.
    pub source: String,
    /// What a number comes to, as printed.
    pub value: Option<String>,
    /// In order.
    pub facts: Vec<Fact>,
    /// Everything else, in order.
    pub sections: Vec<ColophonSection>,
    /// The same for programs: a file of the output.
    pub record: String,
    /// The data behind it, and the drawing.
    pub files: DataFiles,
    /// The command that redoes only this.
    pub command: String,
}

impl Provenance {
    /// The path of its page in the output.
    pub fn page(&self) -> String {
        format!("provenance/{}.html", self.id)
    }
}

impl Element {
    /// Its name.
    pub fn id(&self) -> &str {
        match self {
            Self::Card(card) => &card.id,
            Self::Figure(figure) => &figure.id,
            Self::Group(group) => &group.id,
            Self::Table(table) => &table.id,
            Self::Claim(claim) => &claim.id,
        }
    }
}

impl Element {
    /// The images that it shows.
    pub(super) fn images(&self) -> Vec<&ImageFile> {
        let figures = match self {
            Self::Figure(figure) => std::slice::from_ref(figure),
            Self::Group(group) => &group.parts,
            Self::Card(_) | Self::Table(_) | Self::Claim(_) => &[],
        };
        let images = figures.iter().filter_map(|figure| match &figure.drawing {
            Drawing::File(image) => Some(image),
            Drawing::Svg(_) => None,
        });
        images.collect()
    }
}

impl CardKind {
    /// Its name in the book's language of directives.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::Model => "model",
            Self::Experiment => "experiment",
        }
    }
}
