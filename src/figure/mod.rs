//! Statistics → SVG.
//!
//! A [`Chart`] says what is shown; [`draw`] makes it an SVG. Nothing in here knows of experiments or pages.
//!
//! 1. `series` gives each series its colour, `axes` fits the shared axes to the data (`span`, `numbers`);
//! 2. `layout` places legend, panels, titles and notes in pixels, with widths guessed by `lettering`;
//! 3. each panel's `frame` is drawn, then its marks: `lines`, `bars`, `heat`, `confusion`, `images`,
//!    `passages`, `boundary`, many points at once by `dots`, cut to the panel by `clip`, and its `annotations`;
//! 4. plotters maps positions to places and shapes to its backend, the `sheet`, which writes the elements.
//!
//! [`draw_effect`] draws the small picture of a claim's comparison (`effect`), which has no frame.
//!
//! All looks are in [`theme`]. Equal charts are equal bytes on every machine: no font, clock or platform arithmetic takes
//! part. Marks of a series carry the classes `series series-N` and `data-name`; points, bars and cells carry their values as
//! `<title>`.

mod annotations;
mod axes;
mod bars;
mod boundary;
mod chart;
mod clip;
mod confusion;
mod dots;
mod effect;
mod frame;
mod heat;
mod images;
mod layout;
mod legend;
mod lettering;
mod lines;
mod numbers;
mod passages;
mod series;
mod sheet;
mod span;
pub mod theme;

#[cfg(test)]
mod tests;

use std::fmt::Write;

use plotters::prelude::IntoDrawingArea;
use plotters_backend::text_anchor::HPos;

pub use chart::*;
pub use effect::{Effect, Side, draw_effect};

use axes::{Extent, Kind};
use frame::Frame;
use layout::{Layout, Names};
use legend::EndName;
use series::Series;
use sheet::{Page, Put, Sheet, bold, escaped, px, words};
use theme::{MUTED, SMALL_PX, TEXT_PX};

/// Draws a chart as one complete `<svg>` element.
///
/// Whatever the data are, the drawing succeeds: a panel without anything to draw says so.
pub fn draw(chart: &Chart) -> String {
    let series = Series::of(chart);
    let extent = Extent::of(chart);
    let notes = notes(chart, &extent);
    let (layout, end_names) = laid_out(chart, &series, &extent, &notes);

    let mut body = String::new();
    let page = Sheet { svg: &mut body, size_px: (layout.width, layout.height) }.into_drawing_area();
    legend::draw_row(&page, chart, &layout.legend);
    for (panel, cell) in chart.panels.iter().zip(&layout.cells) {
        let frame = Frame::new(&page, &layout, *cell);
        draw_panel(&frame, chart, &series, panel, &layout);
    }
    if chart.panels.is_empty() {
        draw_emptiness(&Frame::new(&page, &layout, layout.cells[0]), chart);
    }
    if let Some(names) = end_names {
        legend::draw_end_names(&Frame::new(&page, &layout, layout.cells[0]), &names);
    }
    heat::draw_bar(&page, chart, &layout);
    draw_titles(&page, chart, &layout);
    drop(page);
    wrapped(chart, &layout, &body)
}

/// Names beside the lines where they fit, else in a row.
fn laid_out(chart: &Chart, series: &Series, extent: &Extent, notes: &[String]) -> (Layout, Option<Vec<EndName>>) {
    if let Some(room_px) = legend::end_room_px(chart, series).filter(|_| chart.legend == Legend::Auto) {
        let layout = Layout::of(chart, series, extent, notes, Names::AtEnds { room_px });
        if let Some(names) = legend::end_names(chart, series, &layout) {
            return (layout, Some(names));
        }
    }
    (Layout::of(chart, series, extent, notes, Names::InRow), None)
}

/// The chart's notes and what had to be left out.
fn notes(chart: &Chart, extent: &Extent) -> Vec<String> {
    let mut notes = chart.notes.clone();
    let Phrases { not_finite, not_positive, .. } = &chart.phrases;
    for (count, [one, several]) in [(extent.infinite, not_finite), (extent.not_positive, not_positive)] {
        match count {
            0 => {}
            1 => notes.push(one.clone()),
            _ => notes.push(several.replace("{n}", &count.to_string())),
        }
    }
    notes
}

