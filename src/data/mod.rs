//! A dataset's description → rows, splits, scaled batches.
//!
//! 1. A [`DatasetSpec`] ([`spec`]) says everything that the rows depend on; it is part of every key, and so is the
//!    [`identity`] of the bytes behind it, which is told without reading more than it must.
//! 2. [`load`] finds, reads or generates them: a [`Dataset`] in memory, images still as bytes. Sources are `builtin`
//!    sets, `csv` tables and `idx` images of the book's own or of the [`registry`], and rows drawn by rule: `glyphs` and
//!    `planar` sets.
//! 3. [`Dataset::sample`] draws one run's part: the first `m` of a seeded permutation of the training pool, a validation
//!    part where asked, the test rows, and the scaling fitted on the training rows only: a [`Sample`].
//! 4. [`Rows::gather`] writes a scaled batch of 32-bit floats into a buffer.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ndarray::Array2;
use serde::Serialize;

mod builtin;
mod csv;
mod dataset;
mod drawn;
mod error;
mod glyphs;
mod idx;
mod maps;
mod planar;
pub mod registry;
mod rows;
mod scale;
mod source;
pub mod spec;
mod split;
mod table;

pub use dataset::{Dataset, Sample};
pub use error::Error;
pub use rows::Rows;
pub use spec::{
    Amount, Builtin, DatasetSpec, FeatureMap, Generator, GeneratorKind, IdxFiles, Missing, Registered, Scale, Source,
    Split, TableFile, TaskKind, known, named,
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

/// One row as it is stored, before scaling.
#[derive(Debug, Clone, Copy)]
pub enum StoredRow<'a> {
    /// Of [`Features::Real`].
    Real(&'a [f32]),
    /// Of [`Features::Bytes`].
    Bytes(&'a [u8]),
}

impl<'a> Rows<'a> {
    /// Rows `index` of the given features and targets, seen through `scaling`.
    ///
    /// # Panics
    /// If an index lies beyond the rows or the scaling has another number of columns.
    pub fn new(
        features: &'a Features,
        target: &'a Target,
        scaling: &'a Scaling,
        index: &'a [u32],
        image: Option<[usize; 3]>,
    ) -> Self {
        assert_eq!(scaling.factor.len(), features.columns(), "one factor a column");
        assert!(index.iter().all(|&i| (i as usize) < features.rows()), "an index lies beyond the rows");
        Self { features, target, scaling, index, image }
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

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.features.columns()
    }

    /// Height, width and channels where a row is an image (columns in that order, channels fastest).
    pub fn image(&self) -> Option<[usize; 3]> {
        self.image
    }

    /// What is predicted.
    pub fn task(&self) -> Task {
        match self.target {
            Target::Classes { names, .. } => Task::Classification { classes: names.len() },
            Target::Values(_) => Task::Regression,
        }
    }

    /// Writes rows `positions` (each below [`Rows::len`]), scaled, into `batch` (positions × columns).
    ///
    /// # Panics
    /// If the shape of `batch` is another one.
    pub fn gather(&self, positions: &[u32], mut batch: ArrayViewMut2<f32>) {
        assert_eq!(batch.dim(), (positions.len(), self.columns()), "the batch has another shape");
        let (factor, offset) = (&self.scaling.factor, &self.scaling.offset);
        for (&position, mut out) in positions.iter().zip(batch.rows_mut()) {
            let row = self.index[position as usize] as usize;
            match self.features {
                Features::Real(x) => {
                    for (((o, &x), f), b) in out.iter_mut().zip(x.row(row)).zip(factor).zip(offset) {
                        *o = x.mul_add(*f, *b);
                    }
                }
                Features::Bytes(x) => {
                    for (((o, &x), f), b) in out.iter_mut().zip(x.row(row)).zip(factor).zip(offset) {
                        *o = (f32::from(x) / 255.0).mul_add(*f, *b);
                    }
                }
            }
        }
    }

    /// Row `position` as it is stored, for a caller that scales by [`Rows::scaling`] while it reads.
    ///
    /// # Panics
    /// If the features are not stored row after row, as every [`Features`] of this room is.
    pub fn stored(&self, position: usize) -> StoredRow<'a> {
        let row = self.index[position] as usize;
        let (features, why) = (self.features, "features are stored row after row");
        match features {
            Features::Real(x) => StoredRow::Real(x.row(row).to_slice().expect(why)),
            Features::Bytes(x) => StoredRow::Bytes(x.row(row).to_slice().expect(why)),
        }
    }

    /// How the rows are scaled.
    pub fn scaling(&self) -> &'a Scaling {
        self.scaling
    }

    /// All rows, scaled: rows × columns.
    pub fn matrix(&self) -> Array2<f32> {
        let mut all = Array2::zeros((self.len(), self.columns()));
        let positions: Vec<u32> = (0..self.len() as u32).collect();
        self.gather(&positions, all.view_mut());
        all
    }

    /// The class of row `position`.
    ///
    /// # Panics
    /// If the task is regression.
    pub fn label(&self, position: usize) -> u32 {
        match self.target {
            Target::Classes { labels, .. } => labels[self.index[position] as usize],
            Target::Values(_) => panic!("a regression row has a value, not a class"),
        }
    }

    /// The value of row `position`.
    ///
    /// # Panics
    /// If the task is classification.
    pub fn value(&self, position: usize) -> f32 {
        match self.target {
            Target::Values(values) => values[self.index[position] as usize],
            Target::Classes { .. } => panic!("a classification row has a class, not a value"),
        }
    }
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
}

impl Target {
    /// What is predicted.
    pub fn task(&self) -> Task {
        match self {
            Self::Classes { names, .. } => Task::Classification { classes: names.len() },
            Self::Values(_) => Task::Regression,
        }
    }
}

impl Scaling {
    /// Leaves `columns` columns as they are.
    pub fn identity(columns: usize) -> Self {
        Self { factor: vec![1.0; columns], offset: vec![0.0; columns] }
    }
}
