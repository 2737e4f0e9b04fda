//! Advertisements that are shown, clicked or not: categories, each as columns of 0 and 1, and few clicks.
//!
//! ```text
//! P(click) = 1 / (1 + exp(−z))
//! z = offset + site + ad + region + hour + device + (taste of the site) · (look of the ad) + (device at that hour)
//! ```
//!
//! Every term is normal, drawn once and for all; taste and look have three coordinates. Sites, ads and regions are the
//! rarer the higher their number (1 / rank). The offset makes the share of clicks what was asked for.

use super::Rule;
use crate::numerics::random::{Draws, Stream};
use crate::numerics::real;

/// Raised when the rows change.
pub(super) const VERSION: u32 = 1;

/// A category: its name, its values, whether some of them are rare, and the standard deviation of its term.
struct Category {
    name: &'static str,
    values: usize,
    ranked: bool,
    deviation: f64,
}

const CATEGORIES: [Category; 5] = [
    Category { name: "site", values: 40, ranked: true, deviation: 0.6 },
    Category { name: "ad", values: 30, ranked: true, deviation: 0.6 },
    Category { name: "region", values: 20, ranked: true, deviation: 0.3 },
    Category { name: "hour", values: 24, ranked: false, deviation: 0.3 },
    Category { name: "device", values: 4, ranked: false, deviation: 0.4 },
];
const SITE: usize = 0;
const AD: usize = 1;
const HOUR: usize = 3;
const DEVICE: usize = 4;

/// Coordinates of a taste, and the standard deviation of each: its product with a look has one of about 1.2.
const COORDINATES: usize = 3;
const TASTE: f64 = 0.84;
/// Standard deviation of the term of a device at an hour.
const TOGETHER: f64 = 0.4;

/// Rows over which the share of clicks is set.
const SETTING: u64 = 8192;

/// A value of each category.
type Shown = [usize; CATEGORIES.len()];

/// The rule for one share of clicks.
#[derive(Debug)]
pub(super) struct Clicks {
    offset: f64,
    /// By category and value.
    terms: Vec<Vec<f64>>,
    /// Distribution functions of the ranked categories; empty for the others.
    reached: Vec<Vec<f64>>,
    taste: Vec<[f64; COORDINATES]>,
    look: Vec<[f64; COORDINATES]>,
    /// By device, then hour.
    together: Vec<f64>,
}

impl Clicks {
    pub(super) fn new(positives: f64) -> Self {
        let world = |purpose| Stream::new(0, purpose).at(0);
        let mut draws = world("clicks: terms");
        let terms = CATEGORIES.iter().map(|c| (0..c.values).map(|_| c.deviation * draws.normal()).collect());
        let terms = terms.collect();
        let coordinates = |purpose, values| {
            let mut draws = world(purpose);
            (0..values).map(|_| std::array::from_fn(|_| TASTE * draws.normal())).collect()
        };
        let mut draws = world("clicks: device and hour");
        let together = CATEGORIES[HOUR].values * CATEGORIES[DEVICE].values;
        let mut clicks = Self {
            offset: 0.0,
            terms,
            reached: CATEGORIES.iter().map(reached).collect(),
            taste: coordinates("clicks: taste", CATEGORIES[SITE].values),
            look: coordinates("clicks: look", CATEGORIES[AD].values),
            together: (0..together).map(|_| TOGETHER * draws.normal()).collect(),
        };
        clicks.offset = clicks.offset_for(positives);
        clicks
    }

    /// The offset at which this share of some advertisements is clicked; the share rises with it, so it is found by halving.
    fn offset_for(&self, positives: f64) -> f64 {
        let stream = Stream::new(0, "clicks: setting");
        let sums: Vec<f64> = (0..SETTING).map(|i| self.sum(self.shown(&mut stream.at(i)))).collect();
        let (mut low, mut high) = (-30.0, 30.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            let share = sums.iter().map(|sum| sigmoid(middle + sum)).sum::<f64>() / SETTING as f64;
            if share < positives { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }

    fn shown(&self, draws: &mut Draws) -> Shown {
        std::array::from_fn(|c| match &self.reached[c][..] {
            [] => draws.below(CATEGORIES[c].values as u64) as usize,
            reached => {
                let u = draws.uniform();
                reached.iter().position(|r| u < *r).unwrap_or(reached.len() - 1)
            }
        })
    }

    /// z without the offset.
    fn sum(&self, shown: Shown) -> f64 {
        let terms: f64 = self.terms.iter().zip(shown).map(|(terms, value)| terms[value]).sum();
        let products = self.taste[shown[SITE]].iter().zip(&self.look[shown[AD]]).map(|(taste, look)| taste * look);
        terms + products.sum::<f64>() + self.together[shown[DEVICE] * CATEGORIES[HOUR].values + shown[HOUR]]
    }
}

impl Rule for Clicks {
    fn columns(&self) -> Vec<String> {
        CATEGORIES.iter().flat_map(|c| (1..=c.values).map(move |value| format!("{} {value}", c.name))).collect()
    }

    fn draw(&self, mut draws: Draws, row: &mut [f32]) -> f64 {
        let shown = self.shown(&mut draws);
        let mut first = 0;
        for (category, value) in CATEGORIES.iter().zip(shown) {
            row[first + value] = 1.0;
            first += category.values;
        }
        if draws.uniform() < sigmoid(self.offset + self.sum(shown)) { 1.0 } else { 0.0 }
    }

    fn best(&self, row: &[f32]) -> f64 {
        let mut rest = row;
        let shown = std::array::from_fn(|c| {
            let (own, others) = rest.split_at(CATEGORIES[c].values);
            rest = others;
            own.iter().position(|x| *x == 1.0).expect("every category has a value")
        });
        self.offset + self.sum(shown)
    }
}

/// Shares that fall as 1 / rank, summed up.
fn reached(category: &Category) -> Vec<f64> {
    let values = if category.ranked { category.values } else { 0 };
    let total: f64 = (1..=values).map(|rank| 1.0 / rank as f64).sum();
    let sums = (1..=values).scan(0.0, |sum, rank| {
        *sum += 1.0 / (rank as f64 * total);
        Some(*sum)
    });
    sums.collect()
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + real::exp(-z))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_clicked_as_asked_for_and_each_row_has_one_value_of_each_category() {
        for positives in [0.03, 0.3] {
            let rule = Clicks::new(positives);
            let stream = Stream::new(5, "rows");
            let mut clicked = 0.0;
            for i in 0..20_000 {
                let mut row = vec![0.0; rule.columns().len()];
                clicked += rule.draw(stream.at(i), &mut row) / 20_000.0;
                assert_eq!(row.iter().sum::<f32>(), CATEGORIES.len() as f32);
            }
            assert!((clicked / positives - 1.0).abs() < 0.1, "{positives}: {clicked}");
        }
    }

    #[test]
    fn a_site_and_an_ad_say_more_together_than_each_alone() {
        let rule = Clicks::new(0.03);
        let z = |site, ad| rule.sum([site, ad, 0, 0, 0]);
        // Of a sum of terms this would be 0 throughout.
        let beyond: Vec<f64> = (1..20).map(|k| z(0, 0) - z(k, 0) - z(0, k) + z(k, k)).collect();
        let spread = real::sqrt(beyond.iter().map(|x| x * x).sum::<f64>() / 19.0);
        assert!(spread > 1.0, "{spread}");
    }
}
