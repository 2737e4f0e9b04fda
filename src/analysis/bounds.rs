//! Numbers of which only bounds are known: a threshold that was not reached lies beyond the last epoch, the accuracy of a
//! run that diverged anywhere between 0 and 1.

/// A number between two others; both are the same where it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// It is not smaller.
    pub low: f64,
    /// It is not larger.
    pub high: f64,
}

impl Bounds {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// A known number. One that is not finite is unknown.
    pub fn exactly(x: f64) -> Self {
        if x.is_finite() { Self { low: x, high: x } } else { Self::UNKNOWN }
    }

    /// Between two numbers; an end that is none is open.
    pub fn between(low: f64, high: f64) -> Self {
        let low = if low.is_nan() { f64::NEG_INFINITY } else { low };
        Self { low, high: if high.is_nan() { f64::INFINITY } else { high } }
    }

    /// The number, where it is known.
    pub fn known(self) -> Option<f64> {
        (self.low == self.high && self.low.is_finite()).then_some(self.low)
    }

    /// What a function that nowhere falls makes of it.
    pub fn rising(self, f: impl Fn(f64) -> f64) -> Self {
        match self.known() {
            Some(x) => Self::exactly(f(x)),
            None => Self::between(f(self.low), f(self.high)),
        }
    }

    /// What a function of several numbers, falling in none, makes of them.
    pub fn rising_in_all(values: &[Self], f: impl Fn(&[f64]) -> f64) -> Self {
        let ends = |end: fn(&Self) -> f64| f(&values.iter().map(end).collect::<Vec<_>>());
        match values.iter().all(|v| v.known().is_some()) {
            true => Self::exactly(ends(|v| v.low)),
            false => Self::between(ends(|v| v.low), ends(|v| v.high)),
        }
    }

    /// Σ wᵢ · xᵢ.
    pub fn weighted(weights: &[f64], values: &[Self]) -> Self {
        let terms = weights.iter().zip(values).map(|(&w, &x)| Self::exactly(w) * x);
        terms.reduce(|a, b| a + b).unwrap_or(Self::UNKNOWN)
    }

    /// |x|.
    pub fn abs(self) -> Self {
        let (low, high) = (self.low.abs(), self.high.abs());
        let nearest = if self.low <= 0.0 && self.high >= 0.0 { 0.0 } else { low.min(high) };
        Self { low: nearest, high: low.max(high) }
    }

    /// The hull of a function of pairs of ends that is monotone in each.
    fn hull(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        if let (Some(a), Some(b)) = (self.known(), other.known()) {
            return Self::exactly(f(a, b));
        }
        let ends = [f(self.low, other.low), f(self.low, other.high), f(self.high, other.low), f(self.high, other.high)];
        if ends.iter().any(|x| x.is_nan()) {
            return Self::UNKNOWN;
        }
        Self {
            low: ends.iter().copied().fold(f64::INFINITY, f64::min),
            high: ends.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

impl std::ops::Neg for Bounds {
    type Output = Self;
    fn neg(self) -> Self {
        Self { low: -self.high, high: -self.low }
    }
}

impl std::ops::Add for Bounds {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        match (self.known(), other.known()) {
            (Some(a), Some(b)) => Self::exactly(a + b),
            _ => Self::between(self.low + other.low, self.high + other.high),
        }
    }
}

impl std::ops::Sub for Bounds {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        match (self.known(), other.known()) {
            (Some(a), Some(b)) => Self::exactly(a - b),
            _ => Self::between(self.low - other.high, self.high - other.low),
        }
    }
}

impl std::ops::Mul for Bounds {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        // Nothing times whatever lies between finite numbers, however far apart, is nothing.
        self.hull(other, |a, b| if a == 0.0 || b == 0.0 { 0.0 } else { a * b })
    }
}

impl std::ops::Div for Bounds {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let through_zero = other.low <= 0.0 && other.high >= 0.0;
        if other.known().is_none() && through_zero { Self::UNKNOWN } else { self.hull(other, |a, b| a / b) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_beyond_a_bound_stays_beyond_it() {
        let never = Bounds::between(15.0, f64::INFINITY);
        let soon = Bounds::exactly(4.0);
        assert_eq!(never - soon, Bounds::between(11.0, f64::INFINITY));
        assert_eq!(soon - never, Bounds::between(f64::NEG_INFINITY, -11.0));
        assert_eq!(never / soon, Bounds::between(3.75, f64::INFINITY));
        assert_eq!(soon / never, Bounds::between(0.0, 4.0 / 15.0));
        assert_eq!(never - never, Bounds::UNKNOWN);
        assert_eq!((soon - never).abs(), Bounds::between(11.0, f64::INFINITY));
        assert_eq!(soon / Bounds::exactly(0.0), Bounds::UNKNOWN);
    }

    proptest! {
        /// Whatever the numbers between their bounds are, the result lies between its own.
        #[test]
        fn operations_enclose_every_case(ends in [-9i32..9, -9..9, -9..9, -9..9], shares in [0.0f64..1.0, 0.0..1.0]) {
            let [a, b, c, d] = ends.map(f64::from);
            let (x, y) = (Bounds::between(a.min(b), a.max(b)), Bounds::between(c.min(d), c.max(d)));
            let inside = |v: Bounds, share: f64| (v.low + share * (v.high - v.low)).clamp(v.low, v.high);
            let (p, q) = (inside(x, shares[0]), inside(y, shares[1]));
            let holds = |v: Bounds, found: f64| v.low - 1e-9 <= found && found <= v.high + 1e-9;
            prop_assert!(holds(x + y, p + q) && holds(x - y, p - q) && holds(x * y, p * q) && holds(-x, -p));
            prop_assert!(holds(x.abs(), p.abs()) && (q == 0.0 || holds(x / y, p / q)));
        }
    }
}
