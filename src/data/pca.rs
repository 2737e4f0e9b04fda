//! Principal components: the directions in which the training rows vary most.
//!
//! 1. The scaled columns are centred on their means over the training rows.
//! 2. The directions are eigenvectors of the covariance of the columns, or of the inner products of the rows where those are
//!    fewer. The sign of each is such that its largest entry is positive.
//! 3. Every row becomes its coordinates along them.
//!
//! A direction in which the training rows do not vary at all is no direction: the coordinate is 0 for every row.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::{Error, Features, Rows, Scaling, Target};
use crate::numerics::{Simd, eigen, gram};

/// Raised when the components of the same rows change.
pub(super) const VERSION: u32 = 1;

/// Rows and columns that are multiplied at a time.
const BLOCK: usize = 64;

/// Bytes that may be held beside the dataset.
const LIMIT_BYTES: u64 = 4 << 30;

/// Directions fitted on training rows.
#[derive(Debug)]
struct Components {
    /// One entry a column.
    mean: Vec<f64>,
    /// Components × columns; rows of zeros where nothing varies.
    directions: Array2<f64>,
}

/// The rows of one sample by their components, one part after the other.
#[derive(Debug)]
pub(super) struct Projected {
    pub(super) features: Arc<Features>,
    pub(super) target: Arc<Target>,
    pub(super) scaling: Scaling,
}

/// Names of the components.
pub(super) fn columns(count: usize) -> Vec<String> {
    (1..=count).map(|component| format!("component {component}")).collect()
}

/// Fits `count` components on the training rows and projects all parts on them.
///
/// # Errors
/// If there are fewer training rows or columns than components, or the problem does not fit into memory.
pub(super) fn project(count: usize, train: &Rows<'_>, parts: &[Rows<'_>]) -> Result<Projected, Error> {
    let (rows, columns) = (train.len(), train.columns());
    if count > rows.min(columns) {
        let most = format!("at most {}, with {rows} training rows of {columns} columns", rows.min(columns));
        return Err(Error::parameter("pca", count, most));
    }
    let (cells, side) = ((rows * columns) as u64, rows.min(columns) as u64);
    let needed = 20 * cells + 24 * side * side;
    if needed > LIMIT_BYTES {
        let gib = |bytes: u64| bytes as f64 / (1u64 << 30) as f64;
        let words = format!(
            "left out: {rows} training rows of {columns} columns would take {:.1} GiB, beyond the limit of {:.1} GiB",
            gib(needed),
            gib(LIMIT_BYTES)
        );
        return Err(Error::parameter("pca", count, words));
    }
    let components = Components::of(train.matrix().view(), count);
    let projected: Vec<_> = parts.iter().map(|part| components.along(part)).collect();
    let views: Vec<_> = projected.iter().map(Array2::view).collect();
    let features = ndarray::concatenate(Axis(0), &views).expect("every part has a column a component");
    let features = Arc::new(Features::Real(features.as_standard_layout().into_owned()));
    Ok(Projected { features, target: Arc::new(targets(parts)), scaling: Scaling::identity(count) })
}

