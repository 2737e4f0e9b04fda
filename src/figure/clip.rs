//! What of a shape lies inside a panel: a curve or area that runs out of the axes is cut at their ends.

/// A place in positions of both axes.
pub(super) type Place = (f64, f64);

/// First and last position of both axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    pub x: [f64; 2],
    pub y: [f64; 2],
}

impl Bounds {
    /// Whether a place lies inside.
    pub fn hold(&self, (x, y): Place) -> bool {
        (self.x[0]..=self.x[1]).contains(&x) && (self.y[0]..=self.y[1]).contains(&y)
    }

    /// The four sides: signed distance of a place to each, positive inside.
    fn distances(&self, (x, y): Place) -> [f64; 4] {
        [x - self.x[0], self.x[1] - x, y - self.y[0], self.y[1] - y]
    }
}

/// The pieces of a curve inside `bounds`.
pub(super) fn curve(points: &[Place], bounds: Bounds) -> Vec<Vec<Place>> {
    let mut pieces: Vec<Vec<Place>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let Some((from, to)) = segment(pair[0], pair[1], bounds) else {
            open = false;
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if open => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
        open = to == pair[1];
    }
    pieces
}

/// The part of a segment inside (Liang and Barsky 1984).
fn segment(a: Place, b: Place, bounds: Bounds) -> Option<(Place, Place)> {
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (da, db) in bounds.distances(a).into_iter().zip(bounds.distances(b)) {
        match (da < 0.0, db < 0.0) {
            (true, true) => return None,
            (true, false) => enter = enter.max(da / (da - db)),
            (false, true) => leave = leave.min(da / (da - db)),
            (false, false) => {}
        }
    }
    let at = |t: f64| {
        if t == 0.0 {
            a
        } else if t == 1.0 {
            b
        } else {
            between(a, b, t)
        }
    };
    (enter <= leave).then(|| (at(enter), at(leave)))
}

/// The part of an area inside `bounds` (Sutherland and Hodgman 1974).
pub(super) fn area(points: &[Place], bounds: Bounds) -> Vec<Place> {
    let mut inside = points.to_vec();
    for side in 0..4 {
        let distance = |p: Place| bounds.distances(p)[side];
        let whole = std::mem::take(&mut inside);
        for (i, &to) in whole.iter().enumerate() {
            let from = whole[(i + whole.len() - 1) % whole.len()];
            let (df, dt) = (distance(from), distance(to));
            if (df < 0.0) != (dt < 0.0) {
                inside.push(between(from, to, df / (df - dt)));
            }
            if dt >= 0.0 {
                inside.push(to);
            }
        }
    }
    inside
}

fn between(a: Place, b: Place, t: f64) -> Place {
    (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: Bounds = Bounds { x: [0.0, 1.0], y: [0.0, 1.0] };

    #[test]
    fn a_curve_is_cut_where_it_leaves_and_returns() {
        let pieces = curve(&[(0.5, 0.5), (1.5, 0.5), (0.5, 0.75)], UNIT);
        assert_eq!(pieces, [vec![(0.5, 0.5), (1.0, 0.5)], vec![(1.0, 0.625), (0.5, 0.75)]]);
        assert_eq!(curve(&[(2.0, 2.0), (3.0, 3.0)], UNIT), Vec::<Vec<Place>>::new());
        assert_eq!(curve(&[(0.0, 0.0), (1.0, 1.0), (0.5, 0.0)], UNIT).len(), 1);
    }

    #[test]
    fn an_area_is_cut_at_the_sides() {
        let cut = area(&[(-1.0, 0.25), (2.0, 0.25), (2.0, 0.75), (-1.0, 0.75)], UNIT);
        assert_eq!(cut.len(), 4);
        assert!(cut.iter().all(|&p| UNIT.hold(p)), "{cut:?}");
    }
}
