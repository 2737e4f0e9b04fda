//! A comparison as journals draw it: the effect by seed, its mean with an interval, and the margin that it has to pass.
//!
//! Small enough to stand in a paragraph, and complete without colours: what is claimed is the shaded side of the margin.

use std::fmt::Write;

use plotters::element::{Circle, Polygon, Rectangle};
use plotters::prelude::IntoDrawingArea;
use plotters_backend::text_anchor::HPos;

use super::chart::{Axis, Format};
use super::lettering::{fitted, width_px};
use super::sheet::{Group, Page, Put, Sheet, escaped, filled, px, units, words};
use super::span::Span;
use super::theme::{self, AXIS, HAIR_PX, INK, MUTED, PAGE, SERIES};

/// Size of the drawing, in pixels: as wide as a phone shows without shrinking it much.
const WIDTH_PX: f64 = 340.0;
const HEIGHT_PX: f64 = 112.0;
/// Left and right of the axis: half a tick label.
const SIDE_PX: f64 = 18.0;
/// Heights of its rows, from the top.
const MARGIN_AT: f64 = 8.0;
const SEEDS_AT: f64 = 34.0;
const INTERVAL_AT: f64 = 59.0;
const AXIS_AT: f64 = 72.0;
const TICKS_AT: f64 = 85.0;
const TITLE_AT: f64 = 104.0;
/// Size of all words.
const WORDS_PX: f64 = 12.5;
const DOT_PX: f64 = 3.4;
/// Half the height of the mean's diamond.
const MEAN_PX: f64 = 5.5;
/// Rows that crowded dots give way to, in the order they are tried.
const ROWS: [f64; 5] = [0.0, -1.0, 1.0, -2.0, 2.0];

/// A comparison of an effect with a margin.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// What it is, for who cannot see it.
    pub title: String,
    /// What it shows, in numbers.
    pub description: String,
    /// What the axis counts.
    pub axis: String,
    /// The effect by seed: what it is called, its lower and its upper bound, equal where it is known.
    pub seeds: Vec<(String, [f64; 2])>,
    /// The effect itself, where it is known.
    pub mean: Option<f64>,
    /// Its confidence interval; an end may be infinite.
    pub interval: Option<[f64; 2]>,
    /// What it is compared with.
    pub margin: f64,
    /// What that is called.
    pub margin_name: String,
    /// The side of the margin that is claimed.
    pub claimed: Option<Side>,
}

/// A side of the margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Smaller values.
    Below,
    /// Larger values.
    Above,
}

/// Draws a comparison as one complete `<svg>` element.
pub fn draw_effect(effect: &Effect) -> String {
    let axis = Axis { format: Format::Plain, ..Axis::default() };
    let values = effect.seeds.iter().flat_map(|seed| seed.1).chain(effect.interval.into_iter().flatten());
    let values: Vec<f64> = values.chain(effect.mean).chain([effect.margin]).filter(|v| v.is_finite()).collect();
    let span = Span::numbers(&axis, &values, [0.06; 2], 4);
    let mut body = String::new();
    let page = Sheet { svg: &mut body, size_px: (WIDTH_PX, HEIGHT_PX) }.into_drawing_area();
    let strip = Strip { page: &page, span: &span };
    strip.draw_margin(effect);
    strip.draw_axis(&effect.axis);
    strip.draw_seeds(&effect.seeds);
    strip.draw_interval(effect);
    drop(page);
    wrapped(effect, &body)
}

/// The drawing and its one axis.
struct Strip<'a, 's> {
    page: &'a Page<'s>,
    span: &'a Span,
}

impl Strip<'_, '_> {
    /// Pixels from the left; what lies beyond the axis stands at its end.
    fn x(&self, value: f64) -> f64 {
        let share = (self.span.inside(value) - self.span.low) / (self.span.high - self.span.low);
        SIDE_PX + share * (WIDTH_PX - 2.0 * SIDE_PX)
    }

    fn line(&self, from: (f64, f64), to: (f64, f64), color: theme::Color, width_px: f64) {
        self.page.path(vec![px(from.0, from.1), px(to.0, to.1)], color, width_px);
    }

