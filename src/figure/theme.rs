//! How charts look: every colour and size in one place.
//!
//! Colours are names. The SVG carries each as a CSS variable with its light value as fallback, so that one file follows
//! the page's theme when it stands inside one and is complete when it stands alone.
//!
//! The eight series colours were searched for distance under normal, deuteranopic and protanopic vision and keep a contrast
//! of at least 3.5 to the page; in the light theme as in the dark, equal places mean equal hues.

use plotters_backend::BackendColor;

/// A colour that follows the page's theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color {
    /// Name of the CSS variable without the dashes.
    pub name: &'static str,
    /// On a light page, as 0xRRGGBB; unique, since it stands for the colour on its way through plotters.
    pub light: u32,
    /// On a dark page.
    pub dark: u32,
}

const fn color(name: &'static str, light: u32, dark: u32) -> Color {
    Color { name, light, dark }
}

/// Titles and names.
pub const INK: Color = color("fig-ink", 0x1c_2126, 0xe6_e8ea);
/// Tick labels, notes.
pub const MUTED: Color = color("fig-muted", 0x56_5e66, 0xa4_acb4);
/// Axis lines and ticks.
pub const AXIS: Color = color("fig-axis", 0x8a_9299, 0x6b_747c);
/// Grid lines.
pub const GRID: Color = color("fig-grid", 0xe6_e9ec, 0x2b_3137);
/// What lies below the figure: outlines that set marks apart.
pub const PAGE: Color = color("fig-page", 0xff_ffff, 0x14_171a);
/// Full cells of a confusion matrix; dark enough for [`PALE`] text in both themes.
pub const FILL: Color = color("fig-fill", 0x0a_5a96, 0x22_70b2);
/// Series in their order.
pub const SERIES: [Color; 8] = [
    color("fig-1", 0x2c_6bd8, 0x5b_8df0),
    color("fig-2", 0xb8_3a08, 0xe8_702a),
    color("fig-3", 0x10_9788, 0x3f_e0b0),
    color("fig-4", 0x6c_288e, 0xdd_a6ff),
    color("fig-5", 0xba_6e00, 0xf5_c242),
    color("fig-6", 0x0a_4f73, 0xa5_def5),
    color("fig-7", 0x8a_1d3c, 0xff_7d7d),
    color("fig-8", 0x6b_7078, 0x7d_868f),
];
/// Dash patterns in pixels: the palette's first round is solid, each further round takes the next.
pub const DASHES: [&str; 4] = ["", "6 3", "2 3", "8 3 2 3"];

/// Text on dark cells, the same in both themes.
pub const PALE: u32 = 0xfc_fcfc;
/// Text on light cells, the same in both themes.
pub const COAL: u32 = 0x10_1214;

/// Values as colours, from low to high: even steps of lightness in OKLCH (0.33 to 0.93) while the hue turns from violet over
/// teal to yellow.
const SEQUENCE: [u32; 9] =
    [0x32_2474, 0x21_448e, 0x00_649c, 0x00_819d, 0x00_9da0, 0x11_ba9c, 0x6e_d090, 0xb0_e186, 0xed_f085];

/// The system's own fonts, Chinese ones included; a page may name others in `--fig-font`.
const FONTS: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Noto Sans', 'PingFang SC', \
                     'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif";
/// Size of titles and names, in pixels: still read where a phone shows a figure at half its width.
pub const TEXT_PX: f64 = 15.5;
/// Size of tick labels and notes, in pixels.
pub const SMALL_PX: f64 = 14.5;
/// Distance of one line of text to the next, in multiples of its size.
pub const LEADING: f64 = 1.3;
/// Width of a curve, in pixels.
pub const CURVE_PX: f64 = 2.0;
/// Width of axis lines, grid lines and whiskers, in pixels.
pub const HAIR_PX: f64 = 1.0;
/// Radius of a marker, in pixels.
pub const MARKER_PX: f64 = 3.2;
/// Opacity of a band.
pub const BAND: f64 = 0.16;
/// Opacity of bars, boxes and regions.
pub const AREA: f64 = 0.82;

/// All colours that follow the page.
pub fn colors() -> impl Iterator<Item = Color> {
    [INK, MUTED, AXIS, GRID, PAGE, FILL].into_iter().chain(SERIES)
}

/// The fonts of a figure as CSS.
pub(super) fn font() -> String {
    format!("var(--fig-font, {FONTS})")
}

/// The CSS declarations of all colours on a light page.
pub fn light_css() -> String {
    colors().map(|c| format!("--{}:#{:06x};", c.name, c.light)).collect()
}

/// The CSS declarations of all colours on a dark page.
pub fn dark_css() -> String {
    colors().map(|c| format!("--{}:#{:06x};", c.name, c.dark)).collect()
}

/// An SVG with every variable replaced by its light value, for viewers that do not know CSS variables.
pub fn flattened(svg: &str) -> String {
    let svg = svg.replace(&font(), FONTS);
    colors().fold(svg, |svg, c| svg.replace(&variable(c), &format!("#{:06x}", c.light)))
}

fn variable(color: Color) -> String {
    format!("var(--{}, #{:06x})", color.name, color.light)
}

