//! Every function against correctly rounded references (CORE-MATH), and every path against the scalar.
//!
//! A sample of the floats is looked at by default; all 2³² of them by
//! `cargo test --release --lib every_float -- --ignored --nocapture`, which prints the largest errors (minutes a function).

use core_math as exact;
use rayon::prelude::*;

use super::*;
use crate::numerics::Simd;

/// An error that a function promises: `ulp` units in the last place of the exact result, for x in [`low`, `high`].
struct Promise {
    exact: fn(f64) -> f64,
    low: f32,
    high: f32,
    ulp: f64,
}

/// What looking at some floats has found.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    /// The largest error in units in the last place, and where.
    error: (f64, f32),
    /// Floats at which some path has other bits than the scalar.
    differing: u64,
}

impl Found {
    fn join(self, other: Self) -> Self {
        let error = if other.error.0 > self.error.0 { other.error } else { self.error };
        Self { error, differing: self.differing + other.differing }
    }
}

/// Distance of `found` from `exact` in units in the last place of the nearest float.
fn ulps(found: f32, exact: f64) -> f64 {
    let rounded = exact as f32;
    if found == rounded || (found.is_nan() && exact.is_nan()) {
        return 0.0;
    }
    let unit = f64::from(f32::from_bits(rounded.abs().to_bits() + 1)) - f64::from(rounded.abs());
    ((f64::from(found) - exact) / unit).abs()
}

/// The bits, all NaNs alike: their payload is nobody's result.
fn bits(x: f32) -> u32 {
    if x.is_nan() { u32::MAX } else { x.to_bits() }
}

/// The scalar function against the reference, and the same function in a loop compiled for each path against the scalar.
fn look(x: &[f32], f: impl Fn(f32) -> f32 + Copy, promise: Option<&Promise>) -> Found {
    let scalar: Vec<f32> = x.iter().map(|&x| f(x)).collect();
    let mut found = Found::default();
    for simd in Simd::available() {
        let mut y = x.to_vec();
        simd.run(
            #[inline(always)]
            || y.iter_mut().for_each(|y| *y = f(*y)),
        );
        found.differing += y.iter().zip(&scalar).filter(|(y, s)| bits(**y) != bits(**s)).count() as u64;
    }
    if let Some(p) = promise {
        for (&x, &y) in x.iter().zip(&scalar).filter(|(x, _)| (p.low..=p.high).contains(*x)) {
            found = found.join(Found { error: (ulps(y, (p.exact)(f64::from(x))), x), differing: 0 });
        }
    }
    found
}

/// Looks at the floats whose bits are `of`, all at once, and holds what is found against the promise.
fn check(name: &str, of: &[std::ops::Range<u64>], f: impl Fn(f32) -> f32 + Copy + Sync, promise: Option<Promise>) {
    let floats =
        |range: &std::ops::Range<u64>| -> Vec<f32> { range.clone().map(|b| f32::from_bits(b as u32)).collect() };
    let found =
        of.par_iter().map(|range| look(&floats(range), f, promise.as_ref())).reduce(Found::default, Found::join);
    println!("{name}: {found:?}");
    assert_eq!(found.differing, 0, "{name}: paths that differ from the scalar");
    if let Some(p) = promise {
        assert!(found.error.0 <= p.ulp, "{name}: {} ulp at {:e}", found.error.0, found.error.1);
    }
}

/// Looks at a function on the given floats.
type Check = fn(&[std::ops::Range<u64>]);

fn check_exp(of: &[std::ops::Range<u64>]) {
    check("exp", of, exp, Some(Promise { exact: exact::exp, low: -103.9, high: 88.7, ulp: 1.1 }));
}

fn check_ln(of: &[std::ops::Range<u64>]) {
    check("ln", of, ln, Some(Promise { exact: exact::log, low: 0.0, high: f32::MAX, ulp: 1.01 }));
}

fn check_ln_1p(of: &[std::ops::Range<u64>]) {
    check("ln_1p", of, ln_1p, Some(Promise { exact: exact::log1p, low: 0.0, high: 1.0, ulp: 1.5 }));
}

fn check_sigmoid(of: &[std::ops::Range<u64>]) {
    let exact = |x: f64| 1.0 / (1.0 + exact::exp(-x));
    check("sigmoid", of, sigmoid, Some(Promise { exact, low: -103.0, high: f32::MAX, ulp: 2.5 }));
}

fn check_tanh(of: &[std::ops::Range<u64>]) {
    check("tanh", of, tanh, Some(Promise { exact: exact::tanh, low: -f32::MAX, high: f32::MAX, ulp: 1.5 }));
}

fn check_normal_cdf(of: &[std::ops::Range<u64>]) {
    let exact = |x: f64| 0.5 * exact::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
    check("normal_cdf", of, normal_cdf, Some(Promise { exact, low: -12.0, high: f32::MAX, ulp: 6.0 }));
}

fn check_normal_density(of: &[std::ops::Range<u64>]) {
    let exact = |x: f64| exact::exp(-0.5 * x * x) * 0.398_942_280_401_432_7;
    check("normal_density", of, normal_density, Some(Promise { exact, low: -5.0, high: 5.0, ulp: 6.0 }));
}

fn check_circle(of: &[std::ops::Range<u64>]) {
    check("sine of turns", of, |v| sin_cos_turns(v).0, None);
    check("cosine of turns", of, |v| sin_cos_turns(v).1, None);
}

const CHECKS: [Check; 8] =
    [check_exp, check_ln, check_ln_1p, check_sigmoid, check_tanh, check_normal_cdf, check_normal_density, check_circle];

