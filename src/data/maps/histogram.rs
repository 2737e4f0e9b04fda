//! The pixel histogram: how much ink lies in each row and column, and how often each grey level occurs.

/// Grey levels told apart.
const LEVELS: usize = 16;

/// One name a feature, for images of the given height and width.
pub(super) fn names([height, width]: [usize; 2]) -> Vec<String> {
    let rows = (0..height).map(|y| format!("ink in row {y}"));
    let columns = (0..width).map(|x| format!("ink in column {x}"));
    let levels = (0..LEVELS).map(|level| format!("grey level {level}"));
    rows.chain(columns).chain(levels).collect()
}

/// Writes mean ink (0 to 1) of the `height` rows, then of the `width` columns, then the share of pixels in each level.
pub(super) fn write(image: &[u8], [height, width]: [usize; 2], out: &mut [f32]) {
    let mut rows = vec![0u32; height];
    let mut columns = vec![0u32; width];
    let mut levels = [0u32; LEVELS];
    for (y, line) in image.chunks_exact(width).enumerate() {
        for (x, &grey) in line.iter().enumerate() {
            rows[y] += u32::from(grey);
            columns[x] += u32::from(grey);
            levels[usize::from(grey) * LEVELS / 256] += 1;
        }
    }
    let rows = rows.iter().map(|&sum| sum as f32 / (255 * width) as f32);
    let columns = columns.iter().map(|&sum| sum as f32 / (255 * height) as f32);
    let levels = levels.iter().map(|&count| count as f32 / (width * height) as f32);
    for (out, value) in out.iter_mut().zip(rows.chain(columns).chain(levels)) {
        *out = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_and_levels_are_counted() {
        let image = [0, 255, 0, 0, 0, 255, 0, 255];
        let mut out = vec![0.0; names([2, 4]).len()];
        write(&image, [2, 4], &mut out);
        assert_eq!(out[..6], [0.25, 0.5, 0.0, 1.0, 0.0, 0.5]);
        assert_eq!((out[6], out[6 + 15]), (0.625, 0.375));
        assert_eq!(out[7..6 + 15], [0.0; 14]);
    }
}
