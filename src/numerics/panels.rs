//! Matrices stored as the kernels read them.

use std::ops::Range;

use ndarray::ArrayView2;

use super::Simd;

/// Columns of a panel: a multiple of every vector's width.
pub const LANES: usize = 32;

/// A matrix in panels of [`LANES`] columns, each panel row after row.
///
/// One layout serves every role in a product: as the right factor and as the output it is read and written in whole
/// vectors, as the left factor its entries are broadcast along a row or down a column. A panel is one slice, so that
/// threads and elementwise loops take whole panels. Columns beyond the last, up to a whole panel, are padding: 0 to begin
/// with, 0 in a product whose right factor has 0 there, and never part of a result otherwise.
///
/// Room for `capacity` rows is kept, so that a smaller last batch needs no other buffer.
#[derive(Debug, Clone)]
pub struct Panels {
    lines: Vec<Line>,
    capacity: usize,
    rows: usize,
    columns: usize,
}

/// A cache line, so that no vector straddles two.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

impl Panels {
    /// Zeros: `rows` × `columns`.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        let floats = rows * columns.div_ceil(LANES) * LANES;
        Self { lines: vec![Line([0.0; 16]); floats / 16], capacity: rows, rows, columns }
    }

    /// The same entries as `matrix`.
    pub fn from_matrix(matrix: ArrayView2<'_, f32>) -> Self {
        let mut panels = Self::zeros(matrix.nrows(), matrix.ncols());
        for ((r, c), &x) in matrix.indexed_iter() {
            panels.panel_mut(c / LANES)[r * LANES + c % LANES] = x;
        }
        panels
    }

    /// Number of rows in use.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of panels.
    pub fn panels(&self) -> usize {
        self.columns.div_ceil(LANES)
    }

    /// Uses the first `rows` rows.
    ///
    /// # Panics
    /// If there is no room for them.
    pub fn set_rows(&mut self, rows: usize) {
        assert!(rows <= self.capacity, "{rows} rows do not fit into {}", self.capacity);
        self.rows = rows;
    }

    /// Uses the first `columns` columns of those there is room for in the same panels as before or fewer.
    ///
    /// # Panics
    /// If there is no room for them.
    pub fn set_columns(&mut self, columns: usize) {
        assert!(columns.div_ceil(LANES) * self.stride() <= self.lines.len() * 16, "{columns} columns do not fit");
        self.columns = columns;
    }

    /// Entry of row `r` and column `c`.
    pub fn at(&self, r: usize, c: usize) -> f32 {
        self.panel(c / LANES)[r * LANES + c % LANES]
    }

    /// Panel `p`: columns from `LANES`·p on, the rows in use one after the other.
    pub fn panel(&self, p: usize) -> &[f32] {
        let from = p * self.stride();
        &self.floats()[from..from + self.rows * LANES]
    }

    /// As [`Panels::panel`].
    pub fn panel_mut(&mut self, p: usize) -> &mut [f32] {
        let (from, len) = (p * self.stride(), self.rows * LANES);
        &mut self.floats_mut()[from..from + len]
    }

    /// Floats from the start of a panel to the start of the next.
    pub fn stride(&self) -> usize {
        self.capacity * LANES
    }

    /// All panels, [`Panels::stride`] floats each.
    pub fn floats(&self) -> &[f32] {
        // SAFETY: a line is sixteen floats and nothing else, so the lines of a slice are floats without gaps.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.lines.len() * 16) }
    }

    /// As [`Panels::floats`].
    pub fn floats_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and the borrow of `self` is unique.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.lines.len() * 16) }
    }

    /// Rows from `first` on become `rows`·`factor` + `offset`, column by column.
    ///
    /// # Panics
    /// If a slice has not as many entries as there are columns, or there are more rows than are in use.
    pub fn set_rows_scaled(&mut self, simd: Simd, first: usize, rows: &[&[f32]], factor: &[f32], offset: &[f32]) {
        self.fill_rows(
            simd,
            first,
            rows,
            factor,
            offset,
            #[inline(always)]
            |x| x,
        );
    }

    /// Rows from `first` on become (`rows` / 255)·`factor` + `offset`, column by column.
    ///
    /// # Panics
    /// As [`Panels::set_rows_scaled`].
    pub fn set_rows_bytes(&mut self, simd: Simd, first: usize, rows: &[&[u8]], factor: &[f32], offset: &[f32]) {
        self.fill_rows(simd, first, rows, factor, offset, share_of_255);
    }

    #[inline(always)]
    fn fill_rows<T: Copy>(
        &mut self,
        simd: Simd,
        first: usize,
        rows: &[&[T]],
        factor: &[f32],
        offset: &[f32],
        read: impl Fn(T) -> f32,
    ) {
        let (columns, stride) = (self.columns, self.stride());
        assert!(first + rows.len() <= self.rows, "rows to {} of {}", first + rows.len(), self.rows);
        assert!(rows.iter().all(|row| row.len() == columns), "a row has as many entries as there are columns");
        assert!(factor.len() == columns && offset.len() == columns, "one factor and offset a column");
        let floats = self.floats_mut();
        simd.run(
            #[inline(always)]
            || {
                // Panel by panel: the rows of one lie next to each other, those of different panels far apart.
                for (p, panel) in floats.chunks_exact_mut(stride).enumerate().take(columns.div_ceil(LANES)) {
                    let from = p * LANES;
                    let to = columns.min(from + LANES);
                    let (factor, offset) = (&factor[from..to], &offset[from..to]);
                    let out = panel[first * LANES..].as_chunks_mut::<LANES>().0;
                    // Whole panels of a known width, the last one apart: a loop without remainders.
                    if let (Ok(factor), Ok(offset)) = (factor.try_into(), offset.try_into()) {
                        let (factor, offset): (&[f32; LANES], &[f32; LANES]) = (factor, offset);
                        for (row, out) in rows.iter().zip(out) {
                            let x: &[T; LANES] = row[from..to].try_into().expect("as wide as the factors");
                            for i in 0..LANES {
                                out[i] = read(x[i]).mul_add(factor[i], offset[i]);
                            }
                        }
                        continue;
                    }
                    for (row, out) in rows.iter().zip(out) {
                        for (((out, x), f), b) in out.iter_mut().zip(&row[from..to]).zip(factor).zip(offset) {
                            *out = read(*x).mul_add(*f, *b);
                        }
                    }
                }
            },
        );
    }

    /// Becomes the transpose of `from` within the room it has.
    ///
    /// # Panics
    /// If there is no room.
    pub fn set_transpose(&mut self, from: &Panels, simd: Simd) {
        self.set_rows(from.columns);
        self.set_columns(from.rows);
        for p in 0..self.panels() {
            let columns = p * LANES..from.rows.min((p + 1) * LANES);
            let panel = self.panel_mut(p);
            simd.run(
                #[inline(always)]
                || transpose_panel(from, columns, panel),
            );
        }
    }
}