fn draw_panel(frame: &Frame<'_, '_>, chart: &Chart, series: &Series, panel: &Panel, layout: &Layout) {
    let cell = frame.cell;
    if chart.panels.len() > 1 && !panel.title.is_empty() {
        let title = lettering::fitted(&panel.title, cell.width, TEXT_PX);
        let at = px(cell.left, cell.top - layout::TITLE_PX / 2.0);
        frame.page.text(&title, at, &bold(words(TEXT_PX, theme::INK, HPos::Left)));
    }
    frame.page.group(&sheet::Group::class("panel"), || {
        annotations::draw_ranges(frame, &panel.annotations);
        frame.draw(layout, axes::kind(&panel.marks));
        if axes::is_empty(&panel.marks, frame.x, frame.y) {
            draw_emptiness(frame, chart);
        } else {
            draw_marks(frame, chart, series, &panel.marks);
        }
        annotations::draw(frame, &panel.annotations);
    });
}

fn draw_marks(frame: &Frame<'_, '_>, chart: &Chart, series: &Series, marks: &Marks) {
    match marks {
        Marks::Lines(lines) => lines::draw(frame, chart, series, lines),
        Marks::Scatter(clouds) => lines::draw_clouds(frame, chart, series, clouds),
        Marks::Bars(bars) => bars::draw(frame, chart, series, bars),
        Marks::Boxes(boxes) => bars::draw_boxes(frame, chart, series, boxes),
        Marks::Histogram(histogram) => bars::draw_histogram(frame, chart, series, histogram),
        Marks::Heat(heat) => heat::draw(frame, chart, heat),
        Marks::Confusion(confusion) => confusion::draw(frame, confusion),
        Marks::Images(images) => images::draw(frame, images),
        Marks::Passages(passages) => passages::draw(frame, passages),
        Marks::Boundary(boundary) => boundary::draw(frame, series, boundary),
    }
}

fn draw_emptiness(frame: &Frame<'_, '_>, chart: &Chart) {
    let cell = frame.cell;
    let middle = px(cell.left + cell.width / 2.0, cell.top + cell.height / 2.0);
    frame.page.text(&chart.phrases.empty, middle, &words(TEXT_PX, MUTED, HPos::Center));
}

fn draw_titles(page: &Page<'_>, chart: &Chart, layout: &Layout) {
    let first = layout.cells[0];
    let right = layout.cells.iter().map(|c| c.left + c.width).fold(0.0, f64::max);
    let axes = chart.panels.first().is_none_or(|p| axes::kind(&p.marks) != Kind::Pictures);
    if axes && !chart.y.title.is_empty() {
        let title = lettering::fitted(&chart.y.title, layout.width, TEXT_PX);
        page.text(&title, px(0.0, layout.y_title_at), &words(TEXT_PX, MUTED, HPos::Left));
    }
    if axes && !chart.x.title.is_empty() {
        let title = lettering::fitted(&chart.x.title, right - first.left, TEXT_PX);
        let middle = px((first.left + right) / 2.0, layout.x_title_at);
        page.text(&title, middle, &words(TEXT_PX, MUTED, HPos::Center));
    }
    for (note, at) in &layout.notes {
        page.text(note, px(0.0, *at), &words(SMALL_PX, MUTED, HPos::Left));
    }
}

/// The outermost element around what was drawn.
fn wrapped(chart: &Chart, layout: &Layout, body: &str) -> String {
    let (width, height) = (layout.width, layout.height);
    let (id, title, description) = (escaped(&chart.id), escaped(&chart.title), escaped(&chart.description));
    let mut svg = String::with_capacity(body.len() + 800);
    write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"figure\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
         style=\"max-width:100%;height:auto;font-family:{}\">\n\
         <title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-desc\">{description}</desc>\n{body}</svg>\n",
        theme::font()
    )
    .expect("writing into a string cannot fail");
    svg
}
