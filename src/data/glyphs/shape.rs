//! From the skeleton of a digit to a path in pixels: unsteady points, smooth bends, one affine map.

use super::SIDE;
use super::outlines::Stroke;
use crate::numerics::random::Draws;

/// Points drawn between two points of a smooth stroke.
const STEPS: usize = 6;
/// Nodes of the bending field along a side.
const NODES: usize = 5;
/// Pixels to the side of the unit square: a digit is about 20 pixels high, as in MNIST.
const UNIT: f64 = 25.0;

/// How one image is bent and placed.
#[derive(Debug)]
pub(super) struct Warp {
    /// Displacement of each node, in units of the square.
    field: [[[f64; 2]; NODES]; NODES],
    /// Pixels: x' = a·x + b·y + c, y' = d·x + e·y + f, around the centre of the square.
    affine: [f64; 6],
}

impl Warp {
    pub(super) fn draw(draws: &mut Draws, difficulty: f64) -> Self {
        let bend = 0.15 * difficulty;
        let mut field = [[[0.0; 2]; NODES]; NODES];
        for node in field.as_flattened_mut() {
            *node = [draws.uniform_in(-bend, bend), draws.uniform_in(-bend, bend)];
        }
        let mut within = |limit: f64| difficulty * draws.uniform_in(-limit, limit);
        let (angle, slant) = (within(0.42), within(0.45));
        let (wide, high) = (UNIT * (1.0 + within(0.36)), UNIT * (1.0 + within(0.28)));
        let (right, down) = (within(5.2), within(4.6));
        let (sin, cos) = (libm::sin(angle), libm::cos(angle));
        let middle = SIDE as f64 / 2.0;
        // Rotation · slant · stretch.
        let affine = [
            cos * wide,
            (cos * slant - sin) * high,
            middle + right,
            sin * wide,
            (sin * slant + cos) * high,
            middle + down,
        ];
        Self { field, affine }
    }

    /// A point of the unit square in pixels.
    pub(super) fn map(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [bend_x, bend_y] = self.bend([x, y]);
        let (x, y) = (x + bend_x - 0.5, y + bend_y - 0.5);
        let [a, b, c, d, e, f] = self.affine;
        [a * x + b * y + c, d * x + e * y + f]
    }

    /// The field at a point: quadratic B-splines between the nodes, whose curves have no kinks.
    fn bend(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let ((column, across), (row, along)) = (spline(x), spline(y));
        let mut sum = [0.0; 2];
        for (j, wy) in along.iter().enumerate() {
            for (i, wx) in across.iter().enumerate() {
                let node = self.field[row + j][column + i];
                sum[0] += wx * wy * node[0];
                sum[1] += wx * wy * node[1];
            }
        }
        sum
    }
}

/// The first of the three nodes around a coordinate of 0…1, and their weights.
fn spline(coordinate: f64) -> (usize, [f64; 3]) {
    let spans = (NODES - 2) as f64;
    let position = coordinate.clamp(0.0, 1.0) * spans;
    let first = position.floor().min(spans - 1.0);
    let t = position - first;
    (first as usize, [0.5 * (1.0 - t) * (1.0 - t), 0.5 + t - t * t, 0.5 * t * t])
}

/// The points of a stroke in the unit square, by an unsteady hand.
pub(super) fn path(stroke: &Stroke, draws: &mut Draws, difficulty: f64) -> Vec<[f64; 2]> {
    let shake = 0.015 + 0.035 * difficulty;
    let mut unsteady = |points: &[[f64; 2]]| -> Vec<[f64; 2]> {
        points.iter().map(|p| p.map(|c| c + draws.uniform_in(-shake, shake))).collect()
    };
    match stroke {
        Stroke::Line(points) => divided(&unsteady(points)),
        Stroke::Bend(points) => smooth(&unsteady(points)),
    }
}

/// Straight lines, cut so that they can be bent.
fn divided(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut path = vec![points[0]];
    for pair in points.windows(2) {
        for step in 1..=STEPS {
            let t = step as f64 / STEPS as f64;
            path.push([0, 1].map(|c| pair[0][c] + t * (pair[1][c] - pair[0][c])));
        }
    }
    path
}

/// The Catmull–Rom spline through the points (Catmull & Rom 1974); its ends are their own neighbours.
pub(super) fn smooth(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let at = |i: isize| points[i.clamp(0, points.len() as isize - 1) as usize];
    let mut path = vec![points[0]];
    for i in 0..points.len() as isize - 1 {
        let (p, q, r, s) = (at(i - 1), at(i), at(i + 1), at(i + 2));
        for step in 1..=STEPS {
            let t = step as f64 / STEPS as f64;
            path.push([0, 1].map(|c| {
                let (p, q, r, s) = (p[c], q[c], r[c], s[c]);
                let linear = r - p;
                let square = 2.0 * p - 5.0 * q + 4.0 * r - s;
                let cube = 3.0 * (q - r) + s - p;
                q + 0.5 * t * (linear + t * (square + t * cube))
            }));
        }
    }
    path
}
