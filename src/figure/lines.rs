//! Curves with bands, and clouds of points.

use plotters::element::Circle;

use super::chart::{Chart, Cloud, Estimate, Line, Point};
use super::clip::{self, Place};
use super::dots::Dots;
use super::frame::Frame;
use super::numbers::alone;
use super::series::{self, Series};
use super::sheet::{Group, Put, filled, units};
use super::theme::{BAND, CURVE_PX, Color, HAIR_PX, MARKER_PX, PAGE};

/// Points further apart than this are marked.
const SPARSE_PX: f64 = 14.0;

/// A point with a place: the middle, and the ends of its interval.
struct Placed<'a> {
    point: &'a Point,
    middle: Place,
    interval: Option<[Place; 2]>,
}

/// Draws curves: all bands below all curves.
pub(super) fn draw(frame: &Frame<'_, '_>, chart: &Chart, series: &Series, lines: &[Line]) {
    let runs: Vec<(usize, &Line, Vec<Vec<Placed<'_>>>)> =
        lines.iter().map(|line| (series.slot(&line.name), line, unbroken(frame, line))).collect();
    for (slot, _, runs) in &runs {
        frame.page.group(&Group::class(&series::class(*slot)), || {
            runs.iter().for_each(|run| draw_band(frame, run, series::color(*slot)));
        });
    }
    for (slot, line, runs) in &runs {
        let color = series::color(*slot);
        frame.page.group(&Group::class(&series::class(*slot)).with("data-name", &line.name), || {
            let curve = Group::class("curve").with("stroke-dasharray", series::dash(*slot)).titled(&line.name);
            frame.page.group(&curve.with("stroke-linejoin", "round"), || {
                for run in runs {
                    let middles: Vec<Place> = run.iter().map(|p| p.middle).collect();
                    for piece in clip::curve(&middles, frame.bounds()) {
                        frame.plot.path(piece, color, CURVE_PX);
                    }
                }
            });
            draw_fitted(frame, line, color);
            draw_markers(frame, chart, &line.name, runs, color);
            let last = runs.last().and_then(|run| run.last()).map(|placed| placed.middle);
            line.broken.iter().for_each(|&at| draw_cross(frame, at, last, color));
        });
    }
}

/// The curve that was fitted to a line.
fn draw_fitted(frame: &Frame<'_, '_>, line: &Line, color: Color) {
    if line.fitted.is_empty() {
        return;
    }
    let places: Vec<Place> = line.fitted.iter().filter_map(|&[x, y]| frame.place(x, y)).collect();
    frame.page.group(&Group::class("fitted").with("stroke-dasharray", "2 4"), || {
        for piece in clip::curve(&places, frame.bounds()) {
            frame.plot.path(piece, color, HAIR_PX * 1.5);
        }
    });
}

/// The stretches of a line between points that have no place.
fn unbroken<'a>(frame: &Frame<'_, '_>, line: &'a Line) -> Vec<Vec<Placed<'a>>> {
    let mut runs = vec![Vec::new()];
    for point in &line.points {
        match frame.place(point.x, point.y.value) {
            Some(middle) => {
                let ends = point.y.interval.filter(|ends| !ends[0].is_nan() && !ends[1].is_nan());
                let interval = ends.map(|ends| ends.map(|end| (middle.0, frame.y.inside(end))));
                runs.last_mut().expect("starts with one run").push(Placed { point, middle, interval });
            }
            None => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// The band of each stretch of points with intervals; a lone one is a whisker.
fn draw_band(frame: &Frame<'_, '_>, run: &[Placed<'_>], color: Color) {
    for stretch in run.split(|p| p.interval.is_none()).filter(|s| !s.is_empty()) {
        let end = |i: usize| move |p: &Placed<'_>| p.interval.map_or(p.middle, |ends| ends[i]);
        if let [only] = stretch {
            if frame.bounds().hold(only.middle) {
                frame.plot.path(vec![end(0)(only), end(1)(only)], color, HAIR_PX);
            }
            continue;
        }
        let outline: Vec<Place> = stretch.iter().map(end(0)).chain(stretch.iter().rev().map(end(1))).collect();
        let inside = clip::area(&outline, frame.bounds());
        if inside.len() > 2 {
            frame.plot.area(inside, color, BAND);
        }
    }
}

/// Dots where points are few enough to be told apart, and wherever a point stands alone.
fn draw_markers(frame: &Frame<'_, '_>, chart: &Chart, name: &str, runs: &[Vec<Placed<'_>>], color: Color) {
    for run in runs {
        let sparse = run.len() == 1 || frame.cell.width / run.len() as f64 >= SPARSE_PX;
        if !sparse {
            continue;
        }
        for placed in run.iter().filter(|p| frame.bounds().hold(p.middle)) {
            frame.plot.group(&Group::class("point").titled(hover(chart, name, placed.point)), || {
                frame.plot.put(&Circle::new(placed.middle, units(MARKER_PX + 1.2), filled(PAGE.light, 1.0)));
                frame.plot.put(&Circle::new(placed.middle, units(MARKER_PX), filled(color.light, 1.0)));
            });
        }
    }
}

fn hover(chart: &Chart, name: &str, point: &Point) -> String {
    let x = alone(point.x, 6, chart.x.format);
    let axis = if chart.x.title.is_empty() { "x" } else { &chart.x.title };
    format!("{name}, {axis} {x}: {}", estimate(chart, &point.y))
}

/// An estimate in words: value, interval, runs.
pub(super) fn estimate(chart: &Chart, estimate: &Estimate) -> String {
    let number = |value| alone(value, 4, chart.y.format);
    let interval = estimate.interval.map_or(String::new(), |[a, b]| format!(" [{}, {}]", number(a), number(b)));
    let runs = if estimate.runs > 1 { format!(" (n = {})", estimate.runs) } else { String::new() };
    format!("{}{interval}{runs}", number(estimate.value))
}

/// A cross where runs broke off, at the top edge where the value itself has no place; dotted from the last point before it.
fn draw_cross(frame: &Frame<'_, '_>, [x, y]: [f64; 2], last: Option<Place>, color: Color) {
    let Some(x) = frame.x.position(x).filter(|&x| frame.x.holds(x)) else { return };
    let y = frame.y.position(y).unwrap_or(frame.y.high).clamp(frame.y.low, frame.y.high);
    let arm = |right: f64, down: f64| vec![frame.beside((x, y), -right, -down), frame.beside((x, y), right, down)];
    frame.page.group(&Group::class("broken").titled("diverged"), || {
        if let Some(last) = last.filter(|last| last.0 <= x && frame.bounds().hold(*last)) {
            frame.page.group(&Group::default().with("stroke-dasharray", "1.5 3"), || {
                frame.plot.path(vec![last, (x, y)], color, HAIR_PX * 1.3);
            });
        }
        for (right, down) in [(4.5, 4.5), (4.5, -4.5)] {
            frame.page.path(arm(right, down), PAGE, 4.5);
        }
        for (right, down) in [(4.5, 4.5), (4.5, -4.5)] {
            frame.page.path(arm(right, down), color, 2.0);
        }
    });
}

/// Draws clouds of points, fainter the more there are.
pub(super) fn draw_clouds(frame: &Frame<'_, '_>, chart: &Chart, series: &Series, clouds: &[Cloud]) {
    let all: usize = clouds.iter().map(|cloud| cloud.points.len()).sum();
    let (opacity, radius) = match all {
        0..=60 => (0.85, 4.0),
        61..=400 => (0.65, 3.2),
        _ => (0.45, 2.4),
    };
    for cloud in clouds {
        let slot = series.slot(&cloud.name);
        let dot = filled(series::color(slot).light, opacity);
        frame.page.group(&Group::class(&series::class(slot)).with("data-name", &cloud.name), || {
            let places = cloud.points.iter().filter_map(|p| Some((p, frame.place(p[0], p[1])?)));
            let inside = places.filter(|(_, place)| frame.bounds().hold(*place));
            if all > 400 {
                let places = inside.map(|(_, place)| place).collect();
                return frame.plot.put(&Dots::new(places, [(radius, dot)]));
            }
            for (point, place) in inside {
                let [x, y] = [(point[0], chart.x.format), (point[1], chart.y.format)].map(|(v, f)| alone(v, 4, f));
                let title = format!("{} ({x}, {y})", cloud.name);
                let circle = Circle::new(place, units(radius), dot);
                frame.plot.group(&Group::class("point").titled(title.trim()), || frame.plot.put(&circle));
            }
        });
    }
}