/// What is to be predicted of all parts, one after the other.
fn targets(parts: &[Rows<'_>]) -> Target {
    let positions = || parts.iter().flat_map(|part| (0..part.len()).map(move |position| (part, position)));
    match parts[0].target() {
        Target::Classes { names, .. } => {
            Target::Classes { labels: positions().map(|(part, i)| part.label(i)).collect(), names: names.clone() }
        }
        Target::Values(_) => Target::Values(positions().map(|(part, i)| part.value(i)).collect()),
    }
}

impl Components {
    /// The first `count` components of `x` (rows × columns).
    fn of(x: ArrayView2<'_, f32>, count: usize) -> Self {
        let x = x.mapv(f64::from);
        let mean = x.mean_axis(Axis(0)).expect("there are rows");
        let centred = x - &mean;
        let (rows, columns) = centred.dim();
        let (by_rows, simd) = (rows < columns, Simd::active());
        let products = if by_rows { inner_products(centred.view()) } else { inner_products(centred.t()) };
        let found = eigen(simd, products, count);
        let least = found.values[0] * rows.max(columns) as f64 * f64::EPSILON;
        let mut directions = if by_rows {
            // X Xᵀ u = λ u: the direction is Xᵀ u, of length √λ.
            gram(simd, found.vectors.view(), centred.t())
        } else {
            found.vectors
        };
        for (mut direction, &value) in directions.rows_mut().into_iter().zip(&found.values) {
            let largest = direction.iter().fold(0.0f64, |most, &v| if v.abs() > most.abs() { v } else { most });
            let length = if by_rows { value.max(0.0).sqrt() } else { 1.0 };
            let factor = if value > least { 1.0f64.copysign(largest) / length } else { 0.0 };
            direction *= factor;
        }
        Self { mean: mean.to_vec(), directions }
    }

    /// Coordinates of rows: rows × components.
    fn along(&self, rows: &Rows<'_>) -> Array2<f32> {
        let mut all = Array2::zeros((rows.len(), self.directions.nrows()));
        let blocks: Vec<_> = all.axis_chunks_iter_mut(Axis(0), BLOCK).enumerate().collect();
        blocks.into_par_iter().for_each(|(block, mut out)| {
            let first = (block * BLOCK) as u32;
            let positions: Vec<u32> = (first..first + out.nrows() as u32).collect();
            let mut x = Array2::zeros((out.nrows(), rows.columns()));
            rows.gather(&positions, x.view_mut());
            let mut x = x.mapv(f64::from);
            x.rows_mut()
                .into_iter()
                .for_each(|mut row| row.iter_mut().zip(&self.mean).for_each(|(x, mean)| *x -= mean));
            out.assign(&gram(Simd::active(), x.view(), self.directions.view()).mapv(|v| v as f32));
        });
        all
    }
}

/// The inner product of each row of `x` with each other: symmetric, made block by block in parallel.
fn inner_products(x: ArrayView2<'_, f64>) -> Array2<f64> {
    let n = x.nrows();
    let x = x.as_standard_layout();
    let firsts: Vec<usize> = (0..n).step_by(BLOCK).collect();
    let blocks: Vec<_> = firsts
        .par_iter()
        .map(|&first| gram(Simd::active(), x.slice(s![first..(first + BLOCK).min(n), ..]), x.slice(s![first.., ..])))
        .collect();
    let mut products = Array2::zeros((n, n));
    for (first, block) in firsts.into_iter().zip(blocks) {
        for ((i, j), &product) in block.indexed_iter() {
            products[[first + i, first + j]] = product;
            products[[first + j, first + i]] = product;
        }
    }
    products
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers by formula, as in `tests/reference/components.py`.
    fn formula(rows: usize, columns: usize) -> Features {
        let entry = |(i, j): (usize, usize)| ((i * 37 + j * j * 11 + i * i * j) % 101) as f64 / 101.0;
        Features::Real(Array2::from_shape_fn((rows, columns), |at| entry(at) as f32))
    }

    /// The coordinates of rows `asked` by `count` components of the first `train` rows.
    fn coordinates(features: &Features, train: u32, asked: &[u32], count: usize) -> Result<Array2<f32>, Error> {
        let (target, scaling) = (Target::Values(vec![0.0; features.rows()]), Scaling::identity(features.columns()));
        let train: Vec<u32> = (0..train).collect();
        let of = |index| Rows::new(features, &target, &scaling, index, None);
        let projected = project(count, &of(&train), &[of(&train), of(asked)])?;
        let Features::Real(all) = &*projected.features else { panic!("components are real numbers") };
        Ok(all.slice(s![train.len().., ..]).to_owned())
    }

    #[track_caller]
    fn check(features: &Features, train: u32, asked: &[u32], expected: &Array2<f64>) {
        let found = coordinates(features, train, asked, expected.ncols()).expect("there are enough rows");
        let far = found.iter().zip(expected).any(|(found, e)| (f64::from(*found) - e).abs() > 1e-6);
        assert!(!far && found.dim() == expected.dim(), "{found} instead of {expected}");
    }

    #[test]
    fn components_agree_with_scikit_learn() {
        let tall = ndarray::array![
            [0.692060, 0.130867, -0.201287],
            [0.112222, -0.031557, -0.249679],
            [-0.140245, -0.256788, 0.331470],
            [0.134867, 0.851415, -0.262183],
        ];
        check(&formula(34, 6), 30, &[0, 17, 30, 33], &tall);
        let wide = ndarray::array![
            [0.640844, -1.195711, -0.037919],
            [1.118384, 0.011096, -0.526334],
            [0.032444, 0.024179, 0.140162],
            [-0.521526, -0.071551, -0.199568],
        ];
        check(&formula(14, 50), 12, &[0, 7, 12, 13], &wide);
    }

    #[test]
    fn all_components_keep_every_distance() {
        let features = formula(90, 70);
        let Features::Real(x) = &features else { panic!("they are real numbers") };
        let asked: Vec<u32> = (0..90).collect();
        let turned = coordinates(&features, 90, &asked, 70).expect("there are enough rows");
        let distance = |x: &Array2<f32>, a: usize, b: usize| -> f32 {
            x.row(a).iter().zip(x.row(b)).map(|(a, b)| (a - b) * (a - b)).sum()
        };
        for (a, b) in [(0, 1), (3, 77), (40, 41), (89, 5)] {
            assert!((distance(x, a, b) - distance(&turned, a, b)).abs() < 1e-4, "{a} and {b}");
        }
    }

    #[test]
    fn where_nothing_varies_the_coordinate_is_0() {
        // The second column varies in the last row only, which is not for training.
        let features = Features::Real(ndarray::array![[1.0, 5.0], [3.0, 5.0], [5.0, 5.0], [3.0, 9.0]]);
        let found = coordinates(&features, 3, &[0, 1, 3], 2).expect("there are enough rows");
        assert_eq!(found, ndarray::array![[-2.0, 0.0], [0.0, 0.0], [0.0, 0.0]]);
    }

    #[test]
    fn too_few_rows_or_columns_are_said() {
        let said = |rows, columns| coordinates(&formula(9, columns), rows, &[0], 5).expect_err("too few").to_string();
        assert_eq!(said(4, 6), "`pca` is 5, where it should be at most 4, with 4 training rows of 6 columns");
        assert_eq!(said(8, 3), "`pca` is 5, where it should be at most 3, with 8 training rows of 3 columns");
    }

    #[test]
    fn components_change_only_with_the_version_and_not_with_threads() {
        let features = formula(200, 90);
        let bits = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
            let found = pool.install(|| coordinates(&features, 150, &[3, 199], 4)).expect("there are enough rows");
            found.iter().map(|v| v.to_bits()).collect::<Vec<_>>()
        };
        let first = vec![3_212_027_071, 1_051_839_223, 1_059_271_485, 3_207_604_857];
        let last = vec![3_196_892_863, 3_191_882_566, 3_199_002_331, 3_208_491_619];
        assert_eq!((VERSION, bits(1)), (1, [first, last].concat()));
        assert_eq!(bits(3), bits(1));
    }
}