    /// The margin, its name, and the shaded side that is claimed.
    fn draw_margin(&self, effect: &Effect) {
        let at = self.x(effect.margin);
        let top = MARGIN_AT + 9.0;
        let end = effect.claimed.map(|side| match side {
            Side::Below => SIDE_PX,
            Side::Above => WIDTH_PX - SIDE_PX,
        });
        if let Some(end) = end {
            let corners = [px(at.min(end), top), px(at.max(end), AXIS_AT)];
            self.page.put(&Rectangle::new(corners, filled(SERIES[0].light, 0.1)));
        }
        self.page.group(&Group::class("margin").with("stroke-dasharray", "4 3"), || {
            self.line((at, top), (at, AXIS_AT), INK, HAIR_PX * 1.3);
        });
        let half = width_px(&effect.margin_name, WORDS_PX) / 2.0;
        let middle = at.clamp(half, WIDTH_PX - half);
        self.page.text(&effect.margin_name, px(middle, MARGIN_AT), &words(WORDS_PX, MUTED, HPos::Center));
    }

    fn draw_axis(&self, title: &str) {
        self.line((SIDE_PX, AXIS_AT), (WIDTH_PX - SIDE_PX, AXIS_AT), AXIS, HAIR_PX);
        for tick in &self.span.ticks {
            let at = self.x(tick.at);
            self.line((at, AXIS_AT), (at, AXIS_AT + 4.0), AXIS, HAIR_PX);
            let half = width_px(&tick.label, WORDS_PX) / 2.0;
            let middle = at.clamp(half, (WIDTH_PX - half).max(half));
            self.page.text(&tick.label, px(middle, TICKS_AT), &words(WORDS_PX, MUTED, HPos::Center));
        }
        let title = fitted(title, WIDTH_PX, WORDS_PX);
        self.page.text(&title, px(WIDTH_PX / 2.0, TITLE_AT), &words(WORDS_PX, MUTED, HPos::Center));
    }

    /// A dot a seed; where only bounds are known, a line between them.
    fn draw_seeds(&self, seeds: &[(String, [f64; 2])]) {
        let mut sorted: Vec<&(String, [f64; 2])> = seeds.iter().collect();
        sorted.sort_by(|a, b| a.1[0].total_cmp(&b.1[0]).then(a.1[1].total_cmp(&b.1[1])));
        let mut taken = [f64::NEG_INFINITY; ROWS.len()];
        for (name, [low, high]) in sorted {
            let (from, to) = (self.x(*low), self.x(*high));
            let row = taken.iter().position(|end| from - end > 2.1 * DOT_PX).unwrap_or(0);
            taken[row] = to;
            let y = SEEDS_AT + ROWS[row] * 1.9 * DOT_PX;
            self.page.group(&Group::class("seed").titled(name), || {
                if low < high {
                    self.line((from, y), (to, y), SERIES[0], HAIR_PX * 1.5);
                }
                let ends = if low < high { &[low, high][..] } else { &[low] };
                for end in ends.iter().filter(|end| end.is_finite()) {
                    let place = px(self.x(**end), y);
                    self.page.put(&Circle::new(place, units(DOT_PX + 0.8), filled(PAGE.light, 1.0)));
                    self.page.put(&Circle::new(place, units(DOT_PX), filled(SERIES[0].light, 1.0)));
                }
            });
        }
    }

    /// The interval with a cap at each end that is finite, and a diamond at the mean.
    fn draw_interval(&self, effect: &Effect) {
        self.page.group(&Group::class("interval"), || {
            if let Some(ends) = effect.interval {
                let [from, to] = ends.map(|end| self.x(end));
                self.line((from, INTERVAL_AT), (to, INTERVAL_AT), INK, HAIR_PX * 2.0);
                for (_, at) in ends.into_iter().zip([from, to]).filter(|(end, _)| end.is_finite()) {
                    self.line((at, INTERVAL_AT - 4.0), (at, INTERVAL_AT + 4.0), INK, HAIR_PX * 1.5);
                }
            }
            if let Some(mean) = effect.mean {
                let at = self.x(mean);
                let corners = [(0.0, -MEAN_PX), (MEAN_PX, 0.0), (0.0, MEAN_PX), (-MEAN_PX, 0.0)];
                let corners: Vec<_> = corners.into_iter().map(|(x, y)| px(at + x, INTERVAL_AT + y)).collect();
                self.page.put(&Polygon::new(corners, filled(INK.light, 1.0)));
            }
        });
    }
}

