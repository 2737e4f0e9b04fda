//! A dataset's description → rows, splits, scaled batches.
//!
//! 1. A [`DatasetSpec`] ([`spec`]) says everything that the rows depend on; it is part of every key, and so is the
//!    [`identity`] of the bytes behind it, which is told without reading more than it must.
//! 2. [`load`] finds, reads or generates them: a [`Dataset`] in memory, images still as bytes. Sources are `builtin`
//!    sets, `csv` tables, `idx` images and `text` of the book's own or of the [`registry`], and rows drawn by rule:
//!    `glyphs`, `planar` and `series` sets, and those of the `rules` that know the best answer to a row.
//! 3. [`Dataset::sample`] draws one run's part: the first `m` of a seeded permutation of the training pool, a validation
//!    part where asked, the test rows, and the scaling fitted on the training rows only, and their principal components
//!    where asked (`pca`): a [`Sample`].
//!    An [`Augmenter`] moves and mirrors its images anew for each epoch of training, where asked.
//! 4. [`Rows::gather`] writes a scaled batch of 32-bit floats into a buffer.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

mod augment;
mod builtin;
mod csv;
mod dataset;
mod drawn;
mod error;
mod glyphs;
mod idx;
mod maps;
mod pca;
mod planar;
pub mod pull;
pub mod registry;
mod rows;
mod rules;
mod scale;
mod series;
mod source;
pub mod spec;
mod split;
mod table;
#[cfg(test)]
mod tests;
mod text;

pub use augment::{Augment, Augmenter, Flip};
pub use dataset::{Dataset, Sample};
pub use error::Error;
pub use rows::{Rows, StoredRow};
pub use spec::{
    Amount, Builtin, DatasetSpec, FeatureMap, Generator, GeneratorKind, IdxFiles, Missing, Registered, Scale, Source,
    Split, TableFile, TaskKind, Text, TextSource, known, named,
};

/// What is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// One of `classes` classes.
    Classification {
        /// Number of classes, at least 2.
        classes: usize,
    },
    /// A real number.
    Regression,
}

/// How the columns of a row are a sequence: `steps` steps, one after the other, of `features` columns each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// Number of steps.
    pub steps: usize,
    /// Columns of a step.
    pub features: usize,
    /// Size of the alphabet where a step is one symbol, stored as a byte below it.
    pub symbols: Option<usize>,
    /// Whether the answer to a row is its next step; then every step of the row has an answer, the step after it.
    pub goes_on: bool,
}

impl Sequence {
    /// An image's rows, from the top down.
    pub fn of_image([height, width, channels]: [usize; 3]) -> Self {
        Self { steps: height, features: width * channels, symbols: None, goes_on: false }
    }
}

/// The columns of a dataset, rows × columns.
#[derive(Debug, Clone, PartialEq)]
pub enum Features {
    /// Real columns.
    Real(Array2<f32>),
    /// Bytes, such as grey levels; a batch reads them as `byte / 255`.
    Bytes(Array2<u8>),
}

/// What is to be predicted, one entry a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Class indices into `names`.
    Classes {
        /// One index a row.
        labels: Vec<u32>,
        /// Names of the classes, sorted.
        names: Vec<String>,
    },
    /// Real values.
    Values(Vec<f32>),
}

/// One factor and offset a column, fitted on training rows: `x · factor + offset`.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaling {
    /// One factor a column.
    pub factor: Vec<f32>,
    /// One offset a column.
    pub offset: Vec<f32>,
}

/// Where files of data may lie.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    /// The book's root: paths in a book are relative to it.
    pub book: PathBuf,
    /// Downloaded sets: `mnist/train-images-idx3-ubyte.gz`, ….
    pub cache: PathBuf,
    /// More folders laid out like the cache, looked through in order; nothing is written there.
    pub mirrors: Vec<PathBuf>,
}

/// Which rows a source stands for: what a key holds besides the description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// BLAKE3, in hexadecimal, of the bytes the rows come from; generators: of their description.
    pub digest: String,
    /// The version of each algorithm between those bytes and the rows.
    pub versions: BTreeMap<&'static str, u32>,
}

/// Finds, reads or generates a dataset.
///
/// # Errors
/// If the description cannot be met, a file is missing or is not what it should be, or there is nothing to learn from.
pub fn load(spec: &DatasetSpec, shelf: &Shelf) -> Result<Dataset, Error> {
    spec.check()?;
    Dataset::load(spec, shelf)
}

/// What a key needs to know of a dataset, without building it: files are hashed as they lie on the disk, registered sets
/// are known by the digests that [`load`] will insist on, and generators by their description.
///
/// # Errors
/// If the description cannot be met or a file cannot be read.
pub fn identity(spec: &DatasetSpec, shelf: &Shelf) -> Result<Identity, Error> {
    spec.check()?;
    source::identity(spec, shelf)
}

impl Features {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Real(x) => x.nrows(),
            Self::Bytes(x) => x.nrows(),
        }
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        match self {
            Self::Real(x) => x.ncols(),
            Self::Bytes(x) => x.ncols(),
        }
    }

    /// `rows` rows of 0 of the same kind.
    fn like(&self, rows: usize) -> Self {
        match self {
            Self::Real(x) => Self::Real(Array2::zeros((rows, x.ncols()))),
            Self::Bytes(x) => Self::Bytes(Array2::zeros((rows, x.ncols()))),
        }
    }
}

impl Target {
    /// What is predicted.
    pub fn task(&self) -> Task {
        match self {
            Self::Classes { names, .. } => Task::Classification { classes: names.len() },
            Self::Values(_) => Task::Regression,
        }
    }

    /// `rows` entries of 0 of the same kind.
    fn like(&self, rows: usize) -> Self {
        match self {
            Self::Classes { names, .. } => Self::Classes { labels: vec![0; rows], names: names.clone() },
            Self::Values(_) => Self::Values(vec![0.0; rows]),
        }
    }
}

impl Scaling {
    /// Leaves `columns` columns as they are.
    pub fn identity(columns: usize) -> Self {
        Self { factor: vec![1.0; columns], offset: vec![0.0; columns] }
    }
}
