//! Whether probabilities mean what they say: test rows in groups of equal size, ordered by the predicted probability, and
//! the share of each group that is of the second class.
//!
//! Groups of equal size hold enough rows everywhere, also where one class is rare; groups of equal width would leave most
//! of them empty.

use super::judge;
use crate::data::{Rows, Task};
use crate::learn::{Answers, Fit, Scores};
use crate::numerics::real;
use crate::store::Group;

/// The groups, from the smallest probability up: `count` of them, or one a row where there are fewer rows. `None` where
/// there are not two classes with probabilities.
pub fn groups(fit: &Fit, rows: &Rows<'_>, count: usize) -> Option<Vec<Group>> {
    let asked = fit.model.scores() == Scores::Logits && fit.model.answers() == Answers::Row;
    if !asked || rows.task() != (Task::Classification { classes: 2 }) {
        return None;
    }
    let scores = judge::predict(fit, rows);
    let probability = |row: usize| {
        let [a, b] = [0, 1].map(|class| f64::from(scores[(row, class)]));
        1.0 / (1.0 + real::exp(a - b))
    };
    let of_rows = (0..rows.len()).map(|row| (probability(row), f64::from(rows.label(row))));
    Some(grouped(of_rows.collect(), count))
}

/// Probabilities and what happened (0 or 1) in groups. Equal probabilities stay in their order.
fn grouped(mut rows: Vec<(f64, f64)>, count: usize) -> Vec<Group> {
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (n, count) = (rows.len(), count.min(rows.len()));
    let group = |k: usize| {
        let rows = &rows[k * n / count..(k + 1) * n / count];
        let (predicted, happened) = rows.iter().fold((0.0, 0.0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
        let size = rows.len() as f64;
        Group { rows: rows.len() as u32, predicted: predicted / size, happened: happened / size }
    };
    (0..count).map(group).collect()
}

/// The mean distance between what was said and what happened, over all rows (Guo et al. 2017, with groups of equal size).
pub fn error(groups: &[Group]) -> f64 {
    let rows: f64 = groups.iter().map(|group| f64::from(group.rows)).sum();
    let missed = groups.iter().map(|group| f64::from(group.rows) * (group.predicted - group.happened).abs());
    missed.sum::<f64>() / rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_of_equal_size_and_their_error_is_the_mean_distance() {
        let rows = vec![(0.9, 1.0), (0.1, 0.0), (0.2, 1.0), (0.8, 1.0), (0.3, 0.0)];
        let groups = grouped(rows, 2);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert_eq!(groups.iter().map(|group| group.rows).collect::<Vec<_>>(), [2, 3]);
        assert!(close(groups[0].predicted, 0.15) && close(groups[0].happened, 0.5));
        assert!(close(groups[1].predicted, 2.0 / 3.0) && close(groups[1].happened, 2.0 / 3.0));
        assert!(close(error(&groups), 0.4 * 0.35), "{}", error(&groups));
        assert_eq!(grouped(vec![(0.5, 1.0)], 10).len(), 1, "no group is empty");
    }
}
