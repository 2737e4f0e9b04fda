//! The rules that draw rows, and their parameters.

use serde::Serialize;

use super::MOST_STEPS;
use crate::data::Error;

/// Rows drawn by rule: row `i` is a pure function of (seed, i).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Generator {
    /// Which rule.
    pub kind: GeneratorKind,
    /// Another seed draws other rows of the same distribution.
    pub seed: u64,
}

/// The rules and their parameters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GeneratorKind {
    /// Images of the ten digits, 28 × 28 grey.
    Glyphs {
        /// How far they are bent, shifted, crossed out and blurred: 0 (printed) to 1 (barely legible).
        difficulty: f64,
    },
    /// Two interleaved half circles.
    Moons {
        /// Standard deviation of the noise; a half circle has radius 1.
        noise: f64,
    },
    /// Concentric rings of radius 1, 2, ….
    Rings {
        /// Number of rings.
        classes: u32,
        /// Standard deviation of the noise.
        noise: f64,
    },
    /// Arms of a spiral that ends at radius 1.
    Spirals {
        /// Number of arms.
        classes: u32,
        /// Turns of each arm.
        turns: f64,
        /// Standard deviation of the noise.
        noise: f64,
    },
    /// Round clouds, their centres evenly on a circle of radius 4.
    Blobs {
        /// Number of clouds.
        classes: u32,
        /// Standard deviation of each cloud.
        noise: f64,
    },
    /// Sequences of numbers of which two are marked: their sum is asked for (Hochreiter and Schmidhuber 1997).
    Adding {
        /// Length of a sequence.
        steps: u32,
    },
    /// Swings kept going by noise: the next value of a second-order autoregression is asked for.
    Waves {
        /// Length of a sequence.
        steps: u32,
        /// Steps of one swing.
        period: f64,
        /// Standard deviation of the noise, which is also the root mean squared error of the best prediction.
        noise: f64,
    },
    /// Mails by counts of words, spam or not; the best possible answer is known.
    Mail {
        /// How much the kinds of mail differ: standard deviation of the logarithm of a word's frequency.
        contrast: f64,
    },
    /// Advertisements by categories, clicked or not; the best possible answer is known.
    Clicks {
        /// The share that is clicked.
        positives: f64,
    },
    /// The place of a car on a street, in metres, by the strengths of beacons; the best possible answer is known.
    Drive {
        /// Number of beacons.
        beacons: u32,
        /// Standard deviation of a strength, in decibels.
        noise: f64,
    },
}

impl GeneratorKind {
    /// All of them, with their default parameters.
    pub const ALL: [Self; 10] = [
        Self::Glyphs { difficulty: 0.5 },
        Self::Moons { noise: 0.2 },
        Self::Rings { classes: 2, noise: 0.2 },
        Self::Spirals { classes: 2, turns: 1.5, noise: 0.03 },
        Self::Blobs { classes: 3, noise: 1.0 },
        Self::Adding { steps: 50 },
        Self::Waves { steps: 50, period: 12.0, noise: 0.1 },
        Self::Mail { contrast: 1.0 },
        Self::Clicks { positives: 0.03 },
        Self::Drive { beacons: 8, noise: 4.0 },
    ];

    /// The name an author writes.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Glyphs { .. } => "glyphs",
            Self::Moons { .. } => "moons",
            Self::Rings { .. } => "rings",
            Self::Spirals { .. } => "spirals",
            Self::Blobs { .. } => "blobs",
            Self::Adding { .. } => "adding",
            Self::Waves { .. } => "waves",
            Self::Mail { .. } => "mail",
            Self::Clicks { .. } => "clicks",
            Self::Drive { .. } => "drive",
        }
    }

    /// Number of classes; `None` where a number is predicted.
    pub fn classes(&self) -> Option<u32> {
        match *self {
            Self::Glyphs { .. } => Some(10),
            Self::Moons { .. } | Self::Mail { .. } | Self::Clicks { .. } => Some(2),
            Self::Rings { classes, .. } | Self::Spirals { classes, .. } | Self::Blobs { classes, .. } => Some(classes),
            Self::Adding { .. } | Self::Waves { .. } | Self::Drive { .. } => None,
        }
    }

    /// Whether its rows are sequences of numbers.
    pub fn is_sequence(&self) -> bool {
        matches!(self, Self::Adding { .. } | Self::Waves { .. })
    }

    /// Whether its rule knows the best answer to a row.
    pub fn knows_best(&self) -> bool {
        matches!(self, Self::Mail { .. } | Self::Clicks { .. } | Self::Drive { .. })
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let noise_at_least_0 = |noise: f64| {
            let fine = noise.is_finite() && noise >= 0.0;
            if fine { Ok(()) } else { Err(Error::parameter("noise", noise, "a number from 0 up")) }
        };
        if let Some(classes) = self.classes().filter(|classes| !(2..=100).contains(classes)) {
            return Err(Error::parameter("classes", classes, "a number from 2 to 100"));
        }
        match *self {
            Self::Adding { steps } | Self::Waves { steps, .. } if !(2..=MOST_STEPS).contains(&steps) => {
                Err(Error::parameter("steps", steps, format!("a number from 2 to {MOST_STEPS}")))
            }
            Self::Adding { .. } => Ok(()),
            Self::Waves { period, .. } if !(period.is_finite() && period >= 2.0) => {
                Err(Error::parameter("period", period, "a number from 2 up"))
            }
            Self::Glyphs { difficulty } => within("difficulty", difficulty, [0.0, 1.0]),
            Self::Spirals { turns, .. } if !(turns > 0.0 && turns <= 100.0) => {
                Err(Error::parameter("turns", turns, "a number above 0, at most 100"))
            }
            Self::Mail { contrast } => within("contrast", contrast, [0.01, 2.0]),
            Self::Clicks { positives } => within("positives", positives, [0.001, 0.5]),
            Self::Drive { beacons, .. } if !(1..=100).contains(&beacons) => {
                Err(Error::parameter("beacons", beacons, "a number from 1 to 100"))
            }
            Self::Drive { noise, .. } => within("noise", noise, [0.5, 50.0]),
            Self::Moons { noise }
            | Self::Rings { noise, .. }
            | Self::Spirals { noise, .. }
            | Self::Blobs { noise, .. }
            | Self::Waves { noise, .. } => noise_at_least_0(noise),
        }
    }
}

fn within(name: &'static str, value: f64, [low, high]: [f64; 2]) -> Result<(), Error> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(Error::parameter(name, value, format!("a number from {low} to {high}")))
}
