//! A tree, grown from the root: classification and regression trees (Breiman, Friedman, Olshen, Stone 1984).
//!
//! A node is split between two neighbouring values of one column, so that both sides are as pure as they can be; of equal
//! splits the one of the first column looked at, and in it the lowest, is taken. It becomes a leaf where it is pure, as
//! deep as allowed, has too few rows, or no column varies in it.

use super::purity::Purity;
use super::ranks::Ranks;
use crate::baselines::Growth;
use crate::numerics::random::Draws;

/// Ranks are sorted by counting where they are spread over at most so many values a row.
const SPREAD: usize = 4;

/// A grown tree; the root is the first node.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// What the leaves say, one after the other: outputs and amounts.
    amounts: Vec<(u32, f64)>,
}

#[derive(Debug, Clone, Copy)]
enum Node {
    /// A row goes on at the next node if its value in the column is not larger than the threshold, else at `right`.
    Split { column: u32, threshold: f32, right: u32 },
    /// Its part of the amounts.
    Leaf { first: u32, end: u32 },
}

/// Which columns are looked at for a split.
#[derive(Debug)]
pub(super) enum Columns {
    /// All, in their order.
    All,
    /// So many drawn anew at each node, and more until one of them varies.
    Drawn(usize, Draws),
}

/// A node that is still to be made.
struct Branch {
    /// Its rows, as a range of the grower's.
    rows: std::ops::Range<usize>,
    depth: u32,
    /// The split whose right side it is.
    parent: Option<usize>,
}

/// The best split of a node so far.
struct Split {
    score: f64,
    column: usize,
    /// Ranks on the left are at most this.
    below: u32,
    /// The lowest rank on the right.
    above: u32,
}

struct Grower<'a, P> {
    ranks: &'a Ranks,
    growth: &'a Growth,
    purity: P,
    columns: Columns,
    /// All columns, in an order that draws change.
    order: Vec<u32>,
    /// Rows by node, increasing within each.
    rows: Vec<u32>,
    /// Rank and row of a node's rows, by column.
    sorted: Vec<(u32, u32)>,
    unsorted: Vec<(u32, u32)>,
    counts: Vec<u32>,
    tree: Tree,
}

/// Grows a tree on some `rows`, increasing.
pub(super) fn grow(ranks: &Ranks, growth: &Growth, purity: impl Purity, columns: Columns, rows: Vec<u32>) -> Tree {
    let all = 0..rows.len();
    let mut grower = Grower {
        ranks,
        growth,
        purity,
        columns,
        order: (0..ranks.columns() as u32).collect(),
        rows,
        sorted: Vec::new(),
        unsorted: Vec::new(),
        counts: Vec::new(),
        tree: Tree::default(),
    };
    // A stack of our own: a tree may be as deep as there are rows. The left side is made first.
    let mut branches = vec![Branch { rows: all, depth: 0, parent: None }];
    while let Some(branch) = branches.pop() {
        let this = grower.tree.nodes.len();
        if let Some(parent) = branch.parent
            && let Node::Split { right, .. } = &mut grower.tree.nodes[parent]
        {
            *right = this as u32;
        }
        if let Some(middle) = grower.node(&branch) {
            let depth = branch.depth + 1;
            branches.push(Branch { rows: middle..branch.rows.end, depth, parent: Some(this) });
            branches.push(Branch { rows: branch.rows.start..middle, depth, parent: None });
        }
    }
    grower.tree
}

