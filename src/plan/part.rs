//! A share of a plan's runs, so that several machines divide them without talking to each other.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use super::Plan;
use crate::store::Key;

/// One of several shares: `2/4` is the second of four.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// From 1 to `count`.
    number: usize,
    count: usize,
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no part: the second of four is written `2/4`");
        let (number, count) = text.split_once('/').ok_or_else(wrong)?;
        let read = |text: &str| text.trim().parse().map_err(|_| wrong());
        let part = Self { number: read(number)?, count: read(count)? };
        if (1..=part.count).contains(&part.number) { Ok(part) } else { Err(wrong()) }
    }
}

impl Plan<'_> {
    /// The keys of a part of the runs. Every run is in one part, the parts have about as much to do by the estimated
    /// operations, and what is cached where changes nothing: all machines with the same book and data agree.
    pub fn part(&self, part: Part) -> BTreeSet<&Key> {
        let costs: BTreeMap<&Key, u64> = self.runs.iter().map(|run| (&run.key, run.cost)).collect();
        let mut costs: Vec<(&Key, u64)> = costs.into_iter().collect();
        costs.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        // The longest run that is left goes to whoever has least to do.
        let mut loads: BTreeSet<(u128, usize)> = (1..=part.count.min(costs.len())).map(|number| (0, number)).collect();
        let mut mine = BTreeSet::new();
        for (key, cost) in costs {
            let (load, number) = loads.pop_first().expect("there is a part for each of the first runs");
            loads.insert((load + u128::from(cost.max(1)), number));
            if number == part.number {
                mine.insert(key);
            }
        }
        mine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_written_as_a_fraction() {
        assert_eq!("2/4".parse(), Ok(Part { number: 2, count: 4 }));
        for wrong in ["", "2", "0/4", "5/4", "-1/4", "1/0", "a/b", "1/2/3"] {
            let error = wrong.parse::<Part>().unwrap_err();
            assert_eq!(error, format!("`{wrong}` is no part: the second of four is written `2/4`"));
        }
    }
}
