use crate::diagnostic::{Diagnostics, Sources, Span};

use super::*;

/// The diagnostics as `line:column: message | hint`.
fn told(sources: &Sources, diagnostics: &Diagnostics) -> Vec<String> {
    let tell = |d: &&crate::diagnostic::Diagnostic| {
        let at = crate::diagnostic::line_column(sources, d.span.expect("every one has a place"));
        let hint = d.hint.as_ref().map_or(String::new(), |h| format!(" | {h}"));
        format!("{}:{}: {}{hint}", at.line, at.column, d.message)
    };
    diagnostics.sorted().iter().map(tell).collect()
}

fn read(text: &str, take: impl FnOnce(Fields)) -> Vec<String> {
    let mut sources = Sources::default();
    let file = sources.add("book.toml", text);
    let mut diagnostics = Diagnostics::default();
    if let Some(table) = parse(text, &|range| Span::new(file, range), &mut diagnostics) {
        take(Fields::new(&table, "experiment `scale`", Span::new(file, 0..1), &mut diagnostics));
    }
    told(&sources, &diagnostics)
}

#[track_caller]
fn check(text: &str, take: impl FnOnce(Fields), expected: &[&str]) {
    assert_eq!(read(text, take), expected, "{text}");
}

/// Takes nothing and reports nothing.
fn ignore(fields: Fields) {
    fields.rest();
}

#[test]
fn syntax_errors_are_told_in_plain_words() {
    let check = |text: &str, expected: &[&str]| check(text, ignore, expected);
    check("a = b\n", &["1:5: text must stand in quotes | write `a = \"b\"`"]);
    check("a = \n", &["1:5: `a` has no value | a value is missing: `a = …`"]);
    check("a\n", &["1:2: `a` has no value"]);
    check("a = 1\na = 2\n", &["2:1: the key `a` is written twice"]);
    check("a = [1, 2\nb = 3\n", &["2:1: a comma or the closing `]` is missing before this"]);
    check("a = \"x\nb = 1\n", &["1:7: the closing quote is missing"]);
    check("a = True\n", &["1:5: this is not valid TOML: invalid boolean, expected `true` | write `a = true`"]);
    check("a = .5\n", &["1:5: this is not valid TOML: invalid mantissa, expected digits | write `a = 0.5`"]);
    check(
        "a = none\n",
        &["1:5: this is not valid TOML: invalid float, expected `nan` | TOML has no empty value: leave the line out"],
    );
    check("a = 99999999999999999999\n", &["1:5: the number `99999999999999999999` is too large"]);
    check("a = 1e999\n", &["1:5: the number `1e999` is too large"]);
    check("a = 007\n", &["1:5: this is not valid TOML: unexpected leading zero"]);
    check("a = 'it''s'\n", &["1:9: nothing more may stand on this line"]);
}

#[test]
fn all_wrong_lines_are_told_in_one_pass() {
    let expected =
        ["1:5: text must stand in quotes | write `a = \"b\"`", "3:1: `d` has no value | a value is missing: `d = …`"];
    let told = read("a = b\nc = 1\nd =\n", ignore);
    assert_eq!(told.len(), 2);
    assert_eq!(told[0], expected[0]);
    assert!(told[1].starts_with("3:") && told[1].ends_with("`d = …`"), "{told:?}");
}

#[test]
fn the_habits_of_other_tools_are_answered_with_the_right_line() {
    let check = |text: &str, expected: &[&str]| check(text, ignore, expected);
    const COLON: &str = "in TOML, `=` stands between a key and its value";
    const COMMENT: &str = "`#|` begins a comment in TOML, so this line would be ignored";
    check("label: x\n", &[&format!("1:1: {COLON} | write `label = \"x\"`")]);
    check("  :label: x y\n", &[&format!("1:3: {COLON} | write `label = \"x y\"`")]);
    check("m: [a, 2]\n", &[&format!("1:1: {COLON} | write `m = [\"a\", 2]`")]);
    check(
        "a = 1\nseeds: 5\nshow: no\n",
        &[&format!("2:1: {COLON} | write `seeds = 5`"), &format!("3:1: {COLON} | write `show = false`")],
    );
    check("#| label: \"x\"\n", &[&format!("1:1: {COMMENT} | write `label = \"x\"`")]);
    check("a = 1\n #| fig-cap = \"s\"\n", &[&format!("2:2: {COMMENT} | write `fig-cap = \"s\"`")]);
    check("#| echo\n", &[&format!("1:1: {COMMENT} | write `key = value`, or `#` alone for a comment")]);
}

#[test]
fn what_looks_like_a_slip_within_a_string_is_text() {
    check("says = \"\"\"\n#| label: x\nnote: y\n\"\"\"\n# a: comment\n", ignore, &[]);
}

#[test]
fn values_come_typed_in_the_order_written() {
    let text = "z = 1e-3\na = [1, 2]\nm.b = \"x\"\nn = { k = true, d = 2026-03-01 }\n";
    check(
        text,
        |mut fields| {
            assert_eq!(fields.float("z").above(0.0).or(1.0), 1e-3);
            assert_eq!(fields.floats("a").not_empty().or(Vec::new())[1].value, 2.0);
            assert_eq!(fields.count("absent").optional(), None);
            assert_eq!(fields.table("m").expect("it is there").string("b").required().as_deref(), Some("x"));
            let rest = fields.rest();
            assert_eq!(rest.len(), 1);
            assert_eq!(rest[0].value.value.to_string(), "{ k = true, d = 2026-03-01 }");
        },
        &[],
    );
}

