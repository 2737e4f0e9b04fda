//! Images of the ten digits, as many as wanted: row `i` is a pure function of (seed, i).
//!
//! 1. A digit and one of the ways of writing it ([`outlines`]) are drawn; the points the pen passes are unsteady.
//! 2. The strokes are bent by a smooth random field, turned, stretched, slanted and shifted ([`shape`]).
//! 3. They are inked with a pen of some width and pressure, other strokes and dots are strewn in, and the image is
//!    dimmed and made noisy ([`ink`]).
//!
//! `difficulty` scales all of it. Only additions, multiplications, square roots and the `libm` crate are used, so that the
//! bytes are the same everywhere.

mod ink;
mod outlines;
mod shape;

use ink::Canvas;
use shape::Warp;

use crate::numerics::random::{Draws, Stream};

/// Height and width of an image.
pub(super) const SIDE: usize = 28;
/// Raised when the images change.
pub(super) const VERSION: u32 = 1;

/// The digit on image `i`.
pub(super) fn label(seed: u64, i: u64) -> u32 {
    begin(seed, i).1
}

/// Image `i`: 28 × 28 grey levels, 0 is paper and 255 ink.
pub(super) fn image(seed: u64, i: u64, difficulty: f64) -> Box<[u8]> {
    let (mut draws, digit) = begin(seed, i);
    let mut canvas = Canvas::blank();
    let variants = outlines::variants(digit);
    let variant = variants[draws.below(variants.len() as u64) as usize];
    let warp = Warp::draw(&mut draws, difficulty);
    let pen = ink::Pen::draw(&mut draws, difficulty);
    for stroke in variant {
        let path = shape::path(stroke, &mut draws, difficulty);
        let path: Vec<_> = path.into_iter().map(|point| warp.map(point)).collect();
        canvas.stroke(&path, pen);
    }
    canvas.clutter(&mut draws, difficulty, pen);
    canvas.develop(&mut draws, difficulty)
}

/// The draws of image `i`, after its digit.
fn begin(seed: u64, i: u64) -> (Draws, u32) {
    let mut draws = Stream::new(seed, "glyphs").at(i);
    let digit = draws.below(10) as u32;
    (draws, digit)
}
