//! A dataset in memory and one run's part of it.

use std::sync::Arc;

use super::drawn::Drawn;
use super::rules::Rule;
use super::source::{self, Loaded};
use super::spec::{FeatureMap, Scale, Source, Split};
use super::{
    Augment, DatasetSpec, Error, Features, Rows, Scaling, Sequence, Shelf, Target, Task, maps, pca, scale, split,
};

/// A dataset: its rows (or the rule that draws them), which of them are for training, and where they come from.
#[derive(Debug)]
pub struct Dataset {
    store: Store,
    columns: Vec<String>,
    image: Option<[usize; 3]>,
    sequence: Option<Sequence>,
    features: FeatureMap,
    scale: Scale,
    pca: Option<usize>,
    augment: Option<Augment>,
    digest: String,
    origin: String,
    licence: String,
}

/// Where the rows are.
#[derive(Debug)]
enum Store {
    /// All in memory, already mapped; missing cells are NaN.
    Held { features: Arc<Features>, target: Arc<Target>, train: Vec<u32>, test: Vec<u32> },
    /// Drawn when they are asked for.
    Drawn(Drawn),
}

/// One run's part of a dataset.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The dataset it is from.
    pub dataset: Arc<Dataset>,
    /// Fitted on the training rows.
    pub scaling: Scaling,
    features: Arc<Features>,
    target: Arc<Target>,
    train: Vec<u32>,
    valid: Vec<u32>,
    test: Vec<u32>,
}

impl Dataset {
    pub(super) fn load(spec: &DatasetSpec, shelf: &Shelf) -> Result<Self, Error> {
        let digest = source::digest(&spec.source, shelf)?;
        if let Source::Generator(generator) = &spec.source {
            let drawn = Drawn::new(generator.clone(), &spec.split)?;
            let (columns, image) = seen(spec, drawn.columns(), drawn.image())?;
            spec.augment.map_or(Ok(()), |augment| augment.check(image))?;
            let sequence = drawn.sequence();
            return Ok(Self {
                store: Store::Drawn(drawn),
                columns,
                image,
                sequence,
                features: spec.features,
                scale: spec.scale,
                pca: spec.pca.map(|count| count as usize),
                augment: spec.augment,
                digest,
                origin: format!("drawn by the rule {}", generator.kind.name()),
                licence: "MIT OR Apache-2.0".into(),
            });
        }
        let Loaded { features, target, columns, image, sequence, own_test, origin, licence } =
            source::read(spec, shelf)?;
        // The windows of a text were laid out part by part.
        let by_position = Split { train: None, test: None, shuffle: None, stratify: false };
        let asked = if spec.source.text().is_some() { by_position } else { spec.split };
        let (train, test) = split::split(&asked, &target, features.rows(), own_test)?;
        let features = maps::apply(spec.features, features, image, &columns)?;
        let (columns, image) = seen(spec, columns, image)?;
        spec.augment.map_or(Ok(()), |augment| augment.check(image))?;
        Ok(Self {
            store: Store::Held { features: Arc::new(features), target: Arc::new(target), train, test },
            columns,
            image,
            sequence,
            features: spec.features,
            scale: spec.scale,
            pca: spec.pca.map(|count| count as usize),
            augment: spec.augment,
            digest,
            origin,
            licence,
        })
    }

    /// What is predicted.
    pub fn task(&self) -> Task {
        match &self.store {
            Store::Held { target, .. } => target.task(),
            Store::Drawn(drawn) => drawn.task(),
        }
    }

    /// Names of the columns a model sees.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Names of the classes, sorted; none for a regression.
    pub fn classes(&self) -> &[String] {
        match &self.store {
            Store::Held { target, .. } => match &**target {
                Target::Classes { names, .. } => names,
                Target::Values(_) => &[],
            },
            Store::Drawn(drawn) => drawn.classes(),
        }
    }

    /// Height, width and channels where a row is an image.
    pub fn image(&self) -> Option<[usize; 3]> {
        self.image
    }

    /// How a row is a sequence, where it is one.
    pub fn sequence(&self) -> Option<Sequence> {
        self.sequence
    }

    /// How many principal components took the place of the columns, where they did.
    pub fn pca(&self) -> Option<usize> {
        self.pca
    }

    /// The rule that knows the best answer to a row, where there is one and the models see all that it sees.
    fn rule(&self) -> Option<&dyn Rule> {
        match &self.store {
            Store::Drawn(drawn) if self.features == FeatureMap::Raw && self.pca.is_none() => drawn.rule(),
            _ => None,
        }
    }

    /// BLAKE3, in hexadecimal, of the bytes the rows come from; generators: of their description.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Where the rows come from, in words or as a link.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Under which licence; empty where it is the author's to say.
    pub fn licence(&self) -> &str {
        &self.licence
    }

    /// Rows of the training pool.
    pub fn train_rows(&self) -> usize {
        match &self.store {
            Store::Held { train, .. } => train.len(),
            Store::Drawn(drawn) => drawn.train,
        }
    }

    /// Rows of the test part.
    pub fn test_rows(&self) -> usize {
        match &self.store {
            Store::Held { test, .. } => test.len(),
            Store::Drawn(drawn) => drawn.test,
        }
    }

