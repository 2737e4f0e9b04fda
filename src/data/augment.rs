//! Images moved and mirrored at random, for training alone: more examples than there are.
//!
//! What becomes of a row in an epoch is a function of the seed, the epoch and the row's position among the training rows.
//! Rows are changed as they are stored, before scaling; validation and test rows, and models that do not learn by
//! mini-batches, see them as they are.

use serde::Serialize;

use super::{Error, Features, Rows, StoredRow, Target};
use crate::numerics::random::Stream;

/// Raised when what becomes of a row changes.
pub(super) const VERSION: u32 = 1;

/// How the images of mini-batches differ from those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Augment {
    /// An image moves by −shift … shift pixels along each side, all equally often; what comes in is 0.
    pub shift: u32,
    /// Every other image, at random, is mirrored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flip: Option<Flip>,
}

/// How an image is mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flip {
    /// Left becomes right.
    Horizontal,
    /// Top becomes bottom.
    Vertical,
}

impl Augment {
    /// Whether images of this shape can be augmented so.
    ///
    /// # Errors
    /// If there are no images, or none of their pixels would be left.
    pub(super) fn check(self, image: Option<[usize; 3]>) -> Result<(), Error> {
        let Some([height, width, _]) = image else {
            return Err(Error::parameter("augment", "set", "left out: only images can be moved and mirrored"));
        };
        let side = height.min(width);
        if self.shift as usize >= side {
            return Err(Error::parameter("shift", self.shift, format!("below {side}, the side of an image")));
        }
        Ok(())
    }
}

/// Draws augmented mini-batches; its buffers are made once.
#[derive(Debug)]
pub struct Augmenter<'a> {
    rows: Rows<'a>,
    augment: Augment,
    image: [usize; 3],
    stream: Stream,
    /// The mini-batch drawn last.
    features: Features,
    target: Target,
    /// 0, 1, …: where its rows are.
    index: Vec<u32>,
}

/// What becomes of one image: first it is mirrored, then it moves.
#[derive(Debug, Clone, Copy)]
struct Change {
    down: isize,
    right: isize,
    flip: Option<Flip>,
}

impl<'a> Augmenter<'a> {
    /// For mini-batches of up to `batch` of `rows` under `seed`; `None` where they are to be seen as they are.
    ///
    /// # Panics
    /// If rows that are to be augmented are no images.
    pub fn new(rows: Rows<'a>, batch: usize, seed: u64) -> Option<Self> {
        let augment = rows.augment()?;
        Some(Self {
            rows,
            augment,
            image: rows.image().expect("the description was checked to be of images"),
            stream: Stream::new(seed, "augment"),
            features: rows.features().like(batch),
            target: rows.target().like(batch),
            index: (0..batch as u32).collect(),
        })
    }

    /// Rows `positions` as they are in epoch `epoch`, and their positions among the rows returned.
    ///
    /// # Panics
    /// If there are more than a mini-batch has.
    pub fn draw(&mut self, positions: &[u32], epoch: u32) -> (Rows<'_>, &[u32]) {
        for (i, &position) in positions.iter().enumerate() {
            let change = self.change(position, epoch);
            match (&mut self.features, self.rows.stored(position as usize)) {
                (Features::Bytes(to), StoredRow::Bytes(from)) => change.apply(self.image, from, slice(to, i)),
                (Features::Real(to), StoredRow::Real(from)) => change.apply(self.image, from, slice(to, i)),
                _ => unreachable!("the buffer is of the kind of the rows"),
            }
            match &mut self.target {
                Target::Classes { labels, .. } => labels[i] = self.rows.label(position as usize),
                Target::Values(values) => values[i] = self.rows.value(position as usize),
            }
        }
        let index = &self.index[..positions.len()];
        (Rows::new(&self.features, &self.target, self.rows.scaling(), index, Some(self.image)), index)
    }

    fn change(&self, position: u32, epoch: u32) -> Change {
        let mut draws = self.stream.at(u64::from(epoch) << 32 | u64::from(position));
        let shift = self.augment.shift as isize;
        let mut moved = || draws.below(2 * shift as u64 + 1) as isize - shift;
        let (down, right) = (moved(), moved());
        let flip = self.augment.flip.filter(|_| draws.below(2) == 1);
        Change { down, right, flip }
    }
}

fn slice<T>(rows: &mut ndarray::Array2<T>, i: usize) -> &mut [T] {
    rows.row_mut(i).into_slice().expect("a buffer is stored row after row")
}

impl Change {
    /// Writes the changed image; pixels are stored row by row, the channels of one together.
    fn apply<T: Copy + Default>(self, [height, width, channels]: [usize; 3], from: &[T], to: &mut [T]) {
        to.fill(T::default());
        let (rows, columns) = (overlap(self.down, height), overlap(self.right, width));
        let to = to.chunks_exact_mut(width * channels).skip(rows.to).take(rows.len);
        let upright = from.chunks_exact(width * channels);
        if self.flip == Some(Flip::Vertical) {
            to.zip(upright.rev().skip(rows.from)).for_each(|(to, from)| to_row(to, from, channels, columns, false));
        } else {
            let mirrored = self.flip == Some(Flip::Horizontal);
            to.zip(upright.skip(rows.from)).for_each(|(to, from)| to_row(to, from, channels, columns, mirrored));
        }
    }
}

