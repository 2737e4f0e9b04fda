//! Taking keys out of a table, typed, and reporting what is wrong with them.

use crate::diagnostic::{Diagnostic, Diagnostics, Span, Spanned, nearest};

use super::{Entry, FromValue, Mismatch, Numbers, Table, Value};

/// A table whose keys are taken one by one.
///
/// Every key asked for, whether there or not, is one that the table may have; [`Fields::finish`] reports all others.
pub struct Fields<'d> {
    table: &'d Table,
    /// What the table describes, for messages: ``experiment `scale` ``.
    what: String,
    /// Where a missing key is reported.
    span: Span,
    asked: Vec<&'static str>,
    diagnostics: &'d mut Diagnostics,
}

/// A key that was asked for: limits can be put on its value before it is taken.
#[must_use = "a field is taken by `or`, `optional` or `required`"]
pub struct Field<'f, T> {
    key: &'static str,
    what: &'f str,
    table_span: Span,
    state: State<T>,
    /// An example for the hint of a missing key.
    example: String,
    diagnostics: &'f mut Diagnostics,
}

enum State<T> {
    Absent,
    /// There, but wrong, and reported.
    Wrong,
    Found(Spanned<T>),
}

impl<'d> Fields<'d> {
    /// The keys of `table`, which describes `what` (such as ``experiment `scale` ``); a missing key is reported at
    /// `span`.
    pub fn new(table: &'d Table, what: impl Into<String>, span: Span, diagnostics: &'d mut Diagnostics) -> Self {
        Self { table, what: what.into(), span, asked: Vec::new(), diagnostics }
    }