    /// One run's part: the first `m` rows (`None`: all) of a permutation of the training pool under `seed`, of which a
    /// share `valid` is set apart for choosing, and the test rows. For one seed, the parts of a smaller `m` are contained
    /// in those of a larger one.
    ///
    /// # Errors
    /// If there are fewer than `m` rows, a part would have none, or there are fewer training rows than components.
    pub fn sample(self: &Arc<Self>, m: Option<usize>, valid: Option<f64>, seed: u64) -> Result<Sample, Error> {
        let pool = self.train_rows();
        let m = m.unwrap_or(pool);
        if m > pool {
            return Err(Error::TooMany { part: "train", asked: m, available: pool });
        }
        let (train, valid) = parts(split::subset(pool, m, seed), valid)?;
        let part = match &self.store {
            Store::Held { features, target, train: pool, test } => {
                let rows = |positions: Vec<u32>| -> Vec<u32> { positions.iter().map(|&p| pool[p as usize]).collect() };
                let (train, valid) = (rows(train), rows(valid));
                Part { features: filled(features, &train), target: target.clone(), train, valid, test: test.clone() }
            }
            Store::Drawn(drawn) => self.draw(drawn, &train, &valid)?,
        };
        let scaling = scale::fit(self.scale, &part.features, &part.train);
        let Part { features, target, train, valid, test } = part;
        let sample = Sample { dataset: self.clone(), scaling, features, target, train, valid, test };
        match self.pca {
            None => Ok(sample),
            Some(count) => sample.projected(count),
        }
    }

    /// Draws just the rows of one sample: training, validation, test, one after the other.
    fn draw(&self, drawn: &Drawn, train: &[u32], valid: &[u32]) -> Result<Part, Error> {
        let pool = drawn.test as u32;
        let indices = train.iter().chain(valid).map(|p| pool + p).chain(0..pool).collect::<Vec<_>>();
        let (features, target) = drawn.rows(&indices);
        let features = maps::apply(self.features, features, drawn.image(), &drawn.columns())?;
        let (a, b, c) = (train.len() as u32, (train.len() + valid.len()) as u32, indices.len() as u32);
        Ok(Part {
            features: Arc::new(features),
            target: Arc::new(target),
            train: (0..a).collect(),
            valid: (a..b).collect(),
            test: (b..c).collect(),
        })
    }
}

/// Names of the columns that models see, and the shape of a row where it still is an image.
fn seen(
    spec: &DatasetSpec,
    columns: Vec<String>,
    image: Option<[usize; 3]>,
) -> Result<(Vec<String>, Option<[usize; 3]>), Error> {
    let (columns, image) = maps::columns(spec.features, columns, image)?;
    match spec.pca {
        None => Ok((columns, image)),
        Some(count) if count as usize <= columns.len() => Ok((pca::columns(count as usize), None)),
        Some(count) => Err(Error::parameter("pca", count, format!("at most {}, the number of columns", columns.len()))),
    }
}

/// A sample before its scaling is fitted.
struct Part {
    features: Arc<Features>,
    target: Arc<Target>,
    train: Vec<u32>,
    valid: Vec<u32>,
    test: Vec<u32>,
}

/// Training and validation positions.
fn parts(order: Vec<u32>, valid: Option<f64>) -> Result<(Vec<u32>, Vec<u32>), Error> {
    let (train, valid) = match valid {
        None => (order, Vec::new()),
        Some(share) if !(share > 0.0 && share < 1.0) => {
            return Err(Error::parameter("valid", share, "a share above 0 and below 1"));
        }
        Some(share) => {
            let (train, valid) = split::part_off(order, share);
            if valid.is_empty() {
                return Err(Error::NoRows { part: "validation" });
            }
            (train, valid)
        }
    };
    if train.is_empty() { Err(Error::NoRows { part: "train" }) } else { Ok((train, valid)) }
}

/// The features with missing cells filled, where there are any.
fn filled(features: &Arc<Features>, train: &[u32]) -> Arc<Features> {
    match &**features {
        Features::Real(x) if x.iter().any(|x| x.is_nan()) => {
            let mut x = x.clone();
            scale::impute(&mut x, train);
            Arc::new(Features::Real(x))
        }
        _ => features.clone(),
    }
}

impl Sample {
    /// Rows to fit on.
    pub fn train(&self) -> Rows<'_> {
        self.rows(&self.train).with_augment(self.dataset.augment)
    }

    /// Rows to choose by, where they were asked for.
    pub fn valid(&self) -> Option<Rows<'_>> {
        if self.valid.is_empty() { None } else { Some(self.rows(&self.valid)) }
    }

    /// Rows to judge by.
    pub fn test(&self) -> Rows<'_> {
        self.rows(&self.test)
    }

    /// The same rows by their principal components, of which there are `count`.
    fn projected(self, count: usize) -> Result<Self, Error> {
        let part = |index| Rows::new(&self.features, &self.target, &self.scaling, index, None);
        let parts = [part(&self.train), part(&self.valid), part(&self.test)];
        let [a, b, c] = parts.map(|part| part.len() as u32);
        let pca::Projected { features, target, scaling } = pca::project(count, &parts[0], &parts)?;
        let (train, valid, test) = ((0..a).collect(), (a..a + b).collect(), (a + b..a + b + c).collect());
        Ok(Self { dataset: self.dataset, scaling, features, target, train, valid, test })
    }

    fn rows<'a>(&'a self, index: &'a [u32]) -> Rows<'a> {
        Rows::new(&self.features, &self.target, &self.scaling, index, self.dataset.image)
            .with_sequence(self.dataset.sequence)
            .with_rule(self.dataset.rule())
    }
}
