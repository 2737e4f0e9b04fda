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

/// Mean and standard deviation (the root of the mean squared deviation) of each column, summed in the order of `train`.
fn moments(features: &Features, train: &[u32]) -> (Vec<f64>, Vec<f64>) {
    let n = train.len() as f64;
    let sum_over_rows = |term: &dyn Fn(usize, f64) -> f64| {
        let mut sum = vec![0.0; features.columns()];
        for &row in train {
            each_cell(features, row, |column, x| sum[column] += term(column, x));
        }
        sum
    };
    let mean: Vec<f64> = sum_over_rows(&|_, x| x).iter().map(|s| s / n).collect();
    let squares = sum_over_rows(&|column, x| (x - mean[column]) * (x - mean[column]));
    // Rounding leaves a constant column with a deviation near, but not at, zero.
    let deviation = squares.iter().zip(&mean).map(|(s, m)| {
        let d = (s / n).sqrt();
        if d <= 1e-7 * m.abs() { 0.0 } else { d }
    });
    let deviation = deviation.collect();
    (mean, deviation)
}

/// The least and the largest value of each column.
fn ranges(features: &Features, train: &[u32]) -> Vec<(f64, f64)> {
    let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); features.columns()];
    for &row in train {
        each_cell(features, row, |column, x| {
            let (low, high) = &mut ranges[column];
            (*low, *high) = (low.min(x), high.max(x));
        });
    }
    ranges
}

fn each_cell(features: &Features, row: u32, mut visit: impl FnMut(usize, f64)) {
    match features {
        Features::Real(x) => x.row(row as usize).iter().enumerate().for_each(|(c, &x)| visit(c, f64::from(x))),
        Features::Bytes(x) => {
            x.row(row as usize).iter().enumerate().for_each(|(c, &x)| visit(c, f64::from(f32::from(x) / 255.0)));
        }
    }
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
    fn missing_cells_become_the_mean_of_the_training_rows() {
        let mut x = array![[1.0, f32::NAN], [3.0, f32::NAN], [f32::NAN, 7.0]];
        impute(&mut x, &[0, 1]);
        assert_eq!(x, array![[1.0, 0.0], [3.0, 0.0], [2.0, 0.0]]);
    }
}
