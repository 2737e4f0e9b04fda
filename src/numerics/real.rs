//! Functions of 64-bit floats for small jobs: the pinned `libm` crate, the same bits on every system.

/// eˣ.
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// The natural logarithm.
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// The natural logarithm of 1 + x.
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// The logarithm to base 10.
pub fn log10(x: f64) -> f64 {
    libm::log10(x)
}

/// xʸ.
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// The sine of x radians.
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// The cosine of x radians.
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// The angle of the point (x, y), in radians.
pub fn atan2(y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}

/// The hyperbolic tangent.
pub fn tanh(x: f64) -> f64 {
    libm::tanh(x)
}

/// The square root, correctly rounded.
pub fn sqrt(x: f64) -> f64 {
    x.sqrt()
}
