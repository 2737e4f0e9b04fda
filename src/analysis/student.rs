//! Student's t distribution and the normal one, for intervals of a mean over few seeds.

/// The value that a t-distributed quantity with `degrees` degrees of freedom (whole or not) stays below with probability
/// `p`.
///
/// Found by bisection on the distribution function, whose error is far below the printed digits.
///
/// # Panics
/// If `degrees` is not positive or `p` is not strictly between 0 and 1.
pub fn quantile(p: f64, degrees: f64) -> f64 {
    assert!(degrees > 0.0 && p > 0.0 && p < 1.0, "quantile({p}, {degrees}) does not exist");
    if p < 0.5 {
        return -quantile(1.0 - p, degrees);
    }
    bisected(1.0 - p, |t| upper_tail(t, degrees))
}

/// P(T > t) with `degrees` degrees of freedom: ½ I_x(ν/2, ½) with x = ν / (ν + t²), for t ≥ 0.
pub fn upper_tail(t: f64, degrees: f64) -> f64 {
    if t < 0.0 {
        return 1.0 - upper_tail(-t, degrees);
    }
    0.5 * incomplete_beta(degrees / (degrees + t * t), 0.5 * degrees, 0.5)
}

/// P(Z > z) of the standard normal distribution.
pub fn normal_upper_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The value that a standard normal quantity stays below with probability `p`.
///
/// # Panics
/// If `p` is not strictly between 0 and 1.
pub fn normal_quantile(p: f64) -> f64 {
    assert!(p > 0.0 && p < 1.0, "normal_quantile({p}) does not exist");
    if p < 0.5 { -normal_quantile(1.0 - p) } else { bisected(1.0 - p, normal_upper_tail) }
}

/// The t ≥ 0 at which a falling tail has come down to `p`.
fn bisected(p: f64, tail: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while tail(high) > p {
        high *= 2.0;
    }
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if tail(middle) > p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz; *Numerical Recipes* §6.4).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    // The fraction converges fast on this side of the mean only.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let ln_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log(1.0 - x);
    let tiny = 1e-300;
    let away_from_zero = |v: f64| if v.abs() < tiny { tiny } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..300 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + term * d);
            c = away_from_zero(1.0 + term / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    libm::exp(ln_front) * fraction / a
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of R's `qt`.
    #[test]
    fn quantiles_agree_with_published_tables() {
        for (p, degrees, expected) in [
            (0.975, 1.0, 12.706_204_736),
            (0.975, 2.0, 4.302_652_730),
            (0.975, 4.0, 2.776_445_105),
            (0.975, 9.0, 2.262_157_163),
            (0.975, 30.0, 2.042_272_456),
            (0.95, 4.0, 2.131_846_786),
            (0.025, 4.0, -2.776_445_105),
        ] {
            let found = quantile(p, degrees);
            assert!((found - expected).abs() < 1e-8, "qt({p}, {degrees}) = {found}, not {expected}");
        }
    }
}
