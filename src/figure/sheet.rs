//! plotters' way to SVG: a backend whose output is small, grouped and follows the page's theme.
//!
//! plotters counts in whole units; here one is a tenth of a CSS pixel. Everything is written in the order it is drawn, with
//! fixed decimals, so that equal charts are equal bytes. plotters' own SVG backend is not used: it writes neither groups nor
//! variables and measures text by a font that is not there.

use std::convert::Infallible;
use std::fmt::Write;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged};
use plotters::coord::{CoordTranslate, Shift};
use plotters::element::{Drawable, PointCollection};
use plotters::prelude::{
    Cartesian2d, DrawingArea, FontDesc, FontFamily, PathElement, Polygon, ShapeStyle, Text, TextStyle,
};
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
    FontTransform,
};

use super::theme::{self, Color};

/// Units of a CSS pixel.
const UNITS: f64 = 10.0;

/// The sheet in pixels.
pub(super) type Page<'a> = DrawingArea<Sheet<'a>, Shift>;
/// A panel in positions of its axes.
pub(super) type Plot<'a> = DrawingArea<Sheet<'a>, Cartesian2d<Even, Even>>;

/// The backend: writes SVG elements into a string.
pub(super) struct Sheet<'a> {
    pub svg: &'a mut String,
    pub size_px: (f64, f64),
}

/// Positions spread evenly between two ends. What lies far beyond stays near: plotters' own coordinates overflow there.
#[derive(Clone)]
pub(super) struct Even {
    pub low: f64,
    pub high: f64,
}

impl Ranged for Even {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, position: &f64, (from, to): (i32, i32)) -> i32 {
        let share = ((position - self.low) / (self.high - self.low)).clamp(-1.0, 2.0);
        from + libm::round(share * f64::from(to - from)) as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        // Ticks are the span's.
        Vec::new()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.low..self.high
    }
}

/// A place on the page, in pixels.
pub(super) fn px(x: f64, y: f64) -> BackendCoord {
    (units(x), units(y))
}

/// Pixels as plotters' units.
pub(super) fn units(px: f64) -> i32 {
    libm::round(px * UNITS) as i32
}

/// What is drawn, in few words: writing into a string cannot fail, so nothing here returns an error.
pub(super) trait Put<'s, C: CoordTranslate> {
    /// Draws one element.
    fn put<'e, E>(&self, element: &'e E)
    where
        &'e E: PointCollection<'e, C::From>,
        E: Drawable<Sheet<'s>>;

    /// Draws what `inside` draws as one group.
    fn group(&self, attributes: &Group, inside: impl FnOnce());

    /// A curve through `points`.
    fn path(&self, points: Vec<C::From>, color: Color, width_px: f64);

    /// A filled area within `points`.
    fn area(&self, points: Vec<C::From>, color: Color, opacity: f64);

    /// Words at a place.
    fn text(&self, words: &str, at: C::From, style: &TextStyle<'_>);
}

impl<'s, C: CoordTranslate> Put<'s, C> for DrawingArea<Sheet<'s>, C> {
    fn put<'e, E>(&self, element: &'e E)
    where
        &'e E: PointCollection<'e, C::From>,
        E: Drawable<Sheet<'s>>,
    {
        self.draw(element).expect("writing into a string cannot fail");
    }

    fn group(&self, attributes: &Group, inside: impl FnOnce()) {
        self.put(attributes);
        inside();
        self.put(&GroupEnd);
    }

    fn path(&self, points: Vec<C::From>, color: Color, width_px: f64) {
        self.put(&PathElement::new(points, stroke(color, width_px)));
    }

    fn area(&self, points: Vec<C::From>, color: Color, opacity: f64) {
        self.put(&Polygon::new(points, filled(color.light, opacity)));
    }

    fn text(&self, words: &str, at: C::From, style: &TextStyle<'_>) {
        self.put(&Text::new(words, at, style.clone()));
    }
}

