//! A table as declared, and results → printed cells, and the numbers behind them.

use super::chart::quantity_title;
use super::numbers::Numbers;
use super::words;
use crate::analysis::{Estimate, Moment, evaluate, group};
use crate::experiment::Value;
use crate::experiment::figure::{Columns, Filter, Quantity, Table};
use crate::experiment::measure::Unit;
use crate::render::{Cell, Grid, Words};
use crate::run::ExperimentResults;

/// Makes the cells of a table.
pub fn of_experiment(table: &Table, results: &ExperimentResults, words: &Words) -> (Grid, Numbers) {
    let sides = group(results, &[&table.rows], &table.filters);
    let mut numbers = Numbers::of_columns([table.rows.as_str(), "column", "mean", "ci95 low", "ci95 high", "n"]);
    let columns: Vec<(String, Vec<Filter>, &Quantity)> = match &table.columns {
        Columns::Quantities(quantities) => {
            quantities.iter().map(|q| (quantity_title(&q.text, words), table.filters.clone(), q)).collect()
        }
        Columns::Axis(axis, quantity) => {
            let values = group(results, &[axis], &table.filters).into_iter();
            let column = |value: Value| {
                let only = Filter { axis: axis.clone(), values: vec![value.clone()] };
                (self::words::setting(axis, &value), [table.filters.as_slice(), &[only]].concat(), quantity)
            };
            values.map(|g| column(g.at[0].clone())).collect()
        }
    };
    let header =
        std::iter::once(self::words::axis(&table.rows, words)).chain(columns.iter().map(|c| c.0.clone())).collect();
    let mut rows = Vec::new();
    for side in &sides {
        let mut row = vec![Cell { text: self::words::value(&side.at[0]), title: String::new() }];
        for (name, filters, quantity) in &columns {
            let groups = group(results, &[&table.rows], filters);
            let records = groups.iter().filter(|g| g.at == side.at).flat_map(|g| &g.records);
            let estimate = Estimate::of(records.map(|r| evaluate::of_run(&quantity.expr, moment(filters, r))));
            row.push(cell(&estimate, quantity.expr.unit(), words));
            let interval = estimate.half_width().zip(estimate.mean()).map(|(half, mean)| [mean - half, mean + half]);
            let mut kept = vec![Some(side.at[0].clone()), Some(Value::Text(name.clone()))];
            kept.push(estimate.mean().map(Value::Float));
            kept.extend((0..2).map(|end| interval.map(|i| Value::Float(i[end]))));
            kept.push(Some(Value::Integer(estimate.n() as i64)));
            numbers.rows.push(kept);
        }
        rows.push(row);
    }
    (Grid { header, rows }, numbers)
}

fn moment<'r>(filters: &[Filter], record: &'r crate::store::Record) -> Moment<'r> {
    let fixed = |axis: &str| {
        let filter = filters.iter().find(|f| f.axis == axis);
        filter.and_then(|f| f.values.first()?.number()).map(|n| n as u32)
    };
    Moment { record, layer: fixed("layer"), epoch: fixed("epoch") }
}

fn cell(estimate: &Estimate, unit: Unit, words: &Words) -> Cell {
    let seeds = estimate.n() + estimate.missing;
    let title = match (estimate.n(), estimate.missing) {
        (0, 0) => words.word("not run").to_owned(),
        (1, 0) => words.word("one seed: its uncertainty is not known").to_owned(),
        (n, 0) => words.say("mean of {n} seeds and its 95 % interval", &[("n", &n)]),
        (n, _) => {
            let phrase = "{n} of {seeds} seeds have a value; mean and 95 % interval of those";
            words.say(phrase, &[("n", &n), ("seeds", &seeds)])
        }
    };
    Cell { text: estimate.print_with(unit, &self::words::sign(unit, words)), title }
}