    /// A value of any type that can be read.
    pub fn read<T: FromValue>(&mut self, key: &'static str) -> Field<'_, T> {
        let state = match self.entry(key) {
            None => State::Absent,
            Some(entry) => match T::from_value(&entry.value) {
                Ok(value) => State::Found(Spanned { value, span: entry.value.span }),
                Err(wrong) => {
                    self.diagnostics.push(mismatch(key, &wrong, T::EXAMPLE, &entry.value.value));
                    State::Wrong
                }
            },
        };
        self.field(key, state, T::EXAMPLE.to_owned())
    }

    /// A string.
    pub fn string(&mut self, key: &'static str) -> Field<'_, String> {
        self.read(key)
    }

    /// An integer.
    pub fn integer(&mut self, key: &'static str) -> Field<'_, i64> {
        self.read(key)
    }

    /// A whole number that is not negative.
    pub fn count(&mut self, key: &'static str) -> Field<'_, u64> {
        self.read(key)
    }

    /// A finite number; an integer will do.
    pub fn float(&mut self, key: &'static str) -> Field<'_, f64> {
        self.read(key)
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, key: &'static str) -> Field<'_, bool> {
        self.read(key)
    }

    /// A list of strings.
    pub fn strings(&mut self, key: &'static str) -> Field<'_, Vec<Spanned<String>>> {
        self.list(key)
    }

    /// A list of integers.
    pub fn integers(&mut self, key: &'static str) -> Field<'_, Vec<Spanned<i64>>> {
        self.list(key)
    }

    /// A list of finite numbers.
    pub fn floats(&mut self, key: &'static str) -> Field<'_, Vec<Spanned<f64>>> {
        self.list(key)
    }

    /// A list of any type that can be read.
    pub fn list<T: FromValue>(&mut self, key: &'static str) -> Field<'_, Vec<Spanned<T>>> {
        let mut field = self.read::<Vec<Spanned<T>>>(key);
        field.example = format!("[{}]", T::EXAMPLE);
        field
    }

    /// A value of whatever type; the caller looks at it.
    pub fn value(&mut self, key: &'static str) -> Field<'_, Value> {
        self.read(key)
    }

    /// `YYYY-MM-DD`, as a TOML date or a string.
    pub fn date(&mut self, key: &'static str) -> Field<'_, String> {
        let state = match self.entry(key) {
            None => State::Absent,
            Some(Entry { value: Spanned { value: Value::Date(d) | Value::String(d), span }, .. }) if is_date(d) => {
                State::Found(Spanned { value: d.clone(), span: *span })
            }
            Some(entry) => {
                let message = format!("`{key}` must be a date");
                self.diagnostics.push(
                    Diagnostic::error(entry.value.span, message)
                        .hint(format!("year, month and day: `{key} = 2026-03-01`")),
                );
                State::Wrong
            }
        };
        self.field(key, state, "2026-03-01".to_owned())
    }

    /// One of a few words, each with what it stands for.
    pub fn one_of<T: Clone>(&mut self, key: &'static str, words: &[(&'static str, T)]) -> Field<'_, T> {
        let example = words.first().map_or(String::new(), |(word, _)| format!("\"{word}\""));
        let Field { state: State::Found(word), .. } = self.string(key) else {
            let state = if self.has(key) { State::Wrong } else { State::Absent };
            return self.field(key, state, example);
        };
        let state = match words.iter().find(|(w, _)| *w == word.value) {
            Some((_, value)) => State::Found(Spanned { value: value.clone(), span: word.span }),
            None => {
                let names = words.iter().map(|(w, _)| *w);
                let message = format!("`{key}` cannot be `{}`", word.value);
                self.diagnostics.push(Diagnostic::error(word.span, message).hint(choice(
                    &word.value,
                    names,
                    "it is one of",
                )));
                State::Wrong
            }
        };
        self.field(key, state, example)
    }

    /// The keys of a table within this one; `None` where the key is absent, or something else and reported.
    pub fn table(&mut self, key: &'static str) -> Option<Fields<'_>> {
        let entry = self.entry(key)?;
        if let Value::Table(table) = &entry.value.value {
            let what = format!("`{key}` of {}", self.what);
            return Some(Fields::new(table, what, entry.key.span, self.diagnostics));
        }
        let message = format!("`{key}` must be a table, not {}", entry.value.value.kind());
        self.diagnostics.push(Diagnostic::error(entry.value.span, message).hint(format!("write `{key} = {{ … }}`")));
        None
    }

    /// Where the key's value stands, or the whole table where there is none.
    pub fn place(&self, key: &str) -> Span {
        self.table.get(key).map_or(self.span, |entry| entry.value.span)
    }

    /// The keys asked for so far: all that mean something here.
    pub fn asked(&self) -> &[&'static str] {
        &self.asked
    }

    /// Whether the key is there, in whatever form.
    pub fn has(&mut self, key: &'static str) -> bool {
        self.entry(key).is_some()
    }

    /// Where the key stands, if it does.
    pub fn key_span(&mut self, key: &'static str) -> Option<Span> {
        self.entry(key).map(|entry| entry.key.span)
    }

    /// All entries that nobody asked for yet, for a table whose keys the author invents; none of them is unknown then.
    pub fn rest(&self) -> Vec<&'d Entry> {
        self.table.entries.iter().filter(|e| !self.asked.contains(&e.key.value.as_str())).collect()
    }

    /// For what the caller finds wrong.
    pub fn diagnostics(&mut self) -> &mut Diagnostics {
        self.diagnostics
    }

    /// Reports every key that nobody asked for.
    pub fn finish(self) {
        for entry in &self.table.entries {
            let key = entry.key.value.as_str();
            if !self.asked.contains(&key) {
                let message = format!("unknown key `{key}` in {}", self.what);
                let hint = choice(key, self.asked.iter().copied(), "known keys are");
                self.diagnostics.push(Diagnostic::error(entry.key.span, message).hint(hint));
            }
        }
    }

    /// The entry of a key, of whatever type.
    pub fn entry(&mut self, key: &'static str) -> Option<&'d Entry> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.table.get(key)
    }

    fn field<T>(&mut self, key: &'static str, state: State<T>, example: String) -> Field<'_, T> {
        Field { key, what: &self.what, table_span: self.span, state, example, diagnostics: self.diagnostics }
    }
}

impl<T> Field<'_, T> {
    /// The value, or `default` where the key is absent or wrong (which was reported).
    pub fn or(self, default: T) -> T {
        self.optional().unwrap_or(default)
    }

    /// The value; `None` where the key is absent or wrong.
    pub fn optional(self) -> Option<T> {
        self.spanned().map(|v| v.value)
    }

    /// The value with its place; `None` where the key is absent or wrong.
    pub fn spanned(self) -> Option<Spanned<T>> {
        match self.state {
            State::Found(value) => Some(value),
            State::Absent | State::Wrong => None,
        }
    }

    /// The value; its absence is reported.
    pub fn required(self) -> Option<T> {
        self.required_spanned().map(|v| v.value)
    }

    /// The value with its place; its absence is reported.
    pub fn required_spanned(self) -> Option<Spanned<T>> {
        if matches!(self.state, State::Absent) {
            let message = format!("{} has no `{}`", self.what, self.key);
            let hint = format!("add a line: `{} = {}`", self.key, self.example);
            self.diagnostics.push(Diagnostic::error(self.table_span, message).hint(hint));
        }
        self.spanned()
    }

    /// Gives the example that a missing key is answered with, as written in TOML.
    pub fn example(mut self, value: &str) -> Self {
        value.clone_into(&mut self.example);
        self
    }

    /// Asks something else of the value; the error completes the sentence "`key` …".
    pub fn check(mut self, test: impl FnOnce(&T) -> Result<(), String>) -> Self {
        if let State::Found(found) = &self.state
            && let Err(complaint) = test(&found.value)
        {
            let message = format!("`{}` {complaint}", self.key);
            self.diagnostics.push(Diagnostic::error(found.span, message));
            self.state = State::Wrong;
        }
        self
    }
}

impl<T: Numbers> Field<'_, T> {
    /// The value, and every entry of a list, must be greater than `limit`.
    pub fn above(self, limit: f64) -> Self {
        self.limit(|x| x > limit, &format!("above {limit}"))
    }

    /// The value, and every entry of a list, must not be less than `limit`.
    pub fn at_least(self, limit: f64) -> Self {
        self.limit(|x| x >= limit, &format!("at least {limit}"))
    }

    /// The value, and every entry of a list, must be less than `limit`.
    pub fn below(self, limit: f64) -> Self {
        self.limit(|x| x < limit, &format!("below {limit}"))
    }

    /// The value, and every entry of a list, must not be greater than `limit`.
    pub fn at_most(self, limit: f64) -> Self {
        self.limit(|x| x <= limit, &format!("at most {limit}"))
    }

    fn limit(mut self, inside: impl Fn(f64) -> bool, words: &str) -> Self {
        let State::Found(found) = &self.state else { return self };
        let outside: Vec<_> = found.value.numbers(found.span).into_iter().filter(|(x, _)| !inside(*x)).collect();
        for (x, span) in &outside {
            self.diagnostics.push(Diagnostic::error(*span, format!("`{}` must be {words}, not {x}", self.key)));
        }
        if !outside.is_empty() {
            self.state = State::Wrong;
        }
        self
    }
}

impl<T> Field<'_, Vec<T>> {
    /// The list must have an entry.
    pub fn not_empty(self) -> Self {
        self.check(|list| if list.is_empty() { Err("must not be empty".to_owned()) } else { Ok(()) })
    }
}

/// The nearest of `names`, or all of them after `introduction`.
fn choice<'n>(word: &str, names: impl Iterator<Item = &'n str> + Clone, introduction: &str) -> String {
    match nearest(word, names.clone()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if names.clone().next().is_none() => "there are no keys here".to_owned(),
        None => {
            let names: Vec<_> = names.map(|n| format!("`{n}`")).collect();
            format!("{introduction} {}", names.join(", "))
        }
    }
}

fn mismatch(key: &str, wrong: &Mismatch, example: &str, value: &Value) -> Diagnostic {
    let Mismatch { span, entry, expected, found, corrected } = wrong;
    let message = if *entry {
        format!("every entry of `{key}` must be {expected}, not {found}")
    } else {
        format!("`{key}` must be {expected}, not {found}")
    };
    let is_list =
        *expected == <Vec<Spanned<String>> as FromValue>::EXPECTED || matches!(value, Value::List(_)) && *entry;
    let hint = match corrected {
        Some(corrected) => format!("write `{key} = {corrected}`"),
        None if is_list => format!("for instance `{key} = [{example}]`"),
        None => format!("for instance `{key} = {example}`"),
    };
    Diagnostic::error(*span, message).hint(hint)
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes[range].iter().all(u8::is_ascii_digit);
    let shape =
        bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-' && digits(0..4) && digits(5..7) && digits(8..10);
    shape && ("01"..="12").contains(&&text[5..7]) && ("01"..="31").contains(&&text[8..10])
}