/// What stays of a side in a move: where from, where to, and how many pixels.
#[derive(Debug, Clone, Copy)]
struct Overlap {
    from: usize,
    to: usize,
    len: usize,
}

fn overlap(moved: isize, side: usize) -> Overlap {
    let away = moved.unsigned_abs().min(side);
    let (from, to) = if moved < 0 { (away, 0) } else { (0, away) };
    Overlap { from, to, len: side - away }
}

/// Writes what stays of one row of pixels.
fn to_row<T: Copy>(to: &mut [T], from: &[T], channels: usize, columns: Overlap, mirrored: bool) {
    let Overlap { from: source, to: target, len } = columns;
    if mirrored {
        let pixels = from.chunks_exact(channels).rev().skip(source);
        to.chunks_exact_mut(channels).skip(target).zip(pixels).for_each(|(to, from)| to.copy_from_slice(from));
    } else {
        let part = &from[source * channels..(source + len) * channels];
        to[target * channels..(target + len) * channels].copy_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::data::Scaling;

    #[test]
    fn moves_and_mirrors_are_those_worked_by_hand() {
        // 2 rows of 3 pixels with 2 channels: a to f.
        let from = [1, 11, 2, 12, 3, 13, 4, 14, 5, 15, 6, 16u8];
        let check = |down, right, flip, expected: [u8; 12]| {
            let mut to = [99; 12];
            Change { down, right, flip }.apply([2, 3, 2], &from, &mut to);
            assert_eq!(to, expected, "{down} {right} {flip:?}");
        };
        check(0, 0, None, from);
        check(0, 1, None, [0, 0, 1, 11, 2, 12, 0, 0, 4, 14, 5, 15]);
        check(1, -2, None, [0, 0, 0, 0, 0, 0, 3, 13, 0, 0, 0, 0]);
        check(0, 0, Some(Flip::Horizontal), [3, 13, 2, 12, 1, 11, 6, 16, 5, 15, 4, 14]);
        check(0, 0, Some(Flip::Vertical), [4, 14, 5, 15, 6, 16, 1, 11, 2, 12, 3, 13]);
        // Mirrored first: the right column has become the left one and moves out.
        check(-1, -1, Some(Flip::Horizontal), [5, 15, 4, 14, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    /// 40 images of 5 × 5 with one pixel set in the middle, all changed in some epoch.
    fn middles(augment: Augment, seed: u64, epoch: u32, positions: &[u32]) -> Vec<Vec<u8>> {
        let image = Array2::from_shape_fn((40, 25), |(_, pixel)| u8::from(pixel == 12));
        let (features, target) = (Features::Bytes(image), Target::Values((0..40u8).map(f32::from).collect()));
        let (scaling, index) = (Scaling::identity(25), (0..40).collect::<Vec<u32>>());
        let rows = Rows::new(&features, &target, &scaling, &index, Some([5, 5, 1])).with_augment(Some(augment));
        let mut augmenter = Augmenter::new(rows, positions.len(), seed).expect("it is asked for");
        let (drawn, at) = augmenter.draw(positions, epoch);
        for (&position, &at) in positions.iter().zip(at) {
            assert_eq!(drawn.value(at as usize), position as f32, "labels go with their rows");
        }
        let row = |&at: &u32| match drawn.stored(at as usize) {
            StoredRow::Bytes(row) => row.to_vec(),
            StoredRow::Real(_) => panic!("bytes stay bytes"),
        };
        at.iter().map(row).collect()
    }

    #[test]
    fn a_change_is_a_function_of_seed_epoch_and_position() {
        let augment = Augment { shift: 2, flip: Some(Flip::Horizontal) };
        let all: Vec<u32> = (0..40).collect();
        let images = middles(augment, 7, 3, &all);
        let some = middles(augment, 7, 3, &[31, 4]);
        assert_eq!(some, [images[31].clone(), images[4].clone()], "the batch it is in does not matter");
        assert_ne!(images, middles(augment, 7, 4, &all));
        assert_ne!(images, middles(augment, 8, 3, &all));
    }

    #[test]
    fn every_move_within_the_shift_is_made() {
        let all: Vec<u32> = (0..40).collect();
        let mut found = std::collections::BTreeSet::new();
        for epoch in 1..=20 {
            for image in middles(Augment { shift: 1, flip: None }, 1, epoch, &all) {
                assert_eq!(image.iter().filter(|p| **p == 1).count(), 1);
                found.insert(image.iter().position(|p| *p == 1).expect("one is set"));
            }
        }
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [6, 7, 8, 11, 12, 13, 16, 17, 18]);
    }
}
