//! Runs in the cache × who needs them → what is there, and what may go.
//!
//! A run is needed by the book, in one of its profiles, or by the record. What nobody needs may go; where that is not
//! enough, what is needed goes too, for it can be computed again. Nothing is removed here: that is for whoever has the
//! cache alone.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::store::{Kept, Key};

/// Who needs which runs: names of experiments, by key.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// The experiments of the book, in whichever profile.
    pub book: BTreeMap<Key, String>,
    /// The experiments of the record.
    pub record: BTreeMap<Key, String>,
}

/// Everything a cache holds.
#[derive(Debug, Default)]
pub struct Stock {
    /// The oldest first.
    items: Vec<Item>,
}

/// A run of the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its key.
    pub key: Key,
    /// What its file takes.
    pub size_bytes: u64,
    /// Since it was written; none for one of the future, as a clock that was put back leaves it.
    pub age: Duration,
    /// The experiment that needs it: one of the book, else one of the record.
    pub experiment: Option<String>,
    /// Whether the book needs it.
    pub in_book: bool,
    /// Whether the record needs it.
    pub in_record: bool,
}

/// The runs of one experiment, or those that nobody needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Its name; none for runs that nobody needs.
    pub experiment: Option<String>,
    /// How many.
    pub runs: usize,
    /// What their files take.
    pub size_bytes: u64,
    /// How many of them the book needs.
    pub in_book: usize,
    /// How many of them the record needs.
    pub in_record: usize,
}

/// What a cache is to be brought down to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// Keep younger runs, though nobody needs them.
    pub older_than: Option<Duration>,
    /// Keep no more than this, though somebody needs it.
    pub max_bytes: Option<u64>,
}

impl Stock {
    /// What is kept, with who needs it. `now` is read from a clock that may be wrong: only ages depend on it.
    pub fn of(kept: Vec<Kept>, needs: &Needs, now: SystemTime) -> Self {
        let item = |Kept { key, size_bytes, written }: Kept| {
            let (book, record) = (needs.book.get(&key), needs.record.get(&key));
            Item {
                age: now.duration_since(written).unwrap_or_default(),
                experiment: book.or(record).cloned(),
                in_book: book.is_some(),
                in_record: record.is_some(),
                key,
                size_bytes,
            }
        };
        let mut items: Vec<Item> = kept.into_iter().map(item).collect();
        items.sort_by(|a, b| b.age.cmp(&a.age).then_with(|| a.key.cmp(&b.key)));
        Self { items }
    }

    /// What the files of all runs take.
    pub fn size_bytes(&self) -> u64 {
        self.items.iter().map(|item| item.size_bytes).sum()
    }

    /// The runs by experiment, sorted by name; those that nobody needs come last.
    pub fn groups(&self) -> Vec<Group> {
        let mut groups: BTreeMap<(bool, Option<&String>), Group> = BTreeMap::new();
        for item in &self.items {
            let experiment = item.experiment.as_ref();
            let empty = Group { experiment: experiment.cloned(), runs: 0, size_bytes: 0, in_book: 0, in_record: 0 };
            let group = groups.entry((experiment.is_none(), experiment)).or_insert(empty);
            group.runs += 1;
            group.size_bytes += item.size_bytes;
            group.in_book += usize::from(item.in_book);
            group.in_record += usize::from(item.in_record);
        }
        groups.into_values().collect()
    }

    /// The runs to remove for these limits: first those that nobody needs, unless they are young; then, where too much
    /// would remain, the oldest, the young ones that nobody needs before the others.
    pub fn expendable(&self, limits: &Limits) -> Vec<&Item> {
        let is_old = |item: &&Item| limits.older_than.is_none_or(|age| item.age >= age);
        let is_idle = |item: &&Item| item.experiment.is_none();
        let (mut going, staying): (Vec<_>, Vec<_>) = self.items.iter().partition(|item| is_idle(item) && is_old(item));
        let mut left: u64 = staying.iter().map(|item| item.size_bytes).sum();
        let (idle, needed): (Vec<_>, Vec<_>) = staying.into_iter().partition(is_idle);
        for item in idle.into_iter().chain(needed) {
            if left <= limits.max_bytes.unwrap_or(u64::MAX) {
                break;
            }
            left -= item.size_bytes;
            going.push(item);
        }
        going
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    fn key(name: &str) -> Key {
        Key::of(&serde_json::json!(name))
    }

    /// Runs of 10 bytes: their names, how many days old they are.
    fn stock(runs: &[(&str, u32)], book: &[&str], record: &[&str]) -> Stock {
        let now = SystemTime::UNIX_EPOCH + DAY * 1000;
        let kept = runs.iter().map(|(name, days)| Kept { key: key(name), size_bytes: 10, written: now - DAY * *days });
        let named = |names: &[&str]| names.iter().map(|name| (key(name), format!("of-{name}"))).collect();
        Stock::of(kept.collect(), &Needs { book: named(book), record: named(record) }, now)
    }

    #[track_caller]
    fn check(stock: &Stock, older_than: Option<Duration>, max_bytes: Option<u64>, expected: &[&str]) {
        let going: Vec<_> = stock.expendable(&Limits { older_than, max_bytes }).iter().map(|i| i.key.clone()).collect();
        assert_eq!(going, expected.iter().map(|name| key(name)).collect::<Vec<_>>());
    }

    #[test]
    fn what_nobody_needs_goes_first_and_the_oldest_of_it() {
        let stock = stock(&[("a", 40), ("b", 50), ("c", 1), ("d", 60), ("e", 70)], &["d"], &["e"]);
        check(&stock, None, None, &["b", "a", "c"]);
        check(&stock, Some(DAY * 45), None, &["b"]);
        check(&stock, None, Some(20), &["b", "a", "c"]);
        check(&stock, None, Some(19), &["b", "a", "c", "e"]);
        check(&stock, None, Some(0), &["b", "a", "c", "e", "d"]);
        // The young ones that were spared go before what is needed.
        check(&stock, Some(DAY * 45), Some(30), &["b", "a"]);
        check(&stock, Some(DAY * 45), Some(40), &["b"]);
    }

    #[test]
    fn runs_are_counted_by_who_needs_them() {
        let stock = stock(&[("a", 1), ("b", 1), ("c", 1), ("d", 1)], &["a", "b"], &["b", "c"]);
        let counts: Vec<_> = stock.groups().iter().map(|g| (g.experiment.clone(), g.in_book, g.in_record)).collect();
        let name = |name: &str| Some(name.to_owned());
        assert_eq!(counts, [(name("of-a"), 1, 0), (name("of-b"), 1, 1), (name("of-c"), 0, 1), (None, 0, 0)]);
        assert_eq!(stock.size_bytes(), 40);
    }

    #[test]
    fn a_run_of_the_future_is_young() {
        let now = SystemTime::UNIX_EPOCH;
        let kept = vec![Kept { key: key("a"), size_bytes: 1, written: now + DAY }];
        let stock = Stock::of(kept, &Needs::default(), now);
        assert!(stock.expendable(&Limits { older_than: Some(DAY), max_bytes: None }).is_empty());
    }
}
