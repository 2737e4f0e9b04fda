//! Matrix products whose bits are defined: every output is one chain of fused multiply-adds.
//!
//! With A the left factor, B the right one and s the [`Start`],
//!
//! ```text
//! c[m][n] = fma(a[m][K−1], b[K−1][n], … fma(a[m][1], b[1][n], fma(a[m][0], b[0][n], s)))
//! ```
//!
//! Vector lanes run over n and registers over m, never over k: this is what an outer-product kernel computes anyway, so
//! the definition costs nothing. A tile of outputs stays in registers for a long piece of k; as B comes in panels, and A is
//! read by broadcasts in either direction, nothing is packed.

mod kernel;

use super::simd::Path;
use super::team::Share;
use super::{LANES, Panels, Simd, Team};
use kernel::{Direction, Kernels, Tile};

/// The left factor of a product.
#[derive(Debug, Clone, Copy)]
pub enum Left<'a> {
    /// The matrix itself.
    Plain(&'a Panels),
    /// Its transpose.
    Transposed(&'a Panels),
    /// Its columns from a panel on.
    From(&'a Panels, usize),
}

/// What the chain of an output starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// 0.
    Zero,
    /// The right factor's row below those that are multiplied: a bias.
    RowBelow,
    /// The value that is there.
    Old,
}

/// Floats of the left factor that are used on one panel after the other: they stay in the second-level cache.
const BLOCK: usize = 128 * 1024;

/// Steps of the chains that are made for all rows before the next: so much of a panel of the right factor (32 KiB) stays in
/// the first-level cache.
const DEPTH: usize = 8 * LANES;

impl Left<'_> {
    /// Rows and columns (k) of the factor.
    fn shape(self) -> (usize, usize) {
        match self {
            Self::Plain(a) => (a.rows(), a.columns()),
            Self::Transposed(a) => (a.columns(), a.rows()),
            Self::From(a, panel) => (a.rows(), a.columns() - panel * LANES),
        }
    }
}

/// `out` = `left` · `right`, as many rows as `out` has.
///
/// Shapes: left M × K, right K × N (one more row with [`Start::RowBelow`]), out at most M × N. Rows of the right factor
/// beyond those are ignored.
///
/// # Panics
/// If the shapes do not agree.
pub fn multiply(team: &Team, left: Left<'_>, right: &Panels, start: Start, out: &mut Panels) {
    assert_eq!(right.columns(), out.columns(), "the right factor has as many columns as the product");
    let (rows, stride, panels) = (out.rows(), out.stride(), out.panels());
    check(left, right, start, rows);
    let share = OutputPanels { first: 0, stride, floats: &mut out.floats_mut()[..panels * stride] };
    team.divide(panels, share, |share| {
        let kernels = Kernels::of(team.simd());
        let block = (BLOCK / left.shape().1.max(1)).next_multiple_of(LANES);
        for from in (0..rows).step_by(block) {
            for (p, floats) in share.floats.chunks_exact_mut(stride).enumerate() {
                let to = rows.min(from + block);
                tiles(&kernels, left, right, share.first + p, start, from..to, floats);
            }
        }
    });
}

/// Panel `panel` of `left` · `right` into `out`, which holds as many rows of [`LANES`] floats as are wanted.
///
/// # Panics
/// If the shapes do not agree.
pub fn multiply_panel(simd: Simd, left: Left<'_>, right: &Panels, panel: usize, start: Start, out: &mut [f32]) {
    let rows = out.len() / LANES;
    assert_eq!(out.len(), rows * LANES, "a panel is whole rows");
    assert!(panel < right.panels(), "the right factor has {} panels", right.panels());
    check(left, right, start, rows);
    tiles(&Kernels::of(simd), left, right, panel, start, 0..rows, out);
}

/// Rows of `left` · `right` for a right factor of one panel's width that is no matrix of its own: `k` rows of [`LANES`]
/// floats, of which the first `used` columns matter. The chains run over the first `k` of the left factor's.
///
/// # Panics
/// If the shapes do not agree.
pub fn multiply_rows(simd: Simd, left: Left<'_>, right: &[f32], used: usize, start: Start, out: &mut [f32]) {
    let (rows, k) = (out.len() / LANES, right.len() / LANES);
    assert!(out.len() == rows * LANES && right.len() == k * LANES, "a panel is whole rows");
    let (m, most) = left.shape();
    assert!(rows <= m && k <= most, "the left factor is {m} × {most}, the product takes {rows} × {k}");
    assert!(used <= LANES && start != Start::RowBelow, "one panel without a bias below");
    tile_rows(&Kernels::of(simd), left, k, right, used, start, 0..rows, out);
}