/// An outline of a colour.
pub(super) fn stroke(color: Color, width_px: f64) -> ShapeStyle {
    ShapeStyle { color: rgba(color.light, 1.0), filled: false, stroke_width: units(width_px).unsigned_abs() }
}

/// A filling of a colour.
pub(super) fn filled(rgb: u32, opacity: f64) -> ShapeStyle {
    ShapeStyle { color: rgba(rgb, opacity), filled: true, stroke_width: 0 }
}

fn rgba(rgb: u32, opacity: f64) -> plotters::style::RGBAColor {
    let BackendColor { rgb: (r, g, b), alpha } = theme::carried(rgb, opacity);
    plotters::style::RGBAColor(r, g, b, alpha)
}

/// Text of a size and colour; its place is the left, middle or right of its line, as `side` says, at mid height.
pub(super) fn words(size_px: f64, color: Color, side: HPos) -> TextStyle<'static> {
    words_of(size_px, color.light, side)
}

/// As [`words`], in a colour outside the theme.
pub(super) fn words_of(size_px: f64, rgb: u32, side: HPos) -> TextStyle<'static> {
    TextStyle {
        font: FontDesc::new(FontFamily::SansSerif, size_px * UNITS, FontStyle::Normal),
        color: theme::carried(rgb, 1.0),
        pos: Pos::new(side, VPos::Center),
    }
}

/// The same in bold.
pub(super) fn bold(style: TextStyle<'static>) -> TextStyle<'static> {
    TextStyle { font: style.font.style(FontStyle::Bold), ..style }
}

/// The same read from bottom to top.
pub(super) fn upright(style: TextStyle<'static>) -> TextStyle<'static> {
    TextStyle { font: style.font.transform(FontTransform::Rotate270), ..style }
}

/// Opens a group: what comes until [`GroupEnd`] shares its attributes and its hover text.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    attributes: String,
    title: Option<String>,
}

/// Closes the last [`Group`].
pub(super) struct GroupEnd;

impl Group {
    /// A group of a CSS class.
    pub fn class(class: &str) -> Self {
        Self::default().with("class", class)
    }

    /// Adds an attribute.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            write!(self.attributes, " {name}=\"{}\"", escaped(value)).expect("writing into a string cannot fail");
        }
        self
    }

    /// Adds the text shown while the pointer rests on it.
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }
}

/// A picture of its own pixels, drawn crisp.
pub(super) struct Picture {
    /// Left, top, width and height in pixels.
    pub place: [f64; 4],
    /// Where its bytes are: a data URI.
    pub source: String,
}

macro_rules! without_points {
    ($element:ty) => {
        impl<'a, C: 'a> PointCollection<'a, C> for &'a $element {
            type Point = &'a C;
            type IntoIter = std::iter::Empty<&'a C>;
            fn point_iter(self) -> Self::IntoIter {
                std::iter::empty()
            }
        }
    };
}
without_points!(Group);
without_points!(GroupEnd);
without_points!(Picture);

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl Drawable<Sheet<'_>> for Group {
    fn draw<I: Iterator<Item = BackendCoord>>(&self, _: I, sheet: &mut Sheet<'_>, _: (u32, u32)) -> Drawn {
        sheet.write(format_args!("<g{}>", self.attributes));
        if let Some(title) = &self.title {
            sheet.write(format_args!("<title>{}</title>", escaped(title)));
        }
        Ok(())
    }
}

impl Drawable<Sheet<'_>> for GroupEnd {
    fn draw<I: Iterator<Item = BackendCoord>>(&self, _: I, sheet: &mut Sheet<'_>, _: (u32, u32)) -> Drawn {
        sheet.write(format_args!("</g>\n"));
        Ok(())
    }
}

impl Drawable<Sheet<'_>> for Picture {
    fn draw<I: Iterator<Item = BackendCoord>>(&self, _: I, sheet: &mut Sheet<'_>, _: (u32, u32)) -> Drawn {
        let [x, y, width, height] = self.place.map(|v| Decimal(units(v)));
        sheet.write(format_args!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" \
             style=\"image-rendering:pixelated\" href=\"{}\"/>",
            self.source
        ));
        Ok(())
    }
}

