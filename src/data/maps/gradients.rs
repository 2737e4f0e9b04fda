//! Histograms of oriented gradients, after Dalal & Triggs 2005, in a compact form.
//!
//! The image is cut into cells of 4 × 4 pixels. Each pixel votes with the length of its gradient (central differences)
//! for the orientation of the edge, unsigned, in 8 bins; its vote is shared linearly between the two nearest bins and
//! bilinearly between the four nearest cells. Each cell is then divided by the norm of the 3 × 3 cells around it, cut at
//! 0.3, so that faint and strong strokes look alike.

/// Pixels along a side of a cell.
const CELL: usize = 4;
/// Orientations between 0° and 180°.
const BINS: usize = 8;
/// No bin of a normalised cell is larger.
const CEILING: f32 = 0.3;
/// Keeps empty cells at zero, and noise in them small; in units of one pixel's steepest gradient.
const FLOOR: f32 = 0.5;

/// One name a feature, for images of the given height and width.
pub(super) fn names(size: [usize; 2]) -> Vec<String> {
    let [rows, columns] = cells(size);
    let name = |i: usize| {
        let (cell, bin) = (i / BINS, i % BINS);
        format!("gradient at cell {},{} towards {}°", cell / columns, cell % columns, bin as f64 * 180.0 / BINS as f64)
    };
    (0..rows * columns * BINS).map(name).collect()
}

/// Writes rows × columns × bins.
pub(super) fn write(image: &[u8], size: [usize; 2], out: &mut [f32]) {
    let [rows, columns] = cells(size);
    let mut votes = vec![0.0f32; rows * columns * BINS];
    vote(image, size, &mut votes);
    let energy: Vec<f32> = votes.chunks_exact(BINS).map(|cell| cell.iter().map(|v| v * v).sum()).collect();
    for (i, (cell, out)) in votes.chunks_exact(BINS).zip(out.chunks_exact_mut(BINS)).enumerate() {
        let (row, column) = (i / columns, i % columns);
        let mut around = FLOOR * FLOOR;
        for r in row.saturating_sub(1)..(row + 2).min(rows) {
            for c in column.saturating_sub(1)..(column + 2).min(columns) {
                around += energy[r * columns + c];
            }
        }
        let norm = around.sqrt();
        out.iter_mut().zip(cell).for_each(|(o, v)| *o = (v / norm).min(CEILING));
    }
}

fn cells([height, width]: [usize; 2]) -> [usize; 2] {
    [height / CELL, width / CELL]
}

/// Every pixel's vote, spread over orientations and cells.
fn vote(image: &[u8], [height, width]: [usize; 2], votes: &mut [f32]) {
    let [rows, columns] = cells([height, width]);
    let grey = |y: usize, x: usize| f32::from(image[y * width + x]) / 255.0;
    for y in 0..height {
        for x in 0..width {
            let dx = grey(y, (x + 1).min(width - 1)) - grey(y, x.saturating_sub(1));
            let dy = grey((y + 1).min(height - 1), x) - grey(y.saturating_sub(1), x);
            if dx == 0.0 && dy == 0.0 {
                continue;
            }
            let length = (dx * dx + dy * dy).sqrt();
            let turn = libm::atan2f(dy, dx) / std::f32::consts::PI;
            let (bin, next, bin_share) = between(turn.rem_euclid(1.0) * BINS as f32, BINS);
            for (row, row_share) in neighbours(y, rows) {
                for (column, column_share) in neighbours(x, columns) {
                    let cell = (row * columns + column) * BINS;
                    let vote = length * row_share * column_share;
                    votes[cell + bin] += vote * (1.0 - bin_share);
                    votes[cell + next] += vote * bin_share;
                }
            }
        }
    }
}

/// The two bins on either side of a position on a circle of `n`, and the share of the second.
fn between(position: f32, n: usize) -> (usize, usize, f32) {
    let low = position.floor();
    (low as usize % n, (low as usize + 1) % n, position - low)
}

/// The cells on either side of a pixel along one axis, with their shares; cells beyond the image get no vote.
fn neighbours(pixel: usize, cells: usize) -> impl Iterator<Item = (usize, f32)> {
    let position = (pixel as f32 + 0.5) / CELL as f32 - 0.5;
    let low = position.floor();
    let share = position - low;
    let pair = [(low as isize, 1.0 - share), (low as isize + 1, share)];
    pair.into_iter().filter(move |(c, _)| (0..cells as isize).contains(c)).map(|(c, share)| (c as usize, share))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bin with the most votes over all cells.
    fn strongest(image: &[u8]) -> usize {
        let mut out = vec![0.0; names([16, 16]).len()];
        write(image, [16, 16], &mut out);
        let sums: Vec<f32> = (0..BINS).map(|bin| out.iter().skip(bin).step_by(BINS).sum()).collect();
        (0..BINS).max_by(|&a, &b| sums[a].total_cmp(&sums[b])).expect("there are bins")
    }

    #[test]
    fn edges_vote_for_their_orientation() {
        let image = |inside: fn(i32, i32) -> bool| -> Vec<u8> {
            (0..256).map(|i| if inside(i % 16, i / 16) { 255 } else { 0 }).collect()
        };
        assert_eq!(strongest(&image(|x, _| x < 8)), 0);
        assert_eq!(strongest(&image(|_, y| y < 8)), BINS / 2);
        assert_eq!(strongest(&image(|x, y| x + y < 16)), BINS / 4);
    }

    #[test]
    fn faint_and_strong_strokes_look_alike_and_blank_is_zero() {
        let stroke =
            |grey: u8| (0..256).map(|i| if (6..10).contains(&(i % 16)) { grey } else { 0 }).collect::<Vec<_>>();
        let map = |image: &[u8]| {
            let mut out = vec![0.0; names([16, 16]).len()];
            write(image, [16, 16], &mut out);
            out
        };
        let (faint, strong) = (map(&stroke(150)), map(&stroke(255)));
        assert!(faint.iter().zip(&strong).all(|(a, b)| (a - b).abs() < 0.05));
        assert!(strong.iter().any(|&v| v > 0.2));
        assert!(map(&[0; 256]).iter().all(|&v| v == 0.0));
    }
}