#[test]
fn a_sample_of_floats_is_exact_and_equal_on_every_path() {
    // Short stretches spread over all exponents and signs, and one around each of some numbers that matter.
    let spread = (0..1_u64 << 32).step_by(1 << 20).map(|first| first..first + 256);
    let around = [1.0, -1.0, 0.5, -0.5, 0.625, 2.0, -2.0, 10.0, -10.0, 30.0, 88.0, -88.0, -103.0, 0.001, -0.001];
    let around = around.map(|x: f32| (u64::from(x.to_bits()) - 4096)..(u64::from(x.to_bits()) + 4096));
    let sample: Vec<_> = spread.chain(around).collect();
    CHECKS.iter().for_each(|check| check(&sample));
}

/// All 2³² floats, function by function.
mod every_float {
    use super::*;

    fn all() -> Vec<std::ops::Range<u64>> {
        (0..1_u64 << 32).step_by(1 << 20).map(|first| first..first + (1 << 20)).collect()
    }

    #[test]
    #[ignore = "minutes"]
    fn through_exp() {
        check_exp(&all());
    }

    #[test]
    #[ignore = "minutes"]
    fn through_ln() {
        check_ln(&all());
    }

    #[test]
    #[ignore = "minutes"]
    fn through_ln_1p() {
        check_ln_1p(&all());
    }

    #[test]
    #[ignore = "minutes"]
    fn through_sigmoid() {
        check_sigmoid(&all());
    }

    #[test]
    #[ignore = "minutes"]
    fn through_tanh() {
        check_tanh(&all());
    }

    #[test]
    #[ignore = "minutes"]
    fn through_normal_cdf() {
        check_normal_cdf(&all());
    }

    #[test]
    #[ignore = "minutes"]
    fn through_normal_density() {
        check_normal_density(&all());
    }

    #[test]
    #[ignore = "minutes"]
    fn through_the_circle() {
        check_circle(&all());
    }
}

#[test]
fn the_circle_is_round() {
    for i in 0..100_000 {
        let v = i as f32 / 1e5;
        let (sin, cos) = sin_cos_turns(v);
        assert!((f64::from(sin) - exact::sinpi(2.0 * f64::from(v))).abs() < 2e-7, "sin {v}");
        assert!((f64::from(cos) - exact::cospi(2.0 * f64::from(v))).abs() < 2e-7, "cos {v}");
    }
}

#[test]
fn limits_are_exact() {
    assert_eq!((exp(f32::INFINITY), exp(f32::NEG_INFINITY), exp(0.0)), (f32::INFINITY, 0.0, 1.0));
    assert_eq!((ln(0.0), ln(1.0), ln(f32::INFINITY)), (f32::NEG_INFINITY, 0.0, f32::INFINITY));
    assert_eq!((tanh(f32::INFINITY), tanh(-30.0), sigmoid(-200.0), sigmoid(200.0)), (1.0, -1.0, 0.0, 1.0));
    assert_eq!((normal_cdf(f32::NEG_INFINITY), normal_cdf(0.0), normal_cdf(f32::INFINITY)), (0.0, 0.5, 1.0));
    for f in [exp, ln, ln_1p, sigmoid, tanh, normal_cdf] {
        assert!(f(f32::NAN).is_nan());
    }
    assert!(ln(-1.0).is_nan());
}

/// `a·b + c` rounded once, out of 64-bit arithmetic: the product of two floats is exact there, and their sum with `c` is
/// rounded to odd, which leaves the second rounding to 24 bits nothing to get wrong (Boldo and Melquiond, "Emulation of
/// FMA and correctly rounded sums", IEEE Transactions on Computers 57, 2008).
fn fused_by_hand(a: f32, b: f32, c: f32) -> f32 {
    let (product, c) = (f64::from(a) * f64::from(b), f64::from(c));
    let sum = product + c;
    // Knuth's exact error of that sum.
    let part = sum - product;
    let error = (product - (sum - part)) + (c - part);
    if error == 0.0 || !error.is_finite() || sum.to_bits() & 1 == 1 {
        return sum as f32;
    }
    let outwards = (error > 0.0) == (sum > 0.0);
    f64::from_bits(if outwards { sum.to_bits() + 1 } else { sum.to_bits() - 1 }) as f32
}

/// On a processor without fused multiply-adds this tests their emulation: `qemu-x86_64 -cpu Nehalem` runs it so.
#[test]
fn multiply_adds_are_rounded_once() {
    let mut draws = crate::numerics::random::Stream::new(1, "fused multiply-adds").at(0);
    let mut any = |spread: u64| {
        let exponent = (127 - spread / 2 + draws.below(spread.max(1))) as u32;
        f32::from_bits((exponent << 23) | (draws.below(1 << 23) as u32) | ((draws.below(2) as u32) << 31))
    };
    let mut hard = 0;
    for i in 0..2_000_000 {
        // Exponents near each other, over the whole range, and sums that nearly cancel.
        let (a, b) = if i % 2 == 0 { (any(4), any(4)) } else { (any(252), any(252)) };
        let c = match i % 3 {
            0 => any(4),
            1 => any(252),
            _ => -(a * b),
        };
        let (found, expected) = (a.mul_add(b, c), fused_by_hand(a, b, c));
        assert_eq!(bits(found), bits(expected), "{a:e} · {b:e} + {c:e}");
        hard += usize::from(bits(a * b + c) != bits(expected));
    }
    assert!(hard > 100_000, "{hard} of the cases tell one rounding from two");
}