impl<P: Purity> Grower<'_, P> {
    /// Makes a node; where it is a split, its rows are parted, and the place is returned where those of the right side begin.
    fn node(&mut self, branch: &Branch) -> Option<usize> {
        let Growth { max_depth, min_samples_split, min_samples_leaf, .. } = *self.growth;
        let rows = branch.rows.clone();
        self.purity.begin(&self.rows[rows.clone()]);
        let ends = self.purity.is_pure()
            || max_depth.is_some_and(|most| branch.depth >= most)
            || rows.len() < min_samples_split as usize
            || rows.len() < 2 * min_samples_leaf as usize;
        let split = if ends { None } else { self.best_split(rows.clone()) };
        let Some(split) = split else {
            let first = self.tree.amounts.len() as u32;
            self.tree.amounts.extend(self.purity.leaf());
            self.tree.nodes.push(Node::Leaf { first, end: self.tree.amounts.len() as u32 });
            return None;
        };
        let threshold = self.ranks.threshold(split.column, split.below, split.above);
        self.tree.nodes.push(Node::Split { column: split.column as u32, threshold, right: 0 });
        Some(self.part(rows, &split))
    }

    /// Puts the rows of the left side before those of the right one, both in their order.
    fn part(&mut self, rows: std::ops::Range<usize>, split: &Split) -> usize {
        let ranks = self.ranks.of_column(split.column);
        let (left, right): (Vec<u32>, Vec<u32>) =
            self.rows[rows.clone()].iter().partition(|&&row| ranks[row as usize] <= split.below);
        let middle = rows.start + left.len();
        self.rows[rows.start..middle].copy_from_slice(&left);
        self.rows[middle..rows.end].copy_from_slice(&right);
        middle
    }

    fn best_split(&mut self, rows: std::ops::Range<usize>) -> Option<Split> {
        let mut best = None;
        let mut varied = false;
        for looked_at in 0..self.order.len() {
            let column = match &mut self.columns {
                Columns::All => looked_at,
                Columns::Drawn(count, _) if varied && looked_at >= *count => break,
                Columns::Drawn(_, draws) => {
                    let drawn = looked_at + draws.below((self.order.len() - looked_at) as u64) as usize;
                    self.order.swap(looked_at, drawn);
                    self.order[looked_at] as usize
                }
            };
            varied |= self.sort(column, rows.clone());
            self.look_at(column, &mut best);
        }
        best
    }

    /// Sorts the rows of a node by their rank in a column, equal ones as they are; nothing where all ranks are the same, and
    /// `false`.
    fn sort(&mut self, column: usize, rows: std::ops::Range<usize>) -> bool {
        let ranks = self.ranks.of_column(column);
        let (mut low, mut high) = (u32::MAX, 0);
        self.unsorted.clear();
        self.unsorted.extend(self.rows[rows].iter().map(|&row| (ranks[row as usize], row)));
        for &(rank, _) in &self.unsorted {
            (low, high) = (low.min(rank), high.max(rank));
        }
        self.sorted.clear();
        if low == high {
            return false;
        }
        let width = (high - low) as usize + 1;
        if width > SPREAD * self.unsorted.len() {
            self.sorted.extend_from_slice(&self.unsorted);
            // Rows increase: they put equal ranks in the same order as counting does.
            self.sorted.sort_unstable();
            return true;
        }
        self.counts.clear();
        self.counts.resize(width, 0);
        self.unsorted.iter().for_each(|(rank, _)| self.counts[(rank - low) as usize] += 1);
        let mut place = 0;
        for count in &mut self.counts {
            (*count, place) = (place, place + *count);
        }
        self.sorted.resize(self.unsorted.len(), (0, 0));
        for &(rank, row) in &self.unsorted {
            let place = &mut self.counts[(rank - low) as usize];
            self.sorted[*place as usize] = (rank, row);
            *place += 1;
        }
        true
    }

    /// Takes the best split of the sorted column, where it is better than the best so far.
    fn look_at(&mut self, column: usize, best: &mut Option<Split>) {
        let least = self.growth.min_samples_leaf as usize;
        self.purity.restart();
        for (left, pair) in (1..).zip(self.sorted.windows(2)) {
            let [(below, row), (above, _)] = [pair[0], pair[1]];
            self.purity.shift(row);
            if below == above || left < least || self.sorted.len() - left < least {
                continue;
            }
            let score = self.purity.score();
            if best.as_ref().is_none_or(|best| score > best.score) {
                *best = Some(Split { score, column, below, above });
            }
        }
    }
}

impl Tree {
    /// Number of nodes.
    pub(super) fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Outputs and amounts that the tree says of a row.
    pub(super) fn says(&self, x: &[f32]) -> &[(u32, f64)] {
        let mut node = 0;
        loop {
            match self.nodes[node] {
                Node::Split { column, threshold, right } => {
                    node = if x[column as usize] <= threshold { node + 1 } else { right as usize };
                }
                Node::Leaf { first, end } => return &self.amounts[first as usize..end as usize],
            }
        }
    }
}