/// `byte` / 255, correctly rounded without a division: the product with the rounded 1 / 255, and one Newton step.
#[inline(always)]
pub fn share_of_255(byte: u8) -> f32 {
    const RECIPROCAL: f32 = 1.0 / 255.0;
    let x = f32::from(byte);
    let quotient = x * RECIPROCAL;
    let rest = quotient.mul_add(-255.0, x);
    rest.mul_add(RECIPROCAL, quotient)
}

/// Writes rows `rows` (at most [`LANES`]) of `from` as the columns of `panel`.
#[inline(always)]
fn transpose_panel(from: &Panels, rows: Range<usize>, panel: &mut [f32]) {
    for (p, out) in panel.chunks_mut(LANES * LANES).enumerate() {
        let block = &from.panel(p)[rows.start * LANES..rows.end * LANES];
        for (r, x) in block.chunks_exact(LANES).enumerate() {
            for (out, x) in out.chunks_exact_mut(LANES).zip(x) {
                out[r] = *x;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_its_share_of_255() {
        for byte in 0..=255 {
            assert_eq!(share_of_255(byte), f32::from(byte) / 255.0);
        }
    }

    #[test]
    fn a_transpose_has_rows_for_columns_within_its_room() {
        for simd in Simd::available() {
            for (rows, columns) in [(1, 1), (5, 70), (33, 32), (64, 31)] {
                let matrix = ndarray::Array2::from_shape_fn((rows, columns), |(r, c)| (r * 100 + c) as f32);
                let mut turned = Panels::zeros(70, 64);
                turned.set_transpose(&Panels::from_matrix(matrix.view()), simd);
                assert_eq!((turned.rows(), turned.columns()), (columns, rows));
                for ((r, c), x) in matrix.indexed_iter() {
                    assert_eq!(turned.at(c, r), *x, "{rows}×{columns} at {r}, {c}");
                }
            }
        }
    }

    #[test]
    fn rows_are_scaled_as_they_are_read() {
        for simd in Simd::available() {
            let mut panels = Panels::zeros(2, 35);
            let (factor, offset): (Vec<f32>, Vec<f32>) = (0..35).map(|c| (c as f32 * 0.1, c as f32)).unzip();
            let bytes: Vec<u8> = (0..35).map(|c| c * 7).collect();
            let reals: Vec<f32> = (0..35).map(|c| c as f32 * 0.3).collect();
            panels.set_rows_bytes(simd, 0, &[&bytes], &factor, &offset);
            panels.set_rows_scaled(simd, 1, &[&reals], &factor, &offset);
            for c in 0..35 {
                assert_eq!(panels.at(0, c), (f32::from(bytes[c]) / 255.0).mul_add(factor[c], offset[c]));
                assert_eq!(panels.at(1, c), reals[c].mul_add(factor[c], offset[c]));
            }
        }
    }
}
