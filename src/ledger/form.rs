//! How results of record are written, and read back.
//!
//! JSON laid out for version control: keys sorted, one fact a line, one run after the other by parameters and seed, and
//! the closing bracket of each on a line of its own, so that a run more or less touches no line of its neighbours.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Recorded, RecordedData, RecordedRun};
use crate::store::{Course, DecisionField, Ending, Group, Key, Record, Text};

/// Raised when the form changes, so that an older program says so instead of reading it wrongly.
const FORMAT: u32 = 1;

/// What to do about a damaged file.
const TAKE_BACK: &str = "take the file from version control, or delete it and write it again with `labbook record`";

/// What is wrong with a file, and where.
#[derive(Debug)]
pub struct Fault {
    /// Bytes of its text.
    pub range: Range<usize>,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
}

/// A whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "checked before anything else is read")]
    format: u32,
    #[expect(dead_code, reason = "for people: the name of the file is what counts")]
    experiment: String,
    data: BTreeMap<String, Data>,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    description: Json,
    facts: Json,
    checksum: String,
}

/// The only thing that every version has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    params: BTreeMap<String, Json>,
    seed: u64,
    data: String,
    key: Key,
    version: Json,
    checksum: String,
    ending: Ending,
    #[serde(default)]
    chosen: BTreeMap<String, Json>,
    finals: BTreeMap<String, Option<f64>>,
    #[serde(default)]
    courses: Vec<Course>,
    #[serde(default)]
    texts: Vec<Text>,
    #[serde(default)]
    classes: Vec<String>,
    #[serde(default)]
    confusion: Vec<Vec<u32>>,
    #[serde(default)]
    reliability: Vec<Group>,
    #[serde(default)]
    decision: Option<DecisionField>,
}

/// Reads a file.
pub fn parse(text: &str) -> Result<Recorded, Fault> {
    if let Some(range) = conflict(text) {
        let message = "a merge left conflict markers in these results".to_owned();
        let hint = "keep the runs of one side, or delete the file and write it again with `labbook record`";
        return Err(Fault { range, message, hint });
    }
    let unreadable = |error: serde_json::Error| Fault {
        range: place(text, error.line(), error.column()),
        message: format!("these results of record cannot be read: {error}"),
        hint: TAKE_BACK,
    };
    let Format { format } = serde_json::from_str(text).map_err(unreadable)?;
    if format != FORMAT {
        return Err(Fault {
            range: 0..0,
            message: format!("these results of record are of format {format}; this labbook reads format {FORMAT}"),
            hint: "use the labbook that wrote them, or delete the file and write it again with `labbook record`",
        });
    }
    let File { data, runs, .. } = serde_json::from_str(text).map_err(unreadable)?;
    let mut recorded = Recorded { data: BTreeMap::new(), runs: runs.into_iter().map(RecordedRun::from).collect() };
    for (name, Data { description, facts, checksum }) in data {
        let data = RecordedData { description, facts };
        if data_checksum(&name, &data) != checksum {
            let message = format!("what is recorded of the data `{name}` was edited: its checksum is another");
            return Err(Fault { range: find(text, &format!("{}: {{", json(&name))), message, hint: TAKE_BACK });
        }
        recorded.data.insert(name, data);
    }
    for run in &recorded.runs {
        if let Some(reason) = run.result.fault() {
            let message = format!("these results cannot be: {reason}");
            return Err(Fault { range: find(text, run.key.as_str()), message, hint: TAKE_BACK });
        }
    }
    recorded.sort();
    Ok(recorded)
}

impl From<Run> for RecordedRun {
    fn from(run: Run) -> Self {
        let result = Record {
            ending: run.ending,
            chosen: run.chosen,
            finals: run.finals,
            courses: run.courses,
            texts: run.texts,
            classes: run.classes,
            confusion: run.confusion,
            reliability: run.reliability,
            decision: run.decision,
            ..Record::empty(Json::Null)
        };
        let (params, seed, data, key, version) = (run.params, run.seed, run.data, run.key, run.version);
        let mut read = Self { params, seed, data, key, version, result, edited: None };
        if checksum(&read, &lines(&read.result)) != run.checksum {
            read.edited = Some(run.checksum);
        }
        read
    }
}

/// The bytes of the line on which a conflict begins.
pub fn conflict(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|marker| line.starts_with(marker)) {
            return Some(start..start + line.trim_end().len());
        }
        start += line.len();
    }
    None
}

