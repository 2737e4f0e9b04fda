//! The verbs around the cache.

use std::path::Path;
use std::time::SystemTime;

use bytesize::ByteSize;
use serde_json::json;

use super::commands::{failed, open, print};
use super::{CacheVerb, Exit, TextFormat};
use crate::cache::{Group, Limits, Stock};
use crate::desk::{self, Desk};

/// `labbook cache`
pub(super) fn cache(book: &Path, verb: &CacheVerb) -> Exit {
    let (desk, exit) = open(book, None);
    let Some(desk) = desk.filter(|_| exit == Exit::Fine) else { return exit };
    let done = match verb {
        CacheVerb::List { format } => list(&desk, *format),
        CacheVerb::Gc { older_than, max_size, dry_run, format } => {
            let limits = Limits { older_than: *older_than, max_bytes: max_size.map(|size| size.as_u64()) };
            remove(&desk, &limits, *dry_run, *format)
        }
    };
    done.unwrap_or_else(|error| failed(&error.to_string()))
}

fn stock(desk: &Desk) -> Result<Stock, desk::Error> {
    Ok(Stock::of(desk.store.kept()?, &desk.needs()?, SystemTime::now()))
}

fn list(desk: &Desk, format: TextFormat) -> Result<Exit, desk::Error> {
    let stock = stock(desk)?;
    let (groups, data) = (stock.groups(), desk.store.data_size()?);
    Ok(match format {
        TextFormat::Json => {
            let all = json!({ "experiments": groups, "runs_bytes": stock.size_bytes(), "data_bytes": data });
            print(&format!("{all:#}\n"))
        }
        TextFormat::Text => print(&table(&groups, &stock, data)),
    })
}

fn table(groups: &[Group], stock: &Stock, data: u64) -> String {
    let name = |group: &Group| group.experiment.clone().unwrap_or_else(|| "(needed by nothing)".into());
    let width = groups.iter().map(|group| name(group).chars().count()).chain([10]).max().unwrap_or(0);
    let line = |name: &str, runs: &str, size: &str, book: &str, record: &str| {
        format!("{name:<width$}  {runs:>7}  {size:>10}  {book:>11}  {record:>13}\n")
    };
    let mut text = line("experiment", "runs", "size", "in the book", "in the record");
    for group in groups {
        let (runs, size) = (group.runs.to_string(), ByteSize(group.size_bytes).to_string());
        text += &line(&name(group), &runs, &size, &group.in_book.to_string(), &group.in_record.to_string());
    }
    let runs: usize = groups.iter().map(|group| group.runs).sum();
    text + &format!("{runs} runs, {}; pulled data, {}\n", ByteSize(stock.size_bytes()), ByteSize(data))
}

fn remove(desk: &Desk, limits: &Limits, dry_run: bool, format: TextFormat) -> Result<Exit, desk::Error> {
    let Some(_alone) = desk.store.claim()? else {
        return Ok(failed("another labbook is using the cache of this book; try again when it has ended"));
    };
    let stock = stock(desk)?;
    let going = stock.expendable(limits);
    if !dry_run {
        going.iter().try_for_each(|item| desk.store.remove(&item.key))?;
    }
    let freed: u64 = going.iter().map(|item| item.size_bytes).sum();
    let left = stock.size_bytes() - freed;
    let needed = going.iter().filter(|item| item.experiment.is_some()).count();
    Ok(match format {
        TextFormat::Json => {
            let keys: Vec<_> = going.iter().map(|item| item.key.as_str()).collect();
            let all = json!({ "removed": keys, "needed": needed, "freed_bytes": freed, "left_bytes": left, "dry_run": dry_run });
            print(&format!("{all:#}\n"))
        }
        TextFormat::Text => {
            let would = if dry_run { "would be removed" } else { "removed" };
            let again = if needed == 0 { String::new() } else { format!(" ({needed} of them needed: they run again)") };
            let (freed, left) = (ByteSize(freed), ByteSize(left));
            print(&format!("{} runs {would}{again}, {freed}; {left} left\n", going.len()))
        }
    })
}
