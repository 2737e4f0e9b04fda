//! What an author can ask of a dataset, as typed values: everything its rows depend on.
//!
//! The canonical JSON of a [`DatasetSpec`] is part of every run's key, so nothing here may depend on the machine.

use serde::Serialize;

use super::{Augment, Error};

/// A dataset as declared.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct DatasetSpec {
    /// Where the rows come from.
    pub source: Source,
    /// The column to predict; `None` takes the source's own (a CSV file has none).
    pub label: Option<String>,
    /// What is predicted; `None` infers it from the label: text or at most 20 whole numbers are classes.
    pub task: Option<TaskKind>,
    /// What happens to missing values.
    pub missing: Missing,
    /// What the models see of a row.
    pub features: FeatureMap,
    /// Which rows are for training, which for the final judgement.
    pub split: Split,
    /// How columns are scaled; fitted on training rows only.
    pub scale: Scale,
    /// How many principal components of the scaled columns take their place; fitted on training rows only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pca: Option<u32>,
    /// How training changes the images of its mini-batches; left out of the canonical form where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub augment: Option<Augment>,
}

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

/// Rows drawn by rule: row `i` is a pure function of (seed, i).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Generator {
    /// Which rule.
    pub kind: GeneratorKind,
    /// Another seed draws other rows of the same distribution.
    pub seed: u64,
}

/// The rules and their parameters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GeneratorKind {
    /// Images of the ten digits, 28 × 28 grey.
    Glyphs {
        /// How far they are bent, shifted, crossed out and blurred: 0 (printed) to 1 (barely legible).
        difficulty: f64,
    },
    /// Two interleaved half circles.
    Moons {
        /// Standard deviation of the noise; a half circle has radius 1.
        noise: f64,
    },
    /// Concentric rings of radius 1, 2, ….
    Rings {
        /// Number of rings.
        classes: u32,
        /// Standard deviation of the noise.
        noise: f64,
    },
    /// Arms of a spiral that ends at radius 1.
    Spirals {
        /// Number of arms.
        classes: u32,
        /// Turns of each arm.
        turns: f64,
        /// Standard deviation of the noise.
        noise: f64,
    },
    /// Round clouds, their centres evenly on a circle of radius 4.
    Blobs {
        /// Number of clouds.
        classes: u32,
        /// Standard deviation of each cloud.
        noise: f64,
    },
    /// Sequences of numbers of which two are marked: their sum is asked for (Hochreiter and Schmidhuber 1997).
    Adding {
        /// Length of a sequence.
        steps: u32,
    },
    /// Swings kept going by noise: the next value of a second-order autoregression is asked for.
    Waves {
        /// Length of a sequence.
        steps: u32,
        /// Steps of one swing.
        period: f64,
        /// Standard deviation of the noise, which is also the root mean squared error of the best prediction.
        noise: f64,
    },
}

/// What is predicted, as declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskKind {
    /// A class.
    Classification,
    /// A real number.
    Regression,
}

impl TaskKind {
    /// The name an author writes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classification => "classification",
            Self::Regression => "regression",
        }
    }
}

/// What happens to missing values (empty cells, `NA`, `?`, `nan`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// They are reported with file, line and column.
    #[default]
    Error,
    /// The mean of the column over the training rows takes their place.
    Mean,
    /// Their rows are left out.
    Drop,
}

/// What the models see of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeatureMap {
    /// The columns as they are.
    #[default]
    Raw,
    /// ln(x + 0.1), for counts and other columns that are never negative.
    Log,
    /// How much ink each row and column of an image holds, and how often each of 16 grey levels occurs.
    PixelHistogram,
    /// Histograms of oriented gradients over the cells of an image.
    OrientedGradients,
}

/// How columns are scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Not at all; bytes are read as byte / 255.
    #[default]
    None,
    /// To mean 0 and standard deviation 1.
    Standardize,
    /// To 0 … 1.
    MinMax,
}

