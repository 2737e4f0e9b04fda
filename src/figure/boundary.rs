//! The regions a classifier gives to its classes in the plane, with the samples on top.

use super::chart::Boundary;
use super::dots::Dots;
use super::frame::Frame;
use super::series::{self, Series};
use super::sheet::{Group, Put, filled};
use super::theme::PAGE;

/// Opacity of a region.
const REGION: f64 = 0.26;

/// A rectangle of cells of one class: columns from..to over rows from..to.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Block {
    class: u32,
    columns: [usize; 2],
    rows: [usize; 2],
}

/// Draws regions and samples.
pub(super) fn draw(frame: &Frame<'_, '_>, series: &Series, boundary: &Boundary) {
    let (rows, columns) = boundary.grid.dim();
    let edge = |ends: [f64; 2], i: usize, n: usize| ends[0] + (ends[1] - ends[0]) * i as f64 / n as f64;
    let color = |class: u32| boundary.classes.get(class as usize).map(|name| series::color(series.slot(name)));
    frame.page.group(&Group::class("regions").with("shape-rendering", "crispEdges"), || {
        for block in blocks(boundary) {
            let Some(color) = color(block.class) else { continue };
            let [left, right] = block.columns.map(|i| frame.x.inside(edge(boundary.x, i, columns)));
            let [bottom, top] = block.rows.map(|i| frame.y.inside(edge(boundary.y, i, rows)));
            frame.block((left, top), (right, bottom), color.light, REGION);
        }
    });
    for (class, name) in boundary.classes.iter().enumerate() {
        let slot = series.slot(name);
        frame.page.group(&Group::class(&series::class(slot)).with("data-name", name), || {
            let own = boundary.samples.iter().filter(|sample| sample.class as usize == class);
            let places = own.filter_map(|s| frame.place(s.at[0], s.at[1])).filter(|&p| frame.bounds().hold(p));
            let discs = [(3.6, filled(PAGE.light, 1.0)), (2.7, filled(series::color(slot).light, 1.0))];
            frame.plot.put(&Dots::new(places.collect(), discs));
        });
    }
}

/// Runs of equal cells; equal runs above each other are one block.
fn blocks(boundary: &Boundary) -> Vec<Block> {
    let mut done = Vec::new();
    let mut open: Vec<Block> = Vec::new();
    for (r, row) in boundary.grid.rows().into_iter().enumerate() {
        let mut runs: Vec<Block> = Vec::new();
        for (c, &class) in row.iter().enumerate() {
            match runs.last_mut() {
                Some(run) if run.class == class => run.columns[1] = c + 1,
                _ => runs.push(Block { class, columns: [c, c + 1], rows: [r, r + 1] }),
            }
        }
        for run in &mut runs {
            if let Some(i) = open.iter().position(|o| o.class == run.class && o.columns == run.columns) {
                run.rows[0] = open.swap_remove(i).rows[0];
            }
        }
        done.append(&mut open);
        open = runs;
    }
    done.append(&mut open);
    done.sort_by_key(|block| (block.class, block.rows, block.columns));
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn equal_rows_are_one_block() {
        let boundary = Boundary {
            classes: vec!["a".into(), "b".into()],
            x: [0.0, 1.0],
            y: [0.0, 1.0],
            grid: array![[0, 0, 1], [0, 0, 1], [1, 1, 1]],
            samples: Vec::new(),
        };
        let block = |class, columns, rows| Block { class, columns, rows };
        let expected = [block(0, [0, 2], [0, 2]), block(1, [2, 3], [0, 2]), block(1, [0, 3], [2, 3])];
        assert_eq!(blocks(&boundary), expected);
    }
}