impl Sheet<'_> {
    pub(super) fn write(&mut self, element: std::fmt::Arguments<'_>) {
        self.svg.write_fmt(element).expect("writing into a string cannot fail");
    }

    pub(super) fn paint<S: BackendStyle>(style: &S, fill: bool) -> String {
        let color = style.color();
        let (paint, kind) = (theme::css(color), if fill { "fill" } else { "stroke" });
        let opacity = if color.alpha < 1.0 { format!(" {kind}-opacity=\"{:.2}\"", color.alpha) } else { String::new() };
        if fill {
            format!("fill=\"{paint}\"{opacity}")
        } else {
            let width = Decimal(style.stroke_width() as i32);
            format!("fill=\"none\" stroke=\"{paint}\"{opacity} stroke-width=\"{width}\"")
        }
    }
}

impl DrawingBackend for Sheet<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (units(self.size_px.0).unsigned_abs(), units(self.size_px.1).unsigned_abs())
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect((x, y), (x + 1, y + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, a: BackendCoord, b: BackendCoord, style: &S, fill: bool) -> Drawn {
        let (left, top) = (a.0.min(b.0), a.1.min(b.1));
        let (width, height) = ((a.0 - b.0).abs(), (a.1 - b.1).abs());
        let [left, top, width, height] = [left, top, width, height].map(Decimal);
        self.write(format_args!(
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" {}/>",
            Self::paint(style, fill)
        ));
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let d = outline(path);
        self.write(format_args!("<path d=\"{d}\" {}/>", Self::paint(style, false)));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let [x, y, r] = [x, y, radius as i32].map(Decimal);
        self.write(format_args!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" {}/>", Self::paint(style, fill)));
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let d = outline(path);
        self.write(format_args!("<path d=\"{d}Z\" {}/>", Self::paint(style, true)));
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Drawn {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        // Half the height of a capital: centres a line without `dominant-baseline`, which viewers read differently.
        let drop = libm::round(style.size() * 0.35) as i32;
        let (at, turn) = match style.transform() {
            FontTransform::Rotate270 => {
                ((x + drop, y), format!(" transform=\"rotate(-90 {} {})\"", Decimal(x + drop), Decimal(y)))
            }
            _ => ((x, y + drop), String::new()),
        };
        let weight = if matches!(style.style(), FontStyle::Bold) { " font-weight=\"600\"" } else { "" };
        let (x, y, size) = (Decimal(at.0), Decimal(at.1), Decimal(libm::round(style.size()) as i32));
        let (fill, text) = (theme::css(style.color()), escaped(text));
        self.write(format_args!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{anchor}{weight}{turn} fill=\"{fill}\">{text}</text>"
        ));
        Ok(())
    }
}

/// `M x y L …` with consecutive equal points merged.
fn outline(path: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut points: Vec<_> = path.into_iter().collect();
    points.dedup();
    if let [only] = points[..] {
        // A path of one point shows only where it has a second.
        points.push(only);
    }
    let mut d = String::new();
    for (i, (x, y)) in points.into_iter().enumerate() {
        let letter = if i == 0 { 'M' } else { 'L' };
        write!(d, "{letter}{} {}", Decimal(x), Decimal(y)).expect("writing into a string cannot fail");
    }
    d
}

/// Units written as pixels: `123` is `12.3`.
pub(super) struct Decimal(pub(super) i32);

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, tenth) = (self.0.unsigned_abs() / 10, self.0.unsigned_abs() % 10);
        match tenth {
            0 => write!(f, "{sign}{whole}"),
            _ => write!(f, "{sign}{whole}.{tenth}"),
        }
    }
}

/// Text as XML: markup escaped, control characters (which XML 1.0 forbids) as blanks.
pub(super) fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => xml.push(' '),
            c => xml.push(c),
        }
    }
    xml
}