/// Which rows are for training, which for the final judgement.
///
/// Where the source has a test part of its own, `train` and `test` take from the respective part. Otherwise the training
/// rows are the first ones and the test rows follow them, after shuffling.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Split {
    /// Training rows; `None` takes all that are not for the test (generators: 10,000).
    pub train: Option<Amount>,
    /// Test rows; `None` takes all that are not for training, or a fifth (generators: 2,000).
    pub test: Option<Amount>,
    /// Seed of the permutation before the split; `None` keeps the order of the file. Rows of a generator have no order.
    pub shuffle: Option<u64>,
    /// Whether each class has the same share in both parts, to within one row.
    pub stratify: bool,
}

/// A number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Amount {
    /// So many.
    Rows(usize),
    /// A share of what is there, above 0 and below 1.
    Share(f64),
}

impl DatasetSpec {
    /// `source` with everything else as an author gets it who says nothing.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            label: None,
            task: None,
            missing: Missing::default(),
            features: FeatureMap::default(),
            split: Split::default(),
            scale: Scale::default(),
            pca: None,
            augment: None,
        }
    }

    /// Whether the parameters can be met at all, told without reading any data.
    ///
    /// # Errors
    /// The first parameter that is out of its range or has no meaning for this source.
    pub fn check(&self) -> Result<(), Error> {
        let generated = matches!(self.source, Source::Generator(_));
        if let Source::Generator(generator) = &self.source {
            generator.kind.check()?;
        }
        for (name, amount) in [("train", self.split.train), ("test", self.split.test)] {
            match amount {
                Some(Amount::Rows(0)) => return Err(Error::NoRows { part: name }),
                Some(Amount::Share(share)) if !(share > 0.0 && share < 1.0) => {
                    return Err(Error::parameter(name, share, "a number of rows or a share above 0 and below 1"));
                }
                Some(Amount::Share(share)) if generated => {
                    return Err(Error::parameter(name, share, "a number of rows: a generator has as many as wanted"));
                }
                _ => {}
            }
        }
        if generated && self.split.stratify {
            return Err(Error::parameter("stratify", true, "left out: a generator draws its classes at random"));
        }
        if let (true, Some(label)) = (generated || self.has_labels_of_its_own(), &self.label) {
            return Err(Error::parameter("label", label, "left out: this source has labels of its own"));
        }
        if let (true, Some(task)) = (generated || self.is_of_images(), self.task) {
            let task = task.name();
            return Err(Error::parameter("task", task, "left out: this source says itself what is predicted"));
        }
        let seen_as_images = self.is_of_images() && self.features == FeatureMap::Raw && self.pca.is_none();
        if self.augment.is_some() && !seen_as_images {
            return Err(Error::parameter("augment", "set", "left out: only images can be moved and mirrored"));
        }
        if self.is_sequence() && self.features != FeatureMap::Raw {
            return Err(Error::parameter("features", "a map", "left out: a sequence is seen as it is"));
        }
        match self.pca {
            Some(0) => return Err(Error::parameter("pca", 0, "a number from 1 up")),
            Some(count) if self.is_sequence() => {
                return Err(Error::parameter("pca", count, "left out: a sequence is seen as it is"));
            }
            _ => {}
        }
        self.source.text().map_or(Ok(()), |text| self.check_text(&text))
    }

    fn check_text(&self, text: &Text) -> Result<(), Error> {
        for (name, count) in [("steps", text.steps), ("stride", text.stride)] {
            if !(1..=MOST_STEPS).contains(&count) {
                return Err(Error::parameter(name, count, format!("a number from 1 to {MOST_STEPS}")));
            }
        }
        let left_out = "left out: the characters of a text are its classes";
        match self {
            Self { scale: Scale::Standardize | Scale::MinMax, .. } => Err(Error::parameter("scale", "set", left_out)),
            Self { task: Some(TaskKind::Regression), .. } => Err(Error::parameter("task", "regression", left_out)),
            Self { split: Split { stratify: true, .. }, .. } => {
                Err(Error::parameter("stratify", true, "left out: a text is split by position"))
            }
            _ => Ok(()),
        }
    }

    fn is_sequence(&self) -> bool {
        match &self.source {
            Source::Generator(generator) => generator.kind.classes().is_none(),
            source => source.text().is_some(),
        }
    }

    fn has_labels_of_its_own(&self) -> bool {
        self.is_of_images() || self.source.text().is_some()
    }

    /// Whether a row is an image, before any feature map.
    fn is_of_images(&self) -> bool {
        match &self.source {
            Source::Idx(_) | Source::Registry(Registered::Mnist | Registered::FashionMnist) => true,
            Source::Generator(generator) => matches!(generator.kind, GeneratorKind::Glyphs { .. }),
            Source::Builtin(_) | Source::Registry(_) | Source::File(_) | Source::Text(_) => false,
        }
    }
}

