//! What an author can ask of a dataset, as typed values: everything its rows depend on.
//!
//! The canonical JSON of a [`DatasetSpec`] is part of every run's key, so nothing here may depend on the machine.

mod generator;
mod source;

use serde::Serialize;

use super::{Augment, Error};
pub use generator::{Generator, GeneratorKind};
pub use source::{Builtin, IdxFiles, Registered, Source, TableFile, Text, TextSource, known, named};

/// Longest sequence.
const MOST_STEPS: u32 = 10_000;

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

    /// Whether the best answer to a row can be told: the rule that draws the rows knows it, and sees what the models see.
    pub fn knows_best(&self) -> bool {
        let as_drawn = self.features == FeatureMap::Raw && self.pca.is_none();
        as_drawn && matches!(&self.source, Source::Generator(generator) if generator.kind.knows_best())
    }

    fn is_sequence(&self) -> bool {
        match &self.source {
            Source::Generator(generator) => generator.kind.is_sequence(),
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

impl Default for Split {
    fn default() -> Self {
        Self { train: None, test: None, shuffle: Some(0), stratify: false }
    }
}