/// The outermost element. Its title names it by standing first, so that it needs no id: a claim may be shown twice.
fn wrapped(effect: &Effect, body: &str) -> String {
    let (title, description) = (escaped(&effect.title), escaped(&effect.description));
    let mut svg = String::with_capacity(body.len() + 600);
    write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"effect\" viewBox=\"0 0 {WIDTH_PX:.0} {HEIGHT_PX:.0}\" \
         width=\"{WIDTH_PX:.0}\" height=\"{HEIGHT_PX:.0}\" role=\"img\" \
         style=\"max-width:100%;height:auto;font-family:{}\">\n<title>{title}</title>\n<desc>{description}</desc>\n{body}</svg>\n",
        theme::font()
    )
    .expect("writing into a string cannot fail");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect() -> Effect {
        Effect {
            title: "An effect".into(),
            description: "Four seeds & a margin".into(),
            axis: "difference by seed, points".into(),
            seeds: [1.0, 2.0, 2.0, 4.0].iter().enumerate().map(|(i, &v)| (format!("seed {i}"), [v, v])).collect(),
            mean: Some(2.25),
            interval: Some([0.2, 4.3]),
            margin: 0.0,
            margin_name: "margin".into(),
            claimed: Some(Side::Above),
        }
    }

    fn circles(svg: &str) -> Vec<(f64, f64)> {
        let number = |circle: &str, name: &str| {
            let rest = circle.split_once(&format!("{name}=\"")).expect("an attribute").1;
            rest.split('"').next().and_then(|n| n.parse().ok()).expect("a number")
        };
        // Each dot is drawn on its outline.
        let circles: Vec<_> = svg.split("<circle ").skip(1).map(|c| (number(c, "cx"), number(c, "cy"))).collect();
        circles.into_iter().step_by(2).collect()
    }

    #[test]
    fn dots_stand_where_their_values_are_and_give_way_to_each_other() {
        let dots = circles(&draw_effect(&effect()));
        assert_eq!(dots.len(), 4);
        assert!(dots.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        assert!(((dots[1].0 - dots[0].0) * 2.0 - (dots[3].0 - dots[1].0)).abs() < 0.4, "{dots:?}");
        assert!(dots[1].0 == dots[2].0 && dots[1].1 != dots[2].1, "{dots:?}");
    }

    #[test]
    fn it_says_what_it_is_and_follows_the_page() {
        let svg = draw_effect(&effect());
        assert!(svg.contains("<title>An effect</title>\n<desc>Four seeds &amp; a margin</desc>"));
        assert!(svg.contains("<title>seed 3</title>") && svg.contains("var(--fig-1, #2c6bd8)"));
        assert!(!svg.contains(" id="));
    }

    /// A threshold never reached is a line to the end of the axis, and whatever is unknown draws without panic.
    #[test]
    fn open_bounds_reach_the_end_of_the_axis() {
        let open = [3.0, f64::INFINITY];
        let seeds = vec![
            ("seed 1".into(), [1.0, 1.0]),
            ("seed 2".into(), open),
            ("seed 3".into(), [f64::NEG_INFINITY, f64::INFINITY]),
        ];
        let svg = draw_effect(&Effect { seeds, mean: None, interval: Some(open), ..effect() });
        assert_eq!(circles(&svg).len(), 2, "an open end has no dot");
        assert_eq!(svg.matches("NaN").count() + svg.matches("inf").count(), 0, "{svg}");
        let nothing = Effect { seeds: Vec::new(), mean: None, interval: None, claimed: None, ..effect() };
        assert!(draw_effect(&nothing).contains("margin"));
    }
}