/// Longest sequence.
const MOST_STEPS: u32 = 10_000;

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

impl Default for Split {
    fn default() -> Self {
        Self { train: None, test: None, shuffle: Some(0), stratify: false }
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

impl GeneratorKind {
    /// All of them, with their default parameters.
    pub const ALL: [Self; 7] = [
        Self::Glyphs { difficulty: 0.5 },
        Self::Moons { noise: 0.2 },
        Self::Rings { classes: 2, noise: 0.2 },
        Self::Spirals { classes: 2, turns: 1.5, noise: 0.03 },
        Self::Blobs { classes: 3, noise: 1.0 },
        Self::Adding { steps: 50 },
        Self::Waves { steps: 50, period: 12.0, noise: 0.1 },
    ];

    /// The name an author writes.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Glyphs { .. } => "glyphs",
            Self::Moons { .. } => "moons",
            Self::Rings { .. } => "rings",
            Self::Spirals { .. } => "spirals",
            Self::Blobs { .. } => "blobs",
            Self::Adding { .. } => "adding",
            Self::Waves { .. } => "waves",
        }
    }

    /// Number of classes; `None` where a number is predicted.
    pub fn classes(&self) -> Option<u32> {
        match *self {
            Self::Glyphs { .. } => Some(10),
            Self::Moons { .. } => Some(2),
            Self::Rings { classes, .. } | Self::Spirals { classes, .. } | Self::Blobs { classes, .. } => Some(classes),
            Self::Adding { .. } | Self::Waves { .. } => None,
        }
    }

    fn check(&self) -> Result<(), Error> {
        let noise_at_least_0 = |noise: f64| {
            let fine = noise.is_finite() && noise >= 0.0;
            if fine { Ok(()) } else { Err(Error::parameter("noise", noise, "a number from 0 up")) }
        };
        if let Some(classes) = self.classes().filter(|classes| !(2..=100).contains(classes)) {
            return Err(Error::parameter("classes", classes, "a number from 2 to 100"));
        }
        match *self {
            Self::Adding { steps } | Self::Waves { steps, .. } if !(2..=MOST_STEPS).contains(&steps) => {
                Err(Error::parameter("steps", steps, format!("a number from 2 to {MOST_STEPS}")))
            }
            Self::Adding { .. } => Ok(()),
            Self::Waves { period, .. } if !(period.is_finite() && period >= 2.0) => {
                Err(Error::parameter("period", period, "a number from 2 up"))
            }
            Self::Glyphs { difficulty } if !(0.0..=1.0).contains(&difficulty) => {
                Err(Error::parameter("difficulty", difficulty, "a number from 0 to 1"))
            }
            Self::Glyphs { .. } => Ok(()),
            Self::Spirals { turns, .. } if !(turns > 0.0 && turns <= 100.0) => {
                Err(Error::parameter("turns", turns, "a number above 0, at most 100"))
            }
            Self::Moons { noise }
            | Self::Rings { noise, .. }
            | Self::Spirals { noise, .. }
            | Self::Blobs { noise, .. }
            | Self::Waves { noise, .. } => noise_at_least_0(noise),
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