/// Where some words first stand.
fn find(text: &str, words: &str) -> Range<usize> {
    let start = text.find(words).unwrap_or(0);
    start..(start + words.len()).min(text.len())
}

/// The byte at a line and column, both from 1.
fn place(text: &str, line: usize, column: usize) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let at = (start + column.saturating_sub(1)).min(text.len());
    at..at
}

/// Tells whether a run is as it was recorded: taken over the lines as they are written, so that a kind of result that is
/// invented later changes no checksum of those without it.
fn checksum(run: &RecordedRun, lines: &[String]) -> String {
    let head = [json(&run.params), json(&run.seed), json(&run.data), json(&run.version)].join(" ");
    short_digest(&format!("{} {head}\n{}", run.key.as_str(), lines.join("\n")))
}

/// The same of what is recorded of a dataset.
fn data_checksum(name: &str, data: &RecordedData) -> String {
    short_digest(&format!("{name}\n{}\n{}", json(&data.description), json(&data.facts)))
}

fn short_digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

/// Runs by their parameters in the order of their names, then by seed.
pub fn order(a: &RecordedRun, b: &RecordedRun) -> Ordering {
    order_of_names((&a.params, a.seed), (&b.params, b.seed)).then_with(|| a.key.cmp(&b.key))
}

/// The order of runs as far as their parameters and seeds tell.
pub fn order_of_names(a: (&BTreeMap<String, Json>, u64), b: (&BTreeMap<String, Json>, u64)) -> Ordering {
    let value = |a: &Json, b: &Json| match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.to_string().cmp(&b.to_string()),
    };
    let params = a.0.iter().zip(b.0).map(|(a, b)| a.0.cmp(b.0).then_with(|| value(a.1, b.1)));
    params.fold(Ordering::Equal, Ordering::then).then(a.0.len().cmp(&b.0.len())).then(a.1.cmp(&b.1))
}

/// The text of a file.
pub fn text(experiment: &str, recorded: &Recorded) -> String {
    let data = recorded.data.iter().map(|(name, data)| {
        let checksum = field("checksum", &data_checksum(name, data));
        let lines = [field("description", &data.description), field("facts", &data.facts), checksum];
        format!("    {}: {{\n      {}\n    }}", json(name), lines.join(",\n      "))
    });
    let runs = recorded.runs.iter().map(run);
    format!(
        "{{\n  \"format\": {FORMAT},\n  \"experiment\": {},\n  \"data\": {},\n  \"runs\": {}\n}}\n",
        json(&experiment),
        block(data, ["{", "}"], "  "),
        block(runs, ["[", "]"], "  "),
    )
}

fn run(run: &RecordedRun) -> String {
    let result = lines(&run.result);
    let signed = run.edited.clone().unwrap_or_else(|| checksum(run, &result));
    let mut lines = vec![
        [field("params", &run.params), field("seed", &run.seed), field("data", &run.data)].join(", "),
        field("key", &run.key),
        [field("version", &run.version), field("checksum", &signed)].join(", "),
    ];
    lines.extend(result);
    format!("    {{\n      {}\n    }}", lines.join(",\n      "))
}

/// What a run gave, one fact a line; what it has not is left out.
fn lines(result: &Record) -> Vec<String> {
    let mut lines = vec![field("ending", &result.ending), field("finals", &result.finals)];
    if !result.chosen.is_empty() {
        lines.push(field("chosen", &result.chosen));
    }
    if !result.courses.is_empty() {
        let courses = result.courses.iter().map(|course| format!("        {}", json(course)));
        lines.push(format!("\"courses\": {}", block(courses, ["[", "]"], "      ")));
    }
    if !result.texts.is_empty() {
        let texts = result.texts.iter().map(|text| format!("        {}", json(text)));
        lines.push(format!("\"texts\": {}", block(texts, ["[", "]"], "      ")));
    }
    if !result.classes.is_empty() {
        lines.push(field("classes", &result.classes));
        lines.push(field("confusion", &result.confusion));
    }
    if !result.reliability.is_empty() {
        lines.push(field("reliability", &result.reliability));
    }
    lines.extend(result.decision.as_ref().map(|decision| field("decision", decision)));
    lines
}

fn field(name: &str, value: &impl Serialize) -> String {
    format!("\"{name}\": {}", json(value))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("results are plain data")
}

