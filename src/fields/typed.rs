//! From a written value to the type that was asked for.

use crate::diagnostic::{Span, Spanned};

use super::Value;

/// A type that can be read from a value.
pub trait FromValue: Sized {
    /// What it is, with an article: `a string`.
    const EXPECTED: &'static str;
    /// A value of that type, as it would be written.
    const EXAMPLE: &'static str;

    /// The value as this type.
    ///
    /// # Errors
    /// If it is another type or one that this type cannot hold.
    fn from_value(value: &Spanned<Value>) -> Result<Self, Mismatch>;
}

/// Why a value is not of the type asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// Where the wrong part stands: the value, or an entry of a list.
    pub span: Span,
    /// Whether the wrong part is an entry of a list.
    pub entry: bool,
    /// What it should be.
    pub expected: &'static str,
    /// What it is.
    pub found: &'static str,
    /// The whole value as it should be written, where that can be guessed.
    pub corrected: Option<String>,
}

impl Mismatch {
    /// `value` is not a `T`.
    pub fn of<T: FromValue>(value: &Spanned<Value>) -> Self {
        Self { span: value.span, entry: false, expected: T::EXPECTED, found: value.value.kind(), corrected: None }
    }

    fn corrected(self, value: impl ToString) -> Self {
        Self { corrected: Some(value.to_string()), ..self }
    }
}

impl FromValue for Value {
    const EXPECTED: &'static str = "a value";
    const EXAMPLE: &'static str = "1";

    fn from_value(value: &Spanned<Value>) -> Result<Self, Mismatch> {
        Ok(value.value.clone())
    }
}

impl FromValue for String {
    const EXPECTED: &'static str = "a string";
    const EXAMPLE: &'static str = "\"text\"";

    fn from_value(value: &Spanned<Value>) -> Result<Self, Mismatch> {
        match &value.value {
            Value::String(s) => Ok(s.clone()),
            Value::List(_) | Value::Table(_) => Err(Mismatch::of::<Self>(value)),
            other => Err(Mismatch::of::<Self>(value).corrected(Value::String(other.to_string()))),
        }
    }
}

impl FromValue for bool {
    const EXPECTED: &'static str = "`true` or `false`";
    const EXAMPLE: &'static str = "true";

    fn from_value(value: &Spanned<Value>) -> Result<Self, Mismatch> {
        let meant = match &value.value {
            Value::Bool(b) => return Ok(*b),
            Value::String(s) if matches!(s.to_ascii_lowercase().as_str(), "true" | "yes" | "on") => Some(true),
            Value::String(s) if matches!(s.to_ascii_lowercase().as_str(), "false" | "no" | "off") => Some(false),
            Value::Integer(0) => Some(false),
            Value::Integer(1) => Some(true),
            _ => None,
        };
        let mismatch = Mismatch::of::<Self>(value);
        Err(meant.map_or(mismatch.clone(), |m| mismatch.corrected(m)))
    }
}

impl FromValue for f64 {
    const EXPECTED: &'static str = "a number";
    const EXAMPLE: &'static str = "0.5";

    fn from_value(value: &Spanned<Value>) -> Result<Self, Mismatch> {
        let mismatch = Mismatch { expected: "a finite number", ..Mismatch::of::<Self>(value) };
        match &value.value {
            Value::Float(x) if x.is_finite() => Ok(*x),
            Value::Float(x) => Err(Mismatch { found: if x.is_nan() { "NaN" } else { "infinite" }, ..mismatch }),
            Value::Integer(i) => Ok(*i as f64),
            Value::String(s) => Err(match s.parse::<f64>() {
                Ok(x) if x.is_finite() => Mismatch::of::<Self>(value).corrected(s),
                _ => Mismatch::of::<Self>(value),
            }),
            _ => Err(Mismatch::of::<Self>(value)),
        }
    }
}

impl FromValue for i64 {
    const EXPECTED: &'static str = "an integer";
    const EXAMPLE: &'static str = "10";

    fn from_value(value: &Spanned<Value>) -> Result<Self, Mismatch> {
        let mismatch = Mismatch::of::<Self>(value);
        match &value.value {
            Value::Integer(i) => Ok(*i),
            // Whole numbers below 2⁵³ are exact in both types.
            Value::Float(x) if x.trunc() == *x && x.abs() < 9e15 => Err(mismatch.corrected(*x as i64)),
            Value::String(s) => Err(s.parse::<i64>().map_or(mismatch.clone(), |i| mismatch.corrected(i))),
            _ => Err(mismatch),
        }
    }
}

macro_rules! count {
    ($($count:ty),*) => {$(
        impl FromValue for $count {
            const EXPECTED: &'static str = "a whole number";
            const EXAMPLE: &'static str = "10";

            fn from_value(value: &Spanned<Value>) -> Result<Self, Mismatch> {
                let integer = i64::from_value(value)
                    .map_err(|wrong| Mismatch { expected: Self::EXPECTED, ..wrong })?;
                Self::try_from(integer).map_err(|_| Mismatch {
                    found: if integer < 0 { "a negative one" } else { "one as large as this" },
                    ..Mismatch::of::<Self>(value)
                })
            }
        }
    )*};
}
count!(u32, u64, usize);

impl<T: FromValue> FromValue for Vec<Spanned<T>> {
    const EXPECTED: &'static str = "a list";
    const EXAMPLE: &'static str = T::EXAMPLE;

    fn from_value(value: &Spanned<Value>) -> Result<Self, Mismatch> {
        match &value.value {
            Value::List(list) => list
                .iter()
                .map(|v| {
                    let typed = T::from_value(v).map_err(|wrong| Mismatch { entry: true, corrected: None, ..wrong })?;
                    Ok(Spanned { value: typed, span: v.span })
                })
                .collect(),
            other => {
                let mismatch = Mismatch::of::<Self>(value);
                let fits = T::from_value(value).is_ok();
                Err(if fits { mismatch.corrected(format!("[{other}]")) } else { mismatch })
            }
        }
    }
}

/// A value that holds numbers, so that limits can be asked of them.
pub trait Numbers {
    /// The numbers and where each stands; `span` is the place of the whole value.
    fn numbers(&self, span: Span) -> Vec<(f64, Span)>;
}

macro_rules! number {
    ($($number:ty),*) => {$(
        impl Numbers for $number {
            fn numbers(&self, span: Span) -> Vec<(f64, Span)> {
                vec![(*self as f64, span)]
            }
        }
    )*};
}
number!(f64, i64, u32, u64, usize);

impl<T: Numbers> Numbers for Vec<Spanned<T>> {
    fn numbers(&self, _: Span) -> Vec<(f64, Span)> {
        self.iter().flat_map(|v| v.value.numbers(v.span)).collect()
    }
}
