//! Which rows are for training, for choosing and for the final judgement: exact, seeded, disjoint.

use std::collections::HashMap;

use super::spec::{Amount, Split};
use super::{Error, Target};
use crate::numerics::random::Stream;

/// The training pool and the test rows of a set of `rows` rows, the last `own_test` of which are a test part of its own.
pub(super) fn split(
    split: &Split,
    target: &Target,
    rows: usize,
    own_test: Option<usize>,
) -> Result<(Vec<u32>, Vec<u32>), Error> {
    let order = |range: std::ops::Range<usize>| {
        let mut order: Vec<u32> = range.map(|i| i as u32).collect();
        if let Some(seed) = split.shuffle {
            Stream::new(seed, "split").at(0).shuffle(&mut order);
        }
        order
    };
    let groups = |order: &[u32]| group(order, target, split.stratify);
    if let Some(own) = own_test {
        let (train, test) = (order(0..rows - own), order(rows - own..rows));
        let train_rows = amount("train", split.train, train.len(), train.len())?;
        let test_rows = amount("test", split.test, test.len(), test.len())?;
        return Ok((take(groups(&train)?, train_rows).0, take(groups(&test)?, test_rows).0));
    }
    let (train_rows, test_rows) = sizes(split, rows)?;
    let (train, rest) = take(groups(&order(0..rows))?, train_rows);
    let (test, _) = take(rest, test_rows);
    Ok((train, test))
}

/// Rows of the training and the test part where both come from the same `rows` rows.
fn sizes(split: &Split, rows: usize) -> Result<(usize, usize), Error> {
    let fifth = Some(Amount::Share(0.2));
    let (train, test) = match (split.train, split.test) {
        (None, test) => {
            let test = amount("test", test.or(fifth), rows, 0)?;
            (rows - test, test)
        }
        (Some(_), None) => {
            let train = amount("train", split.train, rows, 0)?;
            (train, rows - train)
        }
        (Some(_), Some(_)) => (amount("train", split.train, rows, 0)?, amount("test", split.test, rows, 0)?),
    };
    for (part, n) in [("train", train), ("test", test)] {
        if n == 0 {
            return Err(Error::NoRows { part });
        }
    }
    if train + test > rows {
        return Err(Error::TooMany { part: "test", asked: test, available: rows - train });
    }
    Ok((train, test))
}

/// An amount as a number of rows out of `available`.
fn amount(part: &'static str, asked: Option<Amount>, available: usize, otherwise: usize) -> Result<usize, Error> {
    let rows = match asked {
        None => otherwise,
        Some(Amount::Rows(rows)) => rows,
        Some(Amount::Share(share)) => (share * available as f64).round() as usize,
    };
    match rows {
        0 => Err(Error::NoRows { part }),
        _ if rows > available => Err(Error::TooMany { part, asked: rows, available }),
        _ => Ok(rows),
    }
}

/// The rows of each class where the split is stratified, else all in one group.
fn group(order: &[u32], target: &Target, stratify: bool) -> Result<Vec<Vec<u32>>, Error> {
    let (true, Target::Classes { labels, names }) = (stratify, target) else {
        if stratify {
            return Err(Error::parameter("stratify", true, "left out: a regression has no classes"));
        }
        return Ok(vec![order.to_vec()]);
    };
    let mut groups = vec![Vec::new(); names.len()];
    for &row in order {
        groups[labels[row as usize] as usize].push(row);
    }
    match groups.iter().position(|g| g.len() == 1) {
        Some(class) => Err(Error::LoneRow { class: names[class].clone() }),
        None => Ok(groups),
    }
}

/// Takes `n` rows from the groups, from each in proportion to its size, and returns what is left as well.
///
/// Shares are rounded by largest remainder, so that each is exact to within one row and they add up to `n`.
fn take(mut groups: Vec<Vec<u32>>, n: usize) -> (Vec<u32>, Vec<Vec<u32>>) {
    let total: usize = groups.iter().map(Vec::len).sum();
    let share = |len: usize| (len as u128 * n as u128) / total.max(1) as u128;
    let remainder = |len: usize| (len as u128 * n as u128) % total.max(1) as u128;
    let mut counts: Vec<usize> = groups.iter().map(|g| share(g.len()) as usize).collect();
    let mut by_remainder: Vec<usize> = (0..groups.len()).collect();
    by_remainder.sort_by_key(|&g| std::cmp::Reverse(remainder(groups[g].len())));
    let missing = n - counts.iter().sum::<usize>();
    for &g in by_remainder.iter().take(missing) {
        counts[g] += 1;
    }
    let taken = groups.iter_mut().zip(&counts).flat_map(|(g, &n)| g.drain(..n).collect::<Vec<_>>()).collect();
    (taken, groups)
}

/// The first `m` positions of a permutation of `0..pool` under `seed`: subsets of growing `m` are nested.
///
/// A forward Fisher–Yates shuffle that stops after `m` steps and stores only the places it has touched.
pub(super) fn subset(pool: usize, m: usize, seed: u64) -> Vec<u32> {
    let mut draws = Stream::new(seed, "subset").at(0);
    // Looked up only, never iterated: its order cannot matter.
    let mut moved: HashMap<u32, u32> = HashMap::new();
    let mut pick = |i: usize| {
        let j = (i as u64 + draws.below((pool - i) as u64)) as u32;
        let i = i as u32;
        let at_i = moved.remove(&i).unwrap_or(i);
        if j == i { at_i } else { moved.insert(j, at_i).unwrap_or(j) }
    };
    (0..m).map(&mut pick).collect()
}