fn check(left: Left<'_>, right: &Panels, start: Start, rows: usize) {
    let (m, k) = left.shape();
    assert!(rows <= m, "the left factor has {m} rows, the product {rows}");
    let wanted = k + usize::from(start == Start::RowBelow);
    assert!(wanted <= right.rows(), "the right factor has {} rows, not {wanted}", right.rows());
}

/// Consecutive panels of an output.
struct OutputPanels<'a> {
    first: usize,
    stride: usize,
    floats: &'a mut [f32],
}

impl Share for OutputPanels<'_> {
    fn cut(self, items: usize, _: usize) -> (Self, Self) {
        let (floats, rest) = self.floats.split_at_mut(items * self.stride);
        let (first, stride) = (self.first, self.stride);
        (Self { first, stride, floats }, Self { first: first + items, stride, floats: rest })
    }
}

/// Rows `rows` of one panel of a product whose shapes were checked.
fn tiles(
    kernels: &Kernels,
    left: Left<'_>,
    right: &Panels,
    panel: usize,
    start: Start,
    rows: std::ops::Range<usize>,
    out: &mut [f32],
) {
    let used = (right.columns() - panel * LANES).min(LANES);
    tile_rows(kernels, left, left.shape().1, right.panel(panel), used, start, rows, out);
}

/// Rows `rows` of a product with a right factor of one panel, `b`, of which `used` columns matter.
#[expect(clippy::too_many_arguments, reason = "the two callers above name what they pass")]
fn tile_rows(
    kernels: &Kernels,
    left: Left<'_>,
    k: usize,
    b: &[f32],
    used: usize,
    start: Start,
    rows: std::ops::Range<usize>,
    out: &mut [f32],
) {
    let below = if start == Start::RowBelow { &b[k * LANES..(k + 1) * LANES] } else { &[] };
    // Longer chains are cut into even pieces: what one has come to is stored, and the next starts from it.
    let depth = k.div_ceil(k.div_ceil(DEPTH).max(1)).next_multiple_of(LANES).max(LANES);
    for from in (0..k.max(1)).step_by(depth) {
        let steps = from..k.min(from + depth);
        let start = if from == 0 { start } else { Start::Old };
        piece(kernels, left, steps, (b, below), used, start, rows.clone(), out);
    }
}

/// Steps `steps` of the chains of some rows.
#[expect(clippy::too_many_arguments, reason = "its one caller names what it passes")]
fn piece(
    kernels: &Kernels,
    left: Left<'_>,
    steps: std::ops::Range<usize>,
    (b, below): (&[f32], &[f32]),
    used: usize,
    start: Start,
    rows: std::ops::Range<usize>,
    out: &mut [f32],
) {
    let (k, b) = (steps.len(), &b[steps.start * LANES..]);
    let mut row = rows.start;
    while row < rows.end {
        // A transposed factor is read across a panel, so its tiles end where the panel does.
        let (end, direction) = match left {
            Left::Plain(_) | Left::From(..) => (rows.end, Direction::Along),
            Left::Transposed(_) => (rows.end.min((row / LANES + 1) * LANES), Direction::Down),
        };
        let a = match left {
            Left::Plain(a) => &a.floats()[steps.start / LANES * a.stride() + row * LANES..],
            Left::From(a, panel) => &a.floats()[(panel + steps.start / LANES) * a.stride() + row * LANES..],
            Left::Transposed(a) => &a.panel(row / LANES)[steps.start * LANES + row % LANES..],
        };
        let a_stride = match left {
            Left::Plain(a) | Left::Transposed(a) | Left::From(a, _) => a.stride(),
        };
        // Rows are shared out evenly: no tile is left with so few that its registers idle.
        let tiles_left = (end - row).div_ceil(kernels.rows);
        let height = (end - row).div_ceil(tiles_left);
        let tile = Tile { a, a_stride, k, b, below, start };
        kernels.run(direction, height, used, &tile, &mut out[row * LANES..(row + height) * LANES]);
        row += height;
    }
}

#[cfg(test)]
mod tests;