/// Items one below the other between brackets.
fn block(items: impl Iterator<Item = String>, [open, close]: [&str; 2], indent: &str) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { format!("{open}{close}") } else { format!("{open}\n{}\n{indent}{close}", items.join(",\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(seeds: &[u64]) -> Recorded {
        let run = |&seed: &u64| {
            let mut result = Record::empty(Json::Null);
            result.finals.insert("test_accuracy".into(), Some(0.1 + 0.2));
            result.finals.insert("test_loss".into(), None);
            let (epochs, values) = (vec![0, 1], vec![Some(2.5), Some(1e-7)]);
            result.courses.push(Course { measure: "train_loss".into(), layer: None, epochs, values });
            RecordedRun {
                params: BTreeMap::from([("m".into(), 100.into()), ("model".into(), "net".into())]),
                seed,
                data: "rows".into(),
                key: Key::of(&seed.into()),
                version: serde_json::json!({"model": 1, "run": 1}),
                result,
                edited: None,
            }
        };
        let data = RecordedData { description: serde_json::json!({"spec": 1}), facts: serde_json::json!({"rows": 2}) };
        let data = BTreeMap::from([("rows".to_owned(), data)]);
        Recorded { data, runs: seeds.iter().map(run).collect() }
    }

    #[test]
    fn what_is_written_reads_back_to_the_bit_and_is_written_the_same() {
        let before = recorded(&[1, 2, 10]);
        let text = text("e", &before);
        let after = parse(&text).expect("just written");
        assert_eq!(after, before);
        assert_eq!(super::text("e", &after), text);
        assert!(text.contains("0.30000000000000004") && !text.contains('\r') && text.ends_with("}\n"));
        // Line ends that an editor or version control changed change nothing that is read.
        assert_eq!(parse(&text.replace('\n', "\r\n")).expect("JSON"), before);
    }

    #[test]
    fn runs_stand_in_the_order_of_their_parameters_and_seeds() {
        let (mut shuffled, sorted) = (recorded(&[10, 1, 2]), recorded(&[1, 2, 10]));
        shuffled.sort();
        assert_eq!(shuffled, sorted);
    }

    #[test]
    fn one_run_more_touches_no_line_of_its_neighbours() {
        let lines = |seeds: &[u64]| text("e", &recorded(seeds)).lines().map(str::to_owned).collect::<Vec<_>>();
        let (fewer, more) = (lines(&[1, 3]), lines(&[1, 2, 3]));
        assert!(fewer.iter().all(|line| more.contains(line)));
    }

    #[test]
    fn an_edited_number_is_noticed() {
        let text = text("e", &recorded(&[1]));
        assert!(!parse(&text).expect("JSON").runs[0].is_edited());
        for (was, is) in [
            ("2.5", "2.25"),
            ("\"seed\": 1,", "\"seed\": 2,"),
            ("{\"m\":100", "{\"m\":101"),
            ("\"run\":1", "\"run\":2"),
        ] {
            let edited = parse(&text.replace(was, is)).expect("JSON");
            assert!(edited.runs[0].is_edited(), "{was}");
            // Writing it again gives it no new checksum.
            assert!(parse(&super::text("e", &edited)).expect("JSON").runs[0].is_edited(), "{was}");
        }
        let fault = parse(&text.replace("\"rows\":2", "\"rows\":3")).expect_err("edited");
        assert!(fault.message.contains("what is recorded of the data `rows` was edited"), "{}", fault.message);
    }

    #[test]
    fn results_that_cannot_be_are_refused() {
        let text = text("e", &recorded(&[1]));
        let fault = parse(&text.replace("[2.5,1e-7]", "[2.5]")).expect_err("shorter");
        assert!(fault.message.contains("as many values as epochs"), "{}", fault.message);
        assert!(text[fault.range.start..].starts_with(Key::of(&1.into()).as_str()));
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_place() {
        let good = text("e", &recorded(&[1, 2]));
        let check = |text: &str, words: &str, at: &str| {
            let fault = parse(text).expect_err("damaged");
            assert!(fault.message.contains(words), "{}", fault.message);
            assert!(text[fault.range.start..].starts_with(at), "{}", &text[fault.range.start..]);
        };
        let (head, rest) = good.split_at(good.find("    {\n      \"params\"").expect("a run"));
        let merged = format!("{head}<<<<<<< ours\n{rest}=======\n{rest}>>>>>>> theirs\n");
        check(&merged, "conflict markers", "<<<<<<< ours");
        check(&good.replace("\"seed\": 1", "\"seed\": x"), "expected value", "x");
        check(&good.replace("\"format\": 1", "\"format\": 9"), "format 9", "{");
        check(&good[..good.len() - 20], "EOF", "");
    }
}