/// Parts `share` of the rows off for validation, evenly along the order, so that both parts stay nested as `m` grows.
pub(super) fn part_off(order: Vec<u32>, share: f64) -> (Vec<u32>, Vec<u32>) {
    // Position j is for validation where the running count ⌊(j+1)·share⌋ steps up; 1e-9 forgives shares such as 0.29.
    let count = |j: usize| (j as f64 * share + 1e-9).floor();
    let (mut train, mut valid) = (Vec::new(), Vec::new());
    for (j, row) in order.into_iter().enumerate() {
        if count(j + 1) > count(j) { valid.push(row) } else { train.push(row) }
    }
    (train, valid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn target(rows: usize, classes: usize) -> Target {
        let labels = (0..rows).map(|row| (row * row % classes) as u32).collect();
        Target::Classes { labels, names: (0..classes).map(|c| c.to_string()).collect() }
    }

    fn check(asked: Split, rows: usize, own_test: Option<usize>, expected: Result<(usize, usize), &str>) {
        let parts = split(&asked, &target(rows, 2), rows, own_test);
        let found = parts.map(|(train, test)| (train.len(), test.len())).map_err(|e| e.to_string());
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    #[test]
    fn sizes_are_as_asked_or_refused() {
        let of = |train, test| Split { train, test, ..Split::default() };
        let (rows, share) = (|n| Some(Amount::Rows(n)), |s| Some(Amount::Share(s)));
        check(of(None, None), 10, None, Ok((8, 2)));
        check(of(None, rows(3)), 10, None, Ok((7, 3)));
        check(of(share(0.7), None), 10, None, Ok((7, 3)));
        check(of(rows(5), rows(2)), 10, None, Ok((5, 2)));
        check(of(None, None), 10, Some(4), Ok((6, 4)));
        check(of(rows(5), share(0.5)), 10, Some(4), Ok((5, 2)));
        check(of(rows(8), rows(3)), 10, None, Err("3 rows are asked for the test part, where there are 2"));
        check(of(rows(11), None), 10, None, Err("11 rows are asked for the train part, where there are 10"));
        check(of(rows(10), None), 10, None, Err("no rows are left for the test part"));
        check(of(share(0.01), None), 10, None, Err("no rows are left for the train part"));
        check(of(rows(7), None), 10, Some(4), Err("7 rows are asked for the train part, where there are 6"));
    }

    #[test]
    fn without_shuffling_the_order_of_the_file_stays() {
        let asked = Split { train: Some(Amount::Rows(3)), test: Some(Amount::Rows(2)), shuffle: None, stratify: false };
        assert_eq!(split(&asked, &target(6, 2), 6, None).expect("it fits"), (vec![0, 1, 2], vec![3, 4]));
    }

    #[test]
    fn a_class_of_one_row_cannot_be_stratified() {
        let names = vec!["a".to_owned(), "b".to_owned()];
        let target = Target::Classes { labels: vec![0, 0, 1, 0], names };
        let error = split(&Split { stratify: true, ..Split::default() }, &target, 4, None).expect_err("b has one row");
        assert_eq!(
            error.to_string(),
            "class `b` has only one row, which cannot be both in the training and the test part"
        );
    }

    proptest! {
        #[test]
        fn parts_are_exact_disjoint_and_stratified(
            rows in 20usize..200, classes in 2usize..4, share in 0.1f64..0.9, seed: u64, stratify: bool,
        ) {
            let target = target(rows, classes);
            let asked = Split { train: None, test: Some(Amount::Share(share)), shuffle: Some(seed), stratify };
            let (train, test) = split(&asked, &target, rows, None).expect("both parts have rows");
            prop_assert_eq!(test.len(), (share * rows as f64).round() as usize);
            let all: BTreeSet<u32> = train.iter().chain(&test).copied().collect();
            prop_assert_eq!((train.len() + test.len(), all.len()), (rows, rows));
            let Target::Classes { labels, .. } = &target else { unreachable!() };
            for class in 0..classes as u32 {
                let count = |part: &[u32]| part.iter().filter(|&&row| labels[row as usize] == class).count() as f64;
                let fair = (count(&train) + count(&test)) * test.len() as f64 / rows as f64;
                prop_assert!(!stratify || (count(&test) - fair).abs() <= 1.0);
            }
        }

        #[test]
        fn subsets_are_nested_and_without_repetition(pool in 1usize..300, seed: u64, m in 0.0f64..1.0, v in 0.05f64..0.95) {
            let m = (m * pool as f64) as usize;
            let (small, all) = (subset(pool, m, seed), subset(pool, pool, seed));
            prop_assert_eq!(&small[..], &all[..m]);
            prop_assert_eq!(all.iter().copied().collect::<BTreeSet<u32>>(), (0..pool as u32).collect());
            let ((train, valid), (more_train, more_valid)) = (part_off(small, v), part_off(all, v));
            prop_assert_eq!(valid.len(), (m as f64 * v + 1e-9).floor() as usize);
            prop_assert_eq!(train.len() + valid.len(), m);
            prop_assert!(more_train.starts_with(&train) && more_valid.starts_with(&valid));
        }
    }
}
