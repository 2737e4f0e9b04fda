//! A panel's frame: grid, axis lines, ticks and their labels; and the way from positions to places on the page.

use plotters::element::Rectangle;
use plotters::prelude::Cartesian2d;
use plotters_backend::BackendCoord;
use plotters_backend::text_anchor::HPos;

use super::axes::Kind;
use super::clip::{Bounds, Place};
use super::layout::{self, Cell, LABEL_GAP_PX, Layout};
use super::lettering::height_px;
use super::sheet::{Even, Group, Page, Plot, Put, filled, px, units, upright, words};
use super::span::Span;
use super::theme::{AXIS, GRID, HAIR_PX, MUTED, SMALL_PX};

/// One panel ready to be drawn into.
pub(super) struct Frame<'p, 's> {
    /// The whole sheet, in pixels.
    pub page: &'p Page<'s>,
    /// The panel, in positions.
    pub plot: Plot<'s>,
    pub cell: Cell,
    pub x: &'p Span,
    pub y: &'p Span,
}

impl<'p, 's> Frame<'p, 's> {
    /// The frame of one cell of the layout.
    pub fn new(page: &'p Page<'s>, layout: &'p Layout, cell: Cell) -> Self {
        let (x, y) = (&layout.x, &layout.y);
        let even = |span: &Span| Even { low: span.low, high: span.high };
        let across = units(cell.left)..units(cell.left + cell.width);
        let upwards = units(cell.top + cell.height)..units(cell.top);
        let plot = page.apply_coord_spec(Cartesian2d::new(even(x), even(y), (across, upwards)));
        Self { page, plot, cell, x, y }
    }

    /// The positions it shows.
    pub fn bounds(&self) -> Bounds {
        Bounds { x: [self.x.low, self.x.high], y: [self.y.low, self.y.high] }
    }

    /// Where a pair of values lies; `None` where it has no place on the axes.
    pub fn place(&self, x: f64, y: f64) -> Option<Place> {
        Some((self.x.position(x)?, self.y.position(y)?))
    }

    /// Pixels of a place.
    pub fn pixels(&self, (x, y): Place) -> (f64, f64) {
        let (across, up) =
            ((x - self.x.low) / (self.x.high - self.x.low), (y - self.y.low) / (self.y.high - self.y.low));
        (self.cell.left + across * self.cell.width, self.cell.top + (1.0 - up) * self.cell.height)
    }

    /// A place moved by pixels to the right and down.
    pub fn beside(&self, place: Place, right_px: f64, down_px: f64) -> BackendCoord {
        let (x, y) = self.pixels(place);
        px(x + right_px, y + down_px)
    }

    /// A filled rectangle between two places.
    pub fn block(&self, a: Place, b: Place, rgb: u32, opacity: f64) {
        self.plot.put(&Rectangle::new([a, b], filled(rgb, opacity)));
    }

    /// Draws everything but the marks.
    pub fn draw(&self, layout: &Layout, kind: Kind) {
        match kind {
            Kind::Pictures => return,
            Kind::Plane => self.draw_grid(),
            Kind::Field | Kind::Matrix => {}
        }
        self.page.group(&Group::class("axis"), || {
            if self.cell.first {
                self.draw_y_labels(layout.width);
            }
            if kind != Kind::Matrix {
                self.draw_x_axis();
            }
            if self.cell.lowest {
                self.draw_x_labels(&layout.x_labels);
            }
        });
    }

    fn draw_grid(&self) {
        self.page.group(&Group::class("grid"), || {
            for tick in &self.y.ticks {
                self.plot.path(vec![(self.x.low, tick.at), (self.x.high, tick.at)], GRID, HAIR_PX);
            }
        });
    }

    fn draw_x_axis(&self) {
        let corner = (self.x.low, self.y.low);
        self.page.path(vec![self.beside(corner, 0.0, 0.0), self.beside(corner, self.cell.width, 0.0)], AXIS, HAIR_PX);
        if self.x.categories {
            return;
        }
        let tick = |at: f64, length: f64| {
            let foot = (at, self.y.low);
            self.page.path(vec![self.beside(foot, 0.0, 0.0), self.beside(foot, 0.0, length)], AXIS, HAIR_PX);
        };
        self.x.minor.iter().for_each(|&at| tick(at, 2.5));
        self.x.ticks.iter().for_each(|t| tick(t.at, 5.0));
    }

    fn draw_y_labels(&self, width: f64) {
        let style = words(SMALL_PX, MUTED, HPos::Right);
        for tick in self.y.ticks.iter().rev().step_by(layout::y_label_stride(self.y, self.cell.height)) {
            let at = self.beside((self.x.low, tick.at), -LABEL_GAP_PX, 0.0);
            self.page.text(&layout::y_label(&tick.label, width), at, &style);
        }
    }

    fn draw_x_labels(&self, labels: &layout::Labels) {
        for (tick, lines) in &labels.lines {
            let foot = (self.x.ticks[*tick].at, self.y.low);
            if labels.upright {
                let style = upright(words(SMALL_PX, MUTED, HPos::Right));
                self.page.text(&lines[0], self.beside(foot, 0.0, LABEL_GAP_PX), &style);
                continue;
            }
            for (i, line) in lines.iter().enumerate() {
                let down = LABEL_GAP_PX + height_px(1, SMALL_PX) * (i as f64 + 0.5);
                self.page.text(line, self.beside(foot, 0.0, down), &words(SMALL_PX, MUTED, HPos::Center));
            }
        }
    }
}