#[test]
fn wrong_types_name_both_types_and_show_the_right_line() {
    type Take = fn(Fields);
    let check = |text: &str, take: Take, expected: &str| check(text, take, &[expected]);
    check(
        "lr = \"0.1\"",
        |mut f| _ = f.float("lr").required(),
        "1:6: `lr` must be a number, not a string | write `lr = 0.1`",
    );
    check(
        "lr = \"x\"",
        |mut f| _ = f.float("lr").required(),
        "1:6: `lr` must be a number, not a string | for instance `lr = 0.5`",
    );
    check(
        "lr = nan",
        |mut f| _ = f.float("lr").optional(),
        "1:6: `lr` must be a finite number, not NaN | for instance `lr = 0.5`",
    );
    check(
        "of = 3",
        |mut f| _ = f.string("of").required(),
        "1:6: `of` must be a string, not an integer | write `of = \"3\"`",
    );
    check(
        "n = 3.0",
        |mut f| _ = f.count("n").required(),
        "1:5: `n` must be a whole number, not a number with a decimal point | write `n = 3`",
    );
    check(
        "n = -3",
        |mut f| _ = f.count("n").required(),
        "1:5: `n` must be a whole number, not a negative one | for instance `n = 10`",
    );
    check(
        "n = 5000000000",
        |mut f| _ = f.read::<u32>("n").required(),
        "1:5: `n` must be a whole number, not one as large as this | for instance `n = 10`",
    );
    check(
        "show = \"no\"",
        |mut f| _ = f.boolean("show").required(),
        "1:8: `show` must be `true` or `false`, not a string | write `show = false`",
    );
    check(
        "models = \"svm\"",
        |mut f| _ = f.strings("models").required(),
        "1:10: `models` must be a list, not a string | write `models = [\"svm\"]`",
    );
    check(
        "models = 3",
        |mut f| _ = f.strings("models").required(),
        "1:10: `models` must be a list, not an integer | for instance `models = [\"text\"]`",
    );
    check(
        "m = [1, \"x\"]",
        |mut f| _ = f.integers("m").required(),
        "1:9: every entry of `m` must be an integer, not a string | for instance `m = [10]`",
    );
    check(
        "train = 3",
        |mut f| _ = f.table("train").is_some(),
        "1:9: `train` must be a table, not an integer | write `train = { … }`",
    );
    check(
        "date = \"May\"",
        |mut f| _ = f.date("date").optional(),
        "1:8: `date` must be a date | year, month and day: `date = 2026-03-01`",
    );
}

#[test]
fn limits_names_and_missing_or_unknown_keys_are_told() {
    type Take = fn(Fields);
    let check = |text: &str, take: Take, expected: &[&str]| check(text, take, expected);
    check("lr = 0", |mut f| _ = f.float("lr").above(0.0).or(1.0), &["1:6: `lr` must be above 0, not 0"]);
    check(
        "m = [5, 0, -1]",
        |mut f| _ = f.integers("m").at_least(1.0).optional(),
        &["1:9: `m` must be at least 1, not 0", "1:12: `m` must be at least 1, not -1"],
    );
    check(
        "p = 1.5",
        |mut f| _ = f.float("p").at_least(0.0).below(1.0).optional(),
        &["1:5: `p` must be below 1, not 1.5"],
    );
    check("m = []", |mut f| _ = f.integers("m").not_empty().optional(), &["1:5: `m` must not be empty"]);
    check(
        "a = 1",
        |mut f| _ = f.string("of").required(),
        &["1:1: experiment `scale` has no `of` | add a line: `of = \"text\"`"],
    );
    check(
        "a = 1",
        |mut f| _ = f.strings("models").example("[\"svm\"]").required(),
        &["1:1: experiment `scale` has no `models` | add a line: `models = [\"svm\"]`"],
    );
    let words: Take = |mut f| _ = f.one_of("scale", &[("none", 0), ("standardize", 1)]).required();
    check("scale = \"standardise\"", words, &["1:9: `scale` cannot be `standardise` | did you mean `standardize`?"]);
    check("scale = \"qq\"", words, &["1:9: `scale` cannot be `qq` | it is one of `none`, `standardize`"]);
    check("scale = 1", words, &["1:9: `scale` must be a string, not an integer | write `scale = \"1\"`"]);
    check("x = 1", words, &["1:1: experiment `scale` has no `scale` | add a line: `scale = \"none\"`"]);
    let known: Take = |mut f| {
        let _ = (f.strings("models").optional(), f.float("lr").optional());
        if let Some(mut train) = f.table("train") {
            let _ = train.count("epochs").optional();
            train.finish();
        }
        f.finish();
    };
    check(
        "modles = []\nqqqq = 1\ntrain = { epoch = 3 }\n",
        known,
        &[
            "1:1: unknown key `modles` in experiment `scale` | did you mean `models`?",
            "2:1: unknown key `qqqq` in experiment `scale` | known keys are `models`, `lr`, `train`",
            "3:11: unknown key `epoch` in `train` of experiment `scale` | did you mean `epochs`?",
        ],
    );
}

#[test]
fn a_value_written_out_reads_back() {
    let text = "a = { b = [1, 2.5, -0.0, inf], \"c d\" = \"q\\\"\\\\\\n数\", e = {}, f = 2026-03-01, g = 1e300 }\n";
    check(
        text,
        |mut fields| {
            let value = fields.value("a").required().expect("it is there");
            let again = format!("a = {value}\n");
            check(
                &again,
                |mut f| assert_eq!(f.value("a").required().expect("it is there").to_string(), value.to_string()),
                &[],
            );
        },
        &[],
    );
}
