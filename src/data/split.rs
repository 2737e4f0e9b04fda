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
