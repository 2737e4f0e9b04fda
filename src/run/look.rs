//! A look at a dataset's rows, for figures: a few examples of images, or the points of a plane.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::data::spec::Scale;
use crate::data::{self, Dataset, DatasetSpec, Shelf, Task};
use crate::store::{Key, Store};
use crate::survey::Known;

/// Training rows looked through.
const ROWS: usize = 600;

/// Some rows of a dataset, as they are before scaling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// Names of the columns; empty for images.
    pub columns: Vec<String>,
    /// Height, width and channels of an image.
    pub image: Option<[usize; 3]>,
    /// Row by row; images between 0 and 1.
    pub rows: Vec<Vec<f32>>,
    /// The class of each row; 0 for regression.
    pub classes: Vec<u32>,
    /// Names of the classes; one empty name for regression.
    pub class_names: Vec<String>,
}

/// Looks at a dataset, at about `count` examples where its rows are images; what was seen is kept, so that a second build
/// need not load it.
///
/// # Errors
/// If the dataset cannot be loaded, in words for the author.
pub fn look(spec: &DatasetSpec, count: usize, known: &Known, shelf: &Shelf, store: &Store) -> Result<Look, String> {
    let key = Key::of(&json!({"look": 2, "rows": ROWS, "count": count, "data": known.description}));
    if let Some(look) = store.get_derived(&key) {
        return Ok(look);
    }
    let unscaled = DatasetSpec { scale: Scale::None, pca: None, ..spec.clone() };
    let dataset = Arc::new(data::load(&unscaled, shelf).map_err(|e| e.to_string())?);
    let look = look_at(&dataset, count)?;
    store.put_derived(&key, &look).map_err(|e| e.to_string())?;
    Ok(look)
}

fn look_at(dataset: &Arc<Dataset>, count: usize) -> Result<Look, String> {
    let rows = ROWS.min(dataset.train_rows());
    let sample = dataset.sample(Some(rows), None, 0).map_err(|e| e.to_string())?;
    let train = sample.train();
    let matrix = train.matrix();
    let classes: Vec<u32> = match train.task() {
        Task::Classification { .. } => (0..train.len()).map(|i| train.label(i)).collect(),
        Task::Regression => vec![0; train.len()],
    };
    let mut order: Vec<usize> = (0..train.len()).collect();
    if dataset.image().is_some() {
        // Images are shown class by class, as many of each: 0 0 0 … 1 1 1 ….
        let of_each = count.div_ceil(dataset.classes().len().max(1));
        let mut taken = vec![0; dataset.classes().len().max(1)];
        order.retain(|&i| {
            taken[classes[i] as usize] += 1;
            taken[classes[i] as usize] <= of_each
        });
        order.sort_by_key(|&i| classes[i]);
    }
    Ok(Look {
        columns: if dataset.image().is_some() { Vec::new() } else { dataset.columns().to_vec() },
        image: dataset.image(),
        rows: order.iter().map(|&i| matrix.row(i).to_vec()).collect(),
        classes: order.iter().map(|&i| classes[i]).collect(),
        class_names: match dataset.classes() {
            [] => vec![String::new()],
            names => names.to_vec(),
        },
    })
}
