//! Elementary functions of 32-bit floats, of explicit fused multiply-adds.
//!
//! Each is one straight line of operations that IEEE 754 rounds correctly, with selections in place of branches: a loop
//! over it inside [`Simd::run`](super::Simd::run) becomes vector code with the same bits as the scalar. The polynomials'
//! coefficients come from `tests/reference/polynomials.py`. The largest errors that the functions state are those over all 2³² floats, measured
//! against correctly rounded references by the tests.

// The digits are those of the fit; the compiler rounds them to the nearest float.
#![allow(clippy::excessive_precision)]

/// 1.5 · 2²³: adding it rounds to an integer, which the low bits of the sum then hold.
const ROUNDING: f32 = 12_582_912.0;
const LN2_HIGH: f32 = 6.931_457_520e-1;
const LN2_LOW: f32 = 1.428_606_765e-6;

/// c\[0\] + c\[1\]·x + c\[2\]·x² + …, from the highest power down.
#[inline(always)]
fn polynomial<const N: usize>(x: f32, c: [f32; N]) -> f32 {
    let mut sum = c[N - 1];
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        sum = sum.mul_add(x, c[i]);
    }
    sum
}

/// `yes` where `condition` holds, else `no`; a selection of lanes in vector code.
#[inline(always)]
fn select(condition: bool, yes: f32, no: f32) -> f32 {
    if condition { yes } else { no }
}

/// eˣ, within 1.1 ulp; subnormal results as well.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // Beyond these bounds the result is infinite or 0; NaN passes through both comparisons.
    let x = select(x > 89.0, 89.0, x);
    let x = select(x < -104.0, -104.0, x);
    // x = n·ln 2 + r with |r| ≤ ln 2 / 2.
    let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUNDING);
    let n = shifted - ROUNDING;
    let r = n.mul_add(-LN2_LOW, n.mul_add(-LN2_HIGH, x));
    let p = polynomial(r, [5.0e-1, 1.666_657_776e-1, 4.166_655_615e-2, 8.363_173_343e-3, 1.392_617_589e-3]);
    let e = (r * r).mul_add(p, r) + 1.0;
    // 2ⁿ in two factors: each is a normal float, though their product may not be.
    let n = shifted.to_bits().wrapping_sub(ROUNDING.to_bits()) as i32;
    let half = n >> 1;
    let power = |n: i32| f32::from_bits((n.wrapping_add(127) << 23) as u32);
    e * power(half) * power(n - half)
}

/// The natural logarithm, within 1.01 ulp; −∞ at 0 and NaN below.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    let subnormal = x < f32::MIN_POSITIVE;
    let scaled = select(subnormal, x * 8_388_608.0, x);
    // x = 2ᵉ·(1 + f) with 1 + f in [√½, √2).
    let bits = scaled.to_bits().wrapping_sub(0x3f35_04f3);
    let e = ((bits as i32) >> 23) as f32 - select(subnormal, 23.0, 0.0);
    let f = f32::from_bits((bits & 0x007f_ffff).wrapping_add(0x3f35_04f3)) - 1.0;
    let c = [
        3.333_333_135e-1,
        -2.500_030_696e-1,
        2.000_104_487e-1,
        -1.664_128_155e-1,
        1.421_449_631e-1,
        -1.299_818_307e-1,
        1.262_231_916e-1,
        -7.902_743_667e-2,
    ];
    let square = f * f;
    let tail = (square * f).mul_add(polynomial(f, c), e * LN2_LOW);
    let result = e.mul_add(LN2_HIGH, f + square.mul_add(-0.5, tail));
    let result = select(x == f32::INFINITY, x, result);
    let result = select(x == 0.0, f32::NEG_INFINITY, result);
    select(x >= 0.0, result, f32::NAN)
}

/// ln(1 + x) for x in [0, 1], within 1.5 ulp.
#[inline(always)]
pub fn ln_1p(x: f32) -> f32 {
    let u = 1.0 + x;
    // What rounding 1 + x has lost, to first order.
    let lost = x - (u - 1.0);
    ln(u) + lost / u
}

/// The logistic function 1 / (1 + e⁻ˣ), within 2.5 ulp.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let e = exp(-x.abs());
    select(x < 0.0, e, 1.0) / (1.0 + e)
}

/// The hyperbolic tangent, within 1.5 ulp.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let a = x.abs();
    let s = x * x;
    let c = [-3.333_332_837e-1, 1.333_271_861e-1, -5.384_326_354e-2, 2.096_132_934e-2, -6.045_165_006e-3];
    let small = (a * s).mul_add(polynomial(s, c), a);
    let large = 1.0 - 2.0 / (exp(a + a) + 1.0);
    select(a < 0.625, small, large).copysign(x)
}

/// The standard normal distribution function, within 6 ulp for x > −12.
///
/// For t ≥ 0 and u = 1 / (1 + t/2), erfc(t) = u · exp(−t² + P(u)).
#[inline(always)]
pub fn normal_cdf(x: f32) -> f32 {
    // erfc is of |x| / √2, so that t² = x²/2.
    let a = select(x.abs() > 15.0, 15.0, x.abs());
    let u = 1.0 / a.mul_add(0.5 * std::f32::consts::FRAC_1_SQRT_2, 1.0);
    let c = [
        -6.717_940_569e-1,
        1.345_286_489,
        1.893_703_789e-1,
        -3.751_675_487e-1,
        -1.577_920_169e-1,
        2.822_469_175e-1,
        1.090_062_633e-1,
        -2.934_531_868e-1,
        -9.013_530_798e-3,
        2.607_260_048e-1,
        -1.420_156_807e-1,
    ];
    let p = polynomial(u - 0.5, c);
    // x² is rounded; what it has lost matters where it is large.
    let square = a * a;
    let lost = a.mul_add(a, -square);
    let e = exp(-0.5 * square) * exp(p);
    let upper = 0.5 * u * lost.mul_add(-0.5 * e, e);
    let lower = select(x < 0.0, upper, 1.0 - upper);
    select(x.is_nan(), x, lower)
}

/// The standard normal density exp(−x²/2) / √(2π), within 6 ulp for |x| ≤ 5.
#[inline(always)]
pub fn normal_density(x: f32) -> f32 {
    const SCALE: f32 = 0.398_942_280;
    SCALE * exp(-0.5 * x * x)
}

/// Sine and cosine of 2π·v for v in [0, 1), within 2·10⁻⁷.
#[inline(always)]
pub fn sin_cos_turns(v: f32) -> (f32, f32) {
    // v = q/4 + f with |f| ≤ 1/8; both are exact.
    let shifted = v.mul_add(4.0, ROUNDING);
    let q = shifted.to_bits() & 3;
    let f = (shifted - ROUNDING).mul_add(-0.25, v);
    let a = f * std::f32::consts::TAU;
    let s = a * a;
    let sin =
        (a * s).mul_add(polynomial(s, [-1.666_666_716e-1, 8.333_331_905e-3, -1.984_008_704e-4, 2.724_992_555e-6]), a);
    let cos =
        (s * s).mul_add(polynomial(s, [4.166_666_418e-2, -1.388_830_249e-3, 2.454_794_230e-5]), s.mul_add(-0.5, 1.0));
    let odd = q & 1 == 1;
    let (sin, cos) = (select(odd, cos, sin), select(odd, sin, cos));
    (select(q >= 2, -sin, sin), select(q == 1 || q == 2, -cos, cos))
}

#[cfg(test)]
mod tests;
