//! Numbers as words: ticks, cells and hover values. No locale and no platform arithmetic takes part.

use super::chart::Format;

/// Power of ten, exact for positive and correctly rounded for negative exponents.
pub(super) fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().expect("a number with an exponent parses")
}

/// Exponent of the power of ten at or below a positive value.
pub(super) fn exponent(value: f64) -> i32 {
    let guess = libm::floor(libm::log10(value)) as i32;
    // The logarithm of a power of ten may come out on either side.
    if power_of_ten(guess + 1) <= value { guess + 1 } else { guess }
}

/// A value on an axis whose ticks are `step` apart.
pub(super) fn tick(value: f64, step: f64, format: Format) -> String {
    // Adding zero turns the negative zero into the positive one.
    let value = if value.abs() < step * 1e-6 { 0.0 } else { value + 0.0 };
    match format {
        Format::Percent => format!("{}%", fixed(value * 100.0, decimals(step * 100.0))),
        Format::Si => si(value, step),
        Format::Plain | Format::Whole if value.abs() >= 1e7 || (value != 0.0 && step < 1e-5) => {
            let digits = exponent(value.abs().max(step)) - exponent(step);
            scientific(value, digits.clamp(0, 8) as usize)
        }
        Format::Plain | Format::Whole => fixed(value, decimals(step)),
    }
}

/// A value by itself, with up to `digits` significant digits and no trailing zeros.
pub(super) fn alone(value: f64, digits: i32, format: Format) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    if value == 0.0 {
        return tick(0.0, 1.0, format);
    }
    let step = power_of_ten((exponent(value.abs()) - digits + 1).clamp(-320, 300));
    let value = libm::round(value / step) * step;
    let mut step = step;
    // A coarser step that hits the value too says the same in fewer digits.
    while step < value.abs() && is_whole(value / (step * 10.0)) {
        step *= 10.0;
    }
    tick(value, step, format)
}

fn is_whole(ratio: f64) -> bool {
    (ratio - libm::round(ratio)).abs() < 1e-6
}

fn decimals(step: f64) -> usize {
    (0..12).find(|&d| is_whole(step * power_of_ten(d))).unwrap_or(12) as usize
}

/// Fixed decimals, a real minus sign, commas from ten thousand on.
fn fixed(value: f64, decimals: usize) -> String {
    let digits = format!("{:.*}", decimals, value.abs());
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut written = String::new();
    if value < 0.0 {
        written.push('−');
    }
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && whole.len() > 4 && (whole.len() - i).is_multiple_of(3) {
            written.push(',');
        }
        written.push(c);
    }
    written + rest
}

fn si(value: f64, step: f64) -> String {
    let (unit, letter) = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
        .into_iter()
        .find(|(unit, _)| value.abs() >= *unit)
        .unwrap_or((1.0, ""));
    if value.abs() >= 1e16 || (value != 0.0 && step < 1e-5) {
        return scientific(value, 1);
    }
    let digits = fixed(value / unit, decimals(step / unit));
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { &digits };
    format!("{digits}{letter}")
}

/// `3×10⁻⁵`, and `10⁻⁵` where the mantissa is one.
pub(super) fn scientific(value: f64, decimals: usize) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let text = format!("{value:.decimals$e}");
    let (mantissa, power) = text.split_once('e').expect("the exponent format has an exponent");
    let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    let power: String = power.chars().map(superscript).collect();
    match mantissa {
        "1" => format!("10{power}"),
        "-1" => format!("−10{power}"),
        _ => format!("{}×10{power}", mantissa.replace('-', "−")),
    }
}

fn superscript(c: char) -> char {
    match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => c.to_digit(10).and_then(|d| char::from_u32('⁰' as u32 + d)).unwrap_or(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64, format: Format, expected: &str) {
        assert_eq!(alone(value, 4, format), expected, "{value} as {format:?}");
    }

    #[test]
    fn numbers_are_written_as_a_reader_expects() {
        check(0.0, Format::Plain, "0");
        check(-0.25, Format::Plain, "−0.25");
        check(1000.0, Format::Plain, "1000");
        check(12345.6, Format::Plain, "12,350");
        check(3e-7, Format::Plain, "3×10⁻⁷");
        check(1e9, Format::Plain, "10⁹");
        check(0.9312, Format::Percent, "93.12%");
        check(1.0, Format::Percent, "100%");
        check(10_000.0, Format::Si, "10k");
        check(2_500_000.0, Format::Si, "2.5M");
        check(300.0, Format::Si, "300");
        check(f64::NAN, Format::Plain, "–");
        check(f64::MIN_POSITIVE, Format::Plain, "2.225×10⁻³⁰⁸");
    }

    #[test]
    fn ticks_of_one_axis_have_equal_decimals() {
        assert_eq!(tick(0.5, 0.25, Format::Plain), "0.50");
        assert_eq!(tick(-1e-18, 0.1, Format::Plain), "0.0");
        assert_eq!(tick(0.975, 0.005, Format::Percent), "97.5%");
        assert_eq!(tick(1500.0, 500.0, Format::Si), "1.5k");
    }

    #[test]
    fn exponents_are_exact_at_powers_of_ten() {
        for e in -300..300 {
            assert_eq!(exponent(power_of_ten(e)), e);
        }
    }
}
