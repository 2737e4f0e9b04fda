//! Hand-made features: what a model sees of a row instead of the row itself.
//!
//! A map looks at one row at a time, so that nothing of the test rows can leak into training.

use ndarray::Array2;
use rayon::prelude::*;

use super::spec::FeatureMap;
use super::{Error, Features};

mod gradients;
mod histogram;

/// Raised when the features of a map change.
pub(super) const VERSION: u32 = 1;

/// The mapped rows.
///
/// # Errors
/// If the map needs images or columns that are never negative, and these are not.
pub(super) fn apply(
    map: FeatureMap,
    features: Features,
    image: Option<[usize; 3]>,
    columns: &[String],
) -> Result<Features, Error> {
    match map {
        FeatureMap::Raw => Ok(features),
        FeatureMap::Log => log(&features, columns).map(Features::Real),
        FeatureMap::PixelHistogram => by_image(map, &features, image, histogram::write),
        FeatureMap::OrientedGradients => by_image(map, &features, image, gradients::write),
    }
}

/// Names of the mapped columns, and the shape of a row where it still is an image.
pub(super) fn columns(
    map: FeatureMap,
    columns: Vec<String>,
    image: Option<[usize; 3]>,
) -> Result<(Vec<String>, Option<[usize; 3]>), Error> {
    match map {
        FeatureMap::Raw => Ok((columns, image)),
        FeatureMap::Log => Ok((columns.iter().map(|c| format!("log {c}")).collect(), image)),
        FeatureMap::PixelHistogram => Ok((histogram::names(grey_image(map, image)?), None)),
        FeatureMap::OrientedGradients => Ok((gradients::names(grey_image(map, image)?), None)),
    }
}

fn name(map: FeatureMap) -> &'static str {
    match map {
        FeatureMap::Raw => "raw",
        FeatureMap::Log => "log",
        FeatureMap::PixelHistogram => "pixel-histogram",
        FeatureMap::OrientedGradients => "oriented-gradients",
    }
}

/// ln(x + 0.1) of every cell; missing ones stay missing.
fn log(features: &Features, columns: &[String]) -> Result<Array2<f32>, Error> {
    let x = match features {
        Features::Real(x) => x.clone(),
        Features::Bytes(x) => x.mapv(|byte| f32::from(byte) / 255.0),
    };
    if let Some(((row, column), value)) = x.indexed_iter().find(|(_, x)| **x < 0.0) {
        let column = &columns[column];
        let message = format!("column `{column}` is {value} in row {}, where a logarithm needs 0 or more", row + 1);
        return Err(Error::Map { map: "log", message });
    }
    Ok(x.mapv(|x| libm::log(f64::from(x) + 0.1) as f32))
}

/// The size of a grey image, height × width.
fn grey_image(map: FeatureMap, image: Option<[usize; 3]>) -> Result<[usize; 2], Error> {
    match image {
        Some([height, width, 1]) if height >= 8 && width >= 8 => Ok([height, width]),
        Some(_) => Err(Error::Map { map: name(map), message: "needs grey images of at least 8 × 8 pixels".into() }),
        None => Err(Error::Map { map: name(map), message: "needs images, and the rows of this set are none".into() }),
    }
}

/// Maps each image on its own; `write` fills one row of features from the pixels.
fn by_image(
    map: FeatureMap,
    features: &Features,
    image: Option<[usize; 3]>,
    write: fn(&[u8], [usize; 2], &mut [f32]),
) -> Result<Features, Error> {
    let size = grey_image(map, image)?;
    let Features::Bytes(pixels) = features else {
        return Err(Error::Map { map: name(map), message: "needs images of bytes".into() });
    };
    let (columns, _) = columns(map, Vec::new(), image)?;
    let mut mapped = Array2::zeros((pixels.nrows(), columns.len()));
    let out = mapped.as_slice_mut().expect("a new array is contiguous");
    out.par_chunks_mut(columns.len())
        .zip(pixels.as_slice().expect("images are contiguous").par_chunks(pixels.ncols()))
        .for_each(|(out, image)| write(image, size, out));
    Ok(Features::Real(mapped))
}
