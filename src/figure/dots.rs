//! Many dots in few bytes: one path for all that do not overlap.
//!
//! A dot is a path of no length with a round end. Within one path overlapping dots would melt into each other; so each dot
//! goes into the first path above those of the dots it covers, and the picture is the one of dots drawn one by one.

use std::collections::BTreeMap;
use std::fmt::Write;

use plotters::element::{Drawable, PointCollection};
use plotters::prelude::ShapeStyle;
use plotters_backend::{BackendCoord, DrawingErrorKind};

use super::sheet::{Decimal, Sheet, units};

/// Dots of one kind, drawn in this order.
pub(super) struct Dots<C> {
    places: Vec<C>,
    /// Radius in units and filling of the discs that a dot is made of, the largest first.
    discs: Vec<(i32, ShapeStyle)>,
}

impl<C> Dots<C> {
    /// Dots at `places`, each of discs given by radius in pixels and filling, the largest first.
    pub fn new(places: Vec<C>, discs: impl IntoIterator<Item = (f64, ShapeStyle)>) -> Self {
        Self { places, discs: discs.into_iter().map(|(radius_px, style)| (units(radius_px), style)).collect() }
    }
}

impl<'a, C: 'a> PointCollection<'a, C> for &'a Dots<C> {
    type Point = &'a C;
    type IntoIter = std::slice::Iter<'a, C>;

    fn point_iter(self) -> Self::IntoIter {
        self.places.iter()
    }
}

impl<C> Drawable<Sheet<'_>> for Dots<C> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        places: I,
        sheet: &mut Sheet<'_>,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<std::convert::Infallible>> {
        let widest = self.discs.iter().map(|disc| disc.0).max().unwrap_or(0);
        for layer in layers(places, widest) {
            let mut d = String::new();
            for (x, y) in layer {
                write!(d, "M{} {}h0", Decimal(x), Decimal(y)).expect("writing into a string cannot fail");
            }
            for (radius, style) in &self.discs {
                let paint = Sheet::paint(&ShapeStyle { stroke_width: 2 * radius.unsigned_abs(), ..*style }, false);
                sheet.write(format_args!("<path d=\"{d}\" {paint} stroke-linecap=\"round\"/>"));
            }
        }
        Ok(())
    }
}

/// Dots of a radius, sorted into layers: within one none touch, and whatever a dot covers lies in one below.
fn layers(places: impl Iterator<Item = BackendCoord>, radius: i32) -> Vec<Vec<BackendCoord>> {
    let side = (2 * radius).max(1);
    let cell = |(x, y): BackendCoord| (x.div_euclid(side), y.div_euclid(side));
    let touch = |a: BackendCoord, b: BackendCoord| {
        let (x, y) = (i64::from(a.0 - b.0), i64::from(a.1 - b.1));
        x * x + y * y <= i64::from(side) * i64::from(side)
    };
    let mut layers: Vec<Vec<BackendCoord>> = Vec::new();
    // What lies in a square of the sheet, with its layer: only neighbours can touch.
    let mut squares: BTreeMap<(i32, i32), Vec<(BackendCoord, usize)>> = BTreeMap::new();
    for place in places {
        let (column, row) = cell(place);
        let around = (column - 1..=column + 1).flat_map(|c| (row - 1..=row + 1).map(move |r| (c, r)));
        let near = around.filter_map(|at| squares.get(&at)).flatten();
        let above = near.filter(|(other, _)| touch(place, *other)).map(|(_, layer)| layer + 1).max().unwrap_or(0);
        squares.entry((column, row)).or_default().push((place, above));
        if above == layers.len() {
            layers.push(Vec::new());
        }
        layers[above].push(place);
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_covers_lies_above() {
        let check = |places: &[BackendCoord], expected: &[&[BackendCoord]]| {
            assert_eq!(layers(places.iter().copied(), 5), expected);
        };
        check(&[], &[]);
        check(&[(0, 0), (100, 0), (0, 11)], &[&[(0, 0), (100, 0), (0, 11)]]);
        check(&[(0, 0), (0, 10), (0, 20), (0, 31)], &[&[(0, 0), (0, 31)], &[(0, 10)], &[(0, 20)]]);
        check(&[(-3, -3), (-3, -3)], &[&[(-3, -3)], &[(-3, -3)]]);
    }
}