/// The colour of `share` (0 lowest, 1 highest) among values, as 0xRRGGBB.
pub fn sequence(share: f64) -> u32 {
    let place = share.clamp(0.0, 1.0) * (SEQUENCE.len() - 1) as f64;
    let below = (place as usize).min(SEQUENCE.len() - 2);
    let part = place - below as f64;
    let mix = |shift: u32| {
        let channel = |stop: u32| f64::from((stop >> shift) & 0xff);
        (channel(SEQUENCE[below]) * (1.0 - part) + channel(SEQUENCE[below + 1]) * part + 0.5) as u32
    };
    (mix(16) << 16) | (mix(8) << 8) | mix(0)
}

/// The colour of text on [`sequence`]`(share)`.
pub fn on_sequence(share: f64) -> u32 {
    if share < 0.38 { PALE } else { COAL }
}

/// A colour as plotters carries it.
pub(super) fn carried(rgb: u32, opacity: f64) -> BackendColor {
    BackendColor { alpha: opacity, rgb: ((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8) }
}

/// The CSS of a colour that plotters carried: a variable where the theme has it, else its value.
pub(super) fn css(color: BackendColor) -> String {
    let (r, g, b) = color.rgb;
    let rgb = u32::from(r) << 16 | u32::from(g) << 8 | u32::from(b);
    match colors().find(|c| c.light == rgb) {
        Some(c) => variable(c),
        None => format!("#{rgb:06x}"),
    }
}

/// How colours are seen, for tests of the palettes.
#[cfg(test)]
pub(crate) mod sight {
    /// WCAG's relative luminance.
    pub(crate) fn luminance(rgb: u32) -> f64 {
        let linear = |shift: u32| {
            let c = f64::from((rgb >> shift) & 0xff) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
        };
        0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0)
    }

    /// WCAG's contrast ratio.
    pub(crate) fn contrast(a: u32, b: u32) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }
}

#[cfg(test)]
mod tests {
    use super::sight::{contrast, luminance};
    use super::*;

    #[test]
    fn light_values_are_unique() {
        let mut values: Vec<u32> = colors().map(|c| c.light).chain([PALE, COAL]).collect();
        let all = values.len();
        values.sort_unstable();
        values.dedup();
        assert_eq!(values.len(), all);
    }

    #[test]
    fn series_and_text_stand_out_from_both_pages() {
        for c in SERIES {
            assert!(contrast(c.light, PAGE.light) >= 3.5 && contrast(c.dark, PAGE.dark) >= 4.0, "{}", c.name);
        }
        for c in [INK, MUTED] {
            assert!(contrast(c.light, PAGE.light) >= 6.0 && contrast(c.dark, PAGE.dark) >= 6.0, "{}", c.name);
        }
        assert!(contrast(FILL.light, PALE) >= 4.5 && contrast(FILL.dark, PALE) >= 4.5);
    }

    /// A colour as it looks without cones for long (`Protanopia`) or medium waves: Machado, Oliveira and Fernandes 2009,
    /// table 1 at severity 1.0, on linear light.
    const PROTANOPIA: [[f64; 3]; 3] =
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]];
    const DEUTERANOPIA: [[f64; 3]; 3] =
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]];
    const NORMAL: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

    /// Ottosson's OKLab, in which distances are about as large as they look.
    fn oklab(rgb: u32, vision: [[f64; 3]; 3]) -> [f64; 3] {
        let linear = [16, 8, 0].map(|shift: u32| {
            let c = f64::from((rgb >> shift) & 0xff) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
        });
        let times = |m: [[f64; 3]; 3], v: [f64; 3]| m.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2]);
        let seen = times(vision, linear).map(|c| c.clamp(0.0, 1.0));
        let cones = times(
            [
                [0.4122214708, 0.5363325363, 0.0514459929],
                [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005],
            ],
            seen,
        );
        times(
            [
                [0.2104542553, 0.7936177850, -0.0040720468],
                [1.9779984951, -2.4285922050, 0.4505937099],
                [0.0259040371, 0.7827717662, -0.8086757660],
            ],
            cones.map(libm::cbrt),
        )
    }

    #[test]
    fn series_are_told_apart_by_colour_blind_readers() {
        for vision in [NORMAL, PROTANOPIA, DEUTERANOPIA] {
            for of in [|c: &Color| c.light, |c: &Color| c.dark] {
                for (i, a) in SERIES.iter().enumerate() {
                    for b in &SERIES[..i] {
                        let (x, y) = (oklab(of(a), vision), oklab(of(b), vision));
                        let square: f64 = (0..3).map(|k| (x[k] - y[k]) * (x[k] - y[k])).sum();
                        assert!(libm::sqrt(square) >= 0.04, "{} and {}: {}", a.name, b.name, libm::sqrt(square));
                    }
                }
            }
        }
    }

    #[test]
    fn text_on_values_is_readable_and_lightness_grows() {
        for step in 0..=100 {
            let share = f64::from(step) / 100.0;
            assert!(contrast(sequence(share), on_sequence(share)) >= 4.0, "at {share}");
            assert!(step == 0 || luminance(sequence(share)) > luminance(sequence(share - 0.01)), "at {share}");
        }
    }
}
