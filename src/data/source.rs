//! Rows as each source gives them, and the digest of what they come from.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::spec::{DatasetSpec, FeatureMap, GeneratorKind, IdxFiles, Registered, Source, TableFile, Text, TextSource};
use super::table::{Learnable, Table, learnable};
use super::{
    Error, Features, Identity, Sequence, Shelf, Target, builtin, csv, glyphs, idx, maps, pca, planar, registry, rules,
    series, text,
};
use crate::files;

/// Raised when splits, subsets, imputation or scaling change.
const SAMPLING_VERSION: u32 = 1;

/// All rows of a source that is not drawn.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) features: Features,
    pub(super) target: Target,
    /// Names of the columns.
    pub(super) columns: Vec<String>,
    pub(super) image: Option<[usize; 3]>,
    pub(super) sequence: Option<Sequence>,
    /// How many of the last rows are a test part of the source's own.
    pub(super) own_test: Option<usize>,
    pub(super) origin: String,
    pub(super) licence: String,
}

/// The digest of what a description's rows come from, and the version of each algorithm on the way.
pub(super) fn identity(spec: &DatasetSpec, shelf: &Shelf) -> Result<Identity, Error> {
    let source = match &spec.source {
        Source::Builtin(_) => ("builtin", builtin::VERSION),
        source if source.text().is_some() => ("text", text::VERSION),
        Source::Generator(g) if matches!(g.kind, GeneratorKind::Glyphs { .. }) => ("glyphs", glyphs::VERSION),
        Source::Generator(g) if g.kind.is_sequence() => ("series", series::VERSION),
        Source::Generator(g) if g.kind.knows_best() => rules::version(&g.kind),
        Source::Generator(_) => ("planar", planar::VERSION),
        Source::Registry(Registered::Spambase) | Source::File(_) => ("csv", csv::VERSION),
        Source::Registry(_) | Source::Idx(_) => ("idx", idx::VERSION),
        Source::Text(_) => unreachable!("told above"),
    };
    let map = (spec.features != FeatureMap::Raw).then_some(("features", maps::VERSION));
    let components = spec.pca.map(|_| ("pca", pca::VERSION));
    let augment = spec.augment.map(|_| ("augment", super::augment::VERSION));
    let versions = [source, ("sampling", SAMPLING_VERSION)].into_iter();
    let versions = versions.chain(map).chain(components).chain(augment).collect();
    Ok(Identity { digest: digest(&spec.source, shelf)?, versions })
}

