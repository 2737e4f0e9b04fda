//! One tile of a product, in registers, for each set of vector instructions.

use super::{LANES, Path, Simd, Start};

/// How the entries of the left factor follow each other in k.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// Along a row: the factor itself.
    Along,
    /// Down a column: its transpose.
    Down,
}

/// What a tile is computed from.
pub(super) struct Tile<'a> {
    /// The left factor from the tile's first entry on.
    pub a: &'a [f32],
    /// Floats from one panel of the left factor to the next.
    pub a_stride: usize,
    /// Length of the chains.
    pub k: usize,
    /// A panel of the right factor.
    pub b: &'a [f32],
    /// The row below those that are multiplied, if that is the start.
    pub below: &'a [f32],
    /// What the chains start from.
    pub start: Start,
}

/// A tile of some columns, from column `column` of a panel on.
///
/// Safe to call if the processor has its instructions and the slices are as long as [`Kernels::run`] asserts.
type Kernel = unsafe fn(&Tile<'_>, usize, &mut [f32]);

/// The kernels of one set of instructions.
pub(super) struct Kernels {
    /// Most rows of a tile.
    pub rows: usize,
    /// By width: tables by direction, then by rows − 1.
    wide: Table,
    narrow: Option<Table>,
}

#[derive(Clone, Copy)]
struct Table {
    columns: usize,
    along: &'static [Kernel],
    down: &'static [Kernel],
}

impl Kernels {
    pub fn of(simd: Simd) -> Self {
        match simd.path() {
            Path::Portable => Self { rows: 8, wide: portable::TABLE, narrow: None },
            #[cfg(target_arch = "aarch64")]
            Path::Neon => Self { rows: 6, wide: neon::TABLE, narrow: None },
            #[cfg(target_arch = "x86_64")]
            Path::Avx2 => Self { rows: 6, wide: avx2::TABLE, narrow: None },
            #[cfg(target_arch = "x86_64")]
            Path::Avx512 => Self { rows: 14, wide: avx512::WIDE, narrow: Some(avx512::NARROW) },
        }
    }

    /// Computes `height` rows of which `used` columns matter; the others are padding.
    pub fn run(&self, direction: Direction, height: usize, used: usize, tile: &Tile<'_>, out: &mut [f32]) {
        let table = self.narrow.filter(|t| used <= t.columns).unwrap_or(self.wide);
        let kernel = match direction {
            Direction::Along => table.along[height - 1],
            Direction::Down => table.down[height - 1],
        };
        assert_eq!(out.len(), height * LANES, "one row of lanes a row of the tile");
        assert!(tile.b.len() >= tile.k * LANES, "one row of lanes a step");
        assert!(tile.start != Start::RowBelow || tile.below.len() == LANES, "one row of lanes below");
        if let Some(last) = tile.k.checked_sub(1) {
            let reach = match direction {
                Direction::Along => last / LANES * tile.a_stride + (height - 1) * LANES + last % LANES,
                Direction::Down => last * LANES + height - 1,
            };
            assert!(reach < tile.a.len(), "the left factor ends before the tile does");
        }
        for column in (0..used).step_by(table.columns) {
            // SAFETY: `Kernels::of` takes kernels whose instructions the processor has, and what they read and write
            // lies within the slices, as asserted above.
            unsafe { kernel(tile, column, out) };
        }
        // What follows the last vector is padding: 0 on every path, whatever was there.
        let computed = used.next_multiple_of(table.columns);
        if computed < LANES {
            out.chunks_exact_mut(LANES).for_each(|row| row[computed..].fill(0.0));
        }
    }
}

/// A tile of M × (V vectors), entries of the left factor `ROW` floats apart from row to row and `STEP` in k, within a
/// panel; the loop over panels of the left factor runs once if k goes down a column.
macro_rules! kernels {
    ($features:literal, $vector:ty, $lanes:literal, $zero:ident, $load:ident, $splat:ident, $fma:expr, $store:ident) => {
        $crate::numerics::product::kernel::kernels!(
            @body [#[target_feature(enable = $features)]], $vector, $lanes, $zero, $load, $splat, $fma, $store);
    };
    (@body [$($attribute:tt)*], $vector:ty, $lanes:literal, $zero:ident, $load:ident, $splat:ident, $fma:expr, $store:ident) => {
        /// See [`super::Kernel`] for what makes it safe to call.
        $($attribute)*
        unsafe fn tile<const M: usize, const V: usize, const ROW: usize, const STEP: usize>(
            tile: &Tile<'_>,
            column: usize,
            out: &mut [f32],
        ) {
            // SAFETY: the caller vouches for the instructions and for the slices' lengths: `a` is read up to the last
            // entry of the last row, `b` up to its row k, `out` and `below` over their whole rows.
            unsafe {
                let c = out.as_mut_ptr().add(column);
                let mut acc: [[$vector; V]; M] = [[$zero(0.0); V]; M];
                for m in 0..M {
                    for v in 0..V {
                        acc[m][v] = match tile.start {
                            Start::Zero => $zero(0.0),
                            Start::RowBelow => $load(tile.below.as_ptr().add(column + v * $lanes)),
                            Start::Old => $load(c.add(m * LANES + v * $lanes)),
                        };
                    }
                }
                let mut b = tile.b.as_ptr().add(column);
                let mut a = tile.a.as_ptr();
                let mut left = tile.k;
                while left > 0 {
                    let steps = if STEP == 1 { left.min(LANES) } else { left };
                    for k in 0..steps {
                        let mut x: [$vector; V] = [$zero(0.0); V];
                        for v in 0..V {
                            x[v] = $load(b.add(k * LANES + v * $lanes));
                        }
                        for m in 0..M {
                            let y = $splat(*a.add(m * ROW + k * STEP));
                            for v in 0..V {
                                acc[m][v] = $fma(y, x[v], acc[m][v]);
                            }
                        }
                    }
                    left -= steps;
                    b = b.wrapping_add(steps * LANES);
                    a = a.wrapping_add(tile.a_stride);
                }
                for m in 0..M {
                    for v in 0..V {
                        $store(c.add(m * LANES + v * $lanes), acc[m][v]);
                    }
                }
            }
        }
    };
}
pub(super) use kernels;

/// `table!(columns, vectors, 1 2 3 …)`: the kernels of 1, 2, 3 … rows.
macro_rules! table {
    ($columns:literal, $vectors:literal, $($rows:literal)+) => {
        Table {
            columns: $columns,
            along: &[$(tile::<$rows, $vectors, LANES, 1>),+],
            down: &[$(tile::<$rows, $vectors, 1, LANES>),+],
        }
    };
}

mod portable {
    use super::{LANES, Start, Table, Tile};

    pub(super) const TABLE: Table = table!(32, 1, 1 2 3 4 5 6 7 8);

    /// The definition of the product, and the oracle of every other kernel.
    fn tile<const M: usize, const V: usize, const ROW: usize, const STEP: usize>(
        tile: &Tile<'_>,
        _: usize,
        out: &mut [f32],
    ) {
        for (m, c) in out.chunks_exact_mut(LANES).enumerate() {
            match tile.start {
                Start::Zero => c.fill(0.0),
                Start::RowBelow => c.copy_from_slice(tile.below),
                Start::Old => {}
            }
            for (k, b) in tile.b.chunks_exact(LANES).enumerate().take(tile.k) {
                let a = if STEP == 1 {
                    tile.a[k / LANES * tile.a_stride + m * ROW + k % LANES]
                } else {
                    tile.a[m * ROW + k * STEP]
                };
                for (c, b) in c.iter_mut().zip(b) {
                    *c = a.mul_add(*b, *c);
                }
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::{LANES, Start, Table, Tile};
    use std::arch::x86_64::*;

    // 28 accumulators, two vectors of the right factor and one broadcast fill 31 of 32 registers.
    pub(super) const WIDE: Table = table!(32, 2, 1 2 3 4 5 6 7 8 9 10 11 12 13 14);
    pub(super) const NARROW: Table = table!(16, 1, 1 2 3 4 5 6 7 8 9 10 11 12 13 14);
    kernels!("avx512f", __m512, 16, _mm512_set1_ps, _mm512_loadu_ps, _mm512_set1_ps, _mm512_fmadd_ps, _mm512_storeu_ps);
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{LANES, Start, Table, Tile};
    use std::arch::x86_64::*;

    // 12 accumulators, two vectors of the right factor and one broadcast fill 15 of 16 registers.
    pub(super) const TABLE: Table = table!(16, 2, 1 2 3 4 5 6);
    kernels!("avx2,fma", __m256, 8, _mm256_set1_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_fmadd_ps, _mm256_storeu_ps);
}

#[cfg(target_arch = "aarch64")]
mod neon {
    use super::{LANES, Start, Table, Tile};
    use std::arch::aarch64::*;

    // 24 accumulators, four vectors of the right factor and one broadcast fill 29 of 32 registers.
    pub(super) const TABLE: Table = table!(16, 4, 1 2 3 4 5 6);
    kernels!("neon", float32x4_t, 4, vdupq_n_f32, vld1q_f32, vdupq_n_f32, |a, b, c| vfmaq_f32(c, a, b), vst1q_f32);
}
