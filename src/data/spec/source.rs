//! Where rows come from: embedded sets, generators, the registry, and files of the book's own.

use serde::Serialize;

use super::generator::{Generator, GeneratorKind};

/// Where rows come from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A small real set within the program.
    Builtin(Builtin),
    /// Rows drawn by rule, as many as wanted.
    Generator(Generator),
    /// A public set known by name and digest.
    Registry(Registered),
    /// A table of the book's own.
    File(TableFile),
    /// Images of the book's own.
    Idx(IdxFiles),
    /// A text, character by character.
    Text(Text),
}

/// A real set embedded by `linfa-datasets`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Builtin {
    /// Three species of iris by four lengths, 150 rows (Fisher 1936).
    Iris,
    /// Red wines by eleven chemical measures, graded 3 to 8, 1,599 rows (Cortez et al. 2009).
    Winequality,
    /// Progression of diabetes by ten standardised measures, a regression, 441 rows (Efron et al. 2004).
    Diabetes,
}

/// A public set of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Registered {
    /// Handwritten digits, 28 × 28 grey, 60,000 + 10,000.
    Mnist,
    /// Clothes, 28 × 28 grey, 60,000 + 10,000.
    FashionMnist,
    /// E-mails by 57 counts, spam or not, 4,601.
    Spambase,
    /// Plays of Shakespeare as one text of 1,115,394 characters, 65 different ones.
    Tinyshakespeare,
}

/// A text as rows: windows of `steps` characters, each with the character that follows it as its class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Text {
    /// Where it is.
    pub from: TextSource,
    /// Characters of a window.
    pub steps: u32,
    /// Characters from the start of a window to the start of the next.
    pub stride: u32,
}

/// Where a text is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextSource {
    /// A file of the book's own, UTF-8, also gzipped.
    File {
        /// Relative to the book's root. No part of the key: what matters of a file is its bytes.
        #[serde(skip)]
        path: String,
    },
    /// A public set known by name and digest.
    Registry(Registered),
}

/// A CSV or TSV file, also gzipped.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TableFile {
    /// Relative to the book's root. Only its extension is part of the key: what matters of a file is its bytes.
    #[serde(serialize_with = "extension")]
    pub path: String,
    /// Between two cells; `None` infers it from the extension, else from the first line.
    pub delimiter: Option<char>,
    /// Whether the first line names the columns; `None` infers it: it does where no cell of it is a number.
    pub header: Option<bool>,
    /// Columns to leave out, such as row numbers and free text.
    pub ignore: Vec<String>,
}

/// Images and labels in the format of the MNIST files, each also gzipped; paths relative to the book's root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct IdxFiles {
    /// Images. Paths are no part of the key: what matters of a file is its bytes.
    #[serde(skip)]
    pub images: String,
    /// Their labels.
    #[serde(skip)]
    pub labels: String,
    /// Images of a test part of its own.
    #[serde(skip)]
    pub test_images: Option<String>,
    /// Their labels.
    #[serde(skip)]
    pub test_labels: Option<String>,
}

/// Everything behind the first point of a file's name: `csv.gz`.
fn extension<S: serde::Serializer>(path: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let name = path.rsplit('/').next().unwrap_or(path);
    serializer.serialize_str(name.split_once('.').map_or("", |(_, extension)| extension))
}

impl Source {
    /// The text behind the source, if it is one.
    pub fn text(&self) -> Option<Text> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Registry(Registered::Tinyshakespeare) => {
                Some(Text::new(TextSource::Registry(Registered::Tinyshakespeare)))
            }
            _ => None,
        }
    }
}

impl Text {
    /// Characters of a window where the author says nothing.
    pub const STEPS: u32 = 64;

    /// Windows of [`Text::STEPS`] characters, one behind the other.
    pub fn new(from: TextSource) -> Self {
        Self { from, steps: Self::STEPS, stride: Self::STEPS }
    }
}

impl Builtin {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Iris, Self::Winequality, Self::Diabetes];

    /// The name an author writes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Iris => "iris",
            Self::Winequality => "winequality",
            Self::Diabetes => "diabetes",
        }
    }
}

impl Registered {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Mnist, Self::FashionMnist, Self::Spambase, Self::Tinyshakespeare];

    /// The name an author writes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mnist => "mnist",
            Self::FashionMnist => "fashion-mnist",
            Self::Spambase => "spambase",
            Self::Tinyshakespeare => "tinyshakespeare",
        }
    }
}

/// The names an author may write for a source, for "did you mean": builtin sets, registered ones, generators.
pub fn known() -> Vec<&'static str> {
    let builtin = Builtin::ALL.iter().map(|b| b.name());
    let registered = Registered::ALL.iter().map(|r| r.name());
    builtin.chain(registered).chain(GeneratorKind::ALL.iter().map(GeneratorKind::name)).collect()
}

/// The source behind a name of [`known`], with its default parameters and seed 0.
pub fn named(name: &str) -> Option<Source> {
    let builtin = Builtin::ALL.into_iter().find(|b| b.name() == name).map(Source::Builtin);
    let registered = || {
        let source = Registered::ALL.into_iter().find(|r| r.name() == name).map(Source::Registry)?;
        Some(source.text().map_or(source, Source::Text))
    };
    let generator = || {
        let kind = GeneratorKind::ALL.into_iter().find(|g| g.name() == name)?;
        Some(Source::Generator(Generator { kind, seed: 0 }))
    };
    builtin.or_else(registered).or_else(generator)
}
