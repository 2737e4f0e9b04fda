//! What is fitted on training rows: the scaling of each column, and the means that stand for missing values.

use ndarray::Array2;

use super::spec::Scale;
use super::{Features, Scaling};

/// The scaling of each column over rows `train`. A column that is the same in all of them is shifted, not stretched.
pub(super) fn fit(scale: Scale, features: &Features, train: &[u32]) -> Scaling {
    match scale {
        Scale::None => Scaling::identity(features.columns()),
        Scale::Standardize => {
            let (mean, deviation) = moments(features, train);
            mean.iter().zip(&deviation).map(|(&m, &d)| affine(m, d)).collect()
        }
        Scale::MinMax => ranges(features, train).into_iter().map(|(low, high)| affine(low, high - low)).collect(),
    }
}

/// `(x - origin) / unit` as a factor and an offset.
fn affine(origin: f64, unit: f64) -> (f32, f32) {
    let factor = if unit > 0.0 { 1.0 / unit } else { 1.0 };
    (factor as f32, (-origin * factor) as f32)
}

impl FromIterator<(f32, f32)> for Scaling {
    fn from_iter<I: IntoIterator<Item = (f32, f32)>>(columns: I) -> Self {
        let (factor, offset) = columns.into_iter().unzip();
        Self { factor, offset }
    }
}

/// Mean and standard deviation (the root of the mean squared deviation) of each column.
fn moments(features: &Features, train: &[u32]) -> (Vec<f64>, Vec<f64>) {
    let (mean, deviation) = match features {
        Features::Real(x) => moments_of_reals(x, train),
        Features::Bytes(x) => moments_of_bytes(x, train),
    };
    // Rounding leaves a constant column with a deviation near, but not at, zero.
    let constant = |(&d, &m): (&f64, &f64)| if d <= 1e-7 * m.abs() { 0.0 } else { d };
    let deviation = deviation.iter().zip(&mean).map(constant).collect();
    (mean, deviation)
}

/// In two passes, summed in the order of `train`.
fn moments_of_reals(x: &Array2<f32>, train: &[u32]) -> (Vec<f64>, Vec<f64>) {
    let n = train.len() as f64;
    let (mut mean, mut variance) = (vec![0.0; x.ncols()], vec![0.0; x.ncols()]);
    for &row in train {
        mean.iter_mut().zip(x.row(row as usize)).for_each(|(sum, &x)| *sum += f64::from(x));
    }
    mean.iter_mut().for_each(|sum| *sum /= n);
    for &row in train {
        for ((sum, &x), mean) in variance.iter_mut().zip(x.row(row as usize)).zip(&mean) {
            *sum += (f64::from(x) - mean) * (f64::from(x) - mean);
        }
    }
    let deviation = variance.iter().map(|sum| (sum / n).sqrt()).collect();
    (mean, deviation)
}

/// In one pass over whole numbers, which is exact: n²·variance = n·Σx² - (Σx)².
fn moments_of_bytes(x: &Array2<u8>, train: &[u32]) -> (Vec<f64>, Vec<f64>) {
    let n = train.len() as u64;
    let (mut sum, mut squares) = (vec![0u64; x.ncols()], vec![0u64; x.ncols()]);
    for &row in train {
        for ((sum, squares), &x) in sum.iter_mut().zip(&mut squares).zip(x.row(row as usize)) {
            *sum += u64::from(x);
            *squares += u64::from(u32::from(x) * u32::from(x));
        }
    }
    let unit = 255.0 * n as f64;
    let mean = sum.iter().map(|&s| s as f64 / unit).collect();
    let spread = |(&s, &q): (&u64, &u64)| u128::from(n) * u128::from(q) - u128::from(s) * u128::from(s);
    let deviation = sum.iter().zip(&squares).map(|pair| (spread(pair) as f64).sqrt() / unit).collect();
    (mean, deviation)
}

/// The least and the largest value of each column.
fn ranges(features: &Features, train: &[u32]) -> Vec<(f64, f64)> {
    let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); features.columns()];
    let widen = |range: &mut (f64, f64), x: f64| *range = (range.0.min(x), range.1.max(x));
    for &row in train {
        match features {
            Features::Real(x) => {
                ranges.iter_mut().zip(x.row(row as usize)).for_each(|(range, &x)| widen(range, f64::from(x)));
            }
            Features::Bytes(x) => {
                ranges.iter_mut().zip(x.row(row as usize)).for_each(|(range, &x)| widen(range, f64::from(x) / 255.0));
            }
        }
    }
    ranges
}

/// Puts the mean of each column over rows `train` where a cell of `x` is missing (NaN). A column without a single value
/// in them is set to 0 for all rows: nothing can be learnt from it.
pub(super) fn impute(x: &mut Array2<f32>, train: &[u32]) {
    for mut column in x.columns_mut() {
        let seen = || train.iter().map(|&row| column[row as usize]).filter(|x| !x.is_nan());
        let n = seen().count();
        if n == 0 {
            column.fill(0.0);
            continue;
        }
        let mean = (seen().map(f64::from).sum::<f64>() / n as f64) as f32;
        column.mapv_inplace(|x| if x.is_nan() { mean } else { x });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn scaling_is_worked_by_hand() {
        let features = Features::Real(array![[1.0, 5.0, 0.1], [3.0, 5.0, 0.1], [100.0, -9.0, 0.1]]);
        let train = [0, 1];
        let standard = fit(Scale::Standardize, &features, &train);
        assert_eq!(standard, Scaling { factor: vec![1.0, 1.0, 1.0], offset: vec![-2.0, -5.0, -0.1] });
        let min_max = fit(Scale::MinMax, &features, &train);
        assert_eq!(min_max, Scaling { factor: vec![0.5, 1.0, 1.0], offset: vec![-0.5, -5.0, -0.1] });
    }

    #[test]
    fn bytes_scale_like_the_numbers_they_are_read_as() {
        let bytes = array![[0u8, 9, 255], [100, 9, 3], [7, 9, 90], [255, 9, 91]];
        let real = Features::Real(bytes.mapv(|b| f32::from(b) / 255.0));
        let train = [3, 0, 2];
        for scale in [Scale::Standardize, Scale::MinMax] {
            let (a, b) = (fit(scale, &Features::Bytes(bytes.clone()), &train), fit(scale, &real, &train));
            let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-6 * b.abs());
            assert!(near(&a.factor, &b.factor) && near(&a.offset, &b.offset), "{a:?} {b:?}");
        }
    }

    #[test]
    fn missing_cells_become_the_mean_of_the_training_rows() {
        let mut x = array![[1.0, f32::NAN], [3.0, f32::NAN], [f32::NAN, 7.0]];
        impute(&mut x, &[0, 1]);
        assert_eq!(x, array![[1.0, 0.0], [3.0, 0.0], [2.0, 0.0]]);
    }
}
