//! Rows of a generator, drawn when they are asked for.
//!
//! Row indices `0..test` are the test part and the next `train` the training pool, so that a larger pool keeps the test
//! rows and all of the smaller pool. Images are kept once drawn: the runs of a book share most of them.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use ndarray::Array2;
use rayon::prelude::*;

use super::rules::{self, Rule};
use super::spec::{Amount, Generator, GeneratorKind, Split};
use super::{Error, Features, Sequence, Target, Task, glyphs, planar, series};

/// Rows drawn between two looks at what others have drawn meanwhile.
const CHUNK: usize = 1024;

/// A generator, the sizes of its parts, and the images drawn so far.
#[derive(Debug)]
pub(super) struct Drawn {
    generator: Generator,
    classes: Vec<String>,
    rule: Option<Box<dyn Rule>>,
    pub(super) train: usize,
    pub(super) test: usize,
    /// By row. Looked up only, never iterated.
    images: RwLock<HashMap<u32, Box<[u8]>>>,
}

impl Drawn {
    pub(super) fn new(generator: Generator, split: &Split) -> Result<Self, Error> {
        let rows = |amount: Option<Amount>, otherwise| match amount {
            None => otherwise,
            Some(Amount::Rows(rows)) => rows,
            Some(Amount::Share(_)) => unreachable!("the description was checked"),
        };
        let (train, test) = (rows(split.train, 10_000), rows(split.test, 2_000));
        // An index of a row has 32 bits.
        if train.saturating_add(test) > u32::MAX as usize {
            return Err(Error::parameter("train", train, "at most 2^32 rows together with `test`"));
        }
        let (classes, rule) = (class_names(&generator.kind), rules::of(&generator.kind));
        Ok(Self { generator, classes, rule, train, test, images: RwLock::default() })
    }

    pub(super) fn classes(&self) -> &[String] {
        &self.classes
    }

    /// What is predicted.
    pub(super) fn task(&self) -> Task {
        match self.generator.kind.classes() {
            Some(_) => Task::Classification { classes: self.classes.len() },
            None => Task::Regression,
        }
    }

    /// The rule that knows the best answer to a row, where there is one.
    pub(super) fn rule(&self) -> Option<&dyn Rule> {
        self.rule.as_deref()
    }

    pub(super) fn sequence(&self) -> Option<Sequence> {
        series::sequence(&self.generator.kind)
    }

    pub(super) fn image(&self) -> Option<[usize; 3]> {
        matches!(self.generator.kind, GeneratorKind::Glyphs { .. }).then_some([glyphs::SIDE, glyphs::SIDE, 1])
    }

    pub(super) fn columns(&self) -> Vec<String> {
        match (self.image(), self.sequence(), &self.rule) {
            (Some(image), ..) => super::source::pixel_names(image),
            (None, Some(sequence), _) => series::columns(sequence),
            (None, None, Some(rule)) => rule.columns(),
            (None, None, None) => vec!["x".into(), "y".into()],
        }
    }

    /// The given rows, in that order.
    pub(super) fn rows(&self, indices: &[u32]) -> (Features, Target) {
        if let Some(sequence) = self.sequence() {
            let (features, values) = series::rows(&self.generator, sequence, indices);
            return (Features::Real(features), Target::Values(values));
        }
        if let Some(rule) = self.rule() {
            let (features, answers) = rules::rows(rule, &self.generator, indices);
            return (Features::Real(features), self.target(&answers));
        }
        let (features, labels) = match self.generator.kind {
            GeneratorKind::Glyphs { difficulty } => {
                let labels = indices.iter().map(|&i| glyphs::label(self.generator.seed, u64::from(i))).collect();
                (Features::Bytes(self.images(difficulty, indices)), labels)
            }
            _ => {
                let rows = indices.iter().map(|&i| planar::row(&self.generator, u64::from(i)));
                let (points, labels): (Vec<[f32; 2]>, Vec<u32>) = rows.unzip();
                (Features::Real(points.into()), labels)
            }
        };
        (features, Target::Classes { labels, names: self.classes.clone() })
    }

    /// The answers of a rule: classes by their index, or values.
    fn target(&self, answers: &[f64]) -> Target {
        match self.task() {
            Task::Classification { .. } => {
                let labels = answers.iter().map(|&answer| answer as u32).collect();
                Target::Classes { labels, names: self.classes.clone() }
            }
            Task::Regression => Target::Values(answers.iter().map(|&answer| answer as f32).collect()),
        }
    }

    fn images(&self, difficulty: f64, indices: &[u32]) -> Array2<u8> {
        let mut all = Array2::zeros((indices.len(), glyphs::SIDE * glyphs::SIDE));
        for (start, chunk) in indices.chunks(CHUNK).enumerate().map(|(k, c)| (k * CHUNK, c)) {
            self.draw_missing(difficulty, chunk);
            let images = self.images.read().unwrap_or_else(PoisonError::into_inner);
            for (position, row) in chunk.iter().enumerate() {
                let image = ndarray::ArrayView1::from(&images[row][..]);
                all.row_mut(start + position).assign(&image);
            }
        }
        all
    }

    /// Draws those of the rows that nobody has drawn yet. No lock is held while drawing: a thread that waits for the
    /// others may pick up another run meanwhile, which wants the same lock.
    fn draw_missing(&self, difficulty: f64, rows: &[u32]) {
        let missing: Vec<u32> = {
            let images = self.images.read().unwrap_or_else(PoisonError::into_inner);
            rows.iter().copied().filter(|row| !images.contains_key(row)).collect()
        };
        if missing.is_empty() {
            return;
        }
        let seed = self.generator.seed;
        let drawn: Vec<_> = missing.par_iter().map(|&i| glyphs::image(seed, u64::from(i), difficulty)).collect();
        let mut images = self.images.write().unwrap_or_else(PoisonError::into_inner);
        images.extend(missing.into_iter().zip(drawn));
    }
}

fn class_names(kind: &GeneratorKind) -> Vec<String> {
    match kind {
        GeneratorKind::Moons { .. } => vec!["lower".into(), "upper".into()],
        GeneratorKind::Mail { .. } => vec!["honest".into(), "spam".into()],
        GeneratorKind::Clicks { .. } => vec!["no".into(), "yes".into()],
        GeneratorKind::Glyphs { .. } => (0..10).map(|d| d.to_string()).collect(),
        // Numbered from 1, with leading zeros so that their names sort.
        kind => {
            let classes = kind.classes().unwrap_or(0);
            let width = classes.to_string().len();
            (1..=classes).map(|class| format!("{class:0width$}")).collect()
        }
    }
}
