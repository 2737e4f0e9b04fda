//! Every kernel against the portable one, and that one against the definition.

use ndarray::Array2;

use super::*;
use crate::numerics::random::Stream;

fn random(rows: usize, columns: usize, seed: u64) -> Array2<f32> {
    let mut draws = Stream::new(seed, "product test").at(0);
    Array2::from_shape_simple_fn((rows, columns), || draws.normal() as f32)
}

/// `c[m][n]` by the definition.
fn chain(a: &Array2<f32>, b: &Array2<f32>, start: impl Fn(usize, usize) -> f32) -> Array2<f32> {
    Array2::from_shape_fn((a.nrows(), b.ncols()), |(m, n)| {
        (0..a.ncols()).fold(start(m, n), |c, k| a[[m, k]].mul_add(b[[k, n]], c))
    })
}

fn same_bits(found: &Panels, expected: &Array2<f32>, what: &str) {
    let differing = expected.indexed_iter().filter(|((r, c), x)| found.at(*r, *c).to_bits() != x.to_bits()).count();
    assert_eq!(differing, 0, "{what}");
}

/// Both directions and all starts of an m × k · k × n product, on every path and teams of these sizes.
fn check(m: usize, k: usize, n: usize, teams: &[usize]) {
    let (a, b) = (random(m, k, 1), random(k + 1, n, 2));
    let old = random(m, n, 3);
    let factor = b.slice(ndarray::s![..k, ..]).to_owned();
    let expected = [
        (Start::Zero, chain(&a, &factor, |_, _| 0.0)),
        (Start::RowBelow, chain(&a, &factor, |_, c| b[[k, c]])),
        (Start::Old, chain(&a, &factor, |r, c| old[[r, c]])),
    ];
    let (plain, turned) = (Panels::from_matrix(a.view()), Panels::from_matrix(a.t()));
    let right = Panels::from_matrix(b.view());
    for simd in Simd::available() {
        for &threads in teams {
            let team = Team::new(threads, simd);
            for (start, expected) in &expected {
                for left in [Left::Plain(&plain), Left::Transposed(&turned)] {
                    let mut out = Panels::from_matrix(old.view());
                    multiply(&team, left, &right, *start, &mut out);
                    same_bits(&out, expected, &format!("{m}×{k}×{n} {} {threads} {start:?}", simd.name()));
                }
            }
        }
    }
}

#[test]
fn every_path_computes_the_chain() {
    for (m, k, n) in [
        (1, 1, 1),
        (1, 0, 5),
        (3, 0, 40),
        (5, 3, 17),
        (14, 32, 32),
        (15, 33, 33),
        (29, 31, 64),
        (2, 300, 1),
        (1, 100, 97),
        (70, 65, 31),
        (33, 1, 16),
        (45, 129, 48),
    ] {
        check(m, k, n, &[1, 2, 3, 8]);
    }
}

#[test]
fn long_chains_and_blocks_of_rows_stay_one_chain() {
    // With k = 1600 a block holds 32 rows: both products run over several blocks.
    check(67, 1600, 35, &[1, 3]);
    check(3, 3000, 70, &[1, 8]);
}

#[test]
fn thin_and_wide_products_are_the_same_chain() {
    for (m, k, n) in [(1, 3000, 257), (257, 3000, 1), (1537, 7, 33), (5, 129, 1537), (1, 1, 1537), (1537, 1, 1)] {
        check(m, k, n, &[2, 8]);
    }
}

#[test]
fn products_of_any_shape_are_the_same_chain() {
    let mut draws = Stream::new(1, "shapes of products").at(0);
    for _ in 0..30 {
        // Small sizes as often as large ones.
        let [m, k, n] = std::array::from_fn(|_| {
            let most = 2 << draws.below(7);
            1 + draws.below(most) as usize
        });
        check(m, k, n, &[1, 3]);
    }
}

#[test]
#[ignore = "minutes: the oracle of large products"]
fn large_products_are_the_same_chain() {
    for (m, k, n) in [(1537, 1537, 129), (129, 3000, 1537), (1537, 3000, 31), (511, 2999, 513), (1536, 784, 512)] {
        check(m, k, n, &[1, 2, 3, 8]);
    }
}

#[test]
fn a_panel_alone_equals_the_panel_of_the_product() {
    let (a, b) = (Panels::from_matrix(random(9, 20, 1).view()), Panels::from_matrix(random(20, 70, 2).view()));
    for simd in Simd::available() {
        let mut whole = Panels::zeros(9, 70);
        multiply(&Team::new(1, simd), Left::Plain(&a), &b, Start::Zero, &mut whole);
        for p in 0..3 {
            let mut panel = vec![0.0; 9 * LANES];
            multiply_panel(simd, Left::Plain(&a), &b, p, Start::Zero, &mut panel);
            let used = (70 - p * LANES).min(LANES);
            for (found, expected) in panel.chunks(LANES).zip(whole.panel(p).chunks(LANES)) {
                assert_eq!(found[..used], expected[..used]);
            }
        }
    }
}

#[test]
fn loose_rows_equal_the_panel_they_are_taken_from() {
    let (a, b) = (Panels::from_matrix(random(9, 40, 1).view()), Panels::from_matrix(random(40, 20, 2).view()));
    for simd in Simd::available() {
        let (mut whole, mut found) = (vec![0.0; 9 * LANES], vec![0.0; 9 * LANES]);
        multiply_panel(simd, Left::Plain(&a), &b, 0, Start::Zero, &mut whole);
        multiply_rows(simd, Left::Plain(&a), b.panel(0), 20, Start::Zero, &mut found);
        assert_eq!(found, whole);
        // The first 33 of a chain, and the rest of it from there on.
        multiply_rows(simd, Left::Plain(&a), &b.panel(0)[..33 * LANES], 20, Start::Zero, &mut found);
        let rest = Panels::from_matrix(random(9, 40, 1).slice(ndarray::s![.., 33..]));
        multiply_rows(simd, Left::Plain(&rest), &b.panel(0)[33 * LANES..], 20, Start::Old, &mut found);
        assert_eq!(found, whole);
        // The first panel of a chain, and the others of it.
        multiply_rows(simd, Left::Plain(&a), &b.panel(0)[..LANES * LANES], 20, Start::Zero, &mut found);
        multiply_rows(simd, Left::From(&a, 1), &b.panel(0)[LANES * LANES..], 20, Start::Old, &mut found);
        assert_eq!(found, whole);
    }
}

#[test]
#[should_panic(expected = "the right factor has 3 rows, not 4")]
fn shapes_that_do_not_agree_are_refused() {
    let mut out = Panels::zeros(2, 2);
    let (a, b) = (Panels::zeros(2, 4), Panels::zeros(3, 2));
    multiply(&Team::new(1, Simd::PORTABLE), Left::Plain(&a), &b, Start::Zero, &mut out);
}
