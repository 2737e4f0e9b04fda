//! The small real sets that `linfa-datasets` embeds, as tables.

use linfa::DatasetBase;
use ndarray::{Array1, Array2};

use super::spec::Builtin;
use super::table::{Cells, Column, Table};

/// Raised when the tables change.
pub(super) const VERSION: u32 = 1;

/// The column a set is usually asked for.
pub(super) fn label(set: Builtin) -> &'static str {
    match set {
        Builtin::Iris => "species",
        Builtin::Winequality => "quality",
        Builtin::Diabetes => "progression",
    }
}

/// Where a set is from, and its licence.
pub(super) fn origin(set: Builtin) -> (&'static str, &'static str) {
    match set {
        Builtin::Iris => ("https://doi.org/10.24432/C56C76 (Fisher 1936)", "CC BY 4.0"),
        Builtin::Winequality => ("https://doi.org/10.24432/C56S3T (Cortez et al. 2009, red wine)", "CC BY 4.0"),
        Builtin::Diabetes => ("https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html (Efron et al. 2004)", ""),
    }
}

/// The table of a set, its label last.
pub(super) fn table(set: Builtin) -> Table {
    match set {
        Builtin::Iris => {
            let DatasetBase { records, targets, .. } = linfa_datasets::iris();
            let species = ["setosa", "versicolor", "virginica"];
            let label = targets.iter().map(|&class| Some(species[class].to_owned())).collect();
            let columns = ["sepal length", "sepal width", "petal length", "petal width"];
            assembled(set, &columns, &records, Cells::Text(label))
        }
        Builtin::Winequality => {
            let data = linfa_datasets::winequality();
            let label = data.targets.iter().map(|&grade| grade as f64).collect();
            let columns: Vec<_> = data.feature_names().to_vec();
            let columns: Vec<_> = columns.iter().map(String::as_str).collect();
            assembled(set, &columns, &data.records, Cells::Numbers(label))
        }
        Builtin::Diabetes => {
            // `linfa-datasets` takes the first of the 442 rows for a header and calls the blood measures s1 to s6 by
            // names of other things; the columns are named here as the source does.
            let DatasetBase { records, targets, .. }: DatasetBase<Array2<f64>, Array1<f64>> =
                linfa_datasets::diabetes();
            let columns = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
            assembled(set, &columns, &records, Cells::Numbers(targets.to_vec()))
        }
    }
}

fn assembled(set: Builtin, names: &[&str], records: &Array2<f64>, label_cells: Cells) -> Table {
    let features = names.iter().zip(records.columns());
    let features = features.map(|(name, x)| Column { name: (*name).to_owned(), cells: Cells::Numbers(x.to_vec()) });
    let label = Column { name: label(set).to_owned(), cells: label_cells };
    Table {
        path: set.name().to_owned(),
        // The files have a header line.
        lines: (0..records.nrows() as u64).map(|row| row + 2).collect(),
        columns: features.chain([label]).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::learnable;
    use super::super::{Missing, Target};
    use super::*;

    fn check(set: Builtin, rows: usize, columns: usize, classes: &[&str]) {
        let learnable =
            learnable(table(set), Some(label(set)), None, Missing::Error).expect("an embedded set is sound");
        assert_eq!((learnable.features.rows(), learnable.columns.len()), (rows, columns));
        match learnable.target {
            Target::Classes { names, labels } => {
                assert_eq!(names, classes);
                assert!((0..names.len() as u32).all(|class| labels.contains(&class)));
            }
            Target::Values(_) => assert!(classes.is_empty()),
        }
    }

    #[test]
    fn the_embedded_sets_have_their_published_shapes() {
        check(Builtin::Iris, 150, 4, &["setosa", "versicolor", "virginica"]);
        check(Builtin::Winequality, 1599, 11, &["3", "4", "5", "6", "7", "8"]);
        check(Builtin::Diabetes, 441, 10, &[]);
    }
}