/// BLAKE3 in hexadecimal: of files as they lie on the disk; of the pinned digests of a registered set; of what describes an
/// embedded or drawn one.
pub(super) fn digest(source: &Source, shelf: &Shelf) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    match source {
        Source::Builtin(set) => {
            hasher.update(format!("linfa-datasets {}", set.name()).as_bytes());
        }
        Source::Generator(generator) => {
            hasher.update(&serde_json::to_vec(generator).expect("a generator is plain data"));
        }
        Source::Registry(set) | Source::Text(Text { from: TextSource::Registry(set), .. }) => {
            for file in registry::entry(*set).files {
                hasher.update(file.sha256.as_bytes());
            }
        }
        Source::Text(Text { from: TextSource::File { path }, .. }) => {
            hash_file(&mut hasher, &within_book(shelf, path)?)?;
        }
        Source::File(file) => hash_file(&mut hasher, &within_book(shelf, &file.path)?)?,
        Source::Idx(files) => {
            for path in files.all() {
                hash_file(&mut hasher, &within_book(shelf, path)?)?;
            }
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// Adds the length and the bytes of a file, so that no two lists of files look alike.
fn hash_file(hasher: &mut blake3::Hasher, path: &Path) -> Result<(), Error> {
    let bytes = files::read(path)?;
    hasher.update(&(bytes.len() as u64).to_le_bytes()).update(&bytes);
    Ok(())
}

/// Reads all rows.
pub(super) fn read(spec: &DatasetSpec, shelf: &Shelf) -> Result<Loaded, Error> {
    match &spec.source {
        Source::Generator(_) => unreachable!("rows of a generator are drawn, not read"),
        Source::Builtin(set) => {
            let label = spec.label.as_deref().unwrap_or(builtin::label(*set));
            let (origin, licence) = builtin::origin(*set);
            from_table(builtin::table(*set), Some(label), spec, origin, licence)
        }
        Source::File(file) => {
            let bytes = unpacked(&file.path, files::read(&within_book(shelf, &file.path)?)?)?;
            from_table(csv::parse(file, &bytes)?, spec.label.as_deref(), spec, &file.path, "")
        }
        Source::Idx(files) => {
            let read = |path: &str| unpacked(path, files::read(&within_book(shelf, path)?)?);
            let images = read_images(files, read)?;
            Ok(from_images(images, &files.images, ""))
        }
        Source::Text(text) => read_text(text, spec, shelf),
        Source::Registry(set) => match spec.source.text() {
            Some(text) => read_text(&text, spec, shelf),
            None => registered(*set, spec, shelf),
        },
    }
}

fn read_text(asked: &Text, spec: &DatasetSpec, shelf: &Shelf) -> Result<Loaded, Error> {
    let (name, bytes, origin, licence) = match &asked.from {
        TextSource::File { path } => {
            let bytes = unpacked(path, files::read(&within_book(shelf, path)?)?)?;
            (path.as_str(), bytes, path.as_str(), "")
        }
        TextSource::Registry(set) => {
            let entry = registry::entry(*set);
            let name = entry.files[0].name;
            (name, registry::read(entry, name, shelf)?, entry.origin, entry.licence)
        }
    };
    let text::Windows { features, target, sequence, test } = text::windows(name, &bytes, asked, &spec.split)?;
    Ok(Loaded {
        features: Features::Bytes(features),
        target,
        columns: (1..=sequence.steps).map(|step| format!("character {step}")).collect(),
        image: None,
        sequence: Some(sequence),
        own_test: Some(test),
        origin: origin.to_owned(),
        licence: licence.to_owned(),
    })
}

fn registered(set: Registered, spec: &DatasetSpec, shelf: &Shelf) -> Result<Loaded, Error> {
    let entry = registry::entry(set);
    let bytes = |name: &str| registry::read(entry, name, shelf);
    if set == Registered::Spambase {
        let name = entry.files[0].name;
        let path = name.to_owned();
        let file = TableFile { path, delimiter: Some(','), header: Some(true), ignore: Vec::new() };
        let label = spec.label.as_deref().unwrap_or("spam_or_not");
        return from_table(csv::parse(&file, &bytes(name)?)?, Some(label), spec, entry.origin, entry.licence);
    }
    let [images, labels, test_images, test_labels] = registry::IMAGE_FILES.map(str::to_owned);
    let files = IdxFiles { images, labels, test_images: Some(test_images), test_labels: Some(test_labels) };
    let mut images = read_images(&files, bytes)?;
    if let Some(names) = entry.classes {
        images.rename_classes(names);
    }
    Ok(from_images(images, entry.origin, entry.licence))
}

fn from_table(
    table: Table,
    label: Option<&str>,
    spec: &DatasetSpec,
    origin: &str,
    licence: &str,
) -> Result<Loaded, Error> {
    let Learnable { features, target, columns } = learnable(table, label, spec.task, spec.missing)?;
    let (origin, licence) = (origin.to_owned(), licence.to_owned());
    Ok(Loaded { features, target, columns, image: None, sequence: None, own_test: None, origin, licence })
}

/// Images with their labels, of the test part after those of the training part.
struct LabelledImages {
    images: idx::Images,
    target: Target,
    own_test: Option<usize>,
}

impl LabelledImages {
    /// Names the classes by what they show; names stay in the order of the labels.
    fn rename_classes(&mut self, shown: &[&str]) {
        if let Target::Classes { names, .. } = &mut self.target {
            for name in names {
                if let Some(shown) = name.parse::<usize>().ok().and_then(|label| shown.get(label)) {
                    *name = (*shown).to_owned();
                }
            }
        }
    }
}

fn read_images(files: &IdxFiles, read: impl Fn(&str) -> Result<Vec<u8>, Error>) -> Result<LabelledImages, Error> {
    let pair = |images: &str, labels: &str| {
        let pictures = idx::images(images, read(images)?)?;
        let digits = idx::labels(labels, read(labels)?)?;
        if pictures.count != digits.len() {
            let message = format!("holds {} labels for the {} images of `{images}`", digits.len(), pictures.count);
            return Err(Error::malformed(labels, message));
        }
        Ok((pictures, digits))
    };
    let (mut images, mut labels) = pair(&files.images, &files.labels)?;
    let own_test = match (&files.test_images, &files.test_labels) {
        (None, None) => None,
        (Some(test_images), Some(test_labels)) => {
            let (more, more_labels) = pair(test_images, test_labels)?;
            if more.size != images.size {
                let ([h, w, c], [th, tw, tc]) = (images.size, more.size);
                let message =
                    format!("holds images of {th} × {tw} × {tc}, where the training images are {h} × {w} × {c}");
                return Err(Error::malformed(test_images, message));
            }
            images.pixels.extend(more.pixels);
            images.count += more.count;
            labels.extend(more_labels);
            Some(more.count)
        }
        _ => return Err(Error::parameter("test-images", "one of two", "given together with `test-labels`")),
    };
    let target = idx::classes(&files.labels, &labels)?;
    Ok(LabelledImages { images, target, own_test })
}

fn from_images(LabelledImages { images, target, own_test }: LabelledImages, origin: &str, licence: &str) -> Loaded {
    let columns = pixel_names(images.size);
    let image = Some(images.size);
    let features = Features::Bytes(images.into_array());
    let (origin, licence) = (origin.to_owned(), licence.to_owned());
    Loaded { features, target, columns, image, sequence: None, own_test, origin, licence }
}

/// One name a pixel and channel, in the order of the columns.
pub(super) fn pixel_names([height, width, channels]: [usize; 3]) -> Vec<String> {
    let name = |i: usize| {
        let (pixel, channel) = (i / channels, i % channels);
        let (y, x) = (pixel / width, pixel % width);
        if channels == 1 { format!("pixel {y},{x}") } else { format!("pixel {y},{x} channel {channel}") }
    };
    (0..height * width * channels).map(name).collect()
}

/// A path of the book on the disk.
///
/// # Errors
/// If it leads out of the book's folder as it is written. (A link within the folder may point anywhere: large files are
/// kept that way.)
fn within_book(shelf: &Shelf, path: &str) -> Result<PathBuf, Error> {
    let mut depth = 0i32;
    let inside = Path::new(path).components().all(|component| {
        match component {
            Component::Normal(_) => depth += 1,
            Component::ParentDir => depth -= 1,
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir => return false,
        }
        depth >= 0
    });
    if inside { Ok(shelf.book.join(path)) } else { Err(Error::Outside { path: path.to_owned() }) }
}

/// The bytes, unpacked where they are gzipped (told by their first two bytes, not by the name).
///
/// # Errors
/// If the packed bytes are damaged or cut off.
pub(super) fn unpacked(path: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    match MultiGzDecoder::new(&bytes[..]).read_to_end(&mut unpacked) {
        Ok(_) => Ok(unpacked),
        Err(error) => Err(Error::malformed(path, format!("is damaged or cut off: {error}"))),
    }
}

impl IdxFiles {
    fn all(&self) -> impl Iterator<Item = &str> {
        [Some(&self.images), Some(&self.labels), self.test_images.as_ref(), self.test_labels.as_ref()]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }
}
