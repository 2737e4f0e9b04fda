//! The runs of an experiment, sorted by the axes that a figure or a table shows.

use crate::experiment::Value;
use crate::experiment::figure::Filter;
use crate::run::ExperimentResults;
use crate::store::Record;

/// The runs that agree on the shown axes: usually one grid point, all seeds.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    /// One value for each shown axis.
    pub at: Vec<Value>,
    /// The runs, by grid point and seed.
    pub records: Vec<&'a Record>,
    /// How many runs are not there (not run, or failed).
    pub absent: usize,
}

/// Sorts the runs that pass the filters by `axes`, in the order the axes declare their values.
pub fn group<'a>(results: &'a ExperimentResults, axes: &[&str], filters: &[Filter]) -> Vec<Group<'a>> {
    let columns: Vec<usize> =
        axes.iter().filter_map(|name| results.axes.iter().position(|a| a.name == *name)).collect();
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (point, values) in results.points.iter().enumerate() {
        if !passes(results, values, filters) {
            continue;
        }
        let at: Vec<Value> = columns.iter().map(|&c| values[c].clone()).collect();
        let slot = groups.iter().position(|g| g.at == at).unwrap_or_else(|| {
            groups.push(Group { at, records: Vec::new(), absent: 0 });
            groups.len() - 1
        });
        for &seed in results.seeds.iter().filter(|&&seed| seed_passes(seed, filters)) {
            match results.record(point, seed) {
                Some(record) => groups[slot].records.push(record),
                None => groups[slot].absent += 1,
            }
        }
    }
    groups
}

fn passes(results: &ExperimentResults, values: &[Value], filters: &[Filter]) -> bool {
    let axes = results.axes.iter().zip(values);
    axes.into_iter().all(|(axis, value)| {
        filters.iter().filter(|f| f.axis == axis.name).all(|f| f.values.iter().any(|wanted| wanted.same(value)))
    })
}

fn seed_passes(seed: u64, filters: &[Filter]) -> bool {
    let seed = Value::Integer(seed as i64);
    filters.iter().filter(|f| f.axis == "seed").all(|f| f.values.iter().any(|wanted| wanted.same(&seed)))
}
