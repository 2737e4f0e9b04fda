//! Columns as ranks: what a tree needs to know of them.
//!
//! A split only asks which values are larger. With the different values of a column sorted once, for all trees, a row is
//! known by the place of its value among them, and rows are sorted by whole numbers.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

/// The training rows of a forest.
#[derive(Debug)]
pub(super) struct Ranks {
    /// Columns × rows: the place of a row's value among those of the column.
    ranks: Array2<u32>,
    /// The different values of each column, increasing.
    values: Vec<Vec<f32>>,
}

impl Ranks {
    /// The columns of `x` (rows × columns), whose values are finite.
    pub(super) fn of(x: ArrayView2<'_, f32>) -> Self {
        let mut ranks = Array2::zeros((x.ncols(), x.nrows()));
        let columns: Vec<_> = ranks.axis_iter_mut(Axis(0)).zip(x.columns()).collect();
        let values = columns.into_par_iter().map(|(mut ranks, column)| {
            // Both zeros are one value.
            let plain = |&v: &f32| if v == 0.0 { 0.0 } else { v };
            let mut values: Vec<f32> = column.iter().map(plain).collect();
            values.sort_unstable_by(f32::total_cmp);
            values.dedup();
            for (rank, v) in ranks.iter_mut().zip(column) {
                *rank = values.partition_point(|other| other < v) as u32;
            }
            values
        });
        let values = values.collect();
        Self { ranks, values }
    }

    /// Number of columns.
    pub(super) fn columns(&self) -> usize {
        self.values.len()
    }

    /// The rank of each row in a column.
    pub(super) fn of_column(&self, column: usize) -> &[u32] {
        self.ranks.row(column).to_slice().expect("columns lie one after the other")
    }

    /// The largest number not above the middle of the values of two ranks: a row is on the left of a split between them if
    /// its value is not larger than that.
    pub(super) fn threshold(&self, column: usize, below: u32, above: u32) -> f32 {
        let [a, b] = [below, above].map(|rank| f64::from(self.values[column][rank as usize]));
        // In 64 bits the middle of two numbers of 32 is exact, and between them.
        let middle = a / 2.0 + b / 2.0;
        let near = middle as f32;
        if f64::from(near) > middle { near.next_down() } else { near }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn ranks_count_the_smaller_values() {
        let ranks = Ranks::of(array![[3.0, 0.0], [-1.0, -0.0], [3.0, 1e-30], [2.0, 0.0]].view());
        assert_eq!(ranks.of_column(0), [2, 0, 2, 1]);
        assert_eq!(ranks.of_column(1), [0, 0, 1, 0]);
        assert_eq!(ranks.threshold(0, 0, 1), 0.5);
    }

    #[test]
    fn a_threshold_lies_between_neighbouring_floats() {
        for low in [1.0f32, -1.0, 1e-45, f32::MAX.next_down(), 0.1] {
            let high = low.next_up();
            let ranks = Ranks::of(array![[low], [high]].view());
            assert_eq!(ranks.threshold(0, 0, 1), low);
        }
    }
}
