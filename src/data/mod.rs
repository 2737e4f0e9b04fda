//! A dataset's description → rows, splits, scaled batches.
//!
//! 1. A [`DatasetSpec`] says everything that the rows depend on; it is part of every key.
//! 2. [`load`] finds, reads or generates them: a [`Dataset`] in memory, images still as bytes.
//! 3. [`Dataset::sample`] draws one run's part: the first `m` of a seeded permutation of the training pool, a validation
//!    part where asked, the test rows, and the scaling fitted on the training rows only: a [`Sample`].
//! 4. [`Rows::gather`] writes a scaled batch of 32-bit floats into a buffer.

use std::sync::Arc;

use ndarray::{Array2, ArrayViewMut2};

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
#[derive(Debug, Clone)]
pub enum Features {
    /// Real columns.
    Real(Array2<f32>),
    /// Bytes, such as grey levels; a batch reads them as `byte / 255`.
    Bytes(Array2<u8>),
}

/// What is to be predicted, one entry a row.
#[derive(Debug, Clone)]
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

/// A part of one run's rows, scaled: what a model is fitted on or judged by.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    features: &'a Features,
    target: &'a Target,
    scaling: &'a Scaling,
    /// Indices into the dataset.
    index: &'a [u32],
    /// Height, width and channels where a row is an image.
    image: Option<[usize; 3]>,
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

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
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

impl Scaling {
    /// Leaves `columns` columns as they are.
    pub fn identity(columns: usize) -> Self {
        Self { factor: vec![1.0; columns], offset: vec![0.0; columns] }
    }
}

/// A dataset in memory. (Its fields and [`load`] are the data room's to shape.)
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Rows × columns.
    pub features: Features,
    /// One entry a row.
    pub target: Target,
}

/// One run's part of a dataset.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The dataset.
    pub dataset: Arc<Dataset>,
    /// Fitted on the training rows.
    pub scaling: Scaling,
    /// Rows to fit on.
    pub train: Vec<u32>,
    /// Rows to choose by; empty where none were asked for.
    pub valid: Vec<u32>,
    /// Rows to judge by.
    pub test: Vec<u32>,
}
