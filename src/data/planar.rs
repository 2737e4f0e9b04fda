//! Classes in the plane whose boundaries are known: moons, rings, spirals, blobs.

use std::f64::consts::PI;

use super::spec::{Generator, GeneratorKind};
use crate::numerics::random::Stream;

/// Raised when the rows change.
pub(super) const VERSION: u32 = 1;

/// Row `i`: its point and its class.
///
/// # Panics
/// If the generator is not one of the plane.
pub(super) fn row(generator: &Generator, i: u64) -> ([f32; 2], u32) {
    let mut draws = Stream::new(generator.seed, generator.kind.name()).at(i);
    let classes = generator.kind.classes().expect("points of the plane have classes");
    let class = draws.below(u64::from(classes)) as u32;
    let t = draws.uniform();
    let (noise_x, noise_y) = (draws.normal(), draws.normal());
    let share = f64::from(class) / f64::from(classes);
    let (x, y, noise) = match generator.kind {
        GeneratorKind::Moons { noise } => {
            let (x, y) = polar(1.0, PI * t);
            if class == 0 { (1.0 - x, 0.5 - y, noise) } else { (x, y, noise) }
        }
        GeneratorKind::Rings { noise, .. } => {
            let (x, y) = polar(f64::from(class) + 1.0, 2.0 * PI * t);
            (x, y, noise)
        }
        GeneratorKind::Spirals { turns, noise, .. } => {
            // The root spreads the points evenly over the area, so that the crowded centre stays legible.
            let radius = t.sqrt();
            let (x, y) = polar(radius, 2.0 * PI * (turns * radius + share));
            (x, y, noise)
        }
        GeneratorKind::Blobs { noise, .. } => {
            let (x, y) = polar(4.0, 2.0 * PI * share);
            (x, y, noise)
        }
        GeneratorKind::Glyphs { .. }
        | GeneratorKind::Adding { .. }
        | GeneratorKind::Waves { .. }
        | GeneratorKind::Mail { .. }
        | GeneratorKind::Clicks { .. }
        | GeneratorKind::Drive { .. } => panic!("rows of `{}` are no points", generator.kind.name()),
    };
    ([(x + noise * noise_x) as f32, (y + noise * noise_y) as f32], class)
}

fn polar(radius: f64, angle: f64) -> (f64, f64) {
    (radius * libm::cos(angle), radius * libm::sin(angle))
}
